"""One open charge as counsel reads it: how its late charge is counted, what it lacks before a grave step, what moved its clock.

Pure: it is given the charge, its payments, rules and a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orchestrator.store import proofs
from orchestrator.store.proofs import Paid
from policies.facts import Charge
from policies.gates import Lack, lacking
from policies.limitation_story import ClockLine, explain
from policies.money import Statement
from policies.rules import Rules


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the charge is short of, and before which steps."""

    steps: tuple[str, ...]
    lack: Lack


@dataclass(frozen=True, slots=True)
class Details:
    late: Statement
    lacks: tuple[Lacking, ...]
    clock: tuple[ClockLine, ...]


@dataclass(frozen=True, slots=True)
class Counting:
    """By what a community's late charges are counted: its rate a day, where its days begin, and what a court takes as the loss.

    `prime_rates`: a share per year from each day on; empty where no court goes by them.
    """

    daily_rate: Decimal
    timezone: str
    prime_rates: tuple[tuple[date, Decimal], ...] = ()


def details(charge: Charge, paid: Iterable[Paid], counting: Counting, rules: Rules, today: date) -> Details:
    late = proofs.late_charge(charge, counting.daily_rate, paid, counting.timezone, today, counting.prime_rates)
    clock = explain(charge, counting.timezone)
    run_out = clock[-1].court_safe < today  # it is never threatened with suit: nothing it lacks is worth getting
    return Details(late, () if run_out else _lacks(charge, rules, counting.timezone, today), clock)


def _lacks(charge: Charge, rules: Rules, timezone: str, today: date) -> tuple[Lacking, ...]:
    found: dict[Lack, list[str]] = {}
    for step in rules.sequence.steps:
        for gate in step.gates if step.approval else ():
            for lack in lacking(gate, [charge], rules, timezone, today):
                found.setdefault(lack, []).append(step.name)
    return tuple(Lacking(tuple(steps), lack) for lack, steps in found.items())
