"""The engine, its transactions and its errors."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Engine, Executable, create_engine, event, literal, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from integrations.database.sql.tables import Base
from integrations.errors import IntegrationError, MisconfiguredError, RetryableError

_BUSY_MS: Final = 15_000
_MOMENT_S: Final = 0.02


class Store:
    """A database by URL: sessions, insert-if-absent, and errors of our own tree.

    Writers of SQLite begin IMMEDIATE, so that two of them wait for each other instead of failing; who only
    reads waits for nobody. SQLite lets a waiting writer sleep up to a tenth of a second at a time, so those
    of one process queue up before it, and only processes meet at the file.
    """

    def __init__(self, url: str) -> None:
        try:
            remote = make_url(url).get_backend_name() != "sqlite"
            self.engine: Engine = create_engine(url, pool_pre_ping=remote, pool_size=20, max_overflow=20)
        except (ArgumentError, NoSuchModuleError) as error:
            raise translated(error) from error
        self._reading: Engine = self.engine.execution_options(reading=True)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writing = threading.Lock()
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_immediate)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction, committed at the end or rolled back whole."""
        try:
            with self._turn(), Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            raise translated(error) from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Waits until no other thread writes to this file; RetryableError where that takes too long."""
        if not self.is_sqlite:
            yield
            return
        if not self._writing.acquire(timeout=_BUSY_MS / 1000):
            raise RetryableError("the database is busy")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that only reads."""
        try:
            with Session(self._reading, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            raise translated(error) from error

    def insert_new(self, session: Session, table: type[Base], **values: Any) -> bool:  # noqa: ANN401 - columns
        """Inserts a row unless its key exists; says whether it was inserted. Safe against races."""
        statement = _inserting(table, is_sqlite=self.is_sqlite)
        return session.connection().execute(statement, values).first() is not None

    def take_turns(self, session: Session, lock: int) -> None:
        """Waits for every other transaction that takes turns on this lock; held to the transaction's end.

        Writers of SQLite take turns anyway.
        """
        if not self.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


@lru_cache(maxsize=64)
def _inserting(table: type[Base], *, is_sqlite: bool) -> Executable:
    dialect = sqlite if is_sqlite else postgresql
    # psycopg reports -1 rows for this statement, so the row itself says whether it was inserted.
    statement: Executable = dialect.insert(table).on_conflict_do_nothing().returning(literal(1))
    return statement


def translated(error: Exception) -> IntegrationError:
    """A database error in our own tree; the statement and its values stay out of the message."""
    if isinstance(error, ArgumentError | NoSuchModuleError):
        return MisconfiguredError("the database URL is not one SQLAlchemy knows; see the README for examples")
    if isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return RetryableError("the database did not answer or is busy")
    return IntegrationError(f"the database refused: {type(error).__name__}")


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    _turn_to_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _turn_to_wal(connection: Any) -> None:  # noqa: ANN401 - a DBAPI connection
    """Waits by hand: of two that turn a new file to WAL at once SQLite refuses one, whatever its patience."""
    until = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(_MOMENT_S)
        else:
            return


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 - a SQLAlchemy connection
    reads = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
