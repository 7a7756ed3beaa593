"""Cases as a company has them in the middle of a campaign: six charges, twenty contacts, at every step of every kind of trouble.

Each is made from its number alone, as the JSON of `xianli decide`. The week is that of 中秋 2026, with a day of silence in it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from policies.facts import CHANNELS, Channel
from policies.sequences import Step
from policies.sequences.standard import SEQUENCE

MONDAY = datetime(2026, 9, 21, tzinfo=UTC)
CHARGES = 6
CONTACTS = 20
MORNING_TO_EVENING = range(60, 13 * 60)
"""Minutes of the UTC day: 09:00 to 21:00 in China."""

ENDINGS: dict[Channel, tuple[str, ...]] = {
    "sms": ("delivered", "delivered", "delivered", "sent", "undelivered"),
    "voice": ("answered", "answered", "machine", "no_answer", "no_answer", "busy"),
    "call": ("conversation", "conversation", "no_answer", "busy"),
    "letter": ("mailed",),
    "visit": ("handed_over", "affixed", "no_answer"),
}
DEMANDING = {step.name for step in SEQUENCE.steps if step.purpose == "demand"}
GRADES = {"delivered": "B", "conversation": "B", "mailed": "A", "handed_over": "A", "affixed": "C"}


def living_case(number: int) -> dict[str, Any]:
    dice = Random(number)
    now = MONDAY + timedelta(days=dice.randrange(7), minutes=_minute_of_day(dice))
    cursor = dice.randrange(len(SEQUENCE.steps))
    contacts = _contacts(dice, now, SEQUENCE.steps[: cursor + 1])
    kind = dice.choices(("running", "old", "paid", "not due"), (88, 7, 3, 2))[0]
    newest = {"old": dice.choice((890, 910, 930)), "not due": -175}.get(kind, dice.randint(*((-20, 60) if cursor < 2 else (20, 200))))
    return {
        "id": f"c{number}",
        "now": now.isoformat(),
        "pack": dice.choice(("cn-property",) * 7 + ("zhejiang", "cn-gbt45251", "article-22")),
        "timezone": dice.choice(("Asia/Shanghai",) * 18 + ("Australia/Sydney", "America/Vancouver")),
        "unit_use": dice.choice(("residential",) * 9 + ("commercial",)),
        "sequence": SEQUENCE.name,
        "cursor": cursor,
        "charges": [_charge(dice, now, newest + 30 * age, () if kind == "old" else contacts, kind == "paid") for age in range(CHARGES)],
        "contacts": contacts,
        "holds": _sometimes(0.08, dice, lambda: {"until": _ahead(dice, now, 20), "reason": "repair"}),
        "promises": _sometimes(
            0.10, dice, lambda: {"on": _ahead(dice, now, 10)[:10], "amount": "400.00", "made_at": (now - timedelta(days=2)).isoformat()}
        ),
        "states": _sometimes(0.04, dice, lambda: dice.choice(("no_contact", "deceased", "represented", "transferred"))),
        "channels": ["visit"] if dice.random() < 0.01 else list(CHANNELS),
        "opted_out": _sometimes(0.05, dice, lambda: dice.choice(("sms", "voice"))),
        "approvals": [{"step": step, "decided": _decided(dice)} for step in ("lawyer-letter", "suit") if dice.random() < 0.6],
        "in_flight": SEQUENCE.steps[cursor].name if dice.random() < 0.05 else None,
        "payments_stale": dice.random() < 0.02,
    }


def _contacts(dice: Random, now: datetime, steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Oldest first: two thirds of them this case's own, through the steps so far; the others about another home of the same debtor."""
    at = now - timedelta(days=dice.choice((1, 2, 4, 8, 12, 16, 24)), minutes=dice.randrange(600))
    contacts = []
    for place in reversed(range(CONTACTS)):
        own = dice.random() < 0.66
        step = steps[place * (len(steps) - 1) // CONTACTS] if own else dice.choice(SEQUENCE.steps[:6])
        channel = dice.choice(step.channels)
        contact = {"at": at.isoformat(), "channel": channel, "outcome": dice.choice(ENDINGS[channel]), "own": own}
        contacts.append({**contact, "step": step.name} if own else contact)
        at -= timedelta(days=dice.randint(2, 14), minutes=dice.randrange(600))
    return contacts[::-1]


def _charge(dice: Random, now: datetime, age: int, contacts: Sequence[dict[str, Any]], paid: bool) -> dict[str, Any]:
    """Demanded by every contact of its case since it fell due that proves something; one in fifty was forgotten in all of them."""
    due_on = (now - timedelta(days=age)).date()
    named = [
        each for each in contacts if each.get("step") in DEMANDING and each["outcome"] in GRADES and each["at"][:10] > due_on.isoformat()
    ]
    if dice.random() < 0.02:
        named = []
    return {
        "id": f"k{age}",
        "unit": "3-1-1201",
        "item": "物业费",
        "period": f"{due_on:%Y-%m}",
        "due_on": due_on.isoformat(),
        "amount": "312.40",
        "paid": "312.40" if paid else dice.choice(("0.00",) * 8 + ("100.00", "312.40")),
        "demands": [
            {"arrived_at": each["at"], "channel": each["channel"], "grade": GRADES[each["outcome"]], "pay_by": None} for each in named
        ],
    }


def _minute_of_day(dice: Random) -> int:
    return dice.choice(MORNING_TO_EVENING) if dice.random() < 0.8 else dice.randrange(24 * 60)


def _decided(dice: Random) -> str:
    return dice.choice(("approved",) * 6 + ("pending", "expired", "refused"))


def _ahead(dice: Random, now: datetime, days: int) -> str:
    return (now + timedelta(days=dice.randint(1, days))).isoformat()


def _sometimes(share: float, dice: Random, make: Any) -> list[Any]:
    return [make()] if dice.random() < share else []


def fresh_case(number: int) -> dict[str, Any]:
    """A case on the day its campaign begins: the same charges, and nobody has been contacted yet."""
    case = living_case(number)
    charges = [{**charge, "demands": []} for charge in case["charges"]]
    return {**case, "cursor": 0, "contacts": [], "approvals": [], "in_flight": None, "payments_stale": False, "charges": charges}
