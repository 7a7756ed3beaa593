"""What is claimed of one case, charge by charge to the fen, and why a case cannot be filed yet. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from orchestrator.store import proofs
from orchestrator.store.filing import Suit
from policies.actions import Sentence
from policies.facts import Charge
from policies.gates import lacking
from policies.limitation import days_left, expiry
from policies.localtime import local_day
from policies.money import Statement
from policies.rules import Rules

SUIT = "suit"
ANOTHER_DEFENDANT: Mapping[str, Sentence] = {
    "deceased": Sentence(
        "债务人已故。查明继承人，登记为债务人后再立案。", "the debtor has died. Find the heirs and enter them as debtors first."
    ),
    "incapacity": Sentence(
        "债务人无行为能力。登记其法定代理人，列入诉状后再立案。",
        "the debtor cannot act for themselves. Enter the legal representative, who is named in the complaint.",
    ),
    "insolvent": Sentence(
        "债务人破产。向管理人申报债权，不另行起诉。", "the debtor is insolvent. File the claim with the administrator, not a suit."
    ),
    "wrong_person": Sentence(
        "登记的债务人有误。更正债务人并重新催缴后再立案。",
        "somebody else is on record as the debtor. Mend the debtor and demand anew first.",
    ),
    "transferred": Sentence(
        "房屋已过户。核对各期费用由谁承担，更正被告后再立案。",
        "the home changed hands. Find out who owes which period and mend the defendant first.",
    ),
    "disputed": Sentence(
        "整案有争议，尚未书面答复。书面答复并解除争议后再立案。",
        "the whole case is disputed and has no written answer. Answer in writing and end the dispute first.",
    ),
}
"""Stop states with which a complaint would name the wrong defendant or come too early. No contact bars contact, never the suit."""


@dataclass(frozen=True, slots=True)
class Line:
    """One charge; `late` is its late charge as of the claim's day, the same wherever it is said."""

    charge: Charge
    late: Statement

    @property
    def days(self) -> int:
        """Overdue days up to the claim's day that carry a late charge."""
        return sum(segment.days for segment in self.late.agreed)


@dataclass(frozen=True, slots=True)
class Claim:
    """What is asked for. `left_out` names the charges that are not, each with its reason; it never leaves the house."""

    lines: tuple[Line, ...]
    as_of: date
    left_out: tuple[str, ...]

    @property
    def principal(self) -> Decimal:
        return _sum(line.charge.unpaid for line in self.lines)

    @property
    def late_charge(self) -> Decimal:
        return _sum(line.late.late_charge for line in self.lines)

    @property
    def court_likely(self) -> Decimal:
        return _sum(line.late.court_likely_late_charge for line in self.lines)

    @property
    def total(self) -> Decimal:
        return self.principal + self.late_charge

    def of_items(self) -> dict[str, Decimal]:
        """What is unpaid, by item."""
        items = dict.fromkeys(line.charge.item for line in self.lines)
        return {item: _sum(line.charge.unpaid for line in self.lines if line.charge.item == item) for item in items}


def claim(suit: Suit, now: datetime, prime_rates: Sequence[tuple[date, Decimal]]) -> Claim:
    """The overdue and unpaid charges of the claim set, without those that are disputed or whose clock has run out."""
    zone = suit.terms["timezone"]
    today = local_day(now, zone)
    lines, left_out = [], []
    for each in suit.claimed:
        charge = each.charge
        if charge.unpaid <= 0 or charge.due_on >= today:
            continue
        if why := _left_out(charge, zone, today, now):
            left_out.append(f"{charge.unit} {charge.item} {charge.period} {charge.unpaid}：{why}")
        else:
            rates = prime_rates if suit.terms["country"] == "CN" else ()
            lines.append(Line(charge, proofs.late_charge(charge, suit.terms["late_rate"], each.payments, zone, today, rates)))
    return Claim(tuple(lines), today, tuple(left_out))


def _left_out(charge: Charge, zone: str, today: date, now: datetime) -> str:
    if days_left(expiry(charge, zone).court_safe, today) < 0:
        return "诉讼时效已过，不列入诉请"
    if charge.disputed_until is not None and charge.disputed_until > now:
        return "争议处理中，不列入诉请"
    return ""


def why_not(suit: Suit, claimed: Claim, rules: Rules, now: datetime, payments_max_age: timedelta) -> tuple[Sentence, ...]:
    """What a case lacks before it can be filed: each names the row, the reason and the cure; empty: it is green."""
    found = [of_suit(suit, ANOTHER_DEFENDANT[state]) for state in suit.states if state in ANOTHER_DEFENDANT]
    known = suit.terms["payments_as_of"]
    if known is None or now - known > payments_max_age:
        found.append(of_suit(suit, _OUTDATED))
    if not claimed.lines:
        found.append(of_suit(suit, _NOTHING))
    charges = [line.charge for line in claimed.lines]
    for gate in next((step.gates for step in rules.sequence.steps if step.name == SUIT), ("provable",)):
        for lack in lacking(gate, charges, rules, suit.terms["timezone"], claimed.as_of):
            found.append(Sentence(f"{lack.because.zh}{lack.cure.zh}", f"{lack.because.en} {lack.cure.en}"))
    return tuple(found)


_OUTDATED = Sentence(
    "缴费数据过旧，可能已缴清。先导入最新缴费数据。", "its payments are too old, it may be paid by now. Import the newest payments first."
)
_NOTHING = Sentence(
    "没有可以起诉的欠费。无须立案；如有遗漏，请导入欠费后再生成。",
    "nothing is left to sue for. It needs no filing; where a charge is missing, import it first.",
)


def of_suit(suit: Suit, said: Sentence) -> Sentence:
    """Something said of a whole case, by the homes it is about."""
    homes = dict.fromkeys(each.charge.unit for each in suit.claimed) or {f"{suit.case_id}": None}
    return Sentence(f"{'、'.join(homes)}：{said.zh}", f"{', '.join(homes)}: {said.en}")


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))
