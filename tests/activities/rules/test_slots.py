from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.slots import Diary, Reason, Search, Slot, Wish, find_slots
from activities.rules.stretches import DAY, Stretches, instant_of, minutes_of
from activities.rules.working_hours import (
    day_stretches,
    parse_weekly_hours,
    week_part_stretches,
    working_stretches,
)
from integrations.calendars.calendar import BusyKind
from tests.activities.rules.diary_cases import CASES, SPAN, TAKEN, Case, diaries, walked

ALL = 10_000
MONDAY = minutes_of(datetime(2026, 9, 7, tzinfo=UTC))
WEEK = (MONDAY, MONDAY + 7 * DAY)
OPEN = ((0, SPAN),)


def search(case: Case, most: int = ALL) -> Search:
    return find_slots(case.required, case.wish, wanted=case.wanted, quorum=case.quorum, most=most)


def starts(found: Search) -> set[int]:
    return {slot.start for slot in found.slots}


@given(CASES)
@settings(max_examples=300, deadline=None)
def test_find_slots_agrees_with_walking_every_minute(case: Case) -> None:
    assert list(search(case).slots) == walked(case)


@given(CASES, st.integers(0, 4))
@settings(deadline=None)
def test_find_slots_returns_the_best_so_many(case: Case, most: int) -> None:
    assert list(search(case, most).slots) == walked(case)[:most]


def _each(case: Case, change: Callable[[Diary], Diary]) -> Case:
    return replace(case, required=tuple(map(change, case.required)), wanted=tuple(map(change, case.wanted)))


PAIR = Case(
    required=(Diary("a", OPEN, busy=((0, 60), (90, 90))), Diary("b", OPEN)),
    wanted=(),
    quorum=0,
    wish=Wish(30, (0, 165), buffer=10),
)
GROUP = replace(PAIR, wanted=(Diary("x", ((30, 120),)), Diary("y", ((60, 200),))), quorum=2)
AWAY = replace(PAIR, required=(Diary("a", OPEN, out_of_office=((0, 120),)), Diary("b", OPEN)))
UNKNOWN = replace(PAIR, required=(Diary("a", OPEN), Diary("b", OPEN, known=False)))

BROKEN: dict[str, tuple[Case, Callable[[Case], Case]]] = {
    "unknown is free": (UNKNOWN, lambda case: _each(case, lambda one: replace(one, known=True))),
    "a minute of busy is lost": (
        replace(PAIR, wish=replace(PAIR.wish, step=1)),
        lambda case: _each(case, lambda one: replace(one, busy=((0, 59), (90, 90)))),
    ),
    "empty time is padded": (
        PAIR,
        lambda case: _each(case, lambda one: replace(one, busy=((0, 60), (90, 91)))),
    ),
    "out of office is tentative": (
        AWAY,
        lambda case: _each(case, lambda one: replace(one, tentative=one.out_of_office, out_of_office=())),
    ),
    "the window is closed": (PAIR, lambda case: replace(case, wish=replace(case.wish, window=(0, 180)))),
    "buffers are forgotten": (PAIR, lambda case: replace(case, wish=replace(case.wish, buffer=0))),
    "the quorum is one short": (GROUP, lambda case: replace(case, quorum=1)),
    "the first hour is the best": (
        replace(PAIR, wish=replace(PAIR.wish, near=120)),
        lambda case: replace(case, wish=replace(case.wish, near=None)),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_walking_every_minute_catches_a_broken_search(name: str) -> None:
    case, broken = BROKEN[name]
    assert list(search(case).slots) == walked(case)
    assert list(search(broken(case)).slots) != walked(case)


def _busier(diary: Diary, kind: BusyKind, more: Stretches) -> Diary:
    if kind is BusyKind.TENTATIVE:
        return replace(diary, tentative=(*diary.tentative, *more))
    if kind is BusyKind.OUT_OF_OFFICE:
        return replace(diary, out_of_office=(*diary.out_of_office, *more))
    return replace(diary, busy=(*diary.busy, *more))


@given(CASES, st.integers(0, 5), st.sampled_from(BusyKind), TAKEN)
@settings(deadline=None)
def test_adding_busy_never_adds_a_slot(case: Case, who: int, kind: BusyKind, more: Stretches) -> None:
    people = [*case.required, *case.wanted]
    people[who % len(people)] = _busier(people[who % len(people)], kind, more)
    required = len(case.required)
    busier = replace(case, required=tuple(people[:required]), wanted=tuple(people[required:]))
    assert starts(search(busier)) <= starts(search(case))


@given(CASES, st.integers(0, 2))
@settings(deadline=None)
def test_removing_a_required_person_never_removes_a_slot(case: Case, who: int) -> None:
    index = who % len(case.required)
    fewer = replace(case, required=case.required[:index] + case.required[index + 1 :])
    assert starts(search(fewer)) >= starts(search(case))


@given(CASES)
@settings(deadline=None)
def test_the_order_of_people_and_stretches_changes_no_hour(case: Case) -> None:
    turned = replace(
        case,
        required=tuple(
            replace(one, busy=one.busy[::-1], working=one.working[::-1]) for one in case.required[::-1]
        ),
        wanted=case.wanted[::-1],
    )
    assert [slot.start for slot in search(turned).slots] == [slot.start for slot in search(case).slots]


@given(CASES)
@settings(deadline=None)
def test_every_start_considered_suits_or_was_removed_for_a_reason(case: Case) -> None:
    found, (low, high) = search(case), case.wish.window
    grid = [at for at in range(low, high - case.wish.minutes + 1) if at % case.wish.step == 0]
    assert found.considered == len(grid)
    assert found.suitable == len(found.slots)
    assert found.considered == found.suitable + sum(found.removed.values())
    assert all(found.removed.values())


def _lifted(case: Case, reason: str) -> Case:
    wishes = {
        Reason.NOTICE: replace(case.wish, notice_until=None),
        Reason.EXCLUDED: replace(case.wish, not_at=frozenset()),
    }
    everywhere = ((-SPAN, 3 * SPAN),)
    people = {
        Reason.NOT_WORKING: lambda one: replace(one, working=everywhere),
        Reason.UNKNOWN: lambda one: replace(one, known=True),
        Reason.OUT_OF_OFFICE: lambda one: replace(one, out_of_office=()),
        Reason.BUSY: lambda one: replace(one, busy=()),
        Reason.TENTATIVE: lambda one: replace(one, tentative=()),
        Reason.QUORUM: lambda one: one,
    }
    spare = people.get(
        Reason(reason),
        lambda one: replace(one, avoid={why: when for why, when in one.avoid.items() if why != reason}),
    )
    if reason in wishes:
        return replace(case, wish=wishes[Reason(reason)])
    quorum = 0 if reason == Reason.QUORUM else case.quorum
    return replace(case, required=tuple(map(spare, case.required)), quorum=quorum)


@given(CASES, st.sampled_from(Reason))
@settings(max_examples=300, deadline=None)
def test_would_help_counts_what_lifting_that_reason_wins(case: Case, reason: Reason) -> None:
    found = search(case)
    won = search(_lifted(case, reason)).suitable - found.suitable
    assert found.would_help.get(reason, 0) == won


def test_no_slot_explains_itself() -> None:
    mentor = Diary("a", OPEN, busy=((0, 60),), avoid={Reason.LUNCH: ((60, 120),)})
    mentee = Diary("b", OPEN, busy=((30, 75),), out_of_office=((120, 180),))
    found = find_slots([mentor, mentee], Wish(60, (0, 180), step=30))
    assert found == Search(
        slots=(),
        considered=5,
        suitable=0,
        removed={Reason.LUNCH: 3, Reason.OUT_OF_OFFICE: 1, Reason.BUSY: 1},
        would_help={Reason.BUSY: 1, Reason.OUT_OF_OFFICE: 1},
    )


def test_a_window_too_short_for_the_meeting_considers_nothing() -> None:
    assert find_slots([Diary("a", OPEN)], Wish(60, (0, 59))) == Search((), 0, 0, {}, {})


def test_reasons_are_counted_in_one_order() -> None:
    everything = (Reason.NOTICE, Reason.EXCLUDED, Reason.NOT_WORKING, Reason.HOLIDAY, Reason.LUNCH)
    diary = Diary(
        "a",
        working=((0, 45), (60, 300)),
        avoid={Reason.LUNCH: ((90, 105),), Reason.HOLIDAY: ((75, 90),)},
        out_of_office=((105, 120),),
        busy=((120, 135),),
        tentative=((135, 150),),
    )
    wish = Wish(15, (0, 180), notice_until=15, not_at=frozenset({30}), allow_tentative=False)
    found = find_slots([diary], wish, wanted=[Diary("x", ((0, 165),))], quorum=1)
    after = (Reason.OUT_OF_OFFICE, Reason.BUSY, Reason.TENTATIVE, Reason.QUORUM)
    assert list(found.removed.items()) == [(reason, 1) for reason in (*everything, *after)]
    assert starts(found) == {15, 60, 150}


def test_an_unreadable_calendar_counts_as_busy() -> None:
    found = find_slots([Diary("a", OPEN), Diary("b", OPEN, known=False)], Wish(60, (0, 120)))
    assert (found.slots, found.removed, found.would_help) == ((), {Reason.UNKNOWN: 5}, {Reason.UNKNOWN: 5})


def test_an_unreadable_calendar_of_somebody_wanted_is_an_absence() -> None:
    people = [Diary("x", OPEN, known=False), Diary("y", OPEN)]
    assert find_slots([Diary("a", OPEN)], Wish(60, (0, 60)), wanted=people, quorum=1).slots == (
        Slot(0, 60, ("a", "y")),
    )


def test_tentative_hours_come_after_all_others() -> None:
    diary = Diary("a", OPEN, tentative=((0, 60),), preferred=((0, 60),))
    found = find_slots([diary], Wish(60, (0, 120), step=60))
    assert found.slots == (Slot(60, 120, ("a",)), Slot(0, 60, ("a",), tentative=True, preferred=True))


def test_somebody_wanted_comes_tentatively_where_that_makes_the_quorum() -> None:
    wanted = [Diary("x", OPEN, tentative=((0, 60),))]
    wish = Wish(60, (0, 60))
    found = find_slots([Diary("a", OPEN)], wish, wanted=wanted, quorum=1)
    assert found.slots == (Slot(0, 60, ("a", "x"), tentative=True),)
    assert find_slots([Diary("a", OPEN)], wish, wanted=wanted).slots == (Slot(0, 60, ("a",)),)
    firmly = find_slots([Diary("a", OPEN)], replace(wish, allow_tentative=False), wanted=wanted, quorum=1)
    assert (firmly.slots, firmly.removed) == ((), {Reason.QUORUM: 1})


def test_a_quorum_larger_than_the_group_is_never_met() -> None:
    found = find_slots([Diary("a", OPEN)], Wish(60, (0, 75)), wanted=[Diary("x", OPEN)], quorum=2)
    assert (found.slots, found.removed) == ((), {Reason.QUORUM: 2})


def test_buffers_surround_tentative_time_too() -> None:
    diary = Diary("a", OPEN, tentative=((70, 120),))
    assert [find_slots([diary], Wish(60, (0, 60), buffer=wide)).slots[0].tentative for wide in (10, 11)] == [
        False,
        True,
    ]


def test_slots_lie_apart_then_at_least_do_not_overlap() -> None:
    found = find_slots([Diary("a", OPEN)], Wish(60, (0, 225), apart=100), most=4)
    assert [slot.start for slot in found.slots] == [0, 105, 165]


def test_the_best_attended_slot_comes_first() -> None:
    group = [Diary(ref, ((start, start + 120),)) for ref, start in (("x", 0), ("y", 60), ("z", 60))]
    found = find_slots([Diary("t", OPEN)], Wish(60, (0, 240), step=60), wanted=group, quorum=2)
    assert found.slots == (Slot(60, 120, ("t", "x", "y", "z")), Slot(120, 180, ("t", "y", "z")))


def test_preferred_hours_of_all_who_have_any_come_before_near_ones() -> None:
    people = [
        Diary("a", OPEN, preferred=((60, 180), (180, 240))),
        Diary("b", OPEN, preferred=((120, 240),)),
        Diary("c", OPEN),
    ]
    for order in (people, people[::-1]):
        found = find_slots(order, Wish(60, (0, 240), near=0, step=60))
        assert [(slot.start, slot.preferred) for slot in found.slots] == [
            (120, True),
            (180, True),
            (0, False),
        ]


def test_the_nearest_and_of_two_the_earlier_comes_first() -> None:
    found = find_slots([Diary("a", OPEN)], Wish(15, (0, 60), near=22), most=9)
    assert [slot.start for slot in found.slots] == [15, 30, 0, 45]
    found = find_slots([Diary("a", OPEN)], Wish(15, (0, 61), near=30), most=9)
    assert [slot.start for slot in found.slots] == [30, 15, 45, 0]


@given(CASES, st.integers(1, 200), st.integers(1, 5))
@settings(deadline=None)
def test_slots_lie_apart_as_far_as_there_are_enough(case: Case, apart: int, most: int) -> None:
    expected: list[Slot] = []
    for distance in (apart, min(apart, case.wish.minutes)):
        for slot in walked(case):
            if len(expected) < most and all(abs(slot.start - one.start) >= distance for one in expected):
                expected.append(slot)
    spread = replace(case, wish=replace(case.wish, apart=apart))
    assert list(search(spread, most).slots) == expected


@pytest.mark.parametrize(
    ("minutes", "step", "buffer", "apart"), [(0, 15, 0, 0), (60, 0, 0, 0), (60, 15, -1, 0), (60, 15, 0, -1)]
)
def test_wish_refuses_what_is_no_meeting(minutes: int, step: int, buffer: int, apart: int) -> None:
    said = f"minutes={minutes} step={step} buffer={buffer} apart={apart}"
    with pytest.raises(ValueError, match="minutes and step are 1 or more") as error:
        Wish(minutes, (0, 60), step=step, buffer=buffer, apart=apart)
    assert str(error.value) == f"minutes and step are 1 or more, buffer and apart 0 or more, unlike {said}"


def test_wish_takes_the_least_there_is() -> None:
    assert find_slots([Diary("a", OPEN)], Wish(1, (3, 5), step=1)).slots == (
        Slot(3, 4, ("a",)),
        Slot(4, 5, ("a",)),
    )


def test_three_people_meet_where_the_assistants_constraints_allow() -> None:
    hours = parse_weekly_hours("Mo-Fr 09:00-12:30,13:30-17:30")
    mentee = Diary(
        "mentee",
        working_stretches(hours, "Europe/Paris", frozenset(), WEEK),
        avoid={
            Reason.ASSISTANT: week_part_stretches(("mon-am", "mon-pm", "tue-am"), "Europe/Paris", WEEK),
            Reason.HOLIDAY: day_stretches([date(2026, 9, 9)], "Europe/Paris", WEEK),
        },
        preferred=week_part_stretches(("tue-am", "thu-am"), "Europe/Paris", WEEK),
    )
    mentor = Diary("mentor", working_stretches(hours, "America/New_York", frozenset(), WEEK))
    trainer = Diary("trainer", working_stretches(hours, "Europe/London", frozenset(), WEEK))
    found = find_slots([mentee, mentor, trainer], Wish(60, WEEK), most=1)
    assert [instant_of(slot.start) for slot in found.slots] == [datetime(2026, 9, 8, 13, 0, tzinfo=UTC)]
    assert Reason.ASSISTANT in found.removed
    assert Reason.HOLIDAY in found.removed


@given(diaries("a"), st.integers(1, 60))
def test_a_slot_is_within_the_window_on_the_grid(diary: Diary, minutes: int) -> None:
    for slot in find_slots([diary], Wish(minutes, (-17, 333)), most=ALL).slots:
        assert (slot.start % 15, slot.end - slot.start) == (0, minutes)
        assert -17 <= slot.start < slot.end <= 333
