"""The river on a hand-moved clock: real rows, real rules, fake lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import make_url, text

from channels.lines import Lines
from channels.receipts import Receipt
from orchestrator import outreach
from orchestrator.embedded import Postgres
from orchestrator.runtime import Runtime
from orchestrator.store import hearing
from orchestrator.store.hearing import Heard
from tests.conftest import Clock
from tests.lines import Line
from tests.world import Home, World, month


class River:
    """The job with its hands: what is due is advanced, delivered and heard, a second a turn, until nothing is left to do."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.lines = {channel: Line(channel) for channel in ("sms", "voice", "letter", "call", "visit")}
        self.runtime = replace(runtime, lines=Lines(tuple(self.lines.values())))
        self.clock = clock

    def open(self, *more: Line, by_country: Mapping[str, tuple[Line, ...]] | None = None) -> None:
        """Lines beside the first one of each channel."""
        self.runtime = replace(self.runtime, lines=Lines((*self.lines.values(), *more), by_country or {}))

    def flow(self) -> None:
        while True:
            due = outreach.sweep(self.runtime)
            if not (due.cases or due.attempts or due.receipts or due.unknown):
                return
            self.clock.at += timedelta(seconds=1)
            outreach.advance(due.cases, self.runtime)
            for ids in due.attempts.values():
                outreach.deliver(ids, self.runtime)
            outreach.hear(due.receipts, self.runtime)
            outreach.look_up(due.unknown, self.runtime)

    def plan(self, home: Home) -> int:
        """Ask a case now; the attempt that comes of it, planned and not yet carried out."""
        self.ask(home)
        (attempt_id,) = outreach.advance([home.case_id], self.runtime)
        return attempt_id

    def ask(self, home: Home) -> None:
        self.execute('UPDATE "case" SET ask_at = :now WHERE id = :id', now=self.clock.at, id=home.case_id)

    def said(self, attempt_id: int, status: str, provider_id: str | None = None, **more: object) -> None:
        """A word of the provider about an attempt, kept as the webhook keeps it."""
        word = Receipt("line", provider_id or f"id-{attempt_id}", attempt_id, status, status, **more)  # type: ignore[arg-type]
        with self.runtime.store.begin() as rows:
            hearing.keep(rows, [Heard.of(word, b"raw")], self.clock.at, self.clock.at)

    def pay(self, home: Home) -> None:
        """Everything the home owes is paid, as the bank's statement books it: the case is touched in the same transaction."""
        self.execute("UPDATE charge SET provisional = amount - paid WHERE debtor_id = :debtor", debtor=home.debtor_id)
        self.execute('UPDATE "case" SET ask_at = :now, changes = changes + 1 WHERE id = :id', now=self.clock.at, id=home.case_id)

    def state(self, attempt_id: int) -> str:
        return str(self.value("SELECT state FROM attempt WHERE id = :id", id=attempt_id))

    def value(self, query: str, **values: object) -> object:
        with self.runtime.store.begin() as rows:
            return rows.execute(text(query), values).scalar()

    def execute(self, query: str, **values: object) -> None:
        with self.runtime.store.begin() as rows:
            rows.execute(text(query), values)

    @property
    def sent(self) -> list[tuple[str, int]]:
        return [(line.channel, message.attempt_id) for line in self.lines.values() for message in line.sent]


@dataclass
class Meanwhile:
    """What happens between the claim and the byte that leaves: the pace of a sender is where a worker waits."""

    happens: Callable[[], object]

    def wait(self, sender: str) -> None:
        self.happens()


def waits_for_a_lock(river: River) -> bool:
    """Whether some transaction waits for another."""
    return bool(river.value("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


def as_owner(river: River, server: Postgres) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of the administrator, whom no grant holds back."""
    database = make_url(server.admin_url).set(database=river.runtime.store.engine.url.database)
    return psycopg.connect(database.render_as_string(hide_password=False), autocommit=True)


@pytest.fixture
def river(runtime: Runtime, clock: Clock, world: World) -> River:
    with runtime.store.begin() as rows:
        rows.execute(
            text("""
                UPDATE community SET contract_clause = '《前期物业服务合同》第18条', how_to_pay = '微信公众号缴费，或至服务中心',
                                     how_to_object = '致电0571-80000000', voice_opt_in = true
            """)
        )
        rows.execute(text("UPDATE creditor SET payee_account = '示例银行 0000', signatory = '物业服务中心'"))
    return River(runtime, clock)


@pytest.fixture
def home(world: World) -> Home:
    """A home that owes two months, at the step of the written notice by SMS."""
    owed = [month(2026, 5, "400.00"), month(2026, 6, "400.00")]
    return world.home("3-1-1201", "王芳", "+8619900000001", charges=owed).open_case(cursor=1)
