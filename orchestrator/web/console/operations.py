"""运维 Operations: Flower behind the console's login, for administrators, to look at and nothing else."""

from typing import Final

import requests
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from orchestrator.runtime import Runtime
from orchestrator.web import bodies
from orchestrator.web.console import session
from orchestrator.web.console.page import Page, Visit, endpoint

SECONDS: Final = 10
PASSED_ON: Final = ("content-type", "location", "etag", "cache-control")
TABLE: Final = "/flower/tasks/datatable"

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
        return isinstance(user, session.StaffUser) and user.person.may("see_operations")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        return RedirectResponse("/flower/", status_code=303)

    @endpoint("/{path:path}")
    def within(self, visit: Visit) -> Response:
        """Pages, styles, figures: whatever Flower answers to a GET. What would change anything is a POST, and none passes."""
        try:
            return _ask(self.runtime.settings.flower_url, visit.request.url.path, visit.request.url.query)
        except requests.RequestException:
            return self.draw(visit, "flower.html", {}, status=503)


def table(runtime: Runtime, staff: session.Staff) -> Route:
    """Flower reads its list of tasks by POST. It is asked as the GET that it is, so it needs no form's token."""

    async def read(request: Request) -> Response:
        user = await staff.authenticate(request)
        if not isinstance(user, session.StaffUser) or not user.person.may("see_operations"):
            raise HTTPException(403)
        asked = (await bodies.read(request)).decode("latin-1")
        try:
            return await run_in_threadpool(_ask, runtime.settings.flower_url, TABLE, asked)
        except requests.RequestException as silent:
            raise HTTPException(503) from silent

    return Route(TABLE, read, methods=["POST"], middleware=[session.middleware(runtime)])


def _ask(base: str, path: str, query: str) -> Response:
    """GET of the Flower process, which listens on loopback and was started with `--url_prefix=flower`. Raises RequestException."""
    url = base.rstrip("/") + path
    answer = requests.get(url, params=query, timeout=SECONDS, allow_redirects=False)
    headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
    return Response(answer.content, status_code=answer.status_code, headers={**headers, "Content-Security-Policy": POLICY})
