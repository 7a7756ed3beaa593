"""doctor: is everything there that the program needs, and does anything wait for a person?"""

import platform
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from importlib.resources import as_file, files
from typing import Annotated, Any, Literal

import requests
import typer
from alembic.script import ScriptDirectory
from redis import Redis, RedisError
from sqlalchemy.exc import SQLAlchemyError

from channels.contract import ReportsHealth
from channels.lines import LineName
from orchestrator import migrations, sealing
from orchestrator.commands import shared
from orchestrator.evidence.seals import Seal
from orchestrator.packs import DEFAULT_PACK
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, communities, condition, senders, tree
from policies.calendar import unpublished
from policies.localtime import local_day

ANSWERS_WITHIN = 3
"""Seconds."""
CLOCKS_DIFFER = timedelta(seconds=5)
BACKLOG_AGE = timedelta(minutes=15)
"""A sweep runs every few seconds: what has waited so long, no worker took."""
RENEW_AHEAD = timedelta(days=30)
MAINLAND = "CN"

State = Literal["ok", "warning", "down"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `down`: nothing works without it; `warning`: a person should look. `says` tells what was found, and the cure."""

    check: str
    state: State
    says: str


def doctor(as_json: Annotated[bool, typer.Option("--json", help="one JSON object per line")] = False) -> None:
    """Ping every dependency, say versions, clock and backlog, and warn of what lacks; exits 1 if something is down."""
    with shared.runtime() as runtime:
        findings = list(_examine(runtime))
    for finding in findings:
        shared.show({"check": finding.check, "state": finding.state, "says": finding.says}, as_json, _plain)
    if any(finding.state == "down" for finding in findings):
        raise typer.Exit(1)


def _plain(line: dict[str, Any]) -> str:
    return f"{line['state']:>7}  {line['check']}: {line['says']}"


def _examine(runtime: Runtime) -> Iterator[Finding]:
    yield Finding("versions", "ok", f"xianli {version('xianli')}, Python {platform.python_version()}")
    yield _seal(runtime.seal, runtime.wall())
    try:
        with runtime.store.begin() as rows:
            yield from _database(rows, runtime)
            yield from _waiting(rows, runtime)
            yield from _evidence(rows, runtime)
            yield from _senders(rows)
            yield from _communities(rows, runtime)
            yield from _mainland_numbers(rows, runtime)
    except SQLAlchemyError as refused:
        yield Finding(
            "database", "down", f"does not answer as it should ({type(refused).__name__}): look at DATABASE_URL, then `xianli migrate`"
        )
    yield _broker(runtime)
    yield _web(runtime)
    yield from _providers(runtime)


def _seal(seal: Seal | None, wall: datetime) -> Finding:
    if seal is None:
        return Finding(
            "seal",
            "warning",
            "letters go out unsigned: name the company's certificate in XIANLI_SIGNING_P12 or XIANLI_SIGNING_PKCS11, and its password",
        )
    until = f"{seal.name}, until {seal.expires.date().isoformat()}"
    if seal.expires - wall < RENEW_AHEAD:
        return Finding("seal", "warning", f"{until}: have the certificate renewed, no letter is signed after that day")
    return Finding("seal", "ok", f"{until}; {seal.mark}" if seal.mark else until)


def _database(rows: Rows, runtime: Runtime) -> Iterator[Finding]:
    server, wall = condition.server(rows), runtime.wall()
    yield Finding("database", "ok", f"PostgreSQL {server.version}")
    head = _newest_revision()
    if server.revision != head:
        yield Finding("schema", "down", f"is at {server.revision or 'nothing'}, the program needs {head}: run `xianli migrate`")
    else:
        yield Finding("schema", "ok", str(head))
    if abs(server.at - wall) > CLOCKS_DIFFER:
        yield Finding("clock", "warning", f"the database's clock says {server.at.isoformat()}, ours {wall.isoformat()}: set them by NTP")
    sandbox_now = runtime.store.sandbox_now() if runtime.settings.sandbox else None
    yield Finding("clock", "ok", f"{sandbox_now.isoformat()}, the sandbox's own time" if sandbox_now else wall.isoformat())


def _newest_revision() -> str | None:
    with as_file(files(migrations)) as folder:
        return ScriptDirectory(str(folder)).get_current_head()


def _waiting(rows: Rows, runtime: Runtime) -> Iterator[Finding]:
    now = runtime.now()
    backlog = condition.backlog(rows, now)
    due = f"{backlog.due_cases} cases and {backlog.due_attempts} attempts are due, {backlog.receipts} receipts wait"
    if backlog.oldest is not None and now - backlog.oldest > BACKLOG_AGE:
        yield Finding("backlog", "warning", f"{due}, the oldest since {backlog.oldest.isoformat()}: are workers running?")
    else:
        yield Finding("backlog", "ok", due)
    if backlog.unknown:
        yield Finding(
            "unknown", "warning", f"{backlog.unknown} attempts have an unknown outcome: they are looked up, never sent again by themselves"
        )
    for line, unknown in condition.unknown_by_line(rows).items():
        if runtime.lines.of(*line) is None:
            yield Finding(
                f"sender {line.channel}",
                "warning",
                f"{unknown} attempts of unknown outcome left by {line}, which is not open any more: configure it until they are looked up",
            )
    if backlog.parked:
        yield Finding("parked", "warning", f"{backlog.parked} cases cannot pass and wait for the operator: `xianli case list` names why")


def _evidence(rows: Rows, runtime: Runtime) -> Iterator[Finding]:
    """Whether the log is sealed, copied and stamped as it grows."""
    lacks = list(sealing.lacks(rows, runtime))
    yield from (Finding(lack.what, "warning", lack.says) for lack in lacks)
    if not lacks:
        yield Finding("evidence", "ok", f"{tree.size(rows)} entries are sealed, copied and stamped")


def _senders(rows: Rows) -> Iterator[Finding]:
    for each in senders.all_resting(rows):
        yield Finding(
            f"sender {each.line.channel}",
            "warning",
            f"{each.line} was refused {senders.STREAK} times running ({each.error_class} {each.error_code}): it rests since "
            f"{each.resting_since.isoformat()}, what it would carry goes by the channel's next sender or waits, and one attempt is tried "
            f"at {each.retry_at.isoformat()}; once mended, `xianli sender reset {each.line.channel} --sender {each.line.sender} --as NAME`",
        )


def _communities(rows: Rows, runtime: Runtime) -> Iterator[Finding]:
    now = runtime.now()
    calendars: set[str] = set()
    names = communities.names(rows)
    if not names:
        yield Finding("communities", "warning", "there are none: `xianli import FILE`, or `xianli community set NAME --creditor …`")
    for name in names:
        terms = communities.read(rows, name)
        assert terms is not None
        calendars.add(runtime.packs.pack(terms["pack"]).calendar)
        if lacks := communities.lacking(terms):
            yield Finding(f"terms of {name}", "warning", f"no lawful demand without {', '.join(lacks)}: `xianli community set {name} …`")
        if lacks := communities.lacking_for_filing(terms):
            yield Finding(f"filing of {name}", "warning", f"a complaint leaves blank {', '.join(lacks)}: `xianli community set {name} …`")
        known = terms["payments_as_of"]
        if known is None:
            yield Finding(f"payments of {name}", "warning", "never imported: no campaign is proposed")
        elif now - known > runtime.settings.payments_max_age:
            yield Finding(f"payments of {name}", "warning", f"known as of {known.isoformat()}, too old to propose on: import fresh ones")
        else:
            yield Finding(f"payments of {name}", "ok", f"known as of {known.isoformat()}")
    yield from _calendars(runtime, calendars or {runtime.packs.pack(DEFAULT_PACK).calendar})


def _calendars(runtime: Runtime, names: set[str]) -> Iterator[Finding]:
    today = local_day(runtime.now(), runtime.settings.home_timezone)
    for name in sorted(names):
        for year in unpublished(runtime.packs.calendar(name), today):
            yield Finding(
                f"calendar {name}",
                "warning",
                f"the holiday notice of {year} is not in: make-up workdays (调休) are unknown and sums of working days say so; days of "
                f"silence are kept. A newer xianli may have it, or type it into policies/calendars/{name}-published.toml",
            )


def _mainland_numbers(rows: Rows, runtime: Runtime) -> Iterator[Finding]:
    if runtime.settings.twilio_account_sid is None or runtime.reaches("sms", MAINLAND):
        return
    if numbers := condition.numbers_of(rows, MAINLAND):
        yield Finding(
            "numbers",
            "warning",
            f"{numbers} are of the mainland (+86), where Twilio carries no demand: letters, visits and calls by hand reach them",
        )


def _broker(runtime: Runtime) -> Finding:
    try:
        with closing(
            Redis.from_url(str(runtime.settings.redis_url), socket_timeout=ANSWERS_WITHIN, socket_connect_timeout=ANSWERS_WITHIN)
        ) as broker:
            told: Any = broker.info("server")
    except (RedisError, ValueError) as refused:
        return Finding(
            "broker", "down", f"does not answer ({type(refused).__name__}): look at REDIS_URL; the sweep re-offers what was lost"
        )
    name = "Valkey" if "valkey_version" in told else "Redis"
    return Finding("broker", "ok", f"{name} {told.get('valkey_version') or told['redis_version']}")


def _web(runtime: Runtime) -> Finding:
    """A sandbox's web runs only as long as `xianli up`."""
    url = f"{runtime.settings.public_url.rstrip('/')}/health/ready"
    answer = _status(url)
    if answer == requests.codes.ok:
        return Finding("web", "ok", url)
    if runtime.settings.sandbox:
        return Finding("web", "warning", f"is not running at {runtime.settings.public_url}: `xianli up --sandbox` starts it")
    return Finding("web", "down", f"{url} {f'answers {answer}' if answer else 'does not answer'}: callbacks of providers do not arrive")


def _providers(runtime: Runtime) -> Iterator[Finding]:
    """Whether each can be reached and would take a message. The sandbox has its own carrier and leaves the real ones alone."""
    settings = runtime.settings
    if settings.sandbox:
        return
    for line in runtime.lines:
        if isinstance(line, ReportsHealth):
            health = line.check()
            yield Finding(f"channel {line.channel}", health.state, f"{LineName.of(line)}: {health.says}")
    urls = {"post": settings.post_url} | {f"timestamps {url}": url for url in settings.tsa_urls}
    for name, url in urls.items():
        if url is not None:
            answers = _status(url) is not None
            yield Finding(name, "ok" if answers else "down", url if answers else f"{url} does not answer")


def _status(url: str) -> int | None:
    """The HTTP status of an answer; None where there is none."""
    try:
        return requests.get(url, timeout=ANSWERS_WITHIN, allow_redirects=False).status_code
    except requests.RequestException:
        return None
