"""Faults of an HTTP answer: refused, late, or cut off, before or after the thing asked for was done."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from channels.carrier.errors import error_body
from channels.carrier.faults import Fault, Faults

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


def with_faults(channel: str) -> Callable[[Handler], Handler]:
    """Let the faults that wait for this channel spoil the answer. Faults live in `app.state.faults`."""

    def around(handler: Handler) -> Handler:
        async def spoiled(request: Request) -> Response:
            faults: Faults = request.app.state.faults
            if refusal := faults.take(channel, "reset", "status", "rate_limited", "error"):
                return _refused(refusal)
            cut_off = faults.take(channel, "accept_then_reset")
            late = faults.take(channel, "slow")
            answer = await handler(request)
            if late is not None:
                await asyncio.sleep(late.seconds)
            return Reset() if cut_off is not None else answer

        return spoiled

    return around


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
