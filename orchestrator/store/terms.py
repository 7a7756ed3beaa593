"""What a message needs beyond the facts: who writes to whom, under which contract, at which number. Read for a batch of attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text

from orchestrator.store import Rows, proofs
from orchestrator.store.proofs import Paid
from orchestrator.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Terms:
    """One attempt, the two sides of it and the contract between them. `to` is the number or address in the clear, for the message alone."""

    attempt_id: int
    case_id: int | None
    purpose: str
    step: str
    channel: str
    occasion: str
    creditor: str
    payee_account: str
    creditor_phone: str
    creditor_address: str
    signatory: str
    community: str
    community_address: str
    pack: str
    sequence: str
    timezone: str
    language: str
    currency: str
    country: str
    late_rate: Decimal
    contract_clause: str
    how_to_pay: str
    how_to_object: str
    envelope: str
    payment_code: str
    plan_months: int
    debtors: tuple[str, ...]
    is_company: bool
    units: tuple[str, ...]
    homes: tuple[str, ...]
    """The units as the billing system writes them, for the address."""
    ordinal: int
    """Which contact of the case this is."""
    to: str
    point_country: str
    payments: Mapping[int, Sequence[Paid]]
    """What was paid of each of the debtor's charges, by charge."""


def read_terms(rows: Rows, attempt_ids: Sequence[int], vault: Vault) -> dict[int, Terms]:
    """The terms of these attempts, by attempt."""
    found = rows.execute(_TERMS, {"ids": list(attempt_ids)}).all()
    payments = _payments(rows, found)
    return {row.attempt_id: _terms(row, vault, payments) for row in found}


class Intended(NamedTuple):
    """What has no attempt yet: a step, its channel, and the contact point it would go to, if any."""

    step: str
    channel: str
    point_id: int | None = None


def read_terms_ahead(rows: Rows, steps: Mapping[int, Intended], vault: Vault) -> dict[int, Terms]:
    """The terms of steps that have no attempt yet, by case."""
    names, channels, points = zip(*steps.values(), strict=True) if steps else ((), (), ())
    asked = {"cases": list(steps), "steps": list(names), "channels": list(channels), "points": list(points)}
    found = rows.execute(_TERMS_AHEAD, asked).all()
    payments = _payments(rows, found)
    return {row.case_id: _terms(row, vault, payments) for row in found}


def _payments(rows: Rows, found: Sequence[Any]) -> Mapping[int, Sequence[Paid]]:
    return proofs.payments(rows, [charge_id for row in found for charge_id in row.paid_charges or ()])


def _terms(row: Any, vault: Vault, payments: Mapping[int, Sequence[Paid]]) -> Terms:
    values = dict(row._mapping)
    sealed = values.pop("sealed")
    values["payments"] = {charge_id: payments[charge_id] for charge_id in values.pop("paid_charges") or () if charge_id in payments}
    for name in ("debtors", "units", "homes"):
        values[name] = tuple(values[name] or ())
    return Terms(**values, to=vault.open(sealed) if sealed else "")


_OF = """
    SELECT a.id AS attempt_id, a.case_id, a.purpose, a.step, a.channel, a.occasion,
           cr.name AS creditor, concat_ws(E'\\n', NULLIF(cr.payee, ''), NULLIF(cr.payee_account, '')) AS payee_account,
           cr.phone AS creditor_phone, cr.address AS creditor_address, cr.signatory,
           m.name AS community, m.address AS community_address,
           COALESCE(c.pack, m.pack) AS pack, COALESCE(c.sequence, m.sequence) AS sequence,
           COALESCE(CASE WHEN cp.kind <> 'address' THEN cp.timezone END, m.timezone) AS timezone,
           m.language, m.currency, m.country, m.late_rate,
           m.contract_clause, m.how_to_pay, m.how_to_object,
           m.envelope, m.payment_code, m.plan_months, parties.names AS debtors, parties.is_company, homes.units, homes.homes,
           (SELECT count(*) + 1 FROM attempt b
             WHERE b.case_id = a.case_id AND b.purpose <> 'recap' AND b.sent_at IS NOT NULL AND b.id <> a.id) AS ordinal,
           cp.value AS sealed, COALESCE(cp.country, m.country) AS point_country,
           (SELECT array_agg(DISTINCT l.charge_id) FROM charge ch JOIN allocation l ON l.charge_id = ch.id
             WHERE ch.debtor_id = a.debtor_id AND ch.voided_at IS NULL AND ch.cleared_at IS NULL) AS paid_charges
      FROM a
      JOIN community m ON m.id = a.community_id
      JOIN creditor cr ON cr.id = m.creditor_id
      LEFT JOIN "case" c ON c.id = a.case_id
      LEFT JOIN contact_point cp ON cp.id = a.contact_point_id
      CROSS JOIN LATERAL (
           SELECT array_agg(p.name ORDER BY p.id) AS names, bool_or(p.kind = 'company') AS is_company
             FROM debtor_party dp JOIN party p ON p.id = dp.party_id WHERE dp.debtor_id = a.debtor_id) AS parties
      CROSS JOIN LATERAL (
           SELECT array_agg(u.label ORDER BY u.label) AS units, array_agg(u.source_label ORDER BY u.label) AS homes
             FROM account ac JOIN unit u ON u.id = ac.unit_id
            WHERE ac.debtor_id = a.debtor_id AND u.community_id = a.community_id) AS homes
"""

_TERMS = text(f"WITH a AS (SELECT * FROM attempt WHERE id = ANY(:ids)) {_OF}")

_TERMS_AHEAD = text(f"""
    WITH a AS (SELECT CAST(0 AS bigint) AS id, c.id AS case_id, c.community_id, c.debtor_id, 'demand' AS purpose, n.step, n.channel,
                      '' AS occasion, n.point AS contact_point_id
                 FROM unnest(CAST(:cases AS bigint[]), CAST(:steps AS text[]), CAST(:channels AS text[]), CAST(:points AS bigint[]))
                      AS n(case_id, step, channel, point)
                 JOIN "case" c ON c.id = n.case_id)
    {_OF}
""")


@dataclass(frozen=True, slots=True)
class Dunned:
    """A charge that a campaign message names."""

    attempt_id: int
    charge_id: int
    unit: str
    item: str
    period: str
    due_on: date
    amount: Decimal
    paid: Decimal


def charges_of_campaign_messages(rows: Rows, attempt_ids: Sequence[int]) -> dict[int, list[Dunned]]:
    """Bill notices: the unpaid charges that fall due on their day. Thank-yous: the charges their payment went to. Reminders of a promise:
    what is overdue."""
    found: dict[int, list[Dunned]] = {}
    for query in (_FALLING_DUE, _PAID, _PROMISED):
        for row in rows.execute(query, {"ids": list(attempt_ids)}):
            found.setdefault(row.attempt_id, []).append(Dunned(*row))
    return found


_FALLING_DUE = text("""
    SELECT a.id AS attempt_id, ch.id, u.label, ch.item, ch.period, ch.due_on, ch.amount, ch.paid + ch.provisional
      FROM attempt a
      JOIN charge ch ON ch.debtor_id = a.debtor_id
      JOIN account ac ON ac.id = ch.account_id
      JOIN unit u ON u.id = ac.unit_id AND u.community_id = a.community_id
     WHERE a.id = ANY(:ids) AND ch.due_on = CASE a.purpose WHEN 'bill_notice' THEN CAST(a.occasion AS date) END
       AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
     ORDER BY a.id, u.label, ch.item, ch.period_start
""")

_PAID = text("""
    SELECT a.id AS attempt_id, ch.id, u.label, ch.item, ch.period, ch.due_on, ch.amount, ch.paid + ch.provisional
      FROM attempt a
      JOIN payment p ON p.id = CASE a.purpose WHEN 'thank_you' THEN CAST(a.occasion AS bigint) END
      JOIN allocation l ON l.payment_id = p.id
      JOIN charge ch ON ch.id = l.charge_id
      JOIN account ac ON ac.id = ch.account_id
      JOIN unit u ON u.id = ac.unit_id
     WHERE a.id = ANY(:ids)
     ORDER BY a.id, u.label, ch.item, ch.period_start
""")

_PROMISED = text("""
    SELECT a.id AS attempt_id, ch.id, u.label, ch.item, ch.period, ch.due_on, ch.amount, ch.paid + ch.provisional
      FROM attempt a
      JOIN promise pr ON pr.id = CASE a.purpose WHEN 'promise_reminder' THEN CAST(a.occasion AS bigint) END
      JOIN charge ch ON ch.debtor_id = a.debtor_id AND ch.due_on < pr."on"
      JOIN account ac ON ac.id = ch.account_id
      JOIN unit u ON u.id = ac.unit_id AND u.community_id = a.community_id
     WHERE a.id = ANY(:ids) AND ch.amount > ch.paid + ch.provisional AND ch.voided_at IS NULL AND ch.cleared_at IS NULL
     ORDER BY a.id, u.label, ch.item, ch.period_start
""")
