"""Messages are stored, byte for byte, before they leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import insert, text

from channels.contract import Message as Outgoing
from channels.contract import Template
from orchestrator.models import Message, NamedCharge
from orchestrator.store import Rows, log
from orchestrator.store.log import Entry


@dataclass(frozen=True, slots=True)
class Draft:
    """One attempt composed: the message that leaves, and what is stored beside it before it does."""

    message: Outgoing
    case_id: int | None
    wording: str
    pay_by: date | None
    named: tuple[tuple[int, Decimal, Decimal], ...]
    """(charge, unpaid, late charge) as the message names them."""
    freezes_claim_set: bool

    @property
    def digest(self) -> bytes:
        """SHA-256 of the exact bytes: the document where there is one, else the text."""
        return sha256(self.message.document if self.message.document is not None else self.message.body.encode()).digest()


def keep(rows: Rows, drafts: Sequence[Draft], now: datetime, wall: datetime) -> None:
    """Store what was composed for these claimed attempts and the charges each names, and its bytes in the log."""
    if not drafts:
        return
    rows.execute(insert(Message), [_message(draft, now) for draft in drafts])
    named = [
        {"attempt_id": draft.message.attempt_id, "charge_id": charge_id, "unpaid": unpaid, "late_charge": late}
        for draft in drafts
        for charge_id, unpaid, late in draft.named
    ]
    if named:
        rows.execute(insert(NamedCharge), named)
    rows.execute(_FREEZE, {"ids": [draft.message.attempt_id for draft in drafts if draft.freezes_claim_set], "now": now})
    log.append(rows, [Entry("composed", _fact(draft), draft.case_id, draft.message.attempt_id) for draft in drafts], now, wall)


def _message(draft: Draft, now: datetime) -> dict[str, object]:
    return {
        "attempt_id": draft.message.attempt_id,
        "wording": draft.wording,
        "language": draft.message.language,
        "body": draft.message.body,
        "document": draft.message.document,
        "summary": draft.message.summary,
        "registered": draft.message.registered,
        "digest": draft.digest,
        "pay_by": draft.pay_by,
        "valid_until": draft.message.valid_until,
        "composed_at": now,
    }


def _fact(draft: Draft) -> dict[str, object]:
    message = draft.message
    return {
        "channel": message.channel,
        "to": message.to,
        "body": message.body,
        "document_sha256": sha256(message.document).digest() if message.document is not None else None,
        "wording": draft.wording,
        "template": _template(message.template),
        "pay_by": draft.pay_by,
        "charges": [{"charge": charge_id, "unpaid": unpaid, "late_charge": late} for charge_id, unpaid, late in draft.named],
    }


def _template(template: Template | None) -> dict[str, object] | None:
    """What was sent in place of the body, whose filled text the body is."""
    if template is None:
        return None
    return {"provider": template.provider, "id": template.id, "signature": template.signature, "variables": dict(template.variables)}


_FREEZE = text("""
    INSERT INTO claimed_charge (case_id, charge_id, frozen_at)
    SELECT a.case_id, n.charge_id, :now
      FROM attempt a JOIN named_charge n ON n.attempt_id = a.id
     WHERE a.id = ANY(:ids) AND NOT EXISTS (SELECT FROM claimed_charge k WHERE k.case_id = a.case_id)
""")
"""The claim set is what the first formal demand named; a later one is a supplementary demand and leaves it as it is."""
