"""Properties and traits as rules read them: whole numbers, text, or yes and no; anything else is refused."""

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.dynamic.ids import plain_ids

__all__ = ["Property", "by_customer", "kind_of_value", "readers"]

_KINDS = {"number": "whole numbers", "text": "text", "flag": "yes and no"}
_EMPTY = {"number": "Int64", "text": "str", "flag": "boolean"}
_MOST = 2**53  # a float holds no more whole numbers than these
_AT_ONCE = 1 << 20
_MOST_WHOLE = 2**62  # beyond, differences between two of them do not fit any more


def kind_of_value(value):
    """Tell what a condition compares with: "number", "text" or "flag" (a list: what is in it); None for anything."""
    value = value[0] if isinstance(value, tuple) else value
    if value is None:
        return None
    return "flag" if isinstance(value, bool) else "number" if isinstance(value, int) else "text"


class Property:
    """One column, read a few rows at a time.

    Parameters
    ----------
    column : pandas.Series
    where : str
        What it is called in a message.
    kinds : set of {"number", "text", "flag"}
        What the rule takes it for.

    Raises
    ------
    CrmlabError
        When it holds something else, or a number that is not whole, in whatever row.

    Examples
    --------
    >>> values, present = Property(pd.Series([5.0, None]), "log.items", {"number"}).read(np.array([0, 1]))
    >>> values.tolist(), present.tolist()
    ([5, 0], [True, False])
    """

    def __init__(self, column, where, kinds=frozenset()):
        self._where, self._column = where, column
        dtype = column.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            self._names = dtype.categories
            inside = Property(pd.Series(self._names), where, kinds)
            self.kind = inside.kind
            # Each category is read once, whatever the number of rows.
            self._names, _ = inside.read(np.arange(len(self._names)))
            return
        self._names = None
        self.kind = _kind_of_column(column)
        wrong = sorted(kinds - {self.kind})
        if (self.kind is None or wrong) and column.notna().any():
            told = _KINDS.get(self.kind, f"values of kind {dtype}")
            wanted = _KINDS[wrong[0]] if wrong else "whole numbers, text, or yes and no"
            raise CrmlabError(
                message(
                    where,
                    f"it holds {told}, but the rule takes it for {wanted}.",
                    next="turn the column into that, or compare it with what it holds.",
                )
            )
        if wrong:  # nothing in it at all
            self.kind = wrong[0]
            self._column = column = pd.Series(pd.NA, index=column.index, dtype=_EMPTY[self.kind])
            dtype = column.dtype
        # All of the column, for engines read different rows of it, and are to refuse the same.
        if not types.is_integer_dtype(dtype):
            if self.kind == "number":
                for start in range(0, len(column), _AT_ONCE):
                    self.read(np.arange(start, min(start + _AT_ONCE, len(column))))
        elif dtype.itemsize == 8:
            self._check_size()

    def _check_size(self):
        ends = self._column.min(), self._column.max()
        far = [int(end) for end in ends if not pd.isna(end) and not -_MOST_WHOLE < int(end) < _MOST_WHOLE]
        if far:
            allowed, step = "whole numbers of up to 18 digits", "correct what is far too large."
            raise CrmlabError(message(self._where, f"found {far[0]}.", allowed=allowed, next=step))

    def read(self, rows):
        """Read some rows.

        Parameters
        ----------
        rows : ndarray of int

        Returns
        -------
        values : ndarray
            int64 for numbers, bool for yes and no, text otherwise; anything where it is missing.
        present : ndarray of bool, or None
            None: everywhere.

        Raises
        ------
        CrmlabError
            When a number is not whole.
        """
        if isinstance(self._column.dtype, pd.CategoricalDtype):
            codes = self._column.cat.codes.to_numpy().take(rows)
            present = codes >= 0
            return self._names.take(codes) if len(self._names) else codes, None if present.all() else present
        part = self._column.array.take(rows)
        missing = pd.isna(part)
        present = ~missing if missing.any() else None
        if self.kind == "number":
            return self._whole(part, missing, present), present
        if self.kind == "flag":
            return pd.array(part, dtype="boolean").to_numpy(dtype=bool, na_value=False), present
        return np.asarray(pd.array(part, dtype="str").to_numpy(na_value=""), dtype="object"), present

    def met(self, condition, rows):
        """Tell at which rows a condition is met; what is missing never meets it.

        Parameters
        ----------
        condition : Condition
        rows : ndarray of int

        Returns
        -------
        ndarray of bool

        Raises
        ------
        CrmlabError
            When a number is not whole.
        """
        if isinstance(self._column.dtype, pd.CategoricalDtype):
            # Each word is looked at once; the last place answers for what is missing (−1).
            by_name = np.append(_compared(condition, self._names), False)
            return by_name[self._column.cat.codes.to_numpy().take(rows)]
        values, present = self.read(rows)
        found = _compared(condition, values)
        return found if present is None else found & present

    def codes(self, rows):
        """Number the values so that equal values have equal numbers; −1 where missing."""
        if isinstance(self._column.dtype, pd.CategoricalDtype):
            return self._column.cat.codes.to_numpy().take(rows).astype("int64")
        values, present = self.read(rows)
        codes, _ = pd.factorize(values)
        return codes if present is None else np.where(present, codes, -1)

    def _whole(self, part, missing, present):
        if types.is_integer_dtype(part.dtype):
            if present is None:
                return np.asarray(part, dtype="int64")
            return part.to_numpy(dtype="int64", na_value=0)
        numbers = pd.array(part, dtype="Float64").to_numpy(dtype="float64", na_value=0.0)
        numbers = np.where(missing, 0.0, numbers)
        far = ~(np.abs(numbers) < _MOST)
        odd = far | (numbers != np.floor(numbers))
        if far.any() and np.isfinite(numbers[far][0]):
            found = f"found {numbers[far][0]:.0f}, which is too large for a column with decimals or gaps."
            allowed, step = "up to 15 digits there", 'correct it, or turn the column into .astype("Int64").'
            raise CrmlabError(message(self._where, found, allowed=allowed, next=step))
        if odd.any():
            raise CrmlabError(
                message(
                    self._where,
                    f"found {numbers[odd][0]}, which is not a whole number.",
                    allowed="whole numbers: sums of others differ from engine to engine",
                    next="count in the smaller unit, such as cents, and round once.",
                )
            )
        return numbers.astype("int64")


def _kind_of_column(column):
    dtype = column.dtype
    if isinstance(dtype, pd.SparseDtype):  # DuckDB does not read them
        return None
    if types.is_bool_dtype(dtype):
        return "flag"
    if types.is_integer_dtype(dtype) or types.is_float_dtype(dtype):
        return "number"
    if types.is_object_dtype(dtype):
        inferred = types.infer_dtype(column, skipna=True)
        return {"string": "text", "integer": "number", "boolean": "flag", "floating": "number"}.get(inferred)
    return "text" if types.is_string_dtype(dtype) else None


def _compared(condition, values):
    op, value = condition.op, condition.value
    if op == "present":
        return np.ones(len(values), dtype=bool)
    if op == "in" or isinstance(value, str):
        found = pd.Series(values).isin(list(value) if op == "in" else [value]).to_numpy()
        return ~found if op == "!=" else found
    compared = {"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal}
    compared |= {">": np.greater, ">=": np.greater_equal}
    return np.asarray(compared[op](values, value), dtype=bool)


def readers(kinds, frame, where):
    """Make a reader for each column a rule reads.

    Parameters
    ----------
    kinds : dict of str to set of {"number", "text", "flag"}
        What the rule takes each column for.
    frame : pandas.DataFrame
    where : str
        What the frame is called in a message.

    Returns
    -------
    dict of str to Property

    Raises
    ------
    CrmlabError
        When a column is missing or holds something else.

    Examples
    --------
    >>> readers({"city": {"text"}}, pd.DataFrame({"city": ["Split"]}), "traits")["city"].kind
    'text'
    """
    made, faults = {}, []
    for name, kind in kinds.items():
        if name in frame:
            try:
                made[name] = Property(frame[name], f"{where}.{name}", kind)
            except CrmlabError as fault:
                faults.extend(fault.messages)
        else:
            near, has = did_you_mean(name, map(str, frame.columns)), few(frame.columns, most=12)
            faults.append(message(where, f"no column {name!r}.{near}", it_has=has, next="add or rename it."))
    if faults:
        raise CrmlabError(*faults)
    return made


def by_customer(traits):
    """Bring traits into an index of customers.

    Parameters
    ----------
    traits : pandas.DataFrame
        With customer_id (or record_id) as a column or as the index.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    CrmlabError
        When it is no frame, its ids are neither whole numbers nor text, or a customer stands in it twice.

    Examples
    --------
    >>> by_customer(pd.DataFrame({"customer_id": [7], "city": ["Split"]})).index.tolist()
    [7]
    """
    if not isinstance(traits, pd.DataFrame):
        found = "the rule asks for traits." if traits is None else f"found a {type(traits).__name__}."
        step = "give traits=, a frame with customer_id and one column for each trait."
        raise CrmlabError(message("traits", found, next=step))
    id_name = next((name for name in ("customer_id", "record_id") if name in traits), None)
    frame = traits if id_name is None else traits.set_index(id_name)
    frame = frame.set_axis(plain_ids(frame.index, "traits").rename(frame.index.name), axis=0)
    double = frame.index[frame.index.duplicated()]
    if len(double):
        found = f"{len(double):,} customer{'s have' if len(double) > 1 else ' has'} more than one row."
        raise CrmlabError(message("traits", found, customers=few(double.unique()), next="keep one row of each."))
    return frame
