"""Dynamic segments: one rule, replayed over a log, run live, and in SQL, with the same answer."""

from crmlab.segment.dynamic.plan import Plan

__all__ = ["Plan"]
