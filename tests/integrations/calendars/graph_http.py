"""HTTP on 127.0.0.1 as Microsoft's services speak it, and the ways in which a call is lost."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integrations.calendars.graph_facts import Refused


class Loss(Enum):
    """How a call is lost on the way."""

    DROPPED_BEFORE = "closed before anything was done"
    DROPPED_AFTER = "closed after it was done"
    RESET_AFTER = "reset after it was done"
    BROKEN_AFTER = "502 after it was done"
    HANGS = "never answered"


@dataclass(frozen=True)
class Answer:
    """A refusal in Graph's form, or any other text in its place."""

    status: int
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def body(self) -> str:
        """What is sent."""
        error = {"code": self.code, "message": f"zoe@corp.example: {self.code}"}
        return self.text or json.dumps({"error": error})


Fault = Loss | Answer | None


class Wire(BaseHTTPRequestHandler):
    """A connection; `closing` is set when the server ends."""

    closing: threading.Event
    context: ssl.SSLContext | None = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        if self.context:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server calls
        """Says nothing."""

    def befallen(self, fault: Fault, act: Callable[[], Any]) -> bool:
        """Lets a fault befall the call; whether one did."""
        match fault:
            case None:
                return False
            case Answer():
                self.answer(fault)
                return True
            case Loss.DROPPED_BEFORE:
                self._close()
                return True
            case Loss.HANGS:
                self.closing.wait(20)
                self._close()
                return True
        try:
            act()
        except Refused:
            self._close()
            return True
        if fault is Loss.BROKEN_AFTER:
            self.answer(Answer(502, "BadGateway"))
        else:
            self._close(reset=fault is Loss.RESET_AFTER)
        return True

    def _close(self, *, reset: bool = False) -> None:
        """Ends the connection without an answer."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, answer: Answer) -> None:
        """Sends a refusal."""
        self.send(answer.status, answer.body, answer.headers)

    def send(self, status: int, body: str, headers: Mapping[str, str] | None = None) -> None:
        """Sends an answer."""
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(content)


@contextmanager
def served(handler: type[Wire], closing: threading.Event) -> Iterator[str]:
    """Runs a server until the end of the block; its URL."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is what clients do."""

    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"{'https' if handler.context else 'http'}://127.0.0.1:{server.server_address[1]}"
        closing.set()
        server.shutdown()
