"""The carrier as one web application, and as a server that anybody can start on a free port."""

import base64
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from channels.carrier import account, alibaba, control, page, post, rest
from channels.carrier.alibaba import Desk
from channels.carrier.alibaba_gate import Gate
from channels.carrier.callbacks import Callbacks, Identity
from channels.carrier.clockwork import Clockwork
from channels.carrier.errors import TwilioError, error_body, twilio_error
from channels.carrier.faults import Faults
from channels.carrier.reset import ResettableProtocol
from channels.carrier.world import World


def carrier_app(world: World, identity: Identity, inbound_url: str | None) -> Starlette:
    """`inbound_url` is where texts of people go; None: nobody is told of them."""
    faults = Faults()
    callbacks = Callbacks(identity, faults)
    clockwork = Clockwork(world, callbacks, inbound_url)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        yield
        await callbacks.close()
        world.close()

    app = Starlette(
        routes=[
            *rest.routes(world, identity.account_sid),
            *account.routes(world, identity.account_sid),
            *page.routes(world, faults, callbacks),
            *alibaba.routes(Desk(world, faults, Gate(identity.alibaba_key_id, identity.alibaba_key_secret))),
            *post.routes(world, identity.post_token),
            *control.routes(world, clockwork, faults),
        ],
        exception_handlers={TwilioError: twilio_error},
        lifespan=life,
    )
    app.state.faults, app.state.callbacks, app.state.world = faults, callbacks, world
    app.add_middleware(_TwilioCredentials, identity=identity)
    return app


def carrier_server(app: ASGIApp, host: str, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, http=ResettableProtocol, ws="none", log_level="warning", access_log=False)
    )


class _TwilioCredentials:
    """Basic authentication for Twilio's paths; the post has its token, and the sandbox's own paths are for whoever is on this machine."""

    def __init__(self, app: ASGIApp, identity: Identity) -> None:
        self._app = app
        self._expected = base64.b64encode(f"{identity.account_sid}:{identity.auth_token}".encode()).decode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(("/2010-04-01/", "/v1/")):
            given = Request(scope).headers.get("Authorization", "").removeprefix("Basic ")
            if not hmac.compare_digest(given, self._expected):
                await JSONResponse(error_body(20003, "Authenticate", 401), 401)(scope, receive, send)
                return
        await self._app(scope, receive, send)
