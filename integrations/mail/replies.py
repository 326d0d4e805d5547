"""What an SMTP server's refusals mean for a letter (RFC 5321, section 4.2; RFC 3463)."""

import re

from integrations.errors import (
    AmbiguousError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)

_ENHANCED = re.compile(rb"\A[245]\.(\d{1,3})\.(\d{1,3})\b")
_BAD_SYNTAX = 501
_AUTHENTICATION_REQUIRED = 530
_TOO_BIG = 552
_TRANSACTION_FAILED = 554


def accepted(code: int) -> bool:
    """Whether a reply says yes."""
    return 200 <= code < 300  # noqa: PLR2004 -- RFC 5321, section 4.2.1: positive completion


def is_temporary(code: int) -> bool:
    """Whether a reply asks for another try later; -1 stands for a reply that was no SMTP."""
    return 400 <= code < 500 or code == -1  # noqa: PLR2004 -- RFC 5321, section 4.2.1: transient negative


def refused_sender(code: int, reply: bytes) -> IntegrationError:
    """A server that does not want our sender: one for the operator, unless the letter is too big."""
    if is_temporary(code):
        return RetryableError(f"the SMTP server answered MAIL FROM with {code}")
    if code == _TOO_BIG or _subject_and_detail(reply) == (3, 4):
        return InvalidError(
            f"the SMTP server finds the letter too big ({code}); make its attachments smaller"
        )
    return MisconfiguredError(f"the SMTP server refuses the sender address ({code}); check it and the login")


def refused_recipient(code: int, reply: bytes) -> IntegrationError:
    """A server that does not want the recipient; RFC 3463 tells a missing mailbox from a closed relay."""
    subject, detail = _subject_and_detail(reply)
    if is_temporary(code):
        return RetryableError(f"the SMTP server answered RCPT TO with {code}")
    if code == _AUTHENTICATION_REQUIRED or (code == _TRANSACTION_FAILED and subject == 7):  # noqa: PLR2004
        return MisconfiguredError(f"the SMTP server does not relay for us ({code}); check the login")
    if code == _BAD_SYNTAX or (subject, detail) == (1, 3):
        return InvalidError(
            f"the SMTP server finds the address malformed ({code}); correct it in the HR system"
        )
    return PersonUnavailableError(
        f"the SMTP server knows no such mailbox ({code}); check the person's address"
    )


def refused_letter(code: int) -> IntegrationError:
    """A server that does not want what the letter says, or not now."""
    if is_temporary(code) and code != -1:
        return RetryableError(f"the SMTP server answered DATA with {code}")
    if code >= 500:  # noqa: PLR2004 -- RFC 5321, section 4.2.1: permanent negative completion
        return InvalidError(f"the SMTP server refuses the letter ({code}); see its log")
    return AmbiguousError(f"the SMTP server answered a letter with {code}, which means nothing here")


def _subject_and_detail(reply: bytes) -> tuple[int, int]:
    """The last two numbers of an enhanced status code (RFC 3463), zeros where there is none."""
    found = _ENHANCED.match(reply)
    return (int(found[1]), int(found[2])) if found else (0, 0)
