"""Flower behind the console's login: for administrators, to look at and nothing else."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.orchestrator.web.conftest import Client

LogIn = Callable[[str], Client]


@dataclass
class Flower:
    """Stands in for the Flower process: writes down what it is asked."""

    asked: list[str] = field(default_factory=list)
    url: str = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Set-Cookie", "flower=1")
                self.end_headers()
                self.wfile.write(b"<h1>Workers</h1>")

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                return

        return Handler


@pytest.fixture
def flower() -> Iterator[Flower]:
    it = Flower()
    server = ThreadingHTTPServer(("127.0.0.1", 0), it.handler())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    it.url = f"http://127.0.0.1:{server.server_port}"
    yield it
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def flower_url(flower: Flower) -> str:
    return flower.url


def test_an_administrator_sees_the_workers(staff: LogIn, flower: Flower) -> None:
    administrator = staff("administrator")
    assert administrator.get("/flower").headers["location"] == "/flower/"
    page = administrator.get("/flower/workers?json=1")
    assert (page.status_code, page.text) == (200, "<h1>Workers</h1>")
    assert flower.asked == ["GET /flower/workers?json=1"]
    assert "flower" not in page.cookies


def test_its_policy_lets_its_pages_talk_to_nobody_else(staff: LogIn, flower: Flower) -> None:
    policy = staff("administrator").get("/flower/").headers["content-security-policy"]
    assert "connect-src 'self'" in policy
    assert "form-action 'none'" in policy


@pytest.mark.parametrize("role", ["supervisor", "collector", "counsel", "auditor"])
def test_nobody_else_sees_it(staff: LogIn, flower: Flower, role: str) -> None:
    member = staff(role)
    assert member.get("/flower/workers").status_code == 403
    assert member.post("/flower/tasks/datatable").status_code == 403
    assert 'href="/flower"' not in member.get("/cases").text
    assert flower.asked == []


def test_nothing_that_changes_anything_passes(staff: LogIn, flower: Flower) -> None:
    administrator = staff("administrator")
    for method in ("POST", "PUT", "DELETE"):
        assert administrator.request(method, "/flower/api/worker/shutdown/w").status_code in (403, 405)
    assert administrator.submit("/cases", "/flower/api/worker/shutdown/w").status_code == 405
    assert flower.asked == []


def test_its_list_of_tasks_is_read_by_the_get_that_it_is(staff: LogIn, flower: Flower) -> None:
    assert staff("administrator").post("/flower/tasks/datatable", data={"draw": "1"}).status_code == 200
    assert flower.asked == ["GET /flower/tasks/datatable?draw=1"]
