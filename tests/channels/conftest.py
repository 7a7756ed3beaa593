"""A sandbox carrier on a loopback port, a house that hears its callbacks, and the adapters between them."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from channels import open_channels
from channels.carrier.callbacks import Identity
from channels.carrier.personas import Persona, persona
from channels.carrier.server import carrier_app, carrier_server
from channels.carrier.world import World
from channels.contract import ForgedRequest, InboundMessage, Message, SignedRequest
from channels.dialogue import Turn, VoiceScript, take_turn
from channels.receipts import Receipt

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "a-token-of-the-sandbox"
POST_TOKEN = "a-token-of-the-post"
ALIBABA_KEY, ALIBABA_SECRET = "LTAI5tSandbox", "a-secret-of-alibaba-cloud"
SEED = 7
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NOTICE = "【清苑物业】尊敬的孙秀英业主：3-1-0401 物业费2026年8月至10月，合计1200.40元，请于12月15日前缴纳。"

SCRIPT = VoiceScript("zh", "清苑物业", "3-1-0401", "3-1-0401 物业费2026年8月至10月，合计1200.40元。")


@dataclass(frozen=True)
class Settings:
    exhibits: Path
    public_url: str = "https://xianli.example"
    secret_key: str = "s" * 32
    twilio_account_sid: str | None = ACCOUNT
    twilio_auth_token: str | None = TOKEN
    twilio_auth_token_next: str | None = None
    twilio_from: str | None = "+8657100000000"
    twilio_messaging_service_sid: str | None = None
    twilio_api_url: str | None = None
    alibaba_cloud_access_key_id: str | None = None
    alibaba_cloud_access_key_secret: str | None = None
    alibaba_cloud_api_url: str | None = None
    post_url: str | None = None
    post_token: str | None = None
    print_house_url: str | None = None
    print_house_key: str | None = None
    print_house_host_key: str | None = None
    home_timezone: str = "Asia/Shanghai"
    sandbox: bool = True


@dataclass
class House:
    """What the program would hear: every callback, verified and translated by its adapter."""

    url: str
    channels: dict[str, Any] = field(default_factory=dict)
    requests: list[SignedRequest] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    texts: list[InboundMessage] = field(default_factory=list)
    script: VoiceScript | None = SCRIPT
    forged: list[SignedRequest] = field(default_factory=list)
    recorded: list[str | None] = field(default_factory=list)

    def hear(self, request: SignedRequest, path: str) -> str:
        self.requests.append(request)
        if "/twilio/voice/" in path:
            pressed, links = self.channels["voice"].parse_keys(request)
            if self.script is None:
                return ""
            self.turns.append(take_turn(self.script, pressed, links, MORNING.date()))
            return self.turns[-1].twiml
        if path.endswith("/twilio/sms"):
            self.texts.append(self.channels["sms"].parse_inbound(request))
            return "<Response/>"
        if path.endswith("/twilio/recording"):
            self.recorded.append(self.channels["voice"].parse_recording(request))
            return ""
        if "/alibaba/" in path:
            return ""
        if "/post/" in path:
            self.receipts += self.channels["letter"].parse_receipt(request)
            return ""
        name = "voice" if any(key == "CallSid" for key, _ in request.form) else "sms"
        self.receipts += self.channels[name].parse_receipt(request)
        return ""

    def of(self, attempt_id: int) -> list[str]:
        return [receipt.status for receipt in self.receipts if receipt.attempt_id == attempt_id]


class Stage:
    """One server for all tests of a run; each test puts its own application on it, with a lifespan of its own."""

    def __init__(self) -> None:
        self._app: Starlette | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self._loop = asyncio.get_running_loop()
            await Starlette()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    @contextlib.contextmanager
    def play(self, app: Starlette) -> Iterator[None]:
        self._app = app
        life = app.router.lifespan_context(app)
        asyncio.run_coroutine_threadsafe(life.__aenter__(), self._loop).result(5)
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(life.__aexit__(None, None, None), self._loop).result(5)


@contextlib.contextmanager
def serving(app: Stage) -> Iterator[str]:
    """The base URL of a server on a free loopback port, on a thread of its own."""
    server = carrier_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def house_stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serving(stage) as url:
        yield stage, url


@pytest.fixture(scope="session")
def carrier_stage() -> Iterator[tuple[Stage, str]]:
    stage = Stage()
    with serving(stage) as url:
        yield stage, url


@pytest.fixture
def house(house_stage: tuple[Stage, str]) -> Iterator[House]:
    stage, url = house_stage
    heard = House(url)

    async def webhook(request: Request) -> Response:
        body = await request.body()
        path, query = request.url.path, request.url.query
        tail = path.rsplit("/", 1)[-1]
        signed = SignedRequest(
            url=heard.url + path + (f"?{query}" if query else ""),
            path_attempt=int(tail) if tail.isdigit() else None,
            form=parse_qsl(body.decode(), keep_blank_values=True) if "twilio" in path else [],
            headers=dict(request.headers),
            raw_body=body,
        )
        try:
            return Response(heard.hear(signed, path), media_type="text/xml")
        except ForgedRequest:
            heard.forged.append(signed)
            return Response(status_code=403)

    app = Starlette(routes=[Route("/{path:path}", webhook, methods=["POST"])])
    with stage.play(app):
        yield heard


@dataclass
class Sandbox:
    url: str
    house: House
    world: World

    def move(self, **delta: float) -> dict[str, Any]:
        now = datetime.fromisoformat(self.clock()["now"]) + timedelta(**delta)
        return requests.post(f"{self.url}/sandbox/clock", json={"now": now.isoformat()}, timeout=30).json()

    def clock(self) -> dict[str, Any]:
        return requests.get(f"{self.url}/sandbox/clock", timeout=5).json()

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in requests.get(f"{self.url}/sandbox/log", timeout=5).text.splitlines()]

    def break_with(self, kind: str, **fields: Any) -> None:
        requests.post(f"{self.url}/sandbox/faults", json={"kind": kind, **fields}, timeout=5).raise_for_status()

    def statement(self) -> str:
        return requests.get(f"{self.url}/bank/statement", timeout=5).content.decode("utf-8-sig")


@pytest.fixture
def sandbox(house: House, carrier_stage: tuple[Stage, str]) -> Iterator[Sandbox]:
    stage, url = carrier_stage
    world = World(SEED, MORNING, lambda: datetime.now(UTC), journal=None)
    push = f"{house.url}/webhooks/alibaba/{{channel}}/a-token"
    identity = Identity(ACCOUNT, TOKEN, POST_TOKEN, ALIBABA_KEY, ALIBABA_SECRET, push)
    app = carrier_app(world, identity, f"{house.url}/webhooks/twilio/sms")
    with stage.play(app):
        yield Sandbox(url, house, world)


@pytest.fixture
def channels(sandbox: Sandbox, house: House, tmp_path: Path) -> dict[str, Any]:
    """All adapters, opened on the sandbox; the house hears with them."""
    settings = Settings(tmp_path, public_url=house.url, twilio_api_url=sandbox.url, post_url=sandbox.url, post_token=POST_TOKEN)
    house.channels = {line.channel: line for line in open_channels(settings, lambda: MORNING)}
    return house.channels


def somebody(wanted: Callable[[Persona], bool]) -> str:
    """The number of a person of this sandbox who is as wanted."""
    numbers = (f"+86199000{number:05d}" for number in range(100_000))
    return next(number for number in numbers if wanted(persona(SEED, number)))


def a_message(channel: str, to: str, attempt_id: int = 41, **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "attempt_id": attempt_id,
        "channel": channel,
        "to": to,
        "country": "CN",
        "body": NOTICE,
        "language": "zh",
        "valid_until": MORNING + timedelta(hours=2),
    }
    return Message(**{**fields, **changes})


@pytest.fixture(name="somebody")
def somebody_fixture() -> Callable[[Callable[[Persona], bool]], str]:
    return somebody


@pytest.fixture(name="a_message")
def a_message_fixture() -> Callable[..., Message]:
    return a_message


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)
