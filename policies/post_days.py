"""Days on which letters are posted: the batch a letter goes into, and the days on which its way by post is looked at.

Post goes out on working days, make-up workdays (调休) among them. Where a year's notice is not out nobody knows its make-up workdays:
the day is then computed from law and weekday, and said to be a guess.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from policies.calendar import Calendar
from policies.localtime import DAY_MINUTES, closing, local_day

SNAPSHOT_DAYS = (1, 3, 7, 30, 300)
"""Days after posting on which the post's own record of a registered letter is fetched and kept."""
QUERY_ENDS_AFTER_DAYS = 365
"""邮政法 49: the post answers queries for one year from posting."""


@dataclass(frozen=True, slots=True)
class PostDay:
    """A working day and the instant (UTC) at which its batch is closed; `known` is False where its kind is a guess."""

    day: date
    cut_off_at: datetime
    known: bool


def minute_of(cut_off: str) -> int:
    """`16:00` as minutes of the day. Raises ValueError.

    >>> minute_of("16:00")
    960
    """
    hour, _, minute = cut_off.partition(":")
    if not (
        len(hour) == len(minute) == 2
        and cut_off.isascii()
        and (hour + minute).isdecimal()
        and int(minute) < 60
        and int(hour) * 60 < DAY_MINUTES
    ):
        raise ValueError(f"{cut_off!r} is no time of day such as 16:00")
    return int(hour) * 60 + int(minute)


def post_day(calendar: Calendar, cut_off: str, timezone: str, at: datetime) -> PostDay:
    """The day whose batch takes a letter composed at `at`: today's until its cut-off, then the next working day's.

    A letter of the very instant of the cut-off is too late.
    """
    day, minute, known = local_day(at, timezone), minute_of(cut_off), True
    while True:
        kind = calendar.kind(day)
        known = known and kind.known
        closes = closing(day, minute, timezone)
        if kind.worked and at < closes:
            return PostDay(day, closes, known)
        day += timedelta(days=1)


def snapshot_day(age_days: int) -> int | None:
    """Which of SNAPSHOT_DAYS has come last for a letter posted so many days ago; None before the first and after the query ended.

    >>> snapshot_day(0), snapshot_day(5), snapshot_day(400)
    (None, 3, None)
    """
    if age_days > QUERY_ENDS_AFTER_DAYS:
        return None
    return max((day for day in SNAPSHOT_DAYS if day <= age_days), default=None)
