"""Who has which calendar in a rehearsal, and stand-ins that are started for it."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import worker
from integrations.calendars.calendar import Unknown, Window
from integrations.errors import MisconfiguredError
from integrations.hr.roster_csv import read_roster
from integrations.rehearsal.children import Children
from integrations.rehearsal.scene import COMPANY
from integrations.rehearsal.servers import start_mail
from integrations.rehearsal.vendors import chosen, divided, start_vendor
from integrations.settings import load_settings
from tests.integrations.calendars.desk import HOUR, TUESDAY
from tests.integrations.rehearsal.processes import processes_of, vanish

ROOT = Path(worker.__file__).parent
OFFICE, ZOE = "office@corp.example", "zoe@corp.example"
WINDOW = Window(start=TUESDAY, end=TUESDAY + HOUR)


@pytest.mark.parametrize(
    ("text", "providers"),
    [
        ("caldav", ("caldav",)),
        ("google, microsoft", ("google", "microsoft")),
        ("microsoft,google,microsoft", ("microsoft", "google")),
    ],
)
def test_list_of_calendars_is_read_in_order_and_each_counts_once(
    text: str, providers: tuple[str, ...]
) -> None:
    assert chosen(text) == providers


@pytest.mark.parametrize(
    ("text", "named"), [("google,gogle", "gogle"), ("", "nothing"), ("google,", "nothing")]
)
def test_unknown_calendar_is_refused_by_its_name(text: str, named: str) -> None:
    with pytest.raises(MisconfiguredError, match=f"caldav, google, microsoft, not {named}"):
        chosen(text)


def test_unknown_calendar_ends_the_command_with_one_line() -> None:
    argv = [sys.executable, str(ROOT / "worker.py"), "rehearse", "--calendars", "gogle"]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "--calendars knows caldav, google, microsoft, not gogle\n"


def test_stand_ins_are_missed_where_only_the_service_is_installed(tmp_path: Path) -> None:
    (tmp_path / "integrations").symlink_to(ROOT / "integrations")
    code = "from integrations.rehearsal.vendors import chosen; print(chosen('caldav')); chosen('google')"
    argv = [sys.executable, "-c", code]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=240, check=False, cwd=tmp_path)
    assert ended.stdout == "('caldav',)\n"
    assert ended.stderr.splitlines()[-1].endswith("rehearse from the source tree")


def test_sample_company_is_divided_evenly_and_always_alike() -> None:
    roster = read_roster(COMPANY / "roster.csv")
    shares = Counter(one.calendar_provider for one in divided(roster, ("google", "microsoft")).facts)
    before = Counter(one.calendar_provider for one in roster.facts)
    assert shares["none"] == before["none"] > 0
    assert shares["google"] + shares["microsoft"] == before["caldav"]
    assert min(shares["google"], shares["microsoft"]) > len(roster.facts) / 3
    assert divided(roster, ("google", "microsoft")) == divided(roster, ("google", "microsoft"))
    assert divided(roster, ("caldav",)) == roster


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_stand_in_serves_the_service_with_what_it_says_of_itself_and_ends(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Children() as children:
        mail = start_mail(children, tmp_path / "mail")
        zones = {OFFICE: "Europe/Paris", ZOE: "America/Toronto"}
        vendor = start_vendor(children, provider, tmp_path / provider, zones, mail)
        monkeypatch.setenv("MENTORING_SENDER_ADDRESS", OFFICE)
        for name, value in vendor.environment.items():
            monkeypatch.setenv(name, value)
        calendar = worker.calendars(load_settings())[provider]
        known = calendar.free_busy([ZOE, "max@corp.example"], WINDOW)
        assert known[ZOE] == ()
        assert isinstance(known["max@corp.example"], Unknown)
        assert set(vendor.people) == set(zones)
        assert len(processes_of(tmp_path / provider)) > 0
    assert vanish(tmp_path)


def test_microsofts_stand_in_is_not_trusted_by_whom_its_authority_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Children() as children:
        mail = start_mail(children, tmp_path / "mail")
        vendor = start_vendor(children, "microsoft", tmp_path / "microsoft", {OFFICE: "UTC"}, mail)
        for name, value in vendor.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        with pytest.raises(MisconfiguredError, match="certificate"):
            worker.calendars(load_settings())["microsoft"].free_busy([OFFICE], WINDOW)
