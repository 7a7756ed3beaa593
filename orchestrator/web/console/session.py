"""Logging in: a signed cookie that names the user and the password it was begun with, and a bound on guesses."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin import CustomView
from starlette_admin.auth import AdminUser, AuthProvider
from starlette_admin.exceptions import LoginFailed
from starlette_admin.routing import route

from orchestrator import people
from orchestrator.people import Person
from orchestrator.runtime import Runtime
from orchestrator.web.console.words import LANGUAGES, Language

LASTS = timedelta(hours=12)
GUESSES = RateLimitItemPerMinute(10)
"""Per name; each costs an Argon2 hash besides."""


@dataclass
class StaffUser(AdminUser):
    """The shell's user, with who it is to us."""

    person: Person = field(kw_only=True)


def middleware(runtime: Runtime) -> Middleware:
    settings = runtime.settings
    return Middleware(
        SessionMiddleware,
        secret_key=settings.secret_key,
        session_cookie="xianli",
        max_age=int(LASTS.total_seconds()),
        same_site="lax",
        https_only=settings.public_url.startswith("https://") and not settings.sandbox,
    )


def language_of(request: Request) -> Language:
    """What the visitor chose, else what their account says, else Chinese."""
    user = getattr(request.state, "admin_user", None)
    chosen = request.session.get("language") or (user.person.language if isinstance(user, StaffUser) else None)
    return cast(Language, chosen) if chosen in LANGUAGES else "zh"


class Staff(AuthProvider):
    """Who may enter: active staff, until their password changes."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(allow_routes=["choose_language"])
        self._runtime = runtime
        self._guesses = FixedWindowRateLimiter(MemoryStorage())

    async def login(self, username: str, password: str, remember_me: bool, request: Request) -> Response | None:
        language = language_of(request)
        if not self._guesses.hit(GUESSES, username[:100]):
            raise LoginFailed("尝试过多，请一分钟后再试。" if language == "zh" else "Too many tries: wait a minute.")
        person = await run_in_threadpool(people.verify, self._runtime, username, password)
        if person is None:
            raise LoginFailed("姓名或密码不正确。" if language == "zh" else "The name or the password is wrong.")
        request.session.clear()
        request.session.update({"user": person.id, "seal": person.seal, "language": language})
        return None

    async def logout(self, request: Request) -> Response | None:
        language = language_of(request)
        request.session.clear()
        request.session["language"] = language
        return None

    async def authenticate(self, request: Request) -> AdminUser | None:
        user_id, seal = request.session.get("user"), request.session.get("seal")
        if not isinstance(user_id, int) or not isinstance(seal, str):
            return None
        person = await run_in_threadpool(people.recall, self._runtime, user_id, seal)
        return StaffUser(username=person.name, person=person) if person else None


class ChooseLanguage(CustomView):
    """Chinese or English, for who is not logged in yet too."""

    path = "/language/{language}"
    route_name = "choose_language"
    add_to_menu = False

    @route("")
    async def index(self, request: Request) -> Response:
        if request.path_params["language"] in LANGUAGES:
            request.session["language"] = request.path_params["language"]
        return RedirectResponse(_back(request), status_code=303)


def _back(request: Request) -> str:
    """The page of ours that the visitor came from."""
    ours, came_from = str(request.base_url), request.headers.get("referer", "")
    return "/" + came_from.removeprefix(ours).lstrip("/") if came_from.startswith(ours) else "/"
