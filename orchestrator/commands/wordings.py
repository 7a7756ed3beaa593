"""wording template set, list, remove: what providers approved beforehand, where they take nothing else."""

import tomllib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from orchestrator import templating
from orchestrator.commands import shared
from orchestrator.store import templates
from orchestrator.wordings.approved import Approved
from orchestrator.wordings.notice import Language

Json = Annotated[bool, typer.Option("--json", help="one JSON object per line")]
By = Annotated[str, typer.Option("--as", help="who does it: a user's name")]
Provider = Annotated[str, typer.Option(help="whose template it is: alibaba")]
Name = Annotated[str, typer.Option(help="the wording that it says: notice-sms, thank-you, courtesy-call, …")]
In = Annotated[str, typer.Option("--language", help="zh or en")]
FIELDS = ("provider", "wording", "language", "template_id", "signature", "text", "approved_at")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Wordings (文案).")
template = typer.Typer(no_args_is_help=True, help="Templates that a provider approved (报备模板).")
app.add_typer(template, name="template")


@template.command("set")
def set_template(
    by: By,
    file: Annotated[Path | None, typer.Argument(help="a TOML file with all of these; [[template]] tables for several")] = None,
    provider: Provider = "alibaba",
    wording: Name = "",
    language: In = "zh",
    template_id: Annotated[str, typer.Option("--id", help="the provider's id; of a call the ids of its texts, with / between")] = "",
    signature: Annotated[str, typer.Option(help="the name in 【】 before a text; of a call the number it shows")] = "",
    text: Annotated[str, typer.Option(help="the approved text with its ${blanks}; of a call its texts, one to a line")] = "",
    approved_at: Annotated[str, typer.Option(help="when it was approved, ISO 8601; today")] = "",
    as_json: Json = False,
) -> None:
    """Take over a template as the provider approved it; the one before it retires. It is linted and must name what the law wants named."""
    stated = {
        "provider": provider,
        "wording": wording,
        "language": language,
        "template_id": template_id,
        "signature": signature,
        "text": text,
        "approved_at": approved_at,
    }
    with shared.runtime() as runtime:
        for fields in [stated] if file is None else _read(file):
            at = datetime.fromisoformat(fields["approved_at"]) if fields.get("approved_at") else runtime.now()
            made = _made(fields)
            templating.put(runtime, made, at if at.tzinfo else at.astimezone(), by)
            shared.show({**asdict(made), "approved_at": at, "state": "approved"}, as_json, _plain)


@template.command("list")
def list_templates(as_json: Json = False) -> None:
    """Every template, those in force first."""
    with shared.runtime() as runtime, runtime.store.begin() as rows:
        for each in templates.listed(rows):
            shared.show(asdict(each), as_json, _plain)


@template.command("remove")
def remove_template(by: By, wording: Name, provider: Provider = "alibaba", language: In = "zh", as_json: Json = False) -> None:
    """Take a template out of force: campaigns that would need it are refused from now on."""
    with shared.runtime() as runtime:
        if not templating.retire(runtime, (provider, wording, language), by):
            raise LookupError(f"{provider} has no template in force for {wording} [{language}]")
        shared.show({"provider": provider, "wording": wording, "language": language, "state": "retired"}, as_json)


def _read(file: Path) -> list[dict[str, str]]:
    """Raises ValueError."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as unread:
        raise ValueError(f"{file} cannot be read: {unread.strerror}") from unread
    except tomllib.TOMLDecodeError as garbled:
        raise ValueError(f"{file} is no TOML: {garbled}") from garbled
    tables = data.get("template", [data])
    if not isinstance(tables, list):
        raise ValueError(f"{file}: write each template as a table [[template]]")
    return [{name: str(value) for name, value in table.items()} for table in tables]


def _made(fields: dict[str, str]) -> Approved:
    """Raises ValueError naming what lacks or is not known."""
    if unknown := fields.keys() - set(FIELDS):
        raise ValueError(f"a template has no {min(unknown)}; it has {', '.join(FIELDS)}")
    for name in FIELDS[:-1]:
        shared.said(name, fields.get(name, ""))
    if fields["language"] not in ("zh", "en"):
        raise ValueError(f"language: {fields['language']!r} is neither zh nor en")
    return Approved(
        provider=fields["provider"],
        wording=fields["wording"],
        language=cast(Language, fields["language"]),
        template_id=fields["template_id"],
        signature=fields["signature"],
        text=fields["text"].strip("\n"),
    )


def _plain(line: dict[str, Any]) -> str:
    return (
        f"{line['provider']} {line['wording']} [{line['language']}] {line['template_id']} 【{line['signature']}】 {line['state']}"
        f" since {line['approved_at']:%Y-%m-%d}\n  {line['text']}"
    )
