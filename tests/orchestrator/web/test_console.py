"""The console: strangers see a login and nothing else, each role does what it may, and every page is drawn in both languages."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from orchestrator import campaigns
from orchestrator.runtime import Runtime
from tests.conftest import Clock
from tests.orchestrator.web.conftest import Client, counted, csrf
from tests.world import Home, World, month

LogIn = Callable[[str], Client]

PAGES = (
    "/",
    "/live",
    "/campaigns",
    "/campaigns/1",
    "/campaigns/1/live",
    "/forecast",
    "/forecast?instead=sequence:hardship&days=60",
    "/forecast?instead=installed",
    "/cases",
    "/cases/1",
    "/cases/1/evidence",
    "/approvals",
    "/tasks",
    "/tasks/2",
    "/visits",
    "/visits/1",
    "/visits/photos",
    "/cash",
    "/evidence",
    "/search",
)
ACTS = (
    "/campaigns/1/approve",
    "/approvals/1/approve",
    "/approvals/1/refuse",
    "/tasks/1/start",
    "/tasks/1/back",
    "/tasks/1/ring",
    "/tasks/1/give-up",
    "/visits/approve",
    "/visits/1/remove",
    "/visits/1/start",
    "/visits/1/report",
    "/visits/1/uploads",
    "/visits/1/look",
    "/cash/stops/1",
    "/cash/handover",
    "/cash/handovers/1/receive",
    "/tasks/1/call",
    "/tasks/1/check",
    "/tasks/2/alarm",
    "/cases/1/hold",
    "/cases/1/lift",
    "/cases/1/cause",
    "/cases/1/promise",
    "/cases/1/stop",
    "/cases/1/resume",
    "/cases/1/evidence/bundle",
    "/forecast/renew",
    "/evidence/audit",
)
"""Every POST of staff, with the number of something that exists."""


def test_a_stranger_sees_the_login_and_nothing_else(client: Client, lived: World) -> None:
    for page in (*PAGES, "/letters/1.pdf", "/approvals/1.pdf", "/flower", "/flower/api/workers"):
        answer = client.get(page)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, client.base + "/login"), page
    for act in ACTS:
        assert client.post(act).status_code == 403, act


def test_an_act_without_its_token_is_refused(staff: LogIn, lived: World) -> None:
    visitor = staff("administrator")
    for act in ACTS:
        assert visitor.post(act, data={"reason": "x"}).status_code == 403, act


def test_an_auditor_reads_everything_and_changes_nothing(staff: LogIn, lived: World) -> None:
    auditor = staff("auditor")
    for page in PAGES:
        assert auditor.get(page).status_code == 200, page
    for act in ACTS:
        if act != "/evidence/audit":
            assert auditor.submit("/cases", act).status_code == 403, act


@pytest.mark.parametrize(
    ("role", "act"), [("collector", "/approvals/1/approve"), ("collector", "/campaigns/1/approve"), ("counsel", "/visits/1/report")]
)
def test_a_role_does_only_what_is_its_own(staff: LogIn, lived: World, role: str, act: str) -> None:
    assert staff(role).submit("/cases", act).status_code == 403


def test_every_page_is_drawn_in_both_languages(staff: LogIn, lived: World) -> None:
    visitor = staff("administrator")
    drawn = {}
    for language in ("zh", "en"):
        visitor.get(f"/language/{language}")
        for page in PAGES:
            answer = drawn[language, page] = visitor.get(page)
            assert answer.status_code == 200, page
            assert not {"None", "Undefined"} & set(answer.text.split()), page
    for page in PAGES:
        assert drawn["zh", page].text != drawn["en", page].text, page


def test_a_page_asks_as_many_questions_for_many_homes_as_for_a_few(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("administrator")
    few, many = {}, {}
    for page in PAGES:
        with counted(runtime.store) as statements:
            visitor.get(page)
        few[page] = len(statements)
    for number in range(8):
        home = lived.home(f"4-1-0{number}01", "李四", f"+86199000050{number}0", charges=[month(2026, 9)]).open_case()
        home.attempt("sms", "delivered")
        home.asks_approval()
        home.task("check", about="paid_already")
    for page in PAGES:
        with counted(runtime.store) as statements:
            visitor.get(page)
        many[page] = len(statements)
    assert many == few
    assert max(count for page, count in many.items() if not page.startswith("/forecast")) <= 15
    assert max(many.values()) <= 30  # a forecast proposes, opens and reads a whole campaign, and undoes it


def test_the_matrix_says_of_each_charge_how_well_its_demand_is_proven(staff: LogIn, lived: World) -> None:
    cells = staff("collector").get("/live").json()["cells"]
    assert [cells[str(charge)][0] for charge in range(1, 7)] == ["running", "running", "under_way", "barred", "not_due", "paid"]


def test_the_matrix_is_looked_at_by_building_and_its_figures_are_that_buildings(staff: LogIn, lived: World) -> None:
    home = lived.home("5-1-0101", "周敏", charges=[month(2026, 9)]).open_case()
    visitor = staff("collector")
    whole, five = visitor.get("/").text, visitor.get("/?building=5").text
    assert "3-1-0401" in whole
    assert "5-1-0101" in whole
    assert "3-1-0401：" not in five
    assert "5-1-0101：1 项欠费，0 项已举证" in five
    assert list(visitor.get("/live?building=5").json()["cells"]) == [str(home.charge_ids[0])]
    assert "<b>0</b><span>/ 1</span>" in five
    assert visitor.get("/live?building=nowhere").json()["cells"] == visitor.get("/live").json()["cells"]


def test_from_a_red_home_without_a_case_it_is_one_click_to_the_campaign_that_would_open_it(staff: LogIn, lived: World) -> None:
    lived.home("5-1-0102", "吴强", charges=[month(2026, 9)])
    page = staff("supervisor").get("/?building=5").text
    assert 'href="/campaigns" aria-label="5-1-0102：' in page


def test_a_proven_charge_turns_dark_when_its_period_is_over(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("collector")
    runtime.now.at += timedelta(days=30)  # type: ignore[attr-defined]
    assert visitor.get("/live").json()["cells"]["1"][0] == "proven"


def test_the_first_page_tells_of_a_year_whose_holidays_are_not_published(staff: LogIn, lived: World, runtime: Runtime) -> None:
    missed = max(runtime.packs.calendar("cn").published) + 1
    runtime.now.at = datetime(missed - 1, 11, 15, 2, tzinfo=UTC)  # type: ignore[attr-defined]
    reader = staff("auditor")
    told = f"{missed}年的放假安排尚未录入"
    assert told in reader.get("/").text
    runtime.now.at -= timedelta(days=30)  # type: ignore[attr-defined]
    assert told not in reader.get("/").text


def test_a_case_says_why_it_waits_and_until_when(staff: LogIn, lived: World) -> None:
    page = staff("collector").get("/cases/1").text
    assert "上一步刚刚生效，先等三天。" in page
    assert "11月26日 周四 10:00" in page


def test_a_number_is_masked_where_nobody_is_to_ring_it(staff: LogIn, lived: World) -> None:
    page = staff("administrator").get("/cases/1").text
    assert "199****3958" in page
    assert "19900003958" not in page


def test_a_letter_is_served_byte_for_byte_to_staff(staff: LogIn, lived: World) -> None:
    letter = staff("auditor").get("/letters/1.pdf")
    assert (letter.content, letter.headers["content-type"]) == (b"%PDF-1.7 letter", "application/pdf")


def test_who_approves_reads_the_letter_that_a_yes_would_send(staff: LogIn, lived: World, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        rows.execute(text("UPDATE approval SET document = '%PDF-1.7 draft' WHERE id = 1"))
    visitor = staff("supervisor")
    assert 'href="/approvals/1.pdf"' in visitor.get("/approvals").text
    assert visitor.get("/approvals/1.pdf").content == b"%PDF-1.7 draft"


def test_a_search_finds_a_unit_and_takes_wildcards_for_themselves(staff: LogIn, lived: World) -> None:
    visitor = staff("collector")
    assert "3-1-0402" in visitor.get("/cases?q=0402").text
    assert "3-1-0402" not in visitor.get("/cases?q=%25").text


def test_a_supervisor_approves_and_the_case_is_asked_again(staff: LogIn, lived: World, runtime: Runtime) -> None:
    answer = staff("supervisor").submit("/approvals", "/approvals/1/approve")
    with runtime.store.begin() as rows:
        state, by = rows.execute(text("SELECT state, decided_by FROM approval WHERE id = 1")).one()
        ask_at = rows.execute(text("""SELECT ask_at FROM "case" WHERE id = 1""")).scalar()
    assert answer.status_code == 303
    assert (state, by.partition("-")[0], ask_at) == ("approved", "supervisor", lived.now)


def test_who_asked_never_decides(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("supervisor")
    with runtime.store.begin() as rows:
        rows.execute(text("""UPDATE approval SET requested_by = (SELECT name FROM "user" WHERE role = 'supervisor')"""))
    assert "须由他人决定" in visitor.get("/approvals").text
    visitor.submit("/cases", "/approvals/1/approve")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT state FROM approval WHERE id = 1")).scalar() == "pending"


def test_a_refusal_needs_its_reason(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("supervisor")
    visitor.submit("/approvals", "/approvals/1/refuse", reason=" ")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT state FROM approval WHERE id = 1")).scalar() == "pending"
    visitor.submit("/approvals", "/approvals/1/refuse", reason="先调解")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT state, reason FROM approval WHERE id = 1")).one() == ("refused", "先调解")


def test_a_campaign_whose_list_changed_since_it_was_shown_is_not_approved(staff: LogIn, lived: World, runtime: Runtime) -> None:
    staff("supervisor").submit("/campaigns/1", "/campaigns/1/approve", count="4", total="1.00")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT state FROM campaign WHERE id = 1")).scalar() == "proposed"


def test_a_hold_keeps_the_debtor_in_peace_and_is_lifted_again(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("collector")
    visitor.submit("/cases/1", "/cases/1/hold", reason="住院", days="10")
    with runtime.store.begin() as rows:
        reason, until = rows.execute(text("SELECT reason, until FROM hold")).one()
    assert (reason, until - lived.now) == ("住院", timedelta(days=9, hours=14))
    visitor.submit("/cases/1", "/cases/1/lift")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT count(*) FROM hold WHERE lifted_at IS NULL")).scalar() == 0


def test_counsel_is_shown_what_runs_out_and_answers_with_a_note(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("counsel")
    listed, alarm = visitor.get("/tasks?kind=alarm").text, visitor.get("/tasks/2").text
    assert "诉讼时效只剩90天或更少" in listed
    assert "1 项，最近的最后一日 2027年1月31日" in listed
    assert "3-1-0601" in alarm
    assert "物业费 <b>2024-01</b>" in alarm
    visitor.submit("/tasks/2", "/tasks/2/alarm", note="")
    assert "say what is done about it" in visitor.get("/tasks/2").text
    visitor.submit("/tasks/2", "/tasks/2/alarm", note="已申请人民调解")
    with runtime.store.begin() as rows:
        assert rows.execute(text("SELECT state, report ->> 'note' FROM task WHERE id = 2")).one() == ("done", "已申请人民调解")


def test_a_collector_sees_an_alarm_and_does_not_answer_it(staff: LogIn, lived: World) -> None:
    visitor = staff("collector")
    assert 'name="note"' not in visitor.get("/tasks/2").text
    assert visitor.submit("/tasks/2", "/tasks/2/alarm", note="x").status_code == 403


def test_a_note_that_judges_the_person_comes_back_to_its_form_to_be_rephrased(staff: LogIn, lived: World) -> None:
    visitor = staff("supervisor")
    answer = visitor.submit("/visits/1", "/visits/1/report", key="r1", outcome="no_answer", signer="", note="此人是老赖")
    assert answer.headers["location"] == "/visits/1"
    form = visitor.get("/visits/1").text
    assert "请改写“老赖”" in form
    assert "rephrase “老赖”" in form
    assert 'name="note"' in form


def test_what_does_not_exist_is_not_found(staff: LogIn, lived: World) -> None:
    visitor = staff("administrator")
    for page in (
        "/cases/999",
        f"/cases/{10**20}",
        "/campaigns/999",
        "/letters/2.pdf",
        "/approvals/999.pdf",
        "/tasks/999",
        "/nothing",
        "/user/list",
    ):
        assert visitor.get(page).status_code == 404, page


def test_staff_of_one_community_see_no_other(staff: LogIn, lived: World, runtime: Runtime) -> None:
    elsewhere = World(runtime.store, community_name="柳浪新村")
    visitor = staff("supervisor")
    with runtime.store.begin() as rows:
        rows.execute(text("""UPDATE "user" SET community_id = :id"""), {"id": elsewhere.community_id})
    for page in ("/cases/1", "/campaigns/1", "/letters/1.pdf", "/tasks/1"):
        assert visitor.get(page).status_code == 404, page
    assert (
        "3-1-0401" not in visitor.get("/cases").text + visitor.get("/").text + visitor.get("/approvals").text + visitor.get("/tasks").text
    )
    assert visitor.submit("/cases", "/approvals/1/approve").status_code == 404


def test_a_new_password_ends_the_sessions_begun_with_the_old_one(staff: LogIn, lived: World, runtime: Runtime) -> None:
    visitor = staff("supervisor")
    with runtime.store.begin() as rows:
        rows.execute(text("""UPDATE "user" SET password_hash = 'another'"""))
    assert visitor.get("/cases").status_code == 303


def test_guessing_passwords_is_slowed_down(client: Client, runtime: Runtime) -> None:
    page = client.get("/login").text
    tries = [client.post("/login", data={"username": "admin", "password": "x", "csrftoken": csrf(page)}) for _ in range(11)]
    assert "密码不正确" in tries[0].text
    assert "尝试过多" in tries[-1].text


def test_every_answer_forbids_scripts_from_elsewhere_and_inline(staff: LogIn, lived: World) -> None:
    page = staff("administrator").get("/")
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    for forbidden in ("<style", " style=", "onclick=", "https://", "http://www"):
        assert forbidden not in page.text.replace("http://www.w3.org", ""), forbidden


def test_a_home_with_many_periods_is_drawn_within_a_phone(staff: LogIn, world: World) -> None:
    months = [month(2021 + index // 12, index % 12 + 1) for index in range(60)]
    home: Home = world.home("9-1-0101", "钱多", charges=months).open_case()
    page = staff("collector").get("/").text
    assert page.count('<g id="c') == len(home.charge_ids) == 60
    assert 'width="240" height="15"' in page


def test_a_year_that_has_no_room_beside_the_next_is_not_written_into_it(staff: LogIn, lived: World) -> None:
    page = staff("collector").get("/").text
    assert ">2023</text>" in page
    assert "’22</text>" not in page


def test_in_the_evening_of_a_workday_calls_to_homes_stand_before_what_is_older(staff: LogIn, lived: World, clock: Clock) -> None:
    home = lived.home("5-1-0101", "周宁", "+8619900007777", charges=[month(2026, 9)]).open_case()
    home.task("call", home.attempt("call", "accepted", step="second-call"), about="second-call")
    collector = staff("collector")
    assert "5-1-0101" not in collector.get("/tasks").text.split("</li>")[0]
    clock.at = clock.at.replace(hour=10)  # 18:00 in Shanghai
    first = collector.get("/tasks").text.split("</li>")[0]
    assert "5-1-0101" in first
    assert "现在最合适" in first


def test_what_was_said_about_contact_stands_on_the_case_with_where_it_came_from(staff: Callable[[str], Client], lived: World) -> None:
    collector = staff("collector")
    answer = collector.submit("/cases/1", "/cases/1/consent", number="1/sms", wish="withdraw", said="电话里提出")
    assert answer.status_code == 303
    page = collector.get("/cases/1").text
    for told in ("退订 短信", "员工记录", "199****3958"):
        assert told in page


def test_what_a_campaign_costs_is_seen_before_it_is_approved(staff: Callable[[str], Client], lived: World, runtime: Runtime) -> None:
    campaign = campaigns.propose(runtime, lived.community_name, "2026-12", "supervisor").campaign_id
    spent = {"channel": "sms", "currency": "CNY", "messages": 2, "parts": 6, "ucs2": 2, "cost": "0.30", "unpriced": 1, "unsayable": 1}
    with runtime.store.begin() as rows:
        rows.execute(
            text("UPDATE campaign SET forecast = forecast || CAST(:spending AS jsonb) WHERE id = :id"),
            {"id": campaign, "spending": json.dumps({"spending": [spent]})},
        )
    page = staff("supervisor").get(f"/campaigns/{campaign}").text
    for told in ("按通道报价的费用", "¥0.30", "另有 1 条价格未知", "1 条内容不全，不会发出"):
        assert told in page
