"""Pseudonyms, groups that are too small, and consents."""

import hashlib
import hmac

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import quality, simulate
from crmlab.errors import CrmlabError

KEY = "a secret of this test, 2026"
OTHER = "another secret of the test"


def test_a_pseudonym_is_the_hmac_of_the_value():
    expected = hmac.new(KEY.encode(), b"17", hashlib.sha256).hexdigest()[:20]
    for values in (
        [17],
        ["17"],
        pd.Series([17.0, None]).head(1),
        pd.Series([17], dtype="Int64"),
        pd.Series([17], dtype="category"),
    ):
        assert quality.pseudonyms(values, key=KEY).tolist() == [expected]
    assert quality.pseudonyms([17], key=KEY.encode()).tolist() == [expected]


def test_the_same_key_joins_tables_and_another_key_does_not():
    base = simulate.company("retail", customers=500, seed=3, locale="hr")
    people = base.customers.assign(record_id=quality.pseudonyms(base.customers["record_id"], key=KEY))
    log = base.transactions.assign(record_id=quality.pseudonyms(base.transactions["record_id"], key=KEY))
    joined = log.merge(people, on="record_id")
    assert len(joined) == len(base.transactions)
    assert people["record_id"].is_unique
    assert not set(quality.pseudonyms(base.customers["record_id"], key=OTHER)) & set(people["record_id"])


def test_pseudonyms_keep_index_name_and_gaps_and_leave_the_input_alone():
    ids = pd.Series(["a@posta.example", None, "a@posta.example"], index=[5, 3, 1], name="email")
    before = ids.copy()
    hidden = quality.pseudonyms(ids, key=KEY)
    assert hidden.index.tolist() == [5, 3, 1] and hidden.name == "email"
    assert hidden.isna().tolist() == [False, True, False] and hidden[5] == hidden[1]
    pd.testing.assert_series_equal(ids, before)


@pytest.mark.parametrize("key", ["short", "", "a" * 40, b"123", 4711, None])
def test_a_key_that_keeps_no_secret_is_refused_and_never_shown(key):
    with pytest.raises(CrmlabError, match=r"secrets\.token_hex") as caught:
        quality.pseudonyms(["x"], key=key)
    shown = str(caught.value).replace("too short", "")
    assert key in ("", None) or str(key) not in shown


def test_the_key_is_in_no_output():
    hidden = quality.pseudonyms(["ana", "ivo"], key=KEY)
    assert KEY not in hidden.to_csv() and KEY not in repr(hidden) and not hidden.attrs


def test_numbers_with_a_fraction_are_no_ids():
    with pytest.raises(CrmlabError, match="no ids"):
        quality.pseudonyms([1.5], key=KEY)


def test_k_is_the_smallest_group_of_a_hand_worked_table():
    people = pd.DataFrame(
        {
            "postcode": ["10000", "10000", "10000", "10010", "10010", "21000", None, None],
            "birth_date": pd.to_datetime(
                ["1980-05-01"] * 3 + ["1980-06-01", "1981-06-01", "1950-01-01"] + [None] * 2, utc=True
            ),
        },
        index=list("abcdefgh"),
    )
    found = quality.k_anonymity(people, ["postcode", "birth_date"], smallest=2)
    assert found.k == 1
    assert found.rows.index.tolist() == ["d", "e", "f"] and found.rows["group_rows"].tolist() == [1, 1, 1]
    assert found.groups["rows"].tolist() == [1, 1, 1, 2, 3]
    steps = found.coarser.set_index(["column", "coarsen"])["standing_out"]
    assert steps["birth_date", "ten years"] == 1  # only f is left alone
    assert steps["birth_date", "leave it out"] == 1
    assert steps["birth_date", "year"] == 3
    assert steps["postcode", "first 2 signs"] == 3
    assert "3 of 8 rows (37.5%) stand out" in repr(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=40), st.integers(2, 6))
def test_suppressing_leaves_only_groups_that_are_large_enough_and_loses_no_row_unreported(rows, smallest):
    table = pd.DataFrame(rows, columns=["a", "b"])
    kept = quality.suppress(table, ["a", "b"], smallest=smallest)
    sizes = table.groupby(["a", "b"])["a"].transform("size")
    assert kept.kept.index.tolist() == table.index[sizes >= smallest].tolist()
    assert kept.left_out["rows"].sum() + len(kept) == len(table)
    assert not len(kept) or quality.k_anonymity(kept.kept, ["a", "b"]).k >= smallest


def test_taking_the_advised_step_gives_the_promised_number():
    base = simulate.company("telco", customers=1_500, seed=6, locale="hr")
    people = base.customers[["postcode", "birth_date"]]
    found = quality.k_anonymity(people, ["postcode", "birth_date"])
    step = found.coarser.set_index(["column", "coarsen"]).loc[("birth_date", "year")]
    coarse = people.assign(birth_date=people["birth_date"].dt.year)
    again = quality.k_anonymity(coarse, ["postcode", "birth_date"])
    assert (again.k, len(again.rows), len(again.groups)) == (step["k"], step["standing_out"], step["groups"])


def test_an_empty_selection_and_one_where_nobody_stands_out_are_told_so():
    people = pd.DataFrame({"city": ["Split"] * 6})
    assert "Nobody stands out" in repr(quality.k_anonymity(people, ["city"]))
    assert "nobody can be recognised" in repr(quality.k_anonymity(people.head(0), ["city"]))
    assert len(quality.suppress(people.head(0), "city")) == 0


def _people():
    return pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 3, 4, 5],
            "email": [
                "ana@posta.example",
                "ana@posta.example",
                "ivo@posta.example",
                None,
                "nema@posta.example",
                "eva@posta.example",
            ],
            "consent_email": [True, False, True, True, True, None],
            "consent_profiling": ["da", "da", "ne", "DA", "možda", "yes"],
            "city": ["Split", "Split", "Split", "Zadar", "Split", "Split"],
        }
    )


def test_a_selection_holds_only_who_agreed_and_counts_each_other_once():
    people = _people()
    chosen = quality.select(people, purpose="email")
    assert chosen.customers.index.tolist() == [2]
    assert chosen.left_out.set_index("reason")["customers"].to_dict() == {
        "said no": 1,
        "said no on another record of theirs": 1,
        "never gave a clear answer": 1,
        "no e-mail address": 2,
    }
    assert len(chosen) + chosen.left_out["customers"].sum() == len(people)


def test_words_for_yes_count_and_doubt_does_not():
    assert quality.select(_people(), purpose="profiling").customers.index.tolist() == [0, 1, 3, 5]
    assert quality.select(_people(), purpose=["email", "profiling"]).customers.index.tolist() == []


def test_only_those_wished_for_are_counted():
    people = _people()
    chosen = quality.select(people, purpose="profiling", where=people["city"] == "Zadar")
    assert chosen.customers.index.tolist() == [3] and chosen.left_out.empty
    assert "nobody had to be left out" in repr(chosen)


@pytest.mark.parametrize("purpose", ["email", "phone", "profiling"])
def test_nobody_who_refused_is_ever_in_a_selection(purpose):
    people = simulate.company("telco", customers=1_000, seed=5, locale="hr").customers
    chosen = quality.select(people, purpose=purpose)
    assert len(chosen) and chosen.customers[f"consent_{purpose}"].all()
    pd.testing.assert_frame_equal(chosen.customers, people.loc[chosen.customers.index])


def test_yes_and_no_count_alike_however_they_are_written():
    answers = [True, False, True]
    kinds = [
        pd.Series(answers),
        pd.Series(answers, dtype="boolean"),
        pd.Series(answers, dtype=object),
        pd.Series([1, 0, 1]),
        pd.Series(["Da", "ne", "ja"]),
        pd.Series(["yes", "no", "yes"], dtype="category"),
    ]
    for kind in kinds:
        assert quality.select(pd.DataFrame({"consent_sms": kind}), purpose="sms").customers.index.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: quality.select(_people(), purpose="phone"), "no column 'consent_phone'"),
        (lambda: quality.select(_people(), purpose="emial"), "Did you mean 'email'"),
        (lambda: quality.select(_people(), purpose=[]), "no purpose is named"),
        (lambda: quality.select([], purpose="email"), "found a list"),
        (lambda: quality.select(_people(), purpose="email", where=[True]), "write a condition"),
        (lambda: quality.select(_people(), purpose="email", where=_people()["city"]), "write a condition"),
        (lambda: quality.k_anonymity(_people(), ["ctiy"]), "Did you mean 'city'"),
        (lambda: quality.k_anonymity(_people(), []), "none is named"),
        (lambda: quality.k_anonymity("x", ["city"]), "found a str"),
        (lambda: quality.suppress(_people(), "city", smallest=1), "a whole number from 2"),
    ],
)
def test_wrong_calls_get_a_message_that_helps(call, words):
    with pytest.raises(CrmlabError, match=words):
        call()


def test_a_million_groups_are_counted_without_overflow():
    rng = np.random.default_rng(1)
    table = pd.DataFrame({name: rng.integers(0, 1_000, 20_000) for name in "abcdefg"})
    assert quality.k_anonymity(table, list("abcdefg")).k == 1


def test_who_gives_a_selection_where_its_rows_are_asked_for_is_told_where_they_are():
    chosen = quality.select(pd.DataFrame({"email": ["a@b.example"], "consent_email": [True]}), purpose="email")
    with pytest.raises(CrmlabError, match=r"next    : pass its rows: selection\.customers\."):
        quality.k_anonymity(chosen, ["email"])
