"""Which line carries a message: several senders and providers may serve one channel, each where it can.

    installed by a package -> kept for the number's country -> general, each in the order it was configured

A line is one adapter. The first that serves the country and can carry the message is asked first; the next, where its sender is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from channels.contract import Adapter, Message

LINK = "://"


class LineName(NamedTuple):
    """What tells one line from another, the same from one start to the next."""

    channel: str
    provider: str
    sender: str

    @classmethod
    def of(cls, adapter: Adapter) -> "LineName":
        return cls(adapter.channel, adapter.provider, adapter.sender)

    def __str__(self) -> str:
        return self.provider if self.provider == self.sender else f"{self.provider} {self.sender}"


@dataclass(frozen=True, slots=True)
class Lines:
    """Every line that is open. `by_country` (ISO 3166 alpha-2) are kept for the numbers of one country and serve no other."""

    general: tuple[Adapter, ...]
    by_country: Mapping[str, tuple[Adapter, ...]] = field(default_factory=dict)
    installed: tuple[Adapter, ...] = ()

    def __iter__(self) -> Iterator[Adapter]:
        """Each once, in order of preference."""
        return iter(_once(self.installed, *self.by_country.values(), self.general))

    def of(self, channel: str, provider: str | None = None, sender: str | None = None) -> Adapter | None:
        """The first line of this channel, through this provider and under this sender, where they are given."""
        return next(
            (line for line in self if line.channel == channel and provider in (None, line.provider) and sender in (None, line.sender)),
            None,
        )

    def serving(self, channel: str, country: str) -> tuple[Adapter, ...]:
        """Those that can carry something to a country, the first choice first."""
        preferred = _once(self.installed, self.by_country.get(country, ()), self.general)
        return tuple(line for line in preferred if line.channel == channel and line.capabilities(country).available)

    def carrying(self, message: Message) -> tuple[Adapter, ...]:
        """Those that can carry this very message, the first choice first."""
        return tuple(line for line in self.serving(message.channel, message.country) if hindrance(line, message) is None)

    def hears(self, channel: str, country: str) -> bool:
        """Whether an answer to what goes there reaches us, whichever line it takes: only then may it be asked for."""
        serving = self.serving(channel, country)
        return bool(serving) and all(line.capabilities(country).inbound for line in serving)


def hindrance(line: Adapter, message: Message) -> str | None:
    """Why a line that serves the country cannot carry this message; None where it can."""
    can = line.capabilities(message.country)
    if can.template_only and (message.template is None or message.template.provider != line.provider):
        return "takes only wordings that the provider approved, and this one has no approved template"
    if can.languages is not None and message.language not in can.languages:
        return f"cannot carry the language {message.language}"
    if can.max_length is not None and len(message.body) > can.max_length:
        return f"takes {can.max_length} characters at most, the message has {len(message.body)}"
    if not can.links and message.channel == "sms" and LINK in message.body:
        return "takes no links"
    return None


def _once(*tiers: tuple[Adapter, ...]) -> list[Adapter]:
    """The lines of all tiers in their order; one that stands in two of them is the same line."""
    return list({LineName.of(line): line for tier in tiers for line in tier}.values())
