"""What is known of debtors that steers their sequence: the reason code staff gave, and traits read from the ledger."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, casefiles
from orchestrator.store.casefiles import CaseKey
from policies.segments import KEPT_WITHIN_DAYS, REMEMBERED_DAYS, Choice, ReasonCode, Traits, choose


def assign(rows: Rows, campaign_id: int, community_id: int, standard: str, today: date) -> None:
    """Give each debtor who enters the campaign the sequence of their segment, with the segment as the remark that explains it."""
    entering = rows.execute(_ENTERING, {"campaign": campaign_id}).scalars().all()
    chosen = {debtor: choose(traits, standard) for debtor, traits in _traits(rows, community_id, entering, today).items()}
    special = {debtor: choice for debtor, choice in chosen.items() if choice.segment is not None}
    values = {
        "campaign": campaign_id,
        "debtors": list(special),
        "sequences": [choice.sequence for choice in special.values()],
        "segments": [choice.segment for choice in special.values()],
    }
    rows.execute(_ASSIGN, values)


def choice_for(rows: Rows, community_id: int, debtor_id: int, standard: str, today: date) -> Choice:
    """The sequence this debtor would enter today."""
    return choose(_traits(rows, community_id, [debtor_id], today)[debtor_id], standard)


def cause(rows: Rows, community_id: int, debtor_id: int) -> Any:
    """The reason code in force, with its note and who gave it; None where nobody knows."""
    return rows.execute(
        text("""
            SELECT code, note, by, since FROM cause_of_arrears
             WHERE community_id = :community AND debtor_id = :debtor AND ended_at IS NULL
        """),
        {"community": community_id, "debtor": debtor_id},
    ).one_or_none()


def set_cause(rows: Rows, case: CaseKey, code: ReasonCode | None, note: str, by: str, now: datetime, wall: datetime) -> None:
    """The reason code from now on; None where the one known no longer holds."""
    whose = {"community": case.community_id, "debtor": case.debtor_id, "by": by, "now": now}
    rows.execute(
        text("""
            UPDATE cause_of_arrears SET ended_at = :now, ended_by = :by
             WHERE community_id = :community AND debtor_id = :debtor AND ended_at IS NULL
        """),
        whose,
    )
    if code is not None:
        rows.execute(
            text("""
                INSERT INTO cause_of_arrears (community_id, debtor_id, code, note, since, by)
                VALUES (:community, :debtor, :code, :note, :now, :by)
            """),
            whose | {"code": code, "note": note},
        )
    casefiles.tell(rows, case, "cause of arrears", {"code": code, "note": note, "by": by}, now, wall)


def steps_done(rows: Rows, case_id: int) -> frozenset[str]:
    """The steps that a case has behind it or under way."""
    found = rows.execute(
        text("""
            SELECT DISTINCT step FROM attempt
             WHERE case_id = :case AND state IN ('sending', 'accepted', 'sent', 'delivered', 'undelivered', 'unknown')
        """),
        {"case": case_id},
    )
    return frozenset(found.scalars())


def _traits(rows: Rows, community_id: int, debtors: Sequence[int], today: date) -> dict[int, Traits]:
    values = {"community": community_id, "debtors": list(debtors), "today": today}
    found = rows.execute(_TRAITS, values | {"remembered": REMEMBERED_DAYS, "kept_within": KEPT_WITHIN_DAYS})
    return {row.debtor_id: Traits(row.code, row.commercial, row.sold, row.broken_promises) for row in found}


_ENTERING = text("SELECT debtor_id FROM candidate WHERE campaign_id = :campaign AND left_out IS NULL ORDER BY debtor_id")

_TRAITS = text("""
    SELECT a.debtor_id, min(r.code) AS code, bool_and(u.use = 'commercial') AS commercial,
           bool_and(a.closed_on IS NOT NULL AND a.closed_on <= :today) AS sold, min(b.promises) AS broken_promises
      FROM account a
      JOIN unit u ON u.id = a.unit_id AND u.community_id = :community
      LEFT JOIN cause_of_arrears r ON r.community_id = :community AND r.debtor_id = a.debtor_id AND r.ended_at IS NULL
      CROSS JOIN LATERAL (
            SELECT count(*) AS promises FROM promise p
             WHERE p.community_id = :community AND p.debtor_id = a.debtor_id
               AND p."on" BETWEEN CAST(:today AS date) - CAST(:remembered AS int) AND CAST(:today AS date) - CAST(:kept_within AS int)
               AND EXISTS (SELECT FROM charge ch
                            WHERE ch.debtor_id = a.debtor_id AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
                              AND ch.due_on < p.made_at AND ch.amount > ch.paid + ch.provisional)
               AND p.amount > (SELECT COALESCE(sum(y.amount), 0) FROM payment y
                                WHERE y.community_id = :community AND y.debtor_id = a.debtor_id AND y.state = 'matched'
                                  AND y.at >= p.made_at AND y.at < p."on" + 1 + CAST(:kept_within AS int))) AS b
     WHERE a.debtor_id = ANY(:debtors)
     GROUP BY a.debtor_id
""")
"""What a broken promise is, `policies.segments` says."""

_ASSIGN = text("""
    UPDATE candidate k SET sequence = n.sequence, remark = n.segment
      FROM unnest(CAST(:debtors AS bigint[]), CAST(:sequences AS text[]), CAST(:segments AS text[])) AS n(debtor_id, sequence, segment)
     WHERE k.campaign_id = :campaign AND k.debtor_id = n.debtor_id
""")
