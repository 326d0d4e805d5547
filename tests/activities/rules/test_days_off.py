from datetime import date

import pytest

from activities.rules.days_off import days_off
from tests.activities.rules.staff import programme

BASTILLE, UNITY = date(2026, 7, 14), date(2026, 10, 3)


def test_days_off_are_public_holidays_and_the_companys_own() -> None:
    found = days_off(programme(holidays=(date(2026, 12, 24),)))
    assert {BASTILLE, date(2026, 12, 24)} <= found
    assert UNITY not in found
    assert date(2026, 7, 15) not in found


def test_days_off_of_a_site_are_those_of_its_country_and_subdivision() -> None:
    running = programme(
        holidays=(date(2026, 12, 24),),
        sites={
            "berlin": {"country": "DE"},
            "munich": {"country": "DE", "subdivision": "BY"},
        },
    )
    epiphany = date(2027, 1, 6)
    assert {UNITY, date(2026, 12, 24)} <= days_off(running, "berlin")
    assert BASTILLE not in days_off(running, "berlin")
    assert epiphany in days_off(running, "munich")
    assert epiphany not in days_off(running, "berlin")
    assert days_off(running, "lyon") == days_off(running)
    assert BASTILLE in days_off(running, "lyon")


def test_days_off_reach_over_the_year_of_the_start_and_two_more() -> None:
    years = {day.year for day in days_off(programme(starts_on=date(2026, 11, 2)))}
    assert years == {2026, 2027, 2028}


@pytest.mark.parametrize(
    ("country", "subdivision", "told"),
    [
        ("ZZ", None, "no public holidays are known for ZZ"),
        ("DE", "XX", "no public holidays are known for DE XX"),
    ],
)
def test_days_off_of_an_unknown_place_are_refused(country: str, subdivision: str | None, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}$"):
        days_off(programme(country=country, subdivision=subdivision))
