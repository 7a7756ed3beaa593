"""今日 Today: the proof matrix filling from red to green, what waits for whom, how old the data is."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from orchestrator import sealing
from orchestrator.reports.proof_matrix import Matrix, matrix
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, pages, pages_evidence, pages_matrix, senders, steering
from orchestrator.store.pages_evidence import Audited
from orchestrator.store.senders import Resting
from orchestrator.store.steering import Kept
from orchestrator.web.console.page import Page, Visit, endpoint
from orchestrator.web.console.strips import bars, scale
from orchestrator.web.console.words import CHANNELS
from policies.calendar import unpublished
from policies.limitation import FORMAL_DEMAND_BELOW_DAYS
from policies.localtime import local_day

BACKLOG_TOO_OLD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sandbox stands: which day of how many, and where its carrier shows what it saw."""

    day: int
    days: int
    now: datetime
    carrier: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """All that the first page shows of one community."""

    community: Any | None
    communities: list[Any]
    matrix: Matrix | None
    buildings: list[str]
    building: str | None
    counters: Any
    limitation: int
    steered: list[Kept]
    newest: list[Any]
    standing: Standing | None
    resting: list[Resting]
    today: date


class Today(Page):
    path = "/"
    route_name = "index"
    label = ("今日", "Today")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        board = self._board(visit)
        return self.draw(visit, "today.html", self._context(visit, board) | {"warnings": self._warnings(visit, board)})

    @endpoint("/live")
    def live(self, visit: Visit) -> Response:
        """What changed since: the state of every bar, and the parts of the page that carry figures."""
        board = self._board(visit)
        context = self._context(visit, board)
        cells = {str(bar.charge_id): [bar.proof, bar.title] for row in context["strips"].values() for bar in row}
        parts = {name: self._part(visit, f"parts/{name}.html", context) for name in ("counters", "tally", "newest", "standing")}
        return JSONResponse({"cells": cells, "parts": parts})

    def _board(self, visit: Visit) -> Board:
        now = self.now()
        with self.runtime.store.begin() as rows:
            communities = pages.communities(rows, visit.scope)
            wanted = visit.number("community", 0)
            community = next((each for each in communities if each.id == wanted), communities[0] if communities else None)
            today = local_day(now, community.timezone if community else self.runtime.settings.home_timezone)
            drawn = read_matrix(rows, community, self.runtime, today) if community else None
            buildings = [each.name for each in drawn.buildings] if drawn else []
            building = visit.asked("building") if visit.asked("building") in buildings else None
            return Board(
                community=community,
                communities=communities,
                matrix=drawn.of_building(building) if drawn and building is not None else drawn,
                buildings=buildings,
                building=building,
                counters=pages.counters(rows, visit.scope, now),
                limitation=len(drawn.cases_below(FORMAL_DEMAND_BELOW_DAYS)) if drawn else 0,
                steered=steering.kept(rows, visit.scope),
                newest=pages.newest(rows, visit.scope),
                resting=senders.all_resting(rows),
                standing=self._standing(rows, today, community),
                today=today,
            )

    def _standing(self, rows: Rows, today: date, community: Any | None) -> Standing | None:
        settings = self.runtime.settings
        clock = pages.sandbox(rows) if settings.sandbox else None
        if clock is None or community is None:
            return None
        began = local_day(clock.began, community.timezone)
        days = (local_day(clock.ends, community.timezone) - began).days
        return Standing(min((today - began).days + 1, days), days, clock.now, settings.post_url)

    def _context(self, visit: Visit, board: Board) -> dict[str, Any]:
        drawn = scale(board.matrix) if board.matrix else None
        strips = {}
        if board.matrix is not None and drawn is not None:
            for building in board.matrix.buildings:
                for row in building.rows:
                    strips[row.account_id] = list(bars(row, board.matrix, drawn, visit.language, board.community.currency))  # type: ignore[union-attr]
        return {"board": board, "scale": drawn, "strips": strips, "now": self.now()}

    def _part(self, visit: Visit, template: str, context: dict[str, Any]) -> str:
        assert self.templates is not None
        drawn: str = self.templates.env.get_template(template).render(request=visit.request, person=visit.person, **context)
        return drawn

    def _warnings(self, visit: Visit, board: Board) -> list[str]:
        if board.community is None:
            return [visit.say("还没有小区：请先导入欠费明细。", "No community yet: import its arrears first.")]
        warnings, now = [], self.now()
        for year in unpublished(self.runtime.packs.rules(board.community.pack).calendar, board.today):
            warnings.append(
                visit.say(
                    f"{year}年的放假安排尚未录入：法定节日和静默日照算，调休未知，涉及工作日的计算会注明。",
                    f"The holiday notice of {year} is not in yet: days of silence are kept, make-up workdays are unknown, "
                    "and working-day sums say so.",
                )
            )
        as_of = board.community.payments_as_of
        if as_of is None or as_of < now - self.runtime.settings.payments_max_age:
            warnings.append(
                visit.say(
                    "收款数据已过时：在导入新的收款或欠费数据之前不会再联系任何人。",
                    "Payment data is stale: nobody is contacted before fresh data is imported.",
                )
            )
        if board.standing is None and board.counters.oldest_due is not None and board.counters.oldest_due < now - BACKLOG_TOO_OLD:
            warnings.append(visit.say("有案件到时未处理：请检查后台进程。", "Due cases are not being asked: look at the workers."))
        for each in board.resting:
            channel = visit.say(*CHANNELS[each.line.channel])
            warnings.append(
                visit.say(
                    f"{channel}通道（{each.line}）连续被拒（{each.error_code}），已暂停发送：由下一个发送号接替，"
                    f"没有则案件原地等待。修复后运行 xianli sender reset {each.line.channel}，或等自动试发。",
                    f"{channel} through {each.line} is refused again and again ({each.error_code}): it rests, the next sender carries "
                    f"what it would, or its cases wait where they stand. Once mended: xianli sender reset {each.line.channel}, or wait for "
                    "the next try.",
                )
            )
        if board.counters.parked:
            warnings.append(
                visit.say(f"{board.counters.parked} 个案件因故障搁置。", f"{board.counters.parked} cases are parked after a failure.")
            )
        if visit.person.may("read_evidence"):
            with self.runtime.store.begin() as rows:
                warnings += evidence_warnings(visit, self.runtime, rows, pages_evidence.last_audit(rows))
        return warnings


def evidence_warnings(visit: Visit, runtime: Runtime, rows: Rows, audited: Audited | None) -> list[str]:
    """What of the evidence log a person should see to: its last audit, and what is not sealed, copied or stamped."""
    warnings = [visit.say(each.zh, each.says[:1].upper() + each.says[1:]) for each in sealing.lacks(rows, runtime)]
    if audited is not None and not audited.verified:
        found = audited.faults_in_all
        warnings.insert(
            0,
            visit.say(
                f"证据日志核验不通过：{found} 处不符。不要改动数据库，保留现场，立即联系法务；位置见“证据”页。",
                f"The evidence log does not verify in {found} places: change nothing in the database, keep it as it is, call counsel; "
                "the page Evidence names them.",
            ),
        )
    return warnings


def read_matrix(rows: Rows, community: Any, runtime: Runtime, today: date) -> Matrix:
    rules = runtime.packs.rules(community.pack, community.sequence)
    return matrix(pages_matrix.read(rows, community.id), rules, community.timezone, today)
