"""Write an entry standard down as it is now, with the remarks of the text it was read from."""

import json
import tomllib

__all__ = ["written"]


def written(rules, text):
    """Write what a standard says now, and keep the remarks of the text it came from.

    Parameters
    ----------
    rules : dict
        What the standard says now, without faults.
    text : str
        The TOML it was read from.

    Returns
    -------
    str
        TOML that says exactly `rules`; where the text cannot be mended line by line it
        is written anew, without remarks.

    Examples
    --------
    >>> written({"title": "Ours", "phone": {"form": "e164"}}, 'title = "Ours"\\n[phone]\\nform = "national"  # or e164')
    'title = "Ours"\\n[phone]\\nform = "e164"      # or e164'
    """
    mended = _mended(rules, text)
    try:
        is_right = tomllib.loads(mended) == rules
    except tomllib.TOMLDecodeError:
        is_right = False
    return mended if is_right else _plain(rules)


def _mended(rules, text):
    """The text with every line changed, added or left out that does not say what the rules say."""
    left, lines, section, ends = dict(_leaves(rules)), [], (), {}
    for statement in _statements(text):
        said = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            section = tuple(said)
        elif said:
            now = {path: left.pop(path, None) for path, _ in _leaves(said, section)}
            if None in now.values():
                continue
            if list(now.items()) != list(_leaves(said, section)):
                statement = _with_value(statement, *now.values())
        lines.append(statement)
        if said:
            ends[section] = len(lines)
    for path in reversed(left):
        lines.insert(ends.get(path[:-1], len(lines)), _line(path[-1], left[path]))
    return "\n".join(lines)


def _statements(text):
    """The text cut where a new value, section, remark or empty line begins."""
    statement = []
    for line in text.split("\n"):
        statement.append(line)
        if _says("\n".join(statement)) is not None:
            yield "\n".join(statement)
            statement = []


def _says(text):
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _with_value(statement, value, *_):
    """A statement with another value, and the remark behind it where it was."""
    said, name = tomllib.loads(statement), statement.partition("=")[0].rstrip()
    for at in (at for at, sign in enumerate(statement) if sign == "#" and "\n" not in statement):
        if _says(statement[:at]) == said:
            return f"{name} = {_value(value)}".ljust(at - 1) + " " + statement[at:]
    return f"{name} = {_value(value)}"


def _leaves(rules, path=()):
    for name, value in rules.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _plain(rules):
    lines = [_line(name, value) for name, value in rules.items() if not isinstance(value, dict)]
    for name, section in rules.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *(_line(*one) for one in section.items())]
    return "\n".join([*lines, ""])


def _line(name, value):
    is_bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return f"{name if is_bare else _value(name)} = {_value(value)}"


def _value(value):
    """A text, true or false, or a list of them, as TOML; JSON writes them alike but for one sign."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
