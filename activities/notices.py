"""The acts on calendars' notices, over their port and the books."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from temporalio import activity

from activities.appointments import ACT_S
from activities.event_words import OF_A_PAIR
from activities.failures import translated
from activities.noticing import (
    Hint,
    KeepSubscription,
    KeptSubscription,
    Noticing,
    ReadChanges,
    SeenChanges,
)
from integrations.calendars.calendar import EventRef
from integrations.calendars.notices import Changes, Hooks, Notices, Subscription
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Bookings
from integrations.database.subscriptions import Position, SubscriptionRecord, Subscriptions
from integrations.deadline import within
from integrations.errors import GoneError, IntegrationError, InvalidError

_LOG = logging.getLogger("acts")
# A third of its life is left for outages when a subscription is renewed.
_LEFT = 3


class CalendarNotices(Noticing):
    """Implements the acts on notices for the providers given; without hooks, push is not used.

    Subscriptions end in real time, meetings and what is ahead of us in programme time.
    """

    def __init__(
        self,
        *,
        providers: Mapping[str, Notices],
        hooks: Hooks | None,
        subscriptions: Subscriptions,
        bookings: Bookings,
        clock: ProgrammeClock,
    ) -> None:
        self._providers = providers
        self._hooks = hooks
        self._subscriptions = subscriptions
        self._bookings = bookings
        self._clock = clock

    @activity.defn(name="keep-subscription")
    @translated
    @within(ACT_S)
    def keep_subscription(self, request: KeepSubscription) -> KeptSubscription:
        """Keeps one subscription alive and ends all others; says when to come back.

        A new one is made before the old one ends, so that nothing is missed in between; both may send for a
        while. What a repeat finds half done it finishes.
        """
        notices = self._providers.get(request.provider)
        if notices is None:
            return KeptSubscription()
        known = self._subscriptions.of(request.provider, notices.organizer)
        if self._hooks is None:
            self._end(notices, known, None)
            return KeptSubscription()
        now = datetime.now(UTC)
        alive = [one for one in known if one.is_alive(now) and one.hook == self._hooks.mark(request.provider)]
        current = alive[0] if alive else None
        is_new = current is None
        if current is None or request.renew or now >= _renewal(current):
            current, is_new = self._prolonged(request.provider, notices, self._hooks, current)
        self._end(notices, [one for one in known if one.id != current.id], current)
        return KeptSubscription(again_at=_renewal(current), expires_at=current.expires_at, is_new=is_new)

    @activity.defn(name="read-changes")
    @translated
    @within(ACT_S)
    def read_changes(self, request: ReadChanges) -> SeenChanges:
        """Reads what changed; a repeat from the same position reads it again.

        The position is kept together with the one before, which stays until the next read shows that the
        hints have arrived.
        """
        notices = self._providers.get(request.provider)
        if notices is None:
            raise InvalidError(f"{request.provider} is not connected; its changes cannot be read")
        organizer, now = notices.organizer, self._clock.now()
        position = self._subscriptions.position(request.provider, organizer, request.position)
        changes = notices.changes(position.cursor if position else None, now)
        number = (position.number if position else request.position or 0) + 1
        self._subscriptions.advance(
            request.provider, organizer, Position(number=number, cursor=changes.cursor)
        )
        return SeenChanges(
            position=number,
            hints=self._hints(request.provider, changes, now),
            everything=changes.everything,
            more=changes.more,
        )

    def _prolonged(
        self, provider: str, notices: Notices, hooks: Hooks, current: SubscriptionRecord | None
    ) -> tuple[SubscriptionRecord, bool]:
        """A subscription that lives for longer, and whether notices may have been missed before.

        The intention is kept first: Google lists no channels, so one that was made without our hearing of it
        can only be ended by the name we gave it.
        """
        name, hook = str(uuid.uuid4()), hooks.of(provider)
        intended = SubscriptionRecord(
            provider=provider,
            organizer=notices.organizer,
            id=name,
            hook=hooks.mark(provider),
            made_at=datetime.now(UTC),
        )
        self._subscriptions.keep(intended)
        is_new = current is None
        try:
            made = notices.renew(_subscription(current), name, hook) if current else None
        except (GoneError, InvalidError):
            # One that its provider will not renew, for whatever it says of it, is made anew.
            made, is_new = None, True
        if made is None:
            made = notices.subscribe(name, hook)
        done = intended.model_copy(
            update={"id": made.id, "resource": made.resource, "expires_at": made.expires_at}
        )
        self._subscriptions.keep(done)
        if made.id != name:
            self._subscriptions.forget(provider, name)
        return done, is_new

    def _end(
        self,
        notices: Notices,
        others: Sequence[SubscriptionRecord],
        current: SubscriptionRecord | None,
    ) -> None:
        """Ends subscriptions; one that cannot be ended now is left for the next time, or its own end.

        An intended one may live under its name on the resource of the current one, which is the same
        calendar's.
        """
        now = datetime.now(UTC)
        for one in others:
            resource = one.resource or (current.resource if current else "")
            has_ended = one.expires_at is not None and one.expires_at <= now
            try:
                if resource and not has_ended:
                    notices.stop(Subscription(id=one.id, resource=resource, expires_at=one.expires_at or now))
            except IntegrationError as error:
                _LOG.info("notices.left", extra={"provider": one.provider, "error": type(error).__name__})
                continue
            self._subscriptions.forget(one.provider, one.id)

    def _hints(self, provider: str, changes: Changes, now: datetime) -> tuple[Hint, ...]:
        """The meetings of pairs that stand and whose events are among the changed; no other is watched."""
        if not changes.everything and not changes.events:
            return ()
        changed = frozenset(changes.events)
        hints: list[Hint] = []
        for booking in self._bookings.standing(now):
            if booking.kind not in OF_A_PAIR:
                continue
            event = EventRef.model_validate_json(booking.event or "")
            if event.provider == provider and (changes.everything or event.id in changed):
                hints.append(Hint(life=booking.life, meeting=booking.key))
        return tuple(hints)


def _renewal(subscription: SubscriptionRecord) -> datetime:
    ends = subscription.expires_at or subscription.made_at
    return ends - (ends - subscription.made_at) / _LEFT


def _subscription(one: SubscriptionRecord) -> Subscription:
    return Subscription(id=one.id, resource=one.resource, expires_at=one.expires_at or one.made_at)
