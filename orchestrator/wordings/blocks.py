"""What a letter shows besides sentences: the itemised tables, how to pay, who signs, the receipt. As JSON for the typesetter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from orchestrator.wordings import periods
from orchestrator.wordings.catalogue import runs
from orchestrator.wordings.codes import payment_code
from orchestrator.wordings.notice import Language, Line, Notice, WordingError, total
from orchestrator.wordings.phrases import day_named, money, names, unit_of_money

Block = dict[str, Any]
Values = Mapping[str, str]


def block(said: Mapping[str, str], notice: Notice, values: Values) -> Block | None:
    """One block of a wording, filled; None where it has nothing to say."""
    if "when" in said and not values[said["when"]]:
        return None
    kind, content = next(iter(said.items()))
    if kind == "show":
        if content not in _SHOWN:
            raise WordingError(f"a letter cannot show {content}; it can show {', '.join(_SHOWN)}")
        return _SHOWN[content](notice, values)
    of = runs(content, values)
    return {"kind": kind, "runs": [{"text": run.text, "strong": run.strong} for run in of]} if of else None


def _demanded(notice: Notice, values: Values) -> Block | None:
    return _charges(notice.enforceable, notice, late=True)


def _barred(notice: Notice, values: Values) -> Block | None:
    return _charges(notice.time_barred, notice, late=False)


def _charges(lines: Sequence[Line], notice: Notice, *, late: bool) -> Block | None:
    """The itemised table: a row per charge under the name of its unit, and what they come to."""
    if not lines:
        return None
    zh = notice.language == "zh"
    columns = [[line.amount for line in lines], [line.paid for line in lines], [line.unpaid for line in lines]]
    columns += [[line.late_charge for line in lines]] if late else []
    as_of = f"{notice.as_of:%Y-%m-%d}"
    unit = unit_of_money(notice.currency, notice.language)
    late_note = (f"；违约金计至{as_of}" if zh else f"; late charge to {as_of}") if late else ""
    return {
        "kind": "charges",
        "late": late,
        "units": _by_unit((line.unit, _row(line, notice.language, late)) for line in lines),
        "summary": f"合计（{len(lines)} 期）" if zh else f"Total ({len(lines)})",
        "totals": [_figure(total(column)) for column in columns],
        "note": (f"单位：{unit}" if zh else f"Amounts in {unit}") + late_note,
    }


def _by_unit(rows: Iterable[tuple[str, list[str]]]) -> list[Block]:
    """Rows under the names of their units, in the order in which those come."""
    by_unit: dict[str, list[list[str]]] = {}
    for unit, row in rows:
        by_unit.setdefault(unit, []).append(row)
    return [{"name": unit, "rows": mine} for unit, mine in by_unit.items()]


def _row(line: Line, language: Language, late: bool) -> list[str]:
    figures = [line.amount, line.paid, line.unpaid, *([line.late_charge] if late else [])]
    return [line.item, periods.printed(line.period, language), f"{line.due_on:%Y-%m-%d}", *map(_figure, figures)]


def _late_charge_lines(notice: Notice, values: Values) -> Block | None:
    """How the late charges were counted: each line with its days, rate and sum, for a reader with a calculator."""
    zh = notice.language == "zh"
    counted = [(line, each) for line in notice.enforceable for each in line.late_lines]
    if not counted:
        return None
    return {
        "kind": "late-charge-lines",
        "title": "附：违约金计算明细" if zh else "Annex: how the late charge was counted",
        "heads": ["项目", "账期", "计算区间", "未缴本金 × 日利率 × 天数"]
        if zh
        else ["Item", "Period", "From and to", "Unpaid × rate a day × days"],
        "units": _by_unit(
            (
                line.unit,
                [
                    line.item,
                    periods.printed(line.period, notice.language),
                    f"{each.first:%Y-%m-%d} {'至' if zh else 'to'} {each.last:%Y-%m-%d}",
                    each.formula.zh if zh else each.formula.en,
                ],
            )
            for line, each in counted
        ),
        "summary": f"违约金合计（计至{notice.as_of:%Y-%m-%d}）" if zh else f"Late charge to {notice.as_of:%Y-%m-%d}",
        "total": _figure(total(each.amount for _, each in counted)),
    }


def _instalments(notice: Notice, values: Values) -> Block | None:
    zh = notice.language == "zh"
    if not notice.instalments:
        return None
    return {
        "kind": "instalments",
        "heads": ["期次", "付款日期（含当日）", "金额"] if zh else ["Instalment", "By", "Amount"],
        "rows": [
            [f"第 {number} 期" if zh else str(number), day_named(each.on, notice.language, "letter"), _figure(each.amount)]
            for number, each in enumerate(notice.instalments, 1)
        ],
        "summary": "合计" if zh else "Total",
        "total": money(total(each.amount for each in notice.instalments), notice.currency, notice.language, "letter"),
    }


def _homes(notice: Notice, values: Values) -> Block:
    return {
        "kind": "homes",
        "title": "逾期未缴的房屋（仅列房号）" if notice.language == "zh" else "Homes with overdue charges (by number only)",
        "names": list(dict.fromkeys(line.unit for line in notice.lines)),
    }


def _payment(notice: Notice, values: Values) -> Block:
    zh = notice.language == "zh"
    due = notice.unpaid + notice.late_charge
    large = [
        ["应付金额" if zh else "To pay", money(due, notice.currency, notice.language, "letter") if due else ""],
        ["付款期限" if zh else "By", f"{values['pay_by']}（含当日）" if zh and values["pay_by"] else values["pay_by"]],
    ]
    rows = [
        ["收款账户" if zh else "Account", notice.creditor.payee_account],
        ["缴费方式" if zh else "How to pay", notice.how_to_pay],
        ["转账附言" if zh else "Quote", f"{names(dict.fromkeys(line.unit for line in notice.lines), notice.language)}　{notice.reference}"],
    ]
    code = payment_code(notice.qr_payload)
    opens_a_page = "://" in notice.qr_payload
    caption = ("扫码缴费" if zh else "Scan to pay") if opens_a_page else ("扫码查看收款账户" if zh else "Scan for the account")
    return {
        "kind": "payment",
        "due": [row for row in large if row[1]],
        "rows": [row for row in rows if row[1]],
        "code": code,
        "caption": caption if code else "",
    }


def _account(notice: Notice, values: Values) -> Block:
    """Where to pay, without a sum: an offer leaves that to the debtor's choice."""
    return _payment(notice, values) | {"due": []}


def _signature(notice: Notice, values: Values) -> Block:
    return {"kind": "signature", "signed": [*dict.fromkeys((notice.creditor.name, notice.signatory))], "dated": values["dated"]}


def _counsel(notice: Notice, values: Values) -> Block:
    return {"kind": "signature", "signed": [values["counsel"].strip(" ,")], "dated": values["dated"]}


def _receipt(notice: Notice, values: Values) -> Block:
    return {"kind": "receipt", "debtors": names(notice.debtors, notice.language)}


def _acceptance(notice: Notice, values: Values) -> Block:
    return {"kind": "acceptance", "debtors": names(notice.debtors, notice.language)}


def _figure(amount: Decimal) -> str:
    return f"{amount:,.2f}"


_SHOWN: Mapping[str, Callable[[Notice, Values], Block | None]] = {
    "charges": _demanded,
    "late-charge-lines": _late_charge_lines,
    "barred": _barred,
    "instalments": _instalments,
    "homes": _homes,
    "payment": _payment,
    "account": _account,
    "signature": _signature,
    "counsel": _counsel,
    "receipt": _receipt,
    "acceptance": _acceptance,
}
