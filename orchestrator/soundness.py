"""Whether a sequence can be honoured: every step has words and a way to the debtor, can be come to, and its gates can open."""

from typing import get_args

from orchestrator.strict import Malformed
from orchestrator.wordings import places
from policies.facts import CHANNELS
from policies.sequences import By, Gate, Purpose, Sequence, Step

SERVES_IN_PERSON = frozenset({"letter", "visit"})
"""Channels whose arrival may be proven by a signature (grade A)."""


def check(sequence: Sequence) -> None:
    """Raises Malformed at the first thing that cannot be honoured."""
    names = [step.name for step in sequence.steps]
    if len(set(names)) != len(names):
        raise Malformed(f"sequence {sequence.name}: two steps have the same name")
    if sequence.demand.name not in names:
        raise Malformed(f"sequence {sequence.name}: its demand {sequence.demand.name!r} is none of its steps")
    if sequence.reasonable_days is not None and sequence.reasonable_days < 1:
        raise Malformed(f"sequence {sequence.name}: its reasonable period is {sequence.reasonable_days} days")
    for step in (*sequence.steps, sequence.demand):
        _check_step(step, f"sequence {sequence.name}, step {step.name}")
    _check_demand(sequence.demand, f"sequence {sequence.name}, its demand {sequence.demand.name}")
    for place, step in enumerate(sequence.steps):
        _check_reachable(sequence, step, sequence.steps[:place])
    places.check(sequence)


def _check_demand(demand: Step, place: str) -> None:
    """It goes out alone when limitation is near, so nothing may stand before it."""
    if demand.purpose != "demand" or not demand.channels:
        raise Malformed(f"{place}: it must be a demand, and have a channel")
    if demand.gates or demand.approval or demand.minimum is not None:
        raise Malformed(f"{place}: it may have no gate, approval or minimum: it goes out as soon as limitation is near")


def _check_reachable(sequence: Sequence, step: Step, before: tuple[Step, ...]) -> None:
    """Whether the case can ever come to this step, and its gates ever open."""
    place = f"sequence {sequence.name}, step {step.name}"
    if acts := [earlier.name for earlier in before if not earlier.channels]:
        raise Malformed(f"{place}: it is never reached, {acts[0]} before it ends the sequence")
    if "period_over" in step.gates and not any(earlier.purpose == "demand" for earlier in before):
        raise Malformed(f"{place}: it waits for the end of a period, and no demand stands before it")
    if "provable" in step.gates and not SERVES_IN_PERSON.intersection(sequence.demand.channels):
        raise Malformed(f"{place}: nothing can be proven alone where the demand goes by {', '.join(sequence.demand.channels)} only")


def _check_step(step: Step, place: str) -> None:
    if step.channels and not step.wording:
        raise Malformed(f"{place}: it contacts the debtor and has no wording")
    for value, known in ((step.by, get_args(By)), (step.purpose, get_args(Purpose)), *((gate, get_args(Gate)) for gate in step.gates)):
        if value not in known:
            raise Malformed(f"{place}: {value!r} is none of {', '.join(known)}")
    if step.minimum is not None and (step.minimum.periods < 1 or step.minimum.amount <= 0):
        raise Malformed(f"{place}: its minimum is one period or more, and more than nothing")
    if unknown := set(step.channels) - set(CHANNELS):
        raise Malformed(f"{place}: unknown channel {', '.join(sorted(unknown))}")
    if not step.channels and not step.approval:
        raise Malformed(f"{place}: a step without a channel is an act of a person and needs an approval")
    if min(step.gap_days, step.floor_days) < 0 or step.tries < 1:
        raise Malformed(f"{place}: gap and floor are 0 or more days, tries 1 or more")
