"""Contact windows: when a debtor may be reached on a channel.

A window is judged by the wall clock of the debtor's own zone; where that is not the pack's home zone, both must be open (letters: home
alone). Days of silence have no window at all, in either zone. Windows open at their first minute and are closed at their last.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from policies.facts import CHANNELS, Channel, SiteDay
from policies.localtime import A_DAY, DAY_MINUTES, closing, local_day, opening
from policies.rules import Hours, Rules

HORIZON_DAYS = 400
"""Zones that share no open minute within a year and a month of days never do: every change of clocks lies inside."""

UnitUse = Literal["residential", "commercial"]
UNIT_USES: tuple[UnitUse, ...] = ("residential", "commercial")
Span = tuple[datetime, datetime]
"""Open from the first instant (UTC) until the second, which is closed."""


class Place(NamedTuple):
    """Whose door or phone: the debtor's zone, the use of the unit, and the community's own days of silence."""

    timezone: str
    unit_use: UnitUse = "residential"
    site_days: frozenset[date] = frozenset()


@lru_cache(maxsize=4096)
def place_of(timezone: str, unit_use: UnitUse, site_days: tuple[SiteDay, ...]) -> Place:
    """The same value each time, so that what is kept by place is found without comparing days."""
    return Place(timezone, unit_use, frozenset(each.day for each in site_days))


def is_open(rules: Rules, channel: Channel, place: Place, at: datetime) -> bool:
    return any(opens <= at < closes for opens, closes in _spans_around(rules, channel, place, at))


def next_opening(rules: Rules, channel: Channel, place: Place, at: datetime) -> datetime | None:
    """The first open instant at or after `at` (UTC); `at` itself if open then; None where the zones never meet."""
    day = local_day(at, _zones(rules, channel, place)[0])
    for _ in range(HORIZON_DAYS):
        for opens, closes in _spans(rules, channel, place, day):
            if at < closes:
                return max(opens, at)
        day += A_DAY
    return None


def closes_at(rules: Rules, channel: Channel, place: Place, at: datetime) -> datetime | None:
    """When the window open at `at` closes (UTC); None if none is open. Windows that touch count as one."""
    end: datetime | None = None
    for opens, closes in _spans_from(rules, channel, place, at):
        if (end is None and opens <= at < closes) or opens == end:
            end = closes
        elif opens > at:
            break
    return end


def is_silent_day(rules: Rules, channel: Channel, place: Place, at: datetime) -> bool:
    """Whether nobody may be contacted on that local date: 除夕, 正月初一 ... as the pack names them, and the site's own days."""
    silent = _silent_days(rules, place)
    return any(local_day(at, zone_name) in silent for zone_name in _zones(rules, channel, place))


def ever_opens(rules: Rules, channel: Channel, place: Place, at: datetime) -> bool:
    """False where home and the debtor's zone never share an open minute: the channel is passed over."""
    return channel in meeting_channels(rules, place, at.year)


@lru_cache(maxsize=4096)
def meeting_channels(rules: Rules, place: Place, year: int) -> frozenset[Channel]:
    """The channels that ever open there, looked for from the beginning of a year."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    return frozenset(
        channel for channel in CHANNELS if len(_zones(rules, channel, place)) == 1 or next_opening(rules, channel, place, start) is not None
    )


def _spans_around(rules: Rules, channel: Channel, place: Place, at: datetime) -> tuple[Span, ...]:
    return _spans(rules, channel, place, local_day(at, _zones(rules, channel, place)[0]))


def _spans_from(rules: Rules, channel: Channel, place: Place, at: datetime) -> Iterator[Span]:
    first = local_day(at, _zones(rules, channel, place)[0])
    for ahead in range(HORIZON_DAYS):
        yield from _spans(rules, channel, place, first + timedelta(days=ahead))


@lru_cache(maxsize=1 << 16)
def _spans(rules: Rules, channel: Channel, place: Place, day: date) -> tuple[Span, ...]:
    """What is open on one local day of the first zone."""
    zones = _zones(rules, channel, place)
    spans = _spans_in(rules, channel, place, day, zones[0])
    if len(zones) == 1:
        return spans
    near = (day + timedelta(days=step) for step in (-1, 0, 1))
    return tuple(_intersection(spans, [span for other in near for span in _spans_in(rules, channel, place, other, zones[1])]))


def _spans_in(rules: Rules, channel: Channel, place: Place, day: date, zone_name: str) -> tuple[Span, ...]:
    if day in _silent_days(rules, place):
        return ()
    spans = ((opening(day, hours.opens, zone_name), closing(day, hours.closes, zone_name)) for hours in _day_hours(rules, channel, place))
    return tuple((opens, closes) for opens, closes in spans if opens < closes)


def _day_hours(rules: Rules, channel: Channel, place: Place) -> Iterator[Hours]:
    """The pack's hours cut at midnight, and for commercial units at the first minute their morning allows."""
    earliest = rules.pack.commercial_from if place.unit_use == "commercial" else 0
    for hours in sorted(_cut_at_midnight(rules.pack.hours[channel]), key=lambda each: each.opens):
        if hours.closes > earliest:
            yield Hours(max(hours.opens, earliest), hours.closes)


def _cut_at_midnight(windows: Iterable[Hours]) -> Iterator[Hours]:
    for window in windows:
        if window.opens < window.closes:
            yield window
        else:
            yield Hours(0, window.closes)
            yield Hours(window.opens, DAY_MINUTES)


def _zones(rules: Rules, channel: Channel, place: Place) -> tuple[str, ...]:
    home = rules.pack.home_zone
    if home is None or home == place.timezone:
        return (place.timezone,)
    if channel == "letter":
        return (home,)
    return (place.timezone, home)


@lru_cache(maxsize=1024)
def _silent_days(rules: Rules, place: Place) -> frozenset[date]:
    return place.site_days.union(*(rules.calendar.named[name] for name in rules.pack.blackout))


def _intersection(ours: Iterable[Span], theirs: Iterable[Span]) -> Iterator[Span]:
    for opens, closes in ours:
        for other_opens, other_closes in theirs:
            start, end = max(opens, other_opens), min(closes, other_closes)
            if start < end:
                yield start, end
