"""The doors of a call that the provider puts through: its next words, and what became of each leg. Signed and sealed as every call is."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from channels.bridge import Bridges
from channels.contract import ForgedRequest, SignedRequest
from channels.dialogue import apology
from channels.voice import RECORDED
from orchestrator.calling import bridging
from orchestrator.web.webhooks import Webhooks, signed_request


@dataclass(frozen=True, slots=True)
class BridgeDoors:
    webhooks: Webhooks

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/webhooks/twilio/bridge/{bridge:int}", self.words, methods=["POST"]),
            Route("/webhooks/twilio/bridge/{bridge:int}/{whose}", self.leg, methods=["POST"]),
        ]

    async def words(self, request: Request) -> Response:
        signed = await signed_request(request, self.webhooks.runtime.settings.public_url)
        return await run_in_threadpool(self._kept_if_forged, signed, lambda: self._next_words(request.path_params["bridge"], signed))

    async def leg(self, request: Request) -> Response:
        signed = await signed_request(request, self.webhooks.runtime.settings.public_url)
        bridge_id, whose = request.path_params["bridge"], request.path_params["whose"]
        if whose not in ("agent", "debtor"):
            return PlainTextResponse("a bridge has two legs", status_code=404)
        return await run_in_threadpool(self._kept_if_forged, signed, lambda: self._hear(bridge_id, whose, signed))

    def _kept_if_forged(self, signed: SignedRequest, answer: Callable[[], Response]) -> Response:
        try:
            return answer()
        except ForgedRequest:
            self.webhooks.keep_forged(signed)
            return PlainTextResponse("the request is not signed as it should be, or its link is no longer good", status_code=403)

    def _next_words(self, bridge_id: int, signed: SignedRequest) -> Response:
        word, links = self._line().parse_bridge(signed)
        runtime = self.webhooks.runtime
        recorded = f"{runtime.settings.public_url.rstrip('/')}/webhooks/twilio/{RECORDED}"
        said = bridging.answer(runtime, bridge_id, word, links, f"{links.address}/debtor", recorded, signed.raw_body)
        return Response(said or apology("en" if links.language == "en" else "zh"), media_type="text/xml")

    def _hear(self, bridge_id: int, whose: str, signed: SignedRequest) -> Response:
        bridging.heard(self.webhooks.runtime, bridge_id, whose, self._line().parse_leg(signed), signed.raw_body)
        return Response(status_code=204)

    def _line(self) -> Bridges:
        """Any line of this provider's: the account is one, and so are its signatures."""
        line: Bridges = self.webhooks.adapter("voice", "twilio")
        return line
