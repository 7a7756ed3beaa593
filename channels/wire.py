"""HTTP as evidence keeps it: the raw bytes of every request and response, credentials left out, and whether anything left at all."""

import http.client
import io
import socket
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import ConnectTimeout, InvalidSchema, InvalidURL, MissingSchema, RequestException
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from channels.contract import Exchange

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
"""From the request to the last byte of its answer: one that comes byte by byte must not hold a sender for ever."""
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})


class Wire:
    """A pool of connections to one provider, shared by the threads that send. Nothing here is ever retried."""

    def __init__(self, answer_seconds: float = READ_SECONDS) -> None:
        self._pool = _Pool(pool_maxsize=32, max_retries=0)
        self._answer_seconds = answer_seconds

    def recorder(self) -> "Recorder":
        return Recorder(self._pool, self._answer_seconds)

    def session(self, base_url: str) -> Session:
        """For what is read by its parts and kept as no exchange; the limit of time it is asked with is for the whole answer here too."""
        session = Session()
        session.mount("https://", self._pool)
        session.mount("http://", self._pool)
        session.trust_env = not _is_loopback(base_url)
        return session

    def close(self) -> None:
        self._pool.close()


class Recorder(BaseAdapter):
    """The transport of one conversation: it passes requests on to the shared pool and keeps their bytes."""

    def __init__(self, pool: HTTPAdapter, answer_seconds: float) -> None:
        super().__init__()
        self._pool = pool
        self._timeout = (CONNECT_SECONDS, answer_seconds)
        self._requests: list[bytes] = []
        self._responses: list[bytes] = []
        self.headers: Mapping[str, str] = {}
        """Of the last response."""

    @property
    def exchange(self) -> Exchange:
        return Exchange(b"\r\n\r\n".join(self._requests), b"\r\n\r\n".join(self._responses))

    def mount_on(self, session: Session, base_url: str) -> None:
        """Carry all that `session` sends. A proxy of the environment is never asked for a server on this machine."""
        session.mount("https://", self)
        session.mount("http://", self)
        session.trust_env = not _is_loopback(base_url)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Whatever limit the caller set: connecting and answering have limits of their own here, and both always."""
        self._requests.append(_request_bytes(request))
        response = self._pool.send(request, *args, **{**kwargs, "timeout": self._timeout})
        self._responses.append(_response_bytes(response))
        self.headers = response.headers
        return response

    def close(self) -> None:
        """The pool outlives each conversation."""


class _Pool(HTTPAdapter):
    """Connections whose limit of time is for a whole answer; by itself it begins anew with every byte."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _SecureConnection if isinstance(pool, HTTPSConnectionPool) else _Connection
        return pool


class _Answer(http.client.HTTPResponse):
    """Read from a socket whose timeout is the limit when reading begins."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_InTime(sock, self.fp.detach()))


class _InTime(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._sock = sock
        self._raw = raw
        self._until = time.monotonic() + (sock.gettimeout() or READ_SECONDS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer was not whole in time")
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Connection(HTTPConnection):
    response_class = _Answer


class _SecureConnection(HTTPSConnection):
    response_class = _Answer


PAUSE_SECONDS = 30.0
"""For which a sender is spared whose provider was not there, or had enough and did not say for how long."""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the time an answer names, which may be a date (RFC 9110, 10.2.3): by its own clock. None where it names none."""
    named = headers.get("Retry-After", "").strip()
    if named.isascii() and named.isdigit():
        return float(named)
    try:
        return max((parsedate_to_datetime(named) - parsedate_to_datetime(headers["Date"])).total_seconds(), 0.0)
    except (KeyError, TypeError, ValueError):
        return None


def never_left(error: RequestException) -> bool:
    """Whether certainly no byte of the request reached the provider: the connection itself never came about."""
    if isinstance(error, ConnectTimeout | InvalidURL | InvalidSchema | MissingSchema):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, ProxyError):
        reason = reason.original_error
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _request_bytes(request: PreparedRequest) -> bytes:
    headers = {"Host": urlsplit(request.url or "").netloc, **dict(request.headers or {})}
    body = request.body or b""
    if not isinstance(body, bytes | str):
        raise TypeError("a request of this program has its whole body in memory")
    return _head(f"{request.method} {request.path_url} HTTP/1.1", headers) + (body.encode() if isinstance(body, str) else body)


def _response_bytes(response: Response) -> bytes:
    return _head(f"HTTP/1.1 {response.status_code} {response.reason}", response.headers) + response.content


def _head(first_line: str, headers: Mapping[str, str | bytes]) -> bytes:
    lines = [first_line.encode()]
    for name, value in headers.items():
        if name.lower() not in _CREDENTIALS:
            lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join([*lines, b"", b""])
