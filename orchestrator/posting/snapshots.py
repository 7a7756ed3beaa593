"""The post answers queries about a letter for one year (邮政法 49): its record is fetched on day 1, 3, 7, 30 and 300, and kept.

Where the post's desk is connected it is asked; elsewhere staff fetch the export and import it (orchestrator.intake.tracking), and find one
task a community on the days on which some letter of it is due.
"""

from hashlib import sha256
from typing import Protocol, runtime_checkable

from channels.contract import LookupFailed
from channels.letter import Tracked
from orchestrator.runtime import Runtime
from orchestrator.store import casefiles, hearing, letters
from orchestrator.store.casefiles import CaseKey
from orchestrator.store.hearing import Heard
from orchestrator.store.letters import Due, Snapshot

AT_ONCE = 200
"""Letters asked about in one round; the next goes on."""


@runtime_checkable
class TracksLetters(Protocol):
    def track(self, provider_id: str, attempt_id: int) -> Tracked: ...


def tend(runtime: Runtime) -> None:
    """Fetch what is due from the post's desk; put what only people can fetch before them."""
    with runtime.store.begin() as rows:
        due = letters.due_snapshots(rows, runtime.now())
    for each in [each for each in due if each.provider == "post"][:AT_ONCE]:
        _fetch(each, runtime)
    remind(runtime)


def _fetch(due: Due, runtime: Runtime) -> None:
    desk = runtime.lines.of("letter", "post")
    if not isinstance(desk, TracksLetters):
        return
    try:
        tracked = desk.track(due.waybill, due.attempt_id)
    except LookupFailed:
        return
    word, raw = tracked.receipt, tracked.exchange
    with runtime.store.begin() as rows:
        now, wall = runtime.now(), runtime.wall()
        letter = letters.lock(rows, due.attempt_id)
        proof = {"request": raw.request, "response": raw.response}
        taken = Snapshot(letter, "desk", word.status, word.at, word.signer or "", sha256(raw.response).digest(), proof)
        letters.snap(rows, [taken], now, wall)
        hearing.keep(rows, [Heard.of(word, raw.response)], now, wall)


def remind(runtime: Runtime, by: str | None = None) -> None:
    """One open task for each community with letters that are due; those of the others are done (`by` whom), or called off."""
    with runtime.store.begin() as rows:
        now = runtime.now()
        communities = sorted({each.community_id for each in letters.due_snapshots(rows, now) if each.provider != "post"})
        letters.settle_tracking_tasks(rows, communities, by, now)
        casefiles.add_tasks(rows, [CaseKey(None, each, 0) for each in communities], "check", "tracking", now)
