"""What Alibaba Cloud takes as a template for mainland China, as far as it publishes it; a person there decides in the end.

Sources, read 2026-11: https://help.aliyun.com/document_detail/463270.htm (texts), https://help.aliyun.com/document_detail/2806243.html
(variables), https://help.aliyun.com/zh/vms (calls: the variables of one call together).
"""

import re
from collections.abc import Iterator, Mapping

from channels.templates import BLANK, blanks_of

LONGEST_TEXT = 500
"""Characters of a text, filled."""
LONGEST_VARIABLE = 35
"""Characters of one variable of a text (of the kind 其他)."""
LONGEST_CALL_VARIABLES = 250
"""Characters of all variables of a call together: fewer than this."""

CALL_KEYS = ("1", "3", "4")
"""Of a call: the owner, somebody else, who wants to be called by staff."""
CALL_PARTS = len(CALL_KEYS) + 2
"""A greeting, what is said to each key, a last word. Only the first key's text may name what is owed."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,24}")
_RESERVED = frozenset({"email", "mobile", "id", "nick", "site"})
_LINK = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:com|cn|net|org|top|io|me)\b", re.IGNORECASE)
_ODD = re.compile(r"[【】¥￥★※→①-⑳『』「」〖〗²³•]")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_BANNED = (
    "催款", "上门追讨", "追讨", "法律维权", "调解", "贷款", "借贷", "信用卡提额", "投资理财", "股票", "私募", "虚拟货币", "众筹",
    "中奖", "抽奖", "返现", "加群", "加微信", "回复确认", "拒收请回复",
)  # fmt: skip
"""Business that gets no template, by the words it publishes for it: dunning for loans and finance are among it."""


def objections(text: str) -> Iterator[str]:
    """Why this approved text of a message cannot be what Alibaba Cloud approved."""
    if len(text) > LONGEST_TEXT:
        yield f"it has {len(text)} characters, more than {LONGEST_TEXT}"
    if odd := _ODD.search(text):
        yield f"the sign {odd[0]} is not allowed; the signature in 【】 is put before it by Alibaba Cloud"
    if link := _LINK.search(text):
        yield f"a link ({link[0]}) is not allowed in a notice of this kind"
    if mobile := _MOBILE.search(text):
        yield f"{mobile[0]} is a mobile number: only landlines and 400 or 95 numbers may be named"
    yield from banned(text)
    yield from misnamed(text)
    if re.search(r"\}\$\{", text):
        yield "two blanks stand side by side: put words between them"
    if not BLANK.sub("", text).strip():
        yield "it is all blanks"


def banned(text: str) -> Iterator[str]:
    for word in _BANNED:
        if word in text:
            yield f"“{word}” belongs to business that gets no template"


def misnamed(text: str) -> Iterator[str]:
    """Blanks by names that cannot be."""
    for name in blanks_of(text):
        if not _NAME.fullmatch(name) or name in _RESERVED:
            yield f"${{{name}}} is no name for a blank: letters, digits and _, at most 25, none of {', '.join(sorted(_RESERVED))}"
    if len(set(blanks_of(text))) < len(blanks_of(text)):
        yield "a blank stands in it twice: each may stand once"


def unfit(variables: Mapping[str, str], channel: str) -> Iterator[str]:
    """Why these values cannot fill a text (sms) or a call (voice)."""
    if channel == "voice" and (together := sum(map(len, variables.values()))) >= LONGEST_CALL_VARIABLES:
        yield f"its variables have {together} characters together, a call takes fewer than {LONGEST_CALL_VARIABLES}"
    for name, value in variables.items():
        if not value:
            yield f"{name} is empty"
        if channel == "sms" and len(value) > LONGEST_VARIABLE:
            yield f"{name} has {len(value)} characters, more than {LONGEST_VARIABLE}"
        if _LINK.search(value):
            yield f"{name} holds a link"
        if "【" in value or "】" in value:
            yield f"{name} holds 【】"
        for objection in banned(value):
            yield f"{name}: {objection}"
