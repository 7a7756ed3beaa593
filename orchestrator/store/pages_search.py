"""Finding a case by whatever somebody holds in their hand: a unit, a name, a number, a letter's waybill, a provider's id."""

from collections.abc import Collection

from sqlalchemy import text

from orchestrator.store import Rows

MOST = 500
"""Cases looked at of one search: whoever finds more says more."""


def countries(rows: Rows, scope: int | None) -> list[str]:
    """Where the communities a person may see lie (ISO 3166 alpha-2): how a number without its country is read."""
    return list(
        rows.execute(
            text("SELECT DISTINCT country FROM community WHERE CAST(:scope AS bigint) IS NULL OR id = :scope ORDER BY country"),
            {"scope": scope},
        ).scalars()
    )


def cases(rows: Rows, words: str, digests: Collection[bytes]) -> list[int]:
    """The cases whose unit or debtor's name has these words in it, whose number has one of the digests, or one of whose contacts is known
    by exactly them; of every community: a listing narrows them to whose eyes they are for."""
    part = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return list(rows.execute(_CASES, {"part": f"%{part}%", "whole": words, "digests": list(digests), "most": MOST}).scalars())


_CASES = text("""
    SELECT c.id FROM unit u
      JOIN account a ON a.unit_id = u.id
      JOIN "case" c ON c.debtor_id = a.debtor_id AND c.community_id = u.community_id
     WHERE u.label LIKE :part OR u.source_label LIKE :part
     UNION
    SELECT c.id FROM debtor d JOIN "case" c ON c.debtor_id = d.id WHERE d.name LIKE :part
     UNION
    SELECT c.id FROM contact_point cp
      JOIN party_contact pc ON pc.contact_point_id = cp.id
      JOIN debtor_party dp ON dp.party_id = pc.party_id
      JOIN "case" c ON c.debtor_id = dp.debtor_id
     WHERE cp.digest = ANY(:digests)
     UNION
    SELECT case_id FROM attempt WHERE provider_id = :whole AND case_id IS NOT NULL
     UNION
    SELECT a.case_id FROM letter l JOIN attempt a ON a.id = l.attempt_id WHERE l.waybill = :whole AND a.case_id IS NOT NULL
     LIMIT :most
""")
