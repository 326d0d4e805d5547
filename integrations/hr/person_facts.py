"""The facts of a person as a source wrote them, refused where a letter, a calendar or a merge would choke."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from integrations.errors import InvalidError
from integrations.hr.events import PersonFacts

_DATES: Final = ("hire_date", "end_date")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS: Final = range(1900, 2200)
# RFC 5322 section 3.2.3 dot-atom and RFC 1123 host names; quoted local parts exist on paper only.
_LOCAL_PART: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_DAYS: Final = r"(Mo|Tu|We|Th|Fr|Sa|Su)(-(Mo|Tu|We|Th|Fr|Sa|Su))?"
_SPAN: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_SPANS: Final = re.compile(_SPAN)
_RULE: Final = rf"{_DAYS}(,{_DAYS})* (off|{_SPAN}(,{_SPAN})*)"
_WEEKLY_HOURS: Final = re.compile(rf"{_RULE}(; ?{_RULE})*")
# Control characters break headers and lines of mail and iCalendar; these turn the reading order of a letter.
_BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNPRINTABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


class FactsError(InvalidError):
    """Facts of a person are wrong: reasons by field, which repeat no value."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in sorted(reasons.items())))
        self.reasons = dict(reasons)


def read_facts(written: Mapping[str, Any]) -> PersonFacts:
    """Reads the facts of one person; raises FactsError once, with a reason for every wrong field.

    Fields the programme does not need are dropped. Beyond what PersonFacts accepts by itself, dates must be
    written YYYY-MM-DD, addresses must be such as every mail server takes, and text must be printable.
    """
    wrong = _wrong_as_written(written)
    right = {field: value for field, value in written.items() if field not in wrong}
    try:
        facts = PersonFacts.model_validate(right)
    except ValidationError as error:
        for item in error.errors():
            message = item["msg"].removeprefix("Value error, ")
            wrong[str(item["loc"][0])] = message[0].lower() + message[1:]
    else:
        wrong |= _wrong_as_read(facts)
    if wrong:
        raise FactsError(wrong)
    return facts


def is_printable(text: str) -> bool:
    """Whether a text holds neither control characters nor marks that turn the reading order."""
    return not any(
        character in _BIDI_CONTROLS or unicodedata.category(character) in _UNPRINTABLE for character in text
    )


def is_zone(name: str) -> bool:
    """Whether a name is a zone of the time zone database."""
    try:
        ZoneInfo(name)
    # A name such as "Europe" is a folder of the database, one of 300 characters no file name: OSError.
    except (KeyError, ValueError, OSError):
        return False
    return True


def is_day(written: object) -> bool:
    """Whether a date is written YYYY-MM-DD, in years that a calendar of people meets."""
    if not isinstance(written, str) or not _ISO_DATE.fullmatch(written):
        return False
    try:
        return date.fromisoformat(written).year in _YEARS
    except ValueError:
        return False


def _wrong_as_written(written: Mapping[str, Any]) -> dict[str, str]:
    wrong = {
        field: "a day is written YYYY-MM-DD; any other order of day and month may mean two days"
        for field in _DATES
        if written.get(field) is not None and not is_day(written[field])
    }
    zone = written.get("zone")
    if isinstance(zone, str) and not is_zone(zone):
        wrong["zone"] = "an IANA time zone such as Europe/Paris is expected"
    return wrong


def _wrong_as_read(facts: PersonFacts) -> dict[str, str]:
    texts = {field: value for field, value in facts if isinstance(value, str)}
    wrong = {
        field: "holds control characters or marks that turn the reading order"
        for field, text in texts.items()
        if not is_printable(text)
    }
    if facts.work_address is not None and (reason := _wrong_address(facts.work_address)):
        wrong["work_address"] = reason
    if facts.weekly_hours is not None and not _are_weekly_hours(facts.weekly_hours):
        wrong["weekly_hours"] = "is written like Mo-Fr 09:00-12:30,13:30-17:30; Sa 10:00-12:00"
    if not all(_LANGUAGE.fullmatch(language) for language in facts.languages or ()):
        wrong["languages"] = "are written as ISO 639 codes such as fr and en"
    if facts.manager_id == facts.person_id:
        wrong["manager_id"] = "nobody is their own manager"
    if facts.hire_date and facts.end_date and facts.end_date < facts.hire_date:
        wrong["end_date"] = "lies before the hire date"
    return wrong


def _are_weekly_hours(text: str) -> bool:
    spans = [span[0].split("-") for span in _SPANS.finditer(text)]
    return bool(_WEEKLY_HOURS.fullmatch(text)) and all(start < end for start, end in spans)


def _wrong_address(address: str) -> str | None:
    local_part, _, domain = address.rpartition("@")
    if not local_part.isascii():
        return "letters outside ASCII before the @ are refused by many mail servers; give an ASCII alias"
    if not domain.isascii():
        return "a domain outside ASCII must be written in its xn-- form"
    if not (_LOCAL_PART.fullmatch(local_part) and _DOMAIN.fullmatch(domain)):
        return "is not an address such as given.family@example.com"
    return None
