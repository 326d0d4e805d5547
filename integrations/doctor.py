"""The doctor: asks every neighbour for something small and says, a line each, how it is and what to mend."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from integrations.calendars.calendar import Attendee, Calendar, EventRef, EventSpec, Gone, Unknown, Window
from integrations.clock import ProgrammeClock
from integrations.errors import (
    AmbiguousError,
    IntegrationError,
    MisconfiguredError,
    QuotaParkedError,
    RetryableError,
)

_DAY: Final = timedelta(days=1)
_LASTS: Final = timedelta(minutes=15)
_PATIENCE_S: Final = 5.0


@dataclass(frozen=True)
class Finding:
    """How one neighbour is: well where there is no `trouble`, which says what to do about it."""

    subject: str
    told: str = ""
    trouble: str = ""

    def __str__(self) -> str:
        """One line for an operator."""
        return f"{'🛑' if self.trouble else '✅'} {self.subject}: {self.trouble or self.told}"


def examine(subject: str, told: str, ask: Callable[[], object]) -> Finding:
    """Asks, and finds the neighbour well unless it answers with an error of ours."""
    try:
        ask()
    except RetryableError as error:
        return Finding(subject, trouble=f"{error}; it may pass, else check address and network")
    except QuotaParkedError as error:
        return Finding(subject, trouble=f"{error}; nothing is written before {error.until:%d %b %H:%M} UTC")
    except IntegrationError as error:
        return Finding(subject, trouble=str(error))
    return Finding(subject, told)


def examine_calendar(
    name: str, calendar: Calendar, organizer: Attendee, now: datetime, *, write: bool
) -> Iterator[Finding]:
    """Reads the organizer's free and busy times, which takes a token and the right to read.

    With `write` a private event without guests is made for a quarter of an hour tomorrow, read and removed
    again, also where reading it fails or the answer to one of these calls is lost. `now` is real time.
    """
    window = Window(start=now, end=now + _DAY)

    def read() -> None:
        found = calendar.free_busy([organizer.address], window)[organizer.address]
        if isinstance(found, Unknown):
            raise IntegrationError(f"the organizer's free and busy times cannot be read: {found.why}")

    yield examine(f"{name}, reading", "token and free/busy of the organizer", read)
    if write:
        told = "a private event was made, read and removed"
        yield examine(f"{name}, writing", told, lambda: _write(calendar, organizer, now))


def _write(calendar: Calendar, organizer: Attendee, now: datetime) -> None:
    start = (now + _DAY).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    spec = EventSpec(
        summary="Check of the calendar connection",
        description="Made and removed by the doctor.",
        start=start,
        end=start + _LASTS,
        organizer=organizer,
        attendees=(),
        conference=False,
    )
    ref = _made(calendar, f"doctor/{secrets.token_hex(8)}", spec)
    try:
        if isinstance(calendar.get(ref), Gone):
            raise IntegrationError("the event just made is gone; does something clean this calendar?")
    finally:
        _remove(calendar, ref, start)


def _made(calendar: Calendar, key: str, spec: EventSpec) -> EventRef:
    """Makes the event; where the answer was lost it may stand already, and a repeat adopts it."""
    try:
        return calendar.ensure(key, 0, spec)
    except AmbiguousError:
        try:
            return calendar.ensure(key, 0, spec)
        except IntegrationError as error:
            raise IntegrationError(f"{error}; {_left_over(spec.start)}") from error


def _remove(calendar: Calendar, ref: EventRef, start: datetime) -> None:
    try:
        try:
            calendar.cancel(ref, "")
        except AmbiguousError:
            calendar.cancel(ref, "")
    except IntegrationError as error:
        raise IntegrationError(f"{error}; {_left_over(start)}") from error


def _left_over(start: datetime) -> str:
    when = f"{start:%d %b %H:%M} UTC"
    return f"the check's event of {when} may be left in the organizer's calendar: remove it there"


def examine_clock(clock: ProgrammeClock, now: datetime) -> Finding:
    """Compares programme time with real time, `now`; real people live in real time."""

    def ask() -> None:
        shown = clock.programme(now)
        if clock.rate != 1 or shown != now:
            raise MisconfiguredError(
                f"programme time runs {clock.rate:g} times as fast and shows {shown:%d %b %Y}; "
                "outside a rehearsal leave MENTORING_CLOCK unset"
            )

    return examine("clock", "programme time is real time", ask)


def examine_inbox(public_url: str) -> Finding:
    """Asks the inbox for its health where people and providers reach it, beyond this host by https."""
    url = f"{public_url.rstrip('/')}/health"

    def ask() -> None:
        if urlsplit(url).scheme != "https" and not _is_here(url):
            raise MisconfiguredError(
                f"{url} sends people's links unencrypted; set MENTORING_PUBLIC_URL to one with https://"
            )
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:  # noqa: S310 - the operator's own URL
                said = json.load(answer)
        except urllib.error.HTTPError as error:
            raise IntegrationError(f"{url} answers {error.code}; is the inbox behind it?") from error
        except (OSError, ValueError) as error:
            why = type(error).__name__
            raise IntegrationError(
                f"{url} does not answer ({why}); start the role inbox, see its proxy and MENTORING_PUBLIC_URL"
            ) from error
        if said != {"status": "ok"}:
            raise IntegrationError(f"{url} is answered by something else than the inbox")

    return examine("inbox", f"{url} is well", ask)


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
