"""What the law and the house allow, as values: a rule pack, a calendar and a sequence of steps, together `Rules`.

These are loaded once (`orchestrator/packs.py`) and compared by identity, so that tables made from them can be kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policies.calendar import Calendar
from policies.facts import Channel
from policies.sequences import Sequence

Binding = Literal["law", "policy", "analogy"]

Counted = Literal["contacts", "conversations", "dials", "attempts"]
"""What a cap counts.

contacts: what reached out (conversation, answered, machine, handed_over, affixed, refused_to_take, mailed, sent, delivered; failed and
undelivered for their day only). conversations: a person was spoken to (conversation, answered). dials: every call placed, taken or not.
attempts: every try at all, an unopened door too.
"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value of a pack comes from, and how hard it binds. `value` is its place in the file: `caps.sms`, `windows.visit`."""

    value: str
    binding: Binding
    source: str


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from minute `opens` of the local day to minute `closes`, which is already closed. `opens` after `closes` crosses midnight."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` of what it counts, on these channels together, in `days` local days of which the last is today.

    `scope` debt leaves out what concerned another case of the same debtor.
    """

    name: str
    channels: frozenset[Channel]
    counts: Counted
    limit: int
    days: int
    scope: Literal["debtor", "debt"] = "debtor"


@dataclass(frozen=True, slots=True)
class Preferred:
    """Hours in which a channel is best used; on workdays only, for homes only, where so said."""

    hours: tuple[Hours, ...]
    workdays_only: bool
    residential_only: bool


@dataclass(frozen=True, slots=True, eq=False)
class RulePack:
    """The windows, days of silence, caps and gates of one jurisdiction, each with its source.

    `home_zone` None: the debtor's own zone is home. `commercial_from` is the first minute of the local day for commercial units.
    """

    name: str
    digest: str
    home_zone: str | None
    calendar: str
    hours: Mapping[Channel, tuple[Hours, ...]]
    blackout: frozenset[str]
    caps: tuple[Cap, ...]
    commercial_from: int
    reasonable_days: int
    posting_days: int
    suit_needs_written: bool
    preferred: Mapping[Channel, Preferred]
    requirements: tuple[str, ...]
    provenance: tuple[Provenance, ...]
    opt_out_line: bool = False
    """Every electronic message says how to have no more of them."""
    answers_at_night: bool = False
    """Who asks for help, or asks to be left alone, outside the window is answered at once; else when it opens."""
    visit_persons: int = 1
    formal_visit_persons: int = 2
    """How many go to a door; how many where a demand is served formally, or staff asked for company."""

    def persons(self, *, formally: bool, flagged: bool = False) -> int:
        """How many go on one visit. `formally`: it serves the formal demand. `flagged`: somebody asked that nobody go alone."""
        return max(self.visit_persons, self.formal_visit_persons if formally or flagged else 1)

    @property
    def version(self) -> str:
        return f"{self.name}@{self.digest}"


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """Everything besides the facts that a decision depends on."""

    pack: RulePack
    calendar: Calendar
    sequence: Sequence
