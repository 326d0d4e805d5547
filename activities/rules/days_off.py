"""Public holidays where people work, and the company's own days off."""

from datetime import date
from functools import lru_cache

from holidays import country_holidays

from integrations.programme import Programme

_YEARS_AHEAD = 3


def days_off(programme: Programme, site: str = "") -> frozenset[date]:
    """The days off of a site (of the programme where the site is not listed) while the programme runs.

    Public holidays are those of the `holidays` package, which is pinned; a country or subdivision it does not
    know raises ValueError.
    """
    place = programme.sites.get(site, programme)
    return frozenset(programme.holidays) | _public(place.country, place.subdivision, programme.starts_on.year)


@lru_cache(maxsize=256)
def _public(country: str, subdivision: str | None, first_year: int) -> frozenset[date]:
    years = range(first_year, first_year + _YEARS_AHEAD)
    try:
        return frozenset(country_holidays(country, subdiv=subdivision, years=years))
    except NotImplementedError as error:
        raise ValueError(f"no public holidays are known for {country} {subdivision or ''}".strip()) from error
