"""A call goes out to everybody whom mail can reach; who cannot be written to is named."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.correspondence import Invite, Invited
from integrations.hr.events import PersonFacts
from integrations.programme import MenteeRule
from tests.activities.house import House

FIRST, SECOND = "00025", "00076"


def invite(house: House, *unreachable: str) -> Invited:
    """Invites two managers, some of whom have an address that no mail server takes."""
    rule = MenteeRule(min_level=1, person_ids=(FIRST, SECOND))
    house.books.programmes.save(house.programme.model_copy(update={"mentees": rule}))
    for person_id in unreachable:
        facts = PersonFacts(person_id=person_id, work_address="zoé@corp.example")
        house.books.directory.apply([facts], house.clock.now() + timedelta(days=1), "e")
    now = house.clock.now()
    request = Invite(
        key="programme/digital-2026/invite/mentees",
        programme_id=house.programme.id,
        kind="mentees",
        life="programme/digital-2026",
        answer_by=now + timedelta(days=10),
        expires_at=now + timedelta(days=10),
    )
    invited: Invited = house.acts["invite"](request)
    return invited


def test_one_bad_address_keeps_nobody_else_from_being_invited(house: House) -> None:
    invited = invite(house, FIRST)
    assert invited.refs == (house.person(SECOND).ref,)
    assert invited.undeliverable == (house.person(FIRST).ref,)
    assert len(house.mail_to(house.person(SECOND))) == 1


def test_call_that_reaches_nobody_is_an_error_of_its_own(house: House) -> None:
    with pytest.raises(ApplicationError) as raised:
        invite(house, FIRST, SECOND)
    assert raised.value.non_retryable
