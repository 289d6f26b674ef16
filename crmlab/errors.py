"""One base error and one shape of message: where, what was found, what is allowed, what to do next."""

import difflib

__all__ = ["CrmlabError", "CrmlabWarning", "did_you_mean", "few", "message"]

_WIDTH = 8


def message(where, found, *, next, **details):
    """Write one fault down in the four-part shape every message of crmlab has.

    Parameters
    ----------
    where : str
        The table, column, file or argument the fault is in.
    found : str
        What was found there, as one sentence.
    next : str
        What the reader can do about it.
    **details : str
        Further lines between the two, such as ``allowed``, ``rows`` or ``it_has``
        (an underscore becomes a space).

    Returns
    -------
    str

    Examples
    --------
    >>> print(message("orders.csv", "the file is empty.", next="export it again."))
    orders.csv: the file is empty.
      next    : export it again.
    """
    lines = [f"{where}: {found}"]
    for label, text in {**details, "next": next}.items():
        lines.append(f"  {label.replace('_', ' '):<{_WIDTH}}: {text}")
    return "\n".join(lines)


class CrmlabError(ValueError):
    """Say in one message what is wrong and what to do next.

    A notebook shows the message alone, without the trace of calls behind it.

    Parameters
    ----------
    *messages : str
        One text per fault, each made by :func:`message`. All faults of a table are
        gathered and raised together.

    Examples
    --------
    >>> raise CrmlabError(message("seed", "found -1.", allowed="a whole number, 0 or more", next="choose another."))
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: seed: found -1.
      allowed : a whole number, 0 or more
      next    : choose another.
    """

    def __init__(self, *messages):
        self.messages = messages
        super().__init__(*messages)

    def __str__(self):
        return "\n".join(self.messages)

    def _render_traceback_(self):
        """Let IPython show the message and nothing else."""
        return [str(self)]


class CrmlabWarning(UserWarning):
    """Say what looks like a slip, and go on: it may be meant.

    Parameters
    ----------
    text : str
        Made by :func:`message`.

    Examples
    --------
    >>> isinstance(CrmlabWarning("log: no event of type 'complant'."), UserWarning)
    True
    """

    def __init__(self, text):
        super().__init__(text)


def did_you_mean(name, names):
    """Name the nearest of the allowed names, ready to end a sentence.

    Parameters
    ----------
    name : str
        What was written.
    names : iterable of str
        What could have been meant.

    Returns
    -------
    str
        ``" Did you mean 'x'?"``, or an empty text when nothing is near.

    Examples
    --------
    >>> did_you_mean("amount_euro", ["record_id", "amount_cents"])
    " Did you mean 'amount_cents'?"
    >>> did_you_mean("zebra", ["record_id", "amount_cents"])
    ''
    """
    near = difflib.get_close_matches(str(name).lower(), list(names), n=1, cutoff=0.5)
    return f" Did you mean '{near[0]}'?" if near else ""


def few(items, most=5):
    """List the first few of many, and say how many more there are.

    Parameters
    ----------
    items : iterable
        What to list.
    most : int, default=5
        How many to show.

    Returns
    -------
    str

    Examples
    --------
    >>> few(range(7))
    '0, 1, 2, 3, 4 … and 2 more'
    """
    items = [str(item) for item in items]
    more = f" … and {len(items) - most:,} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more
