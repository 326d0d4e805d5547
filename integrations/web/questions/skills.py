"""Competences, levels, statements and people as several pages ask for them."""

from babel import Locale

from integrations.answers import WeekPart
from integrations.competences import AREAS, COMPETENCES, LEVELS
from integrations.facts import Facts, Named
from integrations.web.fields import Option, OptionGroup, Scale, WeekParts
from integrations.web.languages import LANGUAGES, Say, speaker

_SPOKEN = (
    "en",
    "fr",
    "ar",
    "cs",
    "de",
    "es",
    "hi",
    "it",
    "ja",
    "nl",
    "pl",
    "pt",
    "ro",
    "sv",
    "tr",
    "uk",
    "zh",
)
_DAYS = (
    ("mon", "Monday", "Lundi"),
    ("tue", "Tuesday", "Mardi"),
    ("wed", "Wednesday", "Mercredi"),
    ("thu", "Thursday", "Jeudi"),
    ("fri", "Friday", "Vendredi"),
)
_TRUST = (
    (
        "trust_1",
        "I can say what I don't know in our sessions.",
        "Je peux dire ce que je ne sais pas pendant nos séances.",
    ),
    (
        "trust_2",
        "What I say in our sessions stays between us.",
        "Ce que je dis pendant nos séances reste entre nous.",
    ),
    (
        "trust_3",
        "We agree on what we are working towards.",
        "Nous sommes d'accord sur ce que nous visons.",
    ),
    (
        "trust_4",
        "The way we use our time suits me.",
        "La façon dont nous employons notre temps me convient.",
    ),
    (
        "trust_mentor",
        "I can disagree with my mentee.",
        "Je peux ne pas être d'accord avec mon mentoré.",
    ),
)


def language_of(facts: Facts) -> str:
    """The language of a page: the reader's, or English where that is not one of ours."""
    return facts.language if facts.language in LANGUAGES else "en"


def say_to(facts: Facts) -> Say:
    """The chooser of texts for the reader of these facts."""
    return speaker(language_of(facts))


def levels(language: str) -> tuple[OptionGroup, ...]:
    """The four levels, to choose one."""
    return (OptionGroup("", tuple(Option(str(n), f"{n} - {name[language]}") for n, name in LEVELS.items())),)


def level(number: int, language: str) -> str:
    """A level by its name."""
    return LEVELS[number][language] if number in LEVELS else str(number)


def competences(language: str) -> tuple[OptionGroup, ...]:
    """All competences by area."""
    return tuple(
        OptionGroup(
            f"{area} {title[language]}",
            tuple(
                Option(key, name[language])
                for key, name in COMPETENCES.items()
                if key.partition(".")[0] == area
            ),
        )
        for area, title in AREAS.items()
    )


def competence(key: str, language: str) -> str:
    """A competence by its name; anything else as it stands."""
    return COMPETENCES[key][language] if key in COMPETENCES else key


def spoken(language: str) -> tuple[Option, ...]:
    """Languages a pairing may be held in, ours first."""
    options = tuple(Option(code, language_name(code, language)) for code in _SPOKEN)
    first = len(LANGUAGES)
    return options[:first] + tuple(sorted(options[first:], key=lambda option: option.label))


def language_name(code: str, language: str) -> str:
    """A language by its name in another; a code nobody knows as it stands."""
    name: str = Locale.parse(language).languages.get(code, code)
    return name[:1].upper() + name[1:]


def week(say: Say, *, when: tuple[str, ...]) -> WeekParts:
    """The mornings and afternoons somebody likes to meet."""
    halves = (say("morning", "matin"), say("afternoon", "après-midi"))
    days = tuple(
        OptionGroup(
            say(english, french),
            tuple(
                Option(part.value, f"{say(english, french)}, {half}")
                for part, half in zip((WeekPart(f"{day}-am"), WeekPart(f"{day}-pm")), halves, strict=True)
            ),
        )
        for day, english, french in _DAYS
    )
    return WeekParts(
        ("preferred",),
        say("When you like to meet", "Quand vous préférez vous rencontrer"),
        hint=say("Tick none if any time suits.", "Ne cochez rien si tout vous convient."),
        optional=True,
        when=when,
        groups=days,
    )


def numbers(first: int, last: int) -> tuple[Option, ...]:
    """A row of numbers to choose from."""
    return tuple(Option(str(number), str(number)) for number in range(first, last + 1))


def trust(say: Say, *, mentor: bool) -> tuple[Scale, ...]:
    """Four statements about trust, and a fifth for the mentor, to agree with from 1 to 5."""
    return tuple(
        Scale(
            (name,),
            say(english, french),
            choices=numbers(1, 5),
            low=say("1 = not at all", "1 = pas du tout"),
            high=say("5 = fully", "5 = tout à fait"),
        )
        for name, english, french in (_TRUST if mentor else _TRUST[:-1])
    )


def introduced(person: Named) -> str:
    """A person with title and site where they are known."""
    return ", ".join(filter(None, (person.name, person.title, person.site)))


def short_name(person: Named | None, otherwise: str) -> str:
    """A given name, or words for somebody the facts do not name."""
    return (person.given_name or person.name) if person else otherwise
