"""JSON from outside, read without the liberties that Python's reader takes."""

import json
import math
import re
from typing import Any, Final, NoReturn

from integrations.errors import InvalidError

MAX_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 20

# A string may lack its end, so that hostile quotes cost one pass and not one pass each.
_STRING_OR_BRACKET: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def read_object(body: bytes) -> dict[str, Any]:
    """The one JSON object (RFC 8259) that the body is; raises InvalidError that repeats none of it.

    Refused beyond what the grammar refuses: more than MAX_BYTES, nesting deeper than MAX_DEPTH, a name twice
    in one object, NaN, infinities and lone surrogates, which no database and no other reader takes.
    """
    if len(body) > MAX_BYTES:
        raise InvalidError(f"the body is larger than {MAX_BYTES} bytes")
    if _depth(body) > MAX_DEPTH:
        raise InvalidError(f"the body nests deeper than {MAX_DEPTH} levels")
    content = _read(body)
    if not isinstance(content, dict):
        raise InvalidError("the body is not a JSON object")
    return content


def _read(body: bytes) -> object:
    try:
        content: object = json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite
        )
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise InvalidError("the body is not text in UTF-8") from None
    except ValueError:
        raise InvalidError("the body is not JSON as RFC 8259 has it") from None
    return content


def _depth(body: bytes) -> int:
    depth = deepest = 0
    for token in _STRING_OR_BRACKET.finditer(body):
        first = token[0][0]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise InvalidError("the body names a field twice in one object")
    return content


def _no_constant(_: str) -> NoReturn:
    raise InvalidError("the body holds a number that is not finite")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidError("the body holds a number that is not finite")
    return number
