import json
from dataclasses import asdict

import pytest

from activities.rules.cohort import Side
from activities.rules.eligibility import Rule
from activities.rules.reason_words import SENTENCES
from activities.rules.reasons import FIXED, Code, Reason, in_words
from activities.rules.relaxing import RELAXABLE
from activities.rules.scoring import Part

NAMES = {"y1": "Ana Ruiz", "y2": "Bo Lind", "m1": "Cy Hale", "de": "German"}


def kinds() -> set[str]:
    """All that a reason can be."""
    return {
        *(str(code) for code in (Code.PINNED, Code.BETTER_TAKEN, Code.NO_MENTORS, Code.SHORTAGE, Code.QUOTA)),
        *(f"load/{about}" for about in ("spared", "shared")),
        *(f"quota-missed/{side}" for side in Side),
        *("tempted", "tempted/nobody", "tempted/within-quotas", "tempted/nobody-within-quotas"),
        "unknown-names",
        f"pinned/{FIXED}",
        *(f"against/{rule}" for rule in Rule),
        *(f"part/{part}" for part in Part),
        *(f"rank/{standing}" for standing in ("only", "best", "lower")),
        *(f"runner-up/{standing}" for standing in ("behind", "level", "ahead")),
        *(f"first-rule/{rule}" for rule in Rule),
        *(f"only-rule/{rule}" for rule in RELAXABLE),
    }


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(SENTENCES) == kinds()
    assert all(set(words) == {"en", "fr"} for words in SENTENCES.values())


@pytest.mark.parametrize("kind", sorted(kinds()))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_reason_can_be_said(kind: str, language: str) -> None:
    code, _, about = kind.partition("/")
    names = ("points", "rank", "of", "mentors", "needed", "enough", "mentees", "places", "least", "cases")
    numbers = dict.fromkeys((*names, "names"), 2)
    said = in_words(Reason(Code(code), about, numbers, ("y1",), ("1.1",), ("de",)), language, NAMES)
    assert said.endswith(".")
    assert not set("{}") & set(said)


@pytest.mark.parametrize(
    ("reason", "english", "french"),
    [
        (
            Reason(Code.PART, Part.INTERESTS, {"points": 20}, competences=("2.5", "3.3")),
            "Interests in common (Digital behaviour, Copyright and licences): 20 points.",
            "Intérêts communs (Savoir-vivre numérique, Droit d'auteur et licences) : 20 points.",
        ),
        (
            Reason(Code.LOAD, "shared", {"mentees": 2, "points": 20}),
            "This mentor has 2 mentees; that they share one counts 20 points less.",
            "Ce mentor a 2 mentorés ; ce partage compte 20 points de moins.",
        ),
        (
            Reason(Code.QUOTA_MISSED, "mentees", {"least": 1}, ("Finance",)),
            "The quota of at least 1 pair with a mentee of Finance cannot be met together with the others.",
            "Le quota d'au moins 1 binôme avec un mentoré de Finance n'est pas compatible avec le reste.",
        ),
        (
            Reason(Code.RUNNER_UP, "behind", {"points": 1}, ("y1",)),
            "Next would be Ana Ruiz, 1 point behind.",
            "Ensuite viendrait Ana Ruiz, avec 1 point de moins.",
        ),
        (
            Reason(Code.ONLY_RULE, Rule.COMMON_HOURS, {"mentors": 5, "needed": 180, "enough": 125}, ("y2",)),
            "Possible with 2 h 05 of common working time a week instead of 3 h: Bo Lind and 4 more.",
            "Possible avec 2 h 05 de travail en commun par semaine au lieu de 3 h : Bo Lind et 4 de plus.",
        ),
        (
            Reason(Code.ONLY_RULE, Rule.LEVEL_GAP, {"mentors": 1, "needed": 2, "enough": 1}, ("y1",)),
            "Possible with a level gap of 1 instead of 2: Ana Ruiz.",
            "Possible avec un écart de niveau de 1 au lieu de 2 : Ana Ruiz.",
        ),
        (
            Reason(Code.ONLY_RULE, Rule.LANGUAGE, {"mentors": 2}, ("y9", "y2"), languages=("de", "it")),
            "Possible with a shared language (German, it): y9, Bo Lind.",
            "Possible avec une langue commune (German, it) : y9, Bo Lind.",
        ),
        (
            Reason(Code.SHORTAGE, "", {"mentees": 14, "places": 9, "mentors": 8}, ("m1",)),
            "14 mentees share 9 places: Cy Hale and 13 more.",
            "14 mentorés se partagent 9 places : Cy Hale et 13 de plus.",
        ),
        (
            Reason(Code.BETTER_TAKEN, "", {"mentors": 3}, ("y1", "y2")),
            "A better fit, but with other mentees: Ana Ruiz, Bo Lind and 1 more.",
            "Plus adaptés, mais avec d'autres mentorés : Ana Ruiz, Bo Lind et 1 de plus.",
        ),
        (
            Reason(Code.FIRST_RULE, Rule.ADMITTED, {"mentors": 0, "of": 7}),
            "Neither certified nor in training: 0 mentors of 7.",
            "Ni certifiés ni en formation : 0 mentor sur 7.",
        ),
    ],
)
def test_reasons_are_said_plainly(reason: Reason, english: str, french: str) -> None:
    assert (in_words(reason, "en", NAMES), in_words(reason, "fr", NAMES)) == (english, french)


def test_reasons_can_be_kept_as_json() -> None:
    reason = Reason(Code.ONLY_RULE, Rule.LEVEL_GAP, {"mentors": 2, "needed": 2, "enough": 1}, ("y1", "y2"))
    kept = Reason(**json.loads(json.dumps(asdict(reason))))
    assert in_words(kept, "en", NAMES) == in_words(reason, "en", NAMES)
    assert kept.kind == "only-rule/level-gap"
