"""A page for people that shows what the carrier saw: each text, call and letter, its faults, and its callbacks with their answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from channels.carrier.bank import ZONE
from channels.carrier.callbacks import Callbacks, Told
from channels.carrier.consignments import Consignment
from channels.carrier.faults import Faults, Struck
from channels.carrier.world import World

FILES = Path(__file__).parent / "page_files"
MOST_SHOWN = 300
LONGEST_EXCERPT = 120
CHANNELS = ("sms", "voice", "letter", "inbound")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("沙盒运营商", "Sandbox carrier"),
    "now": ("沙盒时间", "Sandbox time"),
    "reload": ("刷新", "Reload"),
    "number": ("号码或地址含", "Number or address contains"),
    "channel": ("渠道", "Channel"),
    "all": ("全部", "All"),
    "show": ("筛选", "Show"),
    "sms": ("短信", "Text"),
    "voice": ("语音", "Call"),
    "letter": ("信件", "Letter"),
    "inbound": ("来信", "Text from a person"),
    "at": ("时间", "Time"),
    "to": ("发往", "To"),
    "body": ("内容", "Content"),
    "state": ("状态", "State"),
    "faults": ("故障", "Faults"),
    "callbacks": ("回调（答复）", "Callbacks (answers)"),
    "none": (
        "这里还没有任何短信、电话或信件。运行沙盒或调整筛选条件后再刷新。",
        "Nothing was seen here yet. Let the sandbox run, or change the filter, then reload.",
    ),
    "shown": ("共 {all} 件，显示最近 {shown} 件", "{all} in all, the latest {shown} shown"),
    "not taken": ("未受理的请求", "Requests that were not taken"),
    "unanswered": ("无答复", "no answer"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table."""

    seen: Consignment
    at: str
    excerpt: str
    faults: tuple[str, ...]
    told: tuple[Told, ...]


def routes(world: World, faults: Faults, callbacks: Callbacks) -> list[Route]:
    pages = Environment(loader=FileSystemLoader(FILES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    async def show(request: Request) -> Response:
        query = request.query_params
        channel, number = query.get("channel", ""), query.get("number", "").strip()
        found = list(_found(world, channel, number))
        lines = [_line(each, faults, callbacks) for each in found[:MOST_SHOWN]]
        language = _language(request)
        html = pages.get_template("seen.html").render(
            t=_words(language),
            language=language,
            now=f"{world.now.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
            channel=channel,
            number=number,
            channels=CHANNELS,
            lines=lines,
            found=len(found),
            refused=_refused(faults),
        )
        return HTMLResponse(html, headers=HEADERS)

    async def style(request: Request) -> Response:
        return FileResponse(FILES / "seen.css", media_type="text/css")

    return [Route("/", show, methods=["GET"]), Route("/sandbox/seen.css", style, methods=["GET"])]


def _found(world: World, channel: str, number: str) -> Iterator[Consignment]:
    """Newest first."""
    for each in reversed(world.consignments.values()):
        if (not channel or each.kind == channel) and (number in each.to or number in each.sender):
            yield each


def _line(seen: Consignment, faults: Faults, callbacks: Callbacks) -> Line:
    excerpt = seen.body if len(seen.body) <= LONGEST_EXCERPT else f"{seen.body[:LONGEST_EXCERPT]}…"
    doomed = ("undeliverable",) if seen.doomed else ()
    return Line(
        seen,
        f"{seen.at.astimezone(ZONE):%m-%d %H:%M:%S}",
        excerpt,
        (*faults.of(seen.sid), *doomed),
        tuple(callbacks.told.get(seen.sid, ())),
    )


def _refused(faults: Faults) -> list[Struck]:
    return [each for each in faults.struck if each.sid is None][-MOST_SHOWN:]


def _language(request: Request) -> str:
    """As asked for, else as the browser prefers; Chinese first."""
    asked = request.query_params.get("lang") or request.headers.get("Accept-Language", "zh")
    return "en" if asked.lower().startswith("en") else "zh"


def _words(language: str) -> Mapping[str, str]:
    return {name: words[language == "en"] for name, words in WORDS.items()}
