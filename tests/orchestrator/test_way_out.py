"""Every text says how to have no more of them where the pack wants it said, by a way that its reader really has."""

import pytest

from channels.segments import segments
from orchestrator.wording import WordingError, read
from orchestrator.wordings.catalogue import TEXTS
from tests.orchestrator.conftest import River
from tests.world import Home


def demands(river: River, home: Home, pack: str = "us-regf") -> list[str]:
    """What is texted at the case's next step under a pack."""
    digest = river.runtime.packs.pack(pack).digest
    river.execute("UPDATE community SET pack = :pack", pack=pack)
    river.execute("""UPDATE "case" SET pack = :pack, pack_digest = :digest""", pack=pack, digest=digest)
    river.ask(home)
    river.flow()
    return [message.body for message in river.lines["sms"].sent]


@pytest.mark.parametrize(
    ("language", "inbound", "line"),
    [
        ("zh", True, "退订回复TD"),
        ("en", True, "Reply STOP to opt out"),
        ("zh", False, "退订请致电0571-80000000"),
        ("en", False, "To opt out call 0571-80000000"),
    ],
)
def test_the_way_out_is_one_its_reader_has(river: River, home: Home, language: str, inbound: bool, line: str) -> None:
    river.lines["sms"].inbound = inbound
    river.execute("UPDATE community SET language = :language", language=language)
    (body,) = demands(river, home)
    assert line in body
    assert segments(body).units > segments(body.replace(line, "")).units


def test_a_pack_that_does_not_ask_for_it_gets_none(river: River, home: Home) -> None:
    (body,) = demands(river, home, "cn-property")
    assert "退订" not in body


def test_a_text_that_can_name_no_way_out_does_not_leave(river: River, home: Home) -> None:
    river.execute("UPDATE creditor SET phone = ''")
    assert demands(river, home) == []
    assert "opt out" in str(river.value('SELECT parked FROM "case"'))


def test_a_text_wording_that_could_not_name_the_way_out_is_not_saved() -> None:
    source = (TEXTS / "bill-notice.v1.toml").read_bytes().replace("[，{opt_out}]".encode(), b"").replace(b"[. {opt_out}]", b"")
    with pytest.raises(WordingError, match="opt-out"):
        read(source)
