"""03 standing and price, 04 the debtor's liability, 05 service performed: what stands before the first demand, and what lacks of it."""

from orchestrator.reports.court import PAPERS, Brief, sheet
from orchestrator.reports.sheets import Block, Column, Sheet, facts, heading, note, paragraph, saying, table
from orchestrator.store.court import Claimed, Service
from orchestrator.wordings import periods
from policies.actions import Sentence

STANDING = ("contract", "filing", "renewal", "fee_standard")
LIABILITY = ("title", "sale_contract", "hand_over_form")
EXAMPLES = 3
"""Of a service of a period, how often is said where and what it was: the records are the house's own, and an exhibit where they matter."""
_USES = {"residential": Sentence("住宅", "residential"), "commercial": Sentence("商业", "commercial")}


def standing(brief: Brief) -> Sheet:
    case, say = brief.case, saying(brief.language)
    rate = f"{(case.late_rate * 1000).normalize():f}‰" if case.late_rate else ""
    blocks: list[Block] = [
        heading(say("一、服务企业与小区", "1. Company and community")),
        facts(
            [
                (say("物业服务企业", "Company"), case.creditor),
                (say("住所", "Address"), case.creditor_address),
                (say("小区", "Community"), f"{case.community}　{case.community_address}"),
                (say("合同条款", "Contract clause"), case.contract_clause),
                (say("违约金约定", "Late charge agreed"), say(f"每日{rate}，单利", f"{rate} a day, simple") if rate else ""),
                (
                    say("送达地址条款", "Service clause"),
                    say("合同约定向约定地址邮寄视为送达", "post to the agreed address counts as served")
                    if case.deemed_service_clause
                    else "",
                ),
            ]
        ),
        heading(say("二、房屋与面积", "2. Units and areas")),
        table(
            [
                Column(say("房屋", "Unit")),
                Column(say("收费系统写法", "As billed")),
                Column(say("用途", "Use"), "24mm"),
                Column(say("建筑面积（㎡）", "Area (m²)"), "30mm", figures=True),
            ],
            [
                [home.label, home.source_label, _word(brief, _USES.get(home.use, Sentence(home.use, home.use))), str(home.area or "—")]
                for home in case.homes
            ],
        ),
        heading(say("三、文件", "3. Documents")),
        *_papers(
            brief,
            STANDING,
            say("合同、备案、续签与收费标准文件未随本套材料提交。", "No contract, filing, renewal or fee standard is in this bundle."),
        ),
    ]
    return sheet(brief, 3, blocks)


def liability(brief: Brief) -> Sheet:
    case, say = brief.case, saying(brief.language)
    blocks: list[Block] = [
        facts(
            [
                (say("付款义务人", "Debtor"), "、".join(case.debtors)),
                (say("房屋", "Units"), "、".join(home.label for home in case.homes)),
                (say("来源", "As known from"), say("收费系统的应收数据", "the billing system's arrears")),
            ]
        ),
        *_papers(
            brief,
            LIABILITY,
            say("不动产登记、买卖合同、收楼单未随本套材料提交。", "No title, sale contract or hand-over form is in this bundle."),
        ),
    ]
    return sheet(brief, 4, blocks)


def service(brief: Brief) -> Sheet:
    say = saying(brief.language)
    blocks: list[Block] = [
        paragraph(
            say(
                "物业服务人已按约提供服务的，业主不得以未接受或者无需接受为由拒付（民法典第944条第1款）。下表按所诉各期列出服务记录。",
                "Where the service was performed as agreed, an owner may not withhold payment on the ground that they did not "
                "need it (Civil Code 944(1)). "
                "Below are the records for each period claimed.",
            )
        )
    ]
    spans = {(each.owed.period_start, each.owed.period_end): each for each in brief.claim}
    rows = [row for _, each in sorted(spans.items()) for row in _performed(brief, each)]
    if rows:
        columns = [
            Column(say("期间", "Period"), "34mm"),
            Column(say("服务", "Service"), "26mm"),
            Column(say("次数", "Times"), "13mm", figures=True),
            Column(say("日期", "Days"), "43mm"),
            Column(say("地点与内容（举例）", "Where and what (examples)")),
        ]
        blocks.append(table(columns, rows))
    blocks += [
        heading(say("上传的资料", "Uploaded")),
        *_papers(brief, ("service",), say("没有另行上传的资料。", "Nothing else was uploaded.")),
    ]
    return sheet(brief, 5, blocks)


def performed(brief: Brief, each: Claimed) -> list[Service]:
    """The records of a charge's period; where each was done stands beside it."""
    return [record for record in brief.case.services if each.owed.period_start <= record.done_on <= each.owed.period_end]


def _performed(brief: Brief, each: Claimed) -> list[list[str]]:
    """The rows of a period: one per kind of service, the period beside the first."""
    period, done = periods.printed(each.charge.period, brief.language), performed(brief, each)
    if not done:
        return [[period, saying(brief.language)("没有导入的服务记录", "none was imported"), "", "", ""]]
    kinds = sorted({record.kind for record in done})
    of_kind = [[record for record in done if record.kind == kind] for kind in kinds]
    return [[period if at == 0 else "", of[0].kind, str(len(of)), _span(of), _told(of)] for at, of in enumerate(of_kind)]


def _span(done: list[Service]) -> str:
    days = [record.done_on for record in done]
    return f"{min(days)}" if min(days) == max(days) else f"{min(days)} – {max(days)}"


def _told(done: list[Service]) -> str:
    said = dict.fromkeys(" ".join(filter(None, (record.place, record.description))) for record in done)
    return "；".join(list(filter(None, said))[:EXAMPLES])


def _papers(brief: Brief, kinds: tuple[str, ...], none: str) -> list[Block]:
    say = saying(brief.language)
    held = [paper for paper in brief.case.papers if paper.kind in kinds and brief.numbers_of([paper.exhibit_id])]
    if not held:
        return [paragraph(none)]
    rows = [[brief.numbers_of([paper.exhibit_id]), _word(brief, PAPERS[paper.kind]), paper.title] for paper in held]
    columns = [Column(say("证据编号", "Exhibit"), "22mm"), Column(say("类别", "Kind"), "46mm"), Column(say("文件", "Document"))]
    return [
        table(columns, rows),
        note(say("原件或扫描件的位置与校验值见证据目录（02）。", "Where they are, and their digests: exhibit list (02).")),
    ]


def _word(brief: Brief, word: Sentence) -> str:
    return word.zh if brief.language == "zh" else word.en
