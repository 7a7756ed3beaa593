"""A sender that is refused for reasons of its own rests; what would leave by it waits, and nobody's case suffers."""

from dataclasses import dataclass, field

import pytest

from channels.contract import Handover, Message, Refused
from channels.lines import LineName
from channels.receipts import ErrorClass
from orchestrator import outreach
from orchestrator.store import senders
from orchestrator.store.senders import STREAK
from tests.lines import RAW, taken
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

MANY = 40
ALMOST: list[ErrorClass] = ["config", "blocked"] * ((STREAK - 1) // 2)
"""One refusal short of a streak."""


def refused(error_class: ErrorClass) -> Handover:
    return Refused("line", error_class, "20003", RAW)


@dataclass
class Account:
    """What the provider thinks of us, whoever the message is for; `first` are its answers before that."""

    standing: ErrorClass | None = None
    first: list[ErrorClass] = field(default_factory=list)

    def answer(self, message: Message) -> Handover:
        says = self.first.pop(0) if self.first else self.standing
        return refused(says) if says else taken(message)


@pytest.fixture
def account(river: River) -> Account:
    account = Account("config")
    river.lines["sms"].answer = account.answer
    return account


def homes(world: World, count: int, beginning: int = 0) -> list[Home]:
    """Homes at the step of the notice by text."""
    numbers = range(beginning, beginning + count)
    return [
        world.home(f"5-1-{n:04}", f"住户{n}", f"+86199000{n:05}", charges=[month(2026, 5, "300.00")]).open_case(cursor=1) for n in numbers
    ]


def text_one_by_one(river: River, those: list[Home]) -> list[int]:
    attempts = [river.plan(home) for home in those]
    for attempt in attempts:
        outreach.deliver([attempt], river.runtime)
    return attempts


def rests(river: River) -> bool:
    with river.runtime.store.begin() as rows:
        return bool(senders.all_resting(rows))


@pytest.fixture
def at_rest(river: River, account: Account, world: World) -> Account:
    """The account is locked, and the sender of texts has found out."""
    text_one_by_one(river, homes(world, STREAK))
    assert rests(river)
    return account


@pytest.mark.usefixtures("at_rest")
def test_after_five_refusals_nothing_more_is_handed_over_and_what_was_planned_waits(river: River, world: World) -> None:
    (waiting,) = text_one_by_one(river, homes(world, 1, beginning=100))
    river.flow()
    assert len(river.lines["sms"].sent) == STREAK
    assert river.state(waiting) == "planned"
    assert river.value('SELECT cursor FROM "case" ORDER BY id DESC LIMIT 1') == 1


@pytest.mark.usefixtures("account")
def test_a_batch_that_runs_into_a_locked_account_stops_by_itself_and_its_cases_wait(river: River, world: World) -> None:
    outreach.deliver([river.plan(home) for home in homes(world, MANY)], river.runtime)
    river.flow()
    tried = len(river.lines["sms"].sent)
    assert STREAK <= tried <= STREAK + outreach.THREADS
    assert river.value("SELECT count(*) FROM attempt WHERE state = 'planned'") == MANY - tried
    assert river.value("""SELECT count(*) FROM "case" WHERE state = 'open' AND parked IS NULL""") == MANY


@pytest.mark.usefixtures("at_rest")
def test_while_texts_rest_letters_leave(river: River, world: World) -> None:
    home = world.home("5-1-0900", "刘洋", charges=[month(2026, 5, "300.00")]).open_case(cursor=2)
    river.ask(home)
    river.flow()
    assert len(river.lines["letter"].sent) == 1


@pytest.mark.usefixtures("at_rest")
def test_when_its_rest_is_over_one_is_tried_and_its_refusal_lets_it_rest_on(river: River, world: World) -> None:
    waiting = text_one_by_one(river, homes(world, 3, beginning=100))
    river.clock.at += river.runtime.rest
    river.flow()
    river.flow()
    assert len(river.lines["sms"].sent) == STREAK + 1
    assert [river.state(attempt) for attempt in waiting] == ["failed", "planned", "planned"]


def test_the_first_that_is_taken_puts_it_back_to_work_and_all_that_waited_leaves(river: River, at_rest: Account, world: World) -> None:
    waiting = text_one_by_one(river, homes(world, 3, beginning=100))
    at_rest.standing = None
    river.clock.at += river.runtime.rest
    river.flow()
    assert not rests(river)
    river.clock.at += river.runtime.settings.lease  # what was offered meanwhile is offered again
    river.flow()
    assert [river.state(attempt) for attempt in waiting] == ["accepted"] * 3


def test_a_person_puts_it_back_to_work_without_waiting(river: River, at_rest: Account, world: World) -> None:
    waiting = text_one_by_one(river, homes(world, 3, beginning=100))
    at_rest.standing = None
    with river.runtime.store.begin() as rows:
        assert senders.reset(rows, "sms", None, "operator", river.clock.at, river.clock.at) == [LineName("sms", "line", "us")]
    river.flow()
    assert [river.state(attempt) for attempt in waiting] == ["accepted"] * 3
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind IN ('sender rests', 'sender reset')") == 2


@pytest.mark.parametrize("between", ["contact_bad", "unreachable", "opted_out"])
def test_an_answer_about_the_number_breaks_the_streak(river: River, account: Account, world: World, between: ErrorClass) -> None:
    account.first = [*ALMOST, between, *ALMOST]
    account.standing = None
    text_one_by_one(river, homes(world, 2 * STREAK - 1))
    assert not rests(river)


@pytest.mark.parametrize("between", ["transient", "permanent"])
def test_an_answer_that_says_nothing_of_the_sender_neither_counts_nor_breaks_the_streak(
    river: River, account: Account, world: World, between: ErrorClass
) -> None:
    account.first = [*ALMOST, between]
    those = homes(world, STREAK + 1)
    text_one_by_one(river, those[:STREAK])
    assert not rests(river)
    text_one_by_one(river, those[STREAK:])
    assert rests(river)


def test_another_provider_of_the_same_channel_is_not_held_back(river: River, at_rest: Account, world: World) -> None:
    at_rest.standing = None
    river.lines["sms"].provider = "another"
    text_one_by_one(river, homes(world, 1, beginning=100))
    assert len(river.lines["sms"].sent) == STREAK + 1
