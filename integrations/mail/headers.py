"""What may stand in a letter's headers, whoever carries it: one line each, no surprise inside."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

import idna

from integrations.errors import InvalidError

LONGEST = 120
"""Characters in a name or a subject. RFC 5322 allows 998 octets a line; nobody reads that far."""

LONGEST_VALUE = 900
"""Characters in an added header: with its name it stays below the 998 octets of RFC 5322, section 2.1.1."""

_RESERVED = frozenset(
    {
        "from", "sender", "to", "cc", "bcc", "subject", "reply-to", "date", "message-id", "mime-version",
        "received", "return-path", "dkim-signature", "x-sg-id", "x-sg-eid",
    }
)  # fmt: skip
"""The adapters write the first ten; SendGrid refuses the last three (Mail Send, `headers`)."""

_FIELD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_IN_NAMES = str.maketrans(dict.fromkeys(',;"<>\\', " "))


def subject_line(text: str) -> str:
    """The subject as one clean line; raises InvalidError where nothing is left of it."""
    line = _one_line(text)
    if not line:
        raise InvalidError("the letter has no subject; give its template one")
    return line


def display_name(text: str) -> str:
    """A person's name as one clean line without what separates or brackets addresses, or an empty string.

    SendGrid answers 400 to a `,` or `;` in a name; quotes and angle brackets invite forged addresses.
    """
    return _one_line(text.translate(_IN_NAMES))


def mail_address(text: str) -> str:
    """The address with its domain in ASCII (IDNA 2008); raises InvalidError where mail cannot carry it.

    Local parts outside ASCII need SMTPUTF8 (RFC 6531) on every server on the way, SendGrid's has none.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at:
        raise InvalidError("the address has no @; correct it in the HR system")
    if not local.isascii():
        raise InvalidError("the address has letters outside ASCII before the @; correct it in the HR system")
    if len(local) > 64 or not _LOCAL_PART.fullmatch(local):  # noqa: PLR2004 -- RFC 5321, section 4.5.3.1.1
        raise InvalidError("the address is malformed before the @; correct it in the HR system")
    try:
        return f"{local}@{idna.encode(domain, uts46=True, std3_rules=True).decode()}"
    except idna.IDNAError:
        # The cause quotes the domain, and a domain may be a person's own name.
        raise InvalidError(
            "the address has no valid domain after the @; correct it in the HR system"
        ) from None


def message_id(key: str, sender_address: str) -> str:
    """The Message-ID a key always gets, so that mailboxes can drop the second copy of a letter sent twice."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender_address.rpartition('@')[2]}>"


def added_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers a letter brings, checked, with the mark of automatic mail (RFC 3834) where it brings none.

    Raises InvalidError for a header that is the adapter's own, stands twice or would not stay one ASCII line.
    """
    added: dict[str, str] = {}
    for name, value in headers.items():
        lowered = name.lower()
        if not _FIELD_NAME.fullmatch(name) or lowered in _RESERVED or lowered.startswith("content-"):
            raise InvalidError(
                f"a letter may not bring the header {name[:60]!r}; leave it to the mail adapter"
            )
        if lowered in {known.lower() for known in added}:
            raise InvalidError(f"a letter brings the header {name} twice; keep one")
        if not value.isascii() or not value.isprintable() or len(value) > LONGEST_VALUE:
            raise InvalidError(
                f"the header {name} must be one line of at most {LONGEST_VALUE} ASCII characters"
            )
        added[name] = value.strip()
    if "auto-submitted" not in {known.lower() for known in added}:
        added["Auto-Submitted"] = "auto-generated"
    return added


def _one_line(text: str) -> str:
    """NFC, single-spaced, cut to length, without control, format, surrogate and line-ending characters."""
    kept = "".join(_as_space(character) for character in text)
    line = " ".join(unicodedata.normalize("NFC", kept).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


def _as_space(character: str) -> str:
    """The character, or a space for a control, or nothing for what cannot be seen; U+2028 is white."""
    category = unicodedata.category(character)
    if category in {"Cf", "Cs"}:
        return ""
    return " " if category == "Cc" else character
