"""What the administrator of the database can do to the log, and to those who read it while others write."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import make_url, text
from structlog.testing import capture_logs

from orchestrator import auditing, sealing
from orchestrator.embedded import Postgres
from orchestrator.evidence.leaves import Header
from orchestrator.migrations import APPEND_ONLY
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, checkpoints, log, proving, tree
from orchestrator.store.log import FORGOTTEN
from orchestrator.store.proving import Logged
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


REWRITTEN = (
    "DELETE FROM evidence_stamp",
    "DELETE FROM evidence_checkpoint",
    "DELETE FROM evidence_position",
    "INSERT INTO evidence_position (index, entry_id) SELECT row_number() OVER (ORDER BY id) - 1, id FROM evidence_entry WHERE id IN (1, 3)",
)


@pytest.mark.parametrize(
    ("changes", "signed"),
    [
        (REWRITTEN, []),
        (("DELETE FROM evidence_stamp", "DELETE FROM evidence_checkpoint", "DELETE FROM evidence_position WHERE index > 0"), []),
        (("UPDATE evidence_position SET index = 9 - index",), [3]),
    ],
)
def test_the_key_never_signs_a_log_that_departs_from_the_one_it_signed(house: House, changes: tuple[str, ...], signed: list[int]) -> None:
    house.tamper(*changes)
    house.happen()
    with capture_logs() as told:
        house.seal(timedelta(days=2))
    assert "nothing is signed" in [line["event"] for line in told]
    assert house.checkpoints == signed
    with house.runtime.store.begin() as rows:
        assert any("does not go on from the one signed at 3" in lack.says for lack in sealing.lacks(rows, house.runtime))


def _emptied(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.unlink()


def test_a_database_written_anew_is_not_signed_either_where_the_copies_were_emptied_too(house: House) -> None:
    house.tamper(*REWRITTEN)
    _emptied(house.runtime.settings.checkpoints)
    house.happen()
    with capture_logs() as told:
        house.seal(timedelta(days=2))
    mark = sealing.mark_of(house.runtime.settings)
    assert f"the log does not go on from the one signed at 3 entries, as {mark} has it" in [line.get("why") for line in told]
    assert house.checkpoints == []
    assert "mark of checkpoint 3: the log is another than the one that was signed" in house.faults
    house.tamper("DELETE FROM evidence_position WHERE index > 0")
    assert "mark of checkpoint 3: the log ends at 1, what came after was cut off" in house.faults
    with house.runtime.store.begin() as rows:
        assert any(str(mark) in lack.says and str(mark) in lack.zh for lack in sealing.lacks(rows, house.runtime))


def test_after_a_restore_the_operator_moves_copies_and_mark_aside_and_the_log_goes_on(house: House) -> None:
    house.tamper(*REWRITTEN)
    house.happen()
    house.runtime.settings.checkpoints.rename(house.runtime.settings.state_dir / "before the restore")
    sealing.mark_of(house.runtime.settings).unlink()
    house.seal(timedelta(days=2))
    (size,) = house.checkpoints
    assert size > 2


@pytest.mark.parametrize("content", [b"", b"garbled"])
def test_a_mark_that_cannot_be_read_stops_the_signing_and_is_named(house: House, content: bytes) -> None:
    mark = sealing.mark_of(house.runtime.settings)
    mark.write_bytes(content)
    house.happen()
    with capture_logs() as told:
        house.seal(timedelta(days=2))
    assert f"{mark} cannot be read" in [line.get("why") for line in told]
    assert house.checkpoints == [3]
    assert any(fault.startswith(f"mark {mark}: ") for fault in house.faults)


def test_nothing_is_signed_where_its_mark_cannot_be_written(house: House) -> None:
    house.happen()
    no_folder = house.runtime.settings.model_copy(update={"state_dir": house.runtime.settings.state_dir / "gone"})
    no_folder.state_dir.symlink_to("nowhere/else")
    house.runtime = replace(house.runtime, settings=no_folder)
    with capture_logs() as told:
        house.seal(timedelta(days=2))
    assert "the mark cannot be written" in [line.get("why") for line in told]
    assert house.checkpoints == [3]


@pytest.mark.parametrize("role", ["application", "owner"])
@pytest.mark.parametrize("table", [name for name in APPEND_ONLY if name.startswith("evidence_")])
@pytest.mark.parametrize("statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"])
def test_neither_role_changes_deletes_or_truncates_what_is_written_once(house: House, role: str, table: str, statement: str) -> None:
    refused = {"application": InsufficientPrivilege, "owner": RestrictViolation}[role]
    with _connected(house, role) as connection:
        column = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO' LIMIT 1", [table]
        ).fetchone()
        assert column is not None
        with pytest.raises(refused):
            connection.execute(statement.format(table=table, column=column[0]))


def _connected(house: House, role: str) -> psycopg.Connection[tuple[object, ...]]:
    url = {"application": house.server.url, "owner": house.server.owner_url}[role]
    database = make_url(url).set(database=house.runtime.store.engine.url.database)
    return psycopg.connect(database.render_as_string(hide_password=False), autocommit=True)


def test_a_clock_that_was_set_back_does_not_silence_the_log(house: House) -> None:
    house.happen()
    house.seal(-timedelta(days=30))
    assert len(house.checkpoints) == 2
    assert house.faults == ()


def test_a_forged_tile_makes_no_proof(house: House) -> None:
    house.happen(300)
    house.seal()
    house.tamper("UPDATE evidence_tile SET hashes = sha256('x') || substring(hashes from 33)")
    with house.runtime.store.begin() as rows:
        logged = [_logged(rows, 2)]
        with pytest.raises(ValueError, match="is not in the tree that was signed"):
            proving.proofs(rows, logged, frozenset(), house.runtime.log_key.verifying.public)


def _logged(rows: Rows, entry_id: int) -> Logged:
    row = rows.execute(
        text("""
            SELECT e.*, p.index AS place FROM evidence_entry e JOIN evidence_position p ON p.entry_id = e.id WHERE e.id = :id
        """),
        {"id": entry_id},
    ).one()
    header = Header(row.case_id, row.attempt_id, row.at, row.at_wall, row.previous, row.payload_digest)
    size = max(each.size for each in checkpoints.after(rows, 0))
    return Logged(row.id, row.kind, None, None, None, header, None, None, row.place, size)
