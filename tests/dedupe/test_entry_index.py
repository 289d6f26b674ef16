"""While a record is typed, whoever may be there already is named, with the reason."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import dedupe, simulate
from crmlab.dedupe.entry_forms import Field, plain_form
from crmlab.errors import CrmlabError

CUSTOMERS = pd.DataFrame(
    {
        "record_id": [11, 12, 13, 14, 15],
        "first_name": ["Josip", "Ana", "Ivan", "Horvat", "Ana"],
        "last_name": ["Đurđević", "Horvat", "Kovačević", "Ivica", "Babić"],
        "birth_date": pd.to_datetime(["1970-05-03", None, "1988-12-01", None, None], utc=True),
        "phone": ["+385 91 234 5678", None, "01 234 567", None, None],
        "email": ["joso@mail.example", None, None, None, "ana.babic@mail.example"],
        "street": ["Ilica", "Ulica kralja Tomislava", "Ilica", None, "Ilica"],
        "house_number": ["12", "3", "12", None, "99"],
        "city": ["Zagreb", "Split", "Zagreb", None, "Osijek"],
    }
)
INDEX = dedupe.EntryIndex(CUSTOMERS)


def _first(**typed):
    found = INDEX.check(typed).table
    return found.loc[0, "record_id"] if len(found) else None


@pytest.mark.parametrize(
    ("typed", "record"),
    [
        ({"last_name": "DJURDJEVIC"}, 11),
        ({"last_name": "Ðurđeviæ", "first_name": "joso"}, 11),
        ({"phone": "091/234-5678"}, 11),
        ({"email": "JOSO@mail.example"}, 11),
        ({"first_name": "Joža", "birth_date": "3.5.1970."}, 11),
        ({"last_name": "Kovacevič", "birth_date": pd.Timestamp("1988-12-01")}, 13),
        ({"last_name": "Kovčaević"}, 13),
        ({"street": "ul. Kralja Tomislava", "house_number": "3"}, 12),
        ({"first_name": "A.", "last_name": "Horvat"}, 12),
        ({"first_name": "Ivica", "last_name": "Horvat"}, 14),
    ],
)
def test_a_customer_is_found_however_it_is_typed_and_with_only_a_part_of_it(typed, record):
    assert _first(**typed) == record


def test_the_reasons_are_plain_words_what_agrees_first():
    table = INDEX.check(
        {"last_name": "Durdevic", "first_name": "Pero", "phone": "0912345678", "birth_date": "1970-05-04"}
    ).table
    assert table.loc[0, "why"] == (
        "same phone, same last name (Đurđević), other first name (Josip), other day of birth (1970-05-03)"
    )
    table = INDEX.check({"first_name": "Horvat", "last_name": "Ana", "city": "Splti"}).table
    assert table.loc[0, "why"] == "first and last name the other way round, similar town (Split)"


def test_more_that_agrees_makes_it_surer_and_what_differs_less_sure():
    customers = simulate.company("telco", customers=300, seed=3, locale="hr", mess="none").customers
    index, one = dedupe.EntryIndex(customers), customers.dropna(subset=["birth_date", "phone"]).iloc[7]
    names = {"first_name": one["first_name"], "last_name": one["last_name"]}
    degrees = ["perhaps", "probably", "almost surely"]

    def sure(**more):
        table = index.check(names | more).table.set_index("record_id")
        return degrees.index(table["how_sure"].get(one["record_id"], "perhaps"))

    assert sure() < sure(birth_date=one["birth_date"]) == 2 == sure(phone=one["phone"])
    assert sure(birth_date="1931-01-07", phone=one["phone"]) < sure(phone=one["phone"])


def test_nobody_nothing_and_too_many_are_said_apart():
    assert INDEX.check({"last_name": "Zzz"}).words == "Nobody like this is there yet."
    assert INDEX.check({"last_name": " ", "phone": None}).words.startswith("Nothing has been typed yet")
    many = pd.DataFrame({"record_id": range(300), "last_name": "Horvat", "phone": [None] * 300})
    words = dedupe.EntryIndex(many).check({"last_name": "horvat"}).words
    assert words == "300 records share this last name; that alone says nothing. Ask for phone."


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"birth_date": "31.13.1980"}, "Day of birth 31.13.1980 was left out: it is no day; write it like 3.4.1986."),
        ({"birth_date": "29.2.1981."}, "Day of birth 29.2.1981. was left out: it is no day; write it like 3.4.1986."),
        ({"phone": "091"}, "Phone 091 was left out: it is too short for a phone number."),
        ({"email": "joso"}, "E-mail joso was left out: it has no @."),
        ({"street": "---"}, "Street --- was left out: it has no letter and no digit."),
        ({"postcode": "10000"}, "Postcode 10000 was left out: the table has no such column."),
    ],
)
def test_what_cannot_be_looked_up_is_said_and_the_other_fields_still_answer(typed, words):
    assert INDEX.check(typed).words == f"Nothing has been typed yet that could be looked up. {words}"
    found = INDEX.check({"last_name": "Đurđević", **typed})
    assert found.words == f"1 possible duplicate. {words}" and found.table["record_id"].tolist() == [11]
    assert INDEX.check({"last_name": "Zzz", **typed}).words == f"Nobody like this is there yet. {words}"


@pytest.mark.parametrize("column", ["birth_date", "phone", "email", "last_name"])
@pytest.mark.parametrize("nothing", [None, "", " ", float("nan"), pd.NA, pd.NaT])
def test_an_empty_field_is_not_called_unreadable(column, nothing):
    assert INDEX.check({"first_name": "Zzz", column: nothing}).words == "Nobody like this is there yet."


def test_records_are_named_as_find_names_them():
    named = CUSTOMERS.rename(columns={"record_id": "customer_id"})
    bare = CUSTOMERS.drop(columns="record_id").set_index(pd.Index(["a", "b", "c", "d", "e"]))
    for table, record in ((CUSTOMERS, 11), (named, 11), (bare, "a")):
        before = table.copy()
        row = table.iloc[0].to_dict()
        assert dedupe.EntryIndex(table).check(row).table["record_id"].tolist()[0] == record
        pd.testing.assert_frame_equal(table, before)


def test_an_index_says_in_one_line_what_it_is_ready_for():
    one = dedupe.EntryIndex(CUSTOMERS[["record_id", "last_name", "phone"]][:1])
    assert repr(one) == "Ready to check what is typed against 1 record: last name, phone."


def test_a_firm_is_found_under_any_legal_form():
    firms = pd.DataFrame({"record_id": ["a", "b"], "company_name": ["Lipa d.o.o.", "Hrast obrt"]})
    assert dedupe.EntryIndex(firms).check({"company_name": "LIPA D. O. O."}).table["record_id"].tolist() == ["a"]


def test_candidates_show_themselves_with_what_stands_in_the_table():
    found = INDEX.check({"phone": "0912345678"})
    assert repr(found).splitlines() == ["1 possible duplicate.", "Record 11, probably: same phone."]
    assert "Đurđević" in found._repr_html_() and len(found) == 1
    assert "<td>1970-05-03</td>" in found._repr_html_() and "<th>day of birth</th>" in found._repr_html_()
    both = INDEX.check({"first_name": "Ana"} | {"last_name": "Babić", "city": "Osijek"})._repr_html_()
    assert "NaT" not in both and "nan" not in both.casefold() and "<th>phone</th>" not in both


def test_planted_duplicates_are_found_while_they_are_typed():
    base = simulate.company("retail", customers=2_000, seed=8, locale="hr", mess="usual")
    person = base.customers["record_id"].map(base.truth["links"].set_index("record_id")["person_id"])
    again = person.duplicated().to_numpy()
    index = dedupe.EntryIndex(base.customers[~again])
    there = dict(zip(person[~again], base.customers.loc[~again, "record_id"], strict=True))
    typed = base.customers.loc[again, ["first_name", "last_name", "street", "house_number", "email", "birth_date"]]
    found = [
        there[of] in index.check(record).table["record_id"].tolist()
        for record, of in zip(typed.astype(object).to_dict("records"), person[again], strict=True)
    ]
    assert sum(found) / len(found) > 0.95


@given(st.lists(st.text(alphabet="0129+-/ ()@aZž._\n", max_size=14), min_size=1, max_size=20))
@settings(deadline=None, max_examples=60)
def test_very_many_phones_and_addresses_get_the_form_that_one_gets(texts):
    for column in ("phone", "email"):
        field = Field(pd.Series(texts, dtype="str"), column, "hr")
        got = [field.words[code] if code >= 0 else "" for code in field.codes.tolist()]
        assert got == [plain_form(column, text, "hr") for text in texts]


NAMES = st.sampled_from(["Ana", "ana", "Iva", "Horvat", "Đurić", "Djuric", "", None])


@given(
    st.lists(st.tuples(NAMES, NAMES, st.sampled_from([None, "0911111111", "0922222222"])), min_size=1, max_size=8),
    st.data(),
)
@settings(deadline=None, max_examples=25)
def test_the_order_of_rows_plays_no_part_and_whoever_is_typed_as_written_is_found(rows, data):
    table = pd.DataFrame(rows, columns=["first_name", "last_name", "phone"]).assign(record_id=range(len(rows)))
    order = data.draw(st.permutations(range(len(rows))))
    typed = dict(zip(["first_name", "last_name", "phone"], data.draw(st.sampled_from(rows)), strict=True))
    one, other = (dedupe.EntryIndex(each).check(typed, most=99) for each in (table, table.iloc[order]))
    pairs = [dict(zip(found.table["record_id"], found.table["why"], strict=True)) for found in (one, other)]
    assert pairs[0] == pairs[1]
    if typed["phone"] or typed["last_name"]:
        assert len(one) > 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dedupe.EntryIndex([1]), "customers: found a list."),
        (lambda: dedupe.EntryIndex(CUSTOMERS[["record_id"]]), "customers: nothing to look up."),
        (lambda: dedupe.EntryIndex(pd.concat([CUSTOMERS, CUSTOMERS])), "stand more than once"),
        (lambda: dedupe.EntryIndex(CUSTOMERS, locale="fr"), "locale: found 'fr'."),
        (lambda: INDEX.check("Horvat"), "record: found a str."),
        (lambda: INDEX.check({"lastname": "Horvat"}), "record['lastname']: no such column. Did you mean 'last_name'?"),
    ],
)
def test_a_wrong_call_is_told_what_to_do(call, says):
    with pytest.raises(CrmlabError) as fault:
        call()
    assert says in str(fault.value) and "next" in str(fault.value)


def test_an_empty_table_has_nobody():
    assert dedupe.EntryIndex(CUSTOMERS[:0]).check({"last_name": "Horvat"}).words == "Nobody like this is there yet."
