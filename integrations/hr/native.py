"""The native source: Standard Webhooks whose body is the canonical event."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from integrations.errors import InvalidError
from integrations.hr.events import SCHEMA_VERSION, EventType, HrEvent, parse_native
from integrations.hr.person_facts import FactsError, is_day, is_printable, is_zone, read_facts
from integrations.hr.signatures import STANDARD_WEBHOOKS
from integrations.hr.strict_json import read_object

SOURCE: Final = STANDARD_WEBHOOKS.source
SKEW: Final = timedelta(days=1)

# Keys become workflow ids, which people see: no addresses. A full stop would blur where the signed id ends.
_KEY: Final = re.compile(r"[A-Za-z0-9_:~=+-]{1,128}")
_PROGRAMME_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,40}")
_FIRST_YEAR: Final = 1970
_OF_PROGRAMMES: Final = frozenset({EventType.PROGRAMME_OPENED, EventType.PROGRAMME_STOP_REQUESTED})


class SetAside(StrEnum):
    """Why a genuine delivery is taken but not read."""

    UNKNOWN_TYPE = "unknown-type"
    NEWER_SCHEMA = "newer-schema"


def delivery_key(headers: Mapping[str, str]) -> str:
    """The key of a delivery, which is its `webhook-id`; raises InvalidError for one that cannot be a key."""
    key = headers.get("webhook-id", "")
    if not _KEY.fullmatch(key):
        raise InvalidError("webhook-id must be 1 to 128 letters, digits or any of _ : ~ = + -")
    return key


def read_event(body: bytes, key: str, now: datetime) -> HrEvent | SetAside:
    """The event of a delivery, or why it is set aside; raises InvalidError that names fields, never values.

    An event without an id of its own takes the delivery's key. `occurred_at` may lie at most SKEW after
    `now`, because the newest word on a fact wins: one from the far future would win for good.
    """
    content = read_object(body)
    version = content.get("schema_version", SCHEMA_VERSION)
    if type(version) is not int or version < 1:
        raise InvalidError("the event's fields are wrong: schema_version")
    if version > SCHEMA_VERSION:
        return SetAside.NEWER_SCHEMA
    kind = content.get("type")
    if isinstance(kind, str) and kind not in set(EventType):
        return SetAside.UNKNOWN_TYPE
    event = _read({"id": key, **content, "source": SOURCE})
    if wrong := _wrong(event, now):
        raise InvalidError(f"the event's fields are wrong: {', '.join(wrong)}")
    return event


def _read(content: dict[str, Any]) -> HrEvent:
    """Reads envelope and facts, so that one answer names what is wrong with either."""
    complaints, facts, changes = [], None, content.get("changes")
    if isinstance(changes, dict):
        content = content | {"changes": None}
        try:
            facts = read_facts({"person_id": content.get("person_id"), **changes})
        except FactsError as error:
            complaints.append(f"the event's changes are wrong: {', '.join(sorted(error.reasons))}")
    if content.get("effective_on") is not None and not is_day(content["effective_on"]):
        complaints.append("the event's fields are wrong: effective_on")
        content = content | {"effective_on": None}
    try:
        event = parse_native(content)
    except InvalidError as error:
        complaints.append(str(error))
    if complaints:
        raise InvalidError("; ".join(complaints))
    return event.model_copy(update={"changes": facts}) if facts else event


def _wrong(event: HrEvent, now: datetime) -> list[str]:
    """The fields that contradict each other or that no life could work with."""
    of_programme = event.type in _OF_PROGRAMMES
    programme_id, person_id = event.programme_id, event.person_id
    changed = event.changes.person_id if event.changes else person_id
    checks = {
        "changes.person_id": changed == person_id,
        "id": is_printable(event.id),
        "occurred_at": event.occurred_at.year > _FIRST_YEAR and event.occurred_at - now <= SKEW,
        "person_id": of_programme if person_id is None else _is_plain(person_id),
        "programme_id": not of_programme if programme_id is None else _PROGRAMME_ID.fullmatch(programme_id),
        "zone": is_zone(event.zone),
    }
    return [field for field, right in checks.items() if not right]


def _is_plain(person_id: str) -> bool:
    return bool(person_id) and person_id == person_id.strip() and is_printable(person_id)
