"""What is known of each charge that a court would ask about: the demands that named it, what its debtor paid and promised, and when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from orchestrator.store import Rows
from policies.arrival import MAY_RECEIVE, RECAP_WITHIN, Arrival, HeldOfVisit, Raise, raised_by, took_effect_at
from policies.facts import Acknowledgement, Charge, Demand
from policies.localtime import local_day
from policies.money import Rate, Statement, payments_by_day, statement

Paid = tuple[datetime, Decimal]
"""When money came in, and how much of it went to the charge."""


CHARGE = """ch.id, u.label AS unit, ch.item, ch.period, ch.due_on, ch.amount, ch.paid + ch.provisional AS paid,
           ch.cleared_at IS NOT NULL AS cleared, ch.disputed_until"""
"""What `charge_of` reads of a charge `ch` of a unit `u`."""


def charge_of(row: Any, demands: Iterable[Demand], acknowledgements: Iterable[Acknowledgement]) -> Charge:
    """A charge as the rules are given it, whoever asks them. What the billing system cleared counts as paid; what was overpaid does not."""
    return Charge(
        id=str(row.id),
        unit=row.unit,
        item=row.item,
        period=row.period,
        due_on=row.due_on,
        amount=row.amount,
        paid=row.amount if row.cleared else min(row.paid, row.amount),
        demands=tuple(demands),
        acknowledgements=tuple(acknowledgements),
        disputed_until=row.disputed_until,
    )


@dataclass(frozen=True, slots=True)
class Served:
    """A demand that left, as counsel is shown it: which step, when it was sent, what is held of it, and what the rules make of that.

    `task_id` is the visit it was, `waybill` the number the post gave it.
    """

    attempt_id: int
    case_id: int
    step: str
    sent_at: datetime | None
    arrival: Arrival
    demand: Demand
    task_id: int | None = None
    registered: bool = False
    waybill: str | None = None

    @property
    def raised_by(self) -> tuple[Raise, ...]:
        return raised_by(self.arrival)


def demands(rows: Rows, charge_ids: Sequence[int]) -> Mapping[int, list[Demand]]:
    """The demands that left, by charge; those that have not arrived carry no time of arrival."""
    return {charge_id: [each.demand for each in found] for charge_id, found in served(rows, charge_ids).items()}


# The charges asked for are joined as rows: a long array in a condition would be searched from end to end for each attempt.


def served(rows: Rows, charge_ids: Sequence[int]) -> Mapping[int, list[Served]]:
    """The demands that left, by charge, each with what is held of it: the one place that grades them."""
    found: defaultdict[int, list[Served]] = defaultdict(list)
    for row in rows.execute(_DEMANDS, {"charges": list(charge_ids), "recap_within": RECAP_WITHIN, "may_receive": sorted(MAY_RECEIVE)}):
        found[row.charge_id].append(_served(row))
    return found


def _served(row: Any) -> Served:
    arrival = Arrival(
        row.channel,
        row.outcome or row.state,
        row.signer,
        designated=row.designated,
        confirmed=row.confirmed,
        deemed_service=row.deemed_service_clause,
        answered=row.answered,
        recapped=row.recapped,
        held=HeldOfVisit(row.signed, row.photographed, row.two_persons, row.neutral_witness, row.posted_same_day),
    )
    arrived_at = row.concluded_at if arrival.grade != "0" else None
    if arrived_at is not None and row.channel == "sms":
        arrived_at = took_effect_at(arrived_at, row.notice_hours, row.timezone)
    demand = Demand(row.channel, arrival.grade, arrived_at, row.pay_by)
    return Served(row.attempt_id, row.case_id, row.step, row.sent_at, arrival, demand, row.task_id, row.registered, row.waybill)


_DEMANDS = text("""
    SELECT n.charge_id, a.id AS attempt_id, a.case_id, a.step, a.sent_at, a.channel, a.state, a.outcome, a.signer, a.concluded_at,
           g.pay_by, g.registered, m.deemed_service_clause, m.notice_hours, m.timezone, le.waybill, door.task_id,
           COALESCE(theirs.designated, false) AS designated,
           a.channel = 'letter' AND EXISTS (
               SELECT FROM attempt b WHERE b.contact_point_id = a.contact_point_id AND b.debtor_id = a.debtor_id AND b.channel = 'letter'
                  AND b.outcome = 'handed_over' AND b.signer = ANY(:may_receive) AND b.concluded_at <= a.concluded_at) AS confirmed,
           a.channel = 'sms' AND a.state = 'delivered'
             AND (EXISTS (SELECT FROM receipt r WHERE r.attempt_id = a.id AND r.kind = 'reply'
                                                  AND r.detail ->> 'reply' IN ('promise', 'paid', 'dispute'))
                  OR EXISTS (SELECT FROM allocation l JOIN payment p ON p.id = l.payment_id AND p.state = 'matched'
                              WHERE l.charge_id = n.charge_id AND p.at >= a.concluded_at)) AS answered,
           a.channel = 'voice' AND a.outcome = 'answered'
             AND EXISTS (SELECT FROM receipt k WHERE k.attempt_id = a.id AND k.kind = 'keys' AND k.detail ->> 'meaning' = 'confirmed')
             AND EXISTS (SELECT FROM attempt r JOIN named_charge again ON again.attempt_id = r.id AND again.charge_id = n.charge_id
                          WHERE r.purpose = 'recap' AND r.occasion = CAST(a.id AS text) AND r.state = 'delivered'
                            AND r.concluded_at <= a.concluded_at + :recap_within) AS recapped,
           COALESCE(door.signed, false) AS signed, COALESCE(door.photographed, false) AS photographed,
           COALESCE(door.two_persons, false) AS two_persons, COALESCE(door.neutral_witness, false) AS neutral_witness,
           COALESCE(door.posted_same_day, false) AS posted_same_day
      FROM named_charge n
      JOIN attempt a ON a.id = n.attempt_id AND a.purpose = 'demand'
      JOIN message g ON g.attempt_id = a.id
      JOIN community m ON m.id = a.community_id
      LEFT JOIN LATERAL (SELECT bool_or(pc.designated) AS designated
                           FROM party_contact pc JOIN debtor_party dp ON dp.party_id = pc.party_id AND dp.debtor_id = a.debtor_id
                          WHERE pc.contact_point_id = a.contact_point_id) AS theirs ON true
      LEFT JOIN letter le ON le.attempt_id = a.id
      LEFT JOIN LATERAL (
           SELECT t.id AS task_id, EXISTS (SELECT FROM exhibit x WHERE x.task_id = t.id AND x.kind IN ('signature', 'scan')) AS signed,
                  EXISTS (SELECT FROM exhibit x WHERE x.task_id = t.id AND x.kind = 'photo')
                    AND EXISTS (SELECT FROM visit_look k WHERE k.task_id = t.id AND k.code_seen) AS photographed,
                  t.report ->> 'companion' IS NOT NULL AS two_persons,
                  t.report -> 'witness' ->> 'role' = 'neutral' AS neutral_witness,
                  EXISTS (SELECT FROM attempt l JOIN named_charge same ON same.attempt_id = l.id AND same.charge_id = n.charge_id
                            JOIN "case" c ON c.id = l.case_id
                            JOIN policy_version v ON v.kind = 'sequence' AND v.digest = c.sequence_digest
                           WHERE l.case_id = a.case_id AND l.channel = 'letter' AND l.sent_at IS NOT NULL AND l.state <> 'failed'
                             AND CAST(l.sent_at AT TIME ZONE m.timezone AS date) = CAST(a.concluded_at AT TIME ZONE m.timezone AS date)
                             AND jsonb_path_exists(v.content, '$.** ? (@.name == $step && @.registered == true)',
                                                   jsonb_build_object('step', l.step))) AS posted_same_day
             FROM task t WHERE t.attempt_id = a.id AND a.channel = 'visit') AS door ON true
     WHERE n.charge_id IN (SELECT unnest(CAST(:charges AS bigint[]))) AND a.state IN ('accepted', 'sent', 'delivered', 'undelivered')
     ORDER BY n.charge_id, a.id
""")


def payments(rows: Rows, charge_ids: Sequence[int]) -> Mapping[int, list[Paid]]:
    """The money on record that went to each charge, also what a snapshot has confirmed since; nothing that was taken back."""
    found: defaultdict[int, list[Paid]] = defaultdict(list)
    for row in rows.execute(_PAYMENTS, {"charges": list(charge_ids)}):
        found[row.charge_id].append((row.at, row.amount))
    return found


_PAYMENTS = text("""
    SELECT l.charge_id, p.at, l.amount
      FROM allocation l JOIN payment p ON p.id = l.payment_id AND p.state = 'matched'
     WHERE l.charge_id IN (SELECT unnest(CAST(:charges AS bigint[])))
     ORDER BY l.charge_id, p.at, p.id
""")


def late_charge(
    charge: Charge,
    daily_rate: Decimal,
    paid: Iterable[Paid],
    timezone: str,
    as_of: date,
    prime_rates: Iterable[tuple[date, Decimal]] = (),
) -> Statement:
    """The late charge up to and including `as_of`, line by line: the same wherever it is said.

    `daily_rate` as the community agreed it (0.0005 is 0.5‰; 0: none). Payments break it on their local days. Without `prime_rates` there is
    no figure of a court beside it.
    """
    dated = [(local_day(at, timezone), amount) for at, amount in paid]
    rates = [Rate(charge.due_on, daily_rate)] if daily_rate else []
    return statement(charge.amount, charge.due_on, as_of, rates, prime_rates, payments_by_day(charge.paid, dated, charge.due_on))


def acknowledgements(rows: Rows, charge_ids: Sequence[int]) -> Mapping[int, list[Acknowledgement]]:
    """What restarts a charge's clock by the debtor's own act (Civil Code 195(2)), for the charges paid or named only.

    Court-safe is what another's record or the debtor's own writing shows: money on the bank's statement, a text message that promised to
    pay in answer to one that named the charge. Only optimistic: what the billing system counts as paid without saying when, a key pressed
    in an automated call, a promise that staff wrote down. A promise that answers no message names no charge and restarts nothing.
    """
    found: defaultdict[int, list[Acknowledgement]] = defaultdict(list)
    for row in rows.execute(_ACKNOWLEDGEMENTS, {"charges": list(charge_ids)}):
        found[row.charge_id].append(Acknowledgement(row.at, row.court_safe, row.kind))
    return found


_ACKNOWLEDGEMENTS = text("""
    SELECT l.charge_id, p.at, 'part_payment' AS kind, true AS court_safe
      FROM allocation l JOIN payment p ON p.id = l.payment_id AND p.state = 'matched'
     WHERE l.charge_id IN (SELECT unnest(CAST(:charges AS bigint[])))
    UNION ALL
    SELECT before.charge_id, before.at, 'part_payment', false
      FROM (SELECT v.charge_id, v.at, v.paid + v.provisional AS known,
                   COALESCE(lead(v.paid) OVER (PARTITION BY v.charge_id ORDER BY v.id), ch.paid) AS paid
              FROM charge_version v JOIN charge ch ON ch.id = v.charge_id
             WHERE v.charge_id IN (SELECT unnest(CAST(:charges AS bigint[])))) AS before
     WHERE before.paid > before.known
    UNION ALL
    SELECT n.charge_id, r.received_at, 'promise', r.kind = 'reply'
      FROM named_charge n JOIN receipt r ON r.attempt_id = n.attempt_id
     WHERE n.charge_id IN (SELECT unnest(CAST(:charges AS bigint[])))
       AND (r.kind = 'reply' AND r.detail ->> 'reply' = 'promise' OR r.kind = 'keys' AND r.detail ->> 'meaning' = 'will_pay')
    UNION ALL
    SELECT n.charge_id, t.done_at, 'promise', false
      FROM named_charge n JOIN task t ON t.attempt_id = n.attempt_id
     WHERE n.charge_id IN (SELECT unnest(CAST(:charges AS bigint[])))
       AND t.kind = 'call' AND t.state = 'done' AND t.report ->> 'promised_on' IS NOT NULL
     ORDER BY charge_id, at
""")
