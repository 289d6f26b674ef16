"""Measured on planted errors: of each kind, how many come back to the form or key of the clean value."""

import pandas as pd
import pytest

import crmlab.simulate as simulate
from crmlab.quality import company_key, first_name_key, name_key, normalise, street_key
from crmlab.quality.letters import LOCALES
from crmlab.quality.normalise import FORMS


def _normal(texts, column, locale):
    return pd.Series(pd.array([FORMS[column](text, locale)[0] for text in texts], dtype="str"))


def _key(call):
    return lambda texts, column, locale: call(texts, locale)


# Column, kind of error, how it is brought back, and the least share that must come back: hr, en, de; None where the
# kind does not occur. Measured over several seeds; a bound stands a little below the lowest share seen.
LAWS = [
    ("phone", "phone_form", _normal, (1, 1, 1)),
    ("house_number", "house_form", _normal, (0.8, 1, 1)),  # a number written as bb cannot come back
    ("street", "street_form", _normal, (0.65, 0.97, 0.95)),  # a word for street left out cannot come back …
    ("street", "street_form", _key(street_key), (0.97, 0.97, 0.95)),  # … but the key does without
    ("company_name", "company_form", _key(company_key), (1, 1, 1)),
    ("first_name", "short_name", _key(first_name_key), (0.85, 0.9, 0.9)),
    *((name, "upper_case", _normal, (0.97, 0.95, 0.95)) for name in ("first_name", "last_name", "city")),
    *((name, "upper_case", _key(name_key), (1, 1, 1)) for name in ("first_name", "last_name", "city", "street")),
    *((name, "utf8_twice", _normal, (1, None, 1)) for name in ("last_name", "street")),
    *((name, "wrong_code_page", _normal, (1, None, None)) for name in ("last_name", "street")),
    *((name, "lost_marks", _key(name_key), (1, None, 1)) for name in ("last_name", "street", "city")),
    ("last_name", "confused_c", _key(name_key), (1, None, None)),
    ("last_name", "confused_ije", _key(name_key), (1, None, None)),
    *((name, "misspell", _key(name_key), (0.15, 0.15, 0.15)) for name in ("first_name", "last_name")),
]
CASES = [
    pytest.param(column, kind, call, locale, least, id=f"{kind}, {column}, {locale}, {call.__name__}")
    for column, kind, call, bounds in LAWS
    for locale, least in zip(LOCALES, bounds, strict=True)
    if least is not None
]


@pytest.fixture(scope="module")
def edits():
    made = {}
    for locale in LOCALES:
        bases = [
            simulate.company(name, customers=1_200, seed=17, mess="dirty", locale=locale) for name in ("telco", "b2b")
        ]
        made[locale] = pd.concat([base.truth["edits"] for base in bases]).dropna(subset=["before", "after"])
    return made


@pytest.mark.parametrize(("column", "kind", "call", "locale", "least"), CASES)
def test_planted_errors_come_back(edits, column, kind, call, locale, least):
    table = edits[locale]
    done = table[(table["column"] == column) & (table["operation"] == kind)]
    before, after = (call(done[name].tolist(), column, locale) for name in ("before", "after"))
    assert len(done) >= 2
    assert (before.array == after.array).mean() >= least


@pytest.mark.parametrize("locale", LOCALES)
def test_swapped_fields_and_names_come_back(locale):
    base = simulate.company(
        "telco",
        customers=2_000,
        seed=5,
        mess="none",
        mess__surname_first=0.05,
        mess__swapped_fields=0.05,
        locale=locale,
    )
    clean = simulate.company("telco", customers=2_000, seed=5, mess="none", locale=locale).customers
    ours, theirs = (normalise(table, locale).table for table in (base.customers, clean))
    edits = base.truth["edits"]
    for column, least in {"email": 0.95, "phone": 0.95, "postcode": 0.95, "city": 0.95, "last_name": 0.4}.items():
        rows = clean["record_id"].isin(edits.loc[edits["column"] == column, "record_id"]).to_numpy()
        assert rows.sum() > 20
        same = (ours[column] == theirs[column]) | (ours[column].isna() & theirs[column].isna())
        assert same[rows].mean() >= least, column
        assert same[~rows].mean() > 0.99, column
