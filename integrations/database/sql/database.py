"""The whole database as one value, and its migrations."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from integrations.database.books import Books
from integrations.database.sql.answers import SqlAnswers, SqlLinks
from integrations.database.sql.mail_replies import SqlMailReplies
from integrations.database.sql.people import SqlDirectory
from integrations.database.sql.programmes import SqlIdeas, SqlPairings, SqlProgrammes
from integrations.database.sql.records import SqlBookings, SqlDeliveries, SqlLedger, SqlTasks
from integrations.database.sql.store import Store, translated
from integrations.database.sql.subscriptions import SqlSubscriptions
from integrations.errors import MisconfiguredError

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


def check_schema(url: str) -> None:
    """Looks whether the database has this version's schema, changing nothing.

    Raises MisconfiguredError where there is no database, or one of another version.
    """
    store = Store(url)
    try:
        _refuse_absent(store)
        with store.engine.connect().execution_options(reading=True) as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise translated(error) from error
    finally:
        store.close()
    expected = ScriptDirectory.from_config(_config()).get_current_head()
    if found != expected:
        raise MisconfiguredError(
            f"the database's schema is {found or 'none'}, this version's {expected}; the service "
            "brings an older one up when it starts"
        )


def _refuse_absent(store: Store) -> None:
    """SQLite would make an empty file."""
    file = store.engine.url.database
    if store.is_sqlite and file and not Path(file).exists():
        raise MisconfiguredError("there is no database yet; the service makes it when it starts")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def migrate(url: str) -> None:
    """Brings the database to the newest schema in one transaction; two processes may call it at once."""
    store = Store(url)
    config = _config()
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
