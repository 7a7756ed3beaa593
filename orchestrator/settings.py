"""What the environment says: the only reader of environment variables.

Outside the sandbox every secret must be given. The sandbox makes its own, at random, once per state folder, and keeps them in
`sandbox-secrets.json`, readable by its owner alone. Child processes get everything through `as_environment`, never by argument.
"""

import contextlib
import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRETS_FILE = "sandbox-secrets.json"
SANDBOX_SEAL = "sandbox-seal.p12"
SHORTEST_SECRET = 32
SHORTEST_LEASE = timedelta(seconds=60)
"""Half of it is a handover's, and must outlast every provider's time-out; a sandbox, whose carrier answers at once, may do with less."""
SANDBOX_PUBLIC_URL = "http://127.0.0.1:8000"
SANDBOX_SENDER = "+15005550006"  # Twilio's own test number: nobody's


class SettingsError(ValueError):
    """The environment lacks something or says something wrong: one line per fault, with the variable and the cure, never a value."""


def _hours_or_iso(value: object) -> object:
    """`72` is hours, `P3D` is ISO 8601."""
    if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return timedelta(hours=float(value))
    return value


def _split(value: object) -> object:
    return tuple(filter(None, re.split(r"[\s,]+", value))) if isinstance(value, str) else value


def _url_of(*schemes: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value.partition("://")[0] not in schemes:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    return check


def _postgresql(value: object) -> object:
    """The one spelling that both psycopg and SQLAlchemy read."""
    return re.sub(r"^(postgres|postgresql\+psycopg)://", "postgresql://", value) if isinstance(value, str) else value


def _long_enough(value: str) -> str:
    if value and len(value) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters; `openssl rand -hex 32` makes a good one")
    return value


def _folder(value: object) -> object:
    if isinstance(value, str) and "://" in value:
        raise ValueError("must be a folder of this machine")
    return value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as unknown:
        raise ValueError("is no time zone of the IANA database, such as Asia/Shanghai") from unknown
    return value


def _twilio_senders(value: str) -> str:
    from channels import twilio_senders  # brings the providers' SDKs along, which take a second to load

    twilio_senders.read(value)
    return value


Duration = Annotated[timedelta, BeforeValidator(_hours_or_iso), PlainSerializer(lambda span: f"PT{int(span.total_seconds())}S")]
Urls = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), PlainSerializer(",".join)]
DatabaseUrl = Annotated[str, BeforeValidator(_postgresql), AfterValidator(_url_of("postgresql"))]
BrokerUrl = Annotated[str, AfterValidator(_url_of("redis", "rediss"))]
WebUrl = Annotated[str, AfterValidator(_url_of("https", "http"))]
PlaceUrl = Annotated[str, AfterValidator(_url_of("file", "sftp"))]
Secret = Annotated[str, AfterValidator(_long_enough)]
Folder = Annotated[Path, BeforeValidator(_folder), AfterValidator(lambda path: Path.cwd() / path)]


class Settings(BaseSettings):
    """Every setting of the program; take it by `Settings.load()`, which also checks that nothing lacks.

    `None` is what is not used; a `database_url` or `redis_url` of None means the embedded server. Folders are absolute.
    """

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, hide_input_in_errors=True, populate_by_name=True)

    sandbox: bool = Field(default=False, validation_alias="XIANLI_SANDBOX")
    state_dir: Folder = Field(default=Path("var"), validation_alias="XIANLI_STATE", validate_default=True)
    home_timezone: Annotated[str, AfterValidator(_known_zone)] = Field(default="Asia/Shanghai", validation_alias="XIANLI_HOME_TIMEZONE")

    database_url: DatabaseUrl | None = Field(default=None, validation_alias="DATABASE_URL", repr=False)
    owner_database_url: DatabaseUrl | None = Field(default=None, validation_alias="XIANLI_OWNER_DATABASE_URL", repr=False)
    redis_url: BrokerUrl | None = Field(default=None, validation_alias="REDIS_URL", repr=False)

    secret_key: Secret = Field(default="", validation_alias="XIANLI_SECRET_KEY", repr=False)
    encryption_key: Secret = Field(default="", validation_alias="XIANLI_ENCRYPTION_KEY", repr=False)
    public_url: str = Field(default="", validation_alias="XIANLI_PUBLIC_URL")

    twilio_account_sid: str | None = Field(default=None, validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: str | None = Field(default=None, validation_alias="TWILIO_AUTH_TOKEN", repr=False)
    twilio_auth_token_next: str | None = Field(default=None, validation_alias="TWILIO_AUTH_TOKEN_NEXT", repr=False)
    twilio_from: Annotated[str, AfterValidator(_twilio_senders)] | None = Field(default=None, validation_alias="TWILIO_FROM")
    twilio_messaging_service_sid: str | None = Field(default=None, validation_alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_api_url: WebUrl = Field(default="https://api.twilio.com", validation_alias="TWILIO_API_URL")

    alibaba_cloud_access_key_id: str | None = Field(default=None, validation_alias="ALIBABA_CLOUD_ACCESS_KEY_ID")
    alibaba_cloud_access_key_secret: str | None = Field(default=None, validation_alias="ALIBABA_CLOUD_ACCESS_KEY_SECRET", repr=False)
    alibaba_cloud_api_url: WebUrl | None = Field(default=None, validation_alias="ALIBABA_CLOUD_API_URL")

    post_url: WebUrl | None = Field(default=None, validation_alias="XIANLI_POST_URL")
    post_token: str | None = Field(default=None, validation_alias="XIANLI_POST_TOKEN", repr=False)

    print_house_url: PlaceUrl | None = Field(default=None, validation_alias="XIANLI_PRINT_HOUSE_URL")
    print_house_key: str | None = Field(default=None, validation_alias="XIANLI_PRINT_HOUSE_KEY", repr=False)
    print_house_host_key: str | None = Field(default=None, validation_alias="XIANLI_PRINT_HOUSE_HOST_KEY")

    courts: Folder | None = Field(default=None, validation_alias="XIANLI_COURTS")

    flower_url: WebUrl = Field(default="http://127.0.0.1:5555", validation_alias="XIANLI_FLOWER_URL")

    tsa_urls: Urls = Field(default=(), validation_alias="XIANLI_TSA_URLS")
    signing_p12: Folder | None = Field(default=None, validation_alias="XIANLI_SIGNING_P12")
    signing_pkcs11: str | None = Field(default=None, validation_alias="XIANLI_SIGNING_PKCS11")
    signing_password: str | None = Field(default=None, validation_alias="XIANLI_SIGNING_PASSWORD", repr=False)

    sends_per_second: int = Field(default=50, validation_alias="XIANLI_SENDS_PER_SECOND", gt=0)
    lease: Duration = Field(default=SHORTEST_LEASE, validation_alias="XIANLI_LEASE", gt=timedelta(0))
    payments_max_age: Duration = Field(default=timedelta(hours=72), validation_alias="XIANLI_PAYMENTS_MAX_AGE", gt=timedelta(0))
    exhibits: Folder = Field(default=Path("var/exhibits"), validation_alias="XIANLI_EXHIBITS")
    checkpoints: Folder = Field(default=Path("var/checkpoints"), validation_alias="XIANLI_CHECKPOINTS")

    @classmethod
    def load(cls, **stated_here: Any) -> Self:
        """The settings of this process; what is stated here wins. Raises SettingsError naming every variable at fault."""
        try:
            stated = cls(**stated_here)
        except ValidationError as refused:
            raise SettingsError(_say(refused)) from None
        settings = stated.model_copy(update=dict(stated._derived()))
        lacking = list(settings._lacking())
        if lacking:
            raise SettingsError("\n".join(lacking))
        return settings

    @classmethod
    def load_for_command(cls) -> Self:
        """The settings of a command: where nothing at all is configured, it works in the sandbox of the state folder."""
        return cls.load() if cls().is_configured else cls.load(sandbox=True)

    @property
    def sandbox_seal(self) -> Path:
        """Where a sandbox keeps the certificate it made for itself."""
        return self.state_dir / SANDBOX_SEAL

    @property
    def is_configured(self) -> bool:
        """Whether the environment says anything of a database or a secret: then everything must be said."""
        return bool(self.model_fields_set & {"sandbox", "database_url", "secret_key", "encryption_key"})

    def as_environment(self) -> dict[str, str]:
        """The variables that give a child process these very settings."""
        said = self.model_dump(mode="json", exclude_none=True)
        named = {str(field.validation_alias): said[name] for name, field in type(self).model_fields.items() if name in said}
        return {variable: str(int(value)) if isinstance(value, bool) else str(value) for variable, value in named.items()}

    def _derived(self) -> Iterator[tuple[str, object]]:
        """What follows from other settings where nothing was stated."""
        stated = self.model_fields_set
        for folder in {"exhibits", "checkpoints"} - stated:
            yield folder, self.state_dir / folder
        if "owner_database_url" not in stated:
            yield "owner_database_url", self.database_url
        if self.sandbox:
            made = sandbox_secrets(self.state_dir)
            for name, value in made.items():
                if name not in stated:
                    yield name, value
            if not stated & {"signing_p12", "signing_pkcs11", "signing_password"}:
                yield "signing_p12", self.sandbox_seal
                yield "signing_password", _seal_password(made["secret_key"])
            if "public_url" not in stated:
                yield "public_url", SANDBOX_PUBLIC_URL
            if not stated & {"twilio_from", "twilio_messaging_service_sid"}:
                yield "twilio_from", SANDBOX_SENDER

    def _lacking(self) -> Iterator[str]:
        for name in ("secret_key", "encryption_key", "public_url"):
            if not getattr(self, name):
                yield f"{_variable(name)} is missing: set it in the environment, or try the program out with `xianli up --sandbox`"
        if self.lease < SHORTEST_LEASE and not self.sandbox:
            yield f"{_variable('lease')} is shorter than {SHORTEST_LEASE.seconds} seconds, which is for a sandbox only: leave it out"
        yield from self._lacking_beside("twilio_account_sid", "twilio_auth_token")
        yield from self._lacking_beside("twilio_auth_token", "twilio_account_sid")
        yield from self._lacking_beside("twilio_account_sid", "twilio_from", "twilio_messaging_service_sid")
        yield from self._lacking_beside("alibaba_cloud_access_key_id", "alibaba_cloud_access_key_secret")
        yield from self._lacking_beside("alibaba_cloud_access_key_secret", "alibaba_cloud_access_key_id")
        yield from self._lacking_beside("signing_p12", "signing_password")
        yield from self._lacking_beside("signing_pkcs11", "signing_password")
        if self.signing_p12 and self.signing_pkcs11:
            yield f"{_variable('signing_p12')} and {_variable('signing_pkcs11')} are both set: a letter bears one seal, leave one out"
        yield from self._lacking_beside("post_url", "post_token")
        if (self.print_house_url or "").startswith("sftp://"):
            yield from self._lacking_beside("print_house_url", "print_house_key")
            yield from self._lacking_beside("print_house_url", "print_house_host_key")

    def _lacking_beside(self, given: str, *one_of: str) -> Iterator[str]:
        if getattr(self, given) and not any(getattr(self, name) for name in one_of):
            yield f"{_variable(given)} is set, so {' or '.join(map(_variable, one_of))} must be set too"


def sandbox_secrets(state: Path) -> dict[str, str]:
    """The sandbox's own secrets by setting, made at random the first time; whoever comes second reads what the first one made."""
    path = state / SECRETS_FILE
    if not path.exists():
        state.mkdir(parents=True, exist_ok=True)
        made = {
            "secret_key": secrets.token_hex(32),
            "encryption_key": secrets.token_hex(32),
            "twilio_account_sid": f"AC{secrets.token_hex(16)}",
            "twilio_auth_token": secrets.token_hex(16),
            "post_token": secrets.token_hex(16),
        }
        _write_once(path, json.dumps(made, indent=2) + "\n")
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _seal_password(secret_key: str) -> str:
    """Follows from the secret a sandbox always had, so that one from before letters were signed finds a password too."""
    return hmac.digest(secret_key.encode(), b"signing_password", "sha256").hex()


def _write_once(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(name)
    Path(name).unlink()


def _variable(name: str) -> str:
    return str(Settings.model_fields[name].validation_alias)


def _say(refused: ValidationError) -> str:
    return "\n".join(f"{fault['loc'][0]} {fault['msg'].removeprefix('Value error, ')}" for fault in refused.errors())
