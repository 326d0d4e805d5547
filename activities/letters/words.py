"""The filters of letters: dates, competences, tasks and figures in the reader's language and zone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from jinja2 import pass_context
from jinja2.runtime import Context

from activities.letters import figures, tasks
from activities.letters.inert import quotation
from activities.letters.typesetting import typeset
from integrations import wording
from integrations.competences import COMPETENCES, LEVELS
from integrations.facts import Meeting

SHOWN: Final = "competences_shown"
"""The name under which a letter's context keeps the list of competences and levels it has named."""

_DECISIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "adopt": {"en": "We will do it", "fr": "Nous le ferons"},
    "try": {"en": "We will try it", "fr": "Nous allons l'essayer"},
    "not-now": {"en": "Not now", "fr": "Pas pour l'instant"},
}


@pass_context
def _day(context: Context, moment: Meeting | datetime) -> str:
    """The day of a meeting or instant where the reader is: `Tuesday 6 October 2026`."""
    instant = moment.start if isinstance(moment, Meeting) else moment
    return wording.day(instant, context["zone"], context["language"])


@pass_context
def _when(context: Context, meeting: Meeting) -> str:
    """The day and hours of a meeting where the reader is."""
    return wording.when(meeting.start, meeting.end, context["zone"], context["language"])


@pass_context
def _hours(context: Context, meeting: Meeting) -> str:
    """The hours of a meeting where the reader is."""
    return wording.hours(meeting.start, meeting.end, context["zone"], context["language"])


@pass_context
def _span(context: Context, days: int) -> str:
    """How long some days are: `four weeks`."""
    return typeset(wording.span(days, context["language"]), context["language"])


@pass_context
def _competence(context: Context, competence: str) -> str:
    """A competence by name, from its id."""
    context[SHOWN].append(competence)
    return typeset(COMPETENCES[competence][context["language"]], context["language"])


@pass_context
def _level(context: Context, level: int) -> str:
    """A level by name, from 1 to 4."""
    context[SHOWN].append(level)
    return LEVELS[level][context["language"]]


@pass_context
def _task_name(context: Context, kind: str) -> str:
    """What a task is about, in a few words; a kind nobody has words for is named as it is."""
    return typeset(tasks.name(kind, context["language"]), context["language"])


@pass_context
def _task_expected(context: Context, kind: str) -> str:
    """What is expected of the owner of a task, in a sentence or two."""
    return typeset(tasks.expected(kind, context["language"]), context["language"])


@pass_context
def _figures(context: Context, counts: Mapping[str, int]) -> tuple[str, ...]:
    """The figures of a programme, a line each."""
    language = context["language"]
    return tuple(typeset(line, language) for line in figures.lines(counts, language))


@pass_context
def _decision(context: Context, decision: str) -> str:
    """A sponsor's answer to an idea, in words."""
    words = _DECISIONS.get(decision)
    return typeset(words[context["language"]], context["language"]) if words else decision


@pass_context
def _language_name(context: Context, code: str) -> str:
    """A language by name, from its code: `fr` is French."""
    try:
        name = Locale.parse(code.replace("-", "_")).get_language_name(context["language"])
    except (UnknownLocaleError, ValueError):
        return code
    return name or code


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "day": _day,
    "date": _day,
    "when": _when,
    "hours": _hours,
    "span": _span,
    "competence": _competence,
    "level": _level,
    "task_name": _task_name,
    "task_expected": _task_expected,
    "figures": _figures,
    "decision": _decision,
    "language_name": _language_name,
    "quotation": quotation,
}
"""The filters by the names under which letters use them."""

TESTS: Final[Mapping[str, Callable[..., bool]]] = {"unanswered": tasks.is_unanswered}
"""The tests by the names under which letters use them: `{% if task is unanswered %}`."""
