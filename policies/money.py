"""Money owed beyond the principal, and what a payment pays. Decimal only; every printed line is rounded once, half up, to the fen.

The late charge (违约金) is simple, never compound: each charge for itself, per day, from the day after its due date. The day a payment
arrives is still charged on what it pays. Beside it stands the figure a court is likely to allow: the loss at LPR times 1.3.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Literal

from policies.actions import Sentence

FEN = Decimal("0.01")
ZERO = Decimal("0.00")
COURT_LIKELY_FACTOR = Decimal("1.3")
DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Rate:
    """`share` of the principal, `factor` times, in `days` days, from `since` on (inclusive). 0.5‰ a day: share 0.0005, days 1."""

    since: date
    share: Decimal
    days: int = 1
    factor: Decimal = Decimal(1)

    def times(self, factor: Decimal) -> "Rate":
        return replace(self, factor=self.factor * factor)

    def charges_like(self, other: "Rate") -> bool:
        """The same rate, whenever it was agreed or published."""
        return replace(self, since=other.since) == other


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

    @property
    def formula(self) -> Sentence:
        """The sum as a court recomputes it: `2400.00 × 3.1% × 1.3 ÷ 365 × 19日 = 5.03`; rounded only where the amount stands."""
        rate = f"{_plain(self.rate.share * 1000)}‰" if self.rate.days == 1 else f"{_plain(self.rate.share * 100)}%"
        factor = f" × {_plain(self.rate.factor)}" if self.rate.factor != 1 else ""
        basis = f" ÷ {self.rate.days}" if self.rate.days != 1 else ""
        counted = f"{self.principal} × {rate}{factor}{basis} × {self.days}"
        return Sentence(f"{counted}日 = {self.amount}", f"{counted} days = {self.amount}")


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a local rule leaves of a fee: of a long-empty home's early-stage fee (前期物业费) 70 %, share 0.7. `source` names the rule."""

    share: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Statement:
    """The late charge of one charge, line by line: as the contract has it, and beside it what a court is likely to allow.

    `amount` is the charge after the local reduction, on which both are counted.
    """

    amount: Decimal
    agreed: tuple[Segment, ...]
    court_likely: tuple[Segment, ...]

    @property
    def late_charge(self) -> Decimal:
        return sum((line.amount for line in self.agreed), ZERO)

    @property
    def court_likely_late_charge(self) -> Decimal:
        return sum((line.amount for line in self.court_likely), ZERO)


def statement(
    amount: Decimal,
    due_on: date,
    as_of: date,
    rates: Sequence[Rate],
    prime_rates: Iterable[tuple[date, Decimal]],
    payments: Sequence[tuple[date, Decimal]] = (),
    reduction: Reduction | None = None,
) -> Statement:
    """Both computations of one charge up to and including `as_of`; `rates` as agreed, `prime_rates` as published (a share per year).

    `payments` are what was paid of this charge's principal, by day.
    """
    owed = reduced(amount, reduction)
    return Statement(
        owed,
        late_charge_lines(owed, due_on, as_of, rates, payments),
        late_charge_lines(owed, due_on, as_of, court_likely_rates(prime_rates), payments),
    )


def reduced(amount: Decimal, reduction: Reduction | None) -> Decimal:
    """What a charge amounts to under a local reduction: the late charge is counted on that, never on the full fee."""
    return to_fen(amount * reduction.share) if reduction is not None else amount


def instalments(amount: Decimal, count: int) -> tuple[Decimal, ...]:
    """An amount in `count` equal parts, whole fen; what does not divide goes to the first.

    >>> [str(part) for part in instalments(Decimal("100.00"), 3)]
    ['33.34', '33.33', '33.33']
    """
    part = (amount / count).quantize(FEN, rounding=ROUND_DOWN)
    return (amount - part * (count - 1), *[part] * (count - 1))


def to_fen(amount: Decimal) -> Decimal:
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def late_charge_lines(
    amount: Decimal, due_on: date, as_of: date, rates: Sequence[Rate], payments: Iterable[tuple[date, Decimal]] = ()
) -> tuple[Segment, ...]:
    """The statement of one charge: a new line wherever a payment, a new rate or a new contract changes what is charged a day.

    `rates` in order of `since`; the first covers everything before the second, whatever its date. Payments before the day after the due
    date only lower the principal. What changes nothing (a rate published again) makes no line: each line is rounded, so none is made up.
    """
    first_day = due_on + timedelta(days=1)
    if not rates or as_of < first_day:
        return ()
    paid = sorted(payments)
    breaks = {day + timedelta(days=1) for day, _ in paid} | {rate.since for rate in rates[1:]}
    starts = [first_day, *sorted(day for day in breaks if first_day < day <= as_of)]
    changes: list[tuple[date, Decimal, Rate]] = []
    for start in starts:
        principal, rate = _principal(amount, start, paid), _rate(rates, start)
        if not changes or principal != changes[-1][1] or not rate.charges_like(changes[-1][2]):
            changes.append((start, principal, rate))
    ends = [*(start - timedelta(days=1) for start, _, _ in changes[1:]), as_of]
    return tuple(
        _segment(start, end, principal, rate) for (start, principal, rate), end in zip(changes, ends, strict=True) if principal > 0
    )


def payments_by_day(paid: Decimal, dated: Iterable[tuple[date, Decimal]], due_on: date) -> tuple[tuple[date, Decimal], ...]:
    """What was paid of a charge, day by day, so that it comes to `paid`, which the billing system says.

    What nobody dated counts as paid by the due date, and of more than was paid the earliest stands: no more is claimed than can be shown.

    >>> payments_by_day(Decimal(500), [(date(2026, 7, 10), Decimal(300))], date(2026, 5, 31))
    ((datetime.date(2026, 5, 31), Decimal('200')), (datetime.date(2026, 7, 10), Decimal('300')))
    """
    left = paid
    shown = []
    for day, amount in sorted(dated):
        share = min(amount, left)
        if share > 0:
            shown.append((day, share))
        left -= share
    return ((due_on, left), *shown) if left > 0 else tuple(shown)


def court_likely_rates(prime_rates: Iterable[tuple[date, Decimal]]) -> tuple[Rate, ...]:
    """The loan prime rate of each date, a share per year, as the rates a court is likely to allow.

    >>> rates = court_likely_rates([(date(2025, 5, 20), Decimal("0.03"))])
    >>> [line.amount for line in late_charge_lines(Decimal(2400), date(2025, 6, 30), date(2026, 6, 30), rates)]
    [Decimal('93.60')]
    """
    return tuple(Rate(since, yearly, DAYS_OF_A_YEAR).times(COURT_LIKELY_FACTOR) for since, yearly in sorted(prime_rates))


def _principal(amount: Decimal, day: date, paid: Iterable[tuple[date, Decimal]]) -> Decimal:
    return amount - sum((part for paid_on, part in paid if paid_on < day), ZERO)


def _rate(rates: Sequence[Rate], day: date) -> Rate:
    return next((rate for rate in reversed(rates) if rate.since <= day), rates[0])


def _segment(first: date, last: date, principal: Decimal, rate: Rate) -> Segment:
    days = (last - first).days + 1
    return Segment(first, last, principal, rate, to_fen(principal * rate.share * rate.factor * days / rate.days))


def _plain(number: Decimal) -> str:
    """Without trailing zeros and never with an exponent."""
    return f"{number.normalize():f}"


Kind = Literal["costs", "interest", "principal", "late_charge"]


@dataclass(frozen=True, slots=True)
class Owed:
    """One charge as a payment finds it. `burden` is its late-charge rate per day: the heavier burden is paid before the older charge.

    `costs` are those of enforcing it, `interest` what a judgment or an agreement calls so; 违约金 is neither.
    """

    id: str
    due_on: date
    principal: Decimal
    late_charge: Decimal = ZERO
    burden: Decimal = ZERO
    costs: Decimal = ZERO
    interest: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a payment pays of one charge."""

    id: str
    principal: Decimal
    late_charge: Decimal
    costs: Decimal = ZERO
    interest: Decimal = ZERO


def allocate(
    payment: Decimal, owed: Iterable[Owed], paid_on: date, designated: Sequence[str] = (), *, late_charge_first: bool = False
) -> tuple[tuple[Allocation, ...], Decimal]:
    """What the payment pays, and what is left over. Use it only where the billing system says nothing.

    First the charges that the debtor named, in that order (Civil Code 560(1)); then due before undue, the heavier burden, the older; equal
    ones in proportion (560(2)). Costs and interest come before principal (561). The late charge, which 561 does not name, comes after all
    principal, or before it where that was agreed (`late_charge_first`).
    """
    charges = list(owed)
    shares: dict[str, dict[str, Decimal]] = {charge.id: {} for charge in charges}
    left = payment
    for kind, group in _turns(_in_order(charges, paid_on, designated), frozenset(designated), late_charge_first):
        for charge_id, share in _proportional(left, [(charge.id, getattr(charge, kind)) for charge in group]):
            shares[charge_id][kind] = share
            left -= share
    paid = tuple(Allocation(charge_id, **share) for charge_id, share in shares.items() if any(share.values()))
    return paid, left


def _turns(groups: Sequence[list[Owed]], named: frozenset[str], late_charge_first: bool) -> Iterator[tuple[Kind, list[Owed]]]:
    """Each kind of debt of each group in the order of payment. What the debtor named is served whole before the costs of anything else."""
    agreed: tuple[Kind, ...] = ("late_charge",) if late_charge_first else ()
    before: tuple[Kind, ...] = ("costs", "interest", *agreed, "principal")
    theirs = [group for group in groups if group[0].id in named]
    others = [group for group in groups if group[0].id not in named]
    yield from ((kind, group) for group in theirs for kind in before)
    yield from ((kind, group) for kind in before for group in others)
    if not late_charge_first:
        yield from (("late_charge", group) for group in groups)


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
