"""The files of a matching that stands alone: who wants what, which pairs are settled or ruled out."""

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from integrations.answers import CompetenceId, Level, WeekPart
from integrations.errors import InvalidError

R = TypeVar("R", bound=BaseModel)

_LISTED = re.compile(r"[;\s]+")


class Wish(BaseModel):
    """What one mentor or mentee said: strengths as `2.4:3;1.2:4`, everything else that is listed as `a;b`.

    `wants` names person ids of the other side, `capacity` how many mentees a mentor may have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    person_id: str = Field(min_length=1)
    role: Literal["mentor", "mentee"]
    strengths: Mapping[CompetenceId, Level] = {}
    interests: tuple[CompetenceId, ...] = ()
    preferred: tuple[WeekPart, ...] = ()
    wants: tuple[str, ...] = ()
    capacity: int = Field(default=1, ge=0, le=10)

    @field_validator("strengths", mode="before")
    @classmethod
    def _levels(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        return dict(one.split(":", 1) for one in _LISTED.split(text.strip()) if ":" in one)

    @field_validator("interests", "preferred", "wants", mode="before")
    @classmethod
    def _listed(cls, text: object) -> object:
        return tuple(one for one in _LISTED.split(text.strip()) if one) if isinstance(text, str) else text


class KnownPair(BaseModel):
    """A pair that is fixed, was tried before, or must not be."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    mentor_id: str = Field(min_length=1)
    mentee_id: str = Field(min_length=1)
    kind: Literal["past", "conflict", "fixed"] = "past"


def read_wishes(path: Path) -> tuple[Wish, ...]:
    """Reads a CSV of wishes; raises InvalidError naming every wrong line, never its values."""
    return tuple(_read(path, Wish))


def read_pairs(path: Path) -> tuple[KnownPair, ...]:
    """Reads a CSV of known pairs; raises InvalidError naming every wrong line, never its values."""
    return tuple(_read(path, KnownPair))


def _read(path: Path, kind: type[R]) -> Iterator[R]:
    wrong: list[str] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                yield kind.model_validate({name: value for name, value in row.items() if value})
            except ValidationError as error:
                fields = sorted({str(item["loc"][0]) if item["loc"] else "row" for item in error.errors()})
                wrong.append(f"line {line}: {', '.join(fields)}")
    if wrong:
        raise InvalidError(f"{path.name} has wrong fields in " + "; ".join(wrong))
