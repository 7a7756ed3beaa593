"""A case is found from every page by whatever somebody holds in their hand, and nobody's name or number stands in an address."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from orchestrator.runtime import Runtime
from tests.orchestrator.web.conftest import Client
from tests.world import World

LogIn = Callable[[str], Client]


@pytest.mark.parametrize("words", ["0401", "孙丽", "19900003958", "+86 199-0000-3958", "1199887766551", "SM0001"])
def test_a_case_is_found_by_unit_name_number_waybill_and_the_id_of_a_provider(
    staff: LogIn, lived: World, runtime: Runtime, words: str
) -> None:
    with runtime.store.begin() as rows:
        rows.execute(text("UPDATE attempt SET provider_id = 'SM0001' WHERE case_id = 1 AND channel = 'visit'"))
        rows.execute(
            text("""
                INSERT INTO letter (attempt_id, waybill, waybill_at) SELECT id, '1199887766551', sent_at FROM attempt
                 WHERE case_id = 1 AND channel = 'letter'
                ON CONFLICT (attempt_id) DO UPDATE SET waybill = excluded.waybill, waybill_at = excluded.waybill_at
            """)
        )
    answer = staff("collector").submit("/tasks", "/search", q=words)
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases/1")


def test_several_cases_that_fit_are_listed(staff: LogIn, lived: World) -> None:
    page = staff("collector").submit("/", "/search", q="3-1-04").text
    assert "3-1-0401" in page
    assert "3-1-0402" in page
    assert "3-1-0501" not in page


@pytest.mark.parametrize("words", ["%", "19900003959", "SM000", ""])
def test_what_nobody_has_finds_no_case_and_says_what_can_be_looked_for(staff: LogIn, lived: World, words: str) -> None:
    page = staff("collector").submit("/", "/search", q=words).text
    assert "/cases/1" not in page
    assert "完整的电话号码" in page


def test_nobody_finds_a_case_of_a_community_that_is_not_theirs(staff: LogIn, lived: World, runtime: Runtime) -> None:
    elsewhere = World(runtime.store, community_name="柳浪新村")
    visitor = staff("collector")
    with runtime.store.begin() as rows:
        rows.execute(text("""UPDATE "user" SET community_id = :id"""), {"id": elsewhere.community_id})
    assert visitor.submit("/", "/search", q="孙丽").status_code == 200
