"""What the environment may say, must say, and how it is handed on."""

import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.evidence.seals import SealError
from orchestrator.runtime import seal_of
from orchestrator.settings import Settings, SettingsError, sandbox_secrets

PRODUCTION = {
    "DATABASE_URL": "postgresql://xianli_app:pw@db/xianli",
    "XIANLI_OWNER_DATABASE_URL": "postgresql://xianli_owner:pw@db/xianli",
    "REDIS_URL": "redis://:pw@broker:6379/0",
    "XIANLI_SECRET_KEY": "s" * 32,
    "XIANLI_ENCRYPTION_KEY": "e" * 32,
    "XIANLI_PUBLIC_URL": "https://xianli.example",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+14155550100",
}
KNOWN = {str(field.validation_alias) for field in Settings.model_fields.values()}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in KNOWN & os.environ.keys():
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)


def load(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Settings:
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    return Settings.load()


def test_every_setting_reaches_a_child_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch, PRODUCTION | {"XIANLI_TSA_URLS": "https://a.example, https://b.example", "XIANLI_PAYMENTS_MAX_AGE": "PT36H"}
    )
    handed_on = settings.as_environment()
    assert handed_on.items() >= PRODUCTION.items()
    again = load(monkeypatch, handed_on)
    assert again == settings
    assert again.tsa_urls == ("https://a.example", "https://b.example")


def test_a_sandbox_reaches_its_child_processes_as_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {"XIANLI_SANDBOX": "1"})
    assert load(monkeypatch, settings.as_environment()) == settings


@pytest.mark.parametrize("variable", ["XIANLI_SECRET_KEY", "XIANLI_ENCRYPTION_KEY", "XIANLI_PUBLIC_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_secret_that_lacks_outside_the_sandbox_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str | None
) -> None:
    environment = {name: given for name, given in PRODUCTION.items() if name != variable} | ({} if value is None else {variable: value})
    with pytest.raises(SettingsError, match=rf"^{variable} is missing") as error:
        load(monkeypatch, environment)
    assert "\n" not in str(error.value)


def test_all_that_lacks_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, {})
    assert [line.split()[0] for line in str(error.value).splitlines()] == [
        "XIANLI_SECRET_KEY",
        "XIANLI_ENCRYPTION_KEY",
        "XIANLI_PUBLIC_URL",
    ]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}, "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID"),
        ({"TWILIO_AUTH_TOKEN": "t"}, "TWILIO_ACCOUNT_SID"),
        ({"ALIBABA_CLOUD_ACCESS_KEY_ID": "id"}, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        ({"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"}, "ALIBABA_CLOUD_ACCESS_KEY_ID"),
        ({"XIANLI_SIGNING_P12": "seal.p12"}, "XIANLI_SIGNING_PASSWORD"),
    ],
)
def test_a_provider_set_up_by_half_is_an_error_that_names_the_other_half(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], wanted: str
) -> None:
    core = {name: value for name, value in PRODUCTION.items() if name.startswith("XIANLI")}
    with pytest.raises(SettingsError, match=wanted):
        load(monkeypatch, core | given)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "sqlite:///hunter2.db"),
        ("REDIS_URL", "amqp://hunter2@broker"),
        ("TWILIO_API_URL", "ftp://hunter2"),
        ("TWILIO_FROM", "+hunter2"),
        ("XIANLI_SECRET_KEY", "hunter2"),
        ("XIANLI_PAYMENTS_MAX_AGE", "hunter2"),
        ("XIANLI_HOME_TIMEZONE", "Asia/hunter2"),
        ("XIANLI_EXHIBITS", "s3://hunter2"),
    ],
)
def test_a_wrong_value_is_refused_by_its_variable_and_not_repeated(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable} ") as error:
        load(monkeypatch, PRODUCTION | {variable: value})
    assert "hunter2" not in str(error.value)


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = PRODUCTION | {
        "XIANLI_SECRET_KEY": "hunter2" * 5,
        "TWILIO_AUTH_TOKEN": "hunter2",
        "DATABASE_URL": "postgresql://u:hunter2@db/x",
    }
    assert "hunter2" not in repr(load(monkeypatch, environment))


@pytest.mark.parametrize(("said", "meant"), [("72", timedelta(hours=72)), ("1.5", timedelta(minutes=90)), ("P3D", timedelta(days=3))])
def test_the_age_of_payment_data_is_hours_or_iso_8601(monkeypatch: pytest.MonkeyPatch, said: str, meant: timedelta) -> None:
    assert load(monkeypatch, PRODUCTION | {"XIANLI_PAYMENTS_MAX_AGE": said}).payments_max_age == meant


def test_only_a_sandbox_may_offer_again_before_a_handover_can_have_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match=r"^XIANLI_LEASE is shorter than 60 seconds"):
        load(monkeypatch, PRODUCTION | {"XIANLI_LEASE": "PT15S"})
    assert load(monkeypatch, PRODUCTION | {"XIANLI_LEASE": "PT15S", "XIANLI_SANDBOX": "1"}).lease == timedelta(seconds=15)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_spelling_of_a_postgresql_url_is_read(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    assert load(monkeypatch, PRODUCTION | {"DATABASE_URL": f"{scheme}://u:p@db/x"}).database_url == "postgresql://u:p@db/x"


def test_migrations_use_the_applications_url_where_no_owner_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != "XIANLI_OWNER_DATABASE_URL"}
    assert load(monkeypatch, environment).owner_database_url == PRODUCTION["DATABASE_URL"]


def test_no_url_means_the_embedded_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {"XIANLI_SANDBOX": "1"})
    assert (settings.database_url, settings.owner_database_url, settings.redis_url) == (None, None, None)


def test_folders_are_absolute_and_lie_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(monkeypatch, PRODUCTION | {"XIANLI_STATE": "状态 folder"})
    assert settings.state_dir == tmp_path / "状态 folder"
    assert (settings.exhibits, settings.checkpoints) == (settings.state_dir / "exhibits", settings.state_dir / "checkpoints")


def test_a_sandbox_makes_its_secrets_at_random_once_and_keeps_them_to_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = (load(monkeypatch, {"XIANLI_SANDBOX": "1"}) for _ in range(2))
    assert first == second
    assert min(len(first.secret_key), len(first.encryption_key)) >= 32
    assert stat.S_IMODE((tmp_path / "var" / "sandbox-secrets.json").stat().st_mode) == 0o600
    assert set(sandbox_secrets(tmp_path / "elsewhere").values()).isdisjoint(sandbox_secrets(tmp_path / "var").values())


def test_processes_that_make_a_sandboxs_secrets_at_once_agree(tmp_path: Path) -> None:
    code = "from orchestrator.settings import Settings; print(Settings.load().secret_key)"
    environment = {
        "PATH": os.environ["PATH"],
        "XIANLI_SANDBOX": "1",
        "XIANLI_STATE": str(tmp_path / "var"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    running = [subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert len({process.communicate()[0] for process in running}) == 1


def test_what_a_sandbox_is_given_is_used_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, PRODUCTION | {"XIANLI_SANDBOX": "1"})
    assert settings.as_environment().items() >= PRODUCTION.items()


def test_a_sandbox_signs_with_a_certificate_of_its_own_and_one_from_before_finds_a_password_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = sandbox_secrets(tmp_path / "var")
    settings = load(monkeypatch, {"XIANLI_SANDBOX": "1"})
    assert settings.signing_p12 == settings.sandbox_seal == tmp_path / "var" / "sandbox-seal.p12"
    assert settings.signing_password
    assert settings.signing_password not in kept.values()
    assert load(monkeypatch, {"XIANLI_SECRET_KEY": "another" * 5}).signing_password == settings.signing_password


def test_no_certificate_is_made_up_outside_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, PRODUCTION)
    assert settings.signing_p12 is None
    assert seal_of(settings) is None


def test_the_seal_of_a_sandbox_is_made_where_it_is_first_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, {"XIANLI_SANDBOX": "1"})
    first, second = seal_of(settings), seal_of(settings)
    assert first is not None
    assert second is not None
    assert (first.name, first.expires) == (second.name, second.expires)
    assert first.mark is not None


def test_a_certificate_that_was_given_and_is_not_there_is_an_error_in_a_sandbox_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = {"XIANLI_SIGNING_P12": "company.p12", "XIANLI_SIGNING_PASSWORD": "p"}
    with pytest.raises(SealError, match=r"company\.p12 cannot be read"):
        seal_of(load(monkeypatch, {"XIANLI_SANDBOX": "1"} | given))
    assert not (tmp_path / "company.p12").exists()


def test_no_secret_is_made_up_outside_the_sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load(monkeypatch, PRODUCTION)
    assert not (tmp_path / "var").exists()
