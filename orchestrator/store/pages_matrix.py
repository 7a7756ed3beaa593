"""The charges of a community or a debtor with every demand that named them: what the proof matrix is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, proofs
from orchestrator.store.proofs import CHARGE, Served
from policies.facts import Acknowledgement, Charge


@dataclass(frozen=True, slots=True)
class Owed:
    """One charge with its demands and acknowledgements, and where it stands on the page. Paid ones too; voided ones never.

    `served` are its demands once more, each with what is held of it.
    """

    charge: Charge
    charge_id: int
    account_id: int
    unit: str
    building: str
    case_id: int | None
    case_state: str | None
    period_start: date
    period_end: date
    served: tuple[Served, ...] = ()


def read(rows: Rows, community_id: int, debtor_id: int | None = None) -> list[Owed]:
    """By building and unit, oldest period first. Of a whole community: the accounts that owe something overdue or have a case.

    Three queries, however many charges: they, their demands, what was paid and promised. One that a complete snapshot no longer lists
    counts as paid; of a whole community what is paid comes without demands, for nothing of it is to be proven.
    """
    charges = rows.execute(_CHARGES, {"community": community_id, "debtor": debtor_id}).all()
    charge_ids = [row.id for row in charges if debtor_id is not None or not (row.cleared or row.paid >= row.amount)]
    served, acknowledgements = proofs.served(rows, charge_ids), proofs.acknowledgements(rows, charge_ids)
    return [owed(row, served.get(row.id, ()), acknowledgements.get(row.id, ())) for row in charges]


def owed(row: Any, served: Sequence[Served], acknowledgements: Sequence[Acknowledgement]) -> Owed:
    """From a row that has the columns of `_CHARGES`."""
    charge = proofs.charge_of(row, [each.demand for each in served], acknowledgements)
    return Owed(
        charge, row.id, row.account_id, row.unit, row.building, row.case_id, row.case_state, row.period_start, row.period_end, tuple(served)
    )


_CHARGES = text(f"""
    SELECT {CHARGE},
           ch.account_id, u.building, c.id AS case_id, c.state AS case_state, ch.period_start, ch.period_end
      FROM charge ch
      JOIN account a ON a.id = ch.account_id
      JOIN unit u ON u.id = a.unit_id AND u.community_id = :community
      LEFT JOIN LATERAL (SELECT id, state FROM "case" WHERE debtor_id = ch.debtor_id AND community_id = :community
                          ORDER BY state <> 'closed' DESC, id DESC LIMIT 1) AS c ON true
     WHERE ch.voided_at IS NULL AND (CAST(:debtor AS bigint) IS NULL OR ch.debtor_id = :debtor)
       AND (c.id IS NOT NULL OR CAST(:debtor AS bigint) IS NOT NULL
            OR EXISTS (SELECT FROM charge o WHERE o.account_id = ch.account_id AND o.voided_at IS NULL AND o.cleared_at IS NULL
                          AND o.amount > o.paid + o.provisional))
     ORDER BY length(u.building), u.building, u.label, ch.account_id, ch.item, ch.period_start, ch.id
""")
