"""Product events: sessions in the app and scans of codes, some of them before anybody logs in."""

import numpy as np
import pandas as pd

from crmlab.simulate.clock import clock
from crmlab.simulate.columns import DAY, times, whole, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.sales import by_record, rank_within, rounded

__all__ = ["product_events"]

_ID_BITS, _DEVICE_BITS = 28, 18
_SEQ_BITS, _SEQ_MOST = 6, 63
_DEVICES = 2  # device numbers kept for each person
_SCAN = "qr"


def product_events(block, records, joined, cycle):
    """Let customers use the product, more the nearer they are.

    Parameters
    ----------
    block : Block
    records : Records
    joined : Acquisition
    cycle : LifeCycle

    Returns
    -------
    tables : dict
        product_events, in order of device and time.
    truth : dict
        devices: whose device is whose.

    Notes
    -----
    Sessions come at random at a rate of the person's own, times that of the state of the
    month (the emission of the hidden Markov life cycle); days follow the rhythm of the week,
    hours that of the day. A session is a chain of screens of geometric length.
    """
    spec, n = block.spec["product"], block.size
    owner, second = _sessions(block, joined, cycle)
    sessions = len(owner)
    lasts = block.draw("product_events", "screens").geometric(1 / spec["screens_per_session"], sessions)
    scans = block.draw("product_events", "scans").random(sessions) < spec["scans"]
    logs_in = block.draw("product_events", "logs_in").random(sessions) < np.where(
        scans, spec["logs_in_after_scan"], spec["logs_in"]
    )
    opens_at = block.draw("product_events", "opens_at").geometric(0.6, sessions) - 1  # screens seen before log-in
    has_two = block.draw("product_events", "has_two").random(n) < spec["two_devices"]
    on_second = block.draw("product_events", "device").random(sessions) < 0.3
    device = _DEVICES * owner + (has_two[owner] & on_second)
    session = np.repeat(np.arange(sessions), lasts)
    seq = rank_within(lasts)
    pause = block.draw("product_events", "pause").geometric(1 / spec["seconds_per_screen"], len(session))
    passed = np.cumsum(pause) - pause
    start = np.cumsum(lasts) - lasts
    ts = second[session] + passed - np.repeat(passed[start], lasts)
    is_scan = scans[session] & (seq == 0)
    is_known = logs_in[session] & (seq >= opens_at[session])
    screens = (*spec["screens"], _SCAN)
    screen = block.pick(lookup(spec["screens"].values()), len(session), "product_events", "screen")
    code = 1 + block.draw("product_events", "qr").integers(0, spec["codes"], len(session))
    ids = block.identities(np.arange(len(session)), _ID_BITS, "product_events")
    devices = block.identities(np.arange(_DEVICES * n), _DEVICE_BITS, "devices")
    row = np.flatnonzero(ts < block.end_second)
    row = row[by_record(devices[device[session[row]]], (ts[row] << _SEQ_BITS) + np.minimum(seq[row], _SEQ_MOST))]
    of_session = session[row]
    record = np.zeros(len(row), np.int64)
    known = is_known[row]
    record[known] = records.of(owner[of_session[known]], ts[row[known]])
    table = {
        "event_id": ids[row],
        "device_id": devices[device[of_session]],
        "record_id": whole(record, ~known),
        "ts": times(ts[row]),
        "seq": seq[row],
        "screen": words(np.where(is_scan, len(screens) - 1, screen)[row], screens),
        "qr_id": whole(np.where(is_scan, code, 0)[row], ~is_scan[row]),
    }
    used = np.flatnonzero(np.bincount(device, minlength=_DEVICES * n))
    truth = {"device_id": devices[used], "person_id": block.person[used // _DEVICES] + 1}
    return {"product_events": pd.DataFrame(table, copy=False)}, {"devices": pd.DataFrame(truth, copy=False)}


def _sessions(block, joined, cycle):
    """Whose sessions begin when, in customer order."""
    spec, plan, n = block.spec["product"], block.plan, block.size
    shape = spec["shape_customers"]
    uses = block.draw("product_events", "uses").random(n) < spec["users"]
    rate = rounded(block.draw("product_events", "rate").standard_gamma(shape, n) / shape) * uses
    busy = np.array([*spec["sessions_by_state"], 0.0, 0.0])  # nothing once gone, and nothing before
    week = np.array(spec["days"], np.int64)
    day = np.arange(plan.first_day, plan.last_day)
    passed = np.concatenate([[0], np.cumsum(week[(day + 3) % 7])])  # 1970 began on a Thursday
    starts = np.clip(cycle.month_starts(), plan.first_day, plan.last_day) - plan.first_day
    first, last = passed[starts[:-1]], passed[starts[1:]]
    usual = week.sum() * 365.25 / 7 / 12  # weight of a month of mean length
    mean = rate[:, None] * busy[cycle.state] * ((last - first) / usual)
    counts = block.draw("product_events", "sessions").poisson(rounded(mean))
    owner, month = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
    height = block.draw("product_events", "day").integers(0, 1 << 32, len(owner))
    weight = first[month] + (height * (last - first)[month] >> 32)
    begun = np.repeat(day, week[(day + 3) % 7])[weight]
    second = begun * DAY + clock(block, len(owner), "customers", "product_events")
    is_there = (second >= joined.second[owner]) & (second < cycle.gone[owner])
    return owner[is_there], second[is_there]
