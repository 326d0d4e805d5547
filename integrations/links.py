"""Tokens of the links in letters: opaque, minted and signed by us, told apart from forged ones at once.

A token names nobody and nothing. What it is for is kept in the database under the token's hash
(`integrations/database/links.py`); the signature only keeps strangers' guesses away from the database.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from integrations.errors import MisconfiguredError

_RANDOM = 18
_MAC = 15
_SHORTEST_KEY = 16


class LinkSigner:
    """Mints tokens with the newest of its keys, knows those of all: older keys stay good for a rotation.

    Raises MisconfiguredError where there is no key, or one shorter than 16 characters.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < _SHORTEST_KEY for key in keys):
            raise MisconfiguredError("link_keys must hold at least one key of 16 characters or more")
        self._keys = [hashlib.sha256(key.encode()).digest() for key in keys]

    def mint(self) -> str:
        """A new token: 44 characters that are safe in a URL."""
        random = secrets.token_bytes(_RANDOM)
        return base64.urlsafe_b64encode(random + _mac(self._keys[0], random)).decode()

    def is_ours(self, token: str) -> bool:
        """Whether we minted this token; compares in constant time, never raises."""
        try:
            raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        random, mac = raw[:_RANDOM], raw[_RANDOM:]
        known = [hmac.compare_digest(mac, _mac(key, random)) for key in self._keys]
        return len(raw) == _RANDOM + _MAC and any(known)


def _mac(key: bytes, random: bytes) -> bytes:
    return hmac.new(key, b"link\0" + random, hashlib.sha256).digest()[:_MAC]
