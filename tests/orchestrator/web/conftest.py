"""The web over real HTTP, to strangers and to staff."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import requests
import uvicorn
from fastapi import FastAPI
from sqlalchemy import event, insert, text

from orchestrator import models, people
from orchestrator.runtime import Runtime
from orchestrator.store import Store, alarms, routes
from orchestrator.web.app import create_app
from tests.world import World, month, put


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


@pytest.fixture
def lived(world: World) -> World:
    """A community in the middle of a campaign: charges in every state of proof, an approval, a task, a promise, a payment, an alarm."""
    with world.store.begin() as rows:
        campaign = put(
            rows,
            models.Campaign,
            community_id=world.community_id,
            cycle="2026-10",
            state="proposed",
            proposed_at=world.now,
            proposed_by="xianli",
            forecast={},
        )
    homes = [
        world.home("3-1-0401", "孙丽", "+8619900003958", charges=[month(2026, 8), month(2026, 9)]),
        world.home("3-1-0402", "张军", "+8619900004866", charges=[month(2026, 9)]),
        world.home("3-1-0501", "沈霞", charges=[month(2022, 9), month(2026, 11)]),
        world.home("3-1-0502", "杨芳", charges=[month(2026, 9)]),
    ]
    for home in homes:
        home.open_case()
    homes[0].attempt("letter", "delivered", outcome="handed_over", step="formal-demand", signer="self", document=b"%PDF-1.7 letter")
    homes[1].attempt("sms", "sent")
    homes[0].asks_approval()
    homes[0].task("visit", homes[0].attempt("visit", "accepted", step="visit"))
    with world.store.begin() as rows:
        stop = routes.Planned(1, 1, 1)
        routes.approve(rows, world.community_id, "3", world.now.date(), [stop], "陈工", None, "林主管", world.now, world.now)
        routes.start(rows, 1, world.now)
    homes[3].pay(homes[3].charge_ids[0], "400.00")
    with world.store.begin() as rows:
        for home in homes:
            rows.execute(
                insert(models.Candidate).values(
                    campaign_id=campaign, debtor_id=home.debtor_id, sequence="standard", charges=1, arrears=Decimal("400.00")
                )
            )
        rows.execute(text("""UPDATE "case" SET campaign_id = :id"""), {"id": campaign})
        put(
            rows,
            models.Promise,
            community_id=world.community_id,
            debtor_id=homes[0].debtor_id,
            on=date(2026, 12, 1),
            amount=Decimal("800.00"),
            made_at=world.now,
            by="debtor",
        )
    world.home("3-1-0601", "周敏", charges=[month(2024, 1)])
    with world.store.begin() as rows:
        alarms.ring(rows, world.community_id, "Asia/Shanghai", world.now)
    return world


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that the database is asked meanwhile."""
    statements: list[str] = []

    def note(*told: object) -> None:
        statements.append(str(told[2]))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def csrf(page: str) -> str:
    """The token a page's forms carry."""
    return page.split('name="csrftoken" value="', 1)[1].split('"', 1)[0]
