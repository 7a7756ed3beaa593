"""Who says yes reads in words what the yes is bound to, and what has changed since it was asked for."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from orchestrator.runtime import Runtime
from orchestrator.store import Rows, approvals
from orchestrator.store.approvals import Proposal
from orchestrator.wording import newest
from policies.approvals import Snapshot
from tests.orchestrator.web.conftest import Client
from tests.world import PACKS, Home, World, month

LogIn = Callable[[str], Client]


@pytest.fixture
def suable(world: World) -> Home:
    return world.home("3-1-1201", "王芳", charges=[month(2026, 4), month(2026, 5)]).open_case()


def ask(rows: Rows, home: Home) -> None:
    """A lawyer letter is put before a person, as things stand."""
    snapshot = Snapshot(
        principal={str(charge): 400 for charge in home.charge_ids},  # type: ignore[dict-item]
        claim_set=frozenset(),
        recipients=("王芳", "杭州市云栖路1号 3-1-1201"),
        wording=newest("lawyer-letter"),
        pack=f"cn-property@{PACKS.pack('cn-property').digest}",
        sequence=f"standard@{PACKS.sequence('standard').digest}",
        as_of=home.world.now.date(),
    )
    approvals.request(rows, [Proposal(home.case_id, "lawyer-letter", snapshot, None)], home.world.now, home.world.now)


def test_a_request_says_in_both_languages_what_a_yes_is_bound_to(staff: LogIn, suable: Home, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        ask(rows, suable)
    visitor = staff("supervisor")
    page = visitor.get("/approvals").text
    for said in (
        "2 项，共 ¥800.00",
        "3-1-1201 物业费 2026-04",
        "尚未固定，为全部欠费",
        "律师函",
        "标准流程",
        "杭州市云栖路1号",
        "2026年11月24日",
    ):
        assert said in page
    for key in ("principal", "claim_set", "recipients", "请求之后有变化"):
        assert key not in page
    visitor.get("/language/en")
    page = visitor.get("/approvals").text
    for said in ("2 charges, ¥800.00 in all", "not frozen yet: all that is owed", "Lawyer letter", "24 Nov 2026"):
        assert said in page


def test_a_request_says_what_has_changed_since(staff: LogIn, suable: Home, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        ask(rows, suable)
    suable.pay(suable.charge_ids[0], "100.00")
    visitor = staff("supervisor")
    assert "其余各项本金由800.00变为700.00。" in visitor.get("/approvals").text
    visitor.get("/language/en")
    assert "The principal of the others was 800.00 and is 700.00." in visitor.get("/approvals").text


def test_a_request_of_a_case_at_rest_says_so(staff: LogIn, suable: Home, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        ask(rows, suable)
        rows.execute(text("UPDATE \"case\" SET state = 'stopped', rest = 'disputed', ask_at = NULL"))
    assert "案件已停止，批准不会产生任何动作。" in staff("supervisor").get("/approvals").text
