"""Each edge of the clock by which an outcome that nobody knows is looked up: real seconds, and real days."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from channels.contract import Accepted, Handover, LookupFailed, Message, Refused, Sought, Unknown
from channels.lines import Lines
from orchestrator import outreach
from orchestrator.store import writing
from orchestrator.store.lookup import ABSENT_AFTER
from orchestrator.store.offering import LOOK_UP_AFTER
from tests.lines import RAW, Line, taken
from tests.orchestrator.conftest import River
from tests.orchestrator.test_outreach import Meanwhile
from tests.world import Home

SECOND = timedelta(seconds=1)


@dataclass
class Asked(Line):
    """A line that counts how often its list is asked for, and may be out of order."""

    times: int = 0
    is_down: bool = False
    sought: list[Sought] = field(default_factory=list)

    def find(self, sought: Sought) -> Accepted | None:
        self.times += 1
        self.sought.append(sought)
        if self.is_down:
            raise LookupFailed("nobody answers")
        return super().find(sought)


@pytest.fixture
def line() -> Asked:
    return Asked("sms", answer=lambda message: Unknown("line", "timeout", RAW))


@pytest.fixture
def real(river: River, line: Asked) -> River:
    """Outside a sandbox, with an SMS line that never answers a handover."""
    river.lines["sms"] = line
    settings = river.runtime.settings.model_copy(update={"sandbox": False})
    river.runtime = replace(river.runtime, settings=settings, lines=Lines(tuple(river.lines.values())))
    return river


@pytest.fixture
def attempt(real: River, home: Home) -> int:
    attempt = real.plan(home)
    outreach.deliver([attempt], real.runtime)
    assert real.state(attempt) == "unknown"
    return attempt


def look(river: River) -> None:
    """One sweep, and the look-ups it offers."""
    outreach.look_up(outreach.sweep(river.runtime).unknown, river.runtime)


def test_the_list_is_not_asked_for_before_120_real_seconds_are_over(real: River, line: Asked, attempt: int) -> None:
    line.known[attempt] = Accepted("line", f"id-{attempt}", RAW)
    real.clock.at += timedelta(seconds=120)
    look(real)
    assert (line.times, real.state(attempt)) == (0, "unknown")
    real.clock.at += SECOND
    look(real)
    assert (line.times, real.state(attempt)) == (1, "accepted")


def test_it_is_sought_by_the_real_time_of_its_handover(real: River, line: Asked, attempt: int) -> None:
    left = real.clock.at
    real.runtime = replace(real.runtime, now=lambda: left + timedelta(days=90), wall=real.clock)
    real.clock.at += LOOK_UP_AFTER + SECOND
    outreach.look_up([attempt], real.runtime)
    assert [each.handed_over_at for each in line.sought] == [left]


def test_one_empty_listing_is_none_and_the_second_is_asked_for_a_day_later_to_the_second(real: River, line: Asked, attempt: int) -> None:
    real.clock.at += LOOK_UP_AFTER + SECOND
    look(real)
    missing = real.clock.at
    assert (line.times, real.state(attempt)) == (1, "unknown")
    real.clock.at = missing + ABSENT_AFTER - SECOND
    look(real)
    assert (line.times, real.state(attempt)) == (1, "unknown")
    real.clock.at = missing + ABSENT_AFTER
    look(real)
    assert (line.times, real.state(attempt)) == (2, "failed")
    assert real.value("SELECT about FROM task WHERE attempt_id = :id", id=attempt) == "absent"


def test_a_listing_that_repeats_within_the_day_makes_nothing_absent(real: River, line: Asked, attempt: int) -> None:
    """Whatever a queue repeats: two empty listings a day apart, not two."""
    real.clock.at += LOOK_UP_AFTER + SECOND
    look(real)
    real.clock.at += ABSENT_AFTER - SECOND
    for _ in range(3):
        outreach.look_up([attempt], real.runtime)
    assert (line.times, real.state(attempt)) == (4, "unknown")


def test_a_list_that_could_not_be_asked_for_is_no_empty_one(real: River, line: Asked, attempt: int) -> None:
    line.is_down = True
    real.clock.at += LOOK_UP_AFTER + SECOND
    look(real)
    real.clock.at += 2 * ABSENT_AFTER
    look(real)
    assert (line.times, real.state(attempt)) == (2, "unknown")
    assert real.value("SELECT missing_since FROM attempt WHERE id = :id", id=attempt) is None
    line.is_down = False
    real.clock.at += timedelta(minutes=2)
    look(real)
    assert real.state(attempt) == "unknown", "this is the first empty listing"


def test_it_turns_up_between_the_two_listings_by_its_callback(real: River, line: Asked, attempt: int) -> None:
    real.clock.at += LOOK_UP_AFTER + SECOND
    look(real)
    real.said(attempt, "accepted")
    outreach.hear(outreach.sweep(real.runtime).receipts, real.runtime)
    assert real.state(attempt) == "accepted"
    real.clock.at += 2 * ABSENT_AFTER
    look(real)
    assert line.times == 1, "nobody asks for what is known"


def test_the_last_second_of_a_claim_still_sends_and_what_left_is_sought(real: River, line: Asked, home: Home) -> None:
    def almost_too_long() -> None:
        real.clock.at += writing.CLAIM - SECOND

    attempt = real.plan(home)
    outreach.deliver([attempt], replace(real.runtime, pace=Meanwhile(almost_too_long)))
    assert [message.attempt_id for message in line.sent] == [attempt]
    assert real.state(attempt) == "unknown"


def test_a_worker_that_wakes_after_its_claim_was_given_up_sends_nothing(real: River, line: Asked, home: Home) -> None:
    """Another sweep has cancelled the claim, and another worker has sent what was asked anew."""
    line.answer = taken

    def overslept() -> None:
        real.clock.at += writing.CLAIM + SECOND
        real.flow()

    attempt = real.plan(home)
    outreach.deliver([attempt], replace(real.runtime, pace=Meanwhile(overslept)))
    (sent,) = line.sent
    assert sent.attempt_id != attempt
    assert real.state(attempt) == "cancelled"


ANSWERS = [
    (taken, "accepted"),
    (lambda message: Unknown("line", "timeout", RAW), "unknown"),
    (lambda message: Refused("line", "permanent", "21617", RAW), "failed"),
]


@pytest.mark.parametrize(("answer", "state"), ANSWERS)
def test_an_answer_after_the_deadline_of_a_handover_is_heard_and_nothing_is_sent_again(
    real: River, line: Asked, home: Home, answer: object, state: str
) -> None:
    """Swept to unknown while the request still hangs."""

    def late(message: Message) -> Handover:
        real.clock.at += writing.SENDING + SECOND
        assert outreach.sweep(real.runtime).attempts == {}
        assert real.state(message.attempt_id) == "unknown"
        return answer(message)  # type: ignore[operator,no-any-return]

    line.answer = late
    attempt = real.plan(home)
    outreach.deliver([attempt], real.runtime)
    assert real.state(attempt) == state
    assert len(line.sent) == 1
