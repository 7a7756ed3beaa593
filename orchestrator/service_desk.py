"""When the people of a community's service desk take calls: `09:00-18:00` on its own clock, every day of the week."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


def is_staffed(hours: str, timezone: str, now: datetime) -> bool:
    """Whether a call put through at `now` (aware) is answered by somebody; where no hours are set, nobody is there.

    >>> is_staffed("09:00-18:00", "Asia/Shanghai", datetime.fromisoformat("2026-11-24T18:00:00+08:00"))
    False
    """
    if not hours:
        return False
    opens, closes = _read(hours)
    return opens <= now.astimezone(ZoneInfo(timezone)).time() < closes


def check(hours: str | None = None, number: str | None = None) -> None:
    """Raises ValueError, with the cure; an empty text is none."""
    if hours:
        opens, closes = _read(hours)
        if opens >= closes:
            raise ValueError(f"service hours {hours} end before they begin: write them as 09:00-18:00")
    if number and not _NUMBER.fullmatch(number):
        raise ValueError(f"service number {number} is no number that can be dialled: write it as +8657180000000")


def _read(hours: str) -> tuple[time, time]:
    said = _HOURS.fullmatch(hours)
    try:
        assert said is not None
        opens, closes = (time.fromisoformat(each) for each in said.groups())
    except (AssertionError, ValueError):
        raise ValueError(f"service hours {hours} are not two times of day: write them as 09:00-18:00") from None
    return opens, closes
