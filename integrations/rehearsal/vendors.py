"""Google and Microsoft 365 as a rehearsal has them: stand-ins on loopback, and who has which calendar.

The stand-ins are part of the source tree's tests, which are not installed with the service.
"""

import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from integrations.errors import MisconfiguredError
from integrations.hr.roster_csv import Roster
from integrations.rehearsal.children import Children
from integrations.rehearsal.servers import READY_WITHIN_S, MailServer

CALDAV: Final = "caldav"
TITLES: Final[Mapping[str, str]] = {CALDAV: "Radicale", "google": "Google", "microsoft": "Microsoft 365"}
"""What each provider's calendars are at in a rehearsal."""

_SOURCES = Path(__file__).parents[2]
_PROGRAM = "tests.integrations.calendars.vendors"


class Vendor(BaseModel):
    """A stand-in that runs: where it is, how people sign in, and what the service is told to reach it.

    `people` has a refresh token for everybody with an account; `ca_file` is whom to trust for TLS.
    """

    model_config = ConfigDict(frozen=True)

    provider: str
    url: str
    token_url: str
    people: Mapping[str, str]
    environment: Mapping[str, str]
    ca_file: Path | None = None


def chosen(text: str) -> tuple[str, ...]:
    """The providers a comma-separated list names, each once; the first holds the events.

    Raises MisconfiguredError for one that is unknown, or whose stand-in is not there.
    """
    providers = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in providers if name not in TITLES]:
        raise MisconfiguredError(f"--calendars knows {', '.join(TITLES)}, not {unknown[0] or 'nothing'}")
    if set(providers) != {CALDAV} and not (_SOURCES / f"{_PROGRAM.replace('.', '/')}.py").exists():
        raise MisconfiguredError(
            "--calendars google,microsoft needs the stand-ins among the tests; rehearse from the source tree"
        )
    return providers


def divided(roster: Roster, providers: Sequence[str]) -> Roster:
    """The roster with its calendars divided over the providers, by a checksum of each address.

    Who has no calendar at all still has none.
    """
    facts = tuple(
        one.model_copy(update={"calendar_provider": _share(one.work_address or "", providers)})
        if one.calendar_provider == CALDAV
        else one
        for one in roster.facts
    )
    return Roster(facts, roster.quarantined, roster.named)


def start_vendor(
    children: Children, provider: str, folder: Path, zones: Mapping[str, str], mail: MailServer
) -> Vendor:
    """Starts a stand-in with accounts; returns when it is up. `zones` has an IANA name by address.

    Invitations and answers between calendars of different vendors go through the mail server.
    """
    folder.mkdir(parents=True, exist_ok=True)
    accounts, state = folder / "accounts.json", folder / "state.json"
    accounts.write_text(json.dumps(dict(zones)))
    state.unlink(missing_ok=True)
    argv = [sys.executable, "-m", _PROGRAM, provider, "--accounts", str(accounts), "--state", str(state)]
    argv += ["--smtp", f"{mail.host}:{mail.port}", "--maildir", str(mail.folder)]
    environment = {"PYTHONPATH": str(_SOURCES)}
    child = children.start(TITLES[provider], argv, env=environment, log=folder / f"{provider}.log")
    child.wait_until(state.exists, READY_WITHIN_S)
    return Vendor.model_validate_json(state.read_text())


def _share(address: str, providers: Sequence[str]) -> str:
    return providers[zlib.crc32(address.encode()) % len(providers)]
