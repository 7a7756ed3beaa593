"""What still lacks before a grave step, charge by charge, as a list a person can act on.

Civil Code 944: the provider may sue when a demand went unheeded for a reasonable period. Courts split on whether the demand is a
precondition, and one owner kept five years of fees because no demand named those years: so every charge of the claim set is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from policies.facts import Channel, Charge, Demand
from policies.localtime import local_day
from policies.rules import Rules
from policies.sequences import Gate

WRITTEN: frozenset[Channel] = frozenset({"sms", "letter", "visit"})


@dataclass(frozen=True, slots=True)
class Lack:
    """`demand_missing`: no demand of sufficient grade named this charge. `period_running`: one did; its period is over on `over_on`."""

    charge: Charge
    kind: Literal["demand_missing", "period_running"]
    over_on: date | None = None


def lacking(
    gate: Gate, charges: Iterable[Charge], rules: Rules, zone_name: str, today: date, since: datetime | None = None
) -> tuple[Lack, ...]:
    """Empty: the gate is open for these charges. `since` leaves out what arrived before it (an earlier demand than the one in question)."""
    return tuple(lack for charge in charges if (lack := _lack(gate, charge, rules, zone_name, today, since)) is not None)


def period_over_on(demand: Demand, rules: Rules, zone_name: str) -> date | None:
    """The first local day after the demand's reasonable period: printed pay-by date or 15 days from arrival, the later, and 3 for the post.

    None while it has not arrived: the period is never counted from posting.
    """
    if demand.arrived_at is None:
        return None
    days = rules.sequence.reasonable_days or rules.pack.reasonable_days
    last_day = local_day(demand.arrived_at, zone_name) + timedelta(days=days)
    if demand.pay_by is not None:
        last_day = max(last_day, demand.pay_by)
    return last_day + timedelta(days=rules.pack.posting_days + 1)


def _lack(gate: Gate, charge: Charge, rules: Rules, zone_name: str, today: date, since: datetime | None) -> Lack | None:
    arrived = [demand for demand in charge.demands if demand.arrived_at is not None and (since is None or demand.arrived_at >= since)]
    believed = [demand for demand in arrived if demand.grade in ("A", "B")]
    if gate == "period_over" and not believed:
        return None
    written_only = gate == "provable" and rules.pack.suit_needs_written
    counted = [demand for demand in believed if demand.channel in WRITTEN] if written_only else believed
    if not counted or (gate == "provable" and not _provable(counted)):
        return Lack(charge, "demand_missing")
    over_on = min(day for demand in counted if (day := period_over_on(demand, rules, zone_name)) is not None)
    return Lack(charge, "period_running", over_on) if today < over_on else None


def _provable(demands: Iterable[Demand]) -> bool:
    """One grade A, or two Bs on different channels."""
    return any(demand.grade == "A" for demand in demands) or len({demand.channel for demand in demands}) > 1
