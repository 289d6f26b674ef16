"""How many classes the answers can tell apart, and what is said when more are asked."""

import math

import numpy as np

from crmlab.engine.threads import one_thread
from crmlab.errors import CrmlabError, message
from crmlab.segment.asked import is_whole, not_whole
from crmlab.segment.latent_em import posterior

__all__ = ["checked", "free_numbers", "identified", "most_classes"]

_EDGE, _FLAT = 1e-4, 1e-7  # a probability so near 0 or 1 is not free; a direction so flat changes nothing
_AT_ONCE = 5_000


def checked(model, answers):
    """Refuse what cannot be fitted, all of it at once.

    Parameters
    ----------
    model : LatentClasses
    answers : Answers

    Raises
    ------
    CrmlabError
        For a seed, a number of starts or of classes that cannot be.
    """
    faults = [*not_whole(0, seed=(model.seed, 1)), *not_whole(1, starts=(model.starts, 20))]
    most, why = most_classes(answers)
    if not is_whole(model.k, 1) or model.k > most:
        found = f"found {model.k!r}; {why}."
        next_step = "ask for fewer classes, leave items out, or put answers into fewer bands."
        if not is_whole(model.k, 1):
            found = f"found {model.k!r}."
            next_step = "give one, for instance k=4; class_solutions(X, k=range(1, 7), seed=1) compares several."
        faults.append(message("k", found, allowed=f"whole numbers from 1 to {most}", next=next_step))
    if faults:
        raise CrmlabError(*faults)


def most_classes(answers):
    """Tell how many classes the answers can tell apart at most, and why no more.

    A model may not have more to find than there are people, nor more than there are ways to answer,
    less one; nor more classes than different answers.

    Parameters
    ----------
    answers : Answers

    Returns
    -------
    tuple of (int, str)

    References
    ----------
    L. A. Goodman, Biometrika 61, 1974: what cannot be found at all.

    Examples
    --------
    >>> from crmlab.segment.answers import answers_of
    >>> most_classes(answers_of(pd.DataFrame({"a": [0, 0, 1, 1] * 9, "b": [0, 1, 0, 1] * 9}), categories=True))
    (1, 'k classes have 3 k − 1 numbers to find, and 4 ways to answer 2 items tell 3 at most')
    """
    asked = answers.weight > 0
    different, people = int(asked.sum()), max(answers.people, float((answers.kind >= 0).sum()))
    ways = math.prod(_used(answers))
    free = free_numbers(answers) + 1
    room = int(min(ways, people))
    what = f"{ways:,} ways to answer {len(answers.items)} items" if ways <= people else f"{people:,.0f} people"
    by_room = max(room // free, 1)
    if by_room < different:
        return by_room, f"k classes have {free} k − 1 numbers to find, and {what} tell {room - 1:,} at most"
    return different, f"there are {different:,} different answer patterns"


def _used(answers):
    """How many answers of each item somebody gave who counts."""
    return [len(np.unique(one[~np.isnan(one)])) or 1 for one in answers.patterns[answers.weight > 0].T]


def free_numbers(answers):
    """Count what one class is free to choose: for each item one less than it has answers.

    Parameters
    ----------
    answers : Answers

    Returns
    -------
    int
    """
    return sum(_used(answers)) - len(answers.items)


def identified(design, theta):
    """Tell whether the answers tell a solution from others close by (local identifiability).

    The derivatives of the log-probability of each pattern by each number the model is free to
    choose (on the scale of logarithms of odds) are as many directions as there are numbers, or some
    change of the numbers changes nothing. Probabilities at 0 or 1 are at the edge and not counted.

    Parameters
    ----------
    design : Design
    theta : ndarray of shape (k, 1 + n_answers)

    Returns
    -------
    bool

    References
    ----------
    L. A. Goodman, Biometrika 61, 1974, section 3.
    """
    free = (theta[:, 1:] > _EDGE) & (theta[:, 1:] < 1 - _EDGE)
    for begin, levels in zip(design.begin, design.n_levels, strict=True):  # one answer follows from the others
        rows = np.arange(len(theta))
        free[rows, begin + theta[:, 1 + begin : 1 + begin + levels].argmax(axis=1)] = False
    share = posterior(design, theta)[0]
    information = np.zeros((len(theta) - 1 + free.sum(),) * 2)
    with one_thread():
        for at in range(0, len(share), _AT_ONCE):
            part = slice(at, at + _AT_ONCE)
            slopes = _slopes(design, theta, share[part], free, part)
            information += (slopes * design.weight[part]) @ slopes.T
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    return bool(np.linalg.eigvalsh(information / np.outer(scale, scale)).min(initial=1.0) > _FLAT)


def _slopes(design, theta, share, free, part):
    """Derivatives of the log-probability of some patterns, a row for each number that is free."""
    said = np.zeros((len(design.item), len(share)))
    said[design.kept] = design.rows[:, part]
    others = np.add.reduceat(said, design.begin, axis=0)[design.item[design.left_out]]
    said[design.left_out] = 1 - others
    answered = np.add.reduceat(said, design.begin, axis=0)[design.item]
    slopes = [(share - theta[:, 0])[:, 1:].T]
    for one, chance in enumerate(theta[:, 1:]):
        mine = free[one]
        slopes.append(share[:, one] * (said[mine] - chance[mine, None] * answered[mine]))
    return np.concatenate(slopes)
