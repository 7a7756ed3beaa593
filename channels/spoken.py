"""The fixed words of a call, in Chinese and English, and days as a person says them. What is owed is not among them: that is the body."""

import re
from datetime import date
from typing import Literal
from urllib.parse import quote

Language = Literal["zh", "en"]
Phrase = Literal[
    "greeting",
    "menu",
    "when",
    "too_far",
    "agreed",
    "promised",
    "promised_soon",
    "paid_already",
    "wrong_person",
    "connecting",
    "staff",
    "spoke_with_staff",
    "silence",
    "voicemail",
    "sorry",
    "agent",
    "recorded",
    "not_reached",
]

LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}


def phrase(language: Language, name: Phrase, **blanks: str) -> str:
    return PHRASES[language][name].format(**blanks)


LONGEST_SAID = 4_500
"""What one <Say> may hold at most, URL-encoded; the narrowest of its limits (Twilio error 13521), some 500 Chinese characters."""


def in_breaths(words: str) -> list[str]:
    """The words in parts that can each be spoken whole, together what was composed: cut after a sentence, else a clause, else anywhere.

    >>> in_breaths("您好。再见。")
    ['您好。再见。']
    """
    parts = [""]
    for piece in re.findall(r"[^。！？；，,;.!?]*(?:[。！？；，,;.!?]+\s*|$)", words):
        for bit in (piece,) if _is_sayable(piece) else piece:
            if _is_sayable(parts[-1] + bit):
                parts[-1] += bit
            else:
                parts.append(bit)
    return parts


def _is_sayable(words: str) -> bool:
    return len(quote(words)) <= LONGEST_SAID


def day(language: Language, on: date) -> str:
    """
    >>> day("zh", date(2026, 12, 5)), day("en", date(2026, 12, 5))
    ('12月5日，星期六', 'Saturday, the 5th of December')
    """
    if language == "zh":
        return f"{on.month}月{on.day}日，星期{'一二三四五六日'[on.weekday()]}"
    return f"{_WEEKDAYS[on.weekday()]}, the {on.day}{_ordinal(on.day)} of {_MONTHS[on.month - 1]}"


def _ordinal(number: int) -> str:
    return "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

PHRASES: dict[Language, dict[Phrase, str]] = {
    "zh": {
        "greeting": "您好，这里是{company}的自动语音电话，通话将被录音。如果您是{unit}的业主，请按1；如果不是，请按3；重听请按9。",
        "menu": "将要缴纳请按1；已经缴纳请按2；您不是业主请按3；需要与工作人员通话请按4；重听请按9。",
        "when": "请问您哪天缴纳？三天内请按1；一周内请按2；{longest}也可以直接按两位数的日期，例如5号请按0、5；重听请按9。",
        "too_far": "抱歉，只能登记{days}天以内的日期。",
        "agreed": "您将于{day}缴纳。确认请按1；改日期请按2；重听请按9。",
        "promised": "好的，已为您记录{day}缴纳。感谢您的支持，再见。",
        "promised_soon": "没有收到您选择的日期，已为您记录七天内缴纳。感谢您的支持，再见。",
        "paid_already": "好的，我们会核对缴费记录，核对期间不再打扰您。谢谢，再见。",
        "wrong_person": "抱歉打扰您，我们会更正联系方式。再见。",
        "connecting": "好的，正在为您转接工作人员，请稍候。",
        "staff": "好的，工作人员会在服务时间内与您联系。再见。",
        "spoke_with_staff": "谢谢您的来电时间，再见。",
        "silence": "没有收到您的按键。如有需要，请在服务时间联系物业服务中心。再见。",
        "voicemail": "您好，这里是{company}的自动语音电话。请您方便时联系物业服务中心。谢谢。",
        "sorry": "抱歉，系统暂时无法继续这次通话。请您方便时联系物业服务中心。再见。",
        "agent": "您好，这是{task}号任务的外呼，请在任务页查看资料。准备好后请按1接通。",
        "recorded": "您好，本次通话将被录音。",
        "not_reached": "对方没有接听，请在任务页登记结果。",
    },
    "en": {
        "greeting": "Hello, this is an automated call from {company}, and it is recorded. If you are the owner of unit {unit}, press 1. "
        "If you are not, press 3. To hear this again, press 9.",
        "menu": "If you are going to pay, press 1. If you have paid already, press 2. If you are not the owner, press 3. "
        "To speak with our staff, press 4. To hear this again, press 9.",
        "when": "On which day will you pay? Within three days, press 1. Within a week, press 2. {longest}"
        "Or key in the day of the month in two digits, such as 0 5 for the fifth. To hear this again, press 9.",
        "too_far": "We are sorry, a day can be noted only within the next {days} days. ",
        "agreed": "You will pay on {day}. To confirm, press 1. For another day, press 2. To hear this again, press 9.",
        "promised": "Thank you. We have noted that you will pay on {day}. Goodbye.",
        "promised_soon": "We received no day, and have noted that you will pay within seven days. Thank you, and goodbye.",
        "paid_already": "Thank you. We will check our records and will not disturb you meanwhile. Goodbye.",
        "wrong_person": "We apologise for the disturbance and will correct our records. Goodbye.",
        "connecting": "We are connecting you with our staff. One moment, please.",
        "staff": "Our staff will call you within service hours. Goodbye.",
        "spoke_with_staff": "Thank you for your time. Goodbye.",
        "silence": "We received no key. You can reach us at the service desk within service hours. Goodbye.",
        "voicemail": "Hello, this is an automated call from {company}. Please contact the service desk when it suits you. Thank you.",
        "sorry": "We are sorry, this call cannot go on just now. Please contact the service desk when it suits you. Goodbye.",
        "agent": "Hello, this is the call of task {task}. Its card is on the task page. Press 1 when you are ready to be connected.",
        "recorded": "Hello, this call is recorded.",
        "not_reached": "The call was not answered. Please note it on the task page.",
    },
}

LONGEST_KEY: dict[Language, str] = {"zh": "两周内请按3；", "en": "Within two weeks, press 3. "}
"""Said only where a day so far ahead may be noted."""
