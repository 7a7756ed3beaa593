"""What a forecast means day by day: contacts, staff hours against capacity, cost, money expected. Made to be shown: see `as_json`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from policies.facts import Channel
from policies.forecast.life import Act, Lived

Task = Literal["call", "visit", "approval"]
"""What takes a person's time. Text messages, automated calls and letters take none."""


@dataclass(frozen=True, slots=True)
class Means:
    """What contacting costs, and what the staff can do.

    `costs`: per contact of a channel, in the community's currency. `minutes`: of one person's time per task. `week`: minutes of all staff
    together on each weekday, Monday first; 0 where nobody works.
    """

    costs: Mapping[Channel, Decimal]
    minutes: Mapping[Task, int]
    week: tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Day:
    """One local day. `minutes`: staff time of the tasks that fall due on it. `backlog`: minutes still undone at its end.

    The backlog is worked off as capacity allows, oldest first. It is shown, not lived: a task done late does not postpone, in the
    forecast, what comes after it. Where it grows, the plan asks for more than the staff can do.
    """

    day: date
    contacts: Mapping[Channel, int]
    approvals: int
    tasks: Mapping[Task, int]
    minutes: int
    capacity: int
    backlog: int
    cost: Decimal
    recovered: Decimal

    def as_json(self) -> dict[str, Any]:
        return {
            "day": self.day.isoformat(),
            "contacts": dict(self.contacts),
            "approvals": self.approvals,
            "tasks": dict(self.tasks),
            "hours": round(self.minutes / 60, 1),
            "capacity_hours": round(self.capacity / 60, 1),
            "backlog_hours": round(self.backlog / 60, 1),
            "cost": str(self.cost),
            "recovered": str(self.recovered),
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """A whole forecast in figures. `saved` and `ran_out`: number and amount of the charges whose court-safe clock was to run out."""

    cases: int
    contacts: Mapping[Channel, int]
    approvals: int
    recovered: Decimal
    saved: tuple[int, Decimal]
    ran_out: tuple[int, Decimal]
    ends: Mapping[str, int]

    def cost(self, means: Means) -> Decimal:
        return _cost(self.contacts, means)

    def as_json(self) -> dict[str, Any]:
        return {
            "cases": self.cases,
            "contacts": dict(self.contacts),
            "approvals": self.approvals,
            "recovered": str(self.recovered),
            "limitation_saved": {"charges": self.saved[0], "amount": str(self.saved[1])},
            "limitation_ran_out": {"charges": self.ran_out[0], "amount": str(self.ran_out[1])},
            "ends": dict(self.ends),
        }


def by_day(lives: Iterable[Lived], means: Means) -> tuple[Day, ...]:
    """Every day from the first on which anything happens to the last, without holes."""
    acts: Counter[Act] = Counter()
    recovered: dict[date, Decimal] = {}
    for life in lives:
        acts.update(life.acts)
        for day, amount in life.paid:
            recovered[day] = recovered.get(day, Decimal(0)) + amount
    contacts: dict[date, Counter[Channel]] = {}
    approvals: Counter[date] = Counter()
    for act, count in sorted(acts.items(), key=_day_and_step):
        if act.kind == "contact" and act.channel is not None:
            contacts.setdefault(act.day, Counter())[act.channel] += count
        else:
            approvals[act.day] += count
    days: list[Day] = []
    for day in _without_holes({*contacts, *approvals, *recovered}):
        backlog = days[-1].backlog if days else 0
        days.append(_day(day, contacts.get(day, Counter()), approvals[day], recovered.get(day, Decimal(0)), backlog, means))
    return tuple(days)


def totals(lives: Iterable[Lived]) -> Totals:
    lives = tuple(lives)
    acts = Counter(act for life in lives for act in life.acts)
    contacts: Counter[Channel] = Counter()
    for act, count in sorted(acts.items(), key=_day_and_step):
        if act.kind == "contact" and act.channel is not None:
            contacts[act.channel] += count
    return Totals(
        cases=len(lives),
        contacts=contacts,
        approvals=sum(count for act, count in acts.items() if act.kind == "approval"),
        recovered=sum((amount for life in lives for _, amount in life.paid), Decimal(0)),
        saved=_number_and_amount(life.saved for life in lives),
        ran_out=_number_and_amount(life.ran_out for life in lives),
        ends=Counter(sorted(life.end for life in lives)),
    )


def _day(day: date, contacts: Counter[Channel], approvals: int, recovered: Decimal, backlog: int, means: Means) -> Day:
    tasks: dict[Task, int] = {"call": contacts["call"], "visit": contacts["visit"], "approval": approvals}
    minutes = sum(count * means.minutes[task] for task, count in tasks.items())
    capacity = means.week[day.weekday()]
    left = max(0, backlog + minutes - capacity)
    return Day(day, contacts, approvals, tasks, minutes, capacity, left, _cost(contacts, means), recovered)


def _cost(contacts: Mapping[Channel, int], means: Means) -> Decimal:
    return sum((means.costs[channel] * count for channel, count in contacts.items()), Decimal(0))


def _number_and_amount(amounts: Iterable[tuple[Decimal, ...]]) -> tuple[int, Decimal]:
    each = [amount for several in amounts for amount in several]
    return len(each), sum(each, Decimal(0))


def _without_holes(days: set[date]) -> list[date]:
    first = min(days, default=None)
    return [first + timedelta(days=ahead) for ahead in range((max(days) - first).days + 1)] if first is not None else []


def _day_and_step(counted: tuple[Act, int]) -> tuple[date, str]:
    return counted[0].day, counted[0].step
