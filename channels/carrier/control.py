"""Whoever drives the sandbox: its clock, its log, its people, its bank, its faults."""

import json
import re
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from channels.carrier import bank
from channels.carrier.clockwork import Clockwork
from channels.carrier.consignments import Consignment, Event
from channels.carrier.faults import Faults
from channels.carrier.personas import persona
from channels.carrier.world import World

_ATTEMPT = re.compile(r"/(\d+)(?:\?|$)")


def routes(world: World, clockwork: Clockwork, faults: Faults) -> list[Route]:
    def clock() -> Response:
        upcoming = world.next_at
        return JSONResponse(
            {"now": world.now.isoformat(), "next": upcoming.isoformat() if upcoming else None, "in_flight": world.in_flight}
        )

    async def see_clock(request: Request) -> Response:
        return clock()

    async def move_clock(request: Request) -> Response:
        await clockwork.move_to(datetime.fromisoformat((await request.json())["now"]))
        return clock()

    async def see_log(request: Request) -> Response:
        lines = [json.dumps(log_line(each), ensure_ascii=False) for each in world.consignments.values()]
        return PlainTextResponse("".join(f"{line}\n" for line in lines), media_type="application/x-ndjson")

    async def see_person(request: Request) -> Response:
        key = request.path_params["number"]
        memory = world.memory_of(key)
        demands = [{"units": each.units, "total": str(each.total), "name": each.name} for each in memory.demands]
        remembered = {"demands": demands, "paying": sorted(memory.paying), "replied": memory.replied, "opted_out": memory.opted_out}
        return JSONResponse({"persona": asdict(persona(world.seed, key)), "memory": remembered})

    async def promise_payment(request: Request) -> Response:
        """A payment promised to staff, who are not carried by this carrier; nobody pays for the same home twice."""
        asked = await request.json()
        unit, payer = asked["unit"], asked.get("payer")
        detail = {
            "unit": unit,
            "amount": str(Decimal(asked["amount"])),
            "payer": payer or bank.invented_name(world.seed, unit),
            "memo": asked.get("memo", bank.memo(world.seed, unit, payer)),
        }
        at = datetime.fromisoformat(asked["at"])
        taken = world.promise(Event(at, f"bank:{unit}:{at.isoformat()}", "payment", detail))
        return JSONResponse({"at": asked["at"], "paying_already": not taken}, 201 if taken else 200)

    async def see_statement(request: Request) -> Response:
        since, until = (request.query_params.get(name) for name in ("since", "until"))
        text = bank.statement(
            world.transfers,
            datetime.fromisoformat(since) if since else None,
            datetime.fromisoformat(until) if until else None,
        )
        return Response(text.encode(), media_type="text/csv; charset=utf-8")

    async def add_fault(request: Request) -> Response:
        try:
            faults.add(await request.json())  # one, or a script of them
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 422)
        return await see_faults(request)

    async def see_faults(request: Request) -> Response:
        return JSONResponse([asdict(fault) for fault in faults.left])

    async def clear_faults(request: Request) -> Response:
        faults.left.clear()
        return await see_faults(request)

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok")

    return [
        Route("/sandbox/clock", see_clock, methods=["GET"]),
        Route("/sandbox/clock", move_clock, methods=["POST"]),
        Route("/sandbox/log", see_log, methods=["GET"]),
        Route("/sandbox/people/{number}", see_person, methods=["GET"]),
        Route("/sandbox/payments", promise_payment, methods=["POST"]),
        Route("/sandbox/faults", add_fault, methods=["POST"]),
        Route("/sandbox/faults", see_faults, methods=["GET"]),
        Route("/sandbox/faults", clear_faults, methods=["DELETE"]),
        Route("/sandbox/health", health, methods=["GET"]),
        Route("/bank/statement", see_statement, methods=["GET"]),
    ]


def log_line(consignment: Consignment) -> dict[str, Any]:
    """What the carrier saw of one text, call or letter, from being taken to its last event."""
    found = _ATTEMPT.search(consignment.callback or consignment.asked.get("callback") or "")
    attempt = found[1] if found else consignment.asked.get("OutId")
    return {
        "sid": consignment.sid,
        "kind": consignment.kind,
        "at": consignment.at.isoformat(),
        "wall": consignment.wall.isoformat(),
        "to": consignment.to,
        "from": consignment.sender,
        "body": consignment.body,
        "attempt": int(attempt) if attempt else None,
        "status": consignment.status,
        "error_code": consignment.error_code,
        "events": [{"at": at.isoformat(), "name": name} for at, _, name in consignment.events],
        "answered_by": consignment.answered_by,
        "keys": consignment.keys,
    }
