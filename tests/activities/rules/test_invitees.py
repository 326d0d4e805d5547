from collections.abc import Iterable
from datetime import date

from activities.rules.invitees import called_mentors, invited_mentees
from integrations.database.people import Person
from integrations.hr.events import Status
from tests.activities.rules.staff import person, programme

ROLES = ("sponsor", "coordinator", "deputy", "trainer", "contact")


def ids(people: Iterable[Person]) -> list[str]:
    return [one.person_id for one in people]


def test_invited_are_managers_from_the_lowest_level_up_the_highest_first() -> None:
    people = [person("b", level=5), person("a", level=5), person("c", level=7), person("d", level=4)]
    assert ids(invited_mentees(programme(), people)) == ["c", "a", "b"]


def test_invited_are_at_most_so_many() -> None:
    people = [person(str(number), level=number) for number in range(5, 10)]
    assert ids(invited_mentees(programme(mentees={"max_count": 2}), people)) == ["9", "8"]


def test_invited_by_name_may_be_of_any_level_and_nobody_else_is() -> None:
    people = [person("a", level=1), person("b", level=9)]
    assert ids(invited_mentees(programme(mentees={"person_ids": ("a",)}), people)) == ["a"]


def test_invited_are_active_people_of_the_sites_without_a_role_in_the_programme() -> None:
    roles = [person(one, level=6) for one in ROLES]
    others = [
        person("left", level=6, status=Status.LEFT),
        person("away", level=6, status=Status.ON_LEAVE),
        person("lyon", level=6, site="lyon"),
        person("porto", level=6, site="porto"),
        person("paris", level=6, site="paris"),
    ]
    assert ids(invited_mentees(programme(), [*roles, *others])) == ["lyon", "paris", "porto"]
    chosen = programme(mentees={"sites": ("lyon", "porto")})
    assert ids(invited_mentees(chosen, [*roles, *others])) == ["lyon", "porto"]
    named = programme(mentees={"sites": ("lyon",), "person_ids": ("lyon", "porto", "sponsor", "left")})
    assert ids(invited_mentees(named, [*roles, *others])) == ["lyon"]


def test_called_are_employees_up_to_the_highest_level_in_the_order_given() -> None:
    people = [person("b", level=3), person("c", level=4), person("a", level=1)]
    assert ids(called_mentors(programme(), people)) == ["b", "a"]


def test_called_are_long_enough_with_the_company_when_the_programme_starts() -> None:
    people = [
        person("just enough", hire_date=date(2025, 12, 30)),
        person("a day short", hire_date=date(2025, 12, 31)),
        person("not yet here", hire_date=date(2026, 9, 1)),
        person("nobody knows", hire_date=None),
    ]
    running = programme(starts_on=date(2026, 7, 1))
    assert ids(called_mentors(running, people)) == ["just enough"]
    assert ids(called_mentors(programme(mentors={"min_tenure_months": 1}), people[2:])) == []
    anybody = programme(mentors={"min_tenure_months": 0})
    assert ids(called_mentors(anybody, people)) == ["just enough", "a day short", "nobody knows"]


def test_called_are_active_people_of_the_sites_without_a_role_in_the_programme() -> None:
    people = [
        *(person(one) for one in ROLES),
        person("left", status=Status.LEFT),
        person("away", status=Status.ON_LEAVE),
        person("lyon", site="lyon"),
        person("paris", site="paris"),
    ]
    assert ids(called_mentors(programme(), people)) == ["lyon", "paris"]
    assert ids(called_mentors(programme(mentors={"sites": ("lyon",)}), people)) == ["lyon"]
