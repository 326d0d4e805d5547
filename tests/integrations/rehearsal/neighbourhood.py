"""A company whose people are at several providers: all of them run, and everybody can be reached."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import worker
from integrations.calendars.calendar import Calendar
from integrations.rehearsal.agenda_opening import Opened, opened_agendas
from integrations.rehearsal.children import Children
from integrations.rehearsal.scene import provision
from integrations.rehearsal.servers import MailServer, RadicaleServer, start_mail, start_radicale
from integrations.rehearsal.vendors import CALDAV, Vendor, start_vendor
from integrations.settings import Settings, load_settings

T = TypeVar("T")
OFFICE = "office@corp.example"
_GLANCE_S = 0.02
PROVIDERS = (CALDAV, "google", "microsoft")


@dataclass(frozen=True)
class Neighbourhood:
    """The servers of every provider, with some people at each: `<name>.<number>@corp.example`."""

    mail: MailServer
    radicale: RadicaleServer
    vendors: Mapping[str, Vendor]
    people: Mapping[str, str]

    def settings(self, usual: str, environment: Callable[[str, str], None]) -> Settings:
        """The service's settings with the organizer at this provider; they are put into the environment."""
        told = {
            "MENTORING_CALENDAR_PROVIDER": usual,
            "MENTORING_SENDER_ADDRESS": OFFICE,
            "MENTORING_CALDAV_URL": f"{self.radicale.url}{{address}}/calendar/",
            "MENTORING_CALDAV_USER": self.radicale.user,
            "MENTORING_CALDAV_PASSWORD": self.radicale.password,
        }
        for vendor in self.vendors.values():
            told.update(vendor.environment)
        for name, value in told.items():
            environment(name, value)
        return load_settings()

    def calendar(self, usual: str, environment: Callable[[str, str], None]) -> Calendar:
        """The adapter that holds the events."""
        return worker.calendars(self.settings(usual, environment))[usual]

    @asynccontextmanager
    async def opened(self, usual: str) -> AsyncIterator[Opened]:
        """Everybody's calendars, their mail programs running."""
        everybody = {**self.people, OFFICE: usual}
        opening = opened_agendas(
            everybody, usual=usual, calendars=self.radicale, vendors=self.vendors, mail=self.mail
        )
        async with opening as opened:
            programs = asyncio.create_task(opened.programs.live()) if opened.programs else None
            try:
                yield opened
            finally:
                if programs:
                    programs.cancel()
                    await asyncio.gather(programs, return_exceptions=True)


@contextmanager
def neighbourhood(folder: Path, numbers: Sequence[str]) -> Iterator[Neighbourhood]:
    """Starts the servers of all providers, with somebody of every number at each."""
    people = {f"{name}.{number}@corp.example": name for name in PROVIDERS for number in numbers}
    with Children() as children:
        mail, radicale = start_mail(children, folder / "mail"), start_radicale(children, folder / "radicale")
        provision(radicale, [one for one, provider in people.items() if provider == CALDAV], OFFICE)
        vendors = {
            name: start_vendor(children, name, folder / name, _zones(people, name), mail)
            for name in PROVIDERS
            if name != CALDAV
        }
        yield Neighbourhood(mail, radicale, vendors, people)


async def until(read: Callable[[], Awaitable[T]], good: Callable[[T], bool], within_s: float = 60) -> T:
    """What is read as soon as it is good; at last it is what it is."""
    deadline = time.monotonic() + within_s
    while True:
        found = await read()
        if good(found) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(_GLANCE_S)


def _zones(people: Mapping[str, str], provider: str) -> Mapping[str, str]:
    own = {address: "Europe/Paris" for address, at in people.items() if at == provider}
    return {**own, OFFICE: "Europe/Paris"}
