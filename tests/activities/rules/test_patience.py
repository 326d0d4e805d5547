from dataclasses import replace
from threading import Event, current_thread

import pytest

from activities.rules import patience
from activities.rules.cohort import Cohort, Quota
from activities.rules.leniency import match_leniently
from activities.rules.matching import match
from activities.rules.patience import Patience, TooLongError
from bench.cohorts import company


class GivenUpError(Exception):
    """Nobody waits any more."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_BETWEEN_BEATS", 0.001)


def bound(least: int) -> Cohort:
    """Forty mentees of whom the first unit may have two; the second should have so many."""
    cohort = company(40, 40)
    one, other = sorted({mentee.unit for mentee in cohort.mentees})[:2]
    return replace(cohort, quotas=(Quota(one, at_most=2), Quota(other, at_least=least)))


def test_beats_come_from_the_caller_all_the_while_the_work_goes_on() -> None:
    heard, enough = list[str](), Event()

    def beat() -> None:
        heard.append(current_thread().name)
        if len(heard) == 5:
            enough.set()

    assert Patience(beat).while_waiting_for(lambda: enough.wait(60))
    assert set(heard) == {current_thread().name}


def test_what_a_beat_raises_ends_the_waiting_while_the_work_goes_on() -> None:
    at_work, go_on, done = Event(), Event(), Event()

    def work() -> None:
        at_work.set()
        go_on.wait(60)
        done.set()

    def beat() -> None:
        if at_work.is_set():
            raise GivenUpError

    with pytest.raises(GivenUpError):
        Patience(beat).while_waiting_for(work)
    assert not done.is_set()
    go_on.set()
    assert done.wait(60)


def test_work_goes_on_in_a_thread_of_its_own_that_is_named_after_the_solver() -> None:
    at_work = Patience().while_waiting_for(current_thread)
    assert at_work is not current_thread()
    assert at_work.name.startswith("solver")


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        Patience().while_waiting_for(lambda: 1 // 0)


@pytest.mark.parametrize(("least", "steps"), [(1, 4), (99, 6)])
def test_quotas_beat_before_every_step(least: int, steps: int) -> None:
    beats = list[None]()
    found = match_leniently(bound(least), Patience(lambda: beats.append(None)))
    assert bool(found.missed) == (least > 40)
    assert len(beats) >= steps


def test_quotas_are_given_up_when_nobody_waits() -> None:
    def beat() -> None:
        raise GivenUpError

    with pytest.raises(GivenUpError):
        match_leniently(bound(1), Patience(beat))


def test_quotas_that_take_longer_than_the_patience_are_given_up() -> None:
    with pytest.raises(TooLongError, match=r"^no choice was found within 0 s$"):
        match(bound(1), patience=Patience(seconds=0))
    assert match(bound(1), patience=Patience(seconds=60)) == match(bound(1))
