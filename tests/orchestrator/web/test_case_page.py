"""A case as counsel reads it: each open charge with its late charge, what it lacks, and the story of its clock."""

from collections.abc import Callable
from datetime import timedelta

from orchestrator.runtime import Runtime
from tests.logged import facts
from tests.orchestrator.web.conftest import Client
from tests.world import World, month

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


def test_each_demand_of_a_charge_is_shown_with_its_grade_and_what_would_raise_it(staff: LogIn, lived: World) -> None:
    lived.home("3-1-0701", "陈静", "+8619900007777", charges=[month(2026, 9)]).open_case().attempt("sms", "delivered")
    page = staff("counsel").get("/cases/5").text
    assert '<b class="grade gB">B</b>' in page
    assert "合同约定该号码或地址用于送达" in page
    assert "业主回复这条短信或就此付款" in page


def test_a_number_that_the_contract_names_makes_its_message_prove_alone_and_opens_the_gate(
    staff: LogIn, lived: World, runtime: Runtime
) -> None:
    home = lived.home("3-1-0701", "陈静", "+8619900007777", charges=[month(2026, 9)]).open_case()
    home.attempt("sms", "delivered", sent=timedelta(days=-30))
    counsel = staff("counsel")
    before = counsel.get("/cases/5").text
    assert "起诉还缺一份A级证据" in before

    answer = counsel.submit("/cases/5", "/cases/5/designate", point=str(home.point_id), named="yes", clause="《物业服务合同》第二十条")
    assert answer.status_code == 303
    after = counsel.get("/cases/5").text
    assert '<b class="grade gA">A</b>' in after
    assert "起诉还缺一份A级证据" not in after
    with runtime.store.begin() as rows:
        (fact,) = facts(rows, "contact designated")
    assert (fact["designated"], fact["clause"]) == (True, "《物业服务合同》第二十条")


def test_a_number_of_somebody_else_is_not_designated(staff: LogIn, lived: World) -> None:
    stranger = lived.home("3-1-0701", "陈静", "+8619900007777", charges=[month(2026, 9)]).open_case()
    counsel = staff("counsel")
    counsel.submit("/cases/1", "/cases/1/designate", point=str(stranger.point_id), named="yes", clause="第二十条")
    assert "this number is not of this case" in counsel.get("/cases/1").text
