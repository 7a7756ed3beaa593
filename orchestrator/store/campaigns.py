"""Campaigns in set-based SQL: who enters which sequence, who is left out and why, and the messages that are no demands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, segments


@dataclass(frozen=True, slots=True)
class Home:
    """A community as far as proposing a campaign needs it."""

    id: int
    name: str
    creditor_id: int
    pack: str
    sequence: str
    timezone: str
    automatic: bool
    billing_day: int
    payments_as_of: datetime | None
    billing_total: Decimal | None


def community(rows: Rows, name: str) -> Home | None:
    found = rows.execute(text(f"SELECT {_HOME} FROM community WHERE name = :name"), {"name": name}).one_or_none()
    return Home(*found) if found else None


def communities(rows: Rows) -> list[Home]:
    return [Home(*row) for row in rows.execute(text(f"SELECT {_HOME} FROM community ORDER BY id"))]


_HOME = "id, name, creditor_id, pack, sequence, timezone, automatic, billing_day, payments_as_of, billing_total"


def unpaid_total(rows: Rows, community_id: int) -> Decimal:
    """What our ledger says is unpaid, by the billing system's own figures: bank rows it has not confirmed yet are left out."""
    found: Decimal = rows.execute(
        text("""
            SELECT COALESCE(sum(ch.amount - ch.paid), 0)
              FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id
             WHERE u.community_id = :community AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
        """),
        {"community": community_id},
    ).scalar_one()
    return found


def propose(rows: Rows, home: Home, cycle: str, today: date, by: str, now: datetime) -> int | None:
    """Open the proposal of a cycle, or compute an open one anew; None where the cycle was approved before."""
    campaign_id: int | None = rows.execute(
        text("""
            INSERT INTO campaign (community_id, cycle, state, proposed_at, proposed_by)
            VALUES (:community, :cycle, 'proposed', :now, :by)
            ON CONFLICT (community_id, cycle) WHERE state <> 'cancelled'
            DO UPDATE SET proposed_at = :now, proposed_by = :by WHERE campaign.state = 'proposed'
            RETURNING id
        """),
        {"community": home.id, "cycle": cycle, "now": now, "by": by},
    ).scalar()
    if campaign_id is not None:
        rows.execute(_CANDIDATES, {"campaign": campaign_id, "community": home.id, "sequence": home.sequence, "today": today, "now": now})
        segments.assign(rows, campaign_id, home.id, home.sequence, today)
    return campaign_id


_CANDIDATES = text("""
    WITH owed AS (
        SELECT a.debtor_id,
               count(ch.id) FILTER (WHERE overdue) AS charges,
               COALESCE(sum(ch.amount - ch.paid - ch.provisional) FILTER (WHERE overdue), 0) AS arrears,
               min(ch.due_on) FILTER (WHERE overdue) AS oldest_due
          FROM account a
          JOIN unit u ON u.id = a.unit_id AND u.community_id = :community
          LEFT JOIN charge ch ON ch.account_id = a.id AND ch.debtor_id = a.debtor_id
          CROSS JOIN LATERAL (SELECT ch.voided_at IS NULL AND ch.cleared_at IS NULL AND ch.due_on < :today
                                     AND ch.amount > ch.paid + ch.provisional AS overdue) AS o
         GROUP BY a.debtor_id
    ), judged AS (
        SELECT owed.*,
               CASE
                   WHEN owed.charges = 0 THEN 'nothing_overdue'
                   WHEN EXISTS (SELECT FROM "case" c
                                 WHERE c.community_id = :community AND c.debtor_id = owed.debtor_id AND c.state <> 'closed')
                       THEN 'already_worked'
                   WHEN owed.arrears < m.minimum THEN 'below_minimum'
                   WHEN s.state IS NOT NULL THEN 'stop_state'
                   WHEN h.reason IS NOT NULL THEN 'hold'
                   WHEN m.address = '' AND NOT EXISTS (
                        SELECT FROM debtor_party dp JOIN party_contact pc ON pc.party_id = dp.party_id
                          JOIN contact_point cp ON cp.id = pc.contact_point_id
                         WHERE dp.debtor_id = owed.debtor_id AND (cp.unusable_reason IS NULL OR cp.unusable_until <= :now))
                       THEN 'no_lawful_contact'
               END AS left_out,
               COALESCE(s.state, h.reason) AS why
          FROM owed
          JOIN community m ON m.id = :community
          LEFT JOIN LATERAL (SELECT state FROM stop_state
                              WHERE community_id = :community AND debtor_id = owed.debtor_id AND ended_at IS NULL
                              ORDER BY id LIMIT 1) AS s ON true
          LEFT JOIN LATERAL (SELECT reason FROM hold WHERE community_id = :community AND debtor_id = owed.debtor_id
                                AND lifted_at IS NULL AND until > :now ORDER BY until DESC LIMIT 1) AS h ON true
    )
    INSERT INTO candidate (campaign_id, debtor_id, sequence, left_out, remark, charges, arrears, oldest_due)
    SELECT :campaign, debtor_id,
           CASE WHEN left_out IS NULL THEN :sequence END, left_out, CASE WHEN left_out IN ('stop_state', 'hold') THEN why END,
           charges, arrears, oldest_due
      FROM judged
    ON CONFLICT (campaign_id, debtor_id) DO UPDATE
       SET sequence = excluded.sequence, left_out = excluded.left_out, remark = excluded.remark,
           charges = excluded.charges, arrears = excluded.arrears, oldest_due = excluded.oldest_due
""")


def cases_of(rows: Rows, campaign_id: int) -> list[int]:
    """The open cases of a campaign, in id order."""
    found = rows.execute(text("""SELECT id FROM "case" WHERE campaign_id = :id AND state = 'open' ORDER BY id"""), {"id": campaign_id})
    return list(found.scalars())


def open_cases(rows: Rows, community_id: int) -> list[int]:
    """The open cases of a community, in id order."""
    found = rows.execute(text("""SELECT id FROM "case" WHERE community_id = :id AND state = 'open' ORDER BY id"""), {"id": community_id})
    return list(found.scalars())


def keep_forecast(rows: Rows, campaign_id: int, forecast: Mapping[str, Any]) -> None:
    """What a proposal shows of the days ahead."""
    rows.execute(
        text("UPDATE campaign SET forecast = CAST(:forecast AS jsonb) WHERE id = :id AND state = 'proposed'"),
        {"id": campaign_id, "forecast": json.dumps(forecast)},
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """A proposal in figures: who is in, by sequence, who is out, by reason, and the contacts expected by day and channel."""

    campaign_id: int
    community: str
    cycle: str
    state: str
    cases: int
    charges: int
    arrears: Decimal
    by_sequence: Mapping[str, int]
    left_out: Mapping[str, int]
    expected: Mapping[str, Mapping[str, int]]
    forecast: Mapping[str, Any]
    spending: Sequence[Mapping[str, Any]]
    """What its contacts of the days ahead would cost at the lines' prices, by channel and currency."""
    lacking: Sequence[str] = ()
    """Wordings without a template that a provider approved, where it takes nothing else: with any, it cannot be approved."""


def summary(rows: Rows, campaign_id: int) -> Summary | None:
    campaign = rows.execute(
        text(
            "SELECT c.id, m.name, c.cycle, c.state, c.forecast FROM campaign c JOIN community m ON m.id = c.community_id WHERE c.id = :id"
        ),
        {"id": campaign_id},
    ).one_or_none()
    if campaign is None:
        return None
    groups = rows.execute(
        text("""
            SELECT sequence, left_out, count(*) AS debtors, sum(charges) AS charges, sum(arrears) AS arrears
              FROM candidate WHERE campaign_id = :id GROUP BY sequence, left_out ORDER BY sequence, left_out
        """),
        {"id": campaign_id},
    ).all()
    entering = [group for group in groups if group.sequence]
    return Summary(
        campaign_id=campaign.id,
        community=campaign.name,
        cycle=campaign.cycle,
        state=campaign.state,
        cases=sum(group.debtors for group in entering),
        charges=sum(group.charges for group in entering),
        arrears=sum((group.arrears for group in entering), Decimal("0.00")),
        by_sequence={group.sequence: group.debtors for group in entering},
        left_out={group.left_out: group.debtors for group in groups if group.left_out},
        expected={day["day"]: day["contacts"] for day in (campaign.forecast or {}).get("days", ()) if day["contacts"]},
        forecast=(campaign.forecast or {}).get("totals", {}),
        spending=(campaign.forecast or {}).get("spending", ()),
    )


def frozen_list(rows: Rows, campaign_id: int) -> list[Any]:
    """The debtors who enter, in id order, as the digest of the list is made of them."""
    found = rows.execute(
        text("""
            SELECT debtor_id, sequence, charges, CAST(arrears AS text) AS arrears
              FROM candidate WHERE campaign_id = :id AND left_out IS NULL ORDER BY debtor_id
        """),
        {"id": campaign_id},
    )
    return [tuple(row) for row in found]


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that are pinned to the cases: the pack's, and each sequence's, by name."""

    pack: str
    pack_digest: str
    sequences: Mapping[str, str]


def approve(rows: Rows, campaign_id: int, digest: bytes, versions: Versions, by: str, now: datetime) -> int | None:
    """Freeze the list and open its cases, to be asked at once; how many. None where the campaign is not a proposal any more."""
    approved = rows.execute(
        text("""
            UPDATE campaign SET state = 'approved', approved_at = :now, approved_by = :by, list_digest = :digest
             WHERE id = :id AND state = 'proposed'
        """),
        {"id": campaign_id, "now": now, "by": by, "digest": digest},
    ).rowcount
    if not approved:
        return None
    return rows.execute(
        _OPEN_CASES,
        {
            "id": campaign_id,
            "now": now,
            "pack": versions.pack,
            "pack_digest": versions.pack_digest,
            "sequences": list(versions.sequences),
            "digests": list(versions.sequences.values()),
        },
    ).rowcount


_OPEN_CASES = text("""
    INSERT INTO "case" (community_id, debtor_id, campaign_id, state, sequence, sequence_digest, pack, pack_digest, cursor,
                        entered_at, ask_at)
    SELECT g.community_id, k.debtor_id, g.id, 'open', k.sequence, v.digest, :pack, :pack_digest, 0, :now, :now
      FROM campaign g
      JOIN candidate k ON k.campaign_id = g.id AND k.left_out IS NULL
      JOIN unnest(CAST(:sequences AS text[]), CAST(:digests AS text[])) AS v(name, digest) ON v.name = k.sequence
     WHERE g.id = :id
    ON CONFLICT (community_id, debtor_id) WHERE state <> 'closed' DO NOTHING
""")


def sequences_of(rows: Rows, campaign_id: int) -> Sequence[str]:
    return (
        rows.execute(
            text("SELECT DISTINCT sequence FROM candidate WHERE campaign_id = :id AND sequence IS NOT NULL ORDER BY 1"), {"id": campaign_id}
        )
        .scalars()
        .all()
    )
