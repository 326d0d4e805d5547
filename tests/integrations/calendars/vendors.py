"""Google and Microsoft 365 as programs of their own.

`python -m tests.integrations.calendars.vendors google --accounts FILE --state FILE --smtp … --maildir …`.
ACCOUNTS is JSON, an IANA zone by address. STATE is written when the program is ready, with keys and
certificates beside it: JSON that says how to reach it. It sends invitations to who is not there through the
mail server, and reads those that come for who is in the Maildirs. SIGTERM and SIGINT end it.
"""

import argparse
import json
import secrets
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from integrations.rehearsal.invitations import Inbox, Invitation, Outbox
from integrations.rehearsal.vendors import Vendor
from tests.integrations.calendars.google_server import google_server
from tests.integrations.calendars.google_token import service_account_info
from tests.integrations.calendars.graph_entra import CLIENT, TENANT, certificate
from tests.integrations.calendars.graph_server import graph_server
from tests.integrations.calendars.tls import authority

_GLANCE_S = 0.03
_WINDOWS = {olson: windows for windows, olson in WINDOWS_TO_OLSON.items()}


class Attendant:
    """Lets a vendor read the invitations in its people's mailboxes as they come; a thread does it."""

    def __init__(
        self, inbox: Inbox, receive: Callable[[str, Invitation], None], lock: threading.RLock
    ) -> None:
        self._inbox = inbox
        self._receive = receive
        self._lock = lock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._ended.wait(_GLANCE_S):
            for to, invitation in self._inbox.new():
                with self._lock:
                    self._receive(to, invitation)


@contextmanager
def google(
    folder: Path, zones: Mapping[str, str], outbox: Outbox, inbox: Inbox, port: int
) -> Iterator[Vendor]:
    """A Google with an account for everybody, and the service account's key in the folder."""
    with google_server(port=port) as server:
        server.people.send = outbox.put
        for address, zone in zones.items():
            server.join(address, zone=zone)
        tokens = _refresh_tokens(zones)
        server.tokens.people.update({token: address for address, token in tokens.items()})
        key_file = folder / "google-key.json"
        key_file.write_text(json.dumps(service_account_info(server.token_uri)))
        settings = {"KEY_FILE": str(key_file), "URL": server.api_endpoint}
        with Attendant(inbox, server.people.receive, server.lock):
            yield Vendor(
                provider="google",
                url=server.api_endpoint,
                token_url=server.token_uri,
                people=tokens,
                environment={f"MENTORING_GOOGLE_{name}": value for name, value in settings.items()},
            )


@contextmanager
def microsoft(
    folder: Path, zones: Mapping[str, str], outbox: Outbox, inbox: Inbox, port: int
) -> Iterator[Vendor]:
    """A tenant with a mailbox for everybody; the app's certificate and its authority's are in the folder.

    It serves https alone: msal refuses an authority that does not.
    """
    trusted, context = authority(folder, "127.0.0.1")
    with graph_server(context, port) as server:
        server.entra.authority = server.entra.resource = server.url
        server.store.keeps_answers = False
        server.people.send = outbox.put
        for address, zone in zones.items():
            server.join(address, zone=zone, windows=_WINDOWS.get(zone, zone))
        tokens = _refresh_tokens(zones)
        server.entra.people.update({token: address for address, token in tokens.items()})
        settings = {
            "TENANT": TENANT,
            "CLIENT_ID": CLIENT,
            "CERTIFICATE": str(certificate(folder)),
            "URL": server.graph_url,
            "AUTHORITY": server.url,
        }
        environment = {f"MENTORING_MICROSOFT_{name}": value for name, value in settings.items()}
        with Attendant(inbox, server.people.receive, server.lock):
            yield Vendor(
                provider="microsoft",
                url=server.graph_url,
                token_url=f"{server.url}/{TENANT}/oauth2/v2.0/token",
                people=tokens,
                environment={**environment, "REQUESTS_CA_BUNDLE": str(trusted)},
                ca_file=trusted,
            )


def main() -> None:
    """Reads the command line and serves until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vendor", choices=["google", "microsoft"])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--accounts", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--smtp", required=True)
    parser.add_argument("--maildir", type=Path, required=True)
    told = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    zones: dict[str, str] = json.loads(told.accounts.read_text())
    host, _, mail_port = told.smtp.rpartition(":")
    vendor = {"google": google, "microsoft": microsoft}[told.vendor]
    with ExitStack() as stack:
        outbox, inbox = Outbox(host, int(mail_port)), Inbox(told.maildir, zones)
        running = stack.enter_context(vendor(told.state.parent, zones, outbox, inbox, told.port))
        draft = told.state.with_suffix(".draft")
        draft.write_text(running.model_dump_json())
        draft.replace(told.state)
        ended.wait()


def _refresh_tokens(zones: Mapping[str, str]) -> dict[str, str]:
    return {address: secrets.token_urlsafe(24) for address in zones}


if __name__ == "__main__":
    main()
