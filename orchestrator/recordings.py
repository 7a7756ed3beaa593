"""Recordings of answered calls: fetched from the provider and kept by their digest, once. The call's first words announce them."""

from channels.contract import KeepsRecordings, LookupFailed
from orchestrator import exhibits, logs
from orchestrator.exhibits import About, CannotKeep, NotAnExhibit
from orchestrator.runtime import Runtime
from orchestrator.store import recordings


def fetch(runtime: Runtime, call: str | None = None) -> int:
    """Keep the recordings of the last days' calls that are not kept yet, or of the one `call` by the provider's name for it; how many.

    What the provider does not have yet is asked for again.

    No transaction is open while the provider is asked; each call's recordings are one transaction.
    """
    with runtime.store.begin() as rows:
        wanting = recordings.wanting(rows, runtime.now(), call)
    kept = 0
    for each in wanting:
        line = runtime.lines.of("voice", each.provider, each.sender) or runtime.lines.of("voice", each.provider)
        if not isinstance(line, KeepsRecordings):
            continue
        try:
            sounds = line.recordings(each.provider_id)
            with runtime.store.begin() as rows:
                for sound in sounds:
                    about = About(each.case_id, each.attempt_id, each.task_id)
                    exhibits.keep(rows, runtime.settings.exhibits, sound, "recording", about, each.provider, runtime.now(), runtime.wall())
            kept += len(sounds)
        except (LookupFailed, NotAnExhibit, CannotKeep) as failed:
            logs.logger.warning("a recording is not kept yet", attempt=each.attempt_id, why=type(failed).__name__)
    return kept
