"""A sender that is refused for reasons of its own sent nothing: the same attempt goes by the next line, and never by two."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from channels.contract import Accepted, Capabilities, Exchange, Handover, Message, Refused, Unknown
from channels.lines import LineName
from channels.receipts import ErrorClass
from orchestrator import outreach
from orchestrator.store import condition, recomputing, senders
from orchestrator.store.senders import STREAK
from tests import logged
from tests.lines import RAW, Line, taken
from tests.orchestrator.conftest import River
from tests.world import Home, World, month


def refused(error_class: ErrorClass, name: str | None = None) -> Callable[[Message], Handover]:
    return lambda message: Refused("line", error_class, "30034", Exchange(b"to the refused", b"no"), provider_id=name)


def lost(message: Message) -> Handover:
    return Unknown("line", "ReadTimeout", RAW)


@pytest.fixture
def first(river: River, second: Line) -> Line:
    river.open(second)
    return river.lines["sms"]


@pytest.fixture
def second() -> Line:
    return Line("sms", sender="the other")


def texted(*lines: Line) -> list[int]:
    return [len(line.sent) for line in lines]


def left_by(river: River, attempt: int) -> object:
    return river.value("SELECT provider || ' ' || sender FROM attempt WHERE id = :id", id=attempt)


def answers(river: River) -> list[str]:
    """Which line answered what, as the evidence log keeps it."""
    with river.runtime.store.begin() as rows:
        return [f"{fact['sender']} {fact['answer']}" for fact in logged.facts(rows, "handover")]


def homes(world: World, count: int, beginning: int = 0) -> list[Home]:
    numbers = range(beginning, beginning + count)
    return [world.home(f"5-1-{n:04}", f"住户{n}", f"+86199000{n:05}", charges=[month(2026, 5, "300.00")]).open_case() for n in numbers]


@pytest.mark.parametrize("error_class", ["blocked", "config"])
def test_what_a_sender_is_refused_goes_by_the_next_at_once_as_the_same_attempt(
    river: River, home: Home, first: Line, second: Line, error_class: ErrorClass
) -> None:
    first.answer = refused(error_class)
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert [message.attempt_id for message in (*first.sent, *second.sent)] == [attempt, attempt]
    assert (river.state(attempt), left_by(river, attempt)) == ("accepted", "line the other")
    assert answers(river) == ["us refused", "the other accepted"]
    assert river.value("SELECT max(round) FROM attempt") == 1


@pytest.mark.parametrize("error_class", ["contact_bad", "unreachable", "opted_out", "permanent", "transient"])
def test_what_is_refused_for_another_reason_moves_to_no_other_sender(
    river: River, home: Home, first: Line, second: Line, error_class: ErrorClass
) -> None:
    first.answer = refused(error_class)
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert texted(first, second) == [1, 0]
    assert (river.state(attempt), left_by(river, attempt)) == ("failed", "line us")


def test_what_may_have_left_never_moves(river: River, home: Home, first: Line, second: Line) -> None:
    first.answer = lost
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert texted(first, second) == [1, 0]
    assert river.state(attempt) == "unknown"


def test_only_when_no_line_is_left_the_attempt_has_failed(river: River, home: Home, first: Line, second: Line) -> None:
    first.answer, second.answer = refused("blocked"), refused("config")
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert texted(first, second) == [1, 1]
    assert river.state(attempt) == "failed"
    assert river.value("SELECT error_class FROM attempt") == "config"


def test_an_unknown_outcome_is_looked_up_at_the_line_it_left_by(river: River, home: Home, first: Line, second: Line) -> None:
    first.answer, second.answer = refused("blocked"), lost
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    first.known[attempt] = Accepted("line", "of the wrong line", RAW)
    second.known[attempt] = Accepted("line", "of the right line", RAW)
    outreach.look_up([attempt], river.runtime)
    assert river.value("SELECT provider_id FROM attempt") == "of the right line"


def test_an_unknown_outcome_is_looked_up_nowhere_else_when_its_line_is_closed_and_the_operator_is_told(
    river: River, home: Home, first: Line, second: Line
) -> None:
    first.answer, second.answer = refused("blocked"), lost
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    first.known[attempt] = Accepted("line", "of another line", RAW)
    river.open()
    outreach.look_up([attempt], river.runtime)
    assert river.state(attempt) == "unknown"
    with river.runtime.store.begin() as rows:
        assert condition.unknown_by_line(rows) == {LineName("sms", "line", "the other"): 1}


class Killed(BaseException):
    """The worker dies."""


def dies(message: Message) -> Handover:
    raise Killed


def test_a_worker_that_dies_between_two_senders_leaves_what_is_looked_up_and_nothing_is_sent_twice(
    river: River, home: Home, first: Line, second: Line
) -> None:
    first.answer, second.answer = refused("blocked"), dies
    attempt = river.plan(home)
    with pytest.raises(Killed):
        outreach.deliver([attempt], river.runtime)
    assert (river.state(attempt), left_by(river, attempt)) == ("sending", "line the other")
    assert answers(river) == ["us refused"]
    second.known[attempt] = Accepted("line", "taken all the same", RAW)
    river.clock.at += river.runtime.sending + river.runtime.look_up_after + timedelta(seconds=1)
    river.flow()
    assert river.state(attempt) == "accepted"
    assert texted(first, second) == [1, 1]


def test_what_is_said_of_the_name_an_attempt_was_refused_under_is_not_said_of_what_left_later(
    river: River, home: Home, first: Line, second: Line
) -> None:
    first.answer, second.answer = refused("blocked", name="refused-1"), lost
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    river.said(attempt, "failed", provider_id="refused-1", error_class="blocked", error_code="30034")
    river.flow()
    assert river.state(attempt) == "unknown"
    river.said(attempt, "delivered", provider_id="left-2")
    river.flow()
    assert (river.state(attempt), river.value("SELECT provider_id FROM attempt")) == ("delivered", "left-2")


def test_who_paid_while_the_first_sender_was_refused_hears_nothing_by_the_second(
    river: River, home: Home, first: Line, second: Line
) -> None:
    def paid_meanwhile(message: Message) -> Handover:
        river.pay(home)
        return refused("blocked")(message)

    first.answer = paid_meanwhile
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert texted(first, second) == [1, 0]
    assert river.state(attempt) == "failed"


def test_where_one_sender_rests_the_next_carries(river: River, world: World, first: Line, second: Line) -> None:
    first.answer = refused("config")
    outreach.deliver([river.plan(home) for home in homes(world, STREAK)], river.runtime)
    outreach.deliver([river.plan(home) for home in homes(world, 3, beginning=100)], river.runtime)
    assert texted(first, second) == [STREAK, STREAK + 3]
    assert river.value("SELECT count(*) FROM attempt WHERE state = 'accepted'") == STREAK + 3


def test_a_sender_that_rests_is_tried_with_one_attempt_and_that_one_goes_by_the_next_if_it_is_refused_again(
    river: River, world: World, first: Line, second: Line
) -> None:
    first.answer = refused("config")
    outreach.deliver([river.plan(home) for home in homes(world, STREAK)], river.runtime)
    river.clock.at += river.runtime.rest
    outreach.deliver([river.plan(home) for home in homes(world, 3, beginning=100)], river.runtime)
    assert texted(first, second) == [STREAK + 1, STREAK + 3]


def test_where_every_sender_of_a_country_rests_its_attempts_wait_and_those_elsewhere_leave(
    river: River, world: World, second: Line
) -> None:
    first, third = river.lines["sms"], Line("sms", sender="british")
    river.open(second, by_country={"GB": (third,)})
    first.answer = second.answer = refused("config")
    outreach.deliver([river.plan(home) for home in homes(world, STREAK)], river.runtime)
    british, waiting = homes(world, 2, beginning=100)
    river.execute("UPDATE contact_point SET country = 'GB' WHERE id = :id", id=british.point_id)
    left, waits = river.plan(british), river.plan(waiting)
    river.flow()
    assert (river.state(left), left_by(river, left)) == ("accepted", "line british")
    assert river.state(waits) == "planned"
    assert river.value('SELECT state FROM "case" WHERE id = :id', id=waiting.case_id) == "open"


def blocked_later(river: River, attempts: Sequence[int]) -> None:
    for attempt in attempts:
        river.said(attempt, "undelivered", error_class="blocked", error_code="30007")
    river.flow()


def resting(river: River) -> list[str]:
    with river.runtime.store.begin() as rows:
        return [each.line.sender for each in senders.all_resting(rows)]


@pytest.fixture
def filtered(river: River, world: World) -> list[int]:
    """Texts that were taken, and filtered on the way as their receipts say: the carrier of texts has had enough of this sender."""
    attempts = [river.plan(home) for home in homes(world, STREAK)]
    outreach.deliver(attempts, river.runtime)
    blocked_later(river, attempts[:-1])
    assert resting(river) == []
    blocked_later(river, attempts[-1:])
    return attempts


@pytest.mark.usefixtures("filtered")
def test_blocks_told_later_put_a_sender_to_rest_though_everything_was_taken(river: River) -> None:
    assert resting(river) == ["us"]
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'sender rests'") == 1


def test_a_delivery_breaks_the_streak_of_blocks(river: River, world: World) -> None:
    attempts = [river.plan(home) for home in homes(world, STREAK + 1)]
    outreach.deliver(attempts, river.runtime)
    blocked_later(river, attempts[: STREAK - 1])
    river.said(attempts[-1], "delivered")
    river.flow()
    blocked_later(river, attempts[STREAK - 1 : STREAK])
    assert resting(river) == []


@pytest.mark.usefixtures("filtered")
def test_what_is_taken_does_not_put_back_to_work_whose_messages_were_filtered_but_what_is_delivered_does(
    river: River, world: World
) -> None:
    river.clock.at += river.runtime.rest
    tried, waits = (river.plan(home) for home in homes(world, 2, beginning=100))
    outreach.deliver([tried, waits], river.runtime)
    assert (river.state(tried), river.state(waits), resting(river)) == ("accepted", "planned", ["us"])
    river.said(tried, "delivered")
    river.flow()
    assert resting(river) == []
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'sender works'") == 1


@pytest.mark.usefixtures("filtered")
def test_nor_does_it_where_the_try_before_was_refused_at_the_handover(river: River, world: World) -> None:
    for answer, home in zip((refused("config"), taken), homes(world, 2, beginning=100), strict=True):
        river.lines["sms"].answer = answer
        river.clock.at += river.runtime.rest
        outreach.deliver([river.plan(home)], river.runtime)
    assert river.value("SELECT count(*) FROM attempt WHERE state = 'accepted'") == 1
    assert resting(river) == ["us"]


@pytest.mark.usefixtures("filtered")
def test_what_left_before_a_sender_was_put_to_rest_does_not_put_it_back_to_work(river: River, filtered: list[int]) -> None:
    river.said(filtered[0], "delivered")
    river.flow()
    assert resting(river) == ["us"]


def test_the_next_round_of_a_step_that_was_blocked_later_prefers_another_sender(
    river: River, home: Home, first: Line, second: Line
) -> None:
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    blocked_later(river, [attempt])
    river.execute("UPDATE community SET payments_as_of = :then", then=river.clock.at + timedelta(days=1))
    river.clock.at += timedelta(days=1)
    river.flow()
    assert river.value("SELECT max(round) FROM attempt WHERE step = 'notice-sms'") == 2
    assert texted(first, second) == [1, 1]


def test_a_line_of_approved_wordings_is_never_chosen_for_one_that_has_no_template(river: River, home: Home, first: Line) -> None:
    approver = Line("sms", sender="approver", can=Capabilities(True, template_only=True))
    river.open(approver)
    first.answer = refused("blocked")
    attempt = river.plan(home)
    outreach.deliver([attempt], river.runtime)
    assert texted(first, approver) == [1, 0]
    assert river.state(attempt) == "failed"


def test_what_only_a_sender_at_rest_can_say_in_free_words_waits_for_it(river: River, world: World, first: Line) -> None:
    approver = Line("sms", sender="approver", can=Capabilities(True, template_only=True))
    river.open(approver)
    first.answer = refused("config")
    outreach.deliver([river.plan(home) for home in homes(world, STREAK)], river.runtime)
    (waiting,) = (river.plan(home) for home in homes(world, 1, beginning=100))
    river.flow()
    assert (river.state(waiting), texted(first, approver)) == ("planned", [STREAK, 0])


def test_where_nothing_can_carry_the_words_the_case_waits_for_the_operator_with_the_reason(river: River, home: Home) -> None:
    river.lines["sms"].can = Capabilities(True, template_only=True)
    outreach.deliver([river.plan(home)], river.runtime)
    assert river.lines["sms"].sent == []
    assert "no approved template" in str(river.value('SELECT parked FROM "case"'))


@dataclass
class Moody:
    """A provider that answers by the dice, and counts whom it took."""

    dice: Random
    took: list[int] = field(default_factory=list)

    def answer(self, message: Message) -> Handover:
        mood = self.dice.choice(["taken", "blocked", "config", "transient", "permanent", "unknown", "lost"])
        if mood in ("taken", "lost"):
            self.took.append(message.attempt_id)
        if mood == "taken":
            return taken(message)
        if mood in ("unknown", "lost"):
            return lost(message)
        return refused(mood)(message)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(6))
def test_over_any_sequence_of_refusals_no_attempt_is_taken_twice_and_the_evidence_is_whole(river: River, world: World, seed: int) -> None:
    dice = Random(seed)
    moody = [Moody(Random(dice.random())) for _ in range(3)]
    lines = [river.lines["sms"], Line("sms", sender="b"), Line("sms", provider="c", sender="c")]
    for line, mood in zip(lines, moody, strict=True):
        line.answer = mood.answer
    river.open(*lines[1:])
    attempts = [river.plan(home) for home in homes(world, 24)]
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(lambda ids: outreach.deliver(ids, river.runtime), (attempts[:12], attempts[6:])))
    took = [attempt for mood in moody for attempt in mood.took]
    assert len(took) == len(set(took))
    accepted = river.value("SELECT array_agg(id) FROM attempt WHERE state = 'accepted'")
    assert set(accepted or ()) <= set(took)  # type: ignore[call-overload]
    failed = river.value("SELECT array_agg(id) FROM attempt WHERE state = 'failed'")
    assert not set(failed or ()) & set(took)  # type: ignore[call-overload]
    with river.runtime.store.begin() as rows:
        assert not recomputing.recompute(rows).faults
