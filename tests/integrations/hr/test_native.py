import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from integrations.errors import InvalidError
from integrations.hr.events import EventType, HrEvent
from integrations.hr.native import SetAside, delivery_key, read_event

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
HIRED: dict[str, Any] = {
    "id": "evt-1",
    "type": "hired",
    "occurred_at": "2026-09-07T09:30:00+02:00",
    "person_id": "00042",
    "changes": {"given_name": "Zoé", "level": 2, "salary": 40_000},
}


def read(**changes: object) -> HrEvent | SetAside:
    return read_event(json.dumps(HIRED | changes).encode(), "msg_1", NOW)


def test_event_is_read_and_what_the_programme_does_not_need_is_dropped() -> None:
    event = read()
    assert isinstance(event, HrEvent)
    assert (event.type, event.person_id, event.source) == (EventType.HIRED, "00042", "native")
    assert event.occurred_at == datetime(2026, 9, 7, 7, 30, tzinfo=UTC)
    assert event.changes is not None
    assert event.changes.model_dump(exclude_unset=True) == {
        "person_id": "00042",
        "given_name": "Zoé",
        "level": 2,
    }


def test_event_cannot_name_another_source() -> None:
    event = read(source="scim")
    assert isinstance(event, HrEvent)
    assert event.source == "native"


def test_event_without_id_takes_the_key_of_its_delivery() -> None:
    body = json.dumps({key: value for key, value in HIRED.items() if key != "id"}).encode()
    event = read_event(body, "msg_1", NOW)
    assert isinstance(event, HrEvent)
    assert event.id == "msg_1"


def test_departure_taken_back_is_a_null_that_was_sent() -> None:
    event = read(type="terminated", changes={"end_date": None})
    assert isinstance(event, HrEvent)
    assert event.changes is not None
    assert event.changes.model_fields_set == {"person_id", "end_date"}


def test_departure_keeps_its_day_and_zone() -> None:
    event = read(type="terminated", effective_on="2026-12-31", zone="America/Toronto", changes=None)
    assert isinstance(event, HrEvent)
    assert (event.effective_on, event.zone) == (date(2026, 12, 31), "America/Toronto")


def test_programme_event_needs_no_person() -> None:
    event = read(type="programme.opened", person_id=None, changes=None, programme_id="digital-2026")
    assert isinstance(event, HrEvent)
    assert event.programme_id == "digital-2026"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": "promoted"}, SetAside.UNKNOWN_TYPE),
        ({"schema_version": 2}, SetAside.NEWER_SCHEMA),
        ({"schema_version": 2, "type": "promoted", "occurred_at": 7}, SetAside.NEWER_SCHEMA),
    ],
)
def test_what_this_version_cannot_read_is_set_aside(changes: dict[str, Any], expected: SetAside) -> None:
    assert read(**changes) is expected


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"schema_version": "2"}, "fields are wrong: schema_version"),
        ({"schema_version": True}, "fields are wrong: schema_version"),
        ({"schema_version": 0}, "fields are wrong: schema_version"),
        ({"type": 7}, "fields are wrong: type"),
        ({"occurred_at": "yesterday"}, "fields are wrong: occurred_at"),
        ({"occurred_at": "2026-09-07T08:00:00"}, "fields are wrong: occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "fields are wrong: occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "fields are wrong: occurred_at"),
        ({"person_id": None}, "changes are wrong: person_id"),
        ({"person_id": None, "changes": None}, "fields are wrong: person_id"),
        ({"person_id": " 00042"}, "fields are wrong: changes.person_id, person_id"),
        ({"person_id": "00042\n", "changes": None}, "fields are wrong: person_id"),
        ({"changes": {"person_id": "00043"}}, "fields are wrong: changes.person_id"),
        ({"changes": []}, "fields are wrong: changes"),
        ({"changes": {"zone": "Europe", "level": "x"}}, "changes are wrong: level, zone"),
        ({"zone": "Europe"}, "fields are wrong: zone"),
        ({"effective_on": "07/09/2026"}, "fields are wrong: effective_on"),
        ({"effective_on": "0001-01-01"}, "fields are wrong: effective_on"),
        ({"effective_on": 20_000}, "fields are wrong: effective_on"),
        ({"mode": "test"}, "fields are wrong: mode"),
        ({"id": ""}, "fields are wrong: id"),
        ({"id": "a\u0000"}, "fields are wrong: id"),
        ({"type": "programme.opened"}, "fields are wrong: programme_id"),
        ({"programme_id": "Digital/2026"}, "fields are wrong: programme_id"),
    ],
)
def test_wrong_field_is_named(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidError) as raised:
        read(**changes)
    assert str(raised.value) == f"the event's {named}"


def test_wrong_envelope_and_wrong_facts_are_one_answer() -> None:
    with pytest.raises(InvalidError) as raised:
        read(changes={"level": 99}, effective_on="soon", mode="test")
    assert [part.rpartition(": ")[2] for part in str(raised.value).split("; ")] == [
        "level",
        "effective_on",
        "mode",
    ]


def test_event_may_run_a_day_ahead_of_the_clock_at_most() -> None:
    assert isinstance(read(occurred_at=(NOW + timedelta(days=1)).isoformat()), HrEvent)
    with pytest.raises(InvalidError, match="occurred_at"):
        read(occurred_at=(NOW + timedelta(days=1, seconds=1)).isoformat())


@pytest.mark.parametrize("key", ["msg_p5jXN8AQM9LWM0D4loKWxJek", "a", "9b2e7f1c-1:2~3=+", "x" * 128])
def test_webhook_id_is_the_key(key: str) -> None:
    assert delivery_key({"webhook-id": key}) == key


@pytest.mark.parametrize("key", ["", "a.b", "a/b", "zoe@example.com", "a b", "é", "a\n", "x" * 129])
def test_webhook_id_that_cannot_be_a_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidError, match="webhook-id must be"):
        delivery_key({"webhook-id": key})
