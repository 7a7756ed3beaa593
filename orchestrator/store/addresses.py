"""Where the post finds a debtor: the addresses they gave, and their homes in the community, which are an address like any other.

A home is its debtor's own contact point, shared with nobody: that the post no longer finds one owner behind a door says nothing about
the next. What the community's address or the debtor's homes were corrected to is a new address, and the old one stays with its letters.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, vault_of

HOME_RANK = 99
"""After every address that the debtor gave. Of the addresses of this rank a case uses its own home alone."""
IN_USE = f"(pc.rank < {HOME_RANK} OR cp.id = c.home_id)"
"""Of a contact point `cp`, its link `pc` and a case `c`: whether the case may use it."""


def home_text(community_address: str, homes: Sequence[str], language: str) -> str:
    """The address of a debtor's homes, as it stands on an envelope.

    >>> home_text("杭州市云栖路1号", ["3-1-1201", "3-1-1202"], "zh")
    '杭州市云栖路1号3-1-1201、3-1-1202'
    """
    return community_address + ("、" if language == "zh" else ", ").join(homes)


def note_homes(rows: Rows, case_ids: Sequence[int]) -> None:
    """See that these locked cases have their homes, as they are written now, among their addresses."""
    vault, moved = vault_of(rows), []
    for row in rows.execute(_HOMES, {"cases": list(case_ids)}):
        value = home_text(row.address, row.homes or (), row.language)
        given, own = vault.digest(value), vault.digest(f"{row.debtor_id}\x1f{value}")
        if row.known not in (given, own):
            moved.append((row.id, vault.seal(value), given, own))
    if not moved:
        return
    cases, values, as_given, of_their_own = zip(*moved, strict=True)
    asked = {"cases": list(cases), "values": list(values), "given": list(as_given), "own": list(of_their_own)}
    rows.execute(_TAKE_GIVEN, asked)
    rows.execute(_MAKE, asked)
    rows.execute(_TAKE_OWN, asked)
    rows.execute(_LINK, {"cases": list(cases), "rank": HOME_RANK})


def first(points: Sequence[Any]) -> Any | None:
    """Of a case's contact points in their order, the address that its next letter goes to.

    One from which none came back unread, or else one that is in use, or else any: post to an agreed address may count as served even so.
    """
    known = [point for point in points if point.kind == "address"]
    usable = [point for point in known if point.usable]
    return next((point for point in usable if not point.in_vain), next(iter(usable or known), None))


_HOMES = text("""
    SELECT c.id, c.debtor_id, m.address, m.language, home.digest AS known,
           (SELECT array_agg(u.source_label ORDER BY u.label) FROM account a JOIN unit u ON u.id = a.unit_id
             WHERE a.debtor_id = c.debtor_id AND u.community_id = c.community_id) AS homes
      FROM "case" c JOIN community m ON m.id = c.community_id LEFT JOIN contact_point home ON home.id = c.home_id
     WHERE c.id = ANY(:cases) AND m.address <> ''
""")

_MOVED = """
    unnest(CAST(:cases AS bigint[]), CAST(:values AS bytea[]), CAST(:given AS bytea[]), CAST(:own AS bytea[])) AS n(id, value, given, own)
"""

_TAKE_GIVEN = text(f"""
    UPDATE "case" c SET home_id = cp.id
      FROM {_MOVED}, debtor_party dp, party_contact pc, contact_point cp
     WHERE c.id = n.id AND dp.debtor_id = c.debtor_id AND pc.party_id = dp.party_id AND cp.id = pc.contact_point_id AND cp.digest = n.given
""")
"""Who gave their home as their address has one address, not two."""

_MAKE = text(f"""
    INSERT INTO contact_point (creditor_id, kind, value, digest, country)
    SELECT m.creditor_id, 'address', n.value, n.own, m.country
      FROM {_MOVED} JOIN "case" c ON c.id = n.id JOIN community m ON m.id = c.community_id
      LEFT JOIN contact_point known ON known.id = c.home_id
     WHERE known.digest IS DISTINCT FROM n.given
    ON CONFLICT (creditor_id, digest) DO NOTHING
""")

_TAKE_OWN = text(f"""
    UPDATE "case" c SET home_id = cp.id
      FROM {_MOVED}, community m, contact_point cp
     WHERE c.id = n.id AND m.id = c.community_id AND cp.creditor_id = m.creditor_id AND cp.digest = n.own
""")

_LINK = text("""
    INSERT INTO party_contact (party_id, contact_point_id, rank, designated)
    SELECT dp.party_id, c.home_id, :rank, false FROM "case" c JOIN debtor_party dp ON dp.debtor_id = c.debtor_id
     WHERE c.id = ANY(:cases) AND c.home_id IS NOT NULL
    ON CONFLICT (party_id, contact_point_id) DO NOTHING
""")
