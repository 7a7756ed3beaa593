"""Sandbox time moves: all that is due happens, in order for each person, and time stands until everybody was told and has answered."""

import asyncio
import heapq
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from channels.carrier import lives
from channels.carrier.account import is_recorded, recording_sid
from channels.carrier.callbacks import Callbacks, call_fields, inbound_fields, message_fields, recording_fields, wanted_events
from channels.carrier.consignments import Consignment, Event
from channels.carrier.telephone import converse, walk_through
from channels.carrier.world import World

AT_ONCE = 16
"""Persons whose callbacks are on their way at the same time."""

_CALL_ENDINGS = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class Clockwork:
    def __init__(self, world: World, callbacks: Callbacks, inbound_url: str | None) -> None:
        self._world = world
        self._callbacks = callbacks
        self._inbound_url = inbound_url
        self._moving = asyncio.Lock()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def move_to(self, now: datetime) -> None:
        """Everything due up to `now` happens; ends when the callbacks of this step were answered."""
        async with self._moving:
            self._world.move_clock(now)
            while lanes := self._lanes():
                await asyncio.gather(*(self._live(lane) for lane in lanes))
            await self._callbacks.again(self._world.now)

    def _lanes(self) -> list[list[Event]]:
        """What is due, apart for each person: order matters only within one."""
        lanes: dict[str, list[Event]] = defaultdict(list)
        for event in self._world.due():
            consignment = self._world.consignments.get(event.sid)
            lanes[self._world.person_behind(consignment).key if consignment else event.sid].append(event)
        return list(lanes.values())

    async def _live(self, lane: list[Event]) -> None:
        order = len(lane)
        ahead = [(event.at, number, event) for number, event in enumerate(lane)]
        async with self._slots:
            while ahead:
                event = heapq.heappop(ahead)[2]
                for follower in await self._happen(event):
                    if follower.at <= self._world.now:
                        heapq.heappush(ahead, (follower.at, order, follower))
                        order += 1
                    else:
                        self._world.schedule(follower)

    async def _happen(self, event: Event) -> list[Event]:
        self._world.change(event)
        consignment = self._world.consignments.get(event.sid)
        if consignment is not None:
            event = await self._tell(event, consignment)
        return self._world.settle(event)

    async def _tell(self, event: Event, consignment: Consignment) -> Event:
        match consignment.kind, event.name:
            case _, "payment" | "read":
                pass
            case _, lives.REPORTED:
                await self._callbacks.report(consignment)
            case "sms", "reply":
                await self._reply(event, consignment)
            case "sms", _:
                await self._callbacks.status(consignment, message_fields(consignment))
            case "voice", _:
                return await self._call(event, consignment)
            case "letter", _:
                await self._callbacks.tracking(consignment, event.name, event.at)
        return event

    async def _call(self, event: Event, call: Consignment) -> Event:
        wanted = wanted_events(call.asked)
        if event.name in wanted or (event.name in _CALL_ENDINGS and "completed" in wanted):
            await self._callbacks.status(call, call_fields(call, self._world.wall(), sequence=len(call.events) - 1))
        if event.name == "completed" and is_recorded(call) and (url := call.asked.get("RecordingStatusCallback")):
            await self._callbacks.twilio(url, recording_fields(call, recording_sid(call)))
        if event.name != "answered":
            return event
        if script := call.asked.get("ivr"):
            return replace(event, detail=walk_through(script, self._world.person_behind(call)))
        return replace(event, detail=await converse(call, self._world.person_behind(call), self._world, self._callbacks))

    async def _reply(self, event: Event, message: Consignment) -> None:
        """A text from the person; the same one again if the carrier was killed while bringing it."""
        sid = "SM" + sha256(event.id.encode()).hexdigest()[:32]
        reply = self._world.consignments.get(sid) or self._world.take(
            "inbound", to=message.sender, sender=message.to, body=event.detail["body"], asked={}, sid=sid
        )
        if self._inbound_url:
            await self._callbacks.twilio(self._inbound_url, inbound_fields(reply))
