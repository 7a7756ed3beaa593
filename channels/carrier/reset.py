"""Faults of an HTTP answer: refused, late, or cut off, before or after the thing asked for was done."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from channels.carrier.consignments import ConsignmentKind
from channels.carrier.errors import error_body
from channels.carrier.faults import NOT_TAKEN, SPOILED, Fault, Faults

Handler = Callable[[Request], Awaitable[Response]]


class ResettableProtocol(H11Protocol):
    """uvicorn's protocol, its transport within reach of the application so that an answer can be cut off."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class Reset(Response):
    """No answer: the connection is torn down, as by a crash."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["state"]["transport"]
        at_once = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        transport.abort()


def with_faults(channel: ConsignmentKind) -> Callable[[Handler], Handler]:
    """Let the faults that strike this request spoil its answer. Faults, callbacks and world live in `app.state`."""

    def around(handler: Handler) -> Handler:
        async def spoiled(request: Request) -> Response:
            state, to = request.app.state, await _recipient(request)
            faults: Faults = state.faults
            if refusal := faults.take(channel, *NOT_TAKEN, to=to):
                faults.note(refusal, channel, to)
                return _refused(refusal)
            lost, late, early = (faults.take(channel, *kinds, to=to) for kinds in (SPOILED, ("slow",), ("callback_first",)))
            answer = await handler(request)
            taken = state.world.consignments.get(_sid(answer))
            for fault in (lost, late, early):
                faults.note(fault, channel, to, taken.sid if taken else None)
            if early is not None and taken is not None:
                await state.callbacks.first_word(taken, state.world.wall())
            if late is not None:
                await asyncio.sleep(late.seconds)
            return answer if lost is None else _lost(lost, answer)

        return spoiled

    return around


async def _recipient(request: Request) -> str:
    is_json = request.headers.get("Content-Type", "").startswith("application/json")
    return str((await request.json()).get("to", "") if is_json else (await request.form()).get("To", ""))


def _sid(answer: Response) -> str:
    """What was taken is named in the answer, in the words of Twilio or of the post."""
    named = json.loads(bytes(answer.body))
    return str(named.get("sid") or named.get("waybill") or "")


def _lost(fault: Fault, answer: Response) -> Response:
    match fault.kind:
        case "accept_then_status":
            return Response("upstream failure", fault.status, media_type="text/plain")
        case "garbled":
            return Response("<html><body>Welcome to the hotel's network</body></html>", answer.status_code, media_type="text/html")
        case "truncated":
            return Response(bytes(answer.body)[: len(answer.body) // 2], answer.status_code, media_type="application/json")
        case _:
            return Reset()


def _refused(fault: Fault) -> Response:
    match fault.kind:
        case "reset":
            return Reset()
        case "status":
            return Response("upstream failure", fault.status, media_type="text/plain")
        case "rate_limited":
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            return JSONResponse(error_body(20429, "Too Many Requests", 429), 429, headers)
        case _:
            return JSONResponse(error_body(int(fault.code), f"Error {fault.code}", 400), 400)
