"""A source that signs in another way is another row."""

import base64
import hashlib
import hmac

import pytest

from integrations.hr.signatures import Encoding, Profile, SignatureError, sign, verify
from tests.integrations.hr.test_signatures import BODY, NOW

KEY = "a shared key of some length"


def of(algorithm: str, message: bytes) -> bytes:
    return hmac.new(KEY.encode(), message, algorithm).digest()


UNIX = str(int(NOW.timestamp()))
ROWS: dict[str, tuple[Profile, dict[str, str]]] = {
    "finch": (
        Profile(
            "finch",
            "{id}.{timestamp}.{body}",
            "finch-signature",
            id_header="finch-event-id",
            timestamp_header="finch-timestamp",
            version="v1",
        ),
        {
            "finch-event-id": "e1",
            "finch-timestamp": UNIX,
            "finch-signature": "v1," + base64.b64encode(of("sha256", f"e1.{UNIX}.".encode() + BODY)).decode(),
        },
    ),
    "bamboohr": (
        Profile(
            "bamboohr",
            "{body}{timestamp}",
            "x-bamboohr-signature",
            timestamp_header="x-bamboohr-timestamp",
            encoding=Encoding.HEX,
        ),
        {
            "x-bamboohr-timestamp": "2021-02-25T15:02:10+00:00",
            "x-bamboohr-signature": of("sha256", BODY + b"2021-02-25T15:02:10+00:00").hex(),
        },
    ),
    "hibob": (
        Profile("hibob", "{body}", "bob-signature", algorithm="sha512"),
        {"bob-signature": base64.b64encode(of("sha512", BODY)).decode()},
    ),
    "lucca": (
        Profile("lucca", "{timestamp}.{body}", "lucca-signature", timestamp_header="lucca-timestamp"),
        {
            "lucca-timestamp": UNIX,
            "lucca-signature": base64.b64encode(of("sha256", f"{UNIX}.".encode() + BODY)).decode(),
        },
    ),
    "merge": (
        Profile("merge", "{body}", "x-merge-webhook-signature", encoding=Encoding.BASE64URL),
        {"x-merge-webhook-signature": base64.urlsafe_b64encode(of("sha256", BODY)).decode()},
    ),
    "deel": (
        Profile("deel", "POST{body}", "x-deel-signature", encoding=Encoding.HEX),
        {"x-deel-signature": of("sha256", b"POST" + BODY).hex()},
    ),
}


@pytest.mark.parametrize(("profile", "headers"), ROWS.values(), ids=ROWS.keys())
def test_other_sources_are_a_row(profile: Profile, headers: dict[str, str]) -> None:
    verify(profile, [KEY], headers, BODY, NOW)
    verify(profile, [KEY], sign(profile, KEY, "e1", BODY, NOW), BODY, NOW)
    with pytest.raises(SignatureError):
        verify(profile, [KEY], headers, BODY + b" ", NOW)
    with pytest.raises(SignatureError):
        verify(profile, [hashlib.sha256(KEY.encode()).hexdigest()], headers, BODY, NOW)
