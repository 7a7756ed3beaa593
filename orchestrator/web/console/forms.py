"""The shell's check that a form is one of our pages': it reads the form wholly, so here is how much, and what it opened is closed again."""

from starlette.exceptions import HTTPException
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette_admin.security.csrf import CSRFMiddleware

from orchestrator.exhibits import content
from orchestrator.web import bodies

LONGEST = content.limit("photo") + 1024 * 1024
"""Bytes: the largest file that a form brings, with its fields. What is larger still comes in pieces (orchestrator.visiting.uploads)."""


class Forms(CSRFMiddleware):
    """Strangers pass here too, on their way to the login."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, bodies.bounded(receive, LONGEST), send)

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        try:
            return await super().dispatch(request, call_next)
        except HTTPException as refused:  # no page is reached that could draw it
            return PlainTextResponse(refused.detail, refused.status_code)
        finally:
            await request.close()  # the files it was read into; the page reads its own
