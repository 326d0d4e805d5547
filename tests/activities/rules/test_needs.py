import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rules.needs import level_now, needs, needs_of_interests, shares
from integrations.answers import Needs

weights = st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 50), min_size=1)


def form(*competences: str, answers: tuple[int, int, int, int, int] = (0, 1, 2, 3, 0)) -> Needs:
    q1, q2, q3, q4, q5 = answers
    return Needs(choice="answered", q1=q1, q2=q2, q3=q3, q4=q4, q5=q5, competences=competences)


def test_needs_weigh_competences_by_what_there_is_to_learn_in_their_area() -> None:
    assert needs(form("1.1", "2.4", "3.4", "4.2")) == {"1.1": 40, "2.4": 30, "3.4": 20, "4.2": 10}


def test_needs_of_one_competence_are_all_of_it() -> None:
    assert needs(form("5.2")) == {"5.2": 100}


def test_needs_of_interests_weigh_the_same_and_sum_to_a_hundred() -> None:
    assert needs_of_interests(("2.4", "1.1", "3.4")) == {"1.1": 34, "2.4": 33, "3.4": 33}
    assert needs_of_interests(()) == {}


@pytest.mark.parametrize(
    ("competence", "level"), [("1.1", 1), ("2.4", 1), ("3.4", 2), ("4.2", 3), ("5.2", 1)]
)
def test_level_now_follows_the_answer_about_the_area(competence: str, level: int) -> None:
    assert level_now(form(competence), competence) == level


@given(weights, st.integers(1, 100))
def test_shares_sum_to_the_total_and_are_less_than_one_off(given: dict[str, int], total: int) -> None:
    found = shares(given, total)
    everything = sum(given.values())
    if not everything:
        assert found == {}
        return
    assert sum(found.values()) == total
    for name, weight in given.items():
        assert abs(found[name] - weight * total / everything) < 1


@given(weights)
def test_shares_do_not_depend_on_order(given: dict[str, int]) -> None:
    assert shares(dict(reversed(given.items()))) == shares(given)


@given(weights)
def test_shares_round_up_the_largest_remainders(given: dict[str, int]) -> None:
    everything = sum(given.values())
    if everything:
        up = [w * 100 % everything for n, w in given.items() if shares(given)[n] > w * 100 // everything]
        down = [w * 100 % everything for n, w in given.items() if shares(given)[n] == w * 100 // everything]
        assert min(up, default=everything) >= max(down, default=0)
