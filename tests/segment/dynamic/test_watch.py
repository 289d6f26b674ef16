"""A log watched while it happens: what is shown, that it keeps time, and that it renews itself in a notebook."""

import importlib
import itertools

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from crmlab.errors import CrmlabError
from crmlab.segment.dynamic import Reaction, Segments, did, watch
from crmlab.segment.dynamic.streamed import events_of

module = importlib.import_module("crmlab.segment.dynamic.watch")  # the room's name for it is that of the function
HOUR = pd.Timedelta("1h")
START = pd.Timestamp("2025-03-01", tz="UTC")
SINCE, UNTIL = START + 50 * HOUR, START + 120 * HOUR
RULES = Segments(
    {"<new> & waiting": did("complaint").within("5h"), "silent": did("complaint").without("reply", within="2h")}
)


@pytest.fixture
def log():
    """A complaint or a reply every hour, by 20 customers in turn."""
    rows = [(n % 20, START + n * HOUR, 0, "reply" if n % 3 == 2 else "complaint") for n in range(200)]
    return pd.DataFrame(rows, columns=["customer_id", "ts", "seq", "type"])


@pytest.fixture
def shown(monkeypatch):
    """What the display was given, and a clock that only sleeping moves."""
    shown, clock = [], [100.0]
    monkeypatch.setattr(module, "_display", lambda: lambda run: shown.append((clock[0], run.now, repr(run))))
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(module.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    return shown


def test_the_engine_is_handed_over_as_if_the_stretch_had_been_pushed_event_by_event(log, shown):
    engine = watch(RULES, log, since=SINCE, until=UNTIL, speed=100_000)
    plain = RULES.live()
    for event in events_of(log[log["ts"] <= UNTIL]):
        plain.push(event)
    assert engine.counts == plain.counts
    pd.testing.assert_frame_equal(engine.members(), plain.members())


def test_it_keeps_time(log, shown):
    watch(RULES, log, since=SINCE, until=UNTIL, speed=3_600)  # an hour in a second
    began = shown[0][0]
    assert len(shown) > 100
    for seconds, now, _ in shown[:-1]:
        assert now - shown[0][1] == pytest.approx((seconds - began) * 3_600e6, abs=2)
    assert shown[-1][0] - began == pytest.approx(70, abs=0.2)


def test_what_is_shown_at_the_end_does_not_depend_on_the_speed(log, shown):
    for speed in (1e9, 20_000, 3_600):
        watch(RULES, log, since=SINCE, until=UNTIL, speed=speed)
    ends = [text for _, _, text in shown if "at its end" in text]
    assert len(ends) == 3
    assert len(set(ends)) == 1
    assert ends[0].splitlines()[0] == "Thu 06 March 2025, 00:00 UTC, at its end · 71 events"


def test_the_pages_sizes_and_sums_are_those_of_the_engine(log):
    runs = []
    for steps in ([UNTIL], [SINCE + 3 * HOUR, SINCE + 3.5 * HOUR, UNTIL]):
        ends = (SINCE.value // 1_000, UNTIL.value // 1_000)
        run = module._Run(RULES.live(), events_of(log), *ends, None)
        for moment in steps:
            run.to(moment.value // 1_000)
        runs.append(run)
    assert runs[0]._repr_html_() == runs[1]._repr_html_()
    assert runs[0].history == runs[1].history
    intervals = RULES.replay(log, until=UNTIL)
    for name, counts in runs[0].counts.items():
        of = intervals[intervals["segment"] == name]
        for (is_in, by), n in counts.items():
            at, why = ("entered_at", "entered_by") if is_in else ("left_at", "reason")
            assert n == ((of[at] >= SINCE) & (of[why] == by)).sum()
    assert "&lt;new&gt; &amp; waiting" in runs[0]._repr_html_()
    assert "<new>" not in runs[0]._repr_html_()


def test_a_reaction_is_called_at_each_entry_of_the_stretch_and_at_no_other(log, shown):
    reaction = Reaction(lambda change: "call", holdout=0.5, seed=1)
    watch(RULES, log, since=SINCE, until=UNTIL, speed=1e9, react=reaction)
    intervals = RULES.replay(log, until=UNTIL)
    entered = intervals[intervals["entered_at"] >= SINCE].sort_values(["entered_at", "segment", "customer_id"])
    cases = reaction.contacts.sort_values(["ts", "segment", "customer_id"])
    assert cases["ts"].tolist() == entered["entered_at"].tolist()
    assert sorted(cases["customer_id"]) == sorted(entered["customer_id"])


def test_the_stop_button_ends_it_and_hands_the_engine_over(log, shown, monkeypatch):
    calls = itertools.count(1)

    def stop(seconds):
        if next(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(module.time, "sleep", stop)
    engine = watch(RULES, log, since=SINCE, until=UNTIL, speed=3_600)
    assert SINCE <= engine.clock < UNTIL
    assert ", stopped" in shown[-1][2].splitlines()[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"since": SINCE, "speed": 0}, "speed: found 0"),
        ({"since": SINCE, "speed": "fast"}, "1 is real time"),
        ({"since": SINCE, "until": START}, "is not later than since"),
        ({"since": "soon"}, "since: found 'soon'"),
        ({"since": UNTIL + 500 * HOUR}, "is not later than since"),
    ],
)
def test_what_cannot_be_watched_is_told(log, call, words):
    with pytest.raises(CrmlabError, match=words):
        watch(RULES, log, **call)


@pytest.mark.parametrize("still", ["", "1"], ids=["renewed", "only the end"])
def test_in_a_notebook_one_display_shows_the_end(log, tmp_path, monkeypatch, still):
    monkeypatch.setenv("TQDM_DISABLE", still)
    log.to_parquet(tmp_path / "log.parquet")
    cell = f"""
import pandas as pd
from crmlab.segment.dynamic import did, watch
log = pd.read_parquet({str(tmp_path / "log.parquet")!r})
engine = watch(did("complaint").within("5h"), log, since="{SINCE}", until="{UNTIL}", speed=500_000)
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output["output_type"] == "display_data"
    assert "06 March 2025, 00:00 UTC, at its end" in output["data"]["text/html"]
    assert "entered by an event" in output["data"]["text/plain"]
