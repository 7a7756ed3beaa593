"""The values intake hands on: a row that can be trusted, or a reject that says what to cure. Also what one raw line of a file is."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Literal, TypeVar

from orchestrator.intake.cells import Cell
from orchestrator.intake.periods import Period
from orchestrator.intake.phones import Phone
from orchestrator.intake.units import UnitLabel

Kind = Literal["arrears", "payments", "service-records"]
UnitUse = Literal["residential", "commercial"]

Row = TypeVar("Row")


class Unreadable(ValueError):
    """The file as a whole cannot be taken in; the message says why and what to do. (Exit 2.)"""


class Refused(ValueError):
    """A row cannot be taken. `field` names its column (or is the heading itself), `value` is what stands there."""

    def __init__(self, field: str, value: Cell, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason, self.cure = field, value, reason, cure


@dataclass(frozen=True, slots=True)
class RawRow:
    """One line of a sheet or file. `line` counts from 1 as the person sees it; `spanned` are columns filled from a merged cell above."""

    sheet: str
    line: int
    cells: Sequence[Cell]
    spanned: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not taken: where, which cell, why, and what to write instead."""

    sheet: str
    line: int
    column: str
    value: str
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row equal in content to an earlier one of the same file."""

    sheet: str
    line: int
    first_line: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a community's contract says about bills: the day they fall due (in the last month of their period), and the months one covers.

    `months` is None where the contract does not say. `country` completes telephone numbers written without a country code.
    """

    billing_day: int
    months: int | None = None
    country: str = "CN"

    def due_on(self, period: Period) -> date:
        """The day a charge of this period falls due."""
        last = monthrange(period.end.year, period.end.month)[1]
        return period.end.replace(day=min(self.billing_day, last))


@dataclass(frozen=True, slots=True)
class ArrearsRow:
    """One charge as the billing system states it. Money in the community's currency; unpaid = amount - paid.

    `part` counts the charges made from one line (months across, a row of more than a year); 0 is the first.
    `timezone` is empty unless the file states the debtor's own zone.
    """

    sheet: str
    line: int
    part: int
    community: str
    unit: UnitLabel
    unit_use: UnitUse
    area: Decimal | None
    payers: tuple[str, ...]
    identities: tuple[str, ...]
    phones: tuple[Phone, ...]
    address: str
    item: str
    period: Period
    due_on: date
    amount: Decimal
    paid: Decimal
    timezone: str
    note: str
    warnings: tuple[str, ...] = ()

    @property
    def unpaid(self) -> Decimal:
        return self.amount - self.paid


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money that came in. `at` is the bank's local time, naive; `account_tail` ends the payer's account number; `unit` is the memo's."""

    sheet: str
    line: int
    community: str
    at: datetime
    ref: str
    payer: str
    account_tail: str
    amount: Decimal
    memo: str
    unit: UnitLabel | None


@dataclass(frozen=True, slots=True)
class Options:
    """What the person says beside the file, and what is known of communities.

    `community` stands in where the file names none; `terms` gives a community's contract terms by its name; `mapping` is field -> headings;
    `month_first` settles dates that can be read both ways; `left_out` hears of each sheet that is not read, and why.
    """

    terms: Callable[[str], Terms]
    community: str = ""
    mapping: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    month_first: bool = False
    left_out: Callable[[str], None] = lambda said: None


@dataclass(frozen=True, slots=True)
class ServiceRecordRow:
    """Proof that the service was performed (Civil Code 944(1)): what was done where on which day."""

    sheet: str
    line: int
    community: str
    place: str
    done_on: date
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Taken(Generic[Row]):
    """A line that was taken, and what it came to: one row, or (months across, more than a year) several, or none."""

    sheet: str
    line: int
    rows: tuple[Row, ...]


Line = Taken[Row] | Reject | Duplicate
