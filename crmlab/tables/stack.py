"""Parts of a table put one under the other."""

import pandas as pd

__all__ = ["stacked"]


def stacked(frames):
    """Put parts of a table one under the other; columns of repeated words stay such.

    Parameters
    ----------
    frames : list of pandas.DataFrame
        The parts; the words of their categories may differ.

    Returns
    -------
    pandas.DataFrame
        Categories have the words that are met, in the order the parts bring them.

    Examples
    --------
    >>> parts = [pd.DataFrame({"city": [city]}, dtype="category") for city in ("Zadar", "Split")]
    >>> list(stacked(parts)["city"].cat.categories)
    ['Zadar', 'Split']
    """
    for name in frames[0].columns[frames[0].dtypes == "category"]:
        words = list(dict.fromkeys(word for frame in frames for word in frame[name].cat.categories))
        if any(len(frame[name].cat.categories) < len(words) for frame in frames):
            frames = [frame.assign(**{name: frame[name].cat.set_categories(words)}) for frame in frames]
    frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    for name in frame.columns[frame.dtypes == "category"]:
        frame[name] = frame[name].cat.remove_unused_categories()
    return frame
