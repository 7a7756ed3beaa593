"""The day that a short text names, in Chinese or English. Pure: a text of lower case, simplified characters and narrow digits comes in."""

import re
from collections.abc import Callable
from datetime import date, timedelta

_WEEKDAYS_ZH = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_EN = r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_EN = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_COUNTS_EN = ("a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNT_EN = rf"(\d{{1,2}}|{'|'.join(_COUNTS_EN)})"
_DIGITS_ZH = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER_ZH = re.compile(
    r"(?<![周期拜])([一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])(?=个?(?:[月号日天周]|星期|礼拜))"
)

_RELATIVE = (
    ("day after tomorrow", 2),
    ("大后天", 3),
    ("后天", 2),
    ("明天", 1),
    ("明日", 1),
    ("明早", 1),
    ("明晚", 1),
    ("今天", 0),
    ("今日", 0),
    ("今晚", 0),
    ("tomorrow", 1),
    ("tonight", 0),
    ("today", 0),
)
_FIRST_TENTH, _SECOND_TENTH = 10, 20
"""月初 and 上旬 end on the 10th of the month, 月中 and 中旬 on the 20th."""


def named_day(text: str, today: date) -> date | None:
    """The day a text names, None where it names none that exists.

    A day and month without a year are the nearest such day. Of a stretch (this month, in a week) the last day counts: only its end is
    certain. The first way of writing that fits decides.
    """
    text = _NUMBER_ZH.sub(lambda found: str(_number_zh(found[0])), text)
    for pattern, read in _WAYS:
        if found := pattern.search(text):
            return read(found, today)
    return None


def _full(found: re.Match[str], today: date) -> date | None:
    year, month, day = (int(part) for part in found.groups() if part)
    return _date(year if year > 99 else 2000 + year, month, day)


def _next_year(found: re.Match[str], today: date) -> date | None:
    return _date(today.year + 1, int(found[1]), int(found[2]))


def _year_last(found: re.Match[str], today: date) -> date | None:
    """5/12/2026 is read both ways: of two days that exist, the next to come."""
    first, second, year = (int(part) for part in found.groups())
    return _nearest([_date(year, first, second), _date(year, second, first)], today)


def _month_first(found: re.Match[str], today: date) -> date | None:
    month, day = (int(part) for part in found.groups() if part)
    return _around(month, day, today)


def _slashed(found: re.Match[str], today: date) -> date | None:
    """In Chinese the month comes first; elsewhere nobody knows, and the next of the two days is meant."""
    first, second = int(found[1]), int(found[2])
    month_first, day_first = _around(first, second, today), _around(second, first, today)
    if month_first is not None and re.search(r"[\u4e00-\u9fff]", found.string):
        return month_first
    return _nearest([month_first, day_first], today)


def _month_named(found: re.Match[str], today: date) -> date | None:
    month, day, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
    number = _MONTHS_EN.index(month[:3]) + 1
    return _date(int(year), number, int(day)) if year else _around(number, int(day), today)


def _day_of_month_on(found: re.Match[str], today: date) -> date | None:
    """下月28号: the month is said, however early its day."""
    end = _end(today, found[1].count("下"))
    return _date(end.year, end.month, int(found[2]))


def _month_part(found: re.Match[str], today: date) -> date | None:
    months = (int(found[1]) - today.month) % 12 if found[1] and found[1].isdecimal() else (found[1] or "").count("下")
    if found[1] and found[1].isdecimal() and not 1 <= int(found[1]) <= 12:
        return None
    return _end(today, months, found[2] or "")


def _days_on(found: re.Match[str], today: date) -> date | None:
    count = next(part for part in found.groups() if part)
    return today + timedelta(days=_number(count))


def _weeks_on(found: re.Match[str], today: date) -> date | None:
    return today + timedelta(weeks=_number(next((part for part in found.groups() if part), "1")))


def _weekday_zh(found: re.Match[str], today: date) -> date | None:
    return _weekday(_WEEKDAYS_ZH[found[2]], len(found[1] or ""), today)


def _weekday_en(found: re.Match[str], today: date) -> date | None:
    return _weekday(_WEEKDAYS_EN.index(found[2][:3]), 1 if found[1] else 0, today)


def _day_only(found: re.Match[str], today: date) -> date | None:
    day = int(next(part for part in found.groups() if part))
    end = _end(today, 0 if day >= today.day else 1)
    return _date(end.year, end.month, day)


def _said(days: int) -> Callable[[re.Match[str], date], date | None]:
    return lambda found, today: today + timedelta(days=days)


def _year_end(found: re.Match[str], today: date) -> date | None:
    return date(today.year, 12, 31)


def _month_end_en(found: re.Match[str], today: date) -> date | None:
    return _end(today, 1 if "next" in found[0] else 0)


def _weekend(found: re.Match[str], today: date) -> date | None:
    return _weekday(6, 1 if "下" in found[0] or "next" in found[0] else 0, today)


_Reading = Callable[[re.Match[str], date], date | None]
_WAYS: tuple[tuple[re.Pattern[str], _Reading], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(?<!\d)(\d{4}|\d{2}(?=年))[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})(?!\d)", _full),
        (r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?!\d)", _full),
        (r"明年(\d{1,2})月(\d{1,2})", _next_year),
        (r"(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.](20\d\d)(?!\d)", _year_last),
        (r"(?<!\d)(\d{1,2})月(\d{1,2})(?!\d)", _month_first),
        (r"(?<![\d.\-/])(\d{1,2})[-/](\d{1,2})(?![\d.\-/])", _slashed),
        (r"(?<![\d.\-/])(\d{1,2})\.(\d{1,2})(?=[日号前之交缴付转]|$)", _month_first),
        (
            rf"\b{_MONTH_EN}\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (20\d\d)\b)?"
            rf"|\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH_EN}\b\.?(?:,? (20\d\d)\b)?",
            _month_named,
        ),
        (r"((?:下下?个?|本|这个?)月) ?(\d{1,2})[号日]?", _day_of_month_on),
        (
            r"(\d{1,2}|下下?个?|本|这个?)月(?:份)?(初|上旬|中旬?|下旬|底|末)?(?:之?[前内])?(?:会|再|来|去|一定)?(?=[交缴付转])(?!.[的了过])",
            _month_part,
        ),
        (r"(\d{1,2}) ?(?:天|日)(?:之?后|之?以?内)|(\d{1,2})天", _days_on),
        (rf"\b{_COUNT_EN} days?\b", _days_on),
        (rf"\b(?:in|within) {_COUNT_EN} weeks?\b", _weeks_on),
        (r"(下下?)?(?:个)?(?:周|星期|礼拜)([一二三四五六日天])", _weekday_zh),
        (r"(?<!\d)(\d{1,2})[号日]|\b(?:the |on |by )(\d{1,2})(?:st|nd|rd|th)\b", _day_only),
        *((re.escape(word), _said(days)) for word, days in _RELATIVE),
        (rf"\b(next )?{_WEEKDAY_EN}\b", _weekday_en),
        (r"(下下?个?|本|这个?)?月(初|上旬|中旬?|下旬|底|末)|(?:下下?个?|本|这个?)月", _month_part),
        (r"年底|\bend of (?:the |this )?year\b", _year_end),
        (r"\b(?:next )?month[- ]?end\b|\bend of (?:the |this |next )?month\b|\bnext month\b|\beom\b", _month_end_en),
        (r"下?个?周末|\b(?:next )?weekend\b", _weekend),
        (r"(\d{1,2})个?(?:周|星期|礼拜)(?:之?后|之?以?内)|下个?(?:周|星期|礼拜)|\bnext week\b", _weeks_on),
    )
)


def _weekday(day: int, weeks_on: int, today: date) -> date:
    """The weekday of this calendar week or of one to come; the next one where it is over."""
    named = today + timedelta(weeks=weeks_on, days=day - today.weekday())
    return named if named >= today else named + timedelta(weeks=1)


def _end(today: date, months: int, part: str = "") -> date:
    """The last day of the month so many months on, or of that part of it."""
    years, month = divmod(today.month + months, 12)
    last = date(today.year + years, month + 1, 1) - timedelta(days=1)
    if part.startswith(("初", "上")):
        return last.replace(day=_FIRST_TENTH)
    return last.replace(day=_SECOND_TENTH) if part.startswith("中") else last


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else max(_COUNTS_EN.index(word), 1)


def _number_zh(word: str) -> int:
    tens, ten, ones = word.rpartition("十")
    return (_DIGITS_ZH.get(tens, 1) * 10 if ten else 0) + _DIGITS_ZH.get(ones, 0)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _around(month: int, day: int, today: date) -> date | None:
    """The nearest such day, past or to come: nobody writes of one that is more than half a year away without its year."""
    years = [_date(today.year + years, month, day) for years in (-1, 0, 1)]
    return min((named for named in years if named is not None), key=lambda named: abs(named - today), default=None)


def _nearest(days: list[date | None], today: date) -> date | None:
    """The next to come; where all are past, the last that was."""
    known = [day for day in days if day is not None]
    return min((day for day in known if day >= today), default=max(known, default=None))
