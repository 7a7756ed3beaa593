"""The wire to a provider: an answer has to be whole in time, however it arrives."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest
import requests
from requests.exceptions import RequestException

from channels.contract import LookupFailed
from channels.twilio_line import TwilioAccount
from channels.wire import Wire, never_left
from tests.channels.conftest import Settings

WITHIN = 0.4
PAUSE = 0.05
"""Between two bytes: no single wait is long."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: identity\r\nContent-Length: 4000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextlib.contextmanager
def dribbling(at_once: bytes, then: Iterator[bytes]) -> Iterator[str]:
    """A server that answers with some bytes, then with more, one at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            caller, _ = listening.accept()
            with caller, contextlib.suppress(OSError):
                caller.recv(65_536)
                caller.sendall(at_once)
                for byte in then:
                    time.sleep(PAUSE)
                    caller.sendall(byte)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            thread.join(10)


def asked(url: str) -> requests.Response:
    wire = Wire(answer_seconds=WITHIN)
    with contextlib.closing(wire), requests.Session() as session:
        wire.recorder().mount_on(session, url)
        return session.get(url)


@pytest.mark.parametrize(
    ("at_once", "then"),
    [(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), (HEAD, b" "), (CHUNKED, b"1\r\n \r\n"), (CHUNKED + b"fff\r\n", b" ")],
    ids=["in its head", "in its body", "in chunks", "in one chunk"],
)
def test_an_answer_that_dribbles_is_given_up_in_time_and_may_have_been_meant(at_once: bytes, then: bytes) -> None:
    with dribbling(at_once, repeat(then, 40)) as url:
        began = time.monotonic()
        with pytest.raises(RequestException) as lost:
            asked(url)
        assert time.monotonic() - began < 2 * WITHIN
    assert not never_left(lost.value)


def test_an_answer_that_is_slow_but_whole_in_time_is_taken() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    with dribbling(head, chain([b"a", b"b", b"c"])) as url:
        assert asked(url).content == b"abc"


def test_a_connection_that_is_used_again_has_the_whole_time_again() -> None:
    one = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            caller, _ = listening.accept()
            with caller:
                for _ in range(4):
                    caller.recv(65_536)
                    time.sleep(WITHIN * 0.6)
                    caller.sendall(one + b"x")

        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        wire = Wire(answer_seconds=WITHIN)
        with contextlib.closing(wire), requests.Session() as session:
            wire.recorder().mount_on(session, url)
            assert [session.get(url).text for _ in range(4)] == ["x"] * 4
        thread.join(10)


def test_a_recording_that_dribbles_is_given_up_in_time(tmp_path: Path) -> None:
    sound = b"HTTP/1.1 200 OK\r\nContent-Type: audio/x-wav\r\nContent-Length: 4000\r\n\r\n"
    with dribbling(sound, repeat(b"x", 40)) as url:
        began = time.monotonic()
        with pytest.raises(LookupFailed):
            TwilioAccount(Settings(tmp_path, twilio_api_url=url)).media("Recordings/RE1.wav", within=WITHIN)
        assert time.monotonic() - began < 2 * WITHIN
