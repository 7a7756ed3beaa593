"""Escalation sequences: one module per reason for non-payment, each with one `SEQUENCE`, as typed data.

A sequence is a list of steps in order. It is frozen by its digest when a case enters it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from policies.facts import Channel

Gate = Literal["period_over", "demanded", "provable"]
"""period_over: no reasonable period of an arrived demand still runs. demanded: every charge of the claim set was demanded with grade A or B
and the period is over. provable: each has one A, or two Bs on different channels, and the period is over."""

By = Literal["collector", "supervisor", "counsel"]
Purpose = Literal["demand", "reminder", "offer"]


@dataclass(frozen=True, slots=True)
class Minimum:
    """Least size of the claim: this many periods, or this much money. Either will do."""

    periods: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what, by which channel, and what must be true before.

    `channels` in order of preference; none means the step is an act outside contact (a suit). `gap_days` from the day the step before took
    effect, `floor_days` the least age of the oldest charge. `tries` unanswered calls on one channel, then the next channel; after the last
    channel the step is given up. Only a `demand` restarts a clock or opens a gate: a reminder asks, an offer is without prejudice.
    """

    name: str
    channels: tuple[Channel, ...]
    wording: str
    gap_days: int
    floor_days: int
    registered: bool = False
    approval: bool = False
    gates: tuple[Gate, ...] = ()
    minimum: Minimum | None = None
    tries: int = 2
    by: By = "collector"
    purpose: Purpose = "demand"


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """The steps in order, and why this order.

    `demand` is the step that names the whole claim set: it goes out early when limitation is near, and again when a gate finds a charge
    that was never demanded. `reasonable_days` replaces the pack's period (absent owners: 30).
    """

    name: str
    reason: str
    steps: tuple[Step, ...]
    demand: Step
    reasonable_days: int | None = None
    digest: str = ""

    @property
    def version(self) -> str:
        return f"{self.name}@{self.digest}"

    def named(self, name: str) -> Step:
        """The step of that name. Raises KeyError where the sequence has none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)
