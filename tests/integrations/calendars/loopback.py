"""Bad networks on 127.0.0.1: a proxy that loses answers, and a server that says what it is told to."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum


class Loss(Enum):
    """Where a call is lost."""

    REQUEST = "before the server sees it"
    ANSWER = "after the server has done it"


@contextmanager
def unheard() -> Iterator[int]:
    """A port that is taken, but where nobody listens: who connects is refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@contextmanager
def unreachable() -> Iterator[int]:
    """A port that answers nobody who connects: its queue is full and stays so."""
    with socket.socket() as listening, ExitStack() as waiting:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listening.getsockname())
        yield int(listening.getsockname()[1])


class LossyProxy:
    """Passes HTTP/1.0 calls on, keeps their methods, and loses the one it is told to.

    `fault` is asked before each other call whether that is to be lost, too. `carried` is what becomes of an
    answer on its way; it may be called by several threads at once.
    """

    def __init__(self, url: str) -> None:
        self.url = ""
        self.fault: Callable[[], Loss | None] = lambda: None
        self.carried: Callable[[bytes], bytes] = lambda answer: answer
        self.methods: list[str] = []
        self._counting = threading.Lock()
        self._target = ("127.0.0.1", int(url.rpartition(":")[2]))
        self._lose: dict[int, Loss] = {}
        self._before: dict[int, Callable[[], object]] = {}

    def lose(self, nth: int, loss: Loss) -> None:
        """Loses the nth call from now on, counted from 1."""
        self._lose[len(self.methods) + nth] = loss

    def before(self, nth: int, act: Callable[[], object]) -> None:
        """Does something just before the nth call from now on is passed on."""
        self._before[len(self.methods) + nth] = act

    def handle(self, client: socket.socket) -> None:
        """Passes one call on, or loses it."""
        request = _whole_request(client)
        if not request:
            return
        with self._counting:
            self.methods.append(request.split(b" ", 1)[0].decode())
            number = len(self.methods)
        self._before.pop(number, lambda: None)()
        loss = self._lose.pop(number, None) or self.fault()
        if loss is Loss.REQUEST:
            return
        with socket.create_connection(self._target, timeout=60) as server:
            server.sendall(request)
            answer = b"".join(iter(lambda: server.recv(65536), b""))
        if loss is None:
            client.sendall(self.carried(answer))


class ScriptedServer:
    """Answers every call with the same bytes, or, told nothing, with silence until it is closed."""

    def __init__(self, answer: bytes | None) -> None:
        self.url = ""
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._answer = answer

    def handle(self, client: socket.socket) -> None:
        """Answers one call."""
        request = _whole_request(client)
        if not request:
            return
        self.requests.append(request)
        if self._answer is None:
            self.closing.wait(20)
        else:
            client.sendall(self._answer)


@contextmanager
def lossy(url: str) -> Iterator[LossyProxy]:
    """A lossy proxy before the server at `url`."""
    proxy = LossyProxy(url)
    with _served(proxy):
        yield proxy


@contextmanager
def scripted(status: str | None, headers: str = "", body: str = "") -> Iterator[ScriptedServer]:
    """A server that answers `status` to everything; None: that never answers."""
    answer = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}"
    server = ScriptedServer(answer.encode() if status else None)
    with _served(server):
        yield server
        server.closing.set()


@contextmanager
def _served(application: LossyProxy | ScriptedServer) -> Iterator[None]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            application.handle(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        application.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield
        server.shutdown()


def _whole_request(client: socket.socket) -> bytes:
    """Reads one request, its body included; empty where the client sent none."""
    client.settimeout(60)
    read = b""
    while b"\r\n\r\n" not in read:
        part = client.recv(65536)
        if not part:
            return b""
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while len(body) < (lengths[0] if lengths else 0):
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body
