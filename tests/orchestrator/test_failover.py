"""Numbers that fail: the next number of the same person is tried, one that is no good is set aside for a while, and never two demands go
out for one step unless the first certainly failed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from channels.contract import Handover, Message, Refused
from channels.receipts import ErrorClass
from orchestrator import casework, outreach
from orchestrator.store.concluding import BAD_FOR
from tests.lines import RAW, taken
from tests.orchestrator.conftest import River
from tests.world import Home

FIRST, SECOND = "+8619900000001", "+8619900000002"


@pytest.fixture
def second(home: Home) -> int:
    """The second number of whoever lives in `home`."""
    return home.another_number(SECOND)


def refusing(number: str, error_class: ErrorClass) -> Callable[[Message], Handover]:
    return lambda message: Refused("line", error_class, "30003", RAW) if message.to == number else taken(message)


def next_days(river: River, days: int = 1) -> None:
    river.execute("UPDATE community SET payments_as_of = :then", then=river.clock.at + timedelta(days=days))
    for _ in range(days):
        river.clock.at += timedelta(days=1)
        river.flow()


def texted(river: River) -> list[str]:
    return [message.to for message in river.lines["sms"].sent]


def steps(river: River) -> object:
    return river.value("SELECT array_agg(step || ' ' || round ORDER BY id) FROM attempt WHERE channel = 'sms' AND state <> 'cancelled'")


@pytest.mark.usefixtures("second")
def test_who_cannot_be_reached_on_one_number_is_tried_on_the_next_by_the_same_step(river: River, home: Home) -> None:
    river.lines["sms"].answer = refusing(FIRST, "unreachable")
    outreach.deliver([river.plan(home)], river.runtime)
    next_days(river)
    assert texted(river) == [FIRST, SECOND]
    assert steps(river) == ["notice-sms 1", "notice-sms 2"]


@pytest.mark.usefixtures("second")
def test_a_receipt_that_says_unreachable_moves_on_to_the_next_number_too(river: River, home: Home) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.said(attempt, "undelivered", error_class="unreachable", error_code="30003")
    river.flow()
    next_days(river)
    assert texted(river) == [FIRST, SECOND]


def test_who_has_one_number_is_tried_on_it_again(river: River, home: Home) -> None:
    river.lines["sms"].answer = refusing(FIRST, "unreachable")
    outreach.deliver([river.plan(home)], river.runtime)
    next_days(river)
    assert texted(river) == [FIRST, FIRST]


@pytest.mark.usefixtures("second")
def test_what_may_have_arrived_is_never_followed_by_another_number(river: River, home: Home) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    next_days(river, 2)
    assert texted(river) == [FIRST]


@pytest.mark.usefixtures("second")
def test_a_number_that_could_not_be_reached_is_not_set_aside(river: River, home: Home) -> None:
    river.lines["sms"].answer = refusing(FIRST, "unreachable")
    outreach.deliver([river.plan(home)], river.runtime)
    assert river.value("SELECT unusable_reason FROM contact_point WHERE id = :id", id=home.point_id) is None


def test_a_bad_number_is_set_aside_with_its_reason_for_three_months(river: River, home: Home, second: int) -> None:
    river.lines["sms"].answer = refusing(FIRST, "contact_bad")
    outreach.deliver([river.plan(home)], river.runtime)
    assert river.value("SELECT unusable_reason FROM contact_point WHERE id = :id", id=home.point_id) == "contact_bad"
    assert river.value("SELECT unusable_until FROM contact_point WHERE id = :id", id=home.point_id) == river.clock.at + BAD_FOR
    next_days(river)
    assert texted(river) == [FIRST, SECOND]
    assert river.value("SELECT unusable_reason FROM contact_point WHERE id = :id", id=second) is None


def test_a_bad_number_is_tried_again_when_its_time_is_over(river: River, home: Home) -> None:
    river.execute(
        "UPDATE contact_point SET unusable_reason = 'contact_bad', unusable_until = :until WHERE id = :id",
        until=river.clock.at,
        id=home.point_id,
    )
    outreach.deliver([river.plan(home)], river.runtime)
    assert texted(river) == [FIRST]


def test_a_strangers_number_stays_set_aside_for_good_whatever_the_carrier_says_of_it(river: River, home: Home) -> None:
    river.lines["sms"].answer = refusing(FIRST, "contact_bad")
    outreach.deliver([river.plan(home)], river.runtime)
    casework.enter_state(river.runtime, home.case_id, "wrong_person", "collector")
    casework.correct_number(river.runtime, home.case_id, "collector")
    assert river.value("SELECT unusable_reason FROM contact_point WHERE id = :id", id=home.point_id) == "wrong_person"
    assert river.value("SELECT unusable_until FROM contact_point WHERE id = :id", id=home.point_id) is None


def test_a_number_in_a_country_that_no_provider_serves_is_passed_over_for_one_that_is_served(river: River, home: Home, second: int) -> None:
    river.lines["sms"].unserved = frozenset({"US"})
    river.execute("UPDATE contact_point SET country = 'US' WHERE id = :id", id=home.point_id)
    outreach.deliver([river.plan(home)], river.runtime)
    assert river.value("SELECT contact_point_id FROM attempt") == second
