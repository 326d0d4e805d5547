"""People answer what they were asked, past the pages."""

from datetime import timedelta

from integrations.answers import Form, Purpose
from integrations.database.links import Link
from integrations.facts import Facts
from tests.activities.house import House


def answer(house: House, purpose: Purpose, person_id: str, form: Form, life: str = "life") -> str:
    """Has the person answer, each time an hour later than the last; returns the answer's id."""
    person, now = house.person(person_id), house.clock.now()
    asked = len(house.books.answers.of_programme(house.programme.id, purpose, person.ref))
    facts = Facts(programme="p", language="en", zone="UTC", role="r", reader=person.named)
    token = f"{purpose.value}/{person_id}/{life}/{asked}"
    link = Link(
        purpose=purpose,
        person_ref=person.ref,
        programme_id=house.programme.id,
        life=life,
        ask_key=token,
        facts=facts,
        expires_at=now + timedelta(days=1),
    )
    house.books.links.issue(link, token)
    given = house.books.links.answer(token, form, now + timedelta(hours=asked))
    return str(getattr(given, "id", ""))
