"""Exhibit 1: the proof matrix of a case on paper, the same bytes for the same facts, and without what the other side need not know."""

import io
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from orchestrator.reports.exhibit_matrix import Heading, Language, matrix_pdf
from orchestrator.reports.proof_matrix import Cell, judge
from orchestrator.store import pages_matrix
from tests.world import PACKS, World, month

HEADING = Heading("XL-2026-000001", "云栖物业服务有限公司", "云栖花园", "王建国", date(2026, 11, 24), "Asia/Shanghai", "CNY")


@pytest.fixture
def cells(world: World) -> list[Cell]:
    """Two years of months: one proven by a signed letter, one named by a text message that is under way, the rest not demanded."""
    months = [month(year, number) for year in (2024, 2025) for number in range(1, 13)]
    home = world.home("3-1-1201", "王建国", "+8613800138000", charges=months).open_case()
    home.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", names=home.charge_ids[:1])
    home.attempt("sms", "sent", names=home.charge_ids[1:2])
    with world.store.begin() as rows:
        owed = pages_matrix.read(rows, world.community_id, home.debtor_id)
    return [judge(each, PACKS.rules("cn-property", "standard"), "Asia/Shanghai", HEADING.dated) for each in owed]


def said(pdf: bytes) -> list[str]:
    return ["".join((page.extract_text() or "").split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_the_same_facts_give_the_same_bytes_in_whatever_order_they_come(cells: list[Cell]) -> None:
    assert matrix_pdf(HEADING, cells) == matrix_pdf(HEADING, list(reversed(cells)))


def test_each_demand_stands_beside_its_charge_with_its_arrival_and_grade(cells: list[Cell]) -> None:
    whole = "".join(said(matrix_pdf(HEADING, cells)))
    assert "信函2026-11-2110:002026-11-2111:00签收本人A" in whole
    assert "短信2026-11-2110:00未到达" in whole
    assert "其中1项已有可举证的催告" in whole


def test_the_heads_of_the_columns_stand_on_every_page_across_a_sheet(cells: list[Cell]) -> None:
    pdf = matrix_pdf(HEADING, cells)
    pages = said(pdf)
    assert len(pages) > 1
    assert all("诉讼时效届满" in page and "3-1-1201" in page for page in pages)
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_would_raise_a_grade_is_kept_from_the_other_side(cells: list[Cell], language: Language) -> None:
    whole = "".join(said(matrix_pdf(HEADING, cells, language)))
    assert "可升至" not in whole
    assert "Raised" not in whole


def test_it_is_counted_by_the_day_it_names(cells: list[Cell]) -> None:
    made = PdfReader(io.BytesIO(matrix_pdf(HEADING, cells))).metadata
    assert made is not None
    assert made.creation_date == datetime(2026, 11, 24, 12, tzinfo=UTC)
