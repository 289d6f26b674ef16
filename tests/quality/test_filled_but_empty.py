"""Cells that are filled but say nothing, and numbers whose check digits are wrong."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban
from stdnum.hr import oib as stdnum_oib

from crmlab import simulate
from crmlab.quality.cells import cells_of
from crmlab.quality.check_digits import iban_passes, oib_passes
from crmlab.quality.phones import are_in_use, is_in_use
from crmlab.quality.placeholders import default_days, is_placeholder, placeholders

SAYS_NOTHING = {
    "first_name": ["nepoznato", "NEPOZNATO", "xxx", "-", "?", "...", "n/a", "N.N.", "unbekannt", "aaa"],
    "last_name": ["null", "k.A.", "xxxxx", "Nije poznato"],
    "city": ["nema", "none", "000", "—"],
    "house_number": ["000", "-", "x"],
    "postcode": ["00000", "99999", "12345", "1234"],
    "email": [
        "nema@nema.hr",
        "x@x.hr",
        "test@posta.example",
        "nema",
        "-",
        "aaa@posta.example",
        "no.email@posta.example",
    ],
    "phone": ["000000", "000", "1234567", "+385 99 999 999", "099/999-9999", "nema", "111 111 111", "9876543210"],
    "oib": ["00000000000", "11111111111", "12345678901", "nema"],
    "iban": ["HR0000000000000000000", "-", "nema"],
}
SAYS_SOMETHING = {
    "first_name": ["Na", "Nil", "Ana", "Ivan"],
    "last_name": ["Test", "Kaš", "Bez"],
    "city": ["Split", "Zagreb"],
    "house_number": ["1", "111", "22", "bb", "7a", "3333"],
    "postcode": ["10000", "21000", "22220"],
    "email": ["ana@posta.example", "nemanja@posta.example", "testa.ivan@posta.example", "anna.x@posta.example"],
    "phone": ["091 123 4567", "+385 1 2345 678", "098/111-222", "021 555 512"],
    "oib": ["33392005961"],
    "iban": ["HR1210010051863000160", "HR1191000000000012345"],
}


@pytest.mark.parametrize("column", SAYS_NOTHING)
def test_what_people_type_to_get_on_says_nothing(column):
    assert [text for text in SAYS_NOTHING[column] if not is_placeholder(column, text)] == []


@pytest.mark.parametrize("column", SAYS_SOMETHING)
def test_what_only_looks_like_it_says_something(column):
    assert [text for text in SAYS_SOMETHING[column] if is_placeholder(column, text)] == []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["email", "phone", "oib", "iban"]),
    st.lists(st.text("0123456789nemax@.- +aHR/", min_size=1, max_size=24).filter(str.strip), min_size=1, max_size=10),
)
def test_the_quick_look_over_a_column_misses_nothing_that_the_close_look_finds(column, texts):
    cells = cells_of(pd.Series(texts))
    assert placeholders(column, cells).tolist() == [is_placeholder(column, text) for text in cells.texts.to_pylist()]


def test_no_clean_value_of_a_base_is_taken_for_a_placeholder():
    for locale in ("hr", "en", "de"):
        clean = simulate.company("telco", customers=2_000, seed=8, locale=locale, mess="none").customers
        for column in (
            "first_name",
            "last_name",
            "street",
            "house_number",
            "postcode",
            "city",
            "email",
            "phone",
            "oib",
            "iban",
        ):
            assert not placeholders(column, cells_of(clean[column])).any(), (locale, column)


def test_first_days_of_calendars_are_nobodys_birthday():
    days = np.array(["1970-01-01", "1900-01-01", "1899-12-30", "1970-01-02", "NaT"], dtype="M8[D]")
    assert default_days(days).tolist() == [True, True, True, False, False]


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[0-9]{11}", fullmatch=True))
def test_identity_numbers_pass_exactly_when_stdnum_says_so(number):
    assert oib_passes(pa.array([number], pa.large_string()))[0] == stdnum_oib.is_valid(number)


@settings(max_examples=300, deadline=None)
@given(
    st.from_regex(r"[A-Z]{4}[0-9A-Z]{7,16}", fullmatch=True), st.sampled_from(["HR", "DE", "GB"]), st.integers(2, 98)
)
def test_account_numbers_pass_exactly_when_they_leave_one(body, country, digits):
    right = stdnum_iban.calc_check_digits(f"{country}00{body}")
    for given_digits in (right, f"{digits:02}"):
        passes = iban_passes(pa.array([f"{country}{given_digits}{body}"], pa.large_string()))[0]
        assert passes == (given_digits == right)


def test_a_number_is_in_use_as_its_country_gives_it_out():
    assert [is_in_use(number) for number in ("+385911234567", "+38514567890", "+385931234567", "+", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.from_regex(r"\+(385|49|44|1|387)[0-9]{6,11}", fullmatch=True), min_size=1, max_size=20))
def test_many_numbers_at_once_are_judged_as_each_alone(numbers):
    for home in ("HR", "DE", "GB"):
        assert are_in_use(numbers, home).tolist() == [is_in_use(number) for number in numbers]
