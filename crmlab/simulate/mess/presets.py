"""How much mess: doses by name, and the presets."""

import tomllib
from functools import lru_cache
from pathlib import Path

__all__ = ["PRESETS", "doses"]


@lru_cache
def _presets():
    return tomllib.loads(Path(__file__).with_name("presets.toml").read_text(encoding="utf-8"))


PRESETS = tuple(_presets())


def doses(preset):
    """Read how much of each kind of error a preset has.

    Parameters
    ----------
    preset : {"clean", "usual", "dirty", "none"}

    Returns
    -------
    dict of str to float
        The ``[mess]`` of a spec: a share for each kind of error, ``duplicates`` and ``habits``.

    Examples
    --------
    >>> [doses(preset)["duplicates"] for preset in PRESETS]
    [0.02, 0.08, 0.2, 0.0]
    """
    return dict(_presets()[preset])
