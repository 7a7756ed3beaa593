"""A wording of kind `letter` and a notice become a PDF: PDF/A-2a, fonts embedded, the same bytes every time.

The layout is Typst source beside this file; what the letter says goes in as JSON and is set as text, never read as markup.
The archival profile refuses a character that no font can draw, so a name is printed right or not at all.
"""

import hashlib
import io
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import pylopdf_fonts_zh_cn
import segno
import typst

from orchestrator.wordings import periods
from orchestrator.wordings.catalogue import LAYOUTS, Run, Wording, filled, runs, say, stands, wording
from orchestrator.wordings.notice import Language, Line, Notice, WordingError, total
from orchestrator.wordings.phrases import money, names
from policies.money import Segment

_PAGES = re.compile(rb"/Type/Pages/Count (\d+)")
_UNDRAWN = re.compile(r"the text `\"(.+?)\"` could not be displayed", re.DOTALL)
_compilers = threading.local()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be signed and printed.

    `text` is all it says, as it went to the typesetter, and `text_digest` the SHA-256 (hex) over that; `wording` is name@digest, layout
    included.
    """

    pdf: bytes
    pages: int
    text: str
    text_digest: str
    wording: str


class UnprintableCharacter(WordingError):
    """No font has the character. The letter is refused: a blank in a name is worse than a letter by hand."""

    def __init__(self, text: str, place: str) -> None:
        code = " ".join(f"U+{ord(character):04X}" for character in text)
        super().__init__(f"no font can print {text} ({code}) in {place}; correct the record, or write and sign this letter by hand")
        self.text, self.place = text, place


def render_letter(name: str | Wording, notice: Notice, ordinal: int | None = None) -> Letter:
    """The letter as PDF: `warm-letter`, `formal-demand`, `lawyer-letter`, `visit-notice`, `withdrawal-letter`.

    `ordinal` counts this contact with the debtor from 1; warm words appear on the 2nd and 3rd only. Its creation
    time is noon UTC of the notice's date. Raises WordingError for what lacks, UnprintableCharacter for what cannot be drawn.
    """
    chosen = wording(name) if isinstance(name, str) else name
    letter = _letter(chosen, notice, ordinal)
    said = json.dumps(letter, ensure_ascii=False, sort_keys=True)
    pdf = _compile(chosen.layout, said, notice, "pdf")
    pages = _PAGES.search(pdf)
    if pages is None:
        raise WordingError(f"{chosen.pinned} made a document without pages")
    return Letter(pdf, int(pages[1]), "\n".join(_told(letter)), hashlib.sha256(said.encode()).hexdigest(), chosen.pinned)


def _compile(layout: str, said: str, notice: Notice, output: str) -> bytes:
    """One compiler per thread and layout: a compiler cannot serve two threads, and must be made after a worker has forked."""
    compilers: dict[str, Any] = _compilers.__dict__.setdefault("of", {})
    if layout not in compilers:
        compilers[layout] = typst.Compiler(str(LAYOUTS / layout), root=str(LAYOUTS), font_paths=_fonts(), ignore_system_fonts=True)
    try:
        made: bytes = compilers[layout].compile(
            format=output,
            sys_inputs={"letter": said},
            timestamp=datetime.combine(notice.dated, time(12), tzinfo=UTC),
            pdf_standards="a-2a",
        )
    except typst.TypstError as error:
        if undrawn := _UNDRAWN.search(str(error)):
            raise UnprintableCharacter(undrawn[1], _where(undrawn[1], notice)) from None
        raise
    return made


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(pylopdf_fonts_zh_cn.serif_path().parent)])


def _where(text: str, notice: Notice) -> str:
    places = {
        "a debtor's name": notice.debtors,
        "the postal address": (notice.address,),
        "a unit or an item": tuple(part for line in notice.lines for part in (line.unit, line.item, line.period)),
        "the creditor's details": (
            notice.creditor.name,
            notice.creditor.address,
            notice.creditor.letterhead,
            notice.creditor.payee_account,
        ),
    }
    return next((place for place, values in places.items() if any(text in value for value in values)), "the text")


def _told(part: Any) -> Iterator[str]:
    """What is printed of a part, in its order: the runs of a paragraph as one, names of layout and payment codes left out."""
    match part:
        case {"runs": runs_of}:
            yield "".join(run["text"] for run in runs_of)
        case Mapping():
            for name, inner in part.items():
                if name not in ("language", "kind", "code"):
                    yield from _told(inner)
        case str():
            yield part
        case list():
            for inner in part:
                yield from _told(inner)


def _letter(chosen: Wording, notice: Notice, ordinal: int | None) -> dict[str, Any]:
    if "letter" not in chosen.kinds:
        raise WordingError(f"{chosen.name} is a {' and '.join(chosen.kinds)}, not a letter")
    if not notice.address:
        raise WordingError(f"{notice.reference}: a letter needs a postal address; add one to the debtor's contact points")
    says = chosen.in_language(notice.language)
    values = filled(chosen, notice, "letter")
    zh = notice.language == "zh"
    creditor = notice.creditor
    return {
        "language": notice.language,
        "title": say(says["title"], values),
        "subtitle": say(says.get("subtitle", ""), values),
        "draft": bool(says.get("draft", False)),
        "reference": notice.reference,
        "creditor": {"name": creditor.name, "letterhead": creditor.letterhead},
        "return_to": f"{creditor.name}　{creditor.address}" if zh else f"{creditor.name}, {creditor.address}",
        "to": [f"{debtor} 收" if zh else debtor for debtor in notice.debtors],
        "address": notice.address,
        "facts": [
            ["编号" if zh else "Reference", notice.reference],
            ["日期" if zh else "Date", values["dated"]],
            ["小区" if zh else "Community", notice.community],
            ["电话" if zh else "Telephone", creditor.phone],
        ],
        "blocks": [made for block in says["blocks"] if stands(block, ordinal) and (made := _block(block, notice, values))],
    }


def _block(block: Mapping[str, str], notice: Notice, values: Mapping[str, str]) -> dict[str, Any] | None:
    if "when" in block and not values[block["when"]]:
        return None
    kind, content = next(iter(block.items()))
    if kind != "show":
        said = runs(content, values)
        return {"kind": kind, "runs": [_run(run) for run in said]} if said else None
    match content:
        case "charges":
            return _charges(notice.enforceable, notice, late=True)
        case "late-charge-lines":
            return _late_charge_lines(notice.enforceable, notice.language)
        case "barred":
            return _charges(notice.time_barred, notice, late=False)
        case "payment":
            return _payment(notice, values)
        case "signature":
            return {"kind": "signature", "signed": [*dict.fromkeys((notice.creditor.name, notice.signatory))], "dated": values["dated"]}
        case "counsel":
            return {"kind": "signature", "signed": [values["counsel"].strip(" ,")], "dated": values["dated"]}
        case "receipt":
            return {"kind": "receipt", "debtors": names(notice.debtors, notice.language)}
        case _:
            raise WordingError(f"a letter cannot show {content}")


def _run(run: Run) -> dict[str, Any]:
    return {"text": run.text, "strong": run.strong}


def _charges(lines: Sequence[Line], notice: Notice, *, late: bool) -> dict[str, Any] | None:
    """The itemised table: a row per charge under the name of its unit, and what they come to."""
    if not lines:
        return None
    zh = notice.language == "zh"
    by_unit: dict[str, list[Line]] = {}
    for line in lines:
        by_unit.setdefault(line.unit, []).append(line)
    columns = [[line.amount for line in lines], [line.paid for line in lines], [line.unpaid for line in lines]]
    columns += [[line.late_charge for line in lines]] if late else []
    as_of = f"{notice.as_of:%Y-%m-%d}"
    unit_of_money = {"CNY": "人民币元"}.get(notice.currency, notice.currency) if zh else notice.currency
    late_note = (f"；违约金计至{as_of}" if zh else f"; late charge to {as_of}") if late else ""
    return {
        "kind": "charges",
        "late": late,
        "units": [{"name": unit, "rows": [_row(line, notice.language, late) for line in mine]} for unit, mine in by_unit.items()],
        "summary": f"合计（{len(lines)} 期）" if zh else f"Total ({len(lines)})",
        "totals": [_figure(total(column)) for column in columns],
        "note": (f"单位：{unit_of_money}" if zh else f"Amounts in {unit_of_money}") + late_note,
    }


def _row(line: Line, language: Language, late: bool) -> list[str]:
    figures = [line.amount, line.paid, line.unpaid, *([line.late_charge] if late else [])]
    return [line.item, periods.printed(line.period, language), f"{line.due_on:%Y-%m-%d}", *map(_figure, figures)]


def _late_charge_lines(lines: Sequence[Line], language: Language) -> dict[str, Any] | None:
    """How the late charges were counted that no single product gives: line by line, for a reader with a calculator."""
    counted = [line for line in lines if len(line.late_lines) > 1]
    if not counted:
        return None
    return {
        "kind": "late-charge-lines",
        "charges": [
            {
                "name": f"{line.unit} {line.item} {periods.printed(line.period, language)}",
                "lines": [_late_charge_line(each, language) for each in line.late_lines],
            }
            for line in counted
        ],
    }


def _late_charge_line(line: Segment, language: Language) -> list[str]:
    to = "至" if language == "zh" else "to"
    return [f"{line.first:%Y-%m-%d} {to} {line.last:%Y-%m-%d}", line.formula.zh if language == "zh" else line.formula.en]


def _figure(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _payment(notice: Notice, values: Mapping[str, str]) -> dict[str, Any]:
    zh = notice.language == "zh"
    due = notice.unpaid + notice.late_charge
    rows = [
        ["应付金额" if zh else "To pay", money(due, notice.currency, notice.language, "letter") if due else ""],
        ["付款期限" if zh else "By", f"{values['pay_by']}（含当日）" if zh and values["pay_by"] else values["pay_by"]],
        ["收款账户" if zh else "Account", notice.creditor.payee_account],
        ["缴费方式" if zh else "How to pay", notice.how_to_pay],
        ["转账附言" if zh else "Quote", f"{names(dict.fromkeys(line.unit for line in notice.lines), notice.language)}　{notice.reference}"],
    ]
    return {"kind": "payment", "rows": [row for row in rows if row[1]], "code": _code(notice.qr_payload)}


@cache
def _code(payload: str) -> str:
    if not payload:
        return ""
    svg = io.BytesIO()
    segno.make(payload, error="m", micro=False).save(svg, kind="svg", xmldecl=False, border=0)
    return svg.getvalue().decode()
