"""Runs a program that ends when its parent does, however the parent ends.

Started by path, with the standard library alone: `leash.py FD GRACE PROGRAM [ARGUMENT …]`. FD is the read end
of a pipe whose other end only the parent holds. A watcher process reads it; the program replaces this one and
keeps its process id. The pipe's end tells the watcher that the parent is gone, also after a SIGKILL, on Linux
and macOS alike: it sends SIGTERM to the program's process group, and SIGKILL after GRACE seconds. A byte
before the end means that the parent has seen to everything itself.
"""

import os
import signal
import sys
import time


def main() -> None:
    """Forks the watcher, then becomes the program."""
    pipe, grace_s, argv = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    program = os.getpid()
    if os.fork() == 0:
        # Out of the program's session, so that what is sent to its process group does not end the watcher.
        os.setsid()
        watch(pipe, program, grace_s)
        os._exit(0)
    os.close(pipe)
    try:
        os.execv(argv[0], argv)  # noqa: S606 -- no shell is wanted
    except OSError as error:
        sys.exit(f"{argv[0]} cannot be run: {error.strerror}")


def watch(pipe: int, group: int, grace_s: float) -> None:
    """Waits for the parent's word or end, and ends the group in the latter case."""
    if os.read(pipe, 1):
        return
    end_group(group, grace_s)


def end_group(group: int, grace_s: float) -> None:
    """SIGTERM to the group, SIGKILL to what is left of it after the grace, in seconds."""
    deadline = time.monotonic() + grace_s
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
            while number == signal.SIGTERM and time.monotonic() < deadline:
                time.sleep(0.02)
                os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            # Gone; macOS says "not permitted" for a group of which only a zombie is left.
            return


if __name__ == "__main__":
    main()
