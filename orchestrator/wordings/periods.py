"""Billing periods as people write and say them. Consecutive ones are named together; none is ever left out."""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from orchestrator.wordings.notice import Language

_MONTH = r"(\d{4})\s*(?:[-./年]\s*)?(\d{1,2})\s*月?"
_DAY = r"(?:[-./]?\s*(\d{1,2})\s*日?)?"
_TO = r"\s*(?:\.\.|[-~～至到/—–])\s*"
_SPAN = re.compile(rf"{_MONTH}{_DAY}(?:{_TO}{_MONTH}{_DAY})?")
_DATES = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_QUARTER = re.compile(r"(\d{4})\s*年?\s*(?:Q|第)\s*([1-4])\s*(?:季度)?", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})\s*年?(?:度)?")

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
MONTHS_SHORT = tuple(name[:3] for name in MONTHS)


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """Whole calendar months, first and last, counted from year 0."""

    first: int
    last: int

    @property
    def start(self) -> tuple[int, int]:
        return divmod(self.first, 12)

    @property
    def end(self) -> tuple[int, int]:
        return divmod(self.last, 12)


def parse(label: str) -> Months | None:
    """The months of a label, or None where it is not whole months and must be printed as it stands.

    >>> parse("2025-02..2025-04") == parse("2025年2月~2025年4月") == Months(2025 * 12 + 1, 2025 * 12 + 3)
    True
    >>> parse("补缴2019") is None
    True
    """
    text = label.strip()
    if match := _SPAN.fullmatch(text):
        year, month, day, last_year, last_month, last_day = match.groups()
        first = _count(year, month)
        last = _count(last_year, last_month) if last_year else first
        valid = 1 <= int(month) <= 12 and (last_month is None or 1 <= int(last_month) <= 12) and first <= last
        return Months(first, last) if valid and _whole(last, day, last_day) else None
    if match := _QUARTER.fullmatch(text):
        first = int(match[1]) * 12 + (int(match[2]) - 1) * 3
        return Months(first, first + 2)
    if match := _YEAR.fullmatch(text):
        return Months(int(match[1]) * 12, int(match[1]) * 12 + 11)
    return None


def _whole(last: int, day: str | None, last_day: str | None) -> bool:
    if day is None and last_day is None:
        return True
    year, month = divmod(last, 12)
    return day is not None and last_day is not None and int(day) == 1 and int(last_day) == monthrange(year, month + 1)[1]


def _days(label: str) -> tuple[date, date] | None:
    match = _DATES.fullmatch(label)
    try:
        return (date.fromisoformat(match[1]), date.fromisoformat(match[2])) if match else None
    except ValueError:
        return None


def _count(year: str, month: str) -> int:
    return int(year) * 12 + int(month) - 1


def _runs(labels: Iterable[str]) -> tuple[list[Months], list[str]]:
    parsed = {label: parse(label) for label in labels}
    runs: list[Months] = []
    for months in sorted(months for months in parsed.values() if months):
        if runs and months.first <= runs[-1].last + 1:
            runs[-1] = Months(runs[-1].first, max(runs[-1].last, months.last))
        else:
            runs.append(months)
    return runs, [label for label, months in parsed.items() if months is None]


def written(labels: Iterable[str], language: Language) -> str:
    """Compact, for a text message.

    >>> written(["2025-02", "2025-03", "2025-04", "2025-11"], "zh")
    '2025.02-2025.04、2025.11'
    >>> written(["2025-02", "2025-03", "2025-04", "2025-11"], "en")
    'Feb-Apr 2025, Nov 2025'
    """
    runs, literal = _runs(labels)
    names = [_written_zh(run) if language == "zh" else _english(run, MONTHS_SHORT, "-") for run in runs]
    names += [_literal(label, "{0:%Y.%m.%d}-{1:%Y.%m.%d}", MONTHS_SHORT, "-", language) for label in literal]
    return ("、" if language == "zh" else ", ").join(names)


def spoken(labels: Iterable[str], language: Language) -> str:
    """As a person says it.

    >>> spoken(["2025-02", "2025-03", "2025-04", "2025-11"], "zh")
    '2025年2月到4月、2025年11月'
    >>> spoken(["2024-12", "2025-01", "2025-11"], "en")
    'December 2024 to January 2025, and November 2025'
    """
    runs, literal = _runs(labels)
    if language == "zh":
        said = "{0.year}年{0.month}月{0.day}日到{1.year}年{1.month}月{1.day}日"
        return "、".join([_spoken_zh(run) for run in runs] + [_literal(label, said, MONTHS, "", language) for label in literal])
    names = [_english(run, MONTHS, " to ") for run in runs] + [_literal(label, "", MONTHS, " to ", language) for label in literal]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, and {names[-1]}"


def printed(label: str, language: Language) -> str:
    """One charge's period in a table.

    >>> printed("2025-02..2025-04", "zh"), printed("2025-02..2025-04", "en"), printed("开荒费", "zh")
    ('2025.02–2025.04', 'Feb–Apr 2025', '开荒费')
    """
    months = parse(label)
    if months is None:
        return _literal(label, "{0:%Y.%m.%d}–{1:%Y.%m.%d}", MONTHS_SHORT, "–", language)
    return _written_zh(months).replace("-", "–") if language == "zh" else _english(months, MONTHS_SHORT, "–")


def _literal(label: str, chinese: str, months: Sequence[str], to: str, language: Language) -> str:
    """A period that is not whole months: its first and last day where it has them, else as it stands."""
    days = _days(label)
    if days is None:
        return label
    if language == "zh":
        return chinese.format(*days)
    return to.join(f"{day.day} {months[day.month - 1]} {day.year}" for day in days)


def _written_zh(run: Months) -> str:
    (year, month), (last_year, last_month) = run.start, run.end
    first = f"{year}.{month + 1:02d}"
    return first if run.first == run.last else f"{first}-{last_year}.{last_month + 1:02d}"


def _spoken_zh(run: Months) -> str:
    (year, month), (last_year, last_month) = run.start, run.end
    first = f"{year}年{month + 1}月"
    if run.first == run.last:
        return first
    return f"{first}到{last_month + 1}月" if year == last_year else f"{first}到{last_year}年{last_month + 1}月"


def _english(run: Months, names: Sequence[str], to: str) -> str:
    (year, month), (last_year, last_month) = run.start, run.end
    if run.first == run.last:
        return f"{names[month]} {year}"
    if year == last_year:
        return f"{names[month]}{to}{names[last_month]} {year}"
    return f"{names[month]} {year}{to}{names[last_month]} {last_year}"


_NUMBER = r"(?<![\d.,])(?:19|20)\d\d(?:\.(?:0[1-9]|1[0-2])(?![\d.元])|年\d{1,2}月(?!\d))"
_TO_NUMBER = rf"(?:\s*[-–]\s*{_NUMBER}|到(?:\d{{4}}年)?\d{{1,2}}月(?!\d))"
_NAME = f"(?:{'|'.join(MONTHS)}|{'|'.join(MONTHS_SHORT)})"
DAY_NAMED = rf"\d{{4}}(?:-\d\d?-\d\d?|\.\d\d?\.\d\d?|/\d\d?/\d\d?|年\d\d?月\d\d?日)|\d\d? {_NAME} \d{{4}}"
"""Pattern of a date in a text: no month of a period."""
SPAN_NAMED = rf"{_NUMBER}{_TO_NUMBER}?|{_NAME}(?: \d{{4}})?(?:[-–]| to ){_NAME} \d{{4}}|{_NAME} \d{{4}}"
"""Pattern of a month or a run of months in a text, as this module names them in either language."""


def months_named(span: str) -> set[int]:
    """The months of a run as a text names it, counted from year 0.

    >>> months_named("2025.02-2025.04") == months_named("2025年2月到4月") == months_named("Feb–Apr 2025") == {24301, 24302, 24303}
    True
    """
    years = [int(year) for year in re.findall(r"\d{4}", span)]
    if names := re.findall(_NAME, span):
        months = [MONTHS_SHORT.index(name[:3]) for name in names]
    else:
        months = [int(month) - 1 for month in re.findall(r"(?<=[年.到])(\d{1,2})(?!\d|年)", span)]
    first, last = years[0] * 12 + months[0], years[-1] * 12 + months[-1]
    return set(range(first, last + 1))


def forms(label: str) -> set[str]:
    """Every way a period that is not whole months is named."""
    return {way([label], language) for way in (written, spoken) for language in ("zh", "en")} | {
        printed(label, language) for language in ("zh", "en")
    }
