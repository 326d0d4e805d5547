from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

import worker
from integrations.clock import ProgrammeClock
from integrations.hr.roster_csv import import_roster, read_roster
from integrations.rehearsal.agenda_caldav import CalDavAgenda
from integrations.rehearsal.children import Children
from integrations.rehearsal.scene import COMPANY, ORGANIZER, provision, sample_programme
from integrations.rehearsal.servers import start_mail, start_radicale
from integrations.settings import Settings
from tests.activities.house import MORNING, House, Neighbours


@pytest.fixture(scope="session")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    with Children() as children:
        folder = tmp_path_factory.mktemp("neighbours")
        calendars = start_radicale(children, folder)
        roster = read_roster(COMPANY / "roster.csv")
        addresses = [one.work_address for one in roster.facts if one.calendar_provider == "caldav"]
        provision(calendars, [address for address in addresses if address], ORGANIZER)
        yield Neighbours(calendars, start_mail(children, folder))


@pytest.fixture
async def house(neighbours: Neighbours, tmp_path: Path) -> AsyncIterator[House]:
    database = worker.opened(f"sqlite:///{tmp_path / 'mentoring.db'}")
    import_roster(database.directory, read_roster(COMPANY / "roster.csv"), MORNING, "roster")
    programme = sample_programme(12)
    database.programmes.save(programme)
    settings = settings_of(neighbours, ProgrammeClock.starting(MORNING, at=datetime.now(UTC), rate=1))
    acts = worker.compose(settings, database)
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        yield House(
            acts={act.__name__: act for queue in acts.by_queue.values() for act in queue},
            books=database,
            programme=programme,
            settings=settings,
            agendas=CalDavAgenda(client, neighbours.calendars.url, neighbours.calendars.people_password),
            maildir=neighbours.mail.folder,
            people={person.person_id: person for person in database.directory.everybody()},
        )
        await empty(client, neighbours)
    for box in neighbours.mail.folder.glob("*/new/*"):
        box.unlink()
    database.store.close()


def settings_of(neighbours: Neighbours, clock: ProgrammeClock) -> Settings:
    return Settings.model_validate(
        {
            "public_url": "http://inbox.example",
            "link_keys": ["a key that is only good for tests"],
            "sender_address": ORGANIZER,
            "smtp_host": neighbours.mail.host,
            "smtp_port": neighbours.mail.port,
            "caldav_url": f"{neighbours.calendars.url}{{address}}/calendar/",
            "caldav_user": neighbours.calendars.user,
            "caldav_password": neighbours.calendars.password,
            "conference_url": "https://meet.example/{code}",
            "clock": clock,
        }
    )


async def empty(client: httpx.AsyncClient, neighbours: Neighbours) -> None:
    """Leaves empty calendars to the next test, and all of them there."""
    calendars = neighbours.calendars
    root = calendars.storage / "collection-root"
    service = (calendars.user, calendars.password)
    for event in root.glob("*/calendar/*.ics"):
        await client.delete(f"{calendars.url}{event.relative_to(root)}", auth=service)
    for person in root.iterdir():
        if not (person / "calendar").exists():
            made = await client.request("MKCALENDAR", f"{calendars.url}{person.name}/calendar/", auth=service)
            made.raise_for_status()
