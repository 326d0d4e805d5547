"""How long a request waits for a host: no longer for one of many addresses than for one of a single one.

The libraries try one address after the other, and give each of them all the time that a connection may take.
"""

import socket
import time
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_REMEMBERED_S: Final = 60.0
_counted: dict[str, tuple[float, int]] = {}


def shared(url: str, seconds: float) -> tuple[float, float, float]:
    """The seconds for one address, for an answer, and for both together, of these many in all."""
    return seconds / _addresses(urlsplit(url)), seconds, seconds


def _addresses(url: SplitResult) -> int:
    """How many addresses there are to connect to; counted once a minute, as it asks the network."""
    until, count = _counted.get(url.netloc, (0.0, 1))
    now = time.monotonic()
    if now >= until:
        count = _count(_asked(url))
        _counted[url.netloc] = (now + _REMEMBERED_S, count)
    return count


def _asked(url: SplitResult) -> tuple[str, int | None]:
    """The host and port a connection is made to: the proxy's that the environment names, if there is one."""
    host, proxies = url.hostname or "", getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if host in _HERE or not named or proxy_bypass(host):
        return host, url.port
    proxy = urlsplit(named)
    return proxy.hostname or host, proxy.port


def _count(asked: tuple[str, int | None]) -> int:
    try:
        found = socket.getaddrinfo(*asked, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Who connects will hear of it, and knows what it means.
        return 1
    return max(1, len(found))
