"""Mail by SendGrid (v3 Mail Send), one recipient a call."""

import base64
import json
import logging
import re
import time
from datetime import timedelta
from email.message import Message as Headers
from http.client import HTTPException
from ssl import SSLCertVerificationError
from typing import IO, Any, NoReturn
from urllib.error import HTTPError as UnfollowedError
from urllib.error import URLError
from urllib.request import BaseHandler, HTTPRedirectHandler, OpenerDirector, Request

import python_http_client  # type: ignore[import-untyped]
from python_http_client.exceptions import HTTPError  # type: ignore[import-untyped]
from sendgrid import SendGridAPIClient  # type: ignore[import-untyped]

from integrations.errors import (
    AmbiguousError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    RetryableError,
)
from integrations.mail.headers import added_headers, display_name, mail_address, message_id, subject_line
from integrations.mail.mail import Mailer, Message
from integrations.mail.mime import calendar_method

KEY_ARGUMENT = "mentoring_key"
"""The custom argument under which the event webhook brings a letter's key back."""

_ACCEPTED = 202
_SCOPE = "mail.send"
_BASE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]-]{1,80}")
_UNTRACKED = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


class SendGrid(Mailer):
    """Hands letters to SendGrid. Safe for many threads.

    SendGrid knows no idempotency key: after AmbiguousError only its event webhook tells, by the custom
    argument `mentoring_key`. `timeout_s` bounds each wait for the network, in seconds.
    """

    def __init__(
        self,
        api_key: str,
        *,
        sender_address: str,
        sender_name: str,
        base_url: str = "https://api.sendgrid.com",
        timeout_s: float = 20,
    ) -> None:
        if not (api_key.isascii() and api_key.isprintable() and api_key.strip()):
            raise MisconfiguredError("the SendGrid API key is empty or malformed; set MENTORING_SENDGRID_KEY")
        if not _BASE_URL.fullmatch(base_url):
            raise MisconfiguredError("the SendGrid base URL must be like https://api.sendgrid.com")
        # At DEBUG the library writes the API key and the whole letter into the log.
        for name in ("python_http_client", "python_http_client.client"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._sender_address, self._sender_name = sender_address, sender_name
        api = SendGridAPIClient(api_key, host=base_url.rstrip("/"))
        # Set once, and never `set_sendgrid_data_residency`: it builds a client anew, without a timeout.
        self._client = _Client(
            host=api.host, request_headers=api.client.request_headers, version=3, timeout=timeout_s
        )

    def send(self, message: Message, key: str) -> str:
        """Sends the message and returns SendGrid's message id."""
        body = self._body(message, key)
        try:
            response = self._client.mail.send.post(request_body=body)
        except HTTPError as error:
            raise _refused(error.status_code, error.headers, error.body) from error
        except (OSError, HTTPException) as error:
            _lost(error)
        if response.status_code != _ACCEPTED:
            raise MisconfiguredError(
                f"SendGrid answered {response.status_code} instead of 202; check the base URL, proxies "
                "on the way and that sandbox mode is off"
            )
        return str(response.headers.get("X-Message-Id", ""))

    def check(self) -> None:
        """Asks for the API key's scopes, which must have `mail.send` among them."""
        try:
            told = json.loads(self._client.scopes.get().body)
            scopes = told["scopes"]
        except HTTPError as error:
            refused = _refused(error.status_code, error.headers, error.body)
            if isinstance(refused, AmbiguousError):
                raise RetryableError(f"SendGrid failed with {error.status_code}") from error
            raise refused from error
        except (OSError, HTTPException) as error:
            raise RetryableError(f"SendGrid did not answer: {type(error).__name__}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise MisconfiguredError(f"{self._client.host} does not answer as SendGrid does") from error
        if _SCOPE not in scopes:
            raise MisconfiguredError(f"the SendGrid API key lacks the scope {_SCOPE}")

    def _body(self, message: Message, key: str) -> dict[str, Any]:
        """The request as Mail Send documents it; an unknown property would be answered with 400."""
        sender = mail_address(self._sender_address)
        headers = {"Message-ID": message_id(key, sender), **added_headers(message.headers)}
        body: dict[str, Any] = {
            "personalizations": [
                {
                    "to": [_mailbox(message.to_address, message.to_name)],
                    # Here an object of strings; at the top level Twilio documents one string.
                    "custom_args": {KEY_ARGUMENT: key},
                }
            ],
            "from": _mailbox(sender, self._sender_name),
            "subject": subject_line(message.subject),
            "content": _content(message),
            "headers": headers,
            "tracking_settings": _UNTRACKED,
        }
        if message.reply_to:
            body["reply_to"] = {"email": mail_address(message.reply_to)}
        if attachments := _attachments(message):
            body["attachments"] = attachments
        return body


class _NoRedirect(BaseHandler):
    """Stops at a redirect: urllib would follow a POST with a GET, API key included, and report its 200."""

    handler_order = HTTPRedirectHandler.handler_order - 1

    def http_error_302(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Headers) -> NoReturn:
        raise UnfollowedError(req.full_url, code, msg, headers, fp)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Client(python_http_client.Client):  # type: ignore[misc]  # the library has no types
    """SendGrid's own HTTP client, without redirects."""

    def _build_client(self, name: str | None = None) -> "_Client":
        return _Client(
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            append_slash=self.append_slash,
            timeout=self.timeout,
        )

    def _make_request(self, opener: OpenerDirector, request: Request, timeout: float | None = None) -> object:
        opener.add_handler(_NoRedirect())
        return super()._make_request(opener, request, timeout=timeout)


def _mailbox(address: str, name: str) -> dict[str, str]:
    clean = display_name(name)
    return {"email": mail_address(address), **({"name": clean} if clean else {})}


def _content(message: Message) -> list[dict[str, str]]:
    """Text first, then HTML, then the calendar: any other order is answered with 400."""
    if not message.text.strip():
        raise InvalidError("the letter has no plain text; give its template one")
    parts = [{"type": "text/plain", "value": message.text}]
    if message.html:
        parts.append({"type": "text/html", "value": message.html})
    if message.calendar:
        # The one parameter Mail Send lets pass; with `charset` it answers 400 (sendgrid-ruby issue 298).
        parts.append({"type": f"text/calendar; method={calendar_method(message)}", "value": message.calendar})
    return parts


def _attachments(message: Message) -> list[dict[str, str]]:
    """The files in Base64; a `;` in their type is answered with 400."""
    files = [(a.filename, a.content_type.partition(";")[0], a.content) for a in message.attachments]
    if message.calendar:
        files.insert(0, ("invite.ics", "application/ics", message.calendar.encode()))
    return [
        {
            "filename": filename,
            "type": kind,
            "content": base64.b64encode(content).decode(),
            "disposition": "attachment",
        }
        for filename, kind, content in files
    ]


def _refused(status: int, headers: Headers, body: bytes) -> IntegrationError:
    """Translates an answer that is not 2xx."""
    if status == 429:  # noqa: PLR2004
        return RetryableError("SendGrid is asked too often (429)", after=_until_reset(headers))
    if status >= 500:  # noqa: PLR2004
        return AmbiguousError(f"SendGrid failed with {status} after it had read a letter")
    if status in {401, 403}:
        return MisconfiguredError(
            f"SendGrid answered {status}; check the API key, its Mail Send scope, the credits and the sender"
        )
    if status < 400 or status in {404, 405}:  # noqa: PLR2004
        return MisconfiguredError(f"SendGrid answered {status}; check the base URL")
    if status == 408:  # noqa: PLR2004
        return RetryableError("SendGrid gave up waiting for a letter (408)")
    return InvalidError(f"SendGrid refuses the letter ({status}): {_fields(body)}")


def _until_reset(headers: Headers) -> timedelta | None:
    """The wait until `X-RateLimit-Reset` (seconds since 1970), at least a second, or None without it."""
    reset = str(headers.get("X-RateLimit-Reset", ""))
    return timedelta(seconds=max(1.0, int(reset) - time.time())) if reset.isdecimal() else None


def _fields(body: bytes) -> str:
    """The names of the fields SendGrid objects to; its sentences may quote an address."""
    try:
        errors = json.loads(body)["errors"]
        fields = [str(error.get("field")) for error in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "no field named"
    return ", ".join(field for field in fields if _FIELD.fullmatch(field)) or "no field named"


def _lost(error: OSError | HTTPException) -> NoReturn:
    """Translates a call without an answer.

    urllib wraps in URLError what stopped it before the whole request was out, and only that: SendGrid
    cannot have acted on half a request.
    """
    if not isinstance(error, URLError):
        raise AmbiguousError("SendGrid was lost before it answered for a letter") from error
    if isinstance(error.reason, SSLCertVerificationError):
        raise MisconfiguredError("SendGrid's certificate does not verify; check the base URL") from error
    raise RetryableError(f"SendGrid was not reached: {type(error.reason).__name__}") from error
