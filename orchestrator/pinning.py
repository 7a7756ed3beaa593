"""Cases are worked by the very versions of pack and sequence they entered under, until a member of staff renews them."""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.packs import pack_content
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, versions
from orchestrator.store.campaigns import Versions
from orchestrator.store.versions import PinnedCase, Renewal
from orchestrator.versions import Content, Kind, Pin, content_of
from policies.segments import place_in


def pin(rows: Rows, runtime: Runtime, pack_name: str, sequence_names: Iterable[str], now: datetime) -> Versions:
    """The installed versions of a pack and of these sequences, kept for good."""
    pack = runtime.packs.pack(pack_name)
    sequences = [runtime.packs.sequence(name) for name in sequence_names]
    used: list[tuple[Kind, Content]] = [("sequence", content_of(sequence)) for sequence in sequences]
    versions.keep(rows, [("pack", pack_content(pack_name)), *used], now, runtime.wall())
    return Versions(pack.name, pack.digest, {sequence.name: sequence.digest for sequence in sequences})


def renew(runtime: Runtime, community: str, by: str) -> int:
    """Work a community's cases by the installed versions; how many were under older ones.

    Where its sequence changed, a case goes on at the first step that it does not have behind it.
    """
    with runtime.store.begin() as rows:
        now = runtime.now()
        found = [(case, _installed(runtime, case)) for case in versions.pinned(rows, community)]
        older = [renewal for case, renewal in found if (case.pack, case.sequence) != (renewal.pack, renewal.sequence)]
        for pack_name in sorted({renewal.pack.name for renewal in older}):
            pin(rows, runtime, pack_name, sorted({renewal.sequence.name for renewal in older}), now)
        versions.renew(rows, older, by, now, runtime.wall())
        return len(older)


def _installed(runtime: Runtime, case: PinnedCase) -> Renewal:
    pack, sequence = runtime.packs.pack(case.pack.name), runtime.packs.sequence(case.sequence.name)
    moved = sequence.digest != case.sequence.digest
    cursor = place_in(sequence, case.done) if moved else case.cursor
    return Renewal(case.id, Pin(pack.name, pack.digest), Pin(sequence.name, sequence.digest), cursor)
