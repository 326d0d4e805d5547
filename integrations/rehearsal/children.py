"""Child processes that never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from integrations.errors import MisconfiguredError, RetryableError

GRACE_S = 8.0
"""How long a child may take to end by itself before it is killed."""

_LEASH = Path(__file__).with_name("leash.py")
_POLL_S = 0.02


class Child:
    """One running program in a process group of its own."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], pipe: int, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._pipe: int | None = pipe

    @property
    def pid(self) -> int:
        """The program's process id, which is its group's too."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while the program runs.

        A program that has ended takes along what it started and left behind.
        """
        code = self._process.poll()
        if code is not None:
            self._let_go()
        return code

    def terminate(self) -> None:
        """Asks the group to end (SIGTERM); a group that is gone is none to ask."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the group at once (SIGKILL)."""
        self._signal(signal.SIGKILL)

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Ends the group, by force after the grace in seconds, and lets its watcher go."""
        self.terminate()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._let_go()

    def last_line(self) -> str:
        """The last line the program wrote, at most 200 characters, or that there is none."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1][:200] if lines else "it wrote nothing"

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Waits until the probe says yes.

        Raises MisconfiguredError where the program has ended instead, RetryableError after so many seconds.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self.poll() is not None:
                raise MisconfiguredError(
                    f"{self.name} stopped right away: {self.last_line()} (see {self.log})"
                )
            if time.monotonic() > deadline:
                raise RetryableError(
                    f"{self.name} did not answer within {seconds:g} s: {self.last_line()} (see {self.log})"
                )
            time.sleep(_POLL_S)

    def _signal(self, number: signal.Signals) -> None:
        if self._pipe is None:
            # Let go: by now the number may be another program's.
            return
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            # macOS says "not permitted" for a group of which only a zombie is left.
            return

    def _let_go(self) -> None:
        """Ends what is left of the group and tells the watcher that it has nothing to do any more."""
        if self._pipe is None:
            return
        self.kill()
        pipe, self._pipe = self._pipe, None
        try:
            os.write(pipe, b".")
        except BrokenPipeError:
            return
        finally:
            os.close(pipe)


class Children:
    """The programs of one rehearsal, ended in reverse order on leaving, whatever the reason.

    Ctrl-C in a terminal reaches the parent only: each child has a session of its own. Where the parent
    cannot end them (SIGKILL), `leash.py` does.
    """

    def __init__(self, *, grace_s: float = GRACE_S) -> None:
        self._grace_s = grace_s
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(
        self, name: str, argv: Sequence[str], *, env: Mapping[str, str] | None = None, log: Path
    ) -> Child:
        """Starts a program; `argv` begins with its full path, `log` gets all it writes, appended.

        `env` is added to the parent's environment. Raises MisconfiguredError where there is no such program.
        """
        if not os.access(argv[0], os.X_OK):
            raise MisconfiguredError(f"{name} cannot be started: there is no program {argv[0]}")
        reading, writing = os.pipe()
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("ab") as output:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(_LEASH), str(reading), str(self._grace_s), *argv],
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=(reading,),
                    start_new_session=True,
                )
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        child = Child(name, process, writing, log)
        self._children.append(child)
        return child

    def stop(self) -> None:
        """Ends all children, the last one first; a second Ctrl-C meanwhile ends the rest by force."""
        while self._children:
            child = self._children[-1]
            try:
                child.stop(self._grace_s)
            except KeyboardInterrupt:
                child.stop(grace_s=0)
            self._children.pop()
