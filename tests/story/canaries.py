"""The search for what must not be somewhere, however it was written there."""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote


def found(canaries: Iterable[str], texts: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Where which of these words stand, by the name of the text."""
    return [
        (where, canary)
        for canary in canaries
        for where, text in texts.items()
        if any(written in text for written in spellings(canary))
    ]


def spellings(word: str) -> frozenset[bytes]:
    """The word as UTF-8, in ASCII JSON, in JSON inside JSON, as Python escapes it, and in an address."""
    in_json = json.dumps(word)[1:-1]
    again = json.dumps(in_json)[1:-1]
    return frozenset(
        {word.encode(), in_json.encode(), again.encode(), word.encode("unicode_escape"), quote(word).encode()}
    )
