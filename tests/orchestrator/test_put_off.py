"""A provider that has enough for now is left alone as long as it asks: what it refused goes again then, and costs nobody a day or a try."""

from datetime import timedelta

import pytest

from channels.contract import Handover, Message, Refused
from channels.wire import retry_after
from orchestrator import outreach
from orchestrator.store.senders import LONGEST_WAIT
from tests.lines import RAW, Line, taken
from tests.orchestrator.conftest import River
from tests.orchestrator.test_senders import homes
from tests.world import Home, World

A_WHILE = timedelta(seconds=90)


def had_enough(message: Message) -> Handover:
    return Refused("line", "transient", "20429", RAW, retry_after=A_WHILE.total_seconds())


def states(river: River) -> object:
    return river.value("SELECT array_agg(state ORDER BY id) FROM attempt")


@pytest.fixture
def busy(river: River) -> Line:
    river.lines["sms"].answer = had_enough
    return river.lines["sms"]


def test_what_was_refused_goes_again_when_its_time_has_come_and_once(river: River, home: Home, busy: Line) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    assert states(river) == ["cancelled", "planned"]
    busy.answer = taken
    river.clock.at += A_WHILE - timedelta(seconds=5)
    river.flow()
    assert len(busy.sent) == 1
    river.clock.at += timedelta(seconds=10)
    river.flow()
    assert [message.to for message in busy.sent] == ["+8619900000001"] * 2
    assert states(river) == ["cancelled", "accepted"]
    assert river.value("SELECT count(*) FROM attempt WHERE sent_at IS NOT NULL") == 1


@pytest.mark.usefixtures("busy")
def test_a_wait_is_neither_a_contact_nor_a_try_however_often_it_is_asked_for(river: River, home: Home) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    for _ in range(4):
        river.clock.at += A_WHILE + timedelta(seconds=5)
        river.flow()
    river.lines["sms"].answer = taken
    river.clock.at += A_WHILE + timedelta(seconds=5)
    river.flow()
    assert states(river) == [*["cancelled"] * 5, "accepted"]
    assert river.value('SELECT cursor FROM "case"') == 1


def test_the_others_wait_with_it_and_all_leave_afterwards(river: River, world: World, busy: Line) -> None:
    first, *others = [river.plan(each) for each in homes(world, 4)]
    outreach.deliver([first], river.runtime)
    outreach.deliver(others, river.runtime)
    river.flow()
    assert len(busy.sent) == 1
    busy.answer = taken
    river.clock.at += A_WHILE + river.runtime.settings.lease
    river.flow()
    assert len(busy.sent) == 5
    assert states(river) == ["cancelled", *["accepted"] * 4]


@pytest.mark.usefixtures("busy")
def test_the_next_sender_carries_what_the_busy_one_would_have(river: River, world: World) -> None:
    second = Line("sms", sender="the other")
    river.open(second)
    first, other = [river.plan(each) for each in homes(world, 2)]
    outreach.deliver([first], river.runtime)
    outreach.deliver([other], river.runtime)
    assert [message.attempt_id for message in second.sent] == [other]


@pytest.mark.usefixtures("busy")
def test_who_paid_while_it_waited_hears_nothing(river: River, home: Home) -> None:
    outreach.deliver([river.plan(home)], river.runtime)
    river.pay(home)
    river.lines["sms"].answer = taken
    river.clock.at += A_WHILE + timedelta(seconds=5)
    river.flow()
    assert states(river) == ["cancelled", "cancelled"]
    assert len(river.lines["sms"].sent) == 1


def test_a_provider_that_asks_for_ever_is_asked_again_after_a_day(river: River, home: Home) -> None:
    river.lines["sms"].answer = lambda message: Refused("line", "transient", "20429", RAW, retry_after=9e99)
    outreach.deliver([river.plan(home)], river.runtime)
    assert river.value("SELECT max(waits_until) FROM sender_state") == river.clock.at + LONGEST_WAIT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Tue, 24 Nov 2026 10:02:00 GMT", "Date": "Tue, 24 Nov 2026 10:00:30 GMT"}, 90.0),
        ({"Retry-After": "Tue, 24 Nov 2026 09:00:00 GMT", "Date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 10:02:00 GMT"}, None),
        ({"Retry-After": "soon", "Date": "Tue, 24 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "²"}, None),
        ({}, None),
    ],
)
def test_the_time_is_told_in_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
