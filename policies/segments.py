"""Which sequence a debtor is worked by: the first segment that fits, read from the top, and why.

A reason code is what a member of staff understood to be the cause of non-payment (point 13 of the craft, 找痛点); the other traits are read
from the ledger. Nothing else is known of a debtor here, and nothing else may be: no profiling (PIPL 24).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from policies.actions import Sentence
from policies.sequences import Sequence

ReasonCode = Literal["service", "vacancy", "dispute", "cash", "ownership_change", "unreachable", "refuses", "developer"]
REASON_CODES: tuple[ReasonCode, ...] = (
    "service",
    "vacancy",
    "dispute",
    "cash",
    "ownership_change",
    "unreachable",
    "refuses",
    "developer",
)

CHRONIC_FROM = 2
"""Broken promises that make courtesy shorter (this project's own policy, as the two numbers below)."""
REMEMBERED_DAYS = 365
"""An older promise is forgotten."""
KEPT_WITHIN_DAYS = 3
"""Less than was promised by so many days after the promised one, and what was overdue then is still owed: the promise is broken."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What the choice depends on: the reason code, if any; whether every unit is commercial; whether the debtor still owns one of them;
    promises broken within the last year."""

    reason: ReasonCode | None = None
    commercial: bool = False
    sold: bool = False
    broken_promises: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """Debtors of one kind, the sequence they are worked by, and the sentence that explains it."""

    name: str
    sequence: str
    fits: Callable[[Traits], bool]
    because: Sentence


@dataclass(frozen=True, slots=True)
class Choice:
    """A sequence, and the segment that chose it; none where the community's own sequence stands."""

    sequence: str
    segment: str | None


def choose(traits: Traits, standard: str) -> Choice:
    """The sequence for these traits; `standard` is the community's own, where nothing special is known."""
    for segment in SEGMENTS:
        if segment.fits(traits):
            return Choice(segment.sequence, segment.name)
    return Choice(standard, None)


def place_in(sequence: Sequence, done: Collection[str]) -> int:
    """Where a case goes on that is moved to this sequence: at its first step that the case does not have behind it."""
    return next((place for place, step in enumerate(sequence.steps) if step.name not in done), len(sequence.steps))


def _reason(*codes: ReasonCode) -> Callable[[Traits], bool]:
    return lambda traits: traits.reason in codes


SEGMENTS: tuple[Segment, ...] = (
    Segment(
        "developer",
        "developer-units",
        _reason("developer"),
        Sentence(
            "未售或未交付房屋，由建设单位缴费：每月寄一份对账单。",
            "Unsold or undelivered units: the developer pays, one statement a month.",
        ),
    ),
    Segment(
        "sold",
        "ownership-change",
        lambda traits: traits.sold or traits.reason == "ownership_change",
        Sentence("房屋已过户：原业主仍欠过户前的费用，只用信函与电话。", "The unit was sold: its old owner is asked by post and phone."),
    ),
    Segment(
        "service",
        "service-dispute",
        _reason("service", "dispute"),
        Sentence(
            "因服务或账目有异议未缴：先解决、书面答复，再催告。",
            "Withheld over service or the account: mend and answer first, then demand.",
        ),
    ),
    Segment(
        "cash",
        "hardship",
        _reason("cash"),
        Sentence("一时困难：先商量分期。", "Cannot pay at once: a plan is offered first."),
    ),
    Segment(
        "vacancy",
        "absent-owner",
        _reason("vacancy"),
        Sentence(
            "房屋空置，业主在外：不上门，信函寄合同地址，给三十天。",
            "Lives elsewhere: no visit, post to the contract address, thirty days.",
        ),
    ),
    Segment(
        "broken-promises",
        "chronic",
        lambda traits: traits.broken_promises >= CHRONIC_FROM,
        Sentence("一年内两次以上承诺未兑现：间隔缩短。", "Two promises or more were broken within a year: shorter gaps."),
    ),
    Segment(
        "commercial",
        "commercial",
        lambda traits: traits.commercial,
        Sentence("商铺或办公用房：营业时间内联系，信函交收发处。", "Shops and offices: in business hours, letters to the mail desk."),
    ),
)

BECAUSE: dict[str, Sentence] = {segment.name: segment.because for segment in SEGMENTS}
