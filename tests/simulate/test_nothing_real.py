"""Nobody can be reached: every text cell is read, whatever column it stands in."""

import re
from functools import cache, partial

import pandas as pd
import phonenumbers
import pytest
from stdnum import iban
from stdnum.hr import oib

REGION = {"hr": "HR", "en": "GB", "de": "DE"}
CODE = {"HR": "385", "GB": "44", "DE": "49"}
RESERVED = re.compile(r"\S+@(\S+\.)?(example\.(com|org|net)|[a-z0-9-]+\.example)", re.IGNORECASE)
ACCOUNT = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
NO_NUMBER = 6  # so few digits reach nobody: a house, a postcode, a year


def text_cells(base):
    """(table, column, text) of every different text of a base and its truth."""
    for tables in (base, base.truth):
        for name, frame in tables.items():
            for column in frame:
                if isinstance(frame[column].dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(frame[column]):
                    yield from ((name, column, text) for text in frame[column].dropna().astype(str).unique())


def reaches(text, region):
    """Say whom a text could reach, or nothing."""
    if "@" in text:
        return "" if all(RESERVED.fullmatch(word) for word in text.split() if "@" in word) else "an e-mail address"
    tight = re.sub(r"[\s()/.-]", "", text)
    digits = re.sub(r"\D", "", tight)
    if len(digits) <= NO_NUMBER or re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d{1,2}\. ?\d{1,2}\. ?\d{4}\.?", text):
        return ""
    if ACCOUNT.fullmatch(tight.upper()):
        return "an account" if iban.is_valid(tight) else ""
    if re.fullmatch(r"\d{11}", text) and region == "HR":  # phones here have 10, 12 or 14
        return "an identity number" if oib.is_valid(text) else ""
    abroad = tight.startswith(("+", CODE[region], "00"))  # no home number begins so
    try:
        read = phonenumbers.parse("+" + digits.lstrip("0") if abroad else text, region)
    except phonenumbers.NumberParseException:
        return ""
    return "a phone" if phonenumbers.is_valid_number(read) else ""


def found_in(base):
    """Every cell of a base that could reach somebody."""
    whom = cache(partial(reaches, region=REGION[base.about["locale"]]))  # most texts stand in several tables
    return [cell for cell in text_cells(base) if whom(cell[2])]


def test_no_text_cell_could_reach_anybody(small):
    read = {column for _, column, _ in text_cells(small)}
    assert {"email", "phone", "iban", "first_name", "city", "channel", "product_group"} <= read
    assert found_in(small) == []


def test_every_check_digit_is_wrong(small):
    persons = small.truth.persons
    assert not any(map(iban.is_valid, persons["iban"].dropna()))
    assert not any(map(oib.is_valid, persons["oib"].dropna()))
    assert persons["oib"].notna().all() == (small.about["locale"] == "hr")


@pytest.mark.parametrize("company", ["retail", "bank"])
@pytest.mark.parametrize("locale", ["hr", "en", "de"])
def test_every_cell_of_a_number_has_a_wrong_check_digit_however_it_was_mistyped(base, company, locale):
    made = base(company, customers=2_000, seed=7, locale=locale, mess="dirty", mess__mistyped_number=0.8)
    edits = made.truth.edits
    edits = edits[edits["column"].isin(["oib", "iban"])]
    assert (edits["operation"] == "mistyped_number").sum() > (50 if company == "retail" else 1_500)
    cells = {*made.customers["oib"].dropna(), *made.customers["iban"].dropna(), *edits["before"], *edits["after"]}
    assert [cell for cell in cells if oib.is_valid(cell) or iban.is_valid(cell)] == []


def test_no_phone_number_of_a_person_is_valid_anywhere(small):
    for number in small.truth.persons["phone"]:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(number)), number


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("+385 91 234 5678", "a phone"),
        ("091/234-5678", "a phone"),
        ("33392005961", "an identity number"),
        ("GB82 WEST 1234 5698 7654 32", "an account"),
        ("ana@example.hr", "an e-mail address"),
        ("write to ana@gmail.com", "an e-mail address"),
        ("ana.anic@example.com", ""),
        ("ana@mail.example", ""),
        ("+385 93 234 5678", ""),
        ("Ilica 12 a", ""),
        ("10000", ""),
        ("1970-01-01", ""),
    ],
)
def test_the_check_itself_tells_right_from_wrong(text, whom):
    assert reaches(text, "HR") == whom


@pytest.mark.parametrize("digit", range(10))
def test_every_wrong_check_digit_is_met(base, digit):
    persons = base("retail", customers=2_000, seed=7, locale="hr").truth.persons
    assert persons["oib"].str.endswith(str(digit)).any()
