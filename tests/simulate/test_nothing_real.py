"""Nobody can be reached: every text cell is read."""

import re

import pandas as pd
import phonenumbers
import pytest
from stdnum import iban
from stdnum.hr import oib

RESERVED = re.compile(r"[a-z0-9._-]+@(example\.(com|org|net)|[a-z]+\.example)")
UNASSIGNED = {"hr": re.compile(r"\+385 9[346] \d{3} \d{4}"), "en": re.compile(r"\+44 760[3-7] \d{3} \d{3}")}
ACCOUNT = {"hr": re.compile(r"HR\d{19}"), "en": re.compile(r"GB\d{2}[A-Z]{4}\d{14}")}
MAY_HOLD_DIGITS = {"house_number", "postcode"}


def text_columns(base):
    for tables in (base, base.truth):
        for name, frame in tables.items():
            for column in frame:
                if isinstance(frame[column].dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(frame[column]):
                    yield name, column, frame[column].dropna().astype(str).unique()


def test_no_text_cell_lies_outside_the_reserved_ranges(small):
    locale, read = small.about["locale"], set()
    for table, column, cells in text_columns(small):
        read.add(column)
        for cell in cells:
            if column == "email":
                assert RESERVED.fullmatch(cell), cell
            elif column == "phone":
                assert UNASSIGNED[locale].fullmatch(cell), cell
            elif column == "iban":
                assert ACCOUNT[locale].fullmatch(cell), cell
            elif column == "oib":
                assert re.fullmatch(r"\d{11}", cell), cell
            else:
                assert "@" not in cell, (table, column, cell)
                assert column in MAY_HOLD_DIGITS or not re.search(r"\d", cell), (table, column, cell)
                assert len(re.sub(r"\D", "", cell)) <= 5, (table, column, cell)
    assert {"email", "phone", "iban", "first_name", "city", "channel", "product_group"} <= read


def test_no_phone_number_is_valid_anywhere(small):
    for number in small.truth.persons["phone"]:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(number)), number


def test_every_check_digit_is_wrong(small):
    persons = small.truth.persons
    assert not any(map(iban.is_valid, persons["iban"]))
    assert not any(map(oib.is_valid, persons["oib"].dropna()))
    assert persons["oib"].notna().all() == (small.about["locale"] == "hr")


def test_the_checks_themselves_tell_right_from_wrong():
    assert phonenumbers.is_valid_number(phonenumbers.parse("+385 91 234 5678"))
    assert oib.is_valid("33392005961")
    assert iban.is_valid("GB82WEST12345698765432")
    assert not RESERVED.fullmatch("ana@example.hr")


@pytest.mark.parametrize("digit", range(10))
def test_every_wrong_check_digit_is_met(base, digit):
    persons = base("retail", customers=2_000, seed=7, locale="hr").truth.persons
    assert persons["oib"].str.endswith(str(digit)).any()
