"""When a step is done, so that the cursor may move past it."""

from policies.facts import Channel

TRIES = 2
"""A call or a visit that met nobody is tried once more; after that it is given up (contract section 3: the second no-answer)."""

UNANSWERED = frozenset({"no_answer", "busy"})


def is_done(channel: Channel, outcome: str, unanswered: int) -> bool:
    """Whether a step whose last try on `channel` ended in `outcome` is done or given up.

    `unanswered` counts the tries of this step that met nobody, this one included. An automated call that nobody takes is never given
    up: it becomes an agent call.

    >>> is_done("sms", "delivered", 0), is_done("call", "no_answer", 1), is_done("call", "busy", 2), is_done("voice", "no_answer", 2)
    (True, False, True, False)
    """
    if outcome not in UNANSWERED:
        return True
    return channel != "voice" and unanswered >= TRIES
