"""A debtor's text as it comes in: what it means, and which case it answers. What follows is decided when it is heard (conversation.py)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from channels.contract import CLOCK_SKEW, InboundMessage, KeepsInbound, LookupFailed, Received
from channels.lines import LineName
from channels.replies import Reply, understand
from orchestrator import logs
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, correspondence, hearing, senders
from orchestrator.store.correspondence import Text, WrittenTo
from orchestrator.store.hearing import Heard
from policies.localtime import local_day

ANSWERS_FOR = timedelta(days=60)
"""A reply is taken for an answer to the last text sent to its number, unless that was longer ago. A wish to stop is never too late."""

BEYOND_DOUBT = timedelta(days=3)
"""Where two debtors share a number, the later text is meant if it left so long after the other (policy, ours); else a person decides."""

LONGEST_REPLY = 1_000
"""As much of a debtor's words as staff are shown; the raw bytes are kept whole."""

FOR_THE_NUMBER = ("stop", "start", "help")
"""What is about the number, whichever debtor was written to last."""

FIRST_LOOK = timedelta(days=3)
"""How far back a line is asked that was never asked before (ours): longer than any outage that nobody mended."""


def fetch(runtime: Runtime) -> list[int]:
    """Take in what was written to us while nobody was there to hear it, each text once; the ids of what is new.

    No transaction is open while a provider is asked. One that cannot be asked is asked from the same moment on the next time.
    """
    new: list[int] = []
    for line in runtime.lines:
        if not isinstance(line, KeepsInbound):
            continue
        name, wall = LineName.of(line), runtime.wall()
        with runtime.store.begin() as rows:
            since = senders.listened_until(rows, name) or wall - FIRST_LOOK
        try:
            found = line.received(since - CLOCK_SKEW)
        except LookupFailed as failed:
            logs.logger.warning("what was written to us cannot be asked for", line=name.provider, why=str(failed))
            continue
        with runtime.store.begin() as rows:
            new += hearing.keep(rows, receive(rows, runtime, line.provider, found), runtime.now(), runtime.wall())
            senders.listened(rows, name, wall)
    return new


def receive(rows: Rows, runtime: Runtime, provider: str, texts: Sequence[Received]) -> list[Heard]:
    """The texts with their meaning and their case. Where nobody can tell whose case one is, it names all that it may be, and no attempt."""
    if not texts:
        return []
    now, wall, vault = runtime.now(), runtime.wall(), runtime.store.vault
    asked = [Text(vault.digest(each.written.sender), each.written.recipient, min(each.written.said_at or wall, wall)) for each in texts]
    known = correspondence.written_to(rows, asked)
    points = correspondence.points(rows, [each.digest for each in asked])
    cases = correspondence.open_cases(rows, sorted({point for of_number in points.values() for point in of_number}))
    return [
        _heard(runtime, provider, each, now - (wall - text.said), answers, points.get(text.digest, []), cases)
        for each, text, answers in zip(texts, asked, known, strict=True)
    ]


def _heard(
    runtime: Runtime,
    provider: str,
    received: Received,
    said_at: datetime,
    known: list[WrittenTo],
    points: list[int],
    cases: Mapping[int, list[int]],
) -> Heard:
    written = received.written
    reply = _meant(written, local_day(said_at, known[0].timezone if known else runtime.settings.home_timezone))
    answered = _answered(reply, known, said_at - ANSWERS_FOR)
    return Heard(
        kind="reply",
        provider=provider,
        provider_id=written.provider_id,
        attempt_id=answered.attempt_id if answered else None,
        status="received",
        detail={
            "reply": reply.kind,
            "on": reply.on.isoformat() if reply.on else None,
            "text": written.body[:LONGEST_REPLY],
            "calls": reply.calls,
            "in_words": reply.in_words,
            "answered": written.answered,
            "points": points,
            "cases": [] if answered else _maybe(known, points, cases, said_at - ANSWERS_FOR),
        },
        said_at=said_at,
        raw=received.raw,
    )


def _meant(written: InboundMessage, today: date) -> Reply:
    """A keyword that the provider acted on is that wish, in whatever language: what it blocks, nobody may send round it by another line."""
    reply = understand(written.body, today)
    return Reply(written.wish) if written.wish and written.wish != reply.kind else reply


def _answered(reply: Reply, known: list[WrittenTo], since: datetime) -> WrittenTo | None:
    if reply.kind in FOR_THE_NUMBER:
        return known[0] if known else None
    recent = [each for each in known if each.sent_at >= since]
    if len(recent) > 1 and recent[0].sent_at - recent[1].sent_at < BEYOND_DOUBT:
        return None
    return recent[0] if recent else None


def _maybe(known: list[WrittenTo], points: list[int], cases: Mapping[int, list[int]], since: datetime) -> list[int]:
    """The cases among which a person has to choose: those written to, else whatever cases the number's people have."""
    written = {each.case_id for each in known if each.case_id is not None and each.sent_at >= since}
    return sorted(written or {case_id for point in points for case_id in cases.get(point, [])})
