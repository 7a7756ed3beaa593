"""The audit: the whole log computed anew and held against its signed checkpoints, here and outside, and against their stamps.

Who has the database's password can change rows, put back the triggers and compute every hash anew. What they cannot make is a checkpoint
signed by the log's key, a copy in a folder they do not reach, or another day at a time-stamping authority.
"""

import hashlib
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from orchestrator.evidence import timestamps
from orchestrator.evidence.checkpoints import Checkpoint, NotACheckpoint, VerifyingKey
from orchestrator.evidence.timestamps import StampRefused
from orchestrator.runtime import Runtime
from orchestrator.sealing import copied, mark_of, trusted_keys
from orchestrator.settings import Settings
from orchestrator.store import Rows, checkpoints, condition, log, recomputing
from orchestrator.store.checkpoints import KeptStamp, Signed
from orchestrator.store.log import Entry
from orchestrator.store.recomputing import Recomputed

DAILY = timedelta(days=1)
FAULTS_LOGGED = 100
"""As many places as one entry names; the whole list is the command's."""


@dataclass(frozen=True, slots=True)
class Audit:
    """How many entries, checkpoints, copies and stamps there are, and each place that does not fit."""

    entries: int
    checkpoints: int
    copies: int
    stamps: int
    faults: tuple[str, ...]

    @property
    def verified(self) -> bool:
        return not self.faults


def audit_of_the_day(runtime: Runtime) -> Audit | None:
    """None where an audit, whoever asked for it, is less than a day of real time old. Asked often, so that no restart puts it off."""
    with runtime.store.begin() as rows:
        last = recomputing.last_audited(rows)
    return None if last is not None and runtime.wall() - last < DAILY else audit(runtime)


def audit(runtime: Runtime, by: str = "") -> Audit:
    """Computes the log anew and writes down what was found: the audit is itself an entry. `by`: who asked for it, nobody if it is daily."""
    reached, notes, mark = copied(runtime.settings.checkpoints)[0], _notes(runtime.settings.checkpoints), _mark(runtime.settings)
    with runtime.store.snapshot() as rows:  # after these were read: what lies outside only becomes more
        found = _found(rows, runtime, reached, notes, mark)
    fact = {
        "by": by,
        "entries": found.entries,
        "checkpoints": found.checkpoints,
        "copies": found.copies,
        "stamps": found.stamps,
        "faults": found.faults[:FAULTS_LOGGED],
        "faults_in_all": len(found.faults),
    }
    with runtime.store.begin() as rows:
        log.append(rows, [Entry("audit", fact | {"system": _system(rows, runtime)})], runtime.now(), runtime.wall())
    return found


def _system(rows: Rows, runtime: Runtime) -> dict[str, object]:
    """What ran on that day and how far its clocks lay apart: what the court is told of the system (民诉证据规定 93)."""
    server = condition.server(rows)
    return {
        "xianli": version("xianli"),
        "schema": server.revision,
        "python": platform.python_version(),
        "postgresql": server.version,
        "milliseconds_between_clocks": round((server.at - runtime.wall()).total_seconds() * 1000),
    }


def _found(rows: Rows, runtime: Runtime, reached: int, notes: Mapping[str, bytes], mark: Mapping[str, bytes]) -> Audit:
    signed, stamps = checkpoints.after(rows, -1), checkpoints.stamps_after(rows, 0)
    keys = trusted_keys(runtime.log_key.verifying, checkpoints.keys(rows))
    (copies, unread), (marked, unread_mark) = _stated(notes, keys), _stated(mark, keys)
    kept = {each.size for each in signed}
    computed = recomputing.recompute(rows, kept | copies.keys() | marked.keys())
    faults = [
        *computed.faults,
        *_of_checkpoints(signed, computed, keys),
        *(f"copy {fault}" for fault in unread),
        *_of_others("copy", copies, computed),
        *(f"copy of checkpoint {size}: the checkpoint is no longer in the database" for size in sorted(copies.keys() - kept)),
        *(f"checkpoint {each.size}: its copy outside is gone" for each in signed if each.size <= reached and each.size not in copies),
        *(f"mark {fault}" for fault in unread_mark),
        *_of_others("mark", marked, computed),
        *_of_stamps(stamps, {each.size: each.note for each in signed}, computed.stamps),
    ]
    return Audit(computed.entries, len(signed), len(copies), len(stamps), tuple(faults))


def _of_checkpoints(signed: Sequence[Signed], computed: Recomputed, keys: Sequence[VerifyingKey]) -> Iterator[str]:
    """The first root that differs says between which checkpoints something was changed: those before it still hold."""
    before = 0
    for each in signed:
        try:
            stated = _opened(each.note, keys)
        except NotACheckpoint as wrong:
            yield f"checkpoint {each.size}: {wrong}"
            continue
        if (stated.size, stated.root) != (each.size, each.root):
            yield f"checkpoint {each.size}: the row does not say what was signed"
        elif each.size > computed.placed:
            yield f"checkpoint {each.size}: the log ends at {computed.placed}, what came after was cut off"
        elif computed.roots[each.size] != stated.root:
            yield f"checkpoint {each.size}: the entries at places {before} to {each.size - 1} are not those that were signed"
        before = each.size


def _of_others(what: str, roots: Mapping[int, bytes], computed: Recomputed) -> Iterator[str]:
    """What was signed, as it lies outside the database, against the log as it is."""
    for size, root in sorted(roots.items()):
        if size > computed.placed:
            yield f"{what} of checkpoint {size}: the log ends at {computed.placed}, what came after was cut off"
        elif computed.roots[size] != root:
            yield f"{what} of checkpoint {size}: the log is another than the one that was signed"


def _notes(folder: Path) -> dict[str, bytes]:
    """The copies outside the database by name."""
    return {path.name: _content(path) for path in sorted(folder.glob("*/*.checkpoint"))}


def _mark(settings: Settings) -> dict[str, bytes]:
    """The mark by its path; nothing where the key never signed here."""
    mark = mark_of(settings)
    return {str(mark): _content(mark)} if mark.exists() else {}


def _content(path: Path) -> bytes:
    """Empty where it cannot be read: then nobody signed it."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _stated(notes: Mapping[str, bytes], keys: Sequence[VerifyingKey]) -> tuple[dict[int, bytes], list[str]]:
    """Root by size, as notes outside the database say; and those that say nothing."""
    found: dict[int, bytes] = {}
    unread = []
    for name, note in notes.items():
        try:
            stated = _opened(note, keys)
        except NotACheckpoint as wrong:
            unread.append(f"{name}: {wrong}")
        else:
            found[stated.size] = stated.root
    return found, unread


def _opened(note: bytes, keys: Sequence[VerifyingKey]) -> Checkpoint:
    refused = NotACheckpoint("no key signed it")
    for key in keys:
        try:
            return key.open(note)
        except NotACheckpoint as another:
            refused = another
    raise refused


def _of_stamps(stamps: Sequence[KeptStamp], notes: Mapping[int, bytes], logged: Mapping[tuple[str, int], str]) -> Iterator[str]:
    """What became of each stamp is told by the entry that was logged with it, which the tree holds."""
    for authority, size in sorted(logged.keys() - {(each.authority, each.size) for each in stamps}):
        yield f"checkpoint {size}: the stamp of {authority} was logged and is gone"
    for stamp in stamps:
        if hashlib.sha256(stamp.response).hexdigest() != logged.get((stamp.authority, stamp.size)):
            yield f"stamp {stamp.id}: it is not the one that was logged for checkpoint {stamp.size}"
            continue
        note = notes.get(stamp.size)
        if note is None:
            yield f"stamp {stamp.id}: its checkpoint {stamp.size} is gone"
            continue
        try:
            held, at = timestamps.imprint(stamp.response)
        except StampRefused as wrong:
            yield f"stamp {stamp.id}: {wrong}"
            continue
        if held != hashlib.new(stamp.algorithm, note).digest() or at != stamp.stamped_at:
            yield f"stamp {stamp.id}: it is not of checkpoint {stamp.size} at {stamp.stamped_at.isoformat()}"
