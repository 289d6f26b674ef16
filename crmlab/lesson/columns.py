"""Hold a column or table against the expected one: labels first, then values."""

from collections import Counter
from collections.abc import Mapping, Set

import numpy as np
import pandas as pd
from pandas.api import types

from crmlab.errors import did_you_mean, few
from crmlab.lesson.numbers import reach_of, usual_miss
from crmlab.lesson.reading import Differs, a_what, counted, is_many, key_of, moment_of, number_of, text_of

__all__ = ["compare_column", "compare_table"]

_SMALL = 20  # of so few values the first wrong one is not shown beside the right one


def compare_table(answer, expected, within, asides):
    """Hold a table against the expected one, column by column; further columns do not matter."""
    if not isinstance(answer, pd.DataFrame):
        raise Differs(
            f"a table with the columns {', '.join(map(str, expected.columns))} is asked. This is {a_what(answer)}."
        )
    missing = [name for name in expected.columns if name not in answer.columns]
    if missing:
        near = did_you_mean(missing[0], map(str, answer.columns))
        raise Differs(f"the column {few(missing)} is missing.{near}")
    extra = [name for name in answer.columns if name not in (*expected.columns, expected.index.name)]
    labelled = _by_its_labels(answer, expected)
    for name in expected.columns:
        try:
            compare_column(labelled[name], expected[name], within, asides)
        except Differs as differs:
            raise Differs(f"column {name}: {differs}") from None
    if any(name in labelled.columns for name in extra):
        asides.append(f"I left your column {few(extra)} aside.")


def compare_column(answer, expected, within, asides):
    """Hold a column against the expected one; raises `Differs` when they are not the same."""
    got = _column_in(answer, expected, asides)
    if got is None:
        raise Differs(f"a column of {len(expected):,} values is asked. This is {a_what(answer)}.")
    got, want = _in_step(got, expected)
    agree, got, want = _agreeing(got, want, within)
    if not agree.all():
        raise Differs(_what_differs(agree, got, want, within))


def _column_in(answer, expected, asides):
    """Find the column meant in what was given; None when there is none."""
    if isinstance(answer, Set):
        raise Differs("a set has no order. Give a column or a list.")
    if isinstance(answer, Mapping):
        return pd.Series(dict(answer))
    if isinstance(answer, pd.DataFrame):
        table = _by_its_labels(answer, expected)
        if table.shape[1] == 1:
            return table.iloc[:, 0]
        if expected.name in table.columns:
            asides.append(f"I took your column {expected.name}.")
            return table[expected.name]
        names = few(table.columns)
        raise Differs(
            f'your table has the columns {names}. Pick one: `table["{table.columns[0]}"]`.'
            if names
            else "your table has no column."
        )
    if isinstance(answer, pd.Series):
        return answer
    if not is_many(answer):
        return None
    if len(answer) != len(expected):
        raise Differs(f"{len(expected):,} values are asked, yours are {len(answer):,}.")
    if isinstance(answer, np.ndarray):
        answer = answer.reshape(len(answer), -1)
        if answer.shape[1] != 1:
            raise Differs(f"one column is asked, yours has {answer.shape[1]:,}.")
        answer = answer[:, 0]
    return pd.Series(list(answer))


def _by_its_labels(table, expected):
    """Take the column that holds the expected labels as the table's labels."""
    want = set(map(key_of, expected.index))
    if len(table) != len(expected) or set(map(key_of, table.index)) == want:
        return table
    for name in table.columns:
        if name in (expected.index.name, "record_id", "customer_id") and set(map(key_of, table[name])) == want:
            return table.set_index(name)
    return table


def _in_step(got, expected):
    """Put both columns into the same order: by their labels where these mean something."""
    if len(got) > 10 * len(expected) + 100:
        raise Differs(f"{len(expected):,} values are asked, yours are {len(got):,}.")
    have, want = [key_of(label) for label in got.index], [key_of(label) for label in expected.index]
    all_had, all_wanted = set(have), set(want)
    if all_had != all_wanted and (_only_numbers_rows(got.index) or _only_numbers_rows(expected.index)):
        if len(got) != len(expected):
            raise Differs(f"{len(expected):,} values are asked, yours are {len(got):,}.")
        return got.reset_index(drop=True), expected
    if len(all_had) < len(have):
        twice = next(label for label, times in Counter(have).items() if times > 1)
        raise Differs(f"the label {twice} stands {have.count(twice):,} times; each is asked once.")
    missing, extra = [k for k in want if k not in all_had], [k for k in have if k not in all_wanted]
    if missing or extra:
        parts = [f"{counted(len(missing), 'label')} missing, the first is {missing[0]}"] if missing else []
        parts += [f"{len(extra):,} do not belong: {few(extra)}"] if extra else []
        raise Differs(f"{'; '.join(parts)}.")
    place = {label: row for row, label in enumerate(have)}
    return got.iloc[[place[label] for label in want]].reset_index(drop=True), expected


def _only_numbers_rows(index):
    return isinstance(index, pd.RangeIndex) and index.name is None and index.start == 0 and index.step == 1


def _agreeing(got, expected, within):
    """Say value by value whether they agree, with both columns in comparable form."""
    want = expected.reset_index(drop=True)
    labels = expected.index
    if types.is_bool_dtype(want.dtype):
        got, want = _mapped(got, _flag_of), want.astype("object")
    elif types.is_numeric_dtype(want.dtype):
        got, whole = _numbers(got), types.is_integer_dtype(want.dtype)
        reach = reach_of(want.dropna().astype("int64" if whole else "float64"), within)
        want = want.astype("Float64").astype("float64")
        near = np.zeros(len(want), dtype="bool")
        filled = want.notna().to_numpy()
        near[filled] = np.abs(got[filled] - want[filled]).to_numpy() <= reach
        agree = near | (got.isna() & want.isna()).to_numpy()
        return agree, pd.Series(got.to_numpy(), index=labels), pd.Series(want.to_numpy(), index=labels)
    elif types.is_datetime64_any_dtype(want.dtype):
        got, want = _mapped(got, moment_of), _mapped(want, moment_of)
    else:
        got, want = _mapped(got, text_of), _mapped(want, text_of)
    agree = np.array([a is b or a == b for a, b in zip(got, want, strict=True)])
    return (
        agree,
        pd.Series(list(got), index=labels, dtype="object"),
        pd.Series(list(want), index=labels, dtype="object"),
    )


def _numbers(got):
    if types.is_numeric_dtype(got.dtype) and not types.is_bool_dtype(got.dtype) and got.dtype.kind != "c":
        return got.astype("Float64").astype("float64")
    return pd.Series(_mapped(got, lambda value: number_of(value, [])), dtype="float64")


def _mapped(values, read):
    return [None if pd.api.types.is_scalar(value) and pd.isna(value) else read(value) for value in values]


def _flag_of(value):
    if not isinstance(value, bool | np.bool_):
        raise Differs(f"True or False is asked for each. The first is {a_what(value)}.")
    return bool(value)


def _what_differs(agree, got, want, within):
    gaps = got.isna() & want.notna()
    if gaps.any():
        return f"{counted(int(gaps.sum()), 'value')} missing (NaN); the first at {gaps.idxmax()}."
    if got.dtype == "float64":
        both = got.notna() & want.notna()
        miss = usual_miss(got[both].to_numpy(), want[both].to_numpy(), reach_of(want[both].to_numpy(), within))
        if miss:
            return f"your numbers are {miss}"
    if len(got) > 1 and sorted(map(str, got)) == sorted(map(str, want)):
        return "the values are right, but they stand in another order or beside other labels."
    first = int(np.argmin(agree))
    shown = f"yours {_shown(got.iloc[first])}"
    if len(want) > _SMALL:
        shown += f", expected {_shown(want.iloc[first])}"
    return f"{int(agree.sum()):,} of {len(agree):,} agree. The first that differs is {got.index[first]}: {shown}."


def _shown(value):
    if isinstance(value, float):
        return f"{value:,.10g}"
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
