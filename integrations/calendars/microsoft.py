"""Microsoft 365: one event in the organizer's Exchange mailbox, its copies kept by Exchange; Graph over HTTP.

Attendees cannot change the event: their wish comes as an answer or a proposed time, and only what is done in
the organizer's calendar moves it.
"""

import errno
import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msal  # type: ignore[import-untyped]
import requests

from integrations.calendars.calendar import Availability, EventRef, EventSpec, Gone, Snapshot, Window
from integrations.calendars.microsoft_busy import available, questions
from integrations.calendars.microsoft_errors import Act, Lost, NoToken, Refusal, translated
from integrations.calendars.microsoft_event import Event, change_of, changed_body, new_body
from integrations.calendars.microsoft_mailbox import Deadline, Mailbox, Reply, Turns
from integrations.errors import (
    AmbiguousError,
    ConflictError,
    GoneError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    RetryableError,
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
        self._turns = Turns()
        self._entra = _Entra(
            _credential(certificate, secret),
            client_id=client_id,
            authority=f"{authority.rstrip('/')}/{tenant}",
            scope="{0.scheme}://{0.netloc}/.default".format(urlsplit(graph_url)),
            client=_TokenClient(http_client or _session(authority), timeout_s / 2),
        )

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:
        """When these people are taken, as the organizer may see it; a mailbox with an error is Unknown.

        Tentative is tentative, out of office is itself, working elsewhere is free, and a state nobody knows
        is busy.
        """
        mailbox = self._mailbox(self._organizer)
        answers = [(question, mailbox.ask(question)) for question in questions(people, window)]
        return {person: available(person, window, answers) for person in people}

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        """Creates the event of this key and generation, or adopts it; GoneError where it was cancelled.

        Two requests: Exchange answers a transactionId it knows with the event it made first, even where that
        is gone, so what it answers is read back. Where the answer is lost, or the id is known with another
        content, the event is looked for by its key; where none carries it, an id that is known means that
        its event is gone.
        """
        mailbox = self._mailbox(spec.organizer.address)
        body = new_body(key, generation, spec, conference=self._conference and spec.conference)
        try:
            made = mailbox.create(body)
        except (AmbiguousError, ConflictError) as error:
            found = _found_after(error, mailbox, key, generation)
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
        found = self._mailbox(ref.organizer).read(ref.id)
        return Gone() if found is None or found.is_cancelled else found.snapshot(ref)

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Changes the same event, and voids what was answered before; ConflictError on a stale etag.

        A change whose answer was lost is known by its name in the event, and is done. The description of an
        online meeting stays as it was.
        """
        mailbox = self._mailbox(ref.organizer)
        change = change_of(ref, spec, if_match)
        moved = ref.model_copy(update={"attendees": tuple(one.address for one in spec.attendees)})
        found = _live(mailbox, ref)
        if found.was_changed_by(change):
            return moved
        if found.etag != if_match:
            raise ConflictError("the event was changed after it had been read; read it again")
        body = changed_body(found, ref, spec, change, conference=self._conference and spec.conference)
        try:
            mailbox.change(ref.id, body, if_match)
        except (AmbiguousError, ConflictError) as error:
            if not _was_done_after(error, mailbox, ref, change):
                raise
        return moved

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Cancels the event everywhere, the comment in the notice; repeats do nothing.

        Exchange sends the notice to every attendee, and also to one who is taken off before: nobody can be
        spared it. An event that has lost its attendees is no meeting to cancel, and is deleted.
        """
        mailbox = self._mailbox(ref.organizer)
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

    def _mailbox(self, address: str) -> Mailbox:
        return Mailbox(address, self._http, self._entra, self._turns, Deadline(self._timeout_s))


def _live(mailbox: Mailbox, ref: EventRef) -> Event:
    found = mailbox.read(ref.id)
    if found is None or found.is_cancelled:
        raise GoneError("the event is gone; book it under another generation")
    return found


def _found_after(error: IntegrationError, mailbox: Mailbox, key: str, generation: int) -> Event | None:
    """The event a failed POST may have made; a lost one that shows nothing may still be under way."""
    try:
        found = mailbox.find(key, generation)
    except IntegrationError:
        raise error from None
    if found is None and isinstance(error, AmbiguousError):
        raise error
    return found


def _was_done_after(error: IntegrationError, mailbox: Mailbox, ref: EventRef, change: str) -> bool:
    """Whether a failed PATCH has changed the event nevertheless."""
    try:
        return _live(mailbox, ref).was_changed_by(change)
    except GoneError:
        raise
    except IntegrationError:
        raise error from None


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


class _TokenClient:
    """The HTTP client msal is given: it tries once, ends in time and lets msal see OAuth's answers only.

    msal itself would log what it cannot read, and forget the Retry-After of what it can.
    """

    def __init__(self, session: requests.Session, timeout_s: float) -> None:
        self._session = session
        self._timeout_s = timeout_s

    def get(self, url: str, **told: Any) -> "_OAuthAnswer":  # noqa: ANN401 - what msal passes on
        return self._screened("GET", url, told)

    def post(self, url: str, **told: Any) -> "_OAuthAnswer":  # noqa: ANN401
        return self._screened("POST", url, told)

    def close(self) -> None:
        self._session.close()

    def _screened(self, verb: str, url: str, told: Mapping[str, Any]) -> "_OAuthAnswer":
        reply = _sent(self._session, verb, url, self._timeout_s, **told)
        is_oauth = _is_object(reply.body)
        if reply.status >= 500 or reply.status == 429 or 300 <= reply.status < 400:  # noqa: PLR2004 - RFC 9110
            raise Refusal(reply.status, reply.headers, reply.body)
        if not is_oauth and reply.status >= 400:  # noqa: PLR2004
            raise Refusal(reply.status, reply.headers, b"")
        if not is_oauth:
            raise Lost("an answer nobody can read")
        return _OAuthAnswer(reply)


class _OAuthAnswer:
    """What msal reads of an HTTP answer."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.headers = reply.headers
        self.text = reply.body.decode()

    def raise_for_status(self) -> None:
        """Nothing: what msal would raise for never gets this far."""


class _Entra:
    """The app's tokens: one msal application, built when first needed, as building it asks the network."""

    def __init__(
        self, credential: object, *, client_id: str, authority: str, scope: str, client: _TokenClient
    ) -> None:
        self._credential = credential
        self._client_id = client_id
        self._authority = authority
        self._scope = scope
        self._client = client
        self._application: Any = None
        self._latest = ""
        self._lock = threading.Lock()

    def token(self, deadline: Deadline) -> str:
        """A token, from msal's cache while it is good; one thread fetches it, the others wait."""
        if not self._lock.acquire(timeout=deadline.left):
            raise RetryableError("another call's token did not come in time")
        try:
            answer = self._answer()
            if "access_token" in answer:
                self._latest = str(answer["access_token"])
                return self._latest
        finally:
            self._lock.release()
        refusal = NoToken(answer)
        raise translated(refusal, Act.TOKEN) from refusal

    def forget(self, token: str) -> None:
        """Drops a token Graph has refused, unless another thread already has."""
        with self._lock:
            if self._application is not None and token == self._latest:
                self._application.remove_tokens_for_client()

    def _answer(self) -> Mapping[str, Any]:
        try:
            if self._application is None:
                self._application = msal.ConfidentialClientApplication(
                    self._client_id,
                    client_credential=self._credential,
                    authority=self._authority,
                    http_client=self._client,
                )
            answer: Mapping[str, Any] = self._application.acquire_token_for_client([self._scope])
        except (Refusal, Lost) as error:
            raise translated(error, Act.TOKEN) from error
        except (ValueError, LookupError, TypeError):
            # msal's text quotes the tenant, cryptography's may quote the key.
            raise MisconfiguredError(
                "Entra does not know the tenant, or the app's certificate is none; check both"
            ) from None
        return answer


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

    The environment also names the proxy's CA (REQUESTS_CA_BUNDLE), and may have a .netrc, which would take
    the place of our token if the session had no `auth`.
    """
    session = requests.Session()
    session.trust_env = urlsplit(url).hostname not in _HERE
    session.auth = _as_it_is
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _sent(session: requests.Session, verb: str, url: str, timeout_s: float, **told: Any) -> Reply:  # noqa: ANN401
    try:
        response = session.request(verb, url, timeout=timeout_s, allow_redirects=False, **told)
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


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
