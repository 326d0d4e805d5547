import json
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from integrations.hr.events import HrEvent
from tests.integrations.hr.test_signatures import BODY as SIGNED_BODY
from tests.integrations.hr.test_signatures import MESSAGE_ID, TAMPERED, Tamper
from tests.integrations.web.hr_inbox import BODY, HIRED, Inbox, RecordingSink, inbox_in, signed


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inbox]:
    with inbox_in(tmp_path_factory.mktemp("hostile")) as inbox:
        yield inbox


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampered_delivery_meets_one_same_401(inbox: Inbox, tamper: Tamper) -> None:
    inbox, stored = Inbox(inbox.database, RecordingSink()), inbox.stored
    headers, body = tamper(signed(SIGNED_BODY, MESSAGE_ID), SIGNED_BODY)
    sent = {name: value.encode() for name, value in headers.items()}
    response = TestClient(inbox.app()).post("/hr/native", content=body, headers=sent)
    assert response.status_code == 401
    assert response.content == b'{"error":"the request is not signed as agreed"}'
    assert sorted(response.headers) == ["content-length", "content-type"]
    assert (inbox.stored, inbox.sink.taken) == (stored, [])


def test_untampered_delivery_is_genuine(inbox: Inbox) -> None:
    assert inbox.post(SIGNED_BODY, MESSAGE_ID).status_code == 400


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(
        ["Europe", "2026-09-07", "0001-01-01T00:00:00+14:00", "\u202e", "a\r\nb", "\x00", "\ud800"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
envelope = st.sampled_from([*HrEvent.model_fields, "x"])
facts = st.sampled_from(
    ["person_id", "zone", "hire_date", "languages", "work_address", "title", "weekly_hours"]
)
mutated = st.builds(
    lambda changed, fact: HIRED | {"changes": HIRED["changes"] | fact} | changed,
    st.dictionaries(envelope, anything, max_size=2),
    st.dictionaries(facts, anything, max_size=2),
)
hostile = (
    st.binary(max_size=300)
    | mutated.map(lambda body: json.dumps(body).encode())
    | anything.map(lambda body: json.dumps(body).encode())
)
keys = (f"msg_{number}" for number in count())


@given(hostile)
@settings(max_examples=300, deadline=None)
def test_hostile_body_is_never_a_server_error_and_what_is_taken_can_be_merged(
    inbox: Inbox, body: bytes
) -> None:
    key = next(keys)
    response = inbox.post(body, key)
    assert response.status_code in {202, 400}
    if response.json() == {"status": "taken"}:
        event = inbox.database.deliveries.event("native", key)
        inbox.database.directory.apply([event.changes] if event.changes else [], event.occurred_at, event.id)


header_names = ["webhook-id", "webhook-timestamp", "webhook-signature", "content-encoding", "content-type"]
octets = st.lists(st.sampled_from([*range(33, 127), *range(128, 256)]), max_size=60).map(bytes)
header_values = st.dictionaries(st.sampled_from(header_names), octets)


@given(header_values, st.booleans())
@settings(max_examples=200, deadline=None)
def test_hostile_headers_are_never_a_server_error(
    inbox: Inbox, headers: dict[str, bytes], genuine: bool
) -> None:
    sink = RecordingSink()
    own = {name: value.encode() for name, value in signed(BODY, next(keys)).items()} if genuine else {}
    client = TestClient(Inbox(inbox.database, sink).app())
    response = client.post("/hr/native", content=BODY, headers=own | headers)
    assert response.status_code in {202, 401, 415}
    assert bool(sink.taken) is (response.status_code == 202)
