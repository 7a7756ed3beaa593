"""What the carrier carries and what became of it: state, and the heap of what is still to come, in sandbox time.

Everything is made of two kinds of facts, a consignment taken and an event that happened; the journal holds them in order, and reading
it again brings the same state and the same future, because people act by a hash.
"""

import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from channels.carrier import lives
from channels.carrier.bank import Transfer
from channels.carrier.consignments import FINAL_STATES, Consignment, ConsignmentKind, Event, Memory
from channels.carrier.personas import Persona, member_of_staff, persona
from channels.carrier.reading import read_demand


class World:
    def __init__(self, seed: int, now: datetime, wall: Callable[[], datetime], journal: Path | None) -> None:
        """Takes up where the journal left off, if it has anything; `journal` None forgets everything at the end."""
        self.seed = seed
        self.now = now
        self.wall = wall
        self.consignments: dict[str, Consignment] = {}
        self.letters_by_attempt: dict[int, str] = {}
        self.transfers: list[Transfer] = []
        self.memories: dict[str, Memory] = {}
        self._key_of_unit: dict[str, str] = {}
        self._future: list[tuple[datetime, int, Event]] = []
        self._order = 0
        self._settled: set[str] = set()
        self._open: set[str] = set()
        self._journal: IO[str] | None = None
        if journal is not None:
            whole = self._read_again(journal)
            journal.parent.mkdir(parents=True, exist_ok=True)
            self._journal = journal.open("a", encoding="utf-8")
            self._journal.write("" if whole else "\n")

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()

    # What is given to the carrier

    def take(
        self,
        kind: ConsignmentKind,
        *,
        to: str,
        sender: str,
        body: str,
        asked: dict[str, Any],
        sid: str | None = None,
        doomed: str | None = None,
    ) -> Consignment:
        status = {"sms": "queued", "voice": "queued", "letter": "accepted", "inbound": "received"}[kind]
        taken = Consignment(sid or self._new_sid(kind), kind, self.now, self.wall(), to, sender, body, status, asked, doomed=doomed)
        self._keep(taken)
        self._write({"consignment": _as_json(taken)})
        return taken

    def person_behind(self, consignment: Consignment) -> Persona:
        """A letter is read by who lives in the home; their number is known once a text or call named the home."""
        if consignment.is_bridge:
            return member_of_staff(consignment.to)
        if consignment.kind != "letter":
            return persona(self.seed, consignment.to)
        demand = read_demand(consignment.body)
        unit = demand.units[0] if demand else consignment.to
        return persona(self.seed, self._key_of_unit.get(unit, unit))

    def memory_of(self, key: str) -> Memory:
        return self.memories.setdefault(key, Memory())

    # What happens

    @property
    def next_at(self) -> datetime | None:
        while self._future and self._future[0][2].id in self._settled:
            heapq.heappop(self._future)
        return self._future[0][0] if self._future else None

    @property
    def in_flight(self) -> int:
        """Texts and calls that are not at their end; letters take days."""
        return len(self._open)

    def move_clock(self, now: datetime) -> None:
        """Time never runs backwards here."""
        self.now = max(self.now, now)
        self._write({"clock": self.now.isoformat()})

    def schedule(self, event: Event) -> None:
        if event.id not in self._settled:
            heapq.heappush(self._future, (event.at, self._order, event))
            self._order += 1

    def promise(self, payment: Event) -> bool:
        """A payment that no consignment brought about; False if the home is being paid for already."""
        if not self._promise(payment):
            return False
        self._write({"promise": _event_as_json(payment)})
        return True

    def _promise(self, payment: Event) -> bool:
        unit = payment.detail["unit"]
        paying = self.memory_of(self._key_of_unit.get(unit, unit)).paying
        if unit in paying:
            return False
        paying.add(unit)
        self.schedule(payment)
        return True

    def due(self) -> Iterator[Event]:
        """Takes from the future all that is due by now, in order."""
        while (upcoming := self.next_at) is not None and upcoming <= self.now:
            yield heapq.heappop(self._future)[2]

    def change(self, event: Event) -> None:
        """The event as it shows to whoever asks the carrier. What follows from it, and its place in the journal, come with `settle`."""
        consignment = self.consignments.get(event.sid)
        if consignment is not None and event.name == lives.REPORTED:
            consignment.reported_at = self.wall()
        elif consignment is not None and (status := lives.status_after(consignment.kind, event.name)):
            consignment.status = status
            consignment.error_code = event.detail.get("error_code")
            consignment.events.append((event.at, self.wall(), event.name))
            if status in FINAL_STATES:
                self._open.discard(event.sid)

    def settle(self, event: Event) -> list[Event]:
        """The event is over, its callbacks answered. Returns what follows from it."""
        self._write({"event": _event_as_json(event)})
        return self._settle(event)

    def end_call(self, call: Consignment, name: str) -> None:
        """By the sender's wish: `canceled` before it was answered, else `completed`. Nothing that was to come of it comes."""
        event = Event(self.now, call.sid, name)
        self.change(event)
        self.settle(event)

    def _settle(self, event: Event) -> list[Event]:
        self._settled.add(event.id)
        if event.name == "canceled":
            self._settled.update(coming.id for _, _, coming in self._future if coming.sid == event.sid)
            return []
        if event.name == "payment":
            self.transfers.append(
                Transfer(event.at, event.detail["payer"], Decimal(event.detail["amount"]), event.detail["memo"]),
            )
            return []
        consignment = self.consignments[event.sid]
        if event.name == "answered":
            consignment.answered_by, consignment.keys = event.detail.get("answered_by"), event.detail.get("keys", "")
        who = self.person_behind(consignment)
        memory = self.memory_of(who.key)
        if heard := lives.demand_heard(event, consignment):
            memory.demands.append(heard)
            if consignment.kind == "voice":
                self._key_of_unit.update(dict.fromkeys(heard.units, who.key))
        return lives.what_follows(event, consignment, who, memory, self.seed)

    # The journal

    def _keep(self, taken: Consignment) -> None:
        self.consignments[taken.sid] = taken
        if taken.kind == "letter":
            self.letters_by_attempt[int(taken.asked["attempt"])] = taken.sid
        if taken.kind == "sms" and (demand := read_demand(taken.body)):
            self._key_of_unit.update(dict.fromkeys(demand.units, taken.to))
        if taken.kind in ("sms", "voice"):
            self._open.add(taken.sid)
        if taken.kind != "inbound":
            for event in lives.beginnings(taken, self.person_behind(taken)):
                self.schedule(event)

    def _new_sid(self, kind: ConsignmentKind) -> str:
        number = len(self.consignments)
        if kind == "letter":
            return f"EX{number:09d}CN"
        return ("CA" if kind == "voice" else "SM") + sha256(f"{self.seed}|{number}".encode()).hexdigest()[:32]

    def _write(self, line: dict[str, Any]) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._journal.flush()

    def _read_again(self, journal: Path) -> bool:
        """Whether its last line is whole. A line cut off by a kill tells of nothing that anybody was answered."""
        text = journal.read_text(encoding="utf-8") if journal.exists() else ""
        for line in text.splitlines():
            try:
                fact = json.loads(line)
            except ValueError:
                continue
            self._live_again(fact)
        return not text or text.endswith("\n")

    def _live_again(self, line: dict[str, Any]) -> None:
        match line:
            case {"clock": now}:
                self.now = datetime.fromisoformat(now)
            case {"consignment": fields}:
                self._keep(_from_json(fields))
            case {"promise": fields}:
                self._promise(_event_from_json(fields))
            case {"event": fields}:
                event = _event_from_json(fields)
                self.change(event)
                for follower in self._settle(event):
                    self.schedule(follower)


def _event_as_json(event: Event) -> dict[str, Any]:
    return {"at": event.at.isoformat(), "sid": event.sid, "name": event.name, "detail": event.detail}


def _event_from_json(fields: dict[str, Any]) -> Event:
    return Event(**{**fields, "at": datetime.fromisoformat(fields["at"])})


def _as_json(taken: Consignment) -> dict[str, Any]:
    return {**asdict(taken), "at": taken.at.isoformat(), "wall": taken.wall.isoformat(), "events": []}


def _from_json(fields: dict[str, Any]) -> Consignment:
    return Consignment(**{**fields, "at": datetime.fromisoformat(fields["at"]), "wall": datetime.fromisoformat(fields["wall"])})
