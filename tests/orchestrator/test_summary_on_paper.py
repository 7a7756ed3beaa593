"""00 the summary: two pages at most, however much is owed and however often it was demanded."""

import io
from dataclasses import replace
from datetime import timedelta

from pypdf import PdfReader

from orchestrator.reports import sheets
from orchestrator.reports.court import whole
from orchestrator.store.court import Claimed
from tests.orchestrator.test_matrix_on_paper import briefed
from tests.world import World, month


def _of_item(each: Claimed, item: str) -> Claimed:
    return replace(each, owed=replace(each.owed, charge=replace(each.charge, item=item)))


def test_a_debtor_of_many_items_and_demands_has_a_summary_of_two_pages(world: World) -> None:
    home = world.home("3-1-1201", "王建国", "+8613800138000", charges=[month(2026, number) for number in range(1, 11)]).open_case()
    sent = [home.attempt("letter", "sent", step=f"step-{day}", sent=timedelta(days=day - 90)) for day in range(60)]
    brief = briefed(world, home, *sent)
    claimed = [_of_item(each, f"{item}号车位管理服务费") for item in range(6) for each in brief.case.charges]
    many = replace(brief, case=replace(brief.case, charges=claimed), documents=frozenset(range(11)))
    items = [_of_item(each, f"{number}号车位管理服务费") for number, each in enumerate(claimed)]
    more = replace(many, case=replace(many.case, charges=items))
    for each in (many, more):
        pages = PdfReader(io.BytesIO(sheets.draw(whole.summary(each)))).pages
        said = "".join("".join(page.extract_text().split()) for page in pages)
        assert len(pages) <= 2
        assert "24,000.00" in said
    assert "另有48项见07" in said
