"""What the best pairs cost to find, beside what one would use instead.

`python -m bench.matching` prints a table. Every row runs in a process of its own, with one thread, on the
same cohort as its neighbours, so that its peak memory, interpreter and libraries included, is its own.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from time import perf_counter, process_time
from typing import TypeVar

from rich.console import Console
from rich.table import Table as Sheet

from activities.rules.assignment import DENSE_CELLS
from activities.rules.cohort import Cohort, Quota
from activities.rules.explaining import Explanations
from activities.rules.leniency import Lenient, match_leniently
from activities.rules.matching import Matching, free_part, is_proved, match, next_candidate
from activities.rules.optimum import optimum
from activities.rules.table import tabulate
from bench.alternatives import (
    Pairs,
    Scores,
    greedy,
    integer_programme,
    munkres,
    networkx_matching,
    score_pair_by_pair,
)
from bench.cohorts import company, of_own_hours

T = TypeVar("T")

_KIBIBYTES = 1024
_SMALL = 150


@dataclass(frozen=True)
class Measured:
    """Seconds on the clock and of the processor, the peak of memory in MiB, and what came out."""

    seconds: float
    processor: float
    mebibytes: float
    outcome: str


@dataclass(frozen=True)
class Case:
    """One way on one cohort; rows of a group are compared with its first. A limit of 0 is none."""

    group: str
    way: str
    run: Callable[[], Measured]
    most_seconds: float = 0
    most_mebibytes: float = 0


def main() -> None:
    """Runs every case, or the one that is numbered, and prints what it measured."""
    if len(sys.argv) > 1:
        print(json.dumps(asdict(CASES[int(sys.argv[1])].run())))
        return
    sheet = Sheet(title="Who fits whom, and what it costs to find out")
    for heading in ("what", "way", "s", "cpu s", "ratio", "peak MiB", "outcome", "within"):
        sheet.add_column(heading, justify="left" if heading in {"what", "way", "outcome"} else "right")
    first: dict[str, float] = {}
    for number, case in enumerate(CASES):
        found = _apart(number)
        ratio = found.processor / first.setdefault(case.group, found.processor)
        figures = f"{found.seconds:.3f}", f"{found.processor:.3f}", f"{ratio:.1f}", f"{found.mebibytes:.0f}"
        sheet.add_row(case.group, case.way, *figures, found.outcome, _within(case, found))
    Console(width=150).print(sheet)


def _apart(number: int) -> Measured:
    run = subprocess.run(
        [sys.executable, "-m", "bench.matching", str(number)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Measured(**json.loads(run.stdout))


def _within(case: Case, found: Measured) -> str:
    """The limits, and whether the time of the processor and the peak of memory keep them."""
    if not case.most_seconds:
        return ""
    kept = found.processor <= case.most_seconds and found.mebibytes <= (
        case.most_mebibytes or found.mebibytes
    )
    memory = f", {case.most_mebibytes:.0f} MiB" if case.most_mebibytes else ""
    return f"{case.most_seconds:g} s{memory} {'ok' if kept else 'NO'}"


def _measured(work: Callable[[], T], tell: Callable[[T], str], runs: int = 1) -> Measured:
    """The best of several runs."""
    times = []
    for _ in range(runs):
        clock, processor = perf_counter(), process_time()
        result = work()
        times.append((perf_counter() - clock, process_time() - processor))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIBIBYTES
    return Measured(*min(times), peak, tell(result))


def _score(way: Callable[[Cohort], Scores]) -> Measured:
    cohort = free_part(company(1000, 1000))
    return _measured(lambda: way(cohort), lambda scores: f"scores sum to {sum(map(sum, scores))}")


def _our_scores(cohort: Cohort) -> Scores:
    scores: Scores = tabulate(cohort).scores.astype(int).tolist()
    return scores


def _solve(way: Callable[[Scores], Pairs]) -> Measured:
    """The same scores, made beforehand, for every way."""
    scores = _our_scores(_one_place_each())
    return _measured(
        lambda: way(scores), lambda pairs: _tell(len(pairs), sum(scores[r][c] for r, c in pairs))
    )


def _our_pairs() -> Measured:
    table = tabulate(_one_place_each())

    def tell(chosen: Pairs) -> str:
        return _tell(len(chosen), sum(int(table.scores[row, column]) for row, column in chosen))

    def work() -> Pairs:
        chosen = optimum(table).chosen
        return list(zip(chosen.mentees.tolist(), table.mentor_of[chosen.places].tolist(), strict=True))

    return _measured(work, tell, runs=5)


def _one_place_each() -> Cohort:
    return free_part(company(_SMALL, _SMALL - 10, scarce=True))


def _match(
    mentees: int, mentors: int, *, scarce: bool, dense_cells: int = DENSE_CELLS, runs: int = 1
) -> Measured:
    return _match_all(company(mentees, mentors, scarce=scarce), dense_cells, runs)


def _match_own_hours(people: int) -> Measured:
    """Everybody has working hours of their own."""
    return _match_all(of_own_hours(company(people, people)), DENSE_CELLS, 3)


def _match_all(cohort: Cohort, dense_cells: int, runs: int) -> Measured:
    def tell(matching: Matching) -> str:
        proof = "proved" if is_proved(cohort, matching) else "NOT PROVED"
        return f"{_tell(len(matching.pairs), matching.points)}, {proof}"

    return _measured(lambda: match(cohort, dense_cells=dense_cells), tell, runs)


def _explain(mentees: int, mentors: int) -> Measured:
    """Every pair, every mentee left over, and the near misses."""
    cohort = company(mentees, mentors, scarce=mentors < mentees)
    matching = match(cohort)

    def work() -> int:
        explained = Explanations(cohort, matching)
        reasons = [explained.why_pair(pair) for pair in matching.pairs]
        reasons += [explained.why_nobody(ref) for ref in matching.unmatched]
        return sum(map(len, reasons)) + len(explained.near_misses())

    return _measured(work, lambda told: f"{told} reasons")


def _within_quotas(people: int, *, scarce: bool = True) -> Measured:
    """No unit may have more than its even share of the mentees matched."""
    cohort, share = _quota_cohort(people, scarce=scarce)
    bound = replace(cohort, quotas=tuple(Quota(unit, at_most=share) for unit in _units(cohort)))
    return _measured(lambda: match(bound), lambda matching: _tell(len(matching.pairs), matching.points))


def _beyond_quotas(people: int) -> Measured:
    """Two units should have more pairs than there are people."""
    cohort, share = _quota_cohort(people)
    units = _units(cohort)
    asked = (
        *(Quota(unit, at_least=people) for unit in units[:2]),
        *(Quota(one, at_most=share) for one in units),
    )
    bound = replace(cohort, quotas=asked)

    def tell(found: Lenient) -> str:
        return f"{_tell(len(found.matching.pairs), found.matching.points)}, {len(found.missed)} missed"

    return _measured(lambda: match_leniently(bound), tell)


def _without_quotas(people: int) -> Measured:
    cohort, _ = _quota_cohort(people)
    return _measured(lambda: match(cohort), lambda found: _tell(len(found.pairs), found.points))


def _quotas_by_milp(people: int) -> Measured:
    cohort, share = _quota_cohort(people)
    scores, units = _our_scores(cohort), [mentee.unit for mentee in cohort.mentees]
    return _measured(
        lambda: integer_programme(scores, units, share),
        lambda pairs: _tell(len(pairs), sum(scores[row][column] for row, column in pairs)),
    )


def _quota_cohort(people: int, *, scarce: bool = True) -> tuple[Cohort, int]:
    """A cohort and the even share of each unit in the mentees it can match, or in five of six."""
    cohort = free_part(company(people, people, scarce=scarce))
    if not scarce:
        return cohort, people * 5 // 6 // len(_units(cohort))
    return cohort, len(match(cohort).pairs) // len(_units(cohort))


def _units(cohort: Cohort) -> list[str]:
    return sorted({mentee.unit for mentee in cohort.mentees})


def _rematch(people: int) -> Measured:
    """The mentor of one pair leaves; everybody else is pinned."""
    cohort = company(people, people)
    pairs = match(cohort).pairs
    left, others = pairs[0], pairs[1:]
    stands = replace(
        cohort,
        mentors=tuple(one for one in cohort.mentors if one.ref != left.mentor_ref),
        pinned=frozenset((pair.mentor_ref, pair.mentee_ref) for pair in others),
    )
    return _measured(
        lambda: next_candidate(stands, left.mentee_ref),
        lambda pair: f"{pair.score} points" if pair else "nobody",
        runs=5,
    )


def _tell(matched: int, points: int) -> str:
    return f"{matched} matched, {points} points"


_SCORE, _SOLVE = "score 1,000 x 1,000", f"solve {_SMALL} x {_SMALL - 10}, scarce"
_QUOTAS = "match 200 x 200, scarce, a quota for each of 20 units"
_MATCH, _LARGE = "match 1,000 x 1,000", "match 10,000 x 8,600, scarce"

CASES = (
    Case(_SCORE, "tabulate", partial(_score, _our_scores)),
    Case(_SCORE, "pair by pair", partial(_score, score_pair_by_pair)),
    Case(_SOLVE, "optimum", _our_pairs),
    Case(_SOLVE, "greedy", partial(_solve, greedy)),
    Case(_SOLVE, "networkx", partial(_solve, networkx_matching)),
    Case(_SOLVE, "munkres, as mentor-match", partial(_solve, munkres)),
    Case(_MATCH, "match", partial(_match, 1000, 1000, scarce=False, runs=3), 0.5, 150),
    Case(_MATCH, "match, sparse", partial(_match, 1000, 1000, scarce=False, dense_cells=0, runs=3), 0.5, 150),
    Case(_MATCH, "match, all hours different", partial(_match_own_hours, 1000), 0.5, 150),
    Case(_LARGE, "match", partial(_match, 10_000, 8_600, scarce=True), 15, 400),
    Case("match 10,000 x 10,000", "match", partial(_match, 10_000, 10_000, scarce=False)),
    Case(_QUOTAS, "match", partial(_within_quotas, 200)),
    Case(_QUOTAS, "scipy milp", partial(_quotas_by_milp, 200)),
    Case(_QUOTAS, "match, without quotas", partial(_without_quotas, 200)),
    Case("match 1,000 x 1,000, scarce, 20 quotas", "match", partial(_within_quotas, 1000), 8, 300),
    Case("as many, 2 of 22 quotas missed", "match_leniently", partial(_beyond_quotas, 1000), 8, 300),
    Case("match 700 x 700, 20 quotas", "match", partial(_within_quotas, 700, scarce=False), 5, 250),
    Case("match 2,000 x 2,000, 20 quotas", "match", partial(_within_quotas, 2000, scarce=False), 45, 750),
    Case("explain 1,000 x 1,000", "Explanations", partial(_explain, 1000, 1000), 0.5),
    Case("explain 10,000 x 8,600, scarce", "Explanations", partial(_explain, 10_000, 8_600), 15),
    Case("rematch one of 1,000", "next_candidate", partial(_rematch, 1000), 0.05),
)

if __name__ == "__main__":
    main()
