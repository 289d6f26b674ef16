"""What the models refuse, each with the words that say what the data lack."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.value.summary import UNITS

__all__ = [
    "ages_of",
    "check_some_repeat",
    "check_times",
    "check_unit",
    "force_of_interest",
    "kind_of",
    "numbers",
    "positive",
    "rate_faults",
]


def numbers(table, name, columns, *, least=0.0, whole=(), missing_ok=(), step="mend or leave out these customers."):
    """Read columns of numbers off a table, and gather every fault in one message.

    Parameters
    ----------
    table : pandas.DataFrame
        The table.
    name : str
        What it is called in a message.
    columns : list of str
        What is needed.
    least : float, default=0.0
        Smallest number allowed.
    whole : tuple of str
        Columns of whole numbers.
    missing_ok : tuple of str
        Columns that may have gaps.
    step : str
        What to do where a value breaks its rule.

    Returns
    -------
    dict of str to ndarray of shape (n_rows,), float64

    Raises
    ------
    CrmlabError
        Naming each column that is missing or breaks its rule, and the rows.

    Examples
    --------
    >>> numbers(pd.DataFrame({"frequency": [1, -1]}), "summary", ["frequency"])
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: summary.frequency: 1 value breaks the rule "a number, 0 or more".
      rows    : 1
      values  : -1
      next    : mend or leave out these customers.
    """
    faults, got = [], {}
    for column in columns:
        if column not in table.columns:
            make = "make the table with value.purchase_summary(transactions), or add the column."
            faults.append(message(name, f"no column '{column}'.", it_has=few(table.columns, 12), next=make))
            continue
        kind = "a whole number" if column in whole else "a number"
        rule = kind + ("" if least is None else f", {least:g} or more")
        try:
            values = _floats(table[column])
        except (TypeError, ValueError):
            found = f"found values of type {table[column].dtype}."
            faults.append(message(f"{name}.{column}", found, allowed=rule, next="pass numbers."))
            continue
        bad = ~np.isfinite(values) if column not in missing_ok else np.isinf(values)
        if least is not None:
            bad |= values < least
        if column in whole:
            bad |= (values != np.round(values)) & ~np.isnan(values)
        if bad.any():
            n = int(bad.sum())
            found = f'{n:,} value{"s break" if n > 1 else " breaks"} the rule "{rule}".'
            rows, values = few(table.index[bad]), few(table[column][bad].tolist())
            faults.append(message(f"{name}.{column}", found, rows=rows, values=values, next=step))
        got[column] = values
    if faults:
        raise CrmlabError(*faults)
    return got


def _floats(column):
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        return column.to_numpy("float64")
    return column.astype("float64").to_numpy("float64", na_value=np.nan)


def positive(weight, n):
    """Read weights: numbers above 0, one per row.

    Parameters
    ----------
    weight : array-like of shape (n,)
        The weights.
    n : int
        How many are needed.

    Returns
    -------
    ndarray of shape (n,), float64

    Raises
    ------
    CrmlabError
        When they are not.

    Examples
    --------
    >>> positive([1, 2], 2).tolist()
    [1.0, 2.0]
    """
    try:
        weight = np.asarray(weight, dtype="float64")
    except (TypeError, ValueError):
        weight = np.empty(0)
    if weight.shape != (n,) or not np.isfinite(weight).all() or (weight <= 0).any():
        found = (
            f"found {weight.shape[0] if weight.ndim == 1 else 'no list of'} weights for {n:,} rows, or one not above 0."
        )
        step = "give every row a weight."
        raise CrmlabError(message("sample_weight", found, allowed="one number above 0 per row", next=step))
    return weight


def check_some_repeat(x, age, column):
    """Refuse data from which nothing can be learned, and say what they lack.

    Parameters
    ----------
    x : ndarray of shape (n_customers,)
        Repeat purchases.
    age : ndarray of shape (n_customers,)
        How long each was watched.
    column : str
        What the age is called.

    Raises
    ------
    CrmlabError
        When there are too few customers, nobody bought again, everybody equally often, or nobody
        was watched.

    Examples
    --------
    >>> check_some_repeat(np.array([0.0, 0.0]), np.array([9.0, 9.0]), "age_weeks")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: summary.frequency: nobody bought a second time.
      next    : watch the customers longer, or collapse purchases by day and not by week or month.
    """
    where, found, step = "summary", "", ""
    if len(x) < 2:
        found, step = f"there {'is one customer' if len(x) else 'are no customers'}.", "load more customers."
    elif not age.any():
        where, found = f"summary.{column}", "every value is 0: nobody was watched for any time."
        step = "choose a later end, or a finer unit."
    elif not x.any():
        where, found = "summary.frequency", "nobody bought a second time."
        step = "watch the customers longer, or collapse purchases by day and not by week or month."
    elif (x == x[0]).all():
        times = f"{x[0]:,.0f} time{'s' if x[0] > 1 else ''}"
        where, found = (
            "summary.frequency",
            f"everybody bought again exactly {times}: nothing tells who buys more often.",
        )
        step = "take all customers, also those who bought once only, or watch them longer."
    if found:
        raise CrmlabError(message(where, found, next=step))


def ages_of(age, n, *, whole=False):
    """Read how long each of n customers to be made up is watched.

    Parameters
    ----------
    age : float or array-like of shape (n,)
        One for all, or one for each.
    n : int
        Number of customers.
    whole : bool, default=False
        Whether ages are whole periods.

    Returns
    -------
    ndarray of shape (n,), float64

    Raises
    ------
    CrmlabError
        When `n` is no whole number above 0, or the ages are not numbers or not so many.

    Examples
    --------
    >>> ages_of(5, 2).tolist()
    [5.0, 5.0]
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        allowed = "a whole number, 1 or more"
        raise CrmlabError(message("n", f"found {n!r}.", allowed=allowed, next="choose how many customers."))
    given = pd.DataFrame({"age": np.ravel(age)})
    ages = numbers(given, "sample", ["age"], whole=("age",) if whole else (), step="say how long each is watched.")[
        "age"
    ]
    if len(ages) not in (1, n):
        found = f"found {len(ages):,} ages for {n:,} customers."
        raise CrmlabError(message("age", found, next="give one for all, or one for each."))
    return np.broadcast_to(ages, n)


def check_times(summary, columns, recency, age):
    """Refuse customers whose times cannot be: bought after the end, or again without time passing.

    Parameters
    ----------
    summary : pandas.DataFrame
        The table, for the names of its rows.
    columns : dict of str to ndarray
        x, tx and T.
    recency, age : str
        What tx and T are called in the table.

    Raises
    ------
    CrmlabError
        Naming each rule that is broken, and the rows.

    Examples
    --------
    >>> one = {"x": np.array([1.0]), "tx": np.array([9.0]), "T": np.array([5.0])}
    >>> check_times(pd.DataFrame(index=["Ana"]), one, "recency_weeks", "age_weeks")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: summary.recency_weeks: 1 value breaks the rule "not after the time watched (age_weeks)".
      rows    : Ana
      next    : make the table with value.purchase_summary(transactions).
    """
    x, tx, end = columns["x"], columns["tx"], columns["T"]
    rules = (
        (recency, tx > end * (1 + 1e-12), f"not after the time watched ({age})"),
        (recency, (x == 0) & (tx > 0), "0 where frequency is 0"),
        (recency, (x > 0) & (tx == 0), "above 0 where frequency is above 0"),
    )
    faults = [
        message(
            f"summary.{column}",
            f'{int(bad.sum()):,} value{"s break" if bad.sum() > 1 else " breaks"} the rule "{rule}".',
            rows=few(summary.index[bad]),
            next="make the table with value.purchase_summary(transactions).",
        )
        for column, bad, rule in rules
        if bad.any()
    ]
    if faults:
        raise CrmlabError(*faults)


def check_unit(summary, age, unit):
    """Refuse times that are in another unit than they say: a log of 39 weeks has no customer of 272 weeks.

    Parameters
    ----------
    summary : pandas.DataFrame
        Its ``attrs`` may hold the start and the end of the log.
    age : ndarray of shape (n_customers,)
        How long each was watched.
    unit : str
        "D", "W", "M" or "Y".

    Raises
    ------
    CrmlabError
        When a customer was watched for longer than the log.

    Examples
    --------
    >>> summary = pd.DataFrame()
    >>> summary.attrs = {"start": "1997-01-01", "end": "1997-09-30"}
    >>> check_unit(summary, np.array([272.0]), "W")
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: summary.age_weeks: customers were watched for up to 272 weeks, but the log has 40.
      next    : name the columns after the unit they are in, or make the table anew.
    """
    start, end = (summary.attrs.get(name) for name in ("start", "end"))
    if not start or not end:
        return
    name, days = UNITS[unit]
    longest = (pd.Timestamp(end) - pd.Timestamp(start)).days / days + 1
    if age.max() > longest * 1.01:
        found = f"customers were watched for up to {age.max():,.0f} {name}, but the log has {longest:,.0f}."
        step = "name the columns after the unit they are in, or make the table anew."
        raise CrmlabError(message(f"summary.age_{name}", found, next=step))


def force_of_interest(rate, rate_period, unit, *, for_ever):
    """Turn a rate and its period into the continuous rate per unit of time.

    Parameters
    ----------
    rate : float
        Interest for one `rate_period`: 0.1 is 10 %.
    rate_period : {"D", "W", "M", "Y"}
        What the rate is for.
    unit : {"D", "W", "M", "Y"}
        Unit of time wanted.
    for_ever : bool
        Whether there is no horizon; then the rate must be above 0.

    Returns
    -------
    float
        ln(1 + rate) × unit / rate_period.

    Raises
    ------
    CrmlabError
        When the rate is negative or above 1, or 0 for ever, or the period is unknown.

    Examples
    --------
    >>> round(force_of_interest(0.15, "Y", "W", for_ever=True), 6)
    0.002679
    """
    faults = rate_faults(rate)
    if not faults and rate == 0 and for_ever:
        found = "0 for ever has no end: nothing makes later purchases count less."
        faults.append(message("rate", found, next="give a rate, or a horizon."))
    if not isinstance(rate_period, str) or rate_period not in UNITS:
        allowed = "'D', 'W', 'M' or 'Y'"
        faults.append(
            message("rate_period", f"found {rate_period!r}.", allowed=allowed, next="say what the rate is for.")
        )
    if faults:
        raise CrmlabError(*faults)
    return float(np.log1p(rate)) * UNITS[unit][1] / UNITS[rate_period][1]


def rate_faults(rate):
    """Say what is wrong with a rate of interest; above 1 it is taken for a percentage.

    Parameters
    ----------
    rate : float
        What was given.

    Returns
    -------
    list of str
        Messages; none where the rate lies from 0 to 1.

    Examples
    --------
    >>> rate_faults(0.1)
    []
    >>> print(rate_faults(10)[0])
    rate: found 10, which is 1000% in one period.
      allowed : 0 to 1
      next    : write 0.1 for 10 %.
    """
    is_number = isinstance(rate, int | float | np.number) and not isinstance(rate, bool)
    if is_number and 0 <= rate <= 1:
        return []
    what = f", which is {rate:.0%} in one period" if is_number and 1 < rate < np.inf else ""
    return [message("rate", f"found {rate!r}{what}.", allowed="0 to 1", next="write 0.1 for 10 %.")]


def kind_of(thing):
    """Name what was given in the place of a model.

    Parameters
    ----------
    thing : object
        What was given.

    Returns
    -------
    str
        Its kind, or None.

    Examples
    --------
    >>> kind_of([1]), kind_of(None)
    ('a list', 'None')
    """
    return "None" if thing is None else f"a {type(thing).__name__}"
