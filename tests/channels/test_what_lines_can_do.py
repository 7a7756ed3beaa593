"""What each line says it can do, as the documentation prints it and as the law of evidence counts it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels import open_channels
from channels.alibaba_line import AlibabaAccount
from channels.alibaba_sms import AlibabaSmsChannel
from channels.alibaba_voice import AlibabaVoiceChannel
from channels.letter import LetterChannel
from policies.arrival import grade_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "adapters.md"
HEADINGS = "| line | to | answers | links | longest | words | languages | one unit | proves | called back | expires |"
YES_NO = {True: "yes", False: "no"}
PLAIN = {"sms": "delivered", "voice": "answered", "call": "conversation", "letter": "mailed", "visit": "handed_over"}
"""How each channel ends where all goes well and nothing more is known."""


@pytest.fixture
def lines(settings):
    """Every kind of line in production, by its name in the documentation, with the countries that the documentation tells apart."""
    twilio = replace(settings, sandbox=False, twilio_from="+14155550100,Qingyuan", post_url="http://127.0.0.1:9", post_token="t")
    lines = open_channels(twilio, lambda: datetime(2026, 11, 24, tzinfo=UTC))
    account = AlibabaAccount(replace(settings, alibaba_cloud_access_key_id="k", alibaba_cloud_access_key_secret="s"))
    everywhere = ("CN", "US", "GB")
    return {
        "text, Twilio, from a number": (lines.of("sms", "twilio", "+14155550100"), everywhere),
        "text, Twilio, from a name": (lines.of("sms", "twilio", "Qingyuan"), everywhere),
        "text, Alibaba Cloud": (AlibabaSmsChannel(account), everywhere),
        "voice, Twilio": (lines.of("voice"), everywhere),
        "voice, Alibaba Cloud": (AlibabaVoiceChannel(account), everywhere),
        "letter, the post's desk": (lines.of("letter"), ("CN",)),
        "letter, own print room": (LetterChannel(replace(twilio, post_url=None, post_token=None)), ("CN",)),
        "call by staff": (lines.of("call"), ("CN",)),
        "visit": (lines.of("visit"), ("CN",)),
    }


def row(name, line, country, alone):
    can, there = line.capabilities(country), "everywhere" if alone else {"GB": "elsewhere"}.get(country, country)
    if not can.available:
        return f"| {name} | {there} | does not serve it | | | | | | | | |"
    cells = [
        YES_NO[can.inbound],
        YES_NO[can.links],
        str(can.max_length or "any"),
        "approved templates" if can.template_only else "free",
        ", ".join(sorted(can.languages)) if can.languages else "any",
        f"{can.cost} {can.currency}" if can.cost is not None else "not known",
        can.evidence_level,
        YES_NO[can.can_cancel],
        YES_NO[can.expires],
    ]
    return f"| {name} | {there} | {' | '.join(cells)} |"


def test_the_documentation_prints_what_each_line_says_of_each_country(lines):
    table = [HEADINGS, "|---|---|---|---|---|---|---|---|---|---|---|"]
    table += [row(name, line, country, len(countries) == 1) for name, (line, countries) in lines.items() for country in countries]
    assert "\n".join(table) in DOCUMENT.read_text(encoding="utf-8")


def test_a_line_says_of_a_plain_delivery_what_the_grades_of_arrival_say(lines):
    said = {
        name: (line.capabilities(country).evidence_level, grade_of(line.channel, PLAIN[line.channel]))
        for name, (line, countries) in lines.items()
        for country in countries
        if line.capabilities(country).available
    }
    assert {name: level for name, (level, _) in said.items()} == {name: grade for name, (_, grade) in said.items()}
