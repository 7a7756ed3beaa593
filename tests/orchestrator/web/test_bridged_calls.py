"""A call put through by the provider, walked through the real web application: each request signed as Twilio signs it."""

import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from channels.bridge import Invitation
from channels.call_links import CallLinks, link_secret
from channels.contract import Accepted, Exchange, Handover, Refused, Unknown
from channels.lines import Lines
from channels.twilio_line import TwilioAccount
from channels.twilio_senders import Sender
from channels.voice import VoiceChannel
from orchestrator import people, recordings
from orchestrator.runtime import Runtime
from orchestrator.web.app import create_app
from tests.conftest import PUBLIC_URL, Clock
from tests.orchestrator.test_recordings import SOUND
from tests.orchestrator.web.conftest import Client, Heard, serving
from tests.world import Home, World, month

NUMBER, AGENT = "+8619900003958", "+8613800000001"
RAW = Exchange(b"request", b"response")
RINGS = Accepted("twilio", "CA1", RAW)


@dataclass
class Exchanged:
    """What the line was asked to connect, and what it answers."""

    asked: list[Invitation] = field(default_factory=list)
    answer: Handover = RINGS


class Switchboard(VoiceChannel):
    """The voice line, without a provider behind it."""

    def __init__(self, runtime: Runtime, seen: Exchanged) -> None:
        super().__init__(Sender("+15005550006"), TwilioAccount(runtime.settings), runtime.settings, runtime.now)
        self.seen = seen

    def bridge(self, invitation: Invitation) -> Handover:
        self.seen.asked.append(invitation)
        return self.seen.answer

    def recordings(self, provider_id: str) -> list[bytes]:
        return [SOUND]


@pytest.fixture
def exchanged() -> Exchanged:
    return Exchanged()


@pytest.fixture
def connected(runtime: Runtime, exchanged: Exchanged) -> Runtime:
    return replace(runtime, lines=Lines((Switchboard(runtime, exchanged),)))


@pytest.fixture
def address(connected: Runtime, heard: Heard) -> Iterator[str]:
    with serving(create_app(connected, heard)) as served:
        yield served


@pytest.fixture
def home(world: World) -> Home:
    return world.home("3-1-0401", "孙丽", NUMBER, charges=[month(2026, 8)]).open_case(cursor=3)


@pytest.fixture
def task(home: Home) -> int:
    return home.task("call", about="second-call")


@pytest.fixture
def desk(connected: Runtime, address: str) -> Iterator[Callable[..., Client]]:
    browsers: list[Client] = []

    def log_in(name: str, phone: str = AGENT) -> Client:
        password = people.add(connected, name, "collector")
        people.set_phone(connected, name, phone)
        browsers.append(Client(address))
        browsers[-1].submit("/login", "/login", username=name, password=password)
        return browsers[-1]

    yield log_in
    for browser in browsers:
        browser.close()


@dataclass
class Twilio:
    """The provider in the middle of bridge 1."""

    client: Client
    runtime: Runtime

    @property
    def start(self) -> str:
        secret = link_secret(self.runtime.settings.secret_key)
        return CallLinks(f"{PUBLIC_URL}/webhooks/twilio/bridge/1", secret, self.runtime.now).start(self.runtime.now() + timedelta(hours=1))

    def asks(self, url: str, **form: str) -> Any:
        path = url.removeprefix(PUBLIC_URL)
        fields = {"AccountSid": str(self.runtime.settings.twilio_account_sid), "CallSid": "CA1", **form}
        signature = RequestValidator(self.runtime.settings.twilio_auth_token).compute_signature(PUBLIC_URL + path, fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(path, data=urlencode(fields), headers=headers)

    def words(self, url: str, **form: str) -> ET.Element:
        answer = self.asks(url, **form)
        assert answer.status_code == 200, answer.text
        return ET.fromstring(answer.text)

    def presses(self, key: str) -> ET.Element:
        gather = self.words(self.start).find("Gather")
        assert gather is not None
        return self.words(gather.get("action") or "", Digits=key)

    def tells(self, whose: str, **form: str) -> None:
        assert self.asks(f"{PUBLIC_URL}/webhooks/twilio/bridge/1/{whose}", **form).status_code == 204


@pytest.fixture
def twilio(address: str, connected: Runtime) -> Iterator[Twilio]:
    with Client(address) as stranger:
        yield Twilio(stranger, connected)


def value(runtime: Runtime, query: str) -> Any:
    with runtime.store.begin() as rows:
        return rows.execute(text(query)).scalar()


def ring(client: Client, home: Home, task: int) -> Any:
    client.submit(f"/tasks/{task}", f"/tasks/{task}/start")
    return click(client, home, task)


def click(client: Client, home: Home, task: int) -> Any:
    return client.submit(f"/tasks/{task}", f"/tasks/{task}/ring", point=str(home.point_id))


def test_who_pressed_1_is_put_through_to_a_debtor_who_is_told_of_the_recording(
    connected: Runtime, desk: Callable[..., Client], twilio: Twilio, exchanged: Exchanged, home: Home, task: int
) -> None:
    collector = desk("陈工")
    ring(collector, home, task)
    assert [asked.agent for asked in exchanged.asked] == [AGENT]
    invited = twilio.words(twilio.start)
    assert f"{task}号任务" in "".join(invited.itertext())
    assert "孙丽" not in "".join(invited.itertext())
    number = twilio.presses("1").find("Dial/Number")
    assert number is not None
    assert number.text == NUMBER
    assert "录音" in "".join(twilio.words(number.get("url") or "", CallSid="CA2").itertext())
    twilio.tells("debtor", CallSid="CA2", CallStatus="completed", CallDuration="75")
    twilio.tells("debtor", CallSid="CA2", CallStatus="busy")
    twilio.tells("agent", CallStatus="completed", CallDuration="90")
    assert value(connected, "SELECT state || ' ' || outcome || ' ' || seconds FROM bridge") == "ended answered 75"
    page = collector.get(f"/tasks/{task}").text
    assert 'value="conversation" accesskey="1" required checked' in page
    collector.submit(f"/tasks/{task}", f"/tasks/{task}/call", outcome="conversation")
    assert value(connected, "SELECT report #>> '{bridge,seconds}' FROM task") == "75"


def test_its_recording_is_kept_once_by_its_digest_with_the_task(
    connected: Runtime, desk: Callable[..., Client], twilio: Twilio, home: Home, task: int
) -> None:
    ring(desk("陈工"), home, task)
    twilio.presses("1")
    twilio.tells("debtor", CallStatus="completed", CallDuration="75")
    assert [recordings.fetch(connected), recordings.fetch(connected)] == [1, 0]
    assert value(connected, f"SELECT sha256 FROM exhibit WHERE task_id = {task} AND kind = 'recording'") == sha256(SOUND).digest()


def test_its_recording_comes_as_soon_as_the_provider_says_that_it_is_there(
    connected: Runtime, desk: Callable[..., Client], twilio: Twilio, home: Home, task: int
) -> None:
    ring(desk("陈工"), home, task)
    dial = twilio.presses("1").find("Dial")
    assert dial is not None
    told = dial.get("recordingStatusCallback") or ""
    twilio.tells("debtor", CallStatus="completed", CallDuration="75")
    assert twilio.asks(told, RecordingStatus="absent").status_code == 204
    assert twilio.client.post(told.removeprefix(PUBLIC_URL), data="CallSid=CA1&RecordingStatus=completed").status_code == 403
    assert value(connected, "SELECT count(*) FROM exhibit") == 0
    assert twilio.asks(told, RecordingStatus="completed").status_code == 204
    assert _soon(lambda: value(connected, "SELECT string_agg(kind, ' ') FROM exhibit") == "recording")


def _soon(came_true: Callable[[], bool]) -> bool:
    """What is done after the answer was given is done a moment later."""
    return any(came_true() or time.sleep(0.1) for _ in range(100))


def test_a_double_click_rings_once(connected: Runtime, desk: Callable[..., Client], exchanged: Exchanged, home: Home, task: int) -> None:
    collector = desk("陈工")
    ring(collector, home, task)
    click(collector, home, task)
    assert len(exchanged.asked) == 1
    assert "/ring" not in collector.get(f"/tasks/{task}").text


def test_who_does_not_have_it_in_hand_rings_nobody(desk: Callable[..., Client], exchanged: Exchanged, home: Home, task: int) -> None:
    desk("陈工").submit(f"/tasks/{task}", f"/tasks/{task}/start")
    click(desk("李工"), home, task)
    assert exchanged.asked == []


def test_outside_its_window_nobody_is_rung_and_who_presses_1_too_late_reaches_nobody(
    connected: Runtime, clock: Clock, desk: Callable[..., Client], twilio: Twilio, exchanged: Exchanged, home: Home, task: int
) -> None:
    collector = desk("陈工")
    clock.at += timedelta(hours=1, minutes=58)
    ring(collector, home, task)
    gather = twilio.words(twilio.start).find("Gather")
    assert gather is not None
    clock.at += timedelta(minutes=2)
    assert twilio.words(gather.get("action") or "", Digits="1").find("Dial") is None
    twilio.tells("agent", CallStatus="completed")
    click(collector, home, task)
    assert len(exchanged.asked) == 1


def test_a_voicemail_of_the_member_of_staff_connects_nobody_and_it_may_be_placed_again(
    connected: Runtime, desk: Callable[..., Client], twilio: Twilio, exchanged: Exchanged, home: Home, task: int
) -> None:
    collector = desk("陈工")
    ring(collector, home, task)
    twilio.words(twilio.start)
    twilio.tells("agent", CallStatus="completed", CallDuration="9")
    assert value(connected, "SELECT state FROM bridge") == "not_connected"
    click(collector, home, task)
    assert len(exchanged.asked) == 2


@pytest.mark.parametrize(("status", "outcome"), [("busy", "busy"), ("no-answer", "no_answer"), ("canceled", "no_answer")])
def test_a_debtor_who_was_not_reached_fills_the_form_in(
    desk: Callable[..., Client], twilio: Twilio, home: Home, task: int, status: str, outcome: str
) -> None:
    collector = desk("陈工")
    ring(collector, home, task)
    dial = twilio.presses("1").find("Dial")
    assert dial is not None
    assert "没有接听" in "".join(twilio.words(dial.get("action") or "", DialCallStatus=status).itertext())
    assert "checked" in collector.get(f"/tasks/{task}").text.split(f'value="{outcome}"', 1)[1].split(">", 1)[0]


def test_an_unknown_one_never_rings_again_by_itself_and_a_callback_ends_the_doubt(
    connected: Runtime, desk: Callable[..., Client], twilio: Twilio, exchanged: Exchanged, home: Home, task: int
) -> None:
    exchanged.answer = Unknown("twilio", "ReadTimeout", RAW)
    collector = desk("陈工")
    ring(collector, home, task)
    click(collector, home, task)
    assert (len(exchanged.asked), value(connected, "SELECT state FROM bridge")) == (1, "unknown")
    assert twilio.presses("1").find("Dial") is not None
    assert value(connected, "SELECT state FROM bridge") == "dialling"


def test_only_a_person_gives_an_unknown_one_up(desk: Callable[..., Client], exchanged: Exchanged, home: Home, task: int) -> None:
    exchanged.answer = Unknown("twilio", "ReadTimeout", RAW)
    collector = desk("陈工")
    ring(collector, home, task)
    collector.submit(f"/tasks/{task}", f"/tasks/{task}/give-up")
    click(collector, home, task)
    assert len(exchanged.asked) == 2


def test_a_refusal_is_said_and_leaves_the_number_to_be_dialled_by_hand(
    connected: Runtime, desk: Callable[..., Client], exchanged: Exchanged, home: Home, task: int
) -> None:
    exchanged.answer = Refused("twilio", "config", "13227", RAW)
    collector = desk("陈工")
    ring(collector, home, task)
    page = collector.get(f"/tasks/{task}").text
    assert "dial by hand (13227)" in page
    assert f'href="tel:{NUMBER}"' in page


def test_a_link_that_we_did_not_give_out_connects_nobody(
    connected: Runtime, desk: Callable[..., Client], twilio: Twilio, home: Home, task: int
) -> None:
    ring(desk("陈工"), home, task)
    forged = f"{PUBLIC_URL}/webhooks/twilio/bridge/1?lang=zh&stage=pressed&until=9999999999&seal={'0' * 32}"
    assert twilio.asks(forged, Digits="1").status_code == 403
    assert value(connected, "SELECT state FROM bridge") == "ringing"


def test_the_number_of_a_member_of_staff_is_sealed_and_must_be_one(
    connected: Runtime, desk: Callable[..., Client], home: Home, task: int
) -> None:
    desk("陈工")
    assert AGENT.encode() not in bytes(value(connected, """SELECT phone FROM "user" WHERE name = '陈工'"""))
    with pytest.raises(ValueError, match="no number that can be dialled"):
        people.set_phone(connected, "陈工", "12345")
    with pytest.raises(LookupError):
        people.set_phone(connected, "无此人", AGENT)


def test_who_has_no_number_of_their_own_dials_by_hand(desk: Callable[..., Client], home: Home, task: int) -> None:
    collector = desk("陈工", "")
    collector.submit(f"/tasks/{task}", f"/tasks/{task}/start")
    page = collector.get(f"/tasks/{task}").text
    assert NUMBER in page
    assert "/ring" not in page
