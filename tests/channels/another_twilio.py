"""A stranger that speaks Twilio's API: written from its published description, sharing nothing with our own carrier.

It takes texts and calls, forgets to answer, answers in every lawful form of HTTP, lists what it has in any order and in small pages, has a
clock of its own, and calls back early, late, twice or never. What it does to one recipient follows from its seed.
"""

import base64
import gzip
import hashlib
import hmac
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

PAGE = 2
"""Messages of one page, whatever size was asked for."""

ANSWERED = ("plain", "ok", "chunked", "gzip", "closed", "lower", "callback first")
TAKEN_UNANSWERED = ("reset", "broken off", "half", "page", "empty", "error page")
NOT_TAKEN = ("reset before", "unavailable before")
REFUSED = ("too many",)

TEXTS = (
    (("sent", None), ("delivered", None)),
    (("delivered", None),),
    (("sending", None), ("sent", None), ("delivered", None), ("read", None)),
    (("sent", None), ("undelivered", 30003)),
    (("sent", None),),
    (("canceled", None),),
    (("failed", 30005),),
)
CALLS = (
    (("ringing", None), ("in-progress", "human"), ("completed", "human")),
    (("in-progress", "machine_start"), ("completed", "machine_start")),
    (("initiated", None), ("ringing", None), ("no-answer", None)),
    (("busy", None),),
    (("ringing", None), ("failed", None)),
)


@dataclass
class Taken:
    """`said` are the genuine callbacks, whether they were brought or lost."""

    sid: str
    kind: str
    to: str
    sender: str
    body: str
    asked: dict[str, str]
    at: datetime
    created: datetime
    status: str = "queued"
    error: int | None = None
    answered_by: str | None = None
    said: list[dict[str, str]] = field(default_factory=list)

    @property
    def attempt(self) -> int:
        return int(self.asked["StatusCallback"].rsplit("/", 1)[1])


class AnotherTwilio:
    """`now` is when things happen; its own clock is `skew` off. Closed by `close`."""

    def __init__(self, account: str, token: str, now: Callable[[], datetime], seed: int, skew: timedelta) -> None:
        self.account, self._token, self._now, self.seed, self._skew = account, token, now, seed, skew
        self.taken: list[Taken] = []
        self.written: list[Taken] = []
        """What people wrote to us."""
        self.answers: dict[int, list[str]] = {}
        """By attempt, how each of its requests was answered."""
        self.listings = 0
        self._ahead: list[tuple[datetime, int, Taken, str, Any]] = []
        self._late: list[tuple[datetime, str, dict[str, str]]] = []
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"server_of": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    # What is asked of it

    def mood(self, kind: str, form: dict[str, str]) -> str:
        """How this request is answered."""
        attempt = int(form["StatusCallback"].rsplit("/", 1)[1])
        asked = self.answers.setdefault(attempt, [])
        chance = Random(f"{self.seed}|{form['To']}|{kind}|{attempt}|{len(asked)}")
        ways = chance.choices((ANSWERED, TAKEN_UNANSWERED, NOT_TAKEN, REFUSED), (60, 25, 8, 7))[0]
        asked.append(chance.choice(ways))
        return asked[-1]

    def take(self, kind: str, form: dict[str, str]) -> Taken:
        with self._lock:
            number = len(self.taken)
            prefix = "CA" if kind == "voice" else ("SM", "MM")[number % 2]
            sid = prefix + hashlib.md5(f"{self.seed}{number}".encode(), usedforsecurity=False).hexdigest()
            body = form.get("Body", "").strip().replace("\n", "\r\n") + ("\n" if number % 3 else "")
            now = self._now()
            taken = Taken(sid, kind, form["To"], form.get("From", ""), body, form, now, now + self._skew)
            self.taken.append(taken)
            chance = Random(f"{self.seed}|{form['To']}|{kind}|{taken.attempt}|life")
            begins = now + timedelta(seconds=chance.choice((7, 90)))
            for place, (status, more) in enumerate(chance.choice(TEXTS if kind == "sms" else CALLS)):
                self._ahead.append((begins + place * timedelta(seconds=7), place, taken, status, more))
            return taken

    def write(self, sender: str, to: str, body: str) -> str:
        """Somebody writes, and nobody is told."""
        now = self._now()
        sid = "SM" + hashlib.md5(f"{self.seed}{sender}{len(self.written)}".encode(), usedforsecurity=False).hexdigest()
        self.written.append(Taken(sid, "sms", to, sender, body, {}, now, now + self._skew, status="received"))
        return sid

    def listed(self, kind: str, to: str | None) -> list[Taken]:
        """By recipient alone, in no order: what was written to them, whoever wrote it."""
        self.listings += 1
        found = [each for each in (*self.taken, *self.written) if each.kind == kind and each.to == to]
        Random(self.seed).shuffle(found)
        return found

    # What becomes of it

    def live(self, now: datetime) -> datetime | None:
        """All that is due happens and is told; when something happens next."""
        with self._lock:
            due = sorted((each for each in self._ahead if each[0] <= now), key=lambda each: (each[0], each[1], each[2].sid))
            self._ahead = [each for each in self._ahead if each[0] > now]
        told = [(each, form) for _, _, each, status, more in due for form in self._happens(each, status, more, now)]
        Random(f"{self.seed}|{now}").shuffle(told)
        for each, form in told:
            self.post(each.asked["StatusCallback"], form)
        late, self._late = [each for each in self._late if each[0] <= now], [each for each in self._late if each[0] > now]
        for _, url, form in late:
            self.post(url, form)
        return min([*(each[0] for each in self._ahead), *(each[0] for each in self._late)], default=None)

    def _happens(self, taken: Taken, status: str, more: Any, now: datetime) -> Iterator[dict[str, str]]:
        taken.status = status
        if taken.kind == "sms":
            taken.error = more
        else:
            taken.answered_by = more
        if status == "in-progress":
            self.post(taken.asked["Url"], self.words(taken))
        form = self.words(taken)
        taken.said.append(form)
        match Random(f"{self.seed}|{taken.sid}|{status}").choices(("once", "twice", "late", "never"), (60, 12, 14, 14))[0]:
            case "once":
                yield form
            case "twice":
                yield from (form, form)
            case "late":
                self._late.append((now + timedelta(minutes=3), taken.asked["StatusCallback"], form))

    def words(self, taken: Taken) -> dict[str, str]:
        form = {"ApiVersion": "2010-04-01", "AccountSid": self.account, "From": taken.sender, "To": taken.to}
        if taken.kind == "sms":
            form |= {"MessageSid": taken.sid, "SmsSid": taken.sid, "MessageStatus": taken.status, "SmsStatus": taken.status}
            return form | ({"ErrorCode": str(taken.error)} if taken.error else {})
        form |= {"CallSid": taken.sid, "CallStatus": taken.status, "Direction": "outbound-api"}
        return form | ({"AnsweredBy": taken.answered_by} if taken.answered_by else {})

    def post(self, url: str, form: dict[str, str], token: str | None = None) -> int:
        """A callback, signed as Twilio documents it."""
        signed = url + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new((token or self._token).encode(), signed.encode(), hashlib.sha1).digest()
        headers = {"x-twilio-signature": base64.b64encode(digest).decode(), "I-Twilio-Idempotency-Token": "1"}
        return requests.post(url, data=form, headers=headers, timeout=30).status_code


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: AnotherTwilio

    def log_message(self, *words: object) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), keep_blank_values=True))
        kind = "voice" if self.path.endswith("/Calls.json") else "sms"
        mood = self.server_of.mood(kind, form)
        if mood == "reset before":
            return self._reset()
        if mood == "unavailable before":
            return self._send(503, b"<html>no healthy upstream</html>", "text/html")
        if mood == "too many":
            refusal = {"code": 20429, "message": "Too Many Requests", "status": 429}
            return self._send(429, json.dumps(refusal).encode(), "application/json", {"retry-after": "2"})
        taken = self.server_of.take(kind, form)
        if mood == "callback first":
            self.server_of.post(form["StatusCallback"], self.server_of.words(taken) | _said(taken, "queued"))
        return self._answer(mood, json.dumps(self._as_json(taken)).encode())

    def _answer(self, mood: str, body: bytes) -> None:
        match mood:
            case "reset":
                self._reset()
            case "broken off":
                self.close_connection = True
            case "half":
                self._send(201, body[: len(body) // 2], "application/json", {"Content-Length": str(len(body))})
                self.close_connection = True
            case "page":
                self._send(200, b"<html>please log in</html>", "text/html")
            case "empty":
                self._send(201, b"", "application/json")
            case "error page":
                self._send(500, json.dumps({"code": 20500, "message": "Internal Server Error", "status": 500}).encode(), "application/json")
            case "chunked":
                self._chunked(body)
            case "gzip":
                self._send(201, gzip.compress(body), "application/json", {"Content-Encoding": "gzip"})
            case "closed":
                self._send(201, body, "application/json", {"Connection": "close"})
            case "lower":
                self._send(201, body, "application/json; charset=utf-8", {"twilio-request-id": "RQ1"})
            case "ok":
                self._send(200, body, "application/json")
            case _:
                self._send(201, body, "application/json")

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        kind, name = ("voice", "calls") if "/Calls" in url.path else ("sms", "messages")
        if not url.path.endswith(("/Calls.json", "/Messages.json")):
            sid = url.path.rsplit("/", 1)[1].removesuffix(".json")
            (found,) = [each for each in self.server_of.taken if each.sid == sid]
            return self._send(200, json.dumps(self._as_json(found)).encode(), "application/json")
        found_all = self.server_of.listed(kind, query.get("To"))
        start = int(query.get("PageToken", "P0")[1:])
        shown, left = found_all[start : start + PAGE], found_all[start + PAGE :]
        following = f"{url.path}?{urlencode({**query, 'PageToken': f'P{start + PAGE}'})}"
        page = {
            name: [self._as_json(each) for each in shown],
            "first_page_uri": url.path,
            "next_page_uri": ((self.server_of.url if start else "") + following) if left else None,
            "page_size": PAGE,
        }
        return self._send(200, json.dumps(page).encode(), "application/json")

    def _as_json(self, taken: Taken) -> dict[str, Any]:
        created = format_datetime(taken.created)
        common = {
            "account_sid": self.server_of.account,
            "sid": taken.sid,
            "to": taken.to,
            "from": taken.sender,
            "status": taken.status,
            "date_created": created,
            "date_updated": created,
            "direction": "inbound" if taken in self.server_of.written else "outbound-api",
        }
        if taken.kind == "sms":
            return common | {"body": taken.body, "date_sent": None, "error_code": taken.error, "num_segments": "1", "price": None}
        return common | {"answered_by": taken.answered_by, "duration": None, "start_time": None}

    def _send(self, status: int, body: bytes, media: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": media, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _chunked(self, body: bytes) -> None:
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), 100):
            chunk = body[start : start + 100]
            self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True


def _said(taken: Taken, status: str) -> dict[str, str]:
    return {"MessageStatus": status, "SmsStatus": status} if taken.kind == "sms" else {"CallStatus": status}
