"""A call task on the console: in one person's hands, read before dialling, reported without loss."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, text

from orchestrator import models, people
from orchestrator.runtime import Runtime
from orchestrator.web.app import create_app
from tests.conftest import Clock
from tests.orchestrator.web.conftest import Client, Heard, serving
from tests.world import Home, World, month, put

NUMBER = "+8619900003958"
LogIn = Callable[[str], Client]


@pytest.fixture
def desk(runtime: Runtime, heard: Heard) -> Iterator[LogIn]:
    """Logs a member of staff of a name in, each in a browser of their own."""
    browsers: list[Client] = []
    with serving(create_app(runtime, heard)) as address:

        def log_in(name: str) -> Client:
            password = people.add(runtime, name, "collector")
            browsers.append(Client(address))
            assert browsers[-1].submit("/login", "/login", username=name, password=password).status_code == 303
            return browsers[-1]

        yield log_in
        for browser in browsers:
            browser.close()


@pytest.fixture
def home(world: World) -> Home:
    return world.home("3-1-0401", "孙丽", NUMBER, charges=[month(2026, 8), month(2026, 9)]).open_case(cursor=3)


@pytest.fixture
def task(home: Home) -> int:
    return home.task("call", home.attempt("call", "accepted", step="second-call", sent=timedelta(minutes=-1)), about="second-call")


@pytest.fixture(autouse=True)
def still_to_do(world: World) -> None:
    """The community is complete, so that the question asked before dialling is answered as it was."""
    with world.store.begin() as rows:
        rows.execute(text("UPDATE community SET contract_clause = '第18条', how_to_pay = '公众号', how_to_object = '致电'"))
        rows.execute(text("UPDATE creditor SET payee_account = '示例银行 0000', signatory = '服务中心'"))


def claim(runtime: Runtime, task: int, by: str) -> None:
    """As start does, once it has asked whether the call is still to be made."""
    execute(runtime, "UPDATE task SET claimed_by = :by, claimed_until = :until WHERE id = :id", id=task, by=by, until=after(runtime))


def after(runtime: Runtime) -> datetime:
    return runtime.wall() + timedelta(minutes=15)


def execute(runtime: Runtime, query: str, **values: Any) -> None:
    with runtime.store.begin() as rows:
        rows.execute(text(query), values)


def value(runtime: Runtime, query: str, **values: Any) -> Any:
    with runtime.store.begin() as rows:
        return rows.execute(text(query), values).scalar()


def report(client: Client, task: int, **fields: str) -> Any:
    return client.submit(f"/tasks/{task}", f"/tasks/{task}/call", **fields)


def state(runtime: Runtime, task: int) -> Any:
    return value(runtime, "SELECT state FROM task WHERE id = :id", id=task)


def test_two_collectors_one_call_the_second_sees_who_has_it_and_cannot_report(runtime: Runtime, desk: LogIn, task: int) -> None:
    first, second = desk("陈工"), desk("李工")
    claim(runtime, task, "陈工")
    assert "陈工 正在处理" in second.get("/tasks").text
    page = second.get(f"/tasks/{task}").text
    assert "陈工 正在处理这个任务，至 11月24日 周二 10:15" in page
    assert NUMBER not in page
    assert second.submit(f"/tasks/{task}", f"/tasks/{task}/start").headers["location"].endswith(f"/tasks/{task}")
    refused = report(second, task, outcome="no_answer")
    assert (refused.status_code, state(runtime, task)) == (422, "open")
    assert NUMBER in first.get(f"/tasks/{task}").text
    assert report(first, task, outcome="no_answer").status_code == 303
    assert state(runtime, task) == "done"


def test_who_starts_has_it_in_hand_until_it_is_given_back(desk: LogIn, home: Home) -> None:
    task = home.task("call", about="second-call")
    first, second = desk("陈工"), desk("李工")
    assert NUMBER not in first.get(f"/tasks/{task}").text
    first.submit(f"/tasks/{task}", f"/tasks/{task}/start")
    assert NUMBER in first.get(f"/tasks/{task}").text
    second.submit("/tasks", f"/tasks/{task}/start")
    assert NUMBER not in second.get(f"/tasks/{task}").text
    first.submit(f"/tasks/{task}", f"/tasks/{task}/back")
    second.submit(f"/tasks/{task}", f"/tasks/{task}/start")
    assert NUMBER in second.get(f"/tasks/{task}").text


def test_a_claim_ends_by_itself_after_a_quarter_of_an_hour(runtime: Runtime, clock: Clock, desk: LogIn, task: int) -> None:
    claim(runtime, task, "陈工")
    second = desk("李工")
    clock.at += timedelta(minutes=14)
    assert report(second, task, outcome="busy").status_code == 422
    clock.at += timedelta(minutes=1)
    assert report(second, task, outcome="busy").status_code == 303


def test_the_card_says_what_is_owed_what_was_promised_and_what_is_open(runtime: Runtime, desk: LogIn, home: Home, task: int) -> None:
    home.attempt("sms", "delivered", outcome="delivered")
    with runtime.store.begin() as rows:
        whose = {"community_id": home.world.community_id, "debtor_id": home.debtor_id, "by": "debtor"}
        put(rows, models.Promise, **whose, on=date(2026, 11, 5), amount=Decimal("800"), made_at=home.world.now - timedelta(days=25))
        now = home.world.now
        rows.execute(
            insert(models.Hold).values(**whose, reason="repair", comment="楼道灯", issue="R-7", since=now, until=now + timedelta(days=9))
        )
    page = desk("陈工").get(f"/tasks/{task}").text
    for said in ("第 2 次联系", "可以温情", "2026-08", "2026-09", "¥800.00", "未兑现", "短信通知", "楼道灯", "已送达"):
        assert said in page, said


@pytest.mark.parametrize(("before", "manner"), [(0, "先做准备"), (1, "可以温情"), (2, "可以温情"), (3, "锁定核心")])
def test_how_it_is_held_follows_from_which_contact_it_is(desk: LogIn, home: Home, task: int, before: int, manner: str) -> None:
    for number in range(before):
        home.attempt("sms", "delivered", step=f"step-{number}")
    assert manner in desk("陈工").get(f"/tasks/{task}").text


def test_a_promise_is_for_a_day_and_an_amount_and_the_next_call_comes_up(runtime: Runtime, desk: LogIn, world: World, task: int) -> None:
    other = world.home("3-1-0402", "张军", "+8619900004866", charges=[month(2026, 9)]).open_case()
    following = other.task("call", about="second-call")
    claim(runtime, task, "陈工")
    answer = report(desk("陈工"), task, outcome="conversation", said="promise", on="2026-12-05", amount="500", how="qr", note="按期缴纳")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/tasks/{following}")
    assert value(runtime, "SELECT \"on\" || ' ' || amount FROM promise") == "2026-12-05 500.00"
    kept = value(runtime, "SELECT report FROM task WHERE id = :id", id=task)
    assert (kept["how"], kept["amount"], kept["note"]) == ("qr", "500", "按期缴纳")


def test_a_refused_report_comes_back_as_it_was_filled_in(runtime: Runtime, desk: LogIn, task: int) -> None:
    client, filled = desk("陈工"), {"outcome": "conversation", "said": "promise", "on": "2026-12-05", "amount": "500"}
    claim(runtime, task, "陈工")
    rude = report(client, task, **filled, note="这户是老赖")
    assert rude.status_code == 422
    for kept in ('value="conversation" accesskey="1" required checked', "2026-12-05", 'value="500"', "这户是老赖"):
        assert kept in rude.text, kept
    for wrong, why in (
        ({"on": "2027-02-01"}, "承诺日期应在"),
        ({"amount": "9000"}, "不超过欠款"),
        ({"amount": "x"}, "无法识别"),
        ({"on": ""}, "日期"),
    ):
        refused = report(client, task, **(filled | wrong))
        assert (refused.status_code, why in refused.text) == (422, True), wrong
    assert (state(runtime, task), value(runtime, "SELECT count(*) FROM promise")) == ("open", 0)


def test_nobody_who_was_not_reached_has_promised_anything(runtime: Runtime, desk: LogIn, task: int) -> None:
    claim(runtime, task, "陈工")
    refused = report(desk("陈工"), task, outcome="no_answer", said="promise", on="2026-12-05")
    assert (refused.status_code, "请清空其余各项" in refused.text) == (422, True)


def test_paid_already_holds_and_a_supervisor_is_asked_for(runtime: Runtime, desk: LogIn, task: int) -> None:
    claim(runtime, task, "陈工")
    report(desk("陈工"), task, outcome="conversation", said="paid", supervisor="yes")
    assert value(runtime, "SELECT reason FROM hold") == "paid_already"
    assert value(runtime, "SELECT array_agg(about ORDER BY about) FROM task WHERE kind = 'check'") == ["call_back", "paid_already"]


def test_an_appointment_keeps_the_case_waiting_and_comes_up_when_it_is(runtime: Runtime, desk: LogIn, task: int) -> None:
    claim(runtime, task, "陈工")
    report(desk("陈工"), task, outcome="conversation", how="home", appointment="2026-11-27T19:30")
    at = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)
    assert value(runtime, "SELECT until FROM hold WHERE reason = 'appointment'") == at
    assert value(runtime, "SELECT due_at FROM task WHERE about = 'appointment'") == at


def test_a_wrong_person_stops_the_case(runtime: Runtime, desk: LogIn, task: int) -> None:
    claim(runtime, task, "陈工")
    report(desk("陈工"), task, outcome="not_this_person")
    assert value(runtime, "SELECT state FROM stop_state") == "wrong_person"
    assert value(runtime, "SELECT array_agg(about) FROM task WHERE kind = 'check'") == ["wrong_person"]
    assert value(runtime, "SELECT state || ' ' || outcome FROM attempt WHERE channel = 'call'") == "undelivered not_this_person"


def test_a_number_outside_its_window_is_disabled_with_the_reason(runtime: Runtime, desk: LogIn, home: Home, task: int) -> None:
    claim(runtime, task, "陈工")
    execute(runtime, "UPDATE contact_point SET timezone = 'America/New_York' WHERE id = :id", id=home.point_id)
    page = desk("陈工").get(f"/tasks/{task}").text
    assert NUMBER not in page
    assert "<button disabled>199****3958</button>" in page
    assert "不在可联系时段" in page
