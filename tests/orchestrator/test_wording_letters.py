"""Letters on paper: what the PDF says, looks fit for a strict reader, and is the same every time."""

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pypdf import PdfReader
from wording_examples import DEMAND, DEMAND_EN, EXAMPLES, MONTHS, OLD, PLAN, line

from orchestrator.wording import Letter, WordingError, render_letter
from orchestrator.wordings import periods
from orchestrator.wordings.letter import UnprintableCharacter
from policies.money import Rate, late_charge_lines

DEMANDS = ("warm-letter", "formal-demand", "lawyer-letter", "visit-notice")


def said_by(letter: Letter) -> str:
    """The letter's text as a reader extracts it, without the line breaks and spaces that setting put in."""
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(letter.pdf)).pages))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", DEMANDS)
@pytest.mark.parametrize("notice", [DEMAND, DEMAND_EN], ids=["zh", "en"])
def test_a_letter_names_everything_the_law_wants_named(name, notice):
    said = said_by(render_letter(name, notice))

    creditor = notice.creditor
    for named in (creditor.name, creditor.phone, creditor.address, creditor.payee_account, notice.community, notice.address):
        assert squeezed(named) in said
    for named in (notice.contract_clause, notice.how_to_object, notice.how_to_pay.rstrip("。"), notice.reference, *notice.debtors):
        assert squeezed(named) in said
    for charge in notice.lines:
        assert all(squeezed(cell) in said for cell in (charge.unit, charge.item, f"{charge.due_on}", f"{charge.unpaid:,.2f}"))
    assert f"{notice.unpaid + notice.late_charge:,.2f}" in said
    assert squeezed("2026年12月9日" if notice.language == "zh" else "9 December 2026") in said


def test_the_late_charge_stands_beside_each_line_with_the_day_it_runs_to():
    said = said_by(render_letter("formal-demand", DEMAND))

    assert "物业费2025.022025-02-28400.000.00400.0012.60" in said
    assert "物业费2025.112025-11-30400.00150.00250.003.30" in said
    assert "违约金计至2026-11-23" in said
    assert "每日万分之五" in said


RATE = Rate(date(2025, 11, 30), Decimal("0.0005"))
PAID_IN_PARTS = late_charge_lines(Decimal(400), date(2025, 11, 30), date(2025, 12, 31), [RATE], [(date(2025, 12, 10), Decimal(150))])


@pytest.mark.parametrize("name", ["formal-demand", "lawyer-letter"])
@pytest.mark.parametrize(
    ("notice", "counted"),
    [
        (DEMAND, ("2025.112025-12-01至2025-12-10400.00×0.5‰×10日=2.00", "2025.112025-12-11至2025-12-31250.00×0.5‰×21日=2.63")),
        (
            DEMAND_EN,
            ("Nov20252025-12-01to2025-12-10400.00×0.5‰×10days=2.00", "Nov20252025-12-11to2025-12-31250.00×0.5‰×21days=2.63"),
        ),
    ],
    ids=["zh", "en"],
)
def test_a_late_charge_that_a_payment_broke_is_recomputed_line_by_line(name, notice, counted):
    lines = (line("2025-11", "2025-11-30", paid="150.00", late_charge=Decimal("4.63"), late_lines=PAID_IN_PARTS), MONTHS[0])

    said = said_by(render_letter(name, replace(notice, lines=lines, late_charge_terms="0.5‰")))

    assert all(line in said for line in counted)
    assert f"{'违约金合计（计至2026-11-23）' if notice.language == 'zh' else 'Latechargeto2026-11-23'}4.63" in said


@pytest.mark.parametrize("name", ["warm-letter", "formal-demand", "lawyer-letter", "visit-notice"])
def test_every_demand_shows_days_rate_and_sum_of_a_late_charge(name):
    one_line = (replace(MONTHS[0], late_charge=Decimal("2.00"), late_lines=PAID_IN_PARTS[:1]),)
    assert "2025-12-01至2025-12-10400.00×0.5‰×10日=2.00" in said_by(render_letter(name, replace(DEMAND, lines=one_line)))


def test_the_formal_demand_quotes_article_944_only_where_it_governs():
    assert "物业服务人可以催告其在合理期限内支付" in said_by(render_letter("formal-demand", DEMAND))
    assert "CivilCode" not in said_by(render_letter("formal-demand", DEMAND_EN))
    assert "Legalbasis" not in said_by(render_letter("formal-demand", DEMAND_EN))


@pytest.mark.parametrize("name", DEMANDS)
def test_a_time_barred_charge_is_set_apart_and_not_demanded(name):
    said = said_by(render_letter(name, replace(DEMAND, lines=(MONTHS[0], OLD))))

    demanded, apart = said.split("诉讼时效期间已过的款项", 1)
    assert "2021.01–2021.03" in apart
    assert "2021.01–2021.03" not in demanded
    assert "1,170.62" not in demanded
    assert "412.60元" in demanded


@pytest.mark.parametrize("name", ["formal-demand", "lawyer-letter"])
def test_what_is_wholly_time_barred_is_never_formally_demanded(name):
    with pytest.raises(WordingError, match="would threaten without ground"):
        render_letter(name, replace(DEMAND, lines=(OLD,)))


def test_nothing_is_said_of_limitation_where_nothing_is_barred():
    assert "诉讼时效" not in said_by(render_letter("formal-demand", DEMAND))


def test_sixty_charges_run_over_several_pages_each_numbered_and_headed():
    months = [(year, month) for year in range(2024, 2029) for month in range(1, 13)]
    lines = tuple(line(f"{year}-{month:02d}", f"{year}-{month:02d}-28", "123.45") for year, month in months)

    letter = render_letter("formal-demand", replace(DEMAND, lines=lines))

    pages = [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(letter.pdf)).pages]
    assert letter.pages == len(pages) >= 3
    assert all(f"第{number}页/共{len(pages)}页" in page for number, page in enumerate(pages, 1))
    assert all(f"{year}.{month:02d}" in "".join(pages) for year, month in months)
    assert "账期" in pages[1]
    assert "3-1-1201" in pages[1]
    assert "7,407.00" in "".join(pages)


def test_joint_debtors_and_a_company_are_addressed_as_what_they_are():
    joint = said_by(render_letter("formal-demand", replace(DEMAND, debtors=("王平", "李娟"))))
    company = said_by(render_letter("formal-demand", replace(DEMAND, debtors=("杭州湖滨商业管理有限公司",), company=True)))

    assert "王平收李娟收" in joint
    assert "致：王平、李娟" in joint
    assert "现正式催告贵单位" in company
    assert "您" not in company


def test_a_very_long_name_and_address_are_printed_in_full():
    name = "阿不都热合曼·买买提明·吐尔逊江与杭州某某资产管理咨询服务（集团）股份有限公司云栖分公司"
    address = "新疆维吾尔自治区克孜勒苏柯尔克孜自治州阿合奇县库兰萨日克乡别迭里村人民路一百二十八号附三号院内二层东侧"

    said = said_by(render_letter("formal-demand", replace(DEMAND, debtors=(name,), address=address)))

    assert name in said
    assert address in said


@pytest.mark.parametrize(
    ("name", "purpose"),
    [*((name, "demand") for name in (*DEMANDS, "plan-offer")), ("withdrawal-letter", "withdrawal"), ("committee-notice", "committee")],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_font_is_embedded(name, purpose, language):
    notice = next(each for each in EXAMPLES[purpose] if each.language == language)

    fonts = [
        descendant.get_object()["/FontDescriptor"]
        for page in PdfReader(io.BytesIO(render_letter(name, notice).pdf)).pages
        for font in page["/Resources"]["/Font"].values()
        for descendant in font.get_object().get("/DescendantFonts", [font])
    ]

    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(font) for font in fonts)


def test_the_same_notice_gives_the_same_bytes_and_another_gives_others():
    first, again = render_letter("formal-demand", DEMAND), render_letter("formal-demand", DEMAND)
    other = render_letter("formal-demand", replace(DEMAND, debtors=("李平",)))

    assert first == again
    assert other.pdf != first.pdf
    assert other.text_digest != first.text_digest
    assert other.wording == first.wording


def test_the_letter_is_an_archival_pdf_dated_by_the_notice():
    document = PdfReader(io.BytesIO(render_letter("warm-letter", replace(DEMAND, dated=date(2026, 3, 1))).pdf))

    assert document.metadata is not None
    assert f"{document.metadata.creation_date:%Y-%m-%d %H:%M}" == "2026-03-01 12:00"
    assert b"pdfaid:part" in document.trailer["/Root"]["/Metadata"].get_data()
    assert "王平" not in str(document.metadata)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"debtors": ("李平", "王𠮷")}, "character 2 of the name of debtor 2"),
        ({"address": "云栖路99号𠮷院"}, "character 7 of the postal address"),
        ({"lines": (line("2025-02", "2025-02-28", item="𠮷费"),)}, "character 1 of a unit or an item"),
    ],
)
def test_a_character_no_font_has_is_refused_by_name_and_place_without_telling_the_rest(change, place):
    with pytest.raises(UnprintableCharacter, match=r"U\+20BB7") as refused:
        render_letter("formal-demand", replace(DEMAND, **change))

    assert place in str(refused.value)
    assert not {"王", "𠮷", "李"} & set(str(refused.value))


def test_a_name_with_accents_from_elsewhere_is_printed():
    assert "NguyễnThịÁnh" in said_by(render_letter("formal-demand", replace(DEMAND, debtors=("Nguyễn Thị Ánh",))))


def test_markup_in_a_name_is_text():
    name = '#panic("x") *王* $y$ \\ [z] @ref'

    assert squeezed(name) in said_by(render_letter("formal-demand", replace(DEMAND, debtors=(name,))))


@pytest.mark.parametrize("address", ["", "3-1-1201", "3幢1单元1201室", "同上", "浙江省杭州市", "Unit 12C", "  "])
def test_a_letter_whose_address_is_missing_or_leads_to_no_door_is_refused(address):
    with pytest.raises(WordingError, match="postal address"):
        render_letter("warm-letter", replace(DEMAND, address=address))


def test_a_text_wording_is_no_letter():
    with pytest.raises(WordingError, match="notice-sms is a text, not a letter"):
        render_letter("notice-sms", DEMAND)


def test_the_lawyer_letter_is_marked_as_a_draft_with_a_line_for_the_firm():
    said = said_by(render_letter("lawyer-letter", DEMAND))

    assert "草稿，未经律师签署不生效" in said
    assert "律师事务所接受杭州云栖物业服务有限公司" in said
    assert "某律师事务所接受" in said_by(render_letter("lawyer-letter", replace(DEMAND, counsel="浙江某律师事务所")))


def test_the_visit_notice_carries_a_receipt_to_be_signed():
    said = said_by(render_letter("visit-notice", DEMAND))

    assert "送达回证" in said
    assert "与受送达人关系" in said


def test_an_offer_is_made_without_prejudice_and_leaves_the_sum_to_the_debtors_choice():
    said = said_by(render_letter("plan-offer", replace(DEMAND, instalments=PLAN)))

    assert "仅供协商，不影响双方的任何权利" in said
    assert "本金1,600.00元的，违约金38.00元不再收取" in said
    assert "第1期2026年11月28日546.00第2期2026年12月28日546.00第3期2027年1月28日546.00合计1,638.00元" in said
    assert "应付金额" not in said


@pytest.mark.parametrize("notice", EXAMPLES["committee"], ids=["zh", "en"])
def test_a_committee_is_told_of_homes_and_that_they_are_overdue_and_nothing_else(notice):
    said = said_by(render_letter("committee-notice", replace(notice, lines=(*notice.lines, OLD))))

    assert notice.lines[0].unit in said
    assert notice.debtors[0].replace(" ", "") in said
    for charge in (*notice.lines, OLD):
        assert f"{charge.amount:,.2f}" not in said
        assert squeezed(periods.printed(charge.period, notice.language)) not in said
        assert charge.item.replace(" ", "") not in said
    assert not re.search(r"[¥$]\d|\d元", said)


def test_a_withdrawal_names_the_notice_it_takes_back_and_the_right_sum():
    notice = replace(EXAMPLES["withdrawal"][0], lines=(line("2025-02", "2025-02-28", late_charge=Decimal("1.00")),))

    said = said_by(render_letter("withdrawal-letter", notice))

    assert "XL-2026-000100" in said
    assert "请勿据此付款" in said
    assert "400.00元" in said
