"""The element-style complaint: the form of complaint.toml filled with a case. What nobody told us stays blank and is listed. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from orchestrator.filing.claim import Claim
from orchestrator.store.filing import Defendant, Made, Suit
from orchestrator.wordings.phrases import day_named
from policies.localtime import local_day
from policies.names import CHANNELS

_PLACE = re.compile(r"\{(\w+)(?:\|([^}]+))?\}")
_LABEL = re.compile(r"([^\s：，、]+)：$")
FEE = "物业"
"""An item with this in its name is claimed as the property fee; whatever else is owed is another request."""

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Complaint:
    """`parts` as the layout takes them; `missing` names every blank by row and element."""

    form: Mapping[str, str]
    parts: tuple[Mapping[str, Any], ...]
    missing: tuple[str, ...]


@cache
def form() -> Mapping[str, Any]:
    return tomllib.loads((Path(__file__).parent / "complaint.toml").read_text(encoding="utf-8"))


def complaint(suit: Suit, claim: Claim, evidence: Sequence[str]) -> Complaint:
    """`evidence`: the names of the evidence list, in its order."""
    values = _values(suit, claim, evidence)
    missing: list[str] = []
    parts = []
    for part in form()["parts"]:
        rows = []
        for row in part["rows"]:
            for filling in _fillings(row, values, suit.defendants):
                lines = [list(_runs(line, filling, row["label"], missing)) for line in row["lines"]]
                rows.append({"label": row["label"], "lines": lines})
        parts.append({"title": part["title"], "rows": rows})
    return Complaint(form()["form"], tuple(parts), tuple(dict.fromkeys(missing)))


def _fillings(row: Mapping[str, Any], values: Values, defendants: Sequence[Defendant]) -> Iterator[Values]:
    if "each" not in row:
        yield values
        return
    for each in defendants:
        if each.company == (row["each"] == "company"):
            address = f"（物业登记的联系地址，请核对）{each.address}" if each.address else ""
            yield {"name": each.name, "phone": each.phone, "domicile" if each.company else "residence": address}


def _runs(line: str, values: Values, label: str, missing: list[str]) -> Iterator[Mapping[str, Any]]:
    at, boxes = 0, set[str]()
    for place in _PLACE.finditer(line):
        before, (name, box) = line[at : place.start()], place.groups()
        at = place.end()
        if before:
            yield {"kind": "text", "text": before}
        value = values.get(name, "")
        if not value and name not in boxes:
            boxes.add(name)
            element = _LABEL.search(before)
            missing.append(f"{label}：{element[1]}" if element else label)
        yield {"kind": "box", "text": box, "on": value == box} if box else {"kind": "text" if value else "blank", "text": value}
    if line[at:]:
        yield {"kind": "text", "text": line[at:]}


def _values(suit: Suit, claim: Claim, evidence: Sequence[str]) -> dict[str, str]:
    terms = suit.terms
    units = dict.fromkeys(line.charge.unit for line in claim.lines)
    areas = {each.charge.unit: each.area for each in suit.claimed}
    fees = {item: amount for item, amount in claim.of_items().items() if FEE in item}
    others = {item: amount for item, amount in claim.of_items().items() if FEE not in item}
    as_of = day_named(claim.as_of, "zh", "letter")
    rate = f"{(terms['late_rate'] * 1000).normalize():f}‰"
    method = (
        f"逐笔以未付本金×日{rate}×逾期天数计算，自应缴日次日起算，单利，每一计算段四舍五入到分；逐笔明细见《诉请金额明细》"
        if terms["late_rate"]
        else "未主张"
    )
    days = {name: day_named(terms[name], "zh", "letter") if terms[name] else "" for name in _DAYS}
    return days | {
        "plaintiff": terms["creditor"],
        "plaintiff_address": terms["creditor_address"],
        "legal_representative": terms["creditor_legal_representative"],
        "legal_title": terms["creditor_legal_title"],
        "plaintiff_phone": terms["creditor_phone"],
        "credit_code": terms["creditor_credit_code"],
        "agent_there": "有" if terms["creditor_agent"] else "",
        "agent": terms["creditor_agent"],
        "service_address": terms["creditor_service_address"],
        "electronic": "是" if terms["creditor_electronic_service"] else "",
        "electronic_service": terms["creditor_electronic_service"],
        "as_of": as_of,
        "fee": f"{sum(fees.values()):,.2f}" if fees else "0.00",
        "late_charge": f"{claim.late_charge:,.2f}",
        "late_method": method,
        "costs": "是",
        "others": "；".join(f"{item}{amount:,.2f}元" for item, amount in others.items()) or "无",
        "total": f"{claim.total:,.2f}",
        "principal": f"{claim.principal:,.2f}",
        "jurisdiction": {"": "", "无": "无"}.get(terms["jurisdiction_clause"], "有"),
        "jurisdiction_clause": terms["jurisdiction_clause"],
        **{name: terms[name] for name in ("contract_title", "contract_number", "contract_filing", "contract_signed_with")},
        **{name: terms[name] for name in ("fee_standard", "payment_terms", "contract_clause")},
        "location": f"{terms['address']}{'、'.join(units)}" if terms["address"] else "",
        "area": "；".join(f"{unit}：{areas[unit]}平方米" for unit in units) if all(areas[unit] for unit in units) else "",
        "owner": "",
        "late_standard": f"每日{rate}（{terms['contract_clause']}）" if terms["late_rate"] and terms["contract_clause"] else "",
        "fee_method": f"逐期以账单应缴金额减已缴金额计算，共{len(claim.lines)}笔，逐笔明细见《诉请金额明细》",
        "demands": "；".join(_told(made, terms["timezone"]) for made in suit.demands),
        "remarks": "无",
        "law": "；".join(law["article"] for law in form()["law"]),
        "evidence": "；".join(f"{number}．{name}" for number, name in enumerate(evidence, 1)),
    }


_DAYS = ("contract_signed_on", "contract_from", "contract_until")


def _told(made: Made, zone: str) -> str:
    sent = day_named(local_day(made.sent_at, zone), "zh", "letter")
    arrived = f"，{day_named(local_day(made.arrived_at, zone), 'zh', 'letter')}到达" if made.arrived_at else ""
    waybill = f"（邮件号{made.waybill}）" if made.waybill else ""
    return f"{sent}以{CHANNELS[made.channel].zh}催缴{waybill}，列明{made.named}笔{arrived}"
