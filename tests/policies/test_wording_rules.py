import pytest
from wording_corpus import LAWFUL, NAMES, NEVER

from policies.wording_rules import finding, forbidden, lacking, lint, may_be_warm, out_of_place, warm_words
from policies.wording_rules.mandatory import MANDATORY
from policies.wording_rules.never import FORBIDDEN

DEMAND_ZH = (
    "【清苑物业】孙女士：您的3-1-1201室物业费2026年4月至6月共600.00元已逾期。依物业服务合同第18条，请于10月15日前缴纳，可扫码或到前台缴费。"
    "如有异议，请致电0571-88880000。"
)
DEMAND_EN = (
    "Qingyuan Property: unit 3-1-1201, property fee 2026-04 to 2026-06, CNY 600.00 is overdue. "
    "Under the service agreement, please pay by 15 October at the desk or by QR code. If you have questions, call 0571-88880000."
)


def rules(text, kind="reminder"):
    return [found.rule for found in lint(text, kind)]


@pytest.mark.parametrize("text", [DEMAND_ZH, DEMAND_EN])
def test_a_courteous_and_complete_demand_passes(text):
    assert rules(text, "demand") == []


BLANKS = ("creditor", "debtors", "charges", "total", "late_charge", "pay_by", "how_to_pay", "contract_clause", "how_to_object")


def test_a_wording_whose_blanks_name_everything_is_a_demand_and_without_one_it_is_none():
    assert lacking(BLANKS) == ()
    for blank in BLANKS:
        assert lacking(set(BLANKS) - {blank}) != ()
    assert len(MANDATORY) == len(BLANKS) + 1  # the charges are the unit and the period


@pytest.mark.parametrize(
    ("lost", "text"),
    [
        ("unit", DEMAND_ZH.replace("您的3-1-1201室", "")),
        ("periods", DEMAND_ZH.replace("2026年4月至6月", "")),
        ("contract-clause", DEMAND_ZH.replace("依物业服务合同第18条，", "")),
        ("amount", DEMAND_ZH.replace("600.00元", "若干")),
        ("pay-by", DEMAND_ZH.replace("请于10月15日前缴纳", "请缴纳")),
        ("how-to-pay", DEMAND_ZH.replace("缴纳，可扫码或到前台缴费", "处理")),
        ("how-to-object", DEMAND_ZH.replace("如有异议，", "")),
        ("how-to-object", DEMAND_EN.replace("If you have questions, call", "Tel.")),
    ],
)
def test_a_demand_that_leaves_something_out_is_found(lost, text):
    assert rules(text, "demand") == [lost]


def test_a_reminder_need_not_be_complete():
    assert rules("您好，物业费即将到期，感谢支持。") == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("utilities", "逾期我们将停水停电。"),
        ("utilities", "逾期我们将停 水"),
        ("utilities", "逾期我们将停*水"),
        ("utilities", "将停止供水"),
        ("utilities", "We will disconnect your electricity."),
        ("utilities", "ＷＥ ＷＩＬＬ ＣＵＴ ＴＨＥ ＷＡＴＥＲ"),
        ("utilities", "我们不会停电"),
        ("access", "欠费期间停用门禁"),
        ("access", "欠费车辆不准进入"),
        ("access", "Your access card and parking will be restricted; we will block your parking."),
        ("service-condition", "不缴费不维修"),
        ("service-condition", "We will suspend services to your home."),
        ("public-naming", "我们将公布欠费名单"),
        ("public-naming", "We will publish the list of debtors."),
        ("third-parties", "我们将通知您的单位"),
        ("third-parties", "We shall inform your employer."),
        ("false-authority", "我们将报警处理"),
        ("false-authority", "将影响您的个人征信"),
        ("false-authority", "This will hurt your credit score."),
        ("threat", "否则后果自负"),
        ("threat", "Pay now or else."),
        ("insult", "做人不能当老赖"),
        ("insult", "Do not be a deadbeat."),
        ("false-urgency", "这是最后通牒"),
        ("false-urgency", "This is your final warning."),
        ("too-grave", "否则将向人民法院起诉"),
        ("too-grave", "We may sue."),
        ("too-grave", "This may go to court."),
    ],
)
def test_what_may_never_be_said_is_found_in_both_languages_and_under_disguise(rule, text):
    assert rule in rules(text)


def test_a_demand_may_name_the_lawful_way_to_court_and_a_reminder_the_limitation_period():
    assert rules(DEMAND_ZH + "逾期我们可能依法向人民法院提起诉讼。", "demand") == []
    assert rules("以下已过诉讼时效，仅供核对。") == []


def test_a_home_in_maple_court_is_not_threatened_with_one():
    assert rules("A reminder from the office of Maple Court, 12 Maple Court.") == []


def test_a_pay_by_day_may_say_that_it_counts_itself():
    assert "pay-by" not in rules("请于2026年12月9日（含当日）前付清。", "demand")
    assert "pay-by" in rules("请于2026年12月9日付清。", "demand")


def test_a_notice_to_everyone_names_no_home():
    assert rules("感谢按时缴费的邻居。3-1-1201尚未缴费。", "community") == ["names-a-home"]
    assert rules("感谢按时缴费的各位邻居，本月收缴率92%。", "community") == []


def test_notes_are_read_for_what_a_court_would_read_in_them():
    assert rules("业主说下周三付600元", "note") == []
    assert rules("此人是老赖", "note") == ["insult"]


def test_a_finding_shows_what_it_found_and_says_why_in_both_languages():
    finding = lint("逾期将停水", "reminder")[0]
    assert finding.excerpt == "停水"
    assert "944" in finding.reason.zh
    assert "944" in finding.reason.en


@pytest.mark.parametrize(("rule", "kind", "text"), NEVER)
def test_no_dress_hides_what_may_never_be_said(rule, kind, text):
    assert rule in [finding.rule for finding in forbidden(text, kind)]


@pytest.mark.parametrize(("kind", "text"), LAWFUL)
def test_lawful_words_that_look_alike_may_be_said(kind, text):
    assert [(finding.rule, finding.excerpt) for finding in forbidden(text, kind)] == []


@pytest.mark.parametrize(("kind", "text", "names"), NAMES)
def test_a_name_accuses_nobody_but_the_same_words_outside_a_name_do(kind, text, names):
    assert forbidden(text, kind, (*names, "")) == () == forbidden("请核对账目。", kind, ("",))
    assert forbidden(text, kind) != ()


def test_a_threat_is_none_the_less_for_standing_in_a_name():
    assert [finding.rule for finding in forbidden("欠费停水：600.00元", "demand", ("欠费停水",))] == ["utilities"]


@pytest.mark.parametrize("rule", FORBIDDEN, ids=lambda rule: rule.rule)
def test_every_rule_has_its_source_and_its_reason_in_both_languages(rule):
    assert all((rule.source, rule.reason.zh, rule.reason.en, rule.zh or rule.en, rule.kinds))


def test_every_rule_is_tried_by_a_sentence():
    assert {rule.rule for rule in FORBIDDEN} == {rule for rule, _, _ in NEVER}


@pytest.mark.parametrize("length", [100, 10_000])
def test_a_long_text_without_spaces_is_read_as_fast_as_any(length):
    assert forbidden("a1" * length + "!", "demand") == ()


@pytest.mark.parametrize(("before", "found"), [(0, ["reminder-first", "warm-words"]), (1, []), (2, []), (3, ["warm-words"])])
def test_a_warm_demand_has_its_place_at_the_second_and_third_contact(before, found):
    assert [finding.rule for finding in out_of_place("demand", "warm", before)] == found


def test_the_first_contact_may_remind_or_offer_and_a_plain_demand_has_its_place_ever_after():
    assert out_of_place("reminder", "plain", 0) == out_of_place("offer", "plain", 0) == ()
    assert all(out_of_place("demand", "plain", before) == () for before in range(1, 9))


@pytest.mark.parametrize("text", ["一时遗忘在所难免", "Bills are easily missed."])
def test_words_of_sympathy_are_found_outside_the_second_and_third_contact(text):
    assert [bool(warm_words(text, ordinal)) for ordinal in (None, 1, 2, 3, 4)] == [True, True, False, False, True]
    assert [may_be_warm(ordinal) for ordinal in (None, 1, 2, 3, 4)] == [False, False, True, True, False]
    assert warm_words("请核对账目。", 1) == ()


def test_a_demand_that_does_not_name_what_it_must_is_told_so_in_both_languages():
    lacks = finding("pay-by", "2026")
    assert (lacks.rule, lacks.excerpt) == ("pay-by", "2026")
    assert lacks.reason.zh
    assert lacks.reason.en


@pytest.mark.parametrize("line", ["退订回复TD", "Reply STOP to opt out.", "To opt out call +1 202 555 0100", "退订请致电0571-80000000"])
@pytest.mark.parametrize("text", [DEMAND_ZH, DEMAND_EN])
def test_an_electronic_message_names_the_way_out_where_the_pack_wants_it(text, line):
    assert [found.rule for found in lint(text, "demand", opt_out=True)] == ["opt-out"]
    assert lint(text + line, "demand", opt_out=True) == ()
