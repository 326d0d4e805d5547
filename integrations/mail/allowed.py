"""A mailer that lets letters out to some recipients only: for trials on real people's data."""

import logging
from collections.abc import Collection

from integrations.mail.mail import Mailer, Message

_LOG = logging.getLogger("mail")


class Allowed:
    """Hands letters to allowed addresses and domains on, and keeps all others in."""

    def __init__(self, mailer: Mailer, allowed: Collection[str]) -> None:
        self._mailer = mailer
        self._allowed = {entry.lower() for entry in allowed}

    def send(self, message: Message, key: str) -> str:
        """Sends the message where its address or domain is allowed; else the receipt says `held back`."""
        address = message.to_address.lower()
        if address in self._allowed or address.rpartition("@")[2] in self._allowed:
            return self._mailer.send(message, key)
        _LOG.warning("letter.held-back", extra={"key": key})
        return "held back"

    def check(self) -> None:
        """Asks the provider."""
        self._mailer.check()
