"""A rule as SQL text, for logs that live in a warehouse or do not fit into memory."""

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.dialects import DIALECTS
from crmlab.segment.dynamic.plan import All, Any, Compare, Not, TraitIs, leaves
from crmlab.segment.dynamic.sql_marks import OPERATORS, Marked, condition_sql
from crmlab.segment.dynamic.values import name

__all__ = ["sql_text"]

# The text follows the definition step by step: events that matter (rule_events), which of them are
# marks (rule_marks), the changes these bring to each running number, at their own step and later by
# the clock (rule_steps), the running numbers (rule_sums), the steps at which the test turns
# (rule_turns), and each turn with the one after it (rule_stays).
# A step may come in several rows. They lie in the order (instant, kind, seq), where `kind` is the
# part of rule_steps a row stems from, so that their order is the same everywhere; what turns
# within one step and turns back is no turn.


def sql_text(plans, dialect, *, log="log", traits=None, until=None):
    """Write plans as one SELECT that gives the intervals of replay.

    Parameters
    ----------
    plans : list of Plan
    dialect : {"duckdb", "postgres", "spark"}
    log : str, default="log"
        Table or view of events: customer_id, ts (a timestamp; without a time zone it is read as
        UTC, by Spark as of its session's zone), seq, type, and the properties the rule reads. A dot
        parts schema and table.
    traits : str, optional
        Table or view with one row per customer: customer_id and the traits the rule reads.
    until : int, optional, microseconds since 1970
        Last instant that counts; by default that of the log's last event.

    Returns
    -------
    str

    Raises
    ------
    CrmlabError
        When the dialect is unknown, or a rule with traits is given no table of them.

    Examples
    --------
    >>> from crmlab.segment.dynamic.plan import Marks, Match, Plan, Quantity
    >>> plan = Plan("buyers", (Quantity(Marks("each", Match("purchase"))),), Compare(0, ">=", 1))
    >>> 'FROM "shop"."events"' in sql_text([plan], "postgres", log="shop.events")
    True
    """
    if not isinstance(dialect, str) or dialect not in DIALECTS:
        raise CrmlabError(
            message("rule.sql()", f"no dialect {dialect!r}.", allowed=", ".join(DIALECTS), next="choose one of these")
        )
    read = sorted({name for plan in plans for name in plan.traits})
    if read and traits is None:
        raise CrmlabError(
            message(
                "rule.sql()",
                f"the rule reads {', '.join(read)} of the customer.",
                next='name the table they stand in: traits="customers".',
            )
        )
    say = DIALECTS[dialect]
    log = say.table(name(log, "log"))
    traits = say.table(name(traits, "traits")) if read else None
    if len(plans) == 1:
        return f"{_one(plans[0], say, log, traits, until)}\nORDER BY customer, instant, is_event, seq\n"
    parts = []
    for place, plan in enumerate(plans):
        text = _one(plan, say, log, traits, until, f",\n  {place} AS place, instant, is_event, seq")
        parts.append(f"SELECT * FROM (\n{text}\n) AS rule_{place}")
    together = "\nUNION ALL\n".join(parts)
    return f"SELECT {_COLUMNS}\nFROM (\n{together}\n) AS rules\nORDER BY place, customer_id, instant, is_event, seq\n"


def _one(plan, say, log, traits, until, more=""):
    """The text of one plan, without the order of its rows."""
    marked, steps = Marked(plan, say), _Steps(plan, say, log)
    tables = {"rule_until": steps.until(until)}
    if plan.quantities:
        tables |= {"rule_events": marked.events(log, steps.instant, until), "rule_marks": marked.marks()}
    tables |= {"rule_steps": steps.steps(marked), "rule_sums": steps.sums()}
    if plan.traits:
        tables["rule_traits"] = steps.traits(traits)
    tables |= {"rule_turns": steps.turns(), "rule_stays": _STAYS}
    named = ",\n".join(f"{name} AS (\n{body}\n)" for name, body in tables.items())
    return f"WITH {named}\n{steps.intervals(more)}"


_COLUMNS = "customer_id, segment, entered_at, left_at, entered_by, reason"
_STAYS = """\
  SELECT customer, instant, is_event, seq, turn,
    LEAD(instant) OVER (PARTITION BY customer ORDER BY instant, is_event, seq) AS next_instant,
    LEAD(is_event) OVER (PARTITION BY customer ORDER BY instant, is_event, seq) AS next_is_event
  FROM rule_turns"""


class _Steps:
    """The tables from the steps on."""

    def __init__(self, plan, say, log):
        self.plan, self.say, self.log = plan, say, log
        self.instant, self.customer = say.to_us.format(say.column("ts")), say.column("customer_id")
        self.places = range(len(plan.quantities))
        conditions = {repr(leaf.condition): leaf.condition for leaf in leaves(plan.test) if isinstance(leaf, TraitIs)}
        self.conditions = conditions  # by their text, for True and 1 are equal in Python and not the same in a rule
        self.first_event_kind = None

    def until(self, until):
        if until is None:
            return f"  SELECT MAX({self.instant}) AS last_instant\n  FROM {self.log}"
        return f"  SELECT CAST({int(until)} AS BIGINT) AS last_instant"

    def steps(self, marked):
        """The changes each mark brings by the clock, a customer's first event, and the changes at the events."""
        changes = {}  # (marks, how long after the event) -> quantity -> change
        for place, quantity in enumerate(self.plan.quantities):
            late = quantity.marks.gap if quantity.marks.kind == "without" else 0
            weight = marked.weight(quantity)
            for age, change in ((quantity.enters, weight), (quantity.leaves, f"-({weight})")):
                if age is not None:
                    marks = f"m{marked.place(quantity.marks)}"
                    after = age + late
                    changes.setdefault((marks, after) if after else ("", 0), {})[place] = (marks, change)
        at_events = changes.pop(("", 0), {})
        parts = []
        for (marks, after), found in changes.items():
            instant = f"instant + {after}"
            parts.append(
                self._part(f"{instant} AS instant", len(parts), {place: change for place, (_, change) in found.items()})
                + f"\n  FROM rule_marks\n  WHERE {marks} <> 0 AND {instant} <= (SELECT last_instant FROM rule_until)"
            )
        self.first_event_kind = len(parts)
        if self.plan.may_hold_at_zero:
            parts.append(
                self._part("instant", self.first_event_kind, {}) + f"\n  FROM (\n{self._first_events()}) AS known"
            )
        if at_events:
            some = " OR ".join(dict.fromkeys(f"{marks} <> 0" for marks, _ in at_events.values()))
            found = {place: change for place, (_, change) in at_events.items()}
            parts.append(
                self._part("instant", self.first_event_kind + 1, found) + f"\n  FROM rule_marks\n  WHERE {some}"
            )
        return "\n  UNION ALL\n".join(parts)

    def _part(self, instant, kind, found):
        changes = [f"{found.get(place, 0)} AS d{place}" for place in self.places]
        return f"  SELECT {', '.join(['customer', instant, f'{kind} AS kind', 'seq', *changes])}"

    def _first_events(self):
        columns = f"{self.customer} AS customer, {self.instant} AS instant"
        return f"""\
    SELECT of_log.customer, of_log.instant, MIN(of_log.seq) AS seq
    FROM (SELECT {columns}, {self.say.column("seq")} AS seq FROM {self.log}) AS of_log
    JOIN (SELECT {self.customer} AS customer, MIN({self.instant}) AS instant FROM {self.log} GROUP BY 1) AS beginning
      ON of_log.customer = beginning.customer AND of_log.instant = beginning.instant
    WHERE of_log.instant <= (SELECT last_instant FROM rule_until)
    GROUP BY of_log.customer, of_log.instant
  """

    def sums(self):
        row = "OVER (PARTITION BY customer ORDER BY instant, kind, seq ROWS UNBOUNDED PRECEDING)"
        columns = ["customer, instant, kind, seq"]
        columns += [f"d{place}, SUM(d{place}) {row} AS q{place}" for place in self.places]
        return "  SELECT " + ",\n    ".join(columns) + "\n  FROM rule_steps"

    def traits(self, table):
        columns = [f"{self.customer} AS customer"]
        columns += [
            f"COALESCE({condition_sql(condition, self.say)}, FALSE) AS t{place}"
            for place, condition in enumerate(self.conditions.values())
        ]
        return "  SELECT " + ",\n    ".join(columns) + f"\n  FROM {table}"

    def turns(self):
        is_event = f"CASE WHEN kind >= {self.first_event_kind} THEN 1 ELSE 0 END"
        held = self._test(self.plan.test, "q{0} - d{0}")
        if self.plan.may_hold_at_zero:  # before the first event nothing holds
            held = f"kind <> {self.first_event_kind} AND ({held})"
        source = "rule_sums"
        if self.plan.traits:
            source += "\n    LEFT JOIN rule_traits ON rule_sums.customer = rule_traits.customer"
        turn = "SUM(CASE WHEN holds THEN 1 ELSE -1 END)"
        return f"""\
  SELECT customer, instant, is_event, seq, {turn} AS turn
  FROM (
    SELECT rule_sums.customer, instant, {is_event} AS is_event,
      CASE WHEN kind >= {self.first_event_kind} THEN seq ELSE 0 END AS seq,
      ({self._test(self.plan.test, "q{0}")}) AS holds,
      ({held}) AS held
    FROM {source}
  ) AS tested
  WHERE holds <> held
  GROUP BY customer, instant, is_event, seq
  HAVING {turn} <> 0"""

    def _test(self, test, quantity):
        if isinstance(test, Compare):
            return f"{quantity.format(test.quantity)} {OPERATORS.get(test.op, test.op)} {test.value}"
        if isinstance(test, TraitIs):
            return f"COALESCE(t{list(self.conditions).index(repr(test.condition))}, FALSE)"
        if isinstance(test, Not):
            return f"NOT ({self._test(test.part, quantity)})"
        parts = [f"({self._test(part, quantity)})" for part in test.parts]
        if isinstance(test, All | Any):
            return (" AND " if isinstance(test, All) else " OR ").join(parts)
        return f"{' + '.join(f'CASE WHEN {part} THEN 1 ELSE 0 END' for part in parts)} >= {test.n}"

    def intervals(self, more):
        reasons = "CASE {} WHEN 1 THEN 'event' WHEN 0 THEN 'clock' END AS {}"
        return f"""\
SELECT customer AS customer_id, {self.say.literal(self.plan.segment)} AS segment,
  {self.say.from_us.format("instant")} AS entered_at,
  {self.say.from_us.format("next_instant")} AS left_at,
  {reasons.format("is_event", "entered_by")},
  {reasons.format("next_is_event", "reason")}{more}
FROM rule_stays
WHERE turn = 1"""
