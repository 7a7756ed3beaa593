"""Cash at the door, over real HTTP: a numbered receipt, a case left in peace, and a hand-over that two people sign."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from orchestrator import auditing, people
from orchestrator.runtime import Runtime
from orchestrator.store import routes
from tests.orchestrator.web.conftest import Client
from tests.world import Home, World, month


@pytest.fixture
def home(world: World) -> Home:
    """Its door is on the route of a collector, who stands before it."""
    home = world.home("3-1-1201", "王芳", charges=[month(2026, 5)]).open_case(cursor=4)
    home.task("visit", home.attempt("visit", "accepted", step="visit"))
    with world.store.begin() as rows:
        stop = routes.Planned(1, 1, 1)
        routes.approve(rows, world.community_id, "3", world.now.date(), [stop], "陈工", None, "林主管", world.now, world.now)
        routes.start(rows, 1, world.now)
    return home


@pytest.fixture
def as_user(client: Client, runtime: Runtime, home: Home) -> Callable[[str], Client]:
    passwords = {
        name: people.add(runtime, name, role) for name, role in (("陈工", "collector"), ("赵工", "collector"), ("林主管", "supervisor"))
    }

    def log_in(name: str) -> Client:
        client.cookies.clear()
        assert client.submit("/login", "/login", username=name, password=passwords[name]).status_code == 303
        return client

    return log_in


def take(client: Client, amount: str, key: str) -> str:
    """Where the receipt is shown, or the door again where there is none."""
    return client.submit("/visits/1", "/cash/stops/1", amount=amount, key=key).headers["location"]


def rows_of(world: World, query: str) -> list[tuple[object, ...]]:
    with world.store.begin() as rows:
        return [tuple(row) for row in rows.execute(text(query))]


def test_cash_is_no_payment_and_keeps_the_case_in_peace_for_72_hours(as_user: Callable[[str], Client], world: World, home: Home) -> None:
    receipt = as_user("陈工").get(take(as_user("陈工"), "400", "k1"))
    assert "陈工-0001" in receipt.text
    assert "¥400.00" in receipt.text
    assert rows_of(world, "SELECT count(*) FROM payment") == [(0,)]
    assert rows_of(world, "SELECT paid + provisional FROM charge") == [(0,)]
    assert rows_of(world, "SELECT reason, until - since FROM hold") == [("paid_already", timedelta(hours=72))]
    assert rows_of(world, "SELECT about FROM task WHERE kind = 'check'") == [("paid_already",)]
    assert rows_of(world, "SELECT case_id FROM evidence_entry WHERE kind = 'cash taken'") == [(home.case_id,)]


def test_numbers_run_on_and_the_same_form_twice_is_one_receipt(as_user: Callable[[str], Client], world: World) -> None:
    collector = as_user("陈工")
    assert take(collector, "400.00", "k1") == take(collector, "400.00", "k1") == "/cash/receipts/1"
    take(collector, "1,200.5", "k2")
    assert rows_of(world, "SELECT number, amount FROM cash_receipt ORDER BY id") == [(1, 400), (2, Decimal("1200.50"))]


@pytest.mark.parametrize("amount", ["", "0", "0.00", "-5", "12.345", "NaN", "1e3", "四百"])
def test_what_is_no_amount_writes_no_receipt(as_user: Callable[[str], Client], world: World, amount: str) -> None:
    assert take(as_user("陈工"), amount, "k1") == "/visits/1"
    assert rows_of(world, "SELECT count(*) FROM cash_receipt") == [(0,)]


def test_only_who_walks_the_route_takes_cash_there_or_sees_the_receipt(as_user: Callable[[str], Client], world: World) -> None:
    take(as_user("陈工"), "400", "k1")
    other = as_user("赵工")
    assert other.submit("/cash", "/cash/stops/1", amount="400", key="k9").status_code == 404
    assert other.get("/cash/receipts/1").status_code == 404
    assert "陈工-0001" not in other.get("/cash").text


def test_a_wrong_receipt_stays_and_its_number_is_not_given_again(as_user: Callable[[str], Client], world: World) -> None:
    collector = as_user("陈工")
    take(collector, "4000", "k1")
    collector.submit("/cash/receipts/1", "/cash/receipts/1/void", because="金额写错")
    take(collector, "400", "k2")
    assert rows_of(world, "SELECT number, voided_because FROM cash_receipt ORDER BY id") == [(1, "金额写错"), (2, None)]
    collector.submit("/cash", "/cash/handover")
    assert rows_of(world, "SELECT stated FROM cash_handover") == [(400,)]


def test_the_day_ends_with_a_hand_over_that_another_counts(as_user: Callable[[str], Client], world: World, runtime: Runtime) -> None:
    collector = as_user("陈工")
    take(collector, "400", "k1")
    take(collector, "250.50", "k2")
    collector.submit("/cash", "/cash/handover")
    supervisor = as_user("林主管")
    assert "¥650.50" in supervisor.get("/cash").text
    supervisor.submit("/cash", "/cash/handovers/1/receive", counted="650.50", because="")
    assert rows_of(world, "SELECT offered_by, received_by, stated = counted FROM cash_handover") == [("陈工", "林主管", True)]
    assert auditing.audit(runtime).faults == ()


def test_a_difference_is_taken_with_its_reason_only(as_user: Callable[[str], Client], world: World) -> None:
    collector = as_user("陈工")
    take(collector, "400", "k1")
    collector.submit("/cash", "/cash/handover")
    supervisor = as_user("林主管")
    supervisor.submit("/cash", "/cash/handovers/1/receive", counted="390", because="")
    assert "say why it differs" in supervisor.get("/cash").text
    assert rows_of(world, "SELECT received_by FROM cash_handover") == [(None,)]
    supervisor.submit("/cash", "/cash/handovers/1/receive", counted="390", because="找零差额，明日补足")
    assert rows_of(world, "SELECT counted, because FROM cash_handover") == [(390, "找零差额，明日补足")]


def test_nobody_counts_what_they_handed_over(as_user: Callable[[str], Client], world: World) -> None:
    with world.store.begin() as rows:
        rows.execute(text("UPDATE visit_route SET collector = '林主管'"))
    supervisor = as_user("林主管")
    take(supervisor, "400", "k1")
    supervisor.submit("/cash", "/cash/handover")
    supervisor.submit("/cash", "/cash/handovers/1/receive", counted="400", because="")
    assert "somebody else counts it" in supervisor.get("/cash").text
    with pytest.raises(IntegrityError) as refused, world.store.begin() as rows:
        rows.execute(text("UPDATE cash_handover SET received_by = offered_by, received_at = now(), counted = stated"))
    assert isinstance(refused.value.orig, psycopg.errors.CheckViolation)
    assert "signed_by_two" in str(refused.value)


def test_a_collector_signs_for_nobodys_cash(as_user: Callable[[str], Client], world: World) -> None:
    collector = as_user("陈工")
    take(collector, "400", "k1")
    collector.submit("/cash", "/cash/handover")
    assert as_user("赵工").submit("/cash", "/cash/handovers/1/receive", counted="400").status_code == 403


def test_what_is_handed_over_waits_to_be_counted_before_the_next_is(as_user: Callable[[str], Client], world: World) -> None:
    collector = as_user("陈工")
    take(collector, "400", "k1")
    collector.submit("/cash", "/cash/handover")
    take(collector, "100", "k2")
    collector.submit("/cash", "/cash/handover")
    assert rows_of(world, "SELECT stated FROM cash_handover") == [(400,)]
    assert rows_of(world, "SELECT handover_id FROM cash_receipt ORDER BY id") == [(1,), (None,)]
