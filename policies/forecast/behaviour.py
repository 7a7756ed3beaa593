"""How debtors answer and pay: shares to draw from, learned from what became of past contacts where there are any."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policies.facts import CHANNELS, Channel, Outcome

Chances = tuple[tuple[float, Outcome], ...]
"""Shares that add up to 1, in the order in which they are drawn."""

ORDINALS = 4
"""First, second and third contact of a case that was heard; the last stands for all after them."""

WEIGHT_OF_THE_DEFAULT = 50
"""As many imagined past contacts speak for the default: a handful of real ones moves it little, a thousand replace it."""

HEARD: frozenset[Outcome] = frozenset({"delivered", "answered", "conversation", "mailed", "handed_over", "affixed"})
"""Outcomes after which a debtor may pay because of the contact."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How debtors answer.

    `outcomes`: shares by channel. `pays`: by channel, the share of heard contacts after which all arrears are paid, for the first heard
    contact of a case, the second, and so on; the last share holds for all later ones. `mail_arrives`: the share of letters that arrive.
    """

    outcomes: Mapping[Channel, Chances] = field(
        default_factory=lambda: {
            "sms": ((0.95, "delivered"), (0.05, "undelivered")),
            "voice": ((0.45, "answered"), (0.15, "machine"), (0.40, "no_answer")),
            "call": ((0.55, "conversation"), (0.45, "no_answer")),
            "letter": ((1.0, "mailed"),),
            "visit": ((0.55, "handed_over"), (0.25, "affixed"), (0.20, "no_answer")),
        }
    )
    pays: Mapping[Channel, tuple[float, ...]] = field(
        default_factory=lambda: {"sms": (0.12,), "voice": (0.08,), "call": (0.15,), "letter": (0.10,), "visit": (0.20,)}
    )
    mail_arrives: float = 0.85

    def chance_to_pay(self, channel: Channel, ordinal: int) -> float:
        """After the `ordinal`-th heard contact (1 is the first), which came by this channel."""
        shares = self.pays[channel]
        return shares[min(ordinal, len(shares)) - 1]


@dataclass(frozen=True, slots=True)
class Past:
    """What became of past contacts, as counts.

    `outcomes` by channel and outcome; `heard` and of these `paid` by channel and ordinal (1 to ORDINALS, the last for all after);
    `mailed` letters whose fate is known, and of these `arrived`.
    """

    outcomes: Mapping[tuple[Channel, Outcome], int] = field(default_factory=dict)
    heard: Mapping[tuple[Channel, int], int] = field(default_factory=dict)
    paid: Mapping[tuple[Channel, int], int] = field(default_factory=dict)
    mailed: int = 0
    arrived: int = 0


def learned(past: Past, default: Behaviour | None = None) -> Behaviour:
    """The behaviour that past outcomes show, drawn towards the default where they are few. No past: the default itself."""
    default = default or Behaviour()
    return Behaviour(
        outcomes={channel: _outcomes(past, channel, default.outcomes[channel]) for channel in CHANNELS},
        pays={
            channel: tuple(
                _share(past.paid.get((channel, nth), 0), past.heard.get((channel, nth), 0), default.chance_to_pay(channel, nth))
                for nth in range(1, ORDINALS + 1)
            )
            for channel in CHANNELS
        },
        mail_arrives=_share(past.arrived, past.mailed, default.mail_arrives),
    )


def _outcomes(past: Past, channel: Channel, usual: Chances) -> Chances:
    """The usual outcomes in their order, then those that nobody had expected, by name."""
    shares = {outcome: share for share, outcome in usual}
    counts = {outcome: count for (where, outcome), count in past.outcomes.items() if where == channel}
    total = sum(counts.values())
    names = [*shares, *sorted(counts.keys() - shares.keys())]
    return tuple((_share(counts.get(name, 0), total, shares.get(name, 0.0)), name) for name in names)


def _share(count: int, total: int, usual: float) -> float:
    return (count + WEIGHT_OF_THE_DEFAULT * usual) / (total + WEIGHT_OF_THE_DEFAULT)
