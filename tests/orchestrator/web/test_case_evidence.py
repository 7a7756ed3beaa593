"""证据, a tab of a case: what is held of each demand and what would raise it, the chain, and the bundle that counsel takes to court."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest

from orchestrator import jobs, people, sealing
from orchestrator.runtime import Runtime
from orchestrator.store import log
from orchestrator.store.log import Entry
from tests.conftest import Clock
from tests.logged import facts
from tests.orchestrator.web.conftest import Client
from tests.orchestrator.web.test_evidence_page import client, stamping
from tests.world import Home, World, month

__all__ = ["client", "stamping"]

LogIn = Callable[[str], Client]
TAB = "/cases/1/evidence"
TEXT = "请缴纳九月物业费。"


@pytest.fixture
def home(world: World, stamping: Runtime, clock: Clock) -> Home:
    """A home that was sent a demand by text message, which arrived; two facts of it are stamped, a decision is not yet."""
    home = world.home("3-1-0401", "孙丽", "+8619900003958", charges=[month(2026, 8), month(2026, 9)]).open_case()
    sms = home.attempt("sms", "delivered", body=TEXT)
    log_of(stamping, clock, home, ("composed", {"body": TEXT}, sms), ("receipt", {"raw": b"MessageStatus=delivered".hex()}, sms))
    sealing.seal(stamping)
    clock.at += timedelta(minutes=5)
    log_of(stamping, clock, home, ("decision", {"note": "tired"}, None))
    return home


def log_of(runtime: Runtime, clock: Clock, home: Home, *told: tuple[str, dict[str, object], int | None]) -> None:
    with runtime.store.begin() as rows:
        log.append(rows, [Entry(kind, fact, home.case_id, attempt) for kind, fact, attempt in told], clock.at, clock.at)


def taken(counsel: Client, runtime: Runtime, **fields: object) -> zipfile.ZipFile:
    answer = counsel.submit(TAB, f"{TAB}/bundle", **fields)  # type: ignore[arg-type]
    assert answer.status_code == 303, answer.text
    assert "排队中" in counsel.get(answer.headers["location"]).text
    assert jobs.work(runtime)
    fetched = counsel.get(f"{answer.headers['location']}/download")
    assert fetched.status_code == 200, counsel.get(answer.headers["location"]).text
    return zipfile.ZipFile(io.BytesIO(fetched.content))


def test_counsel_sees_each_demand_with_its_text_its_grade_and_what_would_raise_it(staff: LogIn, home: Home) -> None:
    page = staff("counsel").get(TAB).text
    assert TEXT in page
    assert '<b class="grade gB"' in page
    assert "物业费 2026-08、物业费 2026-09" in page
    assert '可升至 <b class="grade">A</b> 合同约定该号码或地址用于送达' in page


def test_the_chain_tells_how_far_it_is_sealed_and_what_is_not_stamped_yet(staff: LogIn, home: Home, stamping: Runtime) -> None:
    auditor = staff("auditor")
    page = auditor.get(TAB).text
    assert "共 3 条记录 · 已封入检查点 2" in page
    assert "其后 1 条尚未盖时间戳" in page
    assert "2026年11月24日 10:00 · sandbox" in page
    sealing.seal(stamping, at_once=True)
    assert "尚未盖时间戳" not in auditor.get(TAB).text


def test_a_case_of_which_nothing_is_held_says_what_comes(staff: LogIn, world: World) -> None:
    world.home("3-1-0402", "张军", charges=[month(2026, 9)]).open_case()
    page = staff("counsel").get(TAB).text
    assert "本案还没有记录" in page
    assert "还没有发出过催告" in page
    assert "本案还没有可交法院的记录" in page or "还不能导出" in page


@pytest.mark.parametrize(
    ("role", "reads", "takes"),
    [
        ("administrator", True, True),
        ("counsel", True, True),
        ("supervisor", True, False),
        ("auditor", True, False),
        ("collector", False, False),
    ],
)
def test_who_reads_the_evidence_and_who_takes_the_bundle(
    staff: LogIn, home: Home, stamping: Runtime, role: str, reads: bool, takes: bool
) -> None:
    job_id = jobs.request(stamping, "bundle", {"case": home.case_id}, "counsel", home.world.community_id)
    assert jobs.work(stamping)
    person = staff(role)
    page = person.get(TAB)
    assert page.status_code == (200 if reads else 403)
    assert (f"{TAB}/bundle" in page.text) == takes
    assert (TAB in person.get("/cases/1").text) == reads
    assert person.submit("/cases", f"{TAB}/bundle").status_code == (303 if takes else 403)
    assert person.get(f"/files/{job_id}/download").status_code == (200 if takes else 403)


def test_a_case_of_another_community_is_not_there(client: Client, stamping: Runtime, home: Home) -> None:
    World(stamping.store, community_name="别处")
    password = people.add(stamping, "elsewhere", "counsel", community="别处")
    client.submit("/login", "/login", username="elsewhere", password=password)
    assert client.get(TAB).status_code == 404
    assert client.submit("/cases", f"{TAB}/bundle").status_code == 404


def test_taking_a_bundle_is_an_entry_of_the_case_that_names_who_and_which_bytes(staff: LogIn, home: Home, stamping: Runtime) -> None:
    counsel = staff("counsel")
    bundle = taken(counsel, stamping, kind=["composed", "receipt"])
    assert f"case-{home.case_id}/verify.sh" in bundle.namelist()
    assert bundle.namelist() == sorted(bundle.namelist())
    assert {each.date_time for each in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    with stamping.store.begin() as rows:
        (fact,) = facts(rows, "bundle taken")
    assert fact["by"].startswith("counsel-")
    assert fact["checkpoint"] >= 3
    assert len(fact["sha256"]) == 64
    assert "取走证据包" in counsel.get(TAB).text


def test_counsel_leaves_out_a_kind_or_a_demand_and_the_proofs_still_hold(staff: LogIn, home: Home, stamping: Runtime) -> None:
    counsel = staff("counsel")
    without_words = taken(counsel, stamping, kind=["receipt"], known="1", attempt="1")
    payloads = [name for name in without_words.namelist() if name.endswith(".payload.json")]
    assert b"MessageStatus=delivered".hex().encode() in b"".join(map(without_words.read, payloads))
    assert TEXT.encode() not in b"".join(map(without_words.read, payloads))
    without_demand = taken(counsel, stamping, kind=["composed", "receipt"], known="1")
    assert not [name for name in without_demand.namelist() if name.endswith(".payload.json")]
    assert [name for name in without_demand.namelist() if name.endswith(".header.json")]


def test_the_tab_is_drawn_in_english_too(staff: LogIn, home: Home) -> None:
    counsel = staff("counsel")
    counsel.get("/language/en")
    page = counsel.get(TAB).text
    assert "1 later entries are not stamped yet" in page
    assert "Raised to" in page
