"""Packets of a batch of cases: each green one becomes a folder as its court wants it, each other one is refused with what it lacks.

Into a packet goes what the court may see and nothing else. What is for counsel alone (blanks to fill, charges left out, the figure a court
is likely to allow) lies beside the packets, in HOUSE.
"""

import re
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from orchestrator import bundling, packs, sealing
from orchestrator.filing import documents
from orchestrator.filing.claim import Claim, claim, of_suit, why_not
from orchestrator.filing.complaint import complaint
from orchestrator.filing.courts import Court, court
from orchestrator.filing.documents import Sheet
from orchestrator.reports.sheets import pages_of
from orchestrator.runtime import Runtime
from orchestrator.store import casefiles, filing, log, proving
from orchestrator.store.filing import Suit
from orchestrator.store.log import Entry
from orchestrator.store.proving import NotYetProven
from orchestrator.versions import Pin
from orchestrator.wordings.typesetting import Undrawable
from policies.actions import Sentence
from policies.rules import Rules

HOUSE = "内部-不提交"
BATCH = 50
"""Cases read at once."""
_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|.]')

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Packet:
    """What became of one case: a folder, or why not, each with its row, reason and cure. `missing` names the blanks that counsel fills."""

    case_id: int
    folder: str = ""
    principal: Decimal = Decimal("0.00")
    late_charge: Decimal = Decimal("0.00")
    missing: tuple[str, ...] = ()
    refused: tuple[Sentence, ...] = field(default=())


def make(
    runtime: Runtime, case_ids: Sequence[int], to: Path, by: str, *, court_name: str = "", report: Report = lambda done, total: None
) -> list[Packet]:
    """Write the packets of these cases into a folder, which holds nothing of the kind yet.

    `court_name` stands over the one of the community's terms. Raises ValueError where the folder holds something, or no time-stamping
    authority has seen the log (a packet goes with its court bundle).
    """
    if to.exists() and any(to.iterdir()):
        raise ValueError(f"{to} 里已有内容，请换一个新文件夹 / {to} holds something already: choose a new folder")
    sealing.seal(runtime, at_once=True)
    with runtime.store.begin() as rows:
        try:
            size = proving.newest_stamped(rows)
        except NotYetProven as unproven:
            cure = "还没有时间戳机构见证过日志，请管理员填写 XIANLI_TSA_URLS 并查看 xianli doctor"
            raise ValueError(f"{cure} / {unproven}") from unproven
    (to / HOUSE).mkdir(parents=True)
    bench = _Bench(runtime, to, size, by, runtime.now(), court_name)
    made: list[Packet] = []
    wanted = list(dict.fromkeys(case_ids))
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        with runtime.store.begin() as rows:
            suits = filing.read(rows, batch)
        for case_id in batch:
            made.append(bench.packet(suits[case_id]) if case_id in suits else Packet(case_id, refused=(_unknown(case_id),)))
            report(len(made), len(wanted))
    return made


@dataclass(slots=True)
class _Bench:
    """What all packets of a batch are made with."""

    runtime: Runtime
    to: Path
    size: int
    by: str
    now: datetime
    court_name: str
    rules: dict[tuple[Pin, Pin], Rules] = field(default_factory=dict)
    prime_rates: Sequence[tuple[date, Decimal]] = field(default_factory=packs.prime_rates)

    def packet(self, suit: Suit) -> Packet:
        """One packet, whole or not at all: what cannot be made is refused and leaves nothing behind."""
        claimed = claim(suit, self.now, self.prime_rates)
        if lacks := why_not(suit, claimed, self._rules(suit), self.now, self.runtime.settings.payments_max_age):
            return Packet(suit.case_id, refused=lacks)
        wanted = court(self.court_name or suit.terms["court"], self.runtime.settings.courts)
        debtor = _safe("、".join(each.name for each in suit.defendants))
        folder = self.to / _safe(wanted.folder.format(case=suit.case_id, debtor=debtor))
        try:
            missing = self._write(suit, claimed, wanted, folder)
        except (Undrawable, NotYetProven) as unmade:
            shutil.rmtree(folder, ignore_errors=True)
            return Packet(suit.case_id, refused=(of_suit(suit, _why(unmade)),))
        (self.to / HOUSE / f"{folder.name}.txt").write_text(_for_counsel(claimed, missing), encoding="utf-8")
        return Packet(suit.case_id, folder.name, claimed.principal, claimed.late_charge, missing)

    def _write(self, suit: Suit, claimed: Claim, wanted: Court, folder: Path) -> tuple[str, ...]:
        sheet = Sheet(
            f"案件{suit.case_id}",
            suit.terms["creditor"],
            self.court_name or suit.terms["court"],
            self.runtime.settings.sandbox,
            claimed.as_of,
        )
        table = documents.claim_pdf(sheet, suit, claimed)
        listed = documents.exhibits(suit, pages_of(table))
        filled = complaint(suit, claimed, [each.name for each in listed])
        made: Mapping[tuple[str, str], bytes] = {
            ("complaint", "pdf"): documents.complaint_pdf(sheet, filled),
            ("claim", "pdf"): table,
            ("claim", "xlsx"): documents.claim_workbook(sheet, claimed),
            ("evidence", "pdf"): documents.evidence_pdf(sheet, suit, listed),
        }
        folder.mkdir()
        digests = {}
        for file in wanted.files:
            for form in file.formats:
                if file.document == "bundle":
                    self._bundle(suit.case_id, folder / file.name, zipped=form == "zip")
                else:
                    (folder / f"{file.name}.{form}").write_bytes(made[file.document, form])
                    digests[f"{file.document}.{form}"] = sha256(made[file.document, form]).hexdigest()
        with self.runtime.store.begin() as rows:
            fact = {"by": self.by, "checkpoint": self.size, "principal": claimed.principal, "late_charge": claimed.late_charge}
            entry = Entry("filing packet", fact | {"files": digests}, case_id=suit.case_id)
            casefiles.lock_any(rows, suit.case_id)
            log.append(rows, [entry], self.now, self.runtime.wall())
        court_blank = () if sheet.court else ("此致：受诉法院",)
        return (*filled.missing, *court_blank, *(f"证据目录：{each.name}" for each in listed if not each.pages))

    def _bundle(self, case_id: int, folder: Path, *, zipped: bool) -> None:
        bundling.export(self.runtime, case_id, folder, at=self.size)
        if zipped:
            with zipfile.ZipFile(folder.with_name(f"{folder.name}.zip"), "x", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(folder.rglob("*")):
                    archive.write(path, path.relative_to(folder.parent))
            shutil.rmtree(folder)

    def _rules(self, suit: Suit) -> Rules:
        pins = (suit.pack, suit.sequence)
        if pins not in self.rules:
            self.rules[pins] = self.runtime.pinned(*pins)
        return self.rules[pins]


def _unknown(case_id: int) -> Sentence:
    return Sentence(f"案件 {case_id}：没有这个案件。请核对案件号。", f"case {case_id}: there is no such case. Look at its number.")


def _why(unmade: Undrawable | NotYetProven) -> Sentence:
    if isinstance(unmade, Undrawable):
        return Sentence(
            f"没有字体能印出“{unmade.text}”。改用通行的写法，再重新生成。",
            f"{unmade}. Write the name another way, then make the packet anew.",
        )
    return Sentence(
        "有早期记录没有各自的证明。由法务用内部档案（xianli evidence export --archive）说明这些记录。",
        f"{unmade}. Counsel shows them by the internal archive (xianli evidence export --archive).",
    )


def _safe(name: str) -> str:
    """A name as any file system takes it."""
    return _UNSAFE.sub("_", name)[:80].strip() or "_"


def _for_counsel(claimed: Claim, missing: Sequence[str]) -> str:
    lines = ["本页仅供内部使用，不得提交法院或对方。", "", "一、待填事项", *(f"  {each}" for each in missing)]
    lines += ["", "二、未列入诉请的费用", *(f"  {each}" for each in claimed.left_out or ("无",))]
    lines += ["", "三、违约金：约定标准与法院可能支持的数额（LPR×1.3）"]
    for line in claimed.lines:
        owed = line.charge
        both = f"约定 {line.late.late_charge}　测算 {line.late.court_likely_late_charge}"
        lines.append(f"  {owed.unit} {owed.item} {owed.period}　{both}")
    lines.append(f"  合计　约定 {claimed.late_charge}　测算 {claimed.court_likely}")
    return "\n".join(lines) + "\n"
