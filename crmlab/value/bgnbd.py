"""BG/NBD and its modified form: customers buy at their own rate and may leave after a purchase."""

import numpy as np
from scipy.special import betaincinv, betaln, expit, gammaln, hyp2f1, psi

from crmlab.value.nbd import nbd, nbd_or_more
from crmlab.value.repeat_buying import RepeatBuying

__all__ = ["BGNBD", "MBGNBD"]

_HOPELESS = -700.0  # e to 700 is still a number, to 710 no more
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(64)


class BGNBD(RepeatBuying):
    """Tell who is still a customer and how much they will buy, without a contract.

    Each customer buys at a steady rate λ of their own and leaves for good after a repeat
    purchase with chance p of their own. Rates are gamma distributed over customers (shape r,
    scale α), chances beta distributed (a, b).

    Parameters
    ----------
    covariates : tuple of str, default=()
        Columns of the summary, known of each customer and fixed, that move the rate and the
        dropout: α exp(−γ z) and a exp(δ z). purchase_z is γ, dropout_z is δ; above 0 they
        buy faster, or leave sooner.

    Attributes
    ----------
    params_ : pandas.Series
        r, alpha (in the unit of time), a, b, and two effects for each covariate.
    log_likelihood_, aic_, bic_ : float
        How well it fits.
    converged_ : bool
        Whether the search found the top; `convergence_` says it in words.
    unit_ : str
        Unit of time it was fitted in.

    References
    ----------
    P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting your customers" the easy way: an
    alternative to the Pareto/NBD model, *Marketing Science* 24(2), 2005, 275–284; covariates:
    P. S. Fader and B. G. S. Hardie, Incorporating time-invariant covariates into the
    Pareto/NBD and BG/NBD models, 2007.

    Examples
    --------
    >>> cdnow = BGNBD.with_params(unit="W", r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> summary = cdnow.sample(2_000, seed=1, age=39)
    >>> model = BGNBD().fit(summary)
    >>> model.params_.round(1).to_dict()
    {'r': 0.2, 'alpha': 4.2, 'a': 0.9, 'b': 2.4}
    """

    _names = ("r", "alpha", "a", "b")
    _moved_by = ((1, -1.0), (2, 1.0))
    _last_buys = True  # a customer leaves with a purchase
    _leaves_at_once = False  # whether a customer may leave right after the first purchase

    def _start(self, age):
        return np.array([0.5, 0.25 * age, 0.8, 2.5])

    def _terms(self, rows, r, alpha, a, b):
        """Log-likelihood and its slopes in r, α, a and b: sums over rows; of each row where parameters differ."""
        apart = np.ndim(alpha) > 0 or np.ndim(a) > 0
        add, total = (np.multiply, np.asarray) if apart else (np.dot, np.sum)
        (x, of_x), of_kind = rows.levels("x", apart=apart), rows.over_levels("x", apart=apart)
        (age, _), of_age = rows.levels("T", apart=apart), rows.over_levels("T", apart=apart)
        end, last, weight = rows.columns["T"], rows.columns["tx"], rows.weight
        stays = x + self._leaves_at_once
        drawn = np.array([r + x, b + stays, a + b + stays])
        slope_r, slope_b, slope_ab = psi(drawn)
        way_r, way_b, way_ab = gammaln(drawn)
        ways = gammaln(r) + gammaln(b) - gammaln(a + b) - r * np.log(alpha)
        purchases = r * of_age + rows.over_levels("T", "x", apart=apart)
        log_age = np.log(alpha) + np.log1p(age / alpha)
        silence = (end - last) / (alpha + last)
        log_silence, times = np.log1p(silence), r + rows.columns["x"]
        odds = np.maximum(self._log_chances(x, a, b)[of_x] + times * log_silence, _HOPELESS)
        against = np.exp(-odds)
        gone = weight / (1 + against)
        late = 1 / np.maximum(b + (stays - 1), 1e-30)
        value = add(of_kind, way_r + way_b - way_ab - ways) - add(purchases, log_age)
        return value + add(weight, odds + np.log1p(against)), (
            add(of_kind, slope_r - (psi(r) - np.log(alpha))) - add(of_age, log_age) + add(gone, log_silence),
            total(of_age * r / alpha - purchases / (alpha + age)) - add(gone, times * silence / (alpha + end)),
            total(gone) / a - add(of_kind, slope_ab - psi(a + b)),
            add(of_kind, slope_b - slope_ab - (psi(b) - psi(a + b))) - add(gone, late[of_x]),
        )

    def _log_chances(self, x, a, b):
        """Logarithm of: left with the last purchase, against stayed a customer."""
        if self._leaves_at_once:
            return np.log(a) - np.log(b + x)
        return np.where(x > 0, np.log(a) - np.log(np.maximum(b + (x - 1), 1e-300)), -np.inf)

    def _alive(self, rows, r, alpha, a, b):
        silence = np.log(alpha + rows.T) - np.log(alpha + rows.tx)
        return expit(-self._log_chances(rows.x, a, b) - (r + rows.x) * silence)

    def _memory(self, rows, r, alpha, a, b):
        return alpha + rows.T

    def _if_alive(self, rows, ahead, r, alpha, a, b):
        """E[λ e^(−λ p s)] with λ ~ gamma(r + x, α + T), p ~ beta(a, b + x): how fast they still buy."""
        times = b + rows.x + self._leaves_at_once
        part = ahead / (alpha + rows.T)
        # Pfaff's form of ₂F₁(r + x + 1, a; a + times; −part), whose argument stays below 1
        grown = hyp2f1(a + times - r - rows.x - 1, a, a + times, part / (1 + part))
        with np.errstate(invalid="ignore"):  # a huge number times one too small for a computer
            stays = np.exp(-a * np.log1p(part)) * grown
        lost = np.flatnonzero(~((stays >= 0) & (stays <= 1 + 1e-9)))
        if len(lost):
            many, a, times, part = (np.broadcast_to(of, len(stays))[lost] for of in (r + rows.x + 1, a, times, part))
            stays[lost] = _chance_to_stay(many, a, times, part)
        return (r + rows.x) / (alpha + rows.T) * stays

    def _chances(self, x, t, r, alpha, a, b):
        at_once = float(self._leaves_at_once)
        stays = np.exp(betaln(a, b + x + at_once) - betaln(a, b))
        can = (x > 0) | self._leaves_at_once
        leaves = np.where(can, np.exp(betaln(a + 1, np.where(can, b + x - 1 + at_once, 1.0)) - betaln(a, b)), 0.0)
        return stays * nbd(x, t, r, alpha) + leaves * nbd_or_more(x, t, r, alpha)

    def _lives(self, dice, rows, r, alpha, a, b):
        """Draw the rate at which each one who is a customer buys and stays, and when they leave."""
        rate = dice.gamma(r + rows.x) / (alpha + rows.T)
        chance = dice.beta(a, b + rows.x + self._leaves_at_once)
        with np.errstate(divide="ignore"):
            return rate * (1 - chance), dice.exponential(1.0, len(rate)) / (rate * chance)


class MBGNBD(BGNBD):
    """BG/NBD in which a customer may also leave right after the first purchase.

    In BG/NBD everybody who never bought again is still a customer. Here the chance p is faced
    after each purchase, the first included.

    Parameters
    ----------
    covariates : tuple of str, default=()
        As for :class:`BGNBD`.

    Attributes
    ----------
    params_, log_likelihood_, aic_, bic_, converged_, unit_
        As for :class:`BGNBD`.

    References
    ----------
    E. P. Batislam, M. Denizel and A. Filiztekin, Empirical validation and comparison of models
    for customer base analysis, *International Journal of Research in Marketing* 24, 2007.

    Examples
    --------
    >>> shop = MBGNBD.with_params(unit="W", r=0.5, alpha=6.2, a=0.9, b=1.6)
    >>> once = pd.DataFrame({"frequency": [0], "recency_weeks": [0.0], "age_weeks": [39.0]})
    >>> shop.p_alive(once).round(2).tolist()
    [0.4]
    """

    _leaves_at_once = True


def _chance_to_stay(many, a, b, part):
    """E[(1 + p part)^−many] with p ~ beta(a, b) by its quantiles: where a, b or many are too large for ₂F₁."""
    chance = betaincinv(a[:, None], b[:, None], (_NODES + 1) / 2)
    return np.exp(-many[:, None] * np.log1p(chance * part[:, None])) @ (_NODE_WEIGHTS / 2)
