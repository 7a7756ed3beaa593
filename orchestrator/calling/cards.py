"""What somebody has before them when they take up a call: how to hold it, what is owed, what was said before, and whom to ring."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from orchestrator.runtime import Runtime
from orchestrator.store import calls
from orchestrator.store.calls import Background
from orchestrator.wording import Card, Language, render_manner
from policies.localtime import local_day
from policies.rules import Rules
from policies.windows import Place, closes_at, is_open, next_opening

Hindrance = Literal["unusable", "opted_out", "window"]


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the debtor (E.164). `hindrance`: why it may not be rung now; `opens`: when it may, where only its hours are against it.

    `closes` is when its window closes; `timezone` the zone in which it is rung.
    """

    point_id: int
    value: str
    country: str
    timezone: str
    hindrance: Hindrance | None
    opens: datetime | None
    closes: datetime | None


@dataclass(frozen=True, slots=True)
class CallCard:
    """`manner` is how the contact of this ordinal is held."""

    manner: Card
    background: Background
    numbers: tuple[Number, ...]


def card(runtime: Runtime, task: Any, language: Language) -> CallCard:
    """The card of a call task, a row of `pages_work.tasks`."""
    now = runtime.now()
    with runtime.store.begin() as rows:
        known = calls.background(rows, task.id, now, local_day(now, task.timezone))
        found = calls.numbers(rows, task.id, now)
    numbers = tuple(_number(runtime, each, task, now) for each in found)
    return CallCard(render_manner(_manner(known.ordinal), language, known.ordinal), known, numbers)


def window(runtime: Runtime, task: Any) -> tuple[datetime | None, datetime | None]:
    """When a call or visit may next be made (None: now), and when the window open now closes (None: it is not open, or never closes)."""
    if task.kind not in ("call", "visit") or task.pack is None:
        return None, None
    rules, place, now = runtime.packs.rules(task.pack), place_of(task), runtime.now()
    if is_open(rules, task.kind, place, now):
        return None, closes_at(rules, task.kind, place, now)
    return next_opening(rules, task.kind, place, now), None


def place_of(task: Any, timezone: str | None = None) -> Place:
    """Where a task is done; `timezone` is that of the number, where it has one of its own."""
    return Place(timezone or task.timezone, "commercial" if task.commercial else "residential", frozenset(task.site_days))


def _manner(ordinal: int) -> str:
    """The first prepares, the second and third may be warm, later ones keep to the point (points 09, 11, 12, 19)."""
    return "call-first" if ordinal < 2 else "call-warm" if ordinal < 4 else "call-firm"


def _number(runtime: Runtime, point: Any, task: Any, now: datetime) -> Number:
    rules: Rules | None = runtime.packs.rules(task.pack) if task.pack else None
    place = place_of(task, point.timezone)
    outside = rules is not None and not is_open(rules, "call", place, now)
    hindrance: Hindrance | None = "unusable" if point.unusable else "opted_out" if point.opted_out else "window" if outside else None
    return Number(
        point.id,
        runtime.store.vault.open(point.sealed),
        point.country,
        place.timezone,
        hindrance,
        next_opening(rules, "call", place, now) if rules is not None and hindrance == "window" else None,
        closes_at(rules, "call", place, now) if rules is not None else None,
    )
