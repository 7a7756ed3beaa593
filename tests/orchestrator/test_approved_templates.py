"""A template is taken over only if it may be said, could have been approved, and names what a demand must name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from orchestrator import wording
from orchestrator.wording import Creditor, Notice, WordingError
from orchestrator.wordings.approved import TEMPLATE_BLANKS, Approved, check, filled
from tests.orchestrator.wording_examples import DEMAND, OLD, line

NOTICE_SMS = Approved(
    provider="alibaba",
    wording="notice-sms",
    language="zh",
    template_id="SMS_480000001",
    signature="清苑物业",
    text=(
        "${debtors}：${community}的${charges}，合计${amount}未缴，违约金${late_charge}。依${contract_clause}，"
        "请于${pay_by}前缴清。缴费：${how_to_pay}。有异议：${how_to_object}。编号${reference}"
    ),
)
GREETING = "您好，这里是${creditor}的自动语音电话。如果您是${units}的业主，请按1；如果不是，请按3；需要工作人员联系您，请按4。"
STATEMENT = "谢谢。提醒您，${community}的${charges}，合计${amount}，我们还没有收到，请在${pay_by}前缴纳。"
COURTESY_CALL = Approved(
    provider="alibaba",
    wording="courtesy-call",
    language="zh",
    template_id="TTS_1/TTS_2/TTS_3/TTS_4/TTS_5",
    signature="057188880000",
    text="\n".join((GREETING, STATEMENT, "抱歉打扰您，再见。", "好的，工作人员会与您联系。", "再见。")),
)
SHORT = replace(
    DEMAND,
    creditor=Creditor("清苑物业", "0571-88886666", "文一西路1号", "示例银行 0000"),
    lines=(line("2026-08", "2026-08-31", late_charge=Decimal("2.10")), line("2026-09", "2026-09-30", late_charge=Decimal("1.10"))),
    how_to_pay="微信公众号缴费，或至服务中心",
    contract_clause="《前期物业服务合同》第18条",
    how_to_object="致电0571-88886666",
)


def text_of(made: Approved) -> wording.Wording:
    return wording.wording(made.wording)


@pytest.mark.parametrize("made", [NOTICE_SMS, COURTESY_CALL])
def test_a_template_that_says_all_is_taken(made: Approved) -> None:
    check(made, text_of(made))


def test_what_is_read_is_the_filled_text_under_its_signature() -> None:
    text, template = filled(NOTICE_SMS, SHORT, "sms")

    assert text == (
        "【清苑物业】王平：云栖花园的3-1-1201物业费2026.08-2026.09共2期，合计800.00元未缴，违约金3.20元。依《前期物业服务合同》第18条，"
        "请于2026年12月9日前缴清。缴费：微信公众号缴费，或至服务中心。有异议：致电0571-88886666。编号XL-2026-000123"
    )
    wording.check(text, text_of(NOTICE_SMS), SHORT)
    assert (template.provider, template.id, template.signature) == ("alibaba", "SMS_480000001", "清苑物业")
    assert template.variables["amount"] == "800.00元"
    assert template.variables.keys() == {"debtors", "community", "charges", "amount", "late_charge", "contract_clause", "pay_by"} | {
        "how_to_pay",
        "how_to_object",
        "reference",
    }


def test_where_nothing_is_to_be_said_of_something_it_is_said_to_be_nothing() -> None:
    notice = replace(SHORT, lines=(line("2026-08", "2026-08-31"),))
    made = replace(NOTICE_SMS, text=NOTICE_SMS.text + "，过时效${barred}")
    _, template = filled(made, notice, "sms")
    assert (template.variables["late_charge"], template.variables["barred"]) == ("0.00元", "无")


@pytest.mark.parametrize("blank", sorted(TEMPLATE_BLANKS - {"received"}))
def test_every_blank_of_the_list_is_filled(blank: str) -> None:
    text, _ = filled(replace(NOTICE_SMS, provider="another", text=f"${{{blank}}}"), SHORT, "sms")
    assert text.removeprefix("【清苑物业】")


@pytest.mark.parametrize(
    ("blank", "rule"),
    [
        ("charges", "unit"),
        ("amount", "amount"),
        ("late_charge", "late-charge"),
        ("pay_by", "pay-by"),
        ("contract_clause", "contract-clause"),
        ("debtors", "debtor"),
    ],
)
def test_a_demand_that_leaves_out_what_the_law_wants_named_is_not_taken(blank: str, rule: str) -> None:
    lacking = replace(NOTICE_SMS, text=NOTICE_SMS.text.replace(f"${{{blank}}}", "").replace("依，", ""))
    with pytest.raises(WordingError, match=rule):
        check(lacking, text_of(lacking))


def test_fixed_text_may_name_what_is_always_the_same() -> None:
    fixed = NOTICE_SMS.text.replace("${how_to_pay}", "扫码或到服务中心").replace("${contract_clause}", "物业服务合同第18条")
    check(replace(NOTICE_SMS, text=fixed), text_of(NOTICE_SMS))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (NOTICE_SMS.text + "不缴将停水停电", "water"),
        (NOTICE_SMS.text + "，请点http://t.cn/x", "link"),
        (NOTICE_SMS.text + "，催款通知", "催款"),
        (NOTICE_SMS.text + "，联系13900000000", "mobile number"),
        ("【清苑物业】" + NOTICE_SMS.text, "【"),
        (NOTICE_SMS.text + "，${nick}", "no such blank|no name"),
        (NOTICE_SMS.text + "，再次${amount}", "twice"),
        (NOTICE_SMS.text.replace("：${community}", "${community}"), "side by side"),
        (NOTICE_SMS.text + "，" + "长" * 500, "more than 500"),
    ],
)
def test_what_may_not_be_said_or_would_not_be_approved_is_not_taken(text: str, why: str) -> None:
    with pytest.raises(WordingError, match=why):
        check(replace(NOTICE_SMS, text=text), text_of(NOTICE_SMS))


def test_a_letter_has_no_template() -> None:
    with pytest.raises(WordingError, match="no template"):
        check(replace(NOTICE_SMS, wording="formal-demand"), wording.wording("formal-demand"))


@pytest.mark.parametrize(
    ("place", "instead", "why"),
    [
        (0, GREETING.replace("业主", "业主，欠费${amount}"), "amount"),
        (0, GREETING.replace("业主", "业主，您还有物业费没有缴"), "what is owed"),
        (4, "请尽快缴纳${amount}，再见。", "amount"),
    ],
)
def test_a_call_names_what_is_owed_only_to_who_said_by_key_to_be_the_owner(place: int, instead: str, why: str) -> None:
    texts = COURTESY_CALL.text.split("\n")
    texts[place] = instead
    with pytest.raises(WordingError, match=why):
        check(replace(COURTESY_CALL, text="\n".join(texts)), text_of(COURTESY_CALL))


def test_a_call_has_a_text_and_an_id_for_each_of_its_parts() -> None:
    with pytest.raises(WordingError, match="5 texts"):
        check(replace(COURTESY_CALL, template_id="TTS_1"), text_of(COURTESY_CALL))


def test_a_call_is_filled_as_it_is_spoken() -> None:
    text, template = filled(COURTESY_CALL, SHORT, "voice")
    assert "合计800元" in text
    assert "【" not in text
    assert template.id == "TTS_1/TTS_2/TTS_3/TTS_4/TTS_5"


def many_periods() -> Notice:
    return replace(SHORT, lines=tuple(line(f"20{year}-05", f"20{year}-05-31") for year in (19, 21, 23, 25)))


def test_values_that_do_not_fit_are_told_with_their_length() -> None:
    with pytest.raises(WordingError, match=r"charges has \d+ characters, more than 35"):
        filled(NOTICE_SMS, many_periods(), "sms")


def test_a_charge_past_its_limitation_is_not_left_out_unnoticed() -> None:
    notice = replace(SHORT, lines=(*SHORT.lines, OLD))
    text, _ = filled(NOTICE_SMS, notice, "sms")
    with pytest.raises(WordingError, match="2021"):
        wording.check(text, text_of(NOTICE_SMS), notice)


def test_the_reminder_of_a_promise_and_the_thanks_are_taken_too() -> None:
    thanks = replace(
        NOTICE_SMS, wording="thank-you", text="${debtors}：已收到您缴纳的${community}的${covered}，共${received}。感谢您的支持！"
    )
    check(thanks, text_of(thanks))
    paid = replace(SHORT, purpose="thank_you", received=Decimal("800.00"), pay_by=None, dated=date(2026, 12, 1))
    text, _ = filled(thanks, paid, "sms")
    assert "共800.00元" in text
