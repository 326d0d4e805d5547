"""The cast: everybody of the sample company, who see only what real people see.

They read their letters in their mailbox, open the links, fill in the pages, and answer, decline or move what
stands in their own calendar. They know nothing of the service behind it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import httpx

from integrations.calendars.calendar import Rsvp
from integrations.clock import ProgrammeClock
from integrations.rehearsal.agenda import Agendas, Entry
from integrations.rehearsal.forms import form_on
from integrations.rehearsal.mailbox import Mail, Mailboxes
from integrations.rehearsal.personas import Moods, Persona

_LOG = logging.getLogger("rehearsal.cast")
_GLANCE_S = 0.05
_AT_ONCE = 48
_TRIES = 20
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_ABOUT_EVENTS = frozenset(
    {"training-programme", "training-missed", "mentee-welcome", "session-brief", "session-reminder"}
)


class Cast:
    """Lives until cancelled; `did` counts what people did, `troubles` what they met that no one should."""

    def __init__(  # noqa: PLR0913 - what a person has at hand
        self,
        *,
        people: Mapping[str, Persona],
        mailboxes: Mailboxes,
        agendas: Agendas,
        client: httpx.AsyncClient,
        clock: ProgrammeClock,
        moods: Moods,
    ) -> None:
        self._people = people
        self._mailboxes = mailboxes
        self._agendas = agendas
        self._client = client
        self._clock = clock
        self._moods = moods
        self._hands = asyncio.Semaphore(_AT_ONCE)
        self.did: Counter[str] = Counter()
        self.troubles: list[str] = []

    async def live(self) -> None:
        """Reads every letter that comes, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                for mail in await asyncio.to_thread(lambda: list(self._mailboxes.new())):
                    if persona := self._people.get(mail.address):
                        group.create_task(self._read(persona, mail))
                await asyncio.sleep(_GLANCE_S)

    async def _read(self, persona: Persona, mail: Mail) -> None:
        self.did["letters read"] += 1
        delay = self._moods.delay(persona, mail.file.name.partition(".")[2] or mail.subject)
        await asyncio.sleep(self._clock.real_duration(delay).total_seconds())
        async with self._hands:
            try:
                await self._heed(persona, mail)
            except (httpx.HTTPError, ValueError) as error:
                self.troubles.append(f"{mail.letter}: {type(error).__name__}: {error}")
                _LOG.warning("cast.trouble", extra={"letter": mail.letter, "error": str(error)})

    async def _heed(self, persona: Persona, mail: Mail) -> None:
        if mail.letter in _ABOUT_EVENTS and persona.has_calendar:
            await self._open_calendar(persona)
        if not mail.link:
            return
        if self._moods.ignores(persona, mail.letter, mail.subject):
            self.did["letters left lying"] += 1
            return
        await self._answer(persona, mail)

    async def _answer(self, persona: Persona, mail: Mail) -> None:
        """Opens the link and answers; a link used by somebody else's answer is fine."""
        page = await self._try("GET", mail.link)
        if page.status_code in {httpx.codes.GONE, httpx.codes.NOT_FOUND}:
            self.did[f"links found closed ({page.status_code})"] += 1
            return
        form = form_on(page.text)
        if form is None:
            raise ValueError(f"the page answers {page.status_code} and asks nothing")
        filled = self._moods.fill(form, persona, mail.letter)
        answer = await self._try("POST", form.action or mail.link, filled)
        if answer.status_code == httpx.codes.GONE:
            self.did["answers that came too late"] += 1
        elif answer.status_code != httpx.codes.OK:
            raise ValueError(f"the answer {filled.get('choice')} was refused with {answer.status_code}")
        else:
            self.did["questions answered"] += 1

    async def _try(self, method: str, url: str, data: dict[str, list[str]] | None = None) -> httpx.Response:
        """A person tries again in a while when a page does not come up."""
        for attempt in range(1, _TRIES + 1):
            try:
                response = await self._client.request(method, url, data=data)
            except httpx.TransportError:
                if attempt == _TRIES:
                    raise
            else:
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or attempt == _TRIES:
                    return response
            await asyncio.sleep(0.25 * attempt)
        raise ValueError(f"{method} was tried {_TRIES} times")

    async def _open_calendar(self, persona: Persona) -> None:
        """A person opens their calendar again when it does not load."""
        for attempt in range(1, _TRIES):
            try:
                return await self._look_at_calendar(persona)
            except httpx.TransportError:
                await asyncio.sleep(0.25 * attempt)
        return await self._look_at_calendar(persona)

    async def _look_at_calendar(self, persona: Persona) -> None:
        now = self._clock.now()
        for entry in await self._agendas.ahead(persona.address, now):
            if entry.rsvp is Rsvp.NEEDS_ACTION and entry.start > now + _HOUR:
                await self._rsvp(persona, entry)

    async def _rsvp(self, persona: Persona, entry: Entry) -> None:
        does = self._moods.rsvp(persona, entry.uid, entry.sequence)
        if does == "move":
            done = await entry.shift(_DAY)
        else:
            done = await entry.answer({"accept": Rsvp.ACCEPTED, "decline": Rsvp.DECLINED}[does])
        if done:
            self.did[f"events: {does}"] += 1
