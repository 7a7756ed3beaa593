"""A provider that signs nothing pushes: to an address that only it knows, and only its record is believed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import text

from channels.alibaba_sms import AlibabaSmsChannel
from channels.contract import Accepted, Exchange, LookupFailed, Sought
from channels.lines import Lines
from channels.receipts import Receipt
from orchestrator import outreach, pushing
from orchestrator.runtime import Runtime
from orchestrator.web.app import create_app
from tests.lines import Line
from tests.orchestrator.web.conftest import Client, Heard, serving
from tests.world import Home, World, month

NUMBER = "+8619900003958"


@dataclass
class Recorded(Line):
    """A line whose provider pushes unsigned, and shows a record to whoever asks for it."""

    shown: dict[int, str] = field(default_factory=dict)
    asked: list[Sought] = field(default_factory=list)

    named_by = AlibabaSmsChannel.named_by
    hints = AlibabaSmsChannel.hints

    def recall(self, provider_id: str, sought: Sought) -> Accepted:
        self.asked.append(sought)
        if sought.attempt_id not in self.shown:
            raise LookupFailed("no record")
        state = self.shown[sought.attempt_id]
        receipt = Receipt("alibaba", provider_id, sought.attempt_id, state, state)  # type: ignore[arg-type]
        return Accepted("alibaba", provider_id, Exchange(b"question", b"record"), receipts=(receipt,))


@pytest.fixture
def line() -> Recorded:
    return Recorded("sms", provider="alibaba", sender="alibaba")


@pytest.fixture
def here(runtime: Runtime, line: Recorded) -> Runtime:
    return replace(runtime, lines=Lines(general=(line,)))


@pytest.fixture
def asked() -> Heard:
    return Heard()


@pytest.fixture
def door(here: Runtime, heard: Heard, asked: Heard) -> Iterator[Client]:
    with serving(create_app(here, heard, asked)) as address, Client(address) as provider:
        yield provider


@pytest.fixture
def attempt(world: World, here: Runtime) -> int:
    home: Home = world.home("3-1-0401", "孙丽", NUMBER, charges=[month(2026, 9)]).open_case()
    made = home.attempt("sms", "accepted")
    with here.store.begin() as rows:
        rows.execute(
            text("UPDATE attempt SET provider = 'alibaba', sender = 'alibaba', provider_id = :name, sent_at_wall = :now WHERE id = :id"),
            {"name": str(made), "id": made, "now": here.wall()},
        )
        if not rows.execute(text("SELECT count(*) FROM message WHERE attempt_id = :id"), {"id": made}).scalar():
            rows.execute(
                text("""INSERT INTO message (attempt_id, wording, language, body, summary, digest, valid_until, composed_at)
                        VALUES (:id, 'notice-sms@1', 'zh', '通知', '', ''::bytea, :now, :now)"""),
                {"id": made, "now": here.now()},
            )
    return made


def path(runtime: Runtime, channel: str = "sms") -> str:
    return pushing.address(runtime.settings, "alibaba", channel).removeprefix(runtime.settings.public_url)


def report(attempt_id: int) -> bytes:
    return json.dumps([{"out_id": str(attempt_id), "err_code": "DELIVERED", "success": True, "phone_number": "19900003958"}]).encode()


def state(runtime: Runtime, attempt_id: int) -> str:
    with runtime.store.begin() as rows:
        return str(rows.execute(text("SELECT state FROM attempt WHERE id = :id"), {"id": attempt_id}).scalar())


def hear_all(runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        waiting = list(rows.execute(text("SELECT id FROM receipt WHERE applied_at IS NULL ORDER BY id")).scalars())
    outreach.hear(waiting, runtime)


def test_what_is_pushed_is_answered_as_wished_and_believed_once_the_record_says_so(
    door: Client, here: Runtime, line: Recorded, attempt: int, asked: Heard
) -> None:
    answered = door.post(path(here), data=report(attempt))
    assert (answered.status_code, answered.json()) == (200, {"code": 0, "msg": "接收成功"})
    assert asked.once_told() == [attempt]
    assert state(here, attempt) == "accepted", "a push moves nothing"

    line.shown[attempt] = "delivered"
    outreach.ask([attempt], here)
    hear_all(here)
    assert state(here, attempt) == "delivered"
    assert line.asked[0].to == NUMBER
    with here.store.begin() as rows:
        assert bytes(rows.execute(text("SELECT raw FROM receipt WHERE kind = 'delivery'")).scalar_one()) == b"record"


@pytest.mark.parametrize("shown", [False, True])
def test_a_forged_push_changes_nothing(door: Client, here: Runtime, line: Recorded, attempt: int, asked: Heard, shown: bool) -> None:
    """It came to the right address, and says delivered; the record has nothing of it, or says that it is on its way."""
    if shown:
        line.shown[attempt] = "accepted"
    door.post(path(here), data=report(attempt))
    outreach.ask(asked.once_told(), here)
    hear_all(here)
    assert state(here, attempt) == "accepted"


@pytest.mark.parametrize("wrong", ["/webhooks/alibaba/sms/guessed", "/webhooks/alibaba/sms/" + "0" * 40])
def test_an_address_that_nobody_was_given_is_no_door(door: Client, here: Runtime, attempt: int, asked: Heard, wrong: str) -> None:
    assert door.post(wrong, data=report(attempt)).status_code == 404
    assert asked.ids == []
    assert kept(here) == 0


def kept(runtime: Runtime) -> int:
    with runtime.store.begin() as rows:
        return int(rows.execute(text("SELECT count(*) FROM receipt WHERE kind = 'hint'")).scalar_one())


def test_a_push_is_kept_as_it_came_once_and_asked_about_each_time(door: Client, here: Runtime, attempt: int, asked: Heard) -> None:
    for _ in range(2):
        door.post(path(here), data=report(attempt))
    assert asked.told.acquire(timeout=5)
    assert asked.told.acquire(timeout=5)
    with here.store.begin() as rows:
        (raw,) = rows.execute(text("SELECT raw FROM receipt WHERE kind = 'hint'")).scalars()
    assert bytes(raw) == report(attempt)
    assert asked.ids == [attempt, attempt]


def test_what_names_no_attempt_of_that_provider_is_let_go(door: Client, here: Runtime, attempt: int, asked: Heard) -> None:
    with here.store.begin() as rows:
        rows.execute(text("UPDATE attempt SET provider = 'twilio' WHERE id = :id"), {"id": attempt})
    assert door.post(path(here), data=report(attempt)).json()["code"] == 0
    assert door.post(path(here), data=report(10**6)).json()["code"] == 0
    assert (asked.ids, kept(here)) == ([], 0)


def test_what_is_no_report_is_refused(door: Client, here: Runtime) -> None:
    assert door.post(path(here), data=b"<xml/>").status_code == 400


def test_a_channel_that_is_not_configured_is_not_found(door: Client, here: Runtime) -> None:
    assert door.post(path(here, "voice"), data=report(1)).status_code == 404


def test_a_call_whose_answer_was_lost_is_asked_about_by_the_name_that_the_push_gave_it(
    door: Client, here: Runtime, line: Recorded, attempt: int, asked: Heard
) -> None:
    with here.store.begin() as rows:
        rows.execute(text("UPDATE attempt SET state = 'unknown', provider_id = NULL WHERE id = :id"), {"id": attempt})
    line.shown[attempt] = "delivered"
    outreach.ask([attempt], here)
    assert line.asked == [], "it has no name to ask by"

    door.post(path(here), data=report(attempt))
    outreach.ask(asked.once_told(), here)
    hear_all(here)
    assert state(here, attempt) == "delivered"


def test_what_nothing_was_heard_of_for_an_hour_is_asked_about_without_a_push(here: Runtime, line: Recorded, attempt: int) -> None:
    with here.store.begin() as rows:
        rows.execute(text("UPDATE attempt SET sent_at_wall = sent_at_wall - interval '2 hours' WHERE id = :id"), {"id": attempt})
    line.shown[attempt] = "delivered"
    outreach.catch_up(here)
    hear_all(here)
    assert state(here, attempt) == "delivered"
