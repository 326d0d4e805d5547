"""Programme files: TOML on disk."""

import tomllib
from pathlib import Path

from integrations.programme import Programme, ProgrammeFileError, parse


def load(path: Path) -> Programme:
    """Reads a programme file; raises ProgrammeFileError once, naming every wrong field."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProgrammeFileError(f"{path.name} cannot be read as TOML: {error}") from error
    return parse(content)
