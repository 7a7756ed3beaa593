"""Files are made by a worker: asked for once, tried again where a try goes wrong, and gone after a day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator import jobs
from orchestrator.runtime import Runtime
from orchestrator.store import jobs as job_rows
from orchestrator.store.jobs import MOST_TRIES, Job
from tests.conftest import Clock
from tests.world import World


@dataclass
class Maker:
    """Makes a file, or does what it is told to first."""

    first: Callable[[], object] = lambda: None
    seen: list[int] = field(default_factory=list)

    def __call__(self, runtime: Runtime, job: Job, folder: Path, report: jobs.Report) -> Path:
        self.seen.append(job.id)
        report(1, 2)
        self.first()
        (folder / "made.zip").write_bytes(b"made")
        return folder / "made.zip"


def job(runtime: Runtime, job_id: int) -> Job:
    with runtime.store.begin() as rows:
        found = job_rows.one(rows, job_id, None)
    assert found is not None
    return found


def raising(error: Exception) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


def test_a_file_is_made_once_and_is_there_for_a_day(runtime: Runtime, clock: Clock) -> None:
    maker = Maker()
    job_id = jobs.request(runtime, "bundle", {"case": 1}, "counsel")
    assert jobs.work(runtime, {"bundle": maker})
    assert not jobs.work(runtime, {"bundle": maker})
    path = jobs.file_of(runtime, job(runtime, job_id))
    assert path is not None
    assert path.read_bytes() == b"made"

    clock.at += jobs.KEPT - timedelta(minutes=1)
    jobs.tidy(runtime)
    assert path.exists()
    clock.at += timedelta(minutes=2)
    jobs.tidy(runtime)
    assert not path.exists()
    assert job(runtime, job_id).state == "removed"
    assert jobs.file_of(runtime, job(runtime, job_id)) is None


def test_what_cannot_be_made_is_said_and_not_tried_again(runtime: Runtime) -> None:
    maker = Maker(raising(ValueError("case 7 is not green")))
    job_id = jobs.request(runtime, "bundle", {"case": 7}, "counsel")
    assert jobs.work(runtime, {"bundle": maker})
    assert not jobs.work(runtime, {"bundle": maker})
    assert (job(runtime, job_id).state, job(runtime, job_id).error) == ("failed", "case 7 is not green")


def test_a_failure_is_tried_again_and_then_told_without_its_message(runtime: Runtime) -> None:
    maker = Maker(raising(OSError("no room for 王芳.pdf")))
    job_id = jobs.request(runtime, "bundle", {"case": 1}, "counsel")
    while jobs.work(runtime, {"bundle": maker}):
        pass
    failed = job(runtime, job_id)
    assert len(maker.seen) == MOST_TRIES
    assert failed.state == "failed"
    assert failed.error == "OSError while it was made"


def test_a_job_whose_worker_was_lost_is_taken_anew_and_the_lost_one_is_not_heard_any_more(runtime: Runtime, clock: Clock) -> None:
    job_id = jobs.request(runtime, "bundle", {"case": 1}, "counsel")
    with runtime.store.begin() as rows:
        lost = job_rows.take(rows, clock.at, clock.at + jobs.LEASE)
    assert lost is not None
    assert not jobs.work(runtime, {"bundle": Maker()})
    clock.at += jobs.LEASE + timedelta(seconds=1)
    assert jobs.work(runtime, {"bundle": Maker()})
    with runtime.store.begin() as rows:
        job_rows.fail(rows, lost, "late word", clock.at)
    assert job(runtime, job_id).state == "done"


def test_a_job_that_loses_every_worker_ends(runtime: Runtime, clock: Clock) -> None:
    job_id = jobs.request(runtime, "bundle", {"case": 1}, "counsel")
    for _ in range(MOST_TRIES):
        with runtime.store.begin() as rows:
            assert job_rows.take(rows, clock.at, clock.at + jobs.LEASE) is not None
        clock.at += jobs.LEASE + timedelta(seconds=1)
    assert not jobs.work(runtime, {"bundle": Maker()})
    assert job(runtime, job_id).state == "failed"


@pytest.mark.parametrize("seen", [True, False])
def test_a_community_s_file_is_for_those_who_see_the_community(runtime: Runtime, world: World, seen: bool) -> None:
    job_id = jobs.request(runtime, "bundle", {"case": 1}, "counsel", world.community_id)
    scope = world.community_id + (0 if seen else 1)
    with runtime.store.begin() as rows:
        assert (job_rows.one(rows, job_id, scope) is not None) == seen
        assert bool(job_rows.recent(rows, scope)) == seen
