"""The list of cases, and everything about one of them. A fixed number of queries each, however long the history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, addresses
from orchestrator.store.pages import ANSWER, HOME, OWED, WINDOW_RULES

PAGE = 50

FILTERS = ("open", "due", "window", "held", "promised", "person", "limitation", "settled", "stopped", "closed", "all")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for. `only` narrows it to these cases, where computed elsewhere (limitation)."""

    scope: int | None
    state: str
    search: str = ""
    page: int = 1
    only: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    rows: Sequence[Any]
    total: int


def listing(rows: Rows, wanted: Wanted, now: datetime, today: date) -> Listed:
    """One page of cases, the next question first. The total is of the whole list."""
    found = rows.execute(
        _LIST,
        {
            "scope": wanted.scope,
            "state": wanted.state,
            "search": f"%{_escaped(wanted.search)}%" if wanted.search else None,
            "only": list(wanted.only) if wanted.only is not None else None,
            "window_rules": list(WINDOW_RULES),
            "now": now,
            "today": today,
            "limit": PAGE,
            "offset": (wanted.page - 1) * PAGE,
        },
    ).all()
    return Listed(found, found[0].total if found else 0)


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_LIST = text(f"""
    WITH asked AS (
        SELECT c.*, d.rule, d.because
          FROM "case" c
          LEFT JOIN {ANSWER} ON true
         WHERE (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope)
           AND (CAST(:only AS bigint[]) IS NULL OR c.id = ANY(:only))
    ), chosen AS (
        SELECT asked.*, count(*) OVER () AS total
          FROM asked
         WHERE CASE :state
                   WHEN 'open' THEN state <> 'closed'
                   WHEN 'due' THEN state = 'open' AND parked IS NULL AND ask_at <= :now
                   WHEN 'window' THEN state = 'open' AND rule = ANY(:window_rules) AND ask_at > :now
                   WHEN 'held' THEN state = 'open' AND rule = 'wait_for_hold'
                   WHEN 'promised' THEN state = 'open' AND rule = 'wait_for_promise'
                   WHEN 'person' THEN parked IS NOT NULL OR state = 'stopped'
                   WHEN 'settled' THEN rest = 'settled'
                   WHEN 'stopped' THEN state = 'stopped'
                   WHEN 'closed' THEN state = 'closed'
                   ELSE true
               END
           AND (CAST(:search AS text) IS NULL
                OR EXISTS (SELECT FROM account a JOIN unit u ON u.id = a.unit_id AND u.community_id = asked.community_id
                            WHERE a.debtor_id = asked.debtor_id AND (u.label LIKE :search OR u.source_label LIKE :search))
                OR EXISTS (SELECT FROM debtor d WHERE d.id = asked.debtor_id AND d.name LIKE :search))
         ORDER BY ask_at NULLS LAST, id LIMIT :limit OFFSET :offset
    )
    SELECT c.id, c.total, c.state, c.rest, c.parked, c.sequence, c.cursor, c.ask_at, c.rule, c.because, d.name AS debtor,
           m.name AS community, m.timezone, m.currency, home.units, owed.arrears, owed.charges, last.step AS last_step,
           last.channel AS last_channel, last.state AS last_state, last.outcome AS last_outcome, last.at AS last_at
      FROM chosen c
      JOIN debtor d ON d.id = c.debtor_id
      JOIN community m ON m.id = c.community_id
      CROSS JOIN {HOME}
      CROSS JOIN {OWED}
      LEFT JOIN LATERAL (SELECT step, channel, state, outcome, COALESCE(concluded_at, sent_at) AS at FROM attempt
                          WHERE case_id = c.id AND sent_at IS NOT NULL ORDER BY sent_at DESC, id DESC LIMIT 1) AS last ON true
     ORDER BY c.ask_at NULLS LAST, c.id
""")


def one(rows: Rows, case_id: int, scope: int | None) -> Any | None:
    """The case itself; None where there is none or it is not for this person's eyes."""
    return rows.execute(_ONE, {"id": case_id, "scope": scope}).one_or_none()


_ONE = text(f"""
    SELECT c.*, d.name AS debtor, m.name AS community, m.timezone, m.currency, m.country, m.late_rate, m.contract_clause,
           m.sequence AS standard,
           cr.name AS creditor, home.units
      FROM "case" c
      JOIN debtor d ON d.id = c.debtor_id
      JOIN community m ON m.id = c.community_id
      JOIN creditor cr ON cr.id = m.creditor_id
      CROSS JOIN {HOME}
     WHERE c.id = :id AND (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope)
""")


def decisions(rows: Rows, case_id: int) -> list[Any]:
    """What was answered, oldest first; an answer given again and again is shown where it began."""
    return list(rows.execute(_DECISIONS, {"id": case_id}))


_DECISIONS = text("""
    SELECT id, asked_at AS at, action, step, channel, until, reason, rule, because, pack, calendar, attempt_id
      FROM (SELECT *, lag(rule) OVER w = rule AND lag(step) OVER w IS NOT DISTINCT FROM step
                      AND lag(attempt_id) OVER w IS NOT DISTINCT FROM attempt_id AS again
              FROM decision WHERE case_id = :id WINDOW w AS (ORDER BY id)) AS told
     WHERE again IS NOT TRUE ORDER BY id
""")


def attempts(rows: Rows, case_id: int) -> list[Any]:
    """Every try with its exact words, oldest first, and what its provider said later."""
    return list(rows.execute(_ATTEMPTS, {"id": case_id}))


_ATTEMPTS = text("""
    SELECT a.id, a.purpose, a.step, a.round, a.channel, a.state, a.outcome, a.signer, a.provider, a.provider_id,
           a.error_class, a.error_code, a.planned_at, a.sent_at, a.concluded_at, COALESCE(a.sent_at, a.concluded_at, a.planned_at) AS at,
           g.body, g.wording, g.pay_by, g.document IS NOT NULL AS has_document, encode(g.digest, 'hex') AS digest, words.receipts
      FROM attempt a
      LEFT JOIN message g ON g.attempt_id = a.id
      LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object('status', r.status, 'kind', r.kind, 'detail', r.detail,
                                              'at', COALESCE(CASE a.channel WHEN 'letter' THEN r.said_at END, r.received_at))
                           ORDER BY r.id) AS receipts
            FROM receipt r
           WHERE r.kind <> 'repeat'
             AND (r.attempt_id = a.id
                  OR r.attempt_id IS NULL AND r.provider = a.provider AND r.provider_id = a.provider_id)) AS words ON true
     WHERE a.case_id = :id
        OR a.debtor_id = (SELECT debtor_id FROM "case" WHERE id = :id) AND a.purpose = 'answer'
           AND a.occasion IN (SELECT CAST(r.id AS text) FROM attempt t JOIN receipt r ON r.attempt_id = t.id AND r.kind = 'reply'
                               WHERE t.case_id = :id)
     ORDER BY at, a.id
""")


def acts(rows: Rows, case_id: int) -> list[Any]:
    """What people did and what money came: holds, promises, states, payments, approvals, reports. Oldest first."""
    return list(rows.execute(_ACTS, {"id": case_id}))


_ACTS = text("""
    WITH whose AS (SELECT community_id, debtor_id FROM "case" WHERE id = :id)
    SELECT h.since AS at, 'hold' AS kind, h.reason AS what, h.by, h.until AS until, NULL::numeric AS amount, h.comment AS note
      FROM hold h JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT h.lifted_at, 'lifted', h.reason, h.lifted_by, NULL, NULL, '' FROM hold h JOIN whose USING (community_id, debtor_id)
     WHERE h.lifted_at IS NOT NULL
    UNION ALL SELECT p.made_at, 'promise', CAST(p."on" AS text), p.by, NULL, p.amount, ''
      FROM promise p JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT s.since, 'state', s.state, s.by, s.ended_at, NULL, s.note FROM stop_state s JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT w.received_at, 'reply', COALESCE(w.detail ->> 'reply', ''), 'debtor', NULL, NULL, COALESCE(w.detail ->> 'text', '')
      FROM receipt w JOIN attempt a ON a.id = w.attempt_id WHERE a.case_id = :id AND w.kind = 'reply'
    UNION ALL SELECT received_at, 'maybe_reply', COALESCE(detail ->> 'reply', ''), 'debtor', NULL, NULL, COALESCE(detail ->> 'text', '')
      FROM receipt WHERE kind = 'reply' AND attempt_id IS NULL AND detail -> 'cases' @> to_jsonb(CAST(:id AS bigint))
    UNION ALL SELECT r.since, 'cause', r.code, r.by, NULL, NULL, r.note FROM cause_of_arrears r JOIN whose USING (community_id, debtor_id)
    UNION ALL SELECT y.at, 'payment', y.matched_by, '', NULL, y.amount, '' FROM payment y JOIN whose USING (community_id, debtor_id)
     WHERE y.state = 'matched'
    UNION ALL SELECT requested_at, 'approval', step, requested_by, expires_at, NULL, '' FROM approval WHERE case_id = :id
    UNION ALL SELECT decided_at, state, step, decided_by, NULL, NULL, reason FROM approval WHERE case_id = :id AND decided_by IS NOT NULL
    UNION ALL SELECT done_at, 'report', kind, done_by, NULL, NULL, COALESCE(report ->> 'note', '') FROM task
     WHERE case_id = :id AND state = 'done'
    ORDER BY at
""")


def contact_points(rows: Rows, case_id: int) -> list[Any]:
    """How the debtor can be reached, sealed; whoever shows them masks them."""
    return list(rows.execute(_POINTS, {"id": case_id}))


_POINTS = text(f"""
    SELECT DISTINCT ON (pc.rank, cp.id) cp.id, cp.kind, cp.value, cp.country, cp.unusable_reason, cp.unusable_until, pc.designated, p.name,
           (SELECT array_agg(DISTINCT o.channel) FROM opt_out o WHERE o.contact_point_id = cp.id) AS opted_out
      FROM "case" c
      JOIN debtor_party dp ON dp.debtor_id = c.debtor_id
      JOIN party p ON p.id = dp.party_id
      JOIN party_contact pc ON pc.party_id = dp.party_id
      JOIN contact_point cp ON cp.id = pc.contact_point_id
     WHERE c.id = :id AND {addresses.IN_USE} ORDER BY pc.rank, cp.id
""")


def document(rows: Rows, attempt_id: int, scope: int | None) -> bytes | None:
    """The PDF of an attempt, exactly as it was hashed and sent."""
    found: bytes | None = rows.execute(
        text("""
            SELECT g.document FROM message g JOIN attempt a ON a.id = g.attempt_id
             WHERE a.id = :id AND (CAST(:scope AS bigint) IS NULL OR a.community_id = :scope)
        """),
        {"id": attempt_id, "scope": scope},
    ).scalar()
    return bytes(found) if found is not None else None
