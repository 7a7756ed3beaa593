"""What a suit is made of, read for a batch of cases: both sides, the charges of the claim with their proof, the demands made."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows, communities, proofs, vault_of
from orchestrator.store.addresses import HOME_RANK
from orchestrator.store.proofs import CHARGE, Paid, Served, charge_of
from orchestrator.versions import Pin
from policies.facts import BELIEVED, Channel, Charge


@dataclass(frozen=True, slots=True)
class Defendant:
    """`phone` and `address` as kept, in the clear: for the complaint alone. Empty where nothing is kept."""

    name: str
    company: bool
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A charge of the claim set; without a frozen set, any charge of the debtor in this community."""

    charge: Charge
    area: Decimal | None
    payments: Sequence[Paid]


@dataclass(frozen=True, slots=True)
class Made:
    """A demand that left, naming charges of the claim; `named` counts them. `arrived_at` is None where no grade A or B says that it did."""

    attempt_id: int
    channel: Channel
    sent_at: datetime
    arrived_at: datetime | None
    waybill: str | None
    paper: bool
    named: int


@dataclass(frozen=True, slots=True)
class Suit:
    case_id: int
    community_id: int
    pack: Pin
    sequence: Pin
    terms: Mapping[str, Any]
    """Of the community and its creditor, as `communities.read` gives them."""
    states: tuple[str, ...]
    """Stop states in force."""
    defendants: tuple[Defendant, ...]
    claimed: tuple[Claimed, ...]
    demands: tuple[Made, ...]


def read(rows: Rows, case_ids: Sequence[int]) -> dict[int, Suit]:
    """By case; one that does not exist is not in it. A fixed number of queries, however many cases."""
    cases = rows.execute(_CASES, {"cases": list(case_ids)}).all()
    terms = communities.read_many(rows, {case.community_id for case in cases})
    charges = rows.execute(_CHARGES, {"cases": list(case_ids)}).all()
    ids = [row.id for row in charges]
    served, said, paid = proofs.served(rows, ids), proofs.acknowledgements(rows, ids), proofs.payments(rows, ids)
    claimed: defaultdict[int, list[Claimed]] = defaultdict(list)
    for row in charges:
        charge = charge_of(row, [each.demand for each in served.get(row.id, ())], said.get(row.id, ()))
        claimed[row.case_id].append(Claimed(charge, row.area, paid.get(row.id, ())))
    sides, made = _defendants(rows, case_ids), _demands(rows, case_ids, served)
    return {
        case.id: Suit(
            case.id,
            case.community_id,
            Pin(case.pack, case.pack_digest),
            Pin(case.sequence, case.sequence_digest),
            terms[case.community_id],
            tuple(case.states or ()),
            tuple(sides[case.id]),
            tuple(claimed[case.id]),
            tuple(made[case.id]),
        )
        for case in cases
    }


_CASES = text("""
    SELECT c.id, c.community_id, c.pack, c.pack_digest, c.sequence, c.sequence_digest,
           (SELECT array_agg(s.state) FROM stop_state s
             WHERE s.debtor_id = c.debtor_id AND s.community_id = c.community_id AND s.ended_at IS NULL) AS states
      FROM "case" c WHERE c.id = ANY(:cases)
""")

_CHARGES = text(f"""
    SELECT {CHARGE}, c.id AS case_id, u.area
      FROM "case" c
      JOIN charge ch ON ch.debtor_id = c.debtor_id AND ch.voided_at IS NULL
      JOIN account a ON a.id = ch.account_id
      JOIN unit u ON u.id = a.unit_id AND u.community_id = c.community_id
     WHERE c.id = ANY(:cases)
       AND (EXISTS (SELECT FROM claimed_charge k WHERE k.case_id = c.id AND k.charge_id = ch.id)
            OR NOT EXISTS (SELECT FROM claimed_charge k WHERE k.case_id = c.id))
     ORDER BY c.id, u.label, ch.item, ch.period_start, ch.id
""")


def _defendants(rows: Rows, case_ids: Sequence[int]) -> Mapping[int, list[Defendant]]:
    vault = vault_of(rows)
    found: defaultdict[int, list[Defendant]] = defaultdict(list)
    for row in rows.execute(_DEFENDANTS, {"cases": list(case_ids)}):
        phone, address = (vault.open(sealed) if sealed else "" for sealed in (row.phone, row.address))
        found[row.case_id].append(Defendant(row.name, row.kind == "company", phone, address))
    return found


_DEFENDANTS = text(f"""
    SELECT c.id AS case_id, p.name, p.kind,
           (SELECT cp.value FROM party_contact pc JOIN contact_point cp ON cp.id = pc.contact_point_id
             WHERE pc.party_id = p.id AND cp.kind <> 'address' ORDER BY pc.rank, cp.id LIMIT 1) AS phone,
           (SELECT cp.value FROM party_contact pc JOIN contact_point cp ON cp.id = pc.contact_point_id
             WHERE pc.party_id = p.id AND cp.kind = 'address' AND pc.rank < {HOME_RANK} ORDER BY pc.rank, cp.id LIMIT 1) AS address
      FROM "case" c JOIN debtor_party dp ON dp.debtor_id = c.debtor_id JOIN party p ON p.id = dp.party_id
     WHERE c.id = ANY(:cases) ORDER BY c.id, p.id
""")


def _demands(rows: Rows, case_ids: Sequence[int], served: Mapping[int, Sequence[Served]]) -> Mapping[int, list[Made]]:
    arrived = {
        each.attempt_id: each.demand.arrived_at for of_charge in served.values() for each in of_charge if each.demand.grade in BELIEVED
    }
    found: defaultdict[int, list[Made]] = defaultdict(list)
    for row in rows.execute(_DEMANDS, {"cases": list(case_ids), "charges": list(served)}):
        found[row.case_id].append(Made(row.id, row.channel, row.sent_at, arrived.get(row.id), row.waybill, row.paper, row.named))
    return found


# What offers to settle is not held against who offers it (民诉法解释 107).
_DEMANDS = text("""
    SELECT a.case_id, a.id, a.channel, a.sent_at, l.waybill, g.document IS NOT NULL AS paper, count(*) AS named
      FROM attempt a JOIN message g ON g.attempt_id = a.id JOIN named_charge n ON n.attempt_id = a.id
      LEFT JOIN letter l ON l.attempt_id = a.id
     WHERE a.case_id = ANY(:cases) AND n.charge_id = ANY(:charges) AND a.purpose = 'demand' AND a.step <> 'settlement-offer'
       AND a.sent_at IS NOT NULL AND a.state IN ('accepted', 'sent', 'delivered', 'undelivered')
     GROUP BY a.case_id, a.id, l.waybill, g.document ORDER BY a.case_id, a.sent_at, a.id
""")


def ready(rows: Rows, community: str | None) -> list[int]:
    """The cases that came to the suit's step with everything it asks for, of one community or all."""
    return list(
        rows.execute(
            text("""
                SELECT c.id FROM "case" c JOIN community m ON m.id = c.community_id
                 WHERE c.state = 'stopped' AND c.rest = 'ready_for_suit' AND (CAST(:community AS text) IS NULL OR m.name = :community)
                 ORDER BY c.id
            """),
            {"community": community},
        ).scalars()
    )


def of_community(rows: Rows, community_id: int) -> list[int]:
    """All cases of a community that are not closed."""
    return list(
        rows.execute(
            text("""SELECT id FROM "case" WHERE community_id = :community AND state <> 'closed' ORDER BY id"""), {"community": community_id}
        ).scalars()
    )
