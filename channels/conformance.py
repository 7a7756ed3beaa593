"""The promises of `channels.contract`, as checks that any adapter can be put to. How to use it: docs/adapters.md.

The author of an adapter brings a `Bench`: the adapter, opened on a stand-in for its provider. Each promise is a function that raises
AssertionError with what was promised and what was found. Those of `ALWAYS` hold for every adapter, those of `WITH_A_PROVIDER` where
somebody outside is asked, those of `WITH_CALLBACKS` where somebody calls back. A promise may leave the stand-in with messages and faults:
each wants a bench of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from itertools import permutations, product
from typing import Protocol, TypeVar, get_args, runtime_checkable

from channels.contract import (
    CLOCK_SKEW,
    Accepted,
    Adapter,
    Capabilities,
    ErrorClass,
    EvidenceLevel,
    ExplainsErrors,
    ForgedRequest,
    KeepsInbound,
    KeepsRecords,
    LookupFailed,
    Message,
    Recalls,
    Refused,
    ReportsHealth,
    SignedRequest,
    Sought,
    Unknown,
)
from channels.receipts import FINAL, Delivery, Receipt, fold

COUNTRIES = ("CN", "US", "GB", "SG")
"""Asked of every adapter, beside those its author names."""

NO_SUCH_WORD = "a-word-of-tomorrow"

AT_FIRST: Delivery = "accepted"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Bench:
    """One adapter, ready to be used.

    `message` composes, for an attempt's id, something that the provider takes; those of two attempts differ in `to` or `body`. `wall` is
    the provider's clock. `cannot` names what certain countries do not allow: {"CN": {"links"}} with the names of `Capabilities`.
    """

    adapter: Adapter
    message: Callable[[int], Message]
    wall: Callable[[], datetime]
    cannot: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def sought(self, message: Message) -> Sought:
        return Sought(message.attempt_id, message.to, message.body, self.wall())


class Provider(Protocol):
    """The stand-in for the provider, told what to do with the next message. Only what it took counts as `taken`."""

    gone: Adapter
    """The same adapter, on an address where nobody listens."""
    secrets: Sequence[bytes]
    """What must never be kept: tokens, passwords, as they go over the wire."""
    refusals: Mapping[str, ErrorClass]
    """Codes the provider refuses by, and their classes. One of them at least."""
    unknown_code: str
    """A code that the adapter does not know."""

    @property
    def taken(self) -> int: ...

    def take_and_fall_silent(self) -> None:
        """It takes the next message; the connection breaks before it answers."""
        ...

    def garble(self, status: int) -> None:
        """The next message is answered by somebody on the way, with this HTTP status and a page of their own; it is not taken."""
        ...

    def refuse(self, code: str) -> None:
        """The next message is refused with this code."""
        ...


@runtime_checkable
class Correspondent(Protocol):
    """A stand-in to whose sender somebody can write, of which no callback tells: wanted of those whose adapter has `received`."""

    def write(self, body: str) -> str: ...


class Callbacks(Protocol):
    """The provider's callbacks, as they would reach us."""

    words: Mapping[str, Delivery]
    """Every word the provider has for the state of a message, and what it comes to."""

    def say(self, attempt_id: int, provider_id: str, word: str) -> SignedRequest:
        """A genuine callback."""
        ...

    def forge(self, attempt_id: int, provider_id: str, word: str) -> SignedRequest:
        """The same, signed by somebody who does not have our key."""
        ...


def it_names_itself(bench: Bench) -> None:
    assert bench.adapter.channel, "an adapter names its channel"
    assert bench.adapter.provider, "an adapter names its provider"
    assert bench.adapter.sender, "an adapter names the sender it sends through"


def what_it_can_do_is_said_of_every_country(bench: Bench) -> None:
    for country in (*COUNTRIES, *bench.cannot):
        can = bench.adapter.capabilities(country)
        assert can == bench.adapter.capabilities(country), f"{country}: the same question has the same answer"
        if not can.available:
            assert can == Capabilities(available=False), f"{country}: where a channel is not available it can do nothing: {can}"
        assert can.max_length is None or can.max_length > 0, f"{country}: a longest message has a length: {can}"
        assert can.cost is None or Decimal(can.cost) >= 0, f"{country}: a cost is a decimal number, or is not known: {can}"
        assert can.languages is None or can.languages, f"{country}: a line that is available carries some language: {can}"
        assert can.evidence_level in get_args(EvidenceLevel), f"{country}: there is no such level of evidence: {can}"
        for ability in bench.cannot.get(country, ()):
            assert not getattr(can, ability), f"{country} does not allow {ability}, the adapter says it does"


def what_is_taken_is_accepted_under_a_name_of_its_own(bench: Bench) -> None:
    first, second = (_sent(bench, attempt_id, Accepted) for attempt_id in (1, 2))
    assert first.provider_id, "what was accepted has the provider's name for it"
    assert first.provider_id != second.provider_id, "two attempts have two names"
    assert {first.provider, second.provider} == {bench.adapter.provider}, "a handover names the adapter's provider"


def what_was_taken_is_found(bench: Bench) -> None:
    message = bench.message(1)
    sent = _is(bench.adapter.send(message), Accepted)
    found = _is(bench.adapter.find(bench.sought(message)), Accepted)
    assert found.provider_id == sent.provider_id, "a message is found under the name it was accepted by"
    _name_the_attempt(found.receipts, 1)


def what_another_attempt_has_is_not_taken_for_it(bench: Bench) -> None:
    """Two messages may be alike to the letter: what is known to be another's is never found."""
    message = bench.message(1)
    sent = _is(bench.adapter.send(message), Accepted)
    found = bench.adapter.find(replace(bench.sought(message), attempt_id=2, taken=frozenset({sent.provider_id})))
    assert found is None or found.provider_id != sent.provider_id, f"{sent.provider_id} belongs to another attempt: {found}"


def its_health_is_told_in_words(bench: Bench) -> None:
    if isinstance(bench.adapter, ReportsHealth):
        health = bench.adapter.check()
        assert health.state in ("ok", "warning", "down"), f"there is no such state: {health}"
        assert health.says, "what was found is said"


def what_is_too_long_is_not_accepted(bench: Bench) -> None:
    message = bench.message(1)
    longest = bench.adapter.capabilities(message.country).max_length
    if longest is not None:
        _is(bench.adapter.send(replace(message, body="字" * (longest + 1))), Refused)


def what_has_no_approved_template_is_not_sent_where_nothing_else_may_be(bench: Bench) -> None:
    message = bench.message(1)
    if bench.adapter.capabilities(message.country).template_only:
        _is(bench.adapter.send(replace(message, template=None)), Refused)


def what_nobody_signed_is_not_believed(bench: Bench) -> None:
    _is_forged(bench, SignedRequest("https://xianli.example/webhooks/1", 1, [], {}))
    _is_forged(bench, SignedRequest("https://xianli.example/webhooks/1", 1, [("status", "delivered")], {"Signature": "x"}, b"{}"))


def the_raw_exchange_is_kept_without_secrets(bench: Bench, provider: Provider) -> None:
    for exchange in (_sent(bench, 1, Accepted).exchange, _is(bench.adapter.find(bench.sought(bench.message(1))), Accepted).exchange):
        assert exchange.request, "the bytes of the request are kept"
        assert exchange.response, "the bytes of the response are kept"
        for secret in provider.secrets:
            assert secret not in exchange.request + exchange.response, "credentials are not kept"


def a_lost_answer_is_unknown_and_what_became_of_it_is_found(bench: Bench, provider: Provider) -> None:
    provider.take_and_fall_silent()
    unknown = _sent(bench, 1, Unknown)
    assert unknown.exchange.request, "the bytes that left are kept"
    assert provider.taken == 1, "nothing is sent a second time"
    assert _is(bench.adapter.find(bench.sought(bench.message(1))), Accepted).provider_id, "what was taken is found"


def an_answer_nobody_understands_is_unknown(bench: Bench, provider: Provider) -> None:
    for attempt_id, status in enumerate((200, 500, 502, 503), start=1):
        provider.garble(status)
        _sent(bench, attempt_id, Unknown)
    assert provider.taken == 0, "nothing is sent a second time"


def a_provider_that_cannot_be_reached_took_nothing(bench: Bench, provider: Provider) -> None:
    refused = _is(provider.gone.send(bench.message(1)), Refused)
    assert refused.error_class == "transient", f"what never left may leave later: {refused.error_class}"


def each_refusal_has_its_class(bench: Bench, provider: Provider) -> None:
    assert provider.refusals, "name one refusal at least"
    for attempt_id, (code, error_class) in enumerate(provider.refusals.items(), start=1):
        provider.refuse(code)
        refused = _sent(bench, attempt_id, Refused)
        assert (refused.error_code, refused.error_class) == (code, error_class), f"code {code} is {error_class}, not {refused}"
    assert provider.taken == 0, "what is refused is not sent a second time"


def an_unknown_code_is_permanent(bench: Bench, provider: Provider) -> None:
    """So that a person looks at it before anything is tried again."""
    provider.refuse(provider.unknown_code)
    refused = _sent(bench, 1, Refused)
    assert (refused.error_code, refused.error_class) == (provider.unknown_code, "permanent"), f"an unknown code is permanent: {refused}"


def each_code_has_a_source(bench: Bench, provider: Provider) -> None:
    if isinstance(bench.adapter, ExplainsErrors):
        for code, error_class in {**provider.refusals, provider.unknown_code: "permanent"}.items():
            meaning = bench.adapter.explain(code)
            assert meaning.error_class == error_class, f"code {code} is {error_class}: {meaning}"
            assert meaning.source, f"where code {code} is explained is told"


def what_was_never_sent_is_not_found(bench: Bench, provider: Provider) -> None:
    found = bench.adapter.find(bench.sought(bench.message(1)))
    assert found is None, f"what the provider does not have is None: {found}"


def a_provider_that_cannot_be_asked_says_nothing_about_an_attempt(bench: Bench, provider: Provider) -> None:
    _cannot_be_asked(lambda: provider.gone.find(bench.sought(bench.message(1))))
    gone = provider.gone
    if isinstance(gone, KeepsRecords):
        _cannot_be_asked(lambda: gone.fetch("a-name-of-it", 1))
    if isinstance(gone, Recalls):
        _cannot_be_asked(lambda: gone.recall("a-name-of-it", bench.sought(bench.message(1))))


def the_providers_own_record_can_be_asked_for(bench: Bench, provider: Provider) -> None:
    if isinstance(bench.adapter, KeepsRecords):
        sent = _sent(bench, 1, Accepted)
        _is_the_record_of(sent, bench.adapter.fetch(sent.provider_id, 1), 1)
    if isinstance(bench.adapter, Recalls):
        sent = _sent(bench, 2, Accepted)
        _is_the_record_of(sent, bench.adapter.recall(sent.provider_id, bench.sought(bench.message(2))), 2)


def _is_the_record_of(sent: Accepted, found: Accepted, attempt_id: int) -> None:
    assert found.provider_id == sent.provider_id, f"the record is that of the message: {found}"
    assert all(receipt.provider_id == sent.provider_id for receipt in found.receipts), f"and so are its words: {found}"
    assert found.exchange.response, "the bytes of the record are kept"
    _name_the_attempt(found.receipts, attempt_id)


def what_was_written_to_us_is_found_where_no_callback_told(bench: Bench, provider: Provider) -> None:
    if isinstance(bench.adapter, KeepsInbound):
        assert isinstance(provider, Correspondent), "somebody has to write: give the stand-in `write`"
        since, _ = bench.wall() - CLOCK_SKEW, _sent(bench, 1, Accepted)
        names = {provider.write(body): body for body in ("3号前缴清", "STOP")}
        found = bench.adapter.received(since)
        assert {each.written.provider_id: each.written.body for each in found} == names, f"all that was written, nothing else: {found}"
        assert len(found) == len(names), f"once each: {found}"
        assert all(each.raw for each in found), "the bytes in which the provider told of it are kept"
    if isinstance(gone := provider.gone, KeepsInbound):
        _cannot_be_asked(lambda: gone.received(bench.wall()))


def a_provider_that_cannot_be_reached_is_told_as_down(bench: Bench, provider: Provider) -> None:
    if isinstance(provider.gone, ReportsHealth):
        health = provider.gone.check()
        assert health.state == "down", f"where nobody listens nothing can leave: {health}"
        assert health.says, "what was found is said"


def each_word_means_one_thing(bench: Bench, callbacks: Callbacks) -> None:
    for word, delivery in callbacks.words.items():
        (receipt,) = bench.adapter.parse_receipt(callbacks.say(1, "a-name-of-it", word))
        assert receipt.delivery == delivery, f"{word} is {delivery}, not {receipt.delivery}"
        assert (receipt.provider, receipt.provider_id) == (bench.adapter.provider, "a-name-of-it"), (
            f"a receipt names its message: {receipt}"
        )
        assert receipt.status == word, f"the provider's own word is kept: {receipt.status}"
        assert receipt.at is None or receipt.at.tzinfo, f"a time of the provider's has its zone: {receipt.at}"
        _name_the_attempt([receipt], 1)


def a_callback_said_twice_says_the_same(bench: Bench, callbacks: Callbacks) -> None:
    for word in callbacks.words:
        request = callbacks.say(1, "a-name-of-it", word)
        assert bench.adapter.parse_receipt(request) == bench.adapter.parse_receipt(request), f"{word} said twice says the same"


def a_word_the_provider_may_add_claims_nothing(bench: Bench, callbacks: Callbacks) -> None:
    (receipt,) = bench.adapter.parse_receipt(callbacks.say(1, "a-name-of-it", NO_SUCH_WORD))
    assert receipt.delivery == "accepted", f"a word that is not known claims no more than that it was taken: {receipt}"


def no_order_of_callbacks_goes_backwards(bench: Bench, callbacks: Callbacks) -> None:
    """Folding two words does not depend on their order, nor on how three are grouped: so no order of any number of them matters."""
    said = {word: _delivery(bench, callbacks, word) for word in callbacks.words}
    for words in product(said, repeat=3):
        ends = {reduce(fold, [said[word] for word in order], AT_FIRST) for order in permutations(words)}
        assert len(ends) == 1, f"{words} come to {ends}, by the order they come in"
        end = ends.pop()
        assert end in FINAL or not FINAL & {said[word] for word in words}, f"{words} are final, yet come to {end}"
        assert all(fold(end, said[word]) == end for word in words), f"{words} come to {end}; one of them said again changes it"


def a_forged_callback_is_not_believed(bench: Bench, callbacks: Callbacks) -> None:
    for word in callbacks.words:
        genuine = callbacks.say(1, "a-name-of-it", word)
        _is_forged(bench, callbacks.forge(1, "a-name-of-it", word))
        _is_forged(bench, replace(genuine, url=f"{genuine.url}2"))
        _is_forged(bench, replace(genuine, form=[*genuine.form, ("added", "1")], raw_body=genuine.raw_body + b" "))
        _is_forged(bench, replace(genuine, headers={name: value[::-1] for name, value in genuine.headers.items()}))
        _is_forged(bench, replace(genuine, headers={}))


ALWAYS: tuple[Callable[[Bench], None], ...] = (
    it_names_itself,
    what_it_can_do_is_said_of_every_country,
    what_is_taken_is_accepted_under_a_name_of_its_own,
    what_was_taken_is_found,
    what_another_attempt_has_is_not_taken_for_it,
    its_health_is_told_in_words,
    what_is_too_long_is_not_accepted,
    what_has_no_approved_template_is_not_sent_where_nothing_else_may_be,
    what_nobody_signed_is_not_believed,
)

WITH_A_PROVIDER: tuple[Callable[[Bench, Provider], None], ...] = (
    the_raw_exchange_is_kept_without_secrets,
    a_lost_answer_is_unknown_and_what_became_of_it_is_found,
    an_answer_nobody_understands_is_unknown,
    a_provider_that_cannot_be_reached_took_nothing,
    each_refusal_has_its_class,
    an_unknown_code_is_permanent,
    each_code_has_a_source,
    what_was_never_sent_is_not_found,
    a_provider_that_cannot_be_asked_says_nothing_about_an_attempt,
    the_providers_own_record_can_be_asked_for,
    what_was_written_to_us_is_found_where_no_callback_told,
    a_provider_that_cannot_be_reached_is_told_as_down,
)

WITH_CALLBACKS: tuple[Callable[[Bench, Callbacks], None], ...] = (
    each_word_means_one_thing,
    a_callback_said_twice_says_the_same,
    a_word_the_provider_may_add_claims_nothing,
    no_order_of_callbacks_goes_backwards,
    a_forged_callback_is_not_believed,
)


def _sent(bench: Bench, attempt_id: int, expected: type[Answer]) -> Answer:
    return _is(bench.adapter.send(bench.message(attempt_id)), expected)


def _is(answer: object, expected: type[Answer]) -> Answer:
    assert isinstance(answer, expected), f"the answer should be {expected.__name__}, it is {answer!r}"
    return answer


def _delivery(bench: Bench, callbacks: Callbacks, word: str) -> Delivery:
    (receipt,) = bench.adapter.parse_receipt(callbacks.say(1, "a-name-of-it", word))
    return receipt.delivery


def _name_the_attempt(receipts: Sequence[Receipt], attempt_id: int) -> None:
    for receipt in receipts:
        assert receipt.attempt_id in (attempt_id, None), f"a receipt speaks of no attempt but its own: {receipt}"


def _is_forged(bench: Bench, request: SignedRequest) -> None:
    try:
        believed = bench.adapter.parse_receipt(request)
    except ForgedRequest:
        return
    raise AssertionError(f"what does not verify raises ForgedRequest; {believed} was believed")


def _cannot_be_asked(ask: Callable[[], object]) -> None:
    try:
        answer = ask()
    except LookupFailed:
        return
    raise AssertionError(f"a provider that cannot be asked raises LookupFailed; the answer was {answer}")
