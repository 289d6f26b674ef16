"""What may come: futures of each customer, drawn from what the models know of them, and what lies between."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
from tqdm import tqdm

from crmlab.tables.rows import Plain

__all__ = ["Futures", "value_ends"]

_NEGLIGIBLE = 40.0  # e^-40 of what is counted
_AT_ONCE = 4_000_000  # values held in memory together, by each thread
_PART = 20_000  # customers drawn together: short enough to stay near the processor


class Futures:
    """Draw futures of customers, one after the other: who buys, how often, and what it is worth today.

    Parameters
    ----------
    model : BGNBD, MBGNBD or ParetoNBD
        Fitted.
    summary : pandas.DataFrame of shape (n_customers, …)
        As for `fit`, in the same unit.
    force : float
        Continuous rate of interest per unit of time.
    horizon : float
        How far to look; with a `force` above 0 it may be infinite.

    Raises
    ------
    CrmlabError
        When the table breaks its promise or is in another unit.

    Examples
    --------
    >>> from crmlab.value import BGNBD
    >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> alike = pd.DataFrame({"frequency": 2, "recency_weeks": 30.43, "age_weeks": 38.86}, index=range(20_000))
    >>> who, purchases, _ = Futures(cdnow, alike, force=0.0, horizon=39.0).draw(np.random.default_rng(1))
    >>> print(f"{len(who) / 20_000:.0%} buy again, {purchases.sum() / 20_000:.1f} times on average of all")
    55% buy again, 1.2 times on average of all
    """

    def __init__(self, model, summary, *, force, horizon):
        self._model, self._force, self._horizon = model, force, horizon
        self._rows, self._fitted = model._rows(summary, "Futures(model, summary, …)")

    def draw(self, dice, parameters=None):
        """Draw one future of every customer.

        Parameters
        ----------
        dice : numpy.random.Generator
            Where chance comes from.
        parameters : array-like of shape (n_parameters,), optional
            Others than the fitted ones, such as a row of `bootstrap`.

        Returns
        -------
        tuple of ndarray of shape (n_buyers,)
            (places of those who buy at all, their purchases, their discounted purchases).

        Examples
        --------
        >>> from crmlab.value import BGNBD
        >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> one = pd.DataFrame({"frequency": [0], "recency_weeks": [0.0], "age_weeks": [38.86]})
        >>> who, purchases, worth = Futures(cdnow, one, force=0.0, horizon=1.0).draw(np.random.default_rng(1))
        >>> who.tolist(), purchases.tolist(), worth.tolist()
        ([], [], [])
        """
        model, rows, force, horizon = self._model, self._rows, self._force, self._horizon
        of_each = self._fitted
        if parameters is not None:
            of_each = model._per_row(model._place_of(np.asarray(parameters, dtype="float64")), rows)
        here = np.flatnonzero(dice.random(len(rows.x)) < model._alive(rows, *of_each))
        still = Plain({name: column[here] for name, column in rows.columns.items()})
        rate, until = model._lives(dice, still, *(of[here] if np.ndim(of) else of for of in of_each))
        last_buys = (until < horizon) & model._last_buys
        far = min(horizon, _NEGLIGIBLE / force if force else np.inf)
        count = dice.poisson(rate * np.minimum(until, far))
        buys = np.flatnonzero((count > 0) | last_buys)
        here, count, until, last_buys = (
            here[buys],
            count[buys],
            until[buys],
            np.broadcast_to(last_buys, len(rate))[buys],
        )
        worth = np.exp(-force * until) * last_buys if force else last_buys.astype("float64")
        return here, count + last_buys, worth + _discounted(dice, count, np.minimum(until, far), force)


def value_ends(purchases, spend, summary, *, margin, force, horizon, level, draws, seed):
    """Find between which values the futures of each customer lie, and those of all together.

    Each future is drawn with parameters of one bootstrap refit of both models. Customers are
    drawn in parts, each from its own seed, on all processors: what comes out depends on neither.

    Parameters
    ----------
    purchases : BGNBD, MBGNBD or ParetoNBD
        Fitted.
    spend : GammaGamma
        Fitted.
    summary : pandas.DataFrame of shape (n_customers, …)
        As both were fitted to.
    margin : float
        Share of an amount that is left.
    force : float
        Continuous rate of interest per unit of time.
    horizon : float
        How far to look.
    level : float
        Share of the futures that lie inside.
    draws : int
        Futures of each customer.
    seed : int
        Chooses them.

    Returns
    -------
    tuple
        (ends of the total, ndarray of shape (2,); share of futures in which a customer brings
        nothing, ndarray of shape (n_customers,); ends of each, ndarray of shape (2, n_customers)),
        in cents.

    Raises
    ------
    CrmlabError
        When the table breaks its promise or is in another unit, or a model cannot be refitted.

    Examples
    --------
    >>> from crmlab.value import BGNBD, GammaGamma
    >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> summary = cdnow.sample(2_000, seed=1, age=39)
    >>> money = GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0).sample(summary["frequency"], seed=2)
    >>> summary["mean_value_cents"] = money["mean_value_cents"]
    >>> total, nothing, each = value_ends(BGNBD().fit(summary), GammaGamma().fit(summary), summary, margin=0.3,
    ...     force=0.002, horizon=52.0, level=0.9, draws=20, seed=3)
    >>> bool(total[0] < total[1]), nothing.shape, each.shape
    (True, (2000,), (2, 2000))
    """
    dice = np.random.default_rng(seed)
    how_often = purchases.bootstrap(seed=dice.integers(2**62), n=draws).to_numpy()
    how_much = spend.bootstrap(seed=dice.integers(2**62), n=draws).to_numpy()
    size = max(min(_PART, _AT_ONCE // draws), 1)
    parts = [summary.iloc[first : first + size] for first in range(0, len(summary), size)]
    ends = [(1 - level) / 2, (1 + level) / 2]

    def drawn(part, dice):
        ahead = Futures(purchases, part, force=force, horizon=horizon)
        frequency, mean = spend._read(part)
        value = np.zeros((draws, len(part)))
        for turn in range(draws):
            who, count, worth = ahead.draw(dice, how_often[turn % len(how_often)])
            amount = _amount(dice, frequency[who], mean[who], count, *how_much[turn % len(how_much)])
            value[turn, who] = margin * worth * amount
        totals, nothing = value.sum(axis=1), (value == 0).mean(axis=0)
        return totals, nothing, np.quantile(value, ends, axis=0, overwrite_input=True)

    with ThreadPoolExecutor(os.cpu_count()) as crew, closing(crew.map(drawn, parts, dice.spawn(len(parts)))) as done:
        bar = tqdm(done, total=len(parts), desc="futures", delay=5, leave=False, file=sys.stdout)
        totals, nothing, each = zip(*bar, strict=True)
    return np.quantile(np.sum(totals, axis=0), ends), np.concatenate(nothing), np.concatenate(each, axis=1)


def _amount(dice, frequency, mean, count, p, q, gamma):
    """Average amount of the purchases to come, of each buyer in one future."""
    seen = np.where(mean > 0, frequency, 0.0)
    scale = dice.gamma(q + p * seen) / (gamma + seen * mean)
    return dice.gamma(p * count) / scale / count


def _discounted(dice, count, until, force):
    """Today's worth of purchases spread evenly over a time; beyond 30, the sum is as good as normal."""
    if not force:
        return count.astype("float64")
    worth = np.zeros(len(count))
    many = count > 30
    for turn in range(min(int(count.max(initial=0)), 30)):
        here = np.flatnonzero((count > turn) & ~many)
        worth[here] += np.exp(-force * until[here] * dice.random(len(here)))
    span = np.maximum(force * until[many], 1e-12)
    mean = -np.expm1(-span) / span
    spread = np.sqrt(np.maximum(-np.expm1(-2 * span) / (2 * span) - mean**2, 0.0) * count[many])
    worth[many] = np.maximum(mean * count[many] + spread * dice.standard_normal(int(many.sum())), 0.0)
    return worth
