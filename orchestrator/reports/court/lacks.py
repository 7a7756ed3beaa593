"""What a complete bundle of a case still lacks, in words for whoever can bring it."""

from collections.abc import Iterator

from orchestrator.reports.court import Brief
from orchestrator.reports.court.basis import LIABILITY, performed
from orchestrator.wordings import periods
from policies.actions import Sentence
from policies.facts import BELIEVED


def lacks(brief: Brief) -> list[Sentence]:
    return list(_lacks(brief))


def _lacks(brief: Brief) -> Iterator[Sentence]:
    case = brief.case
    held = {paper.kind for paper in case.papers}
    if "contract" not in held:
        yield Sentence("没有上传物业服务合同（evidence add --kind contract）", "no contract was uploaded (evidence add --kind contract)")
    if "fee_standard" not in held:
        yield Sentence("没有上传收费标准（--kind fee_standard）", "no fee standard was uploaded (--kind fee_standard)")
    if not held.intersection(LIABILITY):
        yield Sentence(
            "没有上传产权、合同或收楼单（--kind title）", "no title, sale contract or hand-over form was uploaded (--kind title)"
        )
    if not case.contract_clause:
        yield Sentence(
            "没有填写合同条款（community set --contract-clause）", "the contract's clause is not set (community set --contract-clause)"
        )
    for home in case.homes:
        if home.area is None:
            yield Sentence(f"{home.label} 没有建筑面积", f"the area of {home.label} is not known")
    if brief.barred:
        yield Sentence(
            f"{len(brief.barred)} 期诉讼时效已过，未列入材料",
            f"{len(brief.barred)} charges are time-barred and left out of what is claimed",
        )
    if not brief.claim:
        yield Sentence("没有到期未付的费用", "nothing is overdue and unpaid")
    without_service = sorted({each.charge.period for each in brief.claim if "service" not in held and not performed(brief, each)})
    for period in without_service:
        yield Sentence(
            f"{periods.printed(period, 'zh')} 没有服务记录（import --kind service-records）",
            f"there is no service record for {periods.printed(period, 'en')} (import --kind service-records)",
        )
    for each in brief.claim:
        name = each.charge.unit, each.charge.item, each.charge.period
        if not any(demand.arrived_at is not None and demand.grade in BELIEVED for demand in each.charge.demands):
            yield Sentence(f"{' '.join(name)} 没有 A 或 B 级到达的催缴", f"no demand for {' '.join(name)} has arrived with grade A or B")
    if not case.audits:
        yield Sentence("本案期间没有审计（evidence audit）", "no audit has run in the days of the case (evidence audit)")
