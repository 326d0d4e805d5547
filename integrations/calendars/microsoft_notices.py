"""Microsoft's notices: a Graph subscription to the organizer's events, and the delta of their calendar view.

A notice carries the event's id, but one that got lost carries nothing, and after "missed" or a removed
subscription a full look is due anyway. So notices only say when to look; the delta query says where: it
reports what was added, changed and deleted, by the immutable ids that bookings know their events by, and one
query answers a whole burst.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from pydantic import AwareDatetime, Field, ValidationError

from integrations import deadline
from integrations.calendars.microsoft import Microsoft
from integrations.calendars.microsoft_errors import Act
from integrations.calendars.microsoft_event import Resource
from integrations.calendars.microsoft_mailbox import Mailbox
from integrations.calendars.notices import Changes, Hook, Subscription
from integrations.errors import GoneError, InvalidError, RetryableError

# "Subscription lifetime" of Microsoft Graph: an event's ends after 4,230 minutes at most, lately after a
# week. Half an hour of it is left for clocks that differ.
_LIFE = timedelta(minutes=4200)
# What changes outside of a calendar view is reported too, as removed, so the view may age.
_VIEW = timedelta(days=400)
_VIEW_AGES = timedelta(days=180)
_PAGE = "odata.maxpagesize=100"
_PAGES = 8
# With less time left the rest is read by the next act, not begun.
_PAGE_TAKES_S = 8


class _Subscription(Resource):
    id: str
    resource: str = ""
    notification_url: str = ""
    expiration_date_time: AwareDatetime


class _Subscriptions(Resource):
    value: tuple[_Subscription, ...] = ()
    next_link: str = Field(default="", alias="@odata.nextLink")


class _Changed(Resource):
    id: str


class _Delta(Resource):
    value: tuple[_Changed, ...] = ()
    next_link: str = Field(default="", alias="@odata.nextLink")
    delta_link: str = Field(default="", alias="@odata.deltaLink")


class _Cursor(Resource):
    """When the view was begun (programme time), and the query that goes on; the rest of the link is ours."""

    since: AwareDatetime
    query: str
    is_first_round: bool = False


class MicrosoftNotices:
    """The notices of the organizer's mailbox; may be shared between threads."""

    def __init__(self, microsoft: Microsoft, organizer: str) -> None:
        self._microsoft = microsoft
        self._organizer = organizer

    @property
    def organizer(self) -> str:
        """Whose calendar it is."""
        return self._organizer

    def subscribe(self, name: str, hook: Hook) -> Subscription:  # noqa: ARG002 - Graph names it
        """Makes the one subscription there is; first ends those whose making got no answer.

        Graph calls the receiver before it answers, and wants its token back.
        """
        mailbox, resource = self._mailbox(), f"users/{self._organizer}/events"
        # All are listed before any is ended: the pages would move under our feet.
        for left in tuple(self._all(mailbox)):
            if left.notification_url == hook.url and left.resource.strip("/").lower() == resource.lower():
                self._end(mailbox, left.id)
        body = {
            # Nobody but us makes events that bookings know.
            "changeType": "updated,deleted",
            "notificationUrl": hook.url,
            "lifecycleNotificationUrl": hook.url,
            "resource": resource,
            "expirationDateTime": _until(),
            "clientState": hook.token,
        }
        return _told(mailbox.call(Act.SUBSCRIBE, _Subscription, body=body))

    def renew(self, subscription: Subscription, name: str, hook: Hook) -> Subscription:  # noqa: ARG002
        """Has the same subscription live longer, which also authorizes it anew."""
        body = {"expirationDateTime": _until()}
        return _told(self._mailbox().call(Act.RENEW, _Subscription, of=subscription.id, body=body))

    def stop(self, subscription: Subscription) -> None:
        """Ends a subscription; one that has ended is fine."""
        self._end(self._mailbox(), subscription.id)

    def changes(self, cursor: str | None, now: datetime) -> Changes:
        """The events that changed since the delta token; with one Graph forgot, or an aged view, all anew."""
        known = _known(cursor)
        if known is None or now - known.since > _VIEW_AGES:
            return self._anew(now)
        try:
            return self._read(known)
        except (GoneError, InvalidError):  # 410 for a token that has aged, 400 for one Graph cannot read now
            return self._anew(now)

    def _anew(self, now: datetime) -> Changes:
        start = now.astimezone(UTC)
        view = {"startDateTime": _instant(start), "endDateTime": _instant(start + _VIEW)}
        query = urlencode(view, quote_via=quote)
        begun = self._read(_Cursor(since=start, query=query, is_first_round=True))
        return begun.model_copy(update={"everything": True})

    def _read(self, cursor: _Cursor) -> Changes:
        """Some pages of changes; the first round lists what is there, which says nothing."""
        mailbox = self._mailbox()
        found: dict[str, None] = {}
        for number in range(_PAGES):
            if number and not deadline.has(_PAGE_TAKES_S):
                break
            page = mailbox.call(Act.CHANGES, _Delta, query=cursor.query, prefer=_PAGE)
            found.update({} if cursor.is_first_round else dict.fromkeys(one.id for one in page.value))
            if page.delta_link:
                ended = _Cursor(since=cursor.since, query=urlsplit(page.delta_link).query)
                return Changes(cursor=ended.model_dump_json(), events=tuple(found))
            if not page.next_link:
                raise RetryableError("Microsoft answered changes without a link to go on by")
            cursor = cursor.model_copy(update={"query": urlsplit(page.next_link).query})
        return Changes(cursor=cursor.model_dump_json(), events=tuple(found), more=True)

    @staticmethod
    def _all(mailbox: Mailbox) -> Iterator[_Subscription]:
        """The subscriptions of the app."""
        query = ""
        while True:
            page = mailbox.call(Act.SUBSCRIPTIONS, _Subscriptions, query=query)
            yield from page.value
            query = urlsplit(page.next_link).query
            if not query:
                return

    @staticmethod
    def _end(mailbox: Mailbox, subscription_id: str) -> None:
        try:
            mailbox.unsubscribe(subscription_id)
        except GoneError:
            return

    def _mailbox(self) -> Mailbox:
        return self._microsoft.mailbox(self._organizer)


def _known(cursor: str | None) -> _Cursor | None:
    """Where to go on; None where there is no cursor, or an older release wrote it."""
    try:
        return _Cursor.model_validate_json(cursor or "")
    except ValidationError:
        return None


def _told(made: _Subscription) -> Subscription:
    return Subscription(id=made.id, resource=made.resource, expires_at=made.expiration_date_time)


def _until() -> str:
    return _instant(datetime.now(UTC) + _LIFE)


def _instant(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
