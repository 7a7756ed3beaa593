"""What a rule about words is, and what it finds."""

from dataclasses import dataclass
from typing import Literal

from policies.actions import Sentence

Kind = Literal["demand", "reminder", "offer", "community", "note"]
"""demand: asks for payment and must prove it later. reminder, offer: courteous, without prejudice. community: a poster or group text that
names nobody. note: what a member of staff writes down; it is discoverable."""

TO_ANYBODY: frozenset[Kind] = frozenset({"demand", "reminder", "offer", "community"})
BEFORE_ANY_DEMAND: frozenset[Kind] = frozenset({"reminder", "offer", "community"})
NOTES: frozenset[Kind] = frozenset({"note"})
EVERYWHERE: frozenset[Kind] = TO_ANYBODY | NOTES


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a text. `excerpt` is what was found, empty where something is missing."""

    rule: str
    excerpt: str
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Words that may not stand in a text of these kinds.

    `zh` is a pattern for the Chinese reading of a text, `en` for the Latin ones (see `disguise`); empty where there is none. `lawful`:
    phrases that hold such words and mean no harm. `in_names`: places, people and companies are called so, and their names are left out.
    """

    rule: str
    reason: Sentence
    source: str
    zh: str
    en: str
    lawful: str
    kinds: frozenset[Kind]
    in_names: bool


@dataclass(frozen=True, slots=True)
class Mandatory:
    """What a demand names. `blanks`: a wording names it by any of them. `present`: the pattern of a text that shows it, if one can."""

    rule: str
    reason: Sentence
    blanks: frozenset[str]
    present: str = ""
