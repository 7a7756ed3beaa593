"""Local days and times of a zone as instants, with the nights on which clocks change decided one by one.

* A wall time that a change skips stands for the first instant after the gap, for opening and closing alike.
* A wall time that a change repeats opens at its second pass and closes at its first: in doubt we are silent.
* A local day begins at its first instant, whatever the clock then shows; a day that a zone left out begins where the next one does.

Everything returned is UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import pendulum
from pendulum.tz.exceptions import InvalidTimezone

DAY_MINUTES = 24 * 60
A_DAY = timedelta(days=1)


class UnknownZone(ValueError):
    """No such time zone in the IANA database."""


@lru_cache(maxsize=1024)
def zone(name: str) -> pendulum.Timezone:
    """The zone of that IANA name. Raises UnknownZone."""
    try:
        return pendulum.timezone(name)
    except (InvalidTimezone, ValueError, OSError) as wrong:
        raise UnknownZone(f"unknown time zone {name!r}: use an IANA name such as Asia/Shanghai") from wrong


def local_day(at: datetime, zone_name: str) -> date:
    return at.astimezone(zone(zone_name)).date()


@lru_cache(maxsize=1 << 16)
def midnight(day: date, zone_name: str) -> datetime:
    """The first instant of a local day."""
    return _instant(day, 0, zone_name, fold=0)


@lru_cache(maxsize=1 << 16)
def midnight_after(day: date, days: int, zone_name: str) -> datetime:
    """The first instant of the `days`-th local day after `day`."""
    return midnight(day + timedelta(days=days), zone_name)


@lru_cache(maxsize=1 << 16)
def opening(day: date, minute: int, zone_name: str) -> datetime:
    """When a window that opens at this minute of the local day opens. Minute 1440 is the end of the day."""
    return _instant(day, minute, zone_name, fold=1)


@lru_cache(maxsize=1 << 16)
def closing(day: date, minute: int, zone_name: str) -> datetime:
    """When a window that closes at this minute of the local day closes. Minute 1440 is the end of the day."""
    return _instant(day, minute, zone_name, fold=0)


def _instant(day: date, minute: int, zone_name: str, fold: int) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    where = zone(zone_name)
    at = wall.replace(tzinfo=where, fold=fold).astimezone(UTC)
    if at.astimezone(where).replace(tzinfo=None) == wall:
        return at
    return _end_of_gap(wall, where)


def _end_of_gap(wall: datetime, where: pendulum.Timezone) -> datetime:
    """The first instant whose wall clock shows `wall` or later, where no instant shows it."""
    before = wall.replace(tzinfo=where, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(where).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
