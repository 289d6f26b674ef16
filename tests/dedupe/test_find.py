"""Duplicates are found without labels, whatever the input looks like, and the same for any order of rows."""

import logging
import warnings

import numpy as np
import pandas as pd
import pytest

from crmlab import dedupe, simulate
from crmlab.errors import CrmlabError

IDENTITY = ["oib", "iban"]


@pytest.fixture(scope="module")
def base():
    return simulate.company("telco", customers=3_000, seed=5, mess="usual")


@pytest.fixture(scope="module")
def records(base):
    return base.customers.drop(columns=IDENTITY)


@pytest.fixture(scope="module")
def found(records):
    return dedupe.find(records)


def test_without_labels_nearly_all_duplicates_are_found_and_nearly_nothing_else(base, found):
    steps = dedupe.evaluate(found, base.truth["links"]).steps
    assert steps.loc["compared", "recall"] > 0.97
    assert steps.loc["linked", "f1"] > 0.96


def test_the_order_of_rows_plays_no_part_and_the_input_stays_as_it_was(records, found):
    shuffled = records.sample(frac=1, random_state=3)
    before = shuffled.copy()
    again = dedupe.find(shuffled)
    pd.testing.assert_frame_equal(shuffled, before)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    assert again.clusters.customer_id.equals(found.clusters.customer_id)


def test_new_records_join_known_customers_whose_ids_stay(records):
    old = records.sort_values("record_id").iloc[:1_500]
    known = old[["first_name", "last_name", "phone", "email", "birth_date"]].notna().all(axis=1)
    new = old[known].iloc[:3].assign(record_id=[1, 2, 3])
    first = dedupe.find(old)
    later = first.update(new)
    now, then = later.clusters.customer_id, first.clusters.customer_id
    assert (now[then.index] == then).mean() > 0.99
    assert now[[1, 2, 3]].tolist() == now[old.loc[new.index, "record_id"]].tolist()
    assert (later.clusters.changes["what"] == "joined").sum() >= 3
    with pytest.raises(CrmlabError, match="more than once"):
        later.update(new)


def test_review_shows_a_blind_sample(found):
    review = found.review(10)
    assert len(review.sample) == 10 and "probability" not in review.sample


def test_one_name_in_four_spellings_and_two_scripts_is_one_customer():
    records = pd.DataFrame(
        {
            "record_id": range(8),
            "first_name": ["Ana", "ANA", "Ана", "Ana", "Иво", "王", "王", "😀"],
            "last_name": ["Đurđević", "DJURDJEVIC", "Ђурђевић", "ÐurÐeviæ", "Кос", "小明", "小明", "😀😀"],
            "phone": [
                "091 234 5678",
                "+385912345678",
                "385 91 2345678",
                "0912345678",
                "1",
                "098 1234567",
                "0981234567",
                "",
            ],
        }
    )
    customer = dedupe.find(records).clusters.customer_id
    assert customer.tolist() == [1, 1, 1, 1, 2, 3, 3, 4]


def test_ten_thousand_records_of_one_company_address_neither_explode_nor_merge():
    dice = np.random.default_rng(1)
    names = ["".join(dice.choice(list("abcdefghijklmnoprstuvz"), 7)) for _ in range(4_000)]
    records = pd.DataFrame(
        {
            "record_id": range(10_000),
            "first_name": dice.choice(names[:300], 10_000),
            "last_name": dice.choice(names[300:], 10_000),
            "street": "Ilica",
            "house_number": "1",
            "city": "Zagreb",
            "email": "info@tvrtka.example",
        }
    )
    with pytest.raises(CrmlabError, match="only the name can be compared"):
        dedupe.find(records)
    found = dedupe.find(records.assign(phone=[f"01{number:07d}" for number in dice.permutation(10_000_000)[:10_000]]))
    assert len(found.pairs) < 50 * len(records)
    assert found.blocking.loc["address", "too_large"] > 0
    assert found.clusters.customer_id.nunique() > 9_900


def test_very_many_copies_of_one_row_are_one_customer(records):
    some = records.iloc[:300]
    copies = pd.concat([some.iloc[[7]]] * 500).assign(record_id=np.arange(500) + 10**9)
    found = dedupe.find(pd.concat([some, copies]))
    of_copies = found.clusters.customer_id[[some["record_id"].iloc[7], *copies["record_id"]]]
    assert (of_copies == of_copies.iloc[0]).all()
    assert found.blocking.loc["copies of one row", "largest_block"] == 501
    assert len(found.pairs) < 50 * 800


def test_missing_birth_dates_a_constant_column_and_gaps_change_no_answer_into_nonsense(base, records):
    dice = np.random.default_rng(2)
    poor = records.assign(
        birth_date=records["birth_date"].mask(dice.random(len(records)) < 0.4),
        city="Zagreb",
        country=np.nan,
        house_number=records["house_number"].astype(object).where(dice.random(len(records)) < 0.9, np.nan),
    )
    steps = dedupe.evaluate(dedupe.find(poor), base.truth["links"]).steps
    assert steps.loc["linked", "f1"] > 0.93


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("more", [0, 300])
@pytest.mark.parametrize(
    ("column", "values", "other"),
    [
        ("email", ["ana.kos@a.example", "ivo7@a.example", "Ana.Kos@a.example", "ana.kos@b.example"], "x{}@c.example"),
        ("phone", ["091 234 5678", "098 111 2222", "+385912345678", "091 234 5679"], "01 {}"),
        ("oib", ["12345678903", "98765432106", "12345678903", "12345678900"], "{}55"),
    ],
)
def test_who_shares_the_only_column_that_names_somebody_is_one_customer(column, values, other, more):
    records = pd.DataFrame({column: [*values, None, None, *(other.format(7_000_000 + 9_973 * n) for n in range(more))]})
    found = dedupe.find(records)
    assert found.clusters.customer_id.iloc[:6].tolist() == [1, 2, 1, 3, 4, 5]
    assert found.clusters.customer_id.nunique() == 5 + more
    assert found.quality()["estimate"].isna().all()
    assert len(found.explain(0, 2).sentences) == 2 and found.threshold(cost_false_merge=1, cost_missed=1).value == 0.5


def test_the_only_column_weighs_the_same_in_splinks_hands():
    found = dedupe.find(pd.DataFrame({"email": ["ana.kos@a.example", "ivo7@a.example", "Ana.Kos@a.example", None]}))
    theirs = found.to_splink().inference.predict().as_pandas_dataframe()["match_probability"]
    assert theirs.tolist() == pytest.approx(found.pairs["probability"].tolist())


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (pd.DataFrame({"record_id": [], "first_name": []}), "there is no record"),
        (pd.DataFrame({"record_id": [1], "first_name": ["Ana"]}), "only one record"),
        (pd.DataFrame({"record_id": [1, 2], "points": [5, 6]}), "no column to compare"),
        (pd.DataFrame({"record_id": [1, 2], "first_name": ["Ana", "Ana"]}), "all 2 records hold the same values"),
        (pd.DataFrame({"first_name": ["Ana", "Iva"], "last_name": ["Kos", "Kos"]}), "only the name can be compared"),
        (pd.DataFrame({"birth_date": ["1970-01-01", "1980-01-01"], "city": "Split"}), "only the day of birth"),
        (pd.DataFrame({"record_id": [1, 1], "first_name": ["Ana", "Iva"]}), "more than once"),
        ([1, 2], "found a list"),
    ],
)
def test_what_cannot_be_compared_gets_one_clear_message(records, words):
    with pytest.raises(CrmlabError, match=words) as caught:
        dedupe.find(records)
    assert len(caught.value.messages) == 1 and "next" in str(caught.value)


def test_splink_tells_nothing_and_the_session_stays_as_it_was(records, capfd):
    filters, level = list(warnings.filters), logging.getLogger("splink").level
    dedupe.find(records.iloc[:50])
    assert capfd.readouterr() == ("", "")
    assert warnings.filters == filters and logging.getLogger("splink").level == level
    assert not logging.getLogger("splink").disabled


def test_the_blocking_report_counts_every_pair_once_by_the_first_key_that_made_it(found):
    report = found.blocking
    assert report["adds"].sum() == len(found.pairs)
    assert (report["adds"] <= report["pairs"]).all()
    assert not found.pairs.duplicated(["record_id_a", "record_id_b"]).any()


@pytest.mark.parametrize("company", ["telco", "retail"])
def test_house_numbers_inside_the_street_do_not_make_one_customer_of_a_family(company):
    base = simulate.company(company, customers=900, seed=11, locale="hr", mess="usual")
    street = base.customers["street"].astype("str") + " " + base.customers["house_number"].astype("str").fillna("")
    joined = base.customers.assign(street=street.where(base.customers["street"].notna()))
    columns = ["record_id", "first_name", "last_name", "street", "postcode", "city", "email", "phone", "birth_date"]
    linked = dedupe.evaluate(dedupe.find(joined[columns]), base.truth["links"]).steps.loc["linked"]
    assert linked["wrong"] <= 0.15 * linked["right"]
    assert linked["missed"] <= 0.1 * linked["right"]


def test_a_field_filled_for_two_records_only_still_tells_them_alike():
    names = ["Ana", "Ivo", "Eva", "Jan"]
    records = pd.DataFrame({"first_name": ["Ђорђе", "Đorđe", *names], "last_name": ["Ђурђевић", "Đurđević", *"KBLN"]})
    records["phone"] = ["0911234567", "091 123 4567", *[None] * 4]
    customer = dedupe.find(records).clusters.customer_id
    assert customer.iloc[0] == customer.iloc[1]
    assert customer.nunique() == 5


def test_a_merge_that_was_undone_does_not_come_back_with_new_records():
    names = {"first_name": ["Ana", "Ana", "Ivo", "Mara"], "last_name": ["Kos", "Kos", "Bas", "Novak"]}
    phones = {"phone": ["0912345678", "0912345678", "0981112222", "012345555"]}
    stamps = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"], utc=True)
    records = pd.DataFrame({"record_id": [1, 2, 3, 4], **names, **phones, "updated_at": stamps})
    first = dedupe.find(records)
    assert first.clusters.customer_id.loc[1] == first.clusters.customer_id.loc[2]
    undone = dedupe.merge(records, first.clusters, "newest").undo(first.clusters.customer_id.loc[1])
    later = first.update(records.iloc[[2]].assign(record_id=5), apart=undone.apart)
    assert later.clusters.customer_id.loc[1] != later.clusters.customer_id.loc[2]
    again = later.update(records.iloc[[3]].assign(record_id=6))
    assert again.clusters.customer_id.loc[1] != again.clusters.customer_id.loc[2]


@pytest.mark.parametrize("new", ["abc", None])
def test_new_records_that_are_no_table_are_refused(new):
    first = dedupe.find(
        pd.DataFrame({"record_id": [1, 2], "last_name": ["Kos", "Bas"], "phone": ["0911234567", "0987654321"]})
    )
    with pytest.raises(CrmlabError, match="a pandas DataFrame"):
        first.update(new)
