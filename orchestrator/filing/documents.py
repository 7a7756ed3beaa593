"""The papers of a packet: complaint, claim table, evidence list as PDF/A, and the claim as a workbook. Pure; the same bytes for the same
facts, but for the workbook, which carries the hour it was written."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from orchestrator.filing.claim import Claim
from orchestrator.filing.complaint import Complaint
from orchestrator.store.filing import Suit
from orchestrator.wordings.periods import printed
from orchestrator.wordings.phrases import day_named
from orchestrator.wordings.typesetting import typeset
from policies.localtime import local_day
from policies.names import CHANNELS

LAYOUT = Path(__file__).parent / "layout"
HEADS = ("房号", "项目", "账期", "应缴日期", "应缴", "已缴", "未缴", "逾期天数", "违约金")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A line of the evidence list. `pages` is empty where the company still has to put the document in."""

    name: str
    proves: str
    pages: str
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed on every paper of a packet."""

    reference: str
    creditor: str
    court: str
    sandbox: bool
    dated: date

    def says(self, title: str, subtitle: str = "") -> dict[str, Any]:
        mark = "演示 SANDBOX　" if self.sandbox else ""
        footer = f"{mark}{self.reference}"
        return {"title": title, "subtitle": subtitle, "author": self.creditor, "footer": footer, "sandbox": self.sandbox}


def complaint_pdf(sheet: Sheet, filled: Complaint) -> bytes:
    says = sheet.says(filled.form["title"], filled.form["subtitle"]) | {"parts": filled.parts, "court": sheet.court}
    return _typeset("complaint.v1.typ", says, sheet)


def claim_pdf(sheet: Sheet, suit: Suit, claim: Claim) -> bytes:
    rows = [
        [
            line.charge.unit,
            line.charge.item,
            printed(line.charge.period, "zh"),
            line.charge.due_on.isoformat(),
            *map(_figure, (line.charge.amount, line.charge.paid, line.charge.unpaid)),
            str(line.days),
            _figure(line.late.late_charge),
        ]
        for line in claim.lines
    ]
    sums = (sum((getattr(line.charge, of) for line in claim.lines), Decimal("0.00")) for of in ("amount", "paid", "unpaid"))
    notes = [f"单位：人民币元。违约金计至{claim.as_of.isoformat()}（含当日）。诉请合计 {_figure(claim.total)}。"]
    notes += [
        f"{line.charge.unit} {line.charge.item} {printed(line.charge.period, 'zh')}　"
        + "；".join(f"{each.first.isoformat()}至{each.last.isoformat()} {each.formula.zh}" for each in line.late.agreed)
        for line in claim.lines
        if line.late.agreed
    ]
    says = sheet.says("诉请金额明细") | {
        "facts": [["原告", sheet.creditor], ["被告", "、".join(each.name for each in suit.defendants)], ["小区", suit.terms["name"]]],
        "heads": HEADS,
        "widths": [2.5, 1.4, 1.6, 1.4, 1.2, 1.1, 1.2, 1, 1.2],
        "figures": [4, 5, 6, 7, 8],
        "rows": rows,
        "totals": ["合计", "", "", "", *map(_figure, sums), "", _figure(claim.late_charge)],
        "notes": notes,
    }
    return _typeset("table.v1.typ", says, sheet)


def exhibits(suit: Suit, claim_pages: int) -> tuple[Exhibit, ...]:
    """The evidence list (证据目录): standing and price first, then what is owed, then each demand, then the proof of all."""
    zone = suit.terms["timezone"]
    title = suit.terms["contract_title"] or "物业服务合同"
    listed = [
        Exhibit(title, "原告的主体资格、物业费标准、支付期限与违约金约定", "", "原告提供"),
        Exhibit("房屋权属或交付材料", "被告系物业费的支付义务人；房屋面积", "", "原告提供"),
        Exhibit("诉请金额明细", "被告逐期欠付的金额及违约金的计算", str(claim_pages), "原告账务系统"),
    ]
    for made in suit.demands:
        sent = day_named(local_day(made.sent_at, zone), "zh", "letter")
        what = "催缴函" if made.paper else f"{CHANNELS[made.channel].zh}催缴记录"
        proves = f"原告于{sent}催缴，列明{made.named}笔欠费" + ("，已到达被告" if made.arrived_at else "")
        place = f"电子证据包 letters/{made.attempt_id}.pdf" if made.paper else "电子证据包 entries"
        listed.append(Exhibit(f"{sent}{what}", proves, place, f"邮件号{made.waybill}" if made.waybill else "原告催缴系统"))
    listed.append(Exhibit("电子证据包（含时间戳、完整性校验与验证说明）", "上述电子数据自形成后未被改动", "电子", "原告催缴系统"))
    return tuple(listed)


def evidence_pdf(sheet: Sheet, suit: Suit, listed: Sequence[Exhibit]) -> bytes:
    says = sheet.says("证据目录") | {
        "facts": [["提交人", sheet.creditor], ["被告", "、".join(each.name for each in suit.defendants)]],
        "heads": ("序号", "证据名称", "证明内容", "页数或位置", "来源"),
        "widths": [0.5, 2.4, 4, 1.8, 1.4],
        "figures": [],
        "rows": [[str(number), each.name, each.proves, each.pages or "待填", each.source] for number, each in enumerate(listed, 1)],
        "totals": [],
        "notes": ["提交人（签字、盖章）：＿＿＿＿＿＿＿＿　　提交日期：＿＿＿＿＿＿＿＿"],
    }
    return _typeset("table.v1.typ", says, sheet)


def claim_workbook(sheet: Sheet, claim: Claim) -> bytes:
    """The claim table for a court's spreadsheet. Text is text, whatever it begins with: no cell is a formula."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "诉请金额明细"
    rows: list[Sequence[object]] = [HEADS]
    for line in claim.lines:
        owed = line.charge
        rows.append((owed.unit, owed.item, owed.period, owed.due_on, owed.amount, owed.paid, owed.unpaid, line.days, line.late.late_charge))
    rows.append(("合计", "", "", "", *(sum(column) for column in _columns(claim)), "", claim.late_charge))
    if sheet.sandbox:
        rows.append(("演示 SANDBOX",))
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = page.cell(number, column)
            assert isinstance(cell, Cell)
            _write(cell, value)
            if number == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate((14, 14, 20, 12, 12, 12, 12, 10, 12), 1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _columns(claim: Claim) -> list[list[Decimal]]:
    owed = [line.charge for line in claim.lines]
    return [[charge.amount for charge in owed], [charge.paid for charge in owed], [charge.unpaid for charge in owed]]


def _write(cell: Cell, value: object) -> None:
    cell.value = value  # type: ignore[assignment]
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@"
    elif isinstance(value, Decimal):
        cell.number_format = "#,##0.00"
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"


def _figure(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _typeset(layout: str, says: dict[str, Any], sheet: Sheet) -> bytes:
    return typeset(LAYOUT / layout, json.dumps(says, ensure_ascii=False, sort_keys=True), sheet.dated)
