"""From a log to (x, t_x, T): by hand, against a slow and plain reckoning, and its laws."""

import numpy as np
import pandas as pd
import pytest

from crmlab import value
from crmlab.errors import CrmlabError
from crmlab.value.summary import unit_of


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["record_id", "ts", "amount_cents"])
    return frame.assign(ts=pd.to_datetime(frame["ts"], utc=True))


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
    assert got["holdout_value_cents"].tolist() == [0, 0, 8_00]
    assert set(got["holdout_days"]) == {14}
    assert got.loc["ana", "mean_value_cents"] == 30_00  # the return came later: the model did not know of it


def test_the_table_carries_its_unit_and_dates():
    got = value.purchase_summary(BY_HAND, unit="W", collapse="D", split="2025-01-20")
    assert got.attrs == {
        **{"unit": "W", "collapse": "D", "start": "2025-01-06", "end": "2025-01-31"},
        "split": "2025-01-20",
    }
    assert unit_of(got) == "W"
    assert value.purchase_summary(BY_HAND).attrs["split"] is None


def reckoned(log, unit, collapse, end):
    """The same, customer by customer, in plain Python."""
    first_day = pd.Timestamp("1970-01-01")

    def period(day):
        return {"D": day, "W": day.to_period("W").start_time}.get(collapse, day.to_period(collapse[0]).start_time)

    def time(later, earlier):
        if unit == collapse and unit in "MY":
            months = 12 * (later.year - earlier.year) + later.month - earlier.month
            return float(months if unit == "M" else later.year - earlier.year)
        return (later - earlier).days / {"D": 1, "W": 7, "M": 365.25 / 12, "Y": 365.25}[unit]

    rows = {}
    for who, own in log.groupby("record_id"):
        paid, back = {}, {}
        for ts, cents in zip(own["ts"], own["amount_cents"], strict=True):
            day = first_day + pd.Timedelta(days=(ts.tz_localize(None) - first_day).days)
            if day <= pd.Timestamp(end):
                (paid if cents >= 0 else back).setdefault(period(day), []).append(cents)
        kept = {}
        for at in sorted(paid):
            later = min((other for other in paid if other > at), default=None)
            returned = [c for when, each in back.items() if at <= when and (not later or when < later) for c in each]
            net = sum(paid[at]) + sum(returned)
            if not returned or net > 0:
                kept[at] = net
        if kept:
            first, last = min(kept), max(kept)
            again = [net for at, net in kept.items() if at != first]
            mean = sum(again) / len(again) if again else np.nan
            rows[who] = (len(again), time(last, first), time(period(pd.Timestamp(end)), first), mean)
    return pd.DataFrame.from_dict(rows, orient="index").sort_index()


@pytest.mark.parametrize("collapse", "DWMY")
@pytest.mark.parametrize("unit", "DWMY")
def test_the_summary_is_that_of_a_slow_and_plain_reckoning(unit, collapse):
    dice = np.random.default_rng(ord(unit) + ord(collapse))
    start = pd.Timestamp("2023-11-20", tz="UTC")
    hours = np.sort(dice.integers(0, 24 * 900, 700))[dice.permutation(700)]
    amounts = dice.choice([-10, -5, 0, 5, 5, 10, 10, 20], 700)
    log = pd.DataFrame({"record_id": dice.integers(0, 60, 700), "ts": start + pd.to_timedelta(hours, unit="h")})
    log["amount_cents"] = amounts
    got = value.purchase_summary(log, unit=unit, collapse=collapse, end="2026-02-11")
    wanted = reckoned(log, unit, collapse, "2026-02-11")
    assert got.index.tolist() == wanted.index.tolist()
    np.testing.assert_allclose(got.to_numpy(), wanted.to_numpy(), rtol=1e-12)
    shuffled = value.purchase_summary(
        log.sample(frac=1, random_state=1), unit=unit, collapse=collapse, end="2026-02-11"
    )
    pd.testing.assert_frame_equal(shuffled, got)


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
