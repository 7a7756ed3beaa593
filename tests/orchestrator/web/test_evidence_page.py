"""The page 证据: how the log is sealed, stamped and audited, and what may be published of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator import jobs, sealing
from orchestrator.authorities import SandboxAuthority
from orchestrator.evidence.checkpoints import VerifyingKey
from orchestrator.runtime import Runtime
from orchestrator.store import checkpoints, log
from orchestrator.store.log import Entry
from orchestrator.web.app import create_app
from tests.conftest import Clock
from tests.orchestrator.web.conftest import Client, Heard, counted, serving
from tests.world import World

LogIn = Callable[[str], Client]


@pytest.fixture
def stamping(runtime: Runtime, clock: Clock, tmp_path: Path) -> Runtime:
    """A log with an authority, and a folder for copies."""
    settings = runtime.settings.model_copy(update={"checkpoints": tmp_path / "copies"})
    return replace(runtime, settings=settings, authorities=(SandboxAuthority(tmp_path / "time.p12", "p" * 32, clock),))


@pytest.fixture
def client(stamping: Runtime, heard: Heard) -> Iterator[Client]:
    with serving(create_app(stamping, heard)) as address, Client(address) as stranger:
        yield stranger


def grow(runtime: Runtime, clock: Clock, days: int = 1) -> None:
    """Something is logged and sealed each day."""
    for number in range(days):
        with runtime.store.begin() as rows:
            log.append(rows, [Entry("something", {"number": number})], clock.at, clock.at)
        sealing.seal(runtime)
        clock.at += timedelta(days=1)


def test_the_log_is_audited_by_a_worker_for_whoever_asks(staff: LogIn, stamping: Runtime, clock: Clock) -> None:
    grow(stamping, clock)
    auditor = staff("auditor")
    assert "还没有核验过" in auditor.get("/evidence").text
    waits_at = auditor.submit("/evidence", "/evidence/audit").headers["location"]
    assert "排队中" in auditor.get(waits_at).text
    assert auditor.submit("/evidence", "/evidence/audit").headers["location"] == waits_at, "it is asked for already"
    assert not jobs.work(stamping), "files are made elsewhere"
    assert jobs.work(stamping, jobs.AUDITS, jobs.LEASE_OF_AUDIT)
    assert "verified" in auditor.get(f"{waits_at}/download").text
    page = auditor.get("/evidence").text
    assert "通过" in page
    assert "auditor-" in page


def test_a_fault_is_named_on_the_page_on_today_and_to_the_monitoring(staff: LogIn, stamping: Runtime, clock: Clock, world: World) -> None:
    grow(stamping, clock, 2)
    copy = next((stamping.settings.checkpoints).glob("*/*.checkpoint"))
    copy.write_bytes(b"something else")
    jobs.request(stamping, "audit", {}, "auditor")
    jobs.work(stamping, jobs.AUDITS)
    counsel = staff("counsel")
    assert copy.name in counsel.get("/evidence").text
    assert "证据日志核验不通过" in counsel.get("/").text
    assert "xianli_audit_faults 2.0" in counsel.get("/metrics").text  # it is no checkpoint, so a checkpoint has no copy
    assert "证据日志核验不通过" not in staff("collector").get("/").text


def test_a_collector_asks_for_no_audit_and_reads_no_warning(staff: LogIn, stamping: Runtime, clock: Clock) -> None:
    collector = staff("collector")
    assert "/evidence/audit" not in collector.get("/evidence").text
    assert collector.submit("/cases", "/evidence/audit").status_code == 403


def test_what_lags_behind_is_told_with_its_cure(staff: LogIn, stamping: Runtime, clock: Clock) -> None:
    with stamping.store.begin() as rows:
        log.append(rows, [Entry("something", {})], clock.at, clock.at)
    clock.at += timedelta(minutes=20)
    counsel = staff("counsel")
    page = counsel.get("/evidence").text
    assert "1 条记录自 2026-11-24 02:00 UTC 起未封存" in page
    told = counsel.get("/metrics").text
    assert "xianli_evidence_unsealed 1.0" in told
    assert "xianli_evidence_unsealed_age_seconds 1200.0" in told
    assert "xianli_checkpoint_age_seconds" not in told


def test_the_key_and_the_newest_checkpoint_are_given_to_anybody_who_is_logged_in(staff: LogIn, stamping: Runtime, clock: Clock) -> None:
    visitor = staff("collector")
    assert visitor.get("/evidence/newest.checkpoint").status_code == 404
    grow(stamping, clock)
    key = stamping.log_key.verifying
    assert visitor.get("/evidence/log-key.vkey").text.strip() == key.vkey
    assert visitor.get("/evidence/log-key.pem").content == key.pem
    note = visitor.get("/evidence/newest.checkpoint").content
    assert VerifyingKey(key.name, key.public).open(note).size == 1
    assert note.decode().splitlines()[0] in visitor.get("/evidence").text


@pytest.mark.usefixtures("lived")
def test_a_log_that_grew_costs_the_pages_that_tell_of_it_no_more_questions(staff: LogIn, stamping: Runtime, clock: Clock) -> None:
    grow(stamping, clock)
    counsel = staff("counsel")
    few = {page: questions(stamping, counsel, page) for page in ("/", "/evidence")}
    with stamping.store.begin() as rows:
        log.append(rows, [Entry("something", {"number": number}) for number in range(600)], clock.at, clock.at)
    grow(stamping, clock)
    assert {page: questions(stamping, counsel, page) for page in few} == few
    assert max(few.values()) <= 14


def questions(runtime: Runtime, visitor: Client, page: str) -> int:
    with counted(runtime.store) as statements:
        assert visitor.get(page).status_code == 200
    return len(statements)


def test_the_history_shows_the_days_without_a_checkpoint_and_what_an_authority_lacks(staff: LogIn, stamping: Runtime, clock: Clock) -> None:
    grow(stamping, clock, 2)
    clock.at += timedelta(days=2)
    grow(replace(stamping, authorities=()), clock)
    page = staff("auditor").get("/evidence").text
    assert page.count('<rect class="sealed"') == 3
    assert page.count('<rect class="stamped"') == 2
    assert page.count('<rect class="unstamped"') == 1
    assert "缺 1" in page
    with stamping.store.begin() as rows:
        assert len(checkpoints.after(rows, 0)) == 3
