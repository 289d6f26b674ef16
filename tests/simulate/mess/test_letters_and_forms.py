"""Each error does what its name says; examples of each are in its docstring, which is run as well."""

from datetime import date

import numpy as np
import pytest
from stdnum import iban
from stdnum.hr import oib

from crmlab.simulate.mess.letters import (
    confused_c,
    confused_ije,
    lost_marks,
    misspell,
    upper_case,
    utf8_twice,
    wrong_code_page,
)
from crmlab.simulate.mess.names import company_form, double_surname, maiden_surname, short_name
from crmlab.simulate.mess.numbers import is_checked, mistyped_number
from crmlab.simulate.mess.places import house_form, neighbour_postcode, street_form
from crmlab.simulate.mess.reach import default_birth_date, email_typo, phone_form, role_address, swapped_day_month
from crmlab.simulate.mess.words import mess_words

LOTS = np.random.default_rng(7).integers(0, 1 << 32, 400).tolist()


def outcomes(change, text, locale="hr"):
    return {change(text, lot, mess_words(locale)) for lot in LOTS}


def distance(a, b):
    """Levenshtein's distance, with a swap of neighbours counted as one."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@pytest.mark.parametrize(("locale", "name"), [("hr", "Kovačević"), ("en", "Savage"), ("de", "Müller")])
def test_a_slip_is_one_step_on_the_keyboard_away(locale, name):
    slips = outcomes(misspell, name, locale)
    assert len(slips) > 25
    assert name not in slips
    assert {distance(name.lower(), slip.lower()) for slip in slips} == {1}
    assert all(slip.isalpha() for slip in slips)


@pytest.mark.parametrize(
    ("locale", "key", "near"),
    [("hr", "z", "tu"), ("hr", "y", "x"), ("hr", "č", "lć"), ("en", "z", "x"), ("en", "y", "tu"), ("de", "ö", "lä")],
)
def test_keys_lie_as_on_the_locale_s_keyboard(locale, key, near):
    assert set(near) <= set(mess_words(locale).neighbours[key])


def test_z_and_y_change_places_between_croatian_and_english():
    assert "y" not in mess_words("hr").neighbours["t"]
    assert "y" in mess_words("en").neighbours["t"]
    assert {"z", "y"} <= set(mess_words("hr").neighbours) & set(mess_words("en").neighbours)


@pytest.mark.parametrize(
    ("change", "text", "wanted"),
    [
        (lost_marks, "Đurđa Čačić", {"Durda Cacic", "Djurdja Cacic"}),
        (lost_marks, "Grüner Weg", {"Gruner Weg", "Gruener Weg"}),
        (lost_marks, "Novak", {"Novak"}),
        (confused_c, "Čačić", {"Ćačić", "Čaćić", "Čačič"}),
        (confused_c, "Novak", {"Novak"}),
        (confused_ije, "Cvijeta Stjepanić", {"Cvjeta Stjepanić", "Cvijeta Stijepanić"}),
        (upper_case, "Šime", {"ŠIME"}),
        (wrong_code_page, "čćžšđ ČĆŽŠĐ", {"èæžšð ÈÆŽŠÐ"}),
        (utf8_twice, "š", {"Å¡"}),
        (short_name, "Josip", {"Joso", "Joža", "Jozo", "Joško"}),
        (short_name, "Aldo", {"Aldo"}),
        (street_form, "Vukovarska ulica", {"Vukovarska ul.", "Vukovarska ul", "Vukovarska"}),
        (street_form, "Bučarova", {"Bučarova"}),
        (house_form, "12a", {"bb", "12 A", "12A", "12/A", "12-A", "12 a", "12/a", "12-a"}),
        (house_form, "7", {"bb", "br. 7", "7."}),
        (company_form, "Lipa d.o.o.", {"Lipa D.O.O.", "Lipa d. o. o.", "Lipa doo", "Lipa j.d.o.o.", "Lipa"}),
        (company_form, "Lipa", {"Lipa"}),
        (neighbour_postcode, "10010", {"10000", "10020"}),
        (swapped_day_month, "2001-02-03", {"2001-03-02"}),
        (default_birth_date, "2001-02-03", {"1970-01-01"}),
    ],
)
def test_an_error_has_these_outcomes_and_no_other(change, text, wanted):
    assert outcomes(change, text) == wanted


def test_letters_in_the_wrong_code_page_can_be_read_back():
    for text in ("Čačić", "Žužul Đuro"):
        assert wrong_code_page(text, 0, None).encode("cp1252").decode("cp1250") == text
    twice = utf8_twice("Kovačević", 0, None)
    assert twice.replace("\x8d", "\N{REPLACEMENT CHARACTER}").startswith("KovaÄ")
    assert utf8_twice("Šimić", 0, None).encode("cp1252").decode("utf-8") == "Šimić"


def test_a_phone_number_keeps_its_digits_whatever_its_form():
    forms = outcomes(phone_form, "+385 93 123 4567")
    assert len(forms) == 7
    for form in forms:
        digits = "".join(sign for sign in form.replace("(0)", "") if sign.isdigit())
        assert digits.endswith("931234567")
        assert digits.removesuffix("931234567") in ("0", "385", "00385")


def test_a_second_surname_is_one_of_the_country_s():
    names = set(mess_words("hr").lists.last_names.words)
    assert outcomes(maiden_surname, "Novak") <= names
    for double in outcomes(double_surname, "Novak") - {"Novak"}:
        assert double.startswith("Novak")
        assert double.removeprefix("Novak").strip(" -") in names


@pytest.mark.parametrize("address", ["ana@posta.example", "ana@example.com", "ana@example.org"])
def test_a_mistyped_address_stays_where_nobody_lives(address):
    typos = outcomes(email_typo, address)
    assert address not in typos
    for typo in typos:
        assert typo.startswith("ana@")
        assert typo.endswith((".example", "@example.com", "@example.org", "@example.net"))
    assert outcomes(role_address, address) == {f"{role}@{address.split('@')[1]}" for role in mess_words("hr").roles}


@pytest.mark.parametrize("number", ["33392005962", "HR1310010051863000160", "GB83WEST12345698765432"])
def test_a_mistyped_number_is_one_step_away_and_its_check_digits_are_still_wrong(number):
    slips = outcomes(mistyped_number, number)
    assert len(slips) > 20
    assert {distance(number, slip) for slip in slips} == {1}
    assert {len(slip) for slip in slips} == {len(number)}
    assert not any(oib.is_valid(slip) or iban.is_valid(slip) for slip in slips)


def test_a_slip_that_would_make_the_check_digit_right_is_passed_over():
    assert is_checked("33392005961")
    one_off = "33392005962"  # its last digit taken for the key beside it would be right
    assert "33392005961" not in outcomes(mistyped_number, one_off)
    assert "33392005963" in outcomes(mistyped_number, one_off)
    for number in ("HR1210010051863000160", "GB82WEST12345698765432"):
        assert is_checked(number)
    assert mistyped_number("none", 0, None) == "none"


def test_swapped_days_are_days():
    for day in range(1, 29):
        swapped = swapped_day_month(f"1984-05-{day:02}", 0, None)
        assert date.fromisoformat(swapped)
        assert (swapped != f"1984-05-{day:02}") == (day <= 12 and day != 5)


def test_a_locale_nobody_described_has_errors_too():
    words = mess_words("de")
    assert misspell("Huber", 0, words) != "Huber"
    assert street_form("Hauptstraße", 0, words) == "Hauptstr."
    assert house_form("4b", 0, words) == "4 B"
