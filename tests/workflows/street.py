"""A street of pairings whose calendars are at several providers: they live side by side, to their ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.worker import Worker

from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking
from integrations.database.sql.database import Database
from integrations.rehearsal.agenda import Agendas, Entry
from integrations.rehearsal.agenda_opening import opened_agendas
from integrations.settings import Settings
from tests.integrations.rehearsal.neighbourhood import OFFICE, Neighbourhood
from tests.workflows.counted import TIME, Pulse, beating
from tests.workflows.mixed import (
    COORDINATOR,
    Deleter,
    LookingPost,
    Mover,
    Pair,
    Rooms,
    appointments,
)
from tests.workflows.town import RUNNER, Town, terms, verbs
from workflows.names import CALENDARS, MAIL, RECORDS, WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.stages import PairingStart, PairingState

_WITHIN_S = 600


@dataclass(frozen=True)
class Lived:
    """What became of a pairing, and who moved or deleted how many of its meetings."""

    outcome: str
    bookings: tuple[Booking, ...]
    did: Mapping[str, int]


@dataclass
class Street:
    """Where pairings are lived: `offices` has the programme account's own calendar by provider."""

    town: Town
    rooms: Rooms
    books: Database
    clock: ProgrammeClock
    agendas: Agendas
    offices: Mapping[str, Agendas]

    async def live(self, pair: Pair) -> Lived:
        """Lives a pairing to its end while its people and the programme's office change their minds.

        The mentee wants the second session at another time, the mentor deletes the third, the office moves
        the fourth.
        """
        start = self._start(pair)
        life = start.state.pairing_id
        hands = {
            "mentee moved": Mover(pair.mentee, self.agendas, session=2),
            "mentor deleted": Deleter(pair.mentor, self.agendas, session=3),
            "office moved": Mover(OFFICE, self.offices[pair.usual], session=4),
        }
        self.rooms.hands[life] = tuple(hands.values())
        running = self.town.client.execute_workflow(PairingWorkflow.run, start, id=life, task_queue=WORKFLOWS)
        outcome = await asyncio.wait_for(running, _WITHIN_S)
        did = {name: hand.done for name, hand in hands.items()}
        return Lived(outcome, self.books.bookings.of_life(life), did)

    async def held(self, usual: str) -> Mapping[str, Entry]:
        """The events in the programme's own calendar at a provider, by the id the service gave."""
        return {entry.mark: entry for entry in await self._all(self.offices[usual], OFFICE)}

    async def copies(self, address: str) -> list[str]:
        """The UIDs of the events in a person's calendar."""
        return sorted(entry.uid for entry in await self._all(self.agendas, address))

    async def _all(self, agendas: Agendas, address: str) -> Sequence[Entry]:
        since = self.clock.programme_anchor
        return await agendas.ahead(address, since, days=(self.clock.now() - since).days + 100)

    def _start(self, pair: Pair) -> PairingStart:
        mentor, mentee = (self._ref(address) for address in pair.people)
        state = PairingState(
            pairing_id=f"pairing/{pair.programme}/{mentee}/1",
            mentor_ref=mentor,
            mentee_ref=mentee,
            certified=True,
            signed=True,
        )
        said = terms(pair.programme)
        roles = said.roles.model_copy(update={"coordinator": self._ref(COORDINATOR)})
        return PairingStart(terms=said.model_copy(update={"clock": self.clock, "roles": roles}), state=state)

    def _ref(self, address: str) -> str:
        ref = self.books.directory.find(person_id=address)
        assert ref
        return ref


@asynccontextmanager
async def street(
    client: Client, neighbours: Neighbourhood, books: Database, settings: Mapping[str, Settings]
) -> AsyncIterator[Street]:
    """Runs lives and acts over the books; `settings` are the service's, by the organizer's provider."""
    TIME.beat()
    clock = next(iter(settings.values())).clock
    rooms = Rooms({usual: appointments(one, books) for usual, one in settings.items()}, books)
    town = Town(client, clock)
    town.post = LookingPost(clock, rooms.look)
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(neighbours.opened("microsoft"))
        google = opened_agendas(
            {OFFICE: "google"},
            usual="google",
            calendars=neighbours.radicale,
            vendors=neighbours.vendors,
            mail=neighbours.mail,
        )
        offices = {"microsoft": people.agendas, "google": (await stack.enter_async_context(google)).agendas}
        threads = stack.enter_context(ThreadPoolExecutor(16))
        lives = Worker(
            client, task_queue=WORKFLOWS, workflows=[PairingWorkflow, Pulse], workflow_runner=RUNNER
        )
        await stack.enter_async_context(lives)
        for queue, room in {CALENDARS: rooms, MAIL: town.post, RECORDS: town.archive}.items():
            acts = Worker(client, task_queue=queue, activities=verbs(room), activity_executor=threads)
            await stack.enter_async_context(acts)
        answering = asyncio.create_task(town.answer_letters())
        await stack.enter_async_context(beating(client))
        yield Street(town, rooms, books, clock, people.agendas, offices)
        answering.cancel()
