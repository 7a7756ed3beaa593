"""A call lived to its end: TwiML is fetched, spoken, and answered with the keys the person presses."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from channels.carrier import bridged
from channels.carrier.callbacks import Callbacks, call_fields
from channels.carrier.consignments import Consignment
from channels.carrier.personas import Persona
from channels.carrier.world import World

SYLLABLES_PER_SECOND = 4.0
MOST_FETCHES = 20
SECONDS_PUT_THROUGH = 45
"""Whoever a call is put through to takes it, and is soon done."""


@dataclass(slots=True)
class Conversation:
    """`spoken` is what a person listened to; a machine listens to nothing. `left` are the keys still to be pressed."""

    left: list[str]
    machine: bool
    seconds: float = 0.0
    spoken: list[str] = field(default_factory=list)
    keys: str = ""

    def as_detail(self, answered_by: str | None) -> dict[str, object]:
        spoken = "" if self.machine else "\n".join(self.spoken)
        return {"seconds": max(int(self.seconds), 1), "spoken": spoken, "keys": self.keys, "answered_by": answered_by}


_ANSWERED_BY = {"DetectMessageEnd": "machine_end_beep"}
"""Who only wants to know that it is a machine is told at once; who will leave a message, when its greeting is over."""


async def converse(call: Consignment, who: Persona, world: World, callbacks: Callbacks) -> dict[str, object]:
    """The whole dialogue at the instant of answering; how long it took is in the detail of the event."""
    machine = who.phone == "machine"
    if detection := call.asked.get("MachineDetection"):
        call.answered_by = _ANSWERED_BY.get(detection, "machine_start") if machine else "human"
    talk = Conversation(list(who.keys), machine)
    url, said = call.asked.get("Url"), dict[str, str]()
    document = call.asked.get("Twiml") or ""
    for _ in range(MOST_FETCHES):
        if url:
            document = await callbacks.twilio(url, call_fields(call, world.wall()) | said)
        if call.is_bridge and url and (number := bridged.dial_of(document)) is not None:
            said = await bridged.put_through(call, number, bridged.recorded_of(document), world, callbacks)
            talk.seconds += float(said["DialCallDuration"])
            url = bridged.action_of(document, url)
            continue
        step = _listen(document, talk)
        if step is None:
            break
        action, said = step
        url = urljoin(url or "", action) if action else url
    return talk.as_detail(call.answered_by)


def walk_through(script: Mapping[str, Any], who: Persona) -> dict[str, object]:
    """A call whose words were all handed over beforehand: a question, an answer for each key, a last word. One key is heard."""
    machine = who.phone == "machine"
    talk = Conversation(list(who.keys), machine, spoken=[script["start"]])
    if not machine and talk.left:
        talk.keys = talk.left[0]
        talk.spoken.append(script["keys"].get(talk.keys, ""))
    talk.spoken.append(script.get("bye", ""))
    talk.seconds = len("".join(talk.spoken)) / SYLLABLES_PER_SECOND
    return talk.as_detail("machine" if machine else "human")


def _listen(document: str, talk: Conversation) -> tuple[str, dict[str, str]] | None:
    """What is requested next (URL, and what happened since), after all that this document says; None: the call is over."""
    try:
        verbs = list(ET.fromstring(document))
    except ET.ParseError:
        return None
    for verb in verbs:
        match verb.tag:
            case "Say":
                _hear(verb, talk)
            case "Pause":
                talk.seconds += float(verb.get("length") or 1)
            case "Redirect":
                return (verb.text or "").strip(), {}
            case "Gather":
                if (key := _gather(verb, talk)) is not None:
                    return verb.get("action") or "", {"Digits": key}
                if not talk.machine:
                    return None
            case "Dial":
                talk.seconds += SECONDS_PUT_THROUGH
                return verb.get("action") or "", {"DialCallStatus": "completed", "DialCallDuration": str(SECONDS_PUT_THROUGH)}
            case "Hangup" | "Reject":
                return None
    return None


def _gather(gather: ET.Element, talk: Conversation) -> str | None:
    """The key pressed; empty where silence is asked for too; None where nothing is pressed: then a person has hung up."""
    for nested in gather.iter("Say"):
        _hear(nested, talk)
    if not talk.machine and talk.left:
        key = talk.left.pop(0)
        talk.keys += key
        talk.seconds += 1
        return key
    if not talk.machine:
        return None
    talk.seconds += float(gather.get("timeout") or 5)
    return "" if gather.get("actionOnEmptyResult") == "true" else None


def _hear(say: ET.Element, talk: Conversation) -> None:
    text = "".join(say.itertext()).strip()
    talk.seconds += len(text.encode()) / 3 / SYLLABLES_PER_SECOND
    talk.spoken.append(text)
