"""A pair is explained field by field, and a threshold follows from what errors cost."""

import numpy as np
import pandas as pd
import pytest

from crmlab import dedupe, simulate
from crmlab.dedupe.estimate import lost_by_blocking
from crmlab.dedupe.threshold import weighed_up
from crmlab.errors import CrmlabError


@pytest.fixture(scope="module")
def found():
    base = simulate.company("telco", customers=800, seed=6, mess="usual")
    return dedupe.find(base.customers.drop(columns=["oib", "iban"]))


def test_the_bits_of_all_fields_add_up_to_the_probability(found):
    for pair in found.pairs.sort_values("probability").iloc[[0, -1]].itertuples():
        told = found.explain(pair.record_id_a, pair.record_id_b)
        assert told.probability == pytest.approx(1 / (1 + 2.0 ** -told.table["bits"].sum()))
        assert told.probability == pytest.approx(pair.probability)


def test_there_is_one_sentence_for_each_field_and_it_shows_the_values(found):
    pair = found.pairs.sort_values("probability").iloc[-1]
    told = found.explain(pair["record_id_a"], pair["record_id_b"])
    assert [sentence.split(":")[0] for sentence in told.sentences[1:8]] == [
        *("Name", "Day of birth", "Address", "Place", "Phone", "E-mail"),
        "Who else it could be",
    ]
    name = found.customers.set_index("record_id").loc[int(pair["record_id_a"]), "last_name"]
    assert name in told.sentences[1]
    assert "one customer" in told.chart.finding and len(told.chart.axes[0].patches) >= 3
    assert "<svg" in told._repr_html_() and told.sentences[1] in repr(told)


def test_a_pair_that_was_never_compared_can_be_explained_too(found):
    records = found.clusters.customer_id.index
    compared = set(zip(found.pairs["record_id_a"], found.pairs["record_id_b"], strict=True))
    other = next(record for record in records[1:] if (records[0], record) not in compared)
    told = found.explain(records[0], other)
    assert told.probability < 0.5 and "two customers" in repr(told)
    assert told.probability == pytest.approx(found.explain(other, records[0]).probability)


def test_a_record_that_is_not_there_is_named(found):
    with pytest.raises(CrmlabError, match="there is no record -5"):
        found.explain(-5, found.pairs["record_id_a"].iloc[0])
    with pytest.raises(CrmlabError, match="twice"):
        found.explain(3, 3)


def test_the_threshold_costs_least_of_all(found):
    told = found.threshold(cost_false_merge=90, cost_missed=10)
    assert told.value == float(told) == pytest.approx(0.9)
    assert told.table["cost"].min() == pytest.approx(told.table.loc[told.value, "cost"])
    assert told.table["false_merges"].is_monotonic_decreasing and told.table["missed"].is_monotonic_increasing
    assert "0.9" in told.chart.finding and "<svg" in told._repr_html_()


def test_expected_errors_are_sums_of_probabilities_worked_by_hand():
    told = weighed_up(np.array([0.3, 0.6, 0.9]), np.array([10, 5, 20]), 1, 1)
    # from .5 on: 5 pairs of .6 and 20 of .9
    assert told.table.loc[0.5].tolist() == pytest.approx([25, 5 * 0.4 + 20 * 0.1, 10 * 0.3, 4 + 3])


@pytest.mark.parametrize("cost", [0, -1, "10", None, True, np.inf])
def test_a_cost_that_is_none_is_refused(found, cost):
    with pytest.raises(CrmlabError, match="a number above 0"):
        found.threshold(cost_false_merge=cost, cost_missed=1)


def test_what_blocking_lost_is_estimated_from_pairs_that_one_key_alone_caught():
    dice = np.random.default_rng(1)
    caught = dice.random((20_000, 4)) < 0.5  # four keys that each catch half: one in sixteen escapes
    keys = (caught * [1, 2, 4, 8]).sum(axis=1)
    seen = keys[keys > 0]
    assert lost_by_blocking(seen, np.ones(len(seen))) == pytest.approx(1 / 16, abs=0.01)
    assert lost_by_blocking(np.full(50, 15), np.ones(50)) == 0


def test_the_table_of_quality_has_what_the_threshold_asks_for(found):
    strict, loose = found.quality(threshold=0.99), found.quality(threshold=0.05)
    assert strict.loc["precision", "estimate"] >= loose.loc["precision", "estimate"]
    assert strict.loc["recall", "estimate"] <= loose.loc["recall", "estimate"]
    with pytest.raises(CrmlabError, match="threshold"):
        found.quality(threshold=7)
    assert isinstance(strict, pd.DataFrame)
