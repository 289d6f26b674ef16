"""What rules take the properties of events, and the traits of customers, for."""

from crmlab.segment.dynamic.plan import TraitIs, leaves
from crmlab.segment.dynamic.properties import kind_of_value

__all__ = ["kinds_read"]


def kinds_read(plans):
    """Tell what plans read, and what they take it for.

    Parameters
    ----------
    plans : list of Plan

    Returns
    -------
    properties, traits : dict of str to set of {"number", "text", "flag"}
        By name, in order of name; an empty set where anything will do.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did, total, trait
    >>> rule = (total("purchase", "amount_cents") >= 50_00) & did("visit", channel="web") & (trait("age") >= 18)
    >>> kinds_read([rule.plan()])
    ({'amount_cents': {'number'}, 'channel': {'text'}}, {'age': {'number'}})
    """
    properties, traits = {}, {}
    for marks in (quantity.marks for plan in plans for quantity in plan.quantities):
        for match in (marks.match, marks.other):
            for condition in match.where if match else ():
                properties.setdefault(condition.name, set()).add(kind_of_value(condition.value))
        if marks.same is not None:
            properties.setdefault(marks.same, set())
    for value in (quantity.value for plan in plans for quantity in plan.quantities):
        if value is not None:
            properties.setdefault(value, set()).add("number")
    for leaf in (leaf for plan in plans for leaf in leaves(plan.test)):
        if isinstance(leaf, TraitIs):
            traits.setdefault(leaf.condition.name, set()).add(kind_of_value(leaf.condition.value))
    return tuple({name: kinds - {None} for name, kinds in sorted(found.items())} for found in (properties, traits))
