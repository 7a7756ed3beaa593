"""The addresses at which a running call fetches its next words: sealed by us, good for a while, and silent about who is called.

Twilio signs its requests with a token that Twilio knows. The seal says besides that the place in the dialogue was given out by us, so that
nobody who holds that token can ask for a later stage of a call that never came so far. An address names the attempt, the place in the
dialogue, the language and what was keyed in on the way; never a name, a number, a home or an amount.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from channels.contract import ForgedRequest

STARTS_WITHIN = timedelta(hours=1)
"""A call that its provider kept back longer than this is not held any more."""
GOES_ON_WITHIN = timedelta(minutes=30)
APOLOGY_WITHIN = timedelta(days=1)

SEAL = "seal"


@dataclass(frozen=True, slots=True)
class CallLinks:
    """The links of one call. `address` is the call's own URL without a query; `now` the program's clock."""

    address: str
    secret: bytes
    now: Callable[[], datetime]
    language: str = "zh"

    @classmethod
    def following(cls, address: str, secret: bytes, now: Callable[[], datetime], carried: Mapping[str, str]) -> Self:
        """The links that go on from one that was just followed."""
        return cls(address, secret, now, carried.get("lang", "zh"))

    def to(self, stage: str, **carried: str) -> str:
        """A place in the dialogue, open for as long as a call may last."""
        return self._sealed(self.now() + GOES_ON_WITHIN, carried | {"stage": stage})

    def start(self, valid_until: datetime) -> str:
        """Where the call begins; never after its contact window has closed."""
        return self._sealed(min(valid_until, self.now() + STARTS_WITHIN), {"stage": "start"})

    def apology(self) -> str:
        """Where the provider turns when it gets no answer from us: words that need no database."""
        return self._sealed(self.now() + APOLOGY_WITHIN, {"stage": "sorry"})

    def _sealed(self, until: datetime, carried: Mapping[str, str]) -> str:
        query = urlencode(sorted({**carried, "lang": self.language, "until": str(int(until.timestamp()))}.items()))
        return f"{self.address}?{query}&{SEAL}={_seal(self.secret, self.address, query)}"


def link_secret(secret_key: str) -> bytes:
    """The key of the seals: it follows from the program's secret and is used for nothing else."""
    return hmac.digest(secret_key.encode(), b"links of a running call", "sha256")


def followed(url: str, secret: bytes, now: datetime) -> dict[str, str]:
    """What a link carries. Raises ForgedRequest where we did not give it out, or too long ago."""
    parts = urlsplit(url)
    carried = dict(parse_qsl(parts.query, keep_blank_values=True))
    seal = carried.pop(SEAL, "")
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if not hmac.compare_digest(seal, _seal(secret, address, urlencode(sorted(carried.items())))):
        raise ForgedRequest("a link of a call bears no seal of ours")
    if not carried["until"].isdigit() or now.timestamp() > int(carried["until"]):
        raise ForgedRequest("a link of a call is no longer good")
    return carried


def _seal(secret: bytes, address: str, query: str) -> str:
    return hmac.new(secret, f"{urlsplit(address).path}?{query}".encode(), "sha256").hexdigest()[:32]
