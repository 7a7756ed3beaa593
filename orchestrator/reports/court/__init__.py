"""The documents of a court bundle, each a sheet: what it says of a case as it stood at a checkpoint, and nothing of the house's own.

    00 summary  01 proof matrix  02 exhibit list  03 standing and price  04 liability  05 service performed
    06 notices and arrivals  07 ledger and late charge  08 limitation  09 system  10 what was blackened

Evidence itself is numbered from 11 (FIRST_EXHIBIT).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from orchestrator.reports.sheets import Block, Language, Sheet
from orchestrator.store.court import Claimed, CourtCase
from policies.actions import Sentence
from policies.limitation import days_left, expiry
from policies.localtime import local_day
from policies.money import ZERO
from policies.rules import Rules

FIRST_EXHIBIT = 11
SANDBOX = "沙盒数据，无证明力 SANDBOX"


@dataclass(frozen=True, slots=True)
class Title:
    """A document's number, its name in the file's path, and its title."""

    number: int
    name: str
    title: Sentence
    proves: Sentence


TITLES = (
    Title(0, "summary", Sentence("案情摘要", "Summary"), Sentence("全案要点及材料位置", "the case at a glance, and where each thing is")),
    Title(
        1,
        "proof-matrix",
        Sentence("举证矩阵", "Proof matrix"),
        Sentence("每户每期的催缴与到达", "each unit and period: its demand and arrival"),
    ),
    Title(
        2, "exhibit-list", Sentence("证据目录", "Exhibit list"), Sentence("全部材料的编号与校验值", "all material, numbered, with digests")
    ),
    Title(
        3,
        "standing-and-price",
        Sentence("主体资格与收费依据", "Standing and price"),
        Sentence("原告的合同地位与收费标准", "the creditor's contract and its fees"),
    ),
    Title(4, "liability", Sentence("付款义务人", "The debtor's liability"), Sentence("被告为付款义务人", "that the debtor owes")),
    Title(
        5,
        "service-performed",
        Sentence("物业服务履行情况", "Service performed"),
        Sentence("各期服务已提供（民法典第944条）", "that each period's service was performed (Civil Code 944)"),
    ),
    Title(6, "notices", Sentence("催缴与到达", "Notices and arrivals"), Sentence("每次催缴及其到达", "each demand and its arrival")),
    Title(
        7,
        "ledger",
        Sentence("欠费与违约金计算", "Ledger and late charge"),
        Sentence("欠费本金、付款冲抵与违约金", "principal, payments and late charge"),
    ),
    Title(8, "limitation", Sentence("诉讼时效说明", "Limitation"), Sentence("所诉各期未过诉讼时效", "that nothing claimed is time-barred")),
    Title(
        9,
        "system",
        Sentence("系统说明", "The system"),
        Sentence("电子数据的可靠性（民事证据规定第93条）", "that the electronic data is reliable (evidence rules, art. 93)"),
    ),
    Title(
        10,
        "redactions",
        Sentence("遮盖说明", "What was blackened"),
        Sentence("涉及他人信息的记录的阅读副本", "reading copies of entries that hold other people's data"),
    ),
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of an exhibit: where it lies under data/, its pages (0: not paper), its SHA-256."""

    path: str
    pages: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A numbered exhibit that is in the bundle. `entries` are the numbers of its entries in the case's chain."""

    number: int
    name: Sentence
    proves: Sentence
    entries: Sequence[int]
    files: Sequence[File]
    attempt_id: int | None = None
    exhibit_id: int | None = None
    original: str = ""
    """On which shelf its paper original lies."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What all documents of one bundle are made from. `size` is of the checkpoint; `day` the community's day of it; `rules` are those
    that the case is worked by."""

    case: CourtCase
    shown: Sequence[Shown]
    language: Language
    size: int
    sandbox: bool
    rules: Rules
    documents: frozenset[int]
    """Which of TITLES are in the bundle."""

    @property
    def day(self) -> date:
        return local_day(self.case.at, self.case.timezone)

    def local(self, at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(self.case.timezone)):%Y-%m-%d %H:%M}"

    @property
    def claim(self) -> list[Claimed]:
        """What is claimed: the frozen claim set as far as it is unpaid, else all that is overdue and unpaid; as in a filing packet, nothing
        whose court-safe clock has run out."""
        return [each for each in self._owed if not self._is_barred(each)]

    @property
    def barred(self) -> list[Claimed]:
        return [each for each in self._owed if self._is_barred(each)]

    @property
    def _owed(self) -> list[Claimed]:
        owed = [each for each in self.case.charges if each.charge.unpaid > 0 and each.charge.due_on < self.day]
        return [each for each in owed if each.claimed] or owed

    def _is_barred(self, each: Claimed) -> bool:
        return days_left(expiry(each.charge, self.case.timezone).court_safe, self.day) < 0

    @property
    def principal(self) -> Decimal:
        return sum((each.charge.unpaid for each in self.claim), ZERO)

    def number_of(self, attempt_id: int) -> str:
        return next((str(each.number) for each in self.shown if each.attempt_id == attempt_id), "")

    def numbers_of(self, exhibits: Sequence[int]) -> str:
        return "、".join(str(each.number) for each in self.shown if each.exhibit_id in exhibits)


def sheet(brief: Brief, number: int, blocks: Sequence[Block], *, wide: bool = False, internal: bool = False) -> Sheet:
    title = TITLES[number].title
    return Sheet(
        title=title.zh if brief.language == "zh" else title.en,
        reference=f"XL-{brief.case.case_id}-{brief.size}",
        issuer=brief.case.creditor,
        dated=brief.day,
        language=brief.language,
        blocks=blocks,
        foot=SANDBOX if brief.sandbox else "",
        internal=internal,
        wide=wide,
    )


def path_of(number: int) -> str:
    return f"exhibits/{number:02d}-{TITLES[number].name}.pdf"


PAPERS: Mapping[str, Sentence] = {
    "contract": Sentence("物业服务合同", "service contract"),
    "filing": Sentence("合同备案", "its filing"),
    "renewal": Sentence("续签或延续文件", "its renewal"),
    "fee_standard": Sentence("收费标准及公示、备案", "fee standard"),
    "title": Sentence("不动产登记资料", "title"),
    "sale_contract": Sentence("商品房买卖合同", "sale contract"),
    "hand_over_form": Sentence("房屋交付（收楼）单", "hand-over form"),
    "service": Sentence("服务履行资料", "proof of service"),
}
