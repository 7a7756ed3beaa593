"""up: all processes on one machine under one supervisor; with --sandbox, a billing cycle lived in minutes."""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import requests
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from orchestrator import embedded, logs, tasks
from orchestrator.commands import shared
from orchestrator.evidence.seals import SealError
from orchestrator.migrations import upgrade
from orchestrator.runtime import opened, seal_of
from orchestrator.sandbox import beginning, days, summary
from orchestrator.sandbox.carrier import Carrier
from orchestrator.sandbox.days import Sandbox
from orchestrator.settings import Settings, SettingsError
from orchestrator.supervisor import Supervisor, print_line

WEB_PORT = 8000
WORKERS: Mapping[str, tuple[str, ...]] = {
    "worker-decide": ("decide", "receipts", "periodic", "intake", "evidence"),
    "worker-send": ("send.sms", "send.voice", "send.letter", "send.task"),
}
READY_WITHIN = 60.0
FOREIGN_PATIENCE = timedelta(seconds=5)
"""A server that stands in for Twilio tells of a delivery in its own time; the sandbox's clock waits this long for it."""


def up(
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="a sample community on a clock of its own; nothing leaves this machine")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="sandbox: end after the last day")] = False,
    days_to_live: Annotated[int, typer.Option("--days", min=1, help="sandbox: how many days to live")] = 60,
    pace: Annotated[float, typer.Option(min=0, help="sandbox: least real seconds a day takes")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="sandbox: the summary as one JSON object, last on stdout")] = False,
) -> None:
    """Start everything; Ctrl-C ends it."""
    try:
        settings = Settings.load(sandbox=True) if sandbox else Settings.load()
        seal_of(settings)
    except (SettingsError, SealError) as lacks:
        shared.fail(str(lacks), status=2)
    logs.configure()
    with embedded.completed(settings) as complete:
        upgrade(str(complete.owner_database_url), str(complete.database_url))
        if sandbox:
            _live(complete, days_to_live, pace, once, as_json)
        else:
            with _processes(complete, {}) as supervisor:
                supervisor.wait()


def _live(settings: Settings, days_to_live: int, pace: float, once: bool, as_json: bool) -> None:
    console = Console(stderr=True)
    carrier_url = f"http://127.0.0.1:{_free_port()}"
    providers = {"twilio_api_url", "alibaba_cloud_api_url"} - settings.model_fields_set
    own_carrier: dict[str, str | None] = {"post_url": carrier_url, **dict.fromkeys(providers, carrier_url)}
    if "twilio_api_url" in settings.model_fields_set:  # a server that stands in for Twilio serves every number, whatever its country
        own_carrier |= {"alibaba_cloud_access_key_id": None, "alibaba_cloud_access_key_secret": None}
    settings = settings.model_copy(update=own_carrier)
    with opened(settings) as runtime:
        tasks.process.lend(runtime)
        beginning.begin(runtime, days_to_live)
        hired = beginning.hire(runtime)
        with _processes(settings, {"carrier": _far_side(carrier_url)}) as supervisor:
            _await(carrier_url + "/sandbox/health")
            _await(f"{settings.public_url}/health/live")
            _introduce(console, settings, hired)
            if opened_cycle := beginning.open_cycle(runtime, beginning.SEED):
                console.print(f"campaign {opened_cycle.cycle}: {opened_cycle.cases} cases, {opened_cycle.arrears} in arrears")
            carrier = Carrier(carrier_url)
            with _progress(console, days_to_live) as on_day:
                patience = FOREIGN_PATIENCE if settings.twilio_api_url != carrier_url else timedelta(0)
                days.live(Sandbox(runtime, carrier, beginning.SEED, patience), pace=pace, on_day=on_day)
            lived = summary.summarise(runtime, carrier)
            print(json.dumps(lived, ensure_ascii=False) if as_json else _told(lived), flush=True)
            if not once:
                console.print(f"the {days_to_live} days are lived; the console stays up at {settings.public_url} until Ctrl-C")
                supervisor.wait()


@contextmanager
def _processes(settings: Settings, more: Mapping[str, list[str]]) -> Iterator[Supervisor]:
    """Web, workers, beat and flower (and the sandbox's carrier), with what they say in a log of the state folder."""
    environment = settings.as_environment()
    python = sys.executable
    with _log_file(settings) as emit, Supervisor(emit) as supervisor:
        for name, argv in more.items():
            supervisor.start(name, argv, environment, stops_last=True)
        web = [
            python,
            "-m",
            "uvicorn",
            "orchestrator.web.app:app",
            "--port",
            str(_web_port(settings)),
            "--no-access-log",
            "--log-level",
            "warning",
        ]
        supervisor.start("web", web, environment, stops_last=True)
        celery = [python, "-m", "celery", "-A", "orchestrator.tasks"]
        for name, queues in WORKERS.items():
            argv = [*celery, "worker", "-Q", ",".join(queues), "-c", "2", "-n", f"{name}@%h", "-E", "--without-gossip", "--without-mingle"]
            supervisor.start(name, [*argv, "--loglevel", "warning"], environment)
        supervisor.start("beat", [*celery, "beat", "--loglevel", "warning"], environment)
        flower = [
            *celery,
            "flower",
            "--address=127.0.0.1",
            f"--port={_port(settings.flower_url, 5555)}",
            "--url_prefix=flower",
            "--logging=warning",
        ]
        supervisor.start("flower", flower, environment)
        yield supervisor


@contextmanager
def _log_file(settings: Settings) -> Iterator[Callable[[str, str], None]]:
    """Every line of every process, by name, in `xianli.log`; errors on the terminal as well."""
    with (settings.state_dir / "xianli.log").open("a", encoding="utf-8") as file:

        def emit(name: str, line: str) -> None:
            file.write(f"{name:>14} | {line}\n")
            file.flush()
            if name == "supervisor" or '"level": "error"' in line or "ERROR" in line or "Traceback" in line:
                print_line(name, line)

        yield emit


def _far_side(url: str) -> list[str]:
    argv = [sys.executable, "-m", "orchestrator.sandbox.far_side", "--port", str(_port(url, 0))]
    return [*argv, "--seed", str(beginning.SEED), "--now", beginning.BEGAN.isoformat()]


def _introduce(console: Console, settings: Settings, hired: Mapping[str, str]) -> None:
    console.print(f"console: {settings.public_url}")
    for name, password in hired.items():
        console.print(f"  {name:<11} {password}", highlight=False)


@contextmanager
def _progress(console: Console, days_to_live: int) -> Iterator[Callable[[int, Any], None]]:
    columns = (
        TextColumn("day {task.completed:.0f} of {task.total:.0f}"),
        BarColumn(),
        TextColumn("{task.fields[date]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("days", total=days_to_live, date="")
        yield lambda day, then: progress.update(bar, completed=min(day - 1, days_to_live), date=f"{then.astimezone():%Y-%m-%d}")


def _await(url: str) -> None:
    """Until the page answers. Raises where it does not in a minute."""
    began = time.monotonic()
    while True:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        if time.monotonic() - began > READY_WITHIN:
            raise TimeoutError(f"{url} does not answer: see xianli.log in the state folder")
        time.sleep(0.1)


def _told(lived: Mapping[str, Any]) -> str:
    lines = [
        f"{channel}: {', '.join(f'{count} {state}' for state, count in states.items())}" for channel, states in lived["attempts"].items()
    ]
    evidence = lived["evidence"]
    return "\n".join(
        [
            f"{lived['cases']} cases, {lived['settled']} settled, {lived['escalated']} escalated, {lived['violations']} violations",
            *lines,
            f"evidence: {evidence['entries']} entries, {'verified' if evidence['verified'] else 'NOT VERIFIED'}",
        ]
    )


def _web_port(settings: Settings) -> int:
    """The sandbox is reached directly; a real installation stands behind a proxy that ends TLS."""
    return _port(settings.public_url, WEB_PORT) if settings.sandbox else WEB_PORT


def _port(url: str, otherwise: int) -> int:
    return urlsplit(url).port or otherwise


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
