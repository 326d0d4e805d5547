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

from integrations.errors import MisconfiguredError

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.events.freebusy",
)
_RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})
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
        http = httplib2.Http(timeout=self._timeout_s, proxy_info=_proxy, ca_certs=self._ca_certs)
        http.follow_redirects = False
        return AuthorizedHttp(credentials, http=http)


class _Credentials(service_account.Credentials):
    """Credentials shared between threads: one of them fetches a token, the others wait for it.

    google-auth tries up to three times and sleeps in between; here the first answer counts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what the library passes on
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._fetching = threading.Lock()

    def refresh(self, request: Any) -> None:  # noqa: ANN401 - a google.auth.transport.Request
        seen = self.token
        with self._fetching:
            if self.token == seen:
                super().refresh(_Once(request))  # type: ignore[no-untyped-call]


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
