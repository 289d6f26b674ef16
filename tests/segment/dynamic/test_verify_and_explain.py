"""verify tells the first difference, explain the parts: by hand, and against the intervals of replay."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import Segments, count, did, member, trait, verify
from tests.segment.dynamic.engines import traits_frame
from tests.segment.dynamic.oracle import as_frame
from tests.segment.dynamic.random_rules import HOUR, START, logs, rules, traits

LOG = pd.DataFrame(
    {
        "customer_id": [7, 7, 7, 8, 9],
        "ts": pd.to_datetime(
            ["2025-03-01", "2025-03-04", "2025-03-06 12:00", "2025-03-02", "2025-03-20"], format="ISO8601", utc=True
        ),
        "seq": [0, 0, 0, 0, 0],
        "type": ["complaint", "purchase", "reply", "complaint", "visit"],
    }
)
UNANSWERED = did("complaint").within("7d") & ~did("reply").after("complaint")


def day(text):
    return pd.Timestamp(text, tz="UTC")


def test_three_engines_agree_and_say_so():
    found = UNANSWERED.verify(LOG)
    assert found
    assert str(found) == "replay, live and DuckDB agree on 2 intervals of 2 customers."
    assert str(did("never").verify(LOG)) == "replay, live and DuckDB agree on 0 intervals of 0 customers."


def wrong(what):
    def engine(plans, log, **settings):
        return what(verify.replay(plans, log, **settings))

    return engine


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            lambda found: found.assign(left_at=found["left_at"] + pd.Timedelta("1us")),
            'customer 7 in "segment".\n'
            "  replay  : from 2025-03-01 00:00:00 (event) to 2025-03-06 12:00:00 (event)\n"
            "  live    : from 2025-03-01 00:00:00 (event) to 2025-03-06 12:00:00.000001 (event)\n"
            "  DuckDB  : from 2025-03-01 00:00:00 (event) to 2025-03-06 12:00:00 (event)\n",
        ),
        (
            lambda found: found[:1],
            'customer 8 in "segment".\n'
            "  replay  : from 2025-03-02 00:00:00 (event) to 2025-03-09 00:00:00 (clock)\n"
            "  live    : no such interval\n"
            "  DuckDB  : from 2025-03-02 00:00:00 (event) to 2025-03-09 00:00:00 (clock)\n",
        ),
        (lambda found: found[1:], "customer 7"),
        (lambda found: found[::-1], "customer 7"),
        (lambda found: found.assign(entered_by=found["reason"]), "customer 8"),
        (lambda found: found.assign(customer_id=[7, 9]), "customer 8"),
        (lambda found: found.assign(left_at=found["left_at"].where(found["customer_id"] == 8)), "customer 7"),
    ],
)
def test_the_first_difference_is_told_with_what_each_engine_says(fault, told, monkeypatch):
    monkeypatch.setitem(verify.ENGINES, "live", wrong(fault))
    found = UNANSWERED.verify(LOG)
    assert not found
    assert f"do not agree. The first difference: {told}" in str(found)
    assert str(found).endswith("and the events of this customer.")


def test_each_part_says_since_when_and_until_when():
    found = UNANSWERED.explain(7, at="2025-03-05", log=LOG)
    assert found.table["depth"].tolist() == [0, 1, 1]
    assert found.table["holds"].tolist() == [True, True, True]
    assert found.table["since"].tolist() == [day("2025-03-01")] * 3
    assert found.table["until"].tolist() == [day("2025-03-08"), day("2025-03-08"), pd.NaT]
    after = UNANSWERED.explain(7, at="2025-03-06 12:00", log=LOG)
    assert after.table["holds"].tolist() == [False, True, False]
    assert after.table["since"].tolist() == [day("2025-03-06 12:00"), day("2025-03-01"), day("2025-03-06 12:00")]
    assert after.table["by"].tolist() == ["event"] * 3
    lapsed = UNANSWERED.explain(7, at="2025-03-08", log=LOG).table
    assert (lapsed["since"][1], lapsed["by"][1], lapsed["holds"][1]) == (day("2025-03-08"), "clock", False)


def test_what_the_clock_will_begin_is_foretold_and_what_comes_later_is_not_looked_at():
    silent = ~did("purchase").within("7d")
    table = silent.explain(7, at="2025-03-05", log=LOG).table
    assert (table["holds"][0], table["until"][0]) == (False, day("2025-03-11"))
    unanswered = did("complaint").without("reply", within="7d")
    table = unanswered.explain(7, at="2025-03-05", log=LOG).table
    assert (table["holds"][0], pd.isna(table["since"][0]), table["until"][0]) == (False, True, day("2025-03-08"))
    assert "never so far, until 2025-03-08 00:00:00 if nothing happens" in str(
        unanswered.explain(7, at="2025-03-05", log=LOG)
    )


def test_parts_of_parts_other_segments_and_traits_are_told():
    people = pd.DataFrame({"customer_id": [7], "city": ["Split"]})
    segments = Segments(
        {
            "open": UNANSWERED,
            "here": member("open") & ~(did("visit") | (count("purchase") < 1)) & (trait("city") == "Split"),
        }
    )
    text = str(segments.explain(7, at="2025-03-05", log=LOG, traits=people))
    assert text == (
        "Customer 7 at 2025-03-05 00:00:00 (UTC):\n"
        'in "open" since 2025-03-01 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens\n'
        '  yes  had "complaint" in the last 7 days\n'
        "       since 2025-03-01 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens\n"
        '  yes  not (the latest "reply" came after the latest "complaint")\n'
        "       since 2025-03-01 00:00:00 (event), and stays so if nothing happens\n"
        'in "here" since 2025-03-04 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens\n'
        '  yes  is in "open"\n'
        "       since 2025-03-01 00:00:00 (event), until 2025-03-08 00:00:00 if nothing happens\n"
        "  yes  not this:\n"
        "       since 2025-03-04 00:00:00 (event), and stays so if nothing happens\n"
        "    no   at least one of these:\n"
        "         since 2025-03-04 00:00:00 (event), and stays so if nothing happens\n"
        '      no   had "visit"\n'
        "           never so far, and stays so if nothing happens\n"
        '      no   the number of "purchase" is below 1\n'
        "           since 2025-03-04 00:00:00 (event), and stays so if nothing happens\n"
        '  yes  city is "Split"\n'
        "       since 2025-03-01 00:00:00 (event), and stays so if nothing happens"
    )


def test_a_customer_without_events_is_told():
    with pytest.raises(CrmlabError, match=r"the log has no event of customer 70\.\n  next    : give one of the ids"):
        UNANSWERED.explain(70, at="2025-03-05", log=LOG)
    with pytest.raises(CrmlabError, match=r"no event of customer 'anna'\. Did you mean 'ana'\?"):
        UNANSWERED.explain("anna", at="2025-03-05", log=LOG.assign(customer_id=["ana", "ana", "b", "b", "b"]))
    with pytest.raises(CrmlabError, match=r"the first event is at 2025-03-20 00:00:00 UTC, later than that"):
        UNANSWERED.explain(9, at="2025-03-05", log=LOG)
    with pytest.raises(CrmlabError, match="no column 'ts'"):
        UNANSWERED.explain(7, at="2025-03-05", log=LOG.drop(columns="ts"))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(rule=rules, log=logs, people=traits)
def test_explain_says_what_replay_says_and_what_comes_true_if_nothing_happens(rule, log, people):
    at = pd.Timestamp(START + 4 * HOUR, unit="us", tz="UTC")
    known = as_frame([event for event in log if event["ts"] <= START + 4 * HOUR])
    if not len(known):
        return
    customer = int(known["customer_id"].iloc[0])
    whole = rule.explain(customer, at=at, log=as_frame(log), traits=traits_frame(people)).table.iloc[0]
    quiet = rule.replay(known, traits=traits_frame(people), until=at + pd.Timedelta(days=100))
    mine = quiet[quiet["customer_id"] == customer]
    here = mine[(mine["entered_at"] <= at) & ~(mine["left_at"] <= at)]
    assert whole["holds"] == bool(len(here))
    moments = pd.concat([mine["entered_at"], mine["left_at"]])
    coming = moments[moments > at].min()
    assert whole["until"] == coming or (pd.isna(whole["until"]) and pd.isna(coming))
    if len(here):
        assert whole["since"] == here["entered_at"].iloc[0]


@pytest.mark.parametrize(
    ("customer", "times", "said"),
    [
        (1, lambda ts: ts.dt.tz_localize(None), "the times have no zone"),
        (1, lambda ts: ts.astype("str"), "turn them into times"),
        ("1", lambda ts: ts, "the log has no event of customer '1'"),
    ],
)
def test_explain_says_what_is_wrong_with_a_log(customer, times, said):
    log = pd.DataFrame({"customer_id": [1], "ts": pd.to_datetime(["2025-03-01"], utc=True), "seq": 0, "type": "a"})
    with pytest.raises(CrmlabError, match=said):
        did("a").explain(customer, at="2025-03-02", log=log.assign(ts=times(log["ts"])))
