"""A debtor's text as it comes in: what it means, and which case it answers. What follows is decided when it is heard (conversation.py)."""

from datetime import date, datetime, timedelta

from channels.replies import Reply, understand
from channels.sms import InboundMessage
from orchestrator.runtime import Runtime
from orchestrator.store import Rows, correspondence
from orchestrator.store.correspondence import WrittenTo
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


def receive(rows: Rows, runtime: Runtime, provider: str, written: InboundMessage, raw: bytes) -> Heard:
    """The text with its meaning and its case. Where nobody can tell whose case it is, it names all that it may be, and no attempt."""
    now, wall = runtime.now(), runtime.wall()
    said = min(written.said_at or wall, wall)
    said_at = now - (wall - said)
    digest = runtime.store.vault.digest(written.sender)
    known = correspondence.written_to(rows, digest, written.recipient, said)
    today = local_day(said_at, known[0].timezone if known else runtime.settings.home_timezone)
    reply = _meant(written, today)
    answered = _answered(reply, known, said_at - ANSWERS_FOR)
    points = correspondence.points(rows, digest)
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
            "cases": [] if answered else _maybe(rows, known, points, said_at - ANSWERS_FOR),
        },
        said_at=said_at,
        raw=raw,
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


def _maybe(rows: Rows, known: list[WrittenTo], points: list[int], since: datetime) -> list[int]:
    """The cases among which a person has to choose: those written to, else whatever cases the number's people have."""
    written = [each.case_id for each in known if each.case_id is not None and each.sent_at >= since]
    return sorted(written) or correspondence.open_cases(rows, points)
