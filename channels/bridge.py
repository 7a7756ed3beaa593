"""A call by a member of staff through the provider: their own phone rings first, and only who presses 1 there is put through.

    start -> to the member of staff: the number of the task, press 1        (a voicemail presses nothing)
    pressed, key 1 -> the debtor is dialled, recorded from when they answer
    recorded -> to the debtor, before anybody is connected: this call is recorded
    done -> how that ended

Neither the words nor the addresses say who is called or why; the debtor's number stands only in the answer that has it dialled.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args, runtime_checkable

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse  # type: ignore[import-untyped]

from channels.call_links import CallLinks
from channels.contract import Handover, SignedRequest
from channels.dialogue import SECONDS_TO_PRESS
from channels.spoken import LOCALES, Language, phrase

Stage = Literal["start", "pressed", "recorded", "done"]
Ending = Literal["answered", "busy", "no_answer", "failed"]

RING_SECONDS = 30
LONGEST_SECONDS = 3600

ENDINGS: dict[str, Ending] = {
    "completed": "answered",
    "answered": "answered",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "no_answer",
    "failed": "failed",
}
"""How a leg ended. Source: https://www.twilio.com/docs/voice/twiml/dial#attributes-action (DialCallStatus), and CallStatus."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whose phone rings first (E.164), in which language it is spoken to, and until when it may begin (UTC)."""

    bridge_id: int
    agent: str
    language: Language
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """A request of a running bridge, or one about a leg of it. `ending`: how the leg ended, where it has; `seconds` it was talked."""

    provider_id: str
    stage: Stage
    key: str = ""
    ending: Ending | None = None
    seconds: int | None = None


@runtime_checkable
class Bridges(Protocol):
    """A line that can connect two phones."""

    provider: str
    sender: str

    def bridge(self, invitation: Invitation) -> Handover:
        """Ring the member of staff."""

    def parse_bridge(self, request: SignedRequest) -> tuple[Word, CallLinks]:
        """A request for the next words. Raises ForgedRequest."""

    def parse_leg(self, request: SignedRequest) -> Word:
        """What became of one leg. Raises ForgedRequest."""


def stage_named(name: str | None) -> Stage:
    return next((stage for stage in get_args(Stage) if stage == name), "start")


def invite(language: Language, task_id: int, links: CallLinks) -> str:
    """What the member of staff hears. Who presses nothing is left in peace."""
    response = VoiceResponse()
    gather = Gather(input="dtmf", num_digits=1, timeout=SECONDS_TO_PRESS, action=links.to("pressed"), method="POST")
    gather.say(phrase(language, "agent", task=str(task_id)), language=LOCALES[language])
    response.append(gather)
    response.hangup()
    return str(response)


def connect(number: str, caller_id: str, links: CallLinks, leg: str, recorded: str) -> str:
    """Dial the debtor. `leg` is where the provider tells what becomes of that leg, `recorded` where that its recording is there."""
    response = VoiceResponse()
    dial = Dial(
        action=links.to("done"),
        method="POST",
        caller_id=caller_id,
        timeout=RING_SECONDS,
        time_limit=LONGEST_SECONDS,
        record="record-from-answer-dual",
        recording_status_callback=recorded,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed",
    )
    dial.number(
        number,
        url=links.to("recorded"),
        method="POST",
        status_callback=leg,
        status_callback_method="POST",
        status_callback_event="completed",
    )
    response.append(dial)
    return str(response)


def announce(language: Language) -> str:
    """What the debtor hears before they are connected."""
    response = VoiceResponse()
    response.say(phrase(language, "recorded"), language=LOCALES[language])
    return str(response)


def end(language: Language, *, reached: bool) -> str:
    response = VoiceResponse()
    if not reached:
        response.say(phrase(language, "not_reached"), language=LOCALES[language])
    response.hangup()
    return str(response)
