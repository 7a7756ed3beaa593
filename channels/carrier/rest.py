"""Twilio's REST API for messages and calls: paths, forms, shapes, paging and errors as its OpenAPI description has them."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from channels.carrier.consignments import FINAL_STATES, Consignment, ConsignmentKind
from channels.carrier.errors import TwilioError
from channels.carrier.reset import with_faults
from channels.carrier.world import World

E164 = re.compile(r"\+[1-9]\d{6,14}")
MAX_BODY = 1600
SERVICE_NUMBER = "+12025550142"
"""What a messaging service sends from."""


def routes(world: World, account: str) -> list[Route]:
    base = f"/2010-04-01/Accounts/{account}"

    @with_faults("sms")
    async def create_message(request: Request) -> Response:
        form = await request.form()
        to, body = _text(form, "To"), _text(form, "Body")
        _refuse_if(not to, 21604)
        _refuse_if(not E164.fullmatch(to), 21211)
        _refuse_if(not body, 21602)
        _refuse_if(len(body) > MAX_BODY, 21617)
        sender = _text(form, "From")
        _refuse_if(not sender and not form.get("MessagingServiceSid"), 21603)
        _refuse_if(world.memory_of(to).opted_out, 21610)
        sender = sender or SERVICE_NUMBER
        taken = world.take("sms", to=to, sender=sender, body=body, asked=_asked(form), doomed=_doom(request, "sms", to))
        return JSONResponse(message_json(taken, account), 201)

    @with_faults("voice")
    async def create_call(request: Request) -> Response:
        form = await request.form()
        to = _text(form, "To")
        _refuse_if(not to, 21201)
        _refuse_if(not E164.fullmatch(to), 21211)
        _refuse_if(not form.get("From"), 21213)
        _refuse_if(not form.get("Url") and not form.get("Twiml"), 21205)
        sender = _text(form, "From")
        taken = world.take("voice", to=to, sender=sender, body="", asked=_asked(form), doomed=_doom(request, "voice", to))
        return JSONResponse(call_json(taken, account), 201)

    async def fetch(request: Request) -> Response:
        return JSONResponse(_as_json(_known(world, request), account))

    async def list_messages(request: Request) -> Response:
        query = request.query_params
        found = [each for each in _newest_first(world, "sms", "inbound") if _matches(each, query, "DateSent", ("sent",))]
        return _page(found, "messages", lambda each: message_json(each, account), request)

    async def list_calls(request: Request) -> Response:
        query = request.query_params
        found = [
            each
            for each in _newest_first(world, "voice")
            if _matches(each, query, "StartTime", ("answered",)) and query.get("Status", each.status) == each.status
        ]
        return _page(found, "calls", lambda each: call_json(each, account), request)

    async def update_call(request: Request) -> Response:
        call, wanted = _known(world, request), (await request.form()).get("Status")
        _refuse_if(wanted not in ("canceled", "completed"), 20001)
        _refuse_if(call.status in FINAL_STATES, 21220)
        world.end_call(call, "completed" if call.status == "in-progress" else "canceled")
        return JSONResponse(call_json(call, account))

    return [
        Route(f"{base}/Messages.json", create_message, methods=["POST"]),
        Route(f"{base}/Messages.json", list_messages, methods=["GET"]),
        Route(f"{base}/Messages/{{sid}}.json", fetch, methods=["GET"]),
        Route(f"{base}/Calls.json", create_call, methods=["POST"]),
        Route(f"{base}/Calls.json", list_calls, methods=["GET"]),
        Route(f"{base}/Calls/{{sid}}.json", fetch, methods=["GET"]),
        Route(f"{base}/Calls/{{sid}}.json", update_call, methods=["POST"]),
    ]


def message_json(message: Consignment, account: str) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    service = message.asked.get("MessagingServiceSid")
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": _rfc2822(message.wall),
        "date_sent": _rfc2822(message.wall_of("sent") or (message.wall if message.kind == "inbound" else None)),
        "date_updated": _rfc2822(_updated(message)),
        "direction": "inbound" if message.kind == "inbound" else "outbound-api",
        "error_code": int(message.error_code) if message.error_code else None,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": service,
        "num_media": "0",
        "num_segments": str(_segments(message.body)),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }


def call_json(call: Consignment, account: str) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{account}/Calls/{call.sid}"
    start, end = call.wall_of("answered"), call.wall_of("completed", "busy", "no-answer", "canceled")
    talked = [at for at, _, name in call.events if name in ("answered", "completed")]
    return {
        "account_sid": account,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": _rfc2822(call.wall),
        "date_updated": _rfc2822(_updated(call)),
        "direction": "outbound-api",
        "duration": str(int((talked[1] - talked[0]).total_seconds())) if len(talked) == 2 else None,
        "end_time": _rfc2822(end),
        "forwarded_from": None,
        "from": call.sender,
        "from_formatted": call.sender,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": _rfc2822(start),
        "status": call.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _as_json(consignment: Consignment, account: str) -> dict[str, Any]:
    return call_json(consignment, account) if consignment.kind == "voice" else message_json(consignment, account)


def _known(world: World, request: Request) -> Consignment:
    sid = request.path_params["sid"]
    found = world.consignments.get(sid)
    wanted = ("voice",) if "/Calls/" in request.url.path else ("sms", "inbound")
    if found is None or found.kind not in wanted:
        raise TwilioError(20404)
    return found


def _newest_first(world: World, *kinds: ConsignmentKind) -> Iterable[Consignment]:
    return [each for each in reversed(world.consignments.values()) if each.kind in kinds]


def _matches(each: Consignment, query: QueryParams, time_field: str, event: tuple[str, ...]) -> bool:
    if query.get("To", each.to) != each.to or query.get("From", each.sender) != each.sender:
        return False
    wall = each.wall if each.kind == "inbound" else each.wall_of(*event)
    on, before, after = (query.get(f"{time_field}{sign}") for sign in ("", "<", ">"))
    if not (on or before or after):
        return True
    if wall is None:
        return False
    return (
        (on is None or wall.date() == _day_or_instant(on).date())
        and (before is None or wall <= _day_or_instant(before))
        and (after is None or wall >= _day_or_instant(after))
    )


def _day_or_instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _page(found: list[Consignment], name: str, as_json: Callable[[Consignment], dict[str, Any]], request: Request) -> Response:
    query = request.query_params
    size, page = min(int(query.get("PageSize", 50)), 1000), int(query.get("Page", 0))
    shown = found[page * size : (page + 1) * size]

    def uri(number: int) -> str:
        others = {key: value for key, value in query.items() if key not in ("Page", "PageToken", "PageSize")}
        return f"{request.url.path}?{urlencode({**others, 'PageSize': size, 'Page': number})}"

    return JSONResponse(
        {
            "end": page * size + len(shown) - 1 if shown else 0,
            "first_page_uri": uri(0),
            "next_page_uri": uri(page + 1) if (page + 1) * size < len(found) else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": uri(page - 1) if page else None,
            "start": page * size,
            "uri": uri(page),
            name: [as_json(each) for each in shown],
        }
    )


def _doom(request: Request, channel: ConsignmentKind, to: str) -> str | None:
    fault = request.app.state.faults.take(channel, "undeliverable", to=to)
    return None if fault is None else str(fault.code)


def _asked(form: FormData) -> dict[str, Any]:
    """The form as it was sent, without what stands elsewhere; only StatusCallbackEvent may repeat."""
    asked: dict[str, Any] = {key: value for key, value in form.items() if key not in ("To", "From", "Body")}
    if events := form.getlist("StatusCallbackEvent"):
        asked["StatusCallbackEvent"] = [word for event in events if isinstance(event, str) for word in event.split()]
    return asked


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _refuse_if(wrong: bool, code: int) -> None:
    if wrong:
        raise TwilioError(code)


def _segments(body: str) -> int:
    """GSM-7 or UCS-2, whole or concatenated; nearly enough for a sandbox: no extension table."""
    single, joined = (160, 153) if body.isascii() else (70, 67)
    return 1 if len(body) <= single else -(-len(body) // joined)


def _updated(consignment: Consignment) -> datetime:
    return consignment.events[-1][1] if consignment.events else consignment.wall


def _rfc2822(at: datetime | None) -> str | None:
    return format_datetime(at) if at else None
