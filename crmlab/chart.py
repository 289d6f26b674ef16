"""One quiet figure: its title says the finding, its words say what it shows."""

import html
import io
import textwrap

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["ACCENT", "INK", "MUTED", "SHADES", "Chart", "flow_chart"]

# Blue and orange stay apart for every common kind of colour blindness, and in grey print
# because the orange is much lighter. Shades run from dark to light in even steps.
INK = "#1b2a41"
MUTED = "#8a94a3"
ACCENT = "#e08e1b"
SHADES = ("#12355b", "#3f74a6", "#8fb5d6", "#d3e1ee")

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlepad": 12,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e3e7ec",
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "svg.hashsalt": "crmlab",
}
_TITLE_WIDTH = 62
_BAR, _GAP = 0.06, 0.02


class Chart(Figure):
    """A figure that shows itself in a notebook and carries its finding in words.

    Parameters
    ----------
    finding : str
        What the reader should see, as one sentence: the title.
    words : str
        How to read the figure, for the text beside it and for readers who cannot see it.
    draw : callable
        Called with the figure's axes; draws the data.
    size : tuple of float, default=(7, 4)
        Width and height in inches.

    Examples
    --------
    >>> Chart("Sales rose.", "One point per month.", lambda axes: axes.plot([1, 2]))
    <Chart: Sales rose.>
    """

    def __init__(self, finding, words, draw, *, size=(7.0, 4.0)):
        with mpl.rc_context(_STYLE):
            super().__init__(figsize=size, layout="constrained")
            FigureCanvasAgg(self)
            axes = self.subplots()
            draw(axes)
            axes.set_title("\n".join(textwrap.wrap(finding, _TITLE_WIDTH)))
        self.finding = finding
        self.words = words

    def __repr__(self):
        return f"<Chart: {self.finding}>"

    __str__ = __repr__

    def _repr_png_(self):
        from PIL import Image

        drawn, small = io.BytesIO(self._drawn("png", dpi=110)), io.BytesIO()
        # A palette holds all that a quiet figure needs, and a notebook a third of the bytes.
        Image.open(drawn).convert("RGB").quantize(256).save(small, "png", optimize=True)
        return small.getvalue()

    def svg(self):
        """Draw the figure as SVG text that can stand inside a page.

        Returns
        -------
        str
            One ``<svg>`` element, the same for the same data.

        Examples
        --------
        >>> Chart("Sales rose.", "One point per month.", lambda axes: axes.plot([1, 2])).svg()[:4]
        '<svg'
        """
        drawn = self._drawn("svg", metadata={"Date": None, "Creator": None}).decode("utf-8")
        label = html.escape(self.finding, quote=True)
        return drawn[drawn.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)

    def _drawn(self, kind, **options):
        buffer = io.BytesIO()
        with mpl.rc_context(_STYLE):
            self.savefig(buffer, format=kind, **options)
        return buffer.getvalue()


def flow_chart(counts, finding, words, *, colours, ends):
    """Draw how many went from each group on the left to each on the right, as bands.

    Parameters
    ----------
    counts : pandas.DataFrame
        How many, by group before (rows) and after (columns), from the top down.
    finding, words : str
        As for :class:`Chart`.
    colours : sequence of sequence of str
        Colour of each band, in the shape of `counts`.
    ends : tuple of str
        What stands under the left and the right side.

    Returns
    -------
    Chart

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame([[5, 1], [0, 4]], ["A", "B"], ["A", "B"])
    >>> flow_chart(counts, "Most stayed.", "Left to right.", colours=[[MUTED] * 2] * 2, ends=("May", "June"))
    <Chart: Most stayed.>
    """
    share = counts.to_numpy() / max(counts.to_numpy().sum(), 1)
    sides = ((0, share.sum(axis=1), counts.index), (1 - _BAR, share.sum(axis=0), counts.columns))

    def draw(axes):
        out, into = (_tops(sizes) for _, sizes, _ in sides)
        across = np.linspace(_BAR, 1 - _BAR, 40)
        bend = 3 * np.linspace(0, 1, 40) ** 2 - 2 * np.linspace(0, 1, 40) ** 3
        for (row, column), size in np.ndenumerate(share):
            if size:
                top = out[row] + (into[column] - out[row]) * bend
                band = {"color": colours[row][column], "alpha": 0.75, "linewidth": 0}
                axes.fill_between(across, top, top - size, **band)
                out[row] -= size
                into[column] -= size
        for at, sizes, names in sides:
            for top, size, name in zip(_tops(sizes), sizes, names, strict=True):
                if size:
                    axes.bar(at + _BAR / 2, -size, _BAR, bottom=top, color=INK)
                    side, place = ("right", -0.015) if at == 0 else ("left", 1.015)
                    axes.text(place, top - size / 2, f"{name}", ha=side, va="center")
        axes.set(xticks=[_BAR / 2, 1 - _BAR / 2], xticklabels=ends, yticks=[], xlim=(-0.12, 1.12))
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)

    return Chart(finding, words, draw, size=(7.0, 4.4))


def _tops(sizes):
    """Where each bar begins, from the top down."""
    above = np.append(0, sizes.cumsum()[:-1])
    return 1 - above - _GAP * np.arange(len(sizes))
