"""The temper of the cast: who answers what, how fast, and who rather not; chance is the seed's."""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from integrations.rehearsal.forms import Field, PageForm

_KINDEST = (
    *("go", "apply", "yes", "accept", "sign", "agree", "held", "hand-in", "ready", "publish", "continue"),
    *("share", "propose", "answered", "close", "confirm", "1", "done"),
)
PHRASES = {
    "en": {
        "motivation": "I enjoy showing people a short cut they use the next day.",
        "wishes": "I would like to read our dashboards without help.",
        "wish": "Mostly tools for working together across sites.",
        "reference": "https://files.atelier-nord.example/session-kit",
        "text": "Publish meeting notes as a shared page instead of sending attachments around.",
        "evidence": "Shares and co-edits a document in the weekly meeting without help.",
        "why": "It costs little and we can see within a month whether it helps.",
        "changed": "I look for the answer myself before I ask.",
        "reason": "A clear and generous application.",
        "note": "Thank you.",
    },
    "fr": {
        "motivation": "J'aime montrer un raccourci que l'on réutilise dès le lendemain.",
        "wishes": "J'aimerais lire nos tableaux de bord sans aide.",
        "wish": "Surtout les outils pour travailler ensemble entre sites.",
        "reference": "https://files.atelier-nord.example/kit-de-seance",
        "text": "Publier les comptes rendus sur une page partagée plutôt qu'en pièces jointes.",
        "evidence": "Partage et coédite un document en réunion hebdomadaire, sans aide.",
        "why": "Cela coûte peu et nous verrons en un mois si cela aide.",
        "changed": "Je cherche la réponse moi-même avant de demander.",
        "reason": "Une candidature claire et généreuse.",
        "note": "Merci.",
    },
}


class Temper(StrEnum):
    """How the cast behaves: `calm` does what it is asked, `lively` is a real company."""

    CALM = "calm"
    LIVELY = "lively"


@dataclass(frozen=True)
class Persona:
    """One person of the cast, as they know themselves."""

    address: str
    name: str
    language: str
    has_calendar: bool = True


class Moods:
    """What a person does about a letter or event; the same seed always gives the same mood.

    `appeal` is the share of those called who would like to be mentors.
    """

    def __init__(self, temper: Temper, seed: int, *, appeal: float = 1.0) -> None:
        self._lively = temper is Temper.LIVELY
        self._seed = seed
        self._appeal = appeal

    def delay(self, persona: Persona, about: str) -> timedelta:
        """How long a letter lies before it is read, in programme time."""
        hours = self._chance(persona, f"delay/{about}").uniform(1, 24 if self._lively else 8)
        return timedelta(hours=hours)

    def ignores(self, persona: Persona, letter: str, about: str) -> bool:
        """Whether the person lets this letter lie; a reminder is another letter."""
        share = {"proposal-to-mentee": 0.15, "proposal-to-mentor": 0.1}.get(letter, 0.12)
        return self._lively and self._chance(persona, f"ignore/{about}").random() < share

    def rsvp(self, persona: Persona, uid: str, sequence: int) -> str:
        """What the person does about an event: accept, decline or move."""
        roll = self._chance(persona, f"rsvp/{uid}/{sequence}").random()
        if not self._lively or sequence > 1:
            return "accept"
        return "decline" if roll < 0.06 else "move" if roll < 0.12 else "accept"  # noqa: PLR2004 - shares

    def fill(self, form: PageForm, persona: Persona, letter: str) -> dict[str, list[str]]:
        """The form filled in as this person would."""
        chance = self._chance(persona, f"fill/{letter}/{sorted(form.fields)}")
        posted: dict[str, list[str]] = {}
        for name, field in form.fields.items():
            values = self._value(name, field, form, persona, chance)
            if values:
                posted[name] = values
        return posted

    def _value(
        self, name: str, field: Field, form: PageForm, persona: Persona, chance: random.Random
    ) -> list[str]:
        if name == "choice":
            return [self._choice(field, form, chance)]
        if field.kind in {"radio", "select"} or field.kind == "number":
            return _picked(name, field, chance)
        if field.kind == "checkbox":
            return _ticked(name, field, chance)
        if field.kind == "hidden":
            return [field.value]
        return _written(name, field, persona)

    def _choice(self, field: Field, form: PageForm, chance: random.Random) -> str:
        """The kindest choice there is; a lively person now and then takes another."""
        if "apply" in field.options:
            return "apply" if chance.random() < self._appeal else "decline"
        kindest = next((word for word in _KINDEST if word in field.options), field.options[0])
        rare = {"decline": 0.08, "no": 0.04, "other-absent": 0.03, "i-could-not": 0.03, "none": 0.5}
        for other, share in rare.items():
            if self._lively and other in field.options and chance.random() < share:
                return other
        if kindest == "share" and chance.random() < 0.5:  # noqa: PLR2004 - not everybody has an idea
            return "none"
        return kindest if form.fields else field.options[0]

    def _chance(self, persona: Persona, about: str) -> random.Random:
        return random.Random(f"{self._seed}/{persona.address}/{about}")  # noqa: S311 - a play, not a secret


def _picked(name: str, field: Field, chance: random.Random) -> list[str]:
    """One of the options: some strengths, a level now below the level wanted, agreement rather than not."""
    options = [option for option in field.options if option]
    last = name.rsplit("-", 1)[-1]
    if name.startswith(("goals-1", "goals-2")):
        return []
    if name.startswith("strengths"):
        return [chance.choice(options)] if chance.random() < 0.4 else []  # noqa: PLR2004 - strong in some
    if not options:
        return ["8"]
    exact = {"level_now": options[0], "level_wanted": options[min(2, len(options) - 1)]}
    if last in exact:
        return [exact[last]]
    if last in {"competence", "decision"}:
        return [field.value or chance.choice(options)]
    return [chance.choice(options[len(options) // 2 :])]


def _ticked(name: str, field: Field, chance: random.Random) -> list[str]:
    if name == "present":
        return field.options
    if name in {"fixed", "forbidden"}:
        return []
    if name == "languages":
        return [field.value] if field.value else field.options[:2]
    most = {"competences": 3, "interests": 4, "preferred": 6}.get(name, 1)
    return sorted(chance.sample(field.options, min(most, len(field.options))))


def _written(name: str, field: Field, persona: Persona) -> list[str]:
    if name.startswith(("goals-1", "goals-2")):
        return []
    if name == "typed_name":
        return [persona.name]
    if name == "assistant_address":
        return [field.value] if field.value else []
    phrase = PHRASES[persona.language].get(name.rsplit("-", 1)[-1], "")
    return [field.value or phrase] if field.value or phrase else []
