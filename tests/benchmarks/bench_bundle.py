"""How long the court bundle of a long case takes. Run: python tests/benchmarks/bench_bundle.py [CONTACTS] [KEPT]

Exports a case of 34 months with as many contacts (60 unless said) on every channel, the providers' answers, signed letters, photos and
services. Prints one JSON object: seconds by the clock on the wall and of the processor, and `ratio`, the processor time over that of the
yardstick (deflating 1 MiB of fixed bytes), measured in turns with it. KEPT is a folder for the last bundle, to be looked at.
"""

import io
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "orchestrator"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from measuring import deflating, processor_seconds
from PIL import Image
from sqlalchemy import insert
from wording_examples import DEMAND, MONTHS

from channels import open_channels
from orchestrator import auditing, bundling, embedded, exhibits, packs, sealing
from orchestrator.bundling import keeping
from orchestrator.evidence.authority import SandboxAuthority
from orchestrator.exhibits import About
from orchestrator.migrations import upgrade
from orchestrator.models import ServiceRecord
from orchestrator.runtime import Runtime
from orchestrator.settings import Settings
from orchestrator.store import Store, casefiles, log
from orchestrator.store.log import Entry
from orchestrator.wording import render_letter
from tests.world import NOW, Home, World, month

ROUNDS = 5
PERIODS = [month(year, number, "412.35") for year in (2024, 2025, 2026) for number in range(1, 13) if (year, number) < (2026, 11)]
CHANNELS = (
    ("sms", "delivered", {}),
    ("voice", "delivered", {"outcome": "heard"}),
    ("sms", "undelivered", {}),
    ("letter", "delivered", {"outcome": "handed_over", "signer": "family"}),
    ("visit", "delivered", {"outcome": "affixed"}),
    ("call", "delivered", {"outcome": "conversation"}),
)
BODY = "【云栖物业】张王李赵女士，您名下3-1-1201自2024年1月至2026年10月的物业费、公共水电分摊费尚未缴纳，请于约定日期前缴纳。"


def now() -> datetime:
    return NOW.astimezone(UTC)


def opened(folder: Path, server: embedded.Postgres) -> Runtime:
    upgrade(server.owner_url, server.url)
    settings = Settings(
        sandbox=True,
        state_dir=folder,
        exhibits=folder / "exhibits",
        checkpoints=folder / "checkpoints",
        database_url=server.url,
        secret_key="s" * 32,
        encryption_key="e" * 32,
        public_url="https://xianli.example",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="t" * 32,
        twilio_from="+15005550006",
    )
    authority = SandboxAuthority(folder / "time.p12", "p" * 32, now)
    store = Store(server.url, settings.encryption_key)
    return Runtime(settings, store, open_channels(settings, now), packs.load(), now, now, authorities=(authority,))


def long_case(runtime: Runtime, contacts: int) -> Home:
    world = World(runtime.store)
    home = world.home("3-1-1201", "阿卜杜拉·买买提江·托合提尼亚孜", "+8619900000001", charges=PERIODS).open_case(cursor=8)
    for number in range(contacts):
        _contact(runtime, home, number)
        if number % 10 == 9:
            sealing.seal(runtime, at_once=True)
    _services(runtime, world)
    for kind, title in (("contract", "云栖花园前期物业服务合同"), ("fee_standard", "云栖花园物业服务收费标准公示")):
        keeping.keep(runtime, f"{title}全文".encode(), kind, title, world.community_name, None, "counsel")
    auditing.audit(runtime)
    return home


def _contact(runtime: Runtime, home: Home, number: int) -> None:
    channel, state, more = CHANNELS[number % len(CHANNELS)]
    names = home.charge_ids[number % 3 :: 3]
    document = _letter(number) if channel == "letter" else None
    sent = timedelta(days=number - 90)
    attempt = home.attempt(channel, state, step=f"step-{number}", body=BODY, document=document, names=names, sent=sent, **more)
    raw = f"MessageSid=SM{number:032d}&MessageStatus={state}&To=%2B8619900000001".encode()
    told = {"channel": channel, "step": f"step-{number}", "body": BODY}
    facts = (
        Entry("decision", {"action": "wait", "rule": "wait_for_gap"}, home.case_id),
        Entry("composed", told, home.case_id, attempt),
        Entry("handover", {"provider": "twilio", "request": raw, "response": raw, "answer": "accepted"}, home.case_id, attempt),
        Entry("receipt", {"provider": "twilio", "said": "sent", "raw": raw}, home.case_id, attempt),
        Entry("receipt", {"provider": "twilio", "said": state, "raw": raw}, home.case_id, attempt),
    )
    with runtime.store.begin() as rows:
        casefiles.lock_any(rows, home.case_id)
        log.append(rows, facts, now(), now())
    if channel == "visit":
        with runtime.store.begin() as rows:
            about = About(case_id=home.case_id, attempt_id=attempt)
            exhibits.keep(rows, runtime.settings.exhibits, _photo(number), "photo", about, "collector", now(), now())


def _letter(number: int) -> bytes:
    return render_letter("formal-demand", replace(DEMAND, reference=f"XL-2026-{number:06d}", lines=MONTHS[:4])).pdf


def _photo(number: int) -> bytes:
    Image.effect_noise((800, 600), 40 + number).convert("RGB").save(made := io.BytesIO(), "JPEG")
    return made.getvalue()


def _services(runtime: Runtime, world: World) -> None:
    """Patrol, cleaning and repair, each week of the years claimed."""
    days = [date(2024, 1, 1) + timedelta(days=7 * week) for week in range(148)]
    kinds = (("保安巡逻", "夜间巡查三次"), ("保洁", "楼道、电梯厅清扫"), ("维修", "公共照明及门禁检修"))
    with runtime.store.begin() as rows:
        rows.execute(
            insert(ServiceRecord),
            [
                {"community_id": world.community_id, "place": "3幢1单元", "done_on": day, "kind": kind, "description": said}
                for day in days
                for kind, said in kinds
            ],
        )


def main(contacts: int = 60, kept: str = "") -> None:
    with tempfile.TemporaryDirectory() as temporary, embedded.postgres(Path(temporary), durable=False) as server:
        folder = Path(temporary)
        runtime = opened(folder, server)
        home = long_case(runtime, contacts)
        walls, processor, yardsticks = [], [], []
        for number in range(ROUNDS):
            to = Path(kept) if kept and number == ROUNDS - 1 else folder / f"bundle-{number}"
            began = time.perf_counter()
            processor.append(processor_seconds(lambda to=to: bundling.export(runtime, home.case_id, to)))
            walls.append(time.perf_counter() - began)
            yardsticks.append(processor_seconds(deflating, 3))
        files = [path for path in to.rglob("*") if path.is_file()]
        runtime.store.close()
    print(
        json.dumps(
            {
                "benchmark": "bundle",
                "contacts": contacts,
                "files": len(files),
                "first_seconds": round(walls[0], 2),
                "seconds": round(median(walls), 2),
                "processor_seconds": round(median(processor), 2),
                "yardstick_ms": round(median(yardsticks) * 1000, 2),
                "ratio": round(median(processor) / median(yardsticks), 1),
            }
        )
    )


if __name__ == "__main__":
    main(*(int(each) if each.isdigit() else each for each in sys.argv[1:]))
