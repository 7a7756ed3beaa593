"""Reads the calendars of `policies/calendars`: days computed for every year, and the years that a government has published.

`cn.toml` holds the named days of all years, `cn-published.toml` one table a year as its notice says. Each table states the sha256 of its
content: what was changed by accident, or without saying so, is refused, and nothing is decided by it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import policies
from orchestrator.strict import Malformed, Table, list_of, one_of, text, toml, truth
from orchestrator.versions import DIGEST_LENGTH
from policies.calendar import SATURDAY, Calendar, PublishedYear

CALENDARS = Path(policies.__file__).parent / "calendars"
SEAL = "sha256"


def there_is(name: str) -> bool:
    return (CALENDARS / f"{name}.toml").is_file()


def read(name: str, folder: Path = CALENDARS) -> Calendar:
    """The calendar of that name, which must be there. Raises Malformed where a table is not what it was sealed as, or cannot be read."""
    content = toml((folder / f"{name}.toml").read_bytes(), f"calendar {name}")
    sealed = _unbroken(name, content)
    table = Table(content, f"calendar {name}")
    for word in ("country", "source", SEAL):
        table.take(word, text)
    named = table.take("days", Table)
    days = {day: frozenset(named.take(day, _dates)) for day in named.names()}
    published, digests = _read_published(name, folder, sealed)
    calendar = Calendar(
        name=name,
        digest=sealed[:DIGEST_LENGTH],
        years=table.take("years", _years),
        makes_up=table.take("makes_up", truth),
        published=published,
        named=days,
        statutory=frozenset(table.take("statutory", list_of(one_of(tuple(days))))),
        digests=digests,
    )
    table.close()
    return calendar


def seal(name: str, content: Mapping[str, Any]) -> str:
    """The sha256 of a table's content without its seal, of its keys in alphabetical order. `name` is the table's: `cn`, `cn-2026`."""
    unsealed = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(json.dumps([name, unsealed], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _unbroken(name: str, content: Mapping[str, Any]) -> str:
    """The table's seal, where it fits."""
    found, stated = seal(name, content), content.get(SEAL)
    if found != stated:
        raise Malformed(
            f"calendar {name}: its sha256 is {found}, it states {stated}: somebody changed it, and nothing is decided by it. "
            "Restore the file; or compare the change with the official notice and state the sha256 that was found"
        )
    return found


def _read_published(name: str, folder: Path, base: str) -> tuple[dict[int, PublishedYear], dict[int, str]]:
    """Each year's notice, and the digest of what a decision of that year depends on: the notice and the computed days."""
    path = folder / f"{name}-published.toml"
    if not path.is_file():
        return {}, {}
    published: dict[int, PublishedYear] = {}
    digests: dict[int, str] = {}
    for year_name, content in toml(path.read_bytes(), f"calendar {path.stem}").items():
        year = _year(year_name, path.stem)
        sealed = _unbroken(f"{name}-{year}", content)
        published[year] = _published_year(year, Table(content, f"calendar {name}-{year}"))
        digests[year] = hashlib.sha256(f"{base} {sealed}".encode()).hexdigest()[:DIGEST_LENGTH]
    return published, digests


def _published_year(year: int, table: Table) -> PublishedYear:
    notice = PublishedYear(
        sources=table.take("sources", list_of(text)),
        holidays=frozenset(day for span in table.take("off", text).split() for day in _span(span, year, table.place("off"))),
        workdays=frozenset(day for span in table.take("worked", text).split() for day in _span(span, year, table.place("worked"))),
    )
    table.take(SEAL, text)
    table.close()
    if both := notice.holidays & notice.workdays:
        raise Malformed(f"{table.place('worked')}: {min(both)} is a day off as well")
    if weekdays := [day for day in notice.workdays if day.weekday() < SATURDAY]:
        raise Malformed(f"{table.place('worked')}: {min(weekdays)} is no weekend day, it is worked anyway")
    return notice


def _span(written: str, year: int, place: str) -> Iterator[date]:
    """`05-01` or `05-01..03` or `04-30..05-02`: every day of it."""
    first, _, last = written.partition("..")
    last = last or first
    try:
        day = date.fromisoformat(f"{year}-{first}")
        end = date.fromisoformat(f"{year}-{last if '-' in last else f'{day:%m}-{last}'}")
    except ValueError as wrong:
        raise Malformed(f"{place}: {written!r} is no span of days such as 05-01..03") from wrong
    if end < day:
        raise Malformed(f"{place}: {written!r} ends before it begins")
    while day <= end:
        yield day
        day += timedelta(days=1)


def _year(written: str, place: str) -> int:
    if not (written.isdecimal() and len(written) == 4):
        raise Malformed(f"calendar {place}: {written!r} is no year")
    return int(written)


def _years(value: Any, place: str) -> range:
    first, _, last = text(value, place).partition("..")
    return range(_year(first, place), _year(last, place) + 1)


def _dates(value: Any, place: str) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(word) for word in text(value, place).split())
    except ValueError as wrong:
        raise Malformed(f"{place}: {wrong}") from wrong
