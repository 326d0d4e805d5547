"""Exactly one event, whatever answers are lost; `python -m bench.booking_faults` has the large figure."""

import itertools

import pytest

from bench.booking_faults import VENDORS, book

RUNS = 50


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_lost_answers_leave_exactly_one_event(vendor: str) -> None:
    with VENDORS[vendor]() as faulty:
        runs = [book(faulty, seed) for seed in range(RUNS)]
    assert [run for run in runs if not run.is_right] == []
    assert min(run.faults for run in runs) >= 1
    assert max(run.tries for run in runs) > 1


def test_an_adapter_that_lets_google_choose_the_id_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count(10_000)
    monkeypatch.setattr("integrations.calendars.google.event_uid", lambda *_: str(next(numbers)))
    with VENDORS["google"]() as faulty:
        assert not all(book(faulty, seed).is_right for seed in range(5))
