"""People of the sample company who opted in or applied, as the database knows them by then."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from integrations.answers import Application, Form, Needs, OptIn, Purpose
from integrations.database.books import Books
from integrations.database.links import Link
from integrations.database.people import Person
from integrations.facts import Facts
from integrations.programme import Programme

MENTEES = ("00025", "00076", "00103")
MENTORS = ("00510", "00521", "00527", "00530")


def answer(  # noqa: PLR0913 - who says what, when, where
    books: Books, programme: Programme, person: Person, form: Form, now: datetime, *, key: str = "k"
) -> str:
    """Has a person answer a link of their own and returns the id of the answer."""
    own = {OptIn: Purpose.OPT_IN, Application: Purpose.APPLICATION, Needs: Purpose.NEEDS}
    purpose = own.get(type(form), Purpose.MATCH_REVIEW)
    token = f"{purpose.value}/{person.ref}/{key}"
    link = Link(
        purpose=purpose,
        person_ref=person.ref,
        programme_id=programme.id,
        life="life",
        ask_key=token,
        facts=Facts(programme="p", language="en", zone="UTC", role="r", reader=person.named),
        expires_at=now + timedelta(days=1),
    )
    books.links.issue(link, token)
    record = books.links.answer(token, form, now)
    return str(getattr(record, "id", record))


def take_part(
    books: Books,
    programme: Programme,
    now: datetime,
    *,
    mentees: Sequence[str] = MENTEES,
    mentors: Sequence[str] = MENTORS,
) -> None:
    """Has managers opt in and employees apply and be selected, all of them by HR id."""
    people = {person.person_id: person for person in books.directory.everybody()}
    for person_id in mentees:
        opt_in = OptIn(choice="yes", interests=("2.4", "1.2"))
        answer(books, programme, people[person_id], opt_in, now)
    for number, person_id in enumerate(mentors):
        strengths = {"2.4": 4 - number % 2, "1.2": 3}
        application = Application(choice="apply", motivation="m", strengths=strengths, languages=("fr",))
        answer(books, programme, people[person_id], application, now)
        books.programmes.set_mentor_status(programme.id, people[person_id].ref, "selected")
