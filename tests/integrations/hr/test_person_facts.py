from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rules.working_hours import parse_weekly_hours
from integrations.hr.person_facts import FactsError, read_facts

RIGHT: dict[str, Any] = {
    "person_id": "00042",
    "given_name": "Zoé",
    "family_name": "Œuvrard",
    "work_address": "zoe.oeuvrard@atelier-nord.example",
    "zone": "Europe/Paris",
    "hire_date": "2024-02-29",
    "weekly_hours": "Mo-Fr 09:00-12:30,13:30-17:30",
    "languages": ["fr", "en"],
}
WRONG: list[tuple[str, Any]] = [
    ("given_name", "Zoé\r\nBcc: someone@else.example"),
    ("given_name", "Zo\x00é"),
    ("family_name", "\u202edravuEO"),
    ("title", "a\u2028b"),
    ("work_address", "zoé@atelier-nord.example"),
    ("work_address", "zoe@atelier-é.example"),
    ("work_address", "zoe <zoe@atelier-nord.example>"),
    ("work_address", "zoe,adam@atelier-nord.example"),
    ("work_address", '"zoe"@atelier-nord.example'),
    ("work_address", "zoe..o@atelier-nord.example"),
    ("work_address", "zoe@-atelier.example"),
    ("zone", "Paris"),
    ("zone", "Europe"),
    ("zone", "A" * 300),
    ("zone", 7),
    ("hire_date", "01/02/2024"),
    ("hire_date", "2024-02-30"),
    ("hire_date", "20240229"),
    ("hire_date", "2024-02-29T00:00:00"),
    ("hire_date", 1709164800),
    ("end_date", "0001-01-01"),
    ("end_date", "2024-02-28"),
    ("weekly_hours", "9-5"),
    ("weekly_hours", "Mo-Fr 12:30-09:00"),
    ("weekly_hours", "Mo-Fr 09:00-24:30"),
    ("weekly_hours", "lu-ve 09:00-17:00"),
    ("languages", ["français"]),
    ("languages", "fr"),
    ("manager_id", "00042"),
    ("level", 0),
    ("level", "three"),
    ("status", "gone"),
    ("calendar_provider", "outlook"),
    ("person_id", ""),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_wrong_fact_is_named(field: str, value: object) -> None:
    with pytest.raises(FactsError) as raised:
        read_facts(RIGHT | {field: value})
    assert list(raised.value.reasons) == [field]


@pytest.mark.parametrize("field", sorted({field for field, _ in WRONG}))
def test_complaint_repeats_no_value(field: str) -> None:
    with pytest.raises(FactsError) as raised:
        read_facts(RIGHT | {field: "canary\u202e" * 30})
    assert list(raised.value.reasons) == [field]
    assert "canary" not in str(raised.value)


def test_several_wrong_facts_are_one_error() -> None:
    with pytest.raises(FactsError) as raised:
        read_facts(RIGHT | {"level": 99, "zone": "Paris", "hire_date": "tomorrow"})
    assert sorted(raised.value.reasons) == ["hire_date", "level", "zone"]


def test_right_facts_are_kept_and_others_dropped() -> None:
    facts = read_facts(RIGHT | {"salary": 50_000, "birth_date": "1999-01-01", "end_date": None})
    assert (facts.person_id, facts.hire_date, facts.languages) == ("00042", date(2024, 2, 29), ("fr", "en"))
    assert facts.model_fields_set == {*RIGHT, "end_date"}


@pytest.mark.parametrize(
    "address",
    ["o'brien+hr@mail.example", "a_b-c@x-y.z.example", "Zoe.O@Nord.example", "x@xn--9ca.example"],
)
def test_address_every_mail_server_takes_is_right(address: str) -> None:
    assert read_facts(RIGHT | {"work_address": address}).work_address == address


times = st.integers(0, 24 * 60).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
spans = st.tuples(times, times).map("-".join)
day_names = st.sampled_from(["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"])
days = day_names | st.tuples(day_names, day_names).map("-".join)
rules = st.tuples(
    st.lists(days, min_size=1, max_size=3), st.just(["off"]) | st.lists(spans, min_size=1, max_size=3)
)
written_hours = st.lists(
    rules.map(lambda rule: f"{','.join(rule[0])} {','.join(rule[1])}"), min_size=1, max_size=3
).flatmap(lambda listed: st.sampled_from(["; ", ";"]).map(lambda between: between.join(listed)))


@given(written_hours)
def test_hours_are_right_where_the_planner_understands_them(text: str) -> None:
    try:
        parse_weekly_hours(text)
        understood = len(text) <= 200
    except ValueError:
        understood = False
    try:
        read_facts(RIGHT | {"weekly_hours": text})
        taken = True
    except FactsError:
        taken = False
    assert taken is understood
