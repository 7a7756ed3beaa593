"""What the console shows of letters: the batches, one batch, and the letters whose tracking is to be fetched."""

from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows


def batches(rows: Rows, scope: int | None, batch_id: int | None = None, limit: int = 200) -> list[Any]:
    """Batches with their counts, those under way first and the newest before the older; or just one."""
    return list(rows.execute(_BATCHES, {"scope": scope, "id": batch_id, "limit": limit}))


_BATCHES = text("""
    SELECT b.id, b.day, b.cut_off_at, b.day_known, b.state, b.closed_at, b.handed_over_at, b.handed_over_by, b.acknowledged_at,
           b.uncertain_since, b.manifest IS NOT NULL AS made, m.name AS community, m.timezone,
           inside.letters, inside.withdrawn, inside.registered, inside.numbered, inside.rejected, inside.to_pull
      FROM letter_batch b
      JOIN community m ON m.id = b.community_id
      CROSS JOIN LATERAL (
          SELECT count(*) FILTER (WHERE l.withdrawn_at IS NULL) AS letters,
                 count(*) FILTER (WHERE l.withdrawn_at IS NOT NULL) AS withdrawn,
                 count(*) FILTER (WHERE l.withdrawn_at IS NULL AND l.rejected_because IS NULL AND g.registered) AS registered,
                 count(*) FILTER (WHERE l.withdrawn_at IS NULL AND l.waybill IS NOT NULL) AS numbered,
                 count(*) FILTER (WHERE l.rejected_because IS NOT NULL) AS rejected,
                 count(*) FILTER (WHERE l.pull_asked_at IS NOT NULL AND l.withdrawn_at IS NULL AND l.posted_at IS NULL) AS to_pull
            FROM letter l JOIN message g ON g.attempt_id = l.attempt_id WHERE l.batch_id = b.id) AS inside
     WHERE (CAST(:scope AS bigint) IS NULL OR b.community_id = :scope) AND (CAST(:id AS bigint) IS NULL OR b.id = :id)
     ORDER BY b.state = 'acknowledged', b.day DESC, b.id DESC LIMIT :limit
""")


def letters(rows: Rows, batch_id: int) -> list[Any]:
    """The letters of a batch in order, the withdrawn ones last."""
    return list(rows.execute(_LETTERS, {"id": batch_id}))


_LETTERS = text("""
    SELECT l.attempt_id, a.case_id, l.place, l.pages, g.registered, l.waybill, l.posted_at, l.rejected_because, l.withdrawn_because,
           l.pull_asked_at, a.state, a.outcome, a.signer, a.step, d.name AS debtor, m.timezone,
           (SELECT array_agg(u.label ORDER BY u.label) FROM account ac JOIN unit u ON u.id = ac.unit_id
             WHERE ac.debtor_id = a.debtor_id AND u.community_id = a.community_id) AS units
      FROM letter l JOIN attempt a ON a.id = l.attempt_id JOIN message g ON g.attempt_id = l.attempt_id
      JOIN debtor d ON d.id = a.debtor_id JOIN community m ON m.id = a.community_id
     WHERE l.batch_id = :id
     ORDER BY l.withdrawn_at IS NOT NULL, l.place, l.attempt_id
""")
