"""Counsel is told by a task when a clock runs out soon: once for a charge and threshold, whatever rests and whoever has no case."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from orchestrator import campaigns, casework, models
from orchestrator.casework import NotAllowed
from tests.orchestrator.conftest import River
from tests.world import Home, World, month


@pytest.fixture
def old(world: World) -> Home:
    """Two months of 2023 and one of 2026, no case. The older ones run out on 2026-12-31 and 2027-01-31."""
    return world.home("3-1-0401", "孙丽", charges=[month(2023, 12), month(2024, 1), month(2026, 9)])


def rings(river: River) -> list[tuple[Any, ...]]:
    """The alarms there are: what about, in which state, how many charges, the nearest last day."""
    campaigns.announce(river.runtime)
    with river.runtime.store.begin() as rows:
        found = rows.execute(
            text("""
                SELECT t.about, t.state, count(*), CAST(min(a.last_day) AS text)
                  FROM task t JOIN limitation_alarm a ON a.task_id = t.id GROUP BY t.id ORDER BY max(a.days_left), t.id
            """)
        )
        return [tuple(row) for row in found]


def days_on(river: River, days: int) -> None:
    river.clock.at += timedelta(days=days)


def test_what_rings_for_one_debtor_at_one_threshold_is_one_task_even_without_a_case(river: River, old: Home) -> None:
    assert rings(river) == [("limitation-90", "open", 2, "2026-12-31")]
    assert river.value("SELECT debtor_id FROM task") == old.debtor_id


def test_it_rings_once_a_day_and_once_a_threshold(river: River, old: Home) -> None:
    first = rings(river)
    assert rings(river) == first
    days_on(river, 1)
    assert rings(river) == first
    days_on(river, 6)
    assert rings(river) == [("limitation-30", "open", 1, "2026-12-31"), *first]


def test_another_charge_joins_the_open_task_and_makes_a_new_one_once_that_is_answered(river: River, world: World) -> None:
    world.home("3-1-0401", "孙丽", charges=[month(2024, 1), month(2024, 2), month(2024, 3)])
    assert rings(river) == [("limitation-90", "open", 1, "2027-01-31"), ("limitation-180", "open", 2, "2027-02-28")]
    days_on(river, 7)
    assert rings(river)[0] == ("limitation-90", "open", 2, "2027-01-31")
    answered = river.value("SELECT min(id) FROM task WHERE about = 'limitation-90'")
    casework.answer_alarm(river.runtime, int(str(answered)), "counsel", "已起诉")
    days_on(river, 31)
    assert [alarm for alarm in rings(river) if alarm[0] == "limitation-90"] == [
        ("limitation-90", "done", 2, "2027-01-31"),
        ("limitation-90", "open", 1, "2027-03-31"),
    ]


def test_days_on_which_nobody_looked_are_made_up_for_with_the_nearest_threshold_alone(river: River, old: Home) -> None:
    river.clock.at = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
    assert rings(river) == [("limitation-30", "open", 1, "2026-12-31"), ("limitation-90", "open", 1, "2027-01-31")]


def test_a_clock_that_has_run_out_rings_no_more(river: River, old: Home) -> None:
    river.clock.at = datetime(2027, 2, 1, 2, 0, tzinfo=UTC)
    assert rings(river) == []


def test_a_demand_that_a_court_would_believe_silences_it_and_one_it_would_not_does_not(river: River, old: Home) -> None:
    old.open_case()
    old.attempt("letter", "delivered", outcome="handed_over", signer="self", names=old.charge_ids[:1])
    old.attempt("visit", "delivered", outcome="affixed", step="visit", names=old.charge_ids[1:2])
    assert rings(river) == [("limitation-90", "open", 1, "2027-01-31")]


@pytest.mark.parametrize("how", ["UPDATE charge SET paid = amount", "UPDATE charge SET voided_at = now(), void_reason = 'x'"])
def test_what_is_owed_no_more_rings_no_more(river: River, old: Home, how: str) -> None:
    river.execute(how)
    assert rings(river) == []


def test_a_stop_state_ends_contact_and_never_the_clock(river: River, old: Home) -> None:
    old.open_case()
    river.execute("UPDATE \"case\" SET state = 'stopped', rest = 'deceased', ask_at = NULL")
    with river.runtime.store.begin() as rows:
        stop = {"community_id": old.world.community_id, "debtor_id": old.debtor_id, "state": "deceased"}
        rows.execute(insert(models.StopState).values(**stop, since=old.world.now, by="staff"))
    assert rings(river) == [("limitation-90", "open", 2, "2026-12-31")]
    assert river.value("SELECT case_id FROM task") == old.case_id
    assert river.sent == []


def test_an_alarm_is_answered_with_a_note_and_the_answer_is_in_the_log(river: River, old: Home) -> None:
    rings(river)
    with pytest.raises(NotAllowed, match="say what is done about it"):
        casework.answer_alarm(river.runtime, 1, "counsel", " ")
    casework.answer_alarm(river.runtime, 1, "counsel", "已向调解委员会申请调解")
    assert rings(river) == [("limitation-90", "done", 2, "2026-12-31")]
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'alarm report'") == 1
