"""Templates are taken over, listed and taken out of force at the command line."""

import json

import pytest

from tests.orchestrator.test_approved_templates import NOTICE_SMS
from tests.orchestrator.test_commands import xianli

__all__ = ["xianli"]

STATED = {
    "provider": "alibaba",
    "wording": "notice-sms",
    "language": "zh",
    "template_id": NOTICE_SMS.template_id,
    "signature": NOTICE_SMS.signature,
    "text": NOTICE_SMS.text,
}


@pytest.fixture
def file(tmp_path):
    def written(**changes):
        path = tmp_path / "templates.toml"
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in {**STATED, **changes}.items() if value is not None]
        path.write_text("\n".join(["[[template]]", *lines]), encoding="utf-8")
        return str(path)

    return written


def test_a_template_is_taken_over_from_a_file_and_replaced_by_a_newer_one(xianli, file):
    set_once = xianli("wording", "template", "set", file(approved_at="2026-11-20"), "--as", "陈静", "--json")
    assert set_once.status == 0, set_once.complaint
    assert (set_once.line["wording"], set_once.line["state"]) == ("notice-sms", "approved")
    xianli("wording", "template", "set", file(template_id="SMS_2"), "--as", "陈静", "--json")

    listed = xianli("wording", "template", "list", "--json").lines
    assert [(each["template_id"], each["state"]) for each in listed] == [("SMS_2", "approved"), (NOTICE_SMS.template_id, "retired")]

    assert xianli("wording", "template", "remove", "--wording", "notice-sms", "--as", "陈静", "--json").line["state"] == "retired"
    again = xianli("wording", "template", "remove", "--wording", "notice-sms", "--as", "陈静")
    assert (again.status, "no template in force" in again.complaint) == (2, True)


def test_a_template_is_stated_by_options_too(xianli):
    options = ["--wording", "notice-sms", "--id", "SMS_3", "--signature", "清苑物业", "--text", NOTICE_SMS.text, "--as", "陈静", "--json"]
    assert xianli("wording", "template", "set", *options).line["template_id"] == "SMS_3"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": "催款：${charges}"}, "催款"),
        ({"wording": "no-such"}, "no wording no-such"),
        ({"language": "fr"}, "neither zh nor en"),
        ({"signature": None}, "signature is empty"),
        ({"colour": "red"}, "has no colour"),
    ],
)
def test_what_cannot_be_taken_over_says_why(xianli, file, changes, why):
    refused = xianli("wording", "template", "set", file(**changes), "--as", "陈静")
    assert refused.status == 2
    assert why in refused.complaint


def test_where_reports_are_pushed_to_is_said_and_stays_the_same(xianli):
    first, second = (xianli("sender", "addresses", "--json").lines for _ in range(2))
    assert first == second
    assert [(each["provider"], each["channel"]) for each in first] == [("alibaba", "sms"), ("alibaba", "voice")]
    assert all(len(each["address"].rsplit("/", 1)[1]) == 40 for each in first)
