"""A CalDAV server that loses calls and answers as chance has it."""

import random
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from integrations.calendars.caldav import CalDav
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.loopback import Loss, LossyProxy, lossy
from tests.integrations.calendars.radicale import PASSWORD, USER, RadicaleHand, radicale

_OFFICE = "office@corp.example"


class FaultyCalDav:
    """Loses the answer to the first call after it was done, and one in four of the calls that follow.

    A meeting is a call for each calendar here; were two in three lost, no try would reach its end.
    """

    def __init__(self, url: str, proxy: LossyProxy) -> None:
        self._hand = RadicaleHand(url)
        self._proxy = proxy
        self._calendar = CalDav(proxy.url + "/{address}/calendar/", USER, PASSWORD, timeout_s=60)
        self._calendar.provision(_OFFICE)
        self._chance = random.Random()
        self._lock = threading.Lock()
        self._befallen = 0

    def desk(self, seed: int) -> Desk:
        people = [f"{who}{seed}@corp.example" for who in ("mentor", "mentee", "stranger")]
        for address in people[:2]:
            self._calendar.provision(address)
        self._chance.seed(seed)
        self._befallen = 0
        self._proxy.fault = self._next
        return Desk(self._calendar, self._hand, _OFFICE, *people)

    def heal(self) -> int:
        self._proxy.fault = lambda: None
        return self._befallen

    def _next(self) -> Loss | None:
        with self._lock:
            fault = None
            if not self._befallen:
                fault = Loss.ANSWER
            elif self._chance.random() < 1 / 4:
                fault = self._chance.choice((Loss.ANSWER, Loss.REQUEST))
            self._befallen += fault is not None
            return fault


@contextmanager
def faulty_caldav() -> Iterator[FaultyCalDav]:
    """A Radicale of its own, and the bad network before it."""
    with tempfile.TemporaryDirectory() as folder, radicale(Path(folder)) as url, lossy(url) as proxy:
        yield FaultyCalDav(url, proxy)
