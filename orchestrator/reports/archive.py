"""The internal archive's own document: every entry of a case opened, what was decided and noted first. Never for the other side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestrator.reports.court import SANDBOX, Brief
from orchestrator.reports.sheets import Block, Column, Sheet, heading, note, paragraph, saying, table
from policies.actions import Sentence


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry by its number in the chain; `fact` is None where its payload was deleted by law."""

    number: int
    at: datetime
    kind: str
    step: str
    fact: Mapping[str, Any] | None


_PARTS: tuple[tuple[Sentence, frozenset[str]], ...] = (
    (Sentence("决定", "Decisions"), frozenset({"decision", "withheld"})),
    (Sentence("备注", "Notes"), frozenset({"note", "call report", "check report"})),
    (Sentence("批准", "Approvals"), frozenset({"approval", "approval asked"})),
    (Sentence("暂停与中止", "Holds and stops"), frozenset({"hold", "hold lifted", "stop state", "stop state ended", "closed"})),
    (
        Sentence("材料的导出", "What was taken out"),
        frozenset({"bundle exported", "archive exported", "original received", "original moved"}),
    ),
)
_BYTES = frozenset({"raw", "request", "response"})
_LONGEST = 1500
"""Characters of one entry in the table; the whole of it stands in data/entries."""


def archive(brief: Brief, entries: Sequence[Opened]) -> Sheet:
    say, zh = saying(brief.language), brief.language == "zh"
    offers = [each for each in entries if each.step == "settlement-offer"]
    blocks: list[Block] = [
        paragraph(
            say(
                "本卷含决定、备注、批准与和解方案，仅供本公司及其律师使用。和解中的让步不得作为对其不利的依据（民诉法解释第107条），不得提交对方。",
                "Decisions, notes, approvals and settlement offers: for the company and its counsel alone. What "
                "was offered to settle is not held "
                "against who offers it (SPC on civil procedure, 107) and never goes to the other side.",
            )
        ),
        heading(say("和解方案", "Settlement offers")),
        _table(brief, offers) if offers else paragraph(say("没有。", "None.")),
    ]
    told = {each.number for each in offers}
    for title, kinds in _PARTS:
        of_part = [each for each in entries if each.kind in kinds and each.number not in told]
        told |= {each.number for each in of_part}
        blocks += [heading(title.zh if zh else title.en), _table(brief, of_part) if of_part else paragraph(say("没有。", "None."))]
    rest = [each for each in entries if each.number not in told]
    blocks += [heading(say("其他记录", "Everything else")), _table(brief, rest)] if rest else []
    blocks.append(
        note(say("原始字节在 data/raw，全文在 data/entries。", "Raw bytes are in data/raw, the whole of each entry in data/entries."))
    )
    return Sheet(
        title=say("内部卷宗", "Internal archive"),
        reference=f"XL-{brief.case.case_id}-{brief.size}",
        issuer=brief.case.creditor,
        dated=brief.day,
        language=brief.language,
        blocks=blocks,
        foot=SANDBOX if brief.sandbox else "",
        internal=True,
        wide=True,
    )


def _table(brief: Brief, entries: Sequence[Opened]) -> Block:
    say = saying(brief.language)
    columns = [
        Column(say("记录", "Entry"), "16mm"),
        Column(say("时间", "When"), "32mm"),
        Column(say("类别", "Kind"), "32mm"),
        Column(say("内容", "What")),
    ]
    rows = [[f"{each.number:05d}", brief.local(each.at), f"{each.kind} {each.step}".strip(), _told(brief, each)] for each in entries]
    return table(columns, rows)


def _told(brief: Brief, entry: Opened) -> str:
    if entry.fact is None:
        return saying(brief.language)("内容已依法删除", "deleted by law")
    return "；".join(
        f"{name}: {_plain(brief, value)}" for name, value in entry.fact.items() if name not in _BYTES and value not in (None, "", [])
    )[:_LONGEST]


def _plain(brief: Brief, value: Any) -> str:
    match value:
        case {"zh": zh, "en": en}:
            return str(zh if brief.language == "zh" else en)
        case dict():
            return "{" + ", ".join(f"{name}: {_plain(brief, inner)}" for name, inner in value.items()) + "}"
        case list():
            return "、".join(_plain(brief, inner) for inner in value)
        case _:
            return str(value)
