"""Two persons' records wrongly merged: one record, with the history of both, and the truth says whose is what."""

import numpy as np
import pandas as pd
import pytest

from crmlab.simulate import company
from crmlab.simulate.mess import KINDS
from crmlab.tables import checksum

COMPANIES = ("retail", "telco", "bank", "b2b")
IDS = {"transactions": "transaction_id", "touchpoints": "touchpoint_id", "contracts": "contract_id"}
IDS["contact_persons"] = "contact_id"
KEPT = {"mess": "none", "mess__duplicates": 0.2}
MERGED = {**KEPT, "mess__wrong_merge": 0.3}


@pytest.fixture(scope="module", params=COMPANIES)
def pair(request, base):
    """A base with merges, and the same without."""
    return [base(request.param, customers=1_500, seed=8, **mess) for mess in (MERGED, KEPT)]


@pytest.fixture(scope="module", params=COMPANIES)
def quiet(request, base):
    """The same without campaigns: those reach fewer where records were merged, and so bring fewer purchases."""
    return [base(request.param, customers=1_500, seed=8, campaigns=False, **mess) for mess in (MERGED, KEPT)]


def persons_of(base, table):
    """Whose each event is: the record's person, but for those the truth tells to be of another."""
    frame = base[table]
    person = frame["record_id"].map(base.truth.links.set_index("record_id")["person_id"])
    told = base.truth.misbooked
    told = told[told["table"] == table].set_index("event_id")["person_id"]
    return frame[IDS[table]].map(told).fillna(person).astype("int64")


def test_so_many_of_every_second_person_lose_their_record_to_the_next(made):
    for rate in (0.0, 0.02, 0.2, 1.0):
        is_merged = made(wrong_merge=rate).records.is_merged
        assert not is_merged[1::2].any()
        for half in (is_merged[:6_000:2], is_merged[6_000::2]):
            assert abs(half.sum() - len(half) * rate) <= 4.5 * np.sqrt(len(half) * rate * (1 - rate))


def test_the_merged_record_is_gone_and_the_other_is_as_old_as_the_older(pair):
    merged, kept = pair
    gone = merged.truth.merges
    assert 170 < len(gone) < 280
    first = kept.customers.merge(kept.truth.links).sort_values("created_at").drop_duplicates("person_id")
    number, opened = (first.set_index("person_id")[name] for name in ("record_id", "created_at"))
    assert not set(number[gone["person_id"]]) & set(merged.customers["record_id"])
    assert (number[gone["person_id"] + 1].to_numpy() == gone["record_id"].to_numpy()).all()
    now = merged.customers.set_index("record_id")["created_at"][gone["record_id"]].to_numpy()
    both = np.minimum(opened[gone["person_id"]].to_numpy(), opened[gone["person_id"] + 1].to_numpy())
    assert (now == both).all()
    assert len(merged.customers) == len(kept.customers) - len(gone)
    assert len(merged.truth.persons) == 1_500


def test_what_both_bought_signed_and_said_stands_on_the_one_record(quiet):
    merged, kept = quiet
    gone = merged.truth.merges.set_index("person_id")["record_id"]
    for table in ("transactions", *(name for name in ("contracts", "contact_persons") if name in merged)):
        one, other = (frame.set_index(IDS[table])["record_id"].sort_index() for frame in (merged[table], kept[table]))
        assert one.index.equals(other.index)  # nothing is lost, nothing new
        person = pd.Series(persons_of(kept, table).to_numpy(), kept[table][IDS[table]]).sort_index()
        moved = one != other
        assert moved.sum() > 100
        assert set(person[moved]) <= set(gone.index)
        assert (one[moved] == gone[person[moved]].to_numpy()).all()
        still = set(merged.customers["record_id"])
        assert not set(other[~moved]) - still


def test_the_truth_says_whose_every_event_is(quiet):
    merged, kept = quiet
    for table in ("transactions", *(name for name in ("contracts", "contact_persons") if name in merged)):
        one, other = (
            pd.Series(persons_of(base, table).to_numpy(), base[table][IDS[table]]).sort_index()
            for base in (merged, kept)
        )
        pd.testing.assert_series_equal(one, other)
    told = merged.truth.misbooked
    assert set(told["person_id"]) <= set(merged.truth.merges["person_id"])
    assert (told["table"] == "touchpoints").sum() > 500
    assert len(kept.truth.misbooked) == len(kept.truth.merges) == 0
    moments = merged.truth.moments.set_index("touchpoint_id")["person_id"]
    log = pd.Series(persons_of(merged, "touchpoints").to_numpy(), merged.touchpoints["touchpoint_id"])
    assert (log[moments.index] == moments).all()


def test_on_a_merged_record_rows_are_in_order_of_time_too(pair):
    merged, _ = pair
    both = merged.truth.merges["record_id"]
    for table in ("transactions", "touchpoints", "moments"):
        frame = merged[table]
        assert frame["record_id"].isin(both).sum() > 50
        keys = [name for name in ("record_id", "ts", "seq") if name in frame]
        assert frame[keys].equals(frame[keys].sort_values(keys, ignore_index=True)), table
    assert not merged.touchpoints[["record_id", "ts", "seq"]].duplicated().any()
    opened = merged.customers.set_index("record_id")["created_at"]
    assert (merged.touchpoints["ts"] >= opened[merged.touchpoints["record_id"]].to_numpy()).all()


def test_a_firm_asks_a_merged_record_once(pair):
    merged, _ = pair
    for table, of in (("survey", "wave"), ("campaigns", "campaign_id"), ("referrals", None)):
        keys = ["record_id", *([of] if of else [])]
        assert not merged[table][keys].duplicated().any(), table
    assert (merged.referrals["record_id"] != merged.referrals["referred_by"]).all()
    if "contact_persons" in merged:
        assert merged.contact_persons.groupby("record_id")["is_main"].sum().max() == 1


def test_every_record_an_event_is_booked_on_is_there(pair):
    for base in pair:
        there = set(base.customers["record_id"])
        for name, frame in base.items():
            for column in {"record_id", "referred_by"} & set(frame):
                assert set(frame[column].dropna()) <= there, (name, column)


def test_a_merge_leaves_cells_of_the_person_before_and_logs_each(made):
    done = made(wrong_merge=1.0, gaps=True)
    rows = done.records.links.merge(done.persons, on="person_id").set_index("record_id")
    edits = done.edits
    (group,) = KINDS["wrong_merge"].groups
    assert set(edits["column"]) <= set(group)
    assert edits["before"].notna().all()  # what was not known stays so
    clean = done.persons.set_index("person_id")
    for column in group:
        some = edits[edits["column"] == column]
        theirs = clean[column][rows.loc[some["record_id"], "person_id"] - 1]
        theirs = theirs.dt.strftime("%Y-%m-%d") if column == "birth_date" else theirs.astype(str)
        assert (some["after"].to_numpy() == theirs.to_numpy()).all(), column
    told = done.records.merges
    assert (told["record_id"].map(rows["person_id"]) == told["person_id"] + 1).all()
    homes = rows.loc[told["record_id"], "household_id"].to_numpy()
    shares = homes != told["person_id"] + 1
    assert (clean["household_id"][told["person_id"]].to_numpy() == homes)[shares].all()


def test_more_merges_change_no_other_record(made):
    few, many = made(preset="dirty", wrong_merge=0.0), made(preset="dirty", wrong_merge=0.5)
    alone = few.table[few.table["record_id"].isin(many.table["record_id"])]
    alone = alone[~alone["record_id"].isin(many.records.merges["record_id"])].reset_index(drop=True)
    assert len(alone) > 5_000
    same = many.table[many.table["record_id"].isin(alone["record_id"])].reset_index(drop=True)
    assert same.astype(str).equals(alone.astype(str))


@pytest.mark.parametrize("size", [41, 42])
def test_the_first_customers_of_a_larger_base_are_the_same_wherever_it_ends(size):
    """At 41 the last one's record may be merged with one that is not there."""
    mess = {"mess": "dirty", "mess__wrong_merge": 1.0}
    small, large = (company("telco", customers=n, seed=3, **mess) for n in (size, 60))
    gone = small.truth.merges["record_id"]
    assert len(set(gone) - set(small.customers["record_id"])) == size % 2
    links = large.truth.links
    records = links.loc[links["person_id"] <= size, "record_id"]
    for name in ("customers", "contracts", "transactions", "touchpoints", "moments", "survey", "campaigns"):
        rows = large[name][large[name]["record_id"].isin(records)].reset_index(drop=True)
        assert checksum(rows) == checksum(small[name]), name
    for name in ("links", "merges", "misbooked"):
        rows = large.truth[name]
        rows = rows[rows["person_id"] <= size]
        if name == "misbooked" and size == 41:
            rows = rows[rows["person_id"] < size]
            known = small.truth[name][small.truth[name]["person_id"] < size]
            assert checksum(rows) == checksum(known)
        else:
            assert checksum(rows) == checksum(small.truth[name]), name


def test_duplicates_of_a_matcher_are_counted_without_the_merged(base):
    found = base("retail", customers=1_500, seed=8, **MERGED).truth.difficulty()
    assert found["duplicate_pairs"] > 0
