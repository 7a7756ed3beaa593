"""What providers say later, and how it is folded into what we know: late, doubled and out of order are harmless."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Delivery = Literal["accepted", "sent", "delivered", "undelivered", "failed"]
"""Where a message is, in our words. The provider's words are translated in its adapter."""

ErrorClass = Literal["transient", "contact_bad", "unreachable", "opted_out", "blocked", "config", "permanent"]
"""Why a provider did not take or deliver a message, in our words; each adapter's code table maps to these."""

FINAL: frozenset[Delivery] = frozenset({"delivered", "undelivered", "failed"})
_RANK: dict[Delivery, int] = {"accepted": 0, "sent": 1, "failed": 2, "undelivered": 2, "delivered": 3}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One later word of the provider about one message.

    `outcome` says more where the channel knows more (answered, machine, no_answer, handed_over, mailed, returned_refused ...).
    `at` is the provider's own time of the event, where it gives one. `signer` is who signed for a letter: self, family, mail_desk,
    locker, station, guard. `error_class` is what `error_code` means.
    """

    provider: str
    provider_id: str
    attempt_id: int | None
    status: str
    delivery: Delivery
    outcome: str | None = None
    error_code: str | None = None
    at: datetime | None = None
    reply: str | None = None
    error_class: ErrorClass | None = None
    signer: str | None = None


def fold(known: Delivery, news: Delivery) -> Delivery:
    """The later of two words about one message, in whatever order they came.

    >>> fold("delivered", "sent")
    'delivered'
    >>> fold("undelivered", "delivered")
    'delivered'
    """
    if known in FINAL and news in FINAL and _RANK[known] == _RANK[news]:
        return min(known, news)
    return news if _RANK[news] > _RANK[known] else known
