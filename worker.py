"""The composition root: settings, integrations, acts and lives put together, and the commands to run them."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from starlette.applications import Starlette
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.runtime import LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.appointments import Appointments
from activities.archive import Archive
from activities.cohorts import Cohorts
from activities.events import Events, conference_link
from activities.hours import Hours
from activities.imip import AnswerBox, MailInvitations
from activities.letters.rendering import preview
from activities.match_files import cohort_of, matched_rows, names_of, write_rows
from activities.matchmaking import Matchmaking
from activities.notices import CalendarNotices
from activities.office.calls import Calls
from activities.office.facts import FactsReader
from activities.office.matters import Matters
from activities.office.posting import Posting
from activities.office.sending import LetterOffice
from activities.registry import Registry, roles_of
from activities.review import MatchReviewReader
from activities.reviewing import ReviewSolver
from activities.rules.providers import Providers
from activities.statistics import Statistics
from integrations import logs
from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Calendar
from integrations.calendars.google import Google
from integrations.calendars.google_notices import GoogleNotices
from integrations.calendars.microsoft import Microsoft
from integrations.calendars.microsoft_notices import MicrosoftNotices
from integrations.calendars.notices import Hooks, Notices
from integrations.database.books import Books
from integrations.database.sql.database import Database, check_schema, migrate, open_database
from integrations.doctor import Finding, examine, examine_calendar, examine_clock, examine_inbox
from integrations.errors import IntegrationError, MisconfiguredError
from integrations.hr.events import EventType, HrEvent
from integrations.hr.roster_csv import import_roster, read_roster
from integrations.links import LinkSigner
from integrations.mail.allowed import Allowed
from integrations.mail.inbox_smtp import SmtpInbox, server_tls
from integrations.mail.mail import Mailer
from integrations.mail.reply_desk import ReplyDesk
from integrations.mail.sendgrid import SendGrid
from integrations.mail.smtp import Smtp
from integrations.mail.vouching import by_relay
from integrations.match_files import read_pairs, read_wishes
from integrations.programme import Programme
from integrations.programme_file import load
from integrations.rehearsal.personas import Temper
from integrations.rehearsal.rehearsal import Rehearsal
from integrations.rehearsal.scene import Play, scene, use
from integrations.rehearsal.showing import show, work_folder
from integrations.rehearsal.vendors import chosen
from integrations.settings import Settings, load_settings
from integrations.web.app import build_app
from integrations.web.calendar_notices import notice_routes
from integrations.web.hr_events import hr_routes
from integrations.web.mail_in import mail_routes
from integrations.web.server import bind, serve
from workflows.calendar_notices import CalendarNoticesWorkflow
from workflows.dispatch import Checkup, Dispatch, Doors, Overview
from workflows.hr_delivery import HrDeliveryWorkflow
from workflows.mentor import MentorWorkflow
from workflows.names import ATTRIBUTES, CALENDARS, MAIL, RECORDS, WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.programme import ProgrammeWorkflow
from workflows.stages import StopMode

LIVES: list[type] = [
    ProgrammeWorkflow,
    MentorWorkflow,
    PairingWorkflow,
    HrDeliveryWorkflow,
    CalendarNoticesWorkflow,
]
# The values of the lives too: pydantic would build their classes anew for every life, for 30 ms each.
_OURS = ("activities", "integrations", "workflows.stages", "pydantic", "pydantic_core")
_DEFINED = "__temporal_activity_definition"


class Role(StrEnum):
    """What a service process does; `all` does everything. Several roles may share a process."""

    ALL = "all"
    WORKFLOWS = "workflows"
    CALENDARS = "calendars"
    MAIL = "mail"
    INBOX = "inbox"


_QUEUES = {
    Role.WORKFLOWS: (WORKFLOWS, RECORDS),
    Role.CALENDARS: (CALENDARS,),
    Role.MAIL: (MAIL,),
    Role.INBOX: (),
}


@dataclass(frozen=True)
class Acts:
    """The acts by the task queue they run on."""

    by_queue: Mapping[str, list[Callable[..., Any]]]


def calendars(settings: Settings) -> Mapping[str, Calendar]:
    """The calendar providers that are connected, by name."""
    organizer = settings.organizer.address
    connected: dict[str, Calendar] = {
        "caldav": CalDav(
            settings.caldav_url, settings.caldav_user, settings.caldav_password.get_secret_value()
        )
    }
    if settings.google_key_file:
        connected["google"] = Google(
            service_account_info=settings.google_key_file,
            organizer=organizer,
            api_endpoint=settings.google_url,
            token_uri=settings.google_token_url or None,
            ca_certs=settings.google_ca_file,
        )
    if settings.microsoft_tenant:
        connected["microsoft"] = Microsoft(
            tenant=settings.microsoft_tenant,
            client_id=settings.microsoft_client_id,
            organizer=organizer,
            certificate=settings.microsoft_certificate,
            secret=settings.microsoft_secret.get_secret_value(),
            graph_url=settings.microsoft_url,
            authority=settings.microsoft_authority,
        )
    if settings.calendar_provider not in connected:
        raise MisconfiguredError(
            f"MENTORING_CALENDAR_PROVIDER is {settings.calendar_provider}, which is not connected: "
            f"set its MENTORING_{settings.calendar_provider.upper()}_… settings"
        )
    return connected


def mailer(settings: Settings) -> Mailer:
    """The mail provider the settings name, for the recipients they allow."""
    provider = _provider(settings)
    return Allowed(provider, settings.recipients_allowed) if settings.recipients_allowed else provider


def _provider(settings: Settings) -> Mailer:
    if settings.mail == "sendgrid":
        return SendGrid(
            settings.sendgrid_key.get_secret_value(),
            base_url=settings.sendgrid_url,
            sender_address=settings.sender_address,
            sender_name=settings.sender_name,
        )
    return Smtp(
        settings.smtp_host,
        settings.smtp_port,
        sender_address=settings.sender_address,
        sender_name=settings.sender_name,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        starttls=settings.smtp_starttls,
    )


def signer(settings: Settings) -> LinkSigner:
    """What signs the links in letters."""
    return LinkSigner([key.get_secret_value() for key in settings.link_keys])


def notices(settings: Settings, connected: Mapping[str, Calendar]) -> Mapping[str, Notices]:
    """The connected providers that can push, by name."""
    organizer = settings.organizer.address
    found: dict[str, Notices] = {}
    for name, calendar in connected.items():
        if isinstance(calendar, Google):
            found[name] = GoogleNotices(calendar, organizer)
        elif isinstance(calendar, Microsoft):
            found[name] = MicrosoftNotices(calendar, organizer)
    return found


def pushing(settings: Settings) -> tuple[str, ...]:
    """The names of the connected providers that can push."""
    connected = {"google": settings.google_key_file, "microsoft": settings.microsoft_tenant}
    return tuple(name for name, by in connected.items() if by)


def hooks(settings: Settings) -> Hooks | None:
    """Where providers push to; None where they are not asked to."""
    keys = [key.get_secret_value() for key in settings.link_keys]
    return Hooks(settings.public_url, keys) if settings.calendar_push else None


def compose(settings: Settings, books: Books) -> Acts:
    """Every act over the database and the providers of the settings."""
    clock, conference = settings.clock, conference_link(settings.conference_url)
    cohorts = Cohorts(books)
    matters = Matters(books, MatchReviewReader(books, cohorts))
    posting = Posting(
        books,
        facts=FactsReader(books, matters, conference),
        signer=signer(settings),
        mailer=mailer(settings),
        clock=clock,
        public_url=settings.public_url,
        reply_address=settings.reply_address,
    )
    connected = calendars(settings)
    providers = Providers(settings.calendar_provider, settings.calendar_domains)
    events = Events(
        books.directory,
        calendars=connected,
        providers=providers,
        organizer=settings.organizer,
        by_mail=MailInvitations(books.directory, posting, _answer_box(settings, books)),
        conference=conference,
        programmes=books.programmes,
    )
    appointments = Appointments(
        bookings=books.bookings, hours=Hours(books, connected, providers, clock), events=events, clock=clock
    )
    office = LetterOffice(books, posting=posting, calls=Calls(books), look=appointments.look, clock=clock)
    records = (
        Registry(books, clock),
        Archive(books, clock),
        Matchmaking(books, cohorts=cohorts, clock=clock),
        Statistics(books),
    )
    noticing = CalendarNotices(
        providers=notices(settings, connected),
        hooks=hooks(settings),
        subscriptions=books.subscriptions,
        bookings=books.bookings,
        clock=clock,
    )
    return Acts(
        {
            RECORDS: [verb for room in records for verb in verbs(room)],
            CALENDARS: verbs(appointments) + verbs(noticing),
            MAIL: verbs(office),
        }
    )


def _answer_box(settings: Settings, books: Books) -> AnswerBox | None:
    address = settings.answers_address
    return AnswerBox(address, books.mail_replies) if address else None


def verbs(room: object) -> list[Callable[..., Any]]:
    """The acts of a room: its public methods that are declared as activities."""
    return [getattr(room, name) for name in dir(room) if hasattr(getattr(type(room), name, None), _DEFINED)]


def runner() -> SandboxedWorkflowRunner:
    """The sandbox of the lives: workflow modules inside, our value and rule modules passed through once."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*_OURS))


async def connect(settings: Settings) -> Client:
    """Connects to Temporal as its client configuration says; MisconfiguredError where it cannot."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    try:
        return await Client.connect(
            **config, data_converter=pydantic_data_converter, runtime=_runtime(settings)
        )
    except (RuntimeError, ValueError) as error:
        raise MisconfiguredError(
            f"Temporal at {config['target_host']} cannot be reached; check TEMPORAL_ADDRESS or start it"
        ) from error


def _runtime(settings: Settings) -> Runtime:
    metrics = PrometheusConfig(bind_address=settings.metrics_address) if settings.metrics_address else None
    quiet = LoggingConfig(TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(metrics=metrics, logging=quiet))


def workers(
    client: Client, settings: Settings, acts: Acts, roles: frozenset[Role], stack: AsyncExitStack
) -> list[Worker]:
    """The Temporal workers of these roles, one a task queue."""
    slots = {RECORDS: settings.record_slots, CALENDARS: settings.calendar_slots, MAIL: settings.mail_slots}
    rates = {CALENDARS: settings.calendar_rate or None, MAIL: settings.mail_rate or None}
    wanted = [queue for role, queues in _QUEUES.items() for queue in queues if roles & {role, Role.ALL}]
    made: list[Worker] = []
    for queue in wanted:
        if queue == WORKFLOWS:
            made.append(
                Worker(
                    client,
                    task_queue=WORKFLOWS,
                    workflows=LIVES,
                    workflow_runner=runner(),
                    graceful_shutdown_timeout=_DRAIN,
                )
            )
            continue
        threads = stack.enter_context(ThreadPoolExecutor(slots[queue], thread_name_prefix=queue))
        made.append(
            Worker(
                client,
                task_queue=queue,
                activities=acts.by_queue[queue],
                activity_executor=threads,
                max_concurrent_activities=slots[queue],
                max_task_queue_activities_per_second=rates.get(queue),
                graceful_shutdown_timeout=_DRAIN,
            )
        )
    return made


async def run_service(settings: Settings, roles: frozenset[Role]) -> None:
    """Runs workers and inbox until SIGTERM or Ctrl-C, then lets work under way finish."""
    listener = bind(settings.inbox_host, settings.inbox_port) if roles & {Role.ALL, Role.INBOX} else None
    database = opened(settings.database_url)
    acts = compose(settings, database)
    client = await connect(settings)
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    async with AsyncExitStack() as stack:
        stack.callback(database.store.close)
        for worker in workers(client, settings, acts, roles, stack):
            await stack.enter_async_context(worker)
        logging.getLogger("worker").info("worker.started", extra={"roles": ",".join(sorted(roles))})
        if listener:
            sink = Dispatch(client)
            desk = reply_desk(settings, database, sink)
            if settings.answers_smtp_port:
                await stack.enter_async_context(_mailbox(settings, desk))
            if settings.calendar_push:
                await sink.watch_calendars(pushing(settings))
            await serve(inbox(settings, database, sink, desk), listener, stop)
        else:
            await stop.wait()
    logging.getLogger("worker").info("worker.stopped", extra={"roles": ",".join(sorted(roles))})


def reply_desk(settings: Settings, database: Database, sink: Dispatch) -> ReplyDesk:
    """Where answers to invitations by mail are read."""
    return ReplyDesk(
        bookings=database.bookings,
        directory=database.directory,
        replies=database.mail_replies,
        changed=sink.meeting_changed,
        now=settings.clock.now,
        real_now=lambda: datetime.now(UTC),
    )


def _mailbox(settings: Settings, desk: ReplyDesk) -> SmtpInbox:
    vouched = by_relay(settings.answers_relay)
    certificate = settings.answers_smtp_certificate
    return SmtpInbox(
        lambda raw: desk.take(raw, vouched),
        address=settings.answers_address,
        host=settings.inbox_host,
        port=settings.answers_smtp_port,
        peers=settings.answers_smtp_peers,
        tls=server_tls(certificate) if certificate else None,
        needs_tls=certificate is not None,
    )


def inbox(settings: Settings, database: Database, sink: Dispatch, desk: ReplyDesk) -> Starlette:
    """The inbox: pages, HR deliveries, calendars' notices and answers by mail, joined to the lives."""
    receivers = hr_routes(
        deliveries=database.deliveries,
        sink=sink,
        secrets=[secret.get_secret_value() for secret in settings.hr_secrets],
        real_now=lambda: datetime.now(UTC),
        programme_now=settings.clock.now,
    )
    secrets = [secret.get_secret_value() for secret in settings.answers_hook_secrets]
    receivers += mail_routes(take=desk.take, secrets=secrets)
    if hook := hooks(settings):
        receivers += notice_routes(sink=sink, hooks=hook, providers=pushing(settings))
    return build_app(
        links=database.links,
        answers=database.answers,
        signer=signer(settings),
        sink=sink,
        clock=settings.clock,
        solver=ReviewSolver(database, settings.clock),
        extra_routes=receivers,
    )


# Commands

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
programmes_app = typer.Typer(no_args_is_help=True, help="Check, open and stop programmes.")
roster_app = typer.Typer(no_args_is_help=True, help="Bring people in from a file.")
letters_app = typer.Typer(no_args_is_help=True, help="Look at the letters.")
app.add_typer(programmes_app, name="programme")
app.add_typer(roster_app, name="roster")
app.add_typer(letters_app, name="letters")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
_DRAIN = timedelta(seconds=10)
_FAST, _STEADY, _FEW = 4.0, 2.1, 16
"""Programme days a second that two cores keep up with, for few pairings and for more."""


@app.command()
def run(
    role: Annotated[list[Role], typer.Option(help="what this process does; may be given more than once")] = [  # noqa: B006
        Role.ALL
    ],
) -> None:
    """Run the service: workers for the task queues of its roles, and the inbox."""
    asyncio.run(run_service(load_settings(), frozenset(role)))


@app.command()
def doctor(
    *,
    write: Annotated[bool, typer.Option("--write", help="also make and remove a private event")] = False,
) -> None:
    """Check database, Temporal, inbox and every connected calendar, and say what to mend."""
    settings = load_settings()
    findings = []
    for finding in _examined(settings, write=write):
        typer.echo(str(finding))
        findings.append(finding)
    raise typer.Exit(int(any(finding.trouble for finding in findings)))


def _examined(settings: Settings, *, write: bool) -> Iterator[Finding]:
    yield examine("database", "has this version's schema", lambda: check_schema(settings.database_url))
    yield examine(
        "Temporal", "namespace and search attributes", lambda: asyncio.run(_check_temporal(settings))
    )
    yield examine_clock(settings.clock, datetime.now(UTC))
    yield examine("mail", f"{settings.mail} would take letters", lambda: mailer(settings).check())
    yield examine_inbox(settings.public_url)
    connected: dict[str, Calendar] = {}
    yield examine("calendars", "their settings make sense", lambda: connected.update(calendars(settings)))
    named = {settings.calendar_provider, *settings.calendar_domains.values()}
    for name, calendar in connected.items():
        if name == "caldav" and name not in named:  # it needs no settings, so it is always connected
            continue
        yield from examine_calendar(name, calendar, settings.organizer, datetime.now(UTC), write=write)


async def _check_temporal(settings: Settings) -> None:
    if missing := await Checkup(await connect(settings)).missing_attributes():
        raise MisconfiguredError(
            f"the namespace lacks the search attributes {', '.join(missing)}; "
            "make them with `temporal operator search-attribute create`"
        )


@programmes_app.command("check")
def programme_check(file: File) -> None:
    """Check a programme file and say what it comes to."""
    programme = load(file)
    typer.echo(f"{programme.id}: {programme.name}, from {programme.starts_on}, {programme.sessions} sessions")


@programmes_app.command("add")
def programme_add(file: File) -> None:
    """Keep a programme file; a signed HR event `programme.opened` then opens it."""
    programme = load(file)
    opened(load_settings().database_url).programmes.save(programme)
    typer.echo(f"{programme.id} is kept; the HR event programme.opened opens it, or `programme open`")


@programmes_app.command("open")
def programme_open(file: File) -> None:
    """Keep a programme file and open the programme: the sponsor gets the go letter."""
    settings, programme = load_settings(), load(file)
    database = opened(settings.database_url)
    roles_of(database.directory, programme)
    asyncio.run(_open(settings, database, programme))
    typer.echo(f"{programme.id} is open: its sponsor is asked for the go")


@programmes_app.command("stop")
def programme_stop(
    file: File,
    mode: Annotated[StopMode, typer.Option(help="let pairings finish, close them soon, or at once")],
) -> None:
    """Ask for a programme to be stopped; the sponsor confirms by the link in their letter."""
    settings, programme = load_settings(), load(file)
    asyncio.run(_stop(settings, opened(settings.database_url), programme.id, mode))
    typer.echo(f"{programme.id}: its sponsor is asked to confirm the stop ({mode.value})")


@roster_app.command("import")
def roster_import(file: File) -> None:
    """Bring the people of a CSV roster in; wrong rows are named and left out."""
    settings, roster = load_settings(), read_roster(file)
    changes = import_roster(
        opened(settings.database_url).directory, roster, settings.clock.now(), f"roster/{file.name}"
    )
    for row in roster.quarantined:
        typer.echo(f"line {row.line}: {row.reason}", err=True)
    typer.echo(
        f"{len(roster.facts)} rows read, {len(changes)} people changed, {len(roster.quarantined)} left out"
    )


@letters_app.command("preview")
def letters_preview(
    folder: Annotated[Path, typer.Argument(file_okay=False)] = Path("reports/letters"),
) -> None:
    """Write every letter in every language to HTML, with an index page."""
    typer.echo(f"{preview(folder)} letters are in {folder / 'index.html'}")


@app.command("match")
def match_people(
    people: File,
    wishes: File,
    pairs: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True)] = None,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, help="write there instead of to the screen")
    ] = None,
    language: Annotated[str, typer.Option(help="language of the reasons: en or fr")] = "en",
) -> None:
    """Match the mentors and mentees of CSV files and say why; needs no server and no database."""
    roster = read_roster(people)
    known = read_pairs(pairs) if pairs else ()
    cohort = cohort_of(roster.facts, read_wishes(wishes), known, datetime.now(UTC).date())
    with out.open("w", encoding="utf-8", newline="") if out else nullcontext(sys.stdout) as file:
        paired = write_rows(matched_rows(cohort, names_of(roster.facts), language), file)
    typer.echo(f"{paired} of {len(cohort.mentees)} mentees have a mentor", err=True)


@app.command()
def rehearse(  # noqa: PLR0913, PLR0917 - the options of a command
    pairings: Annotated[int, typer.Option(min=1, max=40, help="how many managers are invited")] = 12,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="programme days a second; 4, or 2.1 above 16 pairings")
    ] = None,
    cast: Annotated[Temper, typer.Option(help="calm does what it is asked, lively not always")] = Temper.CALM,
    seed: Annotated[int, typer.Option(help="the same seed plays the same moods")] = 1,
    calendars: Annotated[
        str, typer.Option(help="whose calendars people have (caldav, google, microsoft); the first holds all")
    ] = "caldav",
    postgres: Annotated[bool, typer.Option("--postgres", help="play on PostgreSQL, not SQLite")] = False,
    report: Annotated[
        Path | None, typer.Option(file_okay=False, help="write rehearsal.json and rehearsal.html there")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="leave everything running for a look")] = False,
) -> None:
    """Play a whole programme on local servers, months in minutes, with a cast who live it."""
    play = Play(
        pairings=pairings,
        days_a_second=speed or (_FAST if pairings <= _FEW else _STEADY),
        postgres=postgres,
        seed=seed,
        calendars=chosen(calendars),
    )
    raise typer.Exit(asyncio.run(_rehearse(play, cast, report, keep=keep)))


async def _rehearse(play: Play, temper: Temper, report: Path | None, *, keep: bool) -> int:
    """Plays on a scene of its own and returns the exit code; SIGTERM ends it like Ctrl-C."""
    if playing := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, playing.cancel)
    with work_folder() as folder, scene(folder, play, ATTRIBUTES) as setting:
        use(setting.environment)
        settings = load_settings()
        lives = Overview(await connect(settings))
        rehearsal = Rehearsal(setting, opened(settings.database_url), lives, temper, play)
        return await show(rehearsal, report, keep=keep)


async def _open(settings: Settings, books: Books, programme: Programme) -> None:
    client = await connect(settings)
    await Doors(client).may_open(programme.id)
    books.programmes.save(programme)
    await _tell(client, settings, books, _own(EventType.PROGRAMME_OPENED, programme.id))


async def _stop(settings: Settings, books: Books, programme_id: str, mode: StopMode) -> None:
    client = await connect(settings)
    await Doors(client).may_stop(programme_id)
    await _tell(client, settings, books, _own(EventType.PROGRAMME_STOP_REQUESTED, programme_id, mode.value))


def _own(kind: EventType, programme_id: str, mode: str | None = None) -> HrEvent:
    """An event of the operator's own."""
    now = datetime.now(UTC)
    key = f"{kind.value}/{programme_id}/{now:%Y%m%dT%H%M%S%f}"
    content = {"id": key, "source": "operator", "type": kind, "occurred_at": now}
    return HrEvent.model_validate({**content, "programme_id": programme_id, "stop_mode": mode})


async def _tell(client: Client, settings: Settings, books: Books, event: HrEvent) -> None:
    """Delivers an event the way HR's are delivered."""
    books.deliveries.receive(event.source, event.id, event.id, event, settings.clock.now())
    await Dispatch(client).deliver(event.source, event.id, event.type.value)


def opened(database_url: str) -> Database:
    """The database at this URL, brought to the newest schema."""
    migrate(database_url)
    return open_database(database_url)


def main() -> NoReturn:
    """Runs a command; wrong input or a wrong set-up is one line on standard error and exit code 2.

    The process ends by `os._exit`: the Temporal SDK's core may abort while the interpreter shuts down
    (sdk-python issue 300).
    """
    logs.set_up()
    code = 0
    try:
        app()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except IntegrationError as error:
        typer.echo(str(error), err=True)
        code = 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = 130
    except BaseException:
        logging.getLogger("worker").exception("worker.failed")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
