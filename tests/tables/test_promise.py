"""Tables are held to what they promise, and every fault is named at once."""

import numpy as np
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.tables import CustomerBase, check, describe
from crmlab.tables.models import MODELS

TIMES = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"], utc=True)


def log(**columns):
    frame = pd.DataFrame({"record_id": [1, 2, 2], "ts": TIMES, "amount_cents": [100, 250, -50]})
    return frame.assign(**columns)


def faults(name, frame, **how):
    with pytest.raises(CrmlabError) as refused:
        check(name, frame, **how)
    return refused.value.messages


@pytest.mark.parametrize("name", MODELS)
def test_every_column_is_described_with_kind_and_meaning(name):
    columns = describe(name).columns
    assert columns["column"].tolist() == list(MODELS[name].columns)
    assert columns["kind"].ne("").all() and columns["meaning"].ne("").all()
    assert (columns.loc[columns["kind"] == "money", "unit"] == "cents").all()
    assert (columns.loc[columns["kind"] == "time", "unit"] == "UTC").all()
    assert {"yes"} <= set(columns["needed"]) <= {"yes", ""}


def test_a_promise_shows_itself_as_text_and_as_a_page():
    promise = describe("transactions")
    assert str(promise).splitlines()[0] == "transactions: one purchase, payment or return"
    assert "<b>transactions</b>" in promise._repr_html_()
    assert "amount paid; a return is negative" in promise._repr_html_()


def test_a_good_table_comes_back_as_it_was():
    given = log(margin_cents=pd.array([1, None, 3], dtype="Int64"), shop=["a", "b", "c"]).set_index(pd.Index([7, 8, 9]))
    before = given.copy()
    assert check("transactions", given) is given
    pd.testing.assert_frame_equal(given, before)


@pytest.mark.parametrize("record_id", [[1, 2, 3], ["0001", "a", "b"], pd.Categorical(["a", "b", "a"])])
def test_ids_may_be_whole_numbers_or_text(record_id):
    check("transactions", log(record_id=record_id))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"record_id": [1.0, 2.0, 3.0]},
            'transactions.record_id: float64 breaks the rule "a whole number or a text',
        ),
        ({"record_id": ["1", " ", "3"]}, "rows    : 1"),
        ({"record_id": ["1", None, "3"]}, '1 value breaks the rule "never empty"'),
        ({"amount_cents": [1.5, 2.0, 3.0]}, 'float64 breaks the rule "a whole number of cents"'),
        ({"amount_cents": ["1", "2", "3"]}, 'str breaks the rule "a whole number of cents"'),
        ({"amount_cents": pd.array([1, None, 3], dtype="Int64")}, '"never empty"'),
        ({"ts": TIMES.tz_localize(None)}, "a point in time in UTC"),
        ({"ts": TIMES.tz_convert("Europe/Zagreb")}, "a point in time in UTC"),
        ({"ts": ["2025-01-01"] * 3}, "a point in time in UTC"),
        ({"transaction_id": [1, 1, 2]}, '2 values break the rule "each value once only"'),
        ({"margin_cents": [0.5, np.nan, 1.0]}, "transactions.margin_cents"),
        ({"channel": [1, 2, 3]}, 'int64 breaks the rule "a text"'),
    ],
)
def test_a_column_that_breaks_its_promise_is_named_with_the_rule(columns, words):
    (fault,) = faults("transactions", log(**columns))
    assert words in fault
    assert 'crmlab.tables.describe("transactions")' in fault.splitlines()[-1]


def test_a_missing_column_is_named_with_the_nearest_one():
    (fault,) = faults("transactions", log().rename(columns={"amount_cents": "amount_euro"}))
    assert fault.splitlines() == [
        "transactions: no column 'amount_cents'. Did you mean 'amount_euro'?",
        "  it has  : record_id, ts, amount_euro",
        '  next    : rename the column; crmlab.tables.describe("transactions") says what is promised.',
    ]


def test_all_faults_of_a_table_are_told_at_once():
    bad = log(amount_cents=[0.5, 1, 2], margin_cents=["a", "b", "c"], transaction_id=[1, 1, 1]).drop(columns="ts")
    assert len(faults("transactions", bad)) == 4


def test_ends_of_a_number_are_part_of_the_promise():
    contract = pd.DataFrame({"record_id": [1, 2], "start": TIMES[:2], "price_cents": [0, -1], "renewal_day": [31, 32]})
    price, day = faults("contracts", contract)
    assert 'the rule "a whole number of cents, 0 or more"' in price and "values  : -1" in price
    assert 'the rule "a number from 1 to 31"' in day and "rows    : 1" in day


def test_a_day_is_midnight():
    births = pd.to_datetime(["1980-01-01 00:00", "1980-01-01 13:00"], utc=True)
    people = pd.DataFrame({"record_id": [1, 2], "birth_date": births})
    (fault,) = faults("customers", people)
    assert '"a day: midnight in UTC"' in fault


def test_only_the_columns_asked_for_are_checked_and_each_is_needed():
    bad = log(margin_cents=["a", "b", "c"])
    check("transactions", bad, columns=["record_id", "amount_cents"])
    (fault,) = faults("transactions", bad, columns=["record_id", "channel"])
    assert "no column 'channel'" in fault


def test_what_is_no_table_and_what_has_names_twice_is_refused():
    assert "found a list." in faults("transactions", [1, 2])[0]
    twice = pd.concat([log(), log()[["ts"]]], axis=1)
    assert "two columns have the same name: ts." in faults("transactions", twice)[0]


def test_the_order_of_rows_and_columns_plays_no_part():
    check("transactions", log().iloc[::-1, ::-1])


def test_an_empty_table_keeps_its_promise():
    check("transactions", log()[:0])


def test_a_base_tells_the_faults_of_all_its_tables():
    base = CustomerBase({"customers": pd.DataFrame({"record_id": [1, 1]}), "transactions": log(ts="soon")}, name="shop")
    with pytest.raises(CrmlabError) as refused:
        base.check()
    told = str(refused.value)
    words = ("customers.record_id", "transactions.ts", "1 record not in the customers table")
    assert all(word in told for word in words)


def test_a_base_without_customers_has_no_strangers():
    base = CustomerBase({"transactions": log()}, name="shop")
    assert base.check() is base
