"""10 what was blackened: a reading copy of each entry that holds other people's data, which itself stays closed behind its header."""

from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.reports.court import Brief, sheet
from orchestrator.reports.sheets import Block, Sheet, facts, heading, paragraph, quote, saying


@dataclass(frozen=True, slots=True)
class ReadingCopy:
    """An entry's number in the chain and leaf (hex), what of it was blackened how often, and its text with that taken out."""

    entry: int
    leaf: str
    numbers: int
    names: int
    text: str


def redactions(brief: Brief, copies: Sequence[ReadingCopy]) -> Sheet:
    say = saying(brief.language)
    if not copies:
        return sheet(brief, 10, [paragraph(say("本套材料没有遮盖任何内容。", "Nothing of this bundle was blackened."))])
    blocks: list[Block] = [
        paragraph(
            say(
                "以下记录含有案外人的信息（电话、其他业主姓名）。记录只能整条公开或整条不公开，否则其哈希无法核对，故原文不在本套中，其首部仍在"
                "记录链中，完整性照常核验；此处为遮盖（■）后的阅读副本。法院要求时可出示原文，并与首部中的哈希核对。",
                "These entries hold data of people outside the case (telephones, names of other owners). An "
                "entry is shown whole or not at all, or "
                "its hash could not be checked: so their payloads are not in this bundle, while their headers "
                "are, and the chain is verified as "
                "ever. Below are reading copies with that data blackened (■). At the court's demand the original "
                "can be shown and held against "
                "the hash in its header.",
            )
        )
    ]
    for copy in copies:
        blocks += [
            heading(say(f"记录 {copy.entry:05d}", f"Entry {copy.entry:05d}")),
            facts(
                [
                    (say("叶哈希", "Leaf"), copy.leaf),
                    (
                        say("遮盖", "Blackened"),
                        say(f"电话{copy.numbers}处，姓名{copy.names}处", f"{copy.numbers} telephones, {copy.names} names"),
                    ),
                ]
            ),
            quote(copy.text),
        ]
    return sheet(brief, 10, blocks)
