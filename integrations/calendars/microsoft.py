"""Microsoft 365: one event in the organizer's Exchange mailbox, its copies kept by Exchange; Graph over HTTP.

Attendees cannot change the event: their wish comes as an answer or a proposed time, and only what is done in
the organizer's calendar moves it.
"""

import errno
import logging
import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msal  # type: ignore[import-untyped]
import requests
from urllib3 import Timeout

from integrations.calendars import patience
from integrations.calendars.calendar import Availability, EventRef, EventSpec, Gone, Snapshot, Window
from integrations.calendars.microsoft_access import Entra, TokenClient
from integrations.calendars.microsoft_bodies import admitting_body, change_of, changed_body, new_body
from integrations.calendars.microsoft_busy import available, questions
from integrations.calendars.microsoft_errors import Lost
from integrations.calendars.microsoft_mailbox import AT_ONCE, Deadline, Mailbox, Reply
from integrations.calendars.turns import Turns
from integrations.errors import (
    AmbiguousError,
    ConflictError,
    GoneError,
    InvalidError,
    MisconfiguredError,
)

PROVIDER = "microsoft"
# At DEBUG it writes every URL, and at WARNING those it finds odd; ours hold an address.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_UNREACHED = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN})
_NO_CONNECTION = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    ConnectionRefusedError,
    socket.gaierror,
)


class Microsoft:
    """The calendars of a Microsoft 365 tenant, reached by an app that may write the organizer's mailbox.

    `certificate` is a PEM file with the app's key and certificate; `secret` stands in for it. May be shared
    between threads: each has a connection of its own, and two calls at once go to a mailbox. Each call of the
    port ends within `timeout_s`, whatever number of requests it makes; nothing is retried.
    """

    def __init__(  # noqa: PLR0913 - credentials, addresses and what events are like
        self,
        *,
        tenant: str,
        client_id: str,
        organizer: str,
        certificate: Path | None = None,
        secret: str = "",
        graph_url: str = "https://graph.microsoft.com/v1.0",
        authority: str = "https://login.microsoftonline.com",
        http_client: requests.Session | None = None,
        timeout_s: float = 20,
        conference: bool = True,
    ) -> None:
        if urlsplit(graph_url).scheme not in {"http", "https"} or not urlsplit(graph_url).path.strip("/"):
            raise MisconfiguredError("Graph's address must be http(s) and end in a version, such as /v1.0")
        self._organizer = organizer
        self._timeout_s = timeout_s
        self._conference = conference
        self._http = _Http(graph_url)
        self._turns = Turns(AT_ONCE)
        self._entra = _entra(
            client_id,
            credential=_credential(certificate, secret),
            authority=f"{authority.rstrip('/')}/{tenant}",
            session=http_client or _session(authority),
            scope="{0.scheme}://{0.netloc}/.default".format(urlsplit(graph_url)),
        )

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:
        """When these people are taken, as the organizer may see it; a mailbox with an error is Unknown.

        Tentative is tentative, out of office is itself, working elsewhere is free, and a state nobody knows
        is busy.
        """
        mailbox = self.mailbox(self._organizer)
        answers = [(question, mailbox.ask(question)) for question in questions(people, window)]
        return {person: available(person, window, answers) for person in people}

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        """Creates the event of this key and generation, or adopts it; GoneError where it was cancelled.

        Two requests: Exchange answers a transactionId it knows with the event it made first, even where that
        is gone, so what it answers is read back. Where the answer is lost, or the id is known with another
        content, the event is looked for by its key; where none carries it, an id that is known means that
        its event is gone.
        """
        mailbox = self.mailbox(spec.organizer.address)
        body = new_body(key, generation, spec, conference=self._conference and spec.conference)
        try:
            made = mailbox.create(body)
        except (AmbiguousError, ConflictError) as error:
            found = mailbox.found_after(error, key, generation)
        else:
            found = mailbox.read(made.id) or mailbox.find(key, generation)
        if found is None or found.is_cancelled:
            raise GoneError("the event was cancelled; book it under another generation")
        if not found.is_of(key, generation):
            raise ConflictError("another event has the transactionId meant for this one; use another key")
        return EventRef(
            provider=PROVIDER,
            organizer=spec.organizer.address,
            id=found.id,
            key=key,
            generation=generation,
            attendees=tuple(one.address for one in spec.attendees),
        )

    def get(self, ref: EventRef) -> Snapshot | Gone:
        """The event as it is now, in one request."""
        found = self.mailbox(ref.organizer).read(ref.id)
        return Gone() if found is None or found.is_cancelled else found.snapshot(ref)

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Changes the same event; ConflictError on a stale etag.

        Where its hours change everybody is asked anew, and what was answered before is void; Exchange asks
        nobody about an hour that stays. What was proposed before is void in either case. A change whose
        answer was lost is known by its name in the event, and is done. The description of an online meeting
        stays as it was.
        """
        mailbox = self.mailbox(ref.organizer)
        change = change_of(ref, spec, if_match)
        moved = ref.model_copy(update={"attendees": tuple(one.address for one in spec.attendees)})
        found = mailbox.live(ref.id)
        if found.mark.change == change:
            return moved
        if found.etag != if_match:
            raise ConflictError("the event was changed after it had been read; read it again")
        body = changed_body(found, ref, spec, change, conference=self._conference and spec.conference)
        try:
            mailbox.change(ref.id, body, if_match)
        except (AmbiguousError, ConflictError) as error:
            if not mailbox.was_changed_after(error, ref.id, change):
                raise
        return moved

    def admit(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Invites those of the spec who are not in the reference yet; the hour and all answers stay.

        Exchange sends the invitation to the newcomers, and keeps what the others have answered.
        """
        mailbox = self.mailbox(ref.organizer)
        found = mailbox.live(ref.id)
        if body := admitting_body(found, ref, spec):
            if found.etag != if_match:
                raise ConflictError("the event was changed after it had been read; read it again")
            mailbox.change(ref.id, body, if_match)
        return ref.model_copy(update={"attendees": tuple(one.address for one in spec.attendees)})

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Cancels the event everywhere, the comment in the notice; repeats do nothing.

        Exchange sends the notice to every attendee, and also to one who is taken off before: nobody can be
        spared it. An event that has lost its attendees is no meeting to cancel, and is deleted.
        """
        mailbox = self.mailbox(ref.organizer)
        try:
            mailbox.cancel(ref.id, comment)
        except GoneError:
            return
        except InvalidError:
            found = mailbox.read(ref.id)
            if found is None or found.is_cancelled:
                return
            if found.attendees:
                raise
            mailbox.delete(ref.id)

    def mailbox(self, address: str) -> Mailbox:
        """A mailbox in Graph, for the length of one call."""
        return Mailbox(address, self._http, self._entra, self._turns, Deadline(self._timeout_s))


class _Http:
    """Graph over `requests`; an error of the library's is told without its text, which holds the URL."""

    def __init__(self, graph_url: str) -> None:
        self._url = graph_url.rstrip("/")
        self._of_thread = threading.local()

    def __call__(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str],
        body: Any,  # noqa: ANN401 - what JSON can say
        timeout_s: float,
    ) -> Reply:
        if not hasattr(self._of_thread, "session"):
            self._of_thread.session = _session(self._url)
        session: requests.Session = self._of_thread.session
        return _sent(session, verb, self._url + path, timeout_s, headers=dict(headers), json=body)


def _entra(
    client_id: str, *, credential: object, authority: str, session: requests.Session, scope: str
) -> Entra:
    def send(verb: str, url: str, timeout_s: float, told: Mapping[str, Any]) -> Reply:
        return _sent(session, verb, url, timeout_s, **told)

    def build(client: TokenClient) -> msal.ConfidentialClientApplication:
        return msal.ConfidentialClientApplication(
            client_id,
            client_credential=credential,
            authority=authority,
            http_client=client,
            # It would ask for the authority's other names whenever a token is refused or removed.
            instance_discovery=False,
        )

    return Entra(build, send, scope)


def _credential(certificate: Path | None, secret: str) -> object:
    if (certificate is None) == (not secret):
        raise MisconfiguredError("Microsoft 365 needs the app's certificate or its secret, and one of them")
    if certificate is None:
        return secret
    try:
        pem = certificate.read_text(encoding="ascii")
    except (OSError, ValueError):
        raise MisconfiguredError("the app's certificate cannot be read; it is a PEM file") from None
    return {"private_key": pem, "public_certificate": pem}


def _session(url: str) -> requests.Session:
    """A session without retries. A proxy named in the environment is not asked for what is on this host.

    The environment also names the CA to trust (REQUESTS_CA_BUNDLE), on this host too, and may have a .netrc,
    which would take the place of our token if the session had no `auth`.
    """
    session = requests.Session()
    session.trust_env = urlsplit(url).hostname not in _HERE
    if not session.trust_env:
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    session.auth = _as_it_is
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _sent(session: requests.Session, verb: str, url: str, timeout_s: float, **told: Any) -> Reply:  # noqa: ANN401
    connect_s, read_s, total_s = patience.shared(url, timeout_s)
    told["timeout"] = Timeout(connect=connect_s, read=read_s, total=total_s)
    try:
        response = session.request(verb, url, allow_redirects=False, **told)
    except requests.RequestException as error:
        lost = _lost(error)
    else:
        return Reply(response.status_code, response.headers, response.content)
    raise lost


def _lost(error: requests.RequestException) -> Lost:
    causes = list(_causes(error))
    return Lost(
        type(error).__name__,
        never_sent=any(
            isinstance(one, _NO_CONNECTION) or (isinstance(one, OSError) and one.errno in _UNREACHED)
            for one in causes
        ),
        is_distrusted=any(isinstance(one, ssl.SSLCertVerificationError) for one in causes),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: urllib3 keeps the cause as `reason`, requests among the arguments."""
    yield error
    for cause in (*error.args, getattr(error, "reason", None), error.__cause__):
        if isinstance(cause, BaseException):
            yield from _causes(cause)
