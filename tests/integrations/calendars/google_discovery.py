"""Google's own description of its Calendar API, as shipped with its client: what a request may say."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import googleapiclient  # type: ignore[import-untyped]

from tests.integrations.calendars.wire import Refused


@dataclass(frozen=True)
class Call:
    """A request that the description allows."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    scopes: frozenset[str]


class Discovery:
    """Reads requests; whatever the description does not know is a 400, so that a misspelling is noticed."""

    def __init__(self) -> None:
        folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
        document = json.loads((folder / "calendar.v3.json").read_text(encoding="utf-8"))
        self._schemas = document["schemas"]
        self._common = document["parameters"]
        self._prefix = f"/{document['servicePath']}"
        self._methods = [
            method for resource in document["resources"].values() for method in resource["methods"].values()
        ]

    def read(self, verb: str, path: str, query: Mapping[str, str], body: Any) -> Call:
        """The call a request makes."""
        for method in self._methods:
            found = re.fullmatch(self._prefix + _pattern(method["path"]), path)
            if found and method["httpMethod"] == verb:
                return self._allowed(method, found.groupdict(), query, body)
        raise Refused(404, "notFound")

    def _allowed(
        self, method: Mapping[str, Any], path: Mapping[str, str], query: Mapping[str, str], body: Any
    ) -> Call:
        known = {**self._common, **method.get("parameters", {})}
        for name, text in query.items():
            if name not in known or known[name].get("location") != "query":
                raise Refused(400, "invalidParameter")
            _check_text(known[name], text)
        if "request" in method:
            if not isinstance(body, dict):
                raise Refused(400, "required")
            self._check({"$ref": method["request"]["$ref"]}, body)
            self._check_required(method, body)
        elif body is not None:
            raise Refused(400, "badRequest")
        plain = {name: unquote(text) for name, text in path.items()}
        return Call(method["id"], plain, query, body, frozenset(method["scopes"]))

    def _check_required(self, method: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        properties = self._schemas[method["request"]["$ref"]]["properties"]
        for name, schema in properties.items():
            if method["id"] in schema.get("annotations", {}).get("required", ()) and name not in body:
                raise Refused(400, "required")

    def _check(self, schema: Mapping[str, Any], value: Any) -> None:
        """Null is allowed anywhere: in a PATCH it takes a property away."""
        schema = self._schemas[schema["$ref"]] if "$ref" in schema else schema
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
        if value is None:
            return
        if not isinstance(value, kinds[schema["type"]]):
            raise Refused(400, "invalid")
        for item in value if isinstance(value, list) else ():
            self._check(schema["items"], item)
        for name, item in value.items() if isinstance(value, dict) else ():
            known = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if known is None:
                raise Refused(400, "unknownProperty")
            self._check(known, item)
        if isinstance(value, str):
            _check_format(schema.get("format"), value)


def _pattern(template: str) -> str:
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)


def _check_text(schema: Mapping[str, Any], text: str) -> None:
    allowed = {"boolean": r"true|false", "integer": r"-?\d+"}.get(schema["type"], r"(?s).*")
    if not re.fullmatch(allowed, text) or text not in schema.get("enum", [text]):
        raise Refused(400, "invalidParameter")
    if "maximum" in schema and int(text) > int(schema["maximum"]):
        raise Refused(400, "invalidParameter")


def _check_format(name: str | None, text: str) -> None:
    try:
        if name == "date-time" and datetime.fromisoformat(text).tzinfo is None:
            raise Refused(400, "invalid")
        if name == "date":
            date.fromisoformat(text)
    except ValueError:
        raise Refused(400, "invalid") from None
