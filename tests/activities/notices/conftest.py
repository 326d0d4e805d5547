from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.database.sql.database import Database, migrate, open_database
from tests.activities.notices.room import Room
from tests.integrations.calendars import graph_desk
from tests.integrations.calendars.google_desk import adapter, desk_at
from tests.integrations.calendars.google_server import google_server
from tests.integrations.calendars.graph_server import graph_server
from tests.integrations.calendars.push_desk import (
    Listener,
    google_push,
    microsoft_push,
    receiver,
)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'mentoring.db'}"
    migrate(url)
    database = open_database(url)
    yield database
    database.store.close()


@pytest.fixture
def google_room(books: Database) -> Iterator[Room]:
    listener = Listener()
    with google_server() as server, receiver(listener) as hooks:
        desk = desk_at(server, adapter(server, "office1@corp.example"), 1)
        yield Room(google_push(server, desk), server, books, hooks, listener)


@pytest.fixture
def microsoft_room(books: Database) -> Iterator[Room]:
    listener = Listener()
    with graph_server() as server, receiver(listener) as hooks:
        desk = graph_desk.desk_at(server, graph_desk.adapter(server, "office1@corp.example"), 1)
        yield Room(microsoft_push(server, desk), server, books, hooks, listener)


@pytest.fixture(params=["google", "microsoft"])
def room(request: pytest.FixtureRequest) -> Room:
    found: Room = request.getfixturevalue(f"{request.param}_room")
    return found
