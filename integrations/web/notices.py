"""Pages for when there is nothing to ask: a link that does not work, a request not taken, a service away."""

from dataclasses import dataclass

from integrations.database.links import LinkProblem
from integrations.web.languages import Say


@dataclass(frozen=True)
class Notice:
    """A page of words alone, about nobody."""

    status: int
    title: str
    paragraphs: tuple[str, ...]


def of_problem(problem: LinkProblem, say: Say) -> Notice:
    """Why a link does not work, and how to get one that does."""
    if problem is LinkProblem.USED:
        return _used(say)
    if problem is LinkProblem.EXPIRED:
        title = say("This link is no longer valid", "Ce lien n'est plus valable")
        why = say(
            "Links in our letters work for two weeks at most.", "Nos liens valent deux semaines au plus."
        )
        return Notice(410, title, (why, _new_link(say)))
    why = say(
        "Perhaps it was cut off: open it from the letter itself, or copy it as a whole.",
        "Il a peut-être été coupé : ouvrez-le depuis le courriel même, ou copiez-le en entier.",
    )
    return Notice(404, say("This link is not known", "Ce lien est inconnu"), (why, _new_link(say)))


def _used(say: Say) -> Notice:
    return Notice(
        410,
        say("This has been answered already", "Une réponse a déjà été donnée"),
        (
            say(
                "The answer has arrived; you need do nothing more.",
                "La réponse est bien arrivée ; vous n'avez plus rien à faire.",
            ),
            say(
                "Was it not you, or would you like to change it? Reply to the letter, or ask the "
                "coordinator.",
                "Ce n'était pas vous, ou vous aimeriez la modifier ? Répondez au courriel, ou "
                "adressez-vous à la coordination.",
            ),
        ),
    )


def _new_link(say: Say) -> str:
    return say(
        "For a new one, reply to the letter or ask the coordinator.",
        "Pour en obtenir un nouveau, répondez au courriel ou adressez-vous à la coordination.",
    )


def of_status(status: int, say: Say) -> Notice:
    """What went wrong with a request."""
    titles = {
        404: say("There is no such page", "Cette page n'existe pas"),
        405: say("This cannot be done here", "Ceci n'est pas possible ici"),
        413: say("That is too much text", "C'est trop de texte"),
        415: say("This kind of form is not taken", "Ce type de formulaire n'est pas accepté"),
    }
    return Notice(
        status,
        titles.get(status, say("This request was not understood", "Cette demande n'a pas été comprise")),
        (say("Open the link from your letter again.", "Ouvrez à nouveau le lien de votre courriel."),),
    )


def outdated(say: Say) -> str:
    """What somebody hears who answers on a proposal that is no longer the newest one."""
    return say(
        "This was solved again in another window meanwhile. These are the newest pairs: please look at them "
        "before you decide.",
        "Un nouveau calcul a été fait entre-temps dans une autre fenêtre. Voici les binômes les plus "
        "récents : merci de les regarder avant de décider.",
    )


def unavailable(say: Say) -> Notice:
    """The service is away for a moment."""
    return Notice(
        503,
        say("One moment, please", "Un instant, s'il vous plaît"),
        (
            say(
                "We cannot show or keep anything at the moment. Please try again in a minute; your link "
                "stays valid.",
                "Nous ne pouvons rien afficher ni enregistrer pour le moment. Réessayez dans une minute ; "
                "votre lien reste valable.",
            ),
        ),
    )
