"""A database per test from one server, a runtime with channels that are never spoken to, and the web over real HTTP."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests
import uvicorn
from fastapi import FastAPI
from sqlalchemy import make_url

from channels import open_channels
from orchestrator import embedded, packs, people
from orchestrator.migrations import upgrade
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.store import Store
from orchestrator.web.app import create_app
from tests.orchestrator.web.world import NOW, World

PUBLIC_URL = "https://xianli.example"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Postgres]:
    state = tmp_path_factory.mktemp("postgres")
    try:
        with embedded.postgres(state, durable=False) as running:
            yield running
    finally:
        embedded.remove(state)


@pytest.fixture(scope="session")
def template(server: embedded.Postgres) -> str:
    """A database with the schema in it, of which each test gets a copy."""
    name = f"template_{uuid4().hex}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {make_url(server.owner_url).username}")
    upgrade(*_urls(server, name))
    return name


def _urls(server: embedded.Postgres, database: str) -> tuple[str, str]:
    owner, application = (make_url(url).set(database=database) for url in (server.owner_url, server.url))
    return owner.render_as_string(hide_password=False), application.render_as_string(hide_password=False)


@dataclass
class Clock:
    """Moved by hand."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flower_url() -> str:
    """Nobody listens there."""
    return "http://127.0.0.1:9"


@pytest.fixture
def runtime(server: embedded.Postgres, template: str, clock: Clock, tmp_path: Path, flower_url: str) -> Iterator[Runtime]:
    name = f"web_{uuid4().hex}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    _, application = _urls(server, name)
    settings = Settings(
        flower_url=flower_url,
        sandbox=True,
        state_dir=tmp_path,
        exhibits=tmp_path,
        database_url=application,
        secret_key="s" * 32,
        encryption_key="e" * 32,
        public_url=PUBLIC_URL,
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="t" * 32,
        twilio_from="+15005550006",
        post_url="https://post.example",
        post_token="p" * 32,
    )
    store = Store(application, settings.encryption_key)
    try:
        yield Runtime(settings, store, open_channels(settings, clock), packs.load(), clock, clock)
    finally:
        store.close()


@pytest.fixture
def world(runtime: Runtime) -> World:
    return World(runtime.store)


@dataclass
class Heard:
    """Who would fold receipts in, writing down what it was given: after the provider has its answer, so a test waits for it."""

    ids: list[int] = field(default_factory=list)
    told: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, receipt_ids: Sequence[int]) -> None:
        self.ids.extend(receipt_ids)
        self.told.release()

    def once_told(self) -> list[int]:
        assert self.told.acquire(timeout=5), "nobody was told"
        return self.ids


@pytest.fixture
def heard() -> Heard:
    return Heard()


class Client(requests.Session):
    """A browser without a window: keeps its cookies and follows nothing by itself."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, self.base + url, *args, **(options | {"allow_redirects": False, "timeout": 10}))

    def submit(self, page: str, action: str, **fields: str) -> requests.Response:
        """Send a form of a page, with the token the page carries."""
        return self.post(action, data={"csrftoken": csrf(self.get(page).text), **fields})


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of the application on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the application did not start"
            time.sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def client(runtime: Runtime, heard: Heard) -> Iterator[Client]:
    """A stranger."""
    with serving(create_app(runtime, heard)) as address, Client(address) as stranger:
        yield stranger


@pytest.fixture
def staff(client: Client, runtime: Runtime) -> Callable[[str], Client]:
    """Logs the client in as a new member of staff of a role."""

    def log_in(role: str) -> Client:
        name = f"{role}-{uuid4().hex[:6]}"
        password = people.add(runtime, name, role)
        client.cookies.clear()
        answer = client.submit("/login", "/login", username=name, password=password)
        assert answer.status_code == 303, answer.text
        return client

    return log_in


def csrf(page: str) -> str:
    """The token a page's forms carry."""
    return page.split('name="csrftoken" value="', 1)[1].split('"', 1)[0]
