"""Dynamic segments: one rule, replayed over a log, run live, and in SQL, with the same answer."""

from crmlab.segment.dynamic.alerts import Alerts, ContactCap, alerts
from crmlab.segment.dynamic.engine import Change
from crmlab.segment.dynamic.event_log import event_log
from crmlab.segment.dynamic.events import did, first, regularly, resumed, stopped
from crmlab.segment.dynamic.live import Live
from crmlab.segment.dynamic.loading import from_json, load
from crmlab.segment.dynamic.measures import average, count, highest, lowest, total
from crmlab.segment.dynamic.membership import Changes, changes, membership
from crmlab.segment.dynamic.micro import MicroSegments, micro_segments
from crmlab.segment.dynamic.movement import Movement, movement
from crmlab.segment.dynamic.plan import Plan
from crmlab.segment.dynamic.reaction import Effect, Reaction
from crmlab.segment.dynamic.restore import restore
from crmlab.segment.dynamic.rules import Rule
from crmlab.segment.dynamic.segments import Segments
from crmlab.segment.dynamic.spark import intervals_on_spark, live_on_spark
from crmlab.segment.dynamic.timeline import Timeline, timeline
from crmlab.segment.dynamic.traits import member, trait
from crmlab.segment.dynamic.values import prop
from crmlab.segment.dynamic.watch import watch

__all__ = [
    "Alerts",
    "Change",
    "Changes",
    "ContactCap",
    "Effect",
    "Live",
    "MicroSegments",
    "Movement",
    "Plan",
    "Reaction",
    "Rule",
    "Segments",
    "Timeline",
    "alerts",
    "average",
    "changes",
    "count",
    "did",
    "event_log",
    "first",
    "from_json",
    "highest",
    "intervals_on_spark",
    "live_on_spark",
    "load",
    "lowest",
    "member",
    "membership",
    "micro_segments",
    "movement",
    "prop",
    "regularly",
    "restore",
    "resumed",
    "stopped",
    "timeline",
    "total",
    "trait",
    "watch",
]
