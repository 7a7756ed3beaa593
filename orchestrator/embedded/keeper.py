"""Keeps one server running for as long as anybody uses it.

    python -I -S keeper.py FOLDER LOCK_FD STOP_SIGNAL PROGRAM [ARGUMENT...]

Run as a program, with the standard library alone, in a session of its own: a Ctrl-C in the terminal reaches the users of a
server before it reaches the server. Nothing here trusts a pid found in a file; the kernel's locks say who lives, because it
drops them with their holder, even after kill -9:

    users.lock    shared by every process that uses the server. The keeper waits for it alone: when it gets it, nobody is left
    server.lock   held by the keeper and inherited by the server and all its children: while it is held, something of it lives
    keeper.pid    held and written by the keeper alone: while it is held, the pid in it is the keeper's

`PROGRAM` is the launcher, with MY-KEEPER where our pid belongs, so that the kernel stops the server when we are killed. A server
that dies by itself is started again; one that dies as soon as it is first started is left to its starter, who reads the log.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ENDINGS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
STOP_SECONDS = 20
STILLBORN_SECONDS = 3
PAUSE_SECONDS = 0.5


def detach() -> None:
    """The caller reaps us at once and never meets a zombie; whoever adopts orphans reaps what goes on."""
    if os.fork():
        os._exit(0)


def hold_pid_file() -> None:
    descriptor = os.open("keeper.pid", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())


def end_when_unused() -> None:
    with Path("users.lock").open("rb") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait()


def launch(program: list[str], lock: int) -> "subprocess.Popen[bytes]":
    named = [str(os.getpid()) if word == "MY-KEEPER" else word for word in program]
    return subprocess.Popen(named, pass_fds=(lock,), start_new_session=True)


def stop(server: "subprocess.Popen[bytes]", stop_signal: int) -> None:
    server.send_signal(stop_signal)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def keep(program: list[str], lock: int, stop_signal: int) -> None:
    born = time.monotonic()
    while True:
        server = launch(program, lock)
        while server.poll() is None:
            if signal.sigwait({signal.SIGCHLD, *ENDINGS}) in ENDINGS:
                return stop(server, stop_signal)
        if time.monotonic() - born < STILLBORN_SECONDS:
            return None
        print(f"keeper: the server ended with {server.returncode}, starting it again", file=sys.stderr, flush=True)
        time.sleep(PAUSE_SECONDS)
        if signal.sigpending() & ENDINGS:
            return None


def main(arguments: list[str]) -> None:
    folder, lock, stop_signal, *program = arguments
    os.chdir(folder)
    os.umask(0o077)
    detach()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, *ENDINGS})
    hold_pid_file()
    threading.Thread(target=end_when_unused, daemon=True).start()
    keep(program, int(lock), int(stop_signal))


if __name__ == "__main__":
    main(sys.argv[1:])
