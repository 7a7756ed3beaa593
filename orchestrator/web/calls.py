"""The running call asks for its next words: answered within a bound, from what was composed before, and never with silence or an error.

Whoever is on the line hears a pause where our database is slow, and courteous last words where we cannot go on.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from anyio import move_on_after, to_thread
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from channels.call_links import CallLinks
from channels.contract import ForgedRequest, SignedRequest
from channels.dialogue import KeyPressed, VoiceScript, apology, hold_on, take_turn
from channels.voice import VoiceChannel
from orchestrator import logs, service_desk
from orchestrator.store import inbound
from orchestrator.store.hearing import Heard
from orchestrator.web.webhooks import Webhooks, signed_request
from policies.localtime import local_day

ANSWERS_WITHIN = 4.0
"""Seconds: a person waits on the line, and Twilio gives up after fifteen."""


@dataclass(frozen=True, slots=True)
class Calls:
    """The door of the dialogue. `answers_within` is in seconds."""

    webhooks: Webhooks
    answers_within: float = ANSWERS_WITHIN

    @property
    def routes(self) -> list[Route]:
        return [Route("/webhooks/twilio/voice/{attempt:int}", self.door, methods=["POST"])]

    async def door(self, request: Request) -> Response:
        signed = await signed_request(request, self.webhooks.runtime.settings.public_url)
        voice: VoiceChannel = self.webhooks.adapter("voice", "twilio")
        try:
            pressed, links = voice.parse_keys(signed)
        except ForgedRequest:
            await to_thread.run_sync(self.webhooks.keep_forged, signed)
            return PlainTextResponse("the request is not signed as it should be, or its link is no longer good", status_code=403)
        return await self._in_time(partial(self._next_words, signed, pressed, links, voice.sender), pressed, links)

    async def _in_time(self, answer: Callable[[], Response], pressed: KeyPressed, links: CallLinks) -> Response:
        """The answer, or the words for when it takes long or fails. What was keyed is kept all the same, as soon as it can be."""
        if pressed.stage == "sorry":
            return _spoken(apology("en" if links.language == "en" else "zh"))
        try:
            with move_on_after(self.answers_within):
                return await _abandonable(answer)
            logs.logger.warning("a call waits for our answer", attempt=pressed.attempt_id, stage=pressed.stage, waits=pressed.waits)
            return _spoken(hold_on(pressed, links))
        except Exception as failed:  # the person on the line is told courteously, whatever it was
            logs.logger.error("a call could not go on", attempt=pressed.attempt_id, stage=pressed.stage, error=type(failed).__name__)
            return _spoken(apology("en" if links.language == "en" else "zh"))

    def _next_words(self, signed: SignedRequest, pressed: KeyPressed, links: CallLinks, caller_id: str) -> Response:
        """They come from the stored message, never composed anew."""
        runtime = self.webhooks.runtime
        with runtime.store.begin() as rows:
            now = runtime.now()
            stored = inbound.script(rows, pressed.attempt_id or 0)
            if stored is None:
                return _spoken(apology("en" if links.language == "en" else "zh"))
            turn = take_turn(
                _script(stored, service_desk.is_staffed(stored.service_hours, stored.home, now), caller_id),
                pressed,
                links,
                local_day(now, stored.timezone),
            )
            detail = {"meaning": turn.meaning, "stage": pressed.stage} | ({"on": turn.on.isoformat()} if turn.on else {})
            new = self.webhooks.keep_in(rows, [Heard.of(turn.receipt(pressed), signed.raw_body, "keys", detail)])
        return _spoken(turn.twiml, self.webhooks.hear_later(new))


def _script(stored: inbound.Script, staffed: bool, caller_id: str) -> VoiceScript:
    return VoiceScript(
        language="en" if stored.language == "en" else "zh",
        company=stored.company,
        unit_label="、".join(stored.units),
        body=stored.body,
        desk=stored.service_number if staffed and stored.service_number else None,
        caller_id=caller_id,
        promise_days=stored.promise_days,
    )


def _spoken(twiml: str, background: BackgroundTask | None = None) -> Response:
    return Response(twiml, media_type="text/xml", background=background)


def _abandonable(answer: Callable[[], Response]) -> Awaitable[Response]:
    """On a thread that is left to itself when time is up: its transaction ends, only nobody waits for it."""
    return to_thread.run_sync(answer, abandon_on_cancel=True)
