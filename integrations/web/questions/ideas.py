"""Ideas for the company: one is written, the other agrees, the sponsor answers."""

from typing import Final

from integrations.facts import Facts
from integrations.web.fields import Group, LongText, Option, Radios
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills

_LONGEST: Final = 300


def idea(facts: Facts) -> Page:
    """Asks one of the pair for an idea."""
    say = skills.say_to(facts)
    other = skills.short_name(facts.partner, say("the other", "l'autre"))
    return Page(
        title=say("An idea for the company?", "Une idée pour l'entreprise ?"),
        lead=(
            say(
                "Something you found in your sessions that others could use.",
                "Quelque chose né de vos séances et qui pourrait servir à d'autres.",
            ),
        ),
        parts=(_text(say),),
        buttons=(
            Option("share", say("Share this idea", "Proposer cette idée")),
            Option("none", say("No idea this time", "Pas d'idée cette fois")),
        ),
        privacy=say(
            f"It is handed in only if {other} agrees.", f"Elle n'est transmise que si {other} est d'accord."
        ),
        thanks={
            "share": say(
                f"We ask {other}. If you both agree, the sponsor answers it.",
                f"Nous demandons à {other}. Si vous êtes d'accord tous les deux, une réponse suivra.",
            ),
            "": say("We ask again after a few sessions.", "Nous vous le redemanderons plus tard."),
        },
    )


def _text(say: Say) -> LongText:
    return LongText(
        ("text",),
        say("Your idea", "Votre idée"),
        hint=say("300 characters at most.", "300 caractères au plus."),
        when=("share",),
        longest=_LONGEST,
    )


def idea_agreement(facts: Facts) -> Page:
    """Asks the other of the pair whether an idea may be handed in."""
    say = skills.say_to(facts)
    author = skills.short_name(facts.partner, say("Your partner", "Votre binôme"))
    return Page(
        title=say("May this idea be handed in?", "Cette idée peut-elle être transmise ?"),
        quotes=tuple((say(f"{author} writes", f"{author} écrit"), one.text) for one in facts.ideas[:1]),
        buttons=(
            Option("agree", say("Yes, hand it in", "Oui, transmettez-la")),
            Option("no", say("No, keep it between us", "Non, gardons-la entre nous")),
        ),
        thanks={
            "agree": say(
                "The sponsor gets it with the other ideas and answers each of them.",
                "Elle est transmise avec les autres idées ; chacune recevra une réponse.",
            ),
            "": say("It stays between the two of you.", "Elle reste entre vous deux."),
        },
    )


def ideas_digest(facts: Facts) -> Page:
    """Asks the sponsor for an answer to each idea."""
    say = skills.say_to(facts)
    return Page(
        title=say("Ideas from the pairings", "Les idées des binômes"),
        lead=(
            say(
                "Both of the pair wanted you to read them. They get your words as you write them.",
                "Chaque binôme a voulu que vous les lisiez. Votre réponse lui parvient telle quelle.",
            ),
        ),
        parts=tuple(
            _answer(one.id, one.text, number, say) for number, one in enumerate(facts.ideas, start=1)
        ),
        buttons=choices.only("answered", say("Send my answers", "Envoyer mes réponses")),
        thanks={
            "": say("Each pair gets your answer by mail.", "Chaque binôme reçoit votre réponse par courriel.")
        },
    )


def _answer(idea_id: str, text: str, number: int, say: Say) -> Group:
    return Group(
        f"idea-{number}",
        say(f"Idea {number}", f"Idée {number}"),
        (
            Radios(
                ("decisions", idea_id, "decision"),
                say("Your answer", "Votre réponse"),
                choices=(
                    Option("adopt", say("We adopt it", "Nous la retenons")),
                    Option("try", say("We try it", "Nous l'essayons")),
                    Option("not-now", say("Not now", "Pas maintenant")),
                ),
            ),
            LongText(("decisions", idea_id, "why"), say("Why", "Pourquoi"), rows=3, longest=500, shortest=3),
        ),
        quote=text,
        repeats=True,
    )
