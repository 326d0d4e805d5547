"""What an operator sets: one environment variable each, prefixed `MENTORING_`, or a `.env` file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from integrations.calendars.calendar import Attendee
from integrations.clock import ProgrammeClock
from integrations.errors import MisconfiguredError


class Settings(BaseSettings):
    """The service's settings. Secrets come from the environment, never from the programme file.

    The address, namespace, TLS and API key of Temporal are read by Temporal's own client configuration
    (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_TLS…`, `TEMPORAL_API_KEY`).
    """

    model_config = SettingsConfigDict(env_prefix="MENTORING_", env_file=".env", extra="ignore", frozen=True)

    profile: str = Field(default="dev", pattern="^(dev|prod)$", description="`prod` refuses unsafe settings")
    database_url: str = Field(default="sqlite:///mentoring.db", description="SQLite file or PostgreSQL URL")
    public_url: str = Field(default="http://127.0.0.1:8080", description="where people reach the inbox")
    inbox_host: str = Field(default="127.0.0.1", description="address the inbox listens on")
    inbox_port: int = Field(default=8080, ge=1, le=65535, description="port the inbox listens on")
    hr_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="signing secrets of the native HR source (`whsec_…`), newest first"
    )
    link_keys: tuple[SecretStr, ...] = Field(
        default=(),
        description="keys that sign the links in letters, newest first, 16 characters or more each",
    )
    sender_address: str = Field(default="mentoring@localhost.localdomain", description="From of all letters")
    sender_name: str = Field(default="Reverse mentoring", description="display name of the sender")
    reply_address: str = Field(default="", description="Reply-To of all letters; empty: the coordinator")
    mail: str = Field(default="smtp", pattern="^(smtp|sendgrid)$", description="which adapter sends")
    smtp_host: str = Field(default="127.0.0.1", description="SMTP server")
    smtp_port: int = Field(default=25, ge=1, le=65535, description="SMTP port")
    smtp_user: str = Field(default="", description="SMTP user; empty: no authentication")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="SMTP password")
    smtp_starttls: bool = Field(default=False, description="whether to upgrade the connection with STARTTLS")
    sendgrid_key: SecretStr = Field(default=SecretStr(""), description="SendGrid API key")
    sendgrid_url: str = Field(default="https://api.sendgrid.com", description="SendGrid base URL")
    recipients_allowed: tuple[str, ...] = Field(
        default=(), description="domains or addresses letters may go to; empty: all"
    )
    caldav_url: str = Field(
        default="http://127.0.0.1:5232/{address}/calendar/", description="where a person's calendar is"
    )
    calendar_provider: str = Field(
        default="caldav",
        pattern="^(caldav|google|microsoft)$",
        description="who holds the events, and whose calendars people have who are not told apart otherwise",
    )
    calendar_domains: Mapping[str, str] = Field(
        default={}, description='provider by mail domain, as JSON: `{"corp.example": "google"}`; or `none`'
    )
    organizer_address: str = Field(
        default="", description="whose calendar holds all events; empty: the sender's address"
    )
    calendar_push: bool = Field(
        default=False, description="whether Google and Microsoft tell of changes; needs an https public_url"
    )
    answers_address: str = Field(
        default="", description="mailbox that reads answers to invitations by mail; empty: nobody reads them"
    )
    answers_hook_secrets: tuple[SecretStr, ...] = Field(
        default=(), description="secrets in the path of SendGrid's Inbound Parse hook, newest first"
    )
    answers_smtp_port: int = Field(
        default=0, ge=0, le=65535, description="port where a relay hands answers over by SMTP; 0: none"
    )
    answers_smtp_peers: tuple[str, ...] = Field(
        default=(), description="networks the relay may come from, as `10.0.0.0/8`; empty: all"
    )
    answers_smtp_certificate: Path | None = Field(
        default=None, description="PEM with key and certificate; the relay must then use STARTTLS"
    )
    answers_relay: str = Field(
        default="", description="name the relay gives in Authentication-Results; empty: it is trusted"
    )
    conference_url: str = Field(
        default="", description="video room of a meeting, `{code}` for its own code; empty: none"
    )
    google_key_file: Path | None = Field(
        default=None, description="key file of the Google service account; empty: Google is not connected"
    )
    google_url: str = Field(
        default="https://www.googleapis.com/calendar/v3/", description="base URL of the Google Calendar API"
    )
    google_token_url: str = Field(default="", description="token endpoint of Google; empty: the key file's")
    google_ca_file: Path | None = Field(default=None, description="CA of a proxy that opens TLS; empty: none")
    microsoft_tenant: str = Field(default="", description="Entra tenant; empty: Microsoft is not connected")
    microsoft_client_id: str = Field(default="", description="application id in the tenant")
    microsoft_certificate: Path | None = Field(default=None, description="PEM with the application's key")
    microsoft_secret: SecretStr = Field(
        default=SecretStr(""), description="secret where there is no certificate"
    )
    microsoft_url: str = Field(
        default="https://graph.microsoft.com/v1.0", description="base URL of Microsoft Graph"
    )
    microsoft_authority: str = Field(
        default="https://login.microsoftonline.com", description="where Microsoft's tokens come from"
    )
    caldav_user: str = Field(default="mentoring", description="the service account at the CalDAV server")
    caldav_password: SecretStr = Field(default=SecretStr(""), description="its password")
    clock: ProgrammeClock = Field(
        default=ProgrammeClock(), description="programme time; rate 1 in production"
    )
    calendar_slots: int = Field(default=8, ge=1, description="calendar acts at once in one worker")
    # No limit by default: each mailbox is asked few calls at once, a refusal waits as long as it says, and a
    # CalDAV server of the company's own has no quota. Google's is 600 calls a minute for one organizer
    # ("Usage limits" of the Calendar API), which 3 acts a second of 3 calls each do not reach.
    calendar_rate: float = Field(
        default=0,
        ge=0,
        description="most calendar acts a second over all workers; 3 keeps below Google's quota; 0: no limit",
    )
    mail_rate: float = Field(
        default=0,
        ge=0,
        description="most letter acts a second over all workers, of one to six letters each; 0: no limit",
    )
    mail_slots: int = Field(default=8, ge=1, description="letter acts at once in one worker")
    record_slots: int = Field(default=8, ge=1, description="database acts at once in one worker")
    metrics_address: str = Field(default="", description="host:port for Prometheus metrics; empty: none")

    @property
    def organizer(self) -> Attendee:
        """Whose calendar holds all events."""
        return Attendee(address=self.organizer_address or self.sender_address, name=self.sender_name)

    @model_validator(mode="after")
    def _answers_vouched_for(self) -> Self:
        """Refuses a mailbox of answers without an address, or that any host could hand forged ones to."""
        if (self.answers_smtp_port or self.answers_hook_secrets) and not self.answers_address:
            raise ValueError("answers_address must name the mailbox whose answers are read")
        here = self.inbox_host in {"127.0.0.1", "::1", "localhost"}
        if self.answers_smtp_port and not (here or self.answers_relay or self.answers_smtp_peers):
            raise ValueError("answers_smtp_port needs answers_relay or answers_smtp_peers beyond this host")
        return self

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        """Refuses to start in `prod` without what makes it safe."""
        if self.profile != "prod":
            return self
        wrong = [
            *(["database_url must be set"] if self.database_url.startswith("sqlite:///mentoring.db") else []),
            *(["public_url must begin with https://"] if not self.public_url.startswith("https://") else []),
            *(["hr_secrets must hold at least one secret"] if not self.hr_secrets else []),
            *(["link_keys must hold at least one key"] if not self.link_keys else []),
            *(["clock.rate must be 1"] if self.clock.rate != 1 else []),
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self


def load_settings(env_file: Path | None = None) -> Settings:
    """Reads the settings; raises MisconfiguredError that names every wrong one without its value."""
    try:
        return Settings(_env_file=env_file) if env_file else Settings()
    except SettingsError as error:
        raise MisconfiguredError(f"settings are wrong: {error}; lists and mappings are JSON") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in error.errors()
        )
        raise MisconfiguredError(f"settings are wrong: {wrong}") from None
