"""How the time for a request is shared between the addresses of the host it is made to."""

import socket
from typing import Any

import pytest

from integrations.calendars import patience

PROXY = "http://proxy.example:3128"


class Names:
    """A name server that knows how many addresses each host has, and what it was asked."""

    def __init__(self, **counts: int) -> None:
        self.counts = counts
        self.asked: list[tuple[str, int | None]] = []

    def getaddrinfo(self, host: str, port: int | None, **_: Any) -> list[object]:
        self.asked.append((host, port))
        if host not in self.counts:
            raise socket.gaierror(socket.EAI_NONAME, "no such host")
        return [object()] * self.counts[host]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names(**{"api.example": 4, "proxy.example": 2, "localhost": 2, "nowhere.example": 0})
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    monkeypatch.setattr(patience, "_counted", {})
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return made


@pytest.mark.parametrize(
    ("url", "each_s"),
    [
        ("https://api.example/path", 5),
        ("http://localhost:5232/path", 10),
        ("https://unknown.example/", 20),
        ("https://nowhere.example/", 20),
    ],
)
@pytest.mark.usefixtures("names")
def test_each_address_gets_its_share_and_the_answer_what_is_left(url: str, each_s: float) -> None:
    assert patience.shared(url, 20) == (each_s, 20, 20)


@pytest.mark.parametrize("name", ["https_proxy", "all_proxy"])
def test_behind_a_proxy_it_is_the_proxy_that_is_connected_to(
    names: Names, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, PROXY)
    monkeypatch.setenv("no_proxy", "other.example")
    assert patience.shared("https://api.example/", 20)[0] == 10
    patience.shared("https://localhost:1/", 20)
    patience.shared("https://other.example:8443/", 20)
    assert names.asked == [("proxy.example", 3128), ("localhost", 1), ("other.example", 8443)]


def test_addresses_are_counted_once_a_minute(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("integrations.calendars.patience.time.monotonic", lambda: now[0])
    for _ in range(2):
        assert patience.shared("https://api.example/a", 20)[0] == 5
        assert patience.shared("https://api.example/b", 8)[0] == 2
    names.counts["api.example"] = 1
    now[0] += 60
    assert patience.shared("https://api.example/", 20)[0] == 20
    assert names.asked == [("api.example", None)] * 2
