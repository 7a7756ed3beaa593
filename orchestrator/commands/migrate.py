"""migrate: bring the schema up to date."""

from orchestrator import embedded
from orchestrator.commands import shared
from orchestrator.migrations import upgrade
from orchestrator.settings import Settings, SettingsError


def migrate() -> None:
    """Bring the database's schema up to date, as its owner (`XIANLI_OWNER_DATABASE_URL`), and grant the application what it needs."""
    try:
        with embedded.completed(Settings.load_for_command()) as settings:
            upgrade(str(settings.owner_database_url), str(settings.database_url))
    except SettingsError as lacks:
        shared.fail(str(lacks), status=2)
