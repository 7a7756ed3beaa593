"""A community's own days of silence: chosen by a named person, obeyed at once, and taken back by a person."""

from datetime import date, timedelta

import pytest

from orchestrator import campaigns, outreach
from orchestrator.store import recomputing, site_days
from policies.localtime import local_day
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

ZONE = "Asia/Shanghai"


@pytest.fixture
def today(river: River) -> date:
    return local_day(river.clock.at, ZONE)


def leave_in_peace(river: River, world: World, day: date) -> None:
    with river.runtime.store.begin() as rows:
        site_days.add(rows, world.community_name, day, "小区祭扫", "李敏", river.clock.at, river.clock.at)


def take_back(river: River, world: World, day: date) -> None:
    with river.runtime.store.begin() as rows:
        site_days.lift(rows, world.community_name, day, "改期", "陈静", river.clock.at, river.clock.at)


def why(river: River, home: Home) -> str:
    """The rule and the first reason of the latest decision."""
    latest = "SELECT rule || ': ' || (because -> 0 ->> 'zh') FROM decision WHERE case_id = :id ORDER BY id DESC LIMIT 1"
    return str(river.value(latest, id=home.case_id))


def test_what_was_planned_for_the_day_waits_for_the_next_and_says_who_chose_it(river: River, world: World, home: Home, today: date) -> None:
    attempt = river.plan(home)
    leave_in_peace(river, world, today)
    outreach.deliver([attempt], river.runtime)
    river.flow()
    assert river.sent == []
    assert why(river, home) == f"wait_for_blackout: {today}是小区的静默日（小区祭扫，李敏），不联系。"


def test_a_day_taken_back_is_an_ordinary_day_again_at_once(river: River, world: World, home: Home, today: date) -> None:
    leave_in_peace(river, world, today)
    river.ask(home)
    river.flow()
    assert river.sent == []
    take_back(river, world, today)
    river.flow()
    assert len(river.sent) == 1


def test_bill_notices_are_left_for_another_day_too(river: River, world: World, today: date) -> None:
    world.home("3-1-0401", "孙丽", "+8619900003958", charges=[month(2026, 11)])
    campaigns.announce(river.runtime)
    leave_in_peace(river, world, today)
    river.flow()
    assert river.sent == []
    assert river.value("SELECT CAST(planned_at AT TIME ZONE 'Asia/Shanghai' AS date) FROM attempt") == today + timedelta(days=1)
    river.clock.at += timedelta(days=1)
    river.flow()
    assert len(river.sent) == 1


def test_a_day_can_be_chosen_again_after_it_was_taken_back_but_not_twice(river: River, world: World, today: date) -> None:
    day = today + timedelta(days=9)
    leave_in_peace(river, world, day)
    with pytest.raises(LookupError, match=r"in peace on .* already"):
        leave_in_peace(river, world, day)
    take_back(river, world, day)
    with pytest.raises(LookupError, match="no day of silence"):
        take_back(river, world, day)
    leave_in_peace(river, world, day)
    with river.runtime.store.begin() as rows:
        assert site_days.listed(rows, world.community_name) == [{"day": day, "reason": "小区祭扫", "author": "李敏"}]
        assert not recomputing.recompute(rows).faults
    told = "SELECT array_agg(kind ORDER BY id) FROM evidence_entry WHERE kind LIKE 'site day%'"
    assert river.value(told) == ["site day", "site day lifted", "site day"]


def test_a_community_that_is_not_there_is_named(river: River, today: date) -> None:
    with river.runtime.store.begin() as rows, pytest.raises(LookupError, match="no community is called 无此小区"):
        site_days.listed(rows, "无此小区")
