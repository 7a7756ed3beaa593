"""Rows -> facts: all that is known of a batch of cases, in a fixed number of set-based queries."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text

from orchestrator.store import Rows, addresses, approvals, proofs
from orchestrator.store.points import BY_PROVIDER, Point, numbers, opted_out
from orchestrator.versions import Pin
from orchestrator.wording import newest
from policies.actions import Sentence
from policies.approvals import Snapshot, what_changed
from policies.facts import Approval, CaseFacts, Channel, Charge, Contact, Hold, Outcome, Promise, SiteDay
from policies.limits import MEMORY_DAYS
from policies.localtime import local_day

CAP_MEMORY = timedelta(days=MEMORY_DAYS)
"""A case's own contacts are read whatever their age, its gaps need them."""

Reaches = Callable[[Channel, str], bool]
"""Whether a provider serves a channel in a country (ISO 3166 alpha-2)."""


@dataclass(frozen=True, slots=True)
class AskedCase:
    """A case with its facts, and what the shell needs beside them to carry the answer out."""

    id: int
    community_id: int
    debtor_id: int
    pack: Pin
    sequence: Pin
    cursor: int
    facts: CaseFacts
    points: tuple[Point, ...]

    def point_for(self, channel: Channel, tried_in_vain: Collection[int] = ()) -> Point | None:
        """The first usable contact point that serves a channel: one not tried in vain by this step, or else any.

        A visit needs none.
        """
        if channel == "letter":
            return addresses.first(self.points)
        serving = [point for point in self.points if point.serves(channel)]
        return next((point for point in serving if point.id not in tried_in_vain), serving[0] if serving else None)


@dataclass(frozen=True, slots=True)
class Known:
    """What reading needs to know that is no row: which channels reach where, and how old payment data may be."""

    reaches: Reaches
    payments_max_age: timedelta


def read(rows: Rows, case_ids: Sequence[int], now: datetime, known: Known, *, without: Sequence[int] = ()) -> list[AskedCase]:
    """The facts of these open cases at `now`, in id order; `without` are attempts asked about again.

    A case is judged as if its own attempt among them did not exist. Of two that reach the same person or number at once, the later one sees
    the earlier one, never both each other: one goes, one waits.
    """
    cases = rows.execute(_CASES, {"cases": list(case_ids)}).all()
    asked = {"cases": list(case_ids), "now": now}
    charges = _charges(rows, cases, now)
    contacts = _by_case(rows, _CONTACTS, asked | {"without": list(without), "since": now - CAP_MEMORY})
    in_flight = _by_case(rows, _IN_FLIGHT, asked | {"without": list(without)})
    holds, promises = _by_case(rows, _HOLDS, asked), _by_case(rows, _PROMISES, asked)
    states, answers = _by_case(rows, _STATES, asked), _by_case(rows, _APPROVALS, asked)
    points, site_days = _by_case(rows, _POINTS, asked), _by_case(rows, _SITE_DAYS, asked)
    recipients = approvals.recipients(rows, _letters_go_to(answers, points)) if answers else {}
    answer = []
    for case in cases:
        known_points = tuple(_point(row, known.reaches) for row in points[case.id])
        facts = CaseFacts(
            id=str(case.id),
            timezone=next((point.timezone for point in known_points if point.timezone), case.timezone),
            unit_use="commercial" if case.commercial else "residential",
            sequence=case.sequence,
            cursor=case.cursor,
            entered_at=case.entered_at,
            charges=charges[case.id],
            claim_set=tuple(case.claim_set) if case.claim_set else None,
            channels=_channels(case, known_points),
            numbers=numbers(known_points),
            contacts=tuple(_contact(row, points[case.id]) for row in contacts[case.id]),
            holds=tuple(Hold(row.until, row.reason) for row in holds[case.id]),
            promises=tuple(Promise(row.on, row.amount, row.made_at) for row in promises[case.id]),
            states=tuple(row.state for row in states[case.id]),
            opted_out=opted_out(known_points),
            approvals=tuple(_approval(row, case, charges[case.id], recipients[case.id], now) for row in answers[case.id]),
            in_flight=next((row.step for row in in_flight[case.id]), None),
            site_days=tuple(SiteDay(row.day, row.reason, row.author) for row in site_days[case.id]),
            payments_stale=case.payments_as_of is None or case.payments_as_of < now - known.payments_max_age,
        )
        pack, sequence = Pin(case.pack, case.pack_digest), Pin(case.sequence, case.sequence_digest)
        answer.append(AskedCase(case.id, case.community_id, case.debtor_id, pack, sequence, case.cursor, facts, known_points))
    return answer


def _by_case(rows: Rows, query: Any, values: Mapping[str, object]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows.execute(query, values):
        found[row.case_id].append(row)
    return found


def _charges(rows: Rows, cases: Sequence[Row[Any]], now: datetime) -> dict[int, tuple[Charge, ...]]:
    """Overdue and unpaid charges of each case, and every charge of its claim set, with the demands that named them."""
    today = {case.id: now.astimezone(ZoneInfo(case.timezone)).date() for case in cases}
    values = {"cases": list(today), "days": list(today.values())}
    found = _by_case(rows, _CHARGES, values)
    charge_ids = [row.id for of_case in found.values() for row in of_case]
    demands, acknowledgements = proofs.demands(rows, charge_ids), proofs.acknowledgements(rows, charge_ids)
    return {
        case_id: tuple(proofs.charge_of(row, demands.get(row.id, ()), acknowledgements.get(row.id, ())) for row in found[case_id])
        for case_id in today
    }


def _channels(case: Row[Any], points: Sequence[Point]) -> tuple[Channel, ...]:
    """The channels by which this debtor can be reached at all: a usable point, a provider for its country, the community's consent."""
    channels: list[Channel] = []
    if any(point.serves("sms") for point in points):
        channels.append("sms")
    if case.voice_opt_in and any(point.serves("voice") for point in points):
        channels.append("voice")
    if any(point.serves("call") for point in points):
        channels.append("call")
    return (*channels, "letter", "visit")


def _approval(row: Row[Any], case: Row[Any], charges: Sequence[Charge], recipients: tuple[str, ...], now: datetime) -> Approval:
    """An answer is bound to what was seen; where anything of that changed since, it is worth no more than an expired one."""
    if row.state not in ("pending", "approved"):
        return Approval(row.step, row.state)
    seen = approvals.snapshot_of(row.snapshot)
    holds = seen is not None and not what_changed(seen, _as_now(seen, case, charges, recipients, now))
    return Approval(row.step, row.state if holds else "expired")


def _as_now(seen: Snapshot, case: Row[Any], charges: Sequence[Charge], recipients: tuple[str, ...], now: datetime) -> Snapshot:
    """What a person would be shown now; the bytes that were shown are kept and cannot have changed."""
    claim_set = frozenset(case.claim_set or ())
    return Snapshot(
        principal=principal_of(at_stake(charges, claim_set, case.timezone, now)),
        claim_set=claim_set,
        recipients=recipients,
        wording=newest(seen.wording.partition("@")[0]),
        pack=str(Pin(case.pack, case.pack_digest)),
        sequence=str(Pin(case.sequence, case.sequence_digest)),
        document=seen.document,
    )


def changed_since(rows: Rows, seen: Mapping[int, tuple[int, Snapshot]], now: datetime) -> dict[int, tuple[Sentence, ...]]:
    """By approval, what of its case and snapshot has changed since it was asked for; those of cases at rest are left out.

    `seen`: the case and the snapshot, by approval. Six queries, however many there are.
    """
    case_ids = sorted({case_id for case_id, _ in seen.values()})
    cases = {case.id: case for case in rows.execute(_CASES, {"cases": case_ids})}
    points = _by_case(rows, _POINTS, {"cases": case_ids, "now": now})
    charges, recipients = _charges(rows, list(cases.values()), now), approvals.recipients(rows, _letters_go_to(case_ids, points))
    return {
        approval_id: what_changed(snapshot, _as_now(snapshot, cases[case_id], charges[case_id], recipients[case_id], now))
        for approval_id, (case_id, snapshot) in seen.items()
        if case_id in cases
    }


def demanded(charges: Sequence[Charge], timezone: str, now: datetime) -> list[Charge]:
    """What a demand may name: unpaid, overdue, and not set aside while a dispute is answered."""
    today = local_day(now, timezone)
    return [
        charge
        for charge in charges
        if charge.unpaid > 0 and charge.due_on < today and (charge.disputed_until is None or charge.disputed_until <= now)
    ]


def at_stake(charges: Sequence[Charge], claim_set: Collection[str], timezone: str, now: datetime) -> list[Charge]:
    """What a grave step is about: the frozen claim set as far as it may still be demanded, all of that where none was frozen.

    What fell due since is not in it: it waits for a demand of its own.
    """
    owed = demanded(charges, timezone, now)
    return [charge for charge in owed if charge.id in claim_set] or owed


def principal_of(charges: Sequence[Charge]) -> dict[str, Decimal]:
    """What is unpaid of each charge, as an approval's snapshot keeps it."""
    return {charge.id: charge.unpaid for charge in charges}


def _point(row: Row[Any], reaches: Reaches) -> Point:
    carried = frozenset([channel for channel in BY_PROVIDER if reaches(channel, row.country)])
    return Point(row.id, row.kind, row.country, row.timezone, row.usable, frozenset(row.opted_out or ()), carried, row.in_vain)


def _contact(row: Row[Any], points: Sequence[Row[Any]]) -> Contact:
    """A call or a visit happened when it was reported; anything else when it left, and took effect when it arrived or came back."""
    unread = row.own and row.channel == "letter" and row.outcome == "returned_unknown"
    another = unread and any(point.kind == "address" and point.usable and not point.in_vain for point in points)
    return Contact(
        at=row.at,
        channel=row.channel,
        outcome=_outcome(row),
        step=row.step,
        own=row.own,
        took_effect_at=row.concluded_at,
        another_address=another,
        failure=row.failure,
        taken=row.taken,
        number=None if row.contact_point_id is None else str(row.contact_point_id),
    )


def _letters_go_to(case_ids: Iterable[int], points: Mapping[int, Sequence[Row[Any]]]) -> dict[int, int | None]:
    """By case, the address of its next letter."""
    chosen = {case_id: addresses.first(points[case_id]) for case_id in case_ids}
    return {case_id: point.id if point else None for case_id, point in chosen.items()}


def _outcome(row: Row[Any]) -> Outcome:
    """What an attempt counts as; one whose end is not known yet counts as sent, so that caps fail closed.

    An automated call that was heard to its end is, to the rules, one that was answered: what more it is shows in its grade.
    """
    if row.outcome == "heard":
        return "answered"
    if row.outcome:
        return row.outcome  # type: ignore[no-any-return]
    if row.state in ("delivered", "undelivered", "failed"):
        return row.state  # type: ignore[no-any-return]
    return "mailed" if row.channel == "letter" else "sent"


_CASES = text("""
    SELECT c.id, c.community_id, c.debtor_id, c.sequence, c.sequence_digest, c.pack, c.pack_digest, c.cursor, c.entered_at,
           m.timezone, m.voice_opt_in, m.payments_as_of,
           EXISTS (SELECT FROM account a JOIN unit u ON u.id = a.unit_id
                    WHERE a.debtor_id = c.debtor_id AND u.community_id = c.community_id AND u.use = 'commercial') AS commercial,
           (SELECT array_agg(CAST(k.charge_id AS text) ORDER BY k.charge_id) FROM claimed_charge k WHERE k.case_id = c.id) AS claim_set
      FROM "case" c JOIN community m ON m.id = c.community_id
     WHERE c.id = ANY(:cases) AND c.state = 'open'
     ORDER BY c.id
""")

_CHARGES = text(f"""
    SELECT {proofs.CHARGE}, c.id AS case_id
      FROM unnest(CAST(:cases AS bigint[]), CAST(:days AS date[])) AS asked(case_id, today)
      JOIN "case" c ON c.id = asked.case_id
      JOIN charge ch ON ch.debtor_id = c.debtor_id
      JOIN account a ON a.id = ch.account_id
      JOIN unit u ON u.id = a.unit_id AND u.community_id = c.community_id
     WHERE ch.voided_at IS NULL AND ch.cleared_at IS NULL
       AND (ch.due_on < asked.today AND ch.amount > ch.paid + ch.provisional
            OR EXISTS (SELECT FROM claimed_charge k WHERE k.case_id = c.id AND k.charge_id = ch.id))
     ORDER BY c.id, u.label, ch.item, ch.period_start, ch.id
""")

_CONTACTS = text("""
    WITH kin AS (
        SELECT c.id AS case_id, c.debtor_id AS own_debtor, other.debtor_id
          FROM "case" c
          JOIN debtor_party mine ON mine.debtor_id = c.debtor_id
          JOIN debtor_party other ON other.party_id = mine.party_id
         WHERE c.id = ANY(:cases)
    ), numbers AS (
        SELECT DISTINCT kin.case_id, pc.contact_point_id
          FROM kin JOIN debtor_party dp ON dp.debtor_id = kin.own_debtor
          JOIN party_contact pc ON pc.party_id = dp.party_id
          JOIN contact_point cp ON cp.id = pc.contact_point_id AND cp.kind <> 'address'
    ), asked_again AS (
        SELECT case_id, id FROM attempt WHERE id = ANY(CAST(:without AS bigint[]))
    ), theirs AS (
        SELECT kin.case_id, a.id FROM kin JOIN attempt a ON a.debtor_id = kin.debtor_id
        UNION
        SELECT numbers.case_id, a.id FROM numbers JOIN attempt a ON a.contact_point_id = numbers.contact_point_id
    )
    SELECT theirs.case_id, a.channel, a.state, a.outcome, a.step, COALESCE(a.case_id = theirs.case_id, false) AS own,
           CASE WHEN a.channel IN ('call', 'visit') THEN COALESCE(a.concluded_at, a.sent_at, :now)
                ELSE COALESCE(a.sent_at, :now) END AS at,
           a.concluded_at, a.contact_point_id,
           CASE WHEN a.state IN ('failed', 'undelivered') THEN a.error_class END AS failure,
           a.state <> 'failed' OR a.provider_id IS NOT NULL OR a.error_code IS NOT DISTINCT FROM 'absent' AS taken
      FROM theirs JOIN attempt a ON a.id = theirs.id
      LEFT JOIN asked_again mine ON mine.case_id = theirs.case_id
     WHERE a.purpose IN ('demand', 'reminder', 'offer')
       AND (a.sent_at IS NOT NULL OR a.state IN ('claimed', 'sending'))
       AND a.state <> 'cancelled'
       AND (a.case_id = theirs.case_id OR COALESCE(a.sent_at, :now) > :since)
       AND (mine.id IS NULL OR a.id <> mine.id AND (a.id < mine.id OR a.id NOT IN (SELECT id FROM asked_again)))
     ORDER BY theirs.case_id, at, a.id
""")
"""What was refused at the handover has no name at its provider. One that was only missing in its list may have gone out all the same."""

_IN_FLIGHT = text("""
    SELECT a.case_id, a.step
      FROM attempt a
     WHERE a.case_id = ANY(:cases) AND a.purpose IN ('demand', 'reminder', 'offer')
       AND (a.state IN ('planned', 'claimed', 'sending', 'unknown')
            OR a.state IN ('accepted', 'sent') AND a.channel IN ('call', 'visit')
            OR a.state IN ('accepted', 'sent') AND a.channel IN ('sms', 'voice')
               AND a.sent_at > CAST(:now AS timestamptz) - interval '72 hours'
            OR a.state IN ('failed', 'undelivered')
               AND EXISTS (SELECT FROM task t WHERE t.attempt_id = a.id AND t.kind = 'check' AND t.state = 'open'))
       AND a.id <> ALL(CAST(:without AS bigint[]))
     ORDER BY a.case_id, a.id
""")

_HOLDS = text("""
    SELECT c.id AS case_id, h.until, h.reason
      FROM "case" c JOIN hold h ON h.debtor_id = c.debtor_id AND h.community_id = c.community_id
     WHERE c.id = ANY(:cases) AND h.lifted_at IS NULL AND h.until > :now
""")

_PROMISES = text("""
    SELECT c.id AS case_id, p."on", p.amount, p.made_at
      FROM "case" c JOIN promise p ON p.debtor_id = c.debtor_id AND p.community_id = c.community_id
     WHERE c.id = ANY(:cases) ORDER BY p.made_at
""")

_STATES = text("""
    SELECT c.id AS case_id, s.state
      FROM "case" c JOIN stop_state s ON s.debtor_id = c.debtor_id AND s.community_id = c.community_id
     WHERE c.id = ANY(:cases) AND s.ended_at IS NULL
""")

_APPROVALS = text("""
    SELECT DISTINCT ON (p.case_id, p.step) p.case_id, p.step, p.snapshot,
           CASE WHEN p.state IN ('pending', 'approved') AND p.expires_at <= :now THEN 'expired' ELSE p.state END AS state
      FROM approval p
     WHERE p.case_id = ANY(:cases) AND p.state <> 'withdrawn'
     ORDER BY p.case_id, p.step, p.id DESC
""")

_POINTS = text(f"""
    SELECT c.id AS case_id, cp.id, cp.kind, cp.country, cp.timezone,
           (cp.unusable_reason IS NULL OR cp.unusable_until <= :now) AS usable,
           (SELECT array_agg(o.channel) FROM opt_out o WHERE o.contact_point_id = cp.id) AS opted_out,
           cp.kind = 'address' AND EXISTS (
               SELECT FROM attempt a
                WHERE a.case_id = c.id AND a.channel = 'letter'
                  AND (a.contact_point_id = cp.id OR a.contact_point_id IS NULL AND cp.id = c.home_id)
                  AND (a.state = 'undelivered' AND a.outcome IS DISTINCT FROM 'returned_refused'
                       OR a.state = 'failed' AND a.error_class = 'unreachable')) AS in_vain
      FROM "case" c
      JOIN debtor_party dp ON dp.debtor_id = c.debtor_id
      JOIN party_contact pc ON pc.party_id = dp.party_id
      JOIN contact_point cp ON cp.id = pc.contact_point_id
     WHERE c.id = ANY(:cases) AND {addresses.IN_USE}
     GROUP BY c.id, cp.id
     ORDER BY c.id, cp.kind = 'address' AND bool_or(pc.designated) DESC, min(pc.rank), cp.id
""")
"""In the order in which they are tried: of the addresses, what the contract names for notices comes first, the homes last."""

_SITE_DAYS = text("""
    SELECT c.id AS case_id, s.day, s.reason, s.author FROM "case" c JOIN site_day s ON s.community_id = c.community_id
     WHERE c.id = ANY(:cases) AND s.lifted_at IS NULL
     ORDER BY s.day
""")
