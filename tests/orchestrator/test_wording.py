"""What text messages, calls and cards say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from wording_examples import DEMAND, DEMAND_EN, EXAMPLES, MONTHS, OLD, line

from orchestrator.wording import WordingError, read, render_card, render_text, render_voice, shipped, wording
from orchestrator.wordings import periods
from orchestrator.wordings.phrases import money

TEXTS = ("notice-sms", "recap")
CARDS = ("courtesy-call", "second-call", "settlement-offer", "visit")


@pytest.mark.parametrize("name", TEXTS)
def test_a_demand_by_text_names_everything_the_law_wants_named(name):
    text = render_text(name, DEMAND).text

    for named in (
        "杭州云栖物业服务有限公司",
        "王平",
        "云栖花园",
        "3-1-1201",
        "物业费2025.02-2025.04、2025.11共4期1450.00元",
        "B2-118",
        "车位费2025.08-2025.10共1期150.00元",
        "合计1600.00元",
        "违约金38.00元（计至2026年11月23日）",
        "2026年12月9日",
        "微信、支付宝扫码",
        "《云栖花园前期物业服务合同》第18条",
        "有异议：致电0571-88886666",
        "编号XL-2026-000123",
    ):
        assert named in text
    assert "。。" not in text


def test_the_english_demand_names_the_same_and_fits_the_gsm_alphabet():
    text = render_text("notice-sms", replace(DEMAND_EN, debtors=("Pat Doe",), opt_out="Reply STOP to opt out.")).text

    for named in (
        "Pat Doe",
        "Maple Court",
        "unit 12C: HOA dues Jan-Mar 2026, Jun 2026 (4 periods)",
        "$1,356.00",
        "9 Dec 2026",
        "section 7.3",
    ):
        assert named in text
    assert "To object: write to the office" in text
    assert text.endswith("Ref XL-2026-000123. Reply STOP to opt out")
    assert text.isascii()


def test_no_period_of_sixty_is_dropped_from_a_text():
    months = [f"{year}-{month:02d}" for year in range(2021, 2026) for month in range(1, 13)]
    every_other = months[::2]

    text = render_text("notice-sms", replace(DEMAND, lines=tuple(line(each, f"{each}-28") for each in every_other))).text

    assert all(each.replace("-", ".") in text for each in every_other)
    assert "共30期" in text


def test_one_item_of_one_home_is_summed_once():
    text = render_text("notice-sms", replace(DEMAND, lines=MONTHS[:3])).text

    assert "物业费2025.02-2025.04共3期，合计1200.00元" in text
    assert text.count("1200.00") == 1


def test_a_time_barred_charge_is_set_apart_and_in_no_total():
    text = render_text("notice-sms", replace(DEMAND, lines=(MONTHS[0], OLD))).text

    assert "合计400.00元" in text
    assert "另有3-1-1201物业费2021.01-2021.03共1期1170.62元，诉讼时效期间已过，仅供核对，不在催缴之列" in text


def test_only_time_barred_charges_ask_for_nothing_by_a_date():
    text = render_text("notice-sms", replace(DEMAND, lines=(OLD,))).text

    assert "2021.01-2021.03" in text
    assert "前缴清" not in text
    assert "合计" not in text


@pytest.mark.parametrize("lacking", ["contract_clause", "how_to_object", "how_to_pay", "pay_by", "signatory"])
def test_a_demand_that_lacks_a_mandatory_content_is_refused_by_its_name(lacking):
    with pytest.raises(WordingError, match=lacking):
        render_text("notice-sms", replace(DEMAND, **{lacking: None if lacking == "pay_by" else ""}))


def test_a_demand_without_a_payee_account_is_refused():
    with pytest.raises(WordingError, match=r"creditor\.payee_account"):
        render_text("notice-sms", replace(DEMAND, creditor=replace(DEMAND.creditor, payee_account="")))


def test_a_thank_you_is_no_wording_for_a_demand():
    with pytest.raises(WordingError, match="not a wording for a demand"):
        render_text("thank-you", DEMAND)


def test_a_recap_repeats_the_promise_that_was_made():
    text = render_text("recap", replace(DEMAND, promised_on=date(2026, 12, 1), promised_amount=Decimal("800.00"))).text

    assert "您表示将于2026年12月1日缴纳800.00元" in text
    assert "您表示" not in render_text("recap", DEMAND).text


def test_a_thank_you_says_what_was_received_and_for_what_and_demands_nothing():
    text = render_text("thank-you", EXAMPLES["thank_you"][0]).text

    assert "物业费2025.02-2025.04、2025.11" in text
    assert "1600.00元" in text
    assert "未缴" not in text


def test_the_voice_says_periods_and_money_as_a_person_would():
    spoken = render_voice("courtesy-call", DEMAND)

    assert "3-1-1201的2025年2月到4月、2025年11月物业费，1450元" in spoken.text
    assert "合计1600元" in spoken.text
    assert spoken.script.body == spoken.text
    assert spoken.script.company == DEMAND.creditor.name
    assert spoken.script.unit_label == "3-1-1201、B2-118"


def test_the_english_voice_says_periods_and_money_as_a_person_would():
    assert "HOA dues for January to March 2026, and June 2026, together 1356 dollars" in render_voice("courtesy-call", DEMAND_EN).text


@pytest.mark.parametrize(("ordinal", "warm"), [(None, False), (1, False), (2, True), (3, True), (4, False)])
def test_warm_words_are_for_the_second_and_third_contact_only(ordinal, warm):
    card = render_card("second-call", DEMAND, ordinal=ordinal)

    assert ("分期" in card.text) is warm


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("notice", [DEMAND, DEMAND_EN], ids=["zh", "en"])
def test_a_card_holds_the_file_at_hand(name, notice):
    card = render_card(name, notice, ordinal=2)

    assert notice.reference in card.text
    assert notice.debtors[0] in card.text
    assert all(section.points for section in card.sections)


def test_a_wording_is_known_for_ever_by_name_and_digest():
    rendered = render_text("notice-sms", DEMAND)

    assert wording(rendered.wording).pinned == rendered.wording
    assert render_text(rendered.wording, DEMAND) == rendered


def test_an_unknown_version_is_refused_rather_than_replaced_by_the_newest():
    with pytest.raises(WordingError, match="no wording notice-sms@0000"):
        wording("notice-sms@0000")


def test_a_wording_with_a_misspelt_blank_is_refused_when_read():
    source = b'name = "x"\nversion = 1\nkinds = ["text"]\npurposes = ["demand"]\nspeaks = "demand"\n[zh]\nclauses = ["{debtor}"]\n'

    with pytest.raises(WordingError, match=r"no such blank \{debtor\}"):
        read(source)


def test_every_shipped_wording_speaks_both_languages():
    assert {each.name: set(each.says) for each in shipped()} == {each.name: {"zh", "en"} for each in shipped()}


@pytest.mark.parametrize(
    ("label", "named"),
    [
        ("2026-06", "2026.06"),
        ("2025.02~2025.04", "2025.02-2025.04"),
        ("2025年8月-2026年1月", "2025.08-2026.01"),
        ("202408-202410", "2024.08-2024.10"),
        ("2026-06-01..2026-06-30", "2026.06"),
        ("2025Q1", "2025.01-2025.03"),
        ("2025", "2025.01-2025.12"),
        ("2026-06-01..2026-06-28", "2026.06.01-2026.06.28"),
        ("2026-06-10..2026-07-09", "2026.06.10-2026.07.09"),
        ("2025-13", "2025-13"),
        ("装修押金", "装修押金"),
    ],
)
def test_a_period_is_named_by_its_months_or_as_it_stands(label, named):
    assert periods.written([label], "zh") == named


@pytest.mark.parametrize(
    ("amount", "said"), [("400.00", "400元"), ("0.05", "5分"), ("12.05", "12元零5分"), ("12.30", "12元3角"), ("12.34", "12元3角4分")]
)
def test_money_is_spoken_in_yuan_jiao_and_fen(amount, said):
    assert money(Decimal(amount), "CNY", "zh", "spoken") == said
