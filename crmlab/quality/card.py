"""The scorecard itself: its tables, who the faults come from, and which cells they are."""

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.quality.card_figures import by_figure, columns_figure
from crmlab.quality.card_tables import (
    again,
    cells_table,
    columns_table,
    dimensions_table,
    rules_table,
    shown_as_html,
    shown_as_text,
)
from crmlab.quality.cells import as_dates, cells_of
from crmlab.quality.groups import labels

__all__ = ["Scorecard"]

_GROUPS = {"channel": ("source", "channel"), "clerk": ("clerk_id",), "month": ("created_at", "ts")}
_NOBODY = {"channel": "unknown", "clerk": "nobody", "month": "unknown"}
_SURE = 3  # standard errors: about one clerk in 700 would stand out by chance alone


class Scorecard:
    """What is wrong with a table: how much, where, from whom and when.

    Made by :func:`crmlab.quality.scorecard`.

    Parameters
    ----------
    table : pandas.DataFrame
        The table that was scored.
    found : list of Found
        What each rule found.
    as_of : pandas.Timestamp or None
        The moment the table was looked at from.

    Attributes
    ----------
    dimensions : pandas.DataFrame
        By dimension: cells (checked), faults (cells that break a rule), score (share
        without fault, 0 to 1). For uniqueness, rows instead of cells.
    columns : pandas.DataFrame
        By column: rows, filled, says_nothing (filled but empty), then the score in each
        dimension; missing where no rule looks at it, or none is counted.
    rules : pandas.DataFrame
        One row per column and rule: dimension, column, rule, promise, cells, faults,
        share, counted (whether the scores count it).

    Examples
    --------
    >>> from crmlab.quality import scorecard
    >>> card = scorecard(pd.DataFrame({"city": ["Split", "xxx", "Zadar", "SPLIT"]}))
    >>> card
    4 rows, 1 column: of 100 cells checked 86 keep their rule.
    dimension     cells  faults  score
    completeness      4       1    75%
    validity          3       0   100%
    consistency       3       1    67%
    uniqueness        4       0   100%
    >>> card.faults()[["column", "rule", "value"]]
      column            rule  value
    1   city  says_something    xxx
    3   city        capitals  SPLIT
    """

    def __init__(self, table, found, as_of):
        self._table, self._found, self._grouped, self.as_of = table, found, {}, as_of
        self.rules = rules_table(found)
        cells = cells_table(found)
        self.dimensions = dimensions_table(cells, found, len(table))
        self.columns = columns_table(cells, self.rules, list(map(str, table.columns)))

    def by(self, group, *, column=None, rule=None, dimension=None):
        """See whose records, from which channel or of which month, hold the faults.

        Each group is held against what is usual: for a clerk the mean of the clerks of
        the same channel, otherwise the mean of all. A group stands out when it lies three standard
        errors above that; with a few records one bad day looks like a habit, and does not
        stand out. Timeliness is left out: a record does not age by who opened it.

        Parameters
        ----------
        group : {"channel", "clerk", "month"}
            Channel is ``source`` (or ``channel``), clerk is ``clerk_id``, month is that
            of ``created_at`` (or ``ts``).
        column, rule, dimension : str, optional
            Count only faults of this column, rule or dimension; without any, all faults
            the scores count.

        Returns
        -------
        pandas.DataFrame
            Indexed by group: records, faults, faults_per_100 (records), usual_per_100,
            low_per_100 and high_per_100 (three standard errors either way), stands_out.
            Months in order of time; others with what surely lies farthest above the usual
            first. Records without a clerk are no clerk's, and left out.

        Raises
        ------
        CrmlabError
            When the table has no such group, or nothing was checked by that name.

        Examples
        --------
        >>> from crmlab.quality import scorecard
        >>> people = pd.DataFrame({"clerk_id": [1] * 50 + [2] * 50, "city": ["Split"] * 50 + ["xxx", "Zadar"] * 25})
        >>> scorecard(people).by("clerk", column="city")[["records", "faults", "faults_per_100", "stands_out"]]
               records  faults  faults_per_100  stands_out
        clerk
        2           50      25            50.0        True
        1           50       0             0.0       False
        """
        codes, names = self._groups(group)
        faults = self._per_row(column, rule, dimension)
        usual = np.full(len(faults), faults.mean())
        spread = np.full(len(faults), faults.std())
        if group == "clerk" and self._has("channel"):
            within = pd.Series(faults).groupby(self._groups("channel")[0])
            usual, spread = within.transform("mean").to_numpy(), within.transform("std", ddof=0).to_numpy()
        each = pd.DataFrame({"faults": faults, "usual": usual, "variance": spread**2}).groupby(codes)
        sums, records = each.sum(), each.size()
        mean, error = sums["faults"] / records, np.sqrt(sums["variance"]) / records
        out = pd.DataFrame(
            {
                "records": records,
                "faults": sums["faults"].astype("int64"),
                "faults_per_100": 100 * mean,
                "usual_per_100": 100 * sums["usual"] / records,
                "low_per_100": 100 * (mean - _SURE * error).clip(lower=0),
                "high_per_100": 100 * (mean + _SURE * error),
            }
        )
        out["stands_out"] = 100 * (mean - _SURE * error) > out["usual_per_100"]
        surely = (100 * (mean - _SURE * error) - out["usual_per_100"]).to_numpy()
        out.index = pd.Index([names[code] for code in out.index], name=group)
        if group == "month":
            return out
        out = out.iloc[np.argsort(-surely, kind="stable")]
        if group == "clerk":
            out = out.drop(index=_NOBODY[group], errors="ignore")
            out.index = out.index.astype("int64") if is_numeric_dtype(self._table["clerk_id"].dtype) else out.index
        return out

    def habits(self, clerk):
        """See what one clerk does otherwise than the others of the same channel.

        Parameters
        ----------
        clerk : int or str
            As in ``clerk_id``.

        Returns
        -------
        pandas.DataFrame
            By column and rule, the farthest above the usual first: records, faults,
            faults_per_100, usual_per_100, stands_out.

        Raises
        ------
        CrmlabError
            When there is no such clerk.

        Examples
        --------
        >>> from crmlab.quality import scorecard
        >>> people = pd.DataFrame({"clerk_id": [1] * 50 + [2] * 50, "city": ["Split"] * 50 + ["xxx", "Zadar"] * 25})
        >>> scorecard(people).habits(2)[["faults", "faults_per_100", "usual_per_100", "stands_out"]].head(1)
                               faults  faults_per_100  usual_per_100  stands_out
        column rule
        city   says_something      25            50.0           25.0        True
        """
        self._known("clerk", clerk)
        found = {}
        for one in self._found:
            if one.is_counted and one.dimension != "timeliness" and one.failed.any():
                table = self.by("clerk", column=one.column, rule=one.rule)
                found[str(one.column), one.rule] = table[table.index.astype("str") == str(clerk)].iloc[0]
        out = pd.DataFrame(found).T.rename_axis(["column", "rule"]).infer_objects()
        if out.empty:
            return out
        out = out.iloc[np.argsort(out["usual_per_100"] - out["low_per_100"], kind="stable")]
        return out[["records", "faults", "faults_per_100", "usual_per_100", "stands_out"]]

    def faults(self, *, column=None, rule=None, dimension=None, clerk=None, channel=None):
        """List the cells that break a rule, to mend them.

        Parameters
        ----------
        column, rule, dimension : str, optional
            Only those of this column, rule or dimension; without any, all that the scores
            count.
        clerk, channel : int or str, optional
            Only those of this clerk or channel.

        Returns
        -------
        pandas.DataFrame
            One row per fault, labelled as in the table: dimension, column, rule, value,
            promise; and record_id where the table has it.

        Raises
        ------
        CrmlabError
            When nothing was checked by that name, or there is no such clerk or channel.

        Examples
        --------
        >>> from crmlab.quality import scorecard
        >>> scorecard(pd.DataFrame({"phone": ["091 123 4567", "12"]})).faults(rule="phone_form")["value"].to_dict()
        {1: '12'}
        """
        keep = np.ones(len(self._table), dtype=bool)
        for group, name in (("clerk", clerk), ("channel", channel)):
            if name is not None:
                keep &= self._known(group, name)
        parts = [self._listed(one, np.flatnonzero(one.failed & keep)) for one in self._chosen(column, rule, dimension)]
        parts = [part for part in parts if len(part)] or [self._listed(self._found[0], np.zeros(0, dtype=np.int64))]
        return pd.concat(parts).drop(columns=[] if "record_id" in self._table else "record_id")

    def figure(self, group=None, *, column=None, rule=None, dimension=None):
        """Draw the scores by column, or the faults by channel, clerk or month.

        Parameters
        ----------
        group : {"channel", "clerk", "month"}, optional
            As in :meth:`by`; without it, the scores of each column.
        column, rule, dimension : str, optional
            As in :meth:`by`, together with a group.

        Returns
        -------
        Chart
            Its title says the finding; it shows itself in a notebook.

        Raises
        ------
        CrmlabError
            As :meth:`by`.

        Examples
        --------
        >>> from crmlab.quality import scorecard
        >>> scorecard(pd.DataFrame({"city": ["Split", "xxx", "Zadar", "Pula"]})).figure()
        <Chart: city is the weakest column: 25% of its cells are empty or say nothing.>
        """
        if group is None:
            return columns_figure(self.columns)
        what = " ".join(str(name) for name in (column, rule, dimension) if name is not None)
        return by_figure(self.by(group, column=column, rule=rule, dimension=dimension), group, what)

    def __repr__(self):
        return shown_as_text(self, self._table.shape)

    def _repr_html_(self):
        return shown_as_html(self, self._table.shape)

    def _per_row(self, column, rule, dimension):
        """Faults of each row; that it is there a second time is one, however many columns show it."""
        chosen = self._chosen(column, rule, dimension)
        if column is rule is dimension is None:
            chosen = [one for one in chosen if one.dimension != "timeliness"]
        return sum((one.failed for one in chosen if one.dimension != "uniqueness"), again(chosen, len(self._table)))

    def _chosen(self, column, rule, dimension):
        """Rules by name; without a name those that the scores count."""
        asked = {"column": column, "rule": rule, "dimension": dimension}
        for name, value in asked.items():
            has = sorted(set(self.rules[name]))
            if value is not None and value not in has:
                found = f"nothing was checked by the name {value!r}.{did_you_mean(value, has)}"
                raise CrmlabError(message(name, found, it_has=few(has, 20), next="choose one of these."))
        wanted = {name: value for name, value in asked.items() if value is not None}
        chosen = [one for one in self._found if all(str(getattr(one, name)) == value for name, value in wanted.items())]
        if not chosen:
            found = "no rule has " + " and ".join(f"{name} {value!r}" for name, value in wanted.items()) + "."
            raise CrmlabError(message("card", found, next="card.rules lists which rule looks at which column."))
        return chosen if rule is not None else [one for one in chosen if one.is_counted] or chosen

    def _listed(self, one, rows):
        values = (
            self._table[one.column].iloc[rows] if one.column in self._table else pd.Series("", self._table.index[rows])
        )
        record = self._table["record_id"].iloc[rows] if "record_id" in self._table else None
        if is_datetime64_any_dtype(values.dtype):
            values = labels(values)
        cells = {"dimension": one.dimension, "column": str(one.column), "rule": one.rule, "value": values.astype("str")}
        return pd.DataFrame({"record_id": record, **cells, "promise": one.promise}, index=self._table.index[rows])

    def _has(self, group):
        return any(column in self._table for column in _GROUPS[group])

    def _known(self, group, name):
        """Rows of one clerk or channel, or a message that there is none."""
        codes, names = self._groups(group)
        if str(name) not in names:
            found = f"no records of {group} {name!r}.{did_you_mean(str(name), names)}"
            step = f'card.by("{group}") lists all of them.'
            raise CrmlabError(message(group, found, it_has=few(names, 12), next=step))
        return codes == names.index(str(name))

    def _groups(self, group):
        """Each row's place among the groups, and the groups' names, in order."""
        if group not in _GROUPS or not self._has(group):
            able = [name for name in _GROUPS if self._has(name)]
            found = f"found {group!r}." if group not in _GROUPS else f"the table has no column {_GROUPS[group][0]!r}."
            step = f"choose {' or '.join(able)}." if able else "rename the column that says it, such as clerk_id."
            raise CrmlabError(message("group", found, allowed=", ".join(_GROUPS), next=step))
        if group in self._grouped:
            return self._grouped[group]
        column = next(column for column in _GROUPS[group] if column in self._table)
        if group == "month":
            months = as_dates(self._table[column]).dt.tz_localize(None).to_numpy().astype("M8[M]")
            names, codes = np.unique(months, return_inverse=True)  # no month comes last
            names = [_NOBODY[group] if np.isnat(name) else str(name) for name in names]
        else:
            cells = cells_of(self._table[column])
            names = cells.texts.to_pylist() + [_NOBODY[group]] * bool((cells.codes < 0).any())
            codes = cells.codes % len(names)  # -1 becomes the last
        self._grouped[group] = codes, names
        return codes, names
