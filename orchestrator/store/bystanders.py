"""Whose data may be in a case's entries: its debtor's own, the company's, and that of others, which stays out of a bundle."""

from dataclasses import dataclass

from sqlalchemy import text

from orchestrator.store import Rows, vault_of


@dataclass(frozen=True, slots=True)
class Bystanders:
    """`own_numbers`: of the debtor, the company and its lines. `own_words`: names of both. `names`: the community's other debtors."""

    own_numbers: frozenset[str]
    own_words: frozenset[str]
    names: frozenset[str]


def of_case(rows: Rows, case_id: int) -> Bystanders:
    vault, asked = vault_of(rows), {"case": case_id}
    ours = rows.execute(_OURS, asked).one()
    theirs = [vault.open(value) for value in rows.execute(_NUMBERS, asked).scalars()]
    senders = rows.execute(_SENDERS, asked).scalars()
    return Bystanders(
        own_numbers=frozenset({*theirs, *senders, ours.phone, ours.service_number} - {"", None}),
        own_words=frozenset({*ours.debtors, ours.creditor, ours.community, ours.address, ours.creditor_address}),
        names=frozenset(rows.execute(_OTHERS, asked).scalars()),
    )


_OURS = text("""
    SELECT cr.phone, m.service_number, cr.name AS creditor, cr.address AS creditor_address, m.name AS community, m.address,
           ARRAY(SELECT p.name FROM debtor_party dp JOIN party p ON p.id = dp.party_id WHERE dp.debtor_id = c.debtor_id) AS debtors
      FROM "case" c JOIN community m ON m.id = c.community_id JOIN creditor cr ON cr.id = m.creditor_id WHERE c.id = :case
""")
_NUMBERS = text("""
    SELECT DISTINCT p.value
      FROM "case" c JOIN debtor_party dp ON dp.debtor_id = c.debtor_id
      JOIN party_contact pc ON pc.party_id = dp.party_id
      JOIN contact_point p ON p.id = pc.contact_point_id AND p.kind <> 'address'
     WHERE c.id = :case
    UNION
    SELECT DISTINCT p.value FROM attempt a JOIN contact_point p ON p.id = a.contact_point_id AND p.kind <> 'address' WHERE a.case_id = :case
""")
_SENDERS = text("SELECT DISTINCT sender FROM attempt WHERE case_id = :case AND sender IS NOT NULL")
_OTHERS = text("""
    SELECT DISTINCT p.name
      FROM "case" c JOIN unit u ON u.community_id = c.community_id JOIN account a ON a.unit_id = u.id
      JOIN debtor_party dp ON dp.debtor_id = a.debtor_id JOIN party p ON p.id = dp.party_id
     WHERE c.id = :case
       AND p.name NOT IN (SELECT q.name FROM debtor_party dq JOIN party q ON q.id = dq.party_id WHERE dq.debtor_id = c.debtor_id)
""")
