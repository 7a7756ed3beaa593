"""The last moment before a byte leaves: an attempt that may still go is marked as leaving by the first line that works.

    claimed -> leaving by a line -> its sender is refused for reasons of its own -> leaving by the next -> ... -> none is left

Each arrow is a transaction. After a crash between two of them the attempt is `sending` by the line it was last marked for; past its
deadline its outcome is unknown, and is looked up there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from channels.contract import Refused
from channels.lines import LineName
from orchestrator.store import Rows, concluding
from orchestrator.store.senders import REST
from orchestrator.store.writing import SENDING, Claimed


def mark_sending(
    rows: Rows, attempt: Claimed, ways: Sequence[LineName], now: datetime, wall: datetime, within: timedelta = SENDING
) -> LineName | None:
    """Still ours, still in time and in its window, nothing changed since the claim, the number not opted out: the line by which it
    leaves, of these the first that does not rest.

    None: it may no longer leave.
    """
    return _mark(rows, _LEAVE, attempt, ways, {"now": now, "wall": wall, "until": wall + within})


def move_on(
    rows: Rows,
    attempt: Claimed,
    line: LineName,
    refused: Refused,
    ways: Sequence[LineName],
    now: datetime,
    wall: datetime,
    within: timedelta = SENDING,
    rest: timedelta = REST,
) -> LineName | None:
    """The sender of `line` was refused, which certainly sent nothing: the next of `ways` by which the same attempt leaves.

    None: none is left, or the attempt may no longer leave; then nothing was written, and the refusal is what became of it.
    """
    rows.execute(concluding.LOCK_CASE, {"id": attempt.case_id})
    values = {"now": now, "wall": wall, "until": wall + within, "by": line.provider, "under": line.sender, "name": refused.provider_id}
    chosen = _mark(rows, _LEAVE_ANEW, attempt, ways, values)
    if chosen is not None:
        concluding.keep_answer(rows, attempt, line, refused, now, wall, rest)
    return chosen


def _mark(rows: Rows, query: object, attempt: Claimed, ways: Sequence[LineName], values: dict[str, object]) -> LineName | None:
    given = {
        "id": attempt.id,
        "channel": attempt.channel,
        "providers": [way.provider for way in ways],
        "senders": [way.sender for way in ways],
    }
    chosen = rows.execute(query, given | values).one_or_none()  # type: ignore[call-overload]
    return LineName(attempt.channel, chosen.provider, chosen.sender) if chosen else None


_FIRST_AT_WORK = """
    (SELECT n.provider, n.sender
       FROM unnest(CAST(:providers AS text[]), CAST(:senders AS text[])) WITH ORDINALITY AS n(provider, sender, place)
       LEFT JOIN sender_state s ON s.channel = :channel AND s.provider = n.provider AND s.sender = n.sender
      WHERE (s.resting_since IS NULL OR s.trial = :id) AND (s.waits_until IS NULL OR s.waits_until <= :wall)
      ORDER BY s.trial = :id DESC NULLS LAST,
               EXISTS (SELECT FROM attempt mine JOIN attempt before ON before.case_id = mine.case_id AND before.step = mine.step
                        WHERE mine.id = :id AND before.id <> :id AND before.provider = n.provider AND before.sender = n.sender
                          AND before.error_class IN ('blocked', 'config')),
               n.place
      LIMIT 1) AS way"""
"""One that is to be tried with this attempt goes first, one that was refused on an earlier round of the step last."""

_UNCHANGED = """
    NOT EXISTS (SELECT FROM "case" c WHERE c.id = a.case_id AND (c.state <> 'open' OR c.changes <> a.claimed_changes))
    AND (a.step IN ('answer-stop', 'answer-stop-all')
         OR NOT EXISTS (SELECT FROM opt_out o WHERE o.contact_point_id = a.contact_point_id AND o.channel = a.channel))
    AND EXISTS (SELECT FROM message g WHERE g.attempt_id = a.id AND g.valid_until > :now)
"""
"""Nor has its window closed while it waited for its turn, nor its number opted out: what confirms that it did is the last word it hears."""

_LEAVE = text(f"""
    UPDATE attempt a SET state = 'sending', provider = way.provider, sender = way.sender,
                         sending_until = :until, sent_at = :now, sent_at_wall = :wall
      FROM {_FIRST_AT_WORK}
     WHERE a.id = :id AND a.state = 'claimed' AND a.claimed_until > :wall AND {_UNCHANGED}
 RETURNING way.provider, way.sender
""")

_LEAVE_ANEW = text(f"""
    UPDATE attempt a SET provider = way.provider, sender = way.sender, sending_until = :until, sent_at = :now, sent_at_wall = :wall,
                         refused_as = array_remove(array_append(a.refused_as, CAST(:name AS text)), NULL)
      FROM {_FIRST_AT_WORK}
     WHERE a.id = :id AND a.state = 'sending' AND a.provider = :by AND a.sender = :under AND {_UNCHANGED}
 RETURNING way.provider, way.sender
""")
