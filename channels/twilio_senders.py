"""TWILIO_FROM: the senders of a Twilio account, as whoever runs the program writes them down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SHORT_CODE = re.compile(r"\d{3,8}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
"""Source of the four: https://www.twilio.com/docs/messaging/api/message-resource (From, MessagingServiceSid), and
https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id."""
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Sender:
    """One sender. `country` (ISO 3166 alpha-2) is the only one it is kept for, None: whoever has no sender of their own.

    `is_service`: a messaging service, out of whose numbers Twilio chooses.
    """

    name: str
    country: str | None = None
    is_service: bool = False

    @property
    def is_name(self) -> bool:
        """A sender of letters, which nobody can answer."""
        return not self.is_service and not self.name.lstrip("+").isdigit()

    @property
    def can_call(self) -> bool:
        return self.name.startswith("+")


def read(written: str | None) -> tuple[Sender, ...]:
    """Senders in their order: "US:+14155550100,GB:Qingyuan,+15005550006". Raises ValueError naming the place of the one at fault."""
    entries = [entry.strip() for entry in (written or "").split(",")]
    senders = [_sender(entry, place) for place, entry in enumerate(entries, 1) if entry]
    if twice := next((sender for place, sender in enumerate(senders) if sender in senders[:place]), None):
        raise ValueError(f"names sender {senders.index(twice) + 1} twice: name each once")
    return tuple(senders)


def _sender(entry: str, place: int) -> Sender:
    country, colon, name = entry.rpartition(":")
    if colon and not _COUNTRY.fullmatch(country):
        raise ValueError(f"binds sender {place} to something that is no country: write its two capital letters, like US:+14155550100")
    if not any(kind.fullmatch(name) for kind in (_NUMBER, _SHORT_CODE, _SERVICE, _NAME)):
        raise ValueError(
            f"has as sender {place} nothing that Twilio sends from: write a number with its country code and without spaces "
            "(+14155550100), a short code, a name of up to 11 Latin letters and digits, or a messaging service (MG...); "
            "commas separate several"
        )
    return Sender(name, country or None, is_service=_SERVICE.fullmatch(name) is not None)


def texting(written: str | None, service: str | None) -> Sequence[Sender]:
    """Who texts. A messaging service set for the account stands in for those that are kept for no country."""
    senders = read(written)
    return senders if service is None else [*(sender for sender in senders if sender.country), Sender(service, is_service=True)]


def calling(written: str | None) -> Sequence[Sender]:
    """Who calls: numbers only."""
    return [sender for sender in read(written) if sender.can_call]
