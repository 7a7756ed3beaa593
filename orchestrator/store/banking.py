"""Money on the bank's statement: whose it is, and what it pays until the billing system says so itself."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any, Literal

from sqlalchemy import text

from orchestrator.store import Rows, log, writing
from orchestrator.store.log import Entry
from policies.money import Owed, allocate

SHORTEST_CUT_NAME = 3
"""Banks cut long names; three characters or more may stand for the name they begin, if only one such payer fits the amount."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """A community as far as its bank statement needs it."""

    id: int
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. `at` is aware; `unit_key` the home its memo names, without leading zeros, or empty."""

    ref: str
    at: datetime
    on: date
    payer: str
    memo: str
    amount: Decimal
    unit_key: str


@dataclass(frozen=True, slots=True)
class Home:
    """An account a transfer may be meant for."""

    account_id: int
    debtor_id: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Whose a transfer is, how that was found, and the charges its payer named, first to last."""

    debtor_id: int
    account_id: int | None
    by: Literal["unit", "payer_and_amount"]
    designated: tuple[str, ...] = ()


def receiving(rows: Rows, name: str) -> list[Receiving]:
    """The community of that name; without a name every community."""
    found = rows.execute(text("SELECT id, name, timezone FROM community WHERE :name IN ('', name) ORDER BY id"), {"name": name})
    return [Receiving(*row) for row in found]


class Directory:
    """Who lives where in one community, read once for a whole statement."""

    def __init__(self, rows: Rows, community_id: int) -> None:
        self._by_unit: defaultdict[str, list[Home]] = defaultdict(list)
        self._by_name: defaultdict[str, set[int]] = defaultdict(set)
        self._short: defaultdict[str, set[str]] = defaultdict(set)
        for key, account_id, debtor_id, names in rows.execute(_HOMES, {"community": community_id}):
            self._by_unit[key].append(Home(account_id, debtor_id, tuple(names)))
            for name in names:
                self._by_name[name].add(debtor_id)
            parts = key.split("-")
            if len(parts) == 3:
                self._short[f"{parts[0]}-{parts[2]}"].add(key)

    def at(self, unit_key: str) -> list[Home]:
        """The accounts of a home; people often leave out the entrance (7幢0403室), so several homes may be meant."""
        exact = self._by_unit.get(unit_key)
        return exact or [home for key in sorted(self._short.get(unit_key, ())) for home in self._by_unit[key]]

    def named(self, payer: str) -> list[int]:
        """The debtors of a name, or of the names it is the beginning of."""
        if payer in self._by_name or len(payer) < SHORTEST_CUT_NAME:
            return sorted(self._by_name.get(payer, ()))
        return sorted({debtor for name, debtors in self._by_name.items() if name.startswith(payer) for debtor in debtors})


# The same comparison as orchestrator.intake.units.zeroless.
_HOMES = text(r"""
    SELECT upper(regexp_replace(u.label, '(?<![0-9A-Za-z.])0+(?=[0-9])', '', 'g')), a.id, a.debtor_id, array_agg(p.name ORDER BY p.id)
      FROM unit u JOIN account a ON a.unit_id = u.id
      JOIN debtor_party dp ON dp.debtor_id = a.debtor_id JOIN party p ON p.id = dp.party_id
     WHERE u.community_id = :community
     GROUP BY u.label, a.id, a.debtor_id ORDER BY a.id
""")


def known(rows: Rows, community_id: int, refs: Sequence[str]) -> set[str]:
    """The references among these that were booked before."""
    found = rows.execute(
        text("SELECT source_ref FROM payment WHERE community_id = :community AND source_ref = ANY(:refs)"),
        {"community": community_id, "refs": list(refs)},
    )
    return set(found.scalars())


def match(rows: Rows, community_id: int, transfer: Transfer, directory: Directory) -> Match | None:
    """By the home in the memo, else by payer and exact amount; None where that leaves more than one answer, or none."""
    if transfer.unit_key and (homes := directory.at(transfer.unit_key)):
        return _by_unit(rows, community_id, transfer, homes)
    fitting = [
        (debtor, paid) for debtor in directory.named(transfer.payer) if (paid := _exactly(rows, community_id, debtor, transfer)) is not None
    ]
    if len(fitting) != 1:
        return None
    (debtor_id, designated), *_ = fitting
    return Match(debtor_id, None, "payer_and_amount", designated)


def _by_unit(rows: Rows, community_id: int, transfer: Transfer, homes: Sequence[Home]) -> Match | None:
    meant = list(homes)
    if len(meant) > 1:
        meant = [home for home in homes if transfer.payer and any(name.startswith(transfer.payer) for name in home.names)]
    if len(meant) != 1:
        return None
    home = meant[0]
    owed = _owed(rows, community_id, home.debtor_id)
    named = tuple(str(charge.id) for charge in owed if charge.account_id == home.account_id)
    return Match(home.debtor_id, home.account_id, "unit", named)


def _exactly(rows: Rows, community_id: int, debtor_id: int, transfer: Transfer) -> tuple[str, ...] | None:
    """The charges an amount pays to the fen: one, the oldest few, or all; None where it pays none exactly."""
    owed = _owed(rows, community_id, debtor_id)
    for charge in owed:
        if charge.unpaid == transfer.amount:
            return (str(charge.id),)
    return () if transfer.amount in accumulate(charge.unpaid for charge in owed) else None


def _owed(rows: Rows, community_id: int, debtor_id: int) -> Sequence[Any]:
    return rows.execute(_OWED, {"community": community_id, "debtor": debtor_id}).all()


_OWED = text("""
    SELECT ch.id, ch.account_id, ch.due_on, ch.amount - ch.paid - ch.provisional AS unpaid
      FROM charge ch JOIN account a ON a.id = ch.account_id JOIN unit u ON u.id = a.unit_id
     WHERE u.community_id = :community AND ch.debtor_id = :debtor
       AND ch.voided_at IS NULL AND ch.cleared_at IS NULL AND ch.amount > ch.paid + ch.provisional
     ORDER BY ch.due_on, ch.id
""")


def book(
    rows: Rows, community_id: int, transfer: Transfer, matched: Match | None, import_id: int, now: datetime, wall: datetime
) -> int | None:
    """Write a payment down and, if it is known whose, let it pay provisionally; None where its reference was booked before."""
    cases = _lock_cases(rows, community_id, matched.debtor_id) if matched else []
    payment_id: int | None = rows.execute(
        _PAYMENT,
        {
            "community": community_id,
            "ref": transfer.ref,
            "at": transfer.at,
            "payer": transfer.payer,
            "memo": transfer.memo,
            "amount": transfer.amount,
            "state": "matched" if matched else "unmatched",
            "by": matched.by if matched else None,
            "debtor": matched.debtor_id if matched else None,
            "account": matched.account_id if matched else None,
            "import": import_id,
            "now": now,
        },
    ).scalar()
    if payment_id is None or matched is None:
        return payment_id
    pays = _pay(rows, community_id, payment_id, transfer, matched, now)
    fact = {"payment": payment_id, "at": transfer.at, "amount": transfer.amount, "by": matched.by, "pays": pays}
    log.append(rows, [Entry("payment", fact, case_id=case_id) for case_id in cases or [None]], now, wall)
    writing.touch(rows, [case_id for case_id in cases if case_id is not None], now)
    return payment_id


def _lock_cases(rows: Rows, community_id: int, debtor_id: int) -> list[int | None]:
    found = rows.execute(
        text("""
            SELECT id FROM "case" WHERE community_id = :community AND debtor_id = :debtor AND state <> 'closed'
             ORDER BY id FOR NO KEY UPDATE
        """),
        {"community": community_id, "debtor": debtor_id},
    )
    return list(found.scalars())


_PAYMENT = text("""
    INSERT INTO payment (community_id, source_ref, at, payer, memo, amount, state, matched_by, debtor_id, account_id, import_id, created_at)
    VALUES (:community, :ref, :at, :payer, :memo, :amount, :state, :by, :debtor, :account, :import, :now)
    ON CONFLICT (community_id, source_ref) DO NOTHING
    RETURNING id
""")


def _pay(rows: Rows, community_id: int, payment_id: int, transfer: Transfer, matched: Match, now: datetime) -> dict[str, str]:
    """Allocate as the law does where nobody said otherwise (domain section 4), principal only: late charges are the billing system's."""
    owed = [Owed(str(charge.id), charge.due_on, charge.unpaid) for charge in _owed(rows, community_id, matched.debtor_id)]
    shares, _ = allocate(transfer.amount, owed, transfer.on, matched.designated)
    values = [{"payment": payment_id, "charge": int(share.id), "amount": share.principal, "at": now} for share in shares]
    if values:
        rows.execute(text("INSERT INTO allocation (payment_id, charge_id, amount, at) VALUES (:payment, :charge, :amount, :at)"), values)
        rows.execute(text("UPDATE charge SET provisional = provisional + :amount WHERE id = :charge"), values)
    return {share.id: str(share.principal) for share in shares}


def reverse(rows: Rows, payment_ids: Iterable[int], reason: str, by: str, now: datetime, wall: datetime) -> int:
    """Take payments back, with a reason: what they paid provisionally is owed again. How many were.

    A case that was settled since goes on at its cursor. What the billing system has confirmed meanwhile stays paid until it says otherwise.
    """
    asked = list(payment_ids)
    rows.execute(_LOCK_CASES_OF_PAYMENTS, {"ids": asked})
    reversed_now = list(rows.execute(_REVERSE, {"ids": asked, "reason": reason}).scalars())
    values = {"ids": reversed_now, "now": now}
    rows.execute(_REOPEN, values)
    rows.execute(_GIVE_BACK, values)
    rows.execute(text("UPDATE allocation SET superseded_at = :now WHERE payment_id = ANY(:ids) AND superseded_at IS NULL"), values)
    found = rows.execute(_CASES_OF_PAYMENTS, values).all()
    fact = {"reason": reason, "by": by}
    log.append(
        rows,
        [Entry("payment reversed", {"payment": each.id, "amount": each.amount, **fact}, case_id=each.case_id) for each in found],
        now,
        wall,
    )
    writing.touch(rows, sorted({each.case_id for each in found if each.case_id is not None}), now)
    return len(reversed_now)


def of_import(rows: Rows, import_id: int) -> list[int]:
    """The payments a file brought."""
    return list(rows.execute(text("SELECT id FROM payment WHERE import_id = :import"), {"import": import_id}).scalars())


_LOCK_CASES_OF_PAYMENTS = text("""
    SELECT c.id FROM "case" c
     WHERE (c.community_id, c.debtor_id) IN (SELECT community_id, debtor_id FROM payment WHERE id = ANY(:ids))
     ORDER BY c.id FOR NO KEY UPDATE
""")

_REVERSE = text("""
    UPDATE payment SET state = 'reversed', reversed_reason = :reason WHERE id = ANY(:ids) AND state <> 'reversed' RETURNING id
""")

_REOPEN = text("""
    UPDATE "case" c SET state = 'open', rest = NULL, closed_at = NULL, ask_at = :now
      FROM (SELECT DISTINCT ON (settled.community_id, settled.debtor_id) settled.id
              FROM payment p JOIN "case" settled USING (community_id, debtor_id)
             WHERE p.id = ANY(:ids) AND settled.rest = 'settled' AND settled.closed_at >= p.created_at
               AND EXISTS (SELECT FROM allocation l WHERE l.payment_id = p.id AND l.superseded_at IS NULL)
               AND NOT EXISTS (SELECT FROM "case" later WHERE later.community_id = settled.community_id
                                                          AND later.debtor_id = settled.debtor_id AND later.state <> 'closed')
             ORDER BY settled.community_id, settled.debtor_id, settled.id DESC) AS last
     WHERE c.id = last.id
""")
"""Not where a later case of the debtor is worked: what is owed again is that one's."""

_CASES_OF_PAYMENTS = text("""
    SELECT p.id, p.amount, c.id AS case_id
      FROM payment p LEFT JOIN "case" c ON c.community_id = p.community_id AND c.debtor_id = p.debtor_id AND c.state <> 'closed'
     WHERE p.id = ANY(:ids) ORDER BY p.id
""")

_GIVE_BACK = text("""
    UPDATE charge ch SET provisional = ch.provisional - back.amount
      FROM (SELECT charge_id, sum(amount) AS amount FROM allocation
             WHERE payment_id = ANY(:ids) AND superseded_at IS NULL GROUP BY charge_id) AS back
     WHERE back.charge_id = ch.id
""")
