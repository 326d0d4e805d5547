from activities.rules.figures import Figures, tally


def test_plain_counts_are_told_however_small() -> None:
    figures = Figures()
    figures.plain("sessions", 1)
    assert figures.counts == {"sessions": 1}
    assert figures.withheld == 0


def test_average_of_five_is_told_in_hundredths_with_how_many_they_were() -> None:
    figures = Figures()
    figures.average("usefulness", [4, 4, 5, 5, 5])
    assert figures.counts == {"usefulness": 460, "usefulness_people": 5}
    assert figures.withheld == 0


def test_average_of_fewer_than_five_is_withheld_and_of_nobody_is_none() -> None:
    figures = Figures()
    figures.average("usefulness", [4, 4, 5, 5])
    figures.average("pace", [3])
    figures.average("trust", [])
    assert figures.counts == {}
    assert figures.withheld == 2


def test_share_is_told_in_percent_where_yes_and_no_are_each_of_five_or_nobody() -> None:
    figures = Figures()
    figures.share("again", yes=10, of=15)
    figures.share("all", yes=5, of=5)
    figures.share("none", yes=0, of=5)
    figures.share("half", yes=5, of=10)
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
        figures.share("again", yes=yes, of=of)
        assert (figures.counts, figures.withheld) == ({}, 1), (yes, of)


def test_share_of_nobody_is_neither_told_nor_withheld() -> None:
    figures = Figures()
    figures.share("again", yes=0, of=0)
    assert (figures.counts, figures.withheld) == ({}, 0)


def test_withheld_figures_add_up() -> None:
    figures = Figures()
    figures.share("again", yes=1, of=9)
    figures.share("more", yes=1, of=9)
    assert figures.withheld == 2


def test_tally_counts_in_the_order_of_first_occurrence() -> None:
    assert list(tally(["late", "early", "late"]).items()) == [("late", 2), ("early", 1)]
    assert tally([]) == {}
