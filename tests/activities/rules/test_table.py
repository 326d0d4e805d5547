import numpy as np

from activities.rules.cohort import Cohort, Weights
from activities.rules.eligibility import Eligibility
from activities.rules.scoring import Scoring
from activities.rules.table import BARRED, chunks, tabulate
from tests.activities.rules.cohorts import mentee, mentor
from tests.activities.rules.tables import Kind, random_table, table

PAIR = Cohort(mentees=(mentee("m1", wishes=frozenset({"y1"})),), mentors=(mentor("y1"),))
NONE = np.zeros(1, np.int64)


def test_hashes_of_two_refs_are_the_same_on_every_machine() -> None:
    one = tabulate(PAIR)
    found = [
        int(one.with_hashes(bits, salt).weights(NONE, NONE)[0])
        for bits, salt in ((20, 0), (20, 1), (4, 0), (46, 0))
    ]
    assert found == [168640690, 168675181, 2573, 11317285173820372]


def test_weights_are_points_times_scale_and_a_hash_below_it() -> None:
    one = table([[5, 9], [0, BARRED]], [2, 1], cost=3, bits=6)
    mentees, places = np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 1])
    points, hashes = np.divmod(one.weights(mentees, places), one.scale)
    assert one.scale == (min(2, 3) + 1) * 2**6
    assert points.tolist() == [5, 2, 9, 0, -3]
    assert (hashes < 2**6).all()
    assert hashes[0] == hashes[1]


def test_spread_is_more_than_two_weights_may_differ() -> None:
    assert table([[5, 9], [0, BARRED]], [3, 1], cost=3).spread == 9 + 6 + 1
    assert table([[BARRED]]).spread == 1


def test_places_cost_more_the_more_mentees_a_mentor_has() -> None:
    cohort = Cohort(
        mentees=(mentee(),),
        mentors=(mentor("y1", capacity=4), mentor("y2", capacity=0), mentor("y3", capacity=2)),
        pinned=frozenset({("y1", "m9")}),
        weights=Weights(second_mentee=20),
    )
    one = tabulate(cohort)
    assert (one.mentor_of.tolist(), one.cost_of.tolist()) == ([0, 0, 0, 2, 2], [20, 40, 60, 0, 20])
    assert (one.mentees, one.places) == (1, 5)


def test_tabulate_takes_scores_where_rules_allow_and_bars_the_rest() -> None:
    """More people than are tabulated at a time."""
    mentees = tuple(
        mentee(f"m{n:03}", level=3 + n % 4, needs={"1.1": n % 101, "2.4": 100 - n % 101}) for n in range(300)
    )
    mentors = tuple(mentor(f"y{n}", level=1 + n, strengths={"1.1": 1 + n, "2.4": 4 - n}) for n in range(4))
    cohort = Cohort(mentees=mentees, mentors=mentors)
    everybody = slice(0, 300)
    scores = np.where(Eligibility(cohort).allowed(everybody), Scoring(cohort).scores(everybody), BARRED)
    found = tabulate(cohort).scores
    assert np.array_equal(found, scores)
    assert found.dtype == np.int16


def test_chunks_hold_every_row_once() -> None:
    assert [len(rows) for rows in chunks(np.arange(300))] == [128, 128, 44]
    assert np.concatenate(list(chunks(np.arange(300)))).tolist() == list(range(300))


def test_block_is_a_part_of_the_scores_by_place() -> None:
    one = random_table(3, Kind(mentees=9, mentors=7, capacity=2))
    mentees, places = np.array([4, 1]), np.array([3, 0, 2])
    expected = [[one.scores[row, one.mentor_of[place]] for place in places] for row in mentees]
    assert one.block(mentees, places).tolist() == expected
