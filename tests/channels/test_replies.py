"""What debtors write back, in the words they use."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.replies import Reply, ReplyKind, understand

TUESDAY = date(2026, 11, 24)


STOPS = (
    *("STOP", " stop ", "Stop.", "ＴＤ", "td", "T", "退订", "退订。", "退 订", "回复TD", "unsubscribe", "拒收", "STOP ALL", "Opt-out"),
    *("ＳＴＯＰ！", "STOP 🙏", "🛑 stop", "“退订”", "(stop)", "#stop", "\u200bSTOP", "s t o p", "STOP STOP STOP", "取消"),
    *("退訂", "取消訂閱", "please stop", "stop pls", "stop it", "请退订", "我要退订", "退订谢谢", "回TD"),
    *("TD退订", "T退订", "回复TD退订", "回T退订"),
)
IN_WORDS = (
    *("不要再给我发短信", "请勿再发", "别再发了", "別再發了", "不需要再发", "请停止发送", "拒绝接收", "不想再收到你们的短信"),
    *("stop texting me", "Don’t text me again", "stop sending me these texts", "no more messages", "I want to opt out"),
    *(
        "你好，退订",
        "帮我退订",
        "我想退订",
        "麻烦把我退订了",
        "退订你们的短信",
        "我要退订所有通知",
        "不让我退订",
        "怎么退订不了",
        "还没退订吗",
    ),
    *("I want to unsubscribe", "remove my number", "please remove my number from your system", "hi, unsubscribe", "I cannot unsubscribe"),
    *("unsubscribe from all messages", "I do not want this, unsubscribe", "take my number off your list"),
)
OF_CONTACT = (
    *("别再联系我", "不要再骚扰我", "请勿打扰", "不要打电话了", "别打电话给我", "别烦我"),
    *("stop calling me", "please do not contact me", "never call me again", "leave me alone"),
)


@pytest.mark.parametrize("text", STOPS)
def test_the_stop_family_in_both_languages(text):
    assert understand(text, TUESDAY) == Reply("stop")


@pytest.mark.parametrize("text", IN_WORDS)
def test_a_stop_in_a_sentence_may_say_more_than_stop(text):
    assert understand(text, TUESDAY) == Reply("stop", in_words=True)


@pytest.mark.parametrize("text", OF_CONTACT)
def test_who_speaks_of_calls_or_of_contact_as_such_is_not_called_either(text):
    assert understand(text, TUESDAY) == Reply("stop", calls=True, in_words=True)


ORDINARY = (
    *("please stop by the office", "I'll stop by tomorrow to pay", "stopped my car at the gate", "at the end of the month", "bus stop"),
    *(
        "quit smoking",
        "can you cancel the late charge?",
        "cancel my car park",
        "don't stop the lift",
        "non-stop noise",
        "don't call the police",
    ),
    *(
        "I need help to stop the leak",
        "please don't stop texting me",
        "please don’t unsubscribe me",
        "I do not want to unsubscribe",
        "I never asked to unsubscribe",
        "I don't want to opt out",
        "do not remove my number",
        "unsubscribe from the gym",
        "unsubscribed from the gym",
        "remove me from the lease",
        "T3 building",
    ),
    *(
        "opt out of the parking service",
        "stop sending the cleaner to my door",
        "I never message the neighbours",
        "do not contact my tenant's firm",
    ),
    *(
        "别发火，明天说",
        "别发票了",
        "不要发票",
        "发票别发错",
        "别联系不上我",
        "不用联系物业吗",
        "不要联系我老婆",
        "电梯停止运行",
        "停止供水的时候你们在哪",
    ),
    *("不要退订", "别给我退订", "我不想退订", "我没有退订", "没说要退订", "请不要停止发送短信", "我要退订车位", "退订了车位"),
    *("取消了装修", "取消车位", "退订车位", "退费", "停水", "不要再漏水了", "别再停电", "td 3-1-1201 房号", "t楼", "不要打孔", "停止服务"),
)


@pytest.mark.parametrize("text", ORDINARY)
def test_a_word_of_the_stop_family_inside_an_ordinary_sentence_stops_nothing(text):
    assert understand(text, TUESDAY).kind != "stop"


@pytest.mark.parametrize("text", ["恢复了", "start the lift", "yes I paid", "开始漏水", "help me start"])
def test_only_the_bare_word_lets_us_write_again(text):
    assert understand(text, TUESDAY).kind != "start"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("START", "start"),
        ("help", "help"),
        ("已缴", "paid"),
        ("已经交了", "paid"),
        ("上周已经交过了，请查一下", "paid"),
        ("I already paid", "paid"),
        ("paid", "paid"),
        ("还没交", "other"),
        ("not paid yet", "other"),
        ("对金额有异议", "dispute"),
        ("I dispute this", "dispute"),
        ("不认可这个收费", "dispute"),
        ("打错了，我不是业主", "wrong_person"),
        ("wrong number", "wrong_person"),
        ("房子已过户", "wrong_person"),
        ("什么时候可以缴？", "question"),
        ("怎么交", "question"),
        ("好的", "other"),
        ("please stop by the office", "other"),
        ("别发火，明天说", "other"),
        ("昨天交的", "paid"),
        ("3月5日交的", "paid"),
        ("3天前付清了", "paid"),
        ("微信付过款了", "paid"),
        ("already settled", "paid"),
        ("我不欠费", "dispute"),
        ("你们多收了", "dispute"),
        ("不是我不交，是你们不修", "question"),
        ("这不是我的房子", "wrong_person"),
        ("sold the flat", "wrong_person"),
        ("转人工", "help"),
        ("ＨＥＬＰ！", "help"),
        ("help me pls", "help"),
        ("幫助", "help"),
        ("已付", "paid"),
        ("已付👌", "paid"),
        ("✅PAID!", "paid"),
        ("刚交", "paid"),
        ("已經繳了", "paid"),
        ("钱打过去了", "paid"),
        ("Payment has been made", "paid"),
        ("怎么付了还催", "paid"),
        ("付了吗？", "question"),
        ("是否已付", "question"),
        ("did you see I paid?", "question"),
        ("I never paid for parking", "other"),
        ("I get paid on Friday", "other"),
        ("It has not been paid", "other"),
        ("I haven't already paid", "other"),
        ("it was never settled", "other"),
        ("no payment has been made", "other"),
        ("nobody has paid it", "other"),
        ("it has been paid", "paid"),
        ("keep your promise", "other"),
        ("费用不对", "dispute"),
        ("金额打错了", "dispute"),
        ("this bill is wrong", "dispute"),
        ("有異議", "dispute"),
        ("不是本人", "wrong_person"),
        ("号码错了", "wrong_person"),
        ("我是租客", "wrong_person"),
        ("租客会交的", "promise"),
        ("I no longer own it", "wrong_person"),
    ],
)
def test_the_kinds_of_reply(text, kind):
    assert understand(text, TUESDAY).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        *(
            "不会交的",
            "我不会再交了",
            "不去交",
            "一定不交",
            "交不起",
            "没钱交",
            "凭什么交",
            "I will pay nothing",
            "won't pay",
            "I can't pay",
        ),
        *("等漏水修好再交", "修好电梯我就交", "I will pay once you fix the lift", "以后再交", "明年交", "有钱了就交"),
    ],
)
def test_who_will_not_pay_or_pays_on_a_condition_has_promised_nothing_and_a_person_answers(text):
    assert understand(text, TUESDAY) == Reply("question")


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("promise 2026-12-05", date(2026, 12, 5)),
        ("promise 12-5", date(2026, 12, 5)),
        ("12月5日交", date(2026, 12, 5)),
        ("12月5号付", date(2026, 12, 5)),
        ("1月3日缴", date(2027, 1, 3)),
        ("明天去交", date(2026, 11, 25)),
        ("后天交", date(2026, 11, 26)),
        ("大后天付", date(2026, 11, 27)),
        ("三天后交", date(2026, 11, 27)),
        ("5天内付", date(2026, 11, 29)),
        ("周五交", date(2026, 11, 27)),
        ("周一交", date(2026, 11, 30)),
        ("下周五交", date(2026, 12, 4)),
        ("30号交", date(2026, 11, 30)),
        ("5号交", date(2026, 12, 5)),
        ("will pay tomorrow", date(2026, 11, 25)),
        ("I will pay in 3 days", date(2026, 11, 27)),
        ("will pay next week", date(2026, 12, 1)),
        ("发了工资就交", None),
        ("12月5日前付清", date(2026, 12, 5)),
        ("本周五前付清", date(2026, 11, 27)),
        ("月底前交", date(2026, 11, 30)),
        ("12月底交", date(2026, 12, 31)),
        ("1月份交", date(2027, 1, 31)),
        ("下个月交", date(2026, 12, 31)),
        ("年底付清", date(2026, 12, 31)),
        ("周末交", date(2026, 11, 29)),
        ("I'll pay on Friday", date(2026, 11, 27)),
        ("I will pay by Dec 5th", date(2026, 12, 5)),
        ("will pay on 3 January", date(2027, 1, 3)),
        ("最近困难，12月5日交", date(2026, 12, 5)),
        ("3-1-0401 明天去交", date(2026, 11, 25)),
        ("下周五付", date(2026, 12, 4)),
        ("下週五付清", date(2026, 12, 4)),
        ("答应周五给钱", date(2026, 11, 27)),
        ("承诺12月5日", date(2026, 12, 5)),
        ("１２月５日付", date(2026, 12, 5)),
        ("十二月五号付", date(2026, 12, 5)),
        ("二十五号付", date(2026, 11, 25)),
        ("12.5付", date(2026, 12, 5)),
        ("12/5付", date(2026, 12, 5)),
        ("20261205付", date(2026, 12, 5)),
        ("2026.12.5付", date(2026, 12, 5)),
        ("26年12月5日付", date(2026, 12, 5)),
        ("明年1月5日付", date(2027, 1, 5)),
        ("十五天内付", date(2026, 12, 9)),
        ("一周内付", date(2026, 12, 1)),
        ("两周后付", date(2026, 12, 8)),
        ("明晚转账", date(2026, 11, 25)),
        ("下月28号付", date(2026, 12, 28)),
        ("下月初付", date(2026, 12, 10)),
        ("12月中旬交", date(2026, 12, 20)),
        ("1/12付", date(2027, 1, 12)),
        ("promise 1/12", date(2026, 12, 1)),
        ("promise 25/12", date(2026, 12, 25)),
        ("promise 12/05/2026", date(2026, 12, 5)),
        ("promise 5 December 2026", date(2026, 12, 5)),
        ("promise December 5th, 2026", date(2026, 12, 5)),
        ("pay fri", date(2026, 11, 27)),
        ("will pay on the 5th", date(2026, 12, 5)),
        ("will pay in two weeks", date(2026, 12, 8)),
        ("will pay by the end of the month", date(2026, 11, 30)),
        ("will pay next month", date(2026, 12, 31)),
        ("will pay the day after tomorrow", date(2026, 11, 26)),
        ("I'll transfer tonight", date(2026, 11, 24)),
    ],
)
def test_a_promise_and_the_day_it_names(text, on):
    assert understand(text, TUESDAY) == Reply("promise", on)


def test_a_day_without_a_year_is_the_nearest_such_day():
    assert understand("3月1日交", date(2026, 12, 31)).on == date(2027, 3, 1)
    assert understand("31号交", date(2026, 12, 31)).on == date(2026, 12, 31)
    assert understand("promise 11-20", TUESDAY).on == date(2026, 11, 20)
    assert understand("承诺12月30日付", date(2027, 1, 2)).on == date(2026, 12, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2月30日交",
        "promise 2月31日",
        "promise 31",
        "promise 5",
        "I will pay 500",
        "will pay in January",
        "will pay after Christmas",
        "会交的，分三个月",
    ],
)
def test_a_day_that_does_not_exist_or_a_figure_that_may_be_none_is_for_a_person_to_read(text):
    assert understand(text, TUESDAY) == Reply("other")


PIECES = (
    *"交缴付清已不没会前后内月日号周天底年下0123456789./- ，。？",
    "发了工资",
    "修好",
    "退订",
    "十二",
    "下个",
    "星期",
    "next ",
    "in two ",
    "12/31/2026",
    "pay ",
    "will ",
    "may 31",
    "friday",
    "²",
    "٣",
)
WRITTEN = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))


@given(WRITTEN, st.dates(date(2024, 1, 1), date(2090, 12, 31)))
def test_whatever_is_written_is_read_as_something_and_only_a_promise_names_a_day(text, today):
    reply = understand(text, today)
    assert reply.kind in get_args(ReplyKind)
    assert reply.on is None or reply.kind == "promise"


NOISE = st.text(st.sampled_from(" \t\n.。!！?？,，~、·—-_*#\"'“”()（）[]【】🙏🛑👍🏽\u200b\u200d\ufe0f\u3000"), max_size=8)


@given(st.sampled_from(STOPS), NOISE, NOISE, st.sampled_from([str.upper, str.lower, str.title]), st.booleans())
def test_a_stop_is_a_stop_in_any_padding_case_and_width(word, before, after, case, wide):
    written = case(word)
    if wide:
        written = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in written)
    assert understand(before + written + after, TUESDAY) == Reply("stop")


@given(st.sampled_from(ORDINARY), NOISE, NOISE)
def test_no_decoration_makes_a_stop_of_an_ordinary_sentence(sentence, before, after):
    assert understand(before + sentence + after, TUESDAY).kind != "stop"
