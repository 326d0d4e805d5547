import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.errors import InvalidError
from integrations.hr.strict_json import MAX_BYTES, MAX_DEPTH, read_object
from tests.pace import slowness

texts = st.text(st.characters(codec="utf-8"))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4), st.booleans())
def test_object_is_read_as_it_was_written(content: dict[str, Any], ascii_only: bool) -> None:
    assert read_object(json.dumps(content, ensure_ascii=ascii_only).encode()) == content


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


HOSTILE = {
    "NaN": b'{"a": NaN}',
    "an infinity": b'{"a": -Infinity}',
    "a number beyond doubles": b'{"a": 1e999}',
    "a number of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "a field twice": b'{"a": 1, "a": 1}',
    "a field twice inside": b'{"a": [{"b": 1, "b": 2}]}',
    "a field twice, once escaped": b'{"a": 1, "\\u0061": 2}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "a lone surrogate as a name": b'{"\\udfff": 1}',
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "nothing": b"",
    "a list": b"[]",
    "a string": b'"a"',
    "two objects": b"{}{}",
    "an open string": b'{"a',
    "a line break in a string": b'{"a": "b\nc"}',
    "too deep": nested(MAX_DEPTH + 1),
    "far too deep": b"[" * 200_000,
    "too large": b'{"a": "' + b"x" * MAX_BYTES + b'"}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_body_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidError):
        read_object(body)


def test_deepest_and_largest_bodies_are_read() -> None:
    assert list(read_object(nested(MAX_DEPTH))) == ["a"]
    brackets = b'{"a": "' + b"[" * (MAX_BYTES - 9) + b'"}'
    assert len(brackets) == MAX_BYTES
    assert len(read_object(brackets)["a"]) == MAX_BYTES - 9


@pytest.mark.parametrize("unit", [b'\\"', b'"', b"\\", b"[", b'"\\'])
def test_hostile_repetition_takes_one_pass(unit: bytes) -> None:
    started = time.thread_time()
    with pytest.raises(InvalidError):
        read_object((unit * MAX_BYTES)[:MAX_BYTES])
    assert time.thread_time() - started < 2 * slowness()


def test_complaint_repeats_nothing_of_the_body() -> None:
    with pytest.raises(InvalidError) as raised:
        read_object(b'{"canary": 1, "canary": 2}')
    assert "canary" not in str(raised.value)
