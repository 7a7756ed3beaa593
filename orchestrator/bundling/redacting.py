"""Other people's data in an entry: found, so that the entry stays closed, and blackened in a reading copy.

An entry is shown whole or not at all: a payload with a word taken out has another hash. So who reads it reads a copy that says what was
taken out, beside the untouched header. Other people's are telephone numbers that are neither the debtor's nor the company's, and the names
of the community's other debtors. A number that the debtor shares with others is the debtor's own: what went there went to them.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote_plus

from orchestrator.bundling.numbering import fact_of
from orchestrator.evidence.leaves import canonical
from orchestrator.reports.court.redactions import ReadingCopy
from orchestrator.store.proving import Logged

BLACK = "■"
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z_-])(?:\+|00)?(?:86[- ]?)?(1[3-9]\d{9})(?![0-9A-Za-z_-])|(?<![0-9A-Za-z_-])(\+\d{8,15})(?![0-9A-Za-z_-])"
)
_BYTES = ("raw", "request", "response")
_SHORTEST_NAME = 2
_COMPARED = 11
"""Digits from the end by which two ways to write a number are one."""


@dataclass(frozen=True, slots=True)
class Others:
    """Whose data is nobody else's (`own_numbers`, `own_words`), and the names of others."""

    own_numbers: frozenset[str]
    own_words: str
    names: frozenset[str]

    @classmethod
    def of(cls, own_numbers: Collection[str], own_words: Collection[str], names: Collection[str]) -> "Others":
        said = "\n".join(own_words)
        return cls(
            frozenset(_digits(number) for number in own_numbers),
            said,
            frozenset(name for name in names if len(name) >= _SHORTEST_NAME and name not in said),
        )


def reading_copy(entry: Logged, number: int, others: Others) -> ReadingCopy | None:
    """The entry's text with other people's data blackened; None where it holds none, and may be shown as it is."""
    text = readable(entry)
    numbers = 0

    def blackened(found: "re.Match[str]") -> str:
        nonlocal numbers
        said = found[1] or found[2]
        if _digits(said) in others.own_numbers:
            return found[0]
        numbers += 1
        return BLACK * len(found[0])

    copy = _NUMBER.sub(blackened, text)
    names = 0
    for name in sorted((name for name in others.names if name in copy), key=len, reverse=True):
        names += copy.count(name)
        copy = copy.replace(name, BLACK * len(name))
    if not numbers and not names:
        return None
    return ReadingCopy(number, entry.header.leaf.hex(), numbers, names, copy)


def readable(entry: Logged) -> str:
    """What an entry says, with the bytes in it as the text they are, where they are text."""
    fact = fact_of(entry)
    raw = {name: _as_text(fact.pop(name)) for name in _BYTES if isinstance(fact.get(name), str)}
    return "\n".join([canonical(fact).decode(), *(f"{name}: {text}" for name, text in raw.items() if text)])


def _as_text(encoded: str) -> str:
    try:
        said = bytes.fromhex(encoded).decode()
    except ValueError:
        return ""
    return unquote_plus(said) if "=" in said and "{" not in said else said


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)[-_COMPARED:]
