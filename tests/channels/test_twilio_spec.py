"""Every request our adapters make of Twilio, and every answer of the sandbox carrier, held against Twilio's published description."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from twilio.rest import Client

from channels import open_channels
from channels.carrier.callbacks import Identity
from channels.carrier.server import carrier_app
from channels.carrier.world import World
from channels.contract import Accepted, Health, KeepsInbound, Sought
from channels.twilio_line import _Transport
from channels.wire import Wire
from tests.channels.conftest import ACCOUNT, MORNING, POST_TOKEN, SEED, TOKEN

SPEC = json.loads((Path(__file__).parent / "twilio-cut.openapi.json").read_text(encoding="utf-8"))
SERVICE = "MG" + "0" * 32


def wrongs(schema, value, where=""):
    """Why a value of a form, a query or a JSON document is not what the schema says; all of it, each with its place."""
    if value is None:
        if not schema.get("nullable"):
            yield f"{where}: null"
        return
    if "$ref" in schema:
        yield from wrongs(SPEC["schemas"][schema["$ref"].rsplit("/", 1)[-1]], value, where)
        return
    match schema.get("type"):
        case "object" if "properties" in schema:
            for name in value.keys() - schema["properties"].keys():
                yield f"{where}.{name}: not in the description"
            for name in value.keys() & schema["properties"].keys():
                yield from wrongs(schema["properties"][name], value[name], f"{where}.{name}")
        case "array":
            for place, each in enumerate(value):
                yield from wrongs(schema["items"], each, f"{where}[{place}]")
        case _ if wrong := wrong_scalar(schema, value):
            yield f"{where}: {wrong}"


def wrong_scalar(schema, value):
    if "enum" in schema and value not in schema["enum"]:
        return f"{value} is not one of {schema['enum']}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"not like {schema['pattern']}"
    match schema.get("type"), schema.get("format"):
        case "integer", _ if not re.fullmatch(r"-?\d+", str(value)):
            return "not an integer"
        case "boolean", _ if str(value).lower() not in ("true", "false"):
            return "not a boolean"
        case "string", _ if not isinstance(value, str):
            return "not text"
        case "string", "uri" if not urlsplit(value).netloc:
            return "not a URI"
        case "string", "http-method" if value not in ("GET", "POST"):
            return "not a method"
        case "string", "phone-number" if not re.fullmatch(r"\+\d{7,15}", value):
            return "not a phone number"
        case "string", "date-time-rfc-2822" if parsedate_to_datetime(value).tzinfo is None:
            return "not an instant"
        case "string", "date-time" if datetime.fromisoformat(value).tzinfo is None:
            return "not an instant"
    return None


@dataclass
class Asked:
    """One request to the API with its answer."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    status: int
    answer: dict

    @property
    def operation(self):
        for each in SPEC["operations"]:
            pattern = re.sub(r"\{\w+\}", "[A-Za-z0-9]+", each["path"]).replace(".json", r"\.json")
            if each["method"] == self.method and re.fullmatch(pattern, self.path):
                return each
        raise AssertionError(f"the description has no {self.method} {self.path}")

    def wrongs(self):
        operation = self.operation
        for kind, pairs in (("query", self.query), ("form", self.form)):
            for name, value in pairs:
                schema = operation[kind].get(name)
                if schema is None:
                    yield f"{kind} {name}: not in the description"
                else:
                    yield from wrongs(schema.get("items", schema), value, f"{kind} {name}")
        yield from (f"{name} is required" for name in operation["required"] if name not in dict(self.form))
        schema = operation["answers"].get(str(self.status))
        if schema is None:
            yield f"the description has no answer {self.status}"
        else:
            yield from wrongs(schema, self.answer, "answer")


@dataclass
class Listener:
    """Writes down what passes between the adapters and the carrier."""

    asked: list[Asked] = field(default_factory=list)

    def around(self, app):
        async def heard(scope, receive, send):
            if scope["type"] != "http" or not scope["path"].startswith(("/2010-04-01/", "/v1/")) or scope["path"].endswith(".wav"):
                await app(scope, receive, send)
                return
            sent, answered, status = b"", b"", 0

            async def receiving():
                nonlocal sent
                message = await receive()
                sent += message.get("body", b"")
                return message

            async def sending(message):
                nonlocal answered, status
                status = message.get("status", status)
                answered += message.get("body", b"")
                await send(message)

            await app(scope, receiving, sending)
            pairs = (parse_qsl(part.decode(), keep_blank_values=True) for part in (scope["query_string"], sent))
            self.asked.append(Asked(scope["method"], scope["path"], *pairs, status, json.loads(answered)))

        return heard


@pytest.fixture
def listener(carrier_stage, house):
    stage, _ = carrier_stage
    heard = Listener()
    app = carrier_app(World(SEED, MORNING, lambda: datetime.now(UTC), journal=None), Identity(ACCOUNT, TOKEN, POST_TOKEN), None)
    app.add_middleware(heard.around)
    with stage.play(app):
        yield heard


@pytest.fixture
def lines(listener, carrier_stage, house, settings):
    """A text by a number, a text by a messaging service, a call."""
    here = replace(settings, public_url=house.url, twilio_api_url=carrier_stage[1])
    by_service = replace(here, twilio_messaging_service_sid=SERVICE)
    by_number = open_channels(here, lambda: MORNING)
    house.channels = {line.channel: line for line in by_number}
    return [by_number.of("sms"), open_channels(by_service, lambda: MORNING).of("sms", sender=SERVICE), by_number.of("voice")]


def live(carrier_url, to="2026-11-24T03:00:00+00:00"):
    requests.post(f"{carrier_url}/sandbox/clock", json={"now": to}, timeout=30).raise_for_status()


def test_all_that_is_asked_and_all_that_is_answered_conforms(listener, lines, carrier_stage, somebody, a_message):
    to = somebody(lambda who: who.kind == "caller" and who.sms_fault is None)
    for attempt_id, line in enumerate(lines, start=41):
        message = a_message(line.channel, to, attempt_id)
        sent = line.send(message)
        assert isinstance(sent, Accepted)
        assert line.find(Sought(attempt_id, to, message.body, datetime.now(UTC)))
        live(carrier_stage[1])
        line.fetch(sent.provider_id, attempt_id)
        assert line.find(Sought(attempt_id, to, message.body, datetime.now(UTC)))
        assert line.check() == Health("ok", line.check().says)
        if isinstance(line, KeepsInbound):
            line.received(datetime.now(UTC) - timedelta(hours=1))
    for each in listener.asked:
        assert list(each.wrongs()) == [], f"{each.method} {each.path}"
    assert {(each.method, each.operation["path"]) for each in listener.asked} == {
        (method, f"/2010-04-01/Accounts/{path}.json")
        for method, path in (
            ("POST", "{AccountSid}/Messages"),
            ("GET", "{AccountSid}/Messages"),
            ("GET", "{AccountSid}/Messages/{Sid}"),
            ("POST", "{AccountSid}/Calls"),
            ("GET", "{AccountSid}/Calls"),
            ("GET", "{AccountSid}/Calls/{Sid}"),
            ("GET", "{Sid}"),
            ("GET", "{AccountSid}/IncomingPhoneNumbers"),
        )
    } | {("GET", "/v1/Services/{ServiceSid}/PhoneNumbers")}


def test_what_the_carrier_offers_besides_conforms_too(listener, lines, carrier_stage, somebody, a_message):
    """A call is hung up on the sender's word, and what was recorded can be fetched."""
    voice, url = lines[2], carrier_stage[1]
    twilio = Client(ACCOUNT, TOKEN, http_client=_Transport(Wire().recorder(), url))
    ringing = voice.send(a_message("voice", somebody(lambda who: who.phone == "no_answer"), 41)).provider_id
    assert twilio.calls(ringing).update(status="canceled").status == "canceled"
    talked = voice.send(a_message("voice", somebody(lambda who: who.kind == "caller"), 42)).provider_id
    live(url)
    (recording,) = twilio.calls(talked).recordings.list()
    assert (recording.call_sid, recording.status, recording.source) == (talked, "completed", "OutboundAPI")
    sound = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording.sid}.wav"
    assert requests.get(sound, timeout=5).status_code == 401
    heard = requests.get(sound, auth=(ACCOUNT, TOKEN), timeout=5)
    assert heard.headers["Content-Type"] == "audio/x-wav"
    assert len(heard.content) > int(recording.duration) * 8000
    assert twilio.calls(ringing).recordings.list() == []
    twilio.incoming_phone_numbers.list()
    for each in listener.asked:
        assert list(each.wrongs()) == [], f"{each.method} {each.path}"


def test_the_comparison_itself_sees_what_is_wrong():
    form = [("To", "19900001234"), ("StatusCallback", "/webhooks"), ("ValidityPeriod", "soon"), ("Subject", "x"), ("RiskCheck", "maybe")]
    bad = Asked("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", [("Page", "1")], form, 201, {"sid": "SM1", "colour": "red"})
    assert len(list(bad.wrongs())) == 8
    assert len(list(replace(bad, form=[], query=[], status=200, answer={}).wrongs())) == 2
    with pytest.raises(AssertionError, match="has no"):
        replace(bad, path="/2010-04-01/Letters.json").operation  # noqa: B018
