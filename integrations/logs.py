"""Log lines for people and machines: time, level, dotted event, then the data in logfmt."""

import logging
from datetime import UTC, datetime

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Logfmt(logging.Formatter):
    """Writes `2026-09-07T08:00:00Z INFO session.booked pairing=…`; values are quoted where they need it."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for a record; a traceback follows on lines of its own."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        data = [f"{name}={_value(value)}" for name, value in vars(record).items() if name not in _USUAL]
        line = " ".join([at, record.levelname, record.getMessage(), *data])
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return line


def set_up(level: int = logging.WARNING) -> None:
    """Sends all log records of the level and above to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Logfmt())
    logging.basicConfig(level=level, handlers=[handler])


def _value(value: object) -> str:
    text = str(value)
    return repr(text) if not text or any(character in text for character in ' "=\n') else text
