from datetime import UTC, date, datetime

from activities.rules.diaries import full_days, full_weeks
from activities.rules.slots import Diary, Reason, Slot, Wish, find_slots
from activities.rules.stretches import DAY, minutes_of
from activities.rules.wall_clock import local_day
from activities.rules.working_hours import parse_weekly_hours, working_stretches

MONDAY = minutes_of(datetime(2026, 9, 7, tzinfo=UTC))
WEEK = (MONDAY, MONDAY + 7 * DAY)


def test_full_days_and_weeks_hold_as_many_bookings_as_they_may() -> None:
    window = (MONDAY, MONDAY + 21 * DAY)
    tuesday_night = minutes_of(datetime(2026, 9, 8, 21, 30, tzinfo=UTC))  # 23:30 in Paris, 00:30 in Helsinki
    booked = [tuesday_night, tuesday_night - 60, tuesday_night + 7 * DAY]
    paris = [local_day(date(2026, 9, 8), "Europe/Paris")]
    assert list(full_days(booked, 2, "Europe/Paris", window)) == paris
    assert list(full_days(booked, 3, "Europe/Paris", window)) == []
    assert full_days(booked, 2, "Europe/Helsinki", window) == ()
    first_week = (window[0], local_day(date(2026, 9, 13), "Europe/Paris")[1])
    assert full_weeks(booked, 2, "Europe/Paris", window) == (first_week,)
    second = local_day(date(2026, 9, 14), "Europe/Paris")[0]
    third = local_day(date(2026, 9, 21), "Europe/Paris")[0]
    assert full_weeks(booked[2:], 1, "Europe/Paris", window) == ((second, third),)


def test_a_full_day_sends_the_meeting_to_the_next() -> None:
    hours = working_stretches(parse_weekly_hours("Mo-Fr 09:00-17:00"), "UTC", frozenset(), WEEK)
    full = full_days([MONDAY + 600], 1, "UTC", WEEK)
    found = find_slots([Diary("a", hours, avoid={Reason.MOST_PER_DAY: full})], Wish(60, WEEK), most=1)
    assert found.slots == (Slot(MONDAY + DAY + 540, MONDAY + DAY + 600, ("a",)),)
