from datetime import UTC, datetime, timedelta

import pytest

from integrations import wording

_TEN = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)
_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "language", "told"),
    [
        ("Europe/Paris", "en", "Tuesday 6 October 2026, 10:00-11:00 (Paris time)"),
        ("Europe/Paris", "fr", "mardi 6 octobre 2026, 10:00-11:00 (heure de Paris)"),
        ("America/New_York", "en", "Tuesday 6 October 2026, 04:00-05:00 (New York time)"),
        ("Asia/Kolkata", "en", "Tuesday 6 October 2026, 13:30-14:30 (Kolkata time)"),
        ("UTC", "fr", "mardi 6 octobre 2026, 08:00-09:00 (UTC)"),
    ],
)
def test_when_tells_day_and_hours_where_the_reader_is(zone: str, language: str, told: str) -> None:
    assert wording.when(_TEN, _TEN + _HOUR, zone, language) == told


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("America/Los_Angeles", "Monday 5 October 2026"),
        ("Europe/London", "Tuesday 6 October 2026"),
        ("Pacific/Auckland", "Tuesday 6 October 2026"),
    ],
)
def test_day_is_the_local_one(zone: str, told: str) -> None:
    assert wording.day(datetime(2026, 10, 6, 1, 0, tzinfo=UTC), zone, "en") == told


def test_hours_follow_the_change_to_winter_time() -> None:
    before, after = datetime(2026, 10, 24, 8, 0, tzinfo=UTC), datetime(2026, 10, 26, 8, 0, tzinfo=UTC)
    assert wording.hours(before, before + _HOUR, "Europe/Paris", "en") == "10:00-11:00 (Paris time)"
    assert wording.hours(after, after + _HOUR, "Europe/Paris", "en") == "09:00-10:00 (Paris time)"


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC"])
def test_utc_is_named_as_it_is(zone: str) -> None:
    assert wording.zone_name(_TEN, zone, "en") == "UTC"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("zone", ["Etc/GMT+5", "Europe/Paris", "Asia/Tokyo"])
def test_zone_has_a_name_people_can_read(zone: str, language: str) -> None:
    name = wording.zone_name(_TEN, zone, language)
    assert name.strip()
    assert "/" not in name


def test_language_nobody_has_words_for_is_refused() -> None:
    with pytest.raises(KeyError):
        wording.day(_TEN, "UTC", "de")


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        (1, "1 day", "1 jour"),
        (7, "one week", "une semaine"),
        (25, "25 days", "25 jours"),
        (28, "four weeks", "quatre semaines"),
        (56, "eight weeks", "huit semaines"),
        (63, "63 days", "63 jours"),
    ],
)
def test_span_is_told_in_weeks_where_it_is_whole_ones(days: int, english: str, french: str) -> None:
    assert (wording.span(days, "en"), wording.span(days, "fr")) == (english, french)
