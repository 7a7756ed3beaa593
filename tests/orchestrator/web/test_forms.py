"""What a browser may send with a form: so much and no more, and nothing of it stays behind."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from orchestrator.web.console.forms import LONGEST
from tests.orchestrator.web.conftest import csrf

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}
FILE = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'


def test_a_form_of_any_size_is_read_no_further_than_a_file_may_be_large(client):
    line = HTTPConnection(urlsplit(client.base).netloc, timeout=10)
    line.putrequest("POST", "/login")
    for name, value in (MULTIPART | {"Transfer-Encoding": "chunked"}).items():
        line.putheader(name, value)
    line.endheaders()
    for piece in (FILE.ljust(LONGEST, b"x"), b"x"):
        line.send(b"%x\r\n%b\r\n" % (len(piece), piece))
    answer = line.getresponse()
    assert answer.status == 413
    assert "21 MB" in answer.read().decode()
    line.close()


def test_a_form_that_cannot_be_read_is_refused(client):
    client.get("/login")
    answer = client.post("/login", data=b"--y\r\nno field\r\n", headers=MULTIPART)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")


def test_a_file_a_little_too_large_is_said_on_the_page(staff):
    clerk = staff("collector")
    answer = clerk.post("/letters/inserted", data={"csrftoken": csrf(clerk.get("/letters").text)}, files={"photo": bytes(LONGEST - 4096)})
    assert answer.status_code == 303
    assert 'class="flash error"' in clerk.get("/letters").text
