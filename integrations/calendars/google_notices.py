"""Google's notices: watch channels on the organizer's calendar, and incremental synchronisation.

A channel cannot be renewed: another one is opened while the old one still lives, so that for a while both
send. Google lists no channels; one whose making got no answer ends by itself, or when it is stopped with the
resource of a later one, which is the same calendar's.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from integrations import deadline
from integrations.calendars.google import Google, Resources
from integrations.calendars.notices import Changes, Hook, Subscription
from integrations.errors import GoneError, InvalidError, RetryableError

# "Push notifications" of the Calendar API names no longest life; a week is what channels on events get.
_LIFE = timedelta(days=7)
_SHORTEST = timedelta(hours=1)
_PAGE = 2500
_PAGES = 8
# With less time left the rest is read by the next act, not begun.
_PAGE_TAKES_S = 8
# Of people's appointments nothing but the id is asked for.
_FIELDS = "items/id,nextPageToken,nextSyncToken"


class _Channel(BaseModel):
    model_config = ConfigDict(extra="ignore")

    resource_id: str = Field(default="", alias="resourceId")
    expiration: int | None = None


class _Item(BaseModel):
    id: str


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: tuple[_Item, ...] = ()
    next_page: str = Field(default="", alias="nextPageToken")
    next_sync: str = Field(default="", alias="nextSyncToken")


class GoogleNotices:
    """The notices of the organizer's primary calendar; may be shared between threads."""

    def __init__(self, google: Google, organizer: str) -> None:
        self._google = google
        self._organizer = organizer

    @property
    def organizer(self) -> str:
        """Whose calendar it is."""
        return self._organizer

    def subscribe(self, name: str, hook: Hook) -> Subscription:
        """Opens a channel of this id; ConflictError where the id was used before."""
        until = datetime.now(UTC) + _LIFE
        body = {
            "id": name,
            "type": "web_hook",
            "address": hook.url,
            "token": hook.token,
            "expiration": str(int(until.timestamp() * 1000)),
        }

        def ask(google: Resources) -> Any:  # noqa: ANN401 - a googleapiclient HttpRequest
            return google.events.watch(calendarId="primary", body=body)

        made = self._google.call(self._organizer, ask, _Channel.model_validate)
        ends = (
            datetime.fromtimestamp(made.expiration / 1000, UTC)
            if made.expiration
            else datetime.now(UTC) + _SHORTEST
        )
        return Subscription(id=name, resource=made.resource_id, expires_at=ends)

    def renew(self, subscription: Subscription, name: str, hook: Hook) -> Subscription:  # noqa: ARG002
        """Opens another channel; the old one is still to be stopped."""
        return self.subscribe(name, hook)

    def stop(self, subscription: Subscription) -> None:
        """Stops a channel; one that has ended is fine."""
        body = {"id": subscription.id, "resourceId": subscription.resource}
        try:
            self._google.call(self._organizer, lambda google: google.channels.stop(body=body), lambda _: None)
        except GoneError:
            return

    def changes(self, cursor: str | None, now: datetime) -> Changes:
        """The events that changed since the sync token; with one that Google forgot, all from `now` on.

        A tombstone is certain to have its id, and nothing else.
        """
        query = _query(cursor)
        if query is None:
            return self._anew(now)
        try:
            return self._read(query)
        except (GoneError, InvalidError):  # 410 for a token that has aged, 400 for a page of a list that has
            return self._anew(now)

    def _anew(self, now: datetime) -> Changes:
        since = now.astimezone(UTC).isoformat(timespec="seconds")
        return self._read({"timeMin": since}).model_copy(update={"everything": True})

    def _read(self, query: Mapping[str, str]) -> Changes:
        """Some pages of changes. The query is the cursor: what makes Google go on where it was.

        The first round lists what is there, which says nothing.
        """
        found: dict[str, None] = {}
        for number in range(_PAGES):
            if number and not deadline.has(_PAGE_TAKES_S):
                break
            page = self._page(query)
            found.update({} if "timeMin" in query else dict.fromkeys(item.id for item in page.items))
            if page.next_sync:
                return Changes(cursor=json.dumps({"syncToken": page.next_sync}), events=tuple(found))
            if not page.next_page:
                raise RetryableError("Google answered changes without a token to go on by")
            query = {**query, "pageToken": page.next_page}
        return Changes(cursor=json.dumps(query), events=tuple(found), more=True)

    def _page(self, query: Mapping[str, str]) -> _Page:
        def ask(google: Resources) -> Any:  # noqa: ANN401 - a googleapiclient HttpRequest
            return google.events.list(
                calendarId="primary", maxResults=_PAGE, fields=_FIELDS, showDeleted=True, **query
            )

        return self._google.call(self._organizer, ask, _Page.model_validate)


def _query(cursor: str | None) -> Mapping[str, str] | None:
    """What the cursor asks Google for; None where there is none, or an older release wrote it."""
    try:
        query = json.loads(cursor or "")
    except ValueError:
        return None
    return query if isinstance(query, dict) and query.keys() & {"syncToken", "timeMin"} else None
