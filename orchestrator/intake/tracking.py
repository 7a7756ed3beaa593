"""The post's tracking, as its query pages and customers' exports give it -> a snapshot of each letter, and what became of it.

Each row names a letter by its number, with the post's words, their time and who signed; one letter may have many rows. What the words mean
is channels.ems's to know: those it does not know claim nothing and go before staff. A bad row never stops the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from channels.ems import TRACKING_HEADINGS, NotAWaybill, meaning_of, waybill
from orchestrator import exhibits
from orchestrator.exhibits import About
from orchestrator.intake import cells
from orchestrator.intake.cells import CellError
from orchestrator.intake.reading import open_sheets
from orchestrator.intake.rows import RawRow, Reject, Unreadable
from orchestrator.posting import snapshots
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, casefiles, hearing, letters
from orchestrator.store.casefiles import CaseKey
from orchestrator.store.hearing import Heard
from orchestrator.store.letters import Posted, Snapshot

THE_POSTS_ZONE: Final = ZoneInfo("Asia/Shanghai")
"""Of times that name none."""
_DEEPEST_HEADING: Final = 20


@dataclass(frozen=True, slots=True)
class Event:
    """One row: what the post says of one letter."""

    line: RawRow
    waybill: str
    status: str
    at: datetime | None
    signer: str


@dataclass(slots=True)
class TrackingResult:
    """`snapshots`: letters whose record is new; `unknown`: the post's words that are in no table, and how often they came."""

    rows: int = 0
    accepted: int = 0
    letters: int = 0
    snapshots: int = 0
    delivered: int = 0
    returned: int = 0
    rejected: list[Reject] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)


def import_tracking(runtime: Runtime, path: Path, by: str, scope: int | None = None) -> TrackingResult:
    """Take an export in; the raw file is kept as an exhibit of each letter in it. The same file twice changes nothing.

    `scope`: the one community whose letters it may speak of; None: all.

    Raises Unreadable where no table of it has the columns, NotAnExhibit where the file cannot be kept.
    """
    raw, result = path.read_bytes(), TrackingResult()
    events = list(_events(path, result))
    with runtime.store.begin() as rows:
        known = letters.by_waybill(rows, sorted({each.waybill for each in events}), scope)
        by_letter: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            if event.waybill in known:
                by_letter[event.waybill].append(event)
            else:
                result.rejected.append(
                    _reject(event.line, event.waybill, "no letter of ours has this number 不是我方邮件", "scan it first 请先扫描")
                )
        result.accepted = sum(map(len, by_letter.values()))
        result.letters = len(by_letter)
        found = [(known[number], sorted(its, key=_when)) for number, its in by_letter.items()]
        found.sort(key=lambda each: (each[0].case.id or 0, each[0].attempt_id))
        _keep(rows, runtime, found, raw, by, result)
    snapshots.remind(runtime, by)
    return result


def _when(event: Event) -> datetime:
    return event.at or datetime.max.replace(tzinfo=UTC)


def _keep(rows: Rows, runtime: Runtime, found: Sequence[tuple[Posted, list[Event]]], raw: bytes, by: str, result: TrackingResult) -> None:
    now, wall, digest = runtime.now(), runtime.wall(), sha256(raw).digest()
    proof = {"sha256": digest, "by": by}
    shots = [Snapshot(letter, "import", its[-1].status, its[-1].at, its[-1].signer, digest, proof) for letter, its in found]
    result.snapshots = letters.snap(rows, shots, now, wall)
    words: list[Heard] = []
    looked_into: dict[str, list[CaseKey]] = defaultdict(list)
    for letter, its in found:
        exhibits.keep(rows, runtime.settings.exhibits, raw, "tracking", About(letter.case.id, letter.attempt_id), by, now, wall)
        told = list(_words(letter, its, result))
        words += told
        last = next((word for word in reversed(told) if word.delivery in ("delivered", "undelivered")), None)
        result.delivered += last is not None and last.delivery == "delivered"
        result.returned += last is not None and last.delivery == "undelivered"
        if (about := _asks_a_person(last, its)) is not None:
            looked_into[about].append(letter.case)
    for about, cases in looked_into.items():
        casefiles.add_tasks(rows, cases, "check", about, now)
    mailed = {word.attempt_id: word.said_at for word in words if word.outcome == "mailed" and word.attempt_id and word.said_at}
    letters.posted(rows, mailed)
    hearing.keep(rows, words, now, wall)


def _words(letter: Posted, its: Sequence[Event], result: TrackingResult) -> Iterator[Heard]:
    for event in its:
        meaning = meaning_of(event.status, event.signer, letter.recipients)
        if meaning is None:
            result.unknown[event.status] += 1
            continue
        detail = {"signer": meaning.signer} if meaning.signer else {}
        yield letter.word(event.status, meaning.delivery, meaning.outcome, event.at, detail, meaning.error_class)


def _asks_a_person(last: Heard | None, its: Sequence[Event]) -> str | None:
    """What only a person can find out: what unknown words mean, into whose hands it went, what stands on the envelope."""
    if meaning_of(its[-1].status) is None:
        return "tracking_words"
    if last is None:
        return None
    if last.delivery == "undelivered":
        return "returned"
    return "who_signed" if last.outcome is None else None


def _events(path: Path, result: TrackingResult) -> Iterator[Event]:
    """The rows of every table that has the columns; what cannot be read is rejected alone. Raises Unreadable."""
    understood = False
    for sheet in open_sheets(path):
        columns: dict[str, int] | None = None
        for number, row in enumerate(sheet.rows):
            if columns is None:
                columns = _columns(row)
                if columns is None and number >= _DEEPEST_HEADING:
                    break
                continue
            if all(cells.says_nothing(cell) for cell in row.cells):
                continue
            result.rows += 1
            try:
                yield _event(row, columns)
            except CellError as odd:
                result.rejected.append(_reject(row, _said(row), odd.reason, odd.cure))
        understood = understood or columns is not None
    if not understood:
        raise Unreadable(f"{path.name} has no columns for the waybill and its status 缺少“邮件号”和“状态”列: export it with its headings")


def _columns(row: RawRow) -> dict[str, int] | None:
    """Which column is which, where this row heads a table of tracking."""
    said = [cells.text(cell).casefold() for cell in row.cells]
    columns = {
        name: next(number for heading in headings for number, text in enumerate(said) if text == heading)
        for name, headings in TRACKING_HEADINGS.items()
        if set(headings) & set(said)
    }
    return columns if {"waybill", "status"} <= columns.keys() else None


def _event(row: RawRow, columns: dict[str, int]) -> Event:
    """Raises CellError."""

    def cell(name: str) -> cells.Cell:
        place = columns.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else None

    try:
        number = waybill(cells.text(cell("waybill")))
    except NotAWaybill as odd:
        raise CellError(str(odd), "correct the number 请更正邮件号") from None
    status = cells.text(cell("status"))
    if not status:
        raise CellError("the status is missing 缺少状态", "enter the post's words 请填写状态")
    return Event(row, number, status, _moment(cell("time")), cells.text(cell("signer")))


def _moment(cell: cells.Cell) -> datetime | None:
    """Raises CellError."""
    try:
        stated = datetime.fromisoformat(cells.text(cell))
    except ValueError:
        stated = None
    if stated is not None and stated.tzinfo is not None:
        return stated
    naive = cells.moment(cell)
    return naive.replace(tzinfo=THE_POSTS_ZONE) if naive is not None else None


def _said(row: RawRow) -> str:
    return " ".join(filter(None, map(cells.text, row.cells)))[:80]


def _reject(row: RawRow, value: str, reason: str, cure: str) -> Reject:
    return Reject(row.sheet, row.line, "", value, reason, cure)
