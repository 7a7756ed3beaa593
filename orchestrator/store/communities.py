"""Communities and their creditors: the terms without which no demand is lawful."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, log
from orchestrator.store.log import Entry
from orchestrator.store.parties import NO_CREDITOR

CREDITOR_TERMS = (
    "payee",
    "payee_account",
    "phone",
    "address",
    "signatory",
    "credit_code",
    "legal_representative",
    "legal_title",
    "agent",
    "service_address",
    "electronic_service",
)
COMMUNITY_TERMS = (
    "address",
    "pack",
    "sequence",
    "timezone",
    "country",
    "language",
    "currency",
    "billing_day",
    "billing_months",
    "late_rate",
    "contract_clause",
    "how_to_pay",
    "how_to_object",
    "deemed_service_clause",
    "notice_hours",
    "envelope",
    "payment_code",
    "plan_months",
    "voice_opt_in",
    "service_number",
    "service_hours",
    "automatic",
    "minimum",
    "suit_minimum",
    "post_cut_off",
    "contract_title",
    "contract_number",
    "contract_signed_on",
    "contract_signed_with",
    "contract_from",
    "contract_until",
    "contract_filing",
    "fee_standard",
    "payment_terms",
    "jurisdiction_clause",
    "court",
)
NEEDED = ("address", "contract_clause", "how_to_pay", "how_to_object")
"""What a demand must name and only the company can say (Civil Code 944; a demand names clause, payment and objection)."""
FILED = (
    "creditor_credit_code",
    "creditor_legal_representative",
    "creditor_service_address",
    "contract_title",
    "contract_signed_on",
    "contract_signed_with",
    "contract_from",
    "fee_standard",
    "payment_terms",
    "jurisdiction_clause",
    "court",
)
"""What a complaint names beside (the elements of 法〔2025〕82号, filing/complaint.toml) and only the company can say."""


def create(rows: Rows, name: str, creditor: str) -> int:
    """The community of that name, created with its creditor where there is none yet; its id."""
    rows.execute(_NAME_THE_UNNAMED, {"community": name, "creditor": creditor, "nobody": NO_CREDITOR})
    creditor_id = rows.execute(
        text("""
            INSERT INTO creditor (name, payee, payee_account, phone, address, signatory) VALUES (:name, '', '', '', '', '')
            ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
        """),
        {"name": creditor},
    ).scalar_one()
    community_id: int = rows.execute(
        text("""
            INSERT INTO community (creditor_id, name, address, pack, sequence, timezone, country, language, currency,
                                   billing_day, late_rate, contract_clause, how_to_pay, how_to_object,
                                   deemed_service_clause, envelope, payment_code, plan_months, voice_opt_in, automatic,
                                   minimum, suit_minimum)
            VALUES (:creditor, :name, '', 'cn-property', 'standard', 'Asia/Shanghai', 'CN', 'zh', 'CNY',
                    28, 0, '', '', '', false, 'gb-dl', '', 3, false, false, 0.01, 1000)
            ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
        """),
        {"creditor": creditor_id, "name": name},
    ).scalar_one()
    return community_id


_NAME_THE_UNNAMED = text("""
    UPDATE creditor SET name = :creditor
     WHERE name = :nobody AND id = (SELECT creditor_id FROM community WHERE name = :community)
       AND NOT EXISTS (SELECT FROM creditor WHERE name = :creditor)
""")
"""An import met the community before anybody said whose it is: its parties already belong to that creditor, so it is given its name."""


def set_terms(rows: Rows, name: str, terms: Mapping[str, Any], by: str, now: datetime, wall: datetime) -> None:
    """Change terms of a community or, by the names of CREDITOR_TERMS prefixed `creditor_`, of its creditor. What is not named stays."""
    ours = {term: value for term, value in terms.items() if term in COMMUNITY_TERMS}
    theirs = {term: terms[f"creditor_{term}"] for term in CREDITOR_TERMS if f"creditor_{term}" in terms}
    if ours:
        changes = ", ".join(f"{term} = :{term}" for term in ours)
        rows.execute(text(f"UPDATE community SET {changes} WHERE name = :_name"), {**ours, "_name": name})
    if theirs:
        changes = ", ".join(f"{term} = :{term}" for term in theirs)
        rows.execute(
            text(f"UPDATE creditor SET {changes} WHERE id = (SELECT creditor_id FROM community WHERE name = :_name)"),
            {**theirs, "_name": name},
        )
    log.append(rows, [Entry("community terms", {"community": name, "by": by, **terms})], now, wall)


def read(rows: Rows, name: str) -> Mapping[str, Any] | None:
    """All terms of a community and its creditor; None where it is not known."""
    found = rows.execute(text(f"{_TERMS} WHERE m.name = :name"), {"name": name}).one_or_none()
    return dict(found._mapping) if found else None


def read_many(rows: Rows, ids: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """All terms of these communities and their creditors, by community."""
    return {row.id: dict(row._mapping) for row in rows.execute(text(f"{_TERMS} WHERE m.id = ANY(:ids)"), {"ids": list(ids)})}


_TERMS = f"""
    SELECT m.*, c.name AS creditor, {", ".join(f"c.{term} AS creditor_{term}" for term in CREDITOR_TERMS)}
      FROM community m JOIN creditor c ON c.id = m.creditor_id
"""


def names(rows: Rows) -> list[str]:
    return list(rows.execute(text("SELECT name FROM community ORDER BY name")).scalars())


def lacking(terms: Mapping[str, Any]) -> list[str]:
    """What a lawful demand of this community still lacks."""
    lacks = [term for term in NEEDED if not terms[term]]
    return lacks + [term for term in ("creditor_payee_account", "creditor_phone", "creditor_address") if not terms[term]]


def lacking_for_filing(terms: Mapping[str, Any]) -> list[str]:
    """What a complaint of this community still leaves blank."""
    return [term for term in FILED if not terms[term]]
