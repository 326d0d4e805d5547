"""The app's access to Microsoft 365: its tokens, and what msal gets to see of Entra's answers."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from integrations.calendars.microsoft_errors import Act, Lost, NoToken, Refusal, translated
from integrations.calendars.microsoft_mailbox import Deadline, Reply
from integrations.errors import MisconfiguredError, RetryableError

Send = Callable[[str, str, float, Mapping[str, Any]], Reply]


class Application(Protocol):
    """What we use of an msal.ConfidentialClientApplication."""

    def acquire_token_for_client(self, scopes: list[str]) -> Mapping[str, Any]:
        """A token from its cache or from Entra, or the error Entra answers."""
        ...

    def remove_tokens_for_client(self) -> None:
        """Empties its cache."""
        ...


class TokenClient:
    """The HTTP client msal is given: it tries once, ends in time and lets msal see OAuth's answers only.

    msal itself would log what it cannot read, and forget the Retry-After of what it can. `deadline` is that
    of the call a token is fetched for.
    """

    def __init__(self, send: Send, deadline: Deadline) -> None:
        self._send = send
        self.deadline = deadline

    def get(self, url: str, **told: Any) -> "OAuthAnswer":  # noqa: ANN401 - what msal passes on
        """Fetches what the tenant publishes about itself."""
        return self._screened("GET", url, told)

    def post(self, url: str, **told: Any) -> "OAuthAnswer":  # noqa: ANN401
        """Asks for a token."""
        return self._screened("POST", url, told)

    def close(self) -> None:
        """Nothing: the session lives as long as the adapter."""

    def _screened(self, verb: str, url: str, told: Mapping[str, Any]) -> "OAuthAnswer":
        reply = self._send(verb, url, self.deadline.left, told)
        is_oauth = _is_object(reply.body)
        if reply.status >= 500 or reply.status == 429 or 300 <= reply.status < 400:  # noqa: PLR2004 - RFC 9110
            raise Refusal(reply.status, reply.headers, reply.body)
        if not is_oauth and reply.status >= 400:  # noqa: PLR2004
            raise Refusal(reply.status, reply.headers, b"")
        if not is_oauth:
            raise Lost("an answer nobody can read")
        return OAuthAnswer(reply)


class OAuthAnswer:
    """What msal reads of an HTTP answer."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.headers = reply.headers
        self.text = reply.body.decode()

    def raise_for_status(self) -> None:
        """Nothing: what msal would raise for never gets this far."""


class Entra:
    """The app's tokens: one msal application, built when first needed, as building it asks the network.

    msal answers a second try within 60 s of a refused one (400) with the same refusal.
    """

    def __init__(self, build: Callable[[TokenClient], Application], send: Send, scope: str) -> None:
        self._build = build
        self._scope = scope
        self._client = TokenClient(send, Deadline(0))
        self._application: Application | None = None
        self._latest = ""
        self._lock = threading.Lock()

    def token(self, deadline: Deadline, refused: str = "") -> str:
        """A token, from msal's cache while it is good; one thread fetches it, the others wait.

        One that Graph has `refused` is dropped, unless another thread already has done so.
        """
        if not self._lock.acquire(timeout=deadline.left / 2):
            raise RetryableError("another call's token did not come in time")
        try:
            self._client.deadline = deadline
            answer = self._answer(refused)
            if "access_token" in answer:
                self._latest = str(answer["access_token"])
                return self._latest
        finally:
            self._lock.release()
        refusal = NoToken(answer)
        raise translated(refusal, Act.TOKEN) from refusal

    def _answer(self, refused: str) -> Mapping[str, Any]:
        try:
            if self._application is None:
                self._application = self._build(self._client)
            if refused and refused == self._latest:
                self._application.remove_tokens_for_client()
            return self._application.acquire_token_for_client([self._scope])
        except (Refusal, Lost) as error:
            raise translated(error, Act.TOKEN) from error
        except (ValueError, LookupError, TypeError):
            # msal's text quotes the tenant, cryptography's may quote the key.
            raise MisconfiguredError(
                "Entra does not know the tenant, or the app's certificate is none; check both"
            ) from None


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False
