"""People's calendars at Microsoft 365, by Graph and each person's own token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from integrations.calendars.calendar import Rsvp
from integrations.rehearsal.agenda_accounts import Accounts

_ACTIONS = {Rsvp.ACCEPTED: "accept", Rsvp.DECLINED: "decline", Rsvp.TENTATIVE: "tentativelyAccept"}
_RSVPS = {
    "organizer": Rsvp.ACCEPTED,
    "accepted": Rsvp.ACCEPTED,
    "declined": Rsvp.DECLINED,
    "tentativelyAccepted": Rsvp.TENTATIVE,
}
_CHANGED = frozenset({httpx.codes.PRECONDITION_FAILED, httpx.codes.NOT_FOUND})
# PidLidAppointmentSequence ([MS-OXPROPS], section 2.25): what iCalendar calls SEQUENCE.
_SEQUENCE = "Integer {00062002-0000-0000-C000-000000000046} Id 0x8201"
# Where the service keeps its own id of an event; the organizer's mailbox alone has it.
_MARK = "String {6b0d0c4e-3f52-4b0a-9d43-8f1f7f4f6a11} Name MentoringEvent"
_EXPANDED = f"singleValueExtendedProperties($filter=id eq '{_SEQUENCE}' or id eq '{_MARK}')"
_PAGE = "100"


@dataclass(frozen=True)
class MicrosoftEntry:
    """An event as it stands in a person's mailbox."""

    agenda: "MicrosoftAgenda"
    address: str
    told: Mapping[str, Any]

    @property
    def uid(self) -> str:
        """The event's iCalendar UID."""
        return str(self.told["iCalUId"])

    @property
    def mark(self) -> str:
        """The id the service gave the event; its organizer's mailbox alone has it."""
        return self._property(_MARK)

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
        return int(self._property(_SEQUENCE) or 0)

    @property
    def rsvp(self) -> Rsvp:
        """The person's own answer."""
        return _RSVPS.get(self.told["responseStatus"]["response"], Rsvp.NEEDS_ACTION)

    async def answer(self, rsvp: Rsvp) -> bool:
        """Answers the organizer; what is declined leaves the calendar."""
        return await self.agenda.act(self, _ACTIONS[rsvp], {"SendResponse": True})

    async def shift(self, by: timedelta) -> bool:
        """Moves an event of one's own; an attendee declines it and proposes another time."""
        times = {"start": self.start + by, "end": self.end + by}
        wish = {
            name: {"dateTime": moment.replace(tzinfo=None).isoformat(), "timeZone": "UTC"}
            for name, moment in times.items()
        }
        if self.told["isOrganizer"]:
            return await self.agenda.patch(self, wish)
        return await self.agenda.act(self, "decline", {"SendResponse": True, "ProposedNewTime": wish})

    async def delete(self) -> bool:
        """Deletes an event of one's own, which cancels it; an attendee declines it, as Outlook does."""
        if self.told["isOrganizer"]:
            return await self.agenda.delete(self)
        return await self.answer(Rsvp.DECLINED)

    def _instant(self, name: str) -> datetime:
        # Graph sends seven digits of a second, and UTC is what we ask for.
        return datetime.fromisoformat(self.told[name]["dateTime"][:19]).replace(tzinfo=UTC)

    def _property(self, name: str) -> str:
        known = {one["id"].lower(): one["value"] for one in self.told["singleValueExtendedProperties"]}
        return str(known.get(name.lower(), ""))


class MicrosoftAgenda:
    """Everybody's mailbox in a tenant; `url` ends in the version."""

    def __init__(self, accounts: Accounts, url: str) -> None:
        self._accounts = accounts
        self._url = url

    async def ahead(self, address: str, now: datetime, *, days: int = 60) -> Sequence[MicrosoftEntry]:
        """The events in the person's calendar in the days ahead, earliest first."""
        query: Mapping[str, str] | None = {
            "startDateTime": now.astimezone(UTC).isoformat(),
            "endDateTime": (now + timedelta(days=days)).astimezone(UTC).isoformat(),
            "$top": _PAGE,
            "$expand": _EXPANDED,
        }
        url = f"{self._mailbox(address)}/calendarView"
        found: list[MicrosoftEntry] = []
        while url:
            response = await self._send(address, "GET", url, params=query)
            told = response.raise_for_status().json()
            found += [MicrosoftEntry(self, address, one) for one in told["value"]]
            # The link of the next page has the question in it.
            url, query = told.get("@odata.nextLink", ""), None
        return found

    async def act(self, entry: MicrosoftEntry, action: str, body: Mapping[str, Any]) -> bool:
        """Does an action on the event; says False where it is gone."""
        return await self._change(entry, "POST", f"/{action}", json=body)

    async def patch(self, entry: MicrosoftEntry, body: Mapping[str, Any]) -> bool:
        """Changes the event; says False where it was changed by somebody else meanwhile."""
        headers = {"If-Match": str(entry.told["@odata.etag"])}
        return await self._change(entry, "PATCH", "", json=body, headers=headers)

    async def delete(self, entry: MicrosoftEntry) -> bool:
        """Deletes the event; says False where it is gone already."""
        return await self._change(entry, "DELETE", "")

    async def _change(self, entry: MicrosoftEntry, method: str, action: str, **told: Any) -> bool:  # noqa: ANN401
        url = f"{self._mailbox(entry.address)}/events/{quote(entry.told['id'], safe='')}{action}"
        response = await self._send(entry.address, method, url, **told)
        if response.status_code in _CHANGED:
            return False
        response.raise_for_status()
        return True

    async def _send(self, address: str, method: str, url: str, **told: Any) -> httpx.Response:  # noqa: ANN401
        prefer = {"Prefer": 'IdType="ImmutableId", outlook.timezone="UTC"'}
        headers = {**prefer, **told.pop("headers", {})}
        return await self._accounts.request(address, method, url, headers=headers, **told)

    def _mailbox(self, address: str) -> str:
        return f"{self._url}/users/{quote(address, safe='@')}"
