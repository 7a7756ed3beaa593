"""What was recorded of calls: listed as Twilio lists it, and given out as a small valid WAV, the same bytes every time."""

import io
import wave
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.carrier.consignments import Consignment
from channels.carrier.errors import TwilioError
from channels.carrier.world import World

RATE = 8_000
"""Samples a second, of one byte."""


def routes(world: World, account: str) -> list[Route]:
    base = f"/2010-04-01/Accounts/{account}"

    async def list_recordings(request: Request) -> Response:
        call = world.consignments.get(request.path_params["sid"])
        if call is None or call.kind != "voice":
            raise TwilioError(20404)
        found = [_as_json(call, account)] if _was_recorded(call) else []
        return JSONResponse({"recordings": found, "page": 0, "page_size": 50, "next_page_uri": None, "uri": request.url.path})

    async def give_out(request: Request) -> Response:
        call = world.consignments.get("CA" + request.path_params["sid"].removeprefix("RE"))
        if call is None or not _was_recorded(call):
            raise TwilioError(20404)
        return Response(_sound(call.sid), media_type="audio/x-wav")

    return [
        Route(f"{base}/Calls/{{sid}}/Recordings.json", list_recordings, methods=["GET"]),
        Route(f"{base}/Recordings/{{sid}}.wav", give_out, methods=["GET"]),
    ]


def _was_recorded(call: Consignment) -> bool:
    return call.status == "completed" and str(call.asked.get("Record", "")).lower() == "true"


def _as_json(call: Consignment, account: str) -> dict[str, Any]:
    sid = "RE" + call.sid.removeprefix("CA")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": call.sid,
        "channels": 1,
        "date_created": format_datetime(call.wall),
        "duration": "1",
        "sid": sid,
        "source": "OutboundAPI",
        "status": "completed",
        "uri": f"/2010-04-01/Accounts/{account}/Recordings/{sid}.json",
    }


def _sound(sid: str) -> bytes:
    """A second of a tone that follows from the call."""
    tone = sha256(sid.encode()).digest()
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes((tone * (RATE // len(tone) + 1))[:RATE])
    return kept.getvalue()
