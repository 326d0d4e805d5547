"""Meetings as acts: find a common hour, book it in every calendar, watch it, move it, cancel it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum

from pydantic import AwareDatetime
from temporalio import activity

from activities.values import Value


class MeetingKind(StrEnum):
    """What a meeting is for; its title stays neutral."""

    BRIEFING = "briefing"
    TRAINING = "training"
    KICK_OFF = "kick-off"
    SESSION = "session"
    SUPERVISION = "supervision"
    CLOSING_REVIEW = "closing-review"


class BookMeeting(Value):
    """A meeting to be found and booked within a window (programme time, UTC), exactly once for its key.

    `required` must all be free; of `wanted` at least `quorum` must be, the best-attended slot wins. `near`
    is the instant to stay close to (the cadence); None takes the earliest good hour. `prefer` names the
    person whose preferred hours count.
    """

    key: str
    kind: MeetingKind
    programme_id: str
    life: str
    required: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    quorum: int = 0
    minutes: int
    earliest: AwareDatetime
    latest: AwareDatetime
    near: AwareDatetime | None = None
    prefer: str | None = None
    number: int = 0


class BookingOutcome(Value):
    """The booked time, or none and why: how many candidate hours each reason took away.

    `would_help` counts the hours to be won if that reason alone were lifted, such as `lunch` or `busy`.
    """

    booked: bool
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    removed: Mapping[str, int] = {}
    would_help: Mapping[str, int] = {}


class MeetingStatus(StrEnum):
    """What the calendars say of a meeting."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class MeetingState(Value):
    """A meeting as the calendars have it now; RSVPs by person ref.

    `moved` says that a person moved it and the move was adopted since the last look; `deleted_by` lists who
    removed it from their own calendar.
    """

    key: str
    start: AwareDatetime
    end: AwareDatetime
    status: MeetingStatus
    rsvps: Mapping[str, str] = {}
    moved: bool = False
    deleted_by: tuple[str, ...] = ()


class WatchMeeting(Value):
    """A look at a meeting in everybody's calendar."""

    key: str


class MoveMeeting(Value):
    """The next common hour for a booked meeting, in the same event and never at its old time `moved_from`.

    Where it is no longer at `moved_from`, it was moved by this act before, and nothing more is done. With
    `offer` (1-3) the hour is one of those offered by `offer_slots`.
    """

    key: str
    moved_from: AwareDatetime
    earliest: AwareDatetime
    latest: AwareDatetime
    offer: int | None = None


class OfferSlots(Value):
    """Up to three common hours within the window, kept for the letter and page that offer them."""

    key: str
    earliest: AwareDatetime
    latest: AwareDatetime


class OfferedSlots(Value):
    """How many hours could be offered."""

    count: int


class CancelMeetings(Value):
    """Meetings to be cancelled in every calendar; repeating it does nothing more. `reason` is neutral."""

    keys: tuple[str, ...]
    reason: str = ""
    spare: tuple[str, ...] = ()


class RedistributeMissed(Value):
    """Mentors who missed a part of the training, and half-days of that part that other groups have booked.

    They make up for it from `earliest` on. At most `most` mentors are trained together.
    """

    programme_id: str
    part: int
    refs: tuple[str, ...]
    earliest: AwareDatetime
    keys: tuple[str, ...]
    most: int


class Redistributed(Value):
    """The half-day (by key) at which each mentor (by ref) joins another group; who finds none is not here."""

    joined: Mapping[str, str] = {}


class Scheduling(ABC):
    """The acts on calendars. Blocking: runs on the calendar queue's thread pool."""

    @activity.defn(name="book-meeting")
    @abstractmethod
    def book_meeting(self, request: BookMeeting) -> BookingOutcome:
        """Finds the best common hour and books it; adopts its own earlier booking instead of a second one."""

    @activity.defn(name="watch-meeting")
    @abstractmethod
    def watch_meeting(self, request: WatchMeeting) -> MeetingState:
        """Reads the meeting; adopts a person's own move if it is ahead and free for the others."""

    @activity.defn(name="move-meeting")
    @abstractmethod
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        """Moves the meeting to the next common hour (or the offered one), keeping its event."""

    @activity.defn(name="offer-slots")
    @abstractmethod
    def offer_slots(self, request: OfferSlots) -> OfferedSlots:
        """Finds up to three common hours and keeps them under the meeting's key."""

    @activity.defn(name="redistribute-missed")
    @abstractmethod
    def redistribute_missed(self, request: RedistributeMissed) -> Redistributed:
        """Puts as many mentors as can be on half-days of other groups, as early as can be; repeatable."""

    @activity.defn(name="cancel-meetings")
    @abstractmethod
    def cancel_meetings(self, request: CancelMeetings) -> None:
        """Cancels the meetings in every calendar but those of the people to be spared mail."""
