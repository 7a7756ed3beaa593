"""The post's numbers, its sheet for posting in bulk, and the words of its tracking."""

import csv

import pytest

from channels.ems import Meaning, NotAWaybill, PostingLine, meaning_of, posting_sheet, waybill


@pytest.mark.parametrize("scanned", ["EA473124829CN", " ea 473124829 cn\r", "ＥＡ４７３１２４８２９ＣＮ"])
def test_a_number_is_read_however_it_was_typed(scanned):
    assert waybill(scanned) == "EA473124829CN"


def test_thirteen_digits_are_a_number_of_the_domestic_post():
    assert waybill("1012345678901") == "1012345678901"


@pytest.mark.parametrize("scanned", ["", "XL00000041", "EA473124829", "123456789012", "EA473124828CN"])
def test_what_is_no_number_of_the_post_is_refused(scanned):
    with pytest.raises(NotAWaybill):
        waybill(scanned)


def test_the_sheet_for_posting_holds_no_formula_and_no_country_code():
    line = PostingLine("XL00000041", "=cmd()", "+8619900000001", "-1号楼", "3-1-1201 物业费 2026-05至2026-06 800.00元")
    headings, row = csv.reader(posting_sheet([line]).decode("utf-8-sig").splitlines())
    assert headings == ["序号", "商户单号", "收件人", "收件人电话", "收件人地址", "内件品名"]
    assert row == ["1", "XL00000041", "'=cmd()", "19900000001", "'-1号楼", "3-1-1201 物业费 2026-05至2026-06 800.00元"]


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("【杭州市】已收寄", Meaning("sent", "mailed")),
        ("邮件到达【杭州邮件处理中心】", Meaning("sent")),
        ("快件正在派送途中，请您准备签收", Meaning("sent")),
        ("正在投递，投递员：张三", Meaning("sent")),
        ("未妥投：收件人拒收", Meaning("sent")),
        ("未妥投，地址不详，联系收件人", Meaning("sent")),
        ("已妥投，本人签收", Meaning("delivered", "handed_over", "self")),
        ("邮件已签收（家人代收）", Meaning("delivered", "handed_over", "family")),
        ("已签收，单位收发章", Meaning("delivered", "handed_over", "mail_desk")),
        ("已投递至丰巢快递柜，请及时取件", Meaning("delivered", "handed_over", "locker")),
        ("本人已从快递柜取件，已签收", Meaning("delivered", "handed_over", "locker")),
        ("已投至菜鸟驿站", Meaning("delivered", "handed_over", "station")),
        ("已签收，他人代收：门卫", Meaning("delivered", "handed_over", "guard")),
        ("已妥投（物业代收）", Meaning("delivered", "handed_over", "own_desk")),
        ("妥投", Meaning("delivered")),
        ("已签收，他人代收", Meaning("delivered")),
        ("退回妥投", Meaning("undelivered")),
        ("退回妥投 本人签收", Meaning("undelivered")),
        ("退件已签收", Meaning("undelivered")),
        ("退回：收件人拒收", Meaning("undelivered", "returned_refused")),
        ("收件人拒收", Meaning("undelivered", "returned_refused")),
        ("退回，原址查无此人", Meaning("undelivered", "returned_unknown", error_class="contact_bad")),
        ("迁移新址不明，退回", Meaning("undelivered", "returned_unknown", error_class="contact_bad")),
        ("逾期未领，退回寄件人", Meaning("undelivered", "returned_unknown", error_class="unreachable")),
        ("邮件异常交接", None),
        ("", None),
    ],
)
def test_the_posts_words_mean_one_thing(status, meaning):
    assert meaning_of(status) == meaning


HANDS = [("王芳", "self"), ("王 芳", "self"), ("本人", "self"), ("家人", "family"), ("丰巢", "locker"), ("李雷", None), ("", None)]


@pytest.mark.parametrize(("signer", "hand"), HANDS)
def test_who_signed_is_seen_from_the_column_of_signers(signer, hand):
    assert meaning_of("妥投", signer, ["王芳"]).signer == hand


def test_the_signers_column_never_turns_a_return_into_a_delivery():
    assert meaning_of("退回妥投", "王芳", ["王芳"]) == Meaning("undelivered")
