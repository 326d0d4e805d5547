"""The acts on calendars over a Google or a Microsoft 365 of their own, with the sample company's people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from integrations.calendars.calendar import Calendar, EventRef
from integrations.hr.events import PersonFacts
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.by_mail import Office, acts_of
from tests.activities.house import House
from tests.integrations.calendars import google_desk, graph_desk
from tests.integrations.calendars.google_server import GoogleServer, google_server
from tests.integrations.calendars.graph_server import GraphServer, graph_server

PEOPLE = ("00510", "00025", "00521")


@dataclass
class VendorOffice:
    """The acts, and the vendor's server that they call."""

    office: Office
    server: GoogleServer | GraphServer

    @property
    def calls(self) -> list[str]:
        """What was called, in order."""
        return self.server.methods()

    def event(self) -> EventRef:
        """Where the meeting's event stands."""
        assert self.office.booking.event
        return EventRef.model_validate_json(self.office.booking.event)


@contextmanager
def google_office(house: House) -> Iterator[VendorOffice]:
    """Everybody at Google."""
    with google_server() as server:
        server.join(ORGANIZER, *_addresses(house))
        yield _office(house, "google", google_desk.adapter(server, ORGANIZER), server)


@contextmanager
def microsoft_office(house: House) -> Iterator[VendorOffice]:
    """Everybody at Microsoft."""
    with graph_server() as server:
        server.join(ORGANIZER, *_addresses(house))
        yield _office(house, "microsoft", graph_desk.adapter(server, ORGANIZER), server)


OFFICES = {"google": google_office, "microsoft": microsoft_office}


def _addresses(house: House) -> tuple[str, ...]:
    return tuple(house.person(one).address for one in PEOPLE)


def _office(house: House, name: str, calendar: Calendar, server: GoogleServer | GraphServer) -> VendorOffice:
    facts = [PersonFacts(person_id=one, calendar_provider=name) for one in PEOPLE]
    house.books.directory.apply(facts, house.clock.now(), name)
    return VendorOffice(Office(house, acts_of(house, usual=name, connected={name: calendar})), server)
