"""The time on letters: an authority says when it saw a signature (PAdES B-T). Its silence costs a letter its stamp, never its day."""

from collections.abc import Sequence
from datetime import timedelta

from asn1crypto import cms, tsp

from orchestrator import authorities
from orchestrator.authorities import Authority
from orchestrator.clock import Now
from orchestrator.evidence.timestamps import LONGEST_TOKEN, StampRefused

PATIENCE = timedelta(seconds=20)
"""Real time that one batch spends on asking, beyond what is under way: a task has 90 s in all."""


class Stamping:
    """The authorities for one batch of letters, in order. One that failed once is not asked again by this batch.

    Authorities that stamp by SM3 are passed over: no reader of PDF knows it (ETSI TS 119 312, 5.2).
    """

    def __init__(self, known: Sequence[Authority], wall: Now) -> None:
        self._left = [each for each in known if authorities.algorithm_of(each) == "sha256"]
        self._why = "none that stamps by SHA-256 is named in XIANLI_TSA_URLS"
        self._wall, self._until = wall, wall() + PATIENCE

    def token(self, signature: bytes) -> bytes:
        """The token (DER ContentInfo) over the bytes of a signature. Raises StampRefused where no authority gives one in time."""
        while self._left:
            if self._wall() > self._until:
                raise StampRefused(f"authorities took longer than {PATIENCE.seconds} s for a batch")
            try:
                return _token(self._left[0], signature)
            except StampRefused as refused:
                self._why = f"{self._left.pop(0).name}: {refused}"
        raise StampRefused(self._why)


def _token(authority: Authority, signature: bytes) -> bytes:
    answered = tsp.TimeStampResp.load(authorities.stamp(authority, signature).response)
    token: bytes = cms.ContentInfo.dump(answered["time_stamp_token"])
    if len(token) > LONGEST_TOKEN:
        raise StampRefused(f"its token has {len(token)} bytes, a letter has room for {LONGEST_TOKEN}")
    return token
