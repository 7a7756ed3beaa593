"""What was recorded of an answered call is fetched once and kept as the bytes that came."""

from dataclasses import dataclass, field, replace
from hashlib import sha256

from channels.contract import LookupFailed
from orchestrator import recordings
from tests.orchestrator.conftest import River
from tests.world import Home

SOUND = b"RIFF\x25\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00@\x1f\x00\x00\x01\x00\x08\x00data\x01\x00\x00\x00\x80"


@dataclass
class Recorder:
    """A line whose provider records calls; `sounds` is what it has, None: it does not answer."""

    sounds: list[bytes] | None = field(default_factory=lambda: [SOUND])
    asked: list[str] = field(default_factory=list)

    def recordings(self, provider_id: str) -> list[bytes]:
        self.asked.append(provider_id)
        if self.sounds is None:
            raise LookupFailed("nobody answers")
        return self.sounds


@dataclass
class OneLine:
    line: Recorder

    def of(self, channel: str, provider: str, sender: str | None = None) -> Recorder:
        return self.line


def fetch(river: River, line: Recorder) -> int:
    return recordings.fetch(replace(river.runtime, lines=OneLine(line)))  # type: ignore[arg-type]


def test_the_recording_of_an_answered_call_is_kept_once_by_its_digest(river: River, home: Home) -> None:
    attempt, line = home.attempt("voice", "delivered", outcome="heard", step="courtesy-call", provider_id="CA1"), Recorder()
    assert [fetch(river, line), fetch(river, line)] == [1, 0]
    assert line.asked == ["CA1"]
    assert river.value("SELECT sha256 FROM exhibit WHERE attempt_id = :id AND kind = 'recording'", id=attempt) == sha256(SOUND).digest()
    assert river.value("SELECT count(*) FROM evidence_entry WHERE kind = 'exhibit' AND attempt_id = :id", id=attempt) == 1


def test_a_call_named_by_its_provider_is_fetched_before_its_end_is_folded_in(river: River, home: Home) -> None:
    attempt, line = home.attempt("voice", "sent", step="courtesy-call", provider_id="CA1"), Recorder()
    home.attempt("voice", "delivered", outcome="answered", step="second-call", provider_id="CA2")
    runtime = replace(river.runtime, lines=OneLine(line))  # type: ignore[arg-type]
    assert recordings.fetch(runtime, "CA1") == 0, "nobody is known to have taken it"
    river.said(attempt, "delivered", provider_id="CA1", outcome="answered")
    assert recordings.fetch(runtime, "CA1") == 1
    assert line.asked == ["CA1"]


def test_one_that_could_not_be_fetched_is_asked_for_again(river: River, home: Home) -> None:
    home.attempt("voice", "delivered", outcome="answered", step="courtesy-call", provider_id="CA1")
    assert [fetch(river, Recorder(None)), fetch(river, Recorder([])), fetch(river, Recorder([b"<html>"]))] == [0, 0, 0]
    assert fetch(river, Recorder()) == 1


def test_a_call_nobody_took_has_none(river: River, home: Home) -> None:
    home.attempt("voice", "undelivered", outcome="no_answer", step="courtesy-call", provider_id="CA1")
    line = Recorder()
    assert fetch(river, line) == 0
    assert line.asked == []
