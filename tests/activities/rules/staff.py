"""People as HR tells them, and a programme, for the rules about who is here and who is asked."""

from datetime import date

from integrations.database.people import Person
from integrations.hr.events import Status
from integrations.programme import Programme


def person(person_id: str = "1", **facts: object) -> Person:
    """Somebody who works in Paris, but for the facts given."""
    usual: dict[str, object] = {
        "ref": f"ref-{person_id}",
        "given_name": "Ada",
        "family_name": "Roy",
        "address": f"{person_id}@corp.example",
        "language": "en",
        "zone": "Europe/Paris",
        "site": "paris",
        "department": "d",
        "function": "f",
        "level": 3,
        "title": "t",
        "manager_ref": None,
        "hire_date": date(2020, 1, 1),
        "end_date": None,
        "status": Status.ACTIVE,
        "weekly_hours": "",
        "languages": ("en",),
        "assistant_ref": None,
        "calendar_provider": "",
    }
    return Person.model_validate({"person_id": person_id} | usual | facts)


def programme(**facts: object) -> Programme:
    """A programme in France that starts on 1 July 2026, but for the facts given."""
    usual: dict[str, object] = {
        "id": "pilot",
        "name": "Pilot",
        "starts_on": date(2026, 7, 1),
        "sponsor": "sponsor",
        "coordinator": "coordinator",
        "deputy": "deputy",
        "trainer": "trainer",
        "confidential_contact": "contact",
    }
    return Programme.model_validate(usual | facts)
