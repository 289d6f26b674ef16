"""Several segments under their names, which may be built upon one another."""

from collections.abc import Mapping

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.segment.dynamic.kinds import check_names
from crmlab.segment.dynamic.lower import lowered, parts_of, too_large
from crmlab.segment.dynamic.rules import Rule
from crmlab.segment.dynamic.runs import VERSION, Runs
from crmlab.segment.dynamic.saved import MOST_DEPTH, MOST_PARTS, plain
from crmlab.segment.dynamic.tree import All, Any, Member, Not, walk
from crmlab.segment.dynamic.values import name

__all__ = ["Segments"]


_MOST_IN_ALL = 10 * MOST_PARTS


class Segments(Runs, Mapping):
    """Run several rules at once; one may ask for membership in another.

    Parameters
    ----------
    rules : dict of str to Rule
        Rules by the names of their segments.

    Raises
    ------
    CrmlabError
        When one is no rule, asks for a segment that is not there, or for itself in a circle.

    Examples
    --------
    >>> from crmlab.segment.dynamic import count, did, member
    >>> segments = Segments({
    ...     "vip": count("purchase").within("365d") >= 10,
    ...     "vip at risk": member("vip") & did("complaint").within("7d"),
    ... })
    >>> print(segments)
    vip: the number of "purchase" in the last 365 days is at least 10
    vip at risk: is in "vip", and had "complaint" in the last 7 days
    >>> segments["vip"]
    (count("purchase").within("365d") >= 10).named("vip")
    """

    def __init__(self, rules):
        if not isinstance(rules, Mapping) or not rules:
            found = "there is no rule." if isinstance(rules, Mapping) else f"found {type(rules).__name__}."
            step = 'write Segments({"complained": did("complaint")}).'
            raise CrmlabError(message("Segments", found, allowed="rules by name", next=step))
        for segment, rule in rules.items():
            name(segment, "Segments")
            if not isinstance(rule, Rule):
                step = 'compare a number, such as count("visit") >= 3; a rule is what did(...) gives.'
                raise CrmlabError(message(f"Segments, {segment!r}", f"found {rule!r}, which is no rule.", next=step))
        self._rules = {segment: rule.named(segment) for segment, rule in rules.items()}
        self._resolved, self._sizes = {}, {}
        for segment in self._rules:
            self._resolve(segment, ())
        if (size := sum(size for size, _ in self._sizes.values())) > _MOST_IN_ALL:
            found, step = f"the segments have {size:,} parts in all.", "run them in several sets."
            allowed = f"{_MOST_IN_ALL:,}, with those of segments they ask for"
            raise CrmlabError(message("Segments", found, allowed=allowed, next=step))

    def __getitem__(self, segment):
        return self._rules[segment]

    def __iter__(self):
        return iter(self._rules)

    def __len__(self):
        return len(self._rules)

    def __repr__(self):
        # Each rule says its own name, which is not repeated here.
        inside = ", ".join(f"{rule.segment!r}: {Rule(rule.tree)!r}" for rule in self._rules.values())
        return f"Segments({{{inside}}})"

    def __str__(self):
        return "\n".join(map(str, self._rules.values()))

    def plans(self):
        """See the plans that are run, one for each segment.

        Returns
        -------
        list of Plan

        Examples
        --------
        >>> from crmlab.segment.dynamic import did
        >>> Segments({"complained": did("complaint")}).plans()[0].segment
        'complained'
        """
        plans = [lowered(tree, segment) for segment, tree in self._resolved.items()]
        check_names(plans)
        return plans

    def _plain(self):
        rules = {segment: plain(rule.tree) for segment, rule in self._rules.items()}
        return {"crmlab": "segments", "version": VERSION, "rules": rules}

    def _resolve(self, segment, way):
        """A segment's tree with those of others in place of their names."""
        if segment in self._resolved:
            return self._resolved[segment]
        if segment in way:
            circle = " → ".join((*way[way.index(segment) :], segment))
            found = f"the segments go round in a circle: {circle}."
            raise CrmlabError(message("Segments", found, next="let one of them stand by itself."))
        if len(way) > MOST_DEPTH:
            raise too_large(segment, len(way), len(way))
        tree, size = self._rules[segment].tree, 0
        for part, depth in walk(tree):
            if isinstance(part, Member):
                self._check_known(segment, part.name)
                self._resolve(part.name, (*way, segment))
            # Sizes are added up before anything is put together: it could double again and again.
            parts, below = self._sizes[part.name] if isinstance(part, Member) else (parts_of(part), 0)
            size, deepest = size + parts, max(self._sizes.get(segment, (0, 0))[1], depth + below)
            self._sizes[segment] = (size, deepest)
            if size > MOST_PARTS or deepest > MOST_DEPTH:
                raise too_large(segment, size, deepest)
        self._resolved[segment] = self._filled(tree)
        return self._resolved[segment]

    def _check_known(self, segment, asked):
        if asked not in self._rules:
            near = did_you_mean(asked, self._rules)
            found, step = f"there is no segment {asked!r}.{near}", "add it, or correct the name."
            raise CrmlabError(message(f"Segments, {segment!r}", found, it_has=few(self._rules, most=12), next=step))

    def _filled(self, tree):
        if isinstance(tree, Member):
            return self._resolved[tree.name]
        if isinstance(tree, All | Any):
            return type(tree)(tuple(map(self._filled, tree.parts)))
        return Not(self._filled(tree.part)) if isinstance(tree, Not) else tree
