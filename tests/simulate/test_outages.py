"""Service that fails moves customers to leave, as much as asked, and leaves its traces."""

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate
from crmlab.simulate.asked import spec
from crmlab.simulate.outages import leave_earlier, month_of

DAY = np.timedelta64(1, "D")
QUIET = {name: False for name in ("survey", "moments", "mentions", "lifecycle", "product", "campaigns", "referrals")}
QUIET["mess"] = "none"
STRUCK = {"outages__per_year": 2.0, "outages__reach": 0.5, "outages__felt_as_months": 6}


@pytest.fixture(scope="module")
def telco(base):
    return base("telco", customers=20_000, seed=3, months=24, **STRUCK, **QUIET)


@pytest.fixture(scope="module")
def calm(base):
    return base("telco", customers=20_000, seed=3, months=24, outages=False, **QUIET)


def by_person(base):
    """Contract of each person, first to last, and their truth."""
    contracts = base.contracts.merge(base.truth.links, on="record_id").set_index("person_id").sort_index()
    return contracts.join(base.truth.value.set_index("person_id"))


def lived_years(base):
    lived = by_person(base)
    return (lived["end"].fillna(base.as_of) - lived["start"]).sum() / (365.25 * DAY)


def test_only_customers_of_the_struck_town_feel_an_outage_and_only_while_it_lasts(telco):
    felt = telco.truth.failures.merge(telco.outages, on="outage_id", suffixes=("", "_began"))
    felt = felt.merge(telco.truth.persons[["person_id", "city"]], on="person_id", suffixes=("_struck", ""))
    assert len(felt) > 10_000
    assert (felt["city"].astype(str) == felt["city_struck"].astype(str)).all()
    late = (felt["ts"] - felt["ts_began"]).dt.total_seconds()
    assert ((late >= 0) & (late <= felt["duration_s"])).all()


def test_towns_are_struck_and_customers_reached_as_often_as_asked(telco):
    outages, years, towns = telco.outages, 2.0, 44
    assert abs(len(outages) - years * towns * STRUCK["outages__per_year"]) < 4 * np.sqrt(years * towns * 2)
    mean = outages["duration_s"].mean() / 3_600
    assert abs(mean - spec("telco")["outages"]["hours"]) < 4 * mean / np.sqrt(len(outages))
    lived = by_person(telco)
    city = telco.truth.persons.set_index("person_id")["city"]
    could = 0
    for town, times in outages.groupby("city", observed=True)["ts"]:
        there = lived[(city == town).reindex(lived.index)]
        start, end = (there[name].fillna(telco.as_of).to_numpy()[:, None] for name in ("start", "end"))
        could += ((times.to_numpy() >= start) & (times.to_numpy() < end)).sum()
    assert abs(len(telco.truth.failures) / could - STRUCK["outages__reach"]) < 0.01


def test_each_failure_counts_as_so_many_months(telco):
    lived, felt = by_person(telco), telco.truth.failures
    start, end = (lived[name].dt.tz_localize(None) for name in ("start", "end"))
    until = end.fillna(telco.as_of.tz_localize(None))
    as_days = [times.to_numpy().astype("M8[D]").astype(np.int64) for times in (start, until)]
    renewals = month_of(*as_days)
    person = felt["person_id"].to_numpy() - 1
    month = month_of(as_days[0][person], felt["ts"].dt.tz_localize(None).to_numpy().astype("M8[D]").astype(np.int64))
    counted = np.bincount(person[month < renewals[person]], minlength=len(lived))
    exposure = renewals + STRUCK["outages__felt_as_months"] * counted  # months a customer was at risk, counted so
    theta = lived["churn_probability"].to_numpy()
    ended = end.notna().to_numpy()
    hazard = -np.log1p(-theta) * exposure  # a leaver's last step is one of several months: cumulative hazard
    # the martingale of leaving: ended less cumulative hazard sums to nothing, but for the coarseness of a step
    gap = ended - np.minimum(hazard, 30)
    small = theta < 0.02
    assert small.sum() > 5_000
    assert abs(gap[small].sum()) < 4 * np.sqrt(ended[small].sum()) + 0.06 * ended[small].sum()


def test_failures_bring_leaving_forward_and_the_reason_says_service(telco, calm):
    struck, spared = by_person(telco), by_person(calm)
    assert (struck["churn_probability"] == spared["churn_probability"]).all()
    end, end_spared = (frame["end"].fillna(pd.Timestamp("2200-01-01", tz="UTC")) for frame in (struck, spared))
    assert (end <= end_spared).all()
    moved = struck["left_by_failure"] & struck["end"].notna()
    assert moved.sum() > 1_000
    assert (struck.loc[moved, "end_reason"] == "service").all()
    assert (end[moved] < end_spared[moved]).all()
    others = struck["end"].notna() & ~moved
    weights = spec("telco")["end_reasons"]
    share = weights["service"] / sum(weights.values())
    assert abs((struck.loc[others, "end_reason"] == "service").mean() - share) < 4 * np.sqrt(0.25 / others.sum())


def test_reports_and_complaints_follow_failures_as_often_as_asked(telco, calm):
    kinds = {kind["name"]: kind for kind in spec("telco")["contacts"]}
    felt = len(telco.truth.failures)
    reported = (telco.touchpoints["type"] == "service") & (telco.touchpoints["direction"] == "in")
    assert abs(reported.sum() - felt * kinds["failure reported"]["chance"]) < 4 * np.sqrt(felt) * 0.5
    assert not ((calm.touchpoints["type"] == "service") & (calm.touchpoints["direction"] == "in")).any()
    years = [lived_years(base) for base in (telco, calm)]
    rates = [(base.touchpoints["type"] == "complaint").sum() / n for base, n in zip((telco, calm), years, strict=True)]
    more = felt * kinds["complaint after failure"]["chance"] / years[0] / kinds["complaint"]["per_year"]
    assert rates[0] / rates[1] == pytest.approx(1 + more, rel=0.1)  # complaints that breed complaints do so in both


def test_every_block_knows_the_same_outages_and_the_first_alone_lists_them():
    size = {"customers": 65_600, "seed": 2, "months": 3}
    first, second = (simulate.block("telco", number, **size, **QUIET) for number in (0, 1))
    assert len(first.outages) > 5
    assert len(second.outages) == 0
    assert first.outages.dtypes.equals(second.outages.dtypes)
    assert second.truth.failures["outage_id"].max() <= 44 * 3 + len(first.outages) * 10


def test_a_failure_before_the_contract_ends_by_itself_counts_once_by_hand():
    lasted, is_cause = leave_earlier(np.array([10, 10, 3, 6]), 4, np.array([0, 0, 1, 2, 3]), np.array([1, 2, 8, 5, 0]))
    assert lasted.tolist() == [3, 9, 3, 2]
    assert is_cause.tolist() == [True, True, False, False]
