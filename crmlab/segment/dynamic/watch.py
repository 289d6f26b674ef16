"""Watch a log run through a live engine, in real time or many times faster."""

import html
import time

import pandas as pd

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.incoming import microseconds_of
from crmlab.segment.dynamic.streamed import events_of

__all__ = ["watch"]

_LINES = 8
_BARS, _BARS_WIDE = "▁▂▃▄▅▆▇█", 40
_FRAME_S = 0.15
_KINDS = {(True, "event"): "in by event", (True, "clock"): "in by clock"}
_KINDS |= {(False, "event"): "out by event", (False, "clock"): "out by clock"}
_TITLES = ("now", *_KINDS.values(), "since the start")


def watch(rules, log, *, since, until=None, speed=1_000, traits=None, react=None):
    """See a stretch of a log happen: who enters and leaves, by an event or by the clock.

    In a notebook a small display shows the clock, how many are in each segment, and the latest
    changes; it is renewed while the log runs. What lies before `since` is worked in at once. The
    stop button of the notebook ends it early.

    Parameters
    ----------
    rules : Rule or Segments
    log : pandas.DataFrame
        Events with customer_id, ts (UTC), seq, type and properties; ``event_log`` makes one.
    since : str or timestamp
        Where to begin, UTC when no zone is given.
    until : str or timestamp, optional
        Where to end; without it at the last event.
    speed : float, default=1000
        How many times faster than life: 1 is real time, at 100,000 a week takes 6 seconds.
    traits : pandas.DataFrame, optional
        Constants of the customers, by customer_id (index or column).
    react : function of one Change, optional
        Called at each entry, such as a ``Reaction`` or a function of your own.

    Returns
    -------
    Live
        The engine, at the end of the stretch: go on with it.

    Raises
    ------
    CrmlabError
        When the log or the traits break their promise, or the speed is not above 0.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> log = pd.DataFrame({"customer_id": [1, 2], "seq": 0, "type": "complaint",
    ...     "ts": pd.to_datetime(["2025-03-01", "2025-03-05"], utc=True)})
    >>> entered = []
    >>> engine = watch(did("complaint").within("7d"), log, since="2025-03-04", speed=1e9, react=entered.append)
    >>> engine.sizes, [change.customer_id for change in entered]
    ({'segment': 2}, [2])
    """
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed < float("inf"):
        step = "1 is real time, 1000 a thousand times faster."
        raise CrmlabError(message("speed", f"found {speed!r}.", allowed="a number above 0", next=step))
    begin = microseconds_of(since, where="since")
    end = microseconds_of(log["ts"].max() if until is None else until, where="until")
    run = _Run(rules.live(traits=traits), events_of(log), begin, end, react)
    show, started = _display(), time.monotonic()
    try:
        while run.now < end:
            show(run)
            time.sleep(_FRAME_S)
            run.to(begin + int((time.monotonic() - started) * speed * 1_000_000))
    except KeyboardInterrupt:  # the stop button
        run.is_stopped = True
    show(run)
    return run.engine


class _Run:
    """A stretch of a log as far as it has come, and what the display shows of it."""

    def __init__(self, engine, events, begin, end, react):
        self.engine, self._events, self._react = engine, events, None
        self.begin, self.end, self.now, self.is_stopped = begin, end, begin, False
        self.counts = {name: dict.fromkeys(_KINDS, 0) for name in engine.sizes}
        self.latest, self.history, self.n_events = [], {name: [] for name in engine.sizes}, 0
        self._event = next(events, None)
        self._take(begin - 1)
        self._forget()
        self._react = react

    def _forget(self):
        """Begin to count: what was before `begin` is worked in, and not told."""
        self.latest, self.n_events = [], 0
        for counts in self.counts.values():
            counts.update(dict.fromkeys(_KINDS, 0))

    def to(self, now):
        """Go on to a moment, with a look at the sizes at each of the moments that the bars stand for."""
        now = min(now, self.end)
        for place in range(len(next(iter(self.history.values()))), _BARS_WIDE):
            at = self.begin + (self.end - self.begin) * (place + 1) // _BARS_WIDE
            if at > now:
                break
            self._take(at)
            for name, size in self.engine.sizes.items():
                self.history[name].append(size)
        self._take(now)
        self.now = now

    def _take(self, now):
        while self._event is not None and self._event["ts"] <= now:
            self.n_events += 1
            self._note(self.engine.push(self._event))
            self._event = next(self._events, None)
        self._note(self.engine.advance(now))

    def _note(self, changes):
        for change in changes:
            self.counts[change.segment][change.is_in, change.by] += 1
            self.latest = [*self.latest[1 - _LINES :], change]
            if change.is_in and self._react is not None:
                self._react(change)

    def status(self):
        """Where it is, in one line."""
        moment = pd.Timestamp(self.now, unit="us")
        state = ", stopped" if self.is_stopped else "" if self.now < self.end else ", at its end"
        return f"{moment:%a %d %B %Y, %H:%M} UTC{state} · {self.n_events:,} events"

    def rows(self):
        """One row for each segment: its name, its size, entries and exits, and its size over time."""
        for name, size in self.engine.sizes.items():
            yield name, [f"{size:,}", *(f"{self.counts[name][kind]:,}" for kind in _KINDS), _bars(self.history[name])]

    def _repr_html_(self):
        cell = 'style="text-align:right;padding:2px 10px"'
        head = "".join(f"<th {cell}>{title}</th>" for title in ("segment", *_TITLES))
        rows = "".join(
            f"<tr><td {cell}><b>{html.escape(name)}</b></td>"
            + "".join(f"<td {cell}>{value}</td>" for value in values)
            + "</tr>"
            for name, values in self.rows()
        )
        lines = "".join(f"<li>{html.escape(str(change))}</li>" for change in reversed(self.latest))
        return (
            f'<div style="font-family:sans-serif"><div><b>{self.status()}</b></div>'
            f"<table><tr>{head}</tr>{rows}</table>"
            f'<ul style="margin:4px 0;min-height:{1.5 * _LINES}em">{lines}</ul></div>'
        )

    def __repr__(self):
        lines = [self.status()]
        for name, values in self.rows():
            told = ", ".join(f"{title} {value}" for title, value in zip(_TITLES[:-1], values[:-1], strict=True))
            lines.append(f"{name}: {told} {values[-1]}")
        return "\n".join([*lines, *map(str, reversed(self.latest))])


def _bars(sizes):
    """Sizes over time as letters, from none to the most."""
    most = max(sizes, default=0)
    return "".join(_BARS[0 if most == 0 else size * (len(_BARS) - 1) // most] for size in sizes)


def _display():
    """What shows a run: one place in the notebook that is renewed; outside of a notebook, nothing."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ModuleNotFoundError:
        return lambda run: None
    if get_ipython() is None:
        return lambda run: None
    handle = None

    def show(run):
        nonlocal handle
        bundle = {"text/html": run._repr_html_(), "text/plain": repr(run)}
        if handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    return show
