from collections.abc import Mapping, Sequence

from activities.rules.figures import Figures, tally


def said(values: Sequence[float]) -> Mapping[str, float]:
    return {f"p{number}": value for number, value in enumerate(values)}


def votes(yes: int, of: int) -> Mapping[str, bool]:
    return {f"p{number}": number < yes for number in range(of)}


def test_plain_counts_are_told_however_small() -> None:
    figures = Figures()
    figures.plain("sessions", 1)
    assert figures.counts == {"sessions": 1}
    assert figures.withheld == 0


def test_average_of_five_is_told_in_hundredths_with_how_many_they_were() -> None:
    figures = Figures()
    figures.average("usefulness", said([4, 4, 5, 5, 5]))
    assert figures.counts == {"usefulness": 460, "usefulness_people": 5}
    assert figures.withheld == 0


def test_average_of_fewer_than_five_is_withheld_and_of_nobody_is_none() -> None:
    figures = Figures()
    figures.average("usefulness", said([4, 4, 5, 5]))
    figures.average("pace", said([3]))
    figures.average("trust", said([]))
    assert figures.counts == {}
    assert figures.withheld == 2


def test_share_is_told_in_percent_where_yes_and_no_are_each_of_five_or_nobody() -> None:
    figures = Figures()
    figures.share("again", votes(10, 15))
    figures.share("all", votes(5, 5))
    figures.share("none", votes(0, 5))
    figures.share("half", votes(5, 10))
    assert figures.counts == {
        "again": 67,
        "again_people": 15,
        "all": 100,
        "all_people": 5,
        "none": 0,
        "none_people": 5,
        "half": 50,
        "half_people": 10,
    }
    assert figures.withheld == 0


def test_share_is_withheld_where_yes_or_no_is_that_of_too_few() -> None:
    for yes, of in ((4, 20), (16, 20), (1, 20), (19, 20), (0, 4), (4, 4), (1, 1)):
        figures = Figures()
        figures.share("again", votes(yes, of))
        assert (figures.counts, figures.withheld) == ({}, 1), (yes, of)


def test_share_of_nobody_is_neither_told_nor_withheld() -> None:
    figures = Figures()
    figures.share("again", votes(0, 0))
    assert (figures.counts, figures.withheld) == ({}, 0)


def test_withheld_figures_add_up() -> None:
    figures = Figures()
    figures.share("again", votes(1, 9))
    figures.share("more", votes(1, 9))
    assert figures.withheld == 2


def test_tally_counts_in_the_order_of_first_occurrence() -> None:
    assert list(tally(["late", "early", "late"]).items()) == [("late", 2), ("early", 1)]
    assert tally([]) == {}


def pairs(first: int, last: int) -> Sequence[tuple[str, str]]:
    """Pairs of different people, by number."""
    return [(f"y{number}", f"m{number}") for number in range(first, last)]


def outcomes(**ended: Sequence[tuple[str, str]]) -> tuple[dict[str, int], int]:
    figures = Figures()
    figures.outcomes("pairings", ended)
    return figures.counts, figures.withheld


def test_outcomes_of_five_pairs_each_are_all_told() -> None:
    told = outcomes(completed=pairs(0, 7), declined=pairs(7, 12))
    assert told == ({"pairings": 12, "pairings_completed": 7, "pairings_declined": 5}, 0)


def test_outcomes_of_too_few_pairs_are_told_together_where_that_is_five() -> None:
    told = outcomes(completed=pairs(0, 7), declined=pairs(7, 10), lapsed=pairs(10, 12))
    assert told == ({"pairings": 12, "pairings_completed": 7, "pairings_otherwise": 5}, 0)


def test_outcomes_of_too_few_pairs_do_not_follow_from_the_sum() -> None:
    told = outcomes(completed=pairs(0, 7), declined=pairs(7, 10))
    assert told == ({"pairings_completed": 7}, 2)


def test_outcome_of_five_pairs_of_one_mentor_is_that_of_too_few() -> None:
    told = outcomes(completed=pairs(0, 7), declined=[("y9", f"m{number}") for number in range(7, 12)])
    assert told == ({"pairings_completed": 7}, 2)
