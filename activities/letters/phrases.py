"""The sentences that stand around every letter, in its reader's language."""

from collections.abc import Mapping
from typing import Final

from activities.letters.inert import one_line
from activities.letters.typesetting import typeset
from integrations.competences import ATTRIBUTION
from integrations.facts import Facts

_SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "by_hand": "If the button does not open, copy this address into your browser:",
        "reply": "A question? Reply to this letter, or write to",
        "exit": "You would rather stop, or talk to someone?",
        "exit_link": "Tell us in confidence",
        "waiting": "This decision was waiting for {}. You may now take it as well; the first answer counts.",
        "waits": "This decision is still open. You may now take it as well; the first answer counts.",
        "why": "You receive this letter {}.",
    },
    "fr": {
        "by_hand": "Si le bouton ne s'ouvre pas, copiez cette adresse dans votre navigateur :",
        "reply": "Une question ? Répondez à cette lettre ou écrivez à",
        "exit": "Vous préférez arrêter, ou en parler à quelqu'un ?",
        "exit_link": "Dites-le-nous en toute confidentialité",
        "waiting": "Cette décision revenait à {} et n'est pas encore prise. Vous pouvez désormais la prendre "
        "aussi ; la première réponse compte.",
        "waits": "Cette décision n'est pas encore prise. Vous pouvez désormais la prendre aussi ; "
        "la première réponse compte.",
        "why": "Vous recevez cette lettre {}.",
    },
}
_ROLES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "mentor": "because you are, or could be, a mentor in {}",
        "mentee": "because you take part, or are invited to take part, in {}",
        "line-manager": "because someone in your team is, or could be, a mentor in {}",
        "coordinator": "because you coordinate {}",
        "deputy": "because you stand in for the coordinator of {}",
        "sponsor": "because you are the sponsor of {}",
        "trainer": "because you train the mentors of {}",
        "assistant": "because you look after the diary of someone who takes part in {}",
    },
    "fr": {
        "mentor": "car vous êtes, ou pourriez être, mentor dans {}",
        "mentee": "car vous participez à {}, ou que cela vous est proposé",
        "line-manager": "car un membre de votre équipe est, ou pourrait être, mentor dans {}",
        "coordinator": "car vous coordonnez {}",
        "deputy": "car vous suppléez la coordination dans {}",
        "sponsor": "car vous portez {} comme sponsor",
        "trainer": "car vous formez les mentors dans {}",
        "assistant": "car vous tenez l'agenda d'une personne qui participe à {}",
    },
}
_OTHERWISE: Final = {"en": "because it concerns {}", "fr": "car elle concerne {}"}

SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    language: {name: typeset(sentence, language) for name, sentence in sentences.items()}
    for language, sentences in _SENTENCES.items()
}
"""The sentences by language and name, as they are printed."""


def notice(facts: Facts) -> str:
    """The first lines of a letter that went on to a deputy or sponsor; empty otherwise."""
    if not facts.escalated:
        return ""
    sentences = SENTENCES[facts.language]
    if facts.owner_for is None:
        return sentences["waits"]
    return sentences["waiting"].format(one_line(facts.owner_for.name))


def why(facts: Facts) -> str:
    """Why the reader gets this letter."""
    role = _ROLES[facts.language].get(facts.role, _OTHERWISE[facts.language])
    reason = typeset(role, facts.language).format(one_line(facts.programme))
    return SENTENCES[facts.language]["why"].format(reason)


def attribution(language: str) -> str:
    """Whose framework the competences are."""
    return typeset(ATTRIBUTION[language], language)
