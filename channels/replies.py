"""What a debtor means by a short reply, in Chinese or English. Pure: whoever reads it decides what follows."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

ReplyKind = Literal["stop", "start", "help", "paid", "promise", "dispute", "wrong_person", "question", "other"]


@dataclass(frozen=True, slots=True)
class Reply:
    """`on` is the day a promise names, where it names one that can be read."""

    kind: ReplyKind
    on: date | None = None


_STOP = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "td", "t", "退订", "拒收", "停止", "取消订阅"}
)
_START = frozenset({"start", "unstop", "yes", "恢复订阅", "重新订阅"})
_HELP = frozenset({"help", "info", "帮助"})
"""Whole messages only. The English ones are the words Twilio's default opt-out handling knows."""

_MEANINGS: tuple[tuple[ReplyKind, re.Pattern[str]], ...] = (
    ("stop", re.compile(r"(?:不要|别|停止)再?(?:给我)?发(?:短信|信息|消息)?")),
    ("wrong_person", re.compile(r"wrong (?:person|number)|not me\b|打错|发错|找错|不是我|不是业主|已过户|卖掉了|房子已?卖")),
    ("dispute", re.compile(r"disput|disagree|not correct|wrong amount|异议|争议|不认可|不同意|不合理|算错|金额不对|面积不对|投诉")),
    (
        "promise",
        re.compile(
            r"(?<!not )\b(?:promise|will pay|pay (?:on|by|in|next|tomorrow))\b"
            r"|(?:(?<!不)会|将|再|来|去|一定)[^。，,？?]{0,6}[交缴付]|发了?工资"
        ),
    ),
    (
        "paid",
        re.compile(
            r"(?<!not )(?<!n't )\b(?:already )?paid\b|已经?[^。，,？?不没未]{0,4}[缴交付转]|[缴交付]过了|[缴交付]了|转了|付清|缴清|结清"
        ),
    ),
    ("question", re.compile(r"[?？吗呢]|怎么|如何|什么时候|哪里|多少")),
)
"""In the order they are asked: the more binding reading first, a promise before a payment it speaks of."""

_UNPAID = re.compile(r"(?:没|未|不)[^。，,]{0,3}[缴交付转]|not (?:yet )?paid|haven'?t paid")

_RELATIVE = (("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("今天", 0), ("今日", 0), ("tomorrow", 1), ("today", 0))
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


def understand(body: str, today: date) -> Reply:
    """Read a reply written on `today` (the debtor's local date).

    >>> understand(" ＴＤ ", date(2026, 11, 24)).kind
    'stop'
    >>> understand("12月5日交", date(2026, 11, 24))
    Reply(kind='promise', on=datetime.date(2026, 12, 5))
    """
    text = unicodedata.normalize("NFKC", body).casefold().strip().strip("。.!！~ ")
    if text in _STOP:
        return Reply("stop")
    if text in _START:
        return Reply("start")
    if text in _HELP:
        return Reply("help")
    on = named_day(text, today)
    for kind, pattern in _MEANINGS:
        if pattern.search(text) and not (kind == "paid" and _UNPAID.search(text)):
            return Reply(kind, on if kind == "promise" else None)
    if on is not None and re.search(r"[交缴付转]|\bpay\b", text):
        return Reply("promise", on)
    return Reply("other")


def named_day(text: str, today: date) -> date | None:
    """The day a text names; a day and month without a year lie in the year ahead."""
    if found := re.search(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})", text):
        return _date(*(int(part) for part in found.groups()))
    if found := re.search(r"(\d{1,2})月(\d{1,2})[日号]?|(?<![\d.])(\d{1,2})[-/](\d{1,2})(?![\d.])", text):
        month, day = (int(part) for part in found.groups() if part)
        return _coming(month, day, today)
    if found := re.search(r"(?:in )?(\d{1,2}|[一两二三四五六七八九十]) ?(?:天|日|days?)(?:之?后|以?内)?", text):
        return today + timedelta(days=_number(found[1]))
    if found := re.search(r"(下下?)?(?:周|星期|礼拜)([一二三四五六日天])", text):
        monday = today - timedelta(days=today.weekday())
        named = monday + timedelta(weeks=len(found[1] or ""), days=_WEEKDAYS[found[2]])
        return named if named >= today else named + timedelta(weeks=1)
    if found := re.search(r"(\d{1,2})[号日]", text):
        return _coming_day(int(found[1]), today)
    for word, days in _RELATIVE:
        if word in text:
            return today + timedelta(days=days)
    if re.search(r"下(?:个)?(?:周|星期|礼拜)|next week|一(?:个)?(?:周|星期)(?:之?后|以?内)", text):
        return today + timedelta(weeks=1)
    return None


def _number(word: str) -> int:
    return _DIGITS[word] if word in _DIGITS else int(word)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _coming(month: int, day: int, today: date) -> date | None:
    named = _date(today.year, month, day)
    return named if named is None or named >= today else _date(today.year + 1, month, day)


def _coming_day(day: int, today: date) -> date | None:
    named = _date(today.year, today.month, day)
    if named is not None and named >= today:
        return named
    year, month = (today.year + 1, 1) if today.month == 12 else (today.year, today.month + 1)
    return _date(year, month, day)
