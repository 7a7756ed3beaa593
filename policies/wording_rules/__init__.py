"""What a wording may never say, what a demand must say, and which tone is for which contact.

Asked when a wording is saved, when a sequence is loaded, when staff write a note, and again of the rendered text before it leaves.
A word is forbidden even where it is denied: a text that says "we do not cut the water" has brought the water up.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache

from policies.wording_rules import disguise
from policies.wording_rules.disguise import Readings
from policies.wording_rules.findings import Finding, Forbidden, Kind
from policies.wording_rules.mandatory import MANDATORY, OPT_OUT
from policies.wording_rules.never import FORBIDDEN
from policies.wording_rules.tone import Tone, may_be_warm, out_of_place, warm_words

__all__ = [
    "Finding",
    "Kind",
    "Tone",
    "finding",
    "forbidden",
    "lacking",
    "lint",
    "may_be_warm",
    "missing",
    "no_way_out",
    "out_of_place",
    "warm_words",
]


def lint(text: str, kind: Kind, *, opt_out: bool = False) -> tuple[Finding, ...]:
    """Everything wrong with a text that somebody wrote; empty means it may be said. `opt_out`: it is an electronic message under a pack
    that wants the way out of them named."""
    return (*forbidden(text, kind), *(missing(text) if kind == "demand" else ()), *(no_way_out(text) if opt_out else ()))


def forbidden(text: str, kind: Kind, names: Sequence[str] = ()) -> tuple[Finding, ...]:
    """What may never be said. `names` are the proper names in the text: a debtor may be a law firm, a community lie by the courthouse."""
    whole = disguise.read(text)
    nameless = disguise.read(_without(text, names)) if names else whole
    found: dict[str, Finding] = {}
    for rule in FORBIDDEN:
        hit = _search(rule, nameless if rule.in_names else whole) if kind in rule.kinds else None
        if hit is not None:
            found.setdefault(rule.rule, Finding(rule.rule, hit, rule.reason))
    return tuple(found.values())


def missing(text: str) -> tuple[Finding, ...]:
    """What a written demand does not show. Creditor, debtor and late charge are not asked for: a text alone does not show them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return tuple(Finding(each.rule, "", each.reason) for each in MANDATORY if not _pattern(each.present).search(plain))


def no_way_out(text: str) -> tuple[Finding, ...]:
    """That an electronic message does not say how to have no more of them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return () if _pattern(OPT_OUT.present).search(plain) else (finding(OPT_OUT.rule),)


def lacking(blanks: Collection[str], *, opt_out: bool = False) -> tuple[Finding, ...]:
    """What a demand with these blanks would not name; with `opt_out` only that an electronic message could not name the way out."""
    asked = (OPT_OUT,) if opt_out else MANDATORY
    return tuple(Finding(each.rule, "", each.reason) for each in asked if each.blanks.isdisjoint(blanks))


def finding(rule: str, excerpt: str = "") -> Finding:
    """That a text does not name what `rule` of the mandatory contents wants named. Raises StopIteration for a rule there is not."""
    return Finding(rule, excerpt, next(each.reason for each in (*MANDATORY, OPT_OUT) if each.rule == rule))


def _search(rule: Forbidden, readings: Readings) -> str | None:
    for pattern, texts in ((rule.zh, readings.chinese), (rule.en, readings.latin)):
        for text in texts if pattern else ():
            if hit := _pattern(pattern).search(text):
                if not rule.lawful:
                    return hit.group()
                if hit := _pattern(pattern).search(_pattern(rule.lawful).sub(disguise.BOUNDARY, text)):
                    return hit.group()
    return None


def _without(text: str, names: Sequence[str]) -> str:
    given = sorted({name for name in names if name}, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, given)), " ", text) if given else text


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Compiled when first asked: who only loads a sequence has no text to search."""
    return re.compile(source)
