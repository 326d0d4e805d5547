"""Child processes end with their parent, however that ends."""

import signal
import time
from pathlib import Path

import pytest

from integrations.errors import MisconfiguredError, RetryableError
from integrations.rehearsal.children import Child, Children
from tests.integrations.rehearsal.processes import parent, processes_of, vanish

STUBBORN = "trap '' TERM INT; echo up; while :; do sleep 0.1; done"


def shell(children: Children, script: str, folder: Path, name: str = "a program") -> Child:
    """Runs the script in a shell that names the folder and, as nothing but `:` comes last, stays a shell."""
    return children.start(name, ["/bin/sh", "-c", f": {folder}; {script}; :"], log=folder / "log")


def has_written(child: Child, text: str) -> None:
    child.wait_until(lambda: text in child.log.read_text(), 30)


def test_child_writes_into_its_log_with_its_environment(tmp_path: Path) -> None:
    with Children() as children:
        argv = ["/bin/sh", "-c", "echo $GREETING; echo oh >&2; sleep 60"]
        child = children.start("a program", argv, env={"GREETING": "hello"}, log=tmp_path / "new" / "log")
        has_written(child, "oh")
        assert (tmp_path / "new" / "log").read_text() == "hello\noh\n"


def test_child_is_the_program_itself_in_a_group_of_its_own(tmp_path: Path) -> None:
    with Children() as children:
        child = shell(children, "echo $$; ps -o pgid= -p $$; sleep 60", tmp_path)
        child.wait_until(lambda: len(child.log.read_text().split()) == 2, 30)
        assert child.log.read_text().split() == [str(child.pid)] * 2


def test_child_tells_how_it_ended(tmp_path: Path) -> None:
    with Children() as children:
        assert shell(children, "sleep 60", tmp_path).poll() is None
        ended = shell(children, "exit 3", tmp_path)
        while ended.poll() is None:
            time.sleep(0.01)
        assert ended.poll() == 3
        killed = shell(children, "sleep 60", tmp_path)
        killed.kill()
        while killed.poll() is None:
            time.sleep(0.01)
        assert killed.poll() == -signal.SIGKILL


def test_nothing_is_left_after_leaving(tmp_path: Path) -> None:
    with Children() as children:
        for name in ("first", "second", "third"):
            has_written(shell(children, f"echo {name}; sleep 60", tmp_path), name)
        assert len(processes_of(tmp_path)) >= 6  # each with its watcher

    assert vanish(tmp_path)


def test_nothing_is_left_after_an_exception(tmp_path: Path) -> None:
    def rehearse() -> None:
        with Children() as children:
            shell(children, "sleep 60", tmp_path)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        rehearse()

    assert vanish(tmp_path)


def test_child_deaf_to_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    with Children(grace_s=0.2) as children:
        child = shell(children, STUBBORN, tmp_path)
        has_written(child, "up")

    assert child.poll() == -signal.SIGKILL
    assert vanish(tmp_path)


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    with Children() as children:
        child = shell(
            children, f"sh -c ': {tmp_path}/grandchild; {STUBBORN.replace(chr(39), '')}' & exit", tmp_path
        )
        while child.poll() is None:
            time.sleep(0.01)

    assert vanish(tmp_path)


def test_children_end_in_reverse_order(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    with Children(grace_s=60) as children:
        for name in ("first", "second", "third"):
            script = f"trap 'echo {name} >> {ends}; exit' TERM; echo {name}; while :; do sleep 0.02; done"
            has_written(shell(children, script, tmp_path), name)

    assert ends.read_text().split() == ["third", "second", "first"]


PARENT = """
import sys, time
from pathlib import Path
from integrations.rehearsal.children import Children
folder = Path(sys.argv[1])
with Children(grace_s=0.3) as children:
    for number, script in enumerate(sys.argv[2:]):
        argv = ["/bin/sh", "-c", f": {folder}; {script}; :"]
        child = children.start("a program", argv, log=folder / f"log-{number}")
        child.wait_until(lambda: "up" in child.log.read_text(), 30)
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
@pytest.mark.parametrize("script", ["echo up; sleep 60", STUBBORN], ids=["obedient", "stubborn"])
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path, how: signal.Signals, script: str) -> None:
    with parent(PARENT, str(tmp_path), script, script) as rehearsal:
        assert len(processes_of(tmp_path)) >= 5  # the parent, two children, two watchers
        rehearsal.send_signal(how)
        rehearsal.wait(30)

    assert vanish(tmp_path)


def test_program_that_is_not_there_is_misconfigured(tmp_path: Path) -> None:
    with Children() as children, pytest.raises(MisconfiguredError, match="no program /nowhere/temporal"):
        children.start("the Temporal server", ["/nowhere/temporal"], log=tmp_path / "log")


def test_file_that_is_no_program_says_so(tmp_path: Path) -> None:
    file = tmp_path / "program"
    file.write_bytes(b"\x00\x01")
    file.chmod(0o755)
    with Children() as children:
        child = children.start("a program", [str(file)], log=tmp_path / "log")
        with pytest.raises(MisconfiguredError, match="cannot be run: Exec format error"):
            child.wait_until(lambda: False, 60)


def test_program_that_ends_instead_of_answering_is_told_with_its_last_line(tmp_path: Path) -> None:
    with Children() as children:
        child = shell(
            children, "echo starting; echo 'port 7233 is in use'; echo; exit 1", tmp_path, "a server"
        )
        with pytest.raises(MisconfiguredError) as told:
            child.wait_until(lambda: False, 60)

    assert str(told.value) == f"a server stopped right away: port 7233 is in use (see {tmp_path / 'log'})"


def test_program_that_never_answers_may_be_tried_again(tmp_path: Path) -> None:
    with Children() as children:
        child = shell(children, "sleep 60", tmp_path, "a server")
        with pytest.raises(RetryableError) as told:
            child.wait_until(lambda: False, 0.1)

    assert (
        str(told.value) == f"a server did not answer within 0.1 s: it wrote nothing (see {tmp_path / 'log'})"
    )
