"""A bank statement -> payments, line by line. A transfer seen twice counts once."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from orchestrator.intake.cells import Cell, CellError, moment, money, text
from orchestrator.intake.lines import DataRow, data_rows
from orchestrator.intake.rows import Duplicate, Line, Options, PaymentRow, Reject, Taken
from orchestrator.intake.units import UnitLabel, mentioned_unit, read_unit

_OUTGOING = re.compile(r"^(?:借|支出?|付款?|转出|出账|debit|out|dr)", re.I)


def read_payments(path: Path, options: Options) -> Iterator[Line[PaymentRow]]:
    """Every transfer of the statement, in order: taken, rejected, or a duplicate by its reference. Raises Unreadable."""
    seen: dict[str, tuple[int, Decimal]] = {}
    for row in data_rows(path, "payments", options):
        line = _read(row, options)
        if isinstance(line, Taken):
            (payment,) = line.rows
            first_line, amount = seen.setdefault(payment.ref, (payment.line, payment.amount))
            if first_line != payment.line and amount != payment.amount:
                line = _reject(
                    row,
                    "ref",
                    payment.ref,
                    f"line {first_line} has this reference with another amount 流水号重复而金额不同",
                    "ask the bank",
                )
            elif first_line != payment.line:
                line = Duplicate(row.raw.sheet, row.raw.line, first_line)
        yield line


def _read(row: DataRow, options: Options) -> Line[PaymentRow]:
    name = "amount"
    try:
        amount = money(row.cell("amount"))
        name = "at"
        at = moment(row.cell("at"), row.layout.month_first)
    except CellError as error:
        return _reject(row, name, row.cell(name), error.reason, error.cure)
    if not amount or amount < 0 or _OUTGOING.match(text(row.cell("direction"))):
        return _reject(row, "amount", row.cell("amount"), "no money came in by this row 非收款", "only incoming transfers are payments")
    if at is None:
        return _reject(row, "at", "", "the time is missing 缺少交易时间", "enter when the money came in")
    ref = text(row.cell("ref"))
    if not ref:
        return _reject(
            row, "ref", "", "the reference is missing 缺少流水号", "enter the bank's reference; it keeps a transfer from counting twice"
        )
    memos = row.texts("memo")
    payment = PaymentRow(
        sheet=row.raw.sheet,
        line=row.raw.line,
        community=text(row.cell("community")) or options.community,
        at=at,
        ref=ref,
        payer=text(row.cell("payer")).strip("、,，; "),
        account_tail=re.sub(r"\D", "", text(row.cell("account")))[-4:],
        amount=amount,
        memo=memos[0] if memos else "",
        unit=_unit(row.cell("unit"), memos),
    )
    return Taken(row.raw.sheet, row.raw.line, (payment,))


def _unit(stated: Cell, memos: list[str]) -> UnitLabel | None:
    return read_unit(stated) or next((unit for memo in memos if (unit := mentioned_unit(memo))), None)


def _reject(row: DataRow, name: str, value: Cell, reason: str, cure: str) -> Reject:
    return Reject(row.raw.sheet, row.raw.line, row.heading(name), text(value), reason, cure)
