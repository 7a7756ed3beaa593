"""What every channel adapter promises.

An adapter knows its provider's words and nothing of cases, rows or policies. It is given one composed `Message` and answers honestly:
the provider took it, the provider refused it, or nobody knows. It never resends by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from channels.receipts import ErrorClass as ErrorClass
from channels.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Template:
    """A wording as a provider approved it beforehand: what is sent is its id and what fills its places, never free text.

    `signature` is the name the provider prints before the text. `variables` fill the places, by the provider's own names for them.
    """

    provider: str
    id: str
    signature: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """One composed thing, ready to leave: its bytes are stored and hashed before it is handed over.

    `to` is an E.164 number, or for letters, visits and calls by hand the address or number as it will be printed on the task.
    `valid_until` is when the contact window closes: nothing may reach the debtor from the carrier's queue after it.
    `document` is the letter's PDF; `summary` the content description on the waybill or task (unit, amount; no name).
    `template` is the approved form of `body`, for a provider that takes no free text; its text once filled is `body`.
    """

    attempt_id: int
    channel: str
    to: str
    country: str
    body: str
    language: str
    valid_until: datetime
    registered: bool = False
    document: bytes | None = None
    summary: str = ""
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """The raw request and response of one HTTP call, as evidence keeps them (credentials removed)."""

    request: bytes
    response: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it and gave it a name."""

    provider: str
    provider_id: str
    exchange: Exchange
    receipts: tuple[Receipt, ...] = ()
    """Words that came along with the answer: the state that the provider's own record shows, in case the callbacks were lost."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider certainly did not take it.

    `retry_after`: seconds for which, as it says or as is known of its code, it takes nothing more from this sender; None: no such time.
    """

    provider: str
    error_class: ErrorClass
    error_code: str
    exchange: Exchange
    retry_after: float | None = None
    provider_id: str | None = None
    """The provider's name for what it refused, where it gave one all the same."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A byte left and no answer came: whether it was taken must be looked up, never tried again by itself."""

    provider: str
    detail: str
    exchange: Exchange


Handover = Accepted | Refused | Unknown


CLOCK_SKEW = timedelta(minutes=15)
"""How far a provider's own time of a message may lie from ours: its clock may differ, and our request may have waited on the way. Wide,
for what is missed here is taken for absent; what belongs to other attempts is known by its id, or by our reference."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of an attempt whose outcome is unknown: enough to recognise it in the provider's list."""

    attempt_id: int
    to: str
    body: str
    handed_over_at: datetime
    """Real (wall) time: the provider's clock, not the sandbox's."""
    taken: frozenset[str] = frozenset()
    """Provider ids already known to belong to other attempts: never this one's, however alike."""

    def is_about_then(self, at: datetime | None) -> bool:
        """Whether what the provider made at that time, by its own clock, may be this attempt."""
        return at is not None and abs(at - self.handed_over_at) <= CLOCK_SKEW


EvidenceLevel = Literal["A", "B", "C", "0"]
"""What a delivery proves of service: A alone, B with something beside it, C supports, 0 nothing."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do for one destination country. Where it is not available it can do nothing else.

    `inbound`: a written or keyed answer can reach us. `template_only`: only wordings the provider approved beforehand.
    `max_length` is in characters of one message. `languages` are those it can carry, None: every one. `cost` is the list price of one unit
    (a segment of a text, a minute begun of a call, a letter); None where it is not known here. `evidence_level` is that of a plain
    delivery. `can_cancel`: what was accepted can still be called back. `expires`: what still waits at the provider at
    `Message.valid_until` is never delivered.
    """

    available: bool
    inbound: bool = False
    links: bool = False
    max_length: int | None = None
    languages: frozenset[str] | None = None
    cost: str | None = "0.00"
    currency: str = "CNY"
    template_only: bool = False
    evidence_level: EvidenceLevel = "0"
    can_cancel: bool = False
    expires: bool = True


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """A provider's code in our words. `says` is what the provider says of it, `source` where (a URL, or the name of a document)."""

    error_class: ErrorClass
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Health:
    """`ok`: messages can leave; `warning`: a person should look; `down`: none can. `says` tells what was found, and the cure."""

    state: Literal["ok", "warning", "down"]
    says: str


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A provider's callback as it reached us: the public URL with its raw query, the form fields in order, the signature header."""

    url: str
    path_attempt: int | None
    form: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    raw_body: bytes = field(default=b"")


class ForgedRequest(Exception):
    """The signature of a callback does not verify. Nothing of it may be believed; its bytes are still kept."""


class LookupFailed(Exception):
    """The provider could not be asked what became of an attempt: that says nothing about the attempt."""


@runtime_checkable
class KeepsRecords(Protocol):
    """An adapter whose provider can be asked for the state of what it took: its callbacks may get lost."""

    def fetch(self, provider_id: str, attempt_id: int) -> Accepted:
        """What the provider's own record says now, with its bytes. Raises LookupFailed."""
        ...


@runtime_checkable
class Recalls(Protocol):
    """An adapter whose provider shows what it took only to whoever names the number and the day as well."""

    def recall(self, provider_id: str, sought: Sought) -> Accepted:
        """What the provider's own record says now, with its bytes. Raises LookupFailed, also where it has none of that attempt."""
        ...


@runtime_checkable
class ReadsHints(Protocol):
    """An adapter whose provider pushes unsigned: a push is a reason to ask (`recall`), and nothing of it is believed."""

    def hints(self, body: bytes) -> Sequence["Hint"]:
        """The messages a push speaks of; those that it names in no way of ours are left out. Raises ValueError for what is no push."""
        ...


@dataclass(frozen=True, slots=True)
class Hint:
    """A message that an unsigned push speaks of: our attempt, and the name the provider gave it."""

    attempt_id: int
    provider_id: str


Wish = Literal["stop", "start", "help"]


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """What a debtor wrote to us, word by word. `channels.replies.understand` reads it.

    `said_at` is when it was written, where the provider says so. `answered`: the provider has answered it by itself. `wish`: what the
    provider itself took it for, and did, by keywords that whoever runs the account chose, in any language.
    """

    provider_id: str
    sender: str
    recipient: str
    body: str
    said_at: datetime | None = None
    answered: bool = False
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What a debtor wrote, with the bytes in which the provider told of it."""

    written: InboundMessage
    raw: bytes


@runtime_checkable
class KeepsInbound(Protocol):
    """An adapter whose provider keeps what was written to us: its callbacks may find nobody at home."""

    def received(self, since: datetime) -> Sequence[Received]:
        """What was written to this sender from `since` on, by the provider's clock, under the names of its callbacks. Older things may be
        among it. Raises LookupFailed."""
        ...


@runtime_checkable
class KeepsRecordings(Protocol):
    """An adapter of calls whose provider records them."""

    def recordings(self, provider_id: str) -> Sequence[bytes]:
        """The sound of one call, as WAV; empty where the provider has none, or none yet. Raises LookupFailed."""
        ...


@runtime_checkable
class ExplainsErrors(Protocol):
    """An adapter whose provider refuses by codes."""

    def explain(self, code: str) -> ErrorMeaning:
        """What a code means. One that is in no table is permanent: a person looks before anything is tried again."""
        ...


@runtime_checkable
class ReportsHealth(Protocol):
    """An adapter whose provider can be asked whether it would take a message now."""

    def check(self) -> Health:
        """Whether the provider answers, the account is open and the sender is there. Sends nothing, never raises."""
        ...


class Adapter(Protocol):
    """One line: a channel through one provider, under one sender.

    `sender` is what the debtor sees it come from, or the provider's own name for that: a number, a messaging service, a signature;
    "staff" and "post" where there is only one. It stays the same from one start to the next: what left is looked up by it.
    """

    channel: str
    provider: str
    sender: str

    def capabilities(self, country: str) -> Capabilities: ...

    def send(self, message: Message) -> Handover: ...

    def find(self, sought: Sought) -> Accepted | None:
        """Look the attempt up at the provider; None: the provider's list does not have it. Raises LookupFailed."""
        ...

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        """Verify and translate a callback. Raises ForgedRequest."""
        ...
