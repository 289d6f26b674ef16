"""Segments crossed with one descriptor: which pairs are more or less frequent than chance."""

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

from crmlab.chart import ACCENT, SHADES, Chart
from crmlab.errors import CrmlabError, message
from crmlab.segment.checked_labels import checked_labels
from crmlab.segment.descriptors import in_words

__all__ = ["Mosaic", "mosaic"]

_MUCH_LESS = "#8a4b00"


def mosaic(labels, descriptor):
    """Cross segments with one descriptor and see which pairs are more or less frequent than chance.

    Parameters
    ----------
    labels : pandas.Series of shape (n_people,)
        Segment of each person.
    descriptor : pandas.Series of shape (n_people,)
        With the index of `labels`; numbers are put into five bands of equal size.

    Returns
    -------
    Mosaic

    Raises
    ------
    CrmlabError
        When labels and descriptor do not fit, or everybody is alike.

    Examples
    --------
    >>> sex = pd.Series(["f", "m"] * 50, name="sex")
    >>> labels = pd.Series([0, 1] * 40 + [0, 0, 1, 1] * 5)
    >>> mosaic(labels, sex).residuals.round(1).to_dict()
    {0: {'f': 4.0, 'm': -4.0}, 1: {'f': -4.0, 'm': 4.0}}
    """
    if not isinstance(descriptor, pd.Series):
        found, step = f"found {type(descriptor).__name__}.", "give one column, for instance customers['city']."
        raise CrmlabError(message("descriptor", found, next=step))
    labels = checked_labels(labels, descriptor.index)
    words = in_words(descriptor)
    if words.nunique() < 2:
        raise CrmlabError(
            message(str(descriptor.name), f"everybody is alike: {words.iloc[0]}.", next="choose another descriptor.")
        )
    return Mosaic(pd.crosstab(words, labels))


class Mosaic:
    """Segments crossed with a descriptor; made by :func:`mosaic`.

    Parameters
    ----------
    counts : pandas.DataFrame
        People, one row per value of the descriptor, one column per segment.

    Attributes
    ----------
    counts : pandas.DataFrame
    residuals : pandas.DataFrame
        Pearson residuals: beyond ±2 a pair is more or less frequent than chance makes likely,
        beyond ±4 clearly so (M. Friendly, *Mosaic displays*, JASA 89, 1994).
    p_value : float
        Of Pearson's chi-squared test of independence.

    Examples
    --------
    >>> round(Mosaic(pd.DataFrame([[30, 10], [10, 30]], ["f", "m"])).p_value, 6)
    8e-06
    """

    def __init__(self, counts):
        self.counts = counts
        tested = chi2_contingency(counts.to_numpy(), correction=False)
        self.p_value = float(tested.pvalue)
        self.residuals = (counts - tested.expected_freq) / np.sqrt(tested.expected_freq)

    def figure(self):
        """See the crossing as areas: wide columns are large segments, coloured fields are more or less than chance.

        Returns
        -------
        Chart

        Examples
        --------
        >>> Mosaic(pd.DataFrame([[30, 10], [10, 30]], pd.Index(["f", "m"], name="sex"))).figure()
        <Chart: Segment 0 holds more with sex f than chance would put there.>
        """
        counts, residuals = self.counts, self.residuals
        name = counts.index.name or "descriptor"
        size = residuals.abs()
        segment = size.max().idxmax()
        value = size[segment].idxmax()
        more = "more" if residuals.loc[value, segment] > 0 else "fewer"
        finding = f"Segment {segment} holds {more} with {name} {value} than chance would put there."
        if self.p_value >= 0.05:  # of many fields some stand out by chance: the whole table decides
            finding = f"No segment differs from the others by {name} more than by chance (p = {self.p_value:.2f})."

        def draw(axes):
            left = 0.0
            for place in counts:
                width, floor = counts[place].sum() / counts.to_numpy().sum(), 0.0
                for row in counts.index:
                    height = counts.loc[row, place] / counts[place].sum()
                    axes.bar(
                        left + width / 2,
                        height,
                        width * 0.97,
                        bottom=floor,
                        color=_shade(residuals.loc[row, place]),
                        edgecolor="white",
                    )
                    if place == counts.columns[0]:
                        axes.annotate(
                            str(row),
                            (0, floor + height / 2),
                            (-4, 0),
                            textcoords="offset points",
                            ha="right",
                            va="center",
                        )
                    floor += height
                axes.annotate(str(place), (left + width / 2, 1.01), ha="center", va="bottom")
                left += width
            axes.set(xlabel=f"segments, as wide as they are large; up: {name}", xticks=[], yticks=[], xlim=(0, 1))
            axes.set_ylim(0, 1.08)
            axes.grid(visible=False)

        words = (
            "Each column is a segment, each field the people in it with one value. Blue: more people than if segment "
            "and descriptor had nothing to do with each other; orange: fewer; pale: about as many as chance would put "
            "there. Of twenty fields one is coloured by chance alone."
        )
        return Chart(finding, words, draw)


def _shade(residual):
    if residual > 0:
        return SHADES[0] if residual > 4 else SHADES[1] if residual > 2 else SHADES[3]
    return _MUCH_LESS if residual < -4 else ACCENT if residual < -2 else SHADES[3]
