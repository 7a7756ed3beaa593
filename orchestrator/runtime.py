"""The only assembly: one database, the lines of the channels, the packs and a clock. Everything above asks a `Runtime`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from channels import open_channels
from channels.lines import Lines
from orchestrator import embedded
from orchestrator.authorities import Authority, authorities_of
from orchestrator.clock import Now, wall_now
from orchestrator.evidence import seals, tokens
from orchestrator.evidence.checkpoints import LogKey
from orchestrator.evidence.seals import Seal
from orchestrator.pace import UNHURRIED, Pace, SharedPace
from orchestrator.packs import Packs, load
from orchestrator.settings import Settings
from orchestrator.store import Store, versions
from orchestrator.store.lookup import ABSENT_AFTER
from orchestrator.store.offering import LOOK_UP_AFTER, SILENT_FOR
from orchestrator.store.reading import AskedCase, Known
from orchestrator.store.senders import REST
from orchestrator.store.writing import CLAIM, LEASE, SENDING
from orchestrator.versions import Content, Kind, Pin
from policies.facts import Channel
from policies.rules import Rules


@dataclass(frozen=True, slots=True)
class Runtime:
    """What one process works with. `now` is the sandbox's clock in a sandbox, real time elsewhere; `wall` is always real.

    `seal` signs every letter; without one they go unsigned. `authorities` say when they saw a checkpoint.
    """

    settings: Settings
    store: Store
    lines: Lines
    packs: Packs
    now: Now
    wall: Now = wall_now
    pace: Pace = UNHURRIED
    seal: Seal | None = None
    authorities: tuple[Authority, ...] = ()

    def rules(self, asked: AskedCase) -> Rules:
        """The pack, calendar and sequence this case is worked by: the versions it was pinned to."""
        return self.pinned(asked.pack, asked.sequence)

    def pinned(self, pack: Pin, sequence: Pin) -> Rules:
        """Rules by version. Raises UnknownPolicy where one was not kept."""
        return self.packs.pinned(pack, sequence, self._kept)

    def _kept(self, kind: Kind, digest: str) -> Content | None:
        with self.store.begin() as rows:
            return versions.find(rows, kind, digest)

    @property
    def known(self) -> Known:
        """What reading facts needs besides rows."""
        return Known(self.reaches, self.settings.payments_max_age)

    def reaches(self, channel: Channel, country: str) -> bool:
        """Whether any line of a channel carries something to a country (ISO 3166 alpha-2)."""
        return bool(self.lines.serving(channel, country))

    @property
    def log_key(self) -> LogKey:
        """What signs the checkpoints of the evidence log, in the name of this installation's address."""
        return LogKey.derived(f"{urlsplit(self.settings.public_url).netloc}/evidence", self.settings.secret_key)

    @property
    def claim(self) -> timedelta:
        """Real time from its claim within which an attempt may leave."""
        return self.settings.lease * (CLAIM / LEASE)

    @property
    def sending(self) -> timedelta:
        """Real time a handover may take."""
        return self.settings.lease * (SENDING / LEASE)

    @property
    def look_up_after(self) -> timedelta:
        """How long a provider's list may lag behind what it took; the sandbox's carrier knows at once."""
        return timedelta(seconds=5) if self.settings.sandbox else LOOK_UP_AFTER

    @property
    def absent_after(self) -> timedelta:
        """Real time for which a provider's list must lack a message before it counts as absent; in a sandbox a lease is enough."""
        return self.settings.lease if self.settings.sandbox else ABSENT_AFTER

    @property
    def silent_for(self) -> timedelta:
        """Real time without a final word after which callbacks are taken to be lost; a sandbox has days that are shorter than an hour."""
        return timedelta(seconds=5) if self.settings.sandbox else SILENT_FOR

    @property
    def rest(self) -> timedelta:
        """Real time after which a sender whose provider refused it is tried again; in a sandbox a lease is enough."""
        return self.settings.lease if self.settings.sandbox else REST


@contextmanager
def opened(settings: Settings) -> Iterator[Runtime]:
    """A runtime for this process, closed at the end of the block. Starts or joins the embedded database where none is configured.

    Raises SealError where letters are to be signed and cannot be.
    """
    seal = seal_of(settings)
    with embedded.completed(settings) as completed:
        assert completed.database_url is not None
        store = Store(completed.database_url, completed.encryption_key)
        try:
            now: Now = (lambda: store.sandbox_now() or wall_now()) if completed.sandbox else wall_now
            pace = SharedPace(str(completed.redis_url), completed.sends_per_second)
            yield Runtime(
                completed,
                store,
                open_channels(completed, now),
                load(),
                now,
                pace=pace,
                seal=seal,
                authorities=authorities_of(completed, now),
            )
        finally:
            store.close()


def seal_of(settings: Settings) -> Seal | None:
    """The company's seal, None where none is configured; a sandbox makes its own the first time. Raises SealError."""
    path, password = settings.signing_p12, settings.signing_password
    if settings.signing_pkcs11 is not None and password is not None:
        return tokens.load(settings.signing_pkcs11, password, wall_now())
    if path is None or password is None:
        return None
    if settings.sandbox and path == settings.sandbox_seal:
        seals.make_sandbox_seal(path, password)
    return seals.load(path, password, wall_now())
