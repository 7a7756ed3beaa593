"""What may not be said never leaves, on no channel: its case waits for a person, with the finding."""

from datetime import timedelta

import pytest

from orchestrator import campaigns, casework
from orchestrator.casework import NotNeutral
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

OWED = [month(2026, 5, "400.00")]


@pytest.mark.parametrize(
    ("cursor", "step"), [(0, "courtesy-call"), (1, "notice-sms"), (2, "warm-letter"), (3, "second-call"), (4, "visit")]
)
def test_a_threat_in_the_communitys_own_words_parks_the_case_on_every_channel(river: River, world: World, cursor: int, step: str) -> None:
    river.execute("UPDATE community SET how_to_pay = '扫码缴费，逾期停 水 停 电'")
    home = world.home("3-1-1301", "赵敏", "+8619900000003", charges=OWED).open_case(cursor=cursor)
    river.ask(home)
    river.flow()
    parked = str(river.value('SELECT parked FROM "case" WHERE id = :id', id=home.case_id))
    assert parked.startswith(f"{step}: ")
    assert "停水" in parked
    assert "944" in parked
    assert river.sent == []
    assert river.value("SELECT outcome FROM attempt WHERE case_id = :id", id=home.case_id) == "wording"


def test_once_the_words_are_mended_it_leaves(river: River, world: World) -> None:
    river.execute("UPDATE community SET how_to_object = '否则后果自负'")
    home = world.home("3-1-1301", "赵敏", "+8619900000003", charges=OWED).open_case(cursor=1)
    river.ask(home)
    river.flow()
    assert river.sent == []
    river.execute("UPDATE community SET how_to_object = '致电0571-80000000'")
    casework.unpark(river.runtime, home.case_id, "operator")
    river.flow()
    assert [channel for channel, _ in river.sent] == ["sms"]


def test_a_debtor_whose_name_is_a_law_firms_is_written_to_like_any_other(river: River, world: World) -> None:
    home = world.home("3-1-1301", "浙江公安律师事务所", "+8619900000003", charges=OWED).open_case(cursor=1)
    river.ask(home)
    river.flow()
    assert [channel for channel, _ in river.sent] == ["sms"]


def test_campaign_messages_that_may_not_be_said_stay_and_one_task_asks_to_mend_the_words(river: River, world: World) -> None:
    river.execute("UPDATE community SET how_to_pay = '扫码缴费，逾期停 水 停 电'")
    world.home("3-1-0401", "孙丽", "+8619900003958", charges=[month(2026, 11)])
    world.home("3-1-0402", "周健", "+8619900003959", charges=[month(2026, 11)])
    campaigns.announce(river.runtime)
    river.flow()
    assert river.sent == []
    assert river.value("SELECT count(*) FROM attempt WHERE outcome = 'wording'") == 2
    assert river.value("SELECT count(*) FROM task WHERE about = 'wording' AND state = 'open'") == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda river, home, note: casework.dispute(river.runtime, home.case_id, "collector", note),
        lambda river, home, note: casework.close(river.runtime, home.case_id, note, "collector"),
        lambda river, home, note: casework.understand(river.runtime, home.case_id, "cash", "collector", note),
        lambda river, home, note: casework.hold(river.runtime, home.case_id, note, river.clock.at + timedelta(days=3), "collector"),
        lambda river, home, note: casework.complete_call(river.runtime, 1, "collector", "conversation", note=note),
        lambda river, home, note: casework.complete_visit(river.runtime, 1, "collector", "no_answer", note=note),
        lambda river, home, note: casework.complete_check(river.runtime, 1, "collector", note),
        lambda river, home, note: casework.refuse(river.runtime, 1, "supervisor", note),
    ],
)
def test_a_note_about_the_person_is_sent_back_to_be_rephrased_and_nothing_is_written(river: River, home: Home, write) -> None:
    before = river.value("SELECT count(*) FROM evidence_entry")
    with pytest.raises(NotNeutral, match=r"请改写“老赖”：.*rephrase “老赖”: No insults"):
        write(river, home, "这户是老赖")
    assert river.value("SELECT count(*) FROM evidence_entry") == before
