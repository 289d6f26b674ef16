"""What the parts of an offer are worth to people who rated whole offers."""

import numpy as np
import pandas as pd
from scipy.stats import f as fisher
from scipy.stats import t as student

from crmlab.chart import SHADES, Chart
from crmlab.errors import CrmlabError, few, message
from crmlab.segment.asked import checked_table

__all__ = ["Conjoint", "conjoint"]

_USUAL = 0.05


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
        out, and counted in `said`.

    Returns
    -------
    Conjoint

    Raises
    ------
    CrmlabError
        When ratings and profiles do not fit, a rating is no number, or the profiles cannot tell the
        attributes apart.

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
    checked_table("profiles", profiles, "offer that was shown")
    checked_table("ratings", ratings, "person")
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
    given = ratings[list(profiles.index)]
    numbers = given.apply(pd.to_numeric, errors="coerce").astype("float64")
    words = numbers.isna() & given.notna() | ~np.isfinite(numbers.fillna(0))
    if words.any(axis=None):
        profile = words.any().idxmax()
        found = f"profile {profile} is rated {given.loc[words[profile], profile].iloc[0]!r}."
        step = "mend the rating or set it to missing."
        raise CrmlabError(message("ratings", found, allowed="numbers", next=step))
    rated = numbers.dropna()
    profiles = profiles.apply(_levels)
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
    values = rated.to_numpy(dtype="float64").T
    fitted = np.linalg.lstsq(design, values, rcond=None)[0]
    by_person = pd.DataFrame(_all_levels(fitted[1:], profiles), names, rated.index).T
    p_values = _moved(profiles, design, values) if len(profiles) > design.shape[1] else _stood_out(profiles, by_person)
    return Conjoint(profiles, by_person, p_values, left_out=len(ratings) - len(rated))


class Conjoint:
    """What the parts of an offer are worth; made by :func:`conjoint`.

    Parameters
    ----------
    profiles : pandas.DataFrame
    by_person : pandas.DataFrame
    p_values : pandas.Series of shape (n_attributes,)
    left_out : int, default=0
        People who did not rate every profile.

    Attributes
    ----------
    by_person : pandas.DataFrame of shape (n_people, n_levels)
        Part-worths of each person, in rating points; columns are (attribute, level). Ready for
        :func:`solutions`.
    part_worths : pandas.DataFrame
        Their mean over people with its standard error.
    importance : pandas.Series
        Indexed by attribute: the range of its part-worths as a share of all ranges, mean over people.
    p_values : pandas.Series
        Indexed by attribute: how likely ratings would move so much were the attribute nothing to
        anybody (F test over all people against what the part-worths leave unexplained; where there
        are no more profiles than part-worths, t tests of their means).
    said : str
        How many people were left out; empty where everybody rated every profile.

    Examples
    --------
    >>> profiles = pd.DataFrame({"price": ["low", "low", "high", "high"], "speed": ["slow", "fast", "slow", "fast"]})
    >>> conjoint(profiles, pd.DataFrame([[6, 8, 2, 4], [5, 9, 3, 7]])).importance.round(2).to_dict()
    {'price': 0.5, 'speed': 0.5}
    """

    def __init__(self, profiles, by_person, p_values, left_out=0):
        self._profiles, self.by_person, self.p_values = profiles, by_person, p_values
        everybody = len(by_person) + left_out
        self.said = f"{left_out:,} of {everybody:,} people did not rate every profile and are left out." * (
            left_out > 0
        )
        mean, error = by_person.mean(), by_person.std() / np.sqrt(len(by_person))
        self.part_worths = pd.DataFrame({"worth": mean, "standard_error": error})
        spans = by_person.T.groupby(level="attribute").agg(lambda worth: worth.max() - worth.min()).T
        spans = spans[list(profiles.columns)]
        self._shares = spans.div(spans.sum(axis=1).where(lambda total: total > 0), axis=0)
        self.importance = self._shares.mean().rename("importance")

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
            level = _levels(pd.Series(given))
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
        >>> ratings = pd.DataFrame([[6, 8, 2, 4], [6, 8, 3, 5], [7, 8, 3, 4], [6, 7, 2, 4]] * 3)
        >>> conjoint(profiles, ratings).figure()
        <Chart: Price matters most (69%); low is wanted.>
        """
        order = self.importance.sort_values()

        def draw(axes):
            axes.barh(order.index, order, color=SHADES[1])
            axes.set_xlabel("importance (share of the range of worth, mean over people)")
            axes.grid(axis="y", visible=False)

        words = (
            "One bar per attribute: how far its levels move a person's rating, as a share of what all attributes move."
        )
        finding = self._finding(order.index[::-1])
        return Chart(finding[0].upper() + finding[1:], words, draw, size=(7.0, 1.4 + 0.4 * len(order)))

    def _finding(self, order):
        """What stands out beyond chance: an attribute by its importance, a level by its worth."""
        moving = [name for name in order if self.p_values[name] * len(order) < _USUAL]
        if not moving:
            return "No part of the offer moves these ratings more than chance would."
        most, share = moving[0], self.importance[moving[0]]
        if len(moving) > 1 and _p_value(self._shares[most] - self._shares[moving[1]]) >= _USUAL:
            both = f"{most} ({share:.0%}) and {moving[1]} ({self.importance[moving[1]]:.0%})"
            return f"{both} matter most, neither more than the other beyond chance."
        worth = self.by_person[most]
        first, *others = worth.mean().sort_values(ascending=False).index
        agreed = all(_p_value(worth[first] - worth[other]) < _USUAL for other in others)
        wanted = f"{first} is wanted" if agreed else "they do not agree on which level"
        return f"{most} matters most ({share:.0%}); {wanted}."

    def __repr__(self):
        parts = [self.part_worths.round(2).to_string(), self.importance.round(2).to_string(), self.said]
        return "\n".join(filter(None, parts))


def _p_value(values):
    """How likely a mean over people were so far from 0 by chance."""
    mean, error = abs(values.mean()), values.std() / np.sqrt(len(values))
    if error <= 1e-9 * max(mean, 1.0):
        return 0.0 if mean > 1e-9 else 1.0
    return float(2 * student.sf(mean / error, len(values) - 1))


def _moved(profiles, design, values):
    """How likely each attribute would explain so much by chance."""
    people, rest = values.shape[1], len(profiles) - design.shape[1]
    whole = _left(design, values)
    moved, at = {}, 1
    for name in profiles:
        count = profiles[name].nunique() - 1
        without = _left(np.delete(design, range(at, at + count), axis=1), values)
        at += count
        ratio = (without - whole) / max(count, 1) / max(whole / rest, 1e-12 * max(without, 1e-300))
        moved[name] = float(fisher.sf(ratio, people * max(count, 1), people * rest)) if count else 1.0
    return pd.Series(moved, name="p_value")


def _stood_out(profiles, by_person):
    """The same where nothing is left to compare with: how far the means of its part-worths are from 0."""
    least = {name: min(_p_value(by_person[name][level]) for level in by_person[name]) for name in profiles}
    return pd.Series({name: min(p * profiles[name].nunique(), 1.0) for name, p in least.items()}, name="p_value")


def _left(design, values):
    """Squares that a design leaves unexplained, over all people."""
    fitted = np.linalg.lstsq(design, values, rcond=None)[0]
    return float(((values - design @ fitted) ** 2).sum())


def _levels(column):
    """Levels as words; 10, 10.0 and "10" are one."""
    numbers = pd.to_numeric(column.astype("object"), errors="coerce")
    words = [str(one) if np.isnan(number) else f"{number:.12g}" for one, number in zip(column, numbers, strict=True)]
    return pd.Series(words, index=column.index, dtype="object")


def _effects(profiles):
    """Effects-coded design with a constant, and the names of all levels."""
    columns, names = [np.ones(len(profiles))], []
    for attribute in profiles.columns:
        levels = sorted(profiles[attribute].unique())
        names += [(attribute, level) for level in levels]
        is_level = [(profiles[attribute] == level).to_numpy(dtype="float64") for level in levels]
        columns += [one - is_level[-1] for one in is_level[:-1]]
    return np.stack(columns, axis=1), pd.MultiIndex.from_tuples(names, names=["attribute", "level"])


def _all_levels(worths, profiles):
    """The part-worth of the last level of each attribute is what makes their sum 0."""
    rows, at = [], 0
    for attribute in profiles.columns:
        count = profiles[attribute].nunique() - 1
        own = worths[at : at + count]
        rows += [*own, -own.sum(axis=0)]
        at += count
    return np.stack(rows)
