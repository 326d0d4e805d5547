"""People's mail programs: they put invitations that come by mail into their CalDAV calendars."""

import asyncio

from integrations.rehearsal.agenda_caldav import CalDavAgenda
from integrations.rehearsal.invitations import Inbox

_GLANCE_S = 0.03


class MailPrograms:
    """Lives until cancelled; needed where the organizer's calendar is not at the people's own server."""

    def __init__(self, agenda: CalDavAgenda, inbox: Inbox) -> None:
        self._agenda = agenda
        self._inbox = inbox

    async def live(self) -> None:
        """Files every invitation that comes, in order of arrival, until cancelled."""
        while True:
            for address, invitation in await asyncio.to_thread(lambda: list(self._inbox.new())):
                await self._agenda.file(address, invitation)
            await asyncio.sleep(_GLANCE_S)
