"""The sandbox's side of the carrier: it is told the time, and asked what it saw and what the bank booked."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import requests

ANSWERS_WITHIN = 120.0
"""Seconds: telling the time answers only when every callback was answered."""


class Carrier:
    """A client of the carrier's `/sandbox/` and `/bank/` pages."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()

    def tell_time(self, now: datetime) -> datetime | None:
        """It is `now`: everything due until then happens, its callbacks are answered; the instant of the next event, if any."""
        answered = self._ask("post", "/sandbox/clock", json={"now": now.isoformat()})
        upcoming = answered.json()["next"]
        return datetime.fromisoformat(upcoming) if upcoming else None

    def log(self) -> Iterator[Mapping[str, Any]]:
        """Everything it was handed, in order."""
        answered = self._ask("get", "/sandbox/log")
        for line in answered.text.splitlines():
            if line:
                yield json.loads(line)

    def statement(self, since: datetime, until: datetime) -> str:
        """The bank statement of a span, as the bank exports it (CSV)."""
        answered = self._ask("get", "/bank/statement", params={"since": since.isoformat(), "until": until.isoformat()})
        return answered.text

    def will_pay(self, unit: str, amount: str, payer: str, at: datetime) -> None:
        """Somebody who promised staff to pay will do so."""
        self._ask("post", "/sandbox/payments", json={"unit": unit, "amount": amount, "payer": payer, "at": at.isoformat()})

    def _ask(self, method: str, path: str, **what: Any) -> requests.Response:
        answered = self._http.request(method, self._url + path, timeout=ANSWERS_WITHIN, **what)
        answered.raise_for_status()
        return answered

    def close(self) -> None:
        self._http.close()
