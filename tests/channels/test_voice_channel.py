"""Automated calls: placed, lived key by key, and reported as what they were."""

from datetime import UTC, datetime

import pytest

from channels.contract import Accepted, Sought, Unknown


def statuses(house):
    return [(receipt.delivery, receipt.outcome) for receipt in house.receipts]


def test_a_person_who_confirms_and_listens_hears_all_and_presses_a_key(channels, sandbox, house, somebody, a_message):
    handover = channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "caller")))
    assert isinstance(handover, Accepted)
    sandbox.move(minutes=5)
    assert [pressed.meaning for pressed in house.pressed] == ["started", "confirmed", "heard", "will_pay"]
    assert {pressed.attempt_id for pressed in house.pressed} == {41}
    assert statuses(house) == [("accepted", None), ("sent", None), ("sent", None), ("delivered", "answered")]
    assert sandbox.clock()["in_flight"] == 0


def test_the_debt_is_named_only_after_the_person_confirmed_to_be_the_owner(channels, sandbox, house, somebody, a_message):
    channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "stranger")))
    sandbox.move(minutes=5)
    assert [pressed.meaning for pressed in house.pressed] == ["started", "wrong_person"]


@pytest.mark.parametrize(
    ("habit", "delivery", "outcome"),
    [
        ("no_answer", "undelivered", "no_answer"),
        ("busy", "undelivered", "busy"),
        ("machine", "undelivered", "machine"),
        ("hangs_up", "delivered", "answered"),
    ],
)
def test_how_a_call_ended_is_told_as_it_was(channels, sandbox, house, somebody, a_message, habit, delivery, outcome):
    channels["voice"].send(a_message("voice", somebody(lambda who: who.phone == habit)))
    sandbox.move(minutes=5)
    assert statuses(house)[-1] == (delivery, outcome)
    assert "heard" not in [pressed.meaning for pressed in house.pressed]


def test_a_call_whose_answer_was_lost_is_found_by_both_numbers_and_real_time(channels, sandbox, somebody, a_message):
    voice, to = channels["voice"], somebody(lambda who: who.phone == "busy")
    sandbox.break_with("accept_then_reset", channel="voice")
    at = datetime.now(UTC)
    assert isinstance(voice.send(a_message("voice", to)), Unknown)
    sandbox.move(minutes=1)
    found = voice.find(Sought(41, to, "", at))
    assert found.provider_id == sandbox.log()[0]["sid"]
    assert [receipt.outcome for receipt in found.receipts] == ["busy"]
    assert voice.find(Sought(41, to, "", at, taken=frozenset({found.provider_id}))) is None
    assert voice.fetch(found.provider_id, 41).outcome == "busy"


def test_a_call_hung_up_by_a_backend_that_does_not_answer_is_still_reported(channels, sandbox, house, somebody, a_message):
    house.script = None
    channels["voice"].send(a_message("voice", somebody(lambda who: who.kind == "caller")))
    sandbox.move(minutes=5)
    assert statuses(house)[-1] == ("delivered", "answered")
    assert house.pressed[0].meaning == "started"
