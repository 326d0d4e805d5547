"""Google's token endpoint: RFC 7523 assertions of a service account with domain-wide delegation."""

import base64
import functools
import json
import time
from collections.abc import Collection, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

# What google-auth names as the audience, whatever the address of the endpoint.
_AUDIENCE = "https://oauth2.googleapis.com/token"
_PERSONS_SCOPE = "https://www.googleapis.com/auth/calendar.events"
ACCOUNT = "mentoring@programme.iam.gserviceaccount.com"


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account_info(token_uri: str) -> dict[str, str]:
    """The key file an operator downloads."""
    pem = _key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "client_email": ACCOUNT,
        "private_key_id": "1",
        "private_key": pem.decode(),
        "token_uri": token_uri,
    }


class TokenRefused(Exception):  # noqa: N818 - an answer, not an error of ours
    """An assertion that is not good for a token."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Tokens:
    """Gives tokens to whom the domain has delegated `delegated`; knows whom each token acts for.

    `people` are those who have signed in themselves, by the refresh token each has in hand.
    """

    def __init__(self) -> None:
        self.delegated = {
            "https://www.googleapis.com/auth/calendar.events.owned",
            "https://www.googleapis.com/auth/calendar.events.freebusy",
        }
        self.people: dict[str, str] = {}
        self.count = 0
        self._tokens: dict[str, tuple[str, frozenset[str]]] = {}

    def grant(self, form: Mapping[str, str], people: Collection[str]) -> dict[str, Any]:
        """A token for an assertion; RFC 6749, section 5.2, has the codes."""
        if form.get("grant_type") == "refresh_token":
            return self._given(self.people.get(form.get("refresh_token", "")), frozenset({_PERSONS_SCOPE}))
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise TokenRefused(400, "unsupported_grant_type")
        claims = _claims(form.get("assertion", ""))
        if claims["iss"] != ACCOUNT or claims["aud"] != _AUDIENCE or claims["exp"] < time.time():
            raise TokenRefused(400, "invalid_grant")
        scopes = frozenset(claims["scope"].split())
        if not scopes <= self.delegated:
            raise TokenRefused(401, "unauthorized_client")
        return self._given(claims["sub"] if claims.get("sub") in people else None, scopes)

    def of(self, authorization: str | None) -> tuple[str, frozenset[str]] | None:
        """Whom the bearer acts for, and with which scopes."""
        return self._tokens.get((authorization or "").removeprefix("Bearer "))

    def _given(self, who: str | None, scopes: frozenset[str]) -> dict[str, Any]:
        if who is None:
            raise TokenRefused(400, "invalid_grant")
        self.count += 1
        token = f"token-{self.count}"
        self._tokens[token] = (who, scopes)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def expire(self) -> None:
        """Forgets all tokens."""
        self._tokens.clear()


def _claims(assertion: str) -> dict[str, Any]:
    signed, _, signature = assertion.rpartition(".")
    try:
        _key().public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        claims: dict[str, Any] = json.loads(_decoded(signed.partition(".")[2]))
    except (InvalidSignature, ValueError) as error:
        raise TokenRefused(400, "invalid_grant") from error
    return claims


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
