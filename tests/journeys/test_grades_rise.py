"""A demand proves more once more is held of it: the cell turns from red to green, and the number the company steers by counts it."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from channels.carrier.personas import Persona
from orchestrator import people
from orchestrator.posting import batches, scanning
from orchestrator.posting.printed import reference
from orchestrator.store import routes as doors
from orchestrator.visiting import reports, routes
from orchestrator.visiting.reports import Report, Witness
from tests.channels.conftest import somebody
from tests.journeys.stage import Bill, Stage, local
from tests.journeys.test_whole_cases import AUTUMN, NAME, UNIT

NEIGHBOUR = "3-1-1202"


def photo(colour: str = "white") -> bytes:
    taken = BytesIO()
    Image.new("RGB", (8, 8), colour).save(taken, "JPEG")
    return taken.getvalue()


def out_of_reach(who: Persona, mail: str) -> bool:
    """No call and no text arrives; what the post brings ends where `mail` says."""
    return who.kind == "silent" and who.phone == "no_answer" and who.mail == mail and who.sms_fault is not None


def test_the_signed_return_of_a_letter_that_lay_in_a_locker_turns_its_charges_green(stage: Stage) -> None:
    stage.bill(Bill(UNIT, NAME, somebody(lambda who: out_of_reach(who, "locker")), AUTUMN))
    stage.open_cases()
    stage.live(local("2027-01-06 12:00"))
    assert any(seen.endswith("letter formal-demand: signed_locker") for seen in stage.seen()[UNIT])
    assert stage.proofs(UNIT) == {("under_way", "C")}, "a locker is nobody who may receive"
    assert stage.steered_by() == 0
    batches.tend(stage.runtime)
    (letter,) = [stage.value("SELECT id FROM attempt WHERE step = 'formal-demand'")]
    scanning.signed_for(stage.runtime, reference(int(str(letter))), "self", date(2027, 1, 5), "张三", None, photo())
    stage.live(local("2027-01-07 12:00"))
    assert stage.proofs(UNIT) == {("running", "A")}
    assert stage.steered_by() == len(AUTUMN)
    stage.live(local("2027-01-25 12:00"))
    assert stage.proofs(UNIT) == {("proven", "A")}, "and its reasonable period, counted from the day of signing, is over"


@pytest.fixture
def walked(stage: Stage) -> Stage:
    """Two homes of one building that nothing reaches; their visits wait for a route."""
    unlike = [somebody(lambda who: out_of_reach(who, "guard")), somebody(lambda who: out_of_reach(who, "moved"))]
    stage.bill(Bill(UNIT, NAME, unlike[0], AUTUMN), Bill(NEIGHBOUR, "李明", unlike[1], AUTUMN))
    stage.unasked = frozenset({"call"})
    for name, role in (("陈工", "collector"), ("赵工", "collector"), ("林主管", "supervisor")):
        people.add(stage.runtime, name, role)
    stage.open_cases()
    stage.live(local("2026-12-22 10:30"))
    return stage


def test_a_notice_that_was_left_proves_once_a_neutral_witness_saw_it_and_another_looked_at_the_photos(walked: Stage) -> None:
    """Two of ours go to both doors with the notice, and photograph. Only at the second one a clerk of the committee looks on."""
    affixed = Report("affixed", "affixed", companion="赵工", ticked=frozenset({"photo_of_door_number", "fixed"}))
    witnessed = replace(affixed, key="refused", outcome="refused_to_take", witness=Witness("居委会周干事", "neutral"))
    stops = walk(walked, {UNIT: affixed, NEIGHBOUR: witnessed})
    for unit in (UNIT, NEIGHBOUR):
        assert walked.proofs(unit) <= {("under_way", "C"), ("under_way", None)}, "our own photos are our own word"
    for task_id in stops:
        reports.look(walked.runtime, task_id, "林主管", code_seen=True)
    walked.live(local("2026-12-23 12:00"))
    assert walked.proofs(UNIT) == {("under_way", "C")}
    assert walked.proofs(NEIGHBOUR) == {("running", "B")}
    assert walked.steered_by() == len(AUTUMN)


def walk(stage: Stage, told: dict[str, Report]) -> list[int]:
    """A route is approved, walked and reported, each door with a photo; its tasks."""
    runtime, today = stage.runtime, routes.today(stage.runtime)
    (route,) = routes.proposals(runtime, None, today)
    stops = {stop.unit: stop.task_id for stop in route.stops}
    assert stops.keys() == told.keys()
    routes.approve(runtime, route.community_id, route.building, today, list(stops.values()), "陈工", "林主管", companion="赵工")
    for unit, task_id in stops.items():
        with runtime.store.begin() as rows:
            stop = doors.stop(rows, task_id, None, "陈工")
        assert stop is not None
        assert routes.start(runtime, stop)
        reports.bring(runtime, task_id, photo("red" if unit == UNIT else "blue"), "photo", "陈工")
        reports.send(runtime, task_id, route.community_id, stop.day, told[unit], "陈工")
    return list(stops.values())


def test_who_answers_the_text_shows_that_they_read_it_and_whose_number_it_is(stage: Stage) -> None:
    """The receipt alone is a B, and green; the debtor's own word in answer to it makes it an A, for every charge it named."""
    answers = somebody(lambda who: who.kind == "keeps_word" and who.phone == "no_answer" and who.sms_fault is None and who.pace > 0.3)
    stage.bill(Bill(UNIT, NAME, answers, AUTUMN))
    stage.open_cases()
    stage.live(local("2026-11-30 08:59"))
    assert stage.proofs(UNIT) == {("missing", None)}
    stage.live(local("2026-11-30 09:05"))
    assert stage.seen()[UNIT][-1].endswith("sms notice-sms: delivered")
    assert stage.proofs(UNIT) == {("running", "B")}
    stage.live(local("2026-12-01 12:00"))
    assert any("日交" in heard or "promise" in heard for heard in stage.heard())
    assert stage.proofs(UNIT) == {("running", "A")}
    assert stage.steered_by() == len(AUTUMN)
