"""What goes wrong on purpose: a short list of faults, each for so many of the next requests or callbacks."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

FaultKind = Literal["accept_then_reset", "reset", "status", "rate_limited", "error", "slow", "callback_lost", "callback_doubled"]


@dataclass(slots=True)
class Fault:
    """`channel` None: any. status: an HTTP 5xx; error: a refusal with Twilio's `code`, or Alibaba Cloud's; slow: `seconds` before it
    answers."""

    kind: FaultKind
    count: int = 1
    channel: str | None = None
    status: int = 503
    code: int | str = 21610
    retry_after: int | None = None
    seconds: float = 15.0

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(get_args(FaultKind))}")


class Faults:
    def __init__(self) -> None:
        self.left: list[Fault] = []

    def add(self, fields: dict[str, Any]) -> None:
        """Raises ValueError or TypeError for a fault that does not exist."""
        self.left.append(Fault(**fields))

    def take(self, channel: str, *kinds: FaultKind) -> Fault | None:
        """The first fault of these kinds that waits for this channel; it counts as used."""
        for fault in self.left:
            if fault.kind in kinds and fault.channel in (None, channel):
                fault.count -= 1
                self.left = [each for each in self.left if each.count > 0]
                return fault
        return None

    def copies_of_callback(self, channel: str) -> int:
        match self.take(channel, "callback_lost", "callback_doubled"):
            case Fault(kind="callback_lost"):
                return 0
            case Fault(kind="callback_doubled"):
                return 2
            case _:
                return 1
