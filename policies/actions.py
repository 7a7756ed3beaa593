"""What may be answered to "what next?", and the answer with its rule and its reasons."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from policies.facts import Channel


@dataclass(frozen=True, slots=True)
class Send:
    """Carry out this step now, on this channel."""

    step: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class AskApproval:
    """A named person must say yes to this grave step first."""

    step: str
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask again at `until` (aware, later than the asking). A promise to ask, never to send."""

    until: datetime
    step: str | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """The case is at rest until facts change or a person acts."""

    reason: str


Action = Send | AskApproval | Wait | Stop


@dataclass(frozen=True, slots=True)
class Sentence:
    """One human sentence in both languages of the program."""

    zh: str
    en: str


class Decision(NamedTuple):
    """The answer: what, by which rule, why, asked when, under which versions (name@digest)."""

    action: Action
    rule: str
    because: tuple[Sentence, ...]
    asked_at: datetime
    pack: str
    calendar: str
    passed_over: tuple[Sentence, ...] = ()
    cursor: int = 0
    """The place in the sequence of the step spoken of; the case is left at the step that goes out, and `decide` walks past what is over."""
