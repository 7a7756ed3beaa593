"""Loads rule packs, calendars and sequences, and hands them on as values with their digests.

Packs and calendars are the TOML files in `policies/`, sequences its modules. A company's own distribution adds sequences under the
entry-point group `xianli.policies` (each a `Sequence`) and packs under `xianli.packs` (each the path of a TOML file). A pack may build on
another (`extends`): its tables replace the base's.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import policies
from orchestrator import calendars, soundness
from orchestrator.strict import Malformed, Table, list_of, one_of, text, toml, truth, whole
from orchestrator.versions import Content, Kept, Kind, Pin, content_of, digest_of, sequence_of
from policies.calendar import Calendar
from policies.facts import CHANNELS, Channel
from policies.limits import MEMORY_DAYS, longest_days
from policies.localtime import DAY_MINUTES, UnknownZone, zone
from policies.rules import Binding, Cap, Counted, Hours, Preferred, Provenance, RulePack, Rules
from policies.sequences import Sequence

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

POLICIES = Path(policies.__file__).parent
DEFAULT_PACK = "cn-property"
DEFAULT_SEQUENCE = "standard"
SEQUENCE_GROUP = "xianli.policies"
PACK_GROUP = "xianli.packs"


class UnknownPolicy(Malformed):
    """No pack, calendar or sequence of that name; the message lists those there are."""


class Packs:
    """Everything there is to choose from, each read when first asked for and then kept: rules are compared by identity."""

    def __init__(self) -> None:
        self._packs: dict[str, RulePack] = {}
        self._calendars: dict[str, Calendar] = {}
        self._sequences: dict[str, Sequence] = {}
        self._rules: dict[tuple[str, str], Rules] = {}
        self._pinned: dict[tuple[Pin, Pin], Rules] = {}

    def rules(self, pack_name: str = DEFAULT_PACK, sequence_name: str = DEFAULT_SEQUENCE) -> Rules:
        """The same value each time. Raises UnknownPolicy, Malformed."""
        known = self._rules.get((pack_name, sequence_name))
        if known is None:
            pack = self.pack(pack_name)
            known = Rules(pack, self.calendar(pack.calendar), self.sequence(sequence_name))
            self._rules[pack_name, sequence_name] = known
        return known

    def pack(self, name: str) -> RulePack:
        if name not in self._packs:
            pack = _read_pack(name, pack_content(name))
            _check_blackout(pack, self.calendar(pack.calendar))
            if longest_days(pack) > MEMORY_DAYS:
                raise Malformed(f"pack {name}: a cap looks back {longest_days(pack)} days, contacts are read for {MEMORY_DAYS}")
            self._packs[name] = pack
        return self._packs[name]

    def calendar(self, name: str) -> Calendar:
        if name not in self._calendars:
            if not calendars.there_is(name):
                raise UnknownPolicy(f"unknown calendar {name!r}")
            self._calendars[name] = calendars.read(name)
        return self._calendars[name]

    def sequence(self, name: str) -> Sequence:
        if name not in self._sequences:
            self._sequences[name] = frozen(_find_sequence(name))
        return self._sequences[name]

    def pinned(self, pack: Pin, sequence: Pin, kept: Kept) -> Rules:
        """The rules of these very versions, however pack and sequence have changed since. Raises UnknownPolicy where one was not kept."""
        known = self._pinned.get((pack, sequence))
        if known is None:
            its_pack, its_sequence = self._pinned_pack(pack, kept), self._pinned_sequence(sequence, kept)
            if (its_pack, its_sequence) == (self._packs.get(pack.name), self._sequences.get(sequence.name)):
                known = self.rules(pack.name, sequence.name)
            else:
                known = Rules(its_pack, self.calendar(its_pack.calendar), its_sequence)
            self._pinned[pack, sequence] = known
        return known

    def _pinned_pack(self, pin: Pin, kept: Kept) -> RulePack:
        if pin.name in pack_names() and self.pack(pin.name).digest == pin.digest:
            return self.pack(pin.name)
        return _read_pack(pin.name, _found("pack", pin, kept))

    def _pinned_sequence(self, pin: Pin, kept: Kept) -> Sequence:
        if pin.name in sequence_names() and self.sequence(pin.name).digest == pin.digest:
            return self.sequence(pin.name)
        return sequence_of(_found("sequence", pin, kept))

    def check(self) -> None:
        """Reads all of them. Raises Malformed at the first that cannot be honoured."""
        for pack_name in pack_names():
            self.pack(pack_name)
        for sequence_name in sequence_names():
            self.sequence(sequence_name)


def load() -> Packs:
    return Packs()


def prime_rates(name: str = "cn-lpr") -> tuple[tuple[date, Decimal], ...]:
    """Published loan rates, each from its day on, as a share per year: for `policies.money.court_likely_rates`."""
    table = Table(toml((POLICIES / "rates" / f"{name}.toml").read_bytes(), f"rates {name}"), f"rates {name}")
    rates = [rate for series in table.take("series", list_of(_read_rates)) for rate in series]
    table.close()
    if rates != sorted(rates):
        raise Malformed(f"rates {name}: they do not follow one another in time")
    return tuple(rates)


def _read_rates(value: Any, place: str) -> tuple[tuple[date, Decimal], ...]:
    series = Table(value, place)
    series.take("source", text)
    lines = [line.split() for line in series.take("rates", text).splitlines() if line]
    series.close()
    return tuple((date.fromisoformat(since), Decimal(share)) for since, share in lines)


def pack_names() -> tuple[str, ...]:
    return tuple(sorted({*_our_packs(), *(point.name for point in _joined(PACK_GROUP))}))


def sequence_names() -> tuple[str, ...]:
    return tuple(sorted({*_our_sequences(), *(point.name for point in _joined(SEQUENCE_GROUP))}))


def _our_packs() -> dict[str, Path]:
    return {path.stem: path for path in (POLICIES / "packs").glob("*.toml")}


def _our_sequences() -> dict[str, str]:
    """Sequence name to module name."""
    modules = (path.stem for path in (POLICIES / "sequences").glob("*.py") if path.stem != "__init__")
    return {module.replace("_", "-"): f"policies.sequences.{module}" for module in modules}


def _joined(group: str) -> "EntryPoints":
    """What other distributions offer. Imported only here: reading their metadata is slow, and our own policies do not need it."""
    from importlib.metadata import entry_points

    return entry_points(group=group)


def _joined_under(group: str, name: str) -> Any:
    """What another distribution offers by that name; None where nobody does."""
    return next((point.load() for point in _joined(group) if point.name == name), None)


def _find_sequence(name: str) -> Sequence:
    ours = _our_sequences()
    found: Any = import_module(ours[name]).SEQUENCE if name in ours else _joined_under(SEQUENCE_GROUP, name)
    if found is None:
        raise UnknownPolicy(f"unknown sequence {name!r}: there are {', '.join(sequence_names())}")
    if not isinstance(found, Sequence) or found.name != name:
        raise Malformed(f"sequence {name}: the entry point must be a Sequence of that name")
    return found


def frozen(sequence: Sequence) -> Sequence:
    """The sequence with its digest. Raises Malformed where a step cannot be honoured."""
    soundness.check(sequence)
    return replace(sequence, digest=digest_of(content_of(sequence)))


def _found(kind: Kind, pin: Pin, kept: Kept) -> Content:
    content = kept(kind, pin.digest)
    if content is None:
        raise UnknownPolicy(
            f"{kind} {pin.name}@{pin.digest} is not installed and was not kept: `xianli case renew` works its cases by what is"
        )
    return content


def _check_blackout(pack: RulePack, calendar: Calendar) -> None:
    if unknown := pack.blackout - set(calendar.named):
        raise Malformed(f"pack {pack.name}: blackout days {', '.join(sorted(unknown))} are not in calendar {calendar.name}")


def _read_pack(name: str, content: Content) -> RulePack:
    table = Table(content, f"pack {name}")
    provenance: list[Provenance] = []

    def sourced(key: str) -> Table:
        inner = table.take(key, Table)
        provenance.append(_provenance(inner, key))
        return inner

    blackout, commercial, period, suit = (sourced(key) for key in ("blackout", "commercial", "reasonable_period", "suit"))
    home_zone = table.take("home_zone", text)
    pack = RulePack(
        name=table.take("name", one_of((name,))),
        digest=digest_of(content),
        home_zone=None if home_zone == "debtor" else _zone_name(home_zone, table.place("home_zone")),
        calendar=table.take("calendar", text),
        hours=_read_hours(table.take("windows", Table), provenance),
        blackout=frozenset(blackout.take("days", list_of(text))),
        caps=_read_caps(table.take("caps", Table, Table({})), provenance),
        commercial_from=commercial.take("from", _minute),
        reasonable_days=period.take("days", whole),
        posting_days=period.take("posting_days", whole),
        suit_needs_written=suit.take("written_demand", truth),
        preferred=_read_preferred(table.take("preferred", Table, Table({})), provenance),
        requirements=table.take("requirements", list_of(text), ()),
        opt_out_line=_read_truth(table, "electronic", "opt_out_line", provenance),
        answers_at_night=_read_truth(table, "answers", "at_night", provenance),
        **_read_visits(table.take("visits", Table, Table({})), provenance),
        provenance=tuple(provenance),
    )
    for each in (table, blackout, commercial, period, suit):
        each.close()
    return pack


def _read_truth(table: Table, key: str, name: str, provenance: list[Provenance]) -> bool:
    """A table of one sourced truth; where a pack has none, it does not hold."""
    inner = table.take(key, Table, None)
    if inner is None:
        return False
    provenance.append(_provenance(inner, key))
    said = inner.take(name, truth)
    inner.close()
    return said


def pack_content(name: str) -> dict[str, Any]:
    """The pack's tables over those of the pack it extends."""
    path = _our_packs().get(name) or _joined_under(PACK_GROUP, name)
    if path is None:
        raise UnknownPolicy(f"unknown pack {name!r}: there are {', '.join(pack_names())}")
    content = toml(path.read_bytes(), f"pack {name}")
    base = content.pop("extends", None)
    if base is None:
        return content
    if base == name:
        raise Malformed(f"pack {name} extends itself")
    return _over(pack_content(base), content)


def _over(base: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Tables that hold named tables (windows, caps) are joined one level down; any other value is replaced whole."""
    merged = {**base, **content}
    for key in ("windows", "caps"):
        if key in base and key in content:
            merged[key] = {**base[key], **content[key]}
    return merged


def _read_hours(windows: Table, provenance: list[Provenance]) -> dict[Channel, tuple[Hours, ...]]:
    hours: dict[Channel, tuple[Hours, ...]] = {}
    for channel in CHANNELS:
        window = windows.take(channel, Table)
        provenance.append(_provenance(window, f"windows.{channel}"))
        hours[channel] = window.take("hours", list_of(_hours))
        window.close()
    windows.close()
    return hours


def _read_preferred(preferred: Table, provenance: list[Provenance]) -> dict[Channel, Preferred]:
    wishes: dict[Channel, Preferred] = {}
    for name in preferred.names():
        channel, wish = one_of(CHANNELS)(name, preferred.place(name)), preferred.take(name, Table)
        provenance.append(_provenance(wish, f"preferred.{name}"))
        hours, workdays, homes = (
            wish.take("hours", list_of(_hours)),
            wish.take("workdays_only", truth),
            wish.take("residential_only", truth),
        )
        wishes[channel] = Preferred(hours, workdays, homes)
        wish.close()
    return wishes


def _read_caps(caps: Table, provenance: list[Provenance]) -> tuple[Cap, ...]:
    return tuple(_read_cap(name, caps.take(name, Table), provenance) for name in caps.names())


def _read_cap(name: str, table: Table, provenance: list[Provenance]) -> Cap:
    provenance.append(_provenance(table, f"caps.{name}"))
    cap = Cap(
        name=name,
        channels=frozenset(table.take("channels", list_of(one_of(CHANNELS)))),
        counts=table.take("counts", one_of(get_args(Counted))),
        limit=table.take("limit", whole),
        days=table.take("days", whole),
        scope=table.take("scope", one_of(("debtor", "debt")), "debtor"),
    )
    table.close()
    if not cap.channels or cap.limit < 1 or cap.days < 1:
        raise Malformed(f"cap {name}: it needs a channel, and a limit and days of 1 or more")
    return cap


def _read_visits(visits: Table, provenance: list[Provenance]) -> dict[str, int]:
    """How many go to a door. A pack that does not say leaves it to the house: one, and two where a demand is served formally."""
    if not visits.names():
        return {}
    provenance.append(_provenance(visits, "visits"))
    persons = {"visit_persons": visits.take("persons", whole), "formal_visit_persons": visits.take("formal", whole)}
    visits.close()
    return persons


def _provenance(table: Table, value: str) -> Provenance:
    return Provenance(value, table.take("binding", one_of(get_args(Binding))), table.take("source", text))


def _hours(value: Any, place: str) -> Hours:
    opens, dash, closes = text(value, place).partition("-")
    if not dash:
        raise Malformed(f"{place}: expected hours such as 09:00-20:00, got {value!r}")
    hours = Hours(_minute(opens, place), _minute(closes, place))
    if hours.opens == hours.closes or hours.opens == DAY_MINUTES:
        raise Malformed(f"{place}: {value!r} never opens")
    return hours


def _minute(value: Any, place: str) -> int:
    hour, _, minute = text(value, place).partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(minute) < 60 and int(hour) * 60 + int(minute) <= DAY_MINUTES):
        raise Malformed(f"{place}: expected a time of day such as 09:00, got {value!r}")
    return int(hour) * 60 + int(minute)


def _zone_name(name: str, place: str) -> str:
    try:
        zone(name)
    except UnknownZone as unknown:
        raise Malformed(f"{place}: {unknown}") from unknown
    return name
