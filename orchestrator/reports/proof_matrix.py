"""The proof matrix (举证矩阵): every charge by unit and period, and how well its demand is proven. From red to green.

Pure: it is given charges, rules and a day, and says what a court would be shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Literal

from orchestrator.store.pages_matrix import Owed
from policies.arrival import GRADES
from policies.facts import BELIEVED, Charge, Demand, Grade
from policies.gates import period_over_on
from policies.limitation import Expiry, days_left, expiry
from policies.rules import Rules

Proof = Literal["missing", "under_way", "running", "proven", "barred", "not_due", "paid"]
"""missing: no demand named it. under_way: one did, but has not arrived or proves too little. running: proven with grade A or B, its
reasonable period still runs. proven: and the period is over. barred: its court-safe clock has run out. not_due, paid: nothing to prove."""

OPEN: tuple[Proof, ...] = ("missing", "under_way", "running", "proven", "barred")
GREEN: tuple[Proof, ...] = ("running", "proven")


@dataclass(frozen=True, slots=True)
class Cell:
    """One charge. `grade` is the best that arrived; `period_over` the first day after its reasonable period, where one began. What is paid
    has neither, and needs no clock."""

    owed: Owed
    proof: Proof
    grade: Grade | None = None
    period_over: date | None = None
    expiry: Expiry | None = None
    days_left: int | None = None

    @property
    def charge(self) -> Charge:
        return self.owed.charge


@dataclass(frozen=True, slots=True)
class Row:
    """One account: a unit with its debtor."""

    account_id: int
    unit: str
    case_id: int | None
    cells: tuple[Cell, ...]
    items: tuple[str, ...]

    @property
    def unpaid(self) -> Decimal:
        return sum((cell.charge.unpaid for cell in self.cells if cell.proof in OPEN), Decimal("0.00"))

    def count(self, *proofs: Proof) -> int:
        return sum(cell.proof in proofs for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Building:
    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Accounts of a community, by building, over the months from its first charge's to its last's."""

    buildings: tuple[Building, ...]
    first: date
    months: int
    counts: Mapping[Proof, int]
    sums: Mapping[Proof, Decimal]

    @property
    def cells(self) -> Iterable[Cell]:
        return (cell for building in self.buildings for row in building.rows for cell in row.cells)

    @property
    def open(self) -> int:
        """Charges that are overdue and unpaid."""
        return sum(self.counts[proof] for proof in OPEN)

    @property
    def green(self) -> int:
        return sum(self.counts[proof] for proof in GREEN)

    def of_building(self, name: str) -> "Matrix":
        """What of it lies in one building, over the same months; the whole where no building has the name."""
        of = tuple(building for building in self.buildings if building.name == name)
        return _counted(of, self.first, self.months) if of else self

    def cases_below(self, days: int) -> frozenset[int]:
        """The cases with a charge whose court-safe clock ends in fewer days."""
        return frozenset(
            cell.owed.case_id
            for cell in self.cells
            if cell.owed.case_id is not None and cell.proof in OPEN and cell.days_left is not None and 0 <= cell.days_left < days
        )


def month_of(day: date, first: date) -> int:
    """How many months after `first` a day lies."""
    return (day.year - first.year) * 12 + day.month - first.month


def matrix(owed: Sequence[Owed], rules: Rules, timezone: str, today: date) -> Matrix:
    """`owed` in the order the store gives: by building, unit and account."""
    cells = [judge(each, rules, timezone, today) for each in owed]
    first = min((each.period_start for each in owed), default=today).replace(day=1)
    last = max((each.period_end for each in owed), default=today)
    buildings = tuple(
        Building(name, tuple(_row(list(of_account)) for _, of_account in groupby(group, key=lambda cell: cell.owed.account_id)))
        for name, group in groupby(cells, key=lambda cell: cell.owed.building)
    )
    return _counted(buildings, first, month_of(last, first) + 1)


def _counted(buildings: tuple[Building, ...], first: date, months: int) -> Matrix:
    counts: dict[Proof, int] = dict.fromkeys((*OPEN, "not_due", "paid"), 0)
    sums: dict[Proof, Decimal] = dict.fromkeys(counts, Decimal("0.00"))
    drawn = Matrix(buildings, first, months, counts, sums)
    for cell in drawn.cells:
        counts[cell.proof] += 1
        sums[cell.proof] += cell.charge.unpaid
    return drawn


def judge(owed: Owed, rules: Rules, timezone: str, today: date) -> Cell:
    charge = owed.charge
    if charge.unpaid <= 0:
        return Cell(owed, "paid")
    clocks = expiry(charge, timezone)
    left = days_left(clocks.court_safe, today)
    arrived = [demand for demand in charge.demands if demand.arrived_at is not None]
    believed = [demand for demand in arrived if demand.grade in BELIEVED]
    over = min((day for demand in believed if (day := period_over_on(demand, rules, timezone)) is not None), default=None)
    best = min((demand.grade for demand in arrived), key=GRADES.index, default=None)
    return Cell(owed, _proof(charge, believed, over, left, today), best, over, clocks, left)


def _proof(charge: Charge, believed: Sequence[Demand], over: date | None, left: int, today: date) -> Proof:
    if charge.due_on >= today:
        return "not_due"
    if left < 0:
        return "barred"
    if believed and over is not None:
        return "proven" if today >= over else "running"
    return "under_way" if charge.demands else "missing"


def _row(cells: Sequence[Cell]) -> Row:
    first = cells[0].owed
    return Row(first.account_id, first.unit, first.case_id, tuple(cells), tuple(dict.fromkeys(cell.charge.item for cell in cells)))
