"""07 ledger and late charge, and 08 limitation: what is claimed, how it is counted, and why it is in time."""

from decimal import Decimal

from orchestrator.reports.court import Brief, sheet
from orchestrator.reports.sheets import Block, Column, Sheet, figure, heading, note, paragraph, saying, table
from orchestrator.store import proofs
from orchestrator.store.court import Claimed
from orchestrator.wordings import periods
from orchestrator.wordings.phrases import unit_of_money
from policies.limitation import days_left, expiry
from policies.limitation_story import links
from policies.money import ZERO, Statement


def late_charge(brief: Brief, each: Claimed) -> Statement:
    case = brief.case
    return proofs.late_charge(each.charge, case.late_rate, each.payments, case.timezone, brief.day)


def late_charges(brief: Brief) -> Decimal:
    return sum((late_charge(brief, each).late_charge for each in brief.claim), ZERO)


def ledger(brief: Brief) -> Sheet:
    say, language = saying(brief.language), brief.language
    unit = unit_of_money(brief.case.currency, language)
    late = {each.charge_id: late_charge(brief, each) for each in brief.claim}
    rows = [
        [
            each.charge.unit,
            each.charge.item,
            periods.printed(each.charge.period, language),
            f"{each.charge.due_on}",
            figure(each.charge.amount),
            figure(each.charge.paid),
            figure(each.charge.unpaid),
            figure(late[each.charge_id].late_charge),
        ]
        for each in brief.claim
    ]
    sums = [
        sum((each.charge.amount for each in brief.claim), ZERO),
        sum((each.charge.paid for each in brief.claim), ZERO),
        brief.principal,
        sum((each.late_charge for each in late.values()), ZERO),
    ]
    columns = [
        Column(say("房屋", "Unit"), "24mm"),
        Column(say("项目", "Item"), "1fr"),
        Column(say("期间", "Period"), "36mm"),
        Column(say("应付日", "Due"), "24mm"),
        Column(say("应收", "Charged"), "26mm", figures=True),
        Column(say("已付", "Paid"), "26mm", figures=True),
        Column(say("未付", "Unpaid"), "26mm", figures=True),
        Column(say("约定违约金", "Late charge"), "27mm", figures=True),
    ]
    totals = ["", say("合计", "Total"), "", "", *map(figure, sums)]
    blocks = [
        heading(say("一、欠费明细", "1. What is owed")),
        table(columns, rows, totals),
        note(
            say(
                f"单位：{unit}。违约金自应付日次日起计至{brief.day}（含），单利，每行四舍五入至分。",
                f"In {brief.case.currency}. The late charge runs from the day after the due date to {brief.day} inclusive, simple, "
                "each line rounded to the cent.",
            )
        ),
        *_payments(brief),
        heading(say("三、违约金逐行计算", "3. The late charge, line by line")),
        *_lines(brief, late),
    ]
    return sheet(brief, 7, blocks, wide=True)


def _payments(brief: Brief) -> list[Block]:
    say = saying(brief.language)
    paid = [(at, amount, each.charge) for each in brief.case.charges for at, amount in each.payments]
    head = heading(say("二、付款与冲抵", "2. Payments and what they went to"))
    if not paid:
        return [head, paragraph(say("截至本日，没有逐笔记录的付款。", "No single payment is on record up to this day."))]
    rows = [
        [brief.local(at), charge.unit, charge.item, periods.printed(charge.period, brief.language), figure(amount)]
        for at, amount, charge in sorted(paid, key=lambda each: (each[0], each[2].id))
    ]
    columns = [
        Column(say("到账", "Received"), "36mm"),
        Column(say("房屋", "Unit"), "28mm"),
        Column(say("冲抵项目", "Item paid"), "1fr"),
        Column(say("期间", "Period"), "44mm"),
        Column(say("金额", "Amount"), "30mm", figures=True),
    ]
    return [
        head,
        table(columns, rows),
        note(
            say(
                "冲抵以收费系统或付款人指定为准；没有指定的，依民法典第560条，先冲到期较早的本金。",
                "As billed or as the payer said; else by Civil Code 560, principal first.",
            )
        ),
    ]


def _lines(brief: Brief, late: dict[int, Statement]) -> list[Block]:
    say = saying(brief.language)
    rows = [
        [
            each.charge.unit,
            f"{each.charge.item} {periods.printed(each.charge.period, brief.language)}",
            f"{line.first} – {line.last}",
            formula,
        ]
        for each in brief.claim
        for line in late[each.charge_id].agreed
        for formula in [line.formula.zh if brief.language == "zh" else line.formula.en]
    ]
    if not rows:
        return [paragraph(say("合同没有约定违约金，或尚未产生。", "None was agreed, or none has accrued."))]
    columns = [
        Column(say("房屋", "Unit"), "28mm"),
        Column(say("项目与期间", "Item and period"), "60mm"),
        Column(say("计算期间", "From – to"), "56mm"),
        Column(say("算式", "Sum"), "1fr"),
    ]
    return [table(columns, rows)]


def limitation(brief: Brief) -> Sheet:
    say, zh = saying(brief.language), brief.language == "zh"
    blocks: list[Block] = [
        paragraph(
            say(
                "每项费用的每一期是一个独立的债，各自计算三年诉讼时效（民法典第188条；不适用第189条）。催缴到达、部分付款或承诺，"
                "使其所指的各期重新计算（第195条）。下列“届满日”只计入有证据支持的事项。",
                "Each item of each period is a debt of its own with three years of its own (Civil Code 188, not "
                "189). A demand that arrived, "
                "a part payment or a promise starts the clock of the charges it named again (195). The last days "
                "below count only what is proven.",
            )
        )
    ]
    ends = [(each, expiry(each.charge, brief.case.timezone).court_safe) for each in brief.claim]
    columns = [
        Column(say("房屋", "Unit"), "26mm"),
        Column(say("项目与期间", "Item and period")),
        Column(say("应付日", "Due"), "24mm"),
        Column(say("届满日", "Last day"), "24mm"),
        Column(say("截至出具日", "On this day"), "34mm"),
    ]
    rows = [
        [
            each.charge.unit,
            f"{each.charge.item} {periods.printed(each.charge.period, brief.language)}",
            f"{each.charge.due_on}",
            f"{end}",
            say(f"尚余{left}天", f"{left} days left"),
        ]
        for each, end in ends
        for left in [days_left(end, brief.day)]
    ]
    blocks.append(table(columns, rows))
    moved = [(each, line) for each in brief.claim for line in links(each.charge, brief.case.timezone)]
    if moved:
        blocks += [
            heading(say("使时效重新计算的事项", "What started a clock again")),
            note(
                say(
                    "仅列使各期时效延续至届满日所需的事项；全部催缴见06。", "Only those that each last day rests on; every demand is in 06."
                )
            ),
            table(
                [
                    Column(say("日期", "Day"), "22mm"),
                    Column(say("项目与期间", "Item and period"), "40mm"),
                    Column(say("事项", "What happened")),
                    Column(say("依据", "Rule"), "40mm"),
                    Column(say("其后届满", "Then ends"), "22mm"),
                ],
                [
                    [
                        f"{line.day}",
                        f"{each.charge.unit} {each.charge.item} {periods.printed(each.charge.period, brief.language)}",
                        line.said.zh if zh else line.said.en,
                        line.source.zh if zh else line.source.en,
                        f"{line.court_safe}",
                    ]
                    for each, line in moved
                ],
            ),
        ]
    return sheet(brief, 8, blocks)
