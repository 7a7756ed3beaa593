"""What is answered to a debtor's text by itself: once, in moderation, by day, and never to who wants no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator import outreach
from orchestrator.store import consents
from orchestrator.store.consents import Word
from tests.orchestrator.conftest import Meanwhile, River
from tests.orchestrator.test_inbox import write
from tests.orchestrator.web.conftest import counted
from tests.world import NOW, Home

NIGHT = NOW + timedelta(hours=13)
"""23:00 in Shanghai."""
MORNING = NOW + timedelta(hours=23)
"""09:00 on the next day."""


@pytest.fixture
def demanded(river: River, home: Home) -> Home:
    """A home that was texted and whose answers reach us."""
    river.lines["sms"].inbound = True
    home.attempt("sms", "delivered")
    return home


def answers(river: River) -> list[str]:
    """Everything that was texted, in order; the case itself is kept waiting."""
    river.execute("""UPDATE "case" SET ask_at = ask_at + interval '90 days'""")
    river.flow()
    return [message.body for message in river.lines["sms"].sent]


def test_who_asks_for_help_is_told_who_we_are_how_to_pay_to_object_and_to_stop_and_no_debt(river: River, demanded: Home) -> None:
    write(river, "help")
    (answer,) = answers(river)
    for told in ("云栖花园物业公司", "微信公众号缴费", "致电0571-80000000", "退订回复TD"):
        assert told in answer
    assert "王芳" not in answer
    assert "元" not in answer


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("退订", "已退订"),
        ("别再联系我", "不再向本号码发送短信或拨打电话"),
        ("已付", "72小时内核对"),
        ("12月5日交", "2026年12月5日"),
        ("有异议", "书面答复"),
    ],
)
def test_what_was_done_as_the_debtor_said_is_confirmed_once(river: River, demanded: Home, body: str, said: str) -> None:
    receipt = write(river, body)
    outreach.hear([receipt], river.runtime)
    (answer,) = answers(river)
    assert said in answer
    assert river.value("SELECT purpose FROM attempt WHERE case_id IS NULL") == "answer"


@pytest.mark.parametrize("body", ["打错了，我不是业主", "多少钱?", "好的", "承诺11月20日付"])
def test_what_needs_a_person_or_is_not_the_debtor_s_is_answered_by_nobody_else(river: River, demanded: Home, body: str) -> None:
    write(river, body)
    assert answers(river) == []


def test_a_stop_is_confirmed_once_and_is_the_last_word_the_number_hears(river: River, demanded: Home) -> None:
    write(river, "help", sid="SM1")
    write(river, "退订", sid="SM2")
    write(river, "退订", sid="SM3")
    write(river, "help", sid="SM4")
    assert [body[len("【云栖花园物业公司】") :][:3] for body in answers(river)] == ["已退订"]


def test_what_the_provider_answers_itself_is_not_answered_twice(river: River, demanded: Home) -> None:
    write(river, "STOP", wish="stop")
    assert answers(river) == []
    assert river.value("SELECT count(*) FROM opt_out") == 1


def test_the_same_is_answered_once_a_day_and_no_more_than_three_things_are(river: River, demanded: Home) -> None:
    for number, body in enumerate(("help", "HELP", "已付", "12月5日交", "有异议")):
        write(river, body, sid=f"SM{number}")
    assert len(answers(river)) == 3
    assert river.value("SELECT array_agg(DISTINCT outcome) FROM attempt WHERE state = 'cancelled'") == ["answered_enough"]


def test_many_answers_are_judged_in_as_many_questions_as_one(river: River, demanded: Home) -> None:
    for number in range(4):
        write(river, "help", sid=f"SM{number}")
    planned = list(range(2, 6))
    assert [river.state(attempt) for attempt in planned] == ["planned"] * 4
    river.clock.at += timedelta(days=3)
    asked = []
    for batch in (planned[:1], planned[1:]):
        with counted(river.runtime.store) as statements:
            outreach.deliver(batch, river.runtime)
        asked.append(len(statements))
    assert asked[0] == asked[1]
    assert {river.state(attempt) for attempt in planned} == {"cancelled"}


def at_night(river: River, body: str) -> list[str]:
    river.clock.at = NIGHT
    write(river, body)
    return answers(river)


@pytest.mark.parametrize("body", ["help", "已付", "退订"])
def test_nobody_is_answered_at_night_but_when_the_window_opens(river: River, demanded: Home, body: str) -> None:
    assert at_night(river, body) == []
    river.clock.at = MORNING
    assert len(answers(river)) == 1


@pytest.mark.parametrize(("body", "answered"), [("help", True), ("退订", True), ("已付", False)])
def test_where_the_pack_says_so_help_and_a_stop_are_answered_at_any_hour(river: River, demanded: Home, body: str, answered: bool) -> None:
    river.execute("UPDATE community SET pack = 'us-regf'")
    assert bool(at_night(river, body)) is answered


def test_a_stop_that_a_country_wants_confirmed_at_once_is_confirmed_at_once_or_not_at_all(river: River, demanded: Home) -> None:
    river.execute("UPDATE contact_point SET country = 'US'")
    write(river, "退订", said_at=NOW - timedelta(minutes=6))
    assert answers(river) == []
    assert river.value("SELECT outcome FROM attempt WHERE purpose = 'answer'") == "too_late"


def test_an_answer_is_tied_to_no_cap_and_no_step(river: River, demanded: Home) -> None:
    write(river, "help")
    answers(river)
    assert river.value("SELECT count(*) FROM decision WHERE rule = 'wait_for_cap'") == 0
    assert river.value('SELECT cursor FROM "case"') == 1


def test_a_text_that_was_claimed_does_not_leave_for_a_number_that_opted_out_meanwhile(river: River, home: Home) -> None:
    def opt_out() -> None:
        with river.runtime.store.begin() as rows:
            consents.withdraw(rows, [home.point_id or 0], ["sms"], Word("staff", by="collector"), NOW, NOW)

    attempt = river.plan(home)
    outreach.deliver([attempt], replace(river.runtime, pace=Meanwhile(opt_out)))
    assert river.sent == []
    assert river.state(attempt) == "cancelled"
