"""Persons are consistent in themselves; records keep what the spec asks for."""

import importlib.util
import json
import tomllib
from pathlib import Path

import faker
import numpy as np
import pandas as pd
import pytest
from stdnum.iso7064.mod_11_10 import calc_check_digit as mod_11_10_of

from crmlab import simulate
from crmlab.simulate import vocabulary as words
from crmlab.simulate.asked import spec
from crmlab.simulate.identity import mod_11_10, mod_97
from crmlab.tables.models import MODELS

FROZEN = Path(words.__file__).parent / "vocabulary"


def frozen(base):
    return json.loads((FROZEN / f"{base.about['locale']}.json").read_text(encoding="utf-8"))


def error(n):
    return 4 * np.sqrt(0.25 / n)


def test_every_table_keeps_its_promise(small):
    small.check()
    for name, frame in small.items():
        promised = list(MODELS[name].columns)
        assert list(frame.columns) == [column for column in promised if column in frame], name


def test_each_record_has_the_values_of_its_person_that_are_known_and_not_edited(small):
    links, edits = small.truth.links, small.truth.edits
    merged = set(small.truth.merges["person_id"])  # on the record of another
    assert set(links["person_id"]) | merged == set(small.truth.persons["person_id"])
    assert links["record_id"].tolist() == small.customers["record_id"].tolist()
    clean = small.truth.persons.set_index("person_id").loc[links["person_id"]].reset_index(drop=True)
    for column in clean.columns.intersection(small.customers.columns):
        written = small.customers[column]
        edited = edits.loc[edits["column"] == column, "record_id"]
        known = written.notna() & ~small.customers["record_id"].isin(edited)
        assert known.any() or written.isna().all()
        assert written[known].astype(str).equals(clean.loc[known, column].astype(str)), column


@pytest.mark.parametrize("company", ["retail", "telco"])
@pytest.mark.parametrize("half", [slice(None, 10_000), slice(10_000, None)], ids=["early rows", "late rows"])
def test_the_asked_share_of_each_field_is_known(company, half, request):
    base = request.getfixturevalue(company)
    rows, asked = base.customers.iloc[half], spec(company)["records"]
    for field, share in asked["known"].items():
        assert abs(rows[field].notna().mean() - share) < error(len(rows)), field
    for consent, share in asked["consents"].items():
        assert abs(rows[consent].mean() - share) < error(len(rows)), consent
    changed = rows["updated_at"] > rows["created_at"]
    assert abs(changed.mean() - asked["updated"]) < error(len(rows))
    assert rows[["company_name", "segment_note"]].isna().all(axis=None)


@pytest.mark.parametrize("company", ["retail", "telco"])
def test_people_are_as_many_as_the_spec_asks(company, request):
    base = request.getfixturevalue(company)
    persons, asked = base.truth.persons, spec(company)
    assert abs((persons["gender"] == "female").mean() - asked["people"]["women"]) < error(len(persons))
    begins = base.as_of - pd.DateOffset(months=base.about["months"])
    age = (begins - persons["birth_date"]).dt.days / 365.25
    total = sum(weight for _, _, weight in asked["people"]["ages"])
    for youngest, oldest, weight in asked["people"]["ages"]:
        assert abs(age.between(youngest, oldest, inclusive="left").mean() - weight / total) < error(len(persons)), (
            youngest
        )
    assert age.min() >= 18
    total = sum(asked["acquisition"]["channels"].values())
    for channel, weight in asked["acquisition"]["channels"].items():
        assert abs((base.customers["source"] == channel).mean() - weight / total) < error(len(persons)), channel


def test_names_fit_the_gender_and_places_are_whole(small):
    persons, lists = small.truth.persons, frozen(small)
    for gender in ("female", "male"):
        names = set(persons.loc[persons["gender"] == gender, "first_name"])
        by_decade = {name for decade in lists["decades"] for name in decade[gender]}
        assert names <= set(lists[f"first_names_{gender}"]) | by_decade
        assert len(names) > 70
    assert set(persons["last_name"]) <= set(lists["last_names"])
    assert set(persons["street"]) <= set(lists["streets"])
    places = {(place["postcode"], place["town"]) for place in lists["places"]}
    assert set(zip(persons["postcode"], persons["city"], strict=True)) <= places
    assert set(persons["country"]) == {lists["country"]}
    assert persons["house_number"].str.fullmatch(r"[1-9]\d{0,2}[a-d]?").all()


def test_common_names_are_as_common_as_their_weight(retail):
    names = retail.truth.persons["last_name"].value_counts(normalize=True)
    weights = pd.Series(frozen(retail)["last_names"])
    expected = weights / weights.sum()
    gap = names.reindex(expected.index, fill_value=0) - expected
    assert (gap.abs() < 5 * np.sqrt(expected / 20_000)).all()


def test_an_e_mail_is_made_of_the_name(small):
    persons = small.truth.persons
    local = persons["email"].str.split("@").str[0].str.replace(r"[^a-z]", "", regex=True)
    first, last = (persons[name].map(words.plain).astype(str) for name in ("first_name", "last_name"))
    assert ((local == first + last) | (local == first.str[0] + last)).all()
    assert persons["email"].str.fullmatch(r"[a-z0-9._-]+@[a-z]+\.[a-z]+").all()


@pytest.mark.parametrize(
    ("word", "letters"),
    [("Đurđević", "djurdjevic"), ("Žužić", "zuzic"), ("O'Connor", "oconnor"), ("St. John", "stjohn")],
)
def test_letters_outside_ascii_are_spelled_in_it(word, letters):
    assert words.plain(word) == letters


def test_records_are_opened_and_changed_within_the_history(small):
    customers = small.customers
    assert (customers["created_at"] >= small.as_of - pd.DateOffset(months=small.about["months"])).all()
    assert (customers["updated_at"] >= customers["created_at"]).all()
    assert (customers["updated_at"] < small.as_of).all()


def test_customers_join_evenly_over_the_history(retail):
    span = retail.as_of - (retail.as_of - pd.DateOffset(months=24))
    opened = retail.customers.merge(retail.truth.links).groupby("person_id")["created_at"].min()
    share = (retail.as_of - opened) / span
    assert abs(share.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(share))
    assert share.between(0, 1).all()


def test_only_staffed_channels_have_a_clerk(small):
    staff = spec(small.about["company"])["channels"]
    for table, channel in (("customers", "source"), ("touchpoints", "channel")):
        frame = small[table]
        staffed = frame[channel].astype(str).map(lambda name: staff[name]["clerks"])
        assert frame["clerk_id"].notna().equals(staffed > 0), table
        assert (frame["clerk_id"].dropna() % 1_000 <= staffed[staffed > 0]).all()
        assert frame.groupby("clerk_id")[channel].nunique().max() == 1  # nobody serves two channels


def test_months_and_day_move_the_base_but_leave_the_people():
    one = simulate.company("retail", customers=200, seed=1)
    other = simulate.company("retail", customers=200, seed=1, months=12, as_of="2020-06-15")
    same = ["gender", "last_name", "street", "city", "phone", "iban"]  # first names go with the year of birth
    assert one.truth.persons[same].equals(other.truth.persons[same])
    assert other.transactions["ts"].between("2019-06-15", "2020-06-15").all()
    assert (other.about["months"], other.as_of) == (12, pd.Timestamp("2020-06-15", tz="UTC"))


def test_companies_and_seeds_have_people_of_their_own():
    persons = [
        simulate.company(*call, customers=300, seed=seed).truth.persons
        for *call, seed in (("retail", 1), ("retail", 2), ("telco", 1))
    ]
    for one, other in ((0, 1), (0, 2)):
        assert (persons[one]["phone"] == persons[other]["phone"]).sum() == 0
        assert (persons[one]["last_name"].astype(str) == persons[other]["last_name"].astype(str)).mean() < 0.05


def test_the_frozen_words_name_where_they_come_from():
    for locale, country, currency in (("hr", "HR", "EUR"), ("en", "GB", "GBP")):
        base = simulate.company("retail", customers=5, seed=1, locale=locale)
        assert base.currency == currency
        assert base.about["vocabulary"].startswith("Faker 4")
        assert set(base.customers["country"]) == {country}


def test_check_digits_are_worked_out_as_the_standards_say():
    numbers = [3339200596, 9443527205, 1, 0]
    assert mod_11_10(numbers, 10).tolist() == [int(mod_11_10_of(f"{number:010}")) for number in numbers]
    assert mod_97(["1001005"], [0], [1863000160], 10, "1727").tolist() == [12]  # HR12 1001 0051 8630 0016 0
    assert mod_97(["32142829123456"], [0], [98765432], 8, "1611").tolist() == [82]  # GB82 WEST 1234 5698 7654 32


def test_the_frozen_words_are_those_the_tool_asks_faker_for():
    assert faker.VERSION in words.vocabulary("hr").source, "Faker has changed: run tools/build_vocabulary.py"
    root = Path(__file__).parents[2]
    found = importlib.util.spec_from_file_location("build_vocabulary", root / "tools" / "build_vocabulary.py")
    tool = importlib.util.module_from_spec(found)
    found.loader.exec_module(tool)
    for locale in simulate.LOCALES:
        facts = tomllib.loads((root / "tools" / "vocabulary" / f"{locale}.toml").read_text(encoding="utf-8"))
        frozen_text = (FROZEN / f"{locale}.json").read_text(encoding="utf-8")
        assert tool.vocabulary(locale, facts) == json.loads(frozen_text)
