"""运维 Operations: Flower behind the console's login, for administrators, to look at and nothing else."""

import os
from typing import Final

import requests
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from orchestrator.web.console.page import Page, Visit, endpoint

DEFAULT_URL: Final = "http://127.0.0.1:5555"
SECONDS: Final = 10
PASSED_ON: Final = ("content-type", "location", "etag", "cache-control")

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Flower's pages carry scripts of their own; they may talk to this origin only, and their forms go nowhere."""


class Operations(Page):
    path = "/flower"
    label = ("运维", "Operations")

    def is_accessible(self, request: Request) -> bool:
        user = getattr(request.state, "admin_user", None)
        return user is not None and user.person.may("see_operations")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        return self._pass(visit)

    @endpoint("/{path:path}")
    def within(self, visit: Visit) -> Response:
        return self._pass(visit)

    def _pass(self, visit: Visit) -> Response:
        """The same GET at the Flower process, which listens on loopback and is started with `--url_prefix=flower`."""
        url = os.environ.get("XIANLI_FLOWER_URL", DEFAULT_URL).rstrip("/") + visit.request.url.path
        try:
            answer = requests.get(url, params=visit.request.url.query, timeout=SECONDS, allow_redirects=False)
        except requests.RequestException:
            return self.draw(visit, "flower.html", {}, status=503)
        if answer.status_code >= 500:
            raise HTTPException(502)
        headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
        return Response(answer.content, status_code=answer.status_code, headers={**headers, "Content-Security-Policy": POLICY})
