"""Watch a log run through a live engine, in real time or many times faster."""

import html
import os
import time

import pandas as pd

from crmlab.chart import ACCENT, MUTED
from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.incoming import microseconds_of, taken_before
from crmlab.segment.dynamic.kinds import kinds_read
from crmlab.segment.dynamic.runs import checked_rules
from crmlab.segment.dynamic.streamed import events_of
from crmlab.segment.dynamic.unseen import types_of, warn_of_unseen

__all__ = ["watch"]

_LINES = 8
_STEPS = 80  # of the small picture
_FRAME_S = 0.15
_KINDS = {(True, "event"): "entered by an event", (True, "clock"): "by the clock"}
_KINDS |= {(False, "event"): "left by an event", (False, "clock"): "by the clock"}


def watch(rules, log, *, since, until=None, speed=1_000, traits=None, react=None):
    """See a stretch of a log happen: who enters and leaves, by an event or by the clock.

    In a notebook a small display shows the clock, how many are in each segment, and the latest
    changes; it is renewed while the log runs. What lies before `since` is worked in at once. The
    stop button of the notebook ends it early. Where the environment says ``TQDM_DISABLE``, as for
    progress bars, only the end is shown.

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
        When the log or the traits break their promise, `until` is not later than `since`, the speed
        is not above 0, or `rules` or `react` is something else.

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
    plans = checked_rules(rules).plans()
    if react is not None and not callable(react):
        step = "write def call(change): ... and give its name, without brackets."
        raise CrmlabError(message("react", f"found {react!r}, which is no function.", next=step))
    events, begin = events_of(log, kinds_read(plans)[0]), microseconds_of(since, where="since")
    end = microseconds_of(log["ts"].max() if until is None else until, where="until")
    if end <= begin:
        found = f"{pd.Timestamp(end, unit='us')} is not later than since, {pd.Timestamp(begin, unit='us')}."
        raise CrmlabError(message("until", found, next="write the earlier moment as since."))
    warn_of_unseen(plans, types_of(log))
    run = _Run(rules.live(traits=traits), events, begin, end, react)
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
        """Go on to a moment, with a look at the sizes at each of the moments that the small picture shows."""
        now = min(now, self.end)
        for place in range(len(next(iter(self.history.values()))), _STEPS):
            at = self.begin + (self.end - self.begin) * (place + 1) // _STEPS
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
            self._note(self.engine.push(self._event | {"ts": taken_before(self._event["ts"])}))
            self._event = next(self._events, None)
        self._note(self.engine.advance(taken_before(now)))

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

    def _repr_html_(self):
        left, right = (f'style="text-align:{side};padding:2px 10px;white-space:nowrap"' for side in ("left", "right"))
        head = f"<th {left}>segment</th>" + "".join(f"<th {right}>{title}</th>" for title in ("now", *_KINDS.values()))
        rows = "".join(
            f"<tr><td {left}><b>{html.escape(name)}</b></td><td {right}><b>{size:,}</b></td>"
            + "".join(f"<td {right}>{n:,}</td>" for n in self.counts[name].values())
            + f"<td {left}>{_line(self.history[name])}</td></tr>"
            for name, size in self.engine.sizes.items()
        )
        lines = "".join(f"<div>{html.escape(str(change))}</div>" for change in reversed(self.latest))
        return (
            f'<div style="font-family:sans-serif"><b>{self.status()}</b>'
            f"<table><tr>{head}<th {left}>now, since the start</th></tr>{rows}</table>"
            f'<div style="margin:4px 10px;min-height:{1.4 * _LINES:.0f}em;line-height:1.4">{lines}</div></div>'
        )

    def __repr__(self):
        lines = [self.status()]
        for name, size in self.engine.sizes.items():
            counts = ", ".join(
                f"{title} {n:,}" for title, n in zip(_KINDS.values(), self.counts[name].values(), strict=True)
            )
            lines.append(f"{name}: now {size:,}; {counts}")
        return "\n".join([*lines, *map(str, reversed(self.latest))])


def _line(sizes):
    """Sizes over time as a small picture that begins at 0."""
    most = max([*sizes, 1])
    points = " ".join(
        f"{160 * (place + 1) / _STEPS:.0f},{22 - 20 * size / most:.1f}" for place, size in enumerate(sizes)
    )
    title = f"<title>from 0 to {most:,}</title>"
    line = f'<polyline points="{points}" fill="none" stroke="{ACCENT}" stroke-width="2"/>'
    return f'<svg width="164" height="24" role="img">{title}<path d="M0 23H164" stroke="{MUTED}"/>{line}</svg>'


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
    is_still = bool(os.environ.get("TQDM_DISABLE"))  # nothing that moves is wanted, as where notebooks are compared

    def show(run):
        nonlocal handle
        bundle = {"text/html": run._repr_html_(), "text/plain": repr(run)}
        if is_still:
            if run.now >= run.end or run.is_stopped:
                display(bundle, raw=True)
        elif handle is None:
            handle = display(bundle, raw=True, display_id=True)
        else:
            handle.update(bundle, raw=True)

    return show
