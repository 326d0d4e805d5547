"""Many threads at one CalDAV adapter: each gets the answers to its own calls."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from integrations.calendars.caldav import CalDav
from integrations.calendars.caldav_access import Answer, Dav
from integrations.calendars.calendar import EventRef, Snapshot
from integrations.errors import IntegrationError
from tests.integrations.calendars.desk import TUESDAY, Desk
from tests.integrations.calendars.loopback import lossy
from tests.integrations.calendars.radicale import PASSWORD, USER, RadicaleHand

THREADS = 8


@pytest.fixture
def refs(caldav_desk: Desk, caldav_hand: RadicaleHand) -> list[EventRef]:
    """Ten events, a day apart; to look at one takes one call."""
    for number in range(10):
        start = TUESDAY + timedelta(days=number)
        caldav_hand.put(caldav_desk.organizer, f"event{number}", f"DTSTART:{start:%Y%m%dT%H%M%SZ}")
    return [
        EventRef(provider="caldav", organizer=caldav_desk.organizer, id=f"event{number}", key="k")
        for number in range(10)
    ]


def test_every_thread_gets_the_answers_to_its_own_calls(radicale_url: str, refs: list[EventRef]) -> None:
    """8 threads with 100 calls each."""
    with lossy(radicale_url) as network:
        assert _mistaken(_through(network.url), refs, times=10) == 0
        assert network.methods == ["GET"] * 800


def test_a_server_that_mixes_up_answers_would_be_noticed(radicale_url: str, refs: list[EventRef]) -> None:
    lock, held = threading.Lock(), []

    def swapped(answer: bytes) -> bytes:
        """Each call gets the answer to the one before it."""
        with lock:
            held.append(answer)
            return held[-2] if len(held) > 1 else answer

    with lossy(radicale_url) as network:
        network.carried = swapped
        assert _mistaken(_through(network.url), refs) > 0


def test_an_answer_kept_where_all_threads_see_it_would_be_noticed(
    radicale_url: str, refs: list[EventRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    together, answers, get = threading.Barrier(THREADS), list[Answer](), Dav.get

    def shared(dav: Dav, address: str, name: str) -> Answer:
        answers.append(get(dav, address, name))
        together.wait(20)
        return answers[-1]

    monkeypatch.setattr(Dav, "get", shared)
    assert _mistaken(_through(radicale_url), refs) > 0


def _through(url: str) -> CalDav:
    return CalDav(url + "/{address}/calendar/", USER, PASSWORD)


def _mistaken(calendar: CalDav, refs: list[EventRef], times: int = 1) -> int:
    """How many calls of 8 threads, each so many times per event, got no answer or another call's."""
    together = threading.Barrier(THREADS)

    def look(seed: int) -> int:
        together.wait(20)
        numbers = [*range(len(refs))] * times
        shuffled = random.Random(seed).sample(numbers, len(numbers))
        return sum(not _is_right(calendar, refs, number) for number in shuffled)

    with ThreadPoolExecutor(THREADS) as threads:
        return sum(threads.map(look, range(THREADS)))


def _is_right(calendar: CalDav, refs: list[EventRef], number: int) -> bool:
    try:
        found = calendar.get(refs[number])
    except IntegrationError:
        return False
    return isinstance(found, Snapshot) and found.start == TUESDAY + timedelta(days=number)
