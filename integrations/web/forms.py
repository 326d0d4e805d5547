"""Posted forms, read into the model of their purpose or refused field by field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from integrations.answers import Form
from integrations.web.fields import Checks, Field, Line, LongText, Posted, fields_in, labels_in
from integrations.web.languages import Say
from integrations.web.pages import Page

CHOICE: Final = "choice"

# Line breaks and tabs are text; other control, surrogate and bidi characters only hide or reorder it.
_INVISIBLE: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_ADDRESS: Final = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[^@\s<>\"(),:;\\\[\]]+\.[^@\s.<>\"(),:;\\\[\]]+")


@dataclass(frozen=True)
class Refused:
    """Why a form was not taken: a message for each field or group, in the order of the page."""

    errors: Mapping[str, str]
    values: Posted


def posted(items: Iterable[tuple[str, object]]) -> Posted:
    """What came with a request, by name, cleaned of characters nobody can see."""
    values: dict[str, tuple[str, ...]] = {}
    for name, value in items:
        if isinstance(value, str):
            values[name] = (*values.get(name, ()), _clean(value))
    return values


def read(page: Page, model: type[Form], values: Posted, say: Say) -> Form | Refused:
    """The answer, or everything that is wrong with it at once."""
    choice = _single(values, CHOICE)
    counted = [field for field in fields_in(page.parts) if field.counts(choice)]
    errors = {field.name: error for field in counted if (error := _refusal(field, values, say))}
    offered = {button.value for button in page.buttons} - {""}
    if offered and choice not in offered:
        errors[CHOICE] = say("Choose one of the answers.", "Choisissez l'une des réponses.")
    for name, error in page.rule(values).items():
        errors.setdefault(name, error)
    if errors:
        return Refused(errors, values)
    try:
        return model.model_validate(_shaped(counted, values, choice))
    except ValidationError:
        # The fields refuse all that the models refuse; whatever slips through is not an answer of ours.
        refused = say("This answer cannot be taken as it is.", "Cette réponse ne peut pas être prise ainsi.")
        return Refused({CHOICE: refused}, values)


def summary(page: Page, values: Posted, say: Say) -> tuple[tuple[str, str], ...]:
    """What was answered, as the page asked it."""
    choice = _single(values, CHOICE)
    buttons = {button.value: button.label for button in page.buttons if len(page.buttons) > 1}
    told = [(say("Your answer", "Votre réponse"), buttons[choice])] if choice in buttons else []
    labels = labels_in(page.parts)
    counted = (field for field in fields_in(page.parts) if field.counts(choice))
    told.extend(
        (labels[field.name], field.shown(given)) for field in counted if (given := _given(field, values))
    )
    return tuple(told)


def _refusal(field: Field, values: Posted, say: Say) -> str | None:
    given = _given(field, values)
    if not given:
        return None if field.optional else _missing(field, say)
    if field.options and not set(given) <= {option.value for option in field.options}:
        return say("Choose from what is offered.", "Choisissez parmi les options proposées.")
    if isinstance(field, Checks):
        return _too_many(field, given, say)
    if len(given) > 1:
        return say("Give one answer only.", "Donnez une seule réponse.")
    if isinstance(field, Line | LongText):
        return _wrong_text(field, given[0], say)
    return None


def _missing(field: Field, say: Say) -> str:
    if isinstance(field, Checks):
        return say("Tick at least one box.", "Cochez au moins une case.")
    if isinstance(field, Line | LongText):
        return say("Write something here.", "Écrivez quelque chose ici.")
    return say("Choose one of the answers.", "Choisissez l'une des réponses.")


def _too_many(field: Checks, given: tuple[str, ...], say: Say) -> str | None:
    if field.most is None or len(given) <= field.most:
        return None
    return say(
        f"Tick {field.most} at most; you ticked {len(given)}.",
        f"Cochez {field.most} cases au plus ; vous en avez coché {len(given)}.",
    )


def _wrong_text(field: Line | LongText, text: str, say: Say) -> str | None:
    if len(text) > field.longest:
        return say(
            f"Write {field.longest} characters at most; there are {len(text)}.",
            f"Écrivez {field.longest} caractères au plus ; il y en a {len(text)}.",
        )
    if len(text) < field.shortest:
        return say(
            f"Write {field.shortest} characters or more.", f"Écrivez au moins {field.shortest} caractères."
        )
    if isinstance(field, Line) and field.type == "email" and not _ADDRESS.fullmatch(text):
        return say(
            "Write a mail address such as name@example.com.",
            "Écrivez une adresse électronique comme nom@exemple.fr.",
        )
    return None


def _shaped(counted: Iterable[Field], values: Posted, choice: str) -> dict[str, Any]:
    """The values in the shape of the model, empty ones left out, lists without gaps."""
    shape: dict[str, Any] = {CHOICE: choice}
    for field in counted:
        if given := _given(field, values):
            place: MutableMapping[str | int, Any] = shape  # type: ignore[assignment] # str is one of its keys
            for step in field.path[:-1]:
                place = place.setdefault(step, {})
            place[field.path[-1]] = given if isinstance(field, Checks) else given[0]
    return {name: _listed(value) for name, value in shape.items()}


def _listed(value: object) -> object:
    if isinstance(value, dict) and all(isinstance(key, int) for key in value):
        return [value[key] for key in sorted(value)]
    return value


def _given(field: Field, values: Posted) -> tuple[str, ...]:
    """What was given for a field: no empty values, none twice, one line where one is asked."""
    given = (value.strip() for value in values.get(field.name, ()))
    if isinstance(field, Line):
        given = (" ".join(value.split()) for value in given)
    return tuple(dict.fromkeys(value for value in given if value))


def _single(values: Posted, name: str) -> str:
    given = values.get(name, ())
    return given[0] if len(given) == 1 else ""


def _clean(text: str) -> str:
    """Text in its composed form, with plain line ends and nothing invisible.

    A browser counts a line break as one character and sends two; NUL is a character PostgreSQL refuses.
    """
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(sign for sign in lines if sign in "\n\t" or _is_text(sign))


def _is_text(sign: str) -> bool:
    return sign not in _INVISIBLE and unicodedata.category(sign) not in {"Cc", "Cs"}
