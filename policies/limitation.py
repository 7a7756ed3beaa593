"""The three-year clock of each charge (Civil Code 188, 194, 195, 201-203; 诉讼时效规定 8-15).

Every item of every billing period is its own debt with its own clock. The clock starts the day after the due date. It starts again the day
after a demand arrived or the debtor paid a part or promised, and the day after proceedings end that began with a filing; an impediment in
its last six months holds its end off until six months after the impediment ended. An event after the end revives nothing. The grace that
article 203 gives when the last day is a holiday is never relied upon.

Two clocks run side by side: the optimistic one hears every event, the court-safe one only what a court will believe.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Literal, NamedTuple

from policies.facts import BELIEVED, AcknowledgementKind, Channel, Charge, Grade, ImpedimentCause, PublicClaimKind
from policies.localtime import local_day

YEARS = 3
LONG_STOP_YEARS = 20
SUSPENSION_MONTHS = 6
FORMAL_DEMAND_BELOW_DAYS = 90
FILE_BELOW_DAYS = 30
ALARM_DAYS = (180, 90, 30)

EventKind = Literal["demand"] | AcknowledgementKind | PublicClaimKind | ImpedimentCause


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that moves a charge's clock, on its local day.

    `until` is the last day on which the clock rests because of it: the day itself for what is over at once, None for what still lasts.
    """

    day: date
    kind: EventKind
    court_safe: bool
    until: date | None
    suspends: bool = False
    channel: Channel | None = None
    grade: Grade | None = None


class Expiry(NamedTuple):
    """The last day to file, counted with any recorded event, and counted only with what a court will believe (grade A or B).

    While proceedings last the clock rests, and the end lies at the long stop of twenty years.
    """

    optimistic: date
    court_safe: date


@dataclass(frozen=True, slots=True)
class Alarm:
    """A charge has exactly `days_left` days left on the local day `on`."""

    days_left: int
    on: date


def expiry(charge: Charge, zone_name: str) -> Expiry:
    """Both clocks of a charge after everything known of it. `zone_name`: whose local days count."""
    moved = events(charge, zone_name)
    optimistic = last_day(charge.due_on, moved)
    believed = [event for event in moved if event.court_safe]
    return Expiry(optimistic, optimistic if len(believed) == len(moved) else last_day(charge.due_on, believed))


def events(charge: Charge, zone_name: str) -> list[Event]:
    """Everything that may move the charge's clock, in the order of days. A demand that has not arrived is not among it."""
    found = []
    for demand in charge.demands:
        if demand.arrived_at is not None:
            day = local_day(demand.arrived_at, zone_name)
            found.append(Event(day, "demand", demand.grade in BELIEVED, day, channel=demand.channel, grade=demand.grade))
    for said in charge.acknowledgements:
        day = local_day(said.at, zone_name)
        found.append(Event(day, said.kind, said.court_safe, day))
    for claim in charge.public_claims:
        day = local_day(claim.at, zone_name)
        over = day if claim.kind == "media_notice" else local_day(claim.ended_at, zone_name) if claim.ended_at is not None else None
        found.append(Event(day, claim.kind, claim.court_safe, over))
    for impediment in charge.impediments:
        found.append(Event(impediment.since, impediment.cause, impediment.court_safe, impediment.until, suspends=True))
    if len(found) > 1:
        found.sort(key=attrgetter("day"))
    return found


def last_day(due_on: date, heard: Sequence[Event]) -> date:
    """The last day to file after these events, in the order of days."""
    end = add_years(due_on, YEARS)
    if not heard:
        return end
    stop = add_years(due_on, LONG_STOP_YEARS)
    for event in heard:
        end = moved_to(end, event, due_on, stop)
    return min(end, stop)


def moved_to(end: date, event: Event, due_on: date, stop: date) -> date:
    """Where an event moves the end of the period to; `stop` is the long stop. No event brings the end nearer."""
    if event.day > end:
        return end
    if event.suspends:
        return _held_off(end, event.until)
    if event.day <= due_on:
        return end
    return max(end, add_years(event.until, YEARS)) if event.until is not None else max(end, stop)


def _held_off(end: date, until: date | None) -> date:
    """Civil Code 194: what lasted into the last six months holds the end off until six months after it ended.

    What still lasts moves nothing yet: it may end before those six months begin, and an end shown too early harms nobody.
    """
    if until is None or until <= add_months(end, -SUSPENSION_MONTHS):
        return end
    return max(end, add_months(until, SUSPENSION_MONTHS))


def days_left(last_day: date, today: date) -> int:
    """0 on the last day itself, negative when the clock has run out."""
    return (last_day - today).days


def alarms(last_day: date, after: date, until: date) -> tuple[Alarm, ...]:
    """The alarms of a charge that fall after one day and no later than another, in order: so no day is missed and none rings twice.

    >>> alarms(date(2026, 11, 30), date(2026, 5, 31), date(2026, 9, 1))
    (Alarm(days_left=180, on=datetime.date(2026, 6, 3)), Alarm(days_left=90, on=datetime.date(2026, 9, 1)))
    """
    rung = (Alarm(days, date.fromordinal(last_day.toordinal() - days)) for days in ALARM_DAYS)
    return tuple(alarm for alarm in rung if after < alarm.on <= until)


def add_years(day: date, years: int) -> date:
    """The same day of the month, or the month's last day where that is missing (Civil Code 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def add_months(day: date, months: int) -> date:
    """As `add_years`, by months; they may be negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
