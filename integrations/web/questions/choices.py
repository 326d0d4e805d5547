"""The choice a page turns on, its button, and the note that may go with it."""

from integrations.web.fields import LongText, Option, Radios
from integrations.web.languages import Say


def choose(legend: str, *options: tuple[str, str]) -> Radios:
    """The choice as a field of its own: pairs of value and label."""
    return Radios(("choice",), legend, choices=tuple(Option(value, label) for value, label in options))


def decision(say: Say, *options: tuple[str, str]) -> Radios:
    """The choice of somebody who decides."""
    return choose(say("Your decision", "Votre décision"), *options)


def answer(say: Say, *options: tuple[str, str]) -> Radios:
    """The choice of somebody who is asked."""
    return choose(say("Your answer", "Votre réponse"), *options)


def note(say: Say) -> LongText:
    """A few words to the coordinator, for who likes to add them."""
    return LongText(("note",), say("A note for the coordinator", "Un mot à la coordination"), optional=True)


def colleagues(say: Say, *, when: tuple[str, ...]) -> tuple[LongText, LongText]:
    """Whom somebody would like to be paired with, and whom they would rather not."""
    how = say("Work addresses or full names, one a line.", "Adresses ou noms complets, un par ligne.")
    return (
        LongText(
            ("rather_with",),
            say(
                "Colleagues you would like to be paired with",
                "Collègues avec qui former volontiers un binôme",
            ),
            hint=f"{how} {say('The coordinator sees this wish.', 'La coordination voit ce souhait.')}",
            optional=True,
            when=when,
            rows=2,
            longest=500,
        ),
        LongText(
            ("rather_not_with",),
            say(
                "Colleagues you would rather not be paired with", "Collègues avec qui ne pas former de binôme"
            ),
            hint=how
            + say(
                " The service does not pair you, and tells nobody who asked for it.",
                " Le service ne vous réunit pas, et ne dit à personne qui l'a demandé.",
            ),
            optional=True,
            when=when,
            rows=2,
            longest=500,
        ),
    )


def send(say: Say) -> tuple[Option, ...]:
    """The button of a page whose choice is a field of its own."""
    return (Option("", say("Send my answer", "Envoyer ma réponse")),)


def only(value: str, label: str) -> tuple[Option, ...]:
    """The one button of a page that leaves nothing to choose."""
    return (Option(value, label),)
