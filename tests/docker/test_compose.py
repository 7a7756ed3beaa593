"""The production shape, as far as it can be checked where no container engine runs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.settings import Settings

DOCKER = Path(__file__).parents[2] / "docker"
TEXT = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
FORMS = re.compile(r"\$\$|\$\{(?P<name>\w+)(?P<kind>:\?|:-|[^}:])?(?P<rest>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|TOKEN|KEY|SECRET")
QUEUES = {"decide", "send.sms", "send.voice", "send.letter", "send.task", "receipts", "evidence", "intake", "periodic"}


def interpolated(node: Any, environment: dict[str, str]) -> Any:
    """The parsed file as Compose reads it. Raises KeyError for a variable that must be given and is not."""
    if isinstance(node, dict):
        return {key: interpolated(value, environment) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolated(value, environment) for value in node]
    return FORMS.sub(lambda form: _value(form, environment), node) if isinstance(node, str) else node


def _value(form: re.Match[str], environment: dict[str, str]) -> str:
    if form[0] == "$$":
        return "$"
    return environment.get(form["name"], form["rest"]) if form["kind"] == ":-" else environment[form["name"]]


MUST_BE_GIVEN = {form["name"] for form in FORMS.finditer(TEXT) if form["kind"] == ":?"}
GIVEN = dict.fromkeys(MUST_BE_GIVEN, "f" * 64) | {"XIANLI_PUBLIC_URL": "https://xianli.example"}
COMPOSE: dict[str, Any] = interpolated(yaml.safe_load(TEXT), GIVEN)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {name for service in SERVICES.values() for name, wait in service.get("depends_on", {}).items() if "completed" in wait["condition"]}
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("xianli:")}


def test_no_secret_has_a_default() -> None:
    forms = [form for form in FORMS.finditer(TEXT) if form["name"] and SECRET.search(form["name"])]
    assert forms
    assert [form[0] for form in forms if form["kind"] not in (":?", ":-") or (form["kind"] == ":-" and form["rest"])] == []


def test_no_secret_is_written_down() -> None:
    said = {(name, key): value for name, service in SERVICES.items() for key, value in service["environment"].items() if SECRET.search(key)}
    assert said
    assert {place: value for place, value in said.items() if value not in ("", "f" * 64)} == {}


@pytest.mark.parametrize("variable", sorted(MUST_BE_GIVEN))
def test_nothing_starts_while_a_secret_lacks(variable: str) -> None:
    with pytest.raises(KeyError, match=variable):
        interpolated(yaml.safe_load(TEXT), {name: value for name, value in GIVEN.items() if name != variable})


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_watched_or_runs_once_before_the_others(name: str) -> None:
    healthcheck = SERVICES[name].get("healthcheck")
    assert (healthcheck is None) == (name in ONCE)
    assert healthcheck is None or healthcheck["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root_or_may_become_it(name: str) -> None:
    assert SERVICES[name]["user"].partition(":")[0] not in {"", "0", "root"}
    assert "no-new-privileges:true" in SERVICES[name]["security_opt"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_services_write_nowhere_but_their_state_and_tmp(name: str) -> None:
    service = OURS[name]
    assert (service["read_only"], service["tmpfs"], service["volumes"]) == (True, ["/tmp"], ["state:/state"])
    assert service["cap_drop"] == ["ALL"]


def test_services_wait_only_for_services_that_are_there_and_use_declared_volumes() -> None:
    awaited = {other for service in SERVICES.values() for other in service.get("depends_on", {})}
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert awaited <= SERVICES.keys()
    assert {volume for volume in mounted if not volume.startswith((".", "/"))} == COMPOSE["volumes"].keys()


def test_only_the_console_can_be_reached_and_only_from_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {"web": ["127.0.0.1:8000:8000"]}


def test_only_the_migration_knows_the_owner_of_the_database() -> None:
    assert {name for name, service in OURS.items() if "XIANLI_OWNER_DATABASE_URL" in service["environment"]} == {"migrate"}


def test_each_queue_has_one_worker_of_its_own() -> None:
    commands = [service["command"] for service in OURS.values() if "worker" in service["command"]]
    assert sorted(command[command.index("-Q") + 1] for command in commands) == sorted(QUEUES)


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_environment_of_a_service_is_one_that_the_program_accepts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    given = OURS[name]["environment"]
    assert given.keys() - known <= {"REMAP_SIGTERM"}
    for variable in known:
        monkeypatch.setenv(variable, given.get(variable, ""))
    assert Settings.load().database_url == f"postgresql://xianli_app:{'f' * 64}@postgres:5432/xianli"


def _program(command: list[str]) -> tuple[str, ...]:
    """The part of a service's command that names what runs, as a module of this interpreter, asked for its help."""
    if command[0] == "celery":
        return ("celery", *command[1:4], "--help")
    return ("orchestrator", command[1], "--help") if command[0] == "xianli" else (command[0], "--help")


@pytest.mark.parametrize("program", sorted({_program(service["command"]) for service in OURS.values()}))
def test_the_command_of_every_service_exists_outside_a_container(program: tuple[str, ...]) -> None:
    environment = {name: value for name, value in OURS["web"]["environment"].items() if value} | {"PATH": "/usr/bin:/bin"}
    told = subprocess.run([sys.executable, "-m", *program], cwd=DOCKER.parent, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, "Usage" in told.stdout) == (0, True), told.stderr


def test_the_image_is_built_in_stages_and_runs_as_the_user_of_the_services() -> None:
    lines = (DOCKER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    users = [line.split()[1] for line in lines[stages[-1] :] if line.startswith("USER ")]
    assert len(stages) == 2
    assert all("-slim" in lines[number] for number in stages)
    assert users == [OURS["web"]["user"]]
    assert not re.search(r"^(ENV|ARG) .*(PASSWORD|TOKEN|KEY|SECRET)", "\n".join(lines), re.MULTILINE)


def test_the_image_brings_the_packages_that_the_lock_names_with_the_uv_that_make_uses() -> None:
    pinned = re.search(r"^UV_VERSION := (\S+)$", (DOCKER.parent / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert pinned
    assert f"uv=={pinned[1]}" in (DOCKER / "Dockerfile").read_text(encoding="utf-8")


def test_what_the_image_copies_reaches_the_builder() -> None:
    kept = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    lines = (DOCKER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]}
    assert copied == kept
    assert all((DOCKER.parent / name).exists() for name in copied)
