"""Every shipped wording, rendered for every example it serves, says nothing forbidden and lacks nothing mandatory."""

import io

import pytest
from pypdf import PdfReader

from orchestrator.wording import render_card, render_letter, render_text, render_voice, shipped
from policies.wording_rules import lint
from tests.orchestrator.wording_examples import EXAMPLES

READ_AS = {
    "bill-notice": "reminder",
    "courtesy-call": "reminder",
    "formal-demand": "demand",
    "lawyer-letter": "demand",
    "notice-sms": "demand",
    "recap": "demand",
    "second-call": "reminder",
    "settlement-offer": "offer",
    "thank-you": "reminder",
    "visit": "reminder",
    "visit-notice": "demand",
    "warm-letter": "demand",
    "withdrawal": "reminder",
    "withdrawal-letter": "reminder",
}
"""As what each is read. A card is read like what is spoken from it."""

ORDINALS = (None, 1, 2, 3)


def _letter(wording, notice):
    return ["\n".join(page.extract_text() for page in PdfReader(io.BytesIO(render_letter(wording, notice).pdf)).pages)]


SAID_BY = {
    "text": lambda wording, notice: [render_text(wording, notice).text],
    "voice": lambda wording, notice: [render_voice(wording, notice).text],
    "card": lambda wording, notice: [render_card(wording, notice, ordinal).text for ordinal in ORDINALS],
    "letter": _letter,
}

RENDERED = [
    pytest.param(wording, kind, notice, id=f"{wording.pinned}-{kind}-{notice.language}-{number}")
    for wording in shipped()
    for kind in wording.kinds
    for purpose in wording.purposes
    for number, notice in enumerate(EXAMPLES[purpose])
]


def test_every_shipped_wording_is_read():
    assert {wording.name for wording in shipped()} == READ_AS.keys()


@pytest.mark.parametrize(("wording", "kind", "notice"), RENDERED)
def test_what_is_said_is_lawful_and_complete(wording, kind, notice):
    for said in SAID_BY[kind](wording, notice):
        assert [(finding.rule, finding.excerpt) for finding in lint(said, READ_AS[wording.name])] == []
