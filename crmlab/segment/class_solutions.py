"""Latent classes for every number of classes asked, side by side."""

import numpy as np
import pandas as pd

from crmlab.chart import ACCENT, SHADES, Chart
from crmlab.errors import CrmlabError, message
from crmlab.segment.answers import answers_of
from crmlab.segment.asked import is_whole
from crmlab.segment.class_limits import checked
from crmlab.segment.latent_classes import LatentClasses

__all__ = ["ClassSolutions", "class_solutions"]

_LINES = {"bic": ("BIC", ACCENT, "o"), "aic": ("AIC", SHADES[1], "s"), "icl": ("ICL", SHADES[0], "^")}


def class_solutions(X, k=range(1, 7), *, starts=20, seed, weights=None):
    """Fit latent classes for every k asked, and see what each criterion would choose.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n_people, n_items)
        Yes/no, categories or 7-point items, as in :class:`LatentClasses`.
    k : int or iterable of int, default=range(1, 7)
        Numbers of classes.
    starts : int, default=20
        Random starts for each k.
    seed : int
        The same seed gives the same classes, whatever the order of the rows.
    weights : array-like of shape (n_people,), optional
        How much each person counts.

    Returns
    -------
    ClassSolutions

    Raises
    ------
    CrmlabError
        For answers that cannot be used, a k that cannot be fitted.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> kind = rng.random(400) < 0.4
    >>> X = pd.DataFrame({item: (rng.random(400) < np.where(kind, 0.9, 0.2)).astype(int) for item in "abcd"})
    >>> found = class_solutions(X, k=[1, 2, 3], starts=5, seed=1)
    >>> int(found.table["bic"].idxmin())
    2
    >>> found.model(2).class_shares_.round(1).tolist()
    [0.6, 0.4]
    """
    answers = answers_of(X, weights=weights, categories=True)
    numbers = list(k) if np.iterable(k) and not isinstance(k, str) else [k]
    if not numbers:
        raise CrmlabError(message("k", "no number is given.", next="give for instance k=range(1, 7)."))
    for number in numbers:
        checked(LatentClasses(number, starts=starts, seed=seed), answers)
    models = [LatentClasses(number, starts=starts, seed=seed) for number in sorted(set(numbers))]
    return ClassSolutions([model._learn(answers) for model in models])


class ClassSolutions:
    """Latent classes for several numbers of classes; made by :func:`class_solutions`.

    Parameters
    ----------
    models : list of LatentClasses
        Fitted to the same answers.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by k: log_likelihood, n_parameters, aic, bic, adjusted_bic, caic, icl, entropy,
        starts_at_best (share of the starts that reached the best solution), optima (how many
        different ones the starts ended in), smallest (share of people in the smallest class).
    said : str
        What the reader must know about missing answers, fits that did not come to rest, classes that
        hold nobody and classes that the answers do not fix.

    Examples
    --------
    >>> X = pd.DataFrame({"a": [1, 1, 0, 0] * 20, "b": [1, 1, 0, 0] * 20, "c": [1, 0, 1, 0] * 20})
    >>> found = class_solutions(X, k=[1, 2], starts=5, seed=1)
    >>> found.model(2).predict(pd.DataFrame({"a": [1], "b": [1], "c": [0]})).tolist()
    [0]
    """

    def __init__(self, models):
        self._models = {int(model.k): model for model in models}
        self.answers = models[0].answers_
        self.table = pd.DataFrame.from_dict(
            {k: _row(model) for k, model in self._models.items()}, orient="index"
        ).rename_axis("k")
        warned = [told for model in self._models.values() for told in model._warned()]
        self.said = " ".join(filter(None, [self.answers.said(), *warned]))

    def model(self, k):
        """Give the fitted classes for one number of them.

        Parameters
        ----------
        k : int
            One of the numbers of classes asked.

        Returns
        -------
        LatentClasses

        Raises
        ------
        CrmlabError
            When there is no solution with k classes.
        """
        if is_whole(k, 1) and k in self._models:
            return self._models[k]
        raise CrmlabError(
            message(
                "k",
                f"there is no solution with {k!r} classes.",
                it_has=", ".join(map(str, self._models)),
                next="choose one of these, or ask class_solutions(...) for it.",
            )
        )

    def figure(self):
        """See how the criteria fall and rise with the number of classes.

        Returns
        -------
        Chart

        Examples
        --------
        >>> X = pd.DataFrame({"a": [1, 1, 0, 0] * 20, "b": [1, 1, 0, 0] * 20, "c": [1, 0, 1, 0] * 20})
        >>> class_solutions(X, k=[1, 2], starts=5, seed=1).figure()
        <Chart: BIC would take 2 classes, and so would AIC and ICL.>
        """
        table = self.table
        choice = {told: int(table[name].idxmin()) for name, (told, _, _) in _LINES.items()}
        others = {told: k for told, k in choice.items() if told != "BIC" and k != choice["BIC"]}
        so = "; ".join(f"{told} would take {k}" for told, k in others.items()) or "and so would AIC and ICL"
        finding = f"BIC would take {_classes(choice['BIC'])}{'; ' if others else ', '}{so}."

        def draw(axes):
            for name, (told, colour, mark) in _LINES.items():
                axes.plot(table.index, table[name], color=colour, marker=mark, label=told)
            axes.plot(choice["BIC"], table["bic"].min(), "o", color=ACCENT, markersize=14, fillstyle="none")
            axes.set(xlabel="number of classes (k)", ylabel="criterion (lower is better)", xticks=table.index)
            axes.yaxis.set_major_formatter("{x:,.0f}")
            axes.legend()

        words = (
            "Each line is one criterion; its lowest point is the number of classes it would take. BIC asks more of "
            "each further class than AIC; ICL also asks that people can be told apart. Where they disagree, test "
            "with bootstrap_test and look whether the further class is one you could treat differently."
        )
        return Chart(finding, words, draw)

    def __repr__(self):
        whole = ["log_likelihood", "aic", "bic", "adjusted_bic", "caic", "icl"]
        shares = ["entropy", "starts_at_best", "smallest"]
        shown = self.table.assign(
            **{name: self.table[name].map("{:,.1f}".format) for name in whole},
            **{name: self.table[name].map("{:.2f}".format) for name in shares},
        )
        starts = next(iter(self._models.values())).starts
        head = (
            f"latent classes: {len(self.answers.index):,} people, {len(self.answers.items)} items, "
            f"{starts} random starts for each k"
        )
        return "\n".join(filter(None, [head, shown.to_string(), self.said]))


def _classes(k):
    return "1 class" if k == 1 else f"{k} classes"


def _row(model):
    names = ("log_likelihood", "n_parameters", "aic", "bic", "adjusted_bic", "caic", "icl", "entropy")
    return {name: getattr(model, f"{name}_") for name in names} | {
        "starts_at_best": model.local_optima_["share_of_starts"].iloc[0],
        "optima": len(model.local_optima_),
        "smallest": float(model.class_shares_.iloc[-1]),
    }
