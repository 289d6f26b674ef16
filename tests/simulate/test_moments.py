"""Moments of truth: what is planted in expectation, perception and feeling comes back."""

import numpy as np
import pandas as pd
import pytest

from crmlab.simulate.asked import spec
from crmlab.simulate.columns import months_on
from crmlab.simulate.moments import _learned
from crmlab.simulate.outages import month_of


def error(share, n):
    return 4 * np.sqrt(share * (1 - share) / n)


QUICK = dict.fromkeys(("survey", "mentions", "product", "campaigns", "referrals"), False)


@pytest.fixture(scope="module", params=["retail", "telco", "bank", "b2b"])
def known(request, large):
    """A base, its spec, and its rated moments beside what lies behind them."""
    base = large(request.param, **QUICK)
    rows = base.moments.merge(base.truth.moments, on="touchpoint_id")
    rows["gain"] = (rows["latent_perception"] - rows["latent_desired"]).clip(lower=0)
    rows["loss"] = (rows["latent_adequate"] - rows["latent_perception"]).clip(lower=0)
    return base, spec(request.param)["moments"], rows


@pytest.fixture(scope="module")
def encounters(known):
    """All encounters of the kinds that are lived through, in order of person and time."""
    base, asked, _ = known
    log = base.touchpoints[base.touchpoints["type"].isin(asked["types"])].merge(base.truth.links, on="record_id")
    return log.sort_values(["person_id", "ts", "seq"], kind="stable", ignore_index=True)


def test_losses_are_felt_twice_as_much_as_gains(known):
    _, asked, rows = known
    unclipped = rows[(asked["slope"] * rows["gain"] < 3) & (asked["slope"] * asked["loss_aversion"] * rows["loss"] < 3)]
    design = np.column_stack([np.ones(len(unclipped)), unclipped["gain"], unclipped["loss"]])
    start, gain, loss = np.linalg.lstsq(design, unclipped["valence"].to_numpy(float), rcond=None)[0]
    assert abs(start) < 0.05
    assert gain == pytest.approx(asked["slope"], rel=0.1)
    assert -loss / gain == pytest.approx(asked["loss_aversion"], rel=0.1)


def test_little_is_felt_within_the_zone_of_tolerance(known):
    _, _, rows = known
    within = rows[(rows["gain"] == 0) & (rows["loss"] == 0)]
    assert len(within) > 0.4 * len(rows)
    assert within["valence"].abs().mean() < 0.5
    assert rows.loc[rows["loss"] > 1, "valence"].mean() < -1
    assert rows.loc[rows["loss"] > 1, "arousal"].mean() > within["arousal"].mean() + 1


def test_each_perception_moves_what_is_expected_by_a_quarter():
    owner, perceived = np.array([0, 0, 0, 2]), np.array([8.0, 4.0, 9.0, 5.0])
    expected = _learned(owner, perceived, np.array([4.0, 5.0, 6.0]), 0.25)
    assert expected.tolist() == [4.0, 5.0, 4.75, 6.0]  # 4 + (8-4)/4 = 5; 5 + (4-5)/4 = 4.75


def test_expectation_comes_near_to_what_is_delivered(known):
    """Who has lived through much predicts better than who is new."""
    _, _, rows = known
    off = (rows["latent_perception"] - rows["latent_expectation"]).abs()
    order = rows.sort_values("ts").groupby("person_id").cumcount()
    assert off[order >= 2].mean() < off[order == 0].mean()


@pytest.mark.parametrize("half", [0, 1], ids=["early persons", "late persons"])
def test_as_many_encounters_are_rated_as_asked(known, encounters, half):
    _, asked, rows = known
    of_half = encounters[(encounters["person_id"] > 10_000) == half]
    share = of_half["touchpoint_id"].isin(rows["touchpoint_id"]).mean()
    assert abs(share - asked["rated"]) < error(asked["rated"], len(of_half))


def test_a_complaint_follows_where_one_is_noted_and_only_there(known, encounters):
    _, asked, rows = known
    following = encounters.shift(-1)
    is_same = following["person_id"] == encounters["person_id"]
    is_soon = following["ts"] - encounters["ts"] <= pd.Timedelta(days=asked["complaint_days"])
    encounters = encounters.assign(
        follows=is_same & is_soon & (following["type"] == "complaint"), settled=following["resolved"]
    ).set_index("touchpoint_id")
    said = encounters.loc[rows["touchpoint_id"]]
    assert rows["complained"].sum() > 20
    assert rows["complained"].tolist() == said["follows"].tolist()
    noted = rows["complained"].to_numpy()
    assert rows["recovered"].isna().tolist() == (~noted).tolist()
    assert rows["recovered"][noted].tolist() == said["settled"][noted].tolist()


def test_answers_are_what_lies_behind_them_give_or_take_one(known):
    _, _, rows = known
    assert (rows["expected_adequate"] <= rows["expected_desired"]).all()
    assert (rows["latent_adequate"] <= rows["latent_desired"]).all()
    for answer, latent in (("perceived", "latent_perception"), ("expected_desired", "latent_desired")):
        assert (rows[answer] - rows[latent]).abs().quantile(0.99) < 2
        assert np.corrcoef(rows[answer], rows[latent])[0, 1] > 0.8


def within_four_sigma(left, chance):
    """As many have left as the chances together promise."""
    return abs(left.sum() - chance.sum()) < 4 * np.sqrt((chance * (1 - chance)).sum())


@pytest.mark.parametrize("company", ["retail", "b2b"])
def test_who_leaves_upon_a_purchase_is_who_the_truth_says_is_likely_to(company, large):
    """The chance of each purchase and what the encounter did to it, summed, is how many left upon it."""
    base = large(company, **QUICK)
    rows = base.truth.moments.merge(base.moments[["touchpoint_id", "ts"]], on="touchpoint_id")
    rows = rows.merge(base.truth.value, on="person_id")
    rows = rows[rows["effect_on_leaving"] != 0]
    if company == "retail":  # at the purchase itself
        usual, left = rows["dropout"], rows["ts"] == rows["alive_until"]
    else:  # within four weeks of it
        usual = 1 - np.exp(-4 * rows["dropout_rate"])
        left = (rows["alive_until"] >= rows["ts"]) & (rows["alive_until"] < rows["ts"] + pd.Timedelta(days=28))
    chance, left = (usual + rows["effect_on_leaving"]).to_numpy(), left.to_numpy()
    failed = (rows["effect_on_leaving"] > 0).to_numpy()
    assert chance.min() > 0 and chance.max() <= 1
    assert abs(rows["effect_on_leaving"].mean()) < 4 * rows["effect_on_leaving"].std() / np.sqrt(len(rows))
    assert within_four_sigma(left[failed], chance[failed])
    assert within_four_sigma(left[~failed], chance[~failed])
    assert left[failed].mean() > 1.5 * left[~failed].mean()


@pytest.mark.parametrize("company", ["telco", "bank"])
def test_who_leaves_after_an_outage_is_who_the_truth_says_is_likely_to(company, large):
    """The first contact about an outage tells what it added to the chance of leaving at the end of the month."""
    base = large(company, **QUICK)
    persons = base.truth.moments[base.truth.moments["effect_on_leaving"] != 0].merge(base.truth.value, on="person_id")
    when = base.moments.set_index("touchpoint_id")["ts"]
    rows = persons.assign(ts=when.loc[persons["touchpoint_id"]].to_numpy()).sort_values("ts")
    felt = base.truth.failures.assign(felt=base.truth.failures["ts"]).sort_values("ts")
    rows["ts"] = rows["ts"].dt.tz_localize("UTC") if rows["ts"].dt.tz is None else rows["ts"]
    rows = pd.merge_asof(rows, felt[["person_id", "ts", "felt"]], on="ts", by="person_id")
    own = base.contracts.sort_values("start").merge(base.truth.links, on="record_id").drop_duplicates("person_id")
    start = rows["person_id"].map(own.set_index("person_id")["start"])
    days = [part.dt.tz_localize(None).to_numpy().astype("M8[D]").astype(np.int64) for part in (start, rows["felt"])]
    month = month_of(*days)
    ends = months_on(days[0], month + 1).astype("M8[D]")
    left = rows["alive_until"].dt.tz_localize(None).to_numpy().astype("M8[D]") == ends
    theta, added, felt_as = (
        rows["churn_probability"],
        rows["effect_on_leaving"],
        spec(company)["outages"]["felt_as_months"],
    )
    alone = np.isclose(added, (1 - theta) - (1 - theta) ** (1 + felt_as))  # no other outage in that month
    assert alone.mean() > 0.9
    assert alone.sum() > 250
    assert within_four_sigma(left[alone], (theta + added)[alone])
    assert left[alone].sum() > 1.5 * theta[alone].sum()  # far more than would have left anyway
    assert (base.truth.moments["effect_on_leaving"] >= 0).all()
