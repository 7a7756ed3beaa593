"""What people and debtors add to a case: holds, promises, stop states, approvals, task reports. Each writes its entry in the log.

Everything here locks the case first, writes, and asks the case anew last, so that nothing claimed before it can still leave.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.evidence.leaves import canonical
from orchestrator.store import Rows, log, writing
from orchestrator.store.log import Entry
from policies.sequences import Sequence as Steps


class NoSuchThing(LookupError):
    """No case, approval or task of that number, or none that is still open to this act."""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A case and whose arrears it is about; without an id, a debtor who has no case yet."""

    id: int | None
    community_id: int
    debtor_id: int


def lock(rows: Rows, case_id: int) -> CaseKey:
    """Lock a case that is not closed. Raises NoSuchThing."""
    found = rows.execute(
        text("""SELECT id, community_id, debtor_id FROM "case" WHERE id = :id AND state <> 'closed' FOR NO KEY UPDATE"""), {"id": case_id}
    ).one_or_none()
    if found is None:
        raise NoSuchThing(f"case {case_id} is not open")
    return CaseKey(*found)


def lock_any(rows: Rows, case_id: int) -> CaseKey:
    """Lock a case whatever its state: what a person or debtor did is written down even after it closed."""
    found = rows.execute(text("""SELECT id, community_id, debtor_id FROM "case" WHERE id = :id FOR NO KEY UPDATE"""), {"id": case_id}).one()
    return CaseKey(*found)


def hold(
    rows: Rows,
    case: CaseKey,
    reason: str,
    until: datetime,
    by: str,
    now: datetime,
    wall: datetime,
    *,
    issue: str | None = None,
    comment: str = "",
) -> bool:
    """Stop outreach until a time. One issue holds a debtor once: False where it did before."""
    held = rows.execute(
        text("""
            INSERT INTO hold (community_id, debtor_id, reason, comment, issue, since, until, by)
            VALUES (:community, :debtor, :reason, :comment, :issue, :now, :until, :by)
            ON CONFLICT (community_id, debtor_id, issue) WHERE issue IS NOT NULL DO NOTHING
        """),
        _whose(case) | {"reason": reason, "comment": comment, "issue": issue, "now": now, "until": until, "by": by},
    ).rowcount
    if held:
        tell(rows, case, "hold", {"reason": reason, "until": until, "by": by, "comment": comment}, now, wall)
    return bool(held)


def lift(rows: Rows, case: CaseKey, by: str, now: datetime, wall: datetime, *, reason: str | None = None) -> int:
    """End the holds of this debtor (of one reason, or all); how many there were."""
    lifted = rows.execute(
        text("""
            UPDATE hold SET lifted_at = :now, lifted_by = :by
             WHERE community_id = :community AND debtor_id = :debtor AND lifted_at IS NULL AND until > :now
               AND (CAST(:reason AS text) IS NULL OR reason = :reason)
        """),
        _whose(case) | {"now": now, "by": by, "reason": reason},
    ).rowcount
    if lifted:
        tell(rows, case, "hold lifted", {"reason": reason, "by": by}, now, wall)
    return lifted


def promise(rows: Rows, case: CaseKey, on: date, amount: Decimal, by: str, now: datetime, wall: datetime, *, made_at: datetime) -> None:
    """`made_at` may lie before `now`: words reach us late."""
    rows.execute(
        text("""
            INSERT INTO promise (community_id, debtor_id, "on", amount, made_at, by)
            VALUES (:community, :debtor, :on, :amount, :made_at, :by)
        """),
        _whose(case) | {"on": on, "amount": amount, "made_at": made_at, "by": by},
    )
    tell(rows, case, "promise", {"on": on, "amount": amount, "by": by}, now, wall)


def enter_state(rows: Rows, case: CaseKey, state: str, by: str, now: datetime, wall: datetime, *, note: str = "") -> None:
    """A state that ends contact. Entering it twice is once."""
    entered = rows.execute(
        text("""
            INSERT INTO stop_state (community_id, debtor_id, state, since, by, note)
            SELECT :community, :debtor, :state, :now, :by, :note
             WHERE NOT EXISTS (SELECT FROM stop_state
                                WHERE community_id = :community AND debtor_id = :debtor AND state = :state AND ended_at IS NULL)
        """),
        _whose(case) | {"state": state, "now": now, "by": by, "note": note},
    ).rowcount
    if entered:
        tell(rows, case, "stop state", {"state": state, "by": by, "note": note}, now, wall)


def leave_state(rows: Rows, case: CaseKey, state: str, by: str, now: datetime, wall: datetime) -> None:
    """The state is over: a stopped case is open again and goes on where it stood."""
    rows.execute(
        text("""
            UPDATE stop_state SET ended_at = :now, ended_by = :by
             WHERE community_id = :community AND debtor_id = :debtor AND state = :state AND ended_at IS NULL
        """),
        _whose(case) | {"state": state, "now": now, "by": by},
    )
    reopen(rows, case, now)
    tell(rows, case, "stop state ended", {"state": state, "by": by}, now, wall)


def reopen(rows: Rows, case: CaseKey, now: datetime) -> None:
    """A case at rest is asked again: it resumes at its cursor."""
    rows.execute(
        text("""UPDATE "case" SET state = 'open', rest = NULL, ask_at = :now WHERE id = :id AND state = 'stopped'"""),
        {"id": case.id, "now": now},
    )


def unpark(rows: Rows, case: CaseKey, by: str, now: datetime, wall: datetime) -> None:
    """What kept the case from passing is mended: it is asked again where it stood. Raises NoSuchThing where it was not parked."""
    mended = rows.execute(
        text("""UPDATE "case" SET parked = NULL, ask_at = :now WHERE id = :id AND parked IS NOT NULL"""), {"id": case.id, "now": now}
    )
    if not mended.rowcount:
        raise NoSuchThing(f"case {case.id} is not parked")
    tell(rows, case, "unparked", {"by": by}, now, wall)


def pinned(rows: Rows, case: CaseKey) -> tuple[str, str, str]:
    """The sequence a case is worked by, the sequence its community starts with, and the community's zone."""
    found = rows.execute(
        text("""
            SELECT c.sequence, m.sequence AS standard, m.timezone FROM "case" c JOIN community m ON m.id = c.community_id WHERE c.id = :id
        """),
        {"id": case.id},
    ).one()
    return found.sequence, found.standard, found.timezone


def move(rows: Rows, case: CaseKey, sequence: Steps, cursor: int, by: str, why: str, now: datetime, wall: datetime) -> None:
    """Work a case by another sequence from a place on; a case that had come to its end is asked again."""
    rows.execute(
        text("""UPDATE "case" SET sequence = :name, sequence_digest = :digest, cursor = :cursor WHERE id = :id"""),
        {"id": case.id, "name": sequence.name, "digest": sequence.digest, "cursor": cursor},
    )
    rows.execute(
        text(
            """UPDATE "case" SET state = 'open', rest = NULL, ask_at = :now WHERE id = :id AND state = 'stopped' AND rest = 'exhausted'"""
        ),
        {"id": case.id, "now": now},
    )
    tell(rows, case, "moved", {"sequence": sequence.version, "cursor": cursor, "by": by, "why": why}, now, wall)


def close(rows: Rows, case: CaseKey, reason: str, by: str, now: datetime, wall: datetime) -> None:
    """End a case for a reason that is no payment."""
    rows.execute(
        text("""
            UPDATE "case" SET state = 'closed', rest = :reason, ask_at = NULL, offered_until = NULL, changes = changes + 1, closed_at = :now
             WHERE id = :id
        """),
        {"id": case.id, "reason": reason, "now": now, "wall": wall},
    )
    tell(rows, case, "closed", {"reason": reason, "by": by}, now, wall)


def set_aside_numbers(rows: Rows, case: CaseKey, reason: str) -> None:
    """The numbers this case was last reached at are not the debtor's."""
    rows.execute(
        text("""
            UPDATE contact_point SET unusable_reason = :reason, unusable_until = NULL
             WHERE id IN (SELECT contact_point_id FROM attempt WHERE case_id = :case AND contact_point_id IS NOT NULL)
               AND kind <> 'address'
        """),
        {"case": case.id, "reason": reason},
    )


def demanded_since(rows: Rows, case: CaseKey, at: datetime) -> bool:
    """Whether another demand went to this debtor after a time."""
    return bool(
        rows.execute(
            text("""
                SELECT EXISTS (SELECT FROM attempt
                                WHERE community_id = :community AND debtor_id = :debtor AND sent_at > :at
                                  AND purpose IN ('demand', 'reminder', 'offer') AND state NOT IN ('cancelled', 'failed'))
            """),
            _whose(case) | {"at": at},
        ).scalar()
    )


def arrears(rows: Rows, case: CaseKey, today: date) -> Decimal:
    """What is overdue and unpaid on this local day."""
    found: Decimal = rows.execute(
        text("""
            SELECT COALESCE(sum(ch.amount - ch.paid - ch.provisional), 0)
              FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id AND u.community_id = :community
             WHERE ch.debtor_id = :debtor AND ch.due_on < :today AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
               AND ch.amount > ch.paid + ch.provisional
        """),
        _whose(case) | {"today": today},
    ).scalar_one()
    return found


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task not yet done, with the attempt it carries out, if any."""

    id: int
    kind: str
    case_id: int | None
    attempt_id: int | None
    channel: str | None
    step: str | None
    timezone: str


def open_task(rows: Rows, task_id: int) -> OpenTask:
    """Lock an open task. Raises NoSuchThing."""
    found = rows.execute(
        text("""
            SELECT t.id, t.kind, t.case_id, t.attempt_id, a.channel, a.step, m.timezone
              FROM task t JOIN community m ON m.id = t.community_id LEFT JOIN attempt a ON a.id = t.attempt_id
             WHERE t.id = :id AND t.state = 'open' FOR NO KEY UPDATE OF t
        """),
        {"id": task_id},
    ).one_or_none()
    if found is None:
        raise NoSuchThing(f"task {task_id} is not open")
    return OpenTask(*found)


def add_task(rows: Rows, case: CaseKey, kind: str, about: str, due_at: datetime) -> None:
    """Something for a person to look at, unless the same is open already; without a case, once for the community."""
    add_tasks(rows, [case], kind, about, due_at)


def add_tasks(rows: Rows, cases: Sequence[CaseKey], kind: str, about: str, due_at: datetime) -> None:
    """The same to look at for each of these."""
    rows.execute(
        text("""
            INSERT INTO task (kind, state, community_id, case_id, due_at, about)
            SELECT DISTINCT :kind, 'open', n.community_id, n.case_id, CAST(:due AS timestamptz), :about
              FROM unnest(CAST(:communities AS bigint[]), CAST(:cases AS bigint[])) AS n(community_id, case_id)
             WHERE NOT EXISTS (SELECT FROM task t WHERE t.case_id IS NOT DISTINCT FROM n.case_id AND t.community_id = n.community_id
                                                    AND t.kind = :kind AND t.about = :about AND t.state = 'open')
        """),
        {
            "kind": kind,
            "about": about,
            "due": due_at,
            "communities": [case.community_id for case in cases],
            "cases": [case.id for case in cases],
        },
    )


def finish_task(rows: Rows, task: OpenTask, report: Mapping[str, Any], by: str, now: datetime, wall: datetime) -> None:
    """A person reports: the task is done, and its attempt ended as reported (`outcome` in the words of contract section 3).

    Raises NoSuchThing where it is in another person's hands.
    """
    values = {"id": task.id, "report": canonical(report).decode(), "by": by, "now": now, "wall": wall}
    if not rows.execute(_FINISH, values).rowcount:
        raise NoSuchThing(f"somebody else has task {task.id} in hand: wait until they report it or give it back")
    if task.attempt_id is not None:
        outcome = str(report["outcome"])
        reached = outcome in ("handed_over", "affixed", "refused_to_take", "conversation", "answered")
        rows.execute(
            text("""
                UPDATE attempt SET state = :state, outcome = :outcome, signer = :signer, concluded_at = :now
                 WHERE id = :id AND state IN ('accepted', 'sent')
            """),
            {
                "id": task.attempt_id,
                "state": "delivered" if reached else "undelivered",
                "outcome": outcome,
                "signer": report.get("signer"),
                "now": now,
            },
        )
        if outcome == "sent":
            rows.execute(_WENT_OUT, {"id": task.attempt_id})
    log.append(rows, _reported(task, report, by), now, wall)


def _reported(task: OpenTask, report: Mapping[str, object], by: str) -> list[Entry]:
    """What was found, and apart from it the note: a note stays in the house when the rest goes to court."""
    found = {"by": by, **{name: value for name, value in report.items() if name != "note"}}
    entries = [Entry(f"{task.kind} report", found, case_id=task.case_id, attempt_id=task.attempt_id)]
    if report.get("note"):
        entries.append(Entry("note", {"by": by, "note": report["note"]}, case_id=task.case_id, attempt_id=task.attempt_id))
    return entries


_FINISH = text("""
    UPDATE task SET state = 'done', report = CAST(:report AS jsonb), done_by = :by, done_at = :now
     WHERE id = :id AND state = 'open' AND (claimed_by IS NULL OR claimed_by = :by OR claimed_until <= :wall)
""")

_WENT_OUT = text("""
    UPDATE attempt SET outcome = CASE channel WHEN 'letter' THEN 'mailed' ELSE 'sent' END WHERE id = :id AND error_code = 'absent'
""")


def call_off(rows: Rows, task: OpenTask, why: str, now: datetime) -> None:
    """The task is no longer to be done: nobody called or went."""
    rows.execute(text("UPDATE task SET state = 'cancelled' WHERE id = :id"), {"id": task.id})
    rows.execute(
        text(
            "UPDATE attempt SET state = 'cancelled', outcome = :why, concluded_at = :now WHERE id = :id AND state IN ('accepted', 'sent')"
        ),
        {"id": task.attempt_id, "why": why, "now": now},
    )


def decide_approval(rows: Rows, approval_id: int, state: str, by: str, reason: str, now: datetime, wall: datetime) -> CaseKey:
    """A named person's yes or no. Raises NoSuchThing where it is not pending, has expired, or is that person's own request."""
    case_id = rows.execute(
        text("""
            UPDATE approval SET state = :state, decided_by = :by, decided_at = :now, reason = :reason
             WHERE id = :id AND state = 'pending' AND expires_at > :now AND requested_by <> :by
         RETURNING case_id
        """),
        {"id": approval_id, "state": state, "by": by, "reason": reason, "now": now},
    ).scalar()
    if case_id is None:
        raise NoSuchThing(f"approval {approval_id} is not pending, has expired, or was requested by {by}")
    case = lock(rows, case_id)
    tell(rows, case, "approval", {"approval": approval_id, "decided": state, "by": by, "reason": reason}, now, wall)
    return case


def tell(rows: Rows, case: CaseKey, kind: str, fact: Mapping[str, object], now: datetime, wall: datetime) -> None:
    """What somebody did to a case goes into the log, and the case is asked again."""
    log.append(rows, [Entry(kind, fact, case_id=case.id)], now, wall)
    writing.touch(rows, [case.id] if case.id is not None else [], now)


def _whose(case: CaseKey) -> dict[str, object]:
    return {"community": case.community_id, "debtor": case.debtor_id}
