"""Outages: service that fails, town by town, and the customers who feel it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.simulate.columns import DAY, months_on, times, words
from crmlab.simulate.sales import rank_within

__all__ = ["Failures", "failures", "failures_truth", "leave_earlier", "month_of", "outages", "outages_table"]

_DAYS_PER_YEAR = 365.25
_HOUR = 3_600
_LEAST_SECONDS = 60


@dataclass(frozen=True)
class Failures:
    """Outages that customers of a block felt, in customer order and in order of time."""

    owner: np.ndarray  # customer within the block
    second: np.ndarray  # since 1970
    outage: np.ndarray  # number of the outage

    def until(self, left):
        """Those felt before each customer left, at a second since 1970."""
        return self.where(self.second < left[self.owner])

    def where(self, kept):
        """Some of them."""
        return Failures(self.owner[kept], self.second[kept], self.outage[kept])


def outages(plan):
    """Let the service of each town fail now and then, the same for every block.

    Parameters
    ----------
    plan : Plan
        Its spec's ``[outages]`` says how often a town is struck and how long.

    Returns
    -------
    pandas.DataFrame
        One row per outage, by town and then by time: town (place among the locale's
        towns), second, length (in seconds), outage_id. Those of the holdout too.
    """
    spec, towns = plan.spec["outages"], len(plan.vocabulary.towns)
    span = (plan.end_day - plan.first_day) * DAY
    counts = plan.dice("outages", "count").poisson(spec["per_year"] * span / DAY / _DAYS_PER_YEAR, towns)
    n = counts.sum()
    second = plan.first_day * DAY + plan.dice("outages", "second").integers(0, span, n)
    length = plan.dice("outages", "length").standard_exponential(n) * (spec["hours"] * _HOUR)
    town = np.repeat(np.arange(towns), counts)
    order = np.lexsort((second, town))
    frame = pd.DataFrame({"town": town, "second": second, "length": np.rint(length).astype(np.int64) + _LEAST_SECONDS})
    frame = frame.take(order).reset_index(drop=True)
    return frame.assign(outage_id=frame["second"].rank(method="first").astype("int64"))


def outages_table(block):
    """Write down the outages of the observed history, once in the whole base.

    Parameters
    ----------
    block : Block

    Returns
    -------
    pandas.DataFrame
        Without rows in every block but the first.
    """
    frame = outages(block.plan).sort_values("outage_id", ignore_index=True)
    seen = frame["second"] < (block.end_second if block.number == 0 else 0)
    frame = frame[seen].reset_index(drop=True)
    columns = {
        "outage_id": frame["outage_id"],
        "ts": times(frame["second"]),
        "duration_s": frame["length"],
        "city": words(frame["town"], block.vocabulary.towns),
    }
    return pd.DataFrame(columns, copy=False)


def failures(block, persons, joined):
    """Say which customers feel which outages of their town.

    Parameters
    ----------
    block : Block
    persons : pandas.DataFrame
        The clean values: where everybody lives.
    joined : Acquisition
        Who has not joined yet feels nothing.

    Returns
    -------
    Failures
        At any moment while the outage lasts.
    """
    frame = outages(block.plan)
    towns = pd.Index(block.vocabulary.towns)
    town = towns.get_indexer(persons["city"].cat.categories)[persons["city"].cat.codes]
    counts = np.bincount(frame["town"], minlength=len(towns))
    starts = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(block.size), counts[town])
    row = starts[town][owner] + rank_within(counts[town])
    feels = block.draw("outages", "felt").random(len(owner)) < block.spec["outages"]["reach"]
    share = block.draw("outages", "when").integers(0, 1 << 20, len(owner))
    second = frame["second"].to_numpy()[row] + (share * frame["length"].to_numpy()[row] >> 20)
    feels &= (second >= joined.second[owner]) & (second < block.plan.end_day * DAY)
    felt = Failures(owner[feels], second[feels], frame["outage_id"].to_numpy()[row[feels]])
    return felt.where(np.lexsort((felt.second, felt.owner)))


def failures_truth(block, felt):
    """Write down who felt which outage.

    Parameters
    ----------
    block : Block
    felt : Failures

    Returns
    -------
    pandas.DataFrame
    """
    columns = {"person_id": block.person[felt.owner] + 1, "outage_id": felt.outage, "ts": times(felt.second)}
    return pd.DataFrame(columns, copy=False)


def month_of(start, day):
    """Say in which month of a contract a day falls: 0 for the first.

    Parameters
    ----------
    start, day : ndarray of int64
        Days since 1970.

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> days = np.array(["2025-02-27", "2025-02-28", "2025-03-30", "2025-03-31"], "M8[D]").astype(int)
    >>> month_of(np.full(4, days[0] - 27), days).tolist()
    [0, 1, 1, 2]
    """
    months = day.astype("M8[D]").astype("M8[M]") - start.astype("M8[D]").astype("M8[M]")
    months = months.astype(np.int64)
    return months - (months_on(start, months) > day)


def leave_earlier(months, felt_as, owner, month):
    """Let each failure bring forward the end of a contract, as if so many months had passed.

    Parameters
    ----------
    months : ndarray of int64
        After how many months each customer would leave.
    felt_as : int
        Months that one failure counts for.
    owner, month : ndarray of int64
        Customer of each failure, rising, and month of the contract it falls in, from 0.

    Returns
    -------
    lasted : ndarray of int64
        After how many months each customer leaves.
    is_cause : ndarray of bool
        Whether a failure of the last month is why.

    Examples
    --------
    >>> lasted, is_cause = leave_earlier(np.array([10, 10, 3]), 4, np.array([0, 0, 1, 2]), np.array([1, 2, 8, 5]))
    >>> lasted.tolist(), is_cause.tolist()
    ([3, 9, 3], [True, True, False])
    """
    nth = rank_within(np.bincount(owner, minlength=len(months))) + 1
    lasted = months.copy()
    np.minimum.at(lasted, owner, np.maximum(month + 1, months[owner] - felt_as * nth))
    before = np.bincount(owner[month < lasted[owner] - 1], minlength=len(months))
    return lasted, lasted + felt_as * before < months
