"""Access to Google as an organizer: a service account with domain-wide delegation, over httplib2."""

import json
import ssl
import threading
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httplib2  # type: ignore[import-untyped]
from google.auth.exceptions import MalformedError, RefreshError, TransportError
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]

from integrations import deadline
from integrations.errors import MisconfiguredError, RetryableError

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.events.freebusy",
)
_RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})
_TOKEN_WAIT_S = 10.0
_HERE = ("127.0.0.1", "::1", "localhost")


class Access:
    """Connections that act for an organizer (the token's subject); tokens are shared between threads.

    `ca_certs` is a PEM file of the authorities to trust instead of the bundled ones, for a proxy that
    inspects TLS.
    """

    def __init__(
        self,
        service_account_info: Mapping[str, Any] | Path,
        *,
        token_uri: str | None,
        timeout_s: float,
        ca_certs: Path | None,
    ) -> None:
        self._account = _account(service_account_info, token_uri)
        self._timeout_s = timeout_s
        self._ca_certs = str(ca_certs) if ca_certs else None
        self._of_subject: dict[str, _Credentials] = {}
        self._lock = threading.Lock()

    def connect(self, subject: str) -> AuthorizedHttp:
        """A connection of its own for one thread: httplib2 must not be shared. Redirects are not followed."""
        with self._lock:
            credentials = self._of_subject.get(subject)
            if credentials is None:
                credentials = self._of_subject[subject] = self._account.with_subject(subject)  # type: ignore[no-untyped-call]
        http = _Http(timeout=self._timeout_s, proxy_info=_proxy, ca_certs=self._ca_certs)
        http.follow_redirects = False
        return AuthorizedHttp(credentials, http=http)


class _Http(httplib2.Http):  # type: ignore[misc]
    """A connection whose requests end with the act they are made for; httplib2 knows one timeout for all."""

    def __init__(self, **told: Any) -> None:  # noqa: ANN401 - what the library takes
        super().__init__(**told)
        self._own_s: float = told["timeout"]

    def request(self, uri: str, *args: Any, **told: Any) -> Any:  # noqa: ANN401
        """One request, which the library sends again where the connection drops."""
        self.timeout = deadline.left(self._own_s)
        for connection in self.connections.values():
            connection.timeout = self.timeout
            if connection.sock is not None:
                connection.sock.settimeout(self.timeout)
        kind = _Secure if uri.startswith("https:") else _Plain
        return super().request(uri, *args, **{**told, "connection_type": kind})


class _Timed:
    """Gives a request that is sent again what its act has left, not as much time as the first one."""

    timeout: float

    def connect(self) -> None:
        try:
            self.timeout = deadline.left(self.timeout)
        except RetryableError:
            raise TimeoutError("no time was left to send the request again") from None
        super().connect()  # type: ignore[misc]


class _Plain(_Timed, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]
    pass


class _Secure(_Timed, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]
    pass


class _Credentials(service_account.Credentials):
    """Credentials shared between threads: one of them fetches a token, the others wait for it.

    google-auth tries up to three times and sleeps in between; here the first answer counts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what the library passes on
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._fetching = threading.Lock()

    def refresh(self, request: Any) -> None:  # noqa: ANN401 - a google.auth.transport.Request
        seen = self.token
        if not self._fetching.acquire(timeout=deadline.left(_TOKEN_WAIT_S)):
            raise RetryableError("another call's token did not come in time")
        try:
            if self.token == seen:
                super().refresh(_Once(request))  # type: ignore[no-untyped-call]
        finally:
            self._fetching.release()


class _Once:
    """A token request of which every failure is final and known by its code."""

    def __init__(self, request: Any) -> None:  # noqa: ANN401
        self._request = request

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            response = self._request(*args, **kwargs)
        except ssl.SSLCertVerificationError:
            raise
        except OSError as error:
            raise TransportError(f"no token: {type(error).__name__}") from error  # type: ignore[no-untyped-call]
        told = _told(response.data)
        if response.status == HTTPStatus.OK and "access_token" in told:
            return response
        code = str(told.get("error", response.status))
        raise RefreshError(code, retryable=response.status in _RETRYABLE or response.status == HTTPStatus.OK)  # type: ignore[no-untyped-call]


def _told(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _account(info: Mapping[str, Any] | Path, token_uri: str | None) -> _Credentials:
    try:
        told = json.loads(info.read_text(encoding="utf-8")) if isinstance(info, Path) else dict(info)
        if token_uri:
            told["token_uri"] = token_uri
        account: _Credentials = _Credentials.from_service_account_info(told, scopes=SCOPES)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, MalformedError):
        # The error's text may quote the key.
        raise MisconfiguredError(
            "the Google service account's key cannot be read; download it anew"
        ) from None
    return account


def _proxy(scheme: str) -> httplib2.ProxyInfo | None:
    """The environment's proxy, but for what is on this host."""
    proxy = httplib2.proxy_info_from_environment(scheme)
    if proxy is not None and isinstance(proxy.bypass_hosts, (tuple, list)):
        proxy.bypass_hosts = (*proxy.bypass_hosts, *_HERE)
    return proxy
