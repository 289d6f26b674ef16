"""Which events matter to a rule, and which of them are marks, as SQL."""

__all__ = ["OPERATORS", "Marked", "condition_sql"]

OPERATORS = {"==": "=", "!=": "<>"}
_EARLIER = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
_LATER = "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING"


def condition_sql(condition, dialect):
    """Write what a property or trait must meet.

    Parameters
    ----------
    condition : Condition
    dialect : Dialect

    Returns
    -------
    str
        True, false, or NULL where the value is missing.

    Examples
    --------
    >>> from crmlab.segment.dynamic.dialects import DIALECTS
    >>> from crmlab.segment.dynamic.plan import Condition
    >>> condition_sql(Condition("channel", "in", ("web", "app")), DIALECTS["duckdb"])
    '"channel" IN (\\'web\\', \\'app\\')'
    """
    column = dialect.column(condition.name)
    if condition.op == "present":
        return f"{column} IS NOT NULL"
    if condition.op == "in":
        return f"{column} IN ({', '.join(map(dialect.literal, condition.value))})"
    return f"{column} {OPERATORS.get(condition.op, condition.op)} {dialect.literal(condition.value)}"


class Marked:
    """The first two tables of the text: the events that matter, and their marks.

    Of an event, f0, f1 … say whether it is meant by the first, second … kind of event of the rule;
    s0, s1 … are properties that must be the same, v0, v1 … such as are summed. m0, m1 … say whether
    it is a mark, and for "after" by how much the running 0 or 1 changes there.

    Parameters
    ----------
    plan : Plan
    dialect : Dialect

    Examples
    --------
    >>> from crmlab.segment.dynamic.dialects import DIALECTS
    >>> from crmlab.segment.dynamic.plan import Compare, Marks, Match, Plan, Quantity
    >>> plan = Plan("buyers", (Quantity(Marks("each", Match("purchase"))),), Compare(0, ">=", 1))
    >>> print(Marked(plan, DIALECTS["duckdb"]).marks())
      SELECT customer, instant, seq,
        CASE WHEN f0 = 1 THEN 1 ELSE 0 END AS m0
      FROM rule_events
    """

    def __init__(self, plan, dialect):
        self.plan, self.say = plan, dialect
        self._marks = _distinct(quantity.marks for quantity in plan.quantities)
        self._matches = _distinct(
            match for marks in self._marks.values() for match in (marks.match, marks.other) if match is not None
        )
        self._same = _distinct(marks.same for marks in self._marks.values() if marks.same is not None)
        self._values = _distinct(quantity.value for quantity in plan.quantities if quantity.value is not None)

    def place(self, marks):
        """Say where marks stand among those of the plan.

        Parameters
        ----------
        marks : Marks

        Returns
        -------
        int
        """
        return list(self._marks).index(repr(marks))

    def weight(self, quantity):
        """Write what one mark weighs in a quantity: 0 where there is no mark.

        Parameters
        ----------
        quantity : Quantity

        Returns
        -------
        str
        """
        mark = f"m{self.place(quantity.marks)}"
        if quantity.value is None:
            return mark
        value = f"v{list(self._values).index(repr(quantity.value))}"
        less = f" - ({quantity.less})" if quantity.less else ""
        return f"CASE WHEN {mark} = 1 AND {value} IS NOT NULL THEN {value}{less} ELSE 0 END"

    def events(self, log, instant, until):
        """Write the table of events that matter.

        Parameters
        ----------
        log : str
            The table of the log, as it is written.
        instant : str
            Its ts in microseconds, as it is written.
        until : int or None, microseconds since 1970

        Returns
        -------
        str
        """
        columns = [f"{self.say.column('customer_id')} AS customer", f"{instant} AS instant", "seq"]
        columns += [f"{self._flag(match)} AS f{i}" for i, match in enumerate(self._matches.values())]
        columns += [f"{self.say.column(name)} AS s{i}" for i, name in enumerate(self._same.values())]
        columns += [f"CAST({self.say.column(name)} AS BIGINT) AS v{i}" for i, name in enumerate(self._values.values())]
        matter = ", ".join(map(self.say.literal, self.plan.types))
        return f"  SELECT {_lines(columns)}\n  FROM {log}\n  WHERE {self.say.column('type')} IN ({matter})" + (
            f" AND {instant} <= {int(until)}" if until is not None else ""
        )

    def marks(self):
        """Write the table of marks.

        Returns
        -------
        str
        """
        columns = [f"{self._mark(marks)} AS m{i}" for i, marks in enumerate(self._marks.values())]
        columns += [f"v{i}" for i in range(len(self._values))]
        return f"  SELECT {_lines(['customer, instant, seq', *columns])}\n  FROM rule_events"

    def _flag(self, match):
        conditions = [f"{self.say.column('type')} = {self.say.literal(match.type)}"]
        conditions += [condition_sql(condition, self.say) for condition in match.where]
        return f"CASE WHEN {' AND '.join(conditions)} THEN 1 ELSE 0 END"

    def _mark(self, marks):
        flag, *other = self._flags(marks)
        if marks.kind == "after":
            return _change_of_after(flag, *other)
        conditions = [f"{flag} = 1"]
        if marks.kind == "first":
            conditions.append(f"COALESCE({_seen(flag, 'MAX', flag)}, 0) = 0")
        elif marks.kind == "resumed":
            conditions.append(f"instant - {_seen(flag, 'MAX', 'instant')} >= {marks.gap}")
        elif marks.kind in ("then", "without"):
            conditions += self._sequence(marks, *other)
        set_at = f"instant + {marks.gap}" if marks.kind == "without" else "instant"
        conditions += [f"{set_at} >= {marks.start}"] * (marks.start is not None)
        conditions += [f"{set_at} < {marks.end}"] * (marks.end is not None)
        return f"CASE WHEN {' AND '.join(conditions)} THEN 1 ELSE 0 END"

    def _flags(self, marks):
        places = list(self._matches)
        return [f"f{places.index(repr(match))}" for match in (marks.match, marks.other) if match is not None]

    def _sequence(self, marks, other):
        """A then B, or A then no B; where a property must be the same, each value of it is a row of its own."""
        same = [] if marks.same is None else [f"s{list(self._same).index(repr(marks.same))}"]
        if marks.kind == "then":
            latest = _seen(other, "MAX", "instant", same)
            return [f"instant - {latest} < {marks.gap}", *(f"{column} IS NOT NULL" for column in same)]
        following = _seen(other, "MIN", "instant", same, _LATER)
        alone = f"COALESCE({following} >= instant + {marks.gap}, TRUE)"
        return [f"({' OR '.join([*(f'{column} IS NULL' for column in same), alone])})"]


def _seen(flag, function, what, same=(), rows=_EARLIER):
    """The first or last of what is meant, among the events before or after this one in order."""
    row = ", ".join(["customer", *same])
    return f"{function}(CASE WHEN {flag} = 1 THEN {what} END) OVER (PARTITION BY {row} ORDER BY instant, seq {rows})"


def _change_of_after(flag, other):
    """How the running 0 or 1 of "after" changes, among the events that are meant by either of the two."""
    row = f"PARTITION BY customer, CASE WHEN {flag} + {other} > 0 THEN 1 ELSE 0 END ORDER BY instant, seq"
    opened = f"MAX({other}) OVER ({row} {_EARLIER}) = 1"
    now = f"CASE WHEN {other} = 0 AND {opened} THEN 1 ELSE 0 END"
    before = f"CASE WHEN LAG({other}) OVER ({row}) = 0 AND {opened} THEN 1 ELSE 0 END"
    return f"CASE WHEN {flag} + {other} > 0 THEN {now} - {before} ELSE 0 END"


def _distinct(items):
    # A text is the key, for True and 1 are equal in Python and not the same in a rule.
    return {repr(item): item for item in items}


def _lines(columns):
    return ",\n    ".join(columns)
