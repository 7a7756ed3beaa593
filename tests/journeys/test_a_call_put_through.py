"""A member of staff is rung by the carrier, presses 1, and is connected with the debtor; what was recorded is kept."""

from typing import Any

import pytest
from sqlalchemy import text

from channels.carrier.personas import persona
from orchestrator import people, recordings
from orchestrator.calling import bridging, cards, hands
from orchestrator.store import pages_work
from tests.channels.conftest import SEED
from tests.journeys.stage import Stage
from tests.world import World, month

AGENT = "+8613800000001"


def somebody(habit: str) -> str:
    """A number whose owner takes calls as said."""
    return next(number for each in range(500) if persona(SEED, number := f"+86199{each:08d}").phone == habit)


@pytest.mark.parametrize(
    ("habit", "ended", "kept"), [("answers", "ended answered", 1), ("busy", "ended busy", 0), ("no_answer", "ended no_answer", 0)]
)
def test_both_phones_are_rung_in_turn_and_the_end_is_told(stage: Stage, habit: str, ended: str, kept: int) -> None:
    runtime = stage.runtime
    task_id = World(runtime.store).home("3-1-0401", "孙丽", somebody(habit), charges=[month(2026, 8)]).open_case(cursor=3).task("call")
    people.add(runtime, "陈工", "collector")
    people.set_phone(runtime, "陈工", AGENT)
    hands.take(runtime, task_id, "陈工")
    with runtime.store.begin() as rows:
        (task,) = pages_work.tasks(rows, None, task_id=task_id)
    (number,) = cards.card(runtime, task, "zh").numbers
    bridging.ring(runtime, task_id, number, "陈工", "zh")
    stage.carrier.tell_time(stage.clock.at.replace(minute=5))
    assert value(stage, "SELECT state || ' ' || outcome FROM bridge") == ended
    assert [(sent["kind"], sent["to"]) for sent in stage.carrier.log()] == [("voice", AGENT)]
    recordings.fetch(runtime)  # at the latest; the carrier's own word of the recording may have had it fetched before
    assert value(stage, "SELECT count(*) FROM exhibit WHERE kind = 'recording'") == kept


def value(stage: Stage, query: str) -> Any:
    with stage.runtime.store.begin() as rows:
        return rows.execute(text(query)).scalar()
