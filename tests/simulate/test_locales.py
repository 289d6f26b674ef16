"""German is frozen like Croatian and English; any other locale of Faker is asked once, kept, and reaches nobody."""

import builtins
import json
import re

import numpy as np
import pandas as pd
import phonenumbers
import pytest
from faker import VERSION
from stdnum import iban

from crmlab import simulate
from crmlab.errors import CrmlabError
from crmlab.simulate import faker_words, vocabulary
from crmlab.simulate.vocabulary import plain
from crmlab.tables import checksum

SIZE = {"customers": 400, "seed": 4, "mess": "none"}
OTHERS = ("fr_FR", "pl_PL", "ja_JP", "el_GR", "is_IS")


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Keep the words read so far and the user's own cache out of the way."""
    monkeypatch.setenv("CRMLAB_HOME", str(tmp_path))
    vocabulary.vocabulary.cache_clear()
    yield tmp_path / "vocabulary"
    vocabulary.vocabulary.cache_clear()


def test_german_postcodes_fit_their_towns():
    persons = simulate.company("retail", locale="de", **SIZE).truth.persons
    assert persons["postcode"].astype(str).str.fullmatch(r"\d{5}").all()
    homes = persons.groupby("postcode", observed=True)["city"].nunique()
    assert (homes == 1).all()
    assert persons.loc[persons["postcode"] == "10115", "city"].isin(["Berlin"]).all()
    assert persons["country"].eq("DE").all()


def test_german_phones_accounts_and_addresses_reach_nobody():
    persons = simulate.company("retail", locale="de", **SIZE).truth.persons
    mobile = persons["phone"].str.fullmatch(r"\+49 (153|154|161|165|166) \d{3} \d{4}")
    assert mobile.mean() > 0.5
    assert not any(phonenumbers.is_valid_number(phonenumbers.parse(phone)) for phone in persons["phone"])
    assert persons["iban"].str.fullmatch(r"DE\d{20}").all()
    assert not any(map(iban.is_valid, persons["iban"]))
    assert persons["email"].str.fullmatch(r"[a-z0-9._-]+@(example\.(com|org|net)|[a-z]+\.example)").all()
    assert persons["oib"].isna().all()


def test_german_letters_are_spelled_out_in_addresses():
    assert [plain(name) for name in ("Müller", "Schäfer", "Köhler", "Groß")] == [
        "mueller",
        "schaefer",
        "koehler",
        "gross",
    ]


def test_croatian_first_names_come_and_go_with_the_decades():
    persons = simulate.company(
        "retail", customers=40_000, seed=4, months=1, households=False, mess="none"
    ).truth.persons
    decade = persons["birth_date"].dt.year // 10 * 10
    share = pd.crosstab(decade, persons["first_name"].astype(str), normalize="index")
    assert share.loc[1940, "Ljubica"] > 5 * share.loc[1980, "Ljubica"]
    assert share.loc[2000, "Lana"] > 5 * share.loc[1960, "Lana"]
    assert share.loc[1960, "Željko"] > 5 * share.loc[2000, "Željko"]
    women = json.loads((vocabulary._FOLDER / "hr.json").read_text(encoding="utf-8"))["decades"][4]["female"]
    asked = women["Sanja"] / sum(women.values())
    seventies = persons[(decade == 1970) & (persons["gender"] == "female")]
    assert abs((seventies["first_name"] == "Sanja").mean() - asked) < 4 * np.sqrt(asked / len(seventies))


@pytest.mark.parametrize("locale", OTHERS)
def test_any_locale_of_faker_makes_a_whole_base_that_reaches_nobody(locale, fresh):
    base = simulate.company("telco", locale=locale, **SIZE).check()
    persons = base.truth.persons
    assert base.about["vocabulary"] == f"Faker {VERSION} ({locale})"
    assert persons["country"].eq(locale[-2:]).all()
    assert persons["email"].str.fullmatch(r"[a-z0-9._-]+@(example\.(com|org|net)|mail\.example)").all()
    assert persons["phone"].str.fullmatch(r"\+999 9[346] \d{3} \d{4}").all()
    with pytest.raises(phonenumbers.NumberParseException):
        phonenumbers.parse(persons["phone"][0])
    assert not any(map(iban.is_valid, persons["iban"]))
    for column in ("first_name", "last_name", "street", "city"):
        assert persons[column].nunique() > 4, column
        assert not persons[column].astype(str).str.contains(r"\d").any(), column


def test_faker_is_asked_once_and_its_words_are_kept(fresh, monkeypatch):
    first = simulate.company("retail", locale="fr_FR", **SIZE)
    (kept,) = fresh.iterdir()
    assert kept.name == f"fr_FR-faker-{VERSION}-1.json"
    vocabulary.vocabulary.cache_clear()
    monkeypatch.setattr(faker_words, "_asked", None)  # asking again would fail
    again = simulate.company("retail", locale="fr_FR", **SIZE)
    assert checksum(again.customers) == checksum(first.customers)


def test_damaged_words_are_asked_for_again(fresh):
    words = faker_words.words_of("fr_FR")
    (kept,) = fresh.iterdir()
    kept.write_text("{", encoding="utf-8")
    assert faker_words.words_of("fr_FR") == words
    assert json.loads(kept.read_text(encoding="utf-8")) == words


def test_without_faker_the_other_locales_are_refused_and_the_frozen_ones_are_not(fresh, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "faker":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CrmlabError) as error:
        simulate.company("retail", locale="fr_FR", **SIZE)
    assert error.value.messages == (
        "locale: the words of 'fr_FR' come from Faker, which is not installed.\n"
        "  next    : install it (pip install faker), or choose one of the built-in ones: hr, en, de.",
    )
    assert len(simulate.company("retail", locale="de", **SIZE).customers) == 400


@pytest.mark.parametrize(("locale", "hint"), [("fr", "fr_FR"), ("de_DEE", "de_DE"), ("hrv", "")])
def test_an_unknown_locale_is_answered_with_the_nearest(locale, hint):
    with pytest.raises(CrmlabError) as error:
        simulate.company("retail", locale=locale, **SIZE)
    assert re.match(rf"locale: Faker knows no locale '{locale}'\.", str(error.value))
    assert not hint or f"Did you mean '{hint}'?" in str(error.value)
