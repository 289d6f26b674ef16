"""How well a score keeps pairs of one person apart from pairs of two."""

import numpy as np

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, message

__all__ = ["separation_figure"]


def separation_figure(score, is_same, *, at):
    """See what a line drawn at one score keeps and what it lets in.

    Parameters
    ----------
    score : pandas.Series or list of float
        How alike two records are, one score per pair; any scale, more is more alike.
    is_same : pandas.Series or list of bool
        Whether the pair is one person: known from a review or a simulated base.
    at : float
        Where the line is drawn: pairs with this score or more are called the same.

    Returns
    -------
    crmlab.chart.Chart

    Raises
    ------
    CrmlabError
        When the two do not fit each other, or there is no pair of one kind.

    Examples
    --------
    >>> separation_figure([0.99, 0.95, 0.7, 0.92, 0.4, 0.1], [True, True, True, False, False, False], at=0.9)
    <Chart: From 0.9 on: 2 of 3 pairs of one person, and 1 of 3 pairs of two.>
    """
    score, is_same = np.asarray(score, dtype="float64"), np.asarray(is_same)
    if len(score) != len(is_same) or is_same.dtype != bool:
        found = f"found {len(score):,} scores, and {len(is_same):,} of {is_same.dtype} for them."
        allowed = "one score, and one True or False, per pair"
        raise CrmlabError(message("is_same", found, allowed=allowed, next="give both in the order of the pairs."))
    there = ~np.isnan(score)
    score, is_same = score[there], is_same[there]
    if is_same.all() or not is_same.any():
        found = "all pairs are of one kind." if len(score) else "there is no pair with a score."
        next_step = "give pairs of one person and pairs of two, to see what keeps them apart."
        raise CrmlabError(message("is_same", found, next=next_step))
    kinds = {"one person": score[is_same], "two persons": score[~is_same]}
    (kept, same), (let_in, others) = ((int((one >= at).sum()), len(one)) for one in kinds.values())

    def draw(axes):
        steps = np.unique(np.append(score, at))
        for (name, one), colour in zip(kinds.items(), (ACCENT, SHADES[0]), strict=True):
            above = len(one) - np.searchsorted(np.sort(one), steps)
            axes.step(steps, 100 * above / len(one), where="pre", color=colour, linewidth=2.2, label=f"pairs of {name}")
        axes.axvline(at, color=MUTED, linestyle="--", linewidth=1.2)
        axes.annotate(f"{at:g}", (at, 102), color=INK, ha="center", fontsize=9, annotation_clip=False)
        axes.set(xlabel="score of the pair", ylabel="pairs with at least this score (%)", ylim=(0, 101))
        axes.legend(loc="best")

    return Chart(
        f"From {at:g} on: {kept:,} of {same:,} pairs of one person, and {let_in:,} of {others:,} pairs of two.",
        "Each curve falls as the line moves right. A good score keeps the orange one high where the blue is down.",
        draw,
    )
