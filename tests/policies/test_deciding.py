import json
import subprocess
import sys
from pathlib import Path

import pytest
from situations import PACKS

from orchestrator.deciding import answer_line

ROOT = Path(__file__).parents[2]
LINE = {
    "id": "c1",
    "now": "2026-09-24T10:00:00+08:00",
    "pack": "cn-property",
    "timezone": "Asia/Shanghai",
    "unit_use": "residential",
    "sequence": "standard",
    "cursor": 1,
    "entered_at": "2026-09-01T09:00:00+08:00",
    "charges": [
        {
            "id": "k1",
            "unit": "3-1-1201",
            "item": "物业费",
            "period": "2026-06",
            "due_on": "2026-06-30",
            "amount": "400.00",
            "paid": "0.00",
            "demands": [{"arrived_at": "2026-09-10T10:00:00+08:00", "channel": "letter", "grade": "A", "pay_by": "2026-09-25"}],
        }
    ],
    "claim_set": ["k1"],
    "channels": ["sms", "voice", "call", "letter", "visit"],
    "contacts": [{"at": "2026-09-20T10:00:00+08:00", "channel": "sms", "outcome": "delivered"}],
    "holds": [{"until": "2026-10-01T00:00:00+08:00", "reason": "repair"}],
    "promises": [{"on": "2026-09-30", "amount": "400.00", "made_at": "2026-09-20T10:05:00+08:00"}],
    "states": ["disputed"],
    "opted_out": ["sms"],
    "approvals": [{"step": "lawyer-letter", "decided": "approved"}],
    "in_flight": None,
}
LEAST = {key: LINE[key] for key in ("id", "now", "pack", "timezone", "sequence", "cursor")} | {
    "charges": [{"period": "2026-06", "due_on": "2026-06-30", "amount": "400.00", "paid": "0.00"}]
}


def answer(line, **more):
    return answer_line(json.dumps(line), PACKS, **more)


def test_the_documented_line_is_understood_and_answered_in_the_documented_shape():
    answered = answer(LINE)
    assert list(answered) == ["id", "action", "step", "channel", "until", "reason", "rule", "because", "pack", "calendar"]
    assert (answered["action"], answered["reason"], answered["rule"]) == ("stop", "disputed", "stop_disputed")
    assert answered["pack"].startswith("cn-property@")
    assert answered["calendar"].startswith("cn-2026@")


def test_a_site_day_is_a_date_or_says_who_chose_it_and_why():
    told = {"day": "2026-09-24", "reason": "小区祭扫", "by": "李敏"}
    assert answer(LEAST | {"site_days": ["2026-09-24"]})["because"][0] == "2026-09-24 is a day of silence of the community."
    assert "(小区祭扫, 李敏)" in answer(LEAST | {"site_days": [told]})["because"][0]
    assert answer(LEAST | {"site_days": [told | {"day": "24.9."}]})["error"].startswith("site_days[0].day")


def test_without_its_dispute_the_documented_case_waits_for_its_hold():
    answered = answer({**LINE, "states": []})
    assert (answered["rule"], answered["until"], answered["step"]) == ("wait_for_hold", "2026-10-01T00:00:00+08:00", None)


def test_the_least_that_must_be_said_is_enough():
    answered = answer(LEAST)
    assert (answered["action"], answered["step"], answered["channel"]) == ("send", "notice-sms", "sms")


def test_a_charge_without_an_id_is_named_by_item_and_period():
    answered = answer({**LEAST, "cursor": 7, "claim_set": ["物业费/2026-06"], "charges": [{**LEAST["charges"][0], "amount": "1000"}]})
    assert answered["rule"] == "too_young"


def test_reasons_speak_the_language_asked_for():
    assert "notice-sms" in answer(LEAST)["because"][0]
    assert "条件齐备" in answer(LEAST, language="zh")["because"][0]


def test_another_pack_can_be_asked_about_the_same_facts():
    assert answer(LEAST, pack="us-regf")["pack"].startswith("us-regf@")


def test_instants_are_answered_in_the_debtors_offset():
    answered = answer({**LEAST, "pack": "us-regf", "timezone": "America/New_York"})
    assert answered["until"] == "2026-09-24T08:00:00-04:00"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"timezone": "Asia/Shangai"}, "timezone: unknown time zone"),
        ({"hold": []}, "unknown key: hold"),
        ({"now": "2026-09-24T10:00:00"}, "now: .* has no offset"),
        ({"now": "yesterday"}, "now: .* is no instant"),
        ({"pack": "cn-proprety"}, "unknown pack"),
        ({"sequence": "standart"}, "unknown sequence"),
        ({"cursor": -1}, "cursor: expected a whole number"),
        ({"cursor": None}, "cursor is missing"),
        ({"states": ["dead"]}, r"states\[0\]: 'dead' is none of"),
        ({"channels": "sms"}, "channels: expected a list"),
        ({"charges": [{**LEAST["charges"][0], "due": "2026-06-30"}]}, r"unknown key: charges\[0\].due"),
        ({"charges": [{**LEAST["charges"][0], "amount": "4OO"}]}, "is no amount"),
        ({"charges": [{**LEAST["charges"][0], "amount": "-1"}]}, "0 or more"),
        ({"charges": [{**LEAST["charges"][0], "due_on": "30.06.2026"}]}, "is no date"),
        ({"contacts": [{"at": LINE["now"], "channel": "fax", "outcome": "sent"}]}, r"contacts\[0\].channel"),
    ],
)
def test_a_bad_line_is_answered_by_its_error(change, reason):
    answered = answer({**LEAST, **change})
    assert answered["id"] == "c1"
    with pytest.raises(ValueError, match=reason):
        raise ValueError(answered["error"])


def test_what_is_not_json_has_no_id_to_answer_with():
    assert answer_line("{", PACKS)["id"] is None
    assert "error" in answer_line("[]", PACKS)


def run(*arguments, given=""):
    command = [sys.executable, *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=30, check=False, cwd=ROOT)


def xianli(*arguments, given=""):
    return run("-m", "orchestrator", *arguments, given=given)


def test_decide_answers_the_other_lines_around_a_bad_one_and_exits_with_2():
    done = xianli("decide", given="\n".join([json.dumps(LEAST), "nonsense", "", json.dumps({**LEAST, "id": "c3"})]))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["c1", None, "c3"]
    assert done.returncode == 2


def test_window_next_speaks_in_the_debtors_offset():
    done = xianli("window", "next", "--channel", "voice", "--timezone", "Asia/Shanghai", "--at", "2026-02-16T03:00:00Z")
    assert json.loads(done.stdout) == {"open": False, "next_opening": "2026-02-20T10:00:00+08:00", "rule": "wait_for_blackout"}
    assert done.returncode == 0


def test_window_next_says_null_where_zones_never_meet_and_itself_when_open():
    never = xianli("window", "next", "--channel", "sms", "--timezone", "America/New_York", "--at", "2026-09-23T10:00:00+08:00")
    assert json.loads(never.stdout)["next_opening"] is None
    now = xianli("window", "next", "--channel", "sms", "--timezone", "Asia/Tokyo", "--at", "2026-09-23T10:00:00+08:00")
    assert json.loads(now.stdout) == {"open": True, "next_opening": "2026-09-23T11:00:00+09:00", "rule": "send"}


def test_bad_input_goes_to_stderr_and_exits_with_2():
    done = xianli("window", "next", "--channel", "fax", "--timezone", "Asia/Tokyo", "--at", "2026-09-23T10:00:00+08:00")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--channel" in done.stderr


def test_deciding_imports_nothing_heavy():
    heavy = ("sqlalchemy", "celery", "twilio", "fastapi", "typst")
    done = run("-c", f"import sys, orchestrator.cli, orchestrator.deciding; print([each for each in {heavy} if each in sys.modules])")
    assert done.stdout.strip() == "[]"
