"""A time that people look for together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from activities.scheduling import BookMeeting, MeetingKind
from integrations.database.bookings import Booking

SESSIONS = frozenset({MeetingKind.SESSION, MeetingKind.CLOSING_REVIEW})
"""The meetings of which a person has at most so many in a day or a week."""
_PREFERRING = frozenset({MeetingKind.KICK_OFF, MeetingKind.SESSION, MeetingKind.CLOSING_REVIEW})


@dataclass(frozen=True)
class Sought:
    """A time that is looked for; instants are programme time.

    `host` works longer hours for it. `own` is the booking to be moved: calendars show its present hour as
    taken, so that nobody can tell what else is there, and no time that overlaps it is found.
    """

    programme_id: str
    life: str
    required: tuple[str, ...]
    minutes: int
    earliest: datetime
    latest: datetime
    wanted: tuple[str, ...] = ()
    quorum: int = 0
    kind: MeetingKind | None = None
    number: int = 0
    near: datetime | None = None
    prefer: str | None = None
    host: str | None = None
    own: Booking | None = None
    first_choice: tuple[datetime, ...] = ()
    spread: bool = False

    @classmethod
    def of(cls, request: BookMeeting) -> Self:
        """The time a new meeting is looked for."""
        return cls(
            programme_id=request.programme_id,
            life=request.life,
            kind=request.kind,
            number=request.number,
            required=request.required,
            wanted=request.wanted,
            quorum=request.quorum,
            minutes=request.minutes,
            earliest=request.earliest,
            latest=request.latest,
            near=request.near,
            prefer=request.prefer if request.kind in _PREFERRING else None,
            host=request.required[0] if request.kind is MeetingKind.TRAINING else None,
        )

    @classmethod
    def moving(
        cls,
        booking: Booking,
        earliest: datetime,
        latest: datetime,
        *,
        first_choice: tuple[datetime, ...] = (),
        spread: bool = False,
    ) -> Self:
        """Another time for a meeting, close to the old one but not the same; a free first choice wins."""
        return cls(
            programme_id=booking.programme_id,
            life=booking.life,
            required=booking.attendees,
            minutes=round((booking.end - booking.start) / timedelta(minutes=1)),
            earliest=earliest,
            latest=latest,
            near=booking.start,
            own=booking,
            first_choice=first_choice,
            spread=spread,
        )

    @property
    def is_a_session(self) -> bool:
        """Whether it counts among the most sessions somebody may have in a day or a week."""
        return (self.own.kind if self.own else self.kind) in SESSIONS

    @property
    def is_first_session(self) -> bool:
        """Whether this is the session that begins a rhythm."""
        return self.kind is MeetingKind.SESSION and self.number == 1 and self.near is None

    @property
    def follows(self) -> bool:
        """Whether this session follows another, and its pairing need not close by the next one."""
        return self.kind is MeetingKind.SESSION and self.near is not None and self.near < self.latest
