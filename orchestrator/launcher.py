"""Becomes another program that cannot outlive the process that asked for it.

    python -I -S launcher.py PARENT SIGNAL UID:GID PROGRAM [ARGUMENT...]

Run as a program, with the standard library alone. A parent-death signal belongs to the process that asks for it, and changing
the user forgets it: so both happen here, between fork and exec, without code running in a forked copy of a threaded parent.
`PARENT` is the pid expected as our parent; had it died before the signal was set, nobody would ever tell us, so we look after
setting it. `UID:GID` of `-` keeps the user. `SIGNAL` is sent by Linux only; elsewhere the program runs without it.
"""

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG = 1
PARENT_IS_GONE = 75
MY_KEEPER: Final = "MY-KEEPER"
# No site packages, no environment, no locale: these start in a few milliseconds, and from a path that the caller's locale cannot spell.
ISOLATED: Final = (sys.executable, "-I", "-S", "-X", "utf8")


def command(program: list[str], *, parent: int | str, death_signal: signal.Signals, user: tuple[int, int] | None = None) -> list[str]:
    """The argument list that starts `program` under `parent`, as `user` (uid, gid) where root may choose.

    A keeper does not know its pid until it runs: it puts it where `parent` says MY_KEEPER.
    """
    who = f"{user[0]}:{user[1]}" if user else "-"
    return [*ISOLATED, __file__, str(parent), str(int(death_signal)), who, *program]


def _become(user: str) -> None:
    if user == "-":
        return
    uid, gid = map(int, user.split(":"))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _die_with(parent: int, death_signal: int) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(PARENT_IS_GONE)


def main(arguments: list[str]) -> None:
    parent, death_signal, user, *program = arguments
    _become(user)
    _die_with(int(parent), int(death_signal))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        os.execvp(program[0], program)
    except OSError as refused:
        sys.exit(f"{program[0]}: {refused.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
