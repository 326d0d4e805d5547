"""What the acts on notices work on: a vendor's push, a receiver that listens and a real database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.notices import CalendarNotices
from activities.noticing import KeepSubscription, KeptSubscription, ReadChanges, SeenChanges
from integrations.calendars.calendar import EventRef, Rsvp
from integrations.calendars.notices import Hooks
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.sql.database import Database
from integrations.database.subscriptions import SubscriptionRecord
from tests.integrations.calendars.desk import HOUR, TUESDAY
from tests.integrations.calendars.google_server import GoogleServer
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.push_desk import (
    NOW,
    Listener,
    PushDesk,
)
from tests.integrations.calendars.wire import Fault

LIFE = "pairing/digital/p_1/1"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Room:
    """The acts, and what they work on."""

    push: PushDesk
    server: GoogleServer | GraphServer
    books: Database
    hooks: Hooks | None
    listener: Listener

    @property
    def acts(self) -> CalendarNotices:
        return CalendarNotices(
            providers={self.push.provider: self.push.notices},
            hooks=self.hooks,
            subscriptions=self.books.subscriptions,
            bookings=self.books.bookings,
            clock=ProgrammeClock.starting(NOW, at=datetime.now(UTC), rate=1),
        )

    def keep(self, *, renew: bool = False) -> KeptSubscription:
        return self.acts.keep_subscription(KeepSubscription(provider=self.push.provider, renew=renew))

    def read(self, position: int | None = None) -> SeenChanges:
        return self.acts.read_changes(ReadChanges(provider=self.push.provider, position=position))

    def kept(self) -> tuple[SubscriptionRecord, ...]:
        return self.books.subscriptions.of(self.push.provider, self.push.desk.organizer)

    def age(self, by: timedelta) -> None:
        """Makes the subscriptions in the books older than they are."""
        for one in self.kept():
            ends = one.expires_at - by if one.expires_at else None
            aged = one.model_copy(update={"made_at": one.made_at - by, "expires_at": ends})
            self.books.subscriptions.keep(aged)

    def book(self, key: str, **changes: object) -> EventRef:
        ref = self.push.desk.calendar.ensure(key, 0, self.push.desk.spec())
        booking = Booking(
            key=key,
            programme_id="digital",
            life=LIFE,
            kind="session",
            start=TUESDAY,
            end=TUESDAY + HOUR,
            attendees=("p_1", "p_2"),
            status=BookingStatus.BOOKED,
            event=ref.model_dump_json(),
        )
        self.books.bookings.save(booking.model_copy(update=changes))
        return ref

    def decline(self, ref: EventRef) -> None:
        self.push.desk.hand.answer(self.push.desk.mentor, ref, Rsvp.DECLINED)

    def befall(self, *faults: Fault) -> None:
        self.server.faults.extend(faults)

    def heard(self, ref: EventRef) -> int:
        """How often a change is heard now."""
        self.push.pusher.settle()
        before = len(self.listener.heard)
        self.decline(ref)
        self.push.pusher.settle()
        return len(self.listener.heard) - before
