"""What runs on this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]


def processes_of(folder: Path) -> dict[int, str]:
    """Process id → command line of all that name something in the folder: a test's own tells them apart."""
    found = {}
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        command = " ".join(process.info["cmdline"] or ())
        if str(folder) in command and process.info["status"] != psutil.STATUS_ZOMBIE:
            found[process.info["pid"]] = command
    return found


def vanish(folder: Path, *, within_s: float = 30) -> bool:
    """Whether all processes of the folder end in time, which is before they would by themselves."""
    deadline = time.monotonic() + within_s
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_of(folder)


# Whatever runs in a shell's background inherits SIGINT ignored, and Python then installs no handler.
_HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


@contextmanager
def parent(code: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process that runs the code and has said that it is ready; killed where the test did not."""
    argv = [sys.executable, "-c", _HEARS_CTRL_C + code, *arguments]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()
