"""The tables of a scorecard, and how it shows itself: what every rule found, counted three ways."""

import html

import numpy as np
import pandas as pd

from crmlab.errors import few

__all__ = [
    "DIMENSIONS",
    "again",
    "cells_table",
    "columns_table",
    "dimensions_table",
    "rules_table",
    "shown_as_html",
    "shown_as_text",
]

DIMENSIONS = ("completeness", "validity", "consistency", "uniqueness", "timeliness")
_SHOWN = 8


def rules_table(found):
    """One row per column and rule (see :class:`crmlab.quality.Scorecard`).

    Parameters
    ----------
    found : list of Found

    Returns
    -------
    pandas.DataFrame
    """
    rows = [
        {
            "dimension": one.dimension,
            "column": str(one.column),
            "rule": one.rule,
            "promise": one.promise,
            "cells": int(one.looked.sum()),
            "faults": int(one.failed.sum()),
            "share": one.failed.sum() / max(one.looked.sum(), 1),
            "counted": one.is_counted,
        }
        for one in found
    ]
    return pd.DataFrame(rows)


def cells_table(found):
    """Of each column and dimension: cells that a counted rule looked at, and those that break one.

    Parameters
    ----------
    found : list of Found

    Returns
    -------
    pandas.DataFrame
        dimension, column, cells, faults, score. A cell that breaks two rules is one.
    """
    groups = {}
    for one in found:
        if one.is_counted and one.looked.any():
            groups.setdefault((one.dimension, str(one.column)), []).append(one)
    rows = [
        (*name, int(np.logical_or.reduce([one.looked for one in ones]).sum()), int(_failed(ones).sum()))
        for name, ones in groups.items()
    ]
    table = pd.DataFrame(rows, columns=["dimension", "column", "cells", "faults"])
    return table.assign(score=1 - table["faults"] / table["cells"])


def dimensions_table(cells, found, rows):
    """Cells, faults and score of each dimension that something could be said about.

    Parameters
    ----------
    cells : pandas.DataFrame
        What :func:`cells_table` gives.
    found : list of Found
    rows : int
        Rows of the table.

    Returns
    -------
    pandas.DataFrame
    """
    out = cells.groupby("dimension")[["cells", "faults"]].sum()
    if "uniqueness" in out.index:
        out.loc["uniqueness"] = [rows, int(again(found, rows).sum())]
    out = out.reindex([name for name in DIMENSIONS if name in out.index]).rename_axis("dimension")
    return out.assign(score=1 - out["faults"] / out["cells"])


def columns_table(cells, rules, columns):
    """What is filled, and the scores, of each column.

    Parameters
    ----------
    cells, rules : pandas.DataFrame
        What :func:`cells_table` and :func:`rules_table` give.
    columns : list of str
        The table's columns, in order.

    Returns
    -------
    pandas.DataFrame
    """
    filled, nothing = (rules[rules["rule"] == rule].set_index("column") for rule in ("filled", "says_something"))
    table = pd.DataFrame({"rows": filled["cells"], "filled": 1 - filled["share"]})
    table["says_nothing"] = nothing["faults"] / filled["cells"].clip(lower=1)
    for dimension in DIMENSIONS:
        scores = cells[cells["dimension"] == dimension].set_index("column")["score"]
        if len(scores):
            table[dimension] = scores
    return table.loc[columns].rename_axis("column")


def again(found, rows):
    """Whether each row repeats another by any rule, as 0 or 1.

    Parameters
    ----------
    found : list of Found
    rows : int

    Returns
    -------
    ndarray of float64
    """
    repeats = [one for one in found if one.dimension == "uniqueness"]
    return _failed(repeats).astype(np.float64) if repeats else np.zeros(rows)


def _failed(found):
    return np.logical_or.reduce([one.failed for one in found])


def shown_as_text(card, shape):
    """The card as lines of text.

    Parameters
    ----------
    card : Scorecard
    shape : tuple of int
        Rows and columns of the table.

    Returns
    -------
    str
    """
    shown = _percents(card)
    width = {name: max(map(len, [name, *shown[name]])) for name in shown}
    lines = [dict(zip(width, width, strict=True)), *shown.to_dict("records")]
    text = [
        "  ".join(
            [
                line["dimension"].ljust(width["dimension"]),
                *(line[name].rjust(width[name]) for name in shown.iloc[:, 1:]),
            ]
        )
        for line in lines
    ]
    return "\n".join([_headline(card, shape), *text, *_notes(card)])


def shown_as_html(card, shape):
    """The card as a notebook shows it, with the rules that are broken most.

    Parameters
    ----------
    card : Scorecard
    shape : tuple of int
        Rows and columns of the table.

    Returns
    -------
    str
    """
    worst = card.rules[card.rules["counted"] & (card.rules["faults"] > 0)]
    worst = worst.sort_values("faults", ascending=False, kind="stable").head(_SHOWN)
    worst = worst[["column", "rule", "faults", "share", "promise"]]
    worst = worst.assign(share=worst["share"].map("{:.1%}".format), faults=worst["faults"].map("{:,}".format))
    with pd.option_context("display.max_colwidth", None):
        table, listed = (frame.to_html(index=False, border=0, justify="left") for frame in (_percents(card), worst))
    most = f"<p>Most faults:</p>{listed}" if len(worst) else ""
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in _notes(card))
    return f"<p><b>{html.escape(_headline(card, shape))}</b></p>{table}{most}{notes}"


def _headline(card, shape):
    rows, columns = shape
    cells, faults = card.dimensions["cells"].sum(), card.dimensions["faults"].sum()
    kept = f"of 100 cells checked {100 * (1 - faults / cells):.0f} keep their rule." if cells else "nothing to check."
    seen = f", seen from {card.as_of:%Y-%m-%d}" if card.as_of is not None else ""
    return f"{rows:,} row{'s' * (rows > 1)}, {columns} column{'s' * (columns > 1)}{seen}: {kept}"


def _notes(card):
    rules = card.rules
    left = rules[~rules["counted"] & (rules["dimension"] != "completeness") & (rules["faults"] > 0)]
    if left.empty:
        return []
    named = few([f"{row.column} {row.rule} ({row.share:.0%})" for row in left.itertuples()])
    return [f"Not counted, because more than half of the cells break it, as made-up numbers do: {named}."]


def _percents(card):
    shown = card.dimensions.reset_index()
    for name in ("cells", "faults"):
        shown[name] = shown[name].map("{:,}".format)
    return shown.assign(score=shown["score"].map(_percent))


def _percent(score):
    """A score below 1 is never shown as 100%."""
    return "100%" if score == 1 else f"{min(score, 0.999):.1%}" if score >= 0.995 else f"{score:.0%}"
