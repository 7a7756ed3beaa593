"""The post's desk: letters handed in as JSON, one waybill per attempt however often it is handed in."""

import hmac
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.carrier.consignments import Consignment
from channels.carrier.reset import with_faults
from channels.carrier.world import World

_NEEDED = ("attempt", "registered", "to", "content", "callback", "sha256")


def routes(world: World, token: str) -> list[Route]:
    def refused(request: Request) -> Response | None:
        given = request.headers.get("Authorization", "")
        return None if hmac.compare_digest(given, f"Bearer {token}") else JSONResponse({"error": "unauthorized"}, 401)

    @with_faults("letter")
    async def hand_in(request: Request) -> Response:
        if refusal := refused(request):
            return refusal
        letter = await request.json()
        if missing := [name for name in _NEEDED if name not in letter]:
            return JSONResponse({"error": "incomplete", "missing": missing}, 400)
        if len(letter["to"].strip()) < 4:
            return JSONResponse({"error": "address_incomplete"}, 400)
        if known := world.letters_by_attempt.get(int(letter["attempt"])):
            return JSONResponse(_shown(world.consignments[known]))
        taken = world.take("letter", to=letter["to"], sender="", body=letter["content"], asked=letter)
        return JSONResponse(_shown(taken), 201)

    async def look_up(request: Request) -> Response:
        if refusal := refused(request):
            return refusal
        known = world.letters_by_attempt.get(int(request.query_params["attempt"]))
        return JSONResponse({"letters": [_shown(world.consignments[known])] if known else []})

    return [Route("/post/letters", hand_in, methods=["POST"]), Route("/post/letters", look_up, methods=["GET"])]


def _shown(letter: Consignment) -> dict[str, Any]:
    said_at = letter.events[-1][0].isoformat() if letter.events else None
    return {**{name: letter.asked[name] for name in _NEEDED}, "waybill": letter.sid, "status": letter.status, "status_at": said_at}
