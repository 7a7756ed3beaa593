"""The doors of providers that sign nothing: what they push is kept, answered at once, and then asked about at the provider itself.

A push that names none of our attempts, or came to an address that nobody was given, changes nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from kombu.exceptions import OperationalError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.contract import ReadsHints
from orchestrator import logs, pushing
from orchestrator.runtime import Runtime
from orchestrator.store import hints
from orchestrator.web import bodies

PROVIDER = "alibaba"
TAKEN = {"code": 0, "msg": "接收成功"}
"""What ends a push; anything else has it pushed again."""

Ask = Callable[[Sequence[int]], None]
"""Hands the ids of attempts to whoever asks their provider."""


def ask_later() -> Ask:
    """Through the broker. What it loses is asked about all the same, when nothing final was heard for an hour."""

    def ask(attempt_ids: Sequence[int]) -> None:
        from orchestrator import tasks  # reads the settings of this process, which a test that asks by itself does not have

        with suppress(OperationalError, OSError):
            tasks.ask.apply_async((list(attempt_ids),), retry=False)

    return ask


@dataclass(frozen=True, slots=True)
class Hints:
    """Alibaba Cloud's SmsReport and VoiceReport."""

    runtime: Runtime
    ask: Ask

    @classmethod
    def of(cls, runtime: Runtime, ask: Ask) -> list[Route]:
        return [Route(f"/webhooks/{PROVIDER}/{{channel}}/{{token}}", cls(runtime, ask).door, methods=["POST"])]

    async def door(self, request: Request) -> Response:
        channel, token = request.path_params["channel"], request.path_params["token"]
        if not pushing.is_known(self.runtime.settings, PROVIDER, token):
            logs.logger.warning("push refused", reason="address", channel=channel)
            raise HTTPException(404)
        return await run_in_threadpool(self._take, channel, await bodies.read(request))

    def _take(self, channel: str, body: bytes) -> Response:
        line = self.runtime.lines.of(channel, PROVIDER)
        if not isinstance(line, ReadsHints):
            raise HTTPException(404, f"{channel} by {PROVIDER} is not configured")
        try:
            pushed = line.hints(body)
        except ValueError:
            return JSONResponse({"code": 1, "msg": "not a report"}, 400)
        with self.runtime.store.begin() as rows:
            ours = hints.keep(rows, channel, PROVIDER, pushed, body, self.runtime.now(), self.runtime.wall())
        return JSONResponse(TAKEN, background=BackgroundTask(self.ask, ours) if ours else None)
