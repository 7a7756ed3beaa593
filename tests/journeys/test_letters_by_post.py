"""Letters against the sandbox's post: in their day's batch, answered for at once, and followed by the desk's own record."""

from orchestrator.posting import batches, snapshots
from orchestrator.posting.printed import folder_of
from tests.channels.conftest import somebody
from tests.journeys.stage import Bill, Stage, local
from tests.journeys.test_whole_cases import AUTUMN, NAME, UNIT, ignores_all


def test_letters_the_desk_took_are_printed_in_their_batch_and_their_record_is_kept(stage: Stage) -> None:
    stage.bill(Bill(UNIT, NAME, somebody(ignores_all), AUTUMN))
    stage.open_cases()
    stage.live(local("2027-01-05 12:00"))
    batches.tend(stage.runtime)
    snapshots.tend(stage.runtime)
    assert stage.value("SELECT string_agg(day::text || ' ' || state, ', ' ORDER BY day) FROM letter_batch") == (
        "2026-12-07 acknowledged, 2026-12-28 acknowledged"
    ), "a Sunday's letter lies in Monday's batch"
    for batch_id in (1, 2):
        assert (folder_of(stage.runtime.settings.exhibits, batch_id) / "letters.pdf").stat().st_size > 1_000
    assert stage.value("SELECT string_agg(source || ' ' || status, ', ') FROM letter_snapshot") == "desk signed_self"
    assert stage.value("SELECT count(*) FROM task WHERE about = 'tracking'") == 0
    assert not stage.faults_of_evidence()
