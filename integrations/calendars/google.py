"""Google Calendar: one event in the programme account's primary calendar, its copies kept by Google.

Guests cannot change the event: only what is done in the organizer's calendar moves it. The time that a guest
proposes is mailed to the organizer, and the API shows no more of it than the answer it came with. With
`guests_can_modify` a guest's move moves the event for everybody.
"""

import http.client
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httplib2  # type: ignore[import-untyped]
from google.auth.exceptions import GoogleAuthError
from googleapiclient.discovery import build  # type: ignore[import-untyped]
from googleapiclient.errors import HttpError  # type: ignore[import-untyped]

from integrations import deadline
from integrations.calendars.calendar import Availability, EventRef, EventSpec, Gone, Snapshot, Window
from integrations.calendars.google_access import Access
from integrations.calendars.google_busy import BusyAnswer, Question, available, questions
from integrations.calendars.google_errors import Refusal, translated
from integrations.calendars.google_event import (
    Event,
    admitting_body,
    change_of,
    changed_body,
    new_body,
    without,
)
from integrations.calendars.ics import event_uid
from integrations.calendars.turns import Turns
from integrations.errors import ConflictError, GoneError, MisconfiguredError, RetryableError

PROVIDER = "google"
# At WARNING it writes out the body of a 403 it cannot read.
logging.getLogger("googleapiclient.http").setLevel(logging.ERROR)
T = TypeVar("T")
# Google names no number, but answers rateLimitExceeded to bursts of writes to one calendar.
_AT_ONCE = 4
# Networks fail with the first four. The others are a body in no form known: pydantic refuses it with a
# ValueError, and googleapiclient trips over a 403 that is not in Google's form.
_LOST = (
    GoogleAuthError,
    httplib2.HttpLib2Error,
    http.client.HTTPException,
    OSError,
    ValueError,
    LookupError,
    TypeError,
)


class Google:
    """The calendars of a Google Workspace, reached by a service account that acts for the organizer.

    May be shared between threads: each has a connection and a client of its own for each organizer.
    `api_endpoint` ends in `/calendar/v3/`. Nothing is retried, but httplib2 sends a request again by itself
    when the connection drops; all writes bear that.
    """

    def __init__(  # noqa: PLR0913 - credentials, addresses and what events are like
        self,
        *,
        service_account_info: Mapping[str, Any] | Path,
        organizer: str,
        api_endpoint: str = "https://www.googleapis.com/calendar/v3/",
        token_uri: str | None = None,
        timeout_s: float = 20,
        conference: bool = True,
        guests_can_modify: bool = False,
        ca_certs: Path | None = None,
    ) -> None:
        if not api_endpoint.endswith("/calendar/v3/"):
            raise MisconfiguredError("the Google API's address must end in /calendar/v3/")
        self._organizer = organizer
        self._api_endpoint = api_endpoint
        self._conference = conference
        self._guests_can_modify = guests_can_modify
        self._access = Access(
            service_account_info, token_uri=token_uri, timeout_s=timeout_s, ca_certs=ca_certs
        )
        self._timeout_s = timeout_s
        self._turns = Turns(_AT_ONCE)
        self._of_thread = threading.local()

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:
        """When these people are taken, as the organizer may see it; a calendar with an error is Unknown.

        Google tells hours, not kinds: out of office and focus time are busy, a working location is not.
        """
        answers = [(question, self._ask(question)) for question in questions(people, window)]
        return {person: available(person, window, answers) for person in people}

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        """Creates the event of this key and generation, or adopts it; GoneError where it was cancelled.

        One call; a second one where the id is taken, or where the link is not ready yet: that reads back
        what stands, as Google does not promise to notice an id that is taken.
        """
        ref = EventRef(
            provider=PROVIDER,
            organizer=spec.organizer.address,
            id=event_uid(key, generation),
            key=key,
            generation=generation,
            attendees=tuple(one.address for one in spec.attendees),
        )
        try:
            found: Event | None = self._insert(ref, spec)
        except ConflictError:
            found = self._read(ref)
        else:
            if found and found.awaits_conference:
                found = self._read(ref)
        return _adopted(found, ref)

    def get(self, ref: EventRef) -> Snapshot | Gone:
        """The event as it is now, in one call."""
        found = self._read(ref)
        return Gone() if found is None or found.is_cancelled else found.snapshot(ref)

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Changes the same event, and everybody's answer to needs-action; ConflictError on a stale etag.

        A change whose answer was lost, or that httplib2 sent twice, is known by its name in the event, and
        is done.
        """
        change = change_of(ref, spec, if_match)
        moved = ref.model_copy(update={"attendees": tuple(one.address for one in spec.attendees)})
        found = self._live(ref)
        if found.was_changed_by(change):
            return moved
        body = changed_body(found, ref, spec, change, conference=self._conference and spec.conference)
        try:
            self._patch(ref, body, if_match, send_updates="all")
        except ConflictError:
            if not self._live(ref).was_changed_by(change):
                raise
        return moved

    def admit(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Invites those of the spec who are not in the reference yet; the hour and all answers stay."""
        if body := admitting_body(self._live(ref), ref, spec):
            self._patch(ref, body, if_match, send_updates="all")
        return ref.model_copy(update={"attendees": tuple(one.address for one in spec.attendees)})

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Cancels the event everywhere; repeats do nothing. Google's notice has no room for the comment.

        Those in `spare` are first taken off the event without a notice.
        """
        spare = [address.lower() for address in spare]
        spared = [address for address in ref.attendees if address.lower() in spare]
        nobody_told = len(spared) == len(ref.attendees)
        try:
            if spared and not nobody_told:
                found = self._live(ref)
                self._patch(ref, without(found, spared), found.etag, send_updates="none")
            request = self._client(ref.organizer).events.delete(
                calendarId="primary", eventId=ref.id, sendUpdates="none" if nobody_told else "all"
            )
            self._done(ref.organizer, request, lambda _: None)
        except GoneError:
            return

    def call(self, organizer: str, ask: Callable[["Resources"], Any], read: Callable[[Any], T]) -> T:
        """Any one request of the API, acting for the organizer: made once, its errors told in ours."""
        return self._done(organizer, ask(self._client(organizer)), read)

    def _insert(self, ref: EventRef, spec: EventSpec) -> Event:
        body = new_body(
            ref,
            spec,
            conference=self._conference and spec.conference,
            guests_can_modify=self._guests_can_modify,
        )
        request = self._client(ref.organizer).events.insert(
            calendarId="primary", body=body, sendUpdates="all", conferenceDataVersion=1
        )
        return self._done(ref.organizer, request, Event.model_validate)

    def _patch(self, ref: EventRef, body: Mapping[str, Any], if_match: str, *, send_updates: str) -> None:
        request = self._client(ref.organizer).events.patch(
            calendarId="primary",
            eventId=ref.id,
            body=body,
            sendUpdates=send_updates,
            conferenceDataVersion=1,
        )
        request.headers["If-Match"] = if_match
        self._done(ref.organizer, request, Event.model_validate)

    def _read(self, ref: EventRef) -> Event | None:
        """The event, perhaps cancelled; None where there is none by this id."""
        request = self._client(ref.organizer).events.get(calendarId="primary", eventId=ref.id)
        try:
            return self._done(ref.organizer, request, Event.model_validate)
        except GoneError:
            return None

    def _live(self, ref: EventRef) -> Event:
        found = self._read(ref)
        if found is None or found.is_cancelled:
            raise GoneError("the event is gone; book it under another generation")
        return found

    def _ask(self, question: Question) -> BusyAnswer:
        request = self._client(self._organizer).freebusy.query(body=question.body())
        return self._done(self._organizer, request, BusyAnswer.model_validate)

    def _done(self, organizer: str, request: Any, read: Callable[[Any], T]) -> T:  # noqa: ANN401 - an HttpRequest
        """The answer to a request, made once and read; an answer that cannot be read counts as lost."""
        try:
            with self._turns.turn(organizer, deadline.left(self._timeout_s)):
                return read(request.execute(num_retries=0))
        except HttpError as error:
            # The original quotes the request; what is kept of it names nobody.
            refusal = Refusal(int(error.resp.status), error.resp, error.content)
            raise translated(refusal, request.methodId) from refusal
        except _LOST as error:
            raise translated(error, request.methodId) from error

    def _client(self, organizer: str) -> "Resources":
        """This thread's client for this organizer: a shared one hands out other threads' answers."""
        clients: dict[str, Resources] = self._of_thread.__dict__.setdefault("clients", {})
        if organizer not in clients:
            service = build(
                "calendar",
                "v3",
                http=self._access.connect(organizer),
                static_discovery=True,
                cache_discovery=False,
                num_retries=0,
                client_options={"api_endpoint": self._api_endpoint},
            )
            clients[organizer] = Resources(service.events(), service.freebusy(), service.channels())
        return clients[organizer]


class Resources(NamedTuple):
    """The API's resources, as the library makes them at run time (in 3 ms each)."""

    events: Any
    freebusy: Any
    channels: Any


def _adopted(found: Event | None, ref: EventRef) -> EventRef:
    """The reference, if this event is the one meant."""
    if found is None:
        raise RetryableError("Google has the event's id, but does not show the event yet")
    if not found.is_cancelled and not found.is_of(ref):
        raise ConflictError("another event has the id meant for this one; delete it or use another key")
    if found.is_cancelled:
        raise GoneError("the event was cancelled; book it under another generation")
    return ref
