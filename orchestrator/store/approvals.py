"""Grave steps before a person: what they are shown is stored with the request, and their answer is bound to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, text

from orchestrator.evidence.leaves import canonical
from orchestrator.models import Approval
from orchestrator.store import Rows, log, vault_of
from orchestrator.store.log import Entry
from orchestrator.store.vault import Vault
from policies.approvals import HOLDS, Snapshot, what_changed

POLICY = "xianli"
"""Who asks for an approval that a policy asks for: nobody who can decide it."""


@dataclass(frozen=True, slots=True)
class SeenLetter:
    """A letter as it was put before a person: if they say yes, these bytes are what leaves.

    `named`: (charge, unpaid, late charge) as it prints them. `summary` is what the waybill says of its content.
    """

    document: bytes
    wording: str
    language: str
    summary: str
    pay_by: date | None
    named: tuple[tuple[int, Decimal, Decimal], ...]

    @property
    def digest(self) -> str:
        return sha256(self.document).hexdigest()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grave step to be put before a person. Without a letter where it sends none (a suit)."""

    case_id: int
    step: str
    snapshot: Snapshot
    letter: SeenLetter | None


def request(rows: Rows, proposals: Sequence[Proposal], now: datetime, wall: datetime) -> None:
    """Put these steps before a person. What was asked of the same step before is withdrawn, and the log says why."""
    if not proposals:
        return
    steps = {"ids": [each.case_id for each in proposals], "steps": [each.step for each in proposals], "now": now}
    by_case = {(each.case_id, each.step): each for each in proposals}
    ended = [
        Entry("approval ended", _ended(row, by_case[row.case_id, row.step].snapshot), case_id=row.case_id)
        for row in rows.execute(_WITHDRAW, steps)
    ]
    rows.execute(insert(Approval), [_row(each, now) for each in proposals])
    asked = [Entry("approval asked", {"step": each.step, "snapshot_sha256": _digest(each)}, case_id=each.case_id) for each in proposals]
    log.append(rows, ended + asked, now, wall)


_WITHDRAW = text("""
    UPDATE approval p SET state = CASE WHEN p.expires_at <= :now THEN 'expired' ELSE 'withdrawn' END
      FROM unnest(CAST(:ids AS bigint[]), CAST(:steps AS text[])) AS n(case_id, step)
     WHERE p.case_id = n.case_id AND p.step = n.step AND p.state IN ('pending', 'approved')
 RETURNING p.id, p.case_id, p.step, p.state, p.snapshot
""")


def _ended(row: Any, now: Snapshot) -> dict[str, object]:
    seen = snapshot_of(row.snapshot)
    why = [sentence.zh for sentence in what_changed(seen, now)] if seen is not None else []
    return {"approval": row.id, "step": row.step, "as": row.state, "because": why}


def _row(proposal: Proposal, now: datetime) -> dict[str, object]:
    return {
        "case_id": proposal.case_id,
        "step": proposal.step,
        "requested_by": POLICY,
        "requested_at": now,
        "expires_at": now + HOLDS,
        "snapshot": _content(proposal),
        "snapshot_digest": _digest(proposal),
        "document": proposal.letter.document if proposal.letter else None,
    }


def _digest(proposal: Proposal) -> bytes:
    return sha256(canonical(_content(proposal))).digest()


def _content(proposal: Proposal) -> dict[str, object]:
    """A snapshot as its row keeps it, JSON without floats; beside it what the letter says that cannot be read off its bytes."""
    snapshot, letter = proposal.snapshot, proposal.letter
    content: dict[str, object] = {
        "principal": {charge: str(amount) for charge, amount in snapshot.principal.items()},
        "claim_set": sorted(snapshot.claim_set),
        "recipients": list(snapshot.recipients),
        "wording": snapshot.wording,
        "pack": snapshot.pack,
        "sequence": snapshot.sequence,
        "document": snapshot.document,
        "late_charge": str(snapshot.late_charge),
        "as_of": snapshot.as_of.isoformat() if snapshot.as_of else None,
    }
    if letter is not None:
        content["letter"] = {
            "language": letter.language,
            "summary": letter.summary,
            "pay_by": letter.pay_by.isoformat() if letter.pay_by else None,
            "named": [[charge_id, str(unpaid), str(late)] for charge_id, unpaid, late in letter.named],
        }
    return content


def snapshot_of(content: Mapping[str, Any]) -> Snapshot | None:
    """The snapshot of a row; None where it lacks what an answer is bound to now, so that nothing holds it."""
    if not content.keys() >= {"principal", "claim_set", "recipients", "wording", "pack", "sequence", "document"}:
        return None
    return Snapshot(
        principal={charge: Decimal(amount) for charge, amount in content["principal"].items()},
        claim_set=frozenset(content["claim_set"]),
        recipients=tuple(content["recipients"]),
        wording=content["wording"],
        pack=content["pack"],
        sequence=content["sequence"],
        document=content["document"],
        late_charge=Decimal(content.get("late_charge", "0.00")),
        as_of=date.fromisoformat(content["as_of"]) if content.get("as_of") else None,
    )


def recipients(rows: Rows, points: Mapping[int, int | None]) -> dict[int, tuple[str, ...]]:
    """By case, everybody who is liable and the address they are written to: that of `points`, or their homes."""
    found = rows.execute(_RECIPIENTS, {"cases": list(points), "points": list(points.values())})
    return {row.id: (*row.names, _addressed(row, vault_of(rows))) for row in found}


def _addressed(row: Any, vault: Vault) -> str:
    return vault.open(row.sealed) if row.sealed is not None else f"{row.address} {' '.join(row.homes or ())}"


_RECIPIENTS = text("""
    SELECT c.id, m.address, elsewhere.value AS sealed,
           (SELECT array_agg(p.name ORDER BY p.id) FROM debtor_party dp JOIN party p ON p.id = dp.party_id
             WHERE dp.debtor_id = c.debtor_id) AS names,
           (SELECT array_agg(u.source_label ORDER BY u.label) FROM account a JOIN unit u ON u.id = a.unit_id
             WHERE a.debtor_id = c.debtor_id AND u.community_id = c.community_id) AS homes
      FROM unnest(CAST(:cases AS bigint[]), CAST(:points AS bigint[])) AS n(id, point)
      JOIN "case" c ON c.id = n.id JOIN community m ON m.id = c.community_id
      LEFT JOIN contact_point elsewhere ON elsewhere.id = n.point AND elsewhere.id IS DISTINCT FROM c.home_id
""")


def approved_letters(rows: Rows, case_ids: Sequence[int], now: datetime) -> dict[tuple[int, str], SeenLetter]:
    """The letters somebody said yes to, by case and step. One whose bytes are not those of its snapshot is not among them."""
    found = rows.execute(_APPROVED, {"cases": list(case_ids), "now": now})
    letters = {(row.case_id, row.step): _letter(row) for row in found}
    return {key: letter for key, letter in letters.items() if letter is not None}


def _letter(row: Any) -> SeenLetter | None:
    said = row.snapshot["letter"]
    letter = SeenLetter(
        document=bytes(row.document),
        wording=row.snapshot["wording"],
        language=said["language"],
        summary=said["summary"],
        pay_by=date.fromisoformat(said["pay_by"]) if said["pay_by"] else None,
        named=tuple((charge_id, Decimal(unpaid), Decimal(late)) for charge_id, unpaid, late in said["named"]),
    )
    return letter if letter.digest == row.snapshot["document"] else None


_APPROVED = text("""
    SELECT DISTINCT ON (case_id, step) case_id, step, snapshot, document
      FROM approval
     WHERE case_id = ANY(:cases) AND state = 'approved' AND expires_at > :now AND document IS NOT NULL
     ORDER BY case_id, step, id DESC
""")


def document(rows: Rows, approval_id: int, scope: int | None) -> bytes | None:
    """The PDF that a request puts before a person; None where it has none, or is not for this person's eyes."""
    found: bytes | None = rows.execute(
        text("""
            SELECT p.document FROM approval p JOIN "case" c ON c.id = p.case_id
             WHERE p.id = :id AND (CAST(:scope AS bigint) IS NULL OR c.community_id = :scope)
        """),
        {"id": approval_id, "scope": scope},
    ).scalar()
    return bytes(found) if found is not None else None
