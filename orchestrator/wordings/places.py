"""The wordings of a sequence, each in its place: it exists, serves its channels, speaks as its step means it, and its tone fits."""

from orchestrator.strict import Malformed
from orchestrator.wordings.catalogue import Kind, told, wording
from orchestrator.wordings.notice import WordingError
from policies.facts import Channel
from policies.sequences import Sequence, Step
from policies.wording_rules import out_of_place

SERVED_BY: dict[Channel, Kind] = {"sms": "text", "voice": "voice", "call": "card", "letter": "letter"}
"""What a wording has to be for a channel; what is handed over at a visit is not the step's to say."""


def check(sequence: Sequence) -> None:
    """Raises Malformed at the first step whose wording cannot be said there.

    The place of a step is its ordinal among the contacts, where each step reaches the debtor once.
    """
    contacts = [step for step in sequence.steps if step.channels]
    for before, step in enumerate(contacts):
        _check_step(step, before, f"sequence {sequence.name}, step {step.name}")


def _check_step(step: Step, before: int, place: str) -> None:
    try:
        chosen = wording(step.wording)
    except WordingError as unknown:
        raise Malformed(f"{place}: {unknown}") from unknown
    for channel in step.channels:
        if channel in SERVED_BY and SERVED_BY[channel] not in chosen.kinds:
            raise Malformed(f"{place}: {chosen.name} is a {' and '.join(chosen.kinds)}, {channel} needs a {SERVED_BY[channel]}")
    if chosen.speaks != step.purpose:
        raise Malformed(f"{place}: it is a {step.purpose}, and {chosen.name} speaks as a {chosen.speaks}")
    if found := out_of_place(chosen.speaks, chosen.tone, before):
        raise Malformed(f"{place}, contact {before + 1}: {told(found)}")
