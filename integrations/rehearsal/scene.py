"""The scene of a rehearsal: servers, the service's own worker and inbox, the sample company."""

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from icalendar import Calendar

from integrations.clock import ProgrammeClock
from integrations.hr.roster_csv import Roster, read_roster
from integrations.hr.signatures import STANDARD_WEBHOOKS, sign
from integrations.programme import Programme
from integrations.programme_file import load
from integrations.rehearsal.account import live_events
from integrations.rehearsal.children import Child, Children
from integrations.rehearsal.ports import LOOPBACK, free_port
from integrations.rehearsal.servers import (
    NAMESPACE,
    MailServer,
    RadicaleServer,
    TemporalServer,
    start_mail,
    start_postgres,
    start_radicale,
    start_temporal,
)
from integrations.rehearsal.vendors import CALDAV, Vendor, divided, start_vendor

COMPANY = Path(__file__).parent / "company"
DOMAIN = "atelier-nord.example"
ORGANIZER = f"mentoring@{DOMAIN}"
_READY_WITHIN_S = 60.0
_DAY_S = 86_400
_PROCESSES = {"lives": ("inbox", "workflows"), "letters": ("mail", "calendars")}
_HEAD_START = timedelta(seconds=4)
"""What the service takes to start; programme time stands before its first morning meanwhile."""


@dataclass(frozen=True)
class Play:
    """What is to be played: how many pairings, how fast (programme days a second), on which database.

    People's calendars are divided over the providers in `calendars`; the first holds the events.
    """

    pairings: int = 12
    days_a_second: float = 4.0
    postgres: bool = False
    seed: int = 1
    calendars: tuple[str, ...] = (CALDAV,)


@dataclass
class Scene:
    """Everything in place; `environment` is what the service's processes are started with."""

    folder: Path
    programme: Programme
    clock: ProgrammeClock
    temporal: TemporalServer
    calendars: RadicaleServer
    mail: MailServer
    database_url: str
    public_url: str
    environment: dict[str, str]
    hr_secret: str
    children: Children
    vendors: Mapping[str, Vendor] = field(default_factory=dict)
    held: Sequence[Calendar] | None = None
    service: list[Child] = field(default_factory=list)

    @property
    def sender(self) -> str:
        """Whom all letters come from."""
        return self.environment["MENTORING_SENDER_ADDRESS"]

    def begin(self, days_a_second: float) -> None:
        """Sets the clock to the programme's first morning and starts the service."""
        zone = ZoneInfo(self.programme.zone)
        morning = datetime.combine(self.programme.starts_on, time(8), zone).astimezone(UTC)
        at, rate = datetime.now(UTC) + _HEAD_START, days_a_second * _DAY_S
        self.clock = ProgrammeClock.starting(morning, at=at, rate=rate)
        self.environment["MENTORING_CLOCK"] = self.clock.model_dump_json()
        self.start_service()

    def start_service(self) -> None:
        """Starts the service in two processes, one a core; returns when its inbox answers and both work.

        One writes letters and calendars, the other tells the lives and answers people: in one process a burst
        of letters would keep people's pages waiting for the interpreter.
        """
        self.service = [self._start(name, roles) for name, roles in _PROCESSES.items()]
        self.service[0].wait_until(lambda: _is_healthy(self.public_url), _READY_WITHIN_S)

    def kill_service(self) -> None:
        """Ends the service the hard way (SIGKILL)."""
        for process in self.service:
            process.kill()

    def live_events(self, organizer: str) -> Sequence[Calendar]:
        """The organizer's events that are not cancelled, as the calendar server has them.

        A vendor is asked for them once the programme is over; what it said then is `held`.
        """
        return live_events(self.calendars.storage, organizer) if self.held is None else self.held

    def _start(self, name: str, roles: Sequence[str]) -> Child:
        argv = [sys.executable, str(_program()), "run", *(f"--role={role}" for role in roles)]
        log = self.folder / f"{name}.log"
        return self.children.start(f"the service ({name})", argv, env=dict(self.environment), log=log)

    def deliver(self, event: Mapping[str, object]) -> httpx.Response:
        """Delivers an HR event the way an HR system does: signed, over HTTP."""
        body = json.dumps({"source": "native", **event}).encode()
        headers = sign(STANDARD_WEBHOOKS, self.hr_secret, str(event["id"]), body, datetime.now(UTC))
        url = f"{self.public_url}/hr/native"
        return httpx.post(url, content=body, headers=headers, timeout=10, trust_env=False)


@contextmanager
def scene(folder: Path, play: Play, attributes: Mapping[str, str]) -> Iterator[Scene]:
    """Starts the servers in `folder` and stops them at the end; the service itself is started by hand."""
    programme = sample_programme(play.pairings)
    with ExitStack() as stack:
        children = stack.enter_context(Children())
        database_url = (
            stack.enter_context(start_postgres(folder / "postgres"))
            if play.postgres
            else f"sqlite:///{folder / 'mentoring.db'}"
        )
        temporal = start_temporal(children, folder / "temporal", attributes)
        calendars = start_radicale(children, folder / "radicale")
        mail = start_mail(children, folder / "mail")
        zones = _zones(play.calendars)
        vendors = {
            provider: start_vendor(children, provider, folder / provider, zones[provider], mail)
            for provider in play.calendars
            if provider != CALDAV
        }
        public_url = f"http://{LOOPBACK}:{free_port()}"
        secret = "whsec_" + secrets.token_urlsafe(32).replace("-", "A").replace("_", "B")[:40]
        yield Scene(
            folder=folder,
            programme=programme,
            clock=ProgrammeClock(),
            temporal=temporal,
            calendars=calendars,
            mail=mail,
            database_url=database_url,
            public_url=public_url,
            environment={
                **_environment(temporal, calendars, mail, database_url, public_url, secret),
                "MENTORING_CALENDAR_PROVIDER": play.calendars[0],
                **{name: value for one in vendors.values() for name, value in one.environment.items()},
            },
            hr_secret=secret,
            children=children,
            vendors=vendors,
        )


def sample_programme(pairings: int) -> Programme:
    """The sample programme with as many managers invited as there are to be pairings."""
    programme = load(COMPANY / "programme.toml")
    return programme.model_copy(
        update={"mentees": programme.mentees.model_copy(update={"max_count": pairings})}
    )


def sample_roster(providers: Sequence[str]) -> Roster:
    """The sample company, its calendars divided over these providers."""
    return divided(read_roster(COMPANY / "roster.csv"), providers)


def _zones(providers: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Whom each provider has an account for, and in which zone: its people, and the programme's account.

    That asks each provider for its own people's free hours.
    """
    zones: dict[str, dict[str, str]] = {name: {ORGANIZER: "UTC"} for name in providers}
    for facts in sample_roster(providers).facts:
        if facts.calendar_provider in zones and facts.work_address:
            zones[facts.calendar_provider][facts.work_address] = facts.zone or "UTC"
    return zones


def provision(calendars: RadicaleServer, addresses: Sequence[str], organizer: str) -> None:
    """Gives these people and the organizer a calendar at the calendar server, and lets the people in."""
    calendars.admit(addresses)
    with httpx.Client(auth=(calendars.user, calendars.password), trust_env=False) as client:
        for address in (*addresses, organizer):
            _make(client, "MKCOL", f"{calendars.url}{address}/")
            _make(client, "MKCALENDAR", f"{calendars.url}{address}/calendar/")


def _make(client: httpx.Client, method: str, url: str) -> None:
    """Makes a collection; Radicale answers 405 or 409 where it is there already."""
    answer = client.request(method, url)
    if answer.status_code not in {httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.CONFLICT}:
        answer.raise_for_status()


def _environment(  # noqa: PLR0913, PLR0917 - a service has that many neighbours
    temporal: TemporalServer,
    calendars: RadicaleServer,
    mail: MailServer,
    database_url: str,
    public_url: str,
    secret: str,
) -> dict[str, str]:
    ours = {
        "DATABASE_URL": database_url,
        "PUBLIC_URL": public_url,
        "INBOX_HOST": LOOPBACK,
        "INBOX_PORT": public_url.rpartition(":")[2],
        "HR_SECRETS": json.dumps([secret]),
        "LINK_KEYS": json.dumps([secrets.token_urlsafe(32)]),
        "SENDER_ADDRESS": ORGANIZER,
        "SENDER_NAME": "Digital mentoring",
        "SMTP_HOST": mail.host,
        "SMTP_PORT": str(mail.port),
        "CALDAV_URL": f"{calendars.url}{{address}}/calendar/",
        "CALDAV_USER": calendars.user,
        "CALDAV_PASSWORD": calendars.password,
        "CONFERENCE_URL": f"https://meet.{DOMAIN}/{{code}}",
        "MAIL_SLOTS": "32",
        "CALENDAR_SLOTS": "12",
    }
    return {
        **{f"MENTORING_{name}": value for name, value in ours.items()},
        "TEMPORAL_ADDRESS": temporal.address,
        "TEMPORAL_NAMESPACE": NAMESPACE,
        "OPENBLAS_NUM_THREADS": "1",
    }


def _program() -> Path:
    return Path(__file__).parents[2] / "worker.py"


def _is_healthy(public_url: str) -> bool:
    try:
        return httpx.get(f"{public_url}/health", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def use(environment: Mapping[str, str]) -> None:
    """Makes this process see what the service's own processes see."""
    os.environ.update(environment)
