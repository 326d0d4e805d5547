"""SendGrid's POST /v3/mail/send in a thread: as strict about a request as the documented one."""

import base64
import binascii
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "SG.test.key"

_PROPERTIES: dict[str, set[str]] = {
    "": {
        *("personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments"),
        *(
            "template_id",
            "headers",
            "categories",
            "custom_args",
            "send_at",
            "batch_id",
            "asm",
            "ip_pool_name",
        ),
        *("mail_settings", "tracking_settings"),
    },
    "personalization": {
        *("from", "to", "cc", "bcc", "subject", "headers", "substitutions", "dynamic_template_data"),
        *("custom_args", "send_at"),
    },
    "address": {"email", "name"},
    "content": {"type", "value"},
    "attachment": {"content", "type", "filename", "disposition", "content_id"},
    "tracking": {"click_tracking", "open_tracking", "subscription_tracking", "ganalytics"},
    "click_tracking": {"enable", "enable_text"},
    "open_tracking": {"enable", "substitution_tag"},
    "subscription_tracking": {"enable", "text", "html", "substitution_tag"},
    "ganalytics": {
        *("enable", "utm_source", "utm_medium", "utm_term", "utm_content", "utm_campaign"),
    },
}
_RESERVED_HEADERS = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
    *("to", "from", "subject", "reply-to", "cc", "bcc"),
}
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+|text/calendar; method=[A-Z]+")
_PLAIN_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class Objections(list[tuple[str, str]]):
    """What is wrong with a request, by field."""

    def known(self, where: str, value: Any, kind: str) -> bool:
        if not isinstance(value, dict):
            self.append((where, "expected an object"))
            return False
        self.extend(
            (f"{where}.{name}".strip("."), "unknown property") for name in value.keys() - _PROPERTIES[kind]
        )
        return True

    def address(self, where: str, value: Any) -> None:
        if not self.known(where, value, "address"):
            return
        if not _ADDRESS.fullmatch(str(value.get("email", ""))):
            self.append((f"{where}.email", "Does not contain a valid address."))
        if set(",;") & set(value.get("name", "")):
            self.append((f"{where}.name", "may not contain , or ;"))

    def personalization(self, where: str, value: Any) -> None:
        if not self.known(where, value, "personalization"):
            return
        if not value.get("to"):
            self.append((f"{where}.to", "is required"))
        for index, address in enumerate(value.get("to", ())):
            self.address(f"{where}.to.{index}", address)
        arguments = value.get("custom_args", {})
        if any(not isinstance(argument, str) for argument in arguments.values()):
            self.append((f"{where}.custom_args", "values must be strings"))

    def contents(self, parts: Any) -> None:
        order = {"text/plain": 0, "text/html": 1}
        kinds = [part.get("type", "") for part in parts if self.known("content", part, "content")]
        if [order.get(kind, 2) for kind in kinds] != sorted(order.get(kind, 2) for kind in kinds):
            self.append(("content", "text/plain must be first, followed by text/html"))
        if not kinds or len(set(kinds)) != len(kinds):
            self.append(("content", "each type once, at least one"))
        for index, part in enumerate(parts):
            if not _CONTENT_TYPE.fullmatch(part.get("type", "")):
                self.append(
                    (f"content.{index}.type", "The content type cannot contain ';', or CRLF characters.")
                )
            if not part.get("value"):
                self.append((f"content.{index}.value", "must be a string at least one character in length"))

    def attachment(self, where: str, value: Any) -> None:
        if not self.known(where, value, "attachment"):
            return
        try:
            empty = not base64.b64decode(value["content"], validate=True)
        except (KeyError, binascii.Error):
            empty = True
        if empty or not value.get("filename"):
            self.append((where, "needs a filename and content in Base64"))
        if not _PLAIN_TYPE.fullmatch(value.get("type", "text/plain")):
            self.append((f"{where}.type", "The attachment type cannot contain ';', or CRLF characters."))
        if value.get("disposition", "attachment") not in {"inline", "attachment"}:
            self.append((f"{where}.disposition", "inline or attachment"))

    def headers(self, headers: Any) -> None:
        for name, value in headers.items():
            if name.lower() in _RESERVED_HEADERS or not isinstance(value, str) or not value.isascii():
                self.append((f"headers.{name}", "reserved, or no ASCII string"))


def objections(body: Any) -> Objections:
    """Everything Mail Send would answer 400 for."""
    found = Objections()
    if not found.known("", body, ""):
        return found
    for name in {"personalizations", "from", "subject", "content"} - body.keys():
        found.append((name, "is required"))
    for index, personalization in enumerate(body.get("personalizations", ())):
        found.personalization(f"personalizations.{index}", personalization)
    found.address("from", body.get("from"))
    if "reply_to" in body:
        found.address("reply_to", body["reply_to"])
    if not body.get("subject"):
        found.append(("subject", "must be at least one character in length"))
    found.contents(body.get("content", ()))
    for index, attachment in enumerate(body.get("attachments", ())):
        found.attachment(f"attachments.{index}", attachment)
    found.headers(body.get("headers", {}))
    for name, setting in body.get("tracking_settings", {}).items():
        found.known("tracking_settings", {name: setting}, "tracking")
        if name in _PROPERTIES:
            found.known(f"tracking_settings.{name}", setting, name)
    return found


@dataclass(frozen=True)
class Answer:
    """An answer to give instead of the right one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class SendGridServer(ThreadingHTTPServer):
    """Takes letters, unless told what to answer instead."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.letters: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.answer: Answer | None = None
        self.scopes = ["mail.send", "mail.batch.create"]
        self.drops = False
        self.hangs = False
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: SendGridServer

    def do_POST(self) -> None:
        self.server.requests.append(f"POST {self.path}")
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.hangs:
            self.server.released.wait(20)
        if self.server.drops or self.server.hangs:
            self.close_connection = True
            return
        self._answer(self.server.answer or self._judge(raw))

    def do_GET(self) -> None:
        self.server.requests.append(f"GET {self.path} {self.headers.get('Authorization', '')}")
        if self.path != "/v3/scopes":
            self._answer(Answer(200))
        elif self.headers["Authorization"] != f"Bearer {KEY}":
            self._answer(_errors(401, [("", "authorization required")]))
        else:
            body = json.dumps({"scopes": self.server.scopes}).encode()
            self._answer(self.server.answer or Answer(200, {"Content-Type": "application/json"}, body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""

    def _judge(self, raw: bytes) -> Answer:
        if self.path != "/v3/mail/send":
            return Answer(404)
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return _errors(401, [("", "The provided authorization grant is invalid, expired, or revoked")])
        if self.headers["Content-Type"] != "application/json":
            return Answer(415)
        body = json.loads(raw)
        if found := objections(body):
            return _errors(400, found)
        self.server.letters.append(body)
        return Answer(202, {"X-Message-Id": f"sg-{len(self.server.letters)}"})

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


def _errors(status: int, found: list[tuple[str, str]]) -> Answer:
    errors = [{"message": message, "field": name or None, "help": None} for name, message in found]
    return Answer(status, body=json.dumps({"errors": errors}).encode())
