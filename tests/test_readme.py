"""What the README says, held against the code; each check is shown a README that lies and notices."""

import asyncio
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import typer
from pydantic import BaseModel, SecretStr
from starlette.applications import Starlette
from temporalio import workflow

import worker
from activities.letters import tasks
from integrations.hr.events import EventType, HrEvent
from integrations.hr.native import read_event
from integrations.hr.roster_csv import OPTIONAL, REQUIRED
from integrations.programme import MenteeRule, MentorRule, Programme, Timings, parse
from integrations.settings import Settings
from integrations.web.hr_events import hr_routes
from integrations.web.server import bind, serve
from tests.integrations.hr.test_signatures import SECRET
from tests.integrations.web.hr_inbox import inbox_in
from workflows import names
from workflows.stages import MentorStage, ProgrammeStage, Stage

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SYSTEM_ATTRIBUTES = {"WorkflowType", "ExecutionStatus", "TemporalReportedProblems"}
ATTENTION = {"none", "needs-human", "needs-operator"}
"""What `Life._attention` says."""


PARTS: Mapping[str, type[BaseModel]] = {"mentees": MenteeRule, "mentors": MentorRule}
"""The tables of a programme file whose fields the example shows one by one."""


# Reading the README


def table(text: str, first_header: str) -> list[list[str]]:
    """The rows of the table whose header line begins with this cell."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_header} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return rows


def coded(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


def first_cells(text: str, first_header: str) -> list[str]:
    return [name for row in table(text, first_header) for name in coded(row[0])]


def block(text: str, language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert len(found) == 1, f"one block of {language} is expected, not {len(found)}"
    return str(found[0])


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", text)


# Settings


def settings_said(text: str) -> dict[str, str]:
    return {coded(name)[0]: "".join(coded(default)) for name, default, _ in table(text, "variable")}


def wrong_settings(text: str) -> set[str]:
    """Settings that are missing, do not exist, or have another default than the README says."""
    said = settings_said(text)
    fields = {f"MENTORING_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    wrong = {name for name in said.keys() & fields.keys() if not is_default(name, said[name], fields[name])}
    return (said.keys() ^ fields.keys()) | wrong


def is_default(name: str, said: str, default: object) -> bool:
    """Whether the service, told what the README says, would be set as it is by default."""
    empty = default in ("", (), None) or (isinstance(default, SecretStr) and not default.get_secret_value())
    if not said or empty:
        return bool(empty) and not said
    field = name.removeprefix("MENTORING_").lower()
    value: Any = json.loads(said) if said.startswith("{") else said
    return bool(getattr(Settings(_env_file=None, **{field: value}), field) == default)


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MENTORING_")]:
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("bare_environment")
def test_every_setting_is_documented_with_its_default_and_nothing_else() -> None:
    assert wrong_settings(README) == set()


@pytest.mark.usefixtures("bare_environment")
@pytest.mark.parametrize(
    ("line", "lie", "noticed"),
    [
        ("| `MENTORING_SMTP_PORT` | `25` |", "| `MENTORING_SMTP_PORT` | `587` |", "MENTORING_SMTP_PORT"),
        ("| `MENTORING_SMTP_USER` |", "| `MENTORING_SMTP_NAME` |", "MENTORING_SMTP_USER"),
        ('`{"rate": 1}`', '`{"rate": 2}`', "MENTORING_CLOCK"),
        ("| `MENTORING_HR_SECRETS` |  |", "| `MENTORING_HR_SECRETS` | `[]` |", "MENTORING_HR_SECRETS"),
    ],
)
def test_wrong_setting_is_noticed(line: str, lie: str, noticed: str) -> None:
    assert README.count(line) == 1
    assert noticed in wrong_settings(README.replace(line, lie))


# Make


def wrong_targets(text: str, makefile: str) -> set[str]:
    """Targets that the README names and the Makefile lacks, or documents and the README does not name."""
    named = set(re.findall(r"(?:`|^    )make ([a-z]+)", text, re.MULTILINE))
    documented = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    return named ^ documented


def test_make_targets_are_those_of_the_makefile() -> None:
    assert wrong_targets(README, MAKEFILE) == set()


def test_wrong_target_is_noticed() -> None:
    assert wrong_targets(README + "`make coffee`", MAKEFILE) == {"coffee"}
    assert wrong_targets(README, MAKEFILE + "tea: ## tea\n") == {"tea"}


def test_options_of_the_rehearsal_are_those_of_the_makefile() -> None:
    said = {coded(option)[0]: default for option, default, _ in table(README, "option")}
    assert said == dict(re.findall(r"^([A-Z]+) \?= ?(.*)$", MAKEFILE, re.MULTILINE))


# The programme file


def undocumented(model: type[BaseModel], content: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a part of the programme file that the example leaves out."""
    for name in model.model_fields:
        if name not in content:
            yield name
        elif name in PARTS:
            yield from (f"{name}.{part}" for part in undocumented(PARTS[name], content[name]))


def defaults_said(example: str) -> dict[str, str]:
    """The default that the comment of a field tells, by the field's name within its table."""
    said, part = {}, ""
    for line in example.splitlines():
        if line.startswith("["):
            part = line[1 : line.index("]")] + "."
        elif found := re.match(r"(\w+) = .*\bdefault (\w+(?:/\w+)?)$", line):
            said[part + found[1]] = found[2]
    return said


def test_sample_programme_is_accepted_and_has_every_field() -> None:
    content = tomllib.loads(block(README, "toml"))
    assert parse(content).timings.session_every_d == content["timings"]["session_every_d"]
    assert list(undocumented(Programme, content)) == []


def test_field_left_out_of_the_sample_is_noticed() -> None:
    content = tomllib.loads(block(README, "toml"))
    del content["quorum"], content["mentors"]["mentees_each"]
    assert list(undocumented(Programme, content)) == ["quorum", "mentors.mentees_each"]


def test_defaults_of_the_programme_file_are_true() -> None:
    fields = {name: field.default for name, field in Programme.model_fields.items()}
    for part, model in PARTS.items():
        fields |= {f"{part}.{name}": field.default for name, field in model.model_fields.items()}
    plain = {name: str(value) for name, value in fields.items() if isinstance(value, str | int)}
    everywhere = {"mentees.sites": "everywhere", "mentors.sites": "everywhere"}
    assert defaults_said(block(README, "toml")) == plain | everywhere


def test_every_timing_is_documented_with_its_default_and_nothing_else() -> None:
    said = re.findall(r"`([a-z_]+) = (\d+)`", README)
    assert said == [(name, str(field.default)) for name, field in Timings.model_fields.items()]


# HR


def test_example_event_is_read_by_the_native_source() -> None:
    body = block(README, "json").encode()
    event = read_event(body, "msg_1", datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert isinstance(event, HrEvent)
    sent = json.loads(body)
    assert event.model_dump(mode="json", include=sent.keys() - {"occurred_at", "changes"}) == {
        key: value for key, value in sent.items() if key not in {"occurred_at", "changes"}
    }
    assert event.changes is not None
    assert event.changes.end_date == event.effective_on


def betrayed(text: str) -> set[str]:
    """What the ids in the examples, which Temporal keeps as names and keys, tell of person and event."""
    event = json.loads(block(text, "json"))
    ids = {event["id"], *re.findall(r'sent_id, sent_at = "([^"]*)"', block(text, "python"))}
    news = {event["person_id"], event["type"], "leave", "left", "end"}
    return {word for word in news for one in ids if word in one.lower()}


def test_example_ids_say_nothing_of_anybody() -> None:
    assert betrayed(README) == set()


def test_id_that_tells_is_noticed() -> None:
    told = json.loads(block(README, "json"))["id"]
    assert betrayed(README.replace(told, "evt-0042-leaves")) == {"0042", "leave"}
    assert betrayed(README.replace(f'sent_id, sent_at = "{told}"', 'sent_id, sent_at = "0042"')) == {"0042"}


@pytest.mark.parametrize(("secret", "status"), [(SECRET, "202"), ("whsec_" + "A" * 32, "")])
async def test_signing_example_is_taken_exactly_with_the_right_secret(
    tmp_path: Path, secret: str, status: str
) -> None:
    (tmp_path / "event.json").write_text(block(README, "json"))
    event = json.loads(block(README, "json"))
    (tmp_path / "send.py").write_text(block(README, "python"))
    with inbox_in(tmp_path) as inbox:
        routes = hr_routes(
            deliveries=inbox.database.deliveries,
            sink=inbox.sink,
            secrets=[SECRET],
            real_now=lambda: datetime.now(UTC),
            programme_now=lambda: datetime.now(UTC),
        )
        listener, stop = bind("127.0.0.1", 0), asyncio.Event()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        serving = asyncio.create_task(serve(Starlette(routes=routes), listener, stop))
        sender = await asyncio.create_subprocess_exec(
            *(sys.executable, "send.py"),
            cwd=tmp_path,
            env={**os.environ, "HR_SECRET": secret, "INBOX": address, "no_proxy": "*"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complaint = await asyncio.wait_for(sender.communicate(), 120)
        stop.set()
        await serving
        assert printed.decode().strip() == status, complaint.decode()
        assert inbox.sink.taken == ([("native", event["id"], event["type"])] if status else [])


def test_every_event_type_has_its_effect_told() -> None:
    assert sorted(first_cells(README, "type")) == sorted(EventType)


def test_columns_of_the_roster_are_told() -> None:
    rows = table(README, "column")
    optional = [name for row in rows if row[1] == "optional" for name in coded(row[0])]
    assert sorted(first_cells(README, "column")) == sorted(REQUIRED + OPTIONAL)
    assert sorted(optional) == sorted(OPTIONAL)


# Commands and operation


def commands(app: typer.Typer) -> dict[str, set[str]]:
    """Every command of the program, such as `roster import`, with its options."""
    found: dict[str, set[str]] = {}

    def walk(command: Any, path: tuple[str, ...]) -> None:
        for name, child in getattr(command, "commands", {}).items():
            walk(child, (*path, name))
        if not hasattr(command, "commands"):
            found[" ".join(path)] = {option for param in command.params for option in param.opts}

    walk(typer.main.get_command(app), ())
    return found


def wrong_commands(text: str) -> set[str]:
    """Commands and options the README names that do not exist, and commands it does not name."""
    known, wrong, named = commands(worker.app), set(), set()
    for said in re.findall(r"worker\.py ((?:[a-z]+ ?)+)((?:[A-Z]+ ?)?(?:--[a-z]+)?)", text):
        path = said[0].strip()
        named.add(path)
        option = re.findall(r"--[a-z]+", said[1])
        wrong |= {path} - known.keys() | set(option) - known.get(path, set())
    return wrong | (known.keys() - named)


def test_commands_are_those_of_the_program() -> None:
    # The rehearsal is started by make, which hands its options on.
    assert wrong_commands(README + MAKEFILE) == set()


@pytest.mark.parametrize(
    ("lie", "noticed"), [("worker.py dance", "dance"), ("worker.py run --slowly", "--slowly")]
)
def test_wrong_command_is_noticed(lie: str, noticed: str) -> None:
    assert wrong_commands(f"{README}{MAKEFILE}`{lie}`") == {noticed}


def test_search_attributes_are_those_of_the_lives() -> None:
    rows = table(README, "search attribute")
    assert {name: row[1] for row in rows for name in coded(row[0])} == names.ATTRIBUTES
    made = re.findall(r"search-attribute create --type (\w+)((?:[\s\\]+--name \w+)+)", README)
    assert {name: kind for kind, all_of in made for name in re.findall(r"--name (\w+)", all_of)} == (
        names.ATTRIBUTES
    )


def wrong_queries(text: str) -> set[str]:
    """What the ready lists ask for and no workflow of ours has."""
    stages = {stage.value for kind in (Stage, MentorStage, ProgrammeStage) for stage in kind}
    lives = {str(workflow._Definition.must_from_class(life).name) for life in worker.LIVES}
    known: dict[str, set[str]] = {"Attention": ATTENTION, "Stage": stages, "WorkflowType": lives}
    wrong: set[str] = set()
    for address in links(text):
        for query in parse_qs(urlsplit(address).query).get("query", []):
            for name, values in re.findall(r"(\w+) (?:!?=|<|IN) (\([^)]*\)|'[^']*')", query):
                wrong |= {name} - names.ATTRIBUTES.keys() - SYSTEM_ATTRIBUTES
                wrong |= set(re.findall(r"'([^']*)'", values)) - known.get(name, set(values.split("'")))
    return wrong


def test_ready_lists_ask_for_what_there_is() -> None:
    assert sum("query=" in address for address in links(README)) == 5
    assert wrong_queries(README) == set()


def test_wrong_query_is_noticed() -> None:
    assert wrong_queries(README.replace("27closing%20review", "27closing%20down")) == {"closing down"}
    assert wrong_queries(README.replace("NextDue%20%3C", "DueNext%20%3C")) == {"DueNext"}


def test_updates_are_those_of_the_lives() -> None:
    definitions = [workflow._Definition.must_from_class(life) for life in worker.LIVES]
    assert set(first_cells(README, "update")) == {name for one in definitions for name in one.updates}


def test_tasks_are_those_that_have_words() -> None:
    assert set(first_cells(README, "task")) == tasks._NAMES.keys() | {"<letter>-unanswered"}


def test_roles_and_queues_are_told() -> None:
    queues = [name for row in table(README, "role") for name in coded(row[1])]
    assert queues == [names.WORKFLOWS, names.RECORDS, names.CALENDARS, names.MAIL]
    assert {*first_cells(README, "role"), "all"} == set(worker.Role)


# Documents


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    near = [address for address in links(document.read_text(encoding="utf-8")) if "://" not in address]
    assert [address for address in near if not (document.parent / address).exists()] == []


def test_every_decision_is_linked_under_its_title() -> None:
    said = dict(re.findall(r"^\d+\. \[(.*)\]\((docs/decisions/.*\.md)\)$", README, re.MULTILINE))
    written = {
        path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2]: str(path.relative_to(ROOT))
        for path in (ROOT / "docs" / "decisions").glob("*.md")
    }
    assert said == written


def too_wide(text: str) -> list[str]:
    """Lines that no editor shows whole; a row of a table or a link cannot be broken."""
    return [line for line in text.splitlines() if len(line) > 115 and not re.match(r"\||(-|\d+\.) \[", line)]


def test_wide_line_is_noticed() -> None:
    assert too_wide("Prose.\n" + "so wide " * 15 + "\n| " + "a cell " * 20) == ["so wide " * 15]


def test_readme_stays_readable() -> None:
    assert len(README.splitlines()) <= 450
    assert too_wide(README) == []
    assert all(alternative.strip() for alternative in re.findall(r"!\[([^\]]*)\]", README))
