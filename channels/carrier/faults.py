"""What goes wrong on purpose: a script of faults, each for certain requests, messages or callbacks.

reset, status, rate_limited, error                   the request is not taken: no answer, a 5xx, 429, a refusal with `code`
accept_then_reset, accept_then_status                it is taken, and the answer is lost or is a 5xx
garbled, truncated                                   it is taken, and the answer is no JSON, or half of it
slow                                                 it is taken, and answered `seconds` later
undeliverable                                        it is taken and answered, and ends undelivered with `code`
callback_first                                       the first callback comes before the answer
callback_lost, callback_doubled                      a callback does not come, or comes twice
callback_reordered                                   it comes after the one that should have followed it
callback_replayed                                    it comes again, byte for byte, `seconds` later by the sandbox's clock
callback_forged                                      before it comes one that claims another end, signed with a guessed token
callback_wrong_account                               the same, rightly signed, in the name of another account
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from channels.carrier.personas import share

FaultKind = Literal[
    "reset",
    "status",
    "rate_limited",
    "error",
    "accept_then_reset",
    "accept_then_status",
    "garbled",
    "truncated",
    "slow",
    "undeliverable",
    "callback_first",
    "callback_lost",
    "callback_doubled",
    "callback_reordered",
    "callback_replayed",
    "callback_forged",
    "callback_wrong_account",
]

NOT_TAKEN: tuple[FaultKind, ...] = ("reset", "status", "rate_limited", "error")
SPOILED: tuple[FaultKind, ...] = ("accept_then_reset", "accept_then_status", "garbled", "truncated")
OF_A_CALLBACK: tuple[FaultKind, ...] = (
    "callback_lost",
    "callback_doubled",
    "callback_replayed",
    "callback_forged",
    "callback_wrong_account",
)


@dataclass(slots=True)
class Fault:
    """One line of the script.

    It strikes `count` times (None: without end) from the `nth` chance it has on, each time with `probability`, which follows from `seed`.
    `channel`, `to`: only there; None: anywhere. `status` is an HTTP 5xx; `code` Twilio's, or Alibaba Cloud's.
    """

    kind: FaultKind
    count: int | None = 1
    channel: str | None = None
    to: str | None = None
    nth: int = 1
    probability: float = 1.0
    seed: int = 1
    status: int = 503
    code: int | str = 21610
    retry_after: int | None = None
    seconds: float = 15.0
    chances: int = 0
    """How many it has had."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(get_args(FaultKind))}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"a probability is between 0 and 1, not {self.probability}")

    def strikes(self, channel: str, to: str) -> bool:
        if self.channel not in (None, channel) or self.to not in (None, to):
            return False
        self.chances += 1
        if self.chances < self.nth or share(self.seed, f"{to}|{self.chances}", self.kind) >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that came to pass: to which consignment, or to a request that was not taken."""

    kind: FaultKind
    channel: str
    to: str
    sid: str | None


class Faults:
    def __init__(self) -> None:
        self.left: list[Fault] = []
        self.struck: list[Struck] = []

    def add(self, script: Any) -> None:
        """One fault or a list of them. Raises ValueError or TypeError, and takes none, where one does not exist."""
        self.left += [Fault(**fields) for fields in (script if isinstance(script, list) else [script])]

    def take(self, channel: str, *kinds: FaultKind, to: str = "") -> Fault | None:
        """The first fault of these kinds that strikes here; it counts as used."""
        for fault in self.left:
            if fault.kind in kinds and fault.strikes(channel, to):
                self.left = [each for each in self.left if each.count is None or each.count > 0]
                return fault
        return None

    def note(self, fault: Fault | None, channel: str, to: str, sid: str | None = None) -> None:
        """What came to pass, for whoever looks at the carrier's page."""
        if fault is not None:
            self.struck.append(Struck(fault.kind, channel, to, sid))

    def of(self, sid: str) -> Sequence[FaultKind]:
        """Those that struck one consignment."""
        return [each.kind for each in self.struck if each.sid == sid]
