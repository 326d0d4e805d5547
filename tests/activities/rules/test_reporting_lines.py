from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.reporting_lines import ReportingLines

REFS = ("a", "b", "c", "d", "e", "f")

trees = st.dictionaries(st.sampled_from(REFS), st.none() | st.sampled_from(REFS))


def is_above(managers: Mapping[str, str | None], one: str, other: str) -> bool:
    """Whether going up from `other` meets `one`."""
    met: set[str] = set()
    at = managers.get(other)
    while at is not None and at not in met:
        met.add(at)
        at = managers.get(at)
    return one in met


@settings(max_examples=300)
@given(trees)
def test_related_agrees_with_going_up(managers: Mapping[str, str | None]) -> None:
    lines = ReportingLines(managers)
    for one in (*REFS, "stranger"):
        for other in (*REFS, "stranger", "another"):
            expected = one == other or is_above(managers, one, other) or is_above(managers, other, one)
            assert lines.related(one, other) == expected


@given(trees)
def test_ranges_hold_everybody_below_and_strangers_apart(managers: Mapping[str, str | None]) -> None:
    people = [*REFS, "stranger", "another"]
    first, last = ReportingLines(managers).ranges(people)
    for one, ref in enumerate(people):
        inside = {other for at, other in enumerate(people) if first[one] <= first[at] < last[one]}
        circle = {
            other for other in REFS if is_above(managers, ref, other) and is_above(managers, other, ref)
        }
        assert inside == {ref} | circle | {other for other in people if is_above(managers, ref, other)}


@pytest.mark.parametrize(("hops", "expected"), [(0, ()), (1, ("b",)), (2, ("b", "c")), (9, ("b", "c", "d"))])
def test_managers_of_stops_after_so_many_hops(hops: int, expected: tuple[str, ...]) -> None:
    assert ReportingLines({"a": "b", "b": "c", "c": "d", "d": None}).managers_of("a", hops) == expected


def test_managers_of_goes_round_a_circle_once() -> None:
    assert ReportingLines({"a": "b", "b": "c", "c": "b"}).managers_of("a", 9) == ("b", "c")


def test_managers_of_somebody_who_manages_themselves_are_nobody() -> None:
    assert ReportingLines({"a": "a"}).managers_of("a", 9) == ()


def test_lines_of_ten_thousand_in_a_row_need_no_deep_stack() -> None:
    lines = ReportingLines({str(n): str(n + 1) for n in range(10_000)})
    assert (lines.related("0", "10000"), lines.related("10000", "0"), lines.related("0", "x")) == (
        True,
        True,
        False,
    )
