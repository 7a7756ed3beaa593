"""预测 Forecast: a community lived ahead, as it is worked now and as it would be otherwise. Looked at before rules are changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from orchestrator import forecasting, packs, pinning
from orchestrator.forecasting import RulesFor
from orchestrator.packs import UnknownPolicy
from orchestrator.runtime import Runtime
from orchestrator.store import campaigns, pages
from orchestrator.web.console.page import Page, Visit, endpoint
from policies.forecast import Difference, Forecast, compare

HORIZONS: Final = (30, 60, 90)
SEED: Final = 1
"""Always the same dice, so that what differs between two pages differs by the rules."""
SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A case that fares otherwise, by its homes."""

    units: list[str]
    difference: Difference


class Forecasts(Page):
    path = "/forecast"
    label = ("预测", "Forecast")

    @endpoint("")
    def index(self, visit: Visit) -> Response:
        with self.runtime.store.begin() as rows:
            communities = pages.communities(rows, visit.scope)
        wanted = visit.number("community", 0)
        community = next((each for each in communities if each.id == wanted), communities[0] if communities else None)
        days = visit.number("days", HORIZONS[0])
        context = {
            "communities": communities,
            "community": community,
            "days": days if days in HORIZONS else HORIZONS[0],
            "horizons": HORIZONS,
            "instead": visit.asked("instead"),
            "sequences": packs.sequence_names(),
            "packs": packs.pack_names(),
        }
        shown = self._lived(visit, community.name, context) if community is not None else {}
        return self.draw(visit, "forecast.html", {"now_worked": None, "otherwise": None, "differences": [], "alike": 0} | context | shown)

    @endpoint("/renew", act="approve_campaign")
    def renew(self, visit: Visit) -> Response:
        """Work a community's cases by the installed versions of their rules."""
        with self.runtime.store.begin() as rows:
            names = {str(each.id): each.name for each in pages.communities(rows, visit.scope)}
        community = names.get(visit.field("community"))
        if community is None:
            raise HTTPException(404)

        def renew() -> None:
            renewed = pinning.renew(self.runtime, community, visit.person.name)
            visit.tell(visit.say(f"{renewed} 个案件改按现行规则办理。", f"{renewed} cases are worked by the installed rules now."))

        return self.done(visit, f"/forecast?community={visit.field('community')}", renew)

    def _lived(self, visit: Visit, community: str, context: Mapping[str, Any]) -> dict[str, Any]:
        with self.runtime.store.begin() as rows:
            home = campaigns.community(rows, community)
            assert home is not None
            ahead = forecasting.of_community(rows, self.runtime, home, self.now())
        days = context["days"]

        def kept(lived: Forecast) -> dict[str, Any]:
            return forecasting.as_kept(lived, ahead.means, days, SEED)

        before = ahead.lived(forecasting.as_worked(self.runtime), days, SEED)
        instead = _rules_of(self.runtime, context["instead"])
        if instead is None:
            return {"now_worked": kept(before)}
        after = ahead.lived(instead, days, SEED)
        found = compare(before.lives, after.lives)
        told = [Told(sorted({charge.unit for charge in ahead.cases[each.case].facts.charges}), each) for each in found.differences[:SHOWN]]
        return {"now_worked": kept(before), "otherwise": kept(after), "differences": told, "alike": found.alike}


def _rules_of(runtime: Runtime, instead: str) -> RulesFor | None:
    """What `instead` of the query stands for; None where it stands for nothing there is."""
    kind, _, name = instead.partition(":")
    try:
        match kind:
            case "sequence":
                return forecasting.otherwise(runtime, sequence=name)
            case "pack":
                return forecasting.otherwise(runtime, pack=name)
            case "installed":
                return forecasting.otherwise(runtime)
    except UnknownPolicy:
        pass
    return None
