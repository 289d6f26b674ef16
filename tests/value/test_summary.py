"""From a log to (x, t_x, T): by hand, against a slow and plain reckoning, and its laws."""

import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.value.summary import unit_of


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["record_id", "ts", "amount_cents"])
    return frame.assign(ts=pd.to_datetime(frame["ts"], utc=True, format="ISO8601"))


# 2025-01-06 is a Monday
BY_HAND = log_of(
    [
        ("ana", "2025-01-06 09:00", 10_00),
        ("ana", "2025-01-06 18:00", 5_00),  # the same day: one purchase
        ("ana", "2025-01-09 10:00", 20_00),  # the same week
        ("ana", "2025-01-20 10:00", 40_00),
        ("ana", "2025-01-22 10:00", -10_00),  # off the purchase before it
        ("bruno", "2025-01-07 23:59", 30_00),
        ("bruno", "2025-01-08 00:01", 30_00),  # two minutes later, another day
        ("bruno", "2025-01-15 10:00", -30_00),  # the whole of it sent back: no purchase
        ("cvita", "2025-01-10 10:00", -99_00),  # nothing before it
        ("cvita", "2025-01-13 10:00", 0),  # free, and a purchase
        ("cvita", "2025-01-27 10:00", 8_00),
        ("dora", "2025-01-12 10:00", -5_00),  # never bought
        ("edo", "2025-01-31 10:00", 50_00),
    ]
)


def test_days_collapsed_by_day_are_those_counted_by_hand():
    got = value.purchase_summary(BY_HAND, unit="D", end="2025-02-03")
    assert got.index.tolist() == ["ana", "bruno", "cvita", "edo"]
    assert got["frequency"].tolist() == [2, 0, 1, 0]
    assert got["recency_days"].tolist() == [14, 0, 14, 0]
    assert got["age_days"].tolist() == [28, 27, 21, 3]
    # 20, and 40 less the 10 sent back; of the first purchase nothing counts
    assert got["mean_value_cents"].fillna(-1).tolist() == [25_00, -1, 8_00, -1]


def test_unit_and_collapse_are_two_things():
    by_day = value.purchase_summary(BY_HAND, unit="D", end="2025-02-03")
    weeks = value.purchase_summary(BY_HAND, unit="W", collapse="D", end="2025-02-03")
    assert weeks["frequency"].tolist() == by_day["frequency"].tolist()
    assert weeks["age_weeks"].tolist() == pytest.approx((by_day["age_days"] / 7).tolist())
    by_week = value.purchase_summary(BY_HAND, unit="D", collapse="W", end="2025-02-03")
    assert by_week["frequency"].tolist() == [1, 0, 1, 0]
    assert by_week["recency_days"].tolist() == [14, 0, 14, 0]  # from Monday to Monday
    assert by_week["age_days"].tolist() == [28, 28, 21, 7]
    whole = value.purchase_summary(BY_HAND, unit="W", collapse="W", end="2025-02-03")
    assert whole["age_weeks"].tolist() == [4, 4, 3, 1]


def test_months_and_years_are_counted_whole_where_purchases_are_collapsed_by_them():
    log = log_of([(1, "2024-02-29", 1), (1, "2024-04-01", 1), (1, "2025-12-31", 1)])
    months = value.purchase_summary(log, unit="M", collapse="M", end="2026-01-01")
    assert months.iloc[0, :3].tolist() == [2, 22, 23]
    years = value.purchase_summary(log, unit="Y", collapse="Y", end="2026-01-01")
    assert years.iloc[0, :3].tolist() == [1, 1, 2]
    apart = value.purchase_summary(log, unit="Y", collapse="D", end="2026-01-01")
    assert apart.iloc[0, :3].tolist() == pytest.approx([2, 671 / 365.25, 672 / 365.25])


def test_a_split_holds_out_what_comes_after_its_day():
    got = value.purchase_summary(BY_HAND, unit="D", split="2025-01-20", end="2025-02-03")
    assert got["frequency"].tolist() == [2, 0, 0]  # ana, bruno (sent back before the split), cvita
    assert got["age_days"].tolist() == [14, 13, 7]
    assert got["holdout_purchases"].tolist() == [0, 0, 1]
    assert got["holdout_value_cents"].tolist() == [-10_00, 0, 8_00]  # what ana sent back had been paid before
    assert set(got["holdout_days"]) == {14}
    assert got.loc["ana", "mean_value_cents"] == 30_00  # the return came later: the model did not know of it


WEEKS = ["2025-01-06", "2025-01-13", "2025-01-20 10:00", "2025-01-20 10:05"]
RETURNS = {  # amounts on the clock; frequency, recency, mean of the repeat purchases
    "an exchange takes the first away and leaves the other": ([50, 100, -100, 80], (1, 2.0, 80)),
    "a part sent back": ([50, 100, -30, 80], (2, 2.0, 75)),
    "more than the last goes to the one before": ([100, 200, -250, 80], (1, 2.0, 80)),
    "more than all is lost": ([100, 200, -900, 80], (0, 0.0, np.nan)),
    "nothing was bought before it": ([-100, 200, 0, 80], (1, 1.0, 80)),
    "what was free is passed by": ([100, 0, -100, 80], (1, 1.0, 80)),
    "the first sent back: the clock starts later": ([-1, 100, -100, 80], (0, 0.0, np.nan)),
    "two returns, one after the other": ([100, 200, -150, -60], (0, 0.0, np.nan)),
}


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_is_taken_off_the_latest_purchase_before_it_on_the_clock(name):
    amounts, wanted = RETURNS[name]
    got = value.purchase_summary(log_of([(1, *row) for row in zip(WEEKS, amounts, strict=True)]), end="2025-02-03")
    np.testing.assert_equal(tuple(got.iloc[0, [0, 1, 3]]), wanted)


def test_returns_are_taken_off_before_purchases_are_collapsed():
    log = log_of([(1, "2025-01-30", 100), (1, "2025-02-02", -100), (1, "2025-02-20", 80)])
    got = value.purchase_summary(log, unit="M", collapse="M", end="2025-03-31")
    assert got.iloc[0, :3].tolist() == [0, 0, 1]
    log = log_of([(1, "2025-01-15", 70), *log.itertuples(index=False, name=None)])
    got = value.purchase_summary(log, unit="M", collapse="M", end="2025-03-31")
    assert got.iloc[0].tolist() == [1, 1, 2, 80]  # bought in January and in February


def test_at_one_moment_purchases_come_before_returns_in_whatever_order_they_are_written():
    log = log_of([(1, "2025-01-06", 50), (1, "2025-01-13", -40), (1, "2025-01-13", 30), (1, "2025-01-20", 10)])
    got = value.purchase_summary(log, end="2025-02-03")
    assert got.iloc[0].tolist() == [1, 2, 4, 10]
    pd.testing.assert_frame_equal(value.purchase_summary(log[::-1], end="2025-02-03"), got)


@pytest.mark.parametrize(
    ("amounts", "wanted"),
    [
        ([50, 100, -100, 80], (1, -20)),  # the 100 went back in the time held out
        ([50, 100, -60, 80], (1, 20)),
        ([50, 100, -900, 80], (1, -70)),  # no more goes back than was paid
        ([50, 100, 70, -30], (1, 40)),
        ([50, 100, 70, -120], (0, -50)),  # the 70, and 50 of the 100
        ([50, 100, -20, -200], (0, -150)),
    ],
)
def test_what_goes_back_after_a_split_lowers_the_holdout_value_and_not_the_past(amounts, wanted):
    log = log_of([(1, *row) for row in zip(WEEKS, amounts, strict=True)])
    got = value.purchase_summary(log, end="2025-02-03", split="2025-01-15").iloc[0]
    assert got.iloc[[0, 1, 3]].tolist() == [1, 1, 100]
    assert tuple(got[["holdout_purchases", "holdout_value_cents"]]) == wanted


def test_returns_of_some_leave_the_others_as_they_were(cdnow_log):
    asked = {"split": "1997-09-30", "unit": "W"}
    plain = value.purchase_summary(cdnow_log, **asked)
    one = cdnow_log.iloc[[0]].assign(amount_cents=-1, ts=cdnow_log["ts"].max())
    with_return = value.purchase_summary(pd.concat([cdnow_log, one], ignore_index=True), **asked)
    who = one.iloc[0][plain.index.name]
    pd.testing.assert_frame_equal(with_return.drop(index=who), plain.drop(index=who))
    assert (plain - with_return).loc[who].fillna(0).tolist() == [0, 0, 0, 0, 0, 1, 0]


def test_the_table_carries_its_unit_and_dates():
    got = value.purchase_summary(BY_HAND, unit="W", collapse="D", split="2025-01-20")
    assert got.attrs == {
        **{"unit": "W", "collapse": "D", "start": "2025-01-06", "end": "2025-01-31"},
        "split": "2025-01-20",
    }
    assert unit_of(got) == "W"
    assert value.purchase_summary(BY_HAND).attrs["split"] is None


def left_of(own, until):
    """Walk along the clock with a pile of purchases; a return is taken off the top of it."""
    pile = []
    for ts, at_once in own[own["ts"] < until].groupby("ts"):
        cents = at_once["amount_cents"]
        if (cents >= 0).any():
            pile.append([ts, cents[cents >= 0].sum(), cents[cents >= 0].sum()])
        back = -cents[cents < 0].sum()
        for purchase in reversed(pile):
            taken = min(back, purchase[2])
            purchase[2], back = purchase[2] - taken, back - taken
    return [(ts, left) for ts, paid, left in pile if left or not paid]


def reckoned(log, unit, collapse, split, end):
    """The same, customer by customer, in plain Python."""
    split, end = (pd.Timestamp(day, tz="UTC") for day in (split, end))
    day = pd.Timedelta(days=1)

    def period(ts):
        return ts.tz_localize(None).to_period(collapse).start_time

    def time(later, earlier):
        if unit == collapse and unit in "MY":
            months = 12 * (later.year - earlier.year) + later.month - earlier.month
            return float(months if unit == "M" else later.year - earlier.year)
        return (later - earlier).days / {"D": 1, "W": 7, "M": 365.25 / 12, "Y": 365.25}[unit]

    rows = {}
    for who, own in log.groupby("record_id"):
        past, whole = left_of(own, split + day), left_of(own, end + day)
        if past:
            kept = {period(ts): 0 for ts, _ in past}
            for ts, left in past:
                kept[period(ts)] += left
            first, last = min(kept), max(kept)
            again = [net for at, net in kept.items() if at != first]
            mean = sum(again) / len(again) if again else np.nan
            came = len({period(ts) for ts, _ in whole if ts >= split + day})
            brought = sum(left for _, left in whole) - sum(left for _, left in past)
            ahead = time(period(end), period(split))
            rows[who] = (len(again), time(last, first), time(period(split), first), mean, came, brought, ahead)
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


@pytest.mark.parametrize("collapse", "DWMY")
@pytest.mark.parametrize("unit", "DWMY")
def test_the_summary_is_that_of_a_slow_and_plain_reckoning(unit, collapse, tmp_path):
    dice = np.random.default_rng(ord(unit) + ord(collapse))
    start = pd.Timestamp("2023-11-20", tz="UTC")
    hours = np.sort(dice.integers(0, 4 * 900, 700))[dice.permutation(700)] * 6
    amounts = dice.choice([-25, -10, -5, 0, 5, 5, 10, 10, 20], 700)
    log = pd.DataFrame({"record_id": dice.integers(0, 60, 700), "ts": start + pd.to_timedelta(hours, unit="h")})
    log["amount_cents"] = np.where(log["record_id"] < 20, abs(amounts), amounts)  # a third never returns anything
    asked = {"unit": unit, "collapse": collapse, "split": "2025-03-05", "end": "2026-02-11"}
    got = value.purchase_summary(log, **asked)
    wanted = reckoned(log, **asked)
    assert got.index.tolist() == wanted.index.tolist()
    np.testing.assert_allclose(got.to_numpy(), wanted.to_numpy(), rtol=1e-12)
    pd.testing.assert_frame_equal(value.purchase_summary(log.sample(frac=1, random_state=1), **asked), got)
    log.to_parquet(tmp_path / "log.parquet")
    pd.testing.assert_frame_equal(value.purchase_summary(tmp_path / "log.parquet", **asked), got)


def test_days_before_1970_are_days_too():
    got = value.purchase_summary(log_of([(1, "1968-12-30 23:00", 5), (1, "1970-01-02 01:00", 5)]), unit="D")
    assert got.iloc[0, :3].tolist() == [1, 368, 368]


def test_weeks_collapsed_up_to_their_sunday_move_r_of_cdnow_to_291(cdnow_log):
    by_week = value.purchase_summary(cdnow_log, unit="W", collapse="W", split="1997-10-05")
    assert round(value.BGNBD().fit(by_week).params_["r"], 3) == 0.291
    cut_short = value.purchase_summary(cdnow_log, unit="W", collapse="W", split="1997-09-30")
    assert round(value.BGNBD().fit(cut_short).params_["r"], 3) == 0.283


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"unit": "weeks"}, "unit: found 'weeks'"),
        ({"unit": ["W"]}, r"unit: found \['W'\]"),
        ({"collapse": "Q"}, "collapse: found 'Q'"),
        ({"end": "2024-12-31"}, "end: found 2024-12-31"),
        ({"split": "2025-01-31"}, "split: found 2025-01-31"),
        ({"split": "2025-01-05"}, "split: found 2025-01-05"),
        ({"end": "soon"}, "end: found 'soon'"),
        ({"end": "2024-01-01", "split": "2026-01-01"}, r"(?s)end: found.*split: found"),
    ],
)
def test_wrong_units_and_dates_are_refused_with_what_is_allowed(given, words):
    with pytest.raises(CrmlabError, match=words) as caught:
        value.purchase_summary(BY_HAND, **given)
    assert "  next    : " in str(caught.value)


def test_a_log_without_a_purchase_or_with_too_much_money_is_refused():
    with pytest.raises(CrmlabError, match="nothing was bought in the time asked for"):
        value.purchase_summary(log_of([(1, "2025-01-01", -5)]))
    with pytest.raises(CrmlabError, match="there are no rows"):
        value.purchase_summary(BY_HAND.head(0))
    with pytest.raises(CrmlabError, match="more than can be summed exactly"):
        value.purchase_summary(log_of([(1, "2025-01-01", 2**62), (1, "2025-01-01", 2**62)]))


@pytest.mark.parametrize("zone", [None, "Europe/Zagreb"])
@pytest.mark.parametrize("ask", [value.purchase_summary, value.rfm])
def test_times_that_are_not_utc_are_refused_at_both_doors_with_what_to_call(tmp_path, ask, zone):
    log = BY_HAND.assign(ts=BY_HAND["ts"].dt.tz_convert(zone))
    BY_HAND.to_parquet(tmp_path / "a.parquet")
    log.to_parquet(tmp_path / "b.parquet")
    for given in (log, tmp_path / "b.parquet", tmp_path):  # also where one file of several is so
        with pytest.raises(CrmlabError, match=r"tz_localize.*tz_convert") as caught:
            ask(given)
        assert "UTC" in str(caught.value)


def test_an_empty_table_is_said_to_be_empty_whatever_its_types():
    empty = pd.DataFrame({"record_id": [], "ts": [], "amount_cents": []})
    with pytest.raises(CrmlabError, match="transactions: there are no rows"):
        value.purchase_summary(empty)


@pytest.mark.parametrize("ask", [value.purchase_summary, value.rfm, value.purchase_cohorts])
def test_customers_are_named_in_one_way_and_columns_once(ask):
    log = log_of([(1, "2025-01-06", 500), (1, "2025-02-06", 500)])
    mixed = log.assign(record_id=pd.Series([1, "1"], dtype="object"))
    with pytest.raises(CrmlabError, match="some customers are named by numbers, others by texts"):
        ask(mixed)
    with pytest.raises(CrmlabError, match="two columns have the same name: record_id"):
        ask(pd.concat([log, log[["record_id"]]], axis=1))
