"""What providers tell us: verified, kept raw in its own short transaction, answered at once, and handed on to be heard.

Nothing of a callback is believed before its signature verifies; the bytes of a forged one are kept all the same, up to a bound. That the
broker takes the ids is not waited for: what it loses, the next sweep offers again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl

from kombu.exceptions import OperationalError
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from channels.contract import ForgedRequest, LookupFailed, Received, SignedRequest
from channels.sms import SmsChannel
from channels.voice import RECORDED, VoiceChannel
from orchestrator import inbox, logs, recordings
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, hearing, inbound, log
from orchestrator.store.hearing import Heard
from orchestrator.store.log import Entry
from orchestrator.web import bodies

FORGED_KEPT = RateLimitItemPerHour(60)
FORGED_BYTES = 4096

Hear = Callable[[Sequence[int]], None]
"""Hands the ids of new receipts to whoever folds them in."""


def hear_later() -> Hear:
    """Through the broker that this process is configured for. A broker that is down loses nothing: the sweep offers what was not heard."""
    from orchestrator import tasks  # reads the settings of this process, which a test that hears by itself does not have

    tasks.configure()

    def hear(receipt_ids: Sequence[int]) -> None:
        with suppress(OperationalError, OSError):
            tasks.hear.apply_async((list(receipt_ids),), retry=False)

    return hear


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The doors of the providers."""

    runtime: Runtime
    hear: Hear
    forged: FixedWindowRateLimiter

    @classmethod
    def of(cls, runtime: Runtime, hear: Hear) -> Self:
        return cls(runtime, hear, FixedWindowRateLimiter(MemoryStorage()))

    @property
    def routes(self) -> list[Route]:
        """Those where nobody waits on the line; a running call has its own (orchestrator.web.calls)."""
        return [
            Route("/webhooks/twilio/status/{attempt:int}", self._door(self._status), methods=["POST"]),
            Route(f"/webhooks/twilio/{RECORDED}", self._door(self._recording), methods=["POST"]),
            Route("/webhooks/twilio/sms", self._door(self._reply), methods=["POST"]),
            Route("/webhooks/post/tracking/{attempt:int}", self._door(self._tracking), methods=["POST"]),
        ]

    def _door(self, answer: Callable[[SignedRequest], Response]) -> Callable[[Request], Any]:
        async def door(request: Request) -> Response:
            signed = await signed_request(request, self.runtime.settings.public_url)
            return await run_in_threadpool(self._answer, answer, signed)

        return door

    def _answer(self, answer: Callable[[SignedRequest], Response], signed: SignedRequest) -> Response:
        try:
            return answer(signed)
        except ForgedRequest:
            self.keep_forged(signed)
            return PlainTextResponse("the signature does not verify", status_code=403)

    def _status(self, signed: SignedRequest) -> Response:
        channel = "voice" if any(name == "CallSid" for name, _ in signed.form) else "sms"
        receipts = self.adapter(channel, "twilio").parse_receipt(signed)
        return self._keep([Heard.of(receipt, signed.raw_body) for receipt in receipts])

    def _recording(self, signed: SignedRequest) -> Response:
        """A call's recording is there: fetched at once, after the answer. What fails then is found by the look that comes anyway."""
        voice: VoiceChannel = self.adapter("voice", "twilio")
        call = voice.parse_recording(signed)
        return Response(status_code=204, background=BackgroundTask(recordings.fetch, self.runtime, call) if call else None)

    def _tracking(self, signed: SignedRequest) -> Response:
        receipts = self.adapter("letter", "post").parse_receipt(signed)
        return self._keep([Heard.of(receipt, signed.raw_body) for receipt in receipts])

    def _reply(self, signed: SignedRequest) -> Response:
        """A debtor wrote. What follows from it is decided when it is heard, as of when it was written: the provider is asked for that."""
        sms: SmsChannel = self.adapter("sms", "twilio")
        written = sms.parse_inbound(signed)
        if written.said_at is None:
            with suppress(LookupFailed):
                written = replace(written, said_at=sms.written_at(written.provider_id))
        with self.runtime.store.begin() as rows:
            new = self.keep_in(rows, inbox.receive(rows, self.runtime, sms.provider, [Received(written, signed.raw_body)]))
        return Response("<Response/>", media_type="text/xml", background=self.hear_later(new))

    def _keep(self, words: Sequence[Heard]) -> Response:
        with self.runtime.store.begin() as rows:
            new = self.keep_in(rows, words)
        return Response(status_code=204, background=self.hear_later(new))

    def keep_in(self, rows: Rows, words: Sequence[Heard]) -> list[int]:
        """A word about an attempt this database does not know (restored from a backup, say) is kept without it. The bytes of what was
        known already are kept too."""
        known = inbound.known(rows, {word.attempt_id for word in words if word.attempt_id is not None})
        kept = [word if word.attempt_id in known else replace(word, attempt_id=None) for word in words]
        now, wall = self.runtime.now(), self.runtime.wall()
        return [*hearing.keep(rows, kept, now, wall), *hearing.keep_repeats(rows, kept, now, wall)]

    def keep_forged(self, signed: SignedRequest) -> None:
        """Evidence of an attack, at most so much of it an hour."""
        logs.logger.warning("webhook refused", reason="signature", attempt=signed.path_attempt)
        if not self.forged.hit(FORGED_KEPT, "forged"):
            return
        fact = {"url": signed.url[:1000], "bytes": len(signed.raw_body), "raw": signed.raw_body[:FORGED_BYTES]}
        with self.runtime.store.begin() as rows:
            log.append(rows, [Entry("forged", fact)], self.runtime.now(), self.runtime.wall())

    def hear_later(self, receipt_ids: Sequence[int]) -> BackgroundTask | None:
        return BackgroundTask(self.hear, receipt_ids) if receipt_ids else None

    def adapter(self, channel: str, provider: str) -> Any:
        """Any line of this provider's: the account is one, and so are its signatures."""
        adapter = self.runtime.lines.of(channel, provider)
        if adapter is None:
            raise HTTPException(404, f"{channel} through {provider} is not configured")
        return adapter


async def signed_request(request: Request, public_url: str) -> SignedRequest:
    """What was signed is our public address with the path and query as they were sent, not what a proxy made of them."""
    body, attempt = await bodies.read(request), request.path_params.get("attempt")
    path = (request.scope.get("raw_path") or request.url.path.encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    url = public_url.rstrip("/") + path + (f"?{query}" if query else "")
    form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True) if not body.startswith(b"{") else []
    return SignedRequest(url=url, path_attempt=attempt, form=form, headers=dict(request.headers), raw_body=body)
