"""Counsel turns the green rows of the matrix into filing packets in one act, waits for them and fetches them."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator import casework, jobs
from orchestrator.evidence.authority import SandboxAuthority
from tests.world import month


@pytest.fixture
def homes(world, runtime, clock):
    """One that signed for the formal demand two months ago, one that nobody wrote to."""
    green = world.home("3-1-1201", "王芳", charges=[month(2026, 5)]).open_case(cursor=8)
    green.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", sent=timedelta(days=-60))
    with world.store.begin() as rows:
        rows.exec_driver_sql("UPDATE \"case\" SET state = 'stopped', rest = 'ready_for_suit', ask_at = NULL")
    casework.hold(runtime, green.case_id, "repair", clock.at + timedelta(days=1), "collector")  # so that something is in the log
    return green, world.home("3-1-1202", "李雷", charges=[month(2026, 5)]).open_case(cursor=1)


@pytest.fixture
def makers(runtime, clock, tmp_path):
    return replace(runtime, authorities=(SandboxAuthority(tmp_path / "time.p12", "p" * 32, clock),))


def test_the_green_rows_of_a_community_become_packets_in_one_act(staff, world, homes, runtime, makers) -> None:
    counsel = staff("counsel")
    assert "绿色案件生成立案材料" in counsel.get("/").text
    asked = counsel.submit("/", "/files/filing", community=str(world.community_id))
    assert asked.status_code == 303
    assert jobs.work(makers)
    fetched = counsel.get(f"{asked.headers['location']}/download")
    names = zipfile.ZipFile(io.BytesIO(fetched.content)).namelist()
    assert any(name.endswith("1 民事起诉状.pdf") for name in names)
    note = next(name for name in names if name.endswith("未生成.txt"))
    refused = zipfile.ZipFile(io.BytesIO(fetched.content)).read(note).decode()
    for told in ("案件 2　3-1-1202 物业费 2026-05：还没有催缴列明这笔费用", "case 2  3-1-1202 物业费 2026-05: no demand has named it"):
        assert told in refused
    page = counsel.get(asked.headers["location"]).text
    assert "案件 2　3-1-1202 物业费 2026-05：还没有催缴列明这笔费用。发出列明全部费用的正式催缴函。" in page
    counsel.get("/language/en")
    page = counsel.get(asked.headers["location"]).text
    assert "case 2  3-1-1202 物业费 2026-05: no demand has named it. Send the formal demand" in page
    assert "还没有催缴" not in page


def test_a_case_that_is_ready_has_its_own_button(staff, homes) -> None:
    counsel = staff("counsel")
    page = f"/cases/{homes[0].case_id}"
    assert "生成立案材料" in counsel.get(page).text
    assert counsel.submit(page, "/files/filing", case=str(homes[0].case_id)).status_code == 303
    assert "生成立案材料" not in counsel.get(f"/cases/{homes[1].case_id}").text


def test_a_case_that_is_not_green_says_why(staff, homes, makers) -> None:
    counsel = staff("counsel")
    asked = counsel.submit("/", "/files/filing", case=str(homes[1].case_id))
    jobs.work(makers)
    assert "还没有催缴列明这笔费用" in counsel.get(asked.headers["location"]).text
    counsel.get("/language/en")
    page = counsel.get(asked.headers["location"]).text
    assert "case 2  3-1-1202 物业费 2026-05: no demand has named it. Send the formal demand" in page
    assert "还没有催缴" not in page


def test_a_collector_files_nothing(staff, world, homes) -> None:
    collector = staff("collector")
    assert "立案材料" not in collector.get("/").text
    assert collector.submit("/", "/files/filing", community=str(world.community_id)).status_code == 403


def test_a_community_that_is_not_there_is_not_found(staff, homes) -> None:
    assert staff("counsel").submit("/", "/files/filing", community="99").status_code == 404
