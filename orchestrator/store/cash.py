"""Receipts for cash, and its way to the till."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, log
from orchestrator.store.casefiles import CaseKey, NoSuchThing
from orchestrator.store.log import Entry


def number(row: Any) -> str:
    """A receipt's number as printed: whose, and which of theirs."""
    return f"{row.collector}-{row.number:04d}"


def of_key(rows: Rows, collector: str, key: str) -> Any | None:
    return rows.execute(text(f"{_RECEIPTS} WHERE r.collector = :by AND r.key = :key"), {"by": collector, "key": key}).one_or_none()


def lock_collector(rows: Rows, collector: str) -> None:
    """One at a time writes receipts of a person, or hands their cash over: numbers have no gap, and no receipt slips between."""
    rows.execute(text("""SELECT FROM "user" WHERE name = :by FOR NO KEY UPDATE"""), {"by": collector})


def take(
    rows: Rows, case: CaseKey, task_id: int | None, key: str, units: str, amount: Decimal, by: str, now: datetime, wall: datetime
) -> Any:
    """Write the next receipt of this person, logged with the case, which the caller has locked."""
    receipt_id = rows.execute(
        text("""
            INSERT INTO cash_receipt (collector, number, key, community_id, case_id, task_id, units, amount, taken_at, taken_at_wall)
            SELECT :by, COALESCE(max(number), 0) + 1, :key, :community, :case, CAST(:task AS bigint), :units, :amount, :now, :wall
              FROM cash_receipt WHERE collector = :by
         RETURNING id
        """),
        {
            "by": by,
            "key": key,
            "community": case.community_id,
            "case": case.id,
            "task": task_id,
            "units": units,
            "amount": amount,
            "now": now,
            "wall": wall,
        },
    ).scalar_one()
    made = rows.execute(text(f"{_RECEIPTS} WHERE r.id = :id"), {"id": receipt_id}).one()
    fact = {"receipt": number(made), "units": units, "amount": amount, "task": task_id, "by": by}
    log.append(rows, [Entry("cash taken", fact, case_id=case.id)], now, wall)
    return made


def receipt(rows: Rows, receipt_id: int, scope: int | None) -> Any | None:
    """A receipt that somebody who sees this community (None: all) may see."""
    return rows.execute(
        text(f"{_RECEIPTS} WHERE r.id = :id AND (CAST(:scope AS bigint) IS NULL OR r.community_id = :scope)"),
        {"id": receipt_id, "scope": scope},
    ).one_or_none()


_RECEIPTS = """
    SELECT r.id, r.collector, r.number, r.community_id, r.case_id, r.task_id, r.units, r.amount, r.taken_at, r.handover_id,
           r.voided_at, r.voided_by, r.voided_because, m.name AS community, m.timezone, m.currency, cr.name AS creditor, d.name AS debtor
      FROM cash_receipt r JOIN community m ON m.id = r.community_id JOIN creditor cr ON cr.id = m.creditor_id
      JOIN "case" c ON c.id = r.case_id JOIN debtor d ON d.id = c.debtor_id
"""


def void(rows: Rows, receipt_id: int, by: str, because: str, now: datetime, wall: datetime) -> None:
    """A receipt that was wrong. Raises NoSuchThing where it was handed over or voided before."""
    case_id = rows.execute(
        text("""
            UPDATE cash_receipt SET voided_at = :now, voided_by = :by, voided_because = :because
             WHERE id = :id AND handover_id IS NULL AND voided_at IS NULL RETURNING case_id
        """),
        {"id": receipt_id, "now": now, "by": by, "because": because},
    ).scalar()
    if case_id is None:
        raise NoSuchThing(f"receipt {receipt_id} is handed over or voided")
    rows.execute(text("""SELECT FROM "case" WHERE id = :id FOR NO KEY UPDATE"""), {"id": case_id})
    log.append(rows, [Entry("cash receipt voided", {"receipt": receipt_id, "by": by, "because": because}, case_id=case_id)], now, wall)


def receipts(rows: Rows, scope: int | None, collector: str | None, limit: int = 200) -> list[Any]:
    """Receipts, the newest first; only one person's, where named."""
    return list(
        rows.execute(
            text(f"""
                {_RECEIPTS} WHERE (CAST(:scope AS bigint) IS NULL OR r.community_id = :scope)
                   AND (CAST(:by AS text) IS NULL OR r.collector = :by) ORDER BY r.taken_at DESC, r.id DESC LIMIT :limit
            """),
            {"scope": scope, "by": collector, "limit": limit},
        )
    )


def of_task(rows: Rows, task_id: int) -> list[Any]:
    """Receipts written at one stop."""
    return list(rows.execute(text(f"{_RECEIPTS} WHERE r.task_id = :task ORDER BY r.id"), {"task": task_id}))


def in_hand(rows: Rows, collector: str) -> Mapping[str, Any]:
    """How many receipts of a person are not handed over (`n`), and what they come to (`total`)."""
    found = rows.execute(
        text("""
            SELECT count(*) AS n, COALESCE(sum(amount), 0) AS total FROM cash_receipt
             WHERE collector = :by AND handover_id IS NULL AND voided_at IS NULL
        """),
        {"by": collector},
    ).one()
    return dict(found._mapping)


def offer(rows: Rows, by: str, now: datetime, wall: datetime) -> int:
    """Put everything in hand into one hand-over. Raises NoSuchThing where nothing is, or where one still waits to be counted."""
    if rows.execute(text("SELECT FROM cash_handover WHERE offered_by = :by AND received_at IS NULL"), {"by": by}).one_or_none() is not None:
        raise NoSuchThing(f"the last hand-over of {by} still waits to be counted")
    held = in_hand(rows, by)
    if not held["n"]:
        raise NoSuchThing(f"{by} holds no cash")
    handover_id: int = rows.execute(
        text("INSERT INTO cash_handover (offered_by, offered_at, stated, because) VALUES (:by, :now, :stated, '') RETURNING id"),
        {"by": by, "now": now, "stated": held["total"]},
    ).scalar_one()
    rows.execute(
        text("UPDATE cash_receipt SET handover_id = :id WHERE collector = :by AND handover_id IS NULL AND voided_at IS NULL"),
        {"id": handover_id, "by": by},
    )
    fact = {"handover": handover_id, "by": by, "receipts": held["n"], "stated": held["total"]}
    log.append(rows, [Entry("cash offered", fact)], now, wall)
    return handover_id


def handovers(rows: Rows, scope: int | None, person: str | None, limit: int = 100) -> list[Any]:
    """Hand-overs, those that wait to be counted first; only those a person offered, where named."""
    return list(rows.execute(_HANDOVERS, {"scope": scope, "by": person, "limit": limit}))


_HANDOVERS = text("""
    SELECT h.id, h.offered_by, h.offered_at, h.stated, h.received_by, h.received_at, h.counted, h.because,
           count(r.id) AS receipts, min(m.timezone) AS timezone, min(m.currency) AS currency
      FROM cash_handover h
      JOIN cash_receipt r ON r.handover_id = h.id
      JOIN community m ON m.id = r.community_id
     WHERE CAST(:by AS text) IS NULL OR h.offered_by = :by
     GROUP BY h.id
    HAVING CAST(:scope AS bigint) IS NULL OR bool_and(r.community_id = :scope)
     ORDER BY h.received_at IS NOT NULL, h.offered_at DESC LIMIT :limit
""")


def receive(rows: Rows, handover_id: int, counted: Decimal, because: str, by: str, now: datetime, wall: datetime) -> None:
    """The other person counted it. The database refuses the one who offered it, and a difference without its reason."""
    received = rows.execute(
        text("""
            UPDATE cash_handover SET received_by = :by, received_at = :now, counted = :counted, because = :because
             WHERE id = :id AND received_at IS NULL RETURNING offered_by, stated
        """),
        {"id": handover_id, "by": by, "now": now, "counted": counted, "because": because},
    ).one_or_none()
    if received is None:
        raise NoSuchThing(f"hand-over {handover_id} does not wait to be counted")
    fact = {
        "handover": handover_id,
        "from": received.offered_by,
        "by": by,
        "stated": received.stated,
        "counted": counted,
        "because": because,
    }
    log.append(rows, [Entry("cash received", fact)], now, wall)


def handover(rows: Rows, handover_id: int) -> Any | None:
    """A hand-over, locked, before it is counted."""
    return rows.execute(
        text("SELECT id, offered_by, stated, received_at FROM cash_handover WHERE id = :id FOR NO KEY UPDATE"), {"id": handover_id}
    ).one_or_none()
