"""Normal forms: done twice is done once, the raw value is never lost, and every change says what it was."""

import pandas as pd
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import crmlab.simulate as simulate
from crmlab.errors import CrmlabError
from crmlab.quality import check_number, company_key, normalise, street_key
from crmlab.quality.letters import LOCALES
from crmlab.quality.normalise import FORMS
from crmlab.quality.reach import phone_form
from crmlab.quality.words import said
from crmlab.tables import check

SIGNS = "abcčćdđešuzlABDĐŠUŽäßé019 .,-/()+@'&😀Ä#\u00a0"
PIECES = ("ul. Ulica trg d.o.o. D. O. obrt str. Straße St Ltd GmbH", "Co KG dr. o'neil Mc- bb 12 a br. 7/B")
PIECES = [piece for line in PIECES for piece in line.split()]
LIKE_CELLS = (
    st.text(SIGNS, max_size=18)
    | st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)
    | st.from_regex(r"[+0]{0,2}(385|49|44)?[0-9 /()-]{4,12}", fullmatch=True)
    | st.text(max_size=12)
)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("column", FORMS)
@given(text=LIKE_CELLS)
@settings(max_examples=60, deadline=None)
def test_a_normal_form_stays_as_it_is(column, locale, text):
    new, kinds = FORMS[column](text, locale)
    assert (new != text) == bool(kinds)
    assert new is None or (new.strip() and FORMS[column](new, locale) == (new, ()))
    assert all(said([kind], language) for kind in kinds for language in LOCALES)


@pytest.fixture(scope="module")
def dirty():
    return {
        locale: simulate.company("bank", customers=400, seed=31, mess="dirty", locale=locale).customers
        for locale in LOCALES
    }


@pytest.mark.parametrize("locale", LOCALES)
def test_a_table_normalised_twice_is_normalised_once(dirty, locale):
    once = normalise(dirty[locale], locale)
    twice = normalise(once.table, locale)
    pd.testing.assert_frame_equal(twice.table, once.table)
    assert twice.changes.empty
    assert len(once.changes) > 250


def test_with_the_changes_taken_back_the_table_is_as_it_was(dirty):
    customers = dirty["hr"].sample(frac=1, random_state=1)
    kept = customers.copy()
    done = normalise(customers)
    back = done.table.astype({column: object for column in FORMS})
    for change in done.changes[done.changes["column"] != "birth_date"].itertuples():
        back.loc[change.row, change.column] = None if pd.isna(change.before) else change.before
    for column in FORMS:
        pd.testing.assert_series_equal(back[column].astype("str"), kept[column].astype("str"))
    pd.testing.assert_frame_equal(customers, kept)
    assert done.raw is customers


def test_every_cell_that_differs_is_among_the_changes_and_no_other(dirty):
    done = normalise(dirty["hr"])
    for column in FORMS:
        before, after = done.raw[column].astype("str"), done.table[column]
        differs = ~((before == after) | (before.isna() & after.isna()))
        rows = done.changes.loc[done.changes["column"] == column, "row"]
        assert sorted(rows) == sorted(differs.index[differs])


def test_the_order_of_rows_changes_nothing(dirty):
    customers = dirty["hr"]
    other = customers.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(normalise(other).table.sort_index(), normalise(customers).table)


def test_a_normalised_table_still_keeps_its_promise(dirty):
    check("customers", normalise(dirty["hr"]).table)


def test_columns_that_have_no_normal_form_stay_and_none_is_asked_for():
    table = pd.DataFrame({"Kupac": ["A"], "city": ["SPLIT"]}, index=["x"])
    done = normalise(table)
    assert done.table.to_dict("index") == {"x": {"Kupac": "A", "city": "Split"}}
    assert list(done.changes.columns) == ["row", "column", "before", "after", "what"]


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"last_name": pd.Series([], dtype="str"), "phone": pd.Series([], dtype="str")}),
        pd.DataFrame({"last_name": [None, None], "phone": [None, float("nan")]}),
        pd.DataFrame({"last_name": ["NOVAK"], "phone": ["091 234 5678"]}),
        pd.DataFrame({"last_name": ["NOVAK"] * 50, "phone": ["091 234 5678"] * 50}, index=[1] * 50),
        pd.DataFrame({"last_name": ["日本", "Ђурђевић", "😀"], "phone": ["😀", "—", "+81 3 1234 5678"]}),
        pd.DataFrame({"last_name": pd.Categorical(["NOVAK", None]), "phone": [385912345678, None]}),
    ],
    ids=["empty", "nothing", "one row", "all alike", "scripts", "numbers"],
)
def test_odd_tables_get_a_right_answer(table):
    done = normalise(table)
    assert done.table.index.equals(table.index)
    assert set(done.table["last_name"].dropna()) <= {"Novak", "日本", "Ђурђевић"}
    assert set(done.table["phone"].dropna()) <= {"+385912345678", "+81312345678"}
    assert normalise(done.table).changes.empty
    assert done.summary()["cells"].sum() == len(done.changes)


def test_what_is_asked_of_no_table_is_said():
    with pytest.raises(CrmlabError, match="customers: found a list"):
        normalise(["Novak"])
    with pytest.raises(CrmlabError, match=r'none of the columns[\s\S]*rename\(columns={"Prezime": "last_name"}\)'):
        normalise(pd.DataFrame({"Prezime": ["Novak"]}))
    with pytest.raises(CrmlabError, match="column 'city' is there twice"):
        normalise(pd.DataFrame([["Split", "Split"]], columns=["city", "city"]))


@pytest.mark.parametrize(("locale", "region", "code"), [("hr", "HR", 385), ("en", "GB", 44), ("de", "DE", 49)])
@given(digits=st.from_regex(r"[1-9][0-9]{5,12}", fullmatch=True), way=st.integers(0, 4))
@settings(max_examples=80, deadline=None)
def test_phone_numbers_are_read_as_phonenumbers_reads_them(locale, region, code, digits, way):
    ways = [f"+{code} {digits}", f"00{code}{digits}", f"0{digits}", f"0{digits[:2]}/{digits[2:]}", f"+{code}-{digits}"]
    typed = ways[way]
    number = phonenumbers.parse(typed, region)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_possible_number(number):
        assert phone_form(typed, locale)[0] == written
    else:
        assert phone_form(typed, locale) == (None, ("no_phone",))


def test_the_nought_of_the_area_in_brackets_is_left_out():
    assert phone_form("+385 (0)91 234 5678", "hr")[0] == "+385912345678"
    assert phone_form("+44 (0)20 7946 0018", "en")[0] == "+442079460018"


def test_cells_in_each_others_fields_are_put_back():
    table = pd.DataFrame(
        {
            "email": ["091 234 5678", "ana@posta.example", None],
            "phone": ["ana@posta.example", "091 234 5678", "eva@posta.example"],
            "postcode": ["Split", "21000", None],
            "city": ["21000", "Split", "10000"],
            "street": ["Ilica 12/A", "Ilica", "Ulica 30. svibnja br. 4"],
            "house_number": [None, "3", None],
        }
    )
    values = normalise(table).table
    assert values["email"].tolist()[:2] == ["ana@posta.example"] * 2
    assert values["phone"].tolist()[:2] == ["+385912345678"] * 2
    assert values.loc[2, "email"] == "eva@posta.example"
    assert values["postcode"].tolist() == ["21000", "21000", "10000"]
    assert values["city"].tolist()[:2] == ["Split", "Split"]
    assert values["street"].tolist() == ["Ilica", "Ilica", "Ulica 30. svibnja"]
    assert values["house_number"].tolist() == ["12a", "3", "4"]


def test_a_cell_put_back_changes_no_other_of_its_column():
    table = pd.DataFrame(
        {"postcode": [10_000.0, None, 21_000.0], "city": ["Zagreb", "51000", "Split"]}, index=[7, 8, 9]
    )
    table = table.assign(street=["Ilica", "Ilica 12", "Obala 3"], house_number=["1", None, "5"])
    done = normalise(table)
    assert done.table["postcode"].tolist() == ["10000", "51000", "21000"]
    assert done.table["street"].tolist() == ["Ilica", "Ilica", "Obala 3"]
    assert done.table["house_number"].tolist() == ["1", "12", "5"]
    assert done.changes["row"].tolist() == [8] * len(done.changes) and len(done.changes) == 4
    assert set(done.changes["column"]) == {"postcode", "city", "street", "house_number"}


def test_a_surname_is_put_back_only_where_the_table_shows_that_it_is_one():
    usual = pd.DataFrame({"first_name": ["Ana", "Ivo"] * 20, "last_name": ["Novak", "Horvat"] * 20})
    swapped = pd.DataFrame({"first_name": ["NOVAK", "Zvonko"], "last_name": ["Ana", "Perko"]})
    done = normalise(pd.concat([usual, swapped], ignore_index=True))
    assert done.table.tail(2).to_numpy().tolist() == [["Ana", "Novak"], ["Zvonko", "Perko"]]
    assert normalise(swapped).table.to_numpy().tolist() == [["Novak", "Ana"], ["Zvonko", "Perko"]]


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("Lipa d.o.o.", "d.o.o."),
        ("LIPA D.O.O.", "d.o.o."),
        ("Lipa d. o. o.", "d.o.o."),
        ("Lipa doo", "d.o.o."),
        ("Lipa, d.o.o", "d.o.o."),
        ("Lipa j.d.o.o.", "j.d.o.o."),
        ("Lipa J. D. O. O.", "j.d.o.o."),
        ("Lipa d.d.", "d.d."),
        ("Lipa obrt", "obrt"),
        ("OBRT Lipa", "obrt"),
    ],
)
def test_croatian_forms_of_a_firm_are_written_as_the_law_writes_them(typed, form):
    name = normalise(pd.DataFrame({"company_name": [typed]})).table["company_name"].iloc[0]
    assert name.endswith(f" {form}")
    assert company_key([typed]).tolist() == ["lipa"]


def test_forms_of_a_firm_in_other_countries():
    english = ["Oak Ltd", "OAK LIMITED", "Oak ltd.", "Oak P.L.C.", "oak L L P"]
    assert company_key(english, "en").unique().tolist() == ["oak"]
    german = ["Linde GmbH", "LINDE G.m.b.H.", "Linde GmbH & Co. KG", "Linde Gmbh und Co KG", "Linde e. K.", "linde ag"]
    assert company_key(german, "de").unique().tolist() == ["linde"]


def test_a_firm_whose_name_is_a_form_keeps_it():
    assert company_key(["Obrt", "d.o.o."]).tolist() == ["obrt", "d o o"]


def test_streets_have_one_key_with_and_without_the_word_for_street():
    hr = ["Školska ulica", "ŠKOLSKA UL.", "Skolska ul", "Školska"]
    assert street_key(hr).unique().tolist() == ["skolska"]
    assert street_key(["High Street", "HIGH ST.", "High st"], "en").unique().tolist() == ["high"]
    de = ["Goethestraße", "Goethestr.", "GOETHESTRASSE", "Goethestr"]
    assert len(set(street_key(de, "de"))) == 1


@pytest.mark.parametrize(
    ("number", "kind", "found"),
    [
        ("12345678903", "oib", "right"),
        ("123 4567 8903", "oib", "right"),
        ("12345678901", "oib", "check digit is wrong"),
        ("1234567890", "oib", "too long or too short"),
        ("GB82 WEST 1234 5698 7654 32", "iban", "right"),
        ("GB83 WEST 1234 5698 7654 32", "iban", "check digit is wrong"),
        ("HR12345678903", "vat", "right"),
        ("HR12345678901", "vat", "check digit is wrong"),
    ],
)
def test_numbers_are_held_to_their_check_digits(number, kind, found):
    assert check_number([number, None], kind).tolist()[0] == found
    assert check_number([number, None], kind).isna().tolist() == [False, True]


def test_an_unknown_kind_of_number_gets_the_nearest():
    with pytest.raises(CrmlabError, match=r"kind: found 'ibn'. Did you mean 'iban'\?"):
        check_number(["1"], "ibn")


def test_default_days_are_no_birthdays():
    table = pd.DataFrame({"birth_date": ["1970-01-01", "01.01.1900.", "3.4.1986", "1986-04-03", "31.02.1980", "nekad"]})
    done = normalise(table)
    assert done.table["birth_date"].dt.strftime("%Y-%m-%d").fillna("").tolist() == [
        "",
        "",
        *["1986-04-03"] * 2,
        "",
        "",
    ]
    assert done.changes["before"].tolist() == ["1970-01-01", "01.01.1900.", "3.4.1986", "31.02.1980", "nekad"]
