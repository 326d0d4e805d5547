"""The whole database as one value, and its migrations."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from integrations.database.books import Books
from integrations.database.sql.answers import SqlAnswers, SqlLinks
from integrations.database.sql.mail_replies import SqlMailReplies
from integrations.database.sql.people import SqlDirectory
from integrations.database.sql.programmes import SqlIdeas, SqlPairings, SqlProgrammes
from integrations.database.sql.records import SqlBookings, SqlDeliveries, SqlLedger, SqlTasks
from integrations.database.sql.store import Store, translated
from integrations.database.sql.subscriptions import SqlSubscriptions

_LOCK = 7_240_117


@dataclass(frozen=True)
class Database(Books):
    """Every port on one store."""

    store: Store


def open_database(url: str) -> Database:
    """Opens the database at a SQLAlchemy URL; raises MisconfiguredError for one nobody understands."""
    store = Store(url)
    return Database(
        store=store,
        directory=SqlDirectory(store),
        programmes=SqlProgrammes(store),
        pairings=SqlPairings(store),
        ideas=SqlIdeas(store),
        links=SqlLinks(store),
        answers=SqlAnswers(store),
        ledger=SqlLedger(store),
        bookings=SqlBookings(store),
        tasks=SqlTasks(store),
        deliveries=SqlDeliveries(store),
        subscriptions=SqlSubscriptions(store),
        mail_replies=SqlMailReplies(store),
    )


def migrate(url: str) -> None:
    """Brings the database to the newest schema in one transaction; two processes may call it at once."""
    store = Store(url)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with store.engine.begin() as connection:
            if not store.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except Exception as error:
        raise translated(error) from error
    finally:
        store.close()
