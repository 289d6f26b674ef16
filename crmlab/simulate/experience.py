"""Experience: all that customers live through and make of it, process after process."""

import pandas as pd

from crmlab.simulate.campaigns import campaigns
from crmlab.simulate.lifecycle import lifecycle
from crmlab.simulate.mentions import mentions
from crmlab.simulate.moments import lived, moments
from crmlab.simulate.product_events import product_events
from crmlab.simulate.referrals import referrals
from crmlab.simulate.survey import benefits, survey

__all__ = ["experience"]


def experience(block, persons, records, joined, left, agreed, sales, value, log, causes, felt=None, out=None):
    """Run the processes of experience that the spec has sections for.

    Parameters
    ----------
    block : Block
    persons : pandas.DataFrame
    records : Records
    joined : Acquisition
    left : ndarray of int64
        The second the firm knows each customer to have left, or the end of the history.
    agreed : dict of str to ndarray
    sales : Sales
    value : pandas.DataFrame
        The truth of each person: who leaves when.
    log : Log
    causes : dict of str to pandas.DataFrame
        Which contact brought which, as :func:`touchpoints` tells; the causes of mentions
        are added.
    felt : Failures, optional
        Outages that customers felt.
    out : Sent, optional
        Whom campaigns were meant for.

    Returns
    -------
    tables, truth : dict of str to pandas.DataFrame
    answers : Answers or None
        What campaigns brought.
    """
    spec = block.spec
    tables, truth, answers = {}, dict(causes), None

    def keep(made):
        tables.update(made[0])
        if "causes" in made[1] and "causes" in truth:
            made[1]["causes"] = pd.concat([truth["causes"], made[1]["causes"]], ignore_index=True)
        truth.update(made[1])

    if "moments" not in spec:
        return tables, truth, answers
    lives = lived(block, log, joined, value, felt)
    keep(moments(block, lives, records))
    if "lifecycle" not in spec:
        return tables, truth, answers
    cycle, states = lifecycle(block, joined, lives, value)
    keep(({}, states))
    if "survey" in spec:
        sought = benefits(block, persons)
        keep(survey(block, records, joined, left, agreed, sought, lives, cycle))
    if "mentions" in spec:
        keep(mentions(block, records, joined, agreed, lives, cycle))
    if "product" in spec:
        keep(product_events(block, records, joined, cycle))
    if "campaigns" in spec:
        *made, answers = campaigns(block, records, joined, out, sought, cycle, sales)
        keep(made)
    if "referrals" in spec:
        keep(referrals(block, records, joined, cycle))
    return tables, truth, answers
