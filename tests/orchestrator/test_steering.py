"""The number the company steers by: what can still be collected in court, counted from grades and clocks and from nothing else."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from orchestrator.store import alarms, steering
from tests.world import Home, World, month


def counted(world: World, community_id: int | None = None) -> list[tuple[str, str]]:
    with world.store.begin() as rows:
        return [(each.unit, each.grade) for each in steering.count(rows, world.now, community_id)]


def home(world: World, label: str, *charges: tuple[date, date, str]) -> Home:
    return world.home(label, "王建国", charges=charges or [month(2026, 5)]).open_case()


@pytest.mark.parametrize(("outcome", "signer", "grade"), [("handed_over", "self", "A"), ("returned_refused", None, "B")])
def test_a_charge_counts_once_its_demand_is_proven(world: World, outcome: str, signer: str, grade: str) -> None:
    home(world, "1-1-101").attempt("letter", "delivered", outcome=outcome, signer=signer)
    assert counted(world) == [("1-1-101", grade)]


def test_what_is_missing_under_way_or_weakly_proven_does_not_count(world: World) -> None:
    home(world, "1-1-101")
    home(world, "1-1-102").attempt("sms", "sent")
    home(world, "1-1-103").attempt("letter", "delivered", outcome="handed_over", signer="guard")
    assert counted(world) == []


def test_what_is_paid_does_not_count_and_part_payment_leaves_the_rest(world: World) -> None:
    paid, part = home(world, "1-1-101"), home(world, "1-1-102")
    for each in (paid, part):
        each.attempt("letter", "delivered", outcome="handed_over", signer="self")
    paid.pay(paid.charge_ids[0], "400.00")
    part.pay(part.charge_ids[0], "150.00")
    with world.store.begin() as rows:
        (safe,) = steering.count(rows, world.now)
    assert (safe.unit, safe.unpaid) == ("1-1-102", Decimal("250.00"))


@pytest.mark.parametrize(("days", "counts"), [(181, True), (180, False)])
def test_it_counts_while_more_than_180_days_are_left(world: World, days: int, counts: bool) -> None:
    home(world, "1-1-101").attempt("letter", "delivered", outcome="handed_over", signer="self")
    with world.store.begin() as rows:
        (safe,) = steering.count(rows, world.now)
        then = datetime.combine(safe.last_day - timedelta(days=days), world.now.time(), UTC)
        assert bool(steering.count(rows, then)) is counts


def test_the_number_of_each_day_is_kept_as_its_clocks_are_looked_at(world: World) -> None:
    world.home("1-1-102", "李四", charges=[month(2026, 5)]).open_case()
    one = home(world, "1-1-101")
    with world.store.begin() as rows:
        alarms.ring(rows, world.community_id, "Asia/Shanghai", world.now)
    one.attempt("letter", "delivered", outcome="handed_over", signer="self")
    tomorrow = world.now + timedelta(days=1)
    with world.store.begin() as rows:
        alarms.ring(rows, world.community_id, "Asia/Shanghai", tomorrow)
        alarms.ring(rows, world.community_id, "Asia/Shanghai", tomorrow + timedelta(hours=1))
        kept = steering.kept(rows, None)
    assert [(each.day, each.charges, each.amount) for each in kept] == [
        (date(2026, 11, 24), 0, Decimal("0.00")),
        (date(2026, 11, 25), 1, Decimal("400.00")),
    ]


def test_whoever_sees_one_community_is_told_its_number_alone(world: World) -> None:
    other = World(world.store, community_name="别处花园")
    home(world, "1-1-101").attempt("letter", "delivered", outcome="handed_over", signer="self")
    with world.store.begin() as rows:
        for each in (world, other):
            alarms.ring(rows, each.community_id, "Asia/Shanghai", each.now)
        assert [each.charges for each in steering.kept(rows, other.community_id)] == [0]
        assert [each.charges for each in steering.kept(rows, None)] == [1]
    assert counted(world, other.community_id) == []
