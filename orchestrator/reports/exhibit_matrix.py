"""The proof matrix of one case as exhibit 1: each charge, the demands that named it, when they arrived and how, and what is left to file.

It says what is held, never what lacks or would raise a grade: that is the house's own business, and the other side reads this. Pure: the
same facts give the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from orchestrator.reports.proof_matrix import GREEN, OPEN, Cell, Proof
from orchestrator.store.proofs import Served
from orchestrator.wordings import periods
from orchestrator.wordings.typesetting import typeset
from policies.actions import Sentence
from policies.names import CHANNELS

Language = Literal["zh", "en"]

_LAYOUT = Path(__file__).parent / "layout" / "proof-matrix.v1.typ"

PROOFS: Final[Mapping[Proof, Sentence]] = {
    "missing": Sentence("未催告", "not demanded"),
    "under_way": Sentence("已催告，未举证", "demanded, not proven"),
    "running": Sentence("已举证，期限未满", "proven, period runs"),
    "proven": Sentence("已举证", "proven"),
    "barred": Sentence("时效已过", "time-barred"),
    "not_due": Sentence("未到期", "not due"),
    "paid": Sentence("已缴清", "paid"),
}
HOW: Final[Mapping[str, Sentence]] = {
    "delivered": Sentence("送达", "delivered"),
    "answered": Sentence("接听", "answered"),
    "heard": Sentence("确认身份并听完", "identity confirmed, heard through"),
    "machine": Sentence("语音信箱", "voicemail"),
    "conversation": Sentence("通话", "spoken with"),
    "handed_over": Sentence("签收", "signed for"),
    "affixed": Sentence("张贴于门", "affixed to the door"),
    "refused_to_take": Sentence("拒绝收取", "refused at the door"),
    "returned_refused": Sentence("拒收退回", "returned, refused"),
    "returned_unknown": Sentence("查无此人退回", "returned, unknown"),
}
BY: Final[Mapping[str, Sentence]] = {
    "self": Sentence("本人", "in person"),
    "family": Sentence("同住成年家属", "adult relative"),
    "authorised": Sentence("受托人", "authorised person"),
    "legal_representative": Sentence("法定代表人", "legal representative"),
    "mail_desk": Sentence("收发室", "mail desk"),
    "locker": Sentence("快递柜", "locker"),
    "station": Sentence("驿站", "parcel station"),
    "guard": Sentence("门岗", "guard"),
}
NOTES: Final = (
    Sentence(
        "等级：A 可单独证明送达；B 需与其他证据相互印证；C 仅作佐证；0 不计。逐笔催告的原始记录见后列证据。",
        "Grades: A proves service alone; B with something beside it; C supports; 0 does not count. The raw records of each demand follow.",
    ),
    Sentence(
        "时效依可举证的催告（A、B 级）和缴付计算（民法典第188、195条）；合理期限届满指催告到达后的缴费期限已过（第944条）。",
        "Limitation counts by demands of grade A or B and by payments (Civil Code 188, 195); the period is that of article 944.",
    ),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose case it is; `dated` is the day by which everything is counted, in `timezone`."""

    reference: str
    creditor: str
    community: str
    debtor: str
    dated: date
    timezone: str
    currency: str


def matrix_pdf(heading: Heading, cells: Sequence[Cell], language: Language = "zh") -> bytes:
    """The matrix as PDF/A-2a, A4 across. `cells` are the case's charges as `proof_matrix.judge` gives them, in any order.

    Raises Undrawable for a name that no font can print.
    """
    said = json.dumps(_said(heading, cells, language), ensure_ascii=False, sort_keys=True)
    return typeset(_LAYOUT, said, heading.dated, name="matrix")


def _said(heading: Heading, cells: Sequence[Cell], language: Language) -> dict[str, Any]:
    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    ordered = sorted(cells, key=lambda cell: (cell.charge.unit, cell.charge.item, cell.owed.period_start, cell.owed.charge_id))
    open_cells = [cell for cell in ordered if cell.proof in OPEN]
    green = sum(cell.proof in GREEN for cell in ordered)
    unpaid = sum((cell.charge.unpaid for cell in open_cells), Decimal("0.00"))
    return {
        "language": language,
        "title": say("举证矩阵", "Proof matrix"),
        "reference": heading.reference,
        "creditor": heading.creditor,
        "facts": [
            [say("债权人", "Creditor"), heading.creditor],
            [say("业主", "Debtor"), heading.debtor],
            [say("小区", "Community"), heading.community],
            [say("计算日", "As of"), f"{heading.dated:%Y-%m-%d}"],
        ],
        "heads": [
            say("项目与账期", "Item and period"),
            say("应缴日期", "Due"),
            say("未缴", "Unpaid"),
            say("合理期限届满", "Period over"),
            say("诉讼时效届满", "Last day to file"),
            say("举证", "Proof"),
        ],
        "demand-heads": [say("催告", "Demand"), say("发出", "Sent"), say("到达", "Arrival"), say("等级", "Gr.")],
        "units": [
            {"name": unit, "rows": [_row(cell, heading, language) for cell in group]}
            for unit, group in groupby(ordered, key=lambda cell: cell.charge.unit)
        ],
        "summary": say(f"欠费合计（{len(open_cells)} 项）", f"Overdue ({len(open_cells)})"),
        "unpaid": f"{unpaid:,.2f}",
        "standing": say(f"其中 {green} 项已有可举证的催告", f"{green} of them with a demand that is proven"),
        "notes": [
            *((note.zh if language == "zh" else note.en) for note in NOTES),
            say(f"金额单位：{'人民币元' if heading.currency == 'CNY' else heading.currency}。", f"Amounts in {heading.currency}."),
        ],
    }


def _row(cell: Cell, heading: Heading, language: Language) -> dict[str, Any]:
    counts = cell.proof in OPEN
    left = f"余 {cell.days_left} 天" if language == "zh" else f"{cell.days_left} days left"
    proof = PROOFS[cell.proof]
    return {
        "charge": f"{cell.charge.item} {periods.printed(cell.charge.period, language)}",
        "due": f"{cell.charge.due_on:%Y-%m-%d}",
        "unpaid": f"{cell.charge.unpaid:,.2f}",
        "demands": [_demand(each, heading.timezone, language) for each in cell.owed.served],
        "period-over": f"{cell.period_over:%Y-%m-%d}" if cell.period_over else "",
        "last-day": f"{cell.expiry.court_safe:%Y-%m-%d}" if counts else "",
        "days-left": left if counts and cell.days_left >= 0 else "",
        "proof": proof.zh if language == "zh" else proof.en,
        "green": cell.proof in GREEN,
        "open": counts,
    }


def _demand(served: Served, timezone: str, language: Language) -> list[str]:
    channel, how = CHANNELS[served.demand.channel], HOW.get(served.arrival.outcome)
    arrived = _local(served.demand.arrived_at, timezone)
    by = BY.get(served.arrival.signer or "")
    told = " ".join(each.zh if language == "zh" else each.en for each in (how, by) if each is not None) if arrived else ""
    silent = "未到达" if language == "zh" else "not arrived"
    return [
        channel.zh if language == "zh" else channel.en,
        _local(served.sent_at, timezone),
        f"{arrived} {told}".strip() or silent,
        served.demand.grade if arrived else "",
    ]


def _local(at: datetime | None, timezone: str) -> str:
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M}" if at is not None else ""
