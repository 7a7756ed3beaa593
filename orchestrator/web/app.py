"""The web process: `uvicorn orchestrator.web.app:app`.

Everything is put together when the process starts, around one runtime; a test hands in its own.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from orchestrator import logs
from orchestrator.runtime import Runtime, opened
from orchestrator.settings import Settings
from orchestrator.web import api, console, health
from orchestrator.web.bridges import BridgeDoors
from orchestrator.web.calls import ANSWERS_WITHIN, Calls
from orchestrator.web.headers import SecurityHeaders
from orchestrator.web.hints import Ask, Hints, ask_later
from orchestrator.web.webhooks import Hear, Webhooks, hear_later


def create_app(
    runtime: Runtime | None = None, hear: Hear | None = None, ask: Ask | None = None, *, answers_within: float = ANSWERS_WITHIN
) -> FastAPI:
    """The application; without a runtime it opens the one of this process's settings, and hears and asks through its broker.

    `answers_within`: seconds that a running call waits for its next words.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if runtime is None:
            logs.configure()
        with nullcontext(runtime) if runtime is not None else opened(Settings.load()) as running:
            _assemble(app, running, hear or hear_later(), ask or ask_later(), answers_within)
            yield

    app = FastAPI(title="Xianli 先礼", version="1", lifespan=lifespan, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.add_middleware(SecurityHeaders)
    return app


def _assemble(app: FastAPI, runtime: Runtime, hear: Hear, ask: Ask, answers_within: float) -> None:
    app.router.routes.extend(health.routes(runtime))
    webhooks = Webhooks.of(runtime, hear)
    calls = [*Calls(webhooks, answers_within).routes, *BridgeDoors(webhooks).routes]
    app.router.routes.extend([*webhooks.routes, *calls, *Hints.of(runtime, ask)])
    app.include_router(api.router(runtime))
    console.mount(app, runtime)


app = create_app()
