"""Filing packets: a green case becomes what counsel files, to the fen and with nothing invented; another is refused with what it lacks."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest

from orchestrator import casework
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.filing import packets
from orchestrator.filing.claim import ANOTHER_DEFENDANT
from orchestrator.filing.complaint import form
from orchestrator.filing.courts import court
from orchestrator.filing.packets import HOUSE
from orchestrator.store import proofs
from orchestrator.strict import Malformed
from policies.actions import Sentence
from tests.conftest import Clock
from tests.orchestrator.conftest import River
from tests.world import Home, World, month

STATE = """
    INSERT INTO stop_state (community_id, debtor_id, state, since, by, note)
    SELECT community_id, debtor_id, '{state}', now(), 'counsel', '' FROM "case"
"""
PERIODS = [month(2026, 5, "400.00"), month(2026, 6, "412.35")]


@pytest.fixture
def river(river: River, clock: Clock, tmp_path: Path) -> River:
    river.runtime = replace(river.runtime, authorities=(SandboxAuthority(tmp_path / "time.p12", "p" * 32, clock),))
    return river


@pytest.fixture
def green(river: River, world: World) -> Home:
    """Demanded by a letter that its owner signed for two months ago."""
    home = world.home("3-1-1201", "王芳", "+8619900000001", charges=PERIODS).open_case(cursor=8)
    home.attempt("letter", "delivered", outcome="handed_over", signer="self", step="formal-demand", sent=timedelta(days=-60))
    casework.hold(river.runtime, home.case_id, "repair", river.clock.at + timedelta(days=1), "collector", comment="son lives abroad")
    return home


@pytest.fixture
def red(world: World) -> Home:
    """Nobody demanded anything of it."""
    return world.home("3-1-1202", "李雷", "+8619900000002", charges=PERIODS).open_case(cursor=1)


def packet(river: River, home: Home, to: Path) -> tuple[packets.Packet, dict[str, Path]]:
    (made,) = packets.make(river.runtime, [home.case_id], to, "counsel")
    return made, {path.name: path for path in (to / made.folder).iterdir()}


def said(pdf: Path) -> str:
    """The text of a PDF without its line breaks."""
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(pdf).pages)


def test_the_figures_of_all_papers_are_those_of_the_ledger_to_the_fen(river: River, green: Home, tmp_path: Path) -> None:
    made, files = packet(river, green, tmp_path / "out")
    rate, days = "0.0005", [177, 147]
    late = sum(round(float(amount) * float(rate) * count, 2) for (_, _, amount), count in zip(PERIODS, days, strict=True))
    assert (str(made.principal), f"{made.late_charge}") == ("812.35", f"{late:.2f}")
    complaint, table = said(files["1 民事起诉状.pdf"]), said(files["2 诉请金额明细.pdf"])
    for text in (complaint, table):
        assert f"{made.late_charge:,.2f}" in text
        assert f"{made.principal + made.late_charge:,.2f}" in text
    assert "尚欠物业费812.35元" in complaint
    assert "400.00×0.5‰×177日=35.40" in table
    page = openpyxl.load_workbook(files["2 诉请金额明细.xlsx"]).active
    assert [cell.value for cell in page[4]] == ["合计", None, None, None, 812.35, 0, 812.35, None, float(made.late_charge)]


def test_the_elements_stand_in_the_order_of_the_form(river: River, green: Home, tmp_path: Path) -> None:
    _, files = packet(river, green, tmp_path / "out")
    complaint = said(files["1 民事起诉状.pdf"])
    titles = [part["title"] for part in form()["parts"]]
    assert [complaint.index(title) for title in titles] == sorted(complaint.index(title) for title in titles)
    assert "法〔2025〕82号" in form()["form"]["source"]
    for known in ("王芳", "+8619900000001", "云栖花园物业公司", "《前期物业服务合同》第18条", "2026年9月25日以信函催缴"):
        assert known in complaint, known


@pytest.mark.parametrize(("signer", "says"), [("family", True), ("guard", False), ("own_desk", False)])
def test_the_papers_say_of_no_demand_that_it_arrived_unless_its_grade_does(
    river: River, green: Home, tmp_path: Path, signer: str, says: bool
) -> None:
    green.attempt("letter", "delivered", outcome="handed_over", signer=signer, step="warm-letter", sent=timedelta(days=-40))
    _, files = packet(river, green, tmp_path / "out")
    assert "2026年9月25日以信函催缴，列明2笔，2026年9月25日到达" in said(files["1 民事起诉状.pdf"])
    assert ("2026年10月15日以信函催缴，列明2笔，2026年10月15日到达" in said(files["1 民事起诉状.pdf"])) is says
    assert ("原告于2026年10月15日催缴，列明2笔欠费，已到达被告" in said(files["3 证据目录.pdf"])) is says


def test_what_nobody_told_us_stays_blank_and_is_listed(river: River, green: Home, tmp_path: Path) -> None:
    made, files = packet(river, green, tmp_path / "out")
    assert {
        "被告（自然人）：出生日期",
        "被告（自然人）：证件号码",
        "被告（自然人）：住所地（户籍所在地）",
        "原告（法人、非法人组织）：统一社会信用代码",
    } <= set(made.missing)
    assert "出生日期：待填" in said(files["1 民事起诉状.pdf"])
    assert "被告（自然人）：姓名" not in made.missing
    note = (tmp_path / "out" / HOUSE / f"{made.folder}.txt").read_text(encoding="utf-8")
    assert "被告（自然人）：出生日期" in note
    river.execute("UPDATE creditor SET credit_code = '91330000SANDBOX00X'")
    again, files = packet(river, green, tmp_path / "again")
    assert "原告（法人、非法人组织）：统一社会信用代码" not in again.missing
    assert "91330000SANDBOX00X" in said(files["1 民事起诉状.pdf"])


def test_a_red_case_is_refused_with_its_reasons_and_the_others_go_on(river: River, green: Home, red: Home, tmp_path: Path) -> None:
    refused, made, unknown = packets.make(river.runtime, [red.case_id, green.case_id, 999], tmp_path / "out", "counsel")
    assert [why.zh for why in refused.refused] == [
        f"3-1-1202 物业费 {period}：还没有催缴列明这笔费用。发出列明全部费用的正式催缴函。" for period in ("2026-05", "2026-06")
    ]
    assert [why.en for why in refused.refused] == [
        f"3-1-1202 物业费 {period}: no demand has named it. Send the formal demand, which names the whole claim set."
        for period in ("2026-05", "2026-06")
    ]
    assert not refused.folder
    assert made.folder
    assert unknown.refused == (Sentence("案件 999：没有这个案件。请核对案件号。", "case 999: there is no such case. Look at its number."),)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([made.folder, HOUSE])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "UPDATE charge SET paid = amount",
            Sentence(
                "3-1-1201：没有可以起诉的欠费。无须立案；如有遗漏，请导入欠费后再生成。",
                "3-1-1201: nothing is left to sue for. It needs no filing; where a charge is missing, import it first.",
            ),
        ),
        (
            "UPDATE community SET payments_as_of = payments_as_of - interval '30 days'",
            Sentence(
                "3-1-1201：缴费数据过旧，可能已缴清。先导入最新缴费数据。",
                "3-1-1201: its payments are too old, it may be paid by now. Import the newest payments first.",
            ),
        ),
        (
            STATE.format(state="deceased"),
            Sentence(
                "3-1-1201：债务人已故。查明继承人，登记为债务人后再立案。",
                "3-1-1201: the debtor has died. Find the heirs and enter them as debtors first.",
            ),
        ),
    ],
)
def test_a_case_is_not_filed_against_the_wrong_person_or_for_what_may_be_paid(
    river: River, green: Home, tmp_path: Path, change: str, why: Sentence
) -> None:
    river.execute(change)
    (made,) = packets.make(river.runtime, [green.case_id], tmp_path / "out", "counsel")
    assert why in made.refused


@pytest.mark.parametrize("state", sorted(ANOTHER_DEFENDANT))
def test_a_state_that_bars_the_suit_says_so_in_both_languages_with_what_to_do(
    river: River, green: Home, tmp_path: Path, state: str
) -> None:
    river.execute(STATE.format(state=state))
    (made,) = packets.make(river.runtime, [green.case_id], tmp_path / "out", "counsel")
    (why,) = made.refused
    assert why.zh.startswith("3-1-1201：")
    assert why.en.startswith("3-1-1201: ")
    assert why.zh.count("。") == why.en.count(". ") + 1 == 2, "a reason and a cure"
    assert not re.search(r"[\u4e00-\u9fff]", why.en)


def test_a_name_that_no_font_can_print_is_refused_with_the_name_and_leaves_nothing(river: River, green: Home, tmp_path: Path) -> None:
    river.execute("UPDATE party SET name = '王\U0001f600'")
    (made,) = packets.make(river.runtime, [green.case_id], tmp_path / "out", "counsel")
    (why,) = made.refused
    assert "\U0001f600" in why.zh
    assert why.en == "3-1-1201: no font can print \U0001f600 (U+1F600). Write the name another way, then make the packet anew."
    assert [path.name for path in (tmp_path / "out").iterdir()] == [HOUSE]


def test_without_a_stamp_nothing_can_be_filed_and_the_cure_is_named_in_both_languages(river: River, green: Home, tmp_path: Path) -> None:
    bare = replace(river.runtime, authorities=())
    with pytest.raises(ValueError, match="XIANLI_TSA_URLS") as refused:
        packets.make(bare, [green.case_id], tmp_path / "out", "counsel")
    assert "还没有时间戳机构见证过日志" in str(refused.value)
    assert "no time-stamping authority has seen the log yet" in str(refused.value)


def test_nothing_of_the_houses_own_is_in_a_packet(river: River, green: Home, tmp_path: Path) -> None:
    green.attempt("call", "delivered", outcome="conversation", step="settlement-offer", body="减免一半违约金", sent=timedelta(days=-20))
    made, files = packet(river, green, tmp_path / "out")
    papers = "".join(said(path) for name, path in files.items() if name.endswith(".pdf"))
    raw = b"".join(path.read_bytes() for path in (tmp_path / "out" / made.folder).rglob("*") if path.is_file())
    for ours in ("son lives abroad", "减免一半", "wait_for", "LPR", "测算", "settlement"):
        assert ours not in papers
        assert ours.encode() not in raw or ours == "LPR", ours
    assert "LPR" in (tmp_path / "out" / HOUSE / f"{made.folder}.txt").read_text(encoding="utf-8")


def test_a_charge_in_dispute_is_left_out_and_counsel_is_told(river: River, green: Home, tmp_path: Path) -> None:
    river.execute("UPDATE charge SET disputed_until = now() + interval '40 years' WHERE id = :id", id=green.charge_ids[0])
    made, _ = packet(river, green, tmp_path / "out")
    assert str(made.principal) == "412.35"
    assert "争议处理中" in (tmp_path / "out" / HOUSE / f"{made.folder}.txt").read_text(encoding="utf-8")


def test_no_cell_is_a_formula_whatever_the_billing_system_wrote(river: River, green: Home, tmp_path: Path) -> None:
    river.execute("UPDATE charge SET item = '=HYPERLINK(\"http://x\")' WHERE id = :id", id=green.charge_ids[0])
    _, files = packet(river, green, tmp_path / "out")
    page = openpyxl.load_workbook(io.BytesIO(files["2 诉请金额明细.xlsx"].read_bytes())).active
    cells = [cell for row in page.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert "f" not in {cell.data_type for cell in cells}


def test_papers_of_a_sandbox_are_marked(river: River, green: Home, tmp_path: Path) -> None:
    _, files = packet(river, green, tmp_path / "out")
    for name, path in files.items():
        if name.endswith(".pdf"):
            assert all("SANDBOX" in page.extract_text() for page in pypdf.PdfReader(path).pages), name


def test_the_same_facts_give_the_same_papers(river: River, green: Home, tmp_path: Path) -> None:
    _, one = packet(river, green, tmp_path / "one")
    _, two = packet(river, green, tmp_path / "two")
    for name in (name for name in one if name.endswith(".pdf")):
        assert one[name].read_bytes() == two[name].read_bytes(), name


def test_a_court_s_own_names_and_order_are_kept(river: River, green: Home, tmp_path: Path) -> None:
    courts = tmp_path / "courts.toml"
    courts.write_text(
        '["示例区人民法院"]\nsource = "test"\nfolder = "{case}"\n'
        'files = [{ document = "claim", name = "明细", formats = ["xlsx"] }, { document = "bundle", name = "证据", formats = ["zip"] }]\n'
    )
    river.runtime = replace(river.runtime, settings=river.runtime.settings.model_copy(update={"courts": courts}))
    packets.make(river.runtime, [green.case_id], tmp_path / "out", "counsel", court_name="示例区人民法院")
    assert sorted(path.name for path in (tmp_path / "out" / str(green.case_id)).iterdir()) == ["明细.xlsx", "证据.zip"]


@pytest.mark.parametrize(
    "table", ["no toml", '[x]\nsource = ""', '[x]\nsource=""\nfolder="a"\nfiles=[{document="claim",name="../a",formats=["pdf"]}]']
)
def test_a_list_of_courts_that_cannot_be_honoured_is_refused(tmp_path: Path, table: str) -> None:
    (tmp_path / "courts.toml").write_text(table)
    with pytest.raises(Malformed, match="courts"):
        court("x", tmp_path / "courts.toml")


def test_every_packet_is_in_the_log(river: River, green: Home, tmp_path: Path) -> None:
    packet(river, green, tmp_path / "out")
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'filing packet' AND case_id = :id", id=green.case_id) == 1


def test_the_late_charge_is_the_statement_s_own(river: River, green: Home, tmp_path: Path) -> None:
    from orchestrator.store import filing

    with river.runtime.store.begin() as rows:
        suit = filing.read(rows, [green.case_id])[green.case_id]
    made, _ = packet(river, green, tmp_path / "out")
    statements = [
        proofs.late_charge(each.charge, suit.terms["late_rate"], each.payments, "Asia/Shanghai", river.clock.at.date())
        for each in suit.claimed
    ]
    assert made.late_charge == sum(each.late_charge for each in statements)
