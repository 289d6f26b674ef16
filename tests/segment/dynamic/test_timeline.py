"""Members over time: with a clock, and on a list that only events bring up to date."""

import pandas as pd
import pytest

from crmlab import errors
from crmlab.segment.dynamic import Segments, did, stopped, timeline
from tests.segment.dynamic.test_replay import log_of

LOG = pd.concat(
    [
        log_of(("2025-01-01", "complaint"), ("2025-01-06", "visit")),
        log_of(("2025-01-02", "complaint"), ("2025-01-03", "reply"), customer=2),
        log_of(("2025-01-02", "complaint"), customer=3),
    ]
)
WAITING = did("complaint").within("3d") & ~did("reply").after("complaint")


def test_a_list_without_a_clock_keeps_whom_only_time_has_taken_out():
    table = timeline(WAITING.replay(LOG), LOG).table
    #        January: 1  2  3  4  5  6
    assert table["members"].tolist() == [1, 3, 2, 1, 0, 0]
    assert table["listed"].tolist() == [1, 3, 2, 2, 2, 1]


def test_a_list_without_a_clock_misses_whom_time_brings_in():
    table = timeline(stopped("complaint", after="2d").replay(LOG), LOG).table
    assert table["members"].tolist() == [0, 0, 1, 3, 3, 3]
    # Only the visit of the first customer makes such a list look again.
    assert table["listed"].tolist() == [0, 0, 0, 0, 0, 1]


def test_days_go_on_to_the_given_end():
    table = timeline(WAITING.replay(LOG, until="2025-01-09"), LOG, until="2025-01-09").table
    assert table.index[-1] == pd.Timestamp("2025-01-09", tz="UTC")
    assert table.iloc[-1].tolist() == [0, 1]


def test_the_figure_says_both_numbers():
    figure = timeline(WAITING.named("waiting").replay(LOG), LOG).figure()
    assert figure.finding == "Without a clock 1 count as “waiting” on 2025-01-06; really it is 0."
    assert [line.get_label() for line in figure.axes[0].lines] == ["on a list without a clock", "really in the segment"]


def test_nobody_in_the_segment_is_shown_as_nobody():
    stays = did("scan").replay(LOG)
    assert timeline(stays, LOG).table.sum().tolist() == [0, 0]
    assert repr(timeline(stays, LOG.iloc[:0])) == "There is no day to show."


def test_only_intervals_of_one_segment_make_a_timeline():
    with pytest.raises(errors.CrmlabError, match="of 2 segments"):
        timeline(Segments({"a": WAITING, "b": did("visit")}).replay(LOG), LOG)
    with pytest.raises(errors.CrmlabError, match="no intervals"):
        timeline(LOG, LOG)
