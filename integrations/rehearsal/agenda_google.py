"""People's calendars at Google, by the Calendar API and each person's own token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from integrations.calendars.calendar import Rsvp
from integrations.rehearsal.agenda_accounts import Accounts

_WORDS = {
    Rsvp.ACCEPTED: "accepted",
    Rsvp.DECLINED: "declined",
    Rsvp.TENTATIVE: "tentative",
    Rsvp.NEEDS_ACTION: "needsAction",
}
_RSVPS = {word: rsvp for rsvp, word in _WORDS.items()}
_CHANGED = frozenset({httpx.codes.PRECONDITION_FAILED, httpx.codes.NOT_FOUND, httpx.codes.GONE})


@dataclass(frozen=True)
class GoogleEntry:
    """An event as it stands in a person's Google calendar."""

    agenda: "GoogleAgenda"
    address: str
    told: Mapping[str, Any]

    @property
    def uid(self) -> str:
        """The event's iCalendar UID."""
        return str(self.told["iCalUID"])

    @property
    def mark(self) -> str:
        """The id the service gave the event; its organizer alone sees that it did."""
        ours = self.told.get("extendedProperties", {}).get("private", {})
        return str(self.told["id"]) if "mentoringKey" in ours else ""

    @property
    def start(self) -> datetime:
        """When it starts, in UTC."""
        return self._instant("start")

    @property
    def end(self) -> datetime:
        """When it ends, in UTC."""
        return self._instant("end")

    @property
    def sequence(self) -> int:
        """How often it was moved."""
        return int(self.told["sequence"])

    @property
    def rsvp(self) -> Rsvp:
        """The person's own answer; the organizer, who is no guest, has none to give."""
        mine = (one["responseStatus"] for one in self.told.get("attendees", ()) if one.get("self"))
        return _RSVPS[next(mine, "accepted")]

    async def answer(self, rsvp: Rsvp) -> bool:
        """Answers for this person alone."""
        mine = {"email": self.address, "responseStatus": _WORDS[rsvp]}
        return await self.agenda.patch(self, {"attendeesOmitted": True, "attendees": [mine]})

    async def shift(self, by: timedelta) -> bool:
        """Moves the event; a guest whom Google does not let do that declines it."""
        times = {"start": self.start + by, "end": self.end + by}
        body = {name: {"dateTime": moment.isoformat()} for name, moment in times.items()}
        try:
            return await self.agenda.patch(self, body, {"If-Match": str(self.told["etag"])})
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.FORBIDDEN:
                raise
        return await self.answer(Rsvp.DECLINED)

    async def delete(self) -> bool:
        """Deletes the event; a guest declines it by that."""
        return await self.agenda.delete(self)

    def _instant(self, name: str) -> datetime:
        return datetime.fromisoformat(self.told[name]["dateTime"]).astimezone(UTC)


class GoogleAgenda:
    """Everybody's primary calendar at Google; `url` ends in `/calendar/v3/`."""

    def __init__(self, accounts: Accounts, url: str) -> None:
        self._accounts = accounts
        self._events = f"{url}calendars/primary/events"

    async def ahead(self, address: str, now: datetime, *, days: int = 60) -> Sequence[GoogleEntry]:
        """The events with hours in the person's calendar in the days ahead, earliest first."""
        query = {
            "timeMin": now.astimezone(UTC).isoformat(),
            "timeMax": (now + timedelta(days=days)).astimezone(UTC).isoformat(),
            "singleEvents": "true",
            "orderBy": "startTime",
        }
        found: list[GoogleEntry] = []
        while True:
            response = await self._accounts.request(address, "GET", self._events, params=query)
            told = response.raise_for_status().json()
            timed = [one for one in told["items"] if "dateTime" in one["start"]]
            found += [GoogleEntry(self, address, one) for one in timed]
            if "nextPageToken" not in told:
                return found
            query = {**query, "pageToken": told["nextPageToken"]}

    async def patch(
        self, entry: GoogleEntry, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> bool:
        """Changes the event; says False where it is gone, or not what the headers make sure it is."""
        return await self._change("PATCH", entry, json=body, headers=headers or {})

    async def delete(self, entry: GoogleEntry) -> bool:
        """Deletes the event from this calendar; says False where it is gone already."""
        return await self._change("DELETE", entry)

    async def _change(self, method: str, entry: GoogleEntry, **told: Any) -> bool:  # noqa: ANN401
        response = await self._accounts.request(
            entry.address,
            method,
            f"{self._events}/{entry.told['id']}",
            params={"sendUpdates": "all"},
            **told,
        )
        if response.status_code in _CHANGED:
            return False
        response.raise_for_status()
        return True
