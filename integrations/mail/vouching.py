"""Whether the domain a message says it is from has vouched for it, as whoever received it found out.

Aligned as in DMARC (RFC 7489, section 3.1.1), but that a domain above or below the sender's stands for its
organizational domain: who can sign for `mail.corp.example` or for `example` is not a stranger to
`corp.example`.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from integrations.mail.incoming import Incoming

Vouching = Callable[[Incoming], bool]
"""Says whether a message may be believed to come from its sender."""

_LONGEST: Final = 2000
_SENDGRID_DKIM: Final = re.compile(r"@?([a-z0-9.-]+)\s*:\s*([a-z]+)")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_RESULT: Final = re.compile(r"\s*(dkim|spf|dmarc)\s*=\s*([a-z]+)(.*)", re.DOTALL)
_PLAINLY_QUOTED: Final = re.compile(r'(?<==)\s*"([a-z0-9.@_+-]+)"(?=[\s;]|$)')
_PROPERTY: Final = {
    "dkim": re.compile(r"(?<!\S)header\.(?:d|i)\s*=\s*(\S+)"),
    "spf": re.compile(r"(?<!\S)smtp\.mailfrom\s*=\s*(\S+)"),
    "dmarc": re.compile(r"(?<!\S)header\.from\s*=\s*(\S+)"),
}
"""What each method has checked; what it says of anything else is the sender's own word."""


def by_sendgrid(*, dkim: str, spf: str, envelope: str) -> Vouching:
    """What Inbound Parse says of a message: `{@corp.example : pass}`, `pass`, and the envelope as JSON."""
    signed = [domain for domain, said in _SENDGRID_DKIM.findall(dkim[:_LONGEST].lower()) if said == "pass"]
    sent = [_domain(_return_path(envelope))] if spf.strip().lower() == "pass" else []
    return lambda mail: any(_is_aligned(domain, mail.domain) for domain in (*signed, *sent))


def by_relay(authserv_id: str) -> Vouching:
    """What the relay of this name says in Authentication-Results (RFC 8601).

    The relay must take away what others have written under its name (section 5). Without a name the relay is
    trusted to hand over nothing that it has not checked.
    """
    name = authserv_id.strip().lower()
    return lambda mail: (
        not name
        or any(
            _is_aligned(domain, mail.domain)
            for line in mail.results
            for domain in _passed(line.lower(), name)
        )
    )


def _passed(line: str, name: str) -> Iterator[str]:
    """The domains for which this line says that a check was passed; an odd line says it for none."""
    server, *results = _plain(line).split(";")
    if server.split()[:1] != [name]:
        return
    for result in results:
        found = _RESULT.fullmatch(result)
        if found and found[2] == "pass":
            yield from map(_domain, _PROPERTY[found[1]].findall(found[3]))


def _plain(line: str) -> str:
    """The line without comments and plain quotes; nothing where a sender may have quoted their way in.

    The local part of an address may hold nearly anything between quotes (RFC 5321, section 4.1.2), also a
    result that looks like the relay's own.
    """
    text, found = _PLAINLY_QUOTED.sub(r"\1", line), 1
    while found:
        text, found = _COMMENT.subn(" ", text)
    return "" if set(text) & set('"\\()') else text


def _return_path(envelope: str) -> str:
    try:
        told = json.loads(envelope[:_LONGEST])
    except (ValueError, RecursionError):
        return ""
    sender = told.get("from") if isinstance(told, dict) else None
    return sender if isinstance(sender, str) else ""


def _domain(address: str) -> str:
    return address.rpartition("@")[2].strip().lower().strip("<>.")


def _is_aligned(domain: str, sender: str) -> bool:
    """Whether one domain is the other's, or lies below it; a top-level domain is nobody's."""
    if "." not in domain or "." not in sender:
        return False
    return domain == sender or domain.endswith(f".{sender}") or sender.endswith(f".{domain}")
