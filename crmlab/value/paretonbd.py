"""Pareto/NBD: customers buy at their own rate and may leave at any moment."""

import numpy as np
from scipy.special import expit, gammaln, psi

from crmlab.value.nbd import nbd
from crmlab.value.repeat_buying import RepeatBuying

__all__ = ["ParetoNBD"]

_RULES = [  # places between 0 and 1 and their weights, as columns
    ((nodes[:, None] + 1) / 2, weights[:, None])
    for nodes, weights in map(np.polynomial.legendre.leggauss, (6, 12, 24, 48))
]
_CELLS = 2**13  # numbers held at once, so that they stay near the processor
_DROPS = (1.0, 5.0, 20.0)  # how many powers of e the integrand falls, up to which 6, 12, 24 nodes do
_CUT = 37.0  # beyond, less than 1e-16 of it is left


class ParetoNBD(RepeatBuying):
    """Tell who is still a customer when they may leave at any time, not only after a purchase.

    Each customer buys at a steady rate λ of their own and leaves at a rate μ of their own.
    Purchase rates are gamma distributed over customers (shape r, scale α), dropout rates too
    (s, β). The model from which BG/NBD was simplified.

    Parameters
    ----------
    covariates : tuple of str, default=()
        Columns of the summary, known of each customer and fixed, that move the two rates:
        α exp(−γ z) and β exp(−δ z). purchase_z is γ, dropout_z is δ; above 0 they buy faster, or
        leave sooner.

    Attributes
    ----------
    params_ : pandas.Series
        r, alpha (in the unit of time), s, beta (in the unit of time), and two effects for each
        covariate.
    log_likelihood_, aic_, bic_ : float
        How well it fits.
    converged_ : bool
        Whether the search found the top; `convergence_` says it in words.
    unit_ : str
        Unit of time it was fitted in.

    References
    ----------
    D. C. Schmittlein, D. G. Morrison and R. Colombo, Counting your customers: who are they and
    what will they do next?, *Management Science* 33(1), 1987; likelihood as an integral over
    the moment of leaving: P. S. Fader and B. G. S. Hardie, A note on deriving the Pareto/NBD
    model and related expressions, 2005.

    Examples
    --------
    >>> cdnow = ParetoNBD.with_params(unit="W", r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> customer = pd.DataFrame({"frequency": [2], "recency_weeks": [30.43], "age_weeks": [38.86]})
    >>> cdnow.p_alive(customer).round(3).tolist()
    [0.869]
    """

    _names = ("r", "alpha", "s", "beta")
    _moved_by = ((1, -1.0), (3, -1.0))
    _last_buys = False

    def _start(self, age):
        return np.array([0.6, 0.4 * age, 0.6, 0.4 * age])

    def _terms(self, rows, r, alpha, s, beta):
        """Log-likelihood and its slopes in r, α, s and β: sums over rows; of each row where parameters differ."""
        apart = np.ndim(alpha) > 0
        add = np.multiply if apart else np.dot
        x, of_row = rows.levels("x", apart=apart)
        many = r + rows.x
        log_a, log_b = np.log(alpha + rows.T), np.log(beta + rows.T)
        log_left, (mean_a, mean_b, mean_1a, mean_1b) = self._left(rows, r, alpha, s, beta, slopes=True)
        log_here = -many * log_a - s * log_b
        gone = expit(log_left - log_here)
        value = (gammaln(r + x) - gammaln(r))[of_row] + r * np.log(alpha) + s * np.log(beta)
        slopes = (
            (psi(r + x) - psi(r))[of_row] + np.log(alpha) - (1 - gone) * log_a - gone * mean_a,
            r / alpha - many * ((1 - gone) / (alpha + rows.T) + gone * mean_1a),
            np.log(beta) - (1 - gone) * log_b + gone * (1 / s - mean_b),
            s / beta - (1 - gone) * s / (beta + rows.T) - gone * (s + 1) * mean_1b,
        )
        value = value + np.logaddexp(log_here, log_left)
        return add(rows.weight, value), [add(rows.weight, slope) for slope in slopes]

    def _left(self, rows, r, alpha, s, beta, *, slopes=False):
        """Logarithm of s ∫ (α + t)^−(r+x) (β + t)^−(s+1) dt from t_x to T, and means over it.

        Gauss-Legendre in log(min(α, β) + t), cut where nothing is left; the more it falls, the
        more nodes. SciPy's ₂F₁ is not finite for some of these.
        """
        many, a_is_near = r + rows.x, np.broadcast_to(np.less_equal(alpha, beta), rows.x.shape)
        near, far = np.minimum(alpha, beta) + rows.tx, np.maximum(alpha, beta) + rows.tx
        of_near, of_far = np.where(a_is_near, (many, s + 1 + 0 * many), (s + 1 + 0 * many, many))
        falls = of_near + of_far * near / far - 1  # at least so fast, per unit of the logarithm
        width = np.log1p((rows.T - rows.tx) / near)
        width = np.where(falls > 0, np.minimum(width, _CUT / np.maximum(falls, 1e-300)), width)
        drop = of_near * width + of_far * np.log1p(near / far * np.expm1(width))
        sums = np.empty((5 if slopes else 1, len(drop)))
        classes = np.searchsorted(_DROPS, drop)
        for which, (nodes, weights) in enumerate(_RULES):
            here = np.flatnonzero(classes == which)
            piece = _CELLS // len(nodes)
            for some in (here[begin : begin + piece] for begin in range(0, len(here), piece)):
                up_near = nodes * width[some]
                grow = np.expm1(up_near)
                up_far = np.log1p(grow * (near[some] / far[some]))
                part = np.exp((1 - of_near[some]) * up_near - of_far[some] * up_far) * weights
                sums[0, some] = part.sum(axis=0)
                if slopes:
                    sums[1, some], sums[2, some] = (part * up_near).sum(axis=0), (part * up_far).sum(axis=0)
                    sums[3, some] = (part / (grow + 1)).sum(axis=0) / near[some]
                    sums[4, some] = (part / (grow * near[some] + far[some])).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_left = np.log(s * near * width / 2 * sums[0]) - of_near * np.log(near) - of_far * np.log(far)
            means = np.nan_to_num(sums[1:] / sums[0])
        if slopes:
            means[:2] += np.log((near, far))
            means = np.where(a_is_near, means, means[[1, 0, 3, 2]])
        return log_left, means

    def _alive(self, rows, r, alpha, s, beta):
        log_left, _ = self._left(rows, r, alpha, s, beta)
        log_here = -(r + rows.x) * np.log(alpha + rows.T) - s * np.log(beta + rows.T)
        return expit(log_here - log_left)

    def _memory(self, rows, r, alpha, s, beta):
        return beta + rows.T

    def _if_alive(self, rows, ahead, r, alpha, s, beta):
        """E[λ] E[e^(−μ t)] with λ ~ gamma(r + x, α + T), μ ~ gamma(s, β + T)."""
        return (r + rows.x) / (alpha + rows.T) * np.exp(-s * np.log1p(ahead / (beta + rows.T)))

    def _chances(self, x, t, r, alpha, s, beta):
        stays = np.exp(-s * np.log1p(t / beta))
        nodes, weights = np.polynomial.legendre.leggauss(200)
        width = np.log1p(t / beta)
        leaves = np.zeros(len(x))
        for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
            chance = weight * width * s * np.exp(-s * width * node)
            leaves += chance * nbd(x, beta * np.expm1(width * node), r, alpha)
        return stays * nbd(x, t, r, alpha) + leaves

    def _lives(self, dice, rows, r, alpha, s, beta):
        """Draw the rate at which each one who is a customer buys, and when they leave."""
        rate = dice.gamma(r + rows.x) / (alpha + rows.T)
        with np.errstate(divide="ignore"):
            return rate, dice.exponential(1.0, len(rate)) * (beta + rows.T) / dice.gamma(s, size=len(rate))
