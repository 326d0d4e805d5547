"""Signed webhooks: one value describes how a source signs, one function verifies any of them."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from integrations.errors import IntegrationError, MisconfiguredError

_UNIX_TIME: Final = re.compile(r"[0-9]{1,11}")
_PLACES: Final = re.compile(r"\{(id|timestamp|body)\}")


class SignatureError(IntegrationError):
    """The request does not prove where it comes from; whatever is wrong, the message is the same."""

    def __init__(self) -> None:
        super().__init__("the request is not signed as agreed")


class Encoding(StrEnum):
    """How a signature is written in its header."""

    BASE64 = "base64"
    BASE64URL = "base64url"
    HEX = "hex"


@dataclass(frozen=True)
class Profile:
    """How one source signs.

    `message` is what the code covers, with `{id}`, `{timestamp}` and `{body}` in it. With a `version` the
    header lists several signatures, `v1,<signature> v1,<signature>`, and those of other versions are passed
    over; without one it holds a bare signature. Secrets that carry `secret_prefix` are Base64 of the key,
    at least `min_key_bytes` long; without a prefix they are the key itself.
    """

    source: str
    message: str
    signature_header: str
    id_header: str | None = None
    timestamp_header: str | None = None
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Encoding = Encoding.BASE64
    version: str | None = None
    secret_prefix: str | None = None
    min_key_bytes: int = 16
    tolerance: timedelta = timedelta(minutes=5)

    def key(self, secret: str) -> bytes:
        """The key a secret stands for; MisconfiguredError where it is none."""
        key = secret.encode()
        if self.secret_prefix is not None:
            key = self._decoded(secret, self.secret_prefix)
        if len(key) < self.min_key_bytes:
            raise MisconfiguredError(
                f"a signing secret of {self.source} is too short: {self.min_key_bytes} bytes are needed"
            )
        return key

    def _decoded(self, secret: str, prefix: str) -> bytes:
        try:
            return base64.b64decode(secret.removeprefix(prefix), validate=True)
        except (binascii.Error, ValueError):
            raise MisconfiguredError(
                f"a signing secret of {self.source} is not {prefix} followed by Base64; copy it whole"
            ) from None


STANDARD_WEBHOOKS: Final = Profile(
    source="native",
    message="{id}.{timestamp}.{body}",
    signature_header="webhook-signature",
    id_header="webhook-id",
    timestamp_header="webhook-timestamp",
    version="v1",
    secret_prefix="whsec_",  # noqa: S106 - the mark of a secret, not one
    min_key_bytes=24,
)


def verify(
    profile: Profile, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Raises SignatureError unless one of the secrets signed this body within the tolerance around `now`.

    Header names are looked up in lower case. Every secret is tried on every signature, and a stale request
    takes the same way as a forged one, so that neither the answer nor its time tells what was wrong.
    """
    signatures = _signatures(profile, headers.get(profile.signature_header, ""))
    sent_id = headers.get(profile.id_header, "") if profile.id_header else ""
    timestamp = headers.get(profile.timestamp_header, "") if profile.timestamp_header else ""
    genuine = False
    for secret in secrets:
        expected = _signature(profile, secret, sent_id, timestamp, body)
        for signature in signatures:
            genuine |= hmac.compare_digest(expected, signature)
    complete = bool(sent_id) or profile.id_header is None
    fresh = profile.timestamp_header is None or _is_fresh(timestamp, now, profile.tolerance)
    if not (genuine and complete and fresh):
        raise SignatureError


def sign(profile: Profile, secret: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers a sender adds to a body that it sends at `now` (aware)."""
    timestamp = str(int(now.timestamp()))
    signature = _signature(profile, secret, message_id, timestamp, body).decode()
    headers = {profile.signature_header: f"{profile.version},{signature}" if profile.version else signature}
    if profile.id_header:
        headers[profile.id_header] = message_id
    if profile.timestamp_header:
        headers[profile.timestamp_header] = timestamp
    return headers


def _signature(profile: Profile, secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    parts = {"id": _octets(message_id), "timestamp": _octets(timestamp), "body": body}
    # Splitting at a group gives text and place names in turn; what fills a place is never looked into.
    pieces = enumerate(_PLACES.split(profile.message))
    message = b"".join(parts[piece] if number % 2 else piece.encode() for number, piece in pieces)
    code = hmac.digest(profile.key(secret), message, profile.algorithm)
    match profile.encoding:
        case Encoding.BASE64:
            return base64.b64encode(code)
        case Encoding.BASE64URL:
            return base64.urlsafe_b64encode(code)
        case Encoding.HEX:
            return code.hex().encode()


def _signatures(profile: Profile, header: str) -> list[bytes]:
    if profile.version is None:
        return [_octets(header)]
    parted = [entry.partition(",") for entry in header.split(" ")]
    return [_octets(signature) for version, _, signature in parted if version == profile.version]


def _octets(header: str) -> bytes:
    """The bytes of a header value; what Latin-1 cannot say was never on the wire and becomes `?`."""
    return header.encode("latin-1", "replace")


def _is_fresh(timestamp: str, now: datetime, tolerance: timedelta) -> bool:
    """Whether a time stamp, in Unix seconds or in ISO 8601 with an offset, lies around `now`."""
    try:
        if _UNIX_TIME.fullmatch(timestamp):
            sent = datetime.fromtimestamp(int(timestamp), UTC)
        else:
            sent = datetime.fromisoformat(timestamp)
        return sent.tzinfo is not None and abs(now - sent) <= tolerance
    except (ValueError, OverflowError, OSError):
        return False
