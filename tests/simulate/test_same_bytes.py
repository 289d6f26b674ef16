"""One process, two processes, any order of blocks, any size of base: the same customers."""

import pandas as pd
import pytest

from crmlab import simulate
from crmlab.tables import checksum

SHORT = {"seed": 5, "months": 3}  # a short history keeps large bases quick
FOUR_BLOCKS = {"customers": 1_900, **SHORT}


def sums(frames):
    return {name: checksum(frame) for name, frame in frames.items()}


def first(base, n):
    """Everything that belongs to the first n persons of a base."""
    links = base.truth.links
    records = links.loc[links["person_id"] <= n, "record_id"]
    observed = {name: frame[frame["record_id"].isin(records)] for name, frame in base.items() if "record_id" in frame}
    truth = {"links": links[links["person_id"] <= n]}
    truth |= {name: base.truth[name][base.truth[name]["person_id"] <= n] for name in ("persons", "value")}
    return sums(observed) | sums(truth)


@pytest.fixture
def small_blocks(monkeypatch):
    """Let five hundred customers fill a block, in the processes that help too."""
    monkeypatch.setattr("crmlab.simulate.plan.BLOCK", 500)


@pytest.fixture(scope="module")
def whole():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("crmlab.simulate.plan.BLOCK", 500)
        return simulate.company("retail", **FOUR_BLOCKS)


@pytest.mark.parametrize("workers", [2, 4])
def test_two_and_four_processes_make_the_bytes_of_one(whole, small_blocks, workers):
    shared = simulate.company("retail", **FOUR_BLOCKS, workers=workers)
    assert sums(shared) == sums(whole)
    assert sums(shared.truth) == sums(whole.truth)
    assert shared.about == whole.about
    dtypes = {name: frame.dtypes.to_dict() for name, frame in whole.items()}
    assert {name: frame.dtypes.to_dict() for name, frame in shared.items()} == dtypes


def test_blocks_made_in_any_order_are_the_base(whole, small_blocks):
    made = {number: simulate.block("retail", number, **FOUR_BLOCKS) for number in (2, 0, 3, 1)}
    blocks = [made[number] for number in range(4)]
    for name, frame in whole.items():
        joined = pd.concat([block[name] for block in blocks], ignore_index=True)
        assert checksum(joined) == checksum(frame), name
        if name != "customers":  # its blocks have slips of their own among their words
            assert (joined.dtypes == "category").tolist() == (frame.dtypes == "category").tolist(), name
    for name, frame in whole.truth.items():
        assert checksum(pd.concat([block.truth[name] for block in blocks])) == checksum(frame), name


def test_no_number_comes_twice_over_the_blocks(whole):
    for table, column in (
        ("customers", "record_id"),
        ("transactions", "transaction_id"),
        ("touchpoints", "touchpoint_id"),
        ("mentions", "mention_id"),
        ("product_events", "event_id"),
    ):
        assert whole[table][column].is_unique, column
    assert whole.truth.persons["oib"].is_unique


def test_tables_are_in_order_of_record_and_time(whole):
    own = {"mentions": ["mention_id"], "product_events": ["device_id", "ts", "seq"]}  # some belong to no known record
    for name, frame in whole.items():
        keys = own.get(name, [column for column in ("record_id", "ts", "seq") if column in frame])
        assert frame[keys].equals(frame[keys].sort_values(keys, ignore_index=True)), name


@pytest.mark.parametrize("company", ["retail", "telco"])
def test_the_first_thousand_customers_of_2_000_and_of_200_000_are_the_same(company):
    small = simulate.company(company, customers=2_000, **SHORT)
    large = simulate.block(company, 0, customers=200_000, **SHORT)
    assert first(small, 1_000) == first(large, 1_000)


def test_the_first_thousand_customers_are_the_same_where_they_fill_two_blocks(whole, small_blocks):
    assert first(simulate.company("retail", customers=1_200, **SHORT), 1_000) == first(whole, 1_000)


def test_calls_do_not_interfere():
    alone = sums(simulate.company("telco", customers=50, seed=3))
    simulate.company("retail", customers=70, seed=4, locale="en")
    changed = simulate.company("telco", customers=50, seed=3)
    changed.customers["city"] = "elsewhere"
    del changed.touchpoints["ts"]
    assert sums(simulate.company("telco", customers=50, seed=3)) == alone


def test_words_nobody_drew_are_not_counted(base):
    few = base("retail", customers=3, seed=1)
    assert few.customers["last_name"].value_counts().min() > 0
