"""One mailbox in Graph: whose turn it is, the token, and each request we make, made once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from integrations import deadline
from integrations.calendars.microsoft_busy import BusyAnswer, Question
from integrations.calendars.microsoft_errors import Act, Lost, Refusal, translated
from integrations.calendars.microsoft_event import EXPANDED, SELECTED, Event, Events, found_by
from integrations.calendars.turns import Turns
from integrations.errors import AmbiguousError, GoneError, IntegrationError, RetryableError

M = TypeVar("M", bound=BaseModel)

_SUCCESS = range(200, 300)
# Exchange Online refuses a fifth call at once for the same app and mailbox; two leave room for others.
AT_ONCE = 2
_SHOWN = {"$select": SELECTED, "$expand": EXPANDED}


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; `headers` are found whatever their case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Deadline:
    """The time a call of the port may take, whatever number of requests it makes: never more than its act."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """The seconds that are left; RetryableError where there are none, so that nothing is sent."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise RetryableError("no time was left to ask Microsoft; the call before took all of it")
        return deadline.left(left)


class Transport(Protocol):
    """Sends a request once, without following redirects; raises Lost where no answer came."""

    def __call__(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: Any,  # noqa: ANN401 - what JSON can say
        timeout_s: float,
    ) -> Reply:
        """The answer, whatever its status."""
        ...


class Tokens(Protocol):
    """Where bearer tokens come from."""

    def token(self, deadline: Deadline, refused: str = "") -> str:
        """A token that is good, as far as is known here, and not the one that was refused."""
        ...


class Mailbox:
    """A mailbox, for the length of one call of the port."""

    def __init__(
        self, address: str, transport: Transport, tokens: Tokens, turns: Turns, ends: Deadline
    ) -> None:
        self._address = address
        self._transport = transport
        self._tokens = tokens
        self._turns = turns
        self._deadline = ends

    def ask(self, question: Question) -> BusyAnswer:
        """What is known of some people's time."""
        return _read(BusyAnswer, self._send(Act.ASK, body=question.body()), Act.ASK)

    def create(self, body: Mapping[str, Any]) -> Event:
        """Makes an event; ConflictError where its transactionId was used for another."""
        return _read(Event, self._send(Act.CREATE, body=body), Act.CREATE)

    def read(self, event_id: str) -> Event | None:
        """The event, perhaps cancelled; None where there is none by this id."""
        try:
            return _read(Event, self._send(Act.READ, event_id, query=_SHOWN), Act.READ)
        except GoneError:
            return None

    def find(self, key: str, generation: int) -> Event | None:
        """The event that carries this key and generation; None where the calendar holds none."""
        query = {"$filter": found_by(key, generation), **_SHOWN}
        found = _read(Events, self._send(Act.FIND, query=query), Act.FIND).value
        return min(found, key=lambda one: (bool(one.is_cancelled), one.id), default=None)

    def live(self, event_id: str) -> Event:
        """The event; GoneError where it is cancelled or there is none."""
        found = self.read(event_id)
        if found is None or found.is_cancelled:
            raise GoneError("the event is gone; book it under another generation")
        return found

    def found_after(self, error: IntegrationError, key: str, generation: int) -> Event | None:
        """The event a failed `create` may have made; one that was lost may still be under way, and raises."""
        try:
            found = self.find(key, generation)
        except IntegrationError:
            raise error from None
        if found is None and isinstance(error, AmbiguousError):
            raise error
        return found

    def was_changed_after(self, error: IntegrationError, event_id: str, change: str) -> bool:
        """Whether a failed `change` has changed the event nevertheless."""
        try:
            return self.live(event_id).mark.change == change
        except GoneError:
            raise
        except IntegrationError:
            raise error from None

    def change(self, event_id: str, body: Mapping[str, Any], if_match: str) -> None:
        """Changes the event; ConflictError where it is no longer of this version."""
        self._send(Act.CHANGE, event_id, body=body, if_match=if_match)

    def cancel(self, event_id: str, comment: str) -> None:
        """Cancels the meeting, and tells its attendees why."""
        self._send(Act.CANCEL, event_id, body={"Comment": comment})

    def delete(self, event_id: str) -> None:
        """Deletes the event."""
        self._send(Act.DELETE, event_id)

    def call(  # noqa: PLR0913 - what a request is made of
        self,
        act: Act,
        model: type[M],
        *,
        of: str = "",
        query: str | Mapping[str, str] = "",
        body: Any = None,  # noqa: ANN401 - what JSON can say
        prefer: str = "",
    ) -> M:
        """Any one act, its answer read as a value; `of` is the id of what it is about."""
        return _read(model, self._send(act, of, query=query, body=body, prefer=prefer), act)

    def unsubscribe(self, subscription_id: str) -> None:
        """Ends a subscription of the app's."""
        self._send(Act.UNSUBSCRIBE, subscription_id)

    def _send(  # noqa: PLR0913 - what a request is made of
        self,
        act: Act,
        of: str = "",
        *,
        query: str | Mapping[str, str] = "",
        body: Any = None,  # noqa: ANN401 - what JSON can say
        if_match: str = "",
        prefer: str = "",
    ) -> Reply:
        """One request. A token that was revoked early is replaced once: a 401 has done nothing."""
        below = "" if act.is_of_app else f"/users/{quote(self._address, safe='@')}"
        path = below + act.path.format(id=quote(of, safe=""))
        asked = query if isinstance(query, str) else urlencode(query, quote_via=quote, safe="$")
        target = f"{path}?{asked}" if asked else path
        preferred = ", ".join(filter(None, ('IdType="ImmutableId"', 'outlook.timezone="UTC"', prefer)))
        headers = {"Prefer": preferred, "Accept": "application/json"}
        guard = {"If-Match": if_match} if if_match else {}
        token = self._tokens.token(self._deadline)
        reply = self._once(act, target, {**headers, **guard}, body, token)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            another = self._tokens.token(self._deadline, refused=token)
            reply = self._once(act, target, {**headers, **guard}, body, another)
        if reply.status not in _SUCCESS:
            refusal = Refusal(reply.status, reply.headers, reply.body)
            raise translated(refusal, act) from refusal
        return reply

    def _once(self, act: Act, target: str, headers: Mapping[str, str], body: Any, token: str) -> Reply:  # noqa: ANN401
        bearer = {"Authorization": f"Bearer {token}"}
        try:
            with self._turns.turn(self._address, self._deadline.left):
                return self._transport(act.verb, target, {**headers, **bearer}, body, self._deadline.left)
        except Lost as lost:
            raise translated(lost, act) from lost


def _read(model: type[M], reply: Reply, act: Act) -> M:
    """The answer as a value; one that cannot be read counts as lost."""
    try:
        return model.model_validate_json(reply.body)
    except ValidationError:
        lost = Lost("an answer nobody can read")
    raise translated(lost, act) from lost
