from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.series import Cause, Course, Planned, plan_series
from activities.rules.slots import Diary, Reason, Slot, Wish, find_slots
from activities.rules.stretches import DAY, Stretches, instant_of, minutes_of
from activities.rules.wall_clock import instant_at, wall_of
from activities.rules.working_hours import (
    day_stretches,
    parse_weekly_hours,
    week_part_stretches,
    working_stretches,
)

PARIS = "Europe/Paris"
OFFICE = parse_weekly_hours("Mo-Fr 09:00-12:30,13:30-17:30")
FIRST = minutes_of(datetime(2026, 9, 8, 8, 0, tzinfo=UTC))  # a Tuesday, ten in Paris
WINDOW = (FIRST - 7 * DAY, FIRST + 180 * DAY)
WISH = Wish(60, WINDOW, near=FIRST)


def diary(ref: str, zone: str = PARIS, window: tuple[int, int] = WINDOW) -> Diary:
    return Diary(ref, working_stretches(OFFICE, zone, frozenset(), window))


def local(planned: Sequence[Planned], zone: str = PARIS) -> list[str]:
    slots = [one.slot for one in planned if one.slot]
    return [instant_of(slot.start).astimezone(ZoneInfo(zone)).strftime("%a %m-%d %H:%M") for slot in slots]


def test_plan_series_keeps_the_mentees_wall_time_over_a_change_of_clocks() -> None:
    planned = plan_series([diary("a"), diary("b")], WISH, Course(6, PARIS))
    assert local(planned) == [
        "Tue 09-08 10:00",
        "Tue 10-06 10:00",
        "Tue 11-03 10:00",
        "Tue 12-01 10:00",
        "Tue 12-29 10:00",
        "Tue 01-26 10:00",
    ]
    assert all((one.width, one.cause, one.pinned, one.removed) == (3, None, False, {}) for one in planned)
    assert [one.number for one in planned] == [1, 2, 3, 4, 5, 6]


def test_plan_series_leaves_what_is_booked_and_goes_on_from_there() -> None:
    late = FIRST + 31 * DAY
    planned = plan_series([diary("a")], WISH, Course(4, PARIS, pinned={2: late}))
    assert planned[1] == Planned(2, Slot(late, late + 60, ("a",)), 0, pinned=True)
    assert local(planned) == ["Tue 09-08 10:00", "Fri 10-09 10:00", "Fri 11-06 10:00", "Fri 12-04 10:00"]


def test_plan_series_keeps_pinned_sessions_outside_of_hours_and_window() -> None:
    odd = WINDOW[0] - 5 * DAY + 7
    planned = plan_series([diary("a")], WISH, Course(2, PARIS, pinned={1: odd}))
    assert planned[0].slot == Slot(odd, odd + 60, ("a",))


def test_plan_series_widens_a_window_step_by_step_and_says_why() -> None:
    away = day_stretches([date(2026, 10, day) for day in range(2, 12)], PARIS, WINDOW)
    planned = plan_series([replace(diary("a"), out_of_office=away)], WISH, Course(3, PARIS))
    assert local(planned) == ["Tue 09-08 10:00", "Thu 10-01 16:30", "Tue 11-03 10:00"]
    assert [one.width for one in planned] == [3, 5, 3]
    assert [one.cause for one in planned] == [None, Cause.NO_COMMON_HOUR, None]
    assert planned[1].removed == {Reason.NOT_WORKING: 476, Reason.OUT_OF_OFFICE: 101}


def test_plan_series_leaves_a_session_without_hour_where_the_widest_window_has_none() -> None:
    fortnight = [date(2026, 9, 29) + timedelta(days=day) for day in range(15)]
    away = day_stretches(fortnight, PARIS, WINDOW)
    planned = plan_series([replace(diary("a"), out_of_office=away)], WISH, Course(3, PARIS))
    assert planned[1].slot is None
    assert (planned[1].width, planned[1].cause) == (7, Cause.NO_COMMON_HOUR)
    assert local(planned) == ["Tue 09-08 10:00", "Tue 11-03 10:00"]


def test_plan_series_widens_the_neighbours_too_where_spacing_is_to_blame() -> None:
    weekly = Course(2, "UTC", every=4, shortest=4, longest=4, widths=(0, 1))
    times = [(FIRST - DAY, FIRST - DAY + 60), (FIRST, FIRST + 60), (FIRST + 3 * DAY, FIRST + 3 * DAY + 60)]
    near = (FIRST + 4 * DAY + 15, FIRST + 4 * DAY + 75)
    planned = plan_series([Diary("a", (*times, near))], WISH, replace(weekly, widths=(1, 2)))
    assert [one.slot.start - FIRST for one in planned if one.slot] == [-DAY, 3 * DAY]
    assert [one.cause for one in planned] == [None, None]
    stuck = plan_series([Diary("a", (times[0], times[1], near))], WISH, weekly)
    assert [one.cause for one in stuck] == [Cause.SPACING, Cause.NO_COMMON_HOUR]


@pytest.mark.parametrize(
    ("starts", "causes"),
    [
        ((0, 60, 60, 60), [Cause.SPACING, Cause.SPACING, None, None]),
        ((60, 60, 60, 120), [None, None, Cause.SPACING, Cause.SPACING]),
    ],
)
def test_plan_series_widens_nobody_but_the_neighbours(
    starts: tuple[int, ...], causes: list[Cause | None]
) -> None:
    free = tuple((FIRST + n * 4 * DAY + at, FIRST + n * 4 * DAY + at + 60) for n, at in enumerate(starts))
    course = Course(4, "UTC", every=4, shortest=4, longest=4, widths=(1, 2))
    planned = plan_series([Diary("a", free)], WISH, course)
    assert [one.cause for one in planned] == causes
    assert [one.width for one in planned] == [2 if cause else 1 for cause in causes]
    assert [one.slot is None for one in planned] == [at != 60 for at in starts]


def test_plan_series_gives_up_others_before_a_pinned_session() -> None:
    planned = plan_series([diary("a")], WISH, Course(3, PARIS, pinned={3: FIRST + 3 * DAY}))
    assert [one.slot.start if one.slot else None for one in planned] == [None, None, FIRST + 3 * DAY]


def test_plan_series_ends_before_somebody_leaves() -> None:
    leaving = Wish(60, (WINDOW[0], FIRST + 57 * DAY), near=FIRST)
    planned = plan_series([diary("a")], leaving, Course(4, PARIS))
    assert [one.slot is None for one in planned] == [False, False, False, True]


def test_plan_series_prefers_preferred_hours_over_near_ones() -> None:
    mentee = replace(diary("a"), preferred=week_part_stretches(["thu-pm"], PARIS, WINDOW))
    planned = plan_series([mentee], WISH, Course(2, PARIS))
    assert local(planned) == ["Thu 09-10 13:30", "Thu 10-08 13:30"]
    assert all(one.slot and one.slot.preferred for one in planned)


def test_choosy_course_widens_a_window_for_preferred_hours_and_says_so() -> None:
    mentee = replace(diary("a"), preferred=week_part_stretches(["fri-pm"], PARIS, WINDOW))
    away = day_stretches([date(2026, 10, 9)], PARIS, WINDOW)
    busy = replace(mentee, out_of_office=away)
    course = Course(2, PARIS, pinned={1: FIRST})
    plain, choosy = (plan_series([busy], WISH, replace(course, choosy=wish))[1] for wish in (False, True))
    assert (local([plain]), plain.width, plain.cause) == (["Tue 10-06 10:00"], 3, None)
    assert (local([choosy]), choosy.width) == (["Fri 10-02 16:30"], 5)
    assert choosy.cause is Cause.NOT_PREFERRED
    assert choosy.removed[Reason.OUT_OF_OFFICE] > 0


def test_choosy_course_keeps_its_window_where_nobody_prefers_anything() -> None:
    (_, planned) = plan_series([diary("a")], WISH, Course(2, PARIS, pinned={1: FIRST}, choosy=True))
    assert (local([planned]), planned.width, planned.cause) == (["Tue 10-06 10:00"], 3, None)


def test_plan_series_of_training_days_takes_the_best_attended() -> None:
    trainer, window = diary("t"), (FIRST, FIRST + 14 * DAY)
    away = [day_stretches([date(2026, 9, 8 + day)], PARIS, WINDOW) for day in range(3)]
    mentors = [replace(diary(f"m{n}"), busy=busy) for n, busy in enumerate(away)]
    course = Course(3, PARIS, every=3, shortest=1, longest=5, widths=(1, 2))
    planned = plan_series([trainer], Wish(210, window), course, wanted=mentors, quorum=2)
    assert [len(one.slot.present) for one in planned if one.slot] == [3, 4, 4]


@pytest.mark.parametrize(("last", "middle"), [(60, 60), (0, 0)])
def test_a_session_leaves_its_place_to_mend_the_distance_to_both_neighbours_but_not_to_one(
    last: int, middle: int
) -> None:
    """The first session can only be an hour late, the last one is so or in time, the one between is free."""
    starts = (60, 4 * DAY, 4 * DAY + 60, 8 * DAY + last)
    free = tuple((FIRST + start, FIRST + start + 60) for start in starts)
    course = Course(3, "UTC", every=4, shortest=3, longest=5, widths=(1,))
    planned = plan_series([Diary("a", free)], replace(WISH, step=60), course)
    assert [one.slot.start - FIRST for one in planned if one.slot] == [60, 4 * DAY + middle, 8 * DAY + last]


HALF_DAYS = st.lists(st.integers(0, 60).map(lambda half: half * DAY // 2), max_size=12)
WINDOWS = HALF_DAYS.map(lambda starts: tuple((start, start + 60) for start in starts))
PEOPLE = st.builds(
    lambda working, tentative, preferred: Diary("a", working, tentative=tentative, preferred=preferred),
    working=WINDOWS,
    tentative=st.one_of(st.just(()), WINDOWS),
    preferred=st.one_of(st.just(()), WINDOWS),
)
COURSES = st.builds(
    Course,
    sessions=st.integers(1, 4),
    zone=st.sampled_from(["UTC", "Africa/Monrovia"]),
    every=st.integers(5, 8),
    shortest=st.integers(2, 5),
    longest=st.integers(8, 14),
    widths=st.sampled_from([(2,), (3,), (0,)]),
    pinned=st.dictionaries(st.integers(1, 4), st.integers(0, 30).map(lambda day: day * DAY), max_size=1),
)


def worth(planned: Sequence[Slot | None], course: Course, near: int) -> tuple[int, ...] | None:
    """What a plan is worth, less is better, by the words of its promise; None where it is not allowed."""
    off, target, before = 0, wall_of(near, course.zone), None
    for number, slot in enumerate(planned, start=1):
        pinned = course.pinned.get(number)
        target = target if pinned is None else wall_of(pinned, course.zone)
        if slot is not None:
            wall = wall_of(slot.start, course.zone)
            off += 3 * abs(wall - target)
            if before is not None:
                steps, gap = number - before[0], wall - before[1]
                free = pinned is not None and before[0] in course.pinned
                if not free and not course.shortest * DAY <= gap <= course.longest * DAY * steps:
                    return None
                off += 2 * abs(gap - course.every * DAY * steps)
            before = (number, wall)
        target += course.every * DAY
    chosen = [slot for at, slot in enumerate(planned, start=1) if slot and at not in course.pinned]
    tentative = sum(slot.tentative for slot in chosen)
    return (planned.count(None), tentative, sum(not slot.preferred for slot in chosen), off)


def choices(person: Diary, wish: Wish, course: Course) -> list[list[Slot | None]]:
    """Every slot each session may have, and none; a pinned one has no choice."""
    found: list[list[Slot | None]] = []
    everything = find_slots([person], wish, most=10_000).slots
    target = wall_of(wish.window[0] if wish.near is None else wish.near, course.zone)
    for number in range(1, course.sessions + 1):
        if number in course.pinned:
            start = course.pinned[number]
            target = wall_of(start, course.zone)
            found.append([Slot(start, start + wish.minutes, ("a",))])
        else:
            width = course.widths[0] * DAY
            low, high = instant_at(target - width, course.zone), instant_at(target + width, course.zone)
            found.append([None, *(slot for slot in everything if low <= slot.start <= high)])
        target += course.every * DAY
    return found


NEARS = st.one_of(st.none(), st.integers(0, 10).map(lambda day: day * DAY))


@given(person=PEOPLE, course=COURSES, near=NEARS)
@settings(max_examples=300, deadline=None)
def test_plan_series_is_the_best_of_all_plans(person: Diary, course: Course, near: int | None) -> None:
    wish = Wish(60, (0, 31 * DAY), near=near, step=60)
    planned = [one.slot for one in plan_series([person], wish, course)]
    worths = [worth(plan, course, near or 0) for plan in product(*choices(person, wish, course))]
    assert worth(planned, course, near or 0) == min(one for one in worths if one is not None)


@given(person=PEOPLE, course=COURSES)
@settings(deadline=None)
def test_plan_series_never_plans_fewer_with_wider_windows(person: Diary, course: Course) -> None:
    wish = Wish(60, (0, 31 * DAY), near=0, step=60)
    narrow = plan_series([person], wish, course)
    wide = plan_series([person], wish, replace(course, widths=(*course.widths, 5)))
    assert [one.slot for one in wide].count(None) <= [one.slot for one in narrow].count(None)
    for one in wide:
        assert one.width == (0 if one.pinned else one.width)
        assert (one.width > course.widths[0]) <= (one.cause is not None)


@given(person=PEOPLE, every=st.integers(8, 20))
@settings(max_examples=200, deadline=None)
def test_choosy_course_finds_the_best_hour_within_its_widest_window(person: Diary, every: int) -> None:
    wish, target = Wish(60, (0, 31 * DAY), step=60), every * DAY
    course = Course(2, "UTC", every=every, shortest=1, longest=40, pinned={1: 0}, choosy=True)
    (_, planned) = plan_series([person], wish, course)
    everything = find_slots([person], wish, most=10_000).slots
    near = [slot for slot in everything if abs(slot.start - target) <= 7 * DAY]
    ranks = [(one.tentative, not one.preferred, abs(one.start - target)) for one in near]
    found = planned.slot and (
        planned.slot.tentative,
        not planned.slot.preferred,
        abs(planned.slot.start - target),
    )
    assert found == min(ranks, default=None)


def test_the_exhaustive_search_catches_a_plan_of_nearest_hours() -> None:
    starts = (0, 5 * DAY // 2, 8 * DAY)
    person = Diary("a", tuple((start, start + 60) for start in starts))
    course = Course(2, "UTC", every=5, shortest=2, longest=9, widths=(2,))
    wish = Wish(60, (0, 31 * DAY), near=DAY, step=60)
    slots = [Slot(start, start + 60, ("a",)) for start in starts]
    nearest, better = [slots[0], slots[2]], [slots[1], slots[2]]
    assert [one.slot for one in plan_series([person], wish, course)] == better
    assert (worth(better, course, DAY), worth(nearest, course, DAY)) == (
        (0, 0, 2, 3 * 7 * DAY // 2 + DAY),
        (0, 0, 2, 15 * DAY),
    )


def test_course_refuses_what_is_no_rhythm() -> None:
    for sessions in (0, 101):
        with pytest.raises(ValueError, match=f"^a course has 1 to 100 sessions, not {sessions}$"):
            Course(sessions, PARIS)
    for shortest, every, longest in ((0, 28, 42), (29, 28, 42), (14, 43, 42)):
        words = f"^days .* go up from 1: .* unlike {shortest}, {every}, {longest}$"
        with pytest.raises(ValueError, match=words):
            Course(6, PARIS, shortest=shortest, every=every, longest=longest)
    for widths in ((), (-1,), (3, 3), (5, 3)):
        with pytest.raises(ValueError, match=r"^widths are days that go up from 0 or more, unlike \("):
            Course(6, PARIS, widths=widths)


def test_course_takes_the_least_and_the_most_there_is() -> None:
    assert Course(1, PARIS, shortest=1, every=1, longest=1, widths=(0,)).sessions == 1
    assert Course(100, PARIS).sessions == 100


def test_gaps_between_planned_sessions_stay_within_the_limits() -> None:
    busy: Stretches = tuple((FIRST + n * 40, FIRST + n * 40 + 25) for n in range(-200, 6000))
    planned = plan_series([replace(diary("a"), busy=busy[::3])], WISH, Course(6, PARIS))
    walls = [wall_of(one.slot.start, PARIS) for one in planned if one.slot]
    assert len(walls) == 6
    assert all(14 * DAY <= later - earlier <= 42 * DAY for earlier, later in pairwise(walls))
