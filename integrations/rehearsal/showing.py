"""A rehearsal on the terminal: where to look while it runs, and the account at the end."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from integrations.rehearsal.account import Account
from integrations.rehearsal.rehearsal import Rehearsal
from integrations.rehearsal.report import write_report
from integrations.rehearsal.vendors import TITLES


@contextmanager
def work_folder() -> Iterator[Path]:
    """An empty folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def show(rehearsal: Rehearsal, report: Path | None, *, keep: bool) -> int:
    """Plays, prints the account, writes the report; returns 0 where the account is whole, else 1."""
    console, scene = rehearsal.console, rehearsal.scene
    console.print(f"Temporal UI    {scene.temporal.ui}/namespaces/mentoring/workflows")
    console.print(f"Inbox          {scene.public_url}")
    console.print(f"Calendars      {scene.calendars.url}  ({scene.calendars.user})")
    for vendor in scene.vendors.values():
        console.print(f"{TITLES[vendor.provider]:<14} {vendor.url}")
    console.print(f"Work folder    {scene.folder}")
    account = await rehearsal.play()
    print_account(console, account)
    if report:
        page = write_report(report, rehearsal.scene, rehearsal.books, account)
        console.print(f"Report         {page}")
    if keep:
        console.print("Everything is left running; Ctrl-C ends it.")
        await asyncio.Event().wait()
    return 0 if account.is_whole else 1


def print_account(console: Console, account: Account) -> None:
    """The account as tables."""
    console.print(
        f"\n{account.programme_id}: {account.began:%d %b %Y} to {account.ended:%d %b %Y} "
        f"in {account.seconds:.0f} s"
    )
    console.print(
        f"{sum(account.outcomes.values())} pairings, {account.sessions_held} sessions held, "
        f"at least {account.least_sessions_of_completed} in every completed pairing\n"
    )
    for title, figures in (
        ("Pairings by outcome", account.outcomes),
        ("Calendar events", account.events),
        ("HR events", account.hr_events),
        ("What needed a human", account.tasks),
        ("What the cast did", account.cast),
        ("Letters", account.letters),
    ):
        console.print(_table(title, figures))
    both = Table("", "the service says", "the server says", "asked", title="Asked from both sides")
    for count in account.counts:
        mark = "" if count.agrees else "  differs"
        both.add_row(count.name, str(count.service), f"{count.server}{mark}", count.asked)
    console.print(both)
    if account.falls_short:
        console.print(
            f"[red]short of[/red] {account.wanted} completed pairings with {account.sessions_wanted} sessions"
            " each; a machine that is too slow for the SPEED lets people miss their dates"
        )
    for trouble in account.troubles:
        console.print(f"[red]trouble[/red] {trouble}")


def _table(title: str, figures: Mapping[str, int]) -> Table:
    table = Table(title=title, show_header=False, min_width=44)
    for name, count in sorted(figures.items()):
        table.add_row(name, str(count))
    return table
