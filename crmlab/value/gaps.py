"""Where service falls short of what customers expect: SERVQUAL gaps, weighted and not."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.value.to_customer import answers_of, mean_of

__all__ = ["servqual"]


def servqual(perceived, expected, *, importance=None, weight=None, scale=(1, 7), level=0.95):
    """See for each item how far the service felt lies above or below the service expected.

    The gap is perception − expectation, answer by answer: below 0 the customer got less
    than expected. An answer counts for an item only where both halves were given.

    Parameters
    ----------
    perceived : pandas.DataFrame of shape (n_answers, n_items), or Series
        Service as it was felt, in points. A Series is held against each column of `expected`.
    expected : pandas.DataFrame of shape (n_answers, n_items), or Series
        Service expected, with the same rows and items. For rated touch points:
        ``servqual(moments["perceived"], moments[["expected_desired", "expected_adequate"]], scale=(1, 9))``.
    importance : dict or pandas.Series of item to number, optional
        How much each item matters, 0 or more; is brought to a sum of 1. Without it all items
        matter alike.
    weight : array-like of shape (n_answers,), optional
        How many customers each answer speaks for, 0 or more; a Series is matched by its labels.
    scale : tuple of int, default=(1, 7)
        Ends of the answers' scale.
    level : float, default=0.95
        Of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame of shape (n_items, 10)
        Indexed by item: expected_points, perceived_points, gap_points, standard_error_points,
        low_points, high_points (Student's t), n_answers, n_missing, importance (sum 1) and
        weighted_gap_points = importance × gap. The overall score is ``gap_points.mean()``
        unweighted and ``weighted_gap_points.sum()`` weighted. Where all gaps of an item are alike
        the standard error is 0, which proves nothing of those not asked: the interval is then that
        of :func:`ces`, as far as it must reach if some of them felt the widest gap there is.

    Raises
    ------
    CrmlabError
        When rows or items differ, an answer is outside the scale, the scale is none, an item has
        fewer than two answers, or rows in two orders come with weights that have no labels.

    References
    ----------
    A. Parasuraman, V. A. Zeithaml and L. L. Berry, SERVQUAL: a multiple-item scale for measuring
    consumer perceptions of service quality, *Journal of Retailing* 64, 1988.

    Examples
    --------
    >>> felt = pd.DataFrame({"reliable": [5, 6, 4], "friendly": [7, 6, 7]})
    >>> wished = pd.DataFrame({"reliable": [7, 7, 6], "friendly": [6, 5, 6]})
    >>> gaps = servqual(felt, wished, importance={"reliable": 70, "friendly": 30})
    >>> gaps[["gap_points", "importance", "weighted_gap_points"]].round(2)
              gap_points  importance  weighted_gap_points
    item
    reliable       -1.67         0.7                -1.17
    friendly        1.00         0.3                 0.30
    >>> print(f"{gaps['gap_points'].mean():.2f} and {gaps['weighted_gap_points'].sum():.2f}")
    -0.33 and -0.87
    """
    _checked(scale, weight, perceived, expected)
    perceived, expected = _aligned(perceived, expected)
    matters = _importance(importance, list(expected.columns))
    faults, rows, widest = [], {}, (scale[0] - scale[1], scale[1] - scale[0])
    for item in expected.columns:
        both = perceived[item].notna() & expected[item].notna()
        try:
            felt, share, n, missing = answers_of(
                perceived[item].where(both), f"perceived[{item!r}]", *scale, weight, level
            )
            wished, *_ = answers_of(expected[item].where(both), f"expected[{item!r}]", *scale, weight, level)
            mean, error, low, high = mean_of(felt - wished, share, n, level, f"gap of {item!r}", widest)
        except CrmlabError as fault:
            faults += [one for one in fault.messages if one not in faults]
            continue
        rows[item] = {
            "expected_points": float(share @ wished),
            "perceived_points": float(share @ felt),
            "gap_points": mean,
            "standard_error_points": error,
            "low_points": low,
            "high_points": high,
            "n_answers": len(felt),
            "n_missing": missing,
        }
    if faults:
        raise CrmlabError(*faults)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")
    table["importance"] = matters
    table["weighted_gap_points"] = table["importance"] * table["gap_points"]
    return table


def _checked(scale, weight, perceived, expected):
    """Refuse a scale that has no two ends, and weights of which nobody knows whose they are."""
    try:
        least, most = scale
        good = np.isfinite([least, most]).all() and least < most
    except (TypeError, ValueError):
        good = False
    if not good:
        step = "write (1, 7) for answers from 1 to 7."
        raise CrmlabError(message("scale", f"found {scale!r}.", allowed="two numbers that rise", next=step))
    tables = all(isinstance(table, pd.DataFrame | pd.Series) for table in (perceived, expected))
    if weight is None or isinstance(weight, pd.Series) or not tables or perceived.index.equals(expected.index):
        return
    found = "perceived and expected stand in two orders, and the weights have no labels."
    raise CrmlabError(message("weight", found, next="pass a Series with the same labels, or sort all three alike."))


def _aligned(perceived, expected):
    """Give two tables with the same rows and items, or say where they differ."""
    step = "pass two tables with the same rows and the same column names."
    for name, table in (("perceived", perceived), ("expected", expected)):
        if not isinstance(table, pd.DataFrame | pd.Series) or len(table) == 0:
            found = f"found {'no rows' if isinstance(table, pd.DataFrame | pd.Series) else type(table).__name__}."
            raise CrmlabError(message(name, found, allowed="a pandas DataFrame or Series with answers", next=step))
    if isinstance(expected, pd.Series):
        expected = expected.to_frame("gap" if expected.name is None else expected.name)
    if isinstance(perceived, pd.Series):
        perceived = pd.DataFrame(dict.fromkeys(expected.columns, perceived))
    faults = []
    is_unique = perceived.columns.is_unique and expected.columns.is_unique
    if not is_unique or set(perceived.columns) != set(expected.columns):
        odd = few(sorted(map(str, set(perceived.columns) ^ set(expected.columns)))) or "some stand twice"
        faults.append(message("perceived and expected", f"their items differ: {odd}.", next=step))
    elif not len(expected.columns):
        faults.append(message("perceived and expected", "there are no items.", next=step))
    if len(perceived) != len(expected) or set(perceived.index) != set(expected.index):
        found = f"their rows differ: {len(perceived):,} and {len(expected):,} rows, or other labels."
        faults.append(message("perceived and expected", found, next=step))
    elif not perceived.index.equals(expected.index):
        if perceived.index.is_unique:
            perceived = perceived.reindex(expected.index)
        else:
            found = "their rows stand in another order, and row labels stand twice."
            faults.append(message("perceived and expected", found, next="sort both the same way."))
    if faults:
        raise CrmlabError(*faults)
    return perceived, expected


def _importance(importance, items):
    if importance is None:
        return pd.Series(1 / len(items), index=items)
    given = importance if isinstance(importance, pd.Series) else pd.Series(importance, dtype="object")
    try:
        given = given.astype("float64")
        same = given.index.is_unique and set(given.index) == set(items)
        good = same and (given >= 0).all() and 0 < given.sum() < np.inf
    except (TypeError, ValueError):
        good = False
    if not good:
        found = f"found {few(f'{item}: {number}' for item, number in given.items()) or 'nothing'}."
        allowed = f"a number, 0 or more, for each of {few(items, 12)}"
        step = "give each item its points, for instance 100 points shared out."
        raise CrmlabError(message("importance", found, allowed=allowed, next=step))
    return given.reindex(items) / given.sum()
