"""What stands above a table, and the name of its sheet, say for the rows below: community, item, period, year."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from orchestrator.intake.cells import text
from orchestrator.intake.headings import phrases
from orchestrator.intake.rows import RawRow

_YEAR_IN_TITLE = re.compile(r"(20\d{2})\s*年?")
_PERIOD_IN_TITLE = re.compile(
    r"20\d{2}\s*年\s*(?:第?[一二三四1-4]季度|[上下]半年|\d{1,2}\s*月(?:\s*[-~至到]\s*(?:20\d{2}\s*年)?\s*\d{1,2}\s*月)?)|20\d{2}-\d{2}(?!-)"
)
_STAMP = re.compile(r"导出|打印|制表|生成|操作员|截止|截至|时间|print|export|generated|as of|run (?:date|on)", re.I)
_COMMUNITY_STATED = re.compile(
    r"(?:小区名称|小区|项目名称|项目|楼盘|community|property|association)\s*[:：]\s*([^\s:：,，;；]+(?: [A-Z][^\s:：,，;；]*)*)", re.I
)
_LEADING_DATE = re.compile(r"^\s*20\d{2}\s*年?度?(?:第?[一二三四1-4]季度|[上下]半年|\d{1,2}月)?")


@dataclass(frozen=True, slots=True)
class Title:
    """What stands above the headings (and the sheet's name) says for the rows below."""

    community: str = ""
    item: str = ""
    period: str = ""
    year: int | None = None

    @classmethod
    def of(cls, sheet: str, rows: Sequence[RawRow]) -> "Title":
        lines = [said for row in rows for said in dict.fromkeys(text(cell) for cell in row.cells) if said]
        titles = [line for line in lines if not _STAMP.search(line)]
        stated = next((match[1] for line in lines if (match := _COMMUNITY_STATED.search(line))), "")
        spoken = [*titles, sheet]
        period = next((match[0] for line in spoken if (match := _PERIOD_IN_TITLE.search(line))), "")
        year = next((int(match[1]) for line in spoken if (match := _YEAR_IN_TITLE.search(line))), None)
        fees = sorted((fee for fee in phrases("fees") if not fee.isascii()), key=len, reverse=True)
        item = next((fee for line in titles for fee in fees if fee in line and len(fee) > 2), "")
        return cls(stated or next(filter(None, map(_community_in, (*titles, sheet))), ""), item, period, year)


def _community_in(title: str) -> str:
    """The community's name a title begins with: 云栖花园 of 云栖花园物业服务费欠费明细表."""
    name = re.split(
        r"\d{4}年?度?|物业|欠费|应收|催缴|收费|车位|停车|费用|业主|住户|明细|delinquen|arrears|aged|receivable|[-—:：(]",
        _LEADING_DATE.sub("", title),
        maxsplit=1,
        flags=re.I,
    )[0].strip()
    return name if len(name) >= 3 and name.lower().endswith(phrases("community_endings")) else ""
