"""A call that is put through: a member of staff takes it and presses 1, and the debtor does as on any call."""

import xml.etree.ElementTree as ET
from urllib.parse import urljoin

from channels.carrier.callbacks import Callbacks, call_fields
from channels.carrier.consignments import Consignment
from channels.carrier.personas import persona
from channels.carrier.world import World

SECONDS_TALKED = 60

_ENDINGS = {"no_answer": "no-answer", "busy": "busy"}


def dial_of(document: str) -> ET.Element | None:
    """The number to dial, where the words ask to have it told first that it is recorded."""
    try:
        number = ET.fromstring(document).find("Dial/Number")
    except ET.ParseError:
        return None
    return number if number is not None and number.get("url") else None


async def put_through(call: Consignment, number: ET.Element, recorded: str, world: World, callbacks: Callbacks) -> dict[str, str]:
    """The debtor's leg lived to its end; what the words that asked for it are told of it. `recorded`: where its recording is told of."""
    called = persona(world.seed, (number.text or "").strip())
    ending = _ENDINGS.get(called.phone, "completed")
    seconds = SECONDS_TALKED if ending == "completed" else 0
    child = {**call_fields(call, world.wall()), "CallSid": "CA" + call.sid[2:][::-1], "ParentCallSid": call.sid, "To": called.key}
    if ending == "completed":
        call.recorded = True
        call.asked["RecordingStatusCallback"] = recorded
        await callbacks.twilio(number.get("url") or "", {**child, "CallStatus": "in-progress"})
    if leg := number.get("statusCallback"):
        await callbacks.twilio(leg, {**child, "CallStatus": ending, "CallDuration": str(seconds)})
    return {"DialCallStatus": ending, "DialCallDuration": str(seconds)}


def recorded_of(document: str) -> str:
    """Where it is told that the recording of the debtor's leg is there; empty: nowhere."""
    dial = ET.fromstring(document).find("Dial")
    return (dial.get("recordingStatusCallback") or "") if dial is not None else ""


def action_of(document: str, url: str) -> str:
    """Where the end of the debtor's leg is told."""
    dial = ET.fromstring(document).find("Dial")
    return urljoin(url, dial.get("action") or "") if dial is not None else url
