"""The documents of standing, price, liability and service, and the register of paper originals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from orchestrator.store import Rows, casefiles, exhibits, log
from orchestrator.store.casefiles import NoSuchThing
from orchestrator.store.exhibits import About, Kept
from orchestrator.store.log import Entry


def add(rows: Rows, kind: str, title: str, kept: Kept, community: str, case_id: int | None, by: str, now: datetime, wall: datetime) -> int:
    """A document of a community, or of one case in it; its number. The same document again is the one that stands. Raises LookupError."""
    values = {
        "community": community,
        "case": case_id,
        "kind": kind,
        "title": title,
        "sha256": kept.sha256,
        "media_type": kept.media_type,
        "size": kept.size,
        "by": by,
        "now": now,
    }
    made: int | None = rows.execute(_ADD, values).scalar()
    if made is None:
        known: int | None = rows.execute(_KNOWN, values).scalar()
        if known is None:
            of_case = f", or it has no case {case_id}" if case_id is not None else ""
            raise LookupError(f"no community is called {community}{of_case}")
        return known
    fact = {name: values[name] for name in ("community", "kind", "title", "sha256", "media_type", "size", "by")} | {"paper": made}
    if case_id is not None:
        casefiles.lock_any(rows, case_id)
    log.append(rows, [Entry("paper", fact, case_id=case_id)], now, wall)
    return made


_ADD = text("""
    INSERT INTO paper (community_id, case_id, kind, title, sha256, media_type, size, kept_at, by)
    SELECT m.id, CAST(:case AS bigint), :kind, :title, :sha256, :media_type, :size, :now, :by
      FROM community m
     WHERE m.name = :community
       AND (CAST(:case AS bigint) IS NULL OR EXISTS (SELECT FROM "case" c WHERE c.id = :case AND c.community_id = m.id))
    ON CONFLICT (community_id, case_id, kind, sha256) DO NOTHING RETURNING id
""")
_KNOWN = text("""
    SELECT p.id FROM paper p JOIN community m ON m.id = p.community_id
     WHERE m.name = :community AND p.case_id IS NOT DISTINCT FROM CAST(:case AS bigint) AND p.kind = :kind AND p.sha256 = :sha256
""")


def file_with(rows: Rows, case_id: int, now: datetime, wall: datetime) -> None:
    """Make exhibits of a case of all documents that speak for it, so that its own chain of entries names them. Locks the case."""
    papers = rows.execute(_UNFILED, {"case": case_id}).all()
    if papers:
        casefiles.lock_any(rows, case_id)
    for paper in papers:
        kept = Kept(bytes(paper.sha256), paper.media_type, paper.size, "document", {})
        exhibits.record(rows, kept, About(case_id=case_id), paper.by, now, wall)


_UNFILED = text("""
    SELECT p.sha256, p.media_type, p.size, p.by
      FROM paper p JOIN "case" c ON c.id = :case AND c.community_id = p.community_id
     WHERE (p.case_id IS NULL OR p.case_id = c.id)
       AND NOT EXISTS (SELECT FROM exhibit x WHERE x.case_id = c.id AND x.kind = 'document' AND x.sha256 = p.sha256)
     ORDER BY p.id
""")


@dataclass(frozen=True, slots=True)
class Original:
    """A paper original and where it is: `at` shelf, court, counsel or other, since `since`, taken by `holder`."""

    id: int
    shelf: str
    what: str
    case_id: int
    community: str
    attempt_id: int | None
    exhibit_id: int | None
    remark: str
    received_at: datetime
    received_by: str
    at: str
    since: datetime
    holder: str


def receive(
    rows: Rows,
    shelf: str,
    what: str,
    case_id: int,
    by: str,
    now: datetime,
    wall: datetime,
    *,
    attempt_id: int | None = None,
    exhibit_id: int | None = None,
    remark: str = "",
) -> int:
    """Lay an original on a shelf; its number. Raises NoSuchThing, or ValueError where another lies there; both in Chinese and English."""
    values = {
        "shelf": shelf,
        "what": what,
        "case": case_id,
        "attempt": attempt_id,
        "exhibit": exhibit_id,
        "remark": remark,
        "now": now,
        "by": by,
    }
    of_it = rows.execute(_OF_THE_CASE, values).one()
    if not of_it.known:
        raise NoSuchThing(f"没有案件 {case_id}，请核对案件号 / there is no case {case_id}: look at its number")
    if not of_it.attempt:
        raise NoSuchThing(f"联系 {attempt_id} 不属于本案，请从本案中选择 / contact {attempt_id} is not of this case: choose one of it")
    if not of_it.exhibit:
        raise NoSuchThing(f"证物 {exhibit_id} 不属于本案，请从本案中选择 / exhibit {exhibit_id} is not of this case: choose one of it")
    casefiles.lock_any(rows, case_id)
    made: int | None = rows.execute(_RECEIVE, values).scalar()
    if made is None:
        raise ValueError(f"{shelf} 已有原件，请换一个架位号 / something lies at {shelf} already: choose another shelf number")
    fact = {"original": made, "shelf": shelf, "what": what, "exhibit": exhibit_id, "remark": remark, "by": by}
    log.append(rows, [Entry("original received", fact, case_id, attempt_id)], now, wall)
    return made


_OF_THE_CASE = text("""
    SELECT EXISTS (SELECT FROM "case" WHERE id = :case) AS known,
           CAST(:attempt AS bigint) IS NULL OR EXISTS (SELECT FROM attempt WHERE id = :attempt AND case_id = :case) AS attempt,
           CAST(:exhibit AS bigint) IS NULL OR EXISTS (SELECT FROM exhibit WHERE id = :exhibit AND case_id = :case) AS exhibit
""")
_RECEIVE = text("""
    INSERT INTO original (shelf, what, case_id, attempt_id, exhibit_id, remark, received_at, received_by)
    VALUES (:shelf, :what, :case, :attempt, :exhibit, :remark, :now, :by) ON CONFLICT (shelf) DO NOTHING RETURNING id
""")


def move(rows: Rows, shelf: str, to: str, given_by: str, taken_by: str, by: str, now: datetime, wall: datetime, remark: str = "") -> None:
    """An original goes from hand to hand: to the court, to counsel, back to its shelf. `by` writes it down.

    Raises NoSuchThing, or ValueError for one name; both in Chinese and English.
    """
    if given_by == taken_by:
        raise ValueError("交出人和接收人须为两人 / an original is handed over by one person and taken by another: name two")
    found = rows.execute(text("SELECT id, case_id FROM original WHERE shelf = :shelf"), {"shelf": shelf}).one_or_none()
    if found is None:
        raise NoSuchThing(f"{shelf} 没有原件，请核对架位号 / nothing lies at {shelf}: look at the shelf number")
    casefiles.lock_any(rows, found.case_id)
    values = {"original": found.id, "to": to, "now": now, "given": given_by, "taken": taken_by, "remark": remark}
    movement = rows.execute(_MOVE, values).scalar_one()
    fact = {"original": found.id, "movement": movement, "shelf": shelf, "to": to, "given_by": given_by, "taken_by": taken_by}
    log.append(rows, [Entry("original moved", fact | {"remark": remark, "by": by}, found.case_id)], now, wall)


_MOVE = text("""
    INSERT INTO original_movement (original_id, "to", at, given_by, taken_by, remark)
    VALUES (:original, :to, :now, :given, :taken, :remark) RETURNING id
""")


def originals(rows: Rows, *, case_id: int | None = None, scope: int | None = None, until: datetime | None = None) -> Sequence[Original]:
    """The register, by shelf: of a case, of a community (None: all), as it stood at a time."""
    found = rows.execute(_ORIGINALS, {"case": case_id, "scope": scope, "until": until})
    return [Original(**row._mapping) for row in found]


_ORIGINALS = text("""
    SELECT o.id, o.shelf, o.what, o.case_id, m.name AS community, o.attempt_id, o.exhibit_id, o.remark, o.received_at, o.received_by,
           COALESCE(v."to", 'shelf') AS at, COALESCE(v.at, o.received_at) AS since, COALESCE(v.taken_by, o.received_by) AS holder
      FROM original o
      JOIN "case" c ON c.id = o.case_id
      JOIN community m ON m.id = c.community_id
      LEFT JOIN LATERAL (SELECT * FROM original_movement w
                          WHERE w.original_id = o.id AND (CAST(:until AS timestamptz) IS NULL OR w.at <= :until)
                          ORDER BY w.id DESC LIMIT 1) AS v ON true
     WHERE (CAST(:case AS bigint) IS NULL OR o.case_id = :case) AND (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope)
       AND (CAST(:until AS timestamptz) IS NULL OR o.received_at <= :until)
     ORDER BY o.shelf
""")
