"""What an automated call says: courteous, open about being a machine, and silent about the debt until it knows who listens."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from channels.call_links import CallLinks, followed
from channels.contract import ForgedRequest
from channels.dialogue import (
    KeyPressed,
    VoiceScript,
    apology,
    greeting,
    hold_on,
    menu,
    stage_named,
    statement,
    take_turn,
    voicemail,
    when,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
SECRET = b"k" * 32
URL = "https://xianli.example/webhooks/twilio/voice/41"
LINKS = CallLinks(URL, SECRET, lambda: NOW)
ZH = VoiceScript("zh", "清苑物业", "3-1-0401", "您有物业费1200.40元未缴，期间为2026年8月至10月。")
EN = VoiceScript("en", "Maple Court", "12C", "You owe 339.00 dollars for June 2026.")


def pressed(stage, key="", **more):
    return KeyPressed("twilio", "CA1", 41, stage, key, **more)


def meant(stage, key="", script=ZH, **more):
    return take_turn(script, pressed(stage, key, **more), LINKS, TODAY)


def spoken(twiml):
    return "".join(ET.fromstring(twiml).itertext())


def link(twiml):
    """What the one link of a document carries."""
    document = ET.fromstring(twiml)
    found = [verb.get("action") or verb.text for verb in document if verb.tag in ("Gather", "Redirect", "Dial")]
    return followed(found[0], SECRET, NOW)


@pytest.mark.parametrize(("script", "automated", "recorded"), [(ZH, "自动", "录音"), (EN, "automated", "recorded")])
def test_it_says_that_it_is_a_machine_and_recorded_before_anything_else(script, automated, recorded):
    words = spoken(greeting(script, LINKS))
    assert automated in words
    assert recorded in words


@pytest.mark.parametrize("script", [ZH, EN])
def test_neither_the_greeting_nor_a_voicemail_names_the_debt(script):
    for twiml in (greeting(script, LINKS), voicemail(script)):
        assert script.body not in spoken(twiml)
        assert "1200" not in twiml
        assert "339" not in spoken(twiml)
    assert script.unit_label not in spoken(voicemail(script))


def test_the_request_after_the_statement_proves_that_it_was_heard_to_its_end():
    say, redirect = ET.fromstring(statement(ZH, LINKS))
    assert (say.tag, say.text) == ("Say", ZH.body)
    assert (redirect.tag, followed(redirect.text, SECRET, NOW)["stage"]) == ("Redirect", "heard")


def test_one_key_is_waited_for_and_silence_is_told_too():
    (gather,) = ET.fromstring(menu(ZH, LINKS))
    assert (gather.get("numDigits"), gather.get("actionOnEmptyResult"), link(menu(ZH, LINKS))["stage"]) == ("1", "true", "menu")


@pytest.mark.parametrize(
    ("stage", "key", "meaning"),
    [
        ("start", "", "started"),
        ("identity", "1", "confirmed"),
        ("identity", "3", "wrong_person"),
        ("identity", "9", "repeat"),
        ("identity", "", "silence"),
        ("identity", "7", "unclear"),
        ("heard", "", "heard"),
        ("menu", "1", "will_pay"),
        ("menu", "2", "paid_already"),
        ("menu", "3", "wrong_person"),
        ("menu", "4", "staff"),
        ("menu", "9", "repeat"),
        ("menu", "0", "unclear"),
        ("when", "9", "repeat"),
        ("when", "", "silence"),
        ("when", "77", "unclear"),
        ("agreed", "1", "promised"),
        ("agreed", "2", "another_day"),
        ("agreed", "9", "repeat"),
        ("sorry", "", "sorry"),
    ],
)
def test_what_the_keys_mean(stage, key, meaning):
    turn = meant(stage, key, on=date(2026, 12, 1))
    assert turn.meaning == meaning
    assert turn.receipt(pressed(stage, key)).delivery == "sent"


@pytest.mark.parametrize(
    ("key", "on"),
    [
        ("1", date(2026, 11, 27)),
        ("2", date(2026, 12, 1)),
        ("3", date(2026, 12, 8)),
        ("24", TODAY),
        ("30", date(2026, 11, 30)),
        ("05", date(2026, 12, 5)),
        ("08", date(2026, 12, 8)),
    ],
)
def test_a_day_is_keyed_as_a_span_or_as_the_next_such_day_of_the_month_and_said_back(key, on):
    turn = meant("when", key)
    assert (turn.meaning, turn.on) == ("day_named", on)
    assert f"{on.month}月{on.day}日" in spoken(turn.twiml)
    assert (link(turn.twiml)["stage"], link(turn.twiml)["on"]) == ("agreed", on.isoformat())


@pytest.mark.parametrize("key", ["09", "23", "31"])
def test_a_day_more_than_fourteen_days_ahead_is_not_noted_and_asked_for_again(key):
    turn = meant("when", key)
    assert (turn.meaning, turn.on) == ("too_far", None)
    assert "14天以内" in spoken(turn.twiml)
    assert link(turn.twiml)["stage"] == "when"


def test_a_second_promise_reaches_seven_days_and_the_longer_span_is_not_offered():
    second = replace(ZH, promise_days=7)
    assert "请按3" not in spoken(when(second, LINKS))
    assert meant("when", "03", second).meaning == "too_far"
    assert meant("when", "3", second).meaning != "day_named"
    assert meant("when", "01", second).on == date(2026, 12, 1)


def test_who_will_pay_and_names_no_day_twice_is_told_that_seven_days_are_noted():
    assert meant("when").meaning == "silence"
    turn = meant("when", asked_again=True)
    assert turn.meaning == "promised_soon"
    assert "七天内" in spoken(turn.twiml)


def test_what_is_promised_is_the_day_that_was_said_back():
    turn = meant("agreed", "1", on=date(2026, 12, 5))
    assert (turn.meaning, turn.on) == ("promised", date(2026, 12, 5))
    assert "12月5日，星期六" in spoken(turn.twiml)


@pytest.mark.parametrize("stage", ["identity", "menu", "when", "agreed"])
@pytest.mark.parametrize("key", ["", "0"])
def test_who_says_nothing_is_asked_once_more_and_then_left_in_peace(stage, key):
    on = date(2026, 12, 5)
    first = meant(stage, key, on=on)
    assert (link(first.twiml)["stage"], link(first.twiml)["again"]) == (stage, "1")
    assert ET.fromstring(meant(stage, key, on=on, asked_again=True).twiml)[-1].tag == "Hangup"


@pytest.mark.parametrize("script", [ZH, EN])
def test_every_request_gets_an_answer_and_only_the_confirmed_hear_the_debt(script):
    for stage in ("start", "identity", "heard", "menu", "when", "agreed", "desk", "sorry"):
        for key in ("", *"0123456789"):
            twiml = meant(stage, key, script, on=TODAY).twiml
            assert (script.body in spoken(twiml)) == ((stage, key) in (("identity", "1"), ("menu", "9")))


def test_a_machine_gets_a_voicemail_and_nothing_more():
    say, hangup = ET.fromstring(meant("start", machine=True).twiml)
    assert (say.tag, hangup.tag) == ("Say", "Hangup")


def test_who_asks_for_staff_is_put_through_while_somebody_is_there():
    turn = meant("menu", "4", replace(ZH, desk="+8657180000000", caller_id="+8657100000000"))
    say, dial = ET.fromstring(turn.twiml)
    assert turn.meaning == "connecting"
    assert (say.tag, dial.tag, dial.get("callerId"), dial[0].text) == ("Say", "Dial", "+8657100000000", "+8657180000000")
    assert link(turn.twiml)["stage"] == "desk"


@pytest.mark.parametrize(
    ("dialled", "meaning"), [("completed", "spoke_with_staff"), ("no-answer", "staff"), ("busy", "staff"), ("failed", "staff")]
)
def test_who_reached_nobody_at_the_desk_is_called_back(dialled, meaning):
    assert meant("desk", dialled=dialled).meaning == meaning


def test_names_in_the_script_stay_text():
    assert "<Dial>" not in greeting(VoiceScript("en", "<Dial>900</Dial>", "1 & 2", ""), LINKS)


def test_a_slow_answer_is_a_pause_and_the_same_request_once_more_with_what_was_keyed():
    asked = pressed("agreed", "1", on=date(2026, 12, 5), asked_again=True)
    pause, redirect = ET.fromstring(hold_on(asked, LINKS))
    carried = followed(redirect.text, SECRET, NOW)
    assert pause.tag == "Pause"
    assert {"stage": "agreed", "key": "1", "on": "2026-12-05", "again": "1", "waits": "1"}.items() <= carried.items()
    assert hold_on(replace(asked, waits=2), LINKS) == apology("zh")


def test_a_link_names_the_attempt_and_the_place_and_nothing_of_the_debtor():
    query = parse_qs(urlsplit(LINKS.to("menu")).query)
    assert sorted(query) == ["lang", "seal", "stage", "until"]


@pytest.mark.parametrize(
    "meddle",
    [
        lambda url: url.replace("stage=identity", "stage=heard"),
        lambda url: url.replace("voice/41", "voice/42"),
        lambda url: url + "&key=1",
        lambda url: url.partition("&seal")[0],
        lambda url: url.partition("?")[0],
        lambda url: url.replace("until=1", "until=9"),
    ],
)
def test_a_link_that_we_did_not_give_out_leads_nowhere(meddle):
    url = LINKS.to("identity")
    assert followed(url, SECRET, NOW)["stage"] == "identity"
    with pytest.raises(ForgedRequest):
        followed(meddle(url), SECRET, NOW)


def test_a_link_ends_with_its_call_and_a_call_does_not_begin_after_its_window():
    with pytest.raises(ForgedRequest, match="no longer good"):
        followed(LINKS.to("menu"), SECRET, NOW + timedelta(hours=1))
    closing = LINKS.start(valid_until=NOW + timedelta(minutes=5))
    with pytest.raises(ForgedRequest, match="no longer good"):
        followed(closing, SECRET, NOW + timedelta(minutes=6))


def test_another_place_than_those_there_are_is_the_start():
    assert [stage_named(name) for name in ("menu", "nowhere", None)] == ["menu", "start", "start"]


@pytest.mark.parametrize("sentence", ["您有物业费1200.40元未缴，期间为2026年8月至10月。", "You owe 339.00 dollars for June 2026. ", "房"])
def test_a_statement_of_any_length_is_spoken_whole(sentence):
    """Twilio cuts a longer <Say>, and would still follow the link that says it was heard to its end."""
    long = replace(ZH, body=sentence * 1200)
    *said, redirect = ET.fromstring(statement(long, LINKS))
    assert redirect.tag == "Redirect"
    assert {verb.tag for verb in said} == {"Say"}
    assert "".join(verb.text for verb in said) == long.body
    assert all(len(quote(verb.text)) <= 4_500 and len(verb.text.encode()) <= 4_096 for verb in said)
    assert len(said) > 1
