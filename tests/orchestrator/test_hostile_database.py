"""What the administrator of the database can do to the log, and to those who read it while others write."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from orchestrator import auditing, sealing
from orchestrator.embedded import Postgres
from orchestrator.runtime import Runtime
from orchestrator.store import log, tree
from orchestrator.store.log import FORGOTTEN
from tests.conftest import Clock
from tests.logged import facts
from tests.orchestrator.test_sealing import House


@pytest.fixture
def house(runtime: Runtime, clock: Clock, tmp_path: Path, server: Postgres) -> House:
    made = House(runtime, clock, tmp_path, server)
    made.happen(3)
    made.seal()
    return made


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (["UPDATE evidence_stamp SET response = response || '\\x00'"], "stamp 1: it is not the one that was logged for checkpoint 3"),
        (["DELETE FROM evidence_stamp"], "checkpoint 3: the stamp of https://time.example was logged and is gone"),
        (["DELETE FROM evidence_payload WHERE entry_id = 2"], "entry 2: its payload was deleted, and nothing logged says by whom"),
        (["UPDATE evidence_payload SET salt = sha256('x')"], "entry 1: its payload is not what was logged"),
        (
            ["UPDATE evidence_payload SET payload = (SELECT payload FROM evidence_payload WHERE entry_id = 1) WHERE entry_id = 2"],
            "entry 2: its payload is not what was logged",
        ),
        (["UPDATE evidence_entry SET previous = NULL WHERE id = 3"], "entry 3: what it says of itself is not what was logged"),
    ],
)
def test_stamps_payloads_and_links_that_were_touched_are_named(house: House, changes: list[str], named: str) -> None:
    house.tamper(*changes)
    assert named in house.faults


def test_a_copy_taken_away_outside_is_named(house: House) -> None:
    next(path for path in house.copies if path.suffix == ".checkpoint").unlink()
    assert house.faults == ("checkpoint 3: its copy outside is gone",)


def test_what_the_law_orders_deleted_is_gone_and_the_log_holds(house: House) -> None:
    with house.runtime.store.begin() as rows:
        log.forget(rows, 2, "request of the person, PIPL 47", "王主任", house.clock.at, house.clock.at)
    house.seal()
    assert house.faults == ()
    with house.runtime.store.begin() as rows:
        assert facts(rows, FORGOTTEN) == [{"entry": 2, "reason": "request of the person, PIPL 47", "by": "王主任"}]
        assert [fact["number"] for fact in facts(rows, "something")] == [0, 2]
        with pytest.raises(LookupError, match="was deleted before"):
            log.forget(rows, 2, "again", "王主任", house.clock.at, house.clock.at)
        with pytest.raises(LookupError, match="no entry 99"):
            log.forget(rows, 99, "again", "王主任", house.clock.at, house.clock.at)


def test_a_snapshot_sees_one_state_and_cannot_write(house: House) -> None:
    with house.runtime.store.snapshot() as rows:
        before = tree.size(rows)
        house.happen(5)
        house.seal()
        assert tree.size(rows) == before
        with pytest.raises(Exception, match="read-only transaction"):
            rows.execute(text("DELETE FROM evidence_unsealed"))
    with house.runtime.store.begin() as rows:
        assert tree.size(rows) > before


def test_an_audit_among_writers_and_two_sealers_finds_no_fault_where_there_is_none(house: House) -> None:
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            house.happen(100)
            sealing.seal(house.runtime, at_once=True)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for each in writers:
        each.start()
    try:
        found = [auditing.audit(house.runtime).faults for _ in range(4)]
    finally:
        done.set()
        for each in writers:
            each.join()
    assert found == [()] * 4
    assert house.faults == ()
