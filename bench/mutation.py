"""The mutation score of the rules: how many small faults put into them their tests notice.

`python -m bench.mutation MODULE…` mutates these modules of `activities/rules`, runs their own tests against
each mutant, and prints the share that was killed and the names of those that survived. Without an argument it
mutates all modules and runs all tests of the rules, which takes hours. It works on a copy, so that the tree
stays as it is.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_RULES: Final = Path("activities/rules")
_TESTS: Final = Path("tests/activities/rules")
_COPIED: Final = ("activities", "integrations", "bench", str(_TESTS))
_CONFIG: Final = """[mutmut]
source_paths=activities
only_mutate=
    {mutated}
also_copy=
    bench
    integrations
    tests
pytest_add_cli_args_test_selection=
    {tests}
pytest_add_cli_args=
    -p
    no:randomly
use_git_change_detection=false
"""
_CAUGHT: Final = frozenset({"killed", "timeout", "suspicious", "segfault", "caught by type check"})
_UNTESTED: Final = frozenset({"skipped", "not checked"})


def main(names: Sequence[str]) -> int:
    """Mutates these modules of the rules; 1 where one of them does not exist or no mutant was tried."""
    modules = sorted(names) or sorted(one.stem for one in (_ROOT / _RULES).glob("[!_]*.py"))
    missing = [name for name in modules if not (_ROOT / _RULES / f"{name}.py").is_file()]
    if missing:
        print(f"activities/rules has no {', '.join(missing)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder)
        _furnish(workshop, modules, _tests_of(names))
        mutmut = [str(Path(sys.executable).with_name("mutmut"))]
        subprocess.run([*mutmut, "run"], cwd=workshop, check=False)
        listed = subprocess.run(
            [*mutmut, "results", "--all", "true"], cwd=workshop, check=True, capture_output=True, text=True
        )
    return _told(listed.stdout)


def _tests_of(names: Sequence[str]) -> list[Path]:
    """The tests of these modules, or those of all rules where there is no name or a module has none."""
    own = [_TESTS / f"test_{name}.py" for name in names]
    return own if own and all((_ROOT / one).is_file() for one in own) else [_TESTS]


def _furnish(workshop: Path, modules: Sequence[str], tests: Sequence[Path]) -> None:
    """Copies what the tests of the rules need, and says what is to be mutated and what tests it."""
    ignored = shutil.ignore_patterns("__pycache__", "company", "letters")
    for part in _COPIED:
        shutil.copytree(_ROOT / part, workshop / part, ignore=ignored)
    for package in (Path("tests"), Path("tests/activities")):
        shutil.copy(_ROOT / package / "__init__.py", workshop / package)
    mutated = "\n    ".join(str(_RULES / f"{name}.py") for name in modules)
    config = _CONFIG.format(mutated=mutated, tests="\n    ".join(map(str, tests)))
    (workshop / "setup.cfg").write_text(config, encoding="utf-8")


def _told(listed: str) -> int:
    """Prints the score of mutants listed as `name: status`."""
    found = [
        (name.strip(), status) for name, _, status in (line.rpartition(": ") for line in listed.split("\n"))
    ]
    outcomes = {name: status.strip() for name, status in found if name and status.strip() not in _UNTESTED}
    for name, status in sorted(outcomes.items()):
        if status not in _CAUGHT:
            print(f"{status}: {name}")
    caught = sum(status in _CAUGHT for status in outcomes.values())
    counts = ", ".join(f"{count} {status}" for status, count in sorted(Counter(outcomes.values()).items()))
    share = f"{100 * caught / len(outcomes):.1f} %" if outcomes else "nothing"
    print(f"mutation score {share} of {len(outcomes)} mutants ({counts})")
    return int(not outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
