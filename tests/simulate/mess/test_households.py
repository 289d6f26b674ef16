"""Who lives together, and who is easily taken for another: as many as asked, and as they should be."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmlab.simulate.asked import asked
from crmlab.simulate.people import people

SHARES = {"family": "family", "father_and_son": "father_and_son", "twins": "twin", "namesakes": "namesake"}
NOBODY = {"same_surname": 0.75, "landline": 0.2, **dict.fromkeys(SHARES, 0.0)}


def persons(**shares):
    plan = asked("retail", customers=8_000, seed=9)
    return people(replace(plan, spec={**plan.spec, "households": {**NOBODY, **shares}}).block(0))


def pairs(frame, relation):
    """Persons with this relation, and the persons before them."""
    rows = np.flatnonzero(frame["relation"] == relation)
    return frame.iloc[rows].reset_index(drop=True), frame.iloc[rows - 1].reset_index(drop=True)


def same(one, other, columns):
    return all(one[column].astype(str).equals(other[column].astype(str)) for column in columns)


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.2, 1.0])
@pytest.mark.parametrize("share", SHARES)
def test_the_asked_share_of_persons_is_related(share, rate):
    relation = persons(**{share: rate})["relation"] == SHARES[share]
    for half in (relation[1:4_000], relation[4_000:]):  # nobody comes before the first
        assert abs(half.sum() - len(half) * rate) <= 4.5 * np.sqrt(len(half) * rate * (1 - rate))


def test_who_lives_together_shares_an_address_and_mostly_a_surname():
    frame = persons(family=0.3)
    one, other = pairs(frame, "family")
    assert same(one, other, ["household_id", "street", "house_number", "postcode", "city"])
    alike = one["last_name"].astype(str) == other["last_name"].astype(str)
    assert abs(alike.mean() - 0.75) < 4 * np.sqrt(0.25 / len(one))
    homes = frame.groupby("household_id")[["street", "house_number", "postcode", "city"]].nunique()
    assert homes.max(axis=None) == 1


def test_a_landline_belongs_to_a_household():
    frame = persons(family=0.3, landline=0.3)
    shared = frame[frame["phone"].duplicated(keep=False)]
    assert len(shared) > 200
    assert shared.groupby("phone")["household_id"].nunique().max() == 1
    assert shared["phone"].str.match(r"\+385 (29|36|41|46) ").all()
    assert abs(frame["phone"].str.match(r"\+385 (29|36|41|46) ").mean() - 0.3) < 4 * np.sqrt(0.25 / len(frame))


def test_father_and_son_differ_in_little_but_their_age():
    one, other = pairs(persons(father_and_son=0.1), "father_and_son")
    assert same(one, other, ["first_name", "last_name", "gender", "street", "house_number", "city"])
    first = other["relation"] != "father_and_son"
    years = ((one["birth_date"] - other["birth_date"]).dt.days.abs() / 365.25)[first]
    assert years.between(19.9, 32.1).all()
    assert (one["email"] != other["email"]).mean() > 0.98
    assert (one["oib"] != other["oib"]).all()
    same_day = one["birth_date"].dt.strftime("%m-%d") == other["birth_date"].dt.strftime("%m-%d")
    assert same_day.mean() < 0.03  # the day of the year does not tell them


def test_twins_have_one_birthday_and_two_names():
    one, other = pairs(persons(twins=0.1), "twin")
    assert same(one, other, ["birth_date", "last_name", "gender", "street", "house_number", "city"])
    pairs_only = other["relation"] != "twin"
    assert (one["first_name"].astype(str) != other["first_name"].astype(str))[pairs_only].all()


def test_a_namesake_has_the_name_of_somebody_in_the_same_town():
    frame = persons(namesakes=0.1)
    name = frame[["first_name", "last_name", "city"]].astype(str).agg("|".join, axis=1)
    seen = name.groupby(name).cumcount() > 0
    is_namesake = frame["relation"] == "namesake"
    assert seen[is_namesake].all()
    assert seen[~is_namesake].mean() < 0.1
    assert frame["household_id"].equals(frame["person_id"])


def test_everybody_is_of_age():
    for share in SHARES:
        frame = persons(**{share: 0.5})
        begins = pd.Timestamp("2024-01-01", tz="UTC")
        assert ((begins - frame["birth_date"]).dt.days / 365.25).min() > 17.99, share
