"""What rules take the properties of events, and the traits of customers, for."""

from crmlab.errors import CrmlabError, message
from crmlab.segment.dynamic.plan import TraitIs, leaves
from crmlab.segment.dynamic.properties import kind_of_value

__all__ = ["check_names", "kinds_read"]

_IDS = ("customer_id", "record_id")


def check_names(plans):
    """Refuse names that DuckDB and Spark cannot tell apart: they read "Age" and "age" as one column.

    Parameters
    ----------
    plans : list of Plan

    Raises
    ------
    CrmlabError
        When two properties, or two traits, differ in capital letters only, or a trait is called as the ids are.

    Examples
    --------
    >>> from crmlab.segment.dynamic import did
    >>> did("visit", x=1, X=2).plan()
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: rule: the names 'X' and 'x' differ in capital letters only.
      why     : databases read them as one column
      next    : rename one of the columns.
    """
    properties = sorted({name for plan in plans for name in plan.properties})
    traits = sorted({name for plan in plans for name in plan.traits})
    faults = []
    for names, taken in ((properties, ()), (traits, _IDS)):
        seen = {name.casefold(): name for name in taken}
        for name in names:
            other = seen.setdefault(name.casefold(), name)
            if name in taken:
                found = f"{name!r} says who the customer is; it is no trait."
                faults.append(message("rule", found, next="compare a trait, such as the city."))
            elif other != name:
                found = f"the names {other!r} and {name!r} differ in capital letters only."
                why = "databases read them as one column"
                faults.append(message("rule", found, why=why, next="rename one of the columns."))
    if faults:
        raise CrmlabError(*faults)


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
