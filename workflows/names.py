"""Task queues, workflow ids and search attributes: every name the Temporal server knows us by."""

from datetime import datetime
from typing import Final

from temporalio.common import SearchAttributeKey

WORKFLOWS: Final = "mentoring"
RECORDS: Final = "mentoring-records"
CALENDARS: Final = "mentoring-calendars"
MAIL: Final = "mentoring-mail"

PROGRAMME: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("Programme")
STAGE: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("Stage")
MENTOR_REF: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("MentorRef")
MENTEE_REF: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("MenteeRef")
SESSIONS_HELD: Final[SearchAttributeKey[int]] = SearchAttributeKey.for_int("SessionsHeld")
NEXT_DUE: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime("NextDue")
ATTENTION: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("Attention")


def delivery_id(source: str, key: str) -> str:
    """The workflow id of an HR delivery: the same delivery always gets the same one."""
    return f"hr/{source}/{key}"


def notices_id(provider: str) -> str:
    """The workflow id of a calendar provider's notices."""
    return f"calendar-notices/{provider}"


ATTRIBUTES: Final = {
    "Programme": "Keyword",
    "Stage": "Keyword",
    "MentorRef": "Keyword",
    "MenteeRef": "Keyword",
    "SessionsHeld": "Int",
    "NextDue": "Datetime",
    "Attention": "Keyword",
}
"""The search attributes by name and type, as a namespace has to know them."""
