"""One value per customer in whole cents: how every analysis takes money in."""

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, few, message

__all__ = ["cents_of"]


def cents_of(values, *, where="value_cents", least=0, some=False):
    """Take one amount per customer as whole cents, or say what is wrong with it.

    Parameters
    ----------
    values : array-like of shape (n_customers,)
        Amounts in cents. Whole numbers held as float are taken.
    where : str, default="value_cents"
        What the values are called in a message.
    least : int or None, default=0
        Smallest amount allowed; None allows losses.
    some : bool, default=False
        Refuse values that are all 0: there is nothing to share out.

    Returns
    -------
    pandas.Series of shape (n_customers,), dtype int64
        The caller's index is kept.

    Raises
    ------
    CrmlabError
        When there are no values or several per customer, or some are missing, not whole, too
        small or too large, or all are 0.

    Examples
    --------
    >>> cents_of([900, 500.0]).tolist()
    [900, 500]
    >>> cents_of([900, -5])
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: value_cents: 1 value breaks the rule "a whole number of cents, 0 or more".
      rows    : 1
      values  : -5
      next    : value a loss-making customer at 0 (values.clip(lower=0)), or say why it is negative.
    """
    rule = "a whole number of cents" + ("" if least is None else f", {least} or more")
    if getattr(values, "ndim", 1) > 1:
        found = f"found a table of {np.shape(values)[1]} columns."
        step = "pass one column, for instance value.rfm(transactions)['monetary_cents']."
        raise CrmlabError(message(where, found, allowed="one value per customer", next=step))
    values = values.copy(deep=False) if isinstance(values, pd.Series) else pd.Series(values)
    if len(values) == 0:
        raise CrmlabError(
            message(where, "there are no values.", allowed="one value per customer", next="check the selection before.")
        )
    if types.is_bool_dtype(values.dtype) or not types.is_any_real_numeric_dtype(values.dtype):
        raise CrmlabError(
            message(
                where,
                f"found values of type {values.dtype}.",
                allowed=rule,
                next="pass one amount per customer, for instance value.rfm(transactions)['monetary_cents'].",
            )
        )
    number = values.astype("float64")
    whole = number.notna() & (number.round() == number) & (number.abs() < 2**63)
    bad = ~whole if least is None else ~whole | (number < least)
    if bad.any():
        raise CrmlabError(_fault(where, rule, values[bad], number[bad], least))
    if number.abs().sum() >= 2**63:
        found = f"all amounts together are {number.abs().sum():.1e} cents, more than can be summed exactly."
        raise CrmlabError(message(where, found, next="see that they are amounts in cents, and not customer numbers."))
    values = values.astype("int64")
    if some and not values.any():
        raise CrmlabError(
            message(
                where,
                "every value is 0.",
                allowed="at least one customer above 0",
                next="check the period and the column the values come from.",
            )
        )
    return values


def _fault(where, rule, values, number, least):
    if number.isna().any():
        step = "fill the gaps or leave these customers out; a missing value is not 0."
    elif least is not None and (number < least).any():
        step = "value a loss-making customer at 0 (values.clip(lower=0)), or say why it is negative."
    else:
        step = "round to whole cents first: values.round().astype('int64')."
    n = len(values)
    found = f'{n:,} value{"s break" if n > 1 else " breaks"} the rule "{rule}".'
    return message(where, found, rows=few(values.index), values=few(np.asarray(values).tolist()), next=step)
