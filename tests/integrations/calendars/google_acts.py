"""One call of each kind, and the error it ends with."""

from collections.abc import Callable

import pytest

from integrations.calendars.calendar import EventRef, Window
from integrations.errors import IntegrationError
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk

Act = Callable[[Desk], object]
WINDOW = Window(start=TUESDAY, end=TUESDAY + HOUR)


def ref(office: Desk) -> EventRef:
    return EventRef(provider="google", organizer=office.organizer, id="abcde", key="k")


def read(office: Desk) -> object:
    return office.calendar.get(ref(office))


def ask(office: Desk) -> object:
    return office.calendar.free_busy([office.mentor], WINDOW)


def write(office: Desk) -> object:
    return office.calendar.ensure("key", 0, office.spec())


def delete(office: Desk) -> None:
    office.calendar.cancel(ref(office), "")


def failing(act: Act, office: Desk) -> IntegrationError:
    """The error an act ends with; nothing in it or its causes names anybody."""
    with pytest.raises(IntegrationError) as caught:
        act(office)
    error: BaseException | None = caught.value
    while error is not None:
        assert "corp.example" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return caught.value
