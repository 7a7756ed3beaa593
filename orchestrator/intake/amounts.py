"""What a row owes: the amounts a billing system states about one charge, made to agree or refused."""

from collections.abc import Mapping
from decimal import Decimal

from orchestrator.intake.cells import CENT, Cell, CellError, money

NOTHING = Decimal("0.00")
_SETTLED_MARKS = frozenset(
    {"√", "✓", "✔", "已缴", "已交", "已收", "已付", "缴清", "已缴清", "结清", "已结清", "免", "免收", "paid", "ok", "x", "×"}
)


class AmountError(CellError):
    """The amounts cannot be right; `field` names the column to look at."""

    def __init__(self, field: str, reason: str, cure: str) -> None:
        super().__init__(reason, cure)
        self.field = field


def is_settled_mark(said: str) -> bool:
    """A month's cell that says "nothing owed" in a word or a tick."""
    return said.strip().lower() in _SETTLED_MARKS


def agree(cells: Mapping[str, Cell], scales: Mapping[str, int]) -> tuple[Decimal, Decimal]:
    """Amount owed originally (after reductions) and what was paid of it. Raises AmountError.

    `cells` may hold amount, paid, waived, unpaid, late_fee: principal is what we want; a late charge inside the unpaid sum is taken out,
    the program works out its own.
    """
    said = {field: _read(field, cell, scales.get(field, 1)) for field, cell in cells.items()}
    for field, value in said.items():
        if value is not None and value < 0:
            raise AmountError(field, f"{value} is negative 金额为负", "enter what is owed; credits and advance payments are not arrears")
    amount, paid, unpaid = said.get("amount"), said.get("paid"), said.get("unpaid")
    if amount is None:
        if unpaid is None:
            raise AmountError("amount" if "amount" in cells else "unpaid", "the amount is missing 缺少金额", "enter the amount owed")
        owed, paid = unpaid + (paid or NOTHING), paid or NOTHING
    else:
        owed, paid = _reconciled(amount, paid, unpaid, said.get("waived") or NOTHING, said.get("late_fee") or NOTHING)
    if owed == 0:
        raise AmountError("amount" if amount is not None else "unpaid", "nothing was charged 金额为零", "leave the row out")
    return owed, paid


def _read(field: str, cell: Cell, scale: int) -> Decimal | None:
    try:
        value = money(cell)
    except CellError as error:
        raise AmountError(field, error.reason, error.cure) from None
    return None if value is None else value * scale


def _reconciled(amount: Decimal, paid: Decimal | None, unpaid: Decimal | None, waived: Decimal, late: Decimal) -> tuple[Decimal, Decimal]:
    readings = (amount - waived, amount)
    if unpaid is None:
        owed = readings[0]
        if (paid or NOTHING) > owed:
            raise AmountError("paid", f"{paid} was paid of {owed} 已收大于应收", "correct the amounts; an advance payment is not arrears")
        return owed, paid or NOTHING
    for owed in readings:
        for principal in (unpaid, unpaid - late):
            if 0 <= principal <= owed and (paid is None or abs(owed - paid - principal) <= CENT):
                return owed, owed - principal
    stated = f"{amount}{f' - {waived}' if waived else ''}{f' - {paid}' if paid is not None else ''}"
    raise AmountError("unpaid", f"{stated} is not {unpaid} 应收减已收不等于欠费", "correct the amounts so that amount - paid = unpaid")
