"""Letters promise nothing that no life does."""

import pytest

from activities.letters.catalogue import Letter
from activities.letters.rendering import render
from activities.letters.samples import sample_facts
from activities.letters.sources import LANGUAGES

_URL = "https://mentoring.example/a/t0k3n"
_GROUP_LETTERS = (Letter.EVENT_INVITATION, Letter.EVENT_MOVED)


def told(letter: Letter, language: str, **changes: object) -> str:
    """Subject and text of the letter, on one line, with plain spaces and apostrophes."""
    facts = sample_facts(letter, language).model_copy(update=changes)
    rendered = render(letter, facts, action_url=_URL, exit_url="")
    return " ".join(f"{rendered.subject} {rendered.text}".replace("\u2019", "'").split())


@pytest.mark.parametrize(
    ("letter", "english", "french"),
    [
        # Nothing reads what people answer to a half-day; who misses one gets another date.
        (Letter.TRAINING_PROGRAMME, "decline", "déclin"),
        # Nothing takes anybody from the waiting list, and not everybody on it was weighed against others.
        (Letter.MENTOR_WAITING_LIST, "we write to you first", "en premier"),
        (Letter.MENTOR_WAITING_LIST, "more good applications than places", "plus de bonnes candidatures"),
        # Also sent where the sponsor did not sign.
        (Letter.THANKS_LINE_MANAGER, "certificate", "certificat"),
        # The cadence is the programme file's.
        (Letter.CALL_FOR_MENTORS, "month", "mois"),
        (Letter.LINE_MANAGER_CONSENT, "month", "mois"),
        (Letter.MENTEE_INVITATION, "month", "mois"),
        # An application may take three weeks and more.
        (Letter.APPLICATION_RECEIVED, "two weeks", "deux semaines"),
        # The coordinator may do without a consent that is not given.
        (Letter.LINE_MANAGER_CONSENT, "Without your consent", "Sans votre accord"),
        # The sponsor is asked where neither coordinator nor deputy decides about a pairing.
        (Letter.MENTEE_INVITATION, "never anything about you", "jamais rien sur vous"),
        # There may be nobody to propose, and the proposal of a stopped programme is closed as well.
        (Letter.MENTOR_ACCEPTED, "we propose an executive", "nous vous proposons ensuite un dirigeant"),
        (Letter.MENTOR_CERTIFIED, "You receive a proposal", "Vous recevrez une proposition"),
        (Letter.PROPOSAL_CLOSED, "We are now looking", "Nous cherchons à présent"),
        (Letter.PROPOSAL_CLOSED, "either way", "dans tous les cas"),
        # Five are enough for a figure.
        (Letter.PULSE, "many people", "nombreuses personnes"),
        (Letter.FOLLOW_UP, "many people", "nombreuses personnes"),
        (Letter.CLOSING_REVIEW, "many people", "nombreuses personnes"),
        # Who mentors two is asked twice.
        (Letter.FOLLOW_UP, "the last thing we ask of you.", "plus rien ensuite"),
        # The coordinator may answer in the sponsor's place.
        (Letter.IDEA_ANSWER, "has read", "a lu"),
        (Letter.CERTIFICATE, "signed by", "signé par"),
        # A pairing may close without all its sessions.
        (Letter.CERTIFICATE_SIGNING, "through to the end", "jusqu'au bout"),
        # The third miss brings no other date.
        (Letter.TRAINING_ATTENDANCE, "is offered another date.", "proposer une autre date."),
        # Winding down takes as long as the programme file says.
        (Letter.STOP_CONFIRMATION, "three weeks", "trois semaines"),
    ],
)
def test_letter_does_not_promise(letter: Letter, english: str, french: str) -> None:
    assert english not in told(letter, "en")
    assert french not in told(letter, "fr")


def test_review_of_a_pairing_that_closes_early_calls_nothing_complete() -> None:
    assert "complete" not in told(Letter.CLOSING_REVIEW, "en", sessions_held=3, sessions_planned=6)


@pytest.mark.parametrize(("language", "word"), [("en", "everybody"), ("fr", "chaque participant")])
def test_stop_tells_pairs_and_nobody_else(language: str, word: str) -> None:
    assert word not in told(Letter.STOP_CONFIRMATION, language, reason="stop-now")


@pytest.mark.parametrize("letter", _GROUP_LETTERS)
@pytest.mark.parametrize(("language", "word"), [("en", "decline"), ("fr", "refusez")])
@pytest.mark.parametrize(
    ("kind", "is_watched"),
    [
        ("session", True),
        ("kick-off", True),
        ("closing-review", True),
        ("training", False),
        ("briefing", False),
        ("supervision", False),
    ],
)
def test_only_what_is_watched_may_be_declined(
    letter: Letter, language: str, word: str, kind: str, is_watched: bool
) -> None:
    meeting = sample_facts(letter, language).meeting
    assert meeting
    meeting = meeting.model_copy(update={"kind": kind})
    text = told(letter, language, meeting=meeting, reason="answered-in-calendar")
    assert (word in text) is is_watched


@pytest.mark.parametrize(
    ("language", "word"), [("en", "two short questions"), ("fr", "deux courtes questions")]
)
def test_questions_of_later_are_announced_to_who_will_get_them(language: str, word: str) -> None:
    assert word in told(Letter.THANKS_MENTEE, language, sessions_held=6, sessions_planned=6)
    assert word not in told(Letter.THANKS_MENTEE, language, sessions_held=5, sessions_planned=6)


@pytest.mark.parametrize(("language", "word"), [("en", "then agrees"), ("fr", "donnera ensuite son accord")])
def test_goals_written_anew_are_not_said_to_be_agreed_once_more(language: str, word: str) -> None:
    goals = sample_facts(Letter.GOALS_AGREEMENT, language).goals
    assert goals
    assert word in told(Letter.GOALS, language, goals=())
    assert word not in told(Letter.GOALS, language, goals=goals)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "letter", [Letter.CALL_FOR_MENTORS, Letter.LINE_MANAGER_CONSENT, Letter.MENTEE_INVITATION]
)
def test_cadence_is_the_programmes(letter: Letter, language: str) -> None:
    assert told(letter, language, session_every_d=21) != told(letter, language, session_every_d=28)
