"""What of a case goes to court, and what stays in the house.

Everything of a case is in one chain of entries, so all of them are in the bundle, as headers that tell nothing. The payload comes along
only with what is for the other side: what was sent, what providers answered, what debtors said and paid, what was brought from the door.
Decisions, notes, scores, approvals and settlement offers stay: they are in the internal archive, which never leaves (docs/evidence.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from orchestrator import people, sealing
from orchestrator.bundling import contents
from orchestrator.bundling.choice import EVERYTHING, Choice, Chosen
from orchestrator.bundling.numbering import Numbered, fact_of, numbered
from orchestrator.bundling.redacting import Others, reading_copy
from orchestrator.evidence.bundle import TAG_MANIFEST, bundle
from orchestrator.reports import sheets
from orchestrator.reports.archive import Opened, archive
from orchestrator.reports.court import TITLES, Brief, File, basis, matrix, money, notices, path_of, redactions, whole
from orchestrator.reports.court.lacks import lacks
from orchestrator.reports.court.redactions import ReadingCopy
from orchestrator.reports.sheets import Language
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, bystanders, casefiles, court, log, papers, proving
from orchestrator.store.court import Paper
from orchestrator.store.log import Entry
from orchestrator.store.proving import Logged, NotYetProven
from orchestrator.versions import Pin
from policies.actions import Sentence

__all__ = ["ARCHIVISTS", "EVERYTHING", "Choice", "Chosen", "NotYetProven", "export", "is_for_the_court"]

FOR_THE_COURT = frozenset(
    {"composed", "handover", "receipt", "exhibit", "visit report", "payment", "payment reversed", "charge voided", "promise"}
)
"""Kinds of entries whose payload is shown."""
WITHOUT_PREJUDICE = frozenset({"settlement-offer"})
"""Steps that offer: what is offered to settle is not held against who offers it (民诉法解释 107), so nothing of them leaves the house."""
CARDS = frozenset({"call"})
"""Channels whose composed text is a card for our own staff."""
ARCHIVISTS = frozenset({"administrator", "counsel"})
"""Roles that may take out the internal archive."""
ARCHIVE = "exhibits/internal-archive.pdf"


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which case, up to which checkpoint, what and for whom."""

    case_id: int
    size: int
    choice: Choice
    language: Language
    internal: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    """A case's chain, its numbered exhibits, those that are shown with their entries, and the reading copies of what stays closed."""

    logged: Sequence[Logged]
    numbered: Sequence[Numbered]
    chosen: Sequence[Numbered]
    shown: Sequence[Logged]
    copies: Sequence[ReadingCopy]


@dataclass(frozen=True, slots=True)
class _Made:
    files: Mapping[str, bytes]
    left_out: Sequence[int]
    redacted: int
    lacking: Sequence[Sentence]


def export(
    runtime: Runtime,
    case_id: int,
    to: Path,
    *,
    at: int | None = None,
    choice: Choice = EVERYTHING,
    by: str = "operator",
    language: Language = "zh",
    internal: bool = False,
) -> Mapping[str, object]:
    """Write the bundle of a case into a new folder. `at` names the checkpoint up to which it goes; without it, the newest, made now.

    `later_entries` of the answer are those of the case that no authority has seen yet, or that came after `at`: they are not in it.
    The same case at the same checkpoint with the same choice gives the same bytes; who took it out, when, and what was left out is an
    entry. `internal`: the archive with everything open, for ARCHIVISTS only. Raises NotYetProven where no authority has seen the entries,
    LookupError where there is no such case, ValueError where the folder holds something already or a number names no exhibit.
    """
    if internal:
        _check_archivist(runtime, by)
    if to.exists() and any(to.iterdir()):
        raise ValueError(f"{to} holds something already: choose a new folder")
    if at is None:
        with runtime.store.begin() as rows:
            papers.file_with(rows, case_id, runtime.now(), runtime.wall())
        sealing.seal(runtime, at_once=True)
    with runtime.store.begin() as rows:
        size = at if at is not None else proving.newest_stamped(rows)
        made, later = _made(rows, runtime, Asked(case_id, size, choice, language, internal)), proving.unproven(rows, case_id, size)
    for path, data in made.files.items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_bytes(data)
    fact = {"by": by, "checkpoint": size, "left_out": list(made.left_out), "language": language}
    fact["manifest_sha256"] = sha256(made.files[TAG_MANIFEST]).digest()
    with runtime.store.begin() as rows:
        casefiles.lock_any(rows, case_id)
        log.append(rows, [Entry("archive exported" if internal else "bundle exported", fact, case_id)], runtime.now(), runtime.wall())
    return {
        "case": case_id,
        "checkpoint": size,
        "files": len(made.files),
        "bytes": sum(map(len, made.files.values())),
        "later_entries": later,
        "left_out": list(made.left_out),
        "redacted": made.redacted,
        "lacking": [{"zh": each.zh, "en": each.en} for each in made.lacking],
    }


def _check_archivist(runtime: Runtime, by: str) -> None:
    """Raises ValueError."""
    role = people.role_of(runtime, by)
    if role not in ARCHIVISTS:
        raise ValueError(f"the internal archive is for counsel and administrators: {by} is {role or 'no user'}; name one with --as")


def _made(rows: Rows, runtime: Runtime, asked: Asked) -> _Made:
    community, entered = proving.began(rows, asked.case_id)
    logged = proving.entries(rows, asked.case_id, asked.size)
    if not logged:
        raise NotYetProven(
            f"nothing of case {asked.case_id} is in a stamped tree yet: look at `xianli doctor` for the authority, and try again"
        )
    moment = court.at_checkpoint(rows, asked.size)
    opened = _opened(rows, logged, court.papers(rows, asked.case_id, moment), asked)
    proven = frozenset(each.attempt_id for each in opened.chosen if each.attempt_id is not None)
    case = court.read(rows, asked.case_id, moment, proven)
    files = contents.files(rows, asked.case_id, logged, opened.shown, runtime.settings.exhibits)
    originals = papers.originals(rows, case_id=asked.case_id, until=moment)
    brief = Brief(
        case=case,
        shown=contents.as_shown(opened.chosen, files, originals),
        language=asked.language,
        size=asked.size,
        sandbox=runtime.settings.sandbox,
        rules=runtime.pinned(Pin(case.pack, case.pack_digest), Pin(case.sequence, case.sequence_digest)),
        documents=frozenset(title.number for title in TITLES if asked.choice.takes(title.number)),
    )
    content = {path: data for of_entry in files.values() for path, data in of_entry.items()} | _documents(brief, opened, asked.internal)
    proofs = proving.proofs(rows, logged, frozenset(each.id for each in opened.shown), runtime.log_key.verifying.public)
    info = _info(runtime, community, asked, len(logged), entered, proofs.checkpoints[-1].note)
    left_out = {each.number for each in opened.numbered} - {each.number for each in opened.chosen}
    left_out |= {title.number for title in TITLES if not asked.choice.takes(title.number)}
    return _Made(bundle(info, proofs, content, runtime.log_key), sorted(left_out), len(opened.copies), lacks(brief))


def _opened(rows: Rows, logged: Sequence[Logged], brought: Sequence[Paper], asked: Asked) -> _Opened:
    """What is shown. Of the archive: everything that is still there."""
    if asked.internal:
        everything = [each for each in logged if each.payload is not None]
        exhibits = numbered(logged, [each for each in everything if is_for_the_court(each)], brought)
        return _Opened(logged, exhibits, exhibits, everything, ())
    may = [each for each in logged if is_for_the_court(each)]
    exhibits = numbered(logged, may, brought)
    asked.choice.check({each.number for each in exhibits} | {title.number for title in TITLES})
    open_ids = {each.id for each in may if asked.choice.entry(each)}
    chosen = [each for each in exhibits if asked.choice.takes(each.number) and each.ids & open_ids]
    ids = open_ids & {entry_id for each in chosen for entry_id in each.ids}
    found = bystanders.of_case(rows, asked.case_id)
    others = Others.of(found.own_numbers, found.own_words, found.names)
    place = {each.id: number for number, each in enumerate(logged, 1)}
    copies = {each.id: reading_copy(each, place[each.id], others) for each in may if each.id in ids}
    return _Opened(
        logged,
        exhibits,
        chosen,
        [each for each in may if each.id in ids and copies[each.id] is None],
        [copy for copy in copies.values() if copy is not None],
    )


def _documents(brief: Brief, opened: _Opened, internal: bool) -> dict[str, bytes]:
    """What a court reads; of the archive also what only the house does. The exhibit list comes last: it names the others' digests."""
    made = {
        0: whole.summary(brief),
        1: matrix.matrix(brief),
        3: basis.standing(brief),
        4: basis.liability(brief),
        5: basis.service(brief),
        6: notices.notices(brief),
        7: money.ledger(brief),
        8: money.limitation(brief),
        9: whole.system(brief),
        10: redactions.redactions(brief, opened.copies),
    }
    drawn = {number: sheets.draw(replace(sheet, internal=internal)) for number, sheet in made.items() if number in brief.documents}
    named = {number: File(path_of(number), sheets.pages_of(pdf), sha256(pdf).hexdigest()) for number, pdf in drawn.items()}
    drawn[2] = sheets.draw(replace(whole.exhibit_list(brief, named), internal=internal))
    documents = {path_of(number): pdf for number, pdf in drawn.items()}
    if internal:
        documents[ARCHIVE] = sheets.draw(archive(brief, [_told(number, each) for number, each in enumerate(opened.logged, 1)]))
    return documents


def _told(number: int, entry: Logged) -> Opened:
    return Opened(number, entry.header.at, entry.kind, entry.step or "", fact_of(entry) if entry.payload is not None else None)


def is_for_the_court(entry: Logged) -> bool:
    """Whether the payload of an entry may leave the house."""
    if entry.payload is None or entry.kind not in FOR_THE_COURT or entry.step in WITHOUT_PREJUDICE:
        return False
    return not (entry.kind == "composed" and entry.channel in CARDS)


def _info(runtime: Runtime, community: str, asked: Asked, entries: int, entered: datetime, note: bytes) -> dict[str, str]:
    internal = {"Xianli-Audience": "internal / 内部，不得提交对方"} if asked.internal else {}
    return {
        "Source-Organization": community,
        "External-Description": "内部卷宗 / internal archive" if asked.internal else "催缴证据包 / evidence of demands for property fees",
        **internal,
        "Xianli-Case": str(asked.case_id),
        "Xianli-Case-Entered": entered.isoformat(),
        "Xianli-Entries": str(entries),
        "Xianli-Checkpoint": str(asked.size),
        "Xianli-Checkpoint-SHA256": sha256(note).hexdigest(),
        "Xianli-Sandbox": "yes" if runtime.settings.sandbox else "no",
    }
