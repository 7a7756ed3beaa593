"""Tone by the ordinal of the contact (points 09 and 11): a reminder comes first; warm words are for the 2nd and 3rd contact only."""

import re
from typing import Literal

from policies.actions import Sentence
from policies.wording_rules.findings import Finding, Kind

Tone = Literal["plain", "warm"]
"""warm: appeals to sympathy (温情)."""

WARM_CONTACTS = (2, 3)


def may_be_warm(ordinal: int | None) -> bool:
    """Whether the contact of that number, counted from 1, may appeal to sympathy; never where the number is not known."""
    return ordinal in WARM_CONTACTS


def out_of_place(speaks: Kind, tone: Tone, before: int) -> tuple[Finding, ...]:
    """What is wrong with saying it after `before` earlier contacts: for the place of a wording in a sequence."""
    found = []
    if before == 0 and speaks == "demand":
        found.append(Finding("reminder-first", "", _REMINDER_FIRST))
    if tone == "warm" and not may_be_warm(before + 1):
        found.append(Finding("warm-words", "", _WARM))
    return tuple(found)


def warm_words(text: str, ordinal: int | None) -> tuple[Finding, ...]:
    """Words of sympathy in a text that goes out as that contact, where they may not stand."""
    hit = None if may_be_warm(ordinal) else _SYMPATHY.search(text.casefold())
    return (Finding("warm-words", hit.group(), _WARM),) if hit else ()


_REMINDER_FIRST = Sentence("首次联系只能是提醒，不是催缴。", "The first contact is a reminder, never a demand.")
_WARM = Sentence("温情话术只用于第2、3次联系。", "Warm words are for the 2nd and 3rd contact only.")
_SYMPATHY = re.compile(
    r"一时(?:遗忘|疏忽)|在所难免|难免(?:忘|疏忽)|手头(?:紧|不宽裕|不便)|体谅|难处|苦衷"
    r"|\beasily missed\b|\bmoney is (?:short|tight)\b|\bwe (?:all )?understand (?:that )?(?:times|things|life)\b"
)
