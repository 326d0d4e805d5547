"""Dates and hours in words, in the reader's language and zone; letters and pages say them alike."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_gmt, get_timezone_location

_LOCALES = {"en": "en_GB", "fr": "fr_FR"}
_A_WEEK = 7
_NUMBERS = {
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight"),
    "fr": ("une", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"),
}
_WEEKS = {"en": ("week", "weeks"), "fr": ("semaine", "semaines")}
_DAYS = {"en": ("day", "days"), "fr": ("jour", "jours")}
_VOWELS = frozenset("AEIOUYÉÈÊÎÔÂ")


def day(instant: datetime, zone: str, language: str) -> str:
    """The local day of an aware instant: `Tuesday 6 October 2026`, `mardi 6 octobre 2026`."""
    local = instant.astimezone(ZoneInfo(zone)).date()
    first = language == "fr" and local.day == 1
    pattern = "EEEE '1er' MMMM y" if first else "EEEE d MMMM y"
    return str(format_date(local, pattern, locale=_locale(language)))


def hours(start: datetime, end: datetime, zone: str, language: str) -> str:
    """The local hours of a stretch and their zone by name: `10:00-11:00 (Paris time)`."""
    first, last = (_clock(instant, zone, language) for instant in (start, end))
    return f"{first}-{last} ({zone_name(start, zone, language)})"


def when(start: datetime, end: datetime, zone: str, language: str) -> str:
    """Local day and hours: `Tuesday 6 October 2026, 10:00-11:00 (Paris time)`."""
    return f"{day(start, zone, language)}, {hours(start, end, zone, language)}"


def span(days: int, language: str) -> str:
    """How long some days are, whole weeks as weeks: `four weeks`, `25 jours`."""
    weeks, rest = divmod(days, _A_WEEK)
    if rest or not 0 < weeks <= len(_NUMBERS[language]):
        one, many = _DAYS[language]
        return f"{days} {one if days == 1 else many}"
    one, many = _WEEKS[language]
    return f"{_NUMBERS[language][weeks - 1]} {one if weeks == 1 else many}"


def zone_name(instant: datetime, zone: str, language: str) -> str:
    """A zone by the place people know: `Paris time`, `heure : Paris`, or `UTC`."""
    if zone in {"UTC", "Etc/UTC"}:
        return "UTC"
    if zone.startswith("Etc/"):
        return str(get_timezone_gmt(instant.astimezone(ZoneInfo(zone)), locale=_locale(language)))
    place = get_timezone_location(ZoneInfo(zone), locale=_locale(language), return_city=True)
    if place and place != zone:
        return f"{place} time" if language == "en" else f"heure {_of(place)}"
    return str(get_timezone_gmt(instant.astimezone(ZoneInfo(zone)), locale=_locale(language)))


def _of(place: str) -> str:
    return f"d'{place}" if place[0] in _VOWELS else f"de {place}"


def _clock(instant: datetime, zone: str, language: str) -> str:
    local = instant.astimezone(ZoneInfo(zone)).time()
    return str(format_time(local, "HH:mm", locale=_locale(language)))


def _locale(language: str) -> Locale:
    return Locale.parse(_LOCALES[language])
