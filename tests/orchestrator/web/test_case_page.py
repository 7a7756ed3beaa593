"""A case as counsel reads it: each open charge with its late charge, what it lacks, and the story of its clock."""

from collections.abc import Callable

from tests.orchestrator.web.conftest import Client
from tests.world import World

LogIn = Callable[[str], Client]


def test_a_charge_opens_into_its_late_charge_line_by_line_with_what_a_court_is_likely_to_allow(staff: LogIn, lived: World) -> None:
    page = staff("counsel").get("/cases/1").text
    assert "2026-09-01 – 2026-11-24" in page
    assert "400.00 × 0.5‰ × 85日 = 17.00" in page
    assert "400.00 × 3% × 1.3 ÷ 365 × 85日 = 3.63" in page


def test_an_open_charge_says_what_it_lacks_how_to_mend_it_and_how_its_clock_ran(staff: LogIn, lived: World) -> None:
    visitor = staff("counsel")
    proven, not_arrived, barred = (visitor.get(f"/cases/{case}").text for case in (1, 2, 3))
    assert "催缴的合理期限到2026-12-09为止，尚未届满" in proven
    assert "催缴以信函到达，证据等级A，时效重新计算三年。" in proven
    assert "律师函、起诉之前" in not_arrived
    assert "催缴已发出，尚无到达的证据" in not_arrived
    assert "等待签收或回执" in not_arrived
    assert "还缺" not in barred
    assert "付款期限届满，次日起算三年。" in barred
    visitor.get("/language/en")
    assert "its demand is under way and has not arrived" in visitor.get("/cases/2").text
