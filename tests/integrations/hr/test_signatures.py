import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from integrations.errors import MisconfiguredError
from integrations.hr.signatures import STANDARD_WEBHOOKS, Profile, SignatureError, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
NOW = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

Headers = Mapping[str, str]
Tamper = Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]]


def signature(text: str) -> Tamper:
    return lambda headers, body: (headers | {"webhook-signature": text}, body)


def with_time(text: str) -> Tamper:
    return lambda headers, body: (headers | {"webhook-timestamp": text}, body)


def without(name: str) -> Tamper:
    return lambda headers, body: ({key: value for key, value in headers.items() if key != name}, body)


def sent_at(when: datetime, secret: str = SECRET) -> Tamper:
    return lambda _, body: (sign(STANDARD_WEBHOOKS, secret, MESSAGE_ID, body, when), body)


TAMPERED: dict[str, Tamper] = {
    "another body": lambda headers, _: (headers, b'{"test": 2432232315}'),
    "an empty body": lambda headers, _: (headers, b""),
    "a longer body": lambda headers, body: (headers, body + b" "),
    "another id": lambda headers, body: (headers | {"webhook-id": "msg_2"}, body),
    "another time": with_time("1614265331"),
    "a fractional time": with_time("1614265330.0"),
    "a time in words": with_time("now"),
    "a time in Arabic digits": with_time("\u0661\u0666\u0661\u0664\u0662\u0666\u0665\u0663\u0663\u0660"),
    "no id": without("webhook-id"),
    "an empty id, signed": lambda _, body: (sign(STANDARD_WEBHOOKS, SECRET, "", body, NOW), body),
    "no time": without("webhook-timestamp"),
    "no signature": without("webhook-signature"),
    "an empty signature": signature(""),
    "a version without signature": signature("v1,"),
    "a signature without version": signature(SIGNATURE),
    "another version": signature(f"v1a,{SIGNATURE}"),
    "a version in capitals": signature(f"V1,{SIGNATURE}"),
    "a signature cut short": signature(f"v1,{SIGNATURE[:-1]}"),
    "a signature and more": signature(f"v1,{SIGNATURE}="),
    "another signature": signature(f"v1,{SIGNATURE.replace('g0', 'g1')}"),
    "a signature in hex": signature(f"v1,{base64.b64decode(SIGNATURE).hex()}"),
    "a signature beyond Latin-1": signature(f"v1,{SIGNATURE}\u20ac"),
    "stale": sent_at(NOW - timedelta(seconds=301)),
    "from the future": sent_at(NOW + timedelta(seconds=301)),
    "an unknown secret": sent_at(NOW, OTHER),
}


def outcome(profile: Profile, headers: Headers, body: bytes, now: datetime = NOW) -> str:
    try:
        verify(profile, [SECRET], headers, body, now)
    except SignatureError as error:
        return str(error)
    return "taken"


def test_known_answer_is_signed_and_verified() -> None:
    headers = sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, BODY, NOW)
    assert headers == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": f"v1,{SIGNATURE}",
    }
    assert outcome(STANDARD_WEBHOOKS, headers, BODY) == "taken"


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampered_request_is_refused_like_any_other(tamper: Tamper) -> None:
    headers, body = tamper(sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, BODY, NOW), BODY)
    assert outcome(STANDARD_WEBHOOKS, headers, body) == "the request is not signed as agreed"


@pytest.mark.parametrize(
    "broken",
    [
        replace(STANDARD_WEBHOOKS, message="{timestamp}.{body}"),
        replace(STANDARD_WEBHOOKS, message="{id}.{timestamp}"),
        replace(STANDARD_WEBHOOKS, message="{id}.{body}"),
        replace(STANDARD_WEBHOOKS, tolerance=timedelta(days=10_000)),
        replace(STANDARD_WEBHOOKS, id_header=None),
    ],
    ids=["forgets the id", "forgets the body", "forgets the time", "never stale", "wants no id"],
)
def test_tampering_matrix_finds_a_careless_profile(broken: Profile) -> None:
    def taken(tamper: Tamper) -> bool:
        genuine = sign(broken, SECRET, MESSAGE_ID, BODY, NOW)
        return outcome(broken, *tamper(genuine, BODY)) == "taken"

    assert any(map(taken, TAMPERED.values()))


@pytest.mark.parametrize(("seconds", "expected"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_tolerance_is_three_hundred_seconds_either_way(seconds: int, expected: bool) -> None:
    headers = sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, BODY, NOW + timedelta(seconds=seconds))
    assert (outcome(STANDARD_WEBHOOKS, headers, BODY) == "taken") is expected


@pytest.mark.parametrize("secrets", [[SECRET, OTHER], [OTHER, SECRET]])
@pytest.mark.parametrize("listed", ["v1,AAAA v1,{0}", "v1,{0} v1,AAAA", "v1a,AAAA v2,x v1,{0}"])
def test_any_secret_may_have_made_any_signature_of_the_list(secrets: list[str], listed: str) -> None:
    headers = sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, BODY, NOW)
    verify(STANDARD_WEBHOOKS, secrets, headers | {"webhook-signature": listed.format(SIGNATURE)}, BODY, NOW)


def test_every_secret_meets_every_signature_though_the_first_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bool] = []
    original = hmac.compare_digest

    def counting(first: bytes, second: bytes) -> bool:
        compared.append(original(first, second))
        return compared[-1]

    monkeypatch.setattr(hmac, "compare_digest", counting)
    headers = sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, BODY, NOW)
    several = headers | {"webhook-signature": f"v1,{SIGNATURE} v1,BBBB v1,CCCC"}
    verify(STANDARD_WEBHOOKS, [SECRET, OTHER], several, BODY, NOW)
    assert compared == [True, False, False, False, False, False]


def test_without_secrets_nothing_is_genuine() -> None:
    with pytest.raises(SignatureError):
        verify(STANDARD_WEBHOOKS, [], sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, BODY, NOW), BODY, NOW)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_c2hvcnQ=", "whsec_" + "not Base64, " * 4, "", "whsec_é"])
def test_secret_that_is_none_is_a_mistake_of_the_operator(secret: str) -> None:
    with pytest.raises(MisconfiguredError) as raised:
        STANDARD_WEBHOOKS.key(secret)
    assert not secret.removeprefix("whsec_") or secret not in str(raised.value)


ids = st.text("abcXYZ0189_-", min_size=1, max_size=40)
bodies = st.text(st.characters(codec="utf-8"), max_size=200)
keys = st.binary(min_size=24, max_size=64)


@given(key=keys, message_id=ids, body=bodies)
def test_standardwebhooks_verifies_what_is_signed_here(key: bytes, message_id: str, body: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = sign(STANDARD_WEBHOOKS, secret, message_id, body.encode(), datetime.now(UTC))
    oracle = Webhook(secret)
    expected = oracle.sign(message_id, datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC), body)
    assert headers["webhook-signature"] == expected


@given(key=keys, message_id=ids, body=bodies)
def test_what_standardwebhooks_signs_is_genuine_here(key: bytes, message_id: str, body: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, NOW, body),
    }
    verify(STANDARD_WEBHOOKS, [OTHER, secret], headers, body.encode(), NOW)


@given(
    body=st.binary(min_size=1, max_size=80),
    place=st.integers(0, 10_000),
    bit=st.integers(0, 7),
    data=st.data(),
)
def test_one_flipped_bit_anywhere_is_refused(body: bytes, place: int, bit: int, data: st.DataObject) -> None:
    headers = sign(STANDARD_WEBHOOKS, SECRET, MESSAGE_ID, body, NOW)
    parts = {name: value.encode() for name, value in headers.items()} | {"body": body}
    name = data.draw(st.sampled_from(sorted(parts)))
    flipped = bytearray(parts[name])
    flipped[place % len(flipped)] ^= 1 << bit
    parts[name] = bytes(flipped)
    sent = {name: parts[name].decode("latin-1") for name in headers}
    assert outcome(STANDARD_WEBHOOKS, sent, parts["body"]) == "the request is not signed as agreed"


def test_what_fills_a_place_is_never_taken_for_a_place() -> None:
    headers = sign(STANDARD_WEBHOOKS, SECRET, "{body}", b"{id}", NOW)
    code = hmac.digest(STANDARD_WEBHOOKS.key(SECRET), b"{body}.1614265330.{id}", "sha256")
    assert headers["webhook-signature"] == "v1," + base64.b64encode(code).decode()
