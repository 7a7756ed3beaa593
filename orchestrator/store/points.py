"""Contact points: which channel each serves, and what a debtor has left."""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.facts import Channel

CAN_CALL = frozenset({"mobile", "landline"})
BY_PROVIDER: tuple[Channel, ...] = ("sms", "voice")
"""The channels that reach a number only where a provider serves its country."""


@dataclass(frozen=True, slots=True)
class Point:
    """A debtor's contact point, as far as choosing one needs: never its value."""

    id: int
    kind: str
    country: str
    timezone: str | None
    usable: bool
    opted_out: frozenset[str]
    carried: frozenset[Channel]
    """The channels of a provider that reach its country."""
    in_vain: bool = False
    """An address from which a letter of this case came back unread."""

    def serves(self, channel: Channel) -> bool:
        if not self.usable or channel in self.opted_out or (channel in BY_PROVIDER and channel not in self.carried):
            return False
        return self.kind == "mobile" if channel == "sms" else self.kind in CAN_CALL


def opted_out(points: Sequence[Point]) -> tuple[Channel, ...]:
    """A channel is opted out where every usable number of the debtor asked for it."""
    numbers = [point for point in points if point.usable and point.kind in CAN_CALL]
    channels: tuple[Channel, ...] = ("sms", "voice", "call")
    return tuple(channel for channel in channels if numbers and all(channel in point.opted_out for point in numbers))


def numbers(points: Sequence[Point]) -> tuple[tuple[Channel, str], ...]:
    """The numbers that a provider may use now, by channel."""
    return tuple((channel, str(point.id)) for channel in BY_PROVIDER for point in points if point.serves(channel))
