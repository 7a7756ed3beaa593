"""One file taken in: read line by line, staged, applied in one transaction. The same file twice changes nothing."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from decimal import Decimal
from hashlib import file_digest
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from orchestrator.intake.arrears import read_arrears
from orchestrator.intake.headings import read_mapping
from orchestrator.intake.names import kind_of
from orchestrator.intake.notes import review_reason
from orchestrator.intake.payments import read_payments
from orchestrator.intake.rejects import rejects_file
from orchestrator.intake.rows import (
    ArrearsRow,
    Duplicate,
    Kind,
    Line,
    Options,
    PaymentRow,
    Reject,
    ServiceRecordRow,
    Taken,
    Terms,
    Unreadable,
)
from orchestrator.intake.services import read_service_records
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, banking, imports, ledger, log, parties, services
from orchestrator.store.banking import Directory, Receiving, Transfer
from orchestrator.store.imports import Counts, Run
from orchestrator.store.ledger import Cleared, Held
from orchestrator.store.log import Entry
from orchestrator.store.services import ServiceRecord
from orchestrator.store.staging import StagedAccount, StagedCharge, StagedContact, Staging

Row = TypeVar("Row")

NOT_STATED = Terms(billing_day=28)
"""The terms of a community nobody has set up yet."""
MOST_REJECTS_KEPT = 1_000
_TELL_EVERY = 500


@dataclass(frozen=True, slots=True)
class Order:
    """What a person or feed asks for: this file, as this kind, for this community where it names none.

    `dry_run` changes nothing and answers as if it had. `mapping` is a TOML file (field = "heading"); `rejects` is where rejected rows go.
    `fresh`: it comes straight from its source, so payments are known up to now even if nothing in it is new.
    """

    path: Path
    kind: Kind = "arrears"
    community: str = ""
    snapshot: bool = False
    dry_run: bool = False
    mapping: Path | None = None
    rejects: Path | None = None
    fresh: bool = False
    by: str = "billing"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What a file came to. `counts` describe what it states; the rest is what it did, or with a dry run would have done.

    `import_id` is None where nothing changed. `held` and `cleared` name debtors and charges nobody is contacted about for now; `unmatched`
    are the references of payments that wait for a person; `rejects` the first thousand.
    """

    import_id: int | None
    counts: Counts
    rejects: tuple[Reject, ...] = ()
    warnings: Mapping[str, int] = field(default_factory=dict)
    new: int = 0
    corrected: int = 0
    cleared: tuple[Cleared, ...] = ()
    held: tuple[Held, ...] = ()
    unmatched: tuple[str, ...] = ()


class _DryRun(Exception):
    """Thrown to roll everything back."""


def import_file(
    runtime: Runtime,
    order: Order,
    progress: Callable[[int], None] = lambda lines: None,
    told: Callable[[Reject], None] = lambda reject: None,
) -> ImportResult:
    """Read the file, apply it, and say what it came to. Raises Unreadable where the file as a whole cannot be taken in.

    `progress` hears now and then how many rows have been read; `told` hears of each rejected row.
    """
    result: ImportResult
    try:
        with runtime.store.begin() as rows:
            imports.one_at_a_time(rows)
            with _tally(order, progress, told) as tally:
                result = _IMPORTERS[order.kind](rows, runtime, order, tally)
            result = replace(result, rejects=tuple(tally.kept), warnings=dict(tally.warnings))
            if order.dry_run:
                raise _DryRun
    except _DryRun:
        return replace(result, import_id=None)
    return result


def _arrears(rows: Rows, runtime: Runtime, order: Order, tally: "_Tally") -> ImportResult:
    options = _options(rows, order, tally)
    staging = Staging(rows, runtime.store.vault)
    for row in tally.taken(read_arrears(order.path, options)):
        staging.add(_account(row), _charge(row), _contacts(row, options.terms(row.community).country))
        tally.warnings.update(row.warnings)
    staging.flush()
    communities = parties.identify(rows)
    counts = tally.counts(staging.charges, staging.accounts, staging.total)
    now, run = runtime.now(), _run(order, communities)
    seen = imports.seen_before(rows, run.file_digest)
    with rows.begin_nested() as application:
        import_id = imports.begin(rows, run, counts, now)
        applied = ledger.apply(rows, import_id, communities, snapshot=order.snapshot, now=now)
        if not (applied.anything or order.snapshot or order.fresh) and seen:
            application.rollback()
            return ImportResult(None, counts)
        imports.heard_of_payments(rows, communities, now)
        ledger.note_billing_totals(rows, communities, snapshot=order.snapshot)
        did: dict[str, object] = {
            "new": applied.new,
            "corrected": applied.corrected,
            "cleared": [each.charge_id for each in applied.cleared],
        }
        _log(rows, runtime, order, run, import_id, counts, did)
    return ImportResult(import_id, counts, (), {}, applied.new, applied.corrected, applied.cleared, applied.held)


def _account(row: ArrearsRow) -> StagedAccount:
    unit = row.unit
    kinds = tuple(kind_of(name) for name in row.payers)
    return StagedAccount(
        row.community, unit.key, unit.label, unit.source, unit.building, row.unit_use, row.area, row.payers, kinds, row.identities
    )


def _charge(row: ArrearsRow) -> StagedCharge:
    period = row.period
    return StagedCharge(
        row.item, period.start, period.end, period.label, row.due_on, row.amount, row.paid, row.note, review_reason(row.note)
    )


def _contacts(row: ArrearsRow, country: str) -> list[StagedContact]:
    found = [
        StagedContact(phone.e164, phone.kind, phone.country, rank, row.timezone) for rank, phone in enumerate(row.phones) if phone.e164
    ]
    return [*found, StagedContact(row.address, "address", country, 0, row.timezone)] if row.address else found


def _payments(rows: Rows, runtime: Runtime, order: Order, tally: "_Tally") -> ImportResult:
    homes = banking.receiving(rows, order.community)
    taken = list(tally.taken(read_payments(order.path, _options(rows, order, tally))))
    counts = tally.counts(total=sum((payment.amount for payment in taken), Decimal("0.00")))
    by_name = {home.name: home for home in homes}
    booked = [(_receiver(payment, by_name, order), payment) for payment in taken]
    now, run = runtime.now(), _run(order, sorted({home.id for home, _ in booked} or {home.id for home in homes}))
    seen = imports.seen_before(rows, run.file_digest)
    with rows.begin_nested() as application:
        import_id = imports.begin(rows, run, counts, now)
        new, unmatched = _book(rows, runtime, booked, import_id)
        if not (new or order.fresh) and seen:
            application.rollback()
            return ImportResult(None, counts)
        imports.heard_of_payments(rows, [home.id for home in homes], now)
        _log(rows, runtime, order, run, import_id, counts, {"new": new, "unmatched": len(unmatched)})
    return ImportResult(import_id, counts, new=new, unmatched=unmatched)


def _receiver(payment: PaymentRow, by_name: Mapping[str, Receiving], order: Order) -> Receiving:
    if payment.community in by_name:
        return by_name[payment.community]
    if payment.community:
        raise Unreadable(f"no community is called {payment.community} 没有这个小区: import its arrears first, or correct the name")
    if len(by_name) != 1:
        raise Unreadable(f"{order.path.name} does not say which community was paid 缺少小区: name it with --community")
    return next(iter(by_name.values()))


def _book(rows: Rows, runtime: Runtime, payments: list[tuple[Receiving, PaymentRow]], import_id: int) -> tuple[int, tuple[str, ...]]:
    """Book what is new, oldest first: how many, and the references that wait for a person."""
    directories: dict[int, Directory] = {}
    known: dict[int, set[str]] = {}
    new, unmatched = 0, []
    for home, payment in sorted(payments, key=lambda pair: pair[1].at):
        if home.id not in directories:
            directories[home.id] = Directory(rows, home.id)
            known[home.id] = banking.known(rows, home.id, [payment.ref for where, payment in payments if where is home])
        if payment.ref in known[home.id]:
            continue
        transfer = _transfer(payment, home)
        matched = banking.match(rows, home.id, transfer, directories[home.id])
        banking.book(rows, home.id, transfer, matched, import_id, runtime.now(), runtime.wall())
        new += 1
        if matched is None:
            unmatched.append(payment.ref)
    return new, tuple(unmatched)


def _transfer(payment: PaymentRow, home: Receiving) -> Transfer:
    at = payment.at.replace(tzinfo=ZoneInfo(home.timezone)).astimezone(UTC)
    key = payment.unit.key if payment.unit else ""
    return Transfer(payment.ref, at, payment.at.date(), payment.payer, payment.memo, payment.amount, key)


def _service_records(rows: Rows, runtime: Runtime, order: Order, tally: "_Tally") -> ImportResult:
    taken: list[ServiceRecordRow] = list(tally.taken(read_service_records(order.path, _options(rows, order, tally))))
    by_name = {home.name: home.id for home in banking.receiving(rows, "")}
    unknown = sorted({record.community for record in taken} - by_name.keys())
    if unknown:
        raise Unreadable(f"no community is called {', '.join(unknown)} 没有这个小区: import its arrears first, or correct the name")
    counts, now = tally.counts(), runtime.now()
    run = _run(order, sorted({by_name[record.community] for record in taken}))
    seen = imports.seen_before(rows, run.file_digest)
    with rows.begin_nested() as application:
        import_id = imports.begin(rows, run, counts, now)
        records = [ServiceRecord(by_name[each.community], each.place, each.done_on, each.kind, each.description) for each in taken]
        new = services.add(rows, import_id, records)
        if not new and seen:
            application.rollback()
            return ImportResult(None, counts)
        _log(rows, runtime, order, run, import_id, counts, {"new": new})
    return ImportResult(import_id, counts, new=new)


_IMPORTERS: Mapping[Kind, Callable[[Rows, Runtime, Order, "_Tally"], ImportResult]] = {
    "arrears": _arrears,
    "payments": _payments,
    "service-records": _service_records,
}


def undo(runtime: Runtime, import_id: int, by: str) -> int:
    """Take an import back; how many charges or payments that touched. Raises CannotUndo."""
    with runtime.store.begin() as rows:
        imports.one_at_a_time(rows)
        now, wall = runtime.now(), runtime.wall()
        past = imports.find(rows, import_id)
        if past is None:
            raise ledger.CannotUndo(f"there is no import {import_id} 没有这次导入")
        if past.undone_at is not None:
            raise ledger.CannotUndo(f"import {import_id} was undone before 已撤销")
        match past.kind:
            case "arrears":
                touched = ledger.undo(rows, import_id, by, now)
            case "payments":
                touched = banking.reverse(rows, banking.of_import(rows, import_id), f"import {import_id} undone", by, now, wall)
            case kind:
                raise ledger.CannotUndo(f"{kind} are records of what was done; they stay")
        imports.mark_undone(rows, import_id, now)
        log.append(rows, [Entry("import undone", {"import": import_id, "by": by, "touched": touched})], now, wall)
        return touched


def _options(rows: Rows, order: Order, tally: "_Tally") -> Options:
    terms = {name: Terms(each.billing_day, each.billing_months, each.country) for name, each in parties.community_terms(rows).items()}
    return Options(
        terms=lambda name: terms.get(name, NOT_STATED),
        community=order.community,
        mapping=_mapping(order),
        month_first=terms.get(order.community, NOT_STATED).country == "US",
        left_out=lambda said: tally.warnings.update((said,)),
    )


def _mapping(order: Order) -> Mapping[str, tuple[str, ...]]:
    if order.mapping is None:
        return {}
    try:
        return read_mapping(tomllib.loads(order.mapping.read_text("utf-8-sig")), order.kind)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unreadable(f"--mapping {order.mapping}: {error}") from None


def _run(order: Order, communities: tuple[int, ...] | list[int]) -> Run:
    with order.path.open("rb") as file:
        digest = file_digest(file, "sha256").digest()
    return Run(order.kind, order.path.name, digest, order.snapshot, communities[0] if len(communities) == 1 else None)


def _log(rows: Rows, runtime: Runtime, order: Order, run: Run, import_id: int, counts: Counts, did: Mapping[str, object]) -> None:
    stated = {"rows": counts.rows, "accepted": counts.accepted, "charges": counts.charges, "total": counts.total}
    fact = {"import": import_id, "kind": run.kind, "file": run.file_digest, "snapshot": run.snapshot, "by": order.by, **stated, **did}
    log.append(rows, [Entry("import", fact)], runtime.now(), runtime.wall())


class _Tally:
    """Counts lines as they go by, and sends the rejected ones where they are wanted."""

    def __init__(self, progress: Callable[[int], None], *told: Callable[[Reject], None]) -> None:
        self._progress, self._told = progress, told
        self._accepted = self._rejected = self._duplicates = 0
        self.kept: list[Reject] = []
        self.warnings: Counter[str] = Counter()

    def taken(self, lines: Iterator[Line[Row]]) -> Iterator[Row]:
        for line in lines:
            match line:
                case Taken():
                    self._accepted += 1
                    yield from line.rows
                case Duplicate():
                    self._duplicates += 1
                case Reject():
                    self._reject(line)
            if self._rows % _TELL_EVERY == 0:
                self._progress(self._rows)
        self._progress(self._rows)

    def _reject(self, reject: Reject) -> None:
        self._rejected += 1
        if len(self.kept) < MOST_REJECTS_KEPT:
            self.kept.append(reject)
        for told in self._told:
            told(reject)

    @property
    def _rows(self) -> int:
        return self._accepted + self._rejected + self._duplicates

    def counts(self, charges: int = 0, accounts: int = 0, total: Decimal = Decimal("0.00")) -> Counts:
        return Counts(self._rows, self._accepted, self._rejected, self._duplicates, charges, accounts, total)


@contextmanager
def _tally(order: Order, progress: Callable[[int], None], told: Callable[[Reject], None]) -> Iterator[_Tally]:
    if order.rejects is None:
        yield _Tally(progress, told)
        return
    try:
        with rejects_file(order.rejects) as write:
            yield _Tally(progress, told, write)
    except OSError as error:
        raise Unreadable(f"--rejects {order.rejects}: {error.strerror}") from None
