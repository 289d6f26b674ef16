"""What customers answer: scores side by side with their intervals, and where the service falls short."""

from statistics import NormalDist

from crmlab.chart import ACCENT, INK, MUTED, SHADES, Chart
from crmlab.errors import CrmlabError, message
from crmlab.report.figures import need
from crmlab.value.to_customer import Score

__all__ = ["gaps_figure", "scores_figure"]


def scores_figure(scores):
    """See scores beside each other with their intervals, and whether the last change may be chance.

    Parameters
    ----------
    scores : dict of str to Score
        Two or more of the same kind, in order: ``{"May": value.nps(...), "November": value.nps(...)}``.

    Returns
    -------
    Chart
        Its title holds the last score against the one before, by the interval change ± z √(SE₁² + SE₂²)
        of two samples of different customers. ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When there are fewer than two scores, or they are not of one kind and level.

    Examples
    --------
    >>> from crmlab import value
    >>> may, november = value.nps([10, 9, 8, 6, 3] * 20), value.nps([10, 9, 9, 8, 6] * 20)
    >>> scores_figure({"May": may, "November": november})
    <Chart: NPS, May to November: +40.0 points (95 %: +16.5 to +63.5), more than chance.>
    """
    given = list(scores.values()) if isinstance(scores, dict) else []
    if len(given) < 2 or not all(isinstance(one, Score) for one in given):
        next_step = 'put them into braces: {"May": value.nps(...), "November": value.nps(...)}.'
        found = f"found {len(given)} score{'' if len(given) == 1 else 's'} by name."
        raise CrmlabError(message("scores", found, allowed="two or more, each with its name", next=next_step))
    kinds = {(one.name, one.level) for one in given}
    if len(kinds) > 1:
        found = f"found {', '.join(sorted(f'{name} at {100 * level:g} %' for name, level in kinds))}."
        raise CrmlabError(message("scores", found, allowed="one kind and level", next="draw each kind for itself."))
    (before, after), kind = given[-2:], given[-1]
    digits = 2 if kind.unit == "points of 7" else 1
    change = after.value - before.value
    half = NormalDist().inv_cdf((1 + kind.level) / 2) * (before.standard_error**2 + after.standard_error**2) ** 0.5
    verdict = "more than chance" if abs(change) > half else "may well be chance"
    names = list(scores)
    low, high = _signed(change - half, digits), _signed(change + half, digits)
    finding = (
        f"{kind.name}, {names[-2]} to {names[-1]}: {_signed(change, digits)} {kind.unit} "
        f"({100 * kind.level:g} %: {low} to {high}), {verdict}."
    )

    def draw(axes):
        for place, one in enumerate(given):
            axes.plot([place, place], [one.low, one.high], color=SHADES[1], linewidth=3, solid_capstyle="butt")
            axes.plot([place], [one.value], "o", color=ACCENT, markersize=9, markeredgecolor=INK)
            axes.text(place + 0.06, one.value, _signed(one.value, digits).lstrip("+"), va="center")
        answers = [f"{name}\n{one.n_answers:,} answers" for name, one in scores.items()]
        axes.set_xticks(range(len(given)), answers)
        axes.set_xlim(-0.5, len(given) - 0.5)
        axes.set_ylabel(f"{kind.name} ({kind.unit})")
        axes.grid(visible=False, axis="x")

    words = (
        f"Dots are the scores of those who answered; bars hold the score of all customers in {100 * kind.level:g} of "
        "100 such surveys, if those who answer are like those who do not. Whether two scores differ is told by the "
        "interval of their change, in the title: when it holds 0, nothing need have changed."
    )
    return Chart(finding, words, draw)


def gaps_figure(gaps):
    """See where the service felt falls furthest below the service expected, with intervals.

    Parameters
    ----------
    gaps : pandas.DataFrame of shape (n_items, …)
        What ``value.servqual`` returns.

    Returns
    -------
    Chart
        The widest gap at the top. ``.words`` says how to read it.

    Raises
    ------
    CrmlabError
        When a column is missing.

    Examples
    --------
    >>> from crmlab import value
    >>> felt = pd.DataFrame({"reliable": [5, 6, 4], "friendly": [7, 6, 7]})
    >>> wished = pd.DataFrame({"reliable": [7, 7, 6], "friendly": [6, 5, 6]})
    >>> gaps_figure(value.servqual(felt, wished))
    <Chart: Widest gap: reliable, −1.67 points (from −3.10 to −0.23).>
    """
    need(gaps, ["gap_points", "low_points", "high_points", "n_answers"], "gaps", "value.servqual(perceived, expected)")
    lined = gaps.sort_values("gap_points", ascending=False, kind="stable")
    gap, low, high = (lined[name].to_numpy() for name in ("gap_points", "low_points", "high_points"))
    worst, least, most = (_signed(ends[-1], 2) for ends in (gap, low, high))
    finding = f"Widest gap: {lined.index[-1]}, {worst} points (from {least} to {most})."

    def draw(axes):
        axes.axvline(0, color=MUTED, linewidth=1, linestyle="--")
        for place in range(len(lined)):
            axes.plot([low[place], high[place]], [place, place], color=SHADES[1], linewidth=3, solid_capstyle="butt")
            colour = ACCENT if place == len(lined) - 1 else SHADES[2]
            axes.plot([gap[place]], [place], "o", color=colour, markersize=9, markeredgecolor=INK)
        names = [f"{name} ({n:,})" for name, n in zip(lined.index, lined["n_answers"], strict=True)]
        axes.set_yticks(range(len(lined)), names)
        axes.set_xlabel("gap: perceived − expected (points); 0 is as expected")
        axes.set_ylabel("item (answers)")
        axes.grid(visible=False, axis="y")

    words = (
        "Dots are mean gaps, bars their intervals: the fewer answers, the wider. Left of the dashed line customers got "
        "less than expected. The widest of several gaps is partly luck. That two bars overlap does not say that the "
        "gaps are alike: for that, ask for the interval of their difference."
    )
    return Chart(finding, words, draw)


def _signed(number, digits):
    """Write a number with its sign, and the minus as long as the plus."""
    return f"{number:+,.{digits}f}".replace("-", "−")
