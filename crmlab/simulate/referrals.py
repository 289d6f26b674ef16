"""Referrals: which customers were brought by which."""

import numpy as np
import pandas as pd

from crmlab.simulate.columns import times
from crmlab.simulate.sales import by_record, rounded

__all__ = ["referrals"]

_NEAR = 4_096  # customers before one, in number, among whom the one who brought it is looked for
_TRIES = 96


def referrals(block, records, joined, cycle):
    """Let customers who are near bring others.

    Parameters
    ----------
    block : Block
    records : Records
    joined : Acquisition
    cycle : LifeCycle

    Returns
    -------
    tables : dict
        referrals, one row per customer who was brought; without those who, on paper,
        brought themselves, and those whose record was merged into another.
    truth : dict
        referrals: person and the person who brought them.

    Notes
    -----
    Customers differ in how readily they speak for the firm (gamma), and do so by their
    state; few bring many (Kumar, Petersen & Leone 2007). Nobody is brought by one who
    joined later or has left, so the very first customers are brought by nobody.
    """
    spec, n = block.spec["referrals"], block.size
    ready = block.draw("referrals", "ready").standard_gamma(spec["shape_customers"], n) / spec["shape_customers"]
    ready = rounded(np.minimum(ready, spec["most_ready"]) / spec["most_ready"])
    brought = np.flatnonzero(block.draw("referrals", "brought").random(n) < spec["share"])
    by = _found(block, joined, cycle, ready, brought)
    brought, by = brought[by >= 0], by[by >= 0]
    second = joined.second[brought]
    record, referrer = records.of(brought, second), records.of(by, second)
    seen = np.flatnonzero(~records.is_merged[brought] & (record != referrer))
    row = seen[by_record(record[seen])]
    table = {"record_id": record[row], "referred_by": referrer[row], "ts": times(second[row])}
    truth = {"person_id": block.person[brought] + 1, "referred_by": block.person[by] + 1}
    return {"referrals": pd.DataFrame(table, copy=False)}, {"referrals": pd.DataFrame(truth, copy=False)}


def _found(block, joined, cycle, ready, brought):
    """Who brought each customer: of those looked at in turn the first who could and would, or -1."""
    by_state = np.array(block.spec["referrals"]["by_state"], float)
    others = np.minimum(brought, _NEAR)
    height = block.draw("referrals", "whom").integers(0, 1 << 40, (len(brought), _TRIES))
    whom = np.maximum(brought - 1 - (height * others[:, None] >> 40).T, 0)
    would = block.draw("referrals", "would").random((len(brought), _TRIES)).T
    by = np.full(len(brought), -1)
    for candidate, chance in zip(whom, would, strict=True):
        second = joined.second[brought]
        could = (by < 0) & (others > 0) & (joined.second[candidate] < second) & (cycle.gone[candidate] > second)
        row = np.flatnonzero(could)
        state = cycle.at(candidate[row], second[row])
        agrees = chance[row] < rounded(ready[candidate[row]] * by_state[state] / by_state.max())
        by[row[agrees]] = candidate[row[agrees]]
    return by
