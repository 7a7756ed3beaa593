"""Which lines a configuration opens, which of them serve a number, and which can carry a message."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels import open_channels
from channels.contract import Capabilities, Template
from channels.lines import LineName, Lines, hindrance
from channels.twilio_senders import Sender, calling, read, texting
from tests.lines import Line

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SERVICE = "MG" + "0" * 32
AMERICAN, BRITISH, ANY = "+14155550100", "+442079460000", "+15005550006"


def names(lines):
    return [line.sender for line in lines]


@pytest.fixture
def four():
    """A line of each tier, and one that is kept for somewhere else."""
    return Lines(
        general=(Line("sms", sender="general"), Line("voice", sender="general")),
        by_country={"US": (Line("sms", sender="american"),), "GB": (Line("sms", sender="british"),)},
        installed=(Line("sms", sender="installed"),),
    )


@pytest.mark.parametrize(
    ("channel", "country", "expected"),
    [
        ("sms", "US", ["installed", "american", "general"]),
        ("sms", "GB", ["installed", "british", "general"]),
        ("sms", "SG", ["installed", "general"]),
        ("voice", "US", ["general"]),
        ("letter", "US", []),
    ],
)
def test_what_is_kept_for_a_country_goes_before_what_serves_all_and_what_was_installed_before_both(four, channel, country, expected):
    assert names(four.serving(channel, country)) == expected


def test_a_line_that_cannot_reach_a_country_does_not_serve_it():
    lines = Lines((Line("sms", sender="a", unserved=frozenset({"CN"})), Line("sms", sender="b")))
    assert names(lines.serving("sms", "CN")) == ["b"]
    assert names(lines.serving("sms", "US")) == ["a", "b"]


def test_a_line_kept_for_two_countries_is_one_line():
    one = Line("sms", sender="a")
    lines = Lines((one,), {"US": (one,), "CA": (one,)})
    assert list(lines) == [one]
    assert lines.serving("sms", "US") == (one,)


def test_a_line_is_found_by_what_is_known_of_it(four):
    assert four.of("sms").sender == "installed"
    assert four.of("sms", "line", "british").sender == "british"
    assert four.of("sms", "line", "nobody") is None
    assert four.of("sms", "another") is None


APPROVED = Template("approver", "SMS_1", "清苑物业", {})


@pytest.mark.parametrize(
    ("can", "changes", "says"),
    [
        (Capabilities(True, template_only=True), {}, "no approved template"),
        (Capabilities(True, template_only=True), {"template": replace(APPROVED, provider="somebody else")}, "no approved template"),
        (Capabilities(True, languages=frozenset({"zh"})), {"language": "en"}, "language en"),
        (Capabilities(True, max_length=5), {"body": "六个字太长了"}, "5 characters at most, the message has 6"),
        (Capabilities(True, links=False), {"body": "见 https://pay.example"}, "no links"),
    ],
)
def test_a_line_carries_only_what_its_country_allows(a_message, can, changes, says):
    line, message = Line("sms", provider="approver", can=can), replace(a_message("sms", "+8619900001234"), **changes)
    assert says in hindrance(line, message)
    assert Lines((line, Line("sms", sender="able"))).carrying(message)[:1] != (line,)


def test_a_line_of_approved_wordings_carries_one_that_has_its_template(a_message):
    line = Line("sms", provider="approver", can=Capabilities(True, template_only=True))
    assert Lines((line,)).carrying(a_message("sms", "+8619900001234", template=APPROVED)) == (line,)


def test_an_answer_is_asked_for_only_where_it_would_reach_us_whichever_line_is_taken():
    hearing = Line("sms", sender="a", inbound=True)
    deaf = Line("sms", sender="b", unserved=frozenset({"US"}))
    lines = Lines((hearing, deaf))
    assert lines.hears("sms", "US")
    assert not lines.hears("sms", "CN")
    assert not lines.hears("voice", "US")


def test_several_senders_of_twilio_each_text_and_call_where_they_are_kept_for(settings):
    several = replace(settings, sandbox=False, twilio_from=f"US:{AMERICAN}, GB:Qingyuan,{ANY}")
    lines = open_channels(several, lambda: MORNING)
    assert names(lines.serving("sms", "US")) == [AMERICAN, ANY]
    assert names(lines.serving("sms", "GB")) == ["Qingyuan", ANY]
    assert names(lines.serving("voice", "GB")) == [ANY], "a name cannot call"
    assert names(lines.serving("sms", "SG")) == [ANY]
    assert names(lines.serving("sms", "CN")) == []


def test_a_messaging_service_texts_for_whoever_has_no_sender_of_their_own():
    assert texting(f"US:{AMERICAN},{ANY}", SERVICE) == [Sender(AMERICAN, "US"), Sender(SERVICE, is_service=True)]
    assert calling(f"US:{AMERICAN},{ANY}") == [Sender(AMERICAN, "US"), Sender(ANY)]
    assert read(f"GB:{SERVICE}") == (Sender(SERVICE, "GB", is_service=True),)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("+1 415 555 0100", "sender 1"),
        (f"{ANY},us:{AMERICAN}", "sender 2 to something that is no country"),
        (f"{ANY},清苑物业", "sender 2 nothing that Twilio sends from"),
        (f"{ANY},{AMERICAN},{ANY}", "names sender 1 twice"),
        ("A name too long", "sender 1 nothing"),
    ],
)
def test_a_sender_that_twilio_would_not_know_is_named_by_its_place(written, says):
    with pytest.raises(ValueError, match=says):
        read(written)


def test_a_line_is_written_with_its_provider_and_sender():
    assert str(LineName("sms", "twilio", ANY)) == f"twilio {ANY}"
    assert str(LineName("visit", "staff", "staff")) == "staff"


INSTALLED = """
from tests.lines import Line


def opened(settings, now):
    return Line("sms", "our carrier", "our sender")


def nameless(settings, now):
    return Line("sms", "our carrier", "")
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a package on the path whose entry point opens a line by the function named."""

    def install(function):
        (tmp_path / "ours.py").write_text(INSTALLED)
        told = tmp_path / "ours-1.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1\n")
        (told / "entry_points.txt").write_text(f"[xianli.channels]\nsms = ours:{function}\n")
        monkeypatch.syspath_prepend(tmp_path)

    return install


def test_an_installed_line_goes_first_on_its_channel(settings, install):
    install("opened")
    assert names(open_channels(settings, lambda: MORNING).serving("sms", "CN")) == ["our sender", "+8657100000000"]


def test_an_installed_line_that_names_no_sender_is_an_error_at_the_start(settings, install):
    install("nameless")
    with pytest.raises(ValueError, match="name its sender"):
        open_channels(settings, lambda: MORNING)
