"""A word on the day before a promised day: once, outside the caps, and only while the promise is still to be kept."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orchestrator import campaigns, casework
from tests.orchestrator.conftest import River
from tests.orchestrator.web.conftest import counted
from tests.world import Home, World


@pytest.fixture
def promised(river: River, home: Home) -> Home:
    """The debtor promised for the day after the next."""
    casework.promise(river.runtime, home.case_id, river.clock.at.date() + timedelta(days=2), Decimal("800.00"), "collector")
    return home


def next_day(river: River) -> None:
    river.clock.at += timedelta(days=1)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    campaigns.announce(river.runtime)
    campaigns.announce(river.runtime)
    river.flow()


def test_the_debtor_is_reminded_once_on_the_day_before_and_told_what_and_how(river: River, promised: Home) -> None:
    campaigns.announce(river.runtime)
    river.flow()
    assert river.sent == []
    next_day(river)
    (message,) = river.lines["sms"].sent
    assert "11月26日" in message.body
    assert "800.00" in message.body
    next_day(river)
    assert len(river.sent) == 1


def test_many_communities_are_looked_at_in_as_many_questions_as_one(river: River, promised: Home) -> None:
    asked = []
    for more in ("柳浪新村", "别处花园"):
        campaigns.announce(river.runtime)
        with counted(river.runtime.store) as statements:
            campaigns.announce(river.runtime)
        asked.append(len(statements))
        World(river.runtime.store, community_name=more)
    assert asked[0] == asked[1]


def test_who_paid_meanwhile_is_not_reminded(river: River, promised: Home) -> None:
    river.pay(promised)
    next_day(river)
    assert all("约定" not in message.body for message in river.lines["sms"].sent)


def test_a_later_promise_takes_the_place_of_the_earlier_one(river: River, promised: Home) -> None:
    casework.promise(river.runtime, promised.case_id, river.clock.at.date() + timedelta(days=5), Decimal("800.00"), "collector")
    next_day(river)
    assert river.sent == []


def test_who_is_held_or_barred_is_not_reminded(river: River, promised: Home) -> None:
    casework.hold(river.runtime, promised.case_id, "repair", river.clock.at + timedelta(days=9), "collector")
    next_day(river)
    assert river.sent == []


def test_a_reminder_counts_in_no_cap_and_the_promise_is_still_waited_for(river: River, promised: Home) -> None:
    next_day(river)
    river.ask(promised)
    river.flow()
    rule = river.value("SELECT rule FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1", id=promised.case_id)
    assert rule == "wait_for_promise"


def planned_at_night(river: River) -> None:
    """At two in the morning of the day before the promised one."""
    river.clock.at += timedelta(hours=16)
    river.execute("UPDATE community SET payments_as_of = :now", now=river.clock.at)
    campaigns.announce(river.runtime)
    river.flow()
    assert river.value("SELECT state FROM attempt WHERE purpose = 'promise_reminder'") == "planned"


def in_the_morning(river: River) -> list[tuple[str, int]]:
    river.clock.at += timedelta(hours=8)
    river.flow()
    return river.sent


def test_a_reminder_planned_at_night_waits_for_the_morning(river: River, promised: Home) -> None:
    planned_at_night(river)
    assert len(in_the_morning(river)) == 1


def test_who_says_at_night_that_they_have_paid_is_not_reminded_in_the_morning(river: River, promised: Home) -> None:
    planned_at_night(river)
    casework.hold(river.runtime, promised.case_id, "paid_already", river.clock.at + timedelta(hours=72), "debtor")
    assert in_the_morning(river) == []


def test_who_moves_a_promise_at_night_is_not_reminded_of_the_old_day(river: River, promised: Home) -> None:
    planned_at_night(river)
    casework.promise(river.runtime, promised.case_id, river.clock.at.date() + timedelta(days=5), Decimal("800.00"), "collector")
    assert in_the_morning(river) == []
