"""One PostgreSQL for the session, a database per test, and a runtime on a hand-moved clock whose channels reach nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from channels import open_channels
from orchestrator import embedded, packs
from orchestrator.migrations import upgrade
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.store import Store
from tests import tools
from tests.world import NOW, World

PUBLIC_URL = "https://xianli.example"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `tool(name)` is not begun without that program."""
    for marker in item.iter_markers("tool"):
        for name in marker.args:
            tools.needed(name)


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
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    _, application = _urls(server, name)
    settings = Settings(
        flower_url=flower_url,
        sandbox=True,
        state_dir=tmp_path,
        exhibits=tmp_path,
        checkpoints=tmp_path / "checkpoints",
        database_url=application,
        secret_key="s" * 32,
        encryption_key="e" * 32,
        public_url=PUBLIC_URL,
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="t" * 32,
        twilio_from="+15005550006",
        twilio_api_url="http://127.0.0.1:9",  # nobody listens there
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
