"""Counts what a session of two costs in calls to its calendar provider: booked, and looked at.

python -m bench.calendar_calls

Calls for tokens are not counted: one serves an hour of sessions. At CalDAV each calendar is a resource
of its own, which is read and written by itself, so that the figures grow with the people.
"""

import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from activities import hours
from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import EventRef, Window
from tests.integrations.calendars import google_desk, graph_desk
from tests.integrations.calendars.desk import TUESDAY, Desk
from tests.integrations.calendars.google_server import google_server
from tests.integrations.calendars.graph_server import graph_server
from tests.integrations.calendars.loopback import lossy
from tests.integrations.calendars.radicale import PASSWORD, USER, RadicaleHand, radicale

_PEOPLE = 2
# What a session is looked for in: the rhythm's four weeks. The first one is, with the second, in what a call
# tells.
_FOLLOWING = timedelta(days=28)
_OFFICE = "office1@corp.example"
Counted = tuple[Desk, Callable[[], int]]


@dataclass(frozen=True)
class Most:
    """The calls that are allowed to book a session, to book the first one, and to look at one."""

    booked: int
    first: int
    watched: int


@dataclass(frozen=True)
class Row:
    """What one act costs at a provider, and what it may."""

    vendor: str
    act: str
    calls: int
    most: int

    @property
    def is_right(self) -> bool:
        """Whether it costs no more than it may."""
        return self.calls <= self.most


@contextmanager
def google() -> Iterator[Counted]:
    """A Google whose conference links are not ready at once, which costs a call more."""
    with google_server() as server:
        server.store.meet_after = 1
        yield (
            google_desk.desk_at(server, google_desk.adapter(server, _OFFICE), 1),
            lambda: len(server.calls),
        )


@contextmanager
def microsoft() -> Iterator[Counted]:
    """A tenant of Microsoft 365."""
    with graph_server() as server:
        yield graph_desk.desk_at(server, graph_desk.adapter(server, _OFFICE), 1), lambda: len(server.calls)


@contextmanager
def caldav() -> Iterator[Counted]:
    """A Radicale, behind a proxy that counts."""
    with tempfile.TemporaryDirectory() as folder, radicale(Path(folder)) as url, lossy(url) as proxy:
        calendar = CalDav(proxy.url + "/{address}/calendar/", USER, PASSWORD)
        people = [f"{who}1@corp.example" for who in ("office", "mentor", "mentee", "stranger")]
        for address in people[:3]:
            calendar.provision(address)
        yield Desk(calendar, RadicaleHand(url), *people), lambda: len(proxy.methods)


VENDORS: Mapping[str, tuple[Callable[[], AbstractContextManager[Counted]], Most]] = {
    "google": (google, Most(booked=3, first=3, watched=1)),
    "microsoft": (microsoft, Most(booked=3, first=3, watched=1)),
    # Each calendar is asked and written; the organizer's is read before, and written last.
    "caldav": (caldav, Most(booked=2 * _PEOPLE + 2, first=2 * _PEOPLE + 2, watched=1 + _PEOPLE)),
}


def rows(vendor: str) -> list[Row]:
    """Books the first session and one that follows, and looks at it, as the acts do."""
    connect, most = VENDORS[vendor]
    with connect() as (desk, calls):

        def booked(number: int, within: timedelta) -> EventRef:
            window = Window(start=TUESDAY, end=TUESDAY + within)
            desk.calendar.free_busy([desk.mentor, desk.mentee], window)
            return desk.calendar.ensure(f"session/{number}", 0, desk.spec(TUESDAY + number * _FOLLOWING))

        marks = [calls()]
        booked(1, timedelta(minutes=hours.AT_ONCE))
        marks.append(calls())
        ref = booked(2, _FOLLOWING)
        marks.append(calls())
        desk.calendar.get(ref)
        marks.append(calls())
    first, following, watched = (after - before for before, after in itertools.pairwise(marks))
    return [
        Row(vendor, "book a session", following, most.booked),
        Row(vendor, "book the first session", first, most.first),
        Row(vendor, "look at a session", watched, most.watched),
    ]


def main() -> int:
    """Prints the table; 1 if any act costs more than it may."""
    found = [row for vendor in VENDORS for row in rows(vendor)]
    print(f"{'provider':<10} {'act':<24} {'calls':>5} {'most':>5}")
    for row in found:
        note = "" if row.is_right else "  too many"
        print(f"{row.vendor:<10} {row.act:<24} {row.calls:>5} {row.most:>5}{note}")
    return int(not all(row.is_right for row in found))


if __name__ == "__main__":
    sys.exit(main())
