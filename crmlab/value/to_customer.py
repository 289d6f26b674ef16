"""What customers say of the firm: NPS, CSAT and CES, each with its error and interval."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from crmlab.errors import CrmlabError, few, message
from crmlab.value.checks import kind_of

__all__ = ["Score", "answers_of", "ces", "csat", "mean_of", "nps"]


@dataclass(frozen=True, repr=False)
class Score:
    """One figure out of many answers, with how sure it is.

    Attributes
    ----------
    name, unit : str
        What it is, and what it is counted in.
    value, standard_error, low, high : float
        The figure, its standard error, and the ends of its interval, all in `unit`.
    level : float
        How often an interval made this way holds the figure of all customers.
    n_answers, n_missing : int
        Sheets with an answer, and without; the latter are left out.
    n_effective : float
        How many answers of equal weight say as much (Kish): (Σw)² / Σw².

    Examples
    --------
    >>> csat([5, 4, 3, None])
    CSAT 66.7 % (95 %: 20.8 to 93.9 %), standard error 27.2, 3 answers, 1 missing.
    """

    name: str
    unit: str
    value: float
    standard_error: float
    low: float
    high: float
    level: float
    n_answers: int
    n_missing: int
    n_effective: float

    def __repr__(self):
        digits = 2 if self.unit == "points of 7" else 1
        low, high, error = (f"{number:,.{digits}f}" for number in (self.low, self.high, self.standard_error))
        weighted = abs(self.n_effective - self.n_answers) > 0.05
        worth = f" (worth {self.n_effective:,.1f} of equal weight)" if weighted else ""
        return (
            f"{self.name} {self.value:,.{digits}f} {self.unit} ({100 * self.level:g} %: {low} to {high} {self.unit}), "
            f"standard error {error}, {self.n_answers:,} answers{worth}, {self.n_missing:,} missing."
        )


def nps(answers, *, weight=None, level=0.95):
    """Say how many more customers would recommend the firm than advise against it, and how sure that is.

    Promoters answer 9 or 10, detractors 0 to 6; the Net Promoter Score is the share of
    promoters less that of detractors, from −100 to 100 points.

    Parameters
    ----------
    answers : array-like of shape (n_sheets,), 0 to 10
        Whole numbers; a missing answer is left out and counted. One sheet per customer: two
        of the same customer do not say twice as much.
    weight : array-like of shape (n_sheets,), optional
        How many customers each sheet speaks for, 0 or more. Where both are Series, labels count.
    level : float, default=0.95
        Of the interval, between 0 and 1.

    Returns
    -------
    Score
        In points.

    Raises
    ------
    CrmlabError
        When nobody answered, an answer is outside the scale, or a weight is below 0.

    References
    ----------
    F. F. Reichheld, The one number you need to grow, *Harvard Business Review*, 2003.
    B. Rocks, Interval estimation for the Net Promoter Score, *The American Statistician* 70,
    2016: adjusted Wald, which adds three answers (¾ promoter, 1½ passive, ¾ detractor) before
    the interval is worked out; so its middle lies a little nearer to 0 than the score, and it
    has a width even when all answer alike; where it ends short of the score, it is drawn out
    to hold it. L. Kish, *Survey Sampling*, 1965.

    Examples
    --------
    >>> nps([10, 9, 9, 8, 7, 6, 3, 10, 10, 2])
    NPS 20.0 points (95 %: -30.3 to 61.1 points), standard error 27.6, 10 answers, 0 missing.
    """
    number, share, n, missing = answers_of(answers, "nps", 0, 10, weight, level)
    promoters, detractors = (_part(share, side) for side in (number >= 9, number <= 6))
    net = promoters - detractors
    error = np.sqrt(max(promoters + detractors - net**2, 0) / n)
    up, down = (promoters * n + 0.75) / (n + 3), (detractors * n + 0.75) / (n + 3)
    half = ndtri((1 + level) / 2) * np.sqrt((up + down - (up - down) ** 2) / (n + 3))
    ends = max(min(up - down - half, net), -1), min(max(up - down + half, net), 1)
    return _score("NPS", "points", 100, net, error, *ends, level, len(number), missing, n)


def csat(answers, *, weight=None, level=0.95):
    """Say what share of customers is satisfied, and how sure that is.

    Satisfied are those who answer 4 or 5 of 5 (the top two boxes).

    Parameters
    ----------
    answers : array-like of shape (n_sheets,), 1 to 5
        Whole numbers; a missing answer is left out and counted.
    weight : array-like of shape (n_sheets,), optional
        How many customers each sheet speaks for, 0 or more. Where both are Series, labels count.
    level : float, default=0.95
        Of the interval, between 0 and 1.

    Returns
    -------
    Score
        In %.

    Raises
    ------
    CrmlabError
        When nobody answered, an answer is outside the scale, or a weight is below 0.

    References
    ----------
    E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    *Journal of the American Statistical Association* 22, 1927: the interval.

    Examples
    --------
    >>> csat([5, 5, 4, 4, 4, 3, 2, 5, 4, 1])
    CSAT 70.0 % (95 %: 39.7 to 89.2 %), standard error 14.5, 10 answers, 0 missing.
    """
    number, share, n, missing = answers_of(answers, "csat", 1, 5, weight, level)
    top = _part(share, number >= 4)
    z = ndtri((1 + level) / 2)
    middle = (top + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(top * (1 - top) / n + z**2 / (4 * n**2))
    ends = max(middle - half, 0), min(middle + half, 1)
    return _score("CSAT", "%", 100, top, np.sqrt(top * (1 - top) / n), *ends, level, len(number), missing, n)


def ces(answers, *, weight=None, level=0.95):
    """Say how easy the firm makes it for its customers, and how sure that is.

    The Customer Effort Score is the mean answer to "the firm made it easy for me", 1 to 7.

    Parameters
    ----------
    answers : array-like of shape (n_sheets,), 1 to 7
        Whole numbers; a missing answer is left out and counted.
    weight : array-like of shape (n_sheets,), optional
        How many customers each sheet speaks for, 0 or more. Where both are Series, labels count.
    level : float, default=0.95
        Of the interval, between 0 and 1.

    Returns
    -------
    Score
        In points of 7. When all answer alike, their standard error is 0, but that does not prove
        it of all customers: the interval then reaches as far as it must if as many as may well be
        (Clopper and Pearson, 1934) of those who were not asked answered at either end of the scale.

    Raises
    ------
    CrmlabError
        When fewer than two answered, an answer is outside the scale, or a weight is below 0.

    References
    ----------
    M. Dixon, K. Freeman and N. Toman, Stop trying to delight your customers, *Harvard Business
    Review*, 2010. Interval: Student's t with n − 1 degrees of freedom, n effective, within 1 to 7.

    Examples
    --------
    >>> ces([7, 6, 6, 5, 3, 7, 4, 6])
    CES 5.50 points of 7 (95 %: 4.32 to 6.68 points of 7), standard error 0.50, 8 answers, 0 missing.
    """
    number, share, n, missing = answers_of(answers, "ces", 1, 7, weight, level)
    mean, error, low, high = mean_of(number, share, n, level, "ces", (1, 7))
    return _score("CES", "points of 7", 1, mean, error, low, high, level, len(number), missing, n)


def mean_of(number, share, n, level, where, ends):
    """Work out a mean with its standard error and t interval, within the ends of the scale.

    Where all are alike the standard error is 0, and the interval reaches as far as it must if as
    many as may well be (Clopper and Pearson, 1934) of those not asked were at either end.

    Parameters
    ----------
    number, share : ndarray of shape (n_answers,)
        The answers and the share of all weight each carries.
    n : float
        Effective number of answers.
    level : float
        Of the interval.
    where : str
        What a message calls the answers.
    ends : tuple of float
        Least and most that a number can be.

    Returns
    -------
    tuple of float
        Mean, standard error, low, high.

    Raises
    ------
    CrmlabError
        When there is only one answer.

    Examples
    --------
    >>> answers, alike = np.array([4.0, 5.0, 6.0]), np.array([6.0, 6.0, 6.0])
    >>> [round(end, 2) for end in mean_of(answers, np.full(3, 1 / 3), 3.0, 0.95, "ces", (1, 7))]
    [5.0, 0.58, 2.52, 7]
    >>> [round(end, 2) for end in mean_of(alike, np.full(3, 1 / 3), 3.0, 0.95, "ces", (1, 7))]
    [6.0, 0.0, 2.46, 6.71]
    """
    if n <= 1 + 1e-9:
        found = "there is one answer; one has no spread."
        raise CrmlabError(message(where, found, allowed="two answers or more", next="gather more answers."))
    least, most = ends
    if np.ptp(number[share > 0]) == 0:
        mean, others = float(number[share > 0][0]), 1 - ((1 - level) / 2) ** (1 / n)
        return mean, 0.0, mean - (mean - least) * others, mean + (most - mean) * others
    mean = float(share @ number)
    error = float(np.sqrt(share @ (number - mean) ** 2 / (n - 1)))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return mean, error, max(mean - half, least), min(mean + half, most)


def answers_of(answers, where, least, most, weight, level):
    """Read answers on a scale, leave the missing ones out and count them.

    Parameters
    ----------
    answers : array-like of shape (n_sheets,)
        The answers.
    where : str
        What a message calls them.
    least, most : int
        Ends of the scale.
    weight : array-like of shape (n_sheets,) or None
        Weights.
    level : float
        Of the interval that will be made.

    Returns
    -------
    tuple of (ndarray, ndarray, float, int)
        Answers, the share of all weight each carries, the effective number, and how many are missing.

    Raises
    ------
    CrmlabError
        All faults together.

    Examples
    --------
    >>> answers_of([1, None, 5], "csat", 1, 5, [2, 1, 2], 0.9)
    (array([1., 5.]), array([0.5, 0.5]), 2.0, 1)
    """
    faults = []
    if isinstance(level, bool) or not isinstance(level, int | float | np.number) or not 0 < level < 1:
        step = "write 0.95 for 95 %."
        faults.append(message("level", f"found {level!r}.", allowed="a number between 0 and 1", next=step))
    rule = f"a whole number from {least} to {most}"
    kind = kind_of(answers) if isinstance(answers, pd.DataFrame | set | str) or np.ndim(answers) > 1 else ""
    if not kind and not isinstance(answers, pd.Series):
        answers, weight = pd.Series(answers, dtype=None), weight if weight is None else np.asarray(weight)
    number = None if kind else _numbers(answers)
    if number is None:
        step = "pass one column of answers, for instance survey['nps']."
        found = f"found {kind}." if kind else f"found values of type {answers.dtype}."
        faults.append(message(where, found, allowed=rule, next=step))
        raise CrmlabError(*faults)
    there = ~np.isnan(number)
    bad = there & ((number < least) | (number > most) | (number != np.round(number)))
    if bad.any():
        found = f'{bad.sum():,} value{"s break" if bad.sum() > 1 else " breaks"} the rule "{rule}".'
        details = {"rows": few(answers.index[bad]), "values": few(answers[bad].tolist())}
        step = "mend them; where nothing was answered, leave the cell empty."
        faults.append(message(where, found, **details, next=step))
    elif not there.any():
        faults.append(message(where, "nobody answered.", next="check the column and the selection before."))
    if isinstance(weight, pd.Series) and len(weight) == len(answers) and not weight.index.equals(answers.index):
        if weight.index.is_unique and answers.index.isin(weight.index).all():
            weight = weight.reindex(answers.index)
        else:
            step = "take both from the same table; if they stand in the same order, pass weight.to_numpy()."
            faults.append(message("weight", "its labels are not those of the answers.", next=step))
    flat = weight is None or np.ndim(weight) == 1
    weights = np.ones(len(number)) if weight is None or not flat else _numbers(pd.Series(np.asarray(weight)))
    fits = flat and weights is not None and len(weights) == len(number)
    if fits and (weights[there] >= 0).all() and 0 < weights[there].max(initial=0) < np.inf:
        weights = weights / weights[there].max()  # only their ratios count
    elif not fits or there.any():
        step = "pass the sheets' own weights, for instance survey['weight']."
        rule = "one number per sheet, 0 or more, and not all 0"
        faults.append(message("weight", "some weights are missing or below 0.", allowed=rule, next=step))
    if faults:
        raise CrmlabError(*faults)
    weights = weights[there]
    total = weights.sum()
    return number[there], weights / total, float(total**2 / (weights**2).sum()), int((~there).sum())


def _part(share, side):
    """Add up the shares of one side: all of them are exactly 1."""
    return min(float(share[side].sum() / share.sum()), 1.0)


def _numbers(values):
    """Give numbers as float with gaps as NaN, or None when they are none."""
    if values.isna().all():
        return np.full(len(values), np.nan)
    if values.dtype == object and all(_is_number(one) or one is None or one is pd.NA for one in values):
        values = values.astype("Float64")
    if pd.api.types.is_bool_dtype(values.dtype) or not pd.api.types.is_any_real_numeric_dtype(values.dtype):
        return None
    return values.to_numpy(dtype="float64", na_value=np.nan)


def _is_number(one):
    return isinstance(one, int | float | np.number) and not isinstance(one, bool)


def _score(name, unit, times, value, error, low, high, level, n_answers, n_missing, n_effective):
    value, error, low, high = (float(times * number) for number in (value, error, low, high))
    return Score(name, unit, value, error, low, high, float(level), n_answers, n_missing, n_effective)
