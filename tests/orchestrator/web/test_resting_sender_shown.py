"""Whoever runs it is told that a sender rests: on the first page, and in the figures for the monitoring."""

from collections.abc import Callable

import pytest

from channels.contract import Exchange, Refused
from channels.lines import LineName
from orchestrator.runtime import Runtime
from orchestrator.store import senders
from tests.conftest import Clock
from tests.orchestrator.web.conftest import Client

LogIn = Callable[[str], Client]


@pytest.fixture
def resting(runtime: Runtime, clock: Clock) -> None:
    locked = Refused("twilio", "config", "20003", Exchange(b"", b""))
    with runtime.store.begin() as rows:
        for _ in range(senders.STREAK):
            senders.judge(rows, LineName("sms", "twilio", "+15005550006"), locked, clock.at, clock.at)


@pytest.mark.usefixtures("lived", "resting")
@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "短信通道（twilio +15005550006）连续被拒（20003），已暂停发送"), ("en", "SMS through twilio +15005550006 is refused")],
)
def test_the_first_page_says_which_sender_rests_and_how_it_is_put_to_work(staff: LogIn, language: str, words: str) -> None:
    visitor = staff("supervisor")
    visitor.get(f"/language/{language}")
    page = visitor.get("/").text
    assert words in page
    assert "xianli sender reset sms" in page


@pytest.mark.usefixtures("lived", "resting")
def test_the_figures_say_which_sender_rests(client: Client) -> None:
    figures = client.get("/metrics").text
    assert 'xianli_sender_resting{channel="sms",provider="twilio",sender="+15005550006"} 1.0' in figures
    assert 'xianli_sender_resting{channel="voice",provider="twilio",sender="+15005550006"} 0.0' in figures
