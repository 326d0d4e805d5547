"""Google's watch channels and sync tokens: what is pushed to whom, and what changed since when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integrations.calendars.google_discovery import Call
from tests.integrations.calendars.google_store import GoogleStore, Stored
from tests.integrations.calendars.pusher import Push, Pusher, is_reachable
from tests.integrations.calendars.wire import Refused

# Query parameters Google refuses beside a sync token.
_NOT_WITH_TOKEN = {
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMax",
    "timeMin",
    "updatedMin",
}


@dataclass
class Channel:
    """A channel of a calendar; `number` counts its messages."""

    id: str
    owner: str
    address: str
    token: str
    ends: datetime
    number: int = 0
    is_stopped: bool = False

    @property
    def resource(self) -> str:
        """The watched calendar, which is the same for all channels on it."""
        return f"resource-{abs(hash(self.owner)):x}"

    @property
    def is_open(self) -> bool:
        """Whether it sends."""
        return not self.is_stopped and self.ends > datetime.now(UTC)


class GoogleChannels:
    """The channels of a Google, and a log of changes that sync tokens point into.

    `longest` is how long a channel may live, `page` how many entries a page of changes has at most.
    """

    def __init__(self, store: GoogleStore, pusher: Pusher) -> None:
        self._store = store
        self.pusher = pusher
        self.channels: dict[str, Channel] = {}
        self.longest = timedelta(days=7)
        self.page = 250
        self._log: list[tuple[str, str]] = []
        self._known_from = 0
        store.changed = self._changed

    def open_channels(self) -> list[Channel]:
        """The channels that send."""
        return [channel for channel in self.channels.values() if channel.is_open]

    def forget(self) -> None:
        """Makes every sync token given so far too old."""
        self._log.append(("", ""))
        self._known_from = len(self._log)

    def takes(self, call: Call) -> bool:
        """Whether a call is about channels or changes."""
        if call.method == "calendar.events.list":
            return "syncToken" in call.query or "nextSyncToken" in call.query.get("fields", "")
        return call.method in {"calendar.events.watch", "calendar.channels.stop"}

    def act(self, who: str, call: Call) -> Any:
        """Does what the call says."""
        match call.method:
            case "calendar.events.watch":
                return self._watch(who, call.body)
            case "calendar.channels.stop":
                return self._stop(who, call.body)
        return self._listed(who, call.query)

    def _watch(self, who: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Opens a channel, whose first message says no more than that it is open."""
        if not re.fullmatch(r"[A-Za-z0-9\-_+/=]{1,64}", body.get("id", "")):
            raise Refused(400, "channelIdInvalid")
        if body["id"] in self.channels:
            raise Refused(400, "channelIdNotUnique")
        if body.get("type") not in {"web_hook", "webhook"} or len(body.get("token", "")) > 256:
            raise Refused(400, "invalid")
        if not is_reachable(body["address"]):
            raise Refused(400, "pushWebhookUrlNotHttps")
        now = datetime.now(UTC)
        asked = datetime.fromtimestamp(int(body.get("expiration", 0)) / 1000, UTC)
        ends = min(asked, now + self.longest) if "expiration" in body else now + self.longest
        channel = Channel(body["id"], who, body["address"], body.get("token", ""), ends)
        self.channels[channel.id] = channel
        self._send(channel, "sync")
        return {
            "kind": "api#channel",
            "id": channel.id,
            "resourceId": channel.resource,
            "resourceUri": "https://www.googleapis.com/calendar/v3/calendars/primary/events?alt=json",
            "token": channel.token,
            "expiration": str(int(ends.timestamp() * 1000)),
        }

    def _stop(self, who: str, body: Mapping[str, Any]) -> None:
        channel = self.channels.get(body.get("id", ""))
        if channel is None or not channel.is_open or channel.owner != who:
            raise Refused(404, "notFound")
        if channel.resource != body.get("resourceId"):
            raise Refused(404, "notFound")
        channel.is_stopped = True

    def _listed(self, who: str, query: Mapping[str, str]) -> dict[str, Any]:
        """A page of what changed, or of what there is; the last one has the token to go on by."""
        if "syncToken" in query and (_NOT_WITH_TOKEN & query.keys() or query.get("showDeleted") == "false"):
            raise Refused(400, "invalid")
        first, end = self._range(query)
        ids = self._changes(who, query["syncToken"], end) if "syncToken" in query else self._all(who, query)
        most = min(self.page, int(query.get("maxResults", self.page)))
        told = {"kind": "calendar#events", "items": [{"id": one} for one in ids[first : first + most]]}
        if first + most < len(ids):
            return {**told, "nextPageToken": f"{first + most}.{end}"}
        return {**told, "nextSyncToken": f"sync-{end}"}

    def _range(self, query: Mapping[str, str]) -> tuple[int, int]:
        """Where a page begins, and how far the log had come when the first one was asked for."""
        if "pageToken" not in query:
            return 0, len(self._log)
        first, _, end = query["pageToken"].partition(".")
        return int(first), int(end)

    def _changes(self, who: str, token: str, end: int) -> list[str]:
        begin = int(token.removeprefix("sync-"))
        if begin < self._known_from:
            raise Refused(410, "fullSyncRequired")
        return list(dict.fromkeys(one for owner, one in self._log[begin:end] if owner == who))

    def _all(self, who: str, query: Mapping[str, str]) -> list[str]:
        since = datetime.fromisoformat(query.get("timeMin", "1970-01-01T00:00:00Z"))
        shown = (one for one in self._store.live(who) if self._store.span(one, who)[1] > since)
        return sorted(str(one.resource["id"]) for one in shown)

    def _changed(self, stored: Stored) -> None:
        """Notes a change in every calendar that has the event, and pushes to their channels."""
        guests = {guest["email"].lower() for guest in stored.resource.get("attendees", ())}
        for who in {stored.organizer, *guests} & self._store.accounts.keys():
            self._log.append((who, str(stored.resource["id"])))
            for channel in self.open_channels():
                if channel.owner == who:
                    self._send(channel, "exists")

    def _send(self, channel: Channel, state: str) -> None:
        channel.number += 1
        headers = {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Channel-Token": channel.token,
            "X-Goog-Channel-Expiration": f"{channel.ends:%a, %d %b %Y %H:%M:%S} GMT",
            "X-Goog-Resource-ID": channel.resource,
            "X-Goog-Resource-URI": "https://www.googleapis.com/calendar/v3/calendars/primary/events?alt=json",
            "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": str(channel.number),
        }
        self.pusher.push(Push(channel.address, headers))
