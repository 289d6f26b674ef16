"""The log of contacts: as many as asked, where and when they make sense."""

import numpy as np
import pandas as pd
import pytest

from crmlab import simulate
from crmlab.simulate.asked import spec
from crmlab.simulate.columns import CHANNELS
from crmlab.simulate.touchpoints import TYPES, _same_instant

DAY = pd.Timedelta(days=1)
KINDS = {company: {kind["name"]: kind for kind in spec(company)["contacts"]} for company in simulate.COMPANIES}


@pytest.fixture(scope="module")
def retail(base):
    """Everybody written down once, so that what a record does is what its person does."""
    return base("retail", customers=20_000, seed=11, mess="none")


@pytest.fixture(scope="module")
def telco(base):
    """Everybody written down once, so that what a record does is what its person does."""
    return base("telco", customers=20_000, seed=11, mess="none")


def lone(company):
    """The kinds of contact that no other kind looks like."""
    ways = [(kind["type"], kind["direction"]) for kind in KINDS[company].values()]
    return [kind for kind in KINDS[company].values() if ways.count((kind["type"], kind["direction"])) == 1]


def of(base, kind):
    """The contacts that can only be of one kind."""
    log = base.touchpoints
    rows = (log["type"] == kind["type"]) & (log["direction"] == kind["direction"]) & log["campaign_id"].isna()
    return log[rows & log["channel"].isin(list(kind["channels"]))]


def test_each_purchase_is_a_contact_at_the_same_time_and_place(retail):
    contacts = retail.touchpoints[retail.touchpoints["type"] == "purchase"]
    keys = ["record_id", "ts", "channel"]
    one, other = (
        frame[keys].astype({"channel": str}).sort_values(keys, ignore_index=True)
        for frame in (contacts, retail.transactions)
    )
    assert one.equals(other)


def test_contacts_before_and_after_a_purchase_keep_their_chance_and_delay(retail):
    sold = retail.transactions
    settled = sold[sold["ts"] < retail.as_of - 21 * DAY]  # late complaints of the last days are still to come
    n = KINDS["retail"]["complaint"]["chance"]
    complaints = of(retail, KINDS["retail"]["complaint"])
    early = complaints[complaints["ts"] < retail.as_of - 21 * DAY]
    assert early["record_id"].isin(settled["record_id"]).all()
    causes = retail.truth.causes.set_index("event_id")["parent_id"]
    first = causes.loc[complaints["touchpoint_id"]].isna().sum()  # the others are brought by complaints
    assert n * len(settled) - 4 * np.sqrt(n * len(settled)) < first < n * len(sold) + 4 * np.sqrt(n * len(sold))


@pytest.mark.parametrize("company", ["retail", "telco"])
def test_complaints_bring_complaints_of_the_same_customer_as_often_as_planted(company, request):
    base, kind = request.getfixturevalue(company), KINDS[company]["complaint"]
    causes = base.truth.causes
    causes = causes[causes["table"] == "touchpoints"]
    log = base.touchpoints.merge(base.truth.links, on="record_id").set_index("touchpoint_id")
    known = log.loc[causes["event_id"]]
    assert (known["type"] == "complaint").all()
    assert (known["person_id"].to_numpy() == causes["person_id"].to_numpy()).all()
    early = causes["event_id"][(known["ts"] < base.as_of - 90 * DAY).to_numpy()]
    brought = causes["parent_id"].value_counts().reindex(early, fill_value=0)
    ended = 0 if company == "retail" else 0.04  # in the telco some leave before they complain again
    error = 4 * brought.std() / np.sqrt(len(early))
    assert kind["branching"] - ended - error < brought.mean() < kind["branching"] + error
    children = causes[causes["parent_id"].notna()]
    child, parent = (log.loc[children[column].astype("int64")] for column in ("event_id", "parent_id"))
    assert (child["person_id"].to_numpy() == parent["person_id"].to_numpy()).all()
    waited = (child["ts"].to_numpy() - parent["ts"].to_numpy()) / np.timedelta64(1, "h")
    assert waited.min() >= 0
    assert waited.mean() == pytest.approx(kind["branching_hours"], rel=0.12)


def test_home_deliveries_follow_what_was_bought_online(retail):
    deliveries = retail.touchpoints[retail.touchpoints["type"] == "delivery"]
    online = retail.transactions[retail.transactions["channel"].isin(["web", "app"])]
    online = online[online["ts"] < retail.as_of - 6 * DAY]
    assert online["record_id"].isin(deliveries["record_id"]).all()
    joined = pd.merge_asof(
        deliveries.sort_values("ts"),
        online[["record_id", "ts"]].assign(bought=online["ts"]).sort_values("ts"),
        on="ts",
        by="record_id",
        allow_exact_matches=False,
    )
    waited = (joined["ts"] - joined["bought"]).dropna()
    assert (waited >= pd.Timedelta(0)).all()
    assert len(deliveries) >= len(online)


@pytest.mark.parametrize(
    ("company", "name"),
    [("retail", "newsletter"), ("telco", "self-care"), ("telco", "question"), ("telco", "offer by phone")],
)
def test_contacts_at_a_rate_are_as_many_as_the_rate_asks(company, name, request):
    base = request.getfixturevalue(company)
    kind = KINDS[company][name]
    since = base.customers.set_index("record_id")["created_at"].dt.normalize() + DAY
    until = base.as_of
    if company == "telco":
        until = base.contracts.set_index("record_id")["end"].fillna(base.as_of).reindex(since.index)
    years = (until - since) / (365.25 * DAY)
    if "needs" in kind:
        years = years[base.customers.set_index("record_id")[kind["needs"]]]
    contacts = of(base, kind)
    counts = contacts.groupby("record_id").size().reindex(years.index, fill_value=0)
    gap = counts - kind["per_year"] * years.clip(lower=0)
    assert abs(gap.sum()) < 4 * np.sqrt((gap**2).sum())
    assert counts.sum() == len(contacts)  # nobody else was contacted


def test_a_channel_is_taken_as_often_as_asked(telco):
    for kind in lone("telco"):
        share = of(telco, kind)["channel"].value_counts(normalize=True)
        total = sum(kind["channels"].values())
        if kind["type"] != "offer":  # three kinds of offer, one per channel
            for channel, weight in kind["channels"].items():
                assert abs(share[channel] - weight / total) < 4 * np.sqrt(0.25 / len(of(telco, kind))), (kind, channel)


def test_customers_differ_in_how_often_they_make_contact(telco):
    stayed = telco.customers.loc[telco.customers["created_at"] < telco.as_of - 700 * DAY, "record_id"]
    stayed = stayed[stayed.isin(telco.contracts.loc[telco.contracts["end"].isna(), "record_id"])]
    visits = of(telco, KINDS["telco"]["self-care"]).groupby("record_id").size().reindex(stayed, fill_value=0)
    questions = of(telco, KINDS["telco"]["question"]).groupby("record_id").size().reindex(stayed, fill_value=0)
    assert visits.var() > 3 * visits.mean()
    assert np.corrcoef(visits, questions)[0, 1] > 0.3


def test_nobody_makes_contact_while_all_is_closed(small):
    hours, log = spec(small.about["company"])["hours"], small.touchpoints
    for direction, who in (("in", "customers"), ("out", "firm")):
        open_at = {hour for hour, weight in enumerate(hours[who]) if weight}
        met = set(log.loc[log["direction"] == direction, "ts"].dt.hour)
        assert met <= open_at
        assert len(met) >= len(open_at) - 2


def test_contacts_fall_within_the_history_and_after_the_record_was_opened(small):
    log = small.touchpoints.merge(small.customers[["record_id", "created_at"]], on="record_id")
    assert (log["ts"] >= log["created_at"]).all()
    assert (log["ts"] < small.as_of).all()


def test_time_and_money_are_counted_as_the_channel_asks(small):
    log, channels = small.touchpoints, spec(small.about["company"])["channels"]
    fixed = log["channel"].astype(str).map(lambda name: round(100 * channels[name]["cost"]))
    minute = log["channel"].astype(str).map(lambda name: round(100 * channels[name]["cost_per_minute"]))
    assert (log["cost_cents"] == fixed + minute * log["duration_s"].fillna(0) // 60).all()
    timed = {kind["type"] for kind in KINDS[small.about["company"]].values() if "minutes" in kind}
    assert log.loc[~log["type"].isin(timed), "duration_s"].isna().all()


@pytest.mark.parametrize("company", ["retail", "telco"])
def test_lengths_and_settled_shares_are_as_asked(company, request):
    base = request.getfixturevalue(company)
    for kind in lone(company):
        rows = (
            of(base, kind)
            if isinstance(kind["channels"], dict)
            else base.touchpoints[base.touchpoints["type"] == kind["type"]]
        )
        if "minutes" in kind:
            mean = 60 * kind["minutes"]
            assert abs(rows["duration_s"].mean() - mean) < 4 * mean / np.sqrt(2 * len(rows)) + 0.5, kind["name"]
        if "resolved" in kind:
            assert abs(rows["resolved"].mean() - kind["resolved"]) < 4 * np.sqrt(0.25 / len(rows)), kind["name"]
        elif "minutes" not in kind or kind["type"] != "service":
            assert rows["resolved"].isna().all(), kind["name"]


def test_contacts_at_the_same_instant_are_counted():
    owner, second = np.array([0, 0, 0, 1, 1]), np.array([5, 5, 6, 6, 6])
    assert _same_instant(owner, second).tolist() == [0, 1, 0, 0, 1]


def test_no_two_contacts_have_the_same_place_in_the_log(small):
    assert not small.touchpoints[["record_id", "ts", "seq"]].duplicated().any()


def test_words_are_those_the_table_promises():
    for contacts in KINDS.values():
        for kind in contacts.values():
            assert kind["type"] in TYPES
            assert kind["channels"] == "same" or set(kind["channels"]) <= set(CHANNELS)
