"""What kind of day a date is: public holidays, make-up workdays, lunar days and solar terms.

The tables come in as values (`policies/calendars/*.toml`, each year with its source). A year that is not published yet still has its
statutory and lunar days, but nobody knows its make-up workdays: then `DayKind.known` is False, and whoever counts working days must say so.
A holiday is not a day of silence: people are called on most of them. Days of silence are named by the rule pack.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

SATURDAY = 5
NEXT_YEAR_IS_PUBLISHED = (11, 1)
"""From this month and day on, next year's notice is out or about to be: those for 2024 to 2026 came between 25 October and 12 November."""


@dataclass(frozen=True, slots=True)
class PublishedYear:
    """One year's official notices: the days off (weekends inside them too) and the weekend days worked instead (调休)."""

    sources: tuple[str, ...]
    holidays: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True, slots=True)
class DayKind:
    """`known` is False where the year's official notice is not out: the kind is then computed from law and weekday alone."""

    kind: Literal["workday", "weekend", "holiday", "makeup_workday"]
    known: bool

    @property
    def worked(self) -> bool:
        return self.kind in ("workday", "makeup_workday")


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """One country's days.

    `named` gives the dates of a named day (正月初一, 清明, 元旦 ...) for each of `years`; `statutory` names those that are public holidays
    by law in years without a notice. `makes_up` says that the country moves weekends about, so that a year is unknown until its notice is
    out. `digests` has one entry per published year; other years answer with `digest`, the version of the computed days.
    """

    name: str
    digest: str
    years: range
    makes_up: bool
    published: Mapping[int, PublishedYear]
    named: Mapping[str, frozenset[date]]
    statutory: frozenset[str]
    digests: Mapping[int, str]

    def version(self, year: int) -> str:
        """`cn-2026@digest`: what a decision of that year was taken under."""
        return f"{self.name}-{year}@{self.digests.get(year, self.digest)}"

    def is_known(self, year: int) -> bool:
        """Whether every day's kind is certain: the notice is out, or the country has no make-up workdays."""
        return year in self.published or (not self.makes_up and year in self.years)

    def kind(self, day: date) -> DayKind:
        published = self.published.get(day.year)
        if published is not None:
            if day in published.workdays:
                return DayKind("makeup_workday", known=True)
            if day in published.holidays:
                return DayKind("holiday", known=True)
        elif any(day in self.named[name] for name in self.statutory):
            return DayKind("holiday", known=True)
        weekend = day.weekday() >= SATURDAY
        return DayKind("weekend" if weekend else "workday", known=self.is_known(day.year))

    def names(self, day: date) -> tuple[str, ...]:
        return tuple(name for name, days in self.named.items() if day in days)


@lru_cache(maxsize=1 << 14)
def working_days_after(calendar: Calendar, day: date, count: int) -> tuple[date, tuple[int, ...]]:
    """The `count`-th working day after `day` (that day itself never counts), and the years on the way whose working days are a guess."""
    unknown: dict[int, None] = {}
    while count > 0:
        day += timedelta(days=1)
        kind = calendar.kind(day)
        if not kind.known:
            unknown[day.year] = None
        count -= kind.worked
    return day, tuple(unknown)


def unpublished(calendar: Calendar, today: date) -> tuple[int, ...]:
    """The years whose holiday table is missed on that day: this year's, and from November on the next one's."""
    years = [today.year]
    if (today.month, today.day) >= NEXT_YEAR_IS_PUBLISHED:
        years.append(today.year + 1)
    return tuple(year for year in years if not calendar.is_known(year))
