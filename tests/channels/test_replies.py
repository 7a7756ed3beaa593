"""What debtors write back, in the words they use."""

from datetime import date

import pytest

from channels.replies import Reply, understand

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "text", ["STOP", " stop ", "Stop.", "ＴＤ", "td", "T", "退订", "退订。", "unsubscribe", "拒收", "不要再给我发短信"]
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
        ("不会交的", "other"),
    ],
)
def test_the_kinds_of_reply(text, kind):
    assert understand(text, TUESDAY).kind == kind


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
    ],
)
def test_a_promise_and_the_day_it_names(text, on):
    assert understand(text, TUESDAY) == Reply("promise", on)


def test_a_day_already_past_this_year_lies_in_the_next():
    assert understand("3月1日交", date(2026, 12, 31)).on == date(2027, 3, 1)
    assert understand("31号交", date(2026, 12, 31)).on == date(2026, 12, 31)


def test_a_day_that_does_not_exist_is_for_a_person_to_read():
    assert understand("2月30日交", TUESDAY) == Reply("other")
