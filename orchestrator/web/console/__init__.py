"""The staff console, on starlette-admin's shell: its login, its menu, its CSRF protection; the pages are ours."""

import logging
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.middleware import Middleware
from starlette_admin import BaseAdmin

from orchestrator.runtime import Runtime
from orchestrator.web.console import charts, operations, session, words
from orchestrator.web.console.campaigns import Campaigns
from orchestrator.web.console.case_evidence import CaseEvidence
from orchestrator.web.console.cases import Cases, Letters
from orchestrator.web.console.cash import Cash
from orchestrator.web.console.downloads import Files
from orchestrator.web.console.evidence import Evidence
from orchestrator.web.console.forecasts import Forecasts
from orchestrator.web.console.forms import Forms
from orchestrator.web.console.letters import LetterBatches
from orchestrator.web.console.operations import Operations
from orchestrator.web.console.originals import Originals
from orchestrator.web.console.search import Search
from orchestrator.web.console.today import Today
from orchestrator.web.console.visits import Visits
from orchestrator.web.console.words import LANGUAGES, Language
from orchestrator.web.console.work import Approvals, Tasks

_WEB = Path(str(files("orchestrator.web")))


class _Shell(BaseAdmin):
    """starlette-admin, with its check of forms bounded."""

    def _init_csrf(self) -> None:
        assert self.secret_key is not None
        self.middlewares.append(Middleware(Forms, secret_key=self.secret_key))


def mount(app: FastAPI, runtime: Runtime) -> None:
    """Put the console under `/`, behind everything that is mounted already."""
    logging.getLogger("starlette_admin").setLevel(logging.ERROR)  # it logs addresses and names at lower levels
    staff = session.Staff(runtime)
    admin = _Shell(
        title="先礼 Xianli",
        base_url="/",
        templates_dir=str(_WEB / "templates"),
        additional_loaders=[FileSystemLoader(_WEB / "templates")],
        static_dir=str(_WEB / "static"),
        index_view=Today(runtime),
        auth_provider=staff,
        secret_key=runtime.settings.secret_key,
        middlewares=[session.middleware(runtime)],
        timezone_config=None,
    )
    for page in (
        Campaigns,
        Forecasts,
        Cases,
        Approvals,
        Tasks,
        Visits,
        LetterBatches,
        Cash,
        Evidence,
        Originals,
        Files,
        Operations,
        Letters,
        CaseEvidence,
        Search,
    ):
        admin.add_view(page(runtime))
    admin.add_view(session.ChooseLanguage())
    _teach(admin.templates.env)
    app.router.routes.append(operations.table(runtime, staff))
    admin.mount_to(app)


def _teach(environment: Any) -> None:
    """What templates may say: both languages at the place of use, and the program's values by name."""
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals |= {"t": _say, "language": _language, "LANGUAGES": LANGUAGES}
    environment.filters |= {
        "word": _word,
        "sentence": _sentence,
        "moment": _moment,
        "dated": _dated,
        "day": _day,
        "money": words.money,
        "masked": words.masked,
    }
    environment.filters |= {"amount": _amount, "contacts_chart": charts.contacts, "hours_chart": charts.hours}
    environment.filters |= {"history_chart": charts.history}


def _amount(written: str, currency: str) -> str:
    """Money as a forecast keeps it: text."""
    return words.money(Decimal(written), currency)


@pass_context
def _language(context: Context) -> Language:
    return session.language_of(context["request"])


@pass_context
def _say(context: Context, zh: str, en: str) -> str:
    return (zh, en)[LANGUAGES.index(_language(context))]


@pass_context
def _word(context: Context, value: str | None, table: str) -> str:
    return words.word(table, value, _language(context))


@pass_context
def _sentence(context: Context, said: Any) -> str:
    return words.sentence(said, _language(context))


@pass_context
def _moment(context: Context, at: Any, timezone: str) -> str:
    return words.moment(at, timezone, _language(context))


@pass_context
def _dated(context: Context, at: Any, timezone: str) -> str:
    return words.dated(at, timezone, _language(context))


@pass_context
def _day(context: Context, on: Any) -> str:
    return words.day(on, _language(context))
