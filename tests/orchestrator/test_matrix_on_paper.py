"""Exhibit 01: the proof matrix of a case on paper, the same bytes for the same facts, and without what the other side need not know."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from orchestrator.reports import sheets
from orchestrator.reports.court import Brief, matrix
from orchestrator.reports.court.lacks import lacks
from orchestrator.store import court
from tests.world import NOW, PACKS, Home, World, month


@pytest.fixture
def brief(world: World) -> Brief:
    """26 months: one proven by a signed letter, one named by a text message that is under way, the rest not demanded."""
    months = [month(year, number) for year in (2024, 2025) for number in range(1, 13)] + [month(2026, 5), month(2026, 6)]
    home = world.home("3-1-1201", "王建国", "+8613800138000", charges=months).open_case()
    letter = home.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", names=home.charge_ids[:1])
    return briefed(world, home, letter, home.attempt("sms", "sent", names=home.charge_ids[1:2]))


def briefed(world: World, home: Home, *proven: int) -> Brief:
    with world.store.begin() as rows:
        case = court.read(rows, home.case_id, NOW, frozenset(proven))
    return Brief(case, (), "zh", 1, sandbox=False, rules=PACKS.rules("cn-property", "standard"), documents=frozenset({1}))


def said(brief: Brief) -> list[str]:
    pdf = sheets.draw(matrix.matrix(brief))
    return ["".join((page.extract_text() or "").split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_each_demand_stands_beside_its_charge_with_its_arrival_and_grade(brief: Brief) -> None:
    whole = "".join(said(brief))
    assert "信函2026-11-2111:00已签收（本人）A" in whole
    assert "短信未到达" in whole
    assert "以上26期中，1期的催缴有A级或B级送达记录" in whole


def test_the_heads_of_the_columns_stand_on_every_page_across_a_sheet(brief: Brief) -> None:
    pdf = sheets.draw(matrix.matrix(brief))
    assert len(said(brief)) > 1
    assert all("时效届满" in page and "3-1-1201" in page for page in said(brief))
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_would_raise_a_grade_is_kept_from_the_other_side(brief: Brief, language: sheets.Language) -> None:
    whole = "".join(said(replace(brief, language=language)))
    assert "可升至" not in whole
    assert "aised" not in whole


def test_a_charge_whose_time_ran_out_is_not_claimed_and_counsel_is_told(world: World) -> None:
    """The other side reads the matrix: it is not shown what it could refuse."""
    old, new = month(2022, 1, "777.00"), month(2026, 6, "400.00")
    brief = briefed(world, world.home("3-1-1202", "李雷", charges=[old, new]).open_case())
    assert [each.charge.period for each in brief.claim] == ["2026-06"]
    assert "777.00" not in "".join(said(brief))
    assert any("1 期诉讼时效已过" in lack.zh for lack in lacks(brief))


def test_the_same_facts_give_the_same_bytes(brief: Brief) -> None:
    assert sheets.draw(matrix.matrix(brief)) == sheets.draw(matrix.matrix(brief))
