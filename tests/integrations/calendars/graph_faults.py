"""A Microsoft 365 that loses answers as chance has it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.graph_desk import adapter, desk_at
from tests.integrations.calendars.graph_server import Call, GraphServer, graph_server
from tests.integrations.calendars.wire import Answer, Fault, Loss

_LOST_AFTER: tuple[Fault, ...] = (Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER)
_OTHERS: tuple[Fault, ...] = (
    Loss.DROPPED_BEFORE,
    Answer(503, "ErrorServerBusy", {"Retry-After": "1"}),
    Answer(429, "ApplicationThrottled", {"Retry-After": "1"}),
    Answer(504, "GatewayTimeout"),
)
_OFFICE = "office@corp.example"


class FaultyGraph:
    """Loses the answer to the first call after it was done, and two in three of those that follow."""

    def __init__(self, graph: GraphServer) -> None:
        graph.join(_OFFICE)
        self._graph = graph
        self._calendar = adapter(graph, _OFFICE)
        self._chance = random.Random()
        self._befallen = 0

    def desk(self, seed: int) -> Desk:
        self._chance.seed(seed)
        self._befallen = 0
        self._graph.store.teams_after = self._chance.randrange(4)
        self._graph.store.finds_after = self._chance.randrange(3)
        desk = desk_at(self._graph, self._calendar, seed, organizer=_OFFICE)
        self._graph.fault = self._next
        return desk

    def heal(self) -> int:
        self._graph.fault = lambda _: None
        return self._befallen

    def _next(self, _: Call) -> Fault:
        fault = None
        if not self._befallen:
            fault = self._chance.choice(_LOST_AFTER)
        elif self._chance.random() < 2 / 3:
            fault = self._chance.choice((*_LOST_AFTER, *_OTHERS))
        self._befallen += fault is not None
        return fault


@contextmanager
def faulty_graph() -> Iterator[FaultyGraph]:
    """A tenant of its own, and its faults."""
    with graph_server() as graph:
        yield FaultyGraph(graph)
