"""A whole programme played on local servers, months in minutes, and the account of it."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as clock_time

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from integrations.database.books import Books
from integrations.errors import IntegrationError, RetryableError
from integrations.hr.events import EventType, Status
from integrations.hr.roster_csv import import_roster
from integrations.rehearsal.account import (
    Account,
    Lives,
    Seen,
    bookings_of,
    counted,
    documents,
    mails,
)
from integrations.rehearsal.agenda import Agendas
from integrations.rehearsal.agenda_mail import MailPrograms
from integrations.rehearsal.agenda_opening import Opened, opened_agendas
from integrations.rehearsal.cast import Cast
from integrations.rehearsal.mailbox import Mailboxes
from integrations.rehearsal.personas import Moods, Persona, Temper
from integrations.rehearsal.scene import ORGANIZER, Play, Scene, provision, sample_roster
from integrations.rehearsal.vendors import CALDAV, TITLES

_OVER = frozenset({"retention", "ended"})
_GLANCE_S = 1.0
_PATIENCE_S = 1_800
_LEAVES_AFTER = 2
_APPLICANTS = 1.5
_APPLICANTS_MORE = 6
_BEYOND_DAYS = 60
"""How far after the end of a programme its events are looked for."""


class NotOverError(IntegrationError):
    """The rehearsal broke off before the programme was over."""


@dataclass
class Rehearsal:
    """One rehearsal on a scene that is set; `books` and `lives` look at it from the side."""

    scene: Scene
    books: Books
    lives: Lives
    temper: Temper
    terms: Play
    console: Console = field(default_factory=Console)
    after_each_glance: Callable[["Rehearsal"], Awaitable[None]] | None = None
    stages: dict[str, str] = field(default_factory=dict)
    _leaver_told: bool = False
    _said: str = ""

    @property
    def programme_id(self) -> str:
        """The programme that is played."""
        return self.scene.programme.id

    async def play(self) -> Account:
        """Brings the company in, opens the programme by an HR event and lets the cast live to its end."""
        began = time.monotonic()
        self._settle_in()
        self.scene.begin(self.terms.days_a_second)
        self._open()
        people = {
            person.address: Persona(
                person.address, person.name, person.language, person.calendar_provider in TITLES
            )
            for person in self.books.directory.everybody()
        }
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        client = httpx.AsyncClient(timeout=20, trust_env=False, limits=limits)
        async with client, self._calendars() as calendars:
            cast = Cast(
                people=people,
                mailboxes=Mailboxes(self.scene.mail.folder),
                agendas=calendars.agendas,
                client=client,
                clock=self.scene.clock,
                moods=Moods(self.temper, self.terms.seed, appeal=self._appeal()),
            )
            living = asyncio.create_task(_live(cast, calendars.programs))
            try:
                await self._watch(living)
            finally:
                living.cancel()
                await asyncio.gather(living, return_exceptions=True)
            seconds = time.monotonic() - began
            return await self._account(cast, await self._seen(calendars.agendas), seconds)

    def _calendars(self) -> AbstractAsyncContextManager[Opened]:
        """Everybody's calendars, and the programme's own."""
        usual = self.terms.calendars[0]
        providers = {person.address: person.calendar_provider for person in self.books.directory.everybody()}
        return opened_agendas(
            {**providers, ORGANIZER: usual},
            usual=usual,
            calendars=self.scene.calendars,
            vendors=self.scene.vendors,
            mail=self.scene.mail,
        )

    def _settle_in(self) -> None:
        roster = sample_roster(self.terms.calendars)
        imported_at = datetime.combine(self.scene.programme.starts_on, clock_time(), UTC)
        import_roster(self.books.directory, roster, imported_at, "roster")
        with_calendar = [one for one in self.books.directory.everybody() if one.calendar_provider == CALDAV]
        provision(self.scene.calendars, [person.address for person in with_calendar], ORGANIZER)
        self.books.programmes.save(self.scene.programme)

    def _appeal(self) -> float:
        """How many of those called apply: half as many again as there are managers, and some more."""
        level = self.scene.programme.mentors.max_level
        called = sum(person.level <= level for person in self.books.directory.everybody())
        return min(1.0, (_APPLICANTS * self.terms.pairings + _APPLICANTS_MORE) / max(called, 1))

    def _open(self) -> None:
        opened = {
            "id": f"open-{self.programme_id}",
            "type": EventType.PROGRAMME_OPENED.value,
            "occurred_at": self.scene.clock.programme_anchor.isoformat(),
            "programme_id": self.programme_id,
        }
        answer = self.scene.deliver(opened)
        if answer.status_code != httpx.codes.ACCEPTED:
            raise RetryableError(f"the inbox answered the HR event with {answer.status_code}")

    async def _watch(self, living: "asyncio.Task[None]") -> None:
        """Looks at Temporal every second until the programme is over."""
        until = time.monotonic() + _PATIENCE_S
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} pairings ended"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console) as progress:
            bar = progress.add_task("…", total=None)
            while not self._is_over():
                if living.done():
                    living.result()
                if time.monotonic() > until:
                    raise NotOverError(f"the programme is not over after {_PATIENCE_S} s")
                await asyncio.sleep(_GLANCE_S)
                self.stages = await self.lives.stages(self.programme_id)
                self._say_where_it_stands()
                pairings = [stage for life, stage in self.stages.items() if life.startswith("pairing/")]
                progress.update(
                    bar,
                    description=f"{self.scene.clock.now():%a %d %b %Y}  {self._stage()}",
                    total=len(pairings) or None,
                    completed=pairings.count("ended"),
                )
                if self.temper is Temper.LIVELY:
                    self._let_somebody_leave()
                if self.after_each_glance:
                    await self.after_each_glance(self)

    def _say_where_it_stands(self) -> None:
        """Says each stage of the programme once; a terminal has a bar besides."""
        if self._stage() != self._said:
            self._said = self._stage()
            self.console.print(f"{self.scene.clock.now():%a %d %b %Y}  {self._said}")

    def _stage(self) -> str:
        return self.stages.get(f"programme/{self.programme_id}", "opening")

    def _is_over(self) -> bool:
        return self._stage() in _OVER

    def _let_somebody_leave(self) -> None:
        """In a lively company a mentor leaves at once, some sessions in; HR says so."""
        if self._leaver_told:
            return
        for pairing in self.books.pairings.of_programme(self.programme_id):
            held = [one for one in self.books.bookings.of_life(pairing.id) if one.kind == "session"]
            now = self.scene.clock.now()
            if sum(one.end < now for one in held) >= _LEAVES_AFTER:
                person = self.books.directory.person(pairing.mentor_ref)
                day = now.date().isoformat()
                answer = self.scene.deliver(
                    {
                        "id": secrets.token_hex(16),
                        "type": EventType.TERMINATED.value,
                        "person_id": person.person_id,
                        "occurred_at": now.isoformat(),
                        "effective_on": day,
                        "zone": person.zone,
                        "changes": {"person_id": person.person_id, "status": "left", "end_date": day},
                    }
                )
                if answer.status_code != httpx.codes.ACCEPTED:
                    raise RetryableError(f"the inbox answered a leaver with {answer.status_code}")
                self._leaver_told = True
                return

    async def _seen(self, agendas: Agendas) -> Seen:
        """What the calendar servers have of the programme, asked the way each of them can be."""
        usual = self.terms.calendars[0]
        if usual == CALDAV:
            return Seen(len(self.scene.live_events(ORGANIZER)), TITLES[usual])
        since = self.scene.clock.programme_anchor
        days = (self.scene.clock.now() - since).days + _BEYOND_DAYS
        held = await agendas.ahead(ORGANIZER, since, days=days)
        # Who has left is spared the cancellation, and keeps a copy in an account that is closed.
        staying = [one.address for one in self.books.directory.everybody() if one.status is not Status.LEFT]
        copies = await asyncio.gather(*(agendas.ahead(address, since, days=days) for address in staying))
        self.scene.held = documents(held, bookings_of(self.books, self.programme_id))
        known = {entry.uid for entry in held}
        orphaned = sum(entry.uid not in known for entries in copies for entry in entries)
        return Seen(len(held), TITLES[usual], orphaned)

    async def _account(self, cast: Cast, seen: Seen, seconds: float) -> Account:
        programme_id, books = self.programme_id, self.books
        outcomes = await self.lives.outcomes(programme_id)
        pairings = books.pairings.of_programme(programme_id)
        mail = mails(self.scene.mail.folder)
        held = [one.held for one in pairings if one.status == "completed"]
        return Account(
            programme_id=programme_id,
            began=self.scene.clock.programme_anchor,
            ended=self.scene.clock.programme(datetime.now(UTC)),
            seconds=round(seconds, 1),
            outcomes=Counter(outcomes.values()),
            sessions_held=sum(one.held for one in pairings),
            least_sessions_of_completed=min(held, default=0),
            letters=Counter(one.letter for one in books.ledger.sent(programme_id)),
            events=Counter(f"{one.kind} {one.status.value}" for one in bookings_of(books, programme_id)),
            hr_events=books.deliveries.counts(),
            tasks=Counter(one.kind for one in books.tasks.of_programme(programme_id)),
            cast=cast.did,
            troubles=tuple(cast.troubles),
            counts=counted(books, programme_id, outcomes, mail, seen, self.scene.sender),
            wanted=self.terms.pairings if self.temper is Temper.CALM else 0,
            sessions_wanted=self.scene.programme.sessions,
        )


async def _live(cast: Cast, programs: MailPrograms | None) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(cast.live())
        if programs:
            group.create_task(programs.live())
