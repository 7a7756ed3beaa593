"""Entries -> numbered exhibits: one per contact with all that was said of it, one per thing that was brought, one per payment or promise.

Numbers are given to everything that may be shown, before counsel chooses, so that a number means the same in every bundle of a checkpoint.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.reports.court import FIRST_EXHIBIT, PAPERS
from orchestrator.store.court import Paper
from orchestrator.store.proving import Logged
from policies.actions import Sentence
from policies.names import CHANNELS


@dataclass(frozen=True, slots=True)
class Numbered:
    """An exhibit before anybody chose: its entries by their number in the chain."""

    number: int
    name: Sentence
    proves: Sentence
    entries: tuple[int, ...]
    ids: frozenset[int]
    attempt_id: int | None = None
    exhibit_id: int | None = None


_KINDS = {
    "exhibit": (Sentence("留存的材料", "What was brought"), Sentence("所载内容", "what it shows")),
    "visit report": (Sentence("上门记录", "Visit report"), Sentence("上门的经过", "what was found at the door")),
    "payment": (Sentence("付款记录", "Payment"), Sentence("付款及冲抵，时效因此重新计算", "what was paid; it starts the clock again")),
    "payment reversed": (Sentence("付款冲正", "Payment reversed"), Sentence("该笔付款已冲正", "that the payment was taken back")),
    "charge voided": (Sentence("应收作废", "Charge voided"), Sentence("该期费用不再主张", "that the charge is no longer claimed")),
    "promise": (Sentence("付款承诺", "Promise"), Sentence("债务人承诺付款", "that the debtor promised to pay")),
}
_BROUGHT = {
    "photo": Sentence("照片", "Photo"),
    "signature": Sentence("签名", "Signature"),
    "recording": Sentence("录音", "Recording"),
    "scan": Sentence("扫描件", "Scan"),
    "tracking": Sentence("邮政跟踪记录", "Tracking"),
    "document": Sentence("文件", "Document"),
}
_WORD = Sentence("往来记录", "What was sent or said")
_CONTACT = Sentence("内容、发出与到达", "what was said, that it left, that it arrived")


def numbered(logged: Sequence[Logged], shown: Sequence[Logged], papers: Sequence[Paper]) -> list[Numbered]:
    """The exhibits of what may be shown, in the order of their first entries."""
    place = {each.id: number for number, each in enumerate(logged, 1)}
    groups: dict[tuple[str, int], list[Logged]] = {}
    for each in shown:
        key = ("attempt", each.attempt_id) if each.attempt_id is not None else ("entry", each.id)
        groups.setdefault(key, []).append(each)
    titled = {paper.exhibit_id: paper for paper in papers}
    return [_numbered(number, group, place, titled) for number, group in enumerate(groups.values(), FIRST_EXHIBIT)]


def _numbered(number: int, group: Sequence[Logged], place: Mapping[int, int], papers: Mapping[int, Paper]) -> Numbered:
    first = group[0]
    entries, ids = tuple(place[each.id] for each in group), frozenset(each.id for each in group)
    if first.attempt_id is not None:
        channel = CHANNELS[first.channel]  # type: ignore[index]
        day = f"{first.header.at:%Y-%m-%d}"
        name = Sentence(f"{channel.zh} {day}", f"{channel.en.capitalize()} {day}")
        return Numbered(number, name, _CONTACT, entries, ids, attempt_id=first.attempt_id)
    fact = fact_of(first)
    name, proves = _KINDS.get(first.kind, (_WORD, _CONTACT))
    exhibit_id: int | None = fact["exhibit"] if first.kind == "exhibit" else None
    if exhibit_id is not None and exhibit_id in papers:
        paper = papers[exhibit_id]
        kind = PAPERS[paper.kind]
        return Numbered(
            number, Sentence(f"{kind.zh}：{paper.title}", f"{kind.en}: {paper.title}"), kind, entries, ids, exhibit_id=exhibit_id
        )
    if first.kind == "exhibit":
        name = _BROUGHT[fact["what"]]
    return Numbered(number, name, proves, entries, ids, exhibit_id=exhibit_id)


def fact_of(entry: Logged) -> dict[str, Any]:
    """What an open entry says."""
    fact: dict[str, Any] = json.loads(entry.payload or b"{}")["fact"]
    return fact
