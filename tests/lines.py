"""A fake line at the port of the channels: it writes down what it is handed, and answers as told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from channels.contract import Accepted, Capabilities, Exchange, Handover, LookupFailed, Message, SignedRequest, Sought
from channels.receipts import Receipt

RAW = Exchange(b"request", b"response")


ANYTHING = Capabilities(available=True, links=True)


def taken(message: Message) -> Handover:
    return Accepted("line", f"id-{message.attempt_id}", RAW)


@dataclass
class Line:
    """One channel. `answer` says what becomes of a handover; `known` is what the provider's own list has."""

    channel: str
    provider: str = "line"
    sender: str = "us"
    answer: Callable[[Message], Handover] = taken
    known: dict[int, Accepted] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    records: dict[str, str] = field(default_factory=dict)
    """The state of what was taken, by its id: what the line says when it is asked. One that is not there cannot be asked about."""

    unserved: frozenset[str] = frozenset()
    """Countries to which it carries nothing."""
    can: Capabilities = ANYTHING
    """What it can do everywhere else."""

    inbound: bool = False
    """Whether an answer to what it carries reaches us."""

    def capabilities(self, country: str) -> Capabilities:
        return Capabilities(available=False) if country in self.unserved else replace(self.can, inbound=self.inbound)

    def send(self, message: Message) -> Handover:
        self.sent.append(message)
        return self.answer(message)

    def find(self, sought: Sought) -> Accepted | None:
        return self.known.get(sought.attempt_id)

    def fetch(self, provider_id: str, attempt_id: int) -> Accepted:
        if provider_id not in self.records:
            raise LookupFailed("nobody answers")
        state = self.records[provider_id]
        word = Receipt("line", provider_id, attempt_id, state, state)  # type: ignore[arg-type]
        return Accepted("line", provider_id, RAW, receipts=(word,))

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        raise NotImplementedError("nobody calls back here: tests say what was heard")
