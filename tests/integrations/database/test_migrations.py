from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from integrations.database.sql.database import Database, check_schema, migrate, open_database
from integrations.database.sql.tables import Base
from integrations.errors import MisconfiguredError

_INSERT = text(
    "INSERT INTO ideas (id, programme_id, pairing_id, author_ref, text, agreed, decision, why)"
    " VALUES (:id, 'digital', 'pairing/1', 'p_1', 'Less mail', :agreed, '', '')"
)


def test_migrations_and_tables_agree(database_url: str) -> None:
    database = open_database(database_url)
    with database.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.store.close()


def test_migrate_may_be_called_by_several_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(migrate, [url] * 6))
    database = open_database(url)
    assert database.answers.undelivered(1) == ()
    database.store.close()


def test_schema_is_checked_without_a_change(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mentoring.db'}"
    with pytest.raises(MisconfiguredError, match="no database yet"):
        check_schema(url)
    assert list(tmp_path.iterdir()) == []
    migrate(url)
    check_schema(url)


def test_schema_of_another_version_is_told(database_url: str) -> None:
    check_schema(database_url)
    store = open_database(database_url).store
    with store.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(MisconfiguredError, match="schema is 0001"):
        check_schema(database_url)
    store.close()


def test_unknown_url_is_named_as_misconfigured() -> None:
    with pytest.raises(MisconfiguredError):
        open_database("mentoring.db")


def test_only_ideas_that_were_agreed_to_outlive_the_word_about_it(database: Database) -> None:
    revision = import_module("integrations.database.sql.migrations.versions.0004_ideas_handed_in")
    words = {"yes": True, "no": False, "silent": None}
    with database.store.engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            revision.downgrade()
        for name, agreed in words.items():
            connection.execute(_INSERT, {"id": name, "agreed": agreed})
        with Operations.context(MigrationContext.configure(connection)):
            revision.upgrade()
    assert [idea.id for idea in database.ideas.of_programme("digital")] == ["yes"]
    database.ideas.save(database.ideas.get("yes").model_copy(update={"decision": "try"}))
