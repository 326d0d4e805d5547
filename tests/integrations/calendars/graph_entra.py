"""Entra's token endpoint: client credentials by secret or by certificate, and the way msal takes to it."""

import functools
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

TENANT = "c0ffee00-1111-2222-3333-444455556666"
CLIENT = "0ddba11a-1111-2222-3333-444455556666"
SECRET = "s3cret~of.the-app"
AUTHORITY = "https://login.microsoftonline.com"


class TokenRefused(Exception):  # noqa: N818 - an answer, not an error of ours
    """Credentials that are not good for a token."""

    def __init__(self, status: int, error: str, number: int) -> None:
        super().__init__(error)
        self.status = status
        self.body = json.dumps(
            {
                "error": error,
                "error_description": f"AADSTS{number}: not for zoe@corp.example",
                "error_codes": [number],
            }
        )


class Entra:
    """Gives tokens to the app; knows which are good.

    `people` are those who have signed in themselves, by the refresh token each has in hand.
    """

    def __init__(self) -> None:
        self.count = 0
        self.resource = ""
        self.authority = AUTHORITY
        self.people: dict[str, str] = {}
        self._good: dict[str, str | None] = {}

    def configuration(self, tenant: str) -> dict[str, str]:
        """What a tenant publishes about itself."""
        if tenant != TENANT:
            raise TokenRefused(400, "invalid_tenant", 90002)
        return {
            "issuer": f"{self.authority}/{TENANT}/v2.0",
            "authorization_endpoint": f"{self.authority}/{TENANT}/oauth2/v2.0/authorize",
            "token_endpoint": f"{self.authority}/{TENANT}/oauth2/v2.0/token",
        }

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A token for credentials; RFC 6749, section 5.2, has the codes."""
        if form.get("grant_type") == "refresh_token":
            return self._persons(form)
        if form.get("grant_type") != "client_credentials":
            raise TokenRefused(400, "unsupported_grant_type", 70003)
        if form.get("client_id") != CLIENT:
            raise TokenRefused(400, "unauthorized_client", 700016)
        if form.get("scope") != f"{self.resource}/.default":
            raise TokenRefused(400, "invalid_scope", 70011)
        if "client_assertion" in form:
            _check_assertion(form["client_assertion"], self.authority)
        elif form.get("client_secret") != SECRET:
            raise TokenRefused(401, "invalid_client", 7000215)
        return self._given(None)

    def accepts(self, authorization: str | None) -> bool:
        """Whether a bearer token is good."""
        return (authorization or "").removeprefix("Bearer ") in self._good

    def person(self, authorization: str | None) -> str | None:
        """Who has signed in themselves for a token; None where the app has."""
        return self._good.get((authorization or "").removeprefix("Bearer "))

    def revoke(self) -> None:
        """Makes all tokens bad, whatever msal believes."""
        self._good.clear()

    def _persons(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A token for somebody who has signed in; it is good for their own mailbox."""
        who = self.people.get(form.get("refresh_token", ""))
        if who is None:
            raise TokenRefused(400, "invalid_grant", 9002313)
        return self._given(who)

    def _given(self, who: str | None) -> dict[str, Any]:
        self.count += 1
        token = f"token-{self.count}"
        self._good[token] = who
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}


class ToLoopback(HTTPAdapter):
    """Takes what is meant for Entra to a server on this host: msal refuses an http authority."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert request.url
        request.url = request.url.replace(AUTHORITY, self._url)
        return super().send(request, *args, **kwargs)


def session_to(url: str) -> requests.Session:
    """The http_client of the adapter."""
    session = requests.Session()
    session.trust_env = False
    session.mount(AUTHORITY, ToLoopback(url))
    return session


def certificate(folder: Path) -> Path:
    """The app's key and certificate in a PEM file."""
    file = folder / "app.pem"
    key, signed = _pair()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(pem + signed.public_bytes(serialization.Encoding.PEM))
    return file


@functools.cache
def _pair() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the app")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .issuer_name(name)
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    return key, builder.sign(key, hashes.SHA256())


def _check_assertion(assertion: str, authority: str) -> None:
    """RFC 7523, section 3; Entra wants PS256 and the certificate's SHA-256 thumbprint."""
    endpoint = f"{authority}/{TENANT}/oauth2/v2.0/token"
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, _pair()[0].public_key(), algorithms=["PS256"], audience=endpoint)
    except jwt.InvalidTokenError:
        raise TokenRefused(401, "invalid_client", 700027) from None
    if "x5t#S256" not in header or (claims["iss"], claims["sub"]) != (CLIENT, CLIENT):
        raise TokenRefused(401, "invalid_client", 700027)
