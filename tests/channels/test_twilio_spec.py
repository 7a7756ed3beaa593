"""What we send and what the sandbox answers, held against Twilio's published OpenAPI description."""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from channels.contract import Sought

SPEC = json.loads((Path(__file__).parent / "twilio-cut.openapi.json").read_text(encoding="utf-8"))


def is_wrong(schema, value):
    """Why a form value or a JSON value is not what the schema says; None if it is."""
    if value is None:
        return None if schema.get("nullable") else "null"
    if "$ref" in schema:
        allowed = SPEC["enums"][schema["$ref"].rsplit("/", 1)[-1]]
        return None if value in allowed else f"not one of {allowed}"
    if "enum" in schema and value not in schema["enum"]:
        return f"not one of {schema['enum']}"
    if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        return f"not like {schema['pattern']}"
    match schema.get("type"), schema.get("format"):
        case "integer", _ if not re.fullmatch(r"-?\d+", str(value)):
            return "not an integer"
        case "boolean", _ if str(value).lower() not in ("true", "false"):
            return "not a boolean"
        case "string", "uri" if not urlsplit(value).netloc:
            return "not a URI"
        case "string", "phone-number" if not re.fullmatch(r"\+\d{7,15}", value):
            return "not a phone number"
        case "string", "date-time-rfc-2822":
            return None if parsedate_to_datetime(value).tzinfo else "not an instant"
        case "string", _ if not isinstance(value, str):
            return "not text"
    return None


def wrongs_of(schemas, pairs):
    unknown = {name for name, _ in pairs} - set(schemas)
    items = [(name, value, schemas[name].get("items", schemas[name])) for name, value in pairs if name in schemas]
    return unknown | {f"{name}: {wrong}" for name, value, schema in items if (wrong := is_wrong(schema, value))}


@pytest.mark.parametrize(("channel", "resource"), [("sms", "Messages"), ("voice", "Calls")])
def test_what_is_asked_and_what_is_answered_conform(channels, sandbox, somebody, a_message, channel, resource):
    to = somebody(lambda who: who.kind == "caller")
    exchange = channels[channel].send(a_message(channel, to)).exchange
    form = parse_qsl(exchange.request.partition(b"\r\n\r\n")[2].decode(), keep_blank_values=True)
    request = SPEC["requests"][resource]
    assert wrongs_of(request["properties"], form) == set()
    assert set(request["required"]) <= {name for name, _ in form}

    answers = [json.loads(exchange.response.partition(b"\r\n\r\n")[2])]
    sandbox.move(minutes=5)
    listing = channels[channel].find(Sought(41, to, a_message(channel, to).body, datetime.now(UTC))).exchange
    asked = urlsplit(listing.request.split(b" ")[1].decode()).query
    assert {name for name, _ in parse_qsl(asked)} <= set(SPEC["queries"][resource])
    answers += json.loads(listing.response.partition(b"\r\n\r\n")[2])[resource.lower()]
    for answer in answers:
        known = [(name, value) for name, value in answer.items() if name != "annotation"]
        assert wrongs_of(SPEC["shapes"][resource], known) == set()


def test_the_comparison_itself_sees_what_is_wrong():
    schemas = SPEC["requests"]["Messages"]["properties"]
    bad = [("To", "19900001234"), ("StatusCallback", "/webhooks"), ("ValidityPeriod", "soon"), ("Subject", "x"), ("RiskCheck", "maybe")]
    assert len(wrongs_of(schemas, bad)) == 5
