"""The stage a case is lived on: the program, the carrier and the bank, each behind its own door, on one clock moved by hand.

    billing file -> intake -> campaign -> cases
    the job -> adapters -> the carrier, over HTTP -> people -> signed callbacks, over HTTP -> the web application -> the job
    people -> the bank's statement, every morning -> intake

Nothing comes in by a back door: what the program knows, somebody told it. What it did is read from the carrier's log and the task list.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import text

from orchestrator import campaigns, casework, outreach
from orchestrator.intake import bank
from orchestrator.intake.importing import Order, import_file
from orchestrator.reports.proof_matrix import Matrix
from orchestrator.runtime import Runtime
from orchestrator.sandbox import summary
from orchestrator.sandbox.carrier import Carrier
from orchestrator.store import communities, pages, recomputing, sandbox, steering
from orchestrator.store.sandbox import Errand
from orchestrator.web.console.today import read_matrix
from policies.limitation import FORMAL_DEMAND_BELOW_DAYS
from policies.windows import Place, is_open
from tests.conftest import Clock

HOME = ZoneInfo("Asia/Shanghai")
COMMUNITY = "云栖花园"
TERMS: Mapping[str, Any] = {
    "address": "杭州市云栖路1号",
    "late_rate": Decimal("0.0005"),
    "contract_clause": "《前期物业服务合同》第18条",
    "how_to_pay": "微信公众号缴费，或至服务中心",
    "how_to_object": "致电0571-80000000",
    "voice_opt_in": True,
    "creditor_payee_account": "示例银行 0000",
    "creditor_phone": "0571-80000000",
    "creditor_address": "文一西路1号",
    "creditor_signatory": "物业服务中心",
}
HEADINGS = ("小区", "房屋编号", "业主姓名", "联系电话", "收费项目", "账期", "应缴日期", "应收金额", "已收金额")
DESK_OPENS = time(8, 30)
BEAT = timedelta(seconds=5)
"""How soon is looked again after what only the passing of time can end: an outcome nobody knows, a claim."""


def local(words: str) -> datetime:
    """An instant by the clock on the wall at home: 2026-11-24 10:00."""
    return datetime.fromisoformat(words).replace(tzinfo=HOME).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a home owes, as the billing system exports it: months as 2026-08, each due on its 28th."""

    unit: str
    name: str
    number: str
    months: Sequence[str]
    amount: str = "400.00"

    def rows(self) -> Iterator[tuple[str, ...]]:
        phone = self.number.removeprefix("+86")
        for month in self.months:
            yield COMMUNITY, self.unit, self.name, phone, "物业费", month, f"{month}-28", self.amount, "0.00"


@dataclass
class Stage:
    """`address` is the carrier's; `folder` takes the billing system's file. `unasked`: the errands that staff run by themselves."""

    runtime: Runtime
    carrier: Carrier
    address: str
    clock: Clock
    folder: Path
    unasked: frozenset[str] = frozenset({"call", "visit"})

    # How a case begins

    def bill(self, *bills: Bill) -> None:
        """The billing system's export is taken in, its community with the terms a demand must name."""
        with self.runtime.store.begin() as rows:
            communities.create(rows, COMMUNITY, "云栖物业服务有限公司")
            communities.set_terms(rows, COMMUNITY, TERMS, "admin", self.clock(), self.clock())
        path = self.folder / "arrears.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEADINGS, *chain.from_iterable(bill.rows() for bill in bills)])
        taken = import_file(self.runtime, Order(path))
        assert not taken.rejects, taken.rejects

    def open_cases(self) -> None:
        """This month's campaign is proposed, and a supervisor approves it."""
        proposed = campaigns.propose(self.runtime, COMMUNITY, f"{self.clock().astimezone(HOME):%Y-%m}", "billing")
        campaigns.approve(self.runtime, proposed.campaign_id, "supervisor")

    def case(self, unit: str) -> int:
        return int(str(self.value(_CASE, unit=unit)))

    def spoil(self, fault: str, channel: str, **how: float) -> None:
        """The carrier's next answers or callbacks on a channel go wrong on purpose (channels/carrier/faults.py)."""
        requests.post(f"{self.address}/sandbox/faults", json={"kind": fault, "channel": channel, **how}, timeout=5).raise_for_status()

    # How time passes

    def live(self, until: datetime) -> None:
        """Everything due happens at its instant; time stands still until everybody was told and has answered."""
        while True:
            upcoming = self.come_to_rest()
            if self.clock.at >= until:
                return
            before = self.clock.at
            self.clock.at = min(then for then in (*self._ahead(before), upcoming or until, until) if then > before)
            if self.clock.at == _desk_opens(self.clock.at):
                self._open_the_desk()

    def come_to_rest(self) -> datetime | None:
        """Until nothing is due at this instant, under way, or to be done by staff; when next something happens at the carrier's."""
        while True:
            upcoming = self.carrier.tell_time(self.clock.at)
            if not self.work() and not self._ring_and_call_in():
                return upcoming

    def work(self) -> bool:
        """One sweep, and what it offers done as workers do it; whether there was anything."""
        outreach.ask(self._pushed(), self.runtime)
        due = outreach.sweep(self.runtime)
        if not (due.cases or due.attempts or due.receipts or due.unknown):
            return False
        outreach.hear(due.receipts, self.runtime)
        outreach.look_up(due.unknown, self.runtime)
        outreach.advance(due.cases, self.runtime)
        for attempt_ids in due.attempts.values():
            outreach.deliver(attempt_ids, self.runtime)
        return True

    def _pushed(self) -> list[int]:
        """What an unsigned push spoke of and its provider was not asked about with success: the worker's task, which is not run here."""
        with self.runtime.store.begin() as rows:
            return list(rows.execute(_PUSHED).scalars())

    def _ahead(self, now: datetime) -> Iterator[datetime]:
        with self.runtime.store.begin() as rows:
            due, busy = sandbox.next_due(rows), sandbox.busy(rows, now, now)
        if due:
            yield due
        if busy:
            yield now + BEAT
        yield from (_desk_opens(now), _desk_opens(now + timedelta(days=1)))

    def _open_the_desk(self) -> None:
        """Every morning the bank's statement is taken in, then the day's notices and thanks are planned."""
        now = self.clock.at
        bank.take_statement(self.runtime, self.carrier.statement(now - timedelta(days=7), now))
        campaigns.announce(self.runtime)

    def _ring_and_call_in(self) -> int:
        """Staff make the calls and visits whose window is open, after the question once more: nobody is ever in. How many."""
        with self.runtime.store.begin() as rows:
            errands = [each for each in sandbox.errands(rows, self.clock.at) if each.kind in self.unasked]
        return sum(self._run(errand) for errand in errands)

    def _run(self, errand: Errand) -> bool:
        rules, place = self.runtime.packs.rules(errand.pack), Place(errand.timezone)
        if not is_open(rules, "visit" if errand.kind == "visit" else "call", place, self.clock.at):
            return False
        if casework.still_to_do(self.runtime, errand.id):
            if errand.kind == "visit":
                casework.complete_visit(self.runtime, errand.id, "collector", "affixed")
            else:
                casework.complete_call(self.runtime, errand.id, "collector", "no_answer")
        return True

    def doubts(self) -> list[int]:
        """The tasks that ask whether a message went out that the carrier does not have: nobody answers them unasked."""
        with self.runtime.store.begin() as rows:
            return [each.id for each in sandbox.errands(rows, self.clock.at) if each.about == "absent"]

    # What was seen

    def seen(self) -> dict[str, list[str]]:
        """By home, all that the carrier's own log and the task list saw, in order: when, how, which step, and how it ended."""
        with self.runtime.store.begin() as rows:
            attempts = {row.id: row for row in rows.execute(_ATTEMPTS)}
            tasks = rows.execute(_TASKS).all()
        found = [
            (datetime.fromisoformat(sent["at"]), attempts[sent["attempt"]].unit, _carried(sent, attempts[sent["attempt"]].step))
            for sent in self.carrier.log()
            if sent["kind"] != "inbound"
        ]
        found += [(task.at, task.unit, f"{task.kind} {task.about}: {task.ended}") for task in tasks if task.kind != "alarm"]
        by_home: defaultdict[str, list[str]] = defaultdict(list)
        for at, unit, words in sorted(found):
            by_home[unit].append(f"{at.astimezone(HOME):%m-%d %H:%M} {words}")
        return dict(by_home)

    def alarms(self) -> list[str]:
        """What counsel was told of, and when: it reaches nobody else."""
        with self.runtime.store.begin() as rows:
            rung = rows.execute(text("SELECT due_at, about FROM task WHERE kind = 'alarm' ORDER BY due_at, id")).all()
        return [f"{alarm.due_at.astimezone(HOME):%m-%d} {alarm.about}" for alarm in rung]

    def heard(self) -> list[str]:
        """What people wrote to us, as the carrier brought it."""
        inbound = [each for each in self.carrier.log() if each["kind"] == "inbound"]
        return [f"{datetime.fromisoformat(each['at']).astimezone(HOME):%m-%d %H:%M} {each['body']}" for each in inbound]

    def violations(self) -> list[summary.Violation]:
        """Contacts out of their window, above a cap, or made twice, judged by the pack of their case from the carrier's log."""
        with self.runtime.store.begin() as rows:
            judged = sandbox.judged(rows)
        return summary.violations(self.runtime, list(summary.seen_by(self.carrier.log(), judged)))

    def faults_of_evidence(self) -> Sequence[str]:
        with self.runtime.store.begin() as rows:
            return recomputing.recompute(rows).faults

    def handovers(self, step: str) -> list[tuple[str, int]]:
        """Of each attempt at a step its state, and how many answers about it are kept: to the handover, and to a look-up that found it."""
        with self.runtime.store.begin() as rows:
            return [(row.state, row.answers) for row in rows.execute(_HANDOVERS, {"step": step})]

    def standing(self, unit: str) -> tuple[str, str | None]:
        """How a case stands: its state, and why it rests."""
        with self.runtime.store.begin() as rows:
            state, rest = rows.execute(text('SELECT state, rest FROM "case" WHERE id = :id'), {"id": self.case(unit)}).one()
        return state, rest

    def endangered(self) -> frozenset[int]:
        """The cases that the console shows as short of time to file, whether anybody may still be reached or not."""
        return self._drawn().cases_below(FORMAL_DEMAND_BELOW_DAYS)

    def proofs(self, unit: str) -> set[tuple[str, str | None]]:
        """How the matrix of the console colours the charges of a home, and the best grade of each."""
        return {(cell.proof, cell.grade) for cell in self._drawn().cells if cell.charge.unit == unit}

    def _drawn(self) -> Matrix:
        with self.runtime.store.begin() as rows:
            (community,) = pages.communities(rows, None)
            return read_matrix(rows, community, self.runtime, self.clock().astimezone(HOME).date())

    def steered_by(self) -> int:
        """The number the company steers by, as it was counted and kept this morning."""
        with self.runtime.store.begin() as rows:
            newest = steering.kept(rows, None)[-1]
        assert newest.day == self.clock().astimezone(HOME).date(), "nobody counted today"
        return newest.charges

    def waits(self, unit: str) -> tuple[str, datetime]:
        """By which rule a case waits, and until when."""
        with self.runtime.store.begin() as rows:
            rule, until = rows.execute(_WAITS, {"id": self.case(unit)}).one()
        return rule, until.astimezone(HOME)

    def value(self, query: str, **values: object) -> object:
        with self.runtime.store.begin() as rows:
            return rows.execute(text(query), values).scalar()


def _desk_opens(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(HOME).date(), DESK_OPENS, HOME).astimezone(UTC)


def _carried(sent: Mapping[str, Any], step: str) -> str:
    pressed = f", pressed {' '.join(sent['keys'])}" if sent["keys"] else ""
    return f"{sent['kind']} {step}: {sent['status']}{pressed}"


_CASE = """
    SELECT c.id FROM "case" c JOIN account a ON a.debtor_id = c.debtor_id JOIN unit u ON u.id = a.unit_id WHERE u.label = :unit
"""
_ATTEMPTS = text("""
    SELECT a.id, a.step, (SELECT min(u.label) FROM account ac JOIN unit u ON u.id = ac.unit_id WHERE ac.debtor_id = a.debtor_id) AS unit
      FROM attempt a
""")
_PUSHED = text("""
    SELECT DISTINCT a.id FROM attempt a JOIN receipt r ON r.attempt_id = a.id
     WHERE r.kind = 'hint' AND a.state IN ('accepted', 'sent', 'unknown')
       AND NOT EXISTS (SELECT FROM receipt w WHERE w.attempt_id = a.id AND w.applied_at IS NULL)
""")
_TASKS = text("""
    SELECT t.kind, t.about, COALESCE(t.done_at, t.due_at) AS at, COALESCE(t.report ->> 'outcome', t.state) AS ended,
           (SELECT min(u.label) FROM account ac JOIN unit u ON u.id = ac.unit_id WHERE ac.debtor_id = c.debtor_id) AS unit
      FROM task t JOIN "case" c ON c.id = t.case_id
""")
_HANDOVERS = text("""
    SELECT a.state, (SELECT count(*) FROM evidence_entry e WHERE e.attempt_id = a.id AND e.kind = 'handover') AS answers
      FROM attempt a WHERE a.step = :step ORDER BY a.id
""")
_WAITS = text("""
    SELECT d.rule, d.until FROM decision d WHERE d.case_id = :id AND d.attempt_id IS NULL ORDER BY d.id DESC LIMIT 1
""")
