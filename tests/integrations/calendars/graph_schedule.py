"""Graph's getSchedule over the mailboxes in memory: limits, errors inside a 200, items or a view only."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.integrations.calendars.graph_store import Account, GraphStore, Stored, instants
from tests.integrations.calendars.wire import Refused

_STATES = ("free", "tentative", "busy", "oof", "workingElsewhere")
_ANSWERED = {"accepted": "busy", "tentativelyAccepted": "tentative", "declined": "free"}


def schedules(store: GraphStore, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a question; a mailbox that cannot be read has an error in its entry."""
    start, end = (_instant(body[name]) for name in ("StartTime", "EndTime"))
    interval = timedelta(minutes=body.get("AvailabilityViewInterval", 30))
    if len(body["Schedules"]) > 20:
        raise Refused(400, "ErrorInvalidParameter")
    if end - start > timedelta(days=42):
        raise Refused(400, "ErrorTimeIntervalTooBig")
    if not timedelta(minutes=5) <= interval <= timedelta(days=1) or interval > end - start:
        raise Refused(400, "ErrorInvalidMergedFreeBusyInterval")
    return {"value": [_schedule(store, one, start, end, interval) for one in body["Schedules"]]}


def _schedule(
    store: GraphStore, address: str, start: datetime, end: datetime, interval: timedelta
) -> dict[str, Any]:
    account = store.accounts.get(address.lower())
    if account is None or account.error:
        code = account.error if account else "ErrorMailRecipientNotFound"
        error = {"message": f"Unable to resolve e-mail address {address}.", "responseCode": code}
        return {"scheduleId": address, "availabilityView": "", "scheduleItems": [], "error": error}
    stretches = list(_stretches(store, address.lower(), account, start, end))
    return {
        "scheduleId": address,
        "availabilityView": _view(stretches, start, end, interval),
        "scheduleItems": [item for *_, item in stretches] if account.shows_items else [],
        "workingHours": {"timeZone": {"name": account.windows}},
    }


def _stretches(
    store: GraphStore, address: str, account: Account, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, dict[str, Any]]]:
    for stored in store.live(address):
        first, last = instants(stored.resource, ZoneInfo(account.zone))
        if first < end and last > start:
            item = {name: _moment(stored.resource[name]) for name in ("start", "end")}
            yield first, last, {**item, "status": _status(store, stored, address)}


def _status(store: GraphStore, stored: Stored, address: str) -> str:
    shown = str(stored.resource.get("showAs", "busy"))
    if address == stored.owner:
        return shown
    return _ANSWERED.get(stored.guest(address)["status"]["response"], store.unanswered_is)


def _view(
    stretches: list[tuple[datetime, datetime, dict[str, Any]]],
    start: datetime,
    end: datetime,
    interval: timedelta,
) -> str:
    digits = ""
    while start < end:
        states = [
            _STATES.index(item["status"])
            for first, last, item in stretches
            if first < start + interval and last > start and item["status"] in _STATES
        ]
        digits += str(max((state for state in states if state != 4), default=4 if 4 in states else 0))
        start += interval
    return digits


def _instant(moment: Mapping[str, str]) -> datetime:
    return (
        datetime.fromisoformat(moment["dateTime"])
        .replace(tzinfo=ZoneInfo(moment["timeZone"]))
        .astimezone(UTC)
    )


def _moment(moment: Mapping[str, str]) -> dict[str, str]:
    return {
        "dateTime": f"{datetime.fromisoformat(moment['dateTime']).isoformat()}.0000000",
        "timeZone": "UTC",
    }
