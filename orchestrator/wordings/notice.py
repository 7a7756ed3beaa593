"""Everything a demand must name (Civil Code 944 and domain of evidence: what was not named was not demanded).

Dates are local dates of the debtor's zone; money is Decimal in `currency`, whole fen or cents.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from policies.money import Segment

Purpose = Literal["demand", "bill_notice", "thank_you", "promise_reminder", "withdrawal", "committee", "help", "answer"]
Language = Literal["zh", "en"]

ZERO = Decimal("0.00")


class WordingError(ValueError):
    """Something cannot be said: what lacks or what is wrong, and the cure."""


@dataclass(frozen=True, slots=True)
class Creditor:
    """The company that is owed: as it signs, where it is reached, where the money goes.

    `payee_account` is printed as it stands (holder, bank, account number); `letterhead` is the small print under the name.
    """

    name: str
    phone: str
    address: str
    payee_account: str
    letterhead: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One charge on the notice: one item of one billing period of one unit.

    `period` is its label: a month `2026-06`, a range `2025-02..2025-04`, or any text, which is then printed as it stands.
    `late_charge` runs to the notice's `as_of`; `late_lines` are how it is counted, a line wherever a payment or a rate changed it.
    """

    unit: str
    item: str
    period: str
    due_on: date
    amount: Decimal
    paid: Decimal = ZERO
    late_charge: Decimal = ZERO
    late_lines: tuple[Segment, ...] = ()
    time_barred: bool = False

    @property
    def unpaid(self) -> Decimal:
        return self.amount - self.paid


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of an offered plan: to be paid on that day at the latest."""

    on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one debtor, or to joint debtors, over all their units in one community.

    `reference` names the attempt or case and holds no personal data. `company` says that the debtor is one, for the form of address.
    `law` chooses the legal basis a wording quotes (`cn`: Civil Code 944); a law the wording does not know quotes nothing.
    `counsel` names the law firm of a lawyer letter; without it the draft has a line to write it on.
    `qr_payload` is what the payment code on a letter holds; `pay_url` the link a text message may carry. `envelope` names the envelope that
    letters of this community go into, or its window (see `envelopes`). To a committee, `lines` say which homes and nothing more is said.
    """

    purpose: Purpose
    language: Language
    reference: str
    creditor: Creditor
    community: str
    debtors: tuple[str, ...]
    address: str
    lines: tuple[Line, ...]
    dated: date
    as_of: date
    pay_by: date | None
    how_to_pay: str
    contract_clause: str
    how_to_object: str
    signatory: str
    currency: str = "CNY"
    company: bool = False
    law: str = "cn"
    late_charge_terms: str = ""
    relief: str = ""
    pay_url: str = ""
    qr_payload: str = ""
    envelope: str = "dl"
    instalments: tuple[Instalment, ...] = ()
    opt_out: str = ""
    received: Decimal | None = None
    promised_on: date | None = None
    promised_amount: Decimal | None = None
    withdraws: str = ""
    reason: str = ""
    counsel: str = ""

    def __post_init__(self) -> None:
        for line in self.lines:
            if line.unpaid < 0 or line.late_charge < 0:
                raise WordingError(
                    f"{line.unit} {line.item} {line.period}: more was paid than charged, or the late charge is negative; correct the charge"
                )

    @property
    def enforceable(self) -> tuple[Line, ...]:
        """What may be demanded: unpaid and within its limitation period."""
        return tuple(line for line in self.lines if line.unpaid + line.late_charge > 0 and not line.time_barred)

    @property
    def time_barred(self) -> tuple[Line, ...]:
        """What is set apart and never threatened: unpaid, its court-safe clock has run out."""
        return tuple(line for line in self.lines if line.unpaid > 0 and line.time_barred)

    @property
    def unpaid(self) -> Decimal:
        """Principal demanded; time-barred charges are not in it."""
        return total(line.unpaid for line in self.enforceable)

    @property
    def late_charge(self) -> Decimal:
        return total(line.late_charge for line in self.enforceable)

    def lacking(self) -> tuple[str, ...]:
        """Names of the contents that this purpose makes mandatory and that are empty."""
        mandatory = MANDATORY[self.purpose]
        empty = [name for name in mandatory if not getattr(self, name)]
        if self.purpose == "demand":
            empty += [f"creditor.{name}" for name in ("name", "phone", "address", "payee_account") if not getattr(self.creditor, name)]
        return tuple(empty)


MANDATORY: dict[Purpose, tuple[str, ...]] = {
    "demand": ("reference", "community", "debtors", "lines", "pay_by", "how_to_pay", "contract_clause", "how_to_object", "signatory"),
    "bill_notice": ("reference", "community", "debtors", "lines", "how_to_pay"),
    "thank_you": ("community", "debtors", "lines", "received"),
    "promise_reminder": ("community", "debtors", "lines", "pay_by", "how_to_pay"),
    "help": ("community", "how_to_pay", "how_to_object", "opt_out"),
    "answer": ("community",),
    "withdrawal": ("reference", "community", "debtors", "withdraws", "how_to_object"),
    "committee": ("reference", "community", "debtors", "lines", "signatory"),
}


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
