"""Who is in a segment: how far what is known of people tells their segment, honestly."""

import numpy as np
import pandas as pd
from pandas.api import types
from scipy.stats import chi2_contingency

from crmlab.chart import SHADES, Chart
from crmlab.engine.threads import one_thread
from crmlab.errors import CrmlabError, message
from crmlab.segment.asked import checked_table, not_whole
from crmlab.segment.checked_labels import checked_labels
from crmlab.segment.descriptors import in_words

__all__ = ["Description", "described"]

_FOLDS, _RARE = 10, 20


def described(labels, people, *, seed):
    """Find out whether what is known of people tells their segment: mostly it does not.

    Each descriptor is crossed with the segments (Cramér's V, less what chance alone would give, with
    its p-value; numbers are put into five bands of equal size). Then all of them together foretell
    the segment of people they have not seen (multinomial logistic regression, tenfold
    cross-validation), beside the plain guess that everybody is in the largest segment.

    Parameters
    ----------
    labels : pandas.Series of shape (n_people,)
        Segment of each person.
    people : pandas.DataFrame of shape (n_people, n_descriptors)
        What is known of them: age, sex, town, channel … with the index of `labels`.
    seed : int
        For the ten parts.

    Returns
    -------
    Description

    Raises
    ------
    CrmlabError
        When labels and people do not fit, a segment has fewer than ten people, nothing is known, or
        the seed is below 0.

    References
    ----------
    W. Bergsma, *A bias-correction for Cramér's V and Tschuprow's T*, Journal of the Korean Statistical
    Society 42, 2013.

    Examples
    --------
    >>> sex = pd.Series(["f", "m"] * 50)
    >>> labels = pd.Series([0, 1] * 40 + [0, 0, 1, 1] * 5)
    >>> told = described(labels, pd.DataFrame({"sex": sex}), seed=1)
    >>> float(told.accuracy), float(told.largest), round(float(told.table.loc["sex", "cramers_v"]), 2)
    (0.9, 0.5, 0.8)
    """
    if wrong := not_whole(0, seed=(seed, 1)):
        raise CrmlabError(*wrong)
    if not len(checked_table("people", people, "person").columns):
        raise CrmlabError(message("people", "there are no columns.", next="give what is known of people, such as age."))
    labels = checked_labels(labels, people.index)
    inside = labels.notna().to_numpy()
    labels, people = labels[inside], people[inside]
    sizes = labels.value_counts()
    if sizes.min() < _FOLDS:
        raise CrmlabError(
            message(
                "labels",
                f"segment {sizes.idxmin()} has {sizes.min()} people.",
                allowed=f"{_FOLDS} or more in each segment: with fewer, nothing can be held out",
                next="join it to another, or ask for fewer segments.",
            )
        )
    rows = {name: _crossed(labels, in_words(people[name])) for name in people.columns}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("descriptor")
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    parts = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    with one_thread():
        foretold = cross_val_predict(_model(people), _ready(people), labels.astype(str).to_numpy(), cv=parts)
    right = pd.Series(foretold == labels.astype(str).to_numpy(), index=labels.index)
    return Description(table, right.mean(), sizes.iloc[0] / len(labels), right.groupby(labels).mean(), len(labels))


class Description:
    """How far descriptors tell segments; made by :func:`described`.

    Parameters
    ----------
    table : pandas.DataFrame
    accuracy : float
    largest : float
    by_segment : pandas.Series
    people : int

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by descriptor: cramers_v (0 tells nothing, 1 tells the segment; what chance alone
        would give is taken off), p_value.
    accuracy : float
        Share of people whose segment all descriptors together foretell, people not seen before.
    largest : float
        The same for the plain guess that everybody is in the largest segment.
    by_segment : pandas.Series
        Share foretold of each segment.

    Examples
    --------
    >>> told = described(pd.Series([0, 1] * 50), pd.DataFrame({"sex": ["f", "m"] * 50}), seed=1)
    >>> told.by_segment.tolist()
    [1.0, 1.0]
    """

    def __init__(self, table, accuracy, largest, by_segment, people):
        self.table = table.sort_values("cramers_v", ascending=False)
        self.accuracy, self.largest, self.by_segment, self.people = accuracy, largest, by_segment, people
        spread = np.sqrt(max(accuracy * (1 - accuracy), largest * (1 - largest)) / people)
        gain = accuracy - largest
        self.finding = (
            f"What is known foretells {accuracy:.0%} of segments; guessing the largest segment foretells {largest:.0%}"
        )
        self.finding += "." if gain > 2 * spread else ": nothing is gained."

    def figure(self):
        """See how much each descriptor tells of the segment.

        Returns
        -------
        Chart

        Examples
        --------
        >>> described(pd.Series([0, 1] * 50), pd.DataFrame({"sex": ["f", "m"] * 50}), seed=1).figure()
        <Chart: What is known foretells 100% of segments; guessing the largest segment foretells 50%.>
        """
        table = self.table[::-1]

        def draw(axes):
            axes.barh(table.index, table["cramers_v"], color=SHADES[1])
            axes.set(xlabel="association with the segment (Cramér's V less chance: 0 none, 1 full)", xlim=(0, 1))
            axes.grid(axis="y", visible=False)

        words = "One bar per descriptor. Below 0.1 a descriptor tells next to nothing of the segment, above 0.5 much."
        return Chart(self.finding, words, draw, size=(7.0, 1.4 + 0.35 * len(table)))

    def __repr__(self):
        return self.finding + "\n" + self.table.round(3).to_string()


def _crossed(labels, words):
    counts = pd.crosstab(words, labels).to_numpy()
    if min(counts.shape) < 2:
        return {"cramers_v": 0.0, "p_value": 1.0}
    tested = chi2_contingency(counts, correction=False)
    return {"cramers_v": _less_chance(tested.statistic, counts), "p_value": float(tested.pvalue)}


def _less_chance(statistic, counts):
    """Cramér's V with what is expected of it by chance taken off (Bergsma 2013)."""
    people, (rows, columns) = counts.sum(), counts.shape
    square = max(statistic / people - (rows - 1) * (columns - 1) / (people - 1), 0.0)
    wide = min(one - (one - 1) ** 2 / (people - 1) for one in (rows, columns))
    return float(np.sqrt(square / (wide - 1))) if wide > 1 else 0.0


def _ready(people):
    """Numbers with their gaps at the median, everything else as words."""
    ready = {}
    for name in people.columns:
        column = people[name]
        if types.is_datetime64_any_dtype(column):
            column = (column - pd.Timestamp(0, tz=column.dt.tz)) / pd.Timedelta(days=1)
        if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
            numbers = column.astype("float64")
            ready[str(name)] = numbers.fillna(numbers.median() if numbers.notna().any() else 0.0)
        else:
            ready[str(name)] = in_words(people[name])
    return pd.DataFrame(ready)


def _model(people):
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    ready = _ready(people)
    numbers = [name for name in ready if types.is_numeric_dtype(ready[name])]
    words = [name for name in ready if name not in numbers]
    columns = make_column_transformer(
        (StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore", min_frequency=_RARE), words)
    )
    return make_pipeline(columns, LogisticRegression(max_iter=500))
