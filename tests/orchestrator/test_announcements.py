"""Bill notices before the due date and thanks after payment: planned once, for each community on its own day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from orchestrator import campaigns, models
from orchestrator.store import banking
from orchestrator.store.banking import Match, Transfer
from tests.orchestrator.conftest import River
from tests.world import Home, World, month, put


@pytest.fixture
def elsewhere(river: River) -> World:
    return World(river.runtime.store, community_name="别处花园")


def planned(river: River) -> object:
    for _ in range(2):
        campaigns.announce(river.runtime)
    return river.value("SELECT array_agg(community_id || ' ' || debtor_id || ' ' || step ORDER BY id) FROM attempt")


def test_what_falls_due_within_a_week_is_said_once_to_each_debtor_and_community(river: River, world: World, elsewhere: World) -> None:
    for number, its in enumerate((world, elsewhere)):
        its.home("1-1-101", "王芳", f"+861990000000{number}", charges=[month(2026, 11), month(2026, 12)])
    assert planned(river) == ["1 1 bill-notice", "2 2 bill-notice"]
    assert river.value("SELECT array_agg(DISTINCT occasion) FROM attempt") == ["2026-11-30"]


def test_what_falls_due_later_is_said_later(river: River, world: World) -> None:
    world.home("1-1-101", "王芳", "+8619900000000", charges=[month(2026, 11)])
    river.clock.at -= timedelta(days=2)
    assert planned(river) is None
    river.clock.at += timedelta(days=1)
    assert planned(river) == ["1 1 bill-notice"]


@pytest.mark.parametrize(("amount", "thanked"), [("800.00", ["1 1 thank-you"]), ("400.00", None)])
def test_who_paid_all_that_was_overdue_is_thanked_once(river: River, home: Home, amount: str, thanked: object) -> None:
    at = river.clock.at
    with river.runtime.store.begin() as rows:
        statement = put(rows, models.ImportRun, kind="payments", file_name="", file_digest=b"", at=at)
        transfer = Transfer("r1", at, at.date(), "王芳", "", Decimal(amount), "")
        banking.book(rows, home.world.community_id, transfer, Match(home.debtor_id, None, "unit"), statement, at, at)
    assert planned(river) == thanked
