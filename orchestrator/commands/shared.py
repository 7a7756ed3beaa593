"""What every command does alike: a runtime for its short life, lines of JSON, and errors that end with the right status."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import typer
from sqlalchemy.exc import OperationalError

from orchestrator import embedded
from orchestrator.embedded import EmbeddedError
from orchestrator.migrations import upgrade
from orchestrator.runtime import Runtime, opened
from orchestrator.settings import Settings, SettingsError


@contextmanager
def runtime() -> Iterator[Runtime]:
    """The runtime of a command: settings of the environment, or, where that says nothing, the sandbox of the state folder.

    A sandbox's schema is brought up to date by itself; any other waits for `xianli migrate`.
    Bad input (ValueError, LookupError) exits with 2 and its message on stderr; a database that does not answer with 1.
    """
    try:
        with embedded.completed(Settings.load_for_command()) as settings:
            if settings.sandbox:
                upgrade(str(settings.owner_database_url), str(settings.database_url))
            with opened(settings) as it:
                yield it
    except SettingsError as lacks:
        fail(str(lacks), status=2)
    except (ValueError, LookupError) as wrong:
        fail(str(wrong), status=2)
    except EmbeddedError as unstarted:
        fail(str(unstarted), status=1)
    except OperationalError:
        fail("the database does not answer: look at DATABASE_URL, or leave it out to use the embedded one", status=1)


def fail(message: str, *, status: int) -> None:
    typer.echo(f"xianli: {message}", err=True)
    raise typer.Exit(status)


def said(option: str, value: str) -> str:
    """What must be said and not left blank. Raises ValueError."""
    if not value.strip():
        raise ValueError(f"{option} is empty")
    return value.strip()


def show(line: dict[str, Any], as_json: bool, plain: Callable[[dict[str, Any]], str] | None = None) -> None:
    """One JSON object on a line, or the same for people."""
    if as_json:
        print(json.dumps(line, ensure_ascii=False, default=_text), file=sys.stdout, flush=True)
    else:
        typer.echo(plain(line) if plain else "  ".join(f"{name}={_shown(value)}" for name, value in line.items() if value is not None))


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else _text(value) if isinstance(value, (datetime, date)) else str(value)


def _text(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not shown")
