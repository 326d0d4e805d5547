"""What a session costs in a vendor's calls, and what becomes of acts when a mailbox has used up its quota."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.scheduling import CancelMeetings
from integrations.calendars.parking import Parking
from integrations.database.bookings import BookingStatus
from integrations.errors import QuotaParkedError
from tests.activities.by_mail import KEY, MENTOR
from tests.activities.house import House
from tests.activities.vendor_office import OFFICES, VendorOffice
from tests.integrations.calendars.google_server import Answer as GoogleAnswer
from tests.integrations.calendars.wire import Answer

MENTEE, OTHER = "00025", "00521"
ANOTHER = "pairing/digital-2026/other/1/session/1/0"
HOURS = timedelta(hours=2)
SPENT = {"google": GoogleAnswer(403, "quotaExceeded"), "microsoft": Answer(429, "ErrorExceededMessageLimit")}


@pytest.fixture(params=sorted(OFFICES))
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def at(house: House, vendor: str) -> Iterator[VendorOffice]:
    with OFFICES[vendor](house) as office:
        yield office


def refuse_writes(at: VendorOffice, vendor: str) -> None:
    def fault(call: object) -> Answer | None:
        is_read = getattr(call, "method", "").endswith(("get", "query", "{id}", "getSchedule"))
        return None if is_read else SPENT[vendor]

    at.server.fault = fault


def parked(at: VendorOffice, key: str = KEY) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        at.office.book(MENTOR, MENTEE if key == KEY else OTHER, key=key)
    assert caught.value.type == "QuotaParkedError"
    return caught.value


def test_a_booking_costs_three_calls_and_a_look_one(at: VendorOffice) -> None:
    house = at.office.house
    people = [house.person(one) for one in (MENTOR, MENTEE)]
    following = {"number": 2, "near": house.clock.now() + timedelta(days=7)}
    assert at.office.acts.book_meeting(house.meeting(KEY, *people, **following)).booked
    booked = len(at.calls)
    at.office.look()
    assert (booked <= 3, len(at.calls) - booked) == (True, 1)


def test_a_used_up_quota_is_asked_once_and_parks_all_that_write(at: VendorOffice, vendor: str) -> None:
    refuse_writes(at, vendor)
    first = parked(at)
    asked = len(at.calls)
    second, again = parked(at, ANOTHER), parked(at)
    assert len(at.calls) == asked
    for error in (first, second, again):
        assert error.next_retry_delay
        assert HOURS < error.next_retry_delay <= 2 * HOURS
        assert not error.non_retryable


def test_a_parked_mailbox_is_still_read(at: VendorOffice, vendor: str) -> None:
    at.office.book(MENTOR, MENTEE)
    refuse_writes(at, vendor)
    parked(at, ANOTHER)
    asked = len(at.calls)
    assert at.office.look().status == "booked"
    assert len(at.calls) == asked + 1
    with pytest.raises(ApplicationError):
        at.office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    assert len(at.calls) == asked + 1
    assert at.office.booking.status is BookingStatus.CANCELLING


def test_after_a_refused_read_nothing_is_asked(at: VendorOffice, vendor: str) -> None:
    at.office.book(MENTOR, MENTEE)
    at.server.faults.append(SPENT[vendor])
    for _ in range(2):
        with pytest.raises(QuotaParkedError):
            at.office.look()
    asked = len(at.calls)
    parked(at, ANOTHER)
    assert len(at.calls) == asked


def test_a_mailbox_is_parked_until_then_and_no_other_with_it() -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    clock = [now]
    parking = Parking(lambda: clock[0])

    def refused() -> None:
        raise QuotaParkedError("used up", until=now + HOURS)

    with pytest.raises(QuotaParkedError):
        parking.call("google", "Office@corp.example", refused, writes=True)
    with pytest.raises(QuotaParkedError) as caught:
        parking.check("google", "office@corp.example", writes=True)
    assert caught.value.until == now + HOURS
    for provider, mailbox in (("google", "other@corp.example"), ("microsoft", "office@corp.example")):
        assert parking.call(provider, mailbox, lambda: 1, writes=True) == 1
    assert parking.call("google", "office@corp.example", lambda: 1, writes=False) == 1
    clock[0] = now + HOURS
    assert parking.call("google", "office@corp.example", lambda: 1, writes=True) == 1
