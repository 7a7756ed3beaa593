"""When a contact is best made, where a pack says so. A wish that orders worklists, never a permission: windows alone permit."""

from datetime import datetime

from policies.facts import Channel
from policies.localtime import closing, local_day, opening
from policies.rules import Rules
from policies.windows import Place


def is_preferred(rules: Rules, channel: Channel, place: Place, at: datetime) -> bool:
    """Whether `at` is a good time for such a home, by the debtor's own wall clock. A make-up workday (调休) is a workday."""
    wish = rules.pack.preferred.get(channel)
    if wish is None or (wish.residential_only and place.unit_use != "residential"):
        return False
    day = local_day(at, place.timezone)
    if wish.workdays_only and not rules.calendar.kind(day).worked:
        return False
    return any(opening(day, hours.opens, place.timezone) <= at < closing(day, hours.closes, place.timezone) for hours in wish.hours)
