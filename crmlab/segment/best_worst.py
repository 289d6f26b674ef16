"""Stated needs: what people choose as best and worst of what they are shown."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.segment.asked import checked_table

__all__ = ["best_worst"]


def best_worst(tasks, *, best="best", worst="worst", by=None):
    """Count how often each benefit is chosen as best and as worst of those shown (best-worst scaling).

    Nobody can answer high on everything: response style has no place here. Score: times best less
    times worst, by times shown (J. Louviere, T. Flynn and A. Marley, *Best-Worst Scaling*, 2015).

    Parameters
    ----------
    tasks : pandas.DataFrame
        One row per task a person answered: the columns `best` and `worst`, the person's number if
        `by` names it, and in all other columns the benefits that were shown.
    best, worst : str
        Names of the columns that hold the choices.
    by : str, optional
        Name of a column: scores for each of its values, for instance each person, ready for
        :func:`solutions`.

    Returns
    -------
    pandas.DataFrame
        Indexed by benefit, the highest score first: shown, best, worst, score (−1 to 1),
        standard_error. With `by`, the scores alone, one row per value, one column per benefit.

    Raises
    ------
    CrmlabError
        When a column is missing, a choice was not among the benefits shown, best and worst are the
        same, or a column holds no benefits, such as a number of the sheet.

    Examples
    --------
    >>> tasks = pd.DataFrame({"a": ["price"] * 4, "b": ["speed"] * 4, "c": ["care"] * 4,
    ...                       "best": ["price", "price", "care", "price"],
    ...                       "worst": ["care", "speed", "speed", "speed"]})
    >>> best_worst(tasks)[["shown", "best", "worst", "score"]]
           shown  best  worst  score
    item
    price      4     3      0   0.75
    care       4     1      1   0.00
    speed      4     0      3  -0.75
    """
    checked_table("tasks", tasks, "task that a person answered")
    missing = [name for name in (best, worst, *([by] if by else [])) if name not in tasks.columns]
    if missing:
        raise CrmlabError(
            message(missing[0], "there is no such column.", it_has=few(tasks.columns, 12), next="name the right one.")
        )
    rows, tasks = list(tasks.index), tasks.astype("object").reset_index(drop=True)
    shown = tasks.drop(columns=[best, worst, *([by] if by else [])])
    _benefits_only(shown, set(tasks[best]) | set(tasks[worst]))
    for name in (best, worst):
        lost = ~shown.eq(tasks[name], axis=0).any(axis=1)
        if lost.any():
            row = lost.idxmax()
            choice = tasks.loc[row, name]
            found = "nothing was chosen." if pd.isna(choice) else f"{choice!r} was not shown."
            told = {"it_has": few(shown.loc[row].dropna()), "next": "mend the row, or leave it out."}
            raise CrmlabError(message(name, f"row {rows[row]}: {found}", **told))
    same = tasks[best] == tasks[worst]
    if same.any():
        found = f"row {rows[same.idxmax()]}: best and worst are the same."
        raise CrmlabError(message(best, found, next="mend the row, or leave it out."))
    long = shown.assign(_best=tasks[best], _worst=tasks[worst], _by=tasks[by] if by else 0)
    long = long.melt(id_vars=["_best", "_worst", "_by"], value_name="item").dropna(subset="item")
    point = (long["item"] == long["_best"]).astype(int) - (long["item"] == long["_worst"]).astype(int)
    if by:
        scores = long.assign(point=point.astype("float64")).pivot_table(index="_by", columns="item", values="point")
        return scores.rename_axis(by).rename_axis(None, axis=1)
    grouped = point.groupby(long["item"])
    table = pd.DataFrame(
        {
            "shown": grouped.size(),
            "best": (point == 1).groupby(long["item"]).sum(),
            "worst": (point == -1).groupby(long["item"]).sum(),
            "score": grouped.mean(),
            "standard_error": grouped.std(ddof=0) / np.sqrt(grouped.size()),
        }
    )
    return table.sort_values("score", ascending=False, kind="stable")


def _benefits_only(shown, chosen):
    """A column of which nothing was ever chosen, and that holds numbers or ever new words, is no benefit."""
    for name in shown:
        values = shown[name].dropna()
        numbers = values.map(lambda one: not isinstance(one, str)).any()
        if not values.isin(chosen).any() and (numbers or values.nunique() > len(chosen)):
            raise CrmlabError(
                message(
                    str(name),
                    f"nobody ever chose anything of it, such as {few(values, 3)}.",
                    allowed="columns of the benefits that were shown",
                    next=f"drop the column, or write by={str(name)!r} to get scores for each of its values.",
                )
            )
