"""An adapter from elsewhere is put to the promises, and one that breaks a promise is found out by it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from channels import conformance
from channels.conformance import ALWAYS, WITH_A_PROVIDER, WITH_CALLBACKS, Bench
from channels.contract import (
    Accepted,
    Capabilities,
    ErrorMeaning,
    Exchange,
    ForgedRequest,
    Health,
    InboundMessage,
    LookupFailed,
    Message,
    Received,
    Refused,
    SignedRequest,
    Unknown,
)
from channels.receipts import Receipt

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ERRORS = {"moulting": "transient", "no_roof": "contact_bad"}
WORDS = {"aloft": "sent", "landed": "delivered", "lost": "failed"}


class Pigeon:
    channel, provider, sender = "pigeon", "loft", "the dovecote"

    def __init__(self, loft: "Loft") -> None:
        self.loft = loft

    def capabilities(self, country: str) -> Capabilities:
        return Capabilities(available=False) if country == "AQ" else Capabilities(True, max_length=50, cost="1.50", evidence_level="C")

    def send(self, message):
        raw, told, self.loft.next = Exchange(b"coo", b"coo"), self.loft.next, None
        if not self.loft.open:
            return Refused("loft", "transient", "connect", Exchange(b"", b""))
        if len(message.body) > 50:
            return Refused("loft", "permanent", "too_heavy", raw)
        if told == "noise":
            return Unknown("loft", "answer not understood", raw)
        if told not in (None, "silence"):
            return Refused("loft", self.explain(told).error_class, told, raw)
        self.loft.taken_from_us[message.attempt_id] = f"ring-{message.attempt_id}"
        return Unknown("loft", "silence", raw) if told else Accepted("loft", f"ring-{message.attempt_id}", raw)

    def find(self, sought):
        if not self.loft.open:
            raise LookupFailed("nobody at the loft")
        ring = self.loft.taken_from_us.get(sought.attempt_id)
        return Accepted("loft", ring, Exchange(b"coo", b"coo")) if ring else None

    def fetch(self, provider_id, attempt_id):
        if not self.loft.open:
            raise LookupFailed("nobody at the loft")
        word = Receipt("loft", provider_id, attempt_id, "aloft", "sent")
        return Accepted("loft", provider_id, Exchange(b"coo", b"coo"), receipts=(word,))

    def parse_receipt(self, request):
        if request.headers.get("Seal") != seal(request.url, request.raw_body, "the-key"):
            raise ForgedRequest("the seal is broken")
        ring, word = request.raw_body.decode().split()
        return [Receipt("loft", ring, request.path_attempt, word, WORDS.get(word, "accepted"))]

    def explain(self, code):
        return ErrorMeaning(ERRORS.get(code, "permanent"), code, "the loft's notice board")

    def check(self):
        return Health("ok", "cooing") if self.loft.open else Health("down", "nobody at the loft")


@dataclass
class Loft:
    """Where pigeons are sent from."""

    adapter: type[Pigeon] = Pigeon
    taken_from_us: dict[int, str] = field(default_factory=dict)
    brought: list[tuple[str, str]] = field(default_factory=list)
    next: str | None = None
    open: bool = True
    secrets = (b"the-key",)
    refusals = ERRORS
    unknown_code = "eaten_by_a_hawk"

    @property
    def taken(self) -> int:
        return len(self.taken_from_us)

    @property
    def gone(self) -> Pigeon:
        return self.adapter(Loft(open=False))

    def take_and_fall_silent(self) -> None:
        self.next = "silence"

    def garble(self, status: int) -> None:
        self.next = "noise"

    def refuse(self, code: str) -> None:
        self.next = code

    def write(self, body: str) -> str:
        self.brought.append((f"letter-{len(self.brought)}", body))
        return self.brought[-1][0]


def seal(url: str, body: bytes, key: str) -> str:
    return hashlib.sha256(key.encode() + url.encode() + body).hexdigest()


class Callbacks:
    words = WORDS

    def say(self, attempt_id: int, provider_id: str, word: str, key: str = "the-key") -> SignedRequest:
        url, body = f"https://xianli.example/loft/{attempt_id}", f"{provider_id} {word}".encode()
        return SignedRequest(url, attempt_id, [("body", body.decode())], {"Seal": seal(url, body, key)}, body)

    def forge(self, attempt_id: int, provider_id: str, word: str) -> SignedRequest:
        return self.say(attempt_id, provider_id, word, key="guessed")


def a_message(attempt_id: int) -> Message:
    return Message(attempt_id, "pigeon", "the roof", "CN", f"第{attempt_id}次", "zh", MORNING + timedelta(hours=2))


def put_to(promise, adapter=Pigeon):
    loft = Loft(adapter=adapter)
    bench = Bench(adapter(loft), a_message, lambda: MORNING, {"AQ": frozenset({"available", "inbound"})})
    others = (loft,) if promise in WITH_A_PROVIDER else (Callbacks(),) if promise in WITH_CALLBACKS else ()
    promise(bench, *others)


@pytest.mark.parametrize("promise", [*ALWAYS, *WITH_A_PROVIDER, *WITH_CALLBACKS], ids=lambda promise: promise.__name__)
def test_an_adapter_from_elsewhere_keeps(promise):
    put_to(promise)


class Nameless(Pigeon):
    channel = ""


class Boastful(Pigeon):
    def capabilities(self, country):
        return Capabilities(available=True, inbound=True)


class Costly(Pigeon):
    def capabilities(self, country):
        return replace(super().capabilities(country), cost="-1")


class ReachedBack(Pigeon):
    def capabilities(self, country):
        return Capabilities(available=False, inbound=True)


class Sends(Pigeon):
    """`becomes` is what its answer is made into."""

    becomes: Callable

    def send(self, message):
        return type(self).becomes(self, message, super().send(message))


class OneRingForAll(Sends):
    def becomes(self, message, answer):
        return replace(answer, provider_id="ring")


class NeverTooHeavy(Pigeon):
    def send(self, message):
        return super().send(replace(message, body=message.body[:50]))


class Free(Pigeon):
    """Says that it takes approved wordings only, and takes any."""

    def capabilities(self, country):
        return replace(super().capabilities(country), template_only=True)


class Mute(Pigeon):
    def capabilities(self, country):
        return replace(super().capabilities(country), languages=frozenset())


class Overconfident(Sends):
    def becomes(self, message, answer):
        return Accepted("loft", f"ring-{message.attempt_id}", answer.exchange) if isinstance(answer, Unknown) else answer


class Timid(Sends):
    def becomes(self, message, answer):
        return Refused("loft", "transient", "silence", answer.exchange) if isinstance(answer, Unknown) else answer


class Insistent(Sends):
    def becomes(self, message, answer):
        return answer if isinstance(answer, Accepted) else super().send(message)


class Forgetful(Sends):
    def becomes(self, message, answer):
        return replace(answer, exchange=Exchange(b"", b""))


class Indiscreet(Sends):
    def becomes(self, message, answer):
        return replace(answer, exchange=Exchange(b"Authorization: the-key", b"coo"))


class Optimist(Pigeon):
    def explain(self, code):
        return ErrorMeaning("transient", code, "")


class Finder(Pigeon):
    def find(self, sought):
        return Accepted("loft", "some-ring", Exchange(b"coo", b"coo"))


class Grabbing(Pigeon):
    def find(self, sought):
        ring = next(iter(self.loft.taken_from_us.values()), None)
        return Accepted("loft", ring, Exchange(b"coo", b"coo")) if ring else None


class Blind(Pigeon):
    def find(self, sought):
        return None


class Hopeless(Sends):
    def becomes(self, message, answer):
        return replace(answer, error_class="permanent") if isinstance(answer, Refused) else answer


class Credulous(Pigeon):
    def parse_receipt(self, request):
        ring, _, word = request.raw_body.decode().partition(" ")
        return [Receipt("loft", ring, request.path_attempt, word, WORDS.get(word, "accepted"))]


class IgnoresTheAddress(Pigeon):
    def parse_receipt(self, request):
        return super().parse_receipt(replace(request, url=f"https://xianli.example/loft/{request.path_attempt}"))


class Jubilant(Pigeon):
    def parse_receipt(self, request):
        return [replace(each, delivery="delivered") for each in super().parse_receipt(request)]


class Changing(Pigeon):
    said = 0

    def parse_receipt(self, request):
        self.said += 1
        return [replace(each, outcome=str(self.said)) for each in super().parse_receipt(request)]


class Rename(Pigeon):
    def fetch(self, provider_id, attempt_id):
        return replace(super().fetch(provider_id, attempt_id), provider_id="another")


class Sullen(Pigeon):
    def check(self):
        return Health("ok", "")


class Timeless(Pigeon):
    def parse_receipt(self, request):
        return [replace(each, at=MORNING.replace(tzinfo=None)) for each in super().parse_receipt(request)]


class Correspondence(Pigeon):
    """Pigeons come back with letters of others."""

    def received(self, since):
        if not self.loft.open:
            raise LookupFailed("nobody at the loft")
        return [Received(InboundMessage(ring, "the roof", self.sender, body), b"coo") for ring, body in self.loft.brought]


class Echoing(Correspondence):
    """Takes what we sent for what was written to us."""

    def received(self, since):
        ours = [Received(InboundMessage(ring, self.sender, "the roof", "ours"), b"coo") for ring in self.loft.taken_from_us.values()]
        return [*super().received(since), *ours]


class Deaf(Correspondence):
    def received(self, since):
        return super().received(since)[:1]


class Serene(Correspondence):
    """Nothing was written, it says, where it could not ask."""

    def received(self, since):
        return super().received(since) if self.loft.open else []


class Cheerful(Pigeon):
    def check(self):
        return Health("ok", "cooing")


def test_an_adapter_that_also_hears_keeps_that_promise_too():
    put_to(conformance.what_was_written_to_us_is_found_where_no_callback_told, Correspondence)


@pytest.mark.parametrize(
    ("adapter", "promise"),
    [
        (Nameless, conformance.it_names_itself),
        (Boastful, conformance.what_it_can_do_is_said_of_every_country),
        (Costly, conformance.what_it_can_do_is_said_of_every_country),
        (ReachedBack, conformance.what_it_can_do_is_said_of_every_country),
        (OneRingForAll, conformance.what_is_taken_is_accepted_under_a_name_of_its_own),
        (Finder, conformance.what_was_taken_is_found),
        (Mute, conformance.what_it_can_do_is_said_of_every_country),
        (Free, conformance.what_has_no_approved_template_is_not_sent_where_nothing_else_may_be),
        (Grabbing, conformance.what_another_attempt_has_is_not_taken_for_it),
        (Sullen, conformance.its_health_is_told_in_words),
        (NeverTooHeavy, conformance.what_is_too_long_is_not_accepted),
        (Credulous, conformance.what_nobody_signed_is_not_believed),
        (Forgetful, conformance.the_raw_exchange_is_kept_without_secrets),
        (Indiscreet, conformance.the_raw_exchange_is_kept_without_secrets),
        (Overconfident, conformance.a_lost_answer_is_unknown_and_what_became_of_it_is_found),
        (Timid, conformance.a_lost_answer_is_unknown_and_what_became_of_it_is_found),
        (Blind, conformance.a_lost_answer_is_unknown_and_what_became_of_it_is_found),
        (Insistent, conformance.an_answer_nobody_understands_is_unknown),
        (Overconfident, conformance.an_answer_nobody_understands_is_unknown),
        (Hopeless, conformance.a_provider_that_cannot_be_reached_took_nothing),
        (Hopeless, conformance.each_refusal_has_its_class),
        (Insistent, conformance.each_refusal_has_its_class),
        (Optimist, conformance.an_unknown_code_is_permanent),
        (Optimist, conformance.each_code_has_a_source),
        (Finder, conformance.what_was_never_sent_is_not_found),
        (Blind, conformance.a_provider_that_cannot_be_asked_says_nothing_about_an_attempt),
        (Rename, conformance.the_providers_own_record_can_be_asked_for),
        (Echoing, conformance.what_was_written_to_us_is_found_where_no_callback_told),
        (Deaf, conformance.what_was_written_to_us_is_found_where_no_callback_told),
        (Serene, conformance.what_was_written_to_us_is_found_where_no_callback_told),
        (Cheerful, conformance.a_provider_that_cannot_be_reached_is_told_as_down),
        (Jubilant, conformance.each_word_means_one_thing),
        (Timeless, conformance.each_word_means_one_thing),
        (Changing, conformance.a_callback_said_twice_says_the_same),
        (Jubilant, conformance.a_word_the_provider_may_add_claims_nothing),
        (IgnoresTheAddress, conformance.a_forged_callback_is_not_believed),
    ],
)
def test_a_broken_promise_is_found_out(adapter, promise):
    with pytest.raises(AssertionError):
        put_to(promise, adapter)
