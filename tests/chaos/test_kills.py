"""kill -9 in mid-run and a restart: nothing sent twice, nothing lost. And the auditor that says so can say otherwise."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.audit import Taken, Tried, duplicates, lost, unheard
from tests.chaos.faults import EACH_RUN, FAULTS, plan
from tests.chaos.run import run


@pytest.mark.skipif(sys.platform != "linux", reason="the processes of a house are found in /proc")
@pytest.mark.parametrize("seed", [1])
def test_workers_killed_in_mid_run_send_nothing_twice_and_lose_nothing(seed: int, tmp_path: Path) -> None:
    done = run(seed, 1, tmp_path, print)

    assert done.audit.sentences == ()
    assert done.audit.taken > 20
    assert done.faults >= Counter(EACH_RUN)


def test_the_seed_alone_decides_what_is_done_and_when() -> None:
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)
    assert all(set(EACH_RUN) <= {blow.fault for blow in plan(seed)} for seed in range(50))
    assert {blow.fault for seed in range(50) for blow in plan(seed)} == set(FAULTS)


def taken(attempt: int, status: str = "delivered", *, sid: str = "", kind: str = "sms", to: str = "+8613900000001") -> Taken:
    answered_by = {"completed": "human"}.get(status)
    return {"attempt": attempt, "sid": sid or f"sid-{attempt}", "kind": kind, "to": to, "status": status, "answered_by": answered_by}


def tried(number: int, state: str = "delivered", *, round: int = 1, sid: str | None = "", outcome: str | None = None) -> Tried:
    return Tried(number, 1, "courtesy", round, "sms", 1, state, outcome, f"sid-{number}" if sid == "" else sid)


def _known(*attempts: Tried) -> dict[int, Tried]:
    return {attempt.id: attempt for attempt in attempts}


def test_a_clean_run_has_nothing_to_say() -> None:
    attempts = _known(tried(1))

    assert list(duplicates([taken(1)], attempts)) == []
    assert list(lost([taken(1)], attempts)) == []


def test_one_attempt_taken_twice_is_a_duplicate() -> None:
    assert len(list(duplicates([taken(1, "failed"), taken(1, sid="another")], _known(tried(1))))) == 1


def test_a_demand_repeated_after_it_was_brought_is_a_duplicate_whatever_its_round() -> None:
    assert len(list(duplicates([taken(1), taken(2)], _known(tried(1), tried(2, round=2))))) == 1


def test_a_demand_repeated_because_the_program_lost_sight_of_it_is_a_duplicate() -> None:
    gone = tried(1, "failed", sid=None, outcome="failed")

    assert len(list(duplicates([taken(1, "undelivered"), taken(2)], _known(gone, tried(2, round=2))))) == 1


def test_a_second_try_after_a_failure_that_both_sides_know_of_is_lawful() -> None:
    attempts = _known(tried(1, "undelivered"), tried(2, round=2))

    assert list(duplicates([taken(1, "undelivered"), taken(2)], attempts)) == []


@pytest.mark.parametrize("attempt", [tried(1, "cancelled", sid=None, outcome="claim_lapsed"), tried(2)], ids=["cancelled", "not ours"])
def test_what_the_carrier_took_and_the_program_does_not_know_of_is_lost(attempt: Tried) -> None:
    assert "sid-1 was taken for attempt 1" in "\n".join(lost([taken(1)], _known(attempt)))


def test_what_the_program_believes_sent_and_the_carrier_never_took_is_lost() -> None:
    assert list(lost([], _known(tried(1)))) == ["attempt 1 is delivered as sid-1, which the carrier never took"]


@pytest.mark.parametrize("state", ["planned", "claimed", "sending", "unknown"])
def test_what_is_left_half_done_is_lost(state: str) -> None:
    assert list(lost([], _known(tried(1, state, sid=None)))) == [f"attempt 1 of case 1 was left {state}"]


def test_what_the_carrier_brought_and_the_program_never_heard_of_is_told() -> None:
    assert list(unheard([taken(1)], _known(tried(1, "sent")))) == ["sid-1 was delivered, and attempt 1 never heard of it"]


def test_an_attempt_called_off_without_a_reason_is_lost() -> None:
    assert list(lost([], _known(tried(1, "cancelled", sid=None)))) == ["attempt 1 is cancelled without a reason"]
