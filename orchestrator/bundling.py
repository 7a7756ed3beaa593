"""What of a case goes to court, and what stays in the house.

Everything of a case is in one chain of entries, so all of them are in the bundle, as headers that tell nothing. The payload comes along
only with what is for the other side: what was sent, what providers answered, what debtors said and paid, what was brought from the door.
Decisions, notes, scores, approvals and settlement offers stay (docs/evidence.md).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from orchestrator import exhibits, sealing
from orchestrator.evidence.bundle import bundle
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, proving
from orchestrator.store import exhibits as shelf
from orchestrator.store.exhibits import Exhibit
from orchestrator.store.proving import Logged, NotYetProven

FOR_THE_COURT = frozenset(
    {"composed", "handover", "receipt", "exhibit", "visit report", "payment", "payment reversed", "charge voided", "promise"}
)
"""Kinds of entries whose payload is shown."""
WITHOUT_PREJUDICE = frozenset({"settlement-offer"})
"""Steps that offer: what is offered to settle is not held against who offers it (民诉法解释 107), so nothing of them leaves the house."""
CARDS = frozenset({"call"})
"""Channels whose composed text is a card for our own staff."""
_RAW = {"request": "request.bin", "response": "response.bin", "raw": "callback.bin"}
_SUFFIXES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
}

Chosen = Callable[[Logged], bool]
"""Counsel's choice among what may be shown."""


def everything(_: Logged) -> bool:
    return True


def export(runtime: Runtime, case_id: int, to: Path, *, at: int | None = None, chosen: Chosen = everything) -> Mapping[str, object]:
    """Write the bundle of a case into a new folder. `at` names the checkpoint up to which it goes; without it, the newest, made now.

    `later_entries` of the answer are those of the case that no authority has seen yet, or that came after `at`: they are not in it.
    The same case at the same checkpoint gives the same bytes. Raises NotYetProven where no authority has seen the entries, LookupError
    where there is no such case, ValueError where the folder holds something already.
    """
    if to.exists() and any(to.iterdir()):
        raise ValueError(f"{to} holds something already: choose a new folder")
    if at is None:
        sealing.seal(runtime, at_once=True)
    with runtime.store.begin() as rows:
        size = at if at is not None else proving.newest_stamped(rows)
        files, later = _files(rows, runtime, case_id, size, chosen), proving.unproven(rows, case_id, size)
    for path, data in files.items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_bytes(data)
    return {"case": case_id, "checkpoint": size, "files": len(files), "bytes": sum(map(len, files.values())), "later_entries": later}


def _files(rows: Rows, runtime: Runtime, case_id: int, size: int, chosen: Chosen) -> dict[str, bytes]:
    community, entered = proving.began(rows, case_id)
    logged = proving.entries(rows, case_id, size)
    if not logged:
        raise NotYetProven(f"nothing of case {case_id} is in a stamped tree yet: look at `xianli doctor` for the authority, and try again")
    shown = [each for each in logged if is_for_the_court(each) and chosen(each)]
    key = runtime.log_key
    proofs = proving.proofs(rows, logged, frozenset(each.id for each in shown), key.verifying.public)
    content = {**_letters(rows, shown), **_raw(logged, shown), **_brought(rows, case_id, shown, runtime.settings.exhibits)}
    return bundle(_info(runtime, community, case_id, size, len(logged), entered, proofs.checkpoints[-1].note), proofs, content, key)


def is_for_the_court(entry: Logged) -> bool:
    """Whether the payload of an entry may leave the house."""
    if entry.payload is None or entry.kind not in FOR_THE_COURT or entry.step in WITHOUT_PREJUDICE:
        return False
    return not (entry.kind == "composed" and entry.channel in CARDS)


def _info(runtime: Runtime, community: str, case_id: int, size: int, entries: int, entered: datetime, note: bytes) -> dict[str, str]:
    return {
        "Source-Organization": community,
        "External-Description": "催缴证据包 / evidence of demands for property fees",
        "Xianli-Case": str(case_id),
        "Xianli-Case-Entered": entered.isoformat(),
        "Xianli-Entries": str(entries),
        "Xianli-Checkpoint": str(size),
        "Xianli-Checkpoint-SHA256": sha256(note).hexdigest(),
        "Xianli-Sandbox": "yes" if runtime.settings.sandbox else "no",
    }


def _letters(rows: Rows, shown: Iterable[Logged]) -> dict[str, bytes]:
    composed = [each.attempt_id for each in shown if each.kind == "composed" and each.attempt_id is not None]
    return {f"letters/{attempt_id}.pdf": document for attempt_id, document in proving.documents(rows, composed).items()}


def _raw(logged: Sequence[Logged], shown: Sequence[Logged]) -> dict[str, bytes]:
    """Bytes as they went and came, each beside the number of the entry that holds them in hexadecimal."""
    numbers = {each.id: number for number, each in enumerate(logged, 1)}
    found = {}
    for each in shown:
        fact = json.loads(each.payload or b"{}")["fact"]
        for name, suffix in _RAW.items():
            if isinstance(fact.get(name), str) and fact[name]:
                found[f"raw/{numbers[each.id]:05d}.{suffix}"] = bytes.fromhex(fact[name])
    return found


def _brought(rows: Rows, case_id: int, shown: Sequence[Logged], folder: Path) -> dict[str, bytes]:
    """Photos, signatures, recordings and scans whose entries are shown."""
    digests = {json.loads(each.payload or b"{}")["fact"]["sha256"] for each in shown if each.kind == "exhibit"}
    kept = [each for each in shelf.of_case(rows, case_id) if each.sha256.hex() in digests]
    return {f"brought/{each.id}.{_suffix(each)}": exhibits.read(folder, each) for each in kept}


def _suffix(exhibit: Exhibit) -> str:
    return _SUFFIXES.get(exhibit.media_type, "bin")
