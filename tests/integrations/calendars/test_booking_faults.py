"""Exactly one event, whatever answers are lost; `python -m bench.booking_faults` has the large figure."""

import itertools
from typing import Any

import pytest

from bench.booking_faults import VENDORS, book
from integrations.calendars.microsoft_bodies import new_body
from integrations.calendars.microsoft_mailbox import Mailbox

RUNS = 50


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_lost_answers_leave_exactly_one_event(vendor: str) -> None:
    with VENDORS[vendor]() as faulty:
        runs = [book(faulty, seed) for seed in range(RUNS)]
    assert [run for run in runs if not run.is_right] == []
    assert min(run.faults for run in runs) >= 1
    assert max(run.tries for run in runs) > 1


def _has_two_events(vendor: str) -> bool:
    """Whether one of a few bookings has left its people more than the one event."""
    with VENDORS[vendor]() as faulty:
        runs = (book(faulty, seed) for seed in range(10))
        return any(max(run.events) > 1 and not run.is_right for run in runs)


@pytest.mark.parametrize("vendor", ["caldav", "google"])
def test_an_adapter_that_takes_a_new_id_for_each_try_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    """Without an id of ours there is nothing to adopt, and the next try makes another event."""
    numbers = itertools.count(10_000)
    monkeypatch.setattr(f"integrations.calendars.{vendor}.event_uid", lambda *_: str(next(numbers)))
    assert _has_two_events(vendor)


def test_an_adapter_with_another_transaction_id_each_time_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = itertools.count()

    def unstable(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**new_body(*args, **kwargs), "transactionId": str(next(numbers))}

    monkeypatch.setattr("integrations.calendars.microsoft.new_body", unstable)
    assert _has_two_events("microsoft")


def test_an_adapter_that_looks_for_no_event_after_a_lost_answer_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exchange knows a transactionId it has seen; who sends none must look for the event by its key."""

    def nameless(*args: Any, **kwargs: Any) -> dict[str, Any]:
        body = new_body(*args, **kwargs)
        del body["transactionId"]
        return body

    monkeypatch.setattr("integrations.calendars.microsoft.new_body", nameless)
    monkeypatch.setattr(Mailbox, "found_after", _give_up)
    assert _has_two_events("microsoft")


def _give_up(_: Mailbox, error: Exception, *__: object) -> None:
    raise error
