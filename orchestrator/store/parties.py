"""Who owes for which home, out of a stage: communities, units, parties, contact points, debtors, accounts. Set-based, safe to repeat.

Parties are one only on the same name and the same number or identity; the payer of a home already known by that name stays who they were.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, insert, text

from orchestrator.models import Community, Creditor
from orchestrator.store import Rows

NO_CREDITOR = "未设置 not set"
"""The creditor of a community that an import made before anybody said whose it is; `community set` renames it."""

_HOME_PACKS = {"CN": "cn-property", "US": "us-regf", "GB": "uk-conc"}
_CURRENCIES = {"CN": "CNY", "US": "USD", "GB": "GBP"}


@dataclass(frozen=True, slots=True)
class CommunityTerms:
    """What reading an export needs to know of a community."""

    billing_day: int
    billing_months: int | None
    country: str


def community_terms(rows: Rows) -> dict[str, CommunityTerms]:
    """The terms of every community, by name."""
    found = rows.execute(text("SELECT name, billing_day, billing_months, country FROM community"))
    return {row.name: CommunityTerms(row.billing_day, row.billing_months, row.country) for row in found}


def identify(rows: Rows) -> tuple[int, ...]:
    """Find or make the community, unit, debtor and account of every staged account, and the ways to reach its debtor.

    The communities the stage is about.
    """
    for table in ("staged_account", "staged_charge", "staged_contact"):
        rows.execute(text(f"CREATE INDEX ON {table} (g)"))
        rows.execute(text(f"ANALYZE {table}"))
    _make_communities(rows)
    _run(rows, _FIND_COMMUNITIES, _KNOWN_UNITS, _MAKE_UNITS, _FIND_UNITS)
    rows.execute(text("ANALYZE staged_account (unit_id)"))
    _run(rows, _CORRECT_AREAS, _FIND_CHARGES, _FIND_DEBTORS)
    rows.execute(text("ANALYZE staged_charge (charge_id)"))
    _run(rows, _STAGED_PARTIES, _STAGED_MARKS)
    for table in ("staged_party", "staged_mark"):
        rows.execute(text(f"ANALYZE {table}"))
    while rows.execute(_JOIN_THE_SAME).rowcount:
        pass
    _run(rows, _FIND_PARTIES, _NUMBER_PARTIES, _MAKE_PARTIES, _STAGED_DEBTORS, _MAKE_DEBTORS, _TAKE_DEBTORS, _MAKE_MEMBERS)
    _run(rows, _MAKE_ACCOUNTS, _TAKE_ACCOUNTS, _MAKE_CONTACTS, _LINK_CONTACTS)
    return tuple(rows.execute(text("SELECT DISTINCT community_id FROM staged_account ORDER BY 1")).scalars())


def _run(rows: Rows, *statements: TextClause) -> None:
    for statement in statements:
        rows.execute(statement)


def _make_communities(rows: Rows) -> None:
    unknown = rows.execute(_UNKNOWN_COMMUNITIES).all()
    if not unknown:
        return
    creditors = rows.execute(text("SELECT id FROM creditor ORDER BY id LIMIT 2")).scalars().all()
    creditor_id = creditors[0] if len(creditors) == 1 else _placeholder(rows)
    for name, country, timezone in unknown:
        made = Community(
            creditor_id=creditor_id,
            name=name,
            country=country,
            timezone=timezone or "Asia/Shanghai",
            pack=_HOME_PACKS.get(country, "cn-property"),
            currency=_CURRENCIES.get(country, "CNY"),
            language="zh" if country == "CN" else "en",
        )
        rows.execute(insert(Community).values(**made.model_dump(exclude={"id"})))


def _placeholder(rows: Rows) -> int:
    found: int | None = rows.execute(text("SELECT id FROM creditor WHERE name = :name"), {"name": NO_CREDITOR}).scalar()
    if found is None:
        values = Creditor(name=NO_CREDITOR).model_dump(exclude={"id"})
        found = rows.execute(insert(Creditor).values(**values).returning(Creditor.id)).scalar_one()  # type: ignore[call-overload]
    return int(found)


# A community abroad shows by its debtors' zones and numbers; anything less certain is at home.
_UNKNOWN_COMMUNITIES = text("""
    SELECT a.community, CASE WHEN bool_and(c.timezone IS NOT NULL) THEN mode() WITHIN GROUP (ORDER BY c.country) ELSE 'CN' END,
           CASE WHEN bool_and(c.timezone IS NOT NULL) THEN mode() WITHIN GROUP (ORDER BY c.timezone) END
      FROM staged_account a LEFT JOIN staged_contact c USING (g)
     WHERE NOT EXISTS (SELECT FROM community m WHERE m.name = a.community)
     GROUP BY a.community ORDER BY a.community
""")

_FIND_COMMUNITIES = text("""
    UPDATE staged_account a SET community_id = m.id, creditor_id = m.creditor_id FROM community m WHERE m.name = a.community
""")

# The same comparison as orchestrator.intake.units.zeroless.
_KNOWN_UNITS = text(r"""
    CREATE TEMPORARY TABLE known_unit ON COMMIT DROP AS
    SELECT id, community_id, upper(regexp_replace(label, '(?<![0-9A-Za-z.])0+(?=[0-9])', '', 'g')) AS key
      FROM unit WHERE community_id IN (SELECT DISTINCT community_id FROM staged_account)
""")

_MAKE_UNITS = text("""
    WITH made AS (
        INSERT INTO unit (community_id, label, source_label, building, use, area)
        SELECT DISTINCT ON (a.community_id, a.unit_key) a.community_id, a.unit_label, a.unit_source, a.building, a.use, a.area
          FROM staged_account a
         WHERE NOT EXISTS (SELECT FROM known_unit k WHERE k.community_id = a.community_id AND k.key = a.unit_key)
         ORDER BY a.community_id, a.unit_key, a.g
        RETURNING id, community_id, label
    )
    INSERT INTO known_unit
    SELECT made.id, made.community_id, a.unit_key
      FROM made JOIN (SELECT DISTINCT community_id, unit_label, unit_key FROM staged_account) a
        ON a.community_id = made.community_id AND a.unit_label = made.label
""")

_FIND_UNITS = text("""
    UPDATE staged_account a SET unit_id = k.id FROM known_unit k WHERE k.community_id = a.community_id AND k.key = a.unit_key
""")

_CORRECT_AREAS = text("UPDATE unit u SET area = a.area FROM staged_account a WHERE a.unit_id = u.id AND a.area <> u.area")

_FIND_CHARGES = text("""
    UPDATE staged_charge s SET charge_id = ch.id
      FROM staged_account a JOIN account ac ON ac.unit_id = a.unit_id JOIN charge ch ON ch.account_id = ac.id
     WHERE a.g = s.g AND ch.item = s.item AND ch.period_start = s.period_start AND ch.period_end = s.period_end
""")

_FIND_DEBTORS = text("""
    UPDATE staged_account a SET debtor_id = d.id, account_id = ac.id
      FROM account ac JOIN debtor d ON d.id = ac.debtor_id
     WHERE ac.unit_id = a.unit_id AND d.name = a.name
""")

# Only accounts that bring a charge nobody knows need a debtor: a new name on old charges is a question, not a new debt.
_STAGED_PARTIES = text("""
    CREATE TEMPORARY TABLE staged_party ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY a.g, each.place) AS p, row_number() OVER (ORDER BY a.g, each.place) AS same,
           a.g, a.creditor_id, each.name, each.kind, each.identity, CAST(NULL AS bigint) AS party_id
      FROM staged_account a, unnest(a.payers, a.kinds, a.identities) WITH ORDINALITY AS each (name, kind, identity, place)
     WHERE a.debtor_id IS NULL AND EXISTS (SELECT FROM staged_charge s WHERE s.g = a.g AND s.charge_id IS NULL)
""")

_STAGED_MARKS = text("""
    CREATE TEMPORARY TABLE staged_mark ON COMMIT DROP AS
    SELECT DISTINCT sp.p, c.digest FROM staged_party sp JOIN staged_contact c ON c.g = sp.g AND c.kind <> 'address'
    UNION SELECT p, identity FROM staged_party WHERE identity IS NOT NULL
""")

_JOIN_THE_SAME = text("""
    UPDATE staged_party sp SET same = least.same
      FROM (SELECT shared.p, min(shared.same) AS same
              FROM (SELECT m.p, min(x.same) OVER (PARTITION BY x.creditor_id, x.name, m.digest) AS same
                      FROM staged_mark m JOIN staged_party x USING (p)) AS shared
             GROUP BY shared.p) AS least
     WHERE least.p = sp.p AND least.same < sp.same
""")

_FIND_PARTIES = text("""
    UPDATE staged_party sp SET party_id = known.id
      FROM (SELECT x.same, min(pa.id) AS id
              FROM staged_party x JOIN staged_mark m USING (p)
              JOIN party pa ON pa.creditor_id = x.creditor_id AND pa.name = x.name
              LEFT JOIN contact_point cp ON cp.creditor_id = x.creditor_id AND cp.digest = m.digest
             WHERE pa.identity_digest = m.digest
                OR EXISTS (SELECT FROM party_contact pc WHERE pc.party_id = pa.id AND pc.contact_point_id = cp.id)
             GROUP BY x.same) AS known
     WHERE known.same = sp.same
""")

_NUMBER_PARTIES = text("""
    UPDATE staged_party sp SET party_id = fresh.id
      FROM (SELECT same, nextval(pg_get_serial_sequence('party', 'id')) AS id
              FROM (SELECT DISTINCT same FROM staged_party WHERE party_id IS NULL ORDER BY same) AS unknown) AS fresh
     WHERE fresh.same = sp.same
""")

_MAKE_PARTIES = text("""
    INSERT INTO party (id, creditor_id, name, kind, identity_digest)
    SELECT DISTINCT ON (party_id) party_id, creditor_id, name, kind, identity
      FROM staged_party ORDER BY party_id, identity NULLS LAST, p
    ON CONFLICT (id) DO NOTHING
""")

_STAGED_DEBTORS = text("""
    CREATE TEMPORARY TABLE staged_debtor ON COMMIT DROP AS
    SELECT sp.g, sp.creditor_id, a.name, string_agg(DISTINCT lpad(CAST(sp.party_id AS text), 20, '0'), ',') AS padded
      FROM staged_party sp JOIN staged_account a USING (g) GROUP BY sp.g, sp.creditor_id, a.name
""")

_KEY = r"regexp_replace(padded, '(^|,)0+', '\1', 'g')"

_MAKE_DEBTORS = text(f"""
    INSERT INTO debtor (creditor_id, key, name)
    SELECT DISTINCT ON (creditor_id, padded) creditor_id, {_KEY}, name FROM staged_debtor ORDER BY creditor_id, padded, g
    ON CONFLICT (creditor_id, key) DO NOTHING
""")

_TAKE_DEBTORS = text(f"""
    UPDATE staged_account a SET debtor_id = d.id
      FROM staged_debtor sd JOIN debtor d ON d.creditor_id = sd.creditor_id AND d.key = {_KEY}
     WHERE sd.g = a.g
""")

_MAKE_MEMBERS = text("""
    INSERT INTO debtor_party (debtor_id, party_id)
    SELECT DISTINCT a.debtor_id, sp.party_id FROM staged_party sp JOIN staged_account a USING (g)
    ON CONFLICT DO NOTHING
""")

_MAKE_ACCOUNTS = text("""
    INSERT INTO account (unit_id, debtor_id) SELECT DISTINCT unit_id, debtor_id FROM staged_account
     WHERE debtor_id IS NOT NULL AND account_id IS NULL ORDER BY unit_id, debtor_id
    ON CONFLICT (unit_id, debtor_id) DO NOTHING
""")

_TAKE_ACCOUNTS = text("""
    UPDATE staged_account a SET account_id = ac.id
      FROM account ac WHERE ac.unit_id = a.unit_id AND ac.debtor_id = a.debtor_id AND a.account_id IS NULL
""")

_MAKE_CONTACTS = text("""
    INSERT INTO contact_point (creditor_id, kind, value, digest, country, timezone)
    SELECT DISTINCT ON (a.creditor_id, c.digest) a.creditor_id, c.kind, c.sealed, c.digest, c.country, c.timezone
      FROM staged_contact c JOIN staged_account a USING (g)
     WHERE a.debtor_id IS NOT NULL
     ORDER BY a.creditor_id, c.digest, c.timezone NULLS LAST, c.g
    ON CONFLICT (creditor_id, digest) DO UPDATE SET timezone = excluded.timezone
     WHERE excluded.timezone IS NOT NULL AND excluded.timezone IS DISTINCT FROM contact_point.timezone
""")


def designate(rows: Rows, case_id: int, point_id: int, designated: bool) -> bool:
    """Note whether the contract of a case's debtor names this number or address for notices; False where it is not theirs."""
    return bool(rows.execute(_DESIGNATE, {"case": case_id, "point": point_id, "designated": designated}).rowcount)


_DESIGNATE = text("""
    UPDATE party_contact pc SET designated = :designated
      FROM debtor_party dp JOIN "case" c ON c.debtor_id = dp.debtor_id AND c.id = :case
     WHERE pc.party_id = dp.party_id AND pc.contact_point_id = :point
""")

_LINK_CONTACTS = text("""
    INSERT INTO party_contact (party_id, contact_point_id, rank, designated)
    SELECT dp.party_id, cp.id, min(c.rank), false
      FROM staged_contact c JOIN staged_account a USING (g)
      JOIN debtor_party dp ON dp.debtor_id = a.debtor_id
      JOIN contact_point cp ON cp.creditor_id = a.creditor_id AND cp.digest = c.digest
     GROUP BY dp.party_id, cp.id
    ON CONFLICT (party_id, contact_point_id) DO NOTHING
""")
