"""The embedded servers against the accidents of real machines: odd paths and locales, root, kill -9, reused pids, neighbours."""

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from orchestrator import embedded
from orchestrator.embedded import home

CHECKOUT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0
SECONDS = 10.0

# A user of both servers: says their pids, then lives until its standard input closes.
USER = """
import json, sys
from pathlib import Path
from orchestrator import embedded
state = Path(sys.argv[1])
with embedded.postgres(state, durable=False) as database, embedded.valkey(state) as broker:
    print(json.dumps({"postgres": database.pid, "valkey": broker.pid, "url": database.url}), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("embedded") / "幸福 小区" / "var"
    yield folder
    embedded.remove(folder)


@pytest.fixture
def state(checkout: Path) -> Iterator[Path]:
    """A state folder whose servers do not run; what earlier tests wrote may be there."""
    yield checkout
    embedded.stop(checkout)


@pytest.fixture
def other_state(tmp_path: Path) -> Iterator[Path]:
    """The state folder of another checkout, new."""
    folder = tmp_path / "阳光 小区" / "var"
    yield folder
    embedded.remove(folder)


class Neighbour:
    """Another process that uses the servers of `state`."""

    def __init__(self, state: Path, environment: dict[str, str] | None = None, uid: int | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(state)],
            cwd=CHECKOUT,
            env=os.environ | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            user=uid,
            group=uid,
            extra_groups=None if uid is None else (),
        )
        assert self.process.stdout
        said = json.loads(self.process.stdout.readline())
        self.postgres, self.valkey, self.url = int(said["postgres"]), int(said["valkey"]), str(said["url"])

    @property
    def pids(self) -> tuple[int, int]:
        return self.postgres, self.valkey

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(SECONDS)


@pytest.fixture
def neighbour(state: Path) -> Iterator[Neighbour]:
    one = Neighbour(state)
    yield one
    with one.process:
        one.process.kill()


def is_alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    return False


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def test_the_database_speaks_utf8_and_utc_in_a_path_with_a_space_and_chinese_characters(state: Path) -> None:
    with embedded.postgres(state, durable=False) as database:
        assert ask(database.url, "SELECT lower('先礼后兵 𠮷 É')") == "先礼后兵 𠮷 é"
        assert (ask(database.url, "SHOW server_encoding"), ask(database.url, "SHOW timezone")) == ("UTF8", "UTC")
        assert ask(database.url, "SELECT current_user || '@' || current_database()") == "xianli_app@xianli"
        assert ask(database.owner_url, "SELECT current_user = pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'xianli'") is True


def test_what_was_written_is_there_when_the_servers_start_again(state: Path) -> None:
    with embedded.postgres(state) as database, embedded.valkey(state) as broker:
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with redis.Redis.from_url(broker.url) as client:
            client.set("kept", "42")
    assert not is_alive(database.pid)
    assert not is_alive(broker.pid)
    with embedded.postgres(state) as database, embedded.valkey(state) as broker, redis.Redis.from_url(broker.url) as client:
        assert ask(database.owner_url, "SELECT answer FROM kept") == 42
        assert client.get("kept") == b"42"


def test_a_database_is_durable_unless_the_starter_says_that_its_data_can_be_made_again(state: Path) -> None:
    with embedded.postgres(state) as database:
        assert ask(database.url, "SHOW fsync") == "on"
    with embedded.postgres(state, durable=False) as database:
        assert (ask(database.url, "SHOW fsync"), ask(database.url, "SHOW synchronous_commit")) == ("off", "on")


def test_the_broker_keeps_a_log_and_forgets_nothing_for_want_of_room(state: Path) -> None:
    with embedded.valkey(state) as broker, redis.Redis.from_url(broker.url, decode_responses=True) as client:
        told = client.config_get("appendonly", "maxmemory-policy", "bind")
        assert told == {"appendonly": "yes", "maxmemory-policy": "noeviction", "bind": "127.0.0.1"}


@pytest.mark.parametrize("locale", ["zh_CN.GB18030", "C", "tr_TR.UTF-8"])
def test_the_servers_start_under_any_locale(state: Path, tmp_path: Path, locale: str) -> None:
    if locale == "zh_CN.GB18030" and shutil.which("localedef"):
        compiled = tmp_path / "locales"
        compiled.mkdir()
        subprocess.run(["localedef", "-i", "zh_CN", "-f", "GB18030", str(compiled / locale)], check=False, capture_output=True)
        one = Neighbour(state, {"LC_ALL": locale, "LOCPATH": str(compiled)})
    else:
        one = Neighbour(state, {"LC_ALL": locale})
    assert ask(one.url, "SELECT '物业费'") == "物业费"
    with one.process:
        one.end()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_servers_end_with_their_only_user_however_it_ends(neighbour: Neighbour, how: signal.Signals) -> None:
    neighbour.end(how)
    assert eventually(lambda: not any(map(is_alive, neighbour.pids)))


def test_a_ctrl_c_in_the_terminal_reaches_the_users_of_a_server_and_not_the_server(neighbour: Neighbour) -> None:
    assert all(os.getsid(pid) != os.getsid(neighbour.process.pid) for pid in neighbour.pids)


def test_a_second_process_uses_the_running_servers_and_keeps_them_when_the_first_is_killed(neighbour: Neighbour, state: Path) -> None:
    with embedded.postgres(state) as database, embedded.valkey(state) as broker:
        assert (database.pid, broker.pid) == neighbour.pids
        neighbour.end(signal.SIGKILL)
        time.sleep(0.5)
        assert ask(database.url, "SELECT 1") == 1
    assert not any(map(is_alive, neighbour.pids))


def test_a_server_holds_no_pipe_of_the_process_that_started_it(neighbour: Neighbour, state: Path) -> None:
    with embedded.postgres(state), embedded.valkey(state):
        neighbour.end(signal.SIGKILL)
        assert neighbour.process.stdout
        assert neighbour.process.stdout.read() == b""  # would wait for ever while a server held the other end


def test_two_processes_that_start_at_once_share_one_server(state: Path) -> None:
    waiting = [
        subprocess.Popen([sys.executable, "-c", USER, str(state)], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [json.loads(process.stdout.readline()) for process in waiting if process.stdout]
    assert said[0] == said[1]
    for process in waiting:
        process.communicate()


def test_a_pid_file_that_names_a_stranger_is_not_taken_for_a_running_server(state: Path) -> None:
    with embedded.postgres(state, durable=False) as database:
        folder = database.log.parent
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{folder}/data\n1\n5432\n/tmp\n\n", encoding="utf-8")
        (folder / "keeper.pid").write_text(f"{stranger.pid}\n", encoding="utf-8")
        embedded.stop(state)
        with embedded.postgres(state, durable=False) as again:
            assert ask(again.url, "SELECT 1") == 1
            assert again.pid != stranger.pid
        embedded.stop(state)
        assert stranger.poll() is None
        stranger.kill()


def test_the_servers_of_two_checkouts_do_not_meet(neighbour: Neighbour, other_state: Path) -> None:
    with embedded.postgres(other_state, durable=False) as database:
        assert database.pid != neighbour.postgres
        theirs = str(psycopg.conninfo.conninfo_to_dict(neighbour.url)["password"])
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(database.url, password=theirs)
    embedded.stop(other_state)
    assert all(map(is_alive, neighbour.pids))


def test_a_copy_of_a_checkout_has_servers_of_its_own(neighbour: Neighbour, state: Path, other_state: Path) -> None:
    other_state.mkdir(parents=True)
    for token in state.glob("embedded.token"):
        shutil.copy(token, other_state)
    with embedded.valkey(other_state) as broker:
        assert broker.pid != neighbour.valkey


def test_nobody_gets_in_without_the_password(state: Path) -> None:
    with embedded.postgres(state, durable=False) as database, embedded.valkey(state) as broker:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(database.admin_url, password="guess")
        port = int(broker.url.rpartition(":")[2].partition("/")[0])
        with redis.Redis(port=port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_the_database_is_reached_by_a_private_socket_folder_alone(state: Path) -> None:
    with embedded.postgres(state, durable=False) as database:
        folder = Path(str(psycopg.conninfo.conninfo_to_dict(database.url)["host"]))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert ask(database.admin_url, "SHOW listen_addresses") == ""
        assert len(os.fsencode(folder / ".s.PGSQL.5432.lock")) < 100
    secret = [database.log.with_name("passwords.json"), *database.log.parent.parent.glob("valkey/password")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_a_failing_statement_leaves_no_personal_data_in_the_log(state: Path) -> None:
    with embedded.postgres(state, durable=False) as database:
        with psycopg.connect(database.owner_url) as connection:
            connection.execute("CREATE TABLE phones (phone text PRIMARY KEY)")
        for _ in range(2):
            with contextlib.suppress(psycopg.errors.UniqueViolation), psycopg.connect(database.owner_url) as connection:
                connection.execute("INSERT INTO phones VALUES ('13800138000')")
        log = database.log.read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "13800138000" not in log


def test_a_killed_server_is_started_again_and_still_knows_what_it_was_told(state: Path) -> None:
    with embedded.postgres(state, durable=False) as database, embedded.valkey(state) as broker, redis.Redis.from_url(broker.url) as client:
        client.set("told", "1")
        time.sleep(3.2)  # a server that dies within its first 3 s is not started again: its starter is to hear of it
        for pid in (database.pid, broker.pid):
            os.kill(pid, signal.SIGKILL)

        def both_answer() -> bool:
            with contextlib.suppress(psycopg.OperationalError, redis.RedisError):
                return ask(database.url, "SELECT 1") == 1 and client.get("told") == b"1"
            return False

        assert eventually(both_answer)


def test_a_server_ends_with_its_keeper(neighbour: Neighbour, state: Path) -> None:
    folder = home.folder_if_any(state)
    assert folder
    for name in ("postgres", "valkey"):
        os.kill(int((folder / name / "keeper.pid").read_text()), signal.SIGKILL)
    assert eventually(lambda: not any(map(is_alive, neighbour.pids)))


def test_a_server_that_cannot_start_says_why(other_state: Path) -> None:
    with embedded.postgres(other_state, durable=False) as database:
        configuration = database.log.parent / "data" / "postgresql.conf"
    configuration.write_text("no_such_setting = on\n", encoding="utf-8")
    with pytest.raises(embedded.EmbeddedError, match="no_such_setting"):
        embedded.start_postgres(other_state, durable=False)


def test_a_port_that_somebody_took_meanwhile_is_not_insisted_on(state: Path) -> None:
    with embedded.valkey(state) as broker:
        port = int(broker.url.rpartition(":")[2].partition("/")[0])
    with socket.create_server(("127.0.0.1", port)), embedded.valkey(state) as broker, redis.Redis.from_url(broker.url) as client:
        assert client.ping()


def test_removing_takes_the_data_and_leaves_the_rest_of_the_state_folder(other_state: Path) -> None:
    with embedded.valkey(other_state) as broker:
        (other_state / "sandbox-users.json").write_text("{}", encoding="utf-8")
        embedded.remove(other_state)
        assert not is_alive(broker.pid)
    assert home.folder_if_any(other_state) is None
    assert (other_state / "sandbox-users.json").exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root has servers run as another user")
def test_roots_servers_run_as_a_user_of_their_own_who_cannot_read_roots_secrets(neighbour: Neighbour, state: Path) -> None:
    assert {pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name for pid in neighbour.pids} == {"xianli"}
    folder = home.folder_if_any(state)
    assert folder
    assert (folder / "postgres" / "passwords.json").stat().st_uid == 0


def _nobody() -> int | None:
    """Somebody without any rights who can run this interpreter, where there is one."""
    uid = pwd.getpwnam("nobody").pw_uid
    probe = [sys.executable, "-c", "import orchestrator.embedded"]
    with contextlib.suppress(OSError):
        if subprocess.run(probe, cwd=CHECKOUT, user=uid, group=uid, extra_groups=(), capture_output=True, check=False).returncode == 0:
            return uid
    return None


def test_a_plain_user_has_servers_in_the_state_folder(tmp_path: Path) -> None:
    uid = _nobody() if AS_ROOT else os.geteuid()
    if uid is None:
        pytest.skip("this interpreter stands where a plain user cannot reach it")
    place = Path("/tmp") / f"xianli-test-{os.getpid()} 小区"
    place.mkdir()
    try:
        os.chown(place, uid, -1)
        one = Neighbour(place / "var", uid=uid if AS_ROOT else None)
        with one.process:
            assert {Path(f"/proc/{pid}").stat().st_uid for pid in one.pids} == {uid}
            assert (place / "var" / "embedded" / "postgres" / "data").is_dir()
            one.end()
        removal = [sys.executable, "-m", "orchestrator.embedded", "remove", str(place / "var")]
        subprocess.run(removal, cwd=CHECKOUT, user=uid if AS_ROOT else None, check=True)
        assert not any(map(is_alive, one.pids))
        assert list((place / "var").iterdir()) == []
    finally:
        shutil.rmtree(place)
