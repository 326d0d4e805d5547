"""HTTP on 127.0.0.1 as vendors speak it: JSON, kept connections, and the ways in which a call is lost."""

import json
import socket
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class Refused(Exception):  # noqa: N818 - an answer, not an error of ours
    """A request a vendor turns down, by the vendor's own code for it."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


class Loss(Enum):
    """How a call is lost on the way."""

    DROPPED_BEFORE = "closed before anything was done"
    DROPPED_AFTER = "closed after it was done"
    RESET_AFTER = "reset after it was done"
    BROKEN_AFTER = "a server's error after it was done"
    HANGS = "never answered"


@dataclass(frozen=True)
class Answer:
    """A refusal in a vendor's form, or any other text in its place."""

    status: int
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def body(self) -> str:
        """What is sent."""
        return self.text or json.dumps({"error": self.error()})

    def error(self) -> Mapping[str, Any]:
        """The error as the vendor puts it."""
        return {"code": self.code, "message": f"zoe@corp.example: {self.code}"}


Fault = Loss | Answer | None


class Wire(BaseHTTPRequestHandler, ABC):
    """A connection; `closing` is set when the server ends, `broken` is what BROKEN_AFTER answers."""

    closing: ClassVar[threading.Event]
    broken: ClassVar[Answer]
    context: ClassVar[ssl.SSLContext | None] = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        if self.context:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server calls
        """Says nothing."""

    def do_POST(self) -> None:
        """Reads the body and has the request served, whatever its verb."""
        self.serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_GET = do_PATCH = do_DELETE = do_PUT = do_POST  # noqa: N815 - the names http.server calls

    @abstractmethod
    def serve(self, body: bytes) -> None:
        """Serves one request."""

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
            self.answer(self.broken)
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
def served(handler: type[Wire], port: int = 0) -> Iterator[str]:
    """Runs a server until the end of the block, on a free port for 0; its URL."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is what clients do."""

    with Server(("127.0.0.1", port), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"{'https' if handler.context else 'http'}://127.0.0.1:{server.server_address[1]}"
        handler.closing.set()
        server.shutdown()
