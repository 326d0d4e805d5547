from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings

from activities.rules.cohort import Cohort, Quota, Rules
from activities.rules.eligibility import Eligibility, Rule
from activities.rules.explaining import Explanations, NearMiss, near_misses, why_nobody, why_pair
from activities.rules.matching import Matching, Pair, match
from activities.rules.reasons import Code, Reason, in_words
from activities.rules.relaxing import RELAXABLE
from activities.rules.scoring import Part, parts
from tests.activities.rules.cohorts import cohorts, fits, mentee, mentor

MORE = settings(max_examples=100, deadline=None)


def allowed(cohort: Cohort, mentee_ref: str) -> set[str]:
    """The mentors a mentee may have now, places included."""
    row = [one.ref for one in cohort.mentees].index(mentee_ref)
    mask = Eligibility(cohort).allowed(slice(row, row + 1))[0]
    return {one.ref for one, fits in zip(cohort.mentors, mask, strict=True) if fits}


def bent(cohort: Cohort, reason: Reason, mentee_ref: str) -> Cohort:
    """The cohort as it would be if the rule a reason speaks of gave way as far as the reason says."""
    rule = reason.about
    if rule == Rule.COMMON_HOURS:
        return replace(cohort, rules=replace(cohort.rules, min_common_minutes=reason.numbers["enough"]))
    if rule == Rule.LEVEL_GAP:
        return replace(cohort, rules=replace(cohort.rules, min_level_gap=reason.numbers["enough"]))
    if rule == Rule.COMMON_MANAGER:
        return replace(cohort, rules=replace(cohort.rules, manager_hops=0))
    if rule == Rule.LANGUAGE:
        spoken = frozenset(reason.languages)
        mentees = (
            replace(m, languages=m.languages | spoken) if m.ref == mentee_ref else m for m in cohort.mentees
        )
        return replace(cohort, mentees=tuple(mentees))
    if rule == Rule.ADMITTED:
        return replace(cohort, mentors=tuple(replace(one, admitted=True) for one in cohort.mentors))
    more = (replace(one, capacity=one.capacity + 1 + len(cohort.pinned)) for one in cohort.mentors)
    return replace(cohort, mentors=tuple(more))


def of(reasons: Iterable[Reason], code: Code) -> list[Reason]:
    return [reason for reason in reasons if reason.code is code]


@MORE
@given(cohorts())
def test_why_pair_tells_the_parts_the_rank_and_the_runner_up(cohort: Cohort) -> None:
    matching = match(cohort)
    explanations = Explanations(cohort, matching)
    mentees = {one.ref: one for one in cohort.mentees}
    mentees_of = Counter(pair.mentor_ref for pair in matching.pairs)
    busy = {one.ref for one in cohort.mentors if 0 < mentees_of[one.ref] >= one.capacity}
    for pair in matching.pairs:
        reasons = explanations.why_pair(pair)
        told = {Part(reason.about): reason.numbers["points"] for reason in of(reasons, Code.PART)}
        assert (told, sum(told.values())) == (pair.parts, pair.score)
        assert bool(of(reasons, Code.PINNED)) == pair.pinned
        scores = {
            one.ref: sum(parts(mentees[pair.mentee_ref], one, cohort.weights).values())
            for one in cohort.mentors
        }
        others = allowed(cohort, pair.mentee_ref) - {pair.mentor_ref}
        better = {ref for ref in others if scores[ref] > pair.score}
        ranks = [dict(reason.numbers) for reason in of(reasons, Code.RANK)]
        fits = not of(reasons, Code.AGAINST)
        assert ranks == [{"rank": len(better) + 1, "of": len(others) + 1}] * fits
        runner_up = of(reasons, Code.RUNNER_UP)
        assert len(runner_up) == bool(others)
        for reason in runner_up:
            best = max(scores[ref] for ref in others)
            assert scores[reason.refs[0]] == best
            difference = pair.score - best
            assert reason.numbers == {"points": abs(difference)}
            assert reason.about == ("behind" if difference > 0 else "ahead" if difference else "level")
        taken = of(reasons, Code.BETTER_TAKEN)
        assert [reason.numbers["mentors"] for reason in taken] == [len(better & busy)] * bool(better & busy)


@MORE
@given(cohorts())
def test_pinned_pair_is_told_the_rules_that_would_not_allow_it(cohort: Cohort) -> None:
    matching = match(cohort)
    explanations = Explanations(cohort, matching)
    for pair in matching.pairs:
        refs = (pair.mentor_ref, pair.mentee_ref)
        told = of(explanations.why_pair(pair), Code.AGAINST)
        unpinned = replace(cohort, pinned=cohort.pinned - {refs})
        fits = pair.mentor_ref in allowed(unpinned, pair.mentee_ref)
        assert bool(told) == (not fits) if pair.pinned else told == []


@MORE
@given(cohorts(most=6))
def test_why_nobody_is_true_when_its_facts_are_changed(cohort: Cohort) -> None:
    matching = match(cohort)
    explanations = Explanations(cohort, matching)
    for ref in matching.unmatched:
        reasons = explanations.why_nobody(ref)
        now = allowed(cohort, ref)
        assert bool(of(reasons, Code.NO_MENTORS)) == (not cohort.mentors)
        assert bool(of(reasons, Code.SHORTAGE)) == bool(now)
        ruled_out = sum(reason.numbers["mentors"] for reason in of(reasons, Code.FIRST_RULE))
        assert ruled_out == (0 if now else len(cohort.mentors))
        for reason in of(reasons, Code.ONLY_RULE):
            more = allowed(bent(cohort, reason, ref), ref) - now
            assert reason.about in RELAXABLE
            assert len(more) == reason.numbers["mentors"]
            assert set(reason.refs) <= more


@MORE
@given(cohorts(most=6))
def test_shortage_names_mentees_who_share_too_few_places(cohort: Cohort) -> None:
    matching = match(cohort)
    explanations = Explanations(cohort, matching)
    taken = [mentor for mentor, _ in cohort.pinned]
    for ref in matching.unmatched:
        for reason in of(explanations.why_nobody(ref), Code.SHORTAGE):
            assert reason.refs[0] == ref
            assert reason.numbers["mentees"] == len(set(reason.refs))
            shared = set().union(*(allowed(cohort, other) for other in reason.refs))
            places = {one.ref: one.capacity - taken.count(one.ref) for one in cohort.mentors}
            assert reason.numbers["mentors"] == len(shared)
            assert reason.numbers["places"] == sum(places[one] for one in shared) < reason.numbers["mentees"]
            wider = tuple(
                replace(one, capacity=one.capacity + 1) if one.ref in shared else one
                for one in cohort.mentors
            )
            assert len(match(replace(cohort, mentors=wider)).pairs) > len(matching.pairs)


@MORE
@given(cohorts())
def test_near_misses_fit_once_their_one_rule_gives_way(cohort: Cohort) -> None:
    matching = match(cohort)
    mentors = {one.ref: one for one in cohort.mentors}
    mentees = {one.ref: one for one in cohort.mentees}
    for miss in near_misses(cohort, matching, 99):
        assert miss.mentee_ref in matching.unmatched
        assert miss.mentor_ref not in allowed(cohort, miss.mentee_ref)
        assert miss.mentor_ref in allowed(bent(cohort, miss.reason, miss.mentee_ref), miss.mentee_ref)
        assert miss.score == sum(
            parts(mentees[miss.mentee_ref], mentors[miss.mentor_ref], cohort.weights).values()
        )


def test_why_nobody_says_three_mentors_if_three_hours_were_two() -> None:
    short = tuple(
        mentor(f"y{n}", working=((540, 540 + minutes),)) for n, minutes in enumerate((150, 125, 120, 119))
    )
    late = mentor("y9", working=((540, 700),), languages=frozenset({"fr"}))
    cohort = Cohort(mentees=(mentee(),), mentors=(*short, late))
    reasons = why_nobody(cohort, match(cohort), "m1")
    assert reasons == (
        Reason(Code.FIRST_RULE, Rule.LANGUAGE, {"mentors": 1, "of": 5}),
        Reason(Code.FIRST_RULE, Rule.COMMON_HOURS, {"mentors": 4, "of": 5}),
        Reason(
            Code.ONLY_RULE,
            Rule.COMMON_HOURS,
            {"mentors": 3, "needed": 180, "enough": 120},
            ("y0", "y1", "y2"),
        ),
    )


def test_why_nobody_offers_less_than_an_hour_where_there_is_no_more() -> None:
    mentors = (mentor("y1", working=((540, 590),)), mentor("y2", working=((540, 570),)))
    cohort = Cohort(mentees=(mentee(),), mentors=mentors)
    (_, only) = why_nobody(cohort, match(cohort), "m1")
    assert only.numbers == {"mentors": 1, "needed": 180, "enough": 50}


def test_why_nobody_offers_the_widest_gap_and_the_commonest_language() -> None:
    cohort = Cohort(
        mentees=(mentee(level=6),),
        mentors=(
            mentor("y1", level=5),
            mentor("y2", level=6),
            mentor("y3", languages=frozenset({"fr", "it"})),
            mentor("y4", languages=frozenset({"it", "es"})),
            mentor("y5", languages=frozenset({"es", "it"}), strengths={"1.1": 4}),
        ),
    )
    _, _, levels, language = why_nobody(cohort, match(cohort), "m1")
    assert levels == Reason(Code.ONLY_RULE, Rule.LEVEL_GAP, {"mentors": 1, "needed": 2, "enough": 1}, ("y1",))
    assert language == Reason(
        Code.ONLY_RULE, Rule.LANGUAGE, {"mentors": 3}, ("y3", "y4", "y5"), languages=("it",)
    )


def test_no_rule_is_bent_beyond_meaning() -> None:
    """A mentor above the mentee is none, and nobody meets without common working time."""
    nights = ((2 * 60, 6 * 60),)
    cohort = Cohort(
        mentees=(mentee(level=4),),
        mentors=(mentor("y1", level=4), mentor("y2", level=7), mentor("y3", working=nights)),
    )
    matching = match(cohort)
    assert of(why_nobody(cohort, matching, "m1"), Code.ONLY_RULE) == []
    assert near_misses(cohort, matching) == ()


def test_why_nobody_of_mentors_without_a_language_names_none() -> None:
    cohort = Cohort(mentees=(mentee(),), mentors=(mentor(languages=frozenset()),))
    _, only = why_nobody(cohort, match(cohort), "m1")
    assert only == Reason(Code.ONLY_RULE, Rule.LANGUAGE, {"mentors": 1}, ("y1",))


def test_why_nobody_names_everybody_who_shares_the_places() -> None:
    mentees = tuple(mentee(f"m{n}") for n in range(4))
    elsewhere = mentor("y2", languages=frozenset({"fr"}), level=6)
    cohort = Cohort(mentees=mentees, mentors=(mentor("y1", capacity=2), elsewhere))
    matching = match(cohort)
    first, second = matching.unmatched
    for ref, other in ((first, second), (second, first)):
        (reason,) = why_nobody(cohort, matching, ref)
        rest = sorted({"m0", "m1", "m2", "m3"} - {ref})
        assert other in rest
        assert reason == Reason(Code.SHORTAGE, "", {"mentees": 4, "places": 2, "mentors": 1}, (ref, *rest))


def test_why_nobody_names_twenty_of_many() -> None:
    cohort = Cohort(mentees=tuple(mentee(f"m{n:02}") for n in range(30)), mentors=(mentor(),))
    matching = match(cohort)
    (reason,) = why_nobody(cohort, matching, "m29" if "m29" in matching.unmatched else "m28")
    assert (reason.numbers["mentees"], len(reason.refs)) == (30, 20)


def test_why_nobody_blames_a_quota_where_a_place_is_left() -> None:
    cohort = Cohort(
        mentees=(mentee("m1", unit="north"), mentee("m2", unit="north")),
        mentors=(mentor("y1"), mentor("y2")),
        quotas=(Quota("north", at_most=1),),
    )
    matching = match(cohort)
    assert why_nobody(cohort, matching, matching.unmatched[0]) == (Reason(Code.QUOTA),)


def test_why_nobody_without_mentors() -> None:
    cohort = Cohort(mentees=(mentee(),), mentors=())
    assert why_nobody(cohort, match(cohort), "m1") == (Reason(Code.NO_MENTORS),)


def test_why_pair_names_what_is_taught_and_shared() -> None:
    one = mentor("y1", strengths={"1.1": 1, "2.4": 4, "3.4": 2}, interests=frozenset({"5.2", "1.1"}))
    other = mentee(needs={"1.1": 50, "2.4": 20, "5.2": 30}, interests=frozenset({"5.2", "1.1", "3.4"}))
    cohort = Cohort(mentees=(other,), mentors=(one, mentor("y2"), mentor("y0")))
    matching = match(cohort)
    assert why_pair(cohort, matching, matching.pairs[0]) == (
        Reason(Code.PART, Part.NEEDS, {"points": 130}, competences=("2.4", "1.1")),
        Reason(Code.PART, Part.INTERESTS, {"points": 10}, competences=("5.2",)),
        Reason(Code.RANK, "best", {"rank": 1, "of": 3}),
        Reason(Code.RUNNER_UP, "behind", {"points": 140}, ("y0",)),
    )


def test_why_pair_tells_who_is_better_but_taken() -> None:
    cohort = Cohort(
        mentees=(
            mentee("m1", needs={"1.1": 100}),
            mentee("m2", needs={"1.1": 100}, wishes=frozenset({"y1"})),
        ),
        mentors=(mentor("y1", strengths={"1.1": 4}), mentor("y2", strengths={"1.1": 1})),
    )
    matching = match(cohort)
    assert why_pair(cohort, matching, matching.pairs[0])[1:] == (
        Reason(Code.RANK, "lower", {"rank": 2, "of": 2}),
        Reason(Code.RUNNER_UP, "ahead", {"points": 300}, ("y1",)),
        Reason(Code.BETTER_TAKEN, "", {"mentors": 1}, ("y1",)),
    )


def test_why_pair_tells_what_it_costs_to_share_a_mentor() -> None:
    strong, weak = mentor("y1", capacity=2, strengths={"1.1": 2}), mentor("y2", strengths={"1.1": 1})
    needs = {"1.1": 100}
    cohort = Cohort(mentees=(mentee("m1", needs=needs), mentee("m2", needs=needs)), mentors=(strong, weak))
    matching = match(cohort)
    assert {pair.mentor_ref for pair in matching.pairs} == {"y1"}
    for pair in matching.pairs:
        loads = [one for one in why_pair(cohort, matching, pair) if one.code is Code.LOAD]
        assert loads == [Reason(Code.LOAD, "shared", {"mentees": 2, "points": 20})]
        assert in_words(loads[0], "en", {}).endswith(" counts 20 points less.")


def test_why_pair_tells_who_is_better_but_spared_a_second_mentee() -> None:
    better, other = mentor("y1", capacity=2, strengths={"1.1": 2}), mentor("y2", strengths={"1.1": 2})
    better = replace(better, wishes=frozenset({"m1"}))
    needs = {"1.1": 100}
    wishing = replace(mentee("m2", needs=needs), interests=frozenset({"2.4"}))
    cohort = Cohort(
        mentees=(mentee("m1", needs=needs), wishing),
        mentors=(replace(better, interests=frozenset({"2.4"})), other),
    )
    matching = match(cohort)
    pair = next(one for one in matching.pairs if one.mentee_ref == "m2")
    assert pair.mentor_ref == "y2"
    loads = [one for one in why_pair(cohort, matching, pair) if one.code is Code.LOAD]
    assert loads == [Reason(Code.LOAD, "spared", {"mentors": 1}, ("y1",))]


def test_why_pair_of_an_only_mentor_has_no_runner_up() -> None:
    cohort = Cohort(mentees=(mentee(),), mentors=(mentor(),))
    matching = match(cohort)
    assert why_pair(cohort, matching, matching.pairs[0]) == (Reason(Code.RANK, "only", {"rank": 1, "of": 1}),)


def test_why_pair_names_each_rule_that_a_pinned_pair_breaks() -> None:
    """The rules come in their order, and the pair has no rank among those who fit."""
    cohort = Cohort(
        mentees=(mentee(level=3),),
        mentors=(mentor("y1", languages=frozenset({"fr"})), mentor("y2", level=1)),
        pinned=frozenset({("y1", "m1")}),
    )
    matching = match(cohort)
    assert why_pair(cohort, matching, matching.pairs[0]) == (
        Reason(Code.PINNED),
        Reason(Code.AGAINST, Rule.LEVEL_GAP),
        Reason(Code.AGAINST, Rule.LANGUAGE),
        Reason(Code.RUNNER_UP, "level", {"points": 0}, ("y2",)),
    )


def test_why_pair_blames_a_pinned_pair_for_its_mentors_place_only_where_there_are_too_few() -> None:
    pinned = frozenset({("y1", "m1"), ("y1", "m2")})
    for capacity, against in ((2, []), (1, [Reason(Code.AGAINST, Rule.PLACE)])):
        cohort = Cohort(
            mentees=(mentee("m1"), mentee("m2")), mentors=(mentor("y1", capacity=capacity),), pinned=pinned
        )
        matching = match(cohort)
        for pair in matching.pairs:
            assert of(why_pair(cohort, matching, pair), Code.AGAINST) == against


def test_what_speaks_for_a_pair_names_competences_for_needs_and_interests_only() -> None:
    one = mentor(site="lyon", function="sales", wishes=frozenset({"m1"}))
    cohort = Cohort(
        mentees=(mentee(site="porto", function="legal", wishes=frozenset({"y1"})),), mentors=(one,)
    )
    matching = match(cohort)
    assert Explanations(cohort, matching).what_speaks_for(matching.pairs[0]) == (
        Reason(Code.PART, Part.MENTEE_WISH, {"points": 80}),
        Reason(Code.PART, Part.MENTOR_WISH, {"points": 80}),
        Reason(Code.PART, Part.OTHER_FUNCTION, {"points": 30}),
        Reason(Code.PART, Part.OTHER_SITE, {"points": 10}),
    )


def test_runner_up_is_the_one_of_most_points_whatever_the_names() -> None:
    needs = {"1.1": 1, "2.4": 99}
    strengths = {"y0": 1, "y1": 4, "y8": 2, "y9": 3}
    mentors = tuple(mentor(ref, strengths={"1.1": level}) for ref, level in strengths.items())
    cohort = Cohort(mentees=(mentee(needs=needs),), mentors=mentors)
    matching = match(cohort)
    (runner_up,) = of(why_pair(cohort, matching, matching.pairs[0]), Code.RUNNER_UP)
    assert runner_up == Reason(Code.RUNNER_UP, "behind", {"points": 1}, ("y9",))


def test_why_pair_tells_nobody_spared_who_has_no_place_left_or_no_mentee() -> None:
    mentors = (
        mentor("y1", strengths={"1.1": 4, "2.4": 4}),
        mentor("y2", strengths={"1.1": 3, "2.4": 4}),
        mentor("y3", strengths={"1.1": 4, "2.4": 3}, capacity=2),
    )
    cohort = Cohort(
        mentees=(mentee("m1", needs={"1.1": 10, "2.4": 90}), mentee("m2", needs={"1.1": 10, "2.4": 90})),
        mentors=mentors,
    )
    matching = Matching((Pair("y1", "m1", 400), Pair("y2", "m2", 390)), ())
    reasons = why_pair(cohort, matching, matching.pairs[1])
    assert of(reasons, Code.BETTER_TAKEN) == [Reason(Code.BETTER_TAKEN, "", {"mentors": 1}, ("y1",))]
    assert of(reasons, Code.LOAD) == []


@pytest.mark.parametrize(("level", "standing"), [(1, "behind"), (2, "level"), (3, "ahead")])
def test_why_pair_tells_how_the_runner_up_stands(level: int, standing: str) -> None:
    """A weight of one tells the two apart by a single point."""
    needs = {"1.1": 1, "2.4": 99}
    mentors = (mentor("y1", strengths={"1.1": 2}), mentor("y2", strengths={"1.1": level}))
    cohort = Cohort(mentees=(mentee(needs=needs),), mentors=mentors)
    matching = Matching((Pair("y1", "m1", 2),), ())
    _, runner_up = why_pair(cohort, matching, matching.pairs[0])
    assert runner_up == Reason(Code.RUNNER_UP, standing, {"points": abs(level - 2)}, ("y2",))


def test_near_misses_are_the_best_few_that_a_coordinator_may_bend() -> None:
    strong = {"1.1": 4}
    mentors = (
        mentor("y1", admitted=False),
        mentor("y2", level=5, strengths=strong),
        mentor("y3", capacity=0, strengths={"1.1": 2}),
        mentor("y4", level=5, admitted=False, strengths=strong),
        mentor("y5", strengths=strong),
    )
    cohort = Cohort(
        mentees=(mentee(needs={"1.1": 100}),),
        mentors=mentors,
        forbidden=frozenset({("y5", "m1")}),
        rules=Rules(),
    )
    matching = match(cohort)
    levels = Reason(Code.ONLY_RULE, Rule.LEVEL_GAP, {"mentors": 1, "needed": 2, "enough": 1}, ("y2",))
    place = Reason(Code.ONLY_RULE, Rule.PLACE, {"mentors": 1}, ("y3",))
    assert near_misses(cohort, matching, 2) == (
        NearMiss("y2", "m1", 400, levels),
        NearMiss("y3", "m1", 200, place),
    )
    assert [miss.mentor_ref for miss in near_misses(cohort, matching)] == ["y2", "y3", "y1"]


def test_reasons_claimed_falsely_are_found_out() -> None:
    """The broken variant of the property: a claim of one hour less than it takes."""
    cohort = Cohort(mentees=(mentee(),), mentors=(mentor(working=((540, 660),)),))
    (_, only) = why_nobody(cohort, match(cohort), "m1")
    false = replace(only, numbers={**only.numbers, "enough": only.numbers["enough"] + 1})
    assert allowed(bent(cohort, only, "m1"), "m1") == {"y1"}
    assert allowed(bent(cohort, false, "m1"), "m1") == set()
    assert not fits(cohort, cohort.mentors[0], cohort.mentees[0])


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule not in RELAXABLE])
def test_rules_that_stand_are_never_offered(rule: Rule) -> None:
    assert rule in {Rule.PAST_OR_DECLINED, Rule.CONFLICT, Rule.STAYS, Rule.REPORTING_LINE}
