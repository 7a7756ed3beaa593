"""Automated calls walked through the real web application, each request signed as Twilio signs it."""

import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from channels.call_links import CallLinks, link_secret
from orchestrator import outreach
from orchestrator.runtime import Runtime
from orchestrator.store import Store
from orchestrator.web.app import create_app
from tests.conftest import PUBLIC_URL, Clock
from tests.orchestrator.web.conftest import Client, Heard, serving
from tests.world import Home, World, month

BODY = "您三期物业费共一千二百元。"
NUMBER = "+8619900003958"


@dataclass
class Caller:
    """Twilio in the middle of a call: it follows the links it is given, and signs every request."""

    client: Client
    runtime: Runtime
    attempt: int
    link: str = ""
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        secret = link_secret(self.runtime.settings.secret_key)
        links = CallLinks(f"{PUBLIC_URL}/webhooks/twilio/voice/{self.attempt}", secret, self.runtime.now)
        self.link = links.start(self.runtime.now() + timedelta(hours=1))

    def ask(self, url: str, **form: str) -> Any:
        path = url.removeprefix(PUBLIC_URL)
        fields = {"AccountSid": str(self.runtime.settings.twilio_account_sid), "CallSid": "CA1", "CallStatus": "in-progress", **form}
        signature = RequestValidator(self.runtime.settings.twilio_auth_token).compute_signature(PUBLIC_URL + path, fields)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return self.client.post(path, data=urlencode(fields), headers=headers)

    def goes_on(self, **form: str) -> ET.Element:
        """The next document, and the link it leads to."""
        answer = self.ask(self.link, **form)
        assert answer.status_code == 200, answer.text
        document = ET.fromstring(answer.text)
        self.heard.append("".join(document.itertext()))
        leads = [verb.get("action") or verb.text for verb in document if verb.tag in ("Gather", "Redirect", "Dial")]
        self.link = str(leads[0]) if leads else ""
        return document

    def presses(self, *keys: str) -> ET.Element:
        """One key after the other; redirects are followed."""
        document = self.goes_on(Digits=keys[0])
        while document[-1].tag == "Redirect":
            document = self.goes_on()
        return self.presses(*keys[1:]) if keys[1:] else document

    def ends(self, status: str = "completed") -> None:
        said = self.ask(f"{PUBLIC_URL}/webhooks/twilio/status/{self.attempt}", CallStatus=status, AnsweredBy="human")
        assert said.status_code == 204
        with self.runtime.store.begin() as rows:
            waiting = list(rows.execute(text("SELECT id FROM receipt WHERE applied_at IS NULL ORDER BY id")).scalars())
        outreach.hear(waiting, self.runtime)

    def became(self, query: str) -> Any:
        with self.runtime.store.begin() as rows:
            return rows.execute(text(query), {"attempt": self.attempt}).scalar()


@pytest.fixture
def home(world: World) -> Home:
    return world.home("3-1-0401", "孙丽", NUMBER, charges=[month(2026, 9)]).open_case()


@pytest.fixture
def caller(client: Client, runtime: Runtime, home: Home) -> Caller:
    return Caller(client, runtime, home.attempt("voice", "accepted", step="courtesy-call", body=BODY, provider_id="CA1"))


OUTCOME = "SELECT outcome FROM attempt WHERE id = :attempt"
MEANINGS = "SELECT array_agg(detail ->> 'meaning' ORDER BY id) FROM receipt WHERE attempt_id = :attempt AND kind = 'keys'"
PROMISED = 'SELECT "on" FROM promise'
TASKS = "SELECT array_agg(about) FROM task"


def test_a_call_names_no_debt_before_its_listener_is_known(caller: Caller) -> None:
    caller.goes_on()
    assert "云栖花园物业公司" in caller.heard[-1]
    assert "3-1-0401" in caller.heard[-1]
    assert "一千二百元" not in caller.heard[-1]
    caller.goes_on(Digits="1")
    assert caller.heard[-1] == BODY or caller.heard[-1].startswith(BODY)
    assert caller.became(MEANINGS) == ["started", "confirmed"]


def test_who_confirms_listens_and_names_a_day_has_promised_that_day(caller: Caller) -> None:
    caller.goes_on()
    caller.presses("1", "1", "05", "1")
    caller.ends()
    assert "12月5日，星期六" in caller.heard[-1]
    assert caller.became(PROMISED) == date(2026, 12, 5)
    assert caller.became(MEANINGS) == ["started", "confirmed", "heard", "will_pay", "day_named", "promised"]
    assert caller.became(OUTCOME) == "heard"


def test_who_changes_the_day_has_promised_the_later_one_only(caller: Caller) -> None:
    caller.goes_on()
    caller.presses("1", "1", "05", "2", "02", "1")
    caller.ends()
    assert caller.became('SELECT array_agg("on") FROM promise') == [date(2026, 12, 2)]


@pytest.mark.parametrize(
    ("keys", "outcome", "promises"),
    [((), "answered", 0), (("1",), "heard", 0), (("1", "1"), "heard", 0), (("1", "1", "05"), "heard", 0)],
)
def test_who_hangs_up_on_the_way_has_heard_what_they_heard_and_promised_nothing(
    caller: Caller, keys: tuple[str, ...], outcome: str, promises: int
) -> None:
    caller.goes_on()
    if keys:
        caller.presses(*keys)
    caller.ends()
    assert caller.became(OUTCOME) == outcome
    assert caller.became("SELECT count(*) FROM promise") == promises


def test_who_hangs_up_while_the_amount_is_spoken_has_not_heard_it(caller: Caller) -> None:
    caller.goes_on()
    caller.goes_on(Digits="1")
    caller.ends()
    assert caller.became(OUTCOME) == "answered"


def test_the_end_of_a_call_told_before_its_last_key_is_heard_counts_the_same(caller: Caller, runtime: Runtime) -> None:
    caller.goes_on()
    caller.goes_on(Digits="1")
    link = caller.link
    caller.ends()
    caller.link = link
    caller.goes_on()
    caller.ends()
    assert caller.became(OUTCOME) == "heard"


@pytest.mark.parametrize(("key", "task"), [("2", "paid_already"), ("3", "wrong_person"), ("4", "call_back")])
def test_every_other_key_of_the_menu_reaches_a_person(caller: Caller, key: str, task: str) -> None:
    caller.goes_on()
    caller.presses("1", key)
    caller.ends()
    assert caller.became(TASKS) == [task]


def test_who_asks_for_staff_is_put_through_within_service_hours_and_needs_no_call_back(caller: Caller, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        rows.execute(text("UPDATE community SET service_number = '+8657180000000', service_hours = '09:00-18:00'"))
    caller.goes_on()
    dial = caller.presses("1", "4")[-1]
    assert (dial.tag, dial.get("callerId"), dial[0].text) == ("Dial", "+15005550006", "+8657180000000")
    caller.goes_on(DialCallStatus="completed")
    caller.ends()
    assert caller.became(TASKS) is None


@pytest.mark.parametrize("dialled", ["no-answer", "busy", "failed"])
def test_who_reached_nobody_at_the_desk_is_called_back(caller: Caller, runtime: Runtime, dialled: str) -> None:
    with runtime.store.begin() as rows:
        rows.execute(text("UPDATE community SET service_number = '+8657180000000', service_hours = '09:00-18:00'"))
    caller.goes_on()
    caller.presses("1", "4")
    caller.goes_on(DialCallStatus=dialled)
    caller.ends()
    assert caller.became(TASKS) == ["call_back"]


def test_outside_service_hours_nobody_is_rung_and_a_call_back_is_promised(caller: Caller, runtime: Runtime) -> None:
    with runtime.store.begin() as rows:
        rows.execute(text("UPDATE community SET service_number = '+8657180000000', service_hours = '13:00-18:00'"))
    caller.goes_on()
    assert [verb.tag for verb in caller.presses("1", "4")] == ["Say", "Hangup"]
    caller.ends()
    assert caller.became(TASKS) == ["call_back"]


def test_silence_is_asked_once_more_and_then_ends_courteously(caller: Caller) -> None:
    caller.goes_on()
    assert caller.presses("")[0].tag == "Gather"
    assert caller.presses("")[-1].tag == "Hangup"
    assert caller.became(MEANINGS) == ["started", "silence", "silence"]


def test_a_link_of_nobodys_is_refused_though_twilio_signed_it(caller: Caller, clock: Clock) -> None:
    begun = caller.link
    path = urlsplit(begun).path
    assert caller.ask(f"{PUBLIC_URL}{path}").status_code == 403
    assert caller.ask(f"{PUBLIC_URL}{path}?stage=heard").status_code == 403
    assert caller.ask(begun.replace("stage=start", "stage=heard")).status_code == 403
    clock.at += timedelta(hours=2)
    assert caller.ask(begun).status_code == 403
    assert caller.became("SELECT count(*) FROM receipt") == 0
    assert caller.became("SELECT count(*) FROM evidence_entry WHERE kind = 'forged'") == 4


def test_no_link_of_a_call_tells_who_is_called(caller: Caller) -> None:
    carried = dict(parse_qsl(urlsplit(caller.link).query))
    caller.goes_on()
    for key in ("1", "1", "05", "1"):
        carried |= dict(parse_qsl(urlsplit(caller.link).query))
        caller.presses(key)
    assert sorted(carried) == ["lang", "on", "seal", "stage", "until"]


def test_a_call_of_no_attempt_ends_in_courteous_words(client: Client, runtime: Runtime) -> None:
    caller = Caller(client, runtime, 999)
    assert caller.goes_on()[-1].tag == "Hangup"
    assert "抱歉" in caller.heard[-1]


@pytest.fixture
def hurried(runtime: Runtime, heard: Heard) -> Iterator[Client]:
    """A stranger at an application that gives a call a twentieth of a second."""
    with serving(create_app(runtime, heard, answers_within=0.05)) as address, Client(address) as stranger:
        yield stranger


def test_a_slow_database_is_a_pause_twice_and_then_courteous_words_and_the_key_is_kept(
    hurried: Client, runtime: Runtime, home: Home
) -> None:
    caller = Caller(hurried, runtime, home.attempt("voice", "accepted", step="courtesy-call", body=BODY, provider_id="CA1"))
    locked, go = threading.Event(), threading.Event()

    def hold_the_table() -> None:
        with runtime.store.begin() as rows:
            rows.execute(text("LOCK TABLE receipt IN ACCESS EXCLUSIVE MODE"))
            locked.set()
            go.wait(10)

    holder = threading.Thread(target=hold_the_table)
    holder.start()
    try:
        assert locked.wait(5)
        assert [verb.tag for verb in caller.goes_on()] == ["Pause", "Redirect"]
        assert [verb.tag for verb in caller.goes_on()] == ["Pause", "Redirect"]
        assert [verb.tag for verb in caller.goes_on()] == ["Say", "Hangup"]
    finally:
        go.set()
        holder.join()
    assert "抱歉" in caller.heard[-1]


def test_a_database_that_is_gone_is_answered_by_courteous_words_and_never_an_error(
    runtime: Runtime, heard: Heard, home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    attempt = home.attempt("voice", "accepted", step="courtesy-call", body=BODY, provider_id="CA1")
    gone = replace(runtime, store=Store("postgresql://nobody@127.0.0.1:9/none", runtime.settings.encryption_key))
    with serving(create_app(gone, heard)) as address, Client(address) as client:
        caller = Caller(client, gone, attempt)
        assert [verb.tag for verb in caller.goes_on()] == ["Say", "Hangup"]
    assert "抱歉" in caller.heard[-1]
    assert "a call could not go on" in "".join(capfd.readouterr())
