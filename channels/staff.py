"""What our own staff carry out: the attempt is a task in the console, and its report comes from there, not over a wire."""

from collections.abc import Sequence

from channels.contract import (
    Accepted,
    Capabilities,
    EvidenceLevel,
    Exchange,
    ForgedRequest,
    Handover,
    Health,
    Message,
    SignedRequest,
    Sought,
)
from channels.receipts import Receipt

PROVIDER = "staff"


class StaffTasks:
    """The task is the attempt itself, so handing it over cannot fail and looking it up always finds it."""

    channel: str
    proves: EvidenceLevel
    """What its plain end proves: a conversation, a notice handed over."""
    provider = PROVIDER
    sender = PROVIDER

    def capabilities(self, country: str) -> Capabilities:
        """Our staff go and call wherever they can, hear the answer, and are told when nothing more is to be done."""
        return Capabilities(available=True, inbound=True, evidence_level=self.proves, can_cancel=True)

    def send(self, message: Message) -> Handover:
        return _task(message.attempt_id)

    def find(self, sought: Sought) -> Accepted | None:
        return _task(sought.attempt_id)

    def check(self) -> Health:
        return Health("ok", "its tasks wait in the console")

    def parse_receipt(self, request: SignedRequest) -> Sequence[Receipt]:
        raise ForgedRequest("staff report in the console; no callback speaks for them")


def _task(attempt_id: int) -> Accepted:
    return Accepted(PROVIDER, f"task-{attempt_id}", Exchange(b"", b""))
