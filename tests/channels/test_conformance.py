"""Every adapter of ours keeps the promises that any adapter is held to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from channels import conformance, open_channels
from channels.carrier.reset import Reset
from channels.conformance import ALWAYS, WITH_A_PROVIDER, WITH_CALLBACKS, Bench
from channels.contract import Adapter, ErrorClass, SignedRequest
from channels.letter import SIGNATURE_HEADER, tracking_signature
from channels.receipts import Delivery
from tests.channels.conftest import ACCOUNT, POST_TOKEN, TOKEN, Settings

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9"
PROVIDERS = ("sms", "voice", "letter")


def named(promise):
    return promise.__name__


@dataclass
class Carrier:
    """The sandbox carrier, standing in for Twilio."""

    sandbox: Any
    channel: str
    gone: Adapter
    refusals: Mapping[str, ErrorClass]
    secrets = (TOKEN.encode(), b"uthorization")
    unknown_code = "98765"

    @property
    def taken(self) -> int:
        return len(self.sandbox.log())

    def take_and_fall_silent(self) -> None:
        self.sandbox.break_with("accept_then_reset", channel=self.channel)

    def garble(self, status: int) -> None:
        self.sandbox.break_with("status", status=status, channel=self.channel)

    def refuse(self, code: str) -> None:
        self.sandbox.break_with("error", code=int(code), channel=self.channel)

    def write(self, body: str) -> str:
        return self.sandbox.world.take("inbound", to=Settings.twilio_from, sender="+8619900000001", body=body, asked={}).sid


@dataclass
class Desk:
    """A post's desk that does as it is told."""

    gone: Adapter
    letters: dict[int, dict[str, Any]] = field(default_factory=dict)
    told: list[Response] = field(default_factory=list)
    silent: bool = False
    refusals = {"address_unknown": "contact_bad", "no_service": "unreachable", "closed": "transient"}
    secrets = (POST_TOKEN.encode(), b"uthorization")
    unknown_code = "on_strike"

    @property
    def taken(self) -> int:
        return len(self.letters)

    def take_and_fall_silent(self) -> None:
        self.silent = True

    def garble(self, status: int) -> None:
        self.told.append(Response("<html>somebody on the way</html>", status))

    def refuse(self, code: str) -> None:
        self.told.append(JSONResponse({"error": code}, 400))

    async def answer(self, request: Request) -> Response:
        if request.method == "GET":
            known = self.letters.get(int(request.query_params["attempt"]))
            return JSONResponse({"letters": [known] if known else []})
        if self.told:
            return self.told.pop()
        letter = await request.json()
        taken = self.letters.setdefault(letter["attempt"], {**letter, "waybill": f"EX{letter['attempt']}", "status": "collected"})
        return Reset() if self.silent else JSONResponse(taken, 201)


class Signed:
    """Twilio's callbacks about one channel."""

    def __init__(self, sid: str, status: str, words: Mapping[str, Delivery]) -> None:
        self.words = words
        self._sid, self._status = sid, status

    def say(self, attempt_id: int, provider_id: str, word: str, token: str = TOKEN) -> SignedRequest:
        url = f"https://xianli.example/webhooks/twilio/status/{attempt_id}"
        form = {"AccountSid": ACCOUNT, self._sid: provider_id, self._status: word}
        return SignedRequest(
            url, attempt_id, list(form.items()), {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}
        )

    def forge(self, attempt_id: int, provider_id: str, word: str) -> SignedRequest:
        return self.say(attempt_id, provider_id, word, token="guessed")


class Tracked:
    """The post's callbacks."""

    words: Mapping[str, Delivery] = {
        "collected": "sent",
        "in_transit": "sent",
        "out_for_delivery": "sent",
        **{f"signed_{who}": "delivered" for who in ("self", "family", "mail_desk", "locker", "station", "guard")},
        "returned_refused": "undelivered",
        "returned_unknown": "undelivered",
        "return_delivered": "undelivered",
    }

    def say(self, attempt_id: int, provider_id: str, word: str, token: str = POST_TOKEN) -> SignedRequest:
        url = f"https://xianli.example/webhooks/post/tracking/{attempt_id}"
        body = json.dumps({"waybill": provider_id, "status": word, "at": MORNING.isoformat()}).encode()
        return SignedRequest(url, attempt_id, [], {SIGNATURE_HEADER: tracking_signature(token.encode(), url, body)}, body)

    def forge(self, attempt_id: int, provider_id: str, word: str) -> SignedRequest:
        return self.say(attempt_id, provider_id, word, token="guessed")


CALLBACKS = {
    "sms": Signed(
        "MessageSid",
        "MessageStatus",
        {
            **dict.fromkeys(("scheduled", "accepted", "queued", "sending"), "accepted"),
            "sent": "sent",
            **dict.fromkeys(("delivered", "read"), "delivered"),
            "undelivered": "undelivered",
            **dict.fromkeys(("failed", "canceled"), "failed"),
        },
    ),
    "voice": Signed(
        "CallSid",
        "CallStatus",
        {
            **dict.fromkeys(("queued", "initiated"), "accepted"),
            **dict.fromkeys(("ringing", "in-progress"), "sent"),
            "completed": "delivered",
            **dict.fromkeys(("no-answer", "busy"), "undelivered"),
            **dict.fromkeys(("failed", "canceled"), "failed"),
        },
    ),
    "letter": Tracked(),
}


REFUSALS: Mapping[str, Mapping[str, ErrorClass]] = {
    "sms": {"21211": "contact_bad", "21610": "opted_out", "21611": "transient", "30007": "blocked", "21606": "config"},
    "voice": {"21211": "contact_bad", "13225": "blocked", "21215": "config"},
}


@pytest.fixture
def bench_of(settings, somebody, a_message):
    reached = somebody(lambda who: who.sms_fault is None and who.kind == "silent")

    def bench(adapter, **cannot):
        def message(attempt_id):
            where = reached if adapter.channel in ("sms", "voice") else "浙江省杭州市西湖区清苑小区3栋1单元0401 孙秀英 收"
            document = b"%PDF-1.7 a letter" if adapter.channel == "letter" else None
            return a_message(adapter.channel, where, attempt_id, body=f"第{attempt_id}次通知", document=document, summary="3-1-0401")

        return Bench(adapter, message, lambda: datetime.now(UTC), cannot)

    return bench


@pytest.fixture
def stand_in(request, settings, carrier_stage, bench_of):
    """A channel that speaks with a provider, on its bench, and what stands in for the provider."""
    channel = request.param
    if channel == "letter":
        stage, url = carrier_stage
        at = {"post_token": POST_TOKEN}
        desk = Desk(open_channels(replace(settings, post_url=NOWHERE, **at), lambda: MORNING).of("letter"))
        with stage.play(Starlette(routes=[Route("/post/letters", desk.answer, methods=["GET", "POST"])])):
            yield bench_of(open_channels(replace(settings, post_url=url, **at), lambda: MORNING).of("letter")), desk
        return
    sandbox = request.getfixturevalue("sandbox")
    here, gone = (open_channels(replace(settings, twilio_api_url=url), lambda: MORNING).of(channel) for url in (sandbox.url, NOWHERE))
    yield bench_of(here), Carrier(sandbox, channel, gone, REFUSALS[channel])


@pytest.mark.parametrize("promise", ALWAYS, ids=named)
@pytest.mark.parametrize("stand_in", PROVIDERS, indirect=True)
def test_a_channel_with_a_provider_keeps(stand_in, promise):
    promise(stand_in[0])


@pytest.mark.parametrize("promise", WITH_A_PROVIDER, ids=named)
@pytest.mark.parametrize("stand_in", PROVIDERS, indirect=True)
def test_what_is_asked_of_a_provider_is_told_honestly_by(stand_in, promise):
    promise(*stand_in)


@pytest.mark.parametrize("promise", ALWAYS, ids=named)
@pytest.mark.parametrize("channel", ["visit", "call", "letter"])
def test_without_a_provider_it_keeps(settings, bench_of, channel, promise):
    """Staff, and letters that are posted by hand."""
    promise(bench_of(open_channels(settings, lambda: MORNING).of(channel)))


@pytest.mark.parametrize("promise", WITH_CALLBACKS, ids=named)
@pytest.mark.parametrize("channel", PROVIDERS)
def test_what_a_provider_says_later_is_understood_by(settings, bench_of, channel, promise):
    posted = replace(settings, post_url=NOWHERE, post_token=POST_TOKEN)
    promise(bench_of(open_channels(posted, lambda: MORNING).of(channel)), CALLBACKS[channel])


@pytest.mark.parametrize(
    ("channel", "cannot"),
    [("sms", {"CN": frozenset({"available", "inbound", "links"})}), ("voice", {"CN": frozenset({"available"})})],
)
def test_in_production_it_says_what_a_country_does_not_allow(settings, bench_of, channel, cannot):
    production = open_channels(replace(settings, sandbox=False), lambda: MORNING).of(channel)
    conformance.what_it_can_do_is_said_of_every_country(bench_of(production, **cannot))
