"""Speaking with Twilio, or with any server that speaks its API: what messages and calls have in common.

Messages and Calls have no idempotency key, so a request whose answer did not come is unknown, never sent again by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from requests.exceptions import RequestException
from starlette.datastructures import ImmutableMultiDict
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator, get_signature_algorithm  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from channels.contract import (
    Accepted,
    ErrorClass,
    ErrorMeaning,
    Exchange,
    ForgedRequest,
    Handover,
    Health,
    LookupFailed,
    Refused,
    SignedRequest,
    Sought,
    Unknown,
)
from channels.wire import CONNECT_SECONDS, PAUSE_SECONDS, READ_SECONDS, Recorder, Wire, never_left, retry_after

PROVIDER = "twilio"

ErrorTable = Mapping[str, tuple[ErrorClass, str]]
"""Twilio's code -> our class, and what Twilio says it means. Where Twilio says so follows from the code itself: see `meaning`."""

ERROR_PAGES = "https://www.twilio.com/docs/api/errors"
"""Each code has its page here; read 2026-11."""

COMMON_ERRORS: ErrorTable = {
    "10001": ("config", "account is not active"),
    "20001": ("config", "unknown parameters"),
    "20003": ("config", "authentication failed"),
    "20005": ("config", "account is not active"),
    "20006": ("config", "access denied"),
    "20404": ("config", "resource not found"),
    "20429": ("transient", "too many requests"),
    "21211": ("contact_bad", "invalid 'To' number"),
    "21212": ("config", "invalid 'From' number"),
    "21214": ("contact_bad", "'To' number cannot be reached"),
    "21217": ("contact_bad", "number does not appear to be valid"),
}

LARGEST_MEDIA = 64 * 2**20
MEDIA_SECONDS = 60.0
"""For a whole recording: one that drips must not keep all others waiting."""


class TwilioSettings(Protocol):
    @property
    def twilio_account_sid(self) -> str | None: ...

    @property
    def twilio_auth_token(self) -> str | None: ...

    @property
    def twilio_auth_token_next(self) -> str | None: ...

    @property
    def twilio_from(self) -> str | None: ...

    @property
    def twilio_messaging_service_sid(self) -> str | None: ...

    @property
    def twilio_api_url(self) -> str | None: ...

    @property
    def public_url(self) -> str: ...

    @property
    def secret_key(self) -> str: ...

    @property
    def sandbox(self) -> bool: ...


class TwilioAccount:
    """One account at Twilio. Safe to use from many threads; each conversation has a client of its own over one pool of connections."""

    def __init__(self, settings: TwilioSettings) -> None:
        if not settings.twilio_account_sid or not settings.twilio_auth_token:
            raise ValueError("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN are both needed to open the Twilio channels")
        self.sid = settings.twilio_account_sid
        self._token = settings.twilio_auth_token
        self._validators = [RequestValidator(token) for token in (self._token, settings.twilio_auth_token_next) if token]
        self._api_url = settings.twilio_api_url
        self._public_url = settings.public_url.rstrip("/")
        self._wire = Wire()

    def url(self, path: str) -> str:
        """Where Twilio finds us from outside."""
        return f"{self._public_url}/webhooks/twilio/{path}"

    def hand_over(self, create: Callable[[Any], Any], errors: ErrorTable) -> Handover:
        """Let `create` make one resource through the SDK's client, and say honestly what came of it."""
        recorder = self._wire.recorder()
        try:
            resource = create(self._client(recorder))
        except (TwilioRestException, TwilioServiceException) as refusal:
            return _refusal(refusal.status, str(refusal.code), errors, recorder)
        except RequestException as error:
            if never_left(error):
                return Refused(PROVIDER, "transient", "connect", recorder.exchange, PAUSE_SECONDS)
            return Unknown(PROVIDER, type(error).__name__, recorder.exchange)
        except (ValueError, TypeError, AttributeError, TwilioException) as garbled:
            if not recorder.exchange.request:
                raise
            return Unknown(PROVIDER, f"answer not understood: {type(garbled).__name__}", recorder.exchange)
        return _taken(resource, errors, recorder.exchange)

    def look_up(self, listing: Callable[[Any], Iterable[Any]]) -> tuple[list[Any], Exchange]:
        """All pages of a listing. Raises LookupFailed."""
        recorder = self._wire.recorder()
        try:
            return list(listing(self._client(recorder))), recorder.exchange
        except (RequestException, TwilioException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LookupFailed(f"Twilio could not be asked: {type(error).__name__}") from error

    def media(self, path: str, within: float = MEDIA_SECONDS) -> bytes:
        """A file of this account, at most `LARGEST_MEDIA` bytes of sound, whole `within` so many seconds. Raises LookupFailed."""
        base = (self._api_url or "https://api.twilio.com").rstrip("/")
        url = f"{base}/2010-04-01/Accounts/{self.sid}/{path}"
        try:
            with self._wire.session(base).get(url, auth=(self.sid, self._token), timeout=(CONNECT_SECONDS, within), stream=True) as answer:
                if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("audio/"):
                    raise LookupFailed(f"Twilio gave no sound: HTTP {answer.status_code}")
                data = bytearray()
                for part in answer.iter_content(65_536):
                    data += part
                    if len(data) > LARGEST_MEDIA:
                        raise LookupFailed("a recording is larger than any call of ours can be")
                return bytes(data)
        except RequestException as error:
            raise LookupFailed(f"Twilio could not be asked: {type(error).__name__}") from error

    def health(self, lacking: Callable[[Any], str | None]) -> Health:
        """Whether the account is open. `lacking` looks through the SDK's client for the sender, and says what a person should see to."""
        recorder = self._wire.recorder()
        try:
            account = self._client(recorder).api.v2010.accounts(self.sid).fetch()
        except RequestException as error:
            return Health("down", f"Twilio does not answer ({_told(error)})")
        except (TwilioException, ValueError, TypeError) as error:
            denied = isinstance(error, TwilioRestException) and error.status in (401, 403)
            cure = "look at TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
            return Health("down" if denied else "warning", f"the account cannot be read ({_told(error)}): {cure}")
        if account.status != "active":
            return Health("down", f"the account is {account.status}: nothing is sent until Twilio opens it again")
        try:
            lack = lacking(self._client(recorder))
        except (RequestException, TwilioException, ValueError, TypeError) as error:
            lack = f"the account is open, but its sender could not be looked up ({_told(error)})"
        return Health("warning", lack) if lack else Health("ok", "the account is open and has its sender")

    def verify(self, request: SignedRequest) -> ImmutableMultiDict[str, str]:
        """The form of a callback that Twilio signed for this account. Raises ForgedRequest."""
        form = ImmutableMultiDict(request.form)
        headers = {name.lower(): value for name, value in request.headers.items()}
        signature = headers.get("x-twilio-signature", "")
        algorithm = get_signature_algorithm(headers.get("x-twilio-webhooks-signature-settings"))
        if not any(validator.validate(request.url, form, signature, algorithm) for validator in self._validators):
            raise ForgedRequest("the signature of a callback does not verify")
        if form.get("AccountSid") != self.sid:
            raise ForgedRequest("a callback speaks for another account")
        return form

    def _client(self, recorder: Recorder) -> Any:
        return Client(self.sid, self._token, http_client=_Transport(recorder, self._api_url))


class _Transport:
    """What the SDK's client sends through: its own HTTP client, its host replaced where another server stands in."""

    def __init__(self, recorder: Recorder, api_url: str | None) -> None:
        self._api_url = urlsplit(api_url.rstrip("/")) if api_url else None
        self._http = TwilioHttpClient(timeout=READ_SECONDS)
        recorder.mount_on(self._http.session, api_url or "")

    def request(self, method: str, url: str, **parts: Any) -> Response:
        """What only asks follows where it is sent on to; what makes something never goes out a second time by itself."""
        return self._http.request(method, self._redirected(url), **{**parts, "allow_redirects": method == "GET"})

    def _redirected(self, url: str) -> str:
        """A next page may be named with its host, which the SDK takes for a part of the path: the host is always the one we were given."""
        parts = urlsplit(url)
        path = urlsplit(parts.path[1:]).path if parts.path.startswith(("/http://", "/https://")) else parts.path
        if self._api_url is None:
            return urlunsplit(parts._replace(path=path))
        base = self._api_url.path
        return urlunsplit(parts._replace(scheme=self._api_url.scheme, netloc=self._api_url.netloc, path=base + path.removeprefix(base)))


def nearest(resources: Iterable[Any], sought: Sought) -> Any | None:
    """Of Twilio's resources those to this number, and of them the one made closest to the hand-over, by real time; None if none was made
    about then. The number is compared here too: a server need not heed every filter."""
    candidates = [
        resource
        for resource in resources
        if resource.sid and resource.sid not in sought.taken and digits(resource.to) == digits(sought.to)
        if sought.is_about_then(resource.date_created)
    ]
    return min(candidates, key=lambda each: (abs(each.date_created - sought.handed_over_at), each.sid), default=None)


def instant(rfc2822: str | None) -> datetime | None:
    """A time of Twilio's; None where it says none, or none with a zone."""
    try:
        at = parsedate_to_datetime(rfc2822) if rfc2822 else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def error_class(errors: ErrorTable, code: str | None) -> ErrorClass | None:
    """The class of a code, where there is one."""
    return meaning(errors, code).error_class if code else None


def meaning(errors: ErrorTable, code: str) -> ErrorMeaning:
    """What a code means; an unknown one is permanent, so that a person looks at it before anything is tried again."""
    error_class, says = errors.get(code) or COMMON_ERRORS.get(code) or ("permanent", "not in our table")
    return ErrorMeaning(error_class, says, f"{ERROR_PAGES}/{code}")


def _taken(resource: Any, errors: ErrorTable, exchange: Exchange) -> Handover:
    code = getattr(resource, "error_code", None)
    if code or resource.status in ("failed", "undelivered", "canceled"):
        said = str(code or resource.status)
        return Refused(PROVIDER, error_class(errors, said) or "permanent", said, exchange, provider_id=resource.sid or None)
    if not resource.sid:
        return Unknown(PROVIDER, "answer names no resource", exchange)
    return Accepted(PROVIDER, resource.sid, exchange)


def _refusal(status: int, code: str, errors: ErrorTable, recorder: Recorder) -> Handover:
    """The SDK gives the HTTP status as the code where the body names none: then something between us and Twilio may have spoken.

    Who is sent on to another address (307, 308) was not served: TWILIO_API_URL is not where Twilio is.
    """
    exchange = recorder.exchange
    said = retry_after(recorder.headers)
    pause = PAUSE_SECONDS if said is None else said
    if status == 429:
        return Refused(PROVIDER, "transient", code, exchange, pause)
    if 400 <= status < 500 and code != str(status):
        meant = error_class(errors, code) or "permanent"
        return Refused(PROVIDER, meant, code, exchange, pause if meant == "transient" else None)
    if status in (307, 308, 401, 403, 404):
        return Refused(PROVIDER, "config", code, exchange)
    return Unknown(PROVIDER, f"HTTP {status}", exchange)


def _told(error: Exception) -> str:
    return f"error {error.code}" if isinstance(error, TwilioRestException) else type(error).__name__


def digits(number: str | None) -> str:
    return "".join(filter(str.isdigit, number or ""))
