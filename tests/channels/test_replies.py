"""What debtors write back, in the words they use."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.replies import Reply, ReplyKind, understand

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", " stop ", "Stop.", "ＴＤ", "td", "T", "退订", "退订。", "退 订", "回复TD", "unsubscribe", "拒收", "STOP ALL", "Opt-out"),
        *(
            "不要再给我发短信",
            "请勿再发",
            "别再联系我",
            "不要再骚扰我",
            "stop texting me",
            "please do not contact me",
            "Don’t text me again",
        ),
    ],
)
def test_the_stop_family_in_both_languages(text):
    assert understand(text, TUESDAY) == Reply("stop")


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
    ],
)
def test_a_promise_and_the_day_it_names(text, on):
    assert understand(text, TUESDAY) == Reply("promise", on)


def test_a_day_already_past_this_year_lies_in_the_next():
    assert understand("3月1日交", date(2026, 12, 31)).on == date(2027, 3, 1)
    assert understand("31号交", date(2026, 12, 31)).on == date(2026, 12, 31)


def test_a_day_that_does_not_exist_is_for_a_person_to_read():
    assert understand("2月30日交", TUESDAY) == Reply("other")


PIECES = (
    *"交缴付清已不没会前后内月日号周天底年下0123456789./- ，。？",
    "发了工资",
    "修好",
    "退订",
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
