"""The states of the customers: under small whole numbers in a row, under all other ids in a dict."""

from collections.abc import MutableMapping

__all__ = ["States"]

_SPARSE = 4  # the row grows for a customer whose number is below so many times as many as there are
_FEW = 256


class States(MutableMapping):
    """A dict of customer to state that finds most whole numbers by their place.

    Attributes
    ----------
    near : list
        The states of the customers 0, 1, 2 …; None where there is none. It grows in place.
    end : int
        How long `near` is: customers from here on, below 0, or named by text are not in it.
    far : dict
        Those that are not in `near`.

    Notes
    -----
    To find a key in a large dict the memory is asked three times, at places far from each other; here
    it is once. Ids far apart stay in a dict.

    Examples
    --------
    >>> states = States()
    >>> for customer in (3, 10**9, -1, "C-7"):
    ...     states[customer] = f"of {customer}"
    >>> states[3], states.near[3], states.get("C-8"), sorted(map(str, states))
    ('of 3', 'of 3', None, ['-1', '1000000000', '3', 'C-7'])
    >>> del states[3]
    >>> 3 in states, len(states)
    (False, 3)
    """

    def __init__(self):
        self.near, self.end, self.far, self._n_near = [], 0, {}, 0

    def get(self, customer, default=None):
        """Find the state of a customer.

        Parameters
        ----------
        customer : int or str
        default : optional
            What is given when there is none.
        """
        if customer.__class__ is int and 0 <= customer < self.end:
            state = self.near[customer]
            return default if state is None else state
        return self.far.get(customer, default)

    def __getitem__(self, customer):
        state = self.get(customer)
        if state is None:
            raise KeyError(customer)
        return state

    def __setitem__(self, customer, state):
        if not self._is_near(customer):
            if type(customer) is str or not 0 <= customer < _SPARSE * (len(self) + _FEW):
                self.far[customer] = state
                return
            self._grow(customer)
        self._n_near += self.near[customer] is None
        self.near[customer] = state

    def __delitem__(self, customer):
        if self._is_near(customer):
            self._n_near -= self.near[customer] is not None
            self.near[customer] = None
        else:
            del self.far[customer]

    def __iter__(self):
        yield from (customer for customer, state in enumerate(self.near) if state is not None)
        yield from self.far

    def __len__(self):
        return self._n_near + len(self.far)

    def _is_near(self, customer):
        return type(customer) is int and 0 <= customer < self.end

    def _grow(self, customer):
        """Make the row longer, so that a customer has a place, and twice as long at least."""
        before, self.end = self.end, max(customer + 1, 2 * self.end, _FEW)
        self.near += [None] * (self.end - before)
        moved = [customer for customer in self.far if self._is_near(customer)]
        for customer in moved:
            self.near[customer] = self.far.pop(customer)
        self._n_near += len(moved)
