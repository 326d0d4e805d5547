"""Everybody's calendars in a rehearsal, opened at each person's provider as their own app opens it."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from integrations.rehearsal.agenda import Agenda, Agendas
from integrations.rehearsal.agenda_accounts import Accounts
from integrations.rehearsal.agenda_caldav import CalDavAgenda
from integrations.rehearsal.agenda_google import GoogleAgenda
from integrations.rehearsal.agenda_mail import MailPrograms
from integrations.rehearsal.agenda_microsoft import MicrosoftAgenda
from integrations.rehearsal.invitations import Inbox, Outbox
from integrations.rehearsal.servers import MailServer, RadicaleServer
from integrations.rehearsal.vendors import CALDAV, Vendor

_TIMEOUT_S = 20
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=64)


@dataclass(frozen=True)
class Opened:
    """Everybody's calendars, and the mail programs of those who need one for their invitations."""

    agendas: Agendas
    programs: MailPrograms | None


@asynccontextmanager
async def opened_agendas(
    providers: Mapping[str, str],
    *,
    usual: str,
    calendars: RadicaleServer,
    vendors: Mapping[str, Vendor],
    mail: MailServer,
) -> AsyncIterator[Opened]:
    """Opens the calendars of people by address and provider; `usual` is where the organizer's are."""
    async with AsyncExitStack() as stack:
        here = await stack.enter_async_context(_client())
        invited_by_mail = usual != CALDAV
        outbox = Outbox(mail.host, mail.port) if invited_by_mail else None
        caldav = CalDavAgenda(here, calendars.url, calendars.people_password, outbox)
        agendas: dict[str, Agenda] = {CALDAV: caldav}
        for name, vendor in vendors.items():
            agendas[name] = _agenda(vendor, await stack.enter_async_context(_client(vendor)))
        at_caldav = [address for address, provider in providers.items() if provider == CALDAV]
        programs = MailPrograms(caldav, Inbox(mail.folder, at_caldav)) if invited_by_mail else None
        yield Opened(Agendas(agendas, providers), programs)


def _client(vendor: Vendor | None = None) -> httpx.AsyncClient:
    trusted = vendor.ca_file if vendor else None
    verify = ssl.create_default_context(cafile=str(trusted)) if trusted else True
    return httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, limits=_LIMITS, verify=verify)


def _agenda(vendor: Vendor, client: httpx.AsyncClient) -> Agenda:
    accounts = Accounts(client, vendor.token_url, vendor.people)
    if vendor.provider == "google":
        return GoogleAgenda(accounts, vendor.url)
    return MicrosoftAgenda(accounts, vendor.url)
