"""Mentions: what people say of the firm in public, and what their words stir up."""

import numpy as np
import pandas as pd
import pyarrow as pa

from crmlab.simulate.branching import branched, causes
from crmlab.simulate.clock import clock
from crmlab.simulate.columns import DAY, texts, times, whole, words
from crmlab.simulate.dice import lookup
from crmlab.simulate.moments import mood_of
from crmlab.simulate.sales import rounded
from crmlab.simulate.voice import HANDLE_BITS, SENTIMENTS, handles, language_of, written

__all__ = ["mentions"]

_ID_BITS, _STRANGER_BITS = 24, 20


def mentions(block, records, joined, agreed, lives, cycle):
    """Let customers speak of the firm in public, and others answer.

    Parameters
    ----------
    block : Block
    records : Records
    joined : Acquisition
    agreed : dict of str to ndarray
    lives : Lived
    cycle : LifeCycle

    Returns
    -------
    tables : dict
        mentions, in order of mention_id.
    truth : dict
        mentions: what each post is really about, how it is meant, and with whom the talk
        began; authors: which handles are customers; causes: which post brought which,
        answers and others.

    Notes
    -----
    Self-exciting (Hawkes & Oakes 1974): customers begin talks at a rate of their own, and
    each post brings `branching` further posts on average, by the same author or by strangers.
    The mood of the last experience colours what is said.
    """
    spec = block.spec["mentions"]
    owner, second, parent = branched(
        block, *_beginnings(block, joined, cycle), branching=spec["branching"], hours=spec["hours"], table="mentions"
    )
    is_own = (parent < 0) | (_chance(block, "is_own", parent) < spec["same_author"])
    is_reply = (parent >= 0) & (_chance(block, "is_reply", parent) < spec["replies"])
    root = _roots(parent)
    topics, platforms = tuple(spec["topics"]), tuple(spec["platforms"])
    topic = block.pick(lookup(spec["topics"].values()), len(root), "mentions", "topic")[root].astype(np.int64)
    platform = block.pick(lookup(spec["platforms"].values()), len(root), "mentions", "platform")[root]
    meant = _meant(block, lives, owner, second, parent, root)
    language, languages, text = _texts(block, root, is_reply, meant, topic, topics)
    record, is_known = _linked(block, records, agreed, owner, second, is_own)
    handle = handles(_authors(block, owner, is_own))
    ids, person = block.identities(np.arange(len(root)), _ID_BITS, "mentions"), block.person[owner] + 1
    row = np.argsort(ids)
    table = {
        "mention_id": ids[row],
        "handle": texts(handle.take(pa.array(row))),
        "ts": times(second[row]),
        "platform": words(platform[row], platforms),
        "text": texts(text.take(pa.array(row))),
        "language": words(language[row], languages),
        "topic": words(_as_read(block, "topic", topic, len(topics))[row], topics),
        "sentiment": words(_as_read(block, "sentiment", meant, len(SENTIMENTS))[row], SENTIMENTS),
        "reach": _reach(block, owner, is_own)[row],
        "reply_to": whole(np.where(is_reply, ids[parent], 0)[row] if len(ids) else ids, ~is_reply[row]),
        "record_id": whole(record[row], ~is_known[row]),
    }
    told = {
        "mention_id": ids[row],
        "person_id": person[row],
        "by_customer": is_own[row],
        "topic": words(topic[row], topics),
        "sentiment": words(meant[row], SENTIMENTS),
    }
    own = np.flatnonzero(is_own)
    own = own[np.diff(owner[own], prepend=-1) > 0]
    authors = {"handle": texts(handle.take(pa.array(own))), "person_id": person[own]}
    truth = {"mentions": told, "authors": authors, "causes": causes("mentions", ids, parent, person)}
    return (
        {"mentions": pd.DataFrame(table, copy=False)},
        {name: pd.DataFrame(columns, copy=False) for name, columns in truth.items()},
    )


def _chance(block, column, rows):
    return block.draw("mentions", column).random(len(rows))


def _beginnings(block, joined, cycle):
    """Who begins a talk when: customers differ much in how often they do, and few do at all."""
    spec, n = block.spec["mentions"], block.size
    rate = block.draw("mentions", "rate").standard_gamma(spec["shape_customers"], n) / spec["shape_customers"]
    first = joined.day + 1
    span = np.maximum(np.minimum(block.end_second, cycle.gone) // DAY - first, 0)
    counts = block.draw("mentions", "count").poisson(rounded(rate * (spec["per_year"] / 365.25)) * span)
    owner = np.repeat(np.arange(n), counts)
    height = block.draw("mentions", "day").integers(0, 1 << 30, len(owner))
    day = first[owner] + (height * span[owner] >> 30)
    return owner, day * DAY + clock(block, len(owner), "customers", "mentions")


def _roots(parent):
    """The first post of each talk."""
    root = np.where(parent < 0, np.arange(len(parent)), parent)
    while (root[root] != root).any():
        root = root[root]
    return root


def _meant(block, lives, owner, second, parent, root):
    """How each post is meant: by the mood of its author, or as the first of the talk was."""
    spec = block.spec["mentions"]
    tone = 1.5 * mood_of(block, lives, owner, second) + block.draw("mentions", "tone").standard_normal(len(root))
    meant = np.searchsorted([spec["negative_below"], spec["positive_above"]], rounded(tone))
    agrees = (parent >= 0) & (_chance(block, "agrees", parent) < spec["agrees"])
    return np.where(agrees, meant[root], meant)


def _texts(block, root, is_reply, meant, topic, topics):
    """Language of each talk, the names of the languages, and the text of each post."""
    own = language_of(block.plan.locale)
    languages = tuple(dict.fromkeys((own, "en")))
    is_foreign = _chance(block, "language", root)[root] >= block.spec["mentions"]["own_language"]
    language = is_foreign.astype(np.int8) * (len(languages) > 1)
    height = block.draw("mentions", "text").integers(0, 1 << 16, len(root))
    versions = [written(name, is_reply, meant, topic, topics, height) for name in languages]
    text = pa.concat_arrays(versions).take(pa.array(language.astype(np.int64) * len(root) + np.arange(len(root))))
    return language, languages, text


def _linked(block, records, agreed, owner, second, is_own):
    """Record of each post whose author let the firm know the handle, and which posts those are."""
    has_told = block.draw("mentions", "linked").random(block.size) < block.spec["mentions"]["linked"]
    is_known = is_own & (has_told & agreed["consent_profiling"])[owner]
    record = np.zeros(len(owner), np.int64)
    record[is_known] = records.of(owner[is_known], second[is_known])
    return record, is_known


def _authors(block, owner, is_own):
    """A number for each author that tells nothing: not even whether it is a customer."""
    stranger = block.draw("mentions", "stranger").integers(0, block.spec["mentions"]["strangers"], len(owner))
    outside = (block.number << _STRANGER_BITS) + stranger
    number = np.where(is_own, 2 * block.person[owner], 2 * outside + 1)
    return block.dice.scramble(number, HANDLE_BITS, "mentions", "handle")


def _as_read(block, column, place, choices):
    """What the listening tool makes of it: mostly right, else anything."""
    is_right = _chance(block, f"reads_{column}", place) < block.spec["mentions"]["tool_right"]
    return np.where(is_right, place, block.draw("mentions", f"misread_{column}").integers(0, choices, len(place)))


def _reach(block, owner, is_own):
    """How many people saw each post: some of those who follow its author."""
    followers = block.draw("mentions", "followers").lognormal(4.0, 1.4, block.size)[owner]
    strangers = block.draw("mentions", "strangers").lognormal(4.0, 1.4, len(owner))
    seen = 0.1 + 0.9 * _chance(block, "seen", owner)
    return np.maximum(np.rint(np.where(is_own, followers, strangers) * seen), 1).astype(np.int64)
