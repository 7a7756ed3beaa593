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
_HELP = frozenset({"help", "info", "帮助", "客服", "人工", "转人工"})
"""Whole messages only, however they are spaced. The English ones are the words Twilio's default opt-out handling knows."""

_MEANINGS: tuple[tuple[ReplyKind, re.Pattern[str]], ...] = (
    (
        "stop",
        re.compile(
            r"(?:不要|不用|别|停止|勿|不准|不许)再?(?:给我|跟我|和我)?再?(?:发(?=短信|信息|消息|送|来|了|$|[，。,])|联系|骚扰|打扰)"
            r"|\bstop (?:text|messag|contact|send|bother|harass)|(?:do not|don't|no more|never) (?:text|messag|contact)"
            r"|\b(?:remove me|take me off|opt(?:ing)?[ -]?(?:me )?out|unsubscribe me)\b"
        ),
    ),
    (
        "wrong_person",
        re.compile(
            r"wrong (?:person|number)|not me\b|not the owner|sold (?:the|my|this) (?:house|home|flat|apartment|unit)"
            r"|打错|发错|找错|搞错人|不是我(?:本人|的房|的家|家|$|[，。,!！])|不是业主|已过户|卖掉了|房子已?卖"
        ),
    ),
    (
        "dispute",
        re.compile(
            r"disput|disagree|not correct|wrong amount|do(?:n't| not) owe"
            r"|异议|争议|不认可|不同意|不合理|算错|搞错|弄错|多收|乱收|重复收|[不没]欠|金额不对|面积不对|投诉"
        ),
    ),
    (
        "question",
        re.compile(
            r"不(?:会|想|愿意?|能|肯|打算|准备|去|来)?(?:再|去|来)*[交缴付]|[交缴付]不[了起]|拒绝?[交缴付]|凭什么"
            r"|以后[再才]|明年|春节|过年|年后|节后|元旦"
            r"|(?:修|处理|解决)[^。,，]{0,4}[就再才][^。,，]{0,2}[交缴付]|服务[^。，,]{0,3}差|漏水|没修"
            r"|(?:won't|will not|not going to|never|refuse to|can't|cannot|unable to) (?:ever )?pay|pay nothing"
            r"|\b(?:if|once|when|until) (?:you|it)\b"
        ),
    ),
    (
        "promise",
        re.compile(
            r"(?<!not )\b(?:promise|(?:will|'ll) pay|pay (?:on|by|in|next|tomorrow))\b"
            r"|(?:(?<!不)会|将|再|来|去|一定)[^。，,？?]{0,6}[交缴付]|发了?工资"
            r"|(?:(?<!天)前|内|月底|年底|周末|下个?月)[^。，,？?不没未已]{0,4}[交缴付](?!(?:清|完|齐)?[了过])"
        ),
    ),
    (
        "paid",
        re.compile(
            r"(?<!not )(?<!n't )(?<!be )\b(?:already )?(?:paid|settled|transferred)\b|payment (?:sent|made|done)"
            r"|已经?[^。，,？?不没未]{0,4}[缴交付转]|[缴交付][^。，,不没未]{0,2}过了?|[缴交付]了|[交缴付]的(?:$|[，。,])|转了|付清|缴清|结清"
            r"|(?:缴费|付款|支付|转账)成功"
        ),
    ),
    ("question", re.compile(r"[?？吗呢]|怎么|如何|什么时候|哪里|多少|\b(?:how|who|why|where|what|which)\b")),
)
"""In the order they are asked: the more binding reading first, a promise before a payment it speaks of. Who will not or cannot pay, or pays
only for something in return, or at some time, has made no promise: a person answers."""

_UNPAID = re.compile(r"(?:没|未|不)[^。，,]{0,3}[缴交付转]|not (?:yet )?paid|haven'?t paid")

_HARDSHIP = re.compile(r"没有?钱|有了?钱|困难|失业|no money|lost my job|hardship")

_RELATIVE = (("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("今天", 0), ("今日", 0), ("今晚", 0), ("tomorrow", 1), ("today", 0))
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_ENGLISH_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ENGLISH_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(_ENGLISH_MONTHS)})[a-z]*"
_DIGITS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


def understand(body: str, today: date) -> Reply:
    """Read a reply written on `today` (the debtor's local date).

    >>> understand(" ＴＤ ", date(2026, 11, 24)).kind
    'stop'
    >>> understand("12月5日交", date(2026, 11, 24))
    Reply(kind='promise', on=datetime.date(2026, 12, 5))
    """
    text = unicodedata.normalize("NFKC", body).replace("’", "'").casefold().strip().strip("。.!！~ ")
    word = re.sub(r"[\s-]", "", text).removeprefix("回复")
    if word in _STOP:
        return Reply("stop")
    if word in _START:
        return Reply("start")
    if word in _HELP:
        return Reply("help")
    on = named_day(text, today)
    for kind, pattern in _MEANINGS:
        if pattern.search(text) and not (kind == "paid" and _UNPAID.search(text)):
            return Reply(kind, on if kind == "promise" else None)
    if on is not None and re.search(r"[交缴付转](?![的了过])|\bpay\b", text):
        return Reply("promise", on)
    return Reply("question" if _HARDSHIP.search(text) else "other")


def named_day(text: str, today: date) -> date | None:
    """The day a text names; a day and month without a year lie in the year ahead."""
    if found := re.search(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})", text):
        return _date(*(int(part) for part in found.groups()))
    if found := re.search(r"(\d{1,2})月(\d{1,2})[日号]?|(?<![\d.\-/])(\d{1,2})[-/](\d{1,2})(?![\d.\-/])", text):
        month, day = (int(part) for part in found.groups() if part)
        return _coming(month, day, today)
    if found := re.search(rf"\b{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?\b|\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}\b", text):
        return _coming(_ENGLISH_MONTHS.index(found[1] or found[4]) + 1, int(found[2] or found[3]), today)
    if found := re.search(r"(\d{1,2})月(?:份|底|末|内)?(?:之?前)?(?:会|再|来|去|一定)?[交缴付](?![的了过])", text):
        return _end(today, months=(int(found[1]) - today.month) % 12) if 1 <= int(found[1]) <= 12 else None
    if found := re.search(r"(?:in )?(\d{1,2}|[一两二三四五六七八九十]) ?(?:天|日|days?)(?:之?后|以?内)?", text):
        return today + timedelta(days=_number(found[1]))
    if found := re.search(r"(下下?)?(?:周|星期|礼拜)([一二三四五六日天])", text):
        return _weekday(_WEEKDAYS[found[2]], len(found[1] or ""), today)
    if found := re.search(r"(\d{1,2})[号日]", text):
        return _coming_day(int(found[1]), today)
    for word, days in _RELATIVE:
        if word in text:
            return today + timedelta(days=days)
    if found := re.search(r"\b(next )?(" + "|".join(_ENGLISH_WEEKDAYS) + r")\b", text):
        return _weekday(_ENGLISH_WEEKDAYS.index(found[2]), 1 if found[1] else 0, today)
    if found := re.search(r"(下个?月)|(月底|本月|这个月)|(年底)", text):
        return _end(today, months=1 if found[1] else 12 - today.month if found[3] else 0)
    if "周末" in text or "weekend" in text:
        return _weekday(_WEEKDAYS["日"], 1 if "下" in text or "next" in text else 0, today)
    if re.search(r"下(?:个)?(?:周|星期|礼拜)|next week|一(?:个)?(?:周|星期)(?:之?后|以?内)", text):
        return today + timedelta(weeks=1)
    return None


def _weekday(day: int, weeks_on: int, today: date) -> date:
    """The weekday of this calendar week or of one to come; the next one where it is over."""
    named = today + timedelta(weeks=weeks_on, days=day - today.weekday())
    return named if named >= today else named + timedelta(weeks=1)


def _end(today: date, months: int) -> date:
    """The last day of the month, so many months on: a time of which only the end is certain."""
    years, month = divmod(today.month + months, 12)
    return date(today.year + years, month + 1, 1) - timedelta(days=1)


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
