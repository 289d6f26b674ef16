"""Make a base straight into a folder, block by block: as large as the disk, and able to go on after an interruption."""

import re
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool

from crmlab.errors import CrmlabError, message
from crmlab.simulate.asked import asked
from crmlab.simulate.base import about, helpers, made, no_helpers
from crmlab.tables.parts import finish, finished, join_parts, part_folder, start, write_part

__all__ = ["join", "write"]


def write(
    name,
    folder,
    *,
    customers,
    seed,
    locale="hr",
    months=None,
    as_of=None,
    workers=1,
    part=None,
    progress=None,
    **fields,
):
    """Make a base straight into a folder, however large, and go on where an earlier call was interrupted.

    Each table becomes a folder of Parquet files, one per block of 65,536 customers. Only
    the blocks at work are in memory. Until all is done an old base stays what it was.

    Parameters
    ----------
    name : str, path or dict
        Which company, as in :func:`company`.
    folder : str or path
        Where the base goes. A base already there is replaced; any other folder with
        something in it is refused.
    customers, seed, locale, months, as_of, workers
        As in :func:`company`.
    part : tuple of int or str, optional
        Make one part of the base alone, such as ``(3, 16)`` or ``"3/16"``: in a folder of
        its own beside ``folder``. :func:`crmlab.simulate.join` makes one base of them.
    progress : callable, optional
        Called with the number of blocks done and of all blocks, from the start.
    **fields
        Fields of the spec to overrule, as in :func:`company`.

    Returns
    -------
    pathlib.Path
        The folder that was written; ``CustomerBase.load`` reads it.

    Raises
    ------
    CrmlabError
        Naming each argument that cannot be used, or when the disk refuses.

    Examples
    --------
    >>> from crmlab.tables import CustomerBase
    >>> folder = write("retail", tmp / "shop", customers=200, seed=7)
    >>> sorted(path.name for path in (folder / "transactions").iterdir())
    ['00000.parquet']
    >>> len(CustomerBase.load(folder).customers) >= 200
    True
    """
    size = {"customers": customers, "seed": seed, "locale": locale, "months": months, "as_of": as_of}
    plan = asked(name, **size, workers=workers, **fields)
    numbers, told, place = range(plan.blocks), {"name": plan.name, **about(plan)}, folder
    if part is not None:
        nth, parts = _part(part)
        numbers = range((nth - 1) * plan.blocks // parts, nth * plan.blocks // parts)
        told, place = {**told, "part": f"{nth}/{parts}"}, part_folder(folder, nth, parts)
    growing = start(place, told)
    done = finished(growing)
    to_do = [number for number in numbers if number not in done]
    tell = progress or (lambda n, of: None)
    tell(len(numbers) - len(to_do), len(numbers))
    for n, _ in enumerate(_each(plan, to_do, growing, workers), start=1 + len(numbers) - len(to_do)):
        tell(n, len(numbers))
    return finish(growing, place, told)


def join(folder):
    """Make one base of the parts that :func:`write` made apart, on one machine or on many.

    Parameters
    ----------
    folder : str or path
        Where the base goes; the folders of all its parts stand beside it, and stay.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CrmlabError
        When parts are missing, damaged, or of different bases.

    Examples
    --------
    >>> for part in ("1/2", "2/2"):
    ...     folder = write("retail", tmp / "shop", customers=200, seed=7, part=part)
    >>> folder.name, join(tmp / "shop").name
    ('shop-part-2-of-2', 'shop')
    """
    return join_parts(folder)


def _part(part):
    """Read which part of how many is asked for."""
    match = re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", part) if isinstance(part, str) else None
    numbers = tuple(map(int, match.groups())) if match else part
    is_pair = isinstance(numbers, tuple) and len(numbers) == 2 and all(isinstance(one, int) for one in numbers)
    if not is_pair or not 1 <= numbers[0] <= numbers[1]:
        allowed = "which part of how many, such as 3/16"
        next_step = "number the parts from 1, for instance 1/16 to 16/16."
        raise CrmlabError(message("part", f"found {part!r}.", allowed=allowed, next=next_step))
    return numbers


def _each(plan, numbers, growing, workers):
    """Make and write each block, here or in several processes; yield as they are done."""
    if workers == 1 or len(numbers) < 2:
        for number in numbers:
            yield _one(plan, number, growing)
        return
    try:
        with helpers(min(workers, len(numbers))) as pool:
            pending = {pool.submit(_one, plan, number, growing) for number in numbers}
            try:
                while pending:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    for future in done:
                        yield future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    except BrokenProcessPool:
        raise no_helpers() from None


def _one(plan, number, growing):
    write_part(growing, number, *made(plan, number))
    return number
