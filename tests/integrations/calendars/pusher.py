"""How vendors push: later, again after a server's error, some twice and some never."""

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

_PATIENCE_S = 60.0
_PAUSE_S = 0.05


@dataclass(frozen=True)
class Push:
    """A request to a receiver."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    told: Any = None


class Pusher:
    """Sends pushes in the background until `closing`.

    `senders` send at the same time. `loses` says which are lost, `repeats` how often one is sent in excess,
    `tries` how often one is sent that a receiver answered with a server's error or not at all. `answers` are
    the statuses in order; 0 is none.
    """

    def __init__(self, closing: threading.Event) -> None:
        self.loses: Callable[[Push], bool] = lambda _: False
        self.repeats = 0
        self.senders = 1
        self.tries = 5
        self.sent: list[Push] = []
        self.answers: list[int] = []
        self._closing = closing
        self._waiting: queue.SimpleQueue[Push] = queue.SimpleQueue()
        self._under_way = 0
        self._done = threading.Condition()
        self._threads: list[threading.Thread] = []

    def push(self, push: Push) -> None:
        """Has a push sent soon; may be called while anything is locked."""
        with self._done:
            self._under_way += 1
            while len(self._threads) < self.senders:
                self._threads.append(threading.Thread(target=self._run, daemon=True))
                self._threads[-1].start()
        self._waiting.put(push)

    def settle(self, timeout_s: float = 120) -> None:
        """Waits until everything was sent or given up."""
        with self._done:
            if not self._done.wait_for(lambda: not self._under_way, timeout_s):
                raise TimeoutError(f"{self._under_way} pushes are still under way")

    def _run(self) -> None:
        with httpx.Client(trust_env=False, timeout=_PATIENCE_S) as client:
            while not self._closing.is_set():
                try:
                    push = self._waiting.get(timeout=0.2)
                except queue.Empty:
                    continue
                if not self.loses(push):
                    for _ in range(1 + self.repeats):
                        self._send(client, push)
                with self._done:
                    self._under_way -= 1
                    self._done.notify_all()

    def _send(self, client: httpx.Client, push: Push) -> None:
        for _ in range(self.tries):
            self.sent.append(push)
            try:
                status = client.post(push.url, headers=dict(push.headers), json=push.told).status_code
            except httpx.HTTPError:
                status = 0
            self.answers.append(status)
            if 0 < status < 500 or self._closing.wait(_PAUSE_S):
                return


def is_reachable(url: str) -> bool:
    """Whether a vendor would push there: https, or a receiver on this host."""
    return url.startswith(("https://", "http://127.0.0.1:"))
