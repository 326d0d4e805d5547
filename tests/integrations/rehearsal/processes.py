"""What runs on this machine."""

import time
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


def vanish(folder: Path, *, within_s: float = 15) -> bool:
    """Whether all processes of the folder end in time."""
    deadline = time.monotonic() + within_s
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_of(folder)
