"""Wordings as a provider approved them: fixed text with `${blanks}`, filled by us and sent as blanks alone."""

import re
from collections.abc import Mapping

BLANK = re.compile(r"\$\{([^{}]*)\}")


def blanks_of(text: str) -> tuple[str, ...]:
    """The blanks of an approved text, in order."""
    return tuple(BLANK.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text a person will read.

    >>> fill("${creditor}：${units}未缴${amount}。", {"creditor": "清苑物业", "units": "3-1-0401", "amount": "1200.40元"})
    '清苑物业：3-1-0401未缴1200.40元。'
    """
    return BLANK.sub(lambda blank: values[blank[1]], text)
