"""What a named person's yes to a grave step is bound to, and what of it has changed since.

A yes is worth what was seen: the principal of each charge, the claim set, who receives it, the versions of wording, pack and sequence, and
the rendered bytes themselves. The late charge grows every day and is printed as of a date: it alone may differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from policies.actions import Sentence

HOLDS = timedelta(days=7)
"""An answer not used by then goes back to review, never on to sending."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A grave step as it was put before a person, or as it would be put now.

    `principal`: what is unpaid, by charge. `recipients`: names and address. `wording`, `pack`, `sequence`: name@digest. `document`: SHA-256
    of the rendered bytes in hex; empty for a step that renders none. `late_charge` runs to `as_of`.
    """

    principal: Mapping[str, Decimal]
    claim_set: frozenset[str]
    recipients: tuple[str, ...]
    wording: str
    pack: str
    sequence: str
    document: str = ""
    late_charge: Decimal = field(default=Decimal("0.00"), compare=False)
    as_of: date | None = field(default=None, compare=False)


def what_changed(seen: Snapshot, now: Snapshot) -> tuple[Sentence, ...]:
    """Why a yes to `seen` is no yes to `now`, one sentence for each thing; empty: it still holds."""
    changes = [*_charges(seen, now)]
    if seen.claim_set != now.claim_set:
        changes.append(Sentence("诉请的费用范围已变化。", "The claim set has changed."))
    if seen.recipients != now.recipients:
        changes.append(Sentence("收件人或地址已变化。", "A recipient or the address has changed."))
    versions = (("文本", "wording", seen.wording, now.wording), ("规则包", "rule pack", seen.pack, now.pack))
    for zh, en, before, after in (*versions, ("流程", "sequence", seen.sequence, now.sequence)):
        if before != after:
            changes.append(Sentence(f"{zh}版本由{before}变为{after}。", f"The {en} was {before} and is {after}."))
    if seen.document != now.document:
        changes.append(Sentence("文件与批准时的不是同一份。", "The document is not the one that was seen."))
    return tuple(changes)


def _charges(seen: Snapshot, now: Snapshot) -> list[Sentence]:
    changes = []
    added, gone = now.principal.keys() - seen.principal.keys(), seen.principal.keys() - now.principal.keys()
    if added:
        changes.append(Sentence(f"新增{len(added)}项欠费。", f"Charges owed since: {len(added)} more."))
    if gone:
        changes.append(Sentence(f"有{len(gone)}项已付清、撤销或有争议。", f"Charges paid, void or disputed since: {len(gone)}."))
    before = sum((amount for charge, amount in seen.principal.items() if charge in now.principal), Decimal("0.00"))
    after = sum((amount for charge, amount in now.principal.items() if charge in seen.principal), Decimal("0.00"))
    if any(now.principal.get(charge, amount) != amount for charge, amount in seen.principal.items()):
        changes.append(Sentence(f"其余各项本金由{before}变为{after}。", f"The principal of the others was {before} and is {after}."))
    return changes
