"""One record per customer: by rule, with the origin of every field, nothing lost and any merge undone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import dedupe, simulate, value
from crmlab.errors import CrmlabError
from crmlab.tables import CustomerBase


def _days(*days):
    return pd.to_datetime(list(days), utc=True)


def _records(**columns):
    return pd.DataFrame({"record_id": [1, 2, 3], **columns})


ONE = pd.Series({1: 5, 2: 5, 3: 5})
PEOPLE = _records(
    source=pd.Categorical(["web", "branch", "app"]),
    clerk_id=pd.array([None, 11, None], dtype="Int64"),
    created_at=_days("2025-01-01", "2025-02-01", "2025-03-01"),
    updated_at=_days("2025-06-01", "2025-02-01", "2025-05-01"),
    first_name=["Đuro", "DJURO", "Duro"],
    last_name=["Horvat", "HORVAT", "Horvath"],
    street=["Ilica", None, "Vukovarska"],
    house_number=["1", "7", None],
    city=["Zagreb", "Split", "Osijek"],
    phone=[None, "091 1", "091 2"],
    email=["a@b.example", None, None],
    consent_email=[True, False, True],
    consent_phone=[True, True, True],
)


def _merged(rules=None, **options):
    return dedupe.merge(PEOPLE, ONE, rules, **options).customers.iloc[0]


@pytest.mark.parametrize(
    ("rule", "phone"), [("newest", "091 2"), ("oldest", "091 1"), ("most complete", "091 1"), ("most trusted", "091 2")]
)
def test_each_rule_chooses_the_value_it_says(rule, phone):
    # record 1 has no phone; record 3 was changed after 2, opened after 2, and has fewer fields filled
    assert _merged({"phone": rule}, trust=["web", "app"])["phone"] == phone


def test_the_most_frequent_value_wins_however_it_is_written_and_the_newest_spelling_shows():
    assert _merged({"last_name": "most frequent"})["last_name"] == "Horvat"
    assert dedupe.merge(PEOPLE, ONE, {"first_name": "most frequent"}).customers["first_name"].item() == "Đuro"


def test_among_those_who_mean_the_same_the_usual_way_of_writing_wins_over_the_newest():
    records = _records(
        last_name=["Hećimović", "Hećimović", "Heæimoviæ"], updated_at=_days(*["2025-01-01"] * 2, "2025-09-09")
    )
    assert dedupe.merge(records, ONE).customers["last_name"].item() == "Hećimović"
    three = _records(
        last_name=["Horvat", "HORVAT", "Novak"], updated_at=_days("2025-01-01", "2025-01-02", "2025-09-09")
    )
    assert dedupe.merge(three, ONE).customers["last_name"].item() == "HORVAT"


def test_an_address_comes_from_one_record_and_one_that_has_a_street():
    newest, oldest = _merged({"address": "newest"}), _merged({"address": "oldest"})
    assert [newest["street"], newest["house_number"], newest["city"]] == ["Ilica", "1", "Zagreb"]
    assert [oldest["street"], oldest["house_number"], oldest["city"]] == ["Ilica", "1", "Zagreb"]
    trusted = _merged({"address": "most trusted"}, trust=["branch", "app"])  # the branch's record has no street
    assert [trusted["street"], trusted["city"]] == ["Vukovarska", "Osijek"] and pd.isna(trusted["house_number"])


def test_a_column_named_alone_leaves_its_unit():
    row = _merged({"address": "oldest", "city": ["most trusted"]}, trust=["branch"])
    assert [row["street"], row["city"]] == ["Ilica", "Split"]


def test_consent_is_given_only_when_no_record_refuses_it_whatever_rule_holds_for_the_rest():
    for rules in (None, "newest", {"*": "most complete"}):
        row = _merged(rules)
        assert [bool(row["consent_email"]), bool(row["consent_phone"])] == [False, True]
    assert _merged({"consent_email": "newest"})["consent_email"]


def test_when_where_and_by_whom_it_was_opened_comes_from_the_record_opened_first():
    row = _merged("newest")
    assert [row["created_at"], row["source"]] == [pd.Timestamp("2025-01-01", tz="UTC"), "web"]
    assert pd.isna(row["clerk_id"]) and row["record_id"] == 1
    assert row["updated_at"] == pd.Timestamp("2025-06-01", tz="UTC")


def test_a_second_rule_decides_between_equals():
    records = _records(source=["web", "web", "app"], note=["a", "b", "c"], updated_at=_days(*["2025-01-01"] * 3))
    rules = {"note": ["most trusted", "most complete"]}
    assert dedupe.merge(records.assign(x=[None, 1, 1]), ONE, rules, trust=["web"]).customers["note"].item() == "b"


def test_without_any_times_the_most_complete_and_then_the_smallest_record_decide():
    records = _records(note=["a", "b", "c"], more=[None, "x", "x"])
    assert dedupe.merge(records, ONE).customers[["note", "more"]].iloc[0].tolist() == ["b", "x"]


def test_every_field_says_which_record_gave_it_why_and_what_the_others_said():
    table = dedupe.merge(PEOPLE, ONE, {"phone": "newest"}).provenance(5).set_index("column")
    assert table.loc["phone", ["value", "record_id", "why", "other_values"]].tolist() == [
        "091 2",
        3,
        "newest of 2 said",
        "091 1",
    ]
    assert table.loc["email", ["record_id", "why"]].tolist() == [1, "only this record has it"]
    assert table.loc["consent_phone", "why"] == "all records say so"
    assert table.loc["clerk_id", "why"] == "left empty, so as not to mix two records"
    assert list(table.index) == [column for column in PEOPLE if column != "record_id"]


def test_the_origin_of_every_field_holds_the_value_that_is_shown():
    merged = dedupe.merge(PEOPLE, pd.Series({1: 5, 2: 5, 3: 6}))
    raw = PEOPLE.set_index("record_id")
    golden = merged.customers.set_index("customer_id")
    for customer, row in merged.origin.iterrows():
        for column, record in row.items():
            shown = golden.loc[customer, column]
            assert pd.isna(shown) if pd.isna(record) else shown == raw.loc[record, column]


def test_no_record_is_lost_and_the_given_table_is_left_as_it_was():
    before = PEOPLE.copy(deep=True)
    merged = dedupe.merge(PEOPLE, pd.Series({1: 5, 2: 5, 3: 6}))
    pd.testing.assert_frame_equal(PEOPLE, before)
    assert merged.losers[["customer_id", "record_id", "last_name"]].to_numpy().tolist() == [[5, 2, "HORVAT"]]
    assert merged.records is not None and len(merged.records) == 3


def test_types_stay_as_they_were():
    merged = dedupe.merge(PEOPLE, pd.Series({1: 5, 2: 5, 3: 6}))
    pd.testing.assert_series_equal(merged.customers.dtypes[PEOPLE.columns], PEOPLE.dtypes)


def test_a_merge_undone_gives_the_records_back_as_they_came():
    undone = dedupe.merge(PEOPLE, ONE).undo(5)
    pd.testing.assert_frame_equal(undone.customers.drop(columns="customer_id"), PEOPLE)
    assert undone.customers["customer_id"].tolist() == [5, 6, 7]
    assert undone.undone["words"].item() == "Customer 5 keeps record 1; 2 became customer 6; 3 became customer 7."


def test_some_records_leave_together_and_never_come_together_again():
    merged = dedupe.merge(PEOPLE, ONE)
    undone = merged.undo(5, records=[2, 3])
    assert undone.customer_id.to_dict() == {1: 5, 2: 6, 3: 6}
    assert undone.apart.to_numpy().tolist() == [[1, 2], [1, 3]]
    pairs = pd.DataFrame({"record_id_a": [1, 1, 2], "record_id_b": [2, 3, 3], "probability": 0.999})
    again = dedupe.cluster([1, 2, 3], pairs, apart=undone.apart)
    assert again.customer_id[1] != again.customer_id[2] == again.customer_id[3]
    assert len(merged.customers) == 1  # the merge that was undone is still there to compare with


def test_a_number_given_at_an_undo_was_never_used_before():
    pairs = pd.DataFrame({"record_id_a": [1], "record_id_b": [2], "probability": [0.9]})
    before = pd.Series({1: 5, 2: 9, 3: 7})
    clusters = dedupe.cluster([1, 2, 3], pairs, before=before)
    assert clusters.retired.to_dict() == {9: 5}
    assert dedupe.merge(PEOPLE, clusters).undo(5).customer_id.to_dict() == {1: 5, 2: 10, 3: 7}


GROUPS = st.lists(st.integers(1, 4), min_size=1, max_size=8)


@given(GROUPS, st.data())
@settings(deadline=None, max_examples=25)
def test_undoing_every_merge_is_as_if_nothing_was_merged(groups, data):
    n = len(groups)
    texts = st.lists(st.sampled_from(["Ana", "ana", "Iva", None]), min_size=n, max_size=n)
    days = data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    records = pd.DataFrame(
        {
            "record_id": np.arange(n) * 3,
            "first_name": pd.Series(data.draw(texts), dtype="str"),
            "phone": pd.Series(data.draw(texts), dtype="str"),
            "updated_at": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(days, unit="D"),
        }
    )
    merged = dedupe.merge(records, pd.Series(groups, index=records["record_id"]))
    order = data.draw(st.permutations(range(n)))
    again = dedupe.merge(records.iloc[order], pd.Series(groups, index=records["record_id"]))
    pd.testing.assert_frame_equal(merged.customers, again.customers)  # the order of rows plays no part
    for customer in set(groups):
        if groups.count(customer) > 1:
            merged = merged.undo(customer)
    golden = merged.customers.drop(columns="customer_id").sort_values("record_id", ignore_index=True)
    pd.testing.assert_frame_equal(golden, records)


@pytest.fixture(scope="module")
def shop():
    return simulate.company("retail", customers=400, seed=5, locale="hr", mess="dirty")


@pytest.fixture(scope="module")
def merged(shop):
    links = shop.truth["links"].drop_duplicates("record_id")
    return dedupe.merge(shop.customers, links.set_index("record_id")["person_id"])


def test_every_table_of_a_base_carries_the_customer_and_nothing_is_gained_or_lost(shop, merged, tmp_path):
    base = merged.apply(shop)
    assert base.check() is base
    for name, table in base.items():
        assert len(table) == (len(merged.customers) if name == "customers" else len(shop[name]))
        assert "record_id" not in table or table.columns[0] == "customer_id"
    assert base["transactions"]["amount_cents"].sum() == shop["transactions"]["amount_cents"].sum()
    known = shop["mentions"]["record_id"].notna()
    assert (base["mentions"]["customer_id"].notna() == known).all() and known.any() and not known.all()
    kept = CustomerBase.load(base.save(tmp_path / "merged"))
    assert kept["transactions"]["customer_id"].sum() == base["transactions"]["customer_id"].sum()


def test_rfm_of_a_merged_base_counts_persons_and_loses_no_purchase(shop, merged):
    base = merged.apply(shop)
    before, after = (value.rfm(one.transactions, as_of=shop.as_of) for one in (shop, base))
    assert after.index.name == "customer_id" and len(after) < len(before)
    assert set(after.index) <= set(merged.customers["customer_id"])
    assert (
        after[["frequency", "monetary_cents"]].sum().tolist() == before[["frequency", "monetary_cents"]].sum().tolist()
    )


def test_the_one_who_brought_a_customer_is_a_customer_too(shop, merged):
    brought = merged.apply(shop)["referrals"]
    assert brought["referred_by_customer"].tolist() == merged.customer_id[brought["referred_by"]].tolist()


def test_a_base_whose_tables_name_a_customer_nobody_knows_is_told(shop, merged):
    base = merged.apply(shop)
    tables = dict(base) | {"transactions": base["transactions"].assign(customer_id=10**9)}
    with pytest.raises(CrmlabError, match=r"transactions\.customer_id: 1 customer not in the customers table"):
        CustomerBase(tables, name="shop").check()


def test_a_merge_kept_on_disk_comes_back_with_what_was_undone(tmp_path):
    merged = dedupe.merge(PEOPLE, ONE, {"phone": ["most trusted", "newest"]}, trust=["app"]).undo(5, records=[1])
    back = dedupe.Merged.load(merged.save(tmp_path / "merge"))
    pd.testing.assert_frame_equal(back.customers, merged.customers)
    pd.testing.assert_frame_equal(back.apart, merged.apart)
    assert back.undone["words"].tolist() == merged.undone["words"].tolist()
    assert back.undo(5).customer_id.to_dict() == {1: 6, 2: 5, 3: 7}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: dedupe.merge([1], ONE), "customers: found a list."),
        (
            lambda: dedupe.merge(PEOPLE.drop(columns="record_id"), ONE),
            "1 record of the customers table is in no customer.",
        ),
        (lambda: dedupe.merge(pd.concat([PEOPLE, PEOPLE]), ONE), "stand more than once"),
        (lambda: dedupe.merge(PEOPLE, pd.Series({1: 5, 2: 5})), "1 record of the customers table is in no customer."),
        (lambda: dedupe.merge(PEOPLE, "all"), "clusters: found a str."),
        (lambda: dedupe.merge(PEOPLE, ONE, "newset"), "no rule 'newset'. Did you mean 'newest'?"),
        (lambda: dedupe.merge(PEOPLE, ONE, {"phon": "newest"}), "rules: no column 'phon'. Did you mean 'phone'?"),
        (lambda: dedupe.merge(PEOPLE, ONE, ["newest"]), "rules: found a list."),
        (lambda: dedupe.merge(PEOPLE, ONE, {"phone": 1}), "no rule 1."),
        (lambda: dedupe.merge(PEOPLE, ONE, {"phone": "strictest"}), '"strictest" is for yes and no only.'),
        (lambda: dedupe.merge(PEOPLE, ONE, {"phone": "most trusted"}), 'trust=["branch", "web"]'),
        (lambda: dedupe.merge(PEOPLE, ONE, trust="branch"), "trust: found 'branch'."),
        (
            lambda: dedupe.merge(PEOPLE, ONE, trust=["brnch"]),
            "no record has the source 'brnch'. Did you mean 'branch'?",
        ),
        (lambda: dedupe.merge(_records(phone="1"), ONE, "newest"), "it needs: the column updated_at or created_at"),
        (lambda: dedupe.merge(PEOPLE, ONE, locale="fr"), "locale: found 'fr'."),
        (lambda: dedupe.merge(PEOPLE, ONE).undo(6), "customer_id: no customer 6."),
        (lambda: dedupe.merge(PEOPLE, ONE).provenance("x"), "customer_id: no customer 'x'."),
        (lambda: dedupe.merge(PEOPLE, ONE).undo(5, records=[4]), "records: not of this customer: 4."),
        (lambda: dedupe.merge(PEOPLE, ONE).undo(5, records=[]), "records: none are named."),
        (lambda: dedupe.merge(PEOPLE, ONE).undo(5, records=[1, 2, 3]), "one at least must stay"),
        (lambda: dedupe.merge(PEOPLE, pd.Series({1: 1, 2: 2, 3: 3})).undo(1), "there is no merge to undo"),
        (lambda: dedupe.merge(PEOPLE, ONE).apply(PEOPLE), "base: found a DataFrame."),
    ],
)
def test_a_wrong_call_is_told_what_to_do(call, says):
    with pytest.raises(CrmlabError) as fault:
        call()
    assert says in str(fault.value) and "next" in str(fault.value)


def test_a_base_that_was_not_merged_is_told():
    base = CustomerBase({"customers": PEOPLE, "visits": pd.DataFrame({"record_id": [9]})}, name="shop")
    with pytest.raises(CrmlabError, match=r"visits\.record_id: 1 record was not merged"):
        dedupe.merge(PEOPLE, ONE).apply(base)


def test_an_empty_table_and_a_table_of_one_merge_to_themselves():
    assert dedupe.merge(PEOPLE[:0], pd.Series(dtype="int64")).customers.empty
    one = dedupe.merge(PEOPLE[:1], pd.Series({1: 3}))
    pd.testing.assert_frame_equal(one.customers.drop(columns="customer_id"), PEOPLE[:1])
