import json

import pytest

from tests.story.canaries import found

NAME = "Zoé Lefèvre"


@pytest.mark.parametrize(
    "text",
    [
        f"name: {NAME}".encode(),
        json.dumps({"name": NAME}, ensure_ascii=False).encode(),
        json.dumps({"name": NAME}).encode(),
        json.dumps({"body": json.dumps({"name": NAME})}).encode(),
        ascii({"name": NAME}).encode(),
        b"GET /people?name=Zo%C3%A9%20Lef%C3%A8vre HTTP/1.1",
    ],
    ids=["plain", "JSON", "ASCII JSON", "JSON in JSON", "Python", "address"],
)
def test_accented_name_is_found_however_it_was_written(text: bytes) -> None:
    assert found(["Nobody", NAME], {"other": b"Zoe Lefevre", "here": b"\x0a\x12" + text}) == [("here", NAME)]


def test_text_with_quotes_is_found_in_json() -> None:
    said = 'She said "no", and left.'
    assert found([said], {"history": json.dumps({"note": said}).encode()}) == [("history", said)]


def test_nothing_is_found_where_nothing_is() -> None:
    assert found([NAME], {"empty": b"", "near": "Zoé Lefèvr".encode()}) == []
