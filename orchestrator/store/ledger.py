"""Staged charges into the ledger: new, corrected, gone from a snapshot, undone.

Cases whose facts change are locked first and asked last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import text

from orchestrator.store import Rows, log, writing
from orchestrator.store.log import Entry

REVIEW = "review"
LONGEST_REVIEW = timedelta(days=30)
"""A note may hold a debtor so long; whoever was to look has then had a month (point 06)."""

_UNDONE = "import %s undone"


@dataclass(frozen=True, slots=True)
class Cleared:
    """A charge that a snapshot no longer lists: nobody is contacted about it until a person or a later file says otherwise."""

    charge_id: int
    unit: str
    item: str
    period: str
    unpaid: Decimal


@dataclass(frozen=True, slots=True)
class Held:
    """A debtor whom a note, or a new name on old charges, keeps from being contacted until a person looked."""

    community_id: int
    debtor_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a stage did to the ledger."""

    new: int
    corrected: int
    cleared: tuple[Cleared, ...]
    held: tuple[Held, ...]

    @property
    def anything(self) -> bool:
        return bool(self.new or self.corrected or self.cleared or self.held)


def apply(rows: Rows, import_id: int, communities: Sequence[int], *, snapshot: bool, now: datetime) -> Applied:
    """Apply the stage, its accounts being identified. A snapshot also clears the charges of its communities that it does not list."""
    values = {"import": import_id, "now": now, "communities": list(communities), "snapshot": snapshot}
    rows.execute(_CORRECTIONS, values)
    rows.execute(_GONE, values)
    cases = rows.execute(_LOCK_CASES, values).all()
    cleared = tuple(Cleared(*row) for row in rows.execute(_CLEARED_LIST))
    rows.execute(_KEEP_VERSIONS, values)
    corrected = rows.execute(_CORRECT, values).rowcount
    rows.execute(_CLEAR, values)
    new = rows.execute(_ADD, values).rowcount
    if snapshot:
        rows.execute(_SUPERSEDE, values)
        rows.execute(_CONFIRM, values)
    held = tuple(
        Held(*row) for row in rows.execute(_HOLD, values | {"until": now + LONGEST_REVIEW, "by": f"import {import_id}", "reason": REVIEW})
    )
    newly_held = {each.debtor_id for each in held}
    writing.touch(rows, [case.id for case in cases if case.touched or case.debtor_id in newly_held], now)
    return Applied(new, corrected, cleared, held)


def note_billing_totals(rows: Rows, community_ids: Sequence[int], *, snapshot: bool) -> None:
    """What the billing system says is unpaid, by community; unknown again after a file that is not a whole snapshot."""
    rows.execute(_BILLING_TOTALS, {"ids": list(community_ids), "snapshot": snapshot})


# What the file states otherwise than the ledger. A charge that staff voided stays void; one voided by an undone import comes back.
_CORRECTIONS = text("""
    CREATE TEMPORARY TABLE correction ON COMMIT DROP AS
    SELECT DISTINCT ON (ch.id) ch.id, s.due_on, s.amount, s.paid, s.note, ch.voided_at IS NOT NULL AS revived
      FROM staged_charge s JOIN charge ch ON ch.id = s.charge_id
     WHERE ch.void_reason LIKE 'import % undone'
        OR (ch.voided_at IS NULL
            AND (ch.cleared_at IS NOT NULL
                 OR (ch.due_on, ch.amount, ch.paid, ch.note) IS DISTINCT FROM (s.due_on, s.amount, s.paid, s.note)))
     ORDER BY ch.id, s.n
""")

_GONE = text("""
    CREATE TEMPORARY TABLE gone ON COMMIT DROP AS
    SELECT ch.id
      FROM charge ch JOIN account ac ON ac.id = ch.account_id JOIN unit u ON u.id = ac.unit_id
     WHERE :snapshot AND u.community_id = ANY(:communities)
       AND ch.voided_at IS NULL AND ch.cleared_at IS NULL AND ch.amount > ch.paid
       AND NOT EXISTS (SELECT FROM staged_charge s WHERE s.charge_id = ch.id)
""")

_LOCK_CASES = text("""
    WITH touched AS (
        SELECT ch.debtor_id FROM charge ch WHERE ch.id IN (SELECT id FROM correction UNION SELECT id FROM gone)
        UNION SELECT a.debtor_id FROM staged_charge s JOIN staged_account a USING (g) WHERE s.charge_id IS NULL
    ), remarked AS (
        SELECT ch.debtor_id FROM staged_charge s JOIN staged_account a USING (g) JOIN charge ch ON ch.id = s.charge_id
         WHERE s.review IS NOT NULL OR ch.debtor_id IS DISTINCT FROM a.debtor_id
    )
    SELECT c.id, c.debtor_id, c.debtor_id IN (SELECT debtor_id FROM touched) AS touched
      FROM "case" c
     WHERE c.community_id = ANY(:communities) AND c.state <> 'closed'
       AND c.debtor_id IN (SELECT debtor_id FROM touched UNION SELECT debtor_id FROM remarked)
     ORDER BY c.id FOR NO KEY UPDATE OF c
""")

_CLEARED_LIST = text("""
    SELECT ch.id, u.label, ch.item, ch.period, ch.amount - ch.paid
      FROM gone JOIN charge ch ON ch.id = gone.id JOIN account ac ON ac.id = ch.account_id JOIN unit u ON u.id = ac.unit_id
     ORDER BY u.label, ch.item, ch.period_start
""")

_KEEP_VERSIONS = text("""
    INSERT INTO charge_version (charge_id, import_id, amount, paid, provisional, due_on, cleared_at, at)
    SELECT ch.id, :import, ch.amount, ch.paid, ch.provisional, ch.due_on, ch.cleared_at, :now
      FROM charge ch WHERE ch.id IN (SELECT id FROM correction WHERE NOT revived UNION SELECT id FROM gone)
""")

_CORRECT = text("""
    UPDATE charge ch
       SET due_on = c.due_on, amount = c.amount, paid = c.paid, note = c.note, cleared_at = NULL, voided_at = NULL, void_reason = NULL,
           import_id = CASE WHEN c.revived THEN :import ELSE ch.import_id END
      FROM correction c WHERE c.id = ch.id
""")

_CLEAR = text("UPDATE charge ch SET cleared_at = :now FROM gone WHERE gone.id = ch.id")

_ADD = text("""
    INSERT INTO charge (account_id, debtor_id, item, period_start, period_end, period, due_on,
                        amount, paid, provisional, note, import_id, created_at)
    SELECT a.account_id, a.debtor_id, s.item, s.period_start, s.period_end, s.period, s.due_on, s.amount, s.paid, 0, s.note, :import, :now
      FROM staged_charge s JOIN staged_account a USING (g)
     WHERE s.charge_id IS NULL
     ORDER BY s.n
""")

# The billing system has seen the money by now: what the bank told us before is inside its `paid`.
_SUPERSEDE = text("""
    UPDATE allocation l SET superseded_at = :now
      FROM payment p WHERE p.id = l.payment_id AND l.superseded_at IS NULL AND p.community_id = ANY(:communities) AND p.at <= :now
""")

_CONFIRM = text("""
    UPDATE charge ch SET provisional = 0
      FROM account ac JOIN unit u ON u.id = ac.unit_id
     WHERE ac.id = ch.account_id AND u.community_id = ANY(:communities) AND ch.provisional <> 0
""")

# One hold per debtor and issue, ever: what a person looked into once is not held again by the same note.
_HOLD = text("""
    INSERT INTO hold (community_id, debtor_id, reason, comment, issue, since, until, by)
    SELECT DISTINCT ON (found.community_id, found.debtor_id, found.review)
           found.community_id, found.debtor_id, :reason, found.review || ': ' || found.note, 'note:' || found.review, :now, :until, :by
      FROM (SELECT a.community_id, COALESCE(ch.debtor_id, a.debtor_id) AS debtor_id, s.review, s.note, s.n
              FROM staged_charge s JOIN staged_account a USING (g) LEFT JOIN charge ch ON ch.id = s.charge_id
             WHERE s.review IS NOT NULL
            UNION ALL
            SELECT a.community_id, ch.debtor_id, 'transferred', 'the billing system names another payer 付款人变更', s.n
              FROM staged_charge s JOIN staged_account a USING (g) JOIN charge ch ON ch.id = s.charge_id
             WHERE ch.debtor_id IS DISTINCT FROM a.debtor_id) AS found
     ORDER BY found.community_id, found.debtor_id, found.review, found.n
    ON CONFLICT (community_id, debtor_id, issue) WHERE issue IS NOT NULL DO NOTHING
    RETURNING community_id, debtor_id, split_part(comment, ':', 1)
""")

_BILLING_TOTALS = text("""
    UPDATE community m
       SET billing_total = CASE WHEN :snapshot THEN (
               SELECT COALESCE(sum(s.amount - s.paid), 0)
                 FROM staged_charge s JOIN staged_account a USING (g) WHERE a.community_id = m.id) END
     WHERE m.id = ANY(:ids)
""")


class CannotUndo(ValueError):
    """An import that cannot be undone; the message says why."""


def undo(rows: Rows, import_id: int, by: str, now: datetime) -> int:
    """Take an arrears import back: its new charges are voided, what it corrected or cleared is as before. Raises CannotUndo.

    The charges touched. What later files changed must be undone first; holds the import opened are lifted.
    """
    values = {"import": import_id, "now": now, "by": by, "reason": _UNDONE % import_id}
    if rows.execute(_CHANGED_LATER, values).scalar():
        raise CannotUndo(f"a later import changed charges of import {import_id}: undo that one first")
    cases = list(rows.execute(_CASES_OF_IMPORT, values).scalars())
    touched = rows.execute(_RESTORE, values).rowcount + rows.execute(_VOID, values).rowcount
    rows.execute(_LIFT, values | {"opened_by": f"import {import_id}"})
    writing.touch(rows, cases, now)
    return touched


_OF_IMPORT = """
    SELECT v.charge_id FROM charge_version v WHERE v.import_id = :import UNION SELECT ch.id FROM charge ch WHERE ch.import_id = :import
"""

_CHANGED_LATER = text(f"""
    SELECT EXISTS (SELECT FROM charge_version v JOIN import_run r ON r.id = v.import_id
                    WHERE v.import_id > :import AND r.undone_at IS NULL AND v.charge_id IN ({_OF_IMPORT}))
""")

_CASES_OF_IMPORT = text(f"""
    SELECT c.id FROM "case" c
     WHERE c.state <> 'closed' AND c.debtor_id IN (SELECT debtor_id FROM charge WHERE id IN ({_OF_IMPORT}))
     ORDER BY c.id FOR NO KEY UPDATE
""")

_RESTORE = text("""
    UPDATE charge ch SET amount = v.amount, paid = v.paid, provisional = v.provisional, due_on = v.due_on, cleared_at = v.cleared_at
      FROM charge_version v WHERE v.charge_id = ch.id AND v.import_id = :import
""")

_VOID = text("UPDATE charge SET voided_at = :now, void_reason = :reason WHERE import_id = :import AND voided_at IS NULL")

_LIFT = text("UPDATE hold SET lifted_at = :now, lifted_by = :by WHERE by = :opened_by AND lifted_at IS NULL")


class CannotVoid(ValueError):
    """A charge that cannot be voided; the message says why and what to do first."""


@dataclass(frozen=True, slots=True)
class Voided:
    """What voiding a charge leaves to do: so many demands that named it have left."""

    demands_sent: int


def void(rows: Rows, charge_id: int, reason: str, by: str, now: datetime, wall: datetime) -> Voided:
    """Void a charge for good: its debtor's cases are asked anew, and no import brings it back. Raises CannotVoid.

    Money of the bank that pays it provisionally must have another place first: it would be owed elsewhere and yet be spent here.
    """
    values = {"charge": charge_id, "reason": reason, "now": now}
    cases = list(rows.execute(_CASES_OF_CHARGE, values).scalars())
    charge = rows.execute(_LOCK_CHARGE, values).one_or_none()
    if charge is None:
        raise CannotVoid(f"there is no charge {charge_id}")
    if charge.voided_at is not None:
        raise CannotVoid(f"charge {charge_id} was voided before: {charge.void_reason}")
    if charge.paid_by:
        paid_by = ", ".join(map(str, charge.paid_by))
        raise CannotVoid(
            f"charge {charge_id} is paid by payment {paid_by}: reverse it first (`xianli payment reverse`), or import a snapshot"
        )
    rows.execute(_KEEP_VERSION, values)
    rows.execute(_VOID_ONE, values)
    fact = {"charge": charge_id, "amount": charge.amount, "period": charge.period, "reason": reason, "by": by}
    log.append(rows, [Entry("charge voided", fact, case_id=case_id) for case_id in cases or [None]], now, wall)
    writing.touch(rows, cases, now)
    return Voided(charge.demands_sent)


_CASES_OF_CHARGE = text("""
    SELECT c.id FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id
      JOIN "case" c ON c.debtor_id = ch.debtor_id AND c.community_id = u.community_id AND c.state <> 'closed'
     WHERE ch.id = :charge ORDER BY c.id FOR NO KEY UPDATE OF c
""")

_LOCK_CHARGE = text("""
    SELECT ch.amount, ch.period, ch.voided_at, ch.void_reason,
           ARRAY(SELECT payment_id FROM allocation WHERE charge_id = ch.id AND superseded_at IS NULL ORDER BY payment_id) AS paid_by,
           (SELECT count(*) FROM named_charge n JOIN attempt t ON t.id = n.attempt_id
             WHERE n.charge_id = ch.id AND t.purpose = 'demand' AND t.sent_at IS NOT NULL) AS demands_sent
      FROM charge ch WHERE ch.id = :charge FOR NO KEY UPDATE OF ch
""")

_KEEP_VERSION = text("""
    INSERT INTO charge_version (charge_id, amount, paid, provisional, due_on, cleared_at, at)
    SELECT id, amount, paid, provisional, due_on, cleared_at, :now FROM charge WHERE id = :charge
""")

_VOID_ONE = text("UPDATE charge SET voided_at = :now, void_reason = :reason WHERE id = :charge AND voided_at IS NULL")
