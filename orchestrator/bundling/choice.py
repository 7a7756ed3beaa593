"""Counsel's choice among the exhibits. What is left out keeps its headers in the chain: every proof holds without it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from orchestrator.store.proving import Logged

Chosen = Callable[[Logged], bool]
"""A choice among entries, whichever exhibit they are of."""


def any_entry(_: Logged) -> bool:
    return True


ALWAYS = frozenset({0, 2})
"""The summary and the exhibit list say what is in the bundle, so they are in it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Numbers of the exhibit list: all but `without`, or `only` these; and of their entries those that `entry` takes."""

    without: frozenset[int] = frozenset()
    only: frozenset[int] | None = None
    entry: Chosen = any_entry

    def takes(self, number: int) -> bool:
        if number in ALWAYS:
            return True
        return number not in self.without and (self.only is None or number in self.only)

    def check(self, known: Collection[int]) -> None:
        """Raises ValueError for a number that is none of the exhibit list, or that cannot be left out."""
        if unknown := sorted((self.without | (self.only or frozenset())) - set(known)):
            raise ValueError(f"no exhibit {', '.join(map(str, unknown))}: the numbers are those of the exhibit list, up to {max(known)}")
        if kept := sorted(self.without & ALWAYS):
            raise ValueError(f"{', '.join(f'{number:02d}' for number in kept)} cannot be left out: it says what is in the bundle")


EVERYTHING = Choice()
