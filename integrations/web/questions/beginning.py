"""The beginning of a pairing: the mentoring agreement, and where the mentee would like to begin."""

from typing import Final

from integrations.facts import Facts
from integrations.web.fields import Checks, Group, Line, LongText, Option, Scale
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills

_SITUATIONS: Final = (
    (
        "I check where a message or an article comes from before I pass it on.",
        "Je vérifie d'où vient un message ou un article avant de le transmettre.",
    ),
    (
        "I work with others in the same document at the same time.",
        "Je travaille à plusieurs dans un même document, en même temps.",
    ),
    (
        "I put together a short film, an image or a page to get an idea across.",
        "Je compose une courte vidéo, une image ou une page pour faire passer une idée.",
    ),
    (
        "I decide who may see what I share, and change it when needed.",
        "Je décide qui peut voir ce que je partage, et je le modifie si besoin.",
    ),
    (
        "When a tool behaves oddly, I try out a way around it before I ask.",
        "Quand un outil se comporte étrangement, je cherche une solution avant de demander.",
    ),
)


def agreement(facts: Facts) -> Page:
    """Asks one of the pair to sign the mentoring agreement."""
    say = skills.say_to(facts)
    partner = skills.short_name(facts.partner, say("the other", "l'autre"))
    return Page(
        title=say("Your mentoring agreement", "Votre convention de mentorat"),
        lead=(
            say(
                f"Five points you and {partner} promise each other.",
                f"Cinq points sur lesquels {partner} et vous vous engagez.",
            ),
        ),
        points=_agreement_points(facts, say),
        parts=(
            Line(
                ("typed_name",),
                say("Your name, as a signature", "Votre nom, pour signature"),
                when=("sign",),
                autocomplete="name",
            ),
        ),
        buttons=(
            Option("sign", say("Sign the agreement", "Signer la convention")),
            Option("talk", say("I want to talk first", "Je veux en parler d'abord")),
        ),
        thanks=_after_agreement(say),
    )


def _after_agreement(say: Say) -> dict[str, str]:
    return {
        "sign": say(
            "You both get a copy by mail once both of you have signed.",
            "Vous en recevrez tous deux une copie par courriel après vos deux signatures.",
        ),
        "": say(
            "The coordinator gets in touch with you. Nothing is signed until then.",
            "La coordination prend contact avec vous. Rien n'est signé d'ici là.",
        ),
    }


def _agreement_points(facts: Facts, say: Say) -> tuple[str, ...]:
    sessions, minutes = facts.sessions_planned or 6, facts.session_minutes or 60
    return (
        say(
            "Confidentiality: what is said in our sessions stays between us, unless we both want it told.",
            "Confidentialité : ce qui se dit en séance reste entre nous, sauf si nous voulons tous deux "
            "en parler.",
        ),
        say(
            f"Frequency: {sessions} sessions, about one every four weeks. Who cannot come says so early "
            "and finds another date.",
            f"Rythme : {sessions} séances, environ une toutes les quatre semaines. Qui ne peut pas venir le "
            "dit tôt et trouve une autre date.",
        ),
        say(
            f"Time: each session lasts {minutes} minutes, in working hours and without interruptions.",
            f"Temps : chaque séance dure {minutes} minutes, sur le temps de travail et sans interruption.",
        ),
        say(
            "A way out without fault: either of us may end this at any time, without giving a reason.",
            "Sortie sans faute : chacun peut arrêter à tout moment, sans donner de raison.",
        ),
        say(
            "Ideas: what we find for the company is handed in only if we both agree.",
            "Idées : ce que nous trouvons pour l'entreprise n'est transmis que si nous sommes d'accord "
            "tous les deux.",
        ),
    )


def needs(facts: Facts) -> Page:
    """Asks a mentee how at home they feel, and what they want to work on."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    return Page(
        title=say("Where would you like to begin?", "Par où aimeriez-vous commencer ?"),
        lead=(
            say(
                "Five everyday situations, then your wishes. This is no test; it helps your mentor prepare.",
                "Cinq situations de tous les jours, puis vos souhaits. Ce n'est pas un test : cela aide "
                "votre mentor à préparer.",
            ),
        ),
        parts=(
            Group("situations", say("How often do you do this?", "À quelle fréquence ?"), _situations(say)),
            _competences(say, language),
            LongText(("wish",), say("In your own words", "Avec vos mots"), optional=True),
        ),
        buttons=choices.only("answered", say("Send my answers", "Envoyer mes réponses")),
        privacy=say("Only your mentor sees what you wish for.", "Seul votre mentor voit vos souhaits."),
        thanks={
            "": say(
                "Your mentor prepares the first session from it. You agree on goals together.",
                "Votre mentor s'en sert pour préparer la première séance. Vous fixerez les objectifs "
                "ensemble.",
            )
        },
        shows_competences=True,
    )


def _situations(say: Say) -> tuple[Scale, ...]:
    return tuple(
        Scale(
            (f"q{number}",),
            say(english, french),
            choices=skills.numbers(0, 3),
            low=say("0 = never", "0 = jamais"),
            high=say("3 = easily", "3 = facilement"),
        )
        for number, (english, french) in enumerate(_SITUATIONS, start=1)
    )


def _competences(say: Say, language: str) -> Checks:
    return Checks(
        ("competences",),
        say("What you would like to work on", "Ce que vous aimeriez travailler"),
        hint=say("One to four.", "De un à quatre."),
        groups=skills.competences(language),
        most=4,
    )
