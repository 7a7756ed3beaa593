"""What is carried, what happens to it, and what the person at the other end remembers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from channels.carrier.reading import Demand

ConsignmentKind = Literal["sms", "voice", "letter", "inbound"]

FINAL_STATES = frozenset({"delivered", "undelivered", "failed", "completed", "busy", "no-answer", "canceled", "received"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a consignment at a sandbox instant. `detail` is what an HTTP conversation brought, kept for replay."""

    at: datetime
    sid: str
    name: str
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.sid}:{self.name}"


@dataclass(slots=True)
class Consignment:
    """A text, call or letter given to the carrier, or a text given to it by a person. `at` is sandbox time, `wall` real time."""

    sid: str
    kind: ConsignmentKind
    at: datetime
    wall: datetime
    to: str
    sender: str
    body: str
    status: str
    asked: dict[str, Any]
    error_code: str | None = None
    events: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    """(sandbox time, real time, name)"""
    answered_by: str | None = None
    keys: str = ""
    reported_at: datetime | None = None
    """When its carrier told Alibaba Cloud what became of it, in real time."""
    recorded: bool = False
    """Of a call put through: its debtor answered, and was recorded from then."""
    doomed: str | None = None
    """The code with which it is bound to fail, by a fault."""

    @property
    def callback(self) -> str | None:
        return self.asked.get("StatusCallback")

    @property
    def is_bridge(self) -> bool:
        """Whether a member of staff is rung, to be put through."""
        return self.kind == "voice" and "/bridge/" in str(self.asked.get("Url", ""))

    def wall_of(self, *names: str) -> datetime | None:
        return next((wall for _, wall, name in self.events if name in names), None)


@dataclass(slots=True)
class Memory:
    """What a person remembers of us."""

    demands: list[Demand] = field(default_factory=list)
    paying: set[str] = field(default_factory=set)
    replied: bool = False
    opted_out: bool = False
