"""What was foretold about those who stay, beside what came."""

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, few, message

__all__ = ["forecast_figure"]

_LOOKS = (
    {"color": ACCENT, "linestyle": "--"},
    {"color": SHADES[1], "linestyle": ":"},
    {"color": MUTED, "linestyle": "-."},
)


def forecast_figure(left, *, came="came"):
    """Show how many were left, time by time, and what each forecast had said.

    Parameters
    ----------
    left : pandas.DataFrame of shape (n_times, n_forecasts + 1)
        Number left. Indexed by time since the forecast, from 0 and rising; the index's name says what
        it is counted in, such as "months". One column holds what came, one to three others what was foretold.
    came : str, default="came"
        The column that holds what came.

    Returns
    -------
    Chart
        Shows itself in a notebook; ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When that column is missing, there is no forecast or more than three, or a value is missing.

    Examples
    --------
    >>> left = pd.DataFrame({"came": [100, 81, 70], "one rate": [100, 80.0, 64.0]}).rename_axis("months")
    >>> forecast_figure(left)
    <Chart: After 2 months 70 are left; one rate foretold 64.>
    """
    foretold = [name for name in left.columns if name != came]
    if came not in left.columns:
        step = "name the column that holds what came: came=…"
        raise CrmlabError(message("left", f"no column '{came}'.", it_has=few(left.columns), next=step))
    if not 1 <= len(foretold) <= len(_LOOKS):
        found = f"found {len(foretold)} forecasts beside '{came}'."
        raise CrmlabError(message("left", found, allowed=f"1 to {len(_LOOKS)}", next="choose which to show."))
    empty = [name for name in left.columns if left[name].isna().any()]
    if empty or left.empty:
        found = f"column {few(empty)} has gaps." if empty else "there are no rows."
        raise CrmlabError(message("left", found, next="keep the times for which all is known."))
    unit = left.index.name or "time"
    end, last = left.index[-1], left.iloc[-1]

    def draw(axes):
        axes.plot(left.index, left[came], color=SHADES[0], linewidth=3, label=f"{came}: {last[came]:,.0f}")
        for name, look in zip(foretold, _LOOKS, strict=False):
            axes.plot(left.index, left[name], linewidth=2, label=f"{name}: {last[name]:,.0f}", **look)
        axes.set_xlim(left.index[0], end)
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
        axes.set_xlabel(f"time since the forecast was made ({unit})")
        axes.set_ylabel("still there (count)")
        axes.legend(loc="lower left", labelcolor=INK)

    said = ", ".join(f"{name} {'foretold ' * (place == 0)}{last[name]:,.0f}" for place, name in enumerate(foretold))
    words = (
        "The thick line is how many were really left at each time; the others are what was foretold on the first day, "
        "when nothing of it was known. A line that falls away below the thick one writes off people who stay. The "
        "numbers beside the names are those of the last day."
    )
    return Chart(f"After {end:g} {unit} {last[came]:,.0f} are left; {said}.", words, draw)
