"""How many threads the arithmetic underneath may use."""

from functools import cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


def one_thread():
    """Let one thread do the arithmetic: on short columns many wait for each other.

    Returns
    -------
    context manager
        While it is open, the linear algebra underneath uses one thread.

    Examples
    --------
    >>> with one_thread():
    ...     1 + 1
    2
    """
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries():
    return ThreadpoolController()
