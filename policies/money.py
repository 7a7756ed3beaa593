"""Money owed beyond the principal, and what a payment pays. Decimal only; every printed line is rounded once, half up, to the fen.

The late charge (违约金) is simple, never compound: each charge for itself, per day, from the day after its due date. The day a payment
arrives is still charged on what it pays. Beside it stands the figure a court is likely to allow: the loss at LPR times 1.3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
ZERO = Decimal("0.00")
COURT_LIKELY_FACTOR = Decimal("1.3")
DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Rate:
    """`share` of the principal in `days` days, from `since` on (inclusive). A contract's 0.5‰ a day: share 0.0005, days 1."""

    since: date
    share: Decimal
    days: int = 1

    def times(self, factor: Decimal) -> "Rate":
        return Rate(self.since, self.share * factor, self.days)


@dataclass(frozen=True, slots=True)
class Segment:
    """One line of the statement: this principal at this rate, from `first` to `last`, both included."""

    first: date
    last: date
    principal: Decimal
    rate: Rate
    amount: Decimal

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def to_fen(amount: Decimal) -> Decimal:
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def late_charge(principal: Decimal, rate_per_day: Decimal, due_on: date, as_of: date) -> Decimal:
    """The late charge on an unchanged principal, at one daily rate (0.0005 for 0.5‰), up to and including `as_of`.

    >>> late_charge(Decimal(2400), Decimal("0.0005"), date(2025, 6, 30), date(2026, 6, 30))
    Decimal('438.00')
    """
    return sum((line.amount for line in late_charge_lines(principal, due_on, as_of, [Rate(due_on, rate_per_day)])), ZERO)


def late_charge_lines(
    amount: Decimal, due_on: date, as_of: date, rates: Sequence[Rate], payments: Iterable[tuple[date, Decimal]] = ()
) -> tuple[Segment, ...]:
    """The statement of one charge: a new line at each payment and each change of rate, so that a court can recompute each.

    `rates` in order of `since`; the first covers everything before the second, whatever its date. Payments before the day after the due
    date only lower the principal.
    """
    if not rates:
        return ()
    paid = sorted(payments)
    first_day = due_on + timedelta(days=1)
    breaks = {day + timedelta(days=1) for day, _ in paid} | {rate.since for rate in rates[1:]}
    starts = [first_day, *sorted(day for day in breaks if first_day < day <= as_of)]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), as_of]
    lines = (_segment(amount, start, end, rates, paid) for start, end in zip(starts, ends, strict=True) if start <= end)
    return tuple(line for line in lines if line.principal > 0)


def court_likely_rates(prime_rates: Iterable[tuple[date, Decimal]]) -> tuple[Rate, ...]:
    """The loan prime rate of each date, a share per year, as the rates a court is likely to allow.

    >>> rates = court_likely_rates([(date(2025, 5, 20), Decimal("0.03"))])
    >>> [line.amount for line in late_charge_lines(Decimal(2400), date(2025, 6, 30), date(2026, 6, 30), rates)]
    [Decimal('93.60')]
    """
    return tuple(Rate(since, yearly, DAYS_OF_A_YEAR).times(COURT_LIKELY_FACTOR) for since, yearly in sorted(prime_rates))


def _segment(amount: Decimal, first: date, last: date, rates: Sequence[Rate], paid: Iterable[tuple[date, Decimal]]) -> Segment:
    principal = amount - sum((sum_paid for day, sum_paid in paid if day < first), ZERO)
    rate = next((rate for rate in reversed(rates) if rate.since <= first), rates[0])
    days = (last - first).days + 1
    return Segment(first, last, principal, rate, to_fen(principal * rate.share * days / rate.days))


@dataclass(frozen=True, slots=True)
class Owed:
    """One charge as a payment finds it. `burden` is its late-charge rate per day: the heavier burden is paid before the older charge."""

    id: str
    due_on: date
    principal: Decimal
    late_charge: Decimal = ZERO
    burden: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a payment pays of one charge."""

    id: str
    principal: Decimal
    late_charge: Decimal


def allocate(
    payment: Decimal, owed: Iterable[Owed], paid_on: date, designated: Sequence[str] = (), *, late_charge_first: bool = False
) -> tuple[tuple[Allocation, ...], Decimal]:
    """What the payment pays, and what is left over. Use it only where the billing system says nothing.

    First the charges that the debtor named, in that order (Civil Code 560(1)); then due before undue, the heavier burden, the older; equal
    ones in proportion (560(2)). All principal before any late charge, which article 561 does not name, unless it was agreed otherwise.
    """
    charges = list(owed)
    shares: dict[str, dict[str, Decimal]] = {charge.id: {"principal": ZERO, "late_charge": ZERO} for charge in charges}
    left = payment
    for kind in ("late_charge", "principal") if late_charge_first else ("principal", "late_charge"):
        for group in _in_order(charges, paid_on, designated):
            for charge_id, share in _proportional(left, [(charge.id, getattr(charge, kind)) for charge in group]):
                shares[charge_id][kind] = share
                left -= share
    paid = tuple(Allocation(charge_id, **share) for charge_id, share in shares.items() if any(share.values()))
    return paid, left


def _in_order(charges: Sequence[Owed], paid_on: date, designated: Sequence[str]) -> list[list[Owed]]:
    """Groups in the order of payment; within a group nothing comes first."""
    named = {charge_id: place for place, charge_id in enumerate(designated)}
    groups: dict[tuple[int, bool, Decimal, date], list[Owed]] = {}
    for charge in charges:
        rank = (named.get(charge.id, len(named)), charge.due_on > paid_on, -charge.burden, charge.due_on)
        groups.setdefault(rank, []).append(charge)
    return [groups[rank] for rank in sorted(groups)]


def _proportional(payment: Decimal, debts: Sequence[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Shares to the fen that add up to the payment, or to the whole debt if that is less. Odd fens go to the first."""
    total = sum((debt for _, debt in debts), ZERO)
    if payment >= total:
        return list(debts)
    shares = []
    left, debt_left = payment, total
    for charge_id, debt in debts:
        share = min(debt, to_fen(left * debt / debt_left)) if debt_left else ZERO
        shares.append((charge_id, share))
        left, debt_left = left - share, debt_left - debt
    return shares
