"""Approved templates: which are in force, and whom a campaign would reach by a line that takes nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, text

from orchestrator.models import WordingTemplate
from orchestrator.store import Rows, log
from orchestrator.store.log import Entry
from orchestrator.wordings.approved import Approved

Key = tuple[str, str, str]
"""Provider, wording, language."""


def in_force(rows: Rows) -> Mapping[Key, Approved]:
    """Every template that may be filled today."""
    found = [Approved(*row) for row in rows.execute(_IN_FORCE)]
    return {(each.provider, each.wording, each.language): each for each in found}


def put(rows: Rows, made: Approved, approved_at: datetime, by: str, now: datetime, wall: datetime) -> None:
    """Bring a template into force; the one before it of the same provider, wording and language retires."""
    retire(rows, (made.provider, made.wording, made.language), by, now, wall)
    rows.execute(insert(WordingTemplate).values(**_columns(made), state="approved", approved_at=approved_at, set_by=by))
    log.append(rows, [Entry("template set", _columns(made) | {"approved_at": approved_at, "by": by})], now, wall)


def retire(rows: Rows, key: Key, by: str, now: datetime, wall: datetime) -> bool:
    """Take a template out of force; whether there was one."""
    provider, wording, language = key
    template_id = rows.execute(_RETIRE, {"provider": provider, "wording": wording, "language": language}).scalar()
    if template_id is None:
        return False
    fact = {"provider": provider, "wording": wording, "language": language, "template_id": template_id, "by": by}
    log.append(rows, [Entry("template retired", fact)], now, wall)
    return True


@dataclass(frozen=True, slots=True)
class Listed:
    """A template as it is shown to staff."""

    provider: str
    wording: str
    language: str
    template_id: str
    signature: str
    state: str
    approved_at: datetime
    text: str


def listed(rows: Rows) -> list[Listed]:
    """All of them, those in force first."""
    return [Listed(*row) for row in rows.execute(_LISTED)]


@dataclass(frozen=True, slots=True)
class Reached:
    """Numbers of one kind and country that a campaign's cases would be reached at, by the sequence of the case."""

    sequence: str
    kind: str
    country: str
    numbers: int


def reached(rows: Rows, campaign_id: int) -> Sequence[Reached]:
    """Whom a proposal would write to or call."""
    return [Reached(*row) for row in rows.execute(_REACHED, {"id": campaign_id})]


@dataclass(frozen=True, slots=True)
class Words:
    """A community's own words, as its notices use them."""

    creditor: str
    phone: str
    address: str
    payee_account: str
    community: str
    language: str
    currency: str
    how_to_pay: str
    contract_clause: str
    how_to_object: str
    signatory: str
    voice_opt_in: bool


def words(rows: Rows, community_id: int) -> Words:
    return Words(*rows.execute(_WORDS, {"id": community_id}).one())


def _columns(made: Approved) -> dict[str, str]:
    return {
        "provider": made.provider,
        "wording": made.wording,
        "language": made.language,
        "template_id": made.template_id,
        "signature": made.signature,
        "content": made.text,
    }


_IN_FORCE = text("SELECT provider, wording, language, template_id, signature, content FROM wording_template WHERE state = 'approved'")

_RETIRE = text("""
    UPDATE wording_template SET state = 'retired'
     WHERE provider = :provider AND wording = :wording AND language = :language AND state = 'approved'
 RETURNING template_id
""")

_LISTED = text("""
    SELECT provider, wording, language, template_id, signature, state, approved_at, content
      FROM wording_template ORDER BY state, provider, wording, language, id
""")

_REACHED = text("""
    SELECT ca.sequence, cp.kind, cp.country, count(DISTINCT cp.id)
      FROM candidate ca
      JOIN debtor_party dp ON dp.debtor_id = ca.debtor_id
      JOIN party_contact pc ON pc.party_id = dp.party_id
      JOIN contact_point cp ON cp.id = pc.contact_point_id
     WHERE ca.campaign_id = :id AND ca.sequence IS NOT NULL AND cp.unusable_reason IS NULL
       AND cp.kind <> 'address'
     GROUP BY ca.sequence, cp.kind, cp.country ORDER BY ca.sequence, cp.kind, cp.country
""")

_WORDS = text("""
    SELECT cr.name, cr.phone, cr.address, cr.payee_account, m.name, m.language, m.currency, m.how_to_pay, m.contract_clause,
           m.how_to_object, COALESCE(NULLIF(cr.signatory, ''), cr.name), m.voice_opt_in
      FROM community m JOIN creditor cr ON cr.id = m.creditor_id WHERE m.id = :id
""")
