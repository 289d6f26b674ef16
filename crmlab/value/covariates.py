"""Covariates are searched with mean 0 and spread 1, and told as they are: their unit and zero do not matter."""

import numpy as np

from crmlab.errors import CrmlabError, few, message

__all__ = ["Scales"]


class Scales:
    """Mean and spread of each covariate, by which a search finds its way.

    Parameters
    ----------
    names : sequence of str
        Columns.
    middle, spread : array-like of shape (n_covariates,)
        In the units of the columns.

    Examples
    --------
    >>> Scales(["income"], [50_000.0], [15_000.0]).scaled({"income": np.array([80_000.0])})["income"].tolist()
    [2.0]
    """

    def __init__(self, names, middle, spread):
        self.names = names
        self.middle, self.spread = np.asarray(middle, dtype="float64"), np.asarray(spread, dtype="float64")

    @classmethod
    def of(cls, rows, names):
        """Learn them from rows, each counted by its weight.

        Parameters
        ----------
        rows : Rows
        names : sequence of str
            Columns of theirs.

        Returns
        -------
        Scales

        Raises
        ------
        CrmlabError
            Naming each column that is the same for everybody, named twice, or no covariate at all.

        Examples
        --------
        >>> from crmlab.tables.rows import distinct
        >>> Scales.of(distinct({"web": np.array([0.0, 1.0])}), ["web"]).spread.tolist()
        [0.5]
        """
        odd = [name for name in dict.fromkeys(names) if name not in rows.columns or list(names).count(name) > 1]
        if odd:
            found = f"found {few(odd)}, which the model learns from already."
            raise CrmlabError(message("covariates", found, next="name other columns of the table, each once."))
        columns = [rows.columns[name] for name in names]
        middle = [float((rows.weight * column).sum() / rows.total) for column in columns]
        gaps = [column - at for column, at in zip(columns, middle, strict=True)]
        spread = [float(np.sqrt((rows.weight * gap**2).sum() / rows.total)) for gap in gaps]
        faults = [
            message(
                f"summary.{name}",
                f"every value is {column[0]:,g}: what is the same for everybody explains nothing.",
                next="leave it out of covariates.",
            )
            for name, column in zip(names, columns, strict=True)
            if (column == column[0]).all()
        ]
        if faults:
            raise CrmlabError(*faults)
        return cls(names, middle, spread)

    def scaled(self, columns):
        """Give the covariates mean 0 and spread 1.

        Parameters
        ----------
        columns : dict of str to ndarray of shape (n_rows,)

        Returns
        -------
        dict of str to ndarray of shape (n_rows,)
            The covariates alone.

        Examples
        --------
        >>> Scales(["web"], [0.5], [0.5]).scaled({"web": np.array([0.0, 1.0])})["web"].tolist()
        [-1.0, 1.0]
        """
        each = zip(self.names, self.middle, self.spread, strict=True)
        return {name: (columns[name] - middle) / spread for name, middle, spread in each}

    def leave(self, place, moved_by):
        """Turn a place of the search into what holds for covariates as they are.

        Parameters
        ----------
        place : ndarray of shape (4 + 2 × n_covariates,)
            Logarithms of the four parameters at the means, and the effects of one spread.
        moved_by : tuple
            Which two parameters the effects move, and with what sign.

        Returns
        -------
        tuple of ndarray
            (logarithms of the parameters where all covariates are 0, effects per unit).

        Examples
        --------
        >>> scales = Scales(["web"], [0.5], [0.5])
        >>> scales.leave(np.array([0, 0, 0, 0, 0.3, 0.2]), ((1, -1.0), (2, 1.0)))
        (array([ 0. ,  0.3, -0.2,  0. ]), array([0.6, 0.4]))
        """
        logs, effects = np.array(place[:4], dtype="float64"), np.reshape(place[4:], (2, -1)) / self.spread
        for (moved, sign), effect in zip(moved_by, effects, strict=True):
            logs[moved] -= sign * (effect @ self.middle)
        return logs, effects.ravel()

    def enter(self, logs, effects, moved_by):
        """Turn what holds for covariates as they are into a place of the search: `leave` undone.

        Parameters
        ----------
        logs : ndarray of shape (4,)
        effects : ndarray of shape (2 × n_covariates,)
        moved_by : tuple

        Returns
        -------
        ndarray of shape (4 + 2 × n_covariates,)

        Examples
        --------
        >>> scales = Scales(["web"], [0.5], [0.5])
        >>> scales.enter(np.array([0, 0.3, -0.2, 0]), np.array([0.6, 0.4]), ((1, -1.0), (2, 1.0))).tolist()
        [0.0, 0.0, 0.0, 0.0, 0.3, 0.2]
        """
        logs, effects = np.array(logs, dtype="float64"), np.reshape(effects, (2, -1))
        for (moved, sign), effect in zip(moved_by, effects, strict=True):
            logs[moved] += sign * (effect @ self.middle)
        return np.concatenate([logs, (effects * self.spread).ravel()])
