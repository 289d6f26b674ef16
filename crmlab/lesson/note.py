"""What a check, a hint or a reveal says: a short note that shows itself in a notebook."""

import html
import re

__all__ = ["Note", "shown"]

# Words and signs carry the meaning; the colour at the edge only repeats it.
_SIGNS = {"not yet": ("…", "#8a94a3"), "look again": ("→", "#e08e1b"), "correct": ("✓", "#2e7d4f")}
_OTHER = ("•", "#3f74a6")
_MARKED = re.compile(r"`([^`]+)`|(?<![\w*])\*(\w[^*`]*?)\*(?![\w*])")


class Note:
    """Say one thing to the learner, in a notebook or in plain text.

    Parameters
    ----------
    number : str
        Of the question or lesson, such as ``"7.1"``.
    verdict : str
        ``"not yet"``, ``"look again"``, ``"correct"``, or what else the note is.
    text : str
        What is said; code stands between backticks or in lines indented by four spaces, a stressed
        word between stars.

    Examples
    --------
    >>> Note("7.1", "correct", "A fifth of your customers brings 61% of the value.")
    7.1  correct: A fifth of your customers brings 61% of the value.
    """

    def __init__(self, number, verdict, text):
        self.number = number
        self.verdict = verdict
        self.text = text

    def __repr__(self):
        return f"{self.number}  {self.verdict}: {self.text}"

    def _repr_html_(self):
        sign, colour = _SIGNS.get(self.verdict, _OTHER)
        return (
            f'<div style="border-left: 4px solid {colour}; padding: 2px 12px; max-width: 58em;">'
            f"<b>{html.escape(self.number)} {sign} {html.escape(self.verdict)}:</b> {shown(self.text)}</div>"
        )


def shown(text):
    """Turn a note's text into HTML: lines kept, code set as code, stressed words stressed, all else as it is.

    Parameters
    ----------
    text : str
        As in :class:`Note`.

    Returns
    -------
    str

    Examples
    --------
    >>> shown("Use `sum()` <b>")
    'Use <code>sum()</code> &lt;b&gt;'
    >>> shown("that is *all* of them, 2 * 3 = `2*3*1`")
    'that is <em>all</em> of them, 2 * 3 = <code>2*3*1</code>'
    """
    lines = []
    for line in html.escape(text, quote=False).split("\n"):
        if line.startswith("    "):
            lines.append(f"&emsp;<code>{line[4:].replace('  ', '&nbsp; ')}</code>")
        else:
            lines.append(_MARKED.sub(_set, line))
    return "<br>".join(lines)


def _set(found):
    code, stressed = found.groups()
    return f"<code>{code}</code>" if code else f"<em>{stressed}</em>"
