from activities.rules.providers import Providers
from tests.activities.rules.staff import person

PROVIDERS = Providers(usual="graph", by_domain={"lab.example": "google", "old.example": "none"})


def test_provider_is_the_persons_own_where_hr_says_it() -> None:
    assert PROVIDERS.of(person(address="a@lab.example", calendar_provider="caldav")) == "caldav"


def test_provider_goes_by_the_mail_domain_in_any_spelling() -> None:
    assert PROVIDERS.of(person(address="a@lab.example")) == "google"
    assert PROVIDERS.of(person(address="A@LAB.Example")) == "google"
    assert PROVIDERS.of(person(address='"a@home"@lab.example')) == "google"
    assert PROVIDERS.of(person(address="a@old.example")) == "none"


def test_provider_of_any_other_domain_is_the_usual_one() -> None:
    assert PROVIDERS.of(person(address="a@corp.example")) == "graph"
    assert PROVIDERS.of(person(address="a@lab.example.com")) == "graph"
    assert PROVIDERS.of(person(address="")) == "graph"
    assert Providers(usual="graph").of(person(address="a@lab.example")) == "graph"
