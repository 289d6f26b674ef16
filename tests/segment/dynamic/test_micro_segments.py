"""Who is in, who came, who went, and groups that are never too small."""

import itertools

import numpy as np
import pandas as pd
import pytest

from crmlab.segment.dynamic.events import did
from crmlab.segment.dynamic.membership import changes, membership
from crmlab.segment.dynamic.micro import GATHERED, MicroSegments, micro_segments, too_small
from crmlab.segment.dynamic.movement import movement

UTC = "UTC"


def moments(values):
    return pd.to_datetime(pd.Series(values, dtype="object"), utc=True).astype("datetime64[us, UTC]")


def intervals(*rows):
    """Rows of customer, segment, entered, left (day of March 2025 or None), reason."""
    table = pd.DataFrame(rows, columns=["customer_id", "segment", "entered_at", "left_at"])
    for column in ("entered_at", "left_at"):
        table[column] = moments(
            [None if day is None or pd.isna(day) else f"2025-03-{int(day):02}" for day in table[column]]
        )
    by_clock = table["left_at"].notna()
    return table.assign(entered_by="event", reason=pd.Series(["clock"] * len(table)).where(by_clock))


def many(seed, n=400):
    """Random intervals of three segments, and their customers."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(n):
        for name in ("a", "b", "c"):
            day = int(rng.integers(1, 12))
            while day < 28 and rng.random() < 0.6:
                end = day + int(rng.integers(0, 8))
                rows.append((customer, name, day, end if end < 28 else None))
                day = end + int(rng.integers(0, 6))
    return intervals(*rows), range(n)


def test_a_member_has_entered_and_not_left_yet_with_all_that_happens_at_that_instant():
    some = intervals((1, "a", 3, 5), (1, "a", 5, None), (2, "a", 3, 5), (3, "a", 5, 5))
    for day, inside in [(2, []), (3, [1, 2]), (4, [1, 2]), (5, [1]), (9, [1])]:
        found = membership(some, at=f"2025-03-{day:02}", customers=[1, 2, 3])
        assert found.index[found["a"]].tolist() == inside, day


def test_a_segment_nobody_is_in_is_still_a_column():
    some = intervals((1, "a", 3, 5)).astype({"segment": pd.CategoricalDtype(["b", "a"])})
    found = membership(some, at="2025-03-04", customers=[1])
    assert found.to_dict("list") == {"b": [False], "a": [True]}
    assert changes(some, since="2025-03-01", until="2025-03-08").table.index.tolist() == ["b", "a"]


def test_rules_that_never_held_leave_everybody_in_none():
    never = intervals((1, "a", 3, 5)).iloc[:0]
    for some, columns in ((never, []), (never.astype({"segment": pd.CategoricalDtype(["a"])}), ["a"])):
        now = micro_segments(some, at="2025-03-04", customers=[1, 2], smallest=2)
        assert now.membership.columns.tolist() == columns
        assert now.table["customers"].to_dict() == {"none of these": 2}
        assert len(changes(some, since="2025-03-01", until="2025-03-02").customers) == 0


@pytest.mark.parametrize("seed", range(5))
def test_before_plus_entered_less_left_is_after(seed):
    some, people = many(seed)
    told = changes(some, since="2025-03-08", until="2025-03-15")
    table = told.table
    assert (table["before"] + table["entered"] - table["left"] == table["after"]).all()
    early, late = (membership(some, at=f"2025-03-{day:02}", customers=people) for day in (8, 15))
    assert table["before"].to_dict() == early.sum().to_dict()
    assert table["entered"].to_dict() == (late & ~early).sum().to_dict()
    assert table["left"].to_dict() == (early & ~late).sum().to_dict()
    between = some[(some["entered_at"] > told.since) & (some["entered_at"] <= told.until)]
    seen = {name: set(rows["customer_id"]) for name, rows in between.groupby("segment")}
    passed = {name: len(seen[name] - set(early.index[early[name] | late[name]])) for name in "abc"}
    assert table["passed_through"].to_dict() == passed
    assert len(told.customers) == table[["entered", "left", "passed_through"]].to_numpy().sum()


def test_the_order_of_rows_changes_nothing_of_what_changed():
    some, _ = many(2)
    span = {"since": "2025-03-08", "until": "2025-03-15"}
    tidy, mixed = changes(some, **span), changes(some.sample(frac=1, random_state=1), **span)
    pd.testing.assert_frame_equal(tidy.customers, mixed.customers)


def test_what_changed_says_who_when_and_by_what():
    some = intervals((1, "a", 2, 9), (2, "a", 9, None), (3, "a", 9, 11), (4, "a", 2, 9), (4, "a", 10, None))
    told = changes(some, since="2025-03-08", until="2025-03-15").customers
    assert told["customer_id"].tolist() == [1, 2, 3]
    assert told["change"].tolist() == ["left", "entered", "passed through"]
    assert told["ts"].dt.day.tolist() == [9, 9, 11]
    assert told["by"].tolist() == ["clock", "event", "clock"]


@pytest.mark.parametrize("smallest", [2, 10, 40, 120, 390])
@pytest.mark.parametrize("seed", range(4))
def test_no_group_and_not_the_gathered_ones_are_smaller_than_allowed(seed, smallest):
    some, people = many(seed)
    tiers = pd.Series(np.random.default_rng(seed).integers(0, 3, len(people)), index=people, name="tier")
    now = micro_segments(some, at="2025-03-14", customers=people, tiers=tiers, smallest=smallest)
    assert now.table["customers"].min() >= smallest
    assert now.table["customers"].sum() == len(people) == len(now.labels)
    kept = now.names[now.labels != GATHERED]
    assert (kept == now.labels[kept.index]).all()
    assert set(now.gathered) == set(now.names[now.labels == GATHERED])


def test_the_next_smallest_joins_when_the_rest_alone_would_be_too_small():
    sizes = pd.Series({"a": 500, "b": 60, "c": 30, "d": 10})
    assert too_small([sizes], 50) == ["d", "c", "b"]
    assert too_small([sizes], 40) == ["d", "c"]
    assert too_small([sizes], 10) == []
    assert too_small([sizes, pd.Series({"a": 540, "b": 60})], 10) == []  # nobody is no small group
    assert too_small([sizes, pd.Series({"a": 535, "b": 60, "c": 5})], 10) == ["c", "d", "b"]


def test_a_micro_segment_is_a_product_of_rules_and_tier_counted_by_hand():
    some = intervals((1, "calls", 1, None), (1, "visits", 1, None), (2, "calls", 1, None), (3, "calls", 1, 3))
    tiers = pd.Series({1: "A", 2: "A", 3: "B"}, name="tier")
    now = micro_segments(some, at="2025-03-05", customers=[1, 2, 3, 4], tiers=tiers, smallest=2)
    assert now.names.tolist() == [
        "calls + visits · tier A",
        "calls · tier A",
        "none of these · tier B",
        "none of these · no tier",
    ]
    assert now.table.to_dict("list") == {"customers": [4], "share": [1.0]}
    few = "under 2"
    assert now.overlaps.to_dict() == {"calls": {"calls": 2, "visits": few}, "visits": {"calls": few, "visits": few}}
    assert "gathered" in repr(now)


def test_the_order_of_rows_and_of_customers_changes_no_label():
    some, people = many(3)
    tidy = micro_segments(some, at="2025-03-14", customers=people, smallest=20)
    mixed = micro_segments(some.sample(frac=1, random_state=1), at="2025-03-14", customers=people[::-1], smallest=20)
    pd.testing.assert_series_equal(tidy.labels, mixed.labels.sort_index())
    pd.testing.assert_frame_equal(tidy.table, mixed.table)


@pytest.mark.parametrize("seed", range(4))
def test_moves_add_up_to_both_moments_and_no_micro_segment_is_too_small_at_either(seed):
    some, people = many(seed)
    before, after = (micro_segments(some, at=f"2025-03-{day}", customers=people, smallest=25) for day in (10, 17))
    moves = movement(before, after)
    gather = {*before.gathered, *after.gathered}
    was, now = (one.names.where(~one.names.isin(gather), GATHERED) for one in (before, after))
    for side in (was, now):
        assert side.value_counts().min() >= 25
    for row, column in itertools.product(moves.counts.index, moves.counts.columns):
        told = moves.counts.loc[row, column]
        n = ((was == row) & (now == column)).sum()
        assert told == (n if n == 0 or n >= 25 else "under 25")
        share = moves.shares.loc[row, column]
        assert np.isnan(share) if told == "under 25" else share == n / (was == row).sum()


def test_who_appears_and_who_is_gone_stands_at_the_edge():
    inside = pd.DataFrame({"a": [True] * 4}, index=[1, 2, 3, 4])
    before = MicroSegments(inside.loc[:3], None, 2, pd.Timestamp("2025-03-01", tz=UTC))
    after = MicroSegments(inside.loc[2:], None, 2, pd.Timestamp("2025-03-02", tz=UTC))
    counts = movement(before, after).counts
    assert counts.loc["a"].to_dict() == {"a": 2, "no longer there": "under 2"}
    assert counts.loc["appeared"].to_dict() == {"a": "under 2", "no longer there": 0}
    assert "moved" not in repr(movement(before, after))


def test_figures_say_their_finding():
    some, people = many(1)
    before, after = (micro_segments(some, at=f"2025-03-{day}", customers=people, smallest=25) for day in (10, 17))
    finer = micro_segments(some, at="2025-03-17", customers=people, smallest=5)
    assert "% are in" in finer.overlap_figure().finding
    assert "a week before" in movement(before, after).flow_figure().finding
    assert "into a segment" in changes(some, since="2025-03-10", until="2025-03-17").figure().finding
    apart = intervals((1, "a", 1, None), (2, "b", 1, None))
    finding = micro_segments(apart, at="2025-03-02", customers=[1, 2], smallest=2).overlap_figure().finding
    assert finding == "No customer is in two of these segments (0 of them overlap)."


def states(day, **sizes):
    """So many customers in each segment alone; those of "none" in none."""
    rows = [name for name, n in sizes.items() for _ in range(n)]
    inside = pd.DataFrame({name: [row == name for row in rows] for name in ("X", "Y", "Z")})
    return MicroSegments(inside, None, 50, pd.Timestamp(day, tz=UTC))


def test_a_small_group_does_not_come_out_by_taking_the_moves_off_the_table_of_a_moment():
    before, after = states("2025-03-01", X=60, Y=200, Z=70, none=400), states("2025-03-08", X=3, Y=50, Z=70, none=607)
    assert set(after.gathered) == {"X", "Y"}
    columns = movement(before, after).counts.columns
    assert set(columns) == set(after.table.index) == {"none of these", "Z", GATHERED}


def test_figures_tell_and_choose_no_number_under_the_smallest():
    inside = pd.DataFrame({"few": [True] * 5 + [False] * 295, "a": [True] * 105 + [False] * 195, "b": [True] * 300})
    now = MicroSegments(inside, None, 50, pd.Timestamp("2025-03-01", tz=UTC))
    chart = now.overlap_figure()
    assert chart.finding == "Of 105 in 'a' 100% are in 'b' too."
    with_few = now.overlaps.loc["few"].tolist() + now.overlaps["few"].tolist()
    assert with_few == ["under 50"] * 6
    written = [text.get_text() for text in chart.axes[0].texts]
    assert written.count("under 50") == 5
    assert not any(text.startswith("5") for text in written)
    few_in_both = MicroSegments(inside[["few", "a"]], None, 50, now.at).overlap_figure().finding
    assert few_in_both == "No two of these segments have 50 customers or more in common."


def test_the_finding_of_moves_names_no_move_of_a_few():
    few = movement(states("2025-03-01", X=100, Y=100), states("2025-03-08", X=98, Y=102))
    assert few.flow_figure().finding == "Of 200 customers all but a few (under 50) are where they were a week before."
    assert "orange" not in few.flow_figure().words
    some = movement(states("2025-03-01", X=200, Y=100), states("2025-03-08", X=140, Y=160))
    assert "the most, 60, moved from X to Y." in some.flow_figure().finding


@pytest.mark.parametrize(
    "names", [["a + b", "a", "b"], ["a +", "b"], ["a · tier 1"], ["none of these"], [GATHERED], ["appeared"], [" "]]
)
def test_a_segment_named_like_other_groups_is_refused(names):
    some = intervals(*[(i, name, 1, None) for i, name in enumerate(names, 1)])
    says(lambda: micro_segments(some, at="2025-03-02", customers=range(9), smallest=2), repr(names[0]), "otherwise")


@pytest.mark.parametrize("way", ["replay", "on_duckdb"])
def test_a_moment_later_than_the_rule_was_run_is_refused_with_what_to_do(way):
    first, last = "2025-01-01", "2025-01-05"
    log = pd.DataFrame({"customer_id": [1, 2], "ts": moments([first, last]), "seq": 0, "type": ["a", "b"]})
    rule = did("a").within("7d")
    run_over = getattr(rule, way)
    short, late = run_over(log), {"at": "2025-06-01", "customers": [1, 2]}
    says(lambda: membership(short, **late), "at: 2025-06-01", "2025-01-05", 'until="2025-06-01 00:00:00"')
    says(lambda: membership(short, at="2025-01-05 00:00:01.5", customers=[1, 2]), 'until="2025-01-05 00:00:01.500000"')
    says(lambda: micro_segments(short, **late, smallest=2), "let the clock run")
    says(lambda: changes(short, since="2025-01-02", until="2025-01-10"), "until: 2025-01-10")
    says(lambda: membership(short[short["segment"] == "segment"], **late), "let the clock run")
    assert membership(short, at="2025-01-05", customers=[1, 2])["segment"].tolist() == [True, False]
    run = run_over(log, until="2025-06-01")
    assert not membership(run, **late).to_numpy().any()
    assert membership(run_over(log.iloc[:0], until="2025-06-01"), **late).to_numpy().sum() == 0
    assert membership(run_over(log.iloc[:0]), **late).to_numpy().sum() == 0


def test_stays_can_be_kept_in_a_parquet_file_and_still_know_how_far_they_ran(tmp_path):
    log = pd.DataFrame({"customer_id": [1], "ts": moments(["2025-01-01"]), "seq": 0, "type": "a"})
    did("a").replay(log).to_parquet(tmp_path / "stays.parquet")
    kept = pd.read_parquet(tmp_path / "stays.parquet")
    says(lambda: membership(kept, at="2025-01-02", customers=[1]), "2025-01-01")


def says(call, *words):
    with pytest.raises(ValueError) as said:
        call()
    for word in words:
        assert word in str(said.value)


def test_what_cannot_be_used_is_said():
    some = intervals((1, "a", 1, None))
    at = {"at": "2025-03-02"}
    says(lambda: membership([], **at, customers=[1]), "found a list", "rule.replay(log)")
    says(lambda: membership(some.drop(columns="left_at"), **at, customers=[1]), "no column 'left_at'")
    says(lambda: membership(some.assign(left_at=pd.NaT), **at, customers=[1]), "left_at is datetime64")
    says(lambda: membership(some, **at, customers=[1, 1]), "1 stands there more than once")
    says(lambda: membership(some, **at, customers=[2]), "1 member is not among them: 1", "unique()")
    says(lambda: membership(some, at="soon", customers=[1]), "at: found 'soon'")
    says(lambda: changes(some, since="2025-03-02", until="2025-03-02"), "not later than since")
    says(lambda: micro_segments(some, **at, customers=[1], smallest=1), "found 1", "from 2")
    says(lambda: micro_segments(some, **at, customers=[1], smallest=50), "fewer than the smallest allowed group of 50")
    one = {"customers": [1, 2], "smallest": 2, **at}
    says(lambda: micro_segments(some, **one, tiers=[0, 1]), "tiers: found a list")
    says(lambda: micro_segments(some, **one, tiers=pd.Series([1, 2], index=[8, 9])), "none of the customers", "8, 9")
    now = micro_segments(some, **one)
    says(lambda: now.overlap_figure(), "only one segment")
    says(lambda: movement(now, now), "not later than")
    says(lambda: movement(now, now.labels), "found a Series")
