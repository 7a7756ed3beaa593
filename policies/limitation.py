"""The three-year clock of each charge (Civil Code 188, 195, 201-203; 诉讼时效规定 8-15).

Every item of every billing period is its own debt with its own clock. The clock starts the day after the due date and starts again the day
after a demand arrived, or the debtor paid a part or promised. An event after the end revives nothing. The grace that article 203 gives
when the last day is a holiday is never relied upon.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from policies.facts import Charge
from policies.localtime import local_day

YEARS = 3
LONG_STOP_YEARS = 20
FORMAL_DEMAND_BELOW_DAYS = 90
FILE_BELOW_DAYS = 30
ALARM_DAYS = (180, 90, 30)


@dataclass(frozen=True, slots=True)
class Expiry:
    """The last day to file, counted with any recorded arrival, and counted only with what a court will believe (grade A or B)."""

    optimistic: date
    court_safe: date


def expiry(charge: Charge, zone_name: str) -> Expiry:
    arrived = [(demand.arrived_at, demand.grade in ("A", "B")) for demand in charge.demands if demand.arrived_at is not None]
    acknowledged = [(acknowledgement.at, acknowledgement.court_safe) for acknowledgement in charge.acknowledgements]
    events = arrived + acknowledged
    return Expiry(
        optimistic=_last_day(charge.due_on, (at for at, _ in events), zone_name),
        court_safe=_last_day(charge.due_on, (at for at, safe in events if safe), zone_name),
    )


def days_left(last_day: date, today: date) -> int:
    """0 on the last day itself, negative when the clock has run out."""
    return (last_day - today).days


def _last_day(due_on: date, events: Iterable[datetime], zone_name: str) -> date:
    last_day = add_years(due_on, YEARS)
    for day in sorted(local_day(at, zone_name) for at in events):
        if due_on < day <= last_day:
            last_day = add_years(day, YEARS)
    return min(last_day, add_years(due_on, LONG_STOP_YEARS))


def add_years(day: date, years: int) -> date:
    """The same day of the month, or the month's last day where that is missing (Civil Code 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
