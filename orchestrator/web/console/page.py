"""What every page of the console is: a name in the menu, endpoints in threads of their own, and one way to be drawn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin import CustomView, flash
from starlette_admin.flash import get_flashed_messages
from starlette_admin.routing import route

from orchestrator.people import Act, Person
from orchestrator.runtime import Runtime
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.web import bodies
from orchestrator.web.console.session import StaffUser, language_of
from orchestrator.web.console.words import LANGUAGES, Language, Pair

LARGEST = 2**63 - 1
"""No row has a number beyond."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a page: who, in which language, with which form filled in."""

    request: Request
    person: Person
    language: Language
    form: FormData
    body: bytes = b""

    @property
    def scope(self) -> int | None:
        """The one community this person sees, or None for all."""
        return self.person.community_id

    def field(self, name: str) -> str:
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def asked(self, name: str, default: str = "") -> str:
        return self.request.query_params.get(name, default).strip()

    def number(self, name: str, default: int) -> int:
        """A positive whole number of the query; whatever else stands there is the default."""
        asked = self.asked(name)
        return int(asked) if asked.isdigit() and 0 < int(asked) < 2**31 else default

    def tell(self, done: str) -> None:
        """Show on the next page what was done."""
        flash(self.request, done, "success")

    def say(self, zh: str, en: str) -> str:
        return (zh, en)[LANGUAGES.index(self.language)]


V = TypeVar("V", bound="Page")
Draw = Callable[[V, Visit], Response]


def endpoint(
    path: str, *, act: Act | None = None, method: str | None = None, longest: int = 0
) -> Callable[[Draw[V]], Callable[[V, Request], Awaitable[Response]]]:
    """An endpoint under a page's path: with `act` a POST for those who may, else a GET. Its queries wait in a thread of their own.

    `method` names another: a POST without `act` is a question whose words stand in no address. With `longest` the request brings no form
    but bytes, at most so many.
    """

    def wrap(draw: Draw[V]) -> Callable[[V, Request], Awaitable[Response]]:
        @wraps(draw)
        async def respond(page: V, request: Request) -> Response:
            user: StaffUser = request.state.admin_user
            if act is not None and not user.person.may(act):
                raise HTTPException(403)
            if any(isinstance(number, int) and number > LARGEST for number in request.path_params.values()):
                raise HTTPException(404)
            if longest or request.method in ("GET", "HEAD"):
                body = await bodies.read(request, longest) if longest else b""
                return await run_in_threadpool(draw, page, Visit(request, user.person, language_of(request), FormData(), body))
            async with request.form() as form:  # what was uploaded with it is gone afterwards
                return await run_in_threadpool(draw, page, Visit(request, user.person, language_of(request), form))

        methods = [method or ("POST" if act is not None else "GET")]
        routed: Callable[[V, Request], Awaitable[Response]] = route(path, methods=methods)(respond)
        return routed

    return wrap


class Page(CustomView):
    """A page with its place in the menu, under its label in both languages."""

    label: ClassVar[Pair] = ("", "")

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(menu_label=self.label[0], route_name=self.route_name or type(self).__name__.lower())
        self.runtime = runtime

    def now(self) -> datetime:
        return self.runtime.now()

    def is_active(self, request: Request) -> bool:
        path = request.url.path
        return path == self.path or (self.path != "/" and path.startswith(self.path + "/"))

    def draw(self, visit: Visit, template: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        assert self.templates is not None
        return self.templates.TemplateResponse(
            request=visit.request,
            name=template,
            context={"person": visit.person, "flashed_messages": get_flashed_messages(visit.request), **context},
            status_code=status,
        )

    def pdf(self, visit: Visit, document: bytes | None, name: str) -> Response:
        """A letter, byte for byte as it is kept; not found where there is none for this person's eyes."""
        if document is None:
            raise HTTPException(404, visit.say("没有这封信。", "There is no such letter."))
        headers = {
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Content-Security-Policy": "default-src 'none'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'",
            "Cache-Control": "private, no-store",
        }
        return Response(document, media_type="application/pdf", headers=headers)

    def done(self, visit: Visit, back: str, act: Callable[[], object], zh: str = "", en: str = "", *, again: str | None = None) -> Response:
        """Do something and go back, saying what was done (an act that knows more than its name says it by `visit.tell`), or why not.

        `again` is the form to fill in anew where it was refused, if that is another page.
        """
        try:
            act()
        except (ValueError, NoSuchThing) as refused:
            flash(visit.request, visit.say(f"未能完成：{refused}", str(refused)), "error")
            return RedirectResponse(again or back, status_code=303)
        if zh:
            visit.tell(visit.say(zh, en))
        return RedirectResponse(back, status_code=303)
