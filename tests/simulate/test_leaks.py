"""No number and no order tells what only the truth knows."""

import numpy as np
import pytest
from scipy.stats import spearmanr


@pytest.fixture(scope="module", params=["retail", "telco"])
def known(request):
    """Records in order of their number, with the truth of their person."""
    base = request.getfixturevalue(request.param)
    rows = base.truth.links.merge(base.truth.value, on="person_id").merge(base.customers[["record_id", "created_at"]])
    rows["created_at"] = rows["created_at"].astype("int64")
    rows["alive_at_end"] = rows["alive_at_end"].astype(int)
    for table, column in (
        ("transactions", "transaction_id"),
        ("touchpoints", "touchpoint_id"),
        ("contracts", "contract_id"),
    ):
        if table in base:
            rows[column] = base[table].groupby("record_id")[column].first().reindex(rows["record_id"]).to_numpy()
    return rows.drop(columns="alive_until")


def test_no_id_goes_with_the_person_the_value_or_the_time(known):
    numbers = [column for column in known if column.endswith("_id") and column != "person_id"]
    secrets = [column for column in known if column not in numbers]
    assert len(numbers) >= 3
    assert len(secrets) >= 7
    for number in numbers:
        for secret in [*secrets, *(other for other in numbers if other != number)]:
            both = known[[number, secret]].dropna()
            assert abs(spearmanr(both[number], both[secret]).statistic) < 4.5 / np.sqrt(len(both)), (number, secret)


def test_neighbouring_records_are_no_neighbours_in_truth(known):
    gaps = known["person_id"].diff().abs().dropna()
    n = known["person_id"].max()
    assert abs(gaps.mean() - n / 3) < 4 * n * np.sqrt(1 / 18 / n)
    assert (gaps < 5).mean() < 0.002


def test_remainders_of_a_record_number_tell_nothing(known):
    for divisor in (2, 4, 8, 10, 16):
        means = known.groupby(known["record_id"] % divisor)["mean_spend_cents"].agg(["mean", "size"])
        spread = known["mean_spend_cents"].std() / np.sqrt(means["size"])
        assert (np.abs(means["mean"] - known["mean_spend_cents"].mean()) < 4.5 * spread).all(), divisor
        assert (means["size"] / len(known) - 1 / divisor).abs().max() < 4 * np.sqrt(0.25 / len(known))


def test_contacts_do_not_tell_who_has_left_before_the_firm_could_know(retail):
    """Letters go on to those who left unseen as to those who stay."""
    late = retail.touchpoints[(retail.touchpoints["type"] == "offer") & (retail.touchpoints["ts"] > "2025-10-01")]
    truth = retail.truth.links.merge(retail.truth.value, on="person_id").set_index("record_id")
    counts = late.groupby("record_id").size().reindex(truth.index, fill_value=0)
    old = retail.customers.set_index("record_id")["created_at"] < "2025-01-01"
    truth, counts = truth[old], counts[old]
    stays, left = counts[truth["alive_at_end"]], counts[~truth["alive_at_end"]]
    error = np.sqrt(stays.var() / len(stays) + left.var() / len(left))
    assert abs(stays.mean() - left.mean()) < 4 * error


def test_records_leave_room_for_duplicates(retail):
    from crmlab.simulate.asked import asked
    from crmlab.simulate.plan import BLOCK, SLOTS

    block = asked("retail", customers=BLOCK, seed=11).block(0)
    slots = block.identities(np.arange(SLOTS * BLOCK), 18, "customers")
    assert np.array_equal(
        np.sort(slots), np.arange(SLOTS * BLOCK) + 1
    )  # each slot has one number, each number one slot
    first = np.delete(slots[::SLOTS][: len(retail.truth.persons)], retail.truth.merges["person_id"] - 1)
    assert set(first) <= set(retail.customers["record_id"]) <= set(slots)


def test_neither_number_nor_order_tells_which_records_are_of_one_person(base):
    retail = base("retail", customers=20_000, seed=11, mess="dirty")
    rows = retail.truth.links.merge(retail.customers[["record_id", "created_at"]])
    rows["slot"] = rows.sort_values("created_at").groupby("person_id").cumcount()
    twice = rows[rows.groupby("person_id")["record_id"].transform("size") > 1]
    again = twice.groupby("person_id")["record_id"].agg(["min", "max"])
    assert len(again) > 1_000
    error = 4.5 / np.sqrt(len(again))
    assert abs(spearmanr(rows["record_id"], rows["slot"]).statistic) < 4.5 / np.sqrt(len(rows))
    gap = (again["max"] - again["min"]) / rows["record_id"].max()
    assert abs(gap.mean() - 1 / 3) < error  # as far apart as any two
    for divisor in (2, 3, 4, 8, 10, 16):
        alike = (again["max"] % divisor == again["min"] % divisor).mean()
        assert abs(alike - 1 / divisor) < error, divisor
    sold = retail.transactions.merge(rows[["record_id", "person_id"]])
    both = sold[sold["person_id"].isin(again.index)].groupby(["person_id", "record_id"])["transaction_id"].first()
    ends = both.groupby("person_id").agg(["first", "last", "size"]).query("size == 2")
    assert abs(spearmanr(ends["first"], ends["last"]).statistic) < 4.5 / np.sqrt(len(ends))
