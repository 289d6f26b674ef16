"""Records opened again: when, where, and what is booked on them."""

import numpy as np
import pandas as pd
import pytest

from crmlab.errors import CrmlabError
from crmlab.simulate import company
from crmlab.simulate.columns import CHANNELS
from crmlab.simulate.mess import PRESETS


def opened(made):
    done = made(duplicates=0.4)
    return done, done.records.frame


def test_further_records_come_later_and_within_the_history(made):
    done, frame = opened(made)
    assert (frame["second"] < done.block.end_second).all()
    for _, slots in frame[frame["owner"] < 500].groupby("owner"):
        assert slots["slot"].tolist() == list(range(len(slots)))
        assert slots["second"].is_monotonic_increasing
    assert frame["record_id"].is_unique


def test_a_purchase_goes_to_a_record_that_is_open_and_to_the_one_it_opened(made):
    from crmlab.simulate.acquisition import acquisition
    from crmlab.simulate.purchases import purchases

    done, frame = opened(made)
    sales, _ = purchases(done.block, acquisition(done.block))
    booked = done.records.of(sales.owner, sales.second, sales.channel)
    row = frame.set_index("record_id").loc[booked]
    assert (row["owner"].to_numpy() == sales.owner).all()
    assert (row["second"].to_numpy() <= sales.second).all()
    again = frame[frame["slot"] > 0]
    bought = pd.DataFrame({"record_id": booked, "second": sales.second}).drop_duplicates()
    assert len(again.merge(bought)) > 0.55 * len(again)  # opened at a purchase, which is booked on it
    several = np.isin(sales.owner, again["owner"])
    same = row["channel"].to_numpy() == sales.channel
    assert same[several].mean() > same[~several].mean()  # another channel, another record


def test_purchases_are_split_between_the_records_of_a_person(made):
    done, frame = opened(made)
    owner = np.repeat(frame.loc[frame["slot"] == 1, "owner"].to_numpy(), 40)
    late = np.arange(40)[None, :] * 977 + done.block.end_second - 50_000
    moments = np.broadcast_to(late, (len(owner) // 40, 40)).ravel()
    booked = pd.DataFrame({"owner": owner, "record_id": done.records.of(owner, moments)})
    share = booked.groupby("owner")["record_id"].agg(lambda ids: ids.value_counts(normalize=True).max())
    count = frame.groupby("owner").size()[share.index]
    two = share[count == 2]
    assert two.mean() < 0.65  # near one half each, and never all on one
    assert (share < 1).mean() > 0.95


def test_the_same_moment_is_always_booked_on_the_same_record_in_any_order(made):
    done, frame = opened(made)
    dice = np.random.default_rng(3)
    owner = dice.integers(0, done.block.size, 5_000)
    second = np.full(5_000, done.block.end_second - 1)
    booked = done.records.of(owner, second)
    order = dice.permutation(5_000)
    assert (done.records.of(owner[order], second[order]) == booked[order]).all()
    web = np.full(5_000, CHANNELS.index("web"))
    row = frame.set_index("record_id").loc[done.records.of(owner, second, web)]
    has_web = frame[frame["channel"] == web[0]]["owner"].unique()
    assert (row["channel"] == web[0]).to_numpy()[np.isin(owner, has_web)].all()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_base_of_any_preset_keeps_its_promises(preset):
    base = company("retail", customers=300, seed=2, mess=preset)
    assert set(base.transactions["record_id"]) <= set(base.customers["record_id"])
    assert set(base.truth.links["record_id"]) == set(base.customers["record_id"])
    assert (len(base.truth.edits) == 0) == (preset == "none")
    base.check()


def test_an_unknown_preset_is_named_with_the_nearest():
    with pytest.raises(CrmlabError) as error:
        company("retail", customers=10, seed=1, mess="dirtyy")
    assert str(error.value) == (
        "mess: there is no such preset 'dirtyy'. Did you mean 'dirty'?\n"
        "  it has  : clean, usual, dirty, none\n"
        "  next    : choose one of these, for instance mess='usual'."
    )


def test_one_dose_is_overruled_alone():
    base = company("retail", customers=400, seed=2, mess="none", mess__upper_case=1.0)
    assert set(base.truth.edits["operation"]) == {"upper_case"}
    with pytest.raises(CrmlabError, match=r"mess\.mispell: there is no such field\. Did you mean 'mess\.misspell'"):
        company("retail", customers=10, seed=1, mess__mispell=0.1)
    with pytest.raises(CrmlabError, match=r"mess\.misspell: found 3"):
        company("retail", customers=10, seed=1, mess__misspell=3)
