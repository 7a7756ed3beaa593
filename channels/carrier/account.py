"""Twilio's REST API for what an account has: itself, its numbers, those of its messaging services, the recordings of its calls."""

import struct
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.carrier.consignments import Consignment
from channels.carrier.errors import TwilioError
from channels.carrier.world import World

SAMPLES_PER_SECOND = 8000
"""Of a telephone, a byte each."""


def routes(world: World, account: str) -> list[Route]:
    base = f"/2010-04-01/Accounts/{account}"

    async def itself(request: Request) -> Response:
        now = format_datetime(world.wall())
        return JSONResponse(
            {
                "auth_token": None,
                "date_created": now,
                "date_updated": now,
                "friendly_name": "Sandbox",
                "owner_account_sid": account,
                "sid": account,
                "status": "active",
                "subresource_uris": {"messages": f"{base}/Messages.json", "calls": f"{base}/Calls.json"},
                "type": "Full",
                "uri": f"{base}.json",
            }
        )

    async def numbers(request: Request) -> Response:
        """Every number it is asked for is the account's; without one asked for, those it has sent from."""
        asked = request.query_params.get("PhoneNumber")
        owned = [asked] if asked else sorted({each.sender for each in world.consignments.values() if each.kind in ("sms", "voice")})
        return JSONResponse(_one_page(request, "incoming_phone_numbers", [_number_json(number, world, account) for number in owned]))

    async def service_numbers(request: Request) -> Response:
        service = request.path_params["service"]
        url = str(request.url)
        number = {
            "sid": _sid("PN", service),
            "account_sid": account,
            "service_sid": service,
            "date_created": world.wall().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "date_updated": world.wall().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "phone_number": "+12025550142",
            "country_code": "US",
            "capabilities": ["Voice", "SMS"],
            "url": f"{url.partition('?')[0]}/{_sid('PN', service)}",
        }
        meta = {"page": 0, "page_size": 50, "first_page_url": url, "previous_page_url": None, "url": url, "next_page_url": None}
        return JSONResponse({"phone_numbers": [number], "meta": meta | {"key": "phone_numbers"}})

    async def recordings(request: Request) -> Response:
        call = _call(world, request)
        found = [_recording_json(call, account)] if is_recorded(call) else []
        return JSONResponse(_one_page(request, "recordings", found))

    async def sound(request: Request) -> Response:
        """What was recorded, as far as a sandbox has a voice: the silence of its length."""
        for call in world.consignments.values():
            if call.kind == "voice" and is_recorded(call) and recording_sid(call) == request.path_params["sid"]:
                return Response(silence(_seconds(call)), media_type="audio/x-wav")
        raise TwilioError(20404)

    return [
        Route(f"{base}.json", itself, methods=["GET"]),
        Route(f"{base}/IncomingPhoneNumbers.json", numbers, methods=["GET"]),
        Route("/v1/Services/{service}/PhoneNumbers", service_numbers, methods=["GET"]),
        Route(f"{base}/Calls/{{call}}/Recordings.json", recordings, methods=["GET"]),
        Route(f"{base}/Recordings/{{sid}}.wav", sound, methods=["GET"]),
    ]


def silence(seconds: int) -> bytes:
    """A WAV of mu-law at 8 kHz, as Twilio serves recordings."""
    sound = b"\xff" * (seconds * SAMPLES_PER_SECOND)
    kind = struct.pack("<HHIIHHH", 7, 1, SAMPLES_PER_SECOND, SAMPLES_PER_SECOND, 1, 8, 0)
    chunks = b"fmt " + struct.pack("<I", len(kind)) + kind + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def _call(world: World, request: Request) -> Consignment:
    found = world.consignments.get(request.path_params["call"])
    if found is None or found.kind != "voice":
        raise TwilioError(20404)
    return found


def is_recorded(call: Consignment) -> bool:
    asked_for = call.recorded or call.asked.get("Record", "").lower() == "true"
    return asked_for and call.wall_of("answered") is not None and call.status == "completed"


def recording_sid(call: Consignment) -> str:
    return _sid("RE", call.sid)


def _seconds(call: Consignment) -> int:
    talked = [at for at, _, name in call.events if name in ("answered", "completed")]
    return int((talked[-1] - talked[0]).total_seconds())


def _recording_json(call: Consignment, account: str) -> dict[str, Any]:
    sid, ended = recording_sid(call), call.wall_of("completed")
    at = format_datetime(ended) if ended else None
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": call.sid,
        "conference_sid": None,
        "channels": 1,
        "date_created": at,
        "date_updated": at,
        "duration": str(_seconds(call)),
        "encryption_details": None,
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "source": "OutboundAPI",
        "start_time": at,
        "status": "completed",
        "track": "both",
        "uri": f"/2010-04-01/Accounts/{account}/Calls/{call.sid}/Recordings/{sid}.json",
    }


def _number_json(number: str, world: World, account: str) -> dict[str, Any]:
    sid, now = _sid("PN", number), format_datetime(world.wall())
    return {
        "account_sid": account,
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"mms": False, "sms": True, "voice": True, "fax": False},
        "date_created": now,
        "date_updated": now,
        "friendly_name": number,
        "origin": "twilio",
        "phone_number": number,
        "sid": sid,
        "status": "in-use",
        "uri": f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{sid}.json",
    }


def _one_page(request: Request, name: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    uri = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return {
        "end": max(len(records) - 1, 0),
        "first_page_uri": uri,
        "next_page_uri": None,
        "page": 0,
        "page_size": 50,
        "previous_page_uri": None,
        "start": 0,
        "uri": uri,
        name: records,
    }


def _sid(prefix: str, key: str) -> str:
    return prefix + sha256(key.encode()).hexdigest()[:32]
