"""The quotas of a programme file as the matching rules take them."""

from collections.abc import Iterable, Mapping, Sequence

from activities.rules.cohort import Candidate, PairRefs, Quota, Side
from integrations.database.people import Person
from integrations.programme import Programme

_SIDES = {"mentors": Side.MENTORS, "mentees": Side.MENTEES}
_PLACE = {"mentors": 0, "mentees": 1}


def unit_of(person: Person, programme: Programme, side: str) -> str:
    """What the quotas of a side count a person under: the department, or the site where they say so."""
    by_site = any(quota.side == side and quota.counts == "site" for quota in programme.quotas)
    return person.site if by_site else person.department


def quotas_of(
    programme: Programme,
    sides: Mapping[str, Sequence[Candidate]],
    standing: Iterable[PairRefs],
    people: Mapping[str, Person],
) -> tuple[Quota, ...]:
    """What the quotas leave to new pairs beside those that stand; shares are of the people of a side."""
    stand = tuple(standing)
    found: list[Quota] = []
    for rule in programme.quotas:
        refs = (pair[_PLACE[rule.side]] for pair in stand)
        taken = sum(unit_of(people[ref], programme, rule.side) == rule.unit for ref in refs if ref in people)
        size = len(sides[rule.side])
        most = rule.most(size)
        found.append(
            Quota(
                unit=rule.unit,
                side=_SIDES[rule.side],
                at_most=None if most is None else max(most - taken, 0),
                at_least=max(rule.fewest(size) - taken, 0),
            )
        )
    return tuple(found)
