"""What the parts of an offer are worth to people who rated whole offers."""

import numpy as np
import pandas as pd

from crmlab.chart import SHADES, Chart
from crmlab.errors import CrmlabError, few, message

__all__ = ["Conjoint", "conjoint"]


def conjoint(profiles, ratings):
    """Find what each part of an offer is worth to people who rated whole offers.

    For each person, the ratings are split into one part-worth for each level of each attribute,
    which sum to 0 within the attribute (least squares with effects coding; P. Green and V.
    Srinivasan, *Conjoint analysis in consumer research*, Journal of Consumer Research 5, 1978).

    Parameters
    ----------
    profiles : pandas.DataFrame of shape (n_profiles, n_attributes)
        The offers shown: the level of each attribute, in words.
    ratings : pandas.DataFrame of shape (n_people, n_profiles)
        One column per profile, named by the index of `profiles`. People who left one out are left
        out.

    Returns
    -------
    Conjoint

    Raises
    ------
    CrmlabError
        When ratings and profiles do not fit, or the profiles cannot tell the attributes apart.

    Examples
    --------
    >>> profiles = pd.DataFrame({"price": ["low", "low", "high", "high"], "speed": ["slow", "fast", "slow", "fast"]})
    >>> ratings = pd.DataFrame([[6, 8, 2, 4], [5, 9, 3, 7]])
    >>> conjoint(profiles, ratings).part_worths
                      worth  standard_error
    attribute level
    price     high     -1.5             0.5
              low       1.5             0.5
    speed     fast      1.5             0.5
              slow     -1.5             0.5
    """
    lost = [name for name in profiles.index if name not in ratings.columns]
    if lost:
        raise CrmlabError(
            message(
                "ratings",
                f"there is no column for profile {lost[0]!r}.",
                it_has=few(ratings.columns, 12),
                next="name the columns of ratings by the index of profiles.",
            )
        )
    rated = ratings[list(profiles.index)].apply(pd.to_numeric, errors="coerce").dropna()
    design, names = _effects(profiles)
    if len(rated) < 2 or np.linalg.matrix_rank(design) < design.shape[1]:
        found = (
            "fewer than two people rated every profile."
            if len(rated) < 2
            else (f"{len(profiles)} profiles cannot tell {design.shape[1] - 1} part-worths apart.")
        )
        raise CrmlabError(
            message("profiles", found, next="show more profiles, in which no two attributes always change together.")
        )
    fitted = np.linalg.lstsq(design, rated.to_numpy(dtype="float64").T, rcond=None)[0]
    return Conjoint(profiles, pd.DataFrame(_all_levels(fitted[1:], profiles), names, rated.index).T, fitted[0])


class Conjoint:
    """What the parts of an offer are worth; made by :func:`conjoint`.

    Parameters
    ----------
    profiles : pandas.DataFrame
    by_person : pandas.DataFrame
    base : ndarray of shape (n_people,)

    Attributes
    ----------
    by_person : pandas.DataFrame of shape (n_people, n_levels)
        Part-worths of each person, in rating points; columns are (attribute, level). Ready for
        :func:`solutions`.
    part_worths : pandas.DataFrame
        Their mean over people with its standard error.
    importance : pandas.Series
        Indexed by attribute: the range of its part-worths as a share of all ranges, mean over people.

    Examples
    --------
    >>> profiles = pd.DataFrame({"price": ["low", "low", "high", "high"], "speed": ["slow", "fast", "slow", "fast"]})
    >>> conjoint(profiles, pd.DataFrame([[6, 8, 2, 4], [5, 9, 3, 7]])).importance.round(2).to_dict()
    {'price': 0.5, 'speed': 0.5}
    """

    def __init__(self, profiles, by_person, base):
        self._profiles, self.by_person, self._base = profiles, by_person, base
        mean, error = by_person.mean(), by_person.std() / np.sqrt(len(by_person))
        self.part_worths = pd.DataFrame({"worth": mean, "standard_error": error})
        spans = by_person.T.groupby(level="attribute").agg(lambda worth: worth.max() - worth.min()).T
        spans = spans[list(profiles.columns)]
        shares = spans.div(spans.sum(axis=1).where(lambda total: total > 0), axis=0)
        self.importance = shares.mean().rename("importance")

    def shares(self, products, rule="first"):
        """Foretell which of several products people would choose.

        Parameters
        ----------
        products : pandas.DataFrame
            One row per product, with a level for each attribute that was shown.
        rule : {"first", "logit"}, default="first"
            "first": everybody takes what is worth most to them, ties shared; "logit": the more it is
            worth, the likelier, which depends on the scale of the ratings.

        Returns
        -------
        pandas.Series
            Share of people by product; sums to 1.

        Raises
        ------
        CrmlabError
            For a level that was not shown or another rule.

        Examples
        --------
        >>> profiles = pd.DataFrame({"price": ["low", "low", "high", "high"],
        ...                          "speed": ["slow", "fast", "slow", "fast"]})
        >>> known = conjoint(profiles, pd.DataFrame([[6, 8, 2, 4], [3, 7, 2, 6]]))
        >>> offers = pd.DataFrame({"price": ["low", "high"], "speed": ["slow", "fast"]}, index=["plain", "quick"])
        >>> known.shares(offers).to_dict()
        {'plain': 0.5, 'quick': 0.5}
        """
        worth = np.zeros((len(self.by_person), len(products)))
        for attribute in self._profiles.columns:
            shown = list(self.by_person[attribute].columns)
            given = products[attribute] if attribute in products.columns else ["nothing"] * len(products)
            level = pd.Series(given).astype(str)
            unknown = level[~level.isin(shown)]
            if len(unknown):
                found = f"'{unknown.iloc[0]}' was not shown."
                raise CrmlabError(message(attribute, found, it_has=few(shown, 12), next="choose one of these."))
            worth += self.by_person[attribute][list(level)].to_numpy()
        if rule == "first":
            most = np.isclose(worth, worth.max(axis=1, keepdims=True))
            chosen = most / most.sum(axis=1, keepdims=True)
        elif rule == "logit":
            chosen = np.exp(worth - worth.max(axis=1, keepdims=True))
            chosen /= chosen.sum(axis=1, keepdims=True)
        else:
            raise CrmlabError(message("rule", f"found {rule!r}.", allowed="first, logit", next="choose one of them."))
        return pd.Series(chosen.mean(axis=0), index=products.index, name="share")

    def figure(self):
        """See how much each attribute matters.

        Returns
        -------
        Chart

        Examples
        --------
        >>> profiles = pd.DataFrame({"price": ["low", "low", "high", "high"],
        ...                          "speed": ["slow", "fast", "slow", "fast"]})
        >>> conjoint(profiles, pd.DataFrame([[6, 8, 2, 4], [6, 8, 3, 5]])).figure()
        <Chart: Price matters most (63%); low is wanted.>
        """
        order = self.importance.sort_values()
        most = order.index[-1]
        level = self.part_worths.loc[most, "worth"].idxmax()

        def draw(axes):
            axes.barh(order.index, order, color=SHADES[1])
            axes.set_xlabel("importance (share of the range of worth, mean over people)")
            axes.grid(axis="y", visible=False)

        words = (
            "One bar per attribute: how far its levels move a person's rating, as a share of what all attributes move."
        )
        finding = f"{most} matters most ({order.iloc[-1]:.0%}); {level} is wanted."
        return Chart(finding[0].upper() + finding[1:], words, draw, size=(7.0, 1.4 + 0.4 * len(order)))

    def __repr__(self):
        return self.part_worths.round(2).to_string() + "\n" + self.importance.round(2).to_string()


def _effects(profiles):
    """Effects-coded design with a constant, and the names of all levels."""
    columns, names = [np.ones(len(profiles))], []
    for attribute in profiles.columns:
        levels = sorted(profiles[attribute].astype(str).unique())
        names += [(attribute, level) for level in levels]
        is_level = [(profiles[attribute].astype(str) == level).to_numpy(dtype="float64") for level in levels]
        columns += [one - is_level[-1] for one in is_level[:-1]]
    return np.stack(columns, axis=1), pd.MultiIndex.from_tuples(names, names=["attribute", "level"])


def _all_levels(worths, profiles):
    """The part-worth of the last level of each attribute is what makes their sum 0."""
    rows, at = [], 0
    for attribute in profiles.columns:
        count = profiles[attribute].astype(str).nunique() - 1
        own = worths[at : at + count]
        rows += [*own, -own.sum(axis=0)]
        at += count
    return np.stack(rows)
