"""A rendered demand is read back: what it does not name is found, whatever rendered it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wording_examples import DEMAND, DEMAND_EN, MONTHS, OLD, line

from orchestrator.wording import WordingError, check, findings, read, render_card, render_letter, render_text, wording
from orchestrator.wordings.phrases import charges
from orchestrator.wordings.reread import unnamed

SMS = render_text("notice-sms", DEMAND).text
SMS_EN = render_text("notice-sms", DEMAND_EN).text


def lacks(text, notice=DEMAND):
    return [(finding.rule, finding.excerpt) for finding in unnamed(text, notice)]


@pytest.mark.parametrize(
    ("gone", "instead", "found"),
    [
        ("杭州云栖物业服务有限公司", "物业", [("creditor", "")]),
        ("王平", "业主", [("debtor", "")]),
        ("B2-118车位费", "", [("unit", "B2-118 车位费")]),
        ("、2025.11共4期", "共4期", [("periods", "3-1-1201 物业费 2025-11")]),
        ("2025.02-2025.04", "2025.03-2025.04", [("periods", "3-1-1201 物业费 2025-02")]),
        ("2025.08-2025.10", "2025.08", [("periods", "B2-118 车位费 2025-08..2025-10")]),
        ("1600.00元", "600.00元", [("amount", "")]),
        ("1600.00元", "11600.00元", [("amount", "")]),
        ("38.00元", "若干元", [("late-charge", "")]),
        ("2026年12月9日", "近日", [("pay-by", "")]),
        ("微信、支付宝扫码，或到物业服务中心刷卡、现金缴纳", "照旧", [("how-to-pay", "")]),
        ("《云栖花园前期物业服务合同》第18条", "约定", [("contract-clause", "")]),
        ("致电0571-88886666或向物业服务中心提交书面意见", "请说明", [("how-to-object", "")]),
    ],
)
def test_what_fell_out_of_a_text_message_is_found(gone, instead, found):
    assert gone in SMS
    assert lacks(SMS) == []
    assert lacks(SMS.replace(gone, instead)) == found


@pytest.mark.parametrize(
    ("gone", "instead", "rule"),
    [("Jan-Mar 2026", "Feb-Mar 2026", "periods"), ("$1,356.00", "$1,355.00", "amount"), ("9 Dec 2026", "soon", "pay-by")],
)
def test_english_is_read_back_as_well(gone, instead, rule):
    assert lacks(SMS_EN, DEMAND_EN) == []
    assert [found for found, _ in lacks(SMS_EN.replace(gone, instead), DEMAND_EN)] == [rule]


def test_a_period_named_for_the_car_park_is_not_named_for_the_home():
    both = replace(DEMAND, lines=(line("2025-02", "2025-02-28"), line("2025-02", "2025-02-28", item="车位费"), MONTHS[1]))
    text = render_text("notice-sms", both).text

    assert lacks(text, both) == []
    assert lacks(text.replace("车位费2025.02", "车位费"), both) == [("periods", "3-1-1201 车位费 2025-02")]


def test_the_row_of_a_letter_that_fell_out_is_found_though_its_due_date_stayed():
    text = render_letter("formal-demand", DEMAND, 6).text

    assert lacks(text) == []
    assert lacks(text.replace("\n2025.11\n", "\n\n")) == [("periods", "3-1-1201 物业费 2025-11")]


def test_what_is_time_barred_is_named_and_in_no_sum():
    notice = replace(DEMAND, lines=(MONTHS[0], OLD))
    text = render_text("notice-sms", notice).text

    assert lacks(text, notice) == []
    assert lacks(text.replace("2021.01-2021.03", ""), notice) == [("periods", "3-1-1201 物业费 2021-01..2021-03")]
    assert lacks(text.replace("合计400.00元", "合计1570.62元"), notice) == [("amount", "")]


def test_where_nothing_may_be_demanded_no_sum_and_no_day_is_looked_for():
    notice = replace(DEMAND, lines=(OLD,))

    assert lacks(render_text("notice-sms", notice).text, notice) == []


@pytest.mark.parametrize("period", ["2026-06-10..2026-07-09", "装修押金", "2025-13"])
def test_a_period_that_is_not_whole_months_is_looked_for_as_it_stands(period):
    notice = replace(DEMAND, lines=(replace(MONTHS[0], period=period),))
    named = render_text("notice-sms", notice).text

    assert lacks(named, notice) == []
    assert [rule for rule, _ in lacks(render_text("notice-sms", DEMAND).text, notice) if rule == "periods"] == ["periods"]


MONTH = st.builds("{}-{:02d}".format, st.integers(2019, 2026), st.integers(1, 12))
UNIT = st.sampled_from(["3-1-1201", "3-1-120", "B2-118"])
ITEM = st.sampled_from(["物业费", "商铺物业费", "车位费"])
LINES = st.lists(
    st.builds(line, MONTH, st.just("2026-06-28"), unit=UNIT, item=ITEM),
    min_size=1,
    max_size=8,
    unique_by=lambda each: (each.unit, each.item, each.period),
)


@given(LINES, st.sampled_from(["short", "letter", "spoken"]), st.sampled_from(["zh", "en"]), st.data())
def test_every_way_of_naming_charges_is_read_back_and_none_that_was_left_out_is_read_into_it(lines, style, language, data):
    notice = replace(DEMAND, lines=tuple(lines), language=language)

    def unread(said):
        return [finding.rule for finding in unnamed(charges(said, notice, style, sums=True), notice) if finding.rule in ("unit", "periods")]

    gone = data.draw(st.integers(0, len(lines) - 1))
    assert unread(lines) == []
    assert len(unread([each for place, each in enumerate(lines) if place != gone])) == 1


@pytest.mark.parametrize("channel", ["text", "card", "letter"])
def test_what_a_free_text_brings_in_is_found_on_every_channel(channel):
    bad = replace(DEMAND, how_to_object="致电物业，逾期停 水")
    said = {
        "text": lambda: (render_text("notice-sms", bad).text, "notice-sms"),
        "card": lambda: (render_card("second-call", bad).text, "second-call"),
        "letter": lambda: (render_letter("formal-demand", bad).text, "formal-demand"),
    }[channel]()

    with pytest.raises(WordingError, match=r"utilities “停水”: .*944"):
        check(*said, bad)


def test_a_debtor_that_is_a_law_firm_in_a_street_of_courts_may_be_reminded():
    firm = replace(DEMAND, debtors=("浙江公安律师事务所",), community="法院路小区", company=True)

    check(render_card("courtesy-call", firm).text, "courtesy-call", firm, 1)


def test_warm_words_in_the_fourth_contact_are_found_even_where_nobody_marked_them():
    text = SMS + "一时遗忘在所难免。"
    chosen = wording("notice-sms")

    assert [finding.rule for finding in findings(text, chosen, DEMAND, 4)] == ["warm-words"]
    assert findings(text, chosen, DEMAND, 3) == ()


@pytest.mark.parametrize(("ordinal", "warm"), [(1, False), (2, True), (3, True), (5, False)])
def test_a_warm_letter_that_comes_late_is_a_plain_one(ordinal, warm):
    letter = render_letter("warm-letter", DEMAND, ordinal)

    assert ("一时遗忘" in letter.text, "手头不便" in letter.text) == (warm, warm)
    check(letter.text, letter.wording, DEMAND, ordinal)


CLAUSES = (
    "【{creditor}】{debtors}：{charges}，合计{total}[，违约金{late_charge}]，"
    "依{contract_clause}请于{pay_by}前缴清。{how_to_pay}。{how_to_object}[。{opt_out}]。"
)
SAVED = f'name = "ours"\nversion = 1\nkinds = ["text"]\npurposes = ["demand"]\nspeaks = "demand"\n[zh]\nclauses = ["{CLAUSES}"]\n'


def test_a_company_may_save_a_demand_of_its_own():
    assert read(SAVED.encode()).speaks == "demand"


@pytest.mark.parametrize(
    ("gone", "instead", "reason"),
    [
        ("{contract_clause}", "约定", "contract-clause"),
        ("，违约金{late_charge}", "", "late-charge"),
        ("{how_to_pay}。", "{how_to_pay}。否则停{units}电。", "utilities “停电”"),
        ('speaks = "demand"', 'speaks = "reminder"\ntone = "harsh"', "in a tone plain or warm"),
        ('speaks = "demand"\n', "", "speaks as demand or reminder or offer"),
    ],
)
def test_a_wording_that_lacks_something_or_says_what_may_not_be_said_is_not_saved(gone, instead, reason):
    with pytest.raises(WordingError, match=reason):
        read(SAVED.replace(gone, instead).encode())


def test_the_sum_is_added_up_from_the_charges_and_not_taken_from_the_text_before():
    notice = replace(DEMAND, lines=(replace(MONTHS[0], amount=Decimal("400.10")),))

    assert ("amount", "") in lacks(render_text("notice-sms", replace(DEMAND, lines=MONTHS[:1])).text, notice)
