"""What a court reads of a case, as it stood when a checkpoint was signed: parties, charges, demands, money, services, audits.

What came later is left out, so that the same case at the same checkpoint says the same. A fixed number of queries.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, pages_matrix, proofs, vault_of
from orchestrator.store.pages_matrix import Owed
from orchestrator.store.proofs import Paid, Served
from policies.facts import Acknowledgement, Charge, Grade


@dataclass(frozen=True, slots=True)
class Home:
    """A unit of the debtor."""

    label: str
    source_label: str
    building: str
    area: Decimal | None
    use: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """One charge of the case. `claimed` where it is of the frozen claim set; what is paid includes what the bank told us."""

    owed: Owed
    claimed: bool
    payments: Sequence[Paid]

    @property
    def charge(self) -> Charge:
        return self.owed.charge

    @property
    def charge_id(self) -> int:
        return self.owed.charge_id


@dataclass(frozen=True, slots=True)
class Notice:
    """One contact that left: what became of it, in the provider's words, and which charges it named (charge, unpaid, late charge)."""

    attempt_id: int
    purpose: str
    step: str
    channel: str
    provider: str
    provider_id: str
    sender: str
    to: str
    sent_at: datetime
    arrived_at: datetime | None
    outcome: str
    signer: str
    grade: Grade
    pay_by: date | None
    registered: bool
    waybill: str
    body: str
    named: Sequence[tuple[int, Decimal, Decimal]]
    said: Sequence[tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class Service:
    place: str
    done_on: date
    kind: str
    description: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document brought for standing, price, liability or service; `exhibit_id` is of the case."""

    exhibit_id: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Audited:
    at: datetime
    fact: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CourtCase:
    """A case at `at`, the time of a checkpoint."""

    case_id: int
    at: datetime
    community: str
    community_address: str
    creditor: str
    creditor_address: str
    creditor_phone: str
    payee_account: str
    timezone: str
    currency: str
    country: str
    late_rate: Decimal
    contract_clause: str
    deemed_service_clause: bool
    pack: str
    pack_digest: str
    sequence: str
    sequence_digest: str
    community_id: int
    debtor_id: int
    debtors: Sequence[str]
    homes: Sequence[Home]
    charges: Sequence[Claimed]
    notices: Sequence[Notice]
    services: Sequence[Service]
    papers: Sequence[Paper]
    audits: Sequence[Audited]
    entered_at: datetime


def at_checkpoint(rows: Rows, size: int) -> datetime:
    """When the checkpoint of this size was signed, by the program's clock. Raises LookupError."""
    found = rows.execute(text("SELECT at FROM evidence_checkpoint WHERE size = :size"), {"size": size}).scalar()
    if found is None:
        raise LookupError(f"there is no checkpoint of size {size}")
    at: datetime = found
    return at


def read(rows: Rows, case_id: int, at: datetime, proven: frozenset[int]) -> CourtCase:
    """Everything of a case at a time. `proven`: the attempts that are in the bundle; others prove and interrupt nothing in it."""
    case = dict(rows.execute(_CASE, {"case": case_id}).one()._mapping)
    asked = {"case": case_id, "community": case["community_id"], "debtor": case["debtor_id"], "at": at}
    charges = rows.execute(_CHARGES, asked).all()
    served = _served(rows, [row.id for row in charges], at, proven)
    return CourtCase(
        **case,
        at=at,
        homes=[Home(*row) for row in rows.execute(_HOMES, asked)],
        charges=_charges(rows, charges, served, at),
        notices=_notices(rows, asked, served, proven),
        services=[Service(*row) for row in rows.execute(_SERVICES, asked)],
        papers=papers(rows, case_id, at),
        audits=_audits(rows, asked),
    )


def papers(rows: Rows, case_id: int, at: datetime) -> list[Paper]:
    """The documents that were exhibits of a case at a time."""
    return [Paper(*row) for row in rows.execute(_PAPERS, {"case": case_id, "at": at})]


def _served(rows: Rows, charge_ids: Sequence[int], at: datetime, proven: frozenset[int]) -> dict[int, list[Served]]:
    """By charge, the demands of the bundle; one that arrived after `at` had not arrived."""
    return {
        charge_id: [_as_of(each, at) for each in found if each.attempt_id in proven and each.sent_at is not None and each.sent_at <= at]
        for charge_id, found in proofs.served(rows, charge_ids).items()
    }


def _as_of(served: Served, at: datetime) -> Served:
    arrived = served.demand.arrived_at
    if arrived is None or arrived <= at:
        return served
    return replace(served, demand=replace(served.demand, arrived_at=None))


def _charges(rows: Rows, found: Sequence[Any], served: Mapping[int, Sequence[Served]], at: datetime) -> list[Claimed]:
    ids = [row.id for row in found]
    payments = {
        charge_id: [(paid_at, amount) for paid_at, amount in paid if paid_at <= at]
        for charge_id, paid in proofs.payments(rows, ids).items()
    }
    acknowledged = proofs.acknowledgements(rows, ids)
    return [
        Claimed(
            pages_matrix.owed(row, served.get(row.id, ()), _until(acknowledged.get(row.id, ()), at)),
            row.claimed,
            payments.get(row.id, []),
        )
        for row in found
    ]


def _until(acknowledged: Sequence[Acknowledgement], at: datetime) -> list[Acknowledgement]:
    return [each for each in acknowledged if each.at <= at]


def _notices(rows: Rows, asked: Mapping[str, Any], served: Mapping[int, Sequence[Served]], proven: frozenset[int]) -> list[Notice]:
    vault = vault_of(rows)
    found = [row for row in rows.execute(_NOTICES, asked) if row.id in proven]
    demands = {each.attempt_id: each.demand for of_charge in served.values() for each in of_charge}
    said: dict[int, list[tuple[datetime, str]]] = {}
    for row in rows.execute(_SAID, asked):
        said.setdefault(row.attempt_id, []).append((row.at, row.said))
    return [
        Notice(
            attempt_id=row.id,
            purpose=row.purpose,
            step=row.step,
            channel=row.channel,
            provider=row.provider or "",
            provider_id=row.provider_id or "",
            sender=row.sender or "",
            to=vault.open(row.value) if row.value is not None else "",
            sent_at=row.sent_at,
            arrived_at=row.concluded_at,
            outcome=row.outcome or row.state if row.concluded_at is not None else "sent",
            signer=row.signer or "",
            grade=demands[row.id].grade if row.id in demands and row.concluded_at is not None else "0",
            pay_by=row.pay_by,
            registered=row.registered,
            waybill=row.waybill or "",
            body=row.body,
            named=[(each["charge"], Decimal(each["unpaid"]), Decimal(each["late"])) for each in row.named or ()],
            said=said.get(row.id, []),
        )
        for row in found
    ]


def _audits(rows: Rows, asked: Mapping[str, Any]) -> list[Audited]:
    """The audits of the days of the case, from its opening on."""
    vault = vault_of(rows)
    return [
        Audited(row.at, json.loads(vault.open_payload(row.payload, row.leaf))["fact"])
        for row in rows.execute(_AUDITS, asked)
        if row.payload is not None
    ]


_CASE = text("""
    SELECT c.id AS case_id, m.name AS community, m.address AS community_address, cr.name AS creditor, cr.address AS creditor_address,
           cr.phone AS creditor_phone, concat_ws(' ', NULLIF(cr.payee, ''), NULLIF(cr.payee_account, '')) AS payee_account,
           m.timezone, m.currency, m.country, m.late_rate, m.contract_clause, m.deemed_service_clause,
           c.pack, c.pack_digest, c.sequence, c.sequence_digest, c.community_id, c.debtor_id, c.entered_at,
           ARRAY(SELECT p.name FROM debtor_party dp JOIN party p ON p.id = dp.party_id WHERE dp.debtor_id = c.debtor_id
                  ORDER BY p.id) AS debtors
      FROM "case" c JOIN community m ON m.id = c.community_id JOIN creditor cr ON cr.id = m.creditor_id
     WHERE c.id = :case
""")

_HOMES = text("""
    SELECT u.label, u.source_label, u.building, u.area, u.use
      FROM account a JOIN unit u ON u.id = a.unit_id
     WHERE a.debtor_id = :debtor AND u.community_id = :community ORDER BY u.label
""")

_CHARGES = text("""
    SELECT ch.id, ch.account_id, u.label AS unit, u.building, CAST(:case AS bigint) AS case_id, NULL AS case_state, ch.item, ch.period,
           ch.period_start, ch.period_end, NULL AS disputed_until,
           CASE WHEN v.id IS NULL THEN ch.due_on ELSE v.due_on END AS due_on,
           CASE WHEN v.id IS NULL THEN ch.amount ELSE v.amount END AS amount,
           CASE WHEN v.id IS NULL THEN ch.paid + ch.provisional ELSE v.paid + v.provisional END AS paid,
           CASE WHEN v.id IS NULL THEN ch.cleared_at IS NOT NULL AND ch.cleared_at <= :at ELSE v.cleared_at IS NOT NULL END AS cleared,
           k.charge_id IS NOT NULL AS claimed
      FROM charge ch
      JOIN account a ON a.id = ch.account_id
      JOIN unit u ON u.id = a.unit_id AND u.community_id = :community
      LEFT JOIN claimed_charge k ON k.case_id = :case AND k.charge_id = ch.id AND k.frozen_at <= :at
      LEFT JOIN LATERAL (SELECT * FROM charge_version w WHERE w.charge_id = ch.id AND w.at > :at ORDER BY w.id LIMIT 1) AS v ON true
     WHERE ch.debtor_id = :debtor AND ch.created_at <= :at AND (ch.voided_at IS NULL OR ch.voided_at > :at)
     ORDER BY u.label, ch.item, ch.period_start, ch.id
""")
"""A version says what a charge was before a change: the first one written after a time is what stood at that time."""

_NOTICES = text("""
    SELECT a.id, a.purpose, a.step, a.channel, a.provider, a.provider_id, a.sender, a.state, a.outcome, a.signer, a.sent_at,
           CASE WHEN a.concluded_at <= :at THEN a.concluded_at END AS concluded_at, g.pay_by, g.registered, g.body, l.waybill, p.value,
           (SELECT json_agg(json_build_object('charge', n.charge_id, 'unpaid', n.unpaid::text, 'late', n.late_charge::text)
                            ORDER BY n.charge_id)
              FROM named_charge n WHERE n.attempt_id = a.id) AS named
      FROM attempt a
      JOIN message g ON g.attempt_id = a.id
      LEFT JOIN letter l ON l.attempt_id = a.id
      LEFT JOIN contact_point p ON p.id = a.contact_point_id
     WHERE a.case_id = :case AND a.purpose IN ('demand', 'reminder', 'recap') AND a.sent_at <= :at
       AND a.state IN ('accepted', 'sent', 'delivered', 'undelivered')
     ORDER BY a.sent_at, a.id
""")

_SAID = text("""
    SELECT r.attempt_id, COALESCE(r.said_at, r.received_at) AS at, r.status AS said
      FROM receipt r JOIN attempt a ON a.id = r.attempt_id AND a.case_id = :case
     WHERE r.kind = 'delivery' AND r.received_at <= :at
    UNION ALL
    SELECT s.attempt_id, COALESCE(s.said_at, s.taken_at), s.status || CASE WHEN s.signer = '' THEN '' ELSE ' (' || s.signer || ')' END
      FROM letter_snapshot s JOIN attempt a ON a.id = s.attempt_id AND a.case_id = :case
     WHERE s.taken_at <= :at
     ORDER BY attempt_id, at
""")

_SERVICES = text("""
    SELECT s.place, s.done_on, s.kind, s.description
      FROM service_record s LEFT JOIN import_run r ON r.id = s.import_id
     WHERE s.community_id = :community AND (r.id IS NULL OR r.at <= :at)
       AND s.done_on BETWEEN (SELECT min(period_start) FROM charge WHERE debtor_id = :debtor)
                         AND (SELECT max(period_end) FROM charge WHERE debtor_id = :debtor)
     ORDER BY s.done_on, s.kind, s.place, s.id
""")

_PAPERS = text("""
    SELECT x.id, d.kind, d.title
      FROM paper d JOIN "case" c ON c.id = :case AND c.community_id = d.community_id
      JOIN exhibit x ON x.sha256 = d.sha256 AND x.kind = 'document' AND x.case_id = :case
     WHERE (d.case_id IS NULL OR d.case_id = :case) AND x.received_at <= :at
     ORDER BY d.id
""")

_AUDITS = text("""
    SELECT e.at, e.leaf, p.payload
      FROM evidence_entry e JOIN evidence_payload p ON p.entry_id = e.id
     WHERE e.kind = 'audit' AND e.at <= :at AND e.at >= (SELECT entered_at FROM "case" WHERE id = :case)
     ORDER BY e.id
""")
