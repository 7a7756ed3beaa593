"""Situations made up from one number each: for what must hold whatever the facts are. Some can hardly act, some are ready to."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import get_args

from situations import PACKS

from policies.facts import (
    CHANNELS,
    Approval,
    ApprovalState,
    CaseFacts,
    Charge,
    Contact,
    Demand,
    Hold,
    Outcome,
    Promise,
    SiteDay,
    StopState,
)

ZONES = ("Asia/Shanghai",) * 4 + ("Asia/Urumqi", "Australia/Lord_Howe", "Europe/London", "America/New_York", "Pacific/Auckland")
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
STATES: tuple[StopState, ...] = get_args(StopState)
SEQUENCES = ("standard", "commercial", "absent-owner", "chronic", "developer-units")
PACK_NAMES = ("cn-property", "us-regf", "article-22")
START = datetime(2026, 9, 21, tzinfo=UTC)
DAYTIME = range(2 * 60, 12 * 60)
"""Minutes of the UTC day: 10:00 to 20:00 in China."""


@dataclass(frozen=True)
class Situation:
    """Facts, a pack and an instant of the week of 中秋 2026, all from one number: most can act, a few of each kind cannot."""

    facts: CaseFacts
    pack: str
    now: datetime


def any_situation(number: int) -> Situation:
    dice = Random(number)
    now = START + timedelta(minutes=dice.randrange(7 * 24 * 60))
    sequence = dice.choice(SEQUENCES)
    steps = PACKS.sequence(sequence).steps
    facts = CaseFacts(
        id=str(number),
        timezone=dice.choice(ZONES),
        unit_use=dice.choice(("residential", "residential", "commercial")),
        sequence=sequence,
        cursor=dice.randrange(len(steps) + 1),
        charges=tuple(any_charge(dice, name, now) for name in "abc"[: dice.randint(1, 3)]),
        claim_set=dice.choice((None, None, ("a",), ("a", "b"), ())),
        channels=dice.choice((CHANNELS, CHANNELS, CHANNELS, tuple(dice.sample(CHANNELS, 3)))),
        contacts=tuple(any_contact(dice, now, [step.name for step in steps]) for _ in range(dice.choice((0, 0, 1, 2, 4, 6)))),
        holds=one_in(8, dice, lambda: Hold(around(dice, now), "repair")),
        promises=one_in(8, dice, lambda: Promise(around(dice, now).date(), Decimal(1), now - timedelta(days=dice.randint(0, 9)))),
        states=one_in(12, dice, lambda: dice.choice(STATES)),
        opted_out=one_in(6, dice, lambda: dice.choice(CHANNELS)),
        approvals=tuple(Approval(step, dice.choice(get_args(ApprovalState))) for step in ("lawyer-letter", "suit") if dice.random() < 0.7),
        in_flight=dice.choice((*(None,) * 9, "visit")),
        site_days=one_in(6, dice, lambda: SiteDay(now.date() + timedelta(days=dice.randint(-1, 2)))),
        payments_stale=dice.randrange(20) == 0,
    )
    return Situation(facts, dice.choice(PACK_NAMES), now)


def ready_situation(number: int) -> Situation:
    """Nothing stands in the way but time: no hold, promise, state or attempt; old charges, mostly demanded long ago; quiet for a week."""
    dice = Random(number)
    made_up = any_situation(number)
    now = made_up.now.replace(hour=0, minute=0) + timedelta(minutes=dice.choice(DAYTIME))
    facts = replace(
        made_up.facts,
        charges=tuple(old_charge(dice, charge, now) for charge in made_up.facts.charges),
        contacts=tuple(replace(contact, at=contact.at - timedelta(days=dice.choice((0, 5, 10, 20)))) for contact in made_up.facts.contacts),
        channels=CHANNELS,
        holds=(),
        promises=(),
        states=(),
        in_flight=None,
        payments_stale=False,
        approvals=tuple(Approval(step, dice.choice(("approved",) * 7 + ("pending",))) for step in ("lawyer-letter", "suit")),
    )
    return Situation(facts, made_up.pack, now)


def old_charge(dice, charge, now):
    kind = dice.choice(("demanded",) * 7 + ("lately", "never"))
    age = {"demanded": (20, 110), "lately": (0, 40)}.get(kind)
    demands = (
        tuple(Demand(dice.choice(("letter", "visit", "sms")), dice.choice("AAB"), now - timedelta(days=dice.randint(*age))) for _ in "12")
        if age
        else ()
    )
    return replace(charge, due_on=now.date() - timedelta(days=dice.randint(130, 400)), demands=demands, disputed_until=None)


def any_charge(dice, name, now):
    age = dice.choice((dice.randint(-30, 60), dice.randint(60, 400), dice.randint(1000, 1100)))
    return Charge(
        id=name,
        unit="3-1-1201",
        item="物业费",
        period=dice.choice(("2026-01", "2026-02", "2026-03")),
        due_on=now.date() - timedelta(days=age),
        amount=Decimal(dice.choice((400, 700, 1500))),
        paid=Decimal(dice.choice((0, 0, 0, 0, 400))),
        demands=tuple(any_demand(dice, now) for _ in range(dice.choice((0, 1, 1, 2)))),
        disputed_until=dice.choice((*(None,) * 9, around(dice, now))),
    )


def any_demand(dice, now):
    arrived = dice.choice((None, now - timedelta(days=dice.randint(1, 90)), now - timedelta(days=dice.randint(30, 400))))
    pay_by = dice.choice((None, now.date() - timedelta(days=dice.randint(-20, 20))))
    return Demand(dice.choice(CHANNELS), dice.choice("AABBC0"), arrived, pay_by)


def any_contact(dice, now, steps):
    before = timedelta(minutes=dice.choice((dice.randrange(3 * 24 * 60), dice.randrange(40 * 24 * 60))))
    return Contact(now - before, dice.choice(CHANNELS), dice.choice(OUTCOMES), dice.choice((None, *steps)), dice.random() < 0.6)


def around(dice, now):
    return now + timedelta(hours=dice.randint(-100, 300))


def one_in(chances, dice, make):
    return (make(),) if dice.randrange(chances) == 0 else ()
