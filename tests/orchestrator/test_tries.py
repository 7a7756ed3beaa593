"""What counts as a try: what a provider took and could not deliver, or a number that is no good. What it refused for reasons of its own
or of our sender never left the house: no try, no contact, and the case waits where it stands."""

from datetime import timedelta

import pytest

from channels.contract import Handover, Message, Refused
from channels.receipts import ErrorClass
from orchestrator import outreach
from tests.lines import RAW, Line, taken
from tests.orchestrator.conftest import River
from tests.orchestrator.test_failover import FIRST, SECOND, next_days, texted
from tests.world import Home

THIRD = "+8619900000003"


def refuses(error_class: ErrorClass) -> Line:
    return Line("sms", answer=lambda message: Refused("line", error_class, "20003", RAW))


def went(river: River) -> object:
    """What left, or was refused, in order."""
    return river.value("SELECT array_agg(step || ' ' || channel || ' ' || state ORDER BY id) FROM attempt WHERE state <> 'cancelled'")


@pytest.mark.parametrize("error_class", ["config", "blocked", "transient"])
def test_what_never_left_is_no_try_and_the_case_waits_at_its_step(river: River, home: Home, error_class: ErrorClass) -> None:
    river.lines["sms"].answer = refuses(error_class).answer
    outreach.deliver([river.plan(home)], river.runtime)
    next_days(river, 5)
    assert river.value('SELECT cursor FROM "case"') == 1
    assert not river.lines["letter"].sent
    river.lines["sms"].answer = taken
    next_days(river)
    assert went(river) == [*["notice-sms sms failed"] * 6, "notice-sms sms accepted"]


@pytest.mark.parametrize("error_class", ["config", "blocked", "transient"])
def test_what_never_left_is_tried_once_a_day(river: River, home: Home, error_class: ErrorClass) -> None:
    river.lines["sms"].answer = refuses(error_class).answer
    outreach.deliver([river.plan(home)], river.runtime)
    river.clock.at += timedelta(hours=2)
    river.ask(home)
    river.flow()
    assert texted(river) == [FIRST]
    assert river.value("SELECT rule FROM decision ORDER BY id DESC LIMIT 1") == "wait_for_gap"


@pytest.mark.parametrize("error_class", ["unreachable", "permanent"])
def test_what_the_number_or_the_message_failed_for_is_a_try(river: River, home: Home, error_class: ErrorClass) -> None:
    river.lines["sms"].answer = refuses(error_class).answer
    outreach.deliver([river.plan(home)], river.runtime)
    river.execute("UPDATE task SET state = 'cancelled'")
    next_days(river)
    river.execute("UPDATE task SET state = 'cancelled'")
    next_days(river, 8)
    assert texted(river) == [FIRST, FIRST]
    assert river.lines["letter"].sent


def test_what_was_taken_and_not_delivered_is_a_try_whatever_the_reason(river: River, home: Home) -> None:
    for _ in range(2):
        river.ask(home)
        river.flow()
        attempt = river.value("SELECT max(id) FROM attempt")
        assert isinstance(attempt, int)
        river.said(attempt, "undelivered", error_class="blocked", error_code="30007")
        river.flow()
        next_days(river)
    next_days(river, 8)
    assert texted(river) == [FIRST, FIRST]
    assert river.lines["letter"].sent


def test_what_never_left_fills_no_cap(river: River, home: Home) -> None:
    """A text that was refused in the morning leaves room for the letter of the same day."""
    river.lines["sms"].answer = refuses("config").answer
    outreach.deliver([river.plan(home)], river.runtime)
    river.execute('UPDATE "case" SET cursor = 2')
    river.ask(home)
    river.flow()
    assert [message.attempt_id for message in river.lines["letter"].sent]


def only_the_third(message: Message) -> Handover:
    return taken(message) if message.to == THIRD else Refused("line", "unreachable", "30003", RAW)


def test_every_number_of_a_debtor_is_tried_before_a_step_is_given_up(river: River, home: Home) -> None:
    home.another_number(SECOND)
    home.another_number(THIRD)
    river.lines["sms"].answer = only_the_third
    outreach.deliver([river.plan(home)], river.runtime)
    next_days(river, 3)
    assert texted(river) == [FIRST, SECOND, THIRD]


def test_a_step_is_given_up_where_every_number_failed(river: River, home: Home) -> None:
    home.another_number(SECOND)
    home.another_number(THIRD)
    river.lines["sms"].answer = lambda message: Refused("line", "unreachable", "30003", RAW)
    outreach.deliver([river.plan(home)], river.runtime)
    next_days(river, 12)
    assert texted(river) == [FIRST, SECOND, THIRD]
    assert river.lines["letter"].sent


def test_a_second_number_is_no_reason_to_dial_on_when_nobody_answered_twice(river: River, home: Home) -> None:
    home.another_number(SECOND)
    for _ in range(2):
        river.ask(home)
        river.flow()
        attempt = river.value("SELECT max(id) FROM attempt")
        assert isinstance(attempt, int)
        river.said(attempt, "undelivered")
        river.flow()
        next_days(river)
    next_days(river, 8)
    assert texted(river) == [FIRST, FIRST]
