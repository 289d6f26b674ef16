"""The climb to a latent class solution: expectation and maximisation over distinct answer patterns."""

import numpy as np

from crmlab.engine.threads import one_thread

__all__ = ["Climbed", "Design", "climb", "design_of", "posterior", "random_starts", "split_start"]

_TINY = 1e-100  # what stands for a probability of 0 in a logarithm
_CELLS = 2**18  # numbers held at once, so that they stay near the processor
_MOST_STEPS = 10_000
_HOPELESS = 1e-8  # a start that needs a hundred million such steps to reach the highest is given up
_FIRST_STRIDE, _STRETCH = 4.0, 4.0


class Design:
    """Answer patterns as columns of ones and zeros, a row per answer.

    An item that everybody answered needs one row less than it has answers: the rows of an item
    add up to 1. An item left out has zeros only, so it says nothing about its person.

    Parameters
    ----------
    patterns : ndarray of shape (n_patterns, n_items)
        Answers as places among the levels; NaN where none was given.
    weight : ndarray of shape (n_patterns,)
        How many people gave each.
    n_levels : ndarray of shape (n_items,), int
        How many answers each item has.

    Examples
    --------
    >>> Design(np.array([[0.0, 1.0], [1.0, np.nan]]), np.ones(2), np.array([2, 2])).rows.tolist()
    [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]
    """

    def __init__(self, patterns, weight, n_levels):
        self.weight, self.total = weight, float(weight.sum())
        self.n_levels = np.asarray(n_levels)
        self.begin = np.cumsum(self.n_levels) - self.n_levels
        complete = ~np.isnan(patterns).any(axis=0)
        self.left_out = self.begin[complete]  # the first answer of these items follows from the others
        self.item = np.repeat(np.arange(len(self.n_levels)), self.n_levels)
        self.kept = np.setdiff1d(np.arange(len(self.item)), self.left_out)
        self.rows = np.empty((len(self.kept), len(patterns)))
        for row, place in enumerate(self.kept):
            item = self.item[place]
            np.equal(patterns[:, item], place - self.begin[item], out=self.rows[row])
        self._first = np.where(complete, self.begin, -1)[self.item[self.kept]]

    def logs(self, theta):
        """Give what a class adds up over a pattern: a constant, and one number for each row.

        Parameters
        ----------
        theta : ndarray of shape (..., k, 1 + n_answers)

        Returns
        -------
        tuple of ndarray
        """
        logs = np.log(np.maximum(theta, _TINY))
        share, answers = logs[..., 0], logs[..., 1:]
        first = np.where(self._first >= 0, answers[..., self._first], 0.0)
        return share + answers[..., self.left_out].sum(axis=-1), answers[..., self.kept] - first

    def counted(self, sizes, counts):
        """Give the weight of each answer in each class, with the answers that follow from others.

        Parameters
        ----------
        sizes : ndarray of shape (..., k)
        counts : ndarray of shape (..., k, n_rows)

        Returns
        -------
        ndarray of shape (..., k, n_answers)
        """
        answers = np.zeros((*sizes.shape, len(self.item)))
        answers[..., self.kept] = counts
        others = np.add.reduceat(answers, self.begin, axis=-1)[..., self.item[self.left_out]]
        answers[..., self.left_out] = np.maximum(sizes[..., None] - others, 0.0)
        return answers


def design_of(answers):
    """Make answer patterns ready for the climb.

    Parameters
    ----------
    answers : Answers

    Returns
    -------
    Design
    """
    return Design(answers.patterns, answers.weight, [len(known) for known in answers.levels])


class Climbed:
    """Where each start of a climb came to.

    Parameters
    ----------
    theta : ndarray of shape (n_starts, k, 1 + n_answers)
        Share of each class, then the probability of each answer in it.
    log_likelihood : ndarray of shape (n_starts,)
    converged : ndarray of shape (n_starts,), bool
        Whether one more step would have gained next to nothing.
    path : list of ndarray of shape (n_starts,)
        Log-likelihood after each step kept; NaN for starts that were done.
    """

    def __init__(self, theta, log_likelihood, converged, path):
        self.theta, self.log_likelihood, self.converged, self.path = theta, log_likelihood, converged, path

    @property
    def best(self):
        """Number of the start that came highest.

        Returns
        -------
        int
        """
        return int(np.argmax(self.log_likelihood))


def climb(design, theta, *, flat=1e-12, steps=_MOST_STEPS, rested=lambda starts: None):
    """Raise the likelihood of every start until a step gains next to nothing; no step lowers it.

    Steps are those of expectation and maximisation. After two of them a longer stride is tried in
    their direction; where it comes out lower than they did, it is taken back. A start that crawls far
    below the highest is given up, and not called converged.

    Parameters
    ----------
    design : Design
    theta : ndarray of shape (n_starts, k, 1 + n_answers)
        Share of each class, then the probability of each answer in it.
    flat : float, default=1e-12
        Gain of a step for each person below which a start is done.
    steps : int
        Most steps to take, of either kind.
    rested : callable, optional
        Called with the number of starts that came to rest, each time some do.

    Returns
    -------
    Climbed

    References
    ----------
    L. A. Goodman, *Exploratory latent structure analysis using both identifiable and unidentifiable
    models*, Biometrika 61, 1974, for the steps; D. A. Linzer & J. B. Lewis, *poLCA: An R package for
    polytomous variable latent class analysis*, Journal of Statistical Software 42(10), 2011, section
    2.4, for items left out; R. Varadhan & C. Roland, *Simple and globally convergent methods for
    accelerating the convergence of any EM algorithm*, Scandinavian Journal of Statistics 35, 2008,
    for the stride (their third step length).
    """
    theta = np.array(theta, dtype="float64")
    best, top, converged = theta.copy(), np.full(len(theta), -np.inf), np.zeros(len(theta), dtype=bool)
    stride, path, taken = np.full(len(theta), _FIRST_STRIDE), [], 0
    running, safe = np.arange(len(theta)), theta
    with one_thread():
        while len(running) and taken < steps:
            value, one = _step(design, theta)
            taken += 1
            fell = np.flatnonzero(value < top[running])
            if len(fell):
                if taken >= steps:
                    break
                value[fell], one[fell] = _step(design, safe[fell])
                theta[fell] = safe[fell]
                stride[running[fell]] = np.maximum(stride[running[fell]] / _STRETCH, 1.0)
                taken += 1
            path.append(_told(value, running, len(best)))
            _keep(best, top, running, theta, value)
            if taken >= steps:
                break
            higher, two = _step(design, one)
            taken += 1
            path.append(_told(higher, running, len(best)))
            _keep(best, top, running, one, higher)
            rest = higher - value <= flat * design.total
            done = rest | (higher - value <= _HOPELESS * (top.max() - higher))
            converged[running[rest]] = True
            rested(int(done.sum()))
            theta, one, two, running = theta[~done], one[~done], two[~done], running[~done]
            safe = two
            theta, stride[running] = _stretched(theta, one, two, stride[running], design)
    return Climbed(best, top, converged, path)


def _told(value, running, n):
    line = np.full(n, np.nan)
    line[running] = value
    return line


def _keep(best, top, running, theta, value):
    risen = value >= top[running]
    best[running[risen]], top[running[risen]] = theta[risen], value[risen]


def _stretched(zero, one, two, stride, design):
    """Go further the way the last two steps went; never to 0, from where no answer comes back."""
    first, turn = one - zero, two - 2 * one + zero
    ahead, bend = np.sqrt((first**2).sum(axis=(1, 2))), np.sqrt((turn**2).sum(axis=(1, 2)))
    asked = np.divide(ahead, bend, out=np.ones(len(zero)), where=bend > 0)
    length = np.clip(asked, 1.0, stride)[:, None, None]
    far = zero + 2 * length * first + length**2 * turn
    far = np.maximum(far, two / 10)
    far[..., 0] /= far[..., 0].sum(axis=1, keepdims=True)
    sums = np.add.reduceat(far[..., 1:], design.begin, axis=-1)
    far[..., 1:] /= sums[..., design.item]
    return far, np.where(asked >= stride, stride * _STRETCH, stride)


def _step(design, theta):
    """The log-likelihood at theta, and where expectation and maximisation lead from there."""
    shape = theta.shape[:2]
    constant, slope = design.logs(theta)
    rows, flat_slope = design.rows, slope.reshape(-1, slope.shape[-1])
    value, sizes, counts = np.zeros(shape[0]), np.zeros(shape), np.zeros(slope.shape)
    piece = max(256, _CELLS // (shape[0] * shape[1] + len(rows)))
    for begin in range(0, rows.shape[1], piece):
        part, weight = rows[:, begin : begin + piece], design.weight[begin : begin + piece]
        share, log_total = _posterior(part, constant, flat_slope)
        value += log_total @ weight
        share *= weight
        sizes += share.sum(axis=-1)
        counts += (share.reshape(-1, share.shape[-1]) @ part.T).reshape(counts.shape)
    answers = design.counted(sizes, counts)
    sums = np.add.reduceat(answers, design.begin, axis=-1)[..., design.item]
    led = np.empty_like(theta)
    led[..., 0] = sizes / design.total
    # a class in which nobody answered an item keeps what it had
    led[..., 1:] = np.divide(answers, sums, out=theta[..., 1:].copy(), where=sums > 0)
    return value, led


def _posterior(part, constant, flat_slope):
    joint = (flat_slope @ part).reshape(*constant.shape, part.shape[1])
    joint += constant[..., None]
    top = joint.max(axis=1, keepdims=True)
    joint -= top
    np.exp(joint, out=joint)
    total = joint.sum(axis=1, keepdims=True)
    joint /= total
    return joint, (np.log(total) + top)[:, 0]


def posterior(design, theta):
    """Tell how likely each class is for each pattern.

    Parameters
    ----------
    design : Design
    theta : ndarray of shape (k, 1 + n_answers)

    Returns
    -------
    tuple of ndarray
        (shares of shape (n_patterns, k), log-likelihood of each pattern)
    """
    with one_thread():
        constant, slope = design.logs(theta[None])
        share, value = _posterior(design.rows, constant, slope[0])
    return np.ascontiguousarray(share[0].T), value[0]


def random_starts(design, k, seeds):
    """Draw answer probabilities to start from, half-way between those of all people and any there are.

    Classes start equal in size.

    Parameters
    ----------
    design : Design
    k : int
    seeds : iterable of list of int
        One for each start: a start does not depend on how many there are.

    Returns
    -------
    ndarray of shape (n_starts, k, 1 + n_answers)
    """
    theta = np.stack([np.random.default_rng(seed).standard_exponential((k, 1 + len(design.item))) for seed in seeds])
    theta[..., 0] = 1 / k
    theta[..., 1:] /= np.add.reduceat(theta[..., 1:], design.begin, axis=-1)[..., design.item]
    everybody = design.counted(design.weight.sum(keepdims=True), (design.rows @ design.weight)[None])[0]
    everybody /= np.maximum(np.add.reduceat(everybody, design.begin), _TINY)[design.item]
    theta[..., 1:] += everybody
    theta[..., 1:] /= np.add.reduceat(theta[..., 1:], design.begin, axis=-1)[..., design.item]
    return theta


def split_start(theta, design):
    """Start from a solution of one class less by splitting its largest: the likelihood can only gain.

    Parameters
    ----------
    theta : ndarray of shape (k, 1 + n_answers)
    design : Design

    Returns
    -------
    ndarray of shape (1, k + 1, 1 + n_answers)
    """
    large = int(np.argmax(theta[:, 0]))
    nudge = 1 + 0.02 * (-1.0) ** np.arange(theta.shape[1])
    twice = np.stack([theta[large] * nudge, theta[large] / nudge])
    twice[:, 0] = theta[large, 0] / 2
    twice[:, 1:] /= np.add.reduceat(twice[:, 1:], design.begin, axis=-1)[..., design.item]
    return np.concatenate([np.delete(theta, large, axis=0), twice])[None]
