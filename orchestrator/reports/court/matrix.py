"""01 the proof matrix: each charge claimed, the demands that named it, when they arrived and how, and what is left to file.

It says what is held, never what lacks or would raise a grade: that is the house's own business, and the other side reads this.
"""

from orchestrator.reports import sheets
from orchestrator.reports.court import Brief, sheet
from orchestrator.reports.court.notices import arrived
from orchestrator.reports.proof_matrix import GREEN, Cell, Proof, judge
from orchestrator.reports.sheets import Block, Column, Sheet, figure, note, paragraph, saying, table
from orchestrator.store.proofs import Served
from orchestrator.wordings import periods
from orchestrator.wordings.phrases import unit_of_money
from policies.actions import Sentence
from policies.names import CHANNELS

PROOFS: dict[Proof, Sentence] = {
    "missing": Sentence("未催告", "not demanded"),
    "under_way": Sentence("已催告", "demanded"),
    "running": Sentence("已送达，期限未满", "served, period runs"),
    "proven": Sentence("已送达，期限已满", "served, period over"),
}


def matrix(brief: Brief) -> Sheet:
    say, case = saying(brief.language), brief.case
    cells = [judge(each.owed, brief.rules, case.timezone, brief.day) for each in brief.claim]
    if not cells:
        return sheet(brief, 1, [paragraph(say("没有到期未付的费用。", "Nothing is overdue and unpaid."))])
    green = sum(cell.proof in GREEN for cell in cells)
    columns = [
        Column(say("房屋", "Unit"), "24mm"),
        Column(say("项目与期间", "Item and period"), "36mm"),
        Column(say("应付日", "Due"), "19mm"),
        Column(say("未付", "Unpaid"), "20mm", figures=True),
        Column(say("催缴：证据编号、方式、到达、等级", "Demands: exhibit, way, arrival, grade"), "1fr"),
        Column(say("合理期限届满", "Period over"), "22mm"),
        Column(say("时效届满", "Last day"), "19mm"),
        Column(say("催告情况", "State"), "27mm"),
    ]
    blocks: list[Block] = [
        table(
            columns,
            [_row(brief, cell) for cell in cells],
            ["", say(f"合计（{len(cells)}期）", f"Total ({len(cells)} charges)"), "", figure(brief.principal), "", "", "", ""],
        ),
        paragraph(
            say(
                f"单位：{unit_of_money(case.currency, brief.language)}。以上{len(cells)}期中，{green}期的催缴有 A 级或 B 级送达记录。",
                f"In {case.currency}. Of these {len(cells)} charges, {green} have a demand served with grade A or B.",
            )
        ),
        note(
            say(
                "等级：A 可单独证明送达；B 需与其他证据相互印证；C 仅作佐证；0 不计。每次催缴的原始记录见 06 和证据目录。",
                "Grades: A proves service alone; B with something beside it; C supports; 0 does not count. "
                "The raw records of each demand: 06 and the exhibit list.",
            )
        ),
        note(
            say(
                "时效只计 A 级、B 级送达和有记录的付款、承诺（民法典第188、195条）；合理期限届满指催缴到达后付款期限已过（第944条）。",
                "Limitation counts by demands of grade A or B, and by payments and promises on record (Civil Code 188, 195); "
                "the period is that of article 944.",
            )
        ),
    ]
    return sheet(brief, 1, blocks, wide=True)


def _row(brief: Brief, cell: Cell) -> list[sheets.Cell]:
    charge, state = cell.charge, PROOFS[cell.proof]
    return [
        charge.unit,
        f"{charge.item} {periods.printed(charge.period, brief.language)}",
        f"{charge.due_on}",
        figure(charge.unpaid),
        [_demand(brief, served) for served in cell.owed.served] or "—",
        f"{cell.period_over or ''}",
        f"{cell.expiry.court_safe}" if cell.expiry is not None else "",
        state.zh if brief.language == "zh" else state.en,
    ]


def _demand(brief: Brief, served: Served) -> str:
    zh, channel, demand = brief.language == "zh", CHANNELS[served.demand.channel], served.demand
    when, grade = saying(brief.language)("未到达", "not arrived"), ""
    if demand.arrived_at is not None:
        when, grade = arrived(brief, demand.arrived_at, served.arrival.outcome, served.arrival.signer or ""), demand.grade
    return " ".join(filter(None, (brief.number_of(served.attempt_id), channel.zh if zh else channel.en, when, grade)))
