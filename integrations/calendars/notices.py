"""The port of calendars' notices: a provider tells that an organizer's calendar changed, and is asked where.

A notice says that something changed, never what: it may be lost, late, repeated or forged. What changed is
read from a cursor on, so that nothing depends on a single notice.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.errors import MisconfiguredError

_RANDOM = 18
_MAC = 18
_SHORTEST_KEY = 16
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class NoticeKind(StrEnum):
    """What a notice asks for.

    STARTED is the service's own: it may have missed notices, and its address or keys may have changed.
    """

    CHANGED = "changed"
    MISSED = "missed"
    REAUTHORIZE = "reauthorize"
    REMOVED = "removed"
    STARTED = "started"

    @property
    def concerns_subscription(self) -> bool:
        """Whether the subscription itself is at stake, and must be renewed whatever its age."""
        return self in {NoticeKind.REAUTHORIZE, NoticeKind.REMOVED}


class Hook(_Value):
    """Where a provider sends notices, and the token it sends along."""

    url: str
    token: str


class Subscription(_Value):
    """A subscription at the provider; it ends by itself at `expires_at` (real time).

    `resource` is what the provider wants to hear, beside the id, when it is to end earlier.
    """

    id: str
    expires_at: AwareDatetime
    resource: str = ""


class Changes(_Value):
    """Which events changed since a cursor, by the provider's event ids, and the cursor to go on from.

    With `everything` the provider did not remember that far back: any event may have changed. With `more`
    there is more to be read at once.
    """

    cursor: str
    events: tuple[str, ...] = ()
    everything: bool = False
    more: bool = False


class Notices(Protocol):
    """One organizer's calendar at one provider. Blocks; raises errors of `integrations/errors.py`."""

    @property
    def organizer(self) -> str:
        """Whose calendar it is."""
        ...

    def subscribe(self, name: str, hook: Hook) -> Subscription:
        """Subscribes to the calendar's notices; `name` (64 characters of a UUID's) is not used twice."""
        ...

    def renew(self, subscription: Subscription, name: str, hook: Hook) -> Subscription:
        """Has notices come for longer: by the same subscription, or by another of this name that overlaps it.

        GoneError where the provider does not know the subscription any more.
        """
        ...

    def stop(self, subscription: Subscription) -> None:
        """Ends a subscription; one that has ended is fine."""
        ...

    def changes(self, cursor: str | None, now: datetime) -> Changes:
        """What changed since the cursor; without one, everything from `now` (programme time) on."""
        ...


class Hooks:
    """The addresses and tokens of our receivers, by provider.

    A token proves itself: no list of those given out is needed to tell a forged one. Tokens are minted with
    the newest of the keys and known by all. Raises MisconfiguredError where a provider could not reach us:
    providers push to https alone, but for those of a rehearsal on this host.
    """

    def __init__(self, public_url: str, keys: Sequence[str]) -> None:
        url = urlsplit(public_url)
        if url.scheme != "https" and url.hostname not in _HERE:
            raise MisconfiguredError("providers push to https alone; public_url must begin with https://")
        if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
            raise MisconfiguredError("link_keys must hold at least one key of 16 characters or more")
        self._url = public_url.rstrip("/")
        self._keys = [hashlib.sha256(key.encode()).digest() for key in keys]

    def of(self, provider: str) -> Hook:
        """The receiver's address, and a new token."""
        random = secrets.token_bytes(_RANDOM)
        token = base64.urlsafe_b64encode(random + _mac(self._keys[0], provider, random)).decode()
        return Hook(url=f"{self._url}/calendars/{provider}", token=token)

    def mark(self, provider: str) -> str:
        """Changes when the address or the newest key does: subscriptions with another mark are made anew."""
        told = f"{self._url}/calendars/{provider}".encode()
        return _mac(self._keys[0], provider, told).hex()

    def knows(self, provider: str, token: str) -> bool:
        """Whether we minted this token for this provider; compares in constant time, never raises."""
        try:
            raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        random, mac = raw[:_RANDOM], raw[_RANDOM:]
        known = [hmac.compare_digest(mac, _mac(key, provider, random)) for key in self._keys]
        return any(known)


def _mac(key: bytes, provider: str, told: bytes) -> bytes:
    return hmac.new(key, b"notice\0" + provider.encode() + b"\0" + told, hashlib.sha256).digest()[:_MAC]
