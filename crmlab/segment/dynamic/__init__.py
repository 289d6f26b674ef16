"""Dynamic segments: one rule, replayed over a log, run live, and in SQL, with the same answer."""

from crmlab.segment.dynamic.events import did, first, regularly, resumed, stopped
from crmlab.segment.dynamic.measures import average, count, highest, lowest, total
from crmlab.segment.dynamic.plan import Plan
from crmlab.segment.dynamic.rules import Rule
from crmlab.segment.dynamic.traits import member, trait
from crmlab.segment.dynamic.values import prop

__all__ = [
    "Plan",
    "Rule",
    "average",
    "count",
    "did",
    "first",
    "highest",
    "lowest",
    "member",
    "prop",
    "regularly",
    "resumed",
    "stopped",
    "total",
    "trait",
]
