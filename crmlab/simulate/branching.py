"""Events that bring further events (Hawkes), each with its parent."""

import numpy as np
import pandas as pd

from crmlab.simulate.columns import whole, words

__all__ = ["SELF_EXCITED", "branched", "causes"]

SELF_EXCITED = ("touchpoints", "mentions")

_GENERATIONS = 40  # the chance that a family lasts longer is below 0.9 ** 40
_HOUR = 3_600


def branched(block, owner, second, *, branching, hours, table, name="", until=None, later=np.add):
    """Let events bring further events.

    Each event brings a Poisson number of others, `branching` on average, each after an
    exponential time; these bring others in turn.

    Parameters
    ----------
    block : Block
    owner : ndarray of int64
        Customer of each first event, rising.
    second : ndarray of int64
        When each first event happened.
    branching : float
        Events that each brings on average, below 1. Of all events this is the share that
        another event brought.
    hours : float
        Mean time from an event to those it brings.
    table, name : str
        What the dice are for.
    until : ndarray of int64, optional
        Second after which nothing more is brought, for each customer. Without it: the end
        of the history.
    later : callable, default=numpy.add
        Goes on from seconds by so many more; another one keeps to opening hours.

    Returns
    -------
    owner, second : ndarray of int64
        All events of the observed history, first ones and those they brought, in order of
        customer and time.
    parent : ndarray of int64
        Row of the event that brought it, or -1.

    Notes
    -----
    The cluster form of the self-exciting process (Hawkes & Oakes 1974).
    """
    until = np.full(block.size, block.end_second) if until is None else np.minimum(until, block.end_second)
    owners, seconds = [owner], [second]
    parents = [np.full(len(owner), -1)]
    first = 0
    for generation in range(_GENERATIONS):
        owner, second = owners[-1], seconds[-1]
        brought = block.draw(table, "brought", name, generation).poisson(branching, len(owner))
        row = np.repeat(np.arange(len(owner)), brought)
        wait = block.draw(table, "wait", name, generation).standard_exponential(len(row)) * (hours * _HOUR)
        then = later(second[row], np.maximum(np.rint(wait), 1).astype(np.int64))
        seen = then < until[owner[row]]
        parents.append(first + row[seen])
        first += len(owner)
        owners.append(owner[row[seen]])
        seconds.append(then[seen])
        if not len(row):
            break
    owner, second, parent = (np.concatenate(parts) for parts in (owners, seconds, parents))
    order = np.lexsort((second, owner))
    place = np.empty(len(order) + 1, np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    return owner[order], second[order], place[parent[order]]


def causes(table, ids, parent, person):
    """Write down which event brought which.

    Parameters
    ----------
    table : str
        One of SELF_EXCITED.
    ids : ndarray of int64
        Id of each event.
    parent : ndarray of int64
        Row of the event that brought it, or -1.
    person : ndarray of int64
        Number of the person with whom it began.

    Returns
    -------
    pandas.DataFrame
        One row per event: table, event_id, parent_id (empty for first events), person_id.
    """
    columns = {
        "table": words(np.full(len(ids), SELF_EXCITED.index(table)), SELF_EXCITED),
        "event_id": ids,
        "parent_id": whole(np.where(parent < 0, 0, ids[parent]) if len(ids) else ids, parent < 0),
        "person_id": person,
    }
    return pd.DataFrame(columns, copy=False)
