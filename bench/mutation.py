"""The mutation score of the rules: how many small faults put into them their tests notice.

`python -m bench.mutation MODULE…` mutates these modules of `activities/rules`, one after the other, runs the
tests that are about each against its mutants, and prints the share that was killed and which survived; less
than 85 % ends with 1. Where no module is named it mutates all. Properties are tried with few examples, so
that a score is a little lower than what the whole suite would reach. It works on a copy, and the tree stays
as it is.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_FLOOR: Final = 0.85
"""The share of its mutants that the tests of a module have to notice."""
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
    -p
    no:cacheprovider
    -p
    bench.few_examples
use_git_change_detection=false
timeout_multiplier=5
timeout_constant=3
"""
# Which tests are about a module, where they are not, or not only, those named after it.
_TESTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "assignment": ("optimum",),
    "certificate": ("certificate", "optimum"),
    "edges": ("edges", "optimum"),
    "exchanges": ("exchanges", "optimum"),
    "faces": ("faces", "leniency", "quotas"),
    "prices": ("prices", "optimum"),
    "prospects": ("slots", "series"),
    "relaxing": ("explaining",),
    "shortage": ("shortage", "optimum"),
    "shortfall": ("explaining",),
    "starts": ("starts", "slots"),
    "swaps": ("swaps", "stability"),
}
_MUTMUT: Final = str(Path(sys.executable).with_name("mutmut"))
_CAUGHT: Final = frozenset({"killed", "timeout", "suspicious", "segfault", "caught by type check"})
_UNTESTED: Final = frozenset({"skipped"})


def main(words: Sequence[str]) -> int:
    """Mutates modules of the rules; 1 where one of them does not exist or scores below 85 %."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="names of modules, else all of them")
    parser.add_argument("--children", type=int, default=os.cpu_count(), help="how many mutants at once")
    asked = parser.parse_args(words)
    modules = asked.modules or _modules()
    missing = [name for name in modules if not (_ROOT / _RULES / f"{name}.py").is_file()]
    if missing:
        print(f"activities/rules has no {', '.join(missing)}", file=sys.stderr)
        return 1
    return max([_try(name, asked.children) for name in modules])


def _modules() -> list[str]:
    """All modules of the rules that do something; words alone have no mutants."""
    files = sorted((_ROOT / _RULES).glob("[!_]*.py"))
    return [one.stem for one in files if "def " in one.read_text(encoding="utf-8")]


def _try(module: str, children: int) -> int:
    """Mutates a module and prints its score and the faults that survived; 1 where they are too many."""
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder)
        _furnish(workshop, module)
        # Each mutant is tried in a fork, which threads of a library would not survive.
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        run = [_MUTMUT, "run", "--max-children", str(children)]
        subprocess.run(run, cwd=workshop, check=False, env=environment)
        outcomes = _outcomes(_listed(workshop, "results", "--all", "true"))
        for name, status in sorted(outcomes.items()):
            if status not in _CAUGHT:
                print(f"{status}: {_listed(workshop, 'show', name)}")
    statuses = list(outcomes.values())
    print(f"{module}: {_score(statuses)}", flush=True)
    return int(not statuses or sum(status in _CAUGHT for status in statuses) < _FLOOR * len(statuses))


def _listed(workshop: Path, *words: str) -> str:
    """What mutmut says about the mutants of a workshop."""
    asked = subprocess.run([_MUTMUT, *words], cwd=workshop, check=True, capture_output=True, text=True)
    return asked.stdout


def _tests_of(module: str) -> list[Path]:
    """The tests that are about a module, or those of all rules where there are none."""
    tests = [_TESTS / f"test_{name}.py" for name in _TESTS_OF.get(module, (module,))]
    return tests if all((_ROOT / one).is_file() for one in tests) else [_TESTS]


def _furnish(workshop: Path, module: str) -> None:
    """Copies what the tests of the rules need, and says what is to be mutated and what tests it."""
    ignored = shutil.ignore_patterns("__pycache__", "company", "letters")
    for part in _COPIED:
        shutil.copytree(_ROOT / part, workshop / part, ignore=ignored)
    for package in (Path("tests"), Path("tests/activities")):
        shutil.copy(_ROOT / package / "__init__.py", workshop / package)
    tests = "\n    ".join(map(str, _tests_of(module)))
    config = _CONFIG.format(mutated=_RULES / f"{module}.py", tests=tests)
    (workshop / "setup.cfg").write_text(config, encoding="utf-8")


def _outcomes(listed: str) -> dict[str, str]:
    """What became of the mutants that are listed as `name: status`, by name."""
    found = (line.rpartition(": ") for line in listed.split("\n"))
    return {name.strip(): status for name, _, status in found if name and status not in _UNTESTED}


def _score(statuses: Sequence[str]) -> str:
    """The share of mutants that were noticed, in words."""
    caught = sum(status in _CAUGHT for status in statuses)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(Counter(statuses).items()))
    share = f"{100 * caught / len(statuses):.1f} %" if statuses else "nothing"
    return f"mutation score {share} of {len(statuses)} mutants ({counts})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
