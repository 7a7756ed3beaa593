"""Every shipped wording, rendered for every example it serves, says nothing forbidden, lacks nothing mandatory and keeps its tone."""

import io
import re

import pytest
from pypdf import PdfReader

from channels.spoken import PHRASES, phrase
from orchestrator.wording import findings, read, render_card, render_letter, render_text, render_voice, shipped
from orchestrator.wordings.catalogue import TEXTS
from policies.wording_rules import forbidden
from tests.orchestrator.wording_examples import EXAMPLES

ORDINALS = (None, 1, 2, 3, 4, 9)

SAID_BY = {
    "text": lambda wording, notice, ordinal: render_text(wording, notice).text,
    "voice": lambda wording, notice, ordinal: render_voice(wording, notice).text,
    "card": lambda wording, notice, ordinal: render_card(wording, notice, ordinal).text,
    "letter": lambda wording, notice, ordinal: render_letter(wording, notice, ordinal).text,
}

RENDERED = [
    pytest.param(wording, kind, notice, id=f"{wording.pinned}-{kind}-{notice.language}-{number}")
    for wording in shipped()
    for kind in wording.kinds
    for purpose in wording.purposes
    for number, notice in enumerate(EXAMPLES[purpose])
]
LETTERS = [each for each in RENDERED if each.values[1] == "letter"]


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_wording_could_be_saved(path):
    assert read(path.read_bytes()) in shipped()


@pytest.mark.parametrize(("wording", "kind", "notice"), RENDERED)
def test_what_is_said_is_lawful_complete_and_in_tone_at_every_contact(wording, kind, notice):
    for ordinal in ORDINALS if kind in ("card", "letter") and "warm" in str(wording.says) else (1,):
        said = SAID_BY[kind](wording, notice, ordinal)
        assert [(finding.rule, finding.excerpt) for finding in findings(said, wording, notice, ordinal)] == []


@pytest.mark.parametrize(("wording", "kind", "notice"), LETTERS)
def test_the_text_that_is_judged_is_what_the_letter_prints(wording, kind, notice):
    letter = render_letter(wording, notice, 2)
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(letter.pdf)).pages)

    assert [line for line in letter.text.split("\n") if _letters(line) not in _letters(printed)] == []


def _letters(text):
    return re.sub(r"[\W_]+", "", text)


def test_only_the_formal_demand_and_the_letter_from_counsel_speak_of_suits():
    grave = {
        wording.name
        for wording in shipped()
        for language in wording.says
        if "too-grave" in [finding.rule for finding in forbidden("\n".join(wording.sentences(language)), "reminder")]
    }
    assert grave == {"formal-demand", "lawyer-letter"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_fixed_words_of_a_call_are_those_of_a_reminder(language):
    blanks = {"company": "云栖物业", "unit": "3-1-1201", "longest": "", "days": "14", "day": "12月5日", "task": "17"}
    spoken = [phrase(language, name, **blanks) for name in PHRASES[language]]

    assert [forbidden(each, "reminder") for each in spoken] == [()] * len(spoken)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_anybody_may_hear_names_no_debt_and_no_amount(language):
    """A voicemail is listened to by the whole family; the greeting by whoever takes the call."""
    blanks = {"company": "Maple Court", "unit": "12C", "task": "17"}
    for name in ("greeting", "voicemail", "sorry", "silence", "wrong_person", "recorded", "agent", "not_reached"):
        said = phrase(language, name, **blanks).lower()
        assert not re.search("[欠缴费款账债元]|\\b(owe|owing|debt|arrears|due|unpaid|pay|bill|fee|charge|amount|balance|yuan)", said), name
