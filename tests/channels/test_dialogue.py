"""What an automated call says: courteous, open about being a machine, and silent about the debt until it knows who listens."""

import xml.etree.ElementTree as ET

import pytest

from channels.dialogue import KeyPressed, VoiceScript, greeting, menu, next_words, stage_of, statement, voicemail

URL = "https://xianli.example/webhooks/twilio/voice/41"
ZH = VoiceScript("zh", "清苑物业", "3-1-0401", "您有物业费1200.40元未缴，期间为2026年8月至10月。")
EN = VoiceScript("en", "Maple Court", "12C", "You owe 339.00 dollars for June 2026.")


def pressed(stage, key="", machine=False):
    return KeyPressed("twilio", "CA1", 41, stage, key, machine)


def spoken(twiml):
    return "".join(ET.fromstring(twiml).itertext())


@pytest.mark.parametrize(("script", "automated", "recorded"), [(ZH, "自动", "录音"), (EN, "automated", "recorded")])
def test_it_says_that_it_is_a_machine_and_recorded_before_anything_else(script, automated, recorded):
    words = spoken(greeting(script, URL))
    assert automated in words
    assert recorded in words


@pytest.mark.parametrize("script", [ZH, EN])
def test_neither_the_greeting_nor_a_voicemail_names_the_debt(script):
    for twiml in (greeting(script, URL), voicemail(script)):
        assert script.body not in spoken(twiml)
        assert "1200" not in twiml
        assert "339" not in twiml
    assert script.unit_label not in spoken(voicemail(script))


def test_the_request_after_the_statement_proves_that_it_was_heard_to_its_end():
    say, redirect = ET.fromstring(statement(ZH, URL))
    assert (say.tag, say.text) == ("Say", ZH.body)
    assert (redirect.tag, stage_of(redirect.text)) == ("Redirect", "heard")


def test_one_key_is_waited_for_and_silence_is_told_too():
    (gather,) = ET.fromstring(menu(ZH, URL))
    assert (gather.get("numDigits"), gather.get("actionOnEmptyResult"), stage_of(gather.get("action"))) == ("1", "true", "menu")


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
    ],
)
def test_what_the_keys_mean(stage, key, meaning):
    assert pressed(stage, key).meaning == meaning
    assert pressed(stage, key).receipt.delivery == "sent"


@pytest.mark.parametrize("script", [ZH, EN])
def test_every_request_gets_an_answer_and_only_the_confirmed_hear_the_debt(script):
    for stage in ("start", "identity", "heard", "menu"):
        for key in ("", *"0123456789"):
            twiml = next_words(script, pressed(stage, key), URL)
            hears = (stage, key) == ("identity", "1") or (stage == "menu" and key not in ("", "1", "2", "3", "4"))
            assert (script.body in spoken(twiml)) == hears


def test_a_machine_gets_a_voicemail_and_nothing_more():
    (say, hangup) = ET.fromstring(next_words(ZH, pressed("start", machine=True), URL))
    assert (say.tag, hangup.tag) == ("Say", "Hangup")


def test_names_in_the_script_stay_text():
    assert "<Dial>" not in greeting(VoiceScript("en", "<Dial>900</Dial>", "1 & 2", ""), URL)
