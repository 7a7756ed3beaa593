"""00 the summary, 02 the exhibit list, 09 the system: what the bundle is, what is in it, and why it can be believed."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial

from orchestrator.reports.court import TITLES, Brief, File, Title, path_of, sheet
from orchestrator.reports.court.money import late_charges
from orchestrator.reports.court.notices import arrival, sent
from orchestrator.reports.sheets import Block, Column, Say, Sheet, facts, figure, heading, note, paragraph, saying, table
from orchestrator.wordings import periods
from orchestrator.wordings.phrases import money
from policies.actions import Sentence
from policies.limitation import expiry
from policies.money import ZERO
from policies.names import CHANNELS

_ITEMS_SHOWN = _DEMANDS_SHOWN = 12
"""In the summary, which has two pages; all are in 07 and 06."""
_VERIFY = Sentence(
    "在装有 openssl 3 的任何电脑上，于材料目录内运行 sh verify.sh，即核对全部文件、记录链、检查点签名与时间戳，不需要本公司的软件。"
    "公钥与时间戳机构根证书请从独立来源取得，用法和步骤见 verify-zh.txt。",
    "On any machine with openssl 3, run sh verify.sh in the folder: it checks every file, the chain of entries, the signed checkpoints and "
    "the time stamps, without any software of ours (verify-zh.txt). Take the log's key and the authorities' roots from another source.",
)


def summary(brief: Brief) -> Sheet:
    case, say, zh = brief.case, saying(brief.language), brief.language == "zh"
    by_item: dict[tuple[str, str], list[str]] = {}
    for each in brief.claim:
        by_item.setdefault((each.charge.unit, each.charge.item), []).append(each.charge.period)
    owed = [[unit, item, periods.written(of, brief.language), figure(_unpaid(brief, unit, item))] for (unit, item), of in by_item.items()]
    last = min((expiry(each.charge, case.timezone).court_safe for each in brief.claim), default=None)
    late, told = late_charges(brief), partial(money, currency=case.currency, language=brief.language, style="letter")
    blocks: list[Block] = [
        heading(say("一、当事人与房屋", "1. Parties and units")),
        facts(
            [
                (say("物业服务企业", "Company"), f"{case.creditor}　{case.creditor_address}"),
                (say("付款义务人", "Debtor"), "、".join(case.debtors)),
                (say("小区与房屋", "Units"), f"{case.community}　{'、'.join(home.label for home in case.homes)}"),
                (say("合同依据", "Contract"), case.contract_clause),
            ]
        ),
        heading(say("二、欠费", "2. What is owed")),
        table(
            [
                Column(say("房屋", "Unit"), "30mm"),
                Column(say("项目", "Item"), "30mm"),
                Column(say("期间", "Periods")),
                Column(say("未付", "Unpaid"), "30mm", figures=True),
            ],
            owed[:_ITEMS_SHOWN],
            ["", "", say(f"合计（{len(brief.claim)}期）", f"Total ({len(brief.claim)} charges)"), figure(brief.principal)],
        ),
        *_and_more(say, len(owed) - _ITEMS_SHOWN),
        paragraph(
            say(
                f"截至{brief.day}，欠付本金{told(brief.principal)}，约定违约金{told(late)}。"
                + (f"最早届满的诉讼时效为{last}（见08）。" if last else ""),
                f"On {brief.day}: principal {told(brief.principal)}, late charge as agreed {told(late)}. "
                + (f"The earliest limitation period ends on {last} (08)." if last else ""),
            )
        ),
        heading(say("三、催缴与到达", "3. What was demanded, and how it arrived")),
        *_demands(brief),
        heading(say("四、材料位置", "4. Where each thing is")),
        table(
            [Column(say("编号", "No."), "14mm"), Column(say("材料", "Document"), "46mm"), Column(say("证明内容", "It proves"))],
            [
                *(
                    [f"{title.number:02d}", title.title.zh if zh else title.title.en, title.proves.zh if zh else title.proves.en]
                    for title in _there(brief)
                ),
                [
                    f"{brief.shown[0].number}–{brief.shown[-1].number}" if brief.shown else "—",
                    say("证据", "Evidence"),
                    say("逐件列于证据目录（02）", "each is listed in 02"),
                ],
            ],
        ),
        heading(say("五、如何核验", "5. How to verify")),
        paragraph(_VERIFY.zh if zh else _VERIFY.en),
    ]
    return sheet(brief, 0, blocks)


def _and_more(say: Say, items: int) -> list[Block]:
    return [note(say(f"另有{items}项见07，已计入合计。", f"{items} more are in 07, and in the total."))] if items > 0 else []


def _unpaid(brief: Brief, unit: str, item: str) -> Decimal:
    return sum((each.charge.unpaid for each in brief.claim if (each.charge.unit, each.charge.item) == (unit, item)), ZERO)


def _there(brief: Brief) -> list[Title]:
    return [title for title in TITLES if title.number in brief.documents and title.number]


def _demands(brief: Brief) -> list[Block]:
    say = saying(brief.language)
    demands = [notice for notice in sent(brief) if notice.purpose == "demand"]
    if not demands:
        return [paragraph(say("本套材料没有催缴记录。", "No demand is in this bundle."))]
    best = sorted(demands, key=lambda notice: (notice.grade == "0", notice.grade, notice.sent_at))[:_DEMANDS_SHOWN]
    rows = [
        [
            brief.number_of(notice.attempt_id),
            CHANNELS[notice.channel].zh if brief.language == "zh" else CHANNELS[notice.channel].en,  # type: ignore[index]
            brief.local(notice.sent_at),
            arrival(brief, notice),
            str(len(notice.named)),
        ]
        for notice in sorted(best, key=lambda notice: notice.sent_at)
    ]
    columns = [
        Column(say("证据", "Exhibit"), "16mm"),
        Column(say("方式", "Way"), "26mm"),
        Column(say("发出", "Sent"), "34mm"),
        Column(say("到达", "Arrived")),
        Column(say("所列期数", "Charges"), "20mm", figures=True),
    ]
    more = (
        [note(say(f"另有{len(demands) - len(best)}次见06。", f"{len(demands) - len(best)} more are in 06."))]
        if len(demands) > len(best)
        else []
    )
    return [table(columns, rows), *more]


def exhibit_list(brief: Brief, documents: Mapping[int, File]) -> Sheet:
    say, zh = saying(brief.language), brief.language == "zh"
    rows = [
        [
            f"{title.number:02d}",
            title.title.zh if zh else title.title.en,
            title.proves.zh if zh else title.proves.en,
            *_lying(documents.get(title.number)),
            "—",
        ]
        for title in TITLES
        if title.number in brief.documents
    ]
    for each in brief.shown:
        original = say(f"；原件：{each.original}", f"; original: {each.original}") if each.original else ""
        first = [str(each.number), each.name.zh if zh else each.name.en, (each.proves.zh if zh else each.proves.en) + original]
        entries = _ranges(each.entries)
        files = each.files or (File(f"entries/{each.entries[0]:05d}.payload.json", 0, "manifest-sha256.txt"),)
        for at, file in enumerate(files):
            rows.append([*(first if at == 0 else ["", "", ""]), *_lying(file), entries if at == 0 else ""])
    columns = [
        Column(say("编号", "No."), "13mm"),
        Column(say("名称", "Name"), "34mm"),
        Column(say("证明内容", "It proves"), "39mm"),
        Column(say("页数", "Pages"), "11mm"),
        Column(say("位置（data/ 下）", "Where, under data/"), "1fr"),
        Column("SHA-256", "86mm"),
        Column(say("记录号", "Entries"), "16mm"),
    ]
    return sheet(
        brief,
        2,
        [
            table(columns, rows),
            note(
                say(
                    "记录号为 data/entries 中的编号；编号不连续处的材料未在本套提交，其记录的首部仍在链中。"
                    "本目录自身的校验值见 manifest-sha256.txt。",
                    "Entries are numbers in data/entries. A number that is missing was not submitted; the "
                    "headers of its entries are in the chain all "
                    "the same. The digest of this list stands in manifest-sha256.txt.",
                )
            ),
        ],
        wide=True,
    )


def _lying(file: File | None) -> list[str]:
    if file is None:
        return ["—", path_of(2), "manifest-sha256.txt"]
    return [str(file.pages) if file.pages else "—", file.path, file.sha256]


def _ranges(numbers: Iterable[int]) -> str:
    """Such as 1-3, 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def system(brief: Brief) -> Sheet:
    say, case = saying(brief.language), brief.case
    newest = case.audits[-1].fact.get("system", {}) if case.audits else {}
    blocks: list[Block] = [
        paragraph(
            say(
                "本说明就民事诉讼证据规定第93条所列各项，说明生成、存储、传输本案电子数据的系统。",
                "On each point of article 93 of the rules on civil evidence: the system that made, kept and "
                "carried the electronic data of this case.",
            )
        ),
        heading(say("一、日志如何运行", "1. How the log works")),
        paragraph(
            say(
                "每一事实（发出的内容、运营商原始应答与回执、签收与上门记录、付款）在发生的同一数据库事务内写入只增日志；应用账号无权更改或删除。"
                "每条记录的首部含本案前一条记录的哈希和内容的加盐哈希，叶哈希为 SHA-256(0x00‖首部)，依次归入一棵默克尔树（RFC 6962）。"
                "有新记录时每分钟对树根签名（Ed25519 检查点），并由时间戳机构加盖时间（RFC 3161）。更改、删除、"
                "插入、调换任何一条，核验即不通过。",
                "Each fact (what was sent, the carrier's raw answers and receipts, signatures and visits, money) "
                "is appended in the database "
                "transaction that makes it; the application may neither change nor delete. The header of an "
                "entry holds the hash of the entry before "
                "it of this case and the salted hash of its payload; its leaf is SHA-256(0x00 || header), in one "
                "Merkle tree (RFC 6962). Each minute "
                "with news the root is signed (Ed25519) and time-stamped (RFC 3161). Whatever is changed, "
                "removed, added or moved is found.",
            )
        ),
        heading(say("二、版本与时钟", "2. Versions and clocks")),
        facts(
            [
                (say("程序版本", "Program"), str(newest.get("xianli", ""))),
                (say("数据库结构", "Schema"), str(newest.get("schema", ""))),
                ("Python", str(newest.get("python", ""))),
                ("PostgreSQL", str(newest.get("postgresql", ""))),
                (say("规则版本", "Rules"), f"{case.pack}@{case.pack_digest}"),
                (say("程序步骤版本", "Sequence"), f"{case.sequence}@{case.sequence_digest}"),
                (
                    say("本套检查点", "Checkpoint"),
                    say(f"前{brief.size}条记录，{brief.local(case.at)}", f"the first {brief.size} entries, {brief.local(case.at)}"),
                ),
            ]
        ),
        heading(say("三、差错检测", "3. How errors are found")),
        paragraph(
            say(
                "系统每日重算全部日志，与已签名的检查点、库外副本和时间戳逐一比对，结果本身也是一条日志。本案期间的结果如下。",
                "Every day the whole log is computed anew and held against the signed checkpoints, their copies "
                "outside the database and the "
                "stamps; the result is itself an entry. Those of this case's days:",
            )
        ),
        _audits(brief),
    ]
    return sheet(brief, 9, blocks)


def _audits(brief: Brief) -> Block:
    say = saying(brief.language)
    if not brief.case.audits:
        return paragraph(say("本案期间尚无审计记录。", "No audit has run in the days of this case yet."))
    rows = [
        [
            brief.local(each.at),
            str(each.fact["entries"]),
            str(each.fact["checkpoints"]),
            str(each.fact["stamps"]),
            f"{each.fact.get('system', {}).get('milliseconds_between_clocks', '—')} ms",
            say("相符", "all fits")
            if not each.fact["faults_in_all"]
            else say(f"{each.fact['faults_in_all']}处不符", f"{each.fact['faults_in_all']} faults"),
        ]
        for each in brief.case.audits
    ]
    columns = [
        Column(say("时间", "When")),
        Column(say("记录", "Entries"), "24mm", figures=True),
        Column(say("检查点", "Checkpoints"), "24mm", figures=True),
        Column(say("时间戳", "Stamps"), "24mm", figures=True),
        Column(say("时钟差", "Clocks apart"), "26mm", figures=True),
        Column(say("结果", "Result"), "28mm"),
    ]
    return table(columns, rows)
