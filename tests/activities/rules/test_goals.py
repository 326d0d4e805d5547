from activities.rules.goals import SuggestedGoal, level_gain, suggested_goals
from integrations.answers import Goal
from tests.activities.rules.test_needs import form


def goal(competence: str, now: int, wanted: int) -> Goal:
    return Goal(competence=competence, level_now=now, level_wanted=wanted, evidence="a plan")


def test_suggested_goals_are_the_three_heaviest_needs_one_level_up() -> None:
    assert suggested_goals(form("4.2", "3.4", "2.4", "1.1")) == (
        SuggestedGoal("1.1", 1, 2),
        SuggestedGoal("2.4", 1, 2),
        SuggestedGoal("3.4", 2, 3),
    )


def test_suggested_goals_of_equal_needs_go_by_competence() -> None:
    assert [one.competence for one in suggested_goals(form("1.3", "1.1", "1.2"))] == ["1.1", "1.2", "1.3"]


def test_suggested_goals_begin_with_what_the_mentor_masters_above_the_mentee() -> None:
    found = suggested_goals(form("1.1", "3.4", "4.2"), {"1.1": 1, "3.4": 3, "4.2": 3})
    assert [one.competence for one in found] == ["3.4", "1.1", "4.2"]


def test_level_gain_tells_where_each_goal_began_and_ended() -> None:
    goals = (goal("1.1", 1, 3), goal("2.4", 2, 3), goal("3.4", 1, 2))
    assert level_gain(goals, [{"1": 3, "3": 1}]) == {"1.1": (1, 3), "3.4": (1, 1)}


def test_level_gain_takes_the_lower_of_two_reviews_and_the_middle_of_three() -> None:
    assert level_gain((goal("1.1", 1, 4),), [{"1": 4}, {"1": 2}]) == {"1.1": (1, 2)}
    assert level_gain((goal("1.1", 1, 4),), [{"1": 4}, {"1": 2}, {"1": 3}]) == {"1.1": (1, 3)}


def test_level_gain_without_reviews_is_unknown() -> None:
    assert level_gain((goal("1.1", 1, 4),), []) == {}
