"""Cases are worked by the very versions of pack and sequence they entered under, until a member of staff renews them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from orchestrator.packs import pack_content
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, versions
from orchestrator.store.campaigns import Versions
from orchestrator.store.versions import PinnedCase, Renewal
from orchestrator.versions import Content, Kind, Pin, content_of
from policies.segments import place_in


def installed(runtime: Runtime, pack_name: str, sequence_names: Iterable[str]) -> Versions:
    """The installed versions of a pack and of these sequences."""
    pack = runtime.packs.pack(pack_name)
    return Versions(pack.name, pack.digest, {name: runtime.packs.sequence(name).digest for name in sequence_names})


def pin(rows: Rows, runtime: Runtime, pack_name: str, sequence_names: Sequence[str], now: datetime) -> Versions:
    """The same, kept for good."""
    used: list[tuple[Kind, Content]] = [("sequence", content_of(runtime.packs.sequence(name))) for name in sequence_names]
    versions.keep(rows, [("pack", pack_content(pack_name)), *used], now, runtime.wall())
    return installed(runtime, pack_name, sequence_names)


def renew(runtime: Runtime, community: str, by: str) -> int:
    """Work a community's cases by the installed versions; how many were under older ones.

    Where its sequence changed, a case goes on at the first step that it does not have behind it.
    """
    with runtime.store.begin() as rows:
        now = runtime.now()
        found = [(case, _renewal(runtime, case)) for case in versions.pinned(rows, community)]
        older = [renewal for case, renewal in found if (case.pack, case.sequence) != (renewal.pack, renewal.sequence)]
        for pack_name in sorted({renewal.pack.name for renewal in older}):
            pin(rows, runtime, pack_name, sorted({renewal.sequence.name for renewal in older}), now)
        versions.renew(rows, older, by, now, runtime.wall())
        return len(older)


def _renewal(runtime: Runtime, case: PinnedCase) -> Renewal:
    pack, sequence = runtime.packs.pack(case.pack.name), runtime.packs.sequence(case.sequence.name)
    moved = sequence.digest != case.sequence.digest
    cursor = place_in(sequence, case.done) if moved else case.cursor
    return Renewal(case.id, Pin(pack.name, pack.digest), Pin(sequence.name, sequence.digest), cursor)
