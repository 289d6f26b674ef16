"""Everything a customer is worth beside the own purchases, each cent credited once."""

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, few, message
from crmlab.tables import check
from crmlab.tables.cents import cents_of
from crmlab.value.by_customer import with_record_id
from crmlab.value.referrals import chance_of, credits, links_of, whole_cents

__all__ = ["engagement_value", "knowledge_value"]


def knowledge_value(touchpoints, mentions=None, *, worth_cents):
    """Share what the firm learned from its customers out among those who told it.

    The rule: a customer tells the firm something each time they begin a contact of type inquiry
    or complaint (direction "in"), and with each public post that begins a talk (no reply_to)
    and is linked to them. Every such piece counts the same; what all of it was worth to the firm
    is for the firm to say, for instance what its improvements of the year brought.

    Parameters
    ----------
    touchpoints : pandas.DataFrame of shape (n_contacts, …)
        With record_id (or customer_id), type and direction.
    mentions : pandas.DataFrame of shape (n_posts, …), optional
        With record_id (empty unless linked by consent) and reply_to.
    worth_cents : int, cents
        Worth of all that was learned, 0 or more.

    Returns
    -------
    pandas.DataFrame of shape (n_givers, 4)
        Indexed by customer, rising: n_inquiries, n_complaints, n_posts, knowledge_value_cents.
        The last sums to `worth_cents` to the cent; odd cents go to those with the most pieces,
        and among equals to the first in the table.

    Raises
    ------
    CrmlabError
        When a column is missing, nobody told anything, or the worth is no amount.

    References
    ----------
    V. Kumar et al., Undervalued or overvalued customers: capturing total customer engagement
    value, *Journal of Service Research* 13, 2010, for the idea; the rule is crmlab's own.

    Examples
    --------
    >>> contacts = pd.DataFrame({"record_id": [1, 1, 2, 3], "type": ["inquiry", "complaint", "inquiry", "visit"],
    ...     "direction": "in"}).astype({"type": "category", "direction": "category"})
    >>> knowledge_value(contacts, worth_cents=100)
               n_inquiries  n_complaints  n_posts  knowledge_value_cents
    record_id
    1                    1             1        0                     67
    2                    1             0        0                     33
    """
    worth = whole_cents(worth_cents, "worth_cents", least=0)
    contacts, who = with_record_id(touchpoints)
    check("touchpoints", contacts, columns=["record_id", "type", "direction"])
    told = {"n_inquiries": "inquiry", "n_complaints": "complaint"}
    own = contacts["direction"] == "in"
    counts = {name: contacts["record_id"][own & (contacts["type"] == kind)] for name, kind in told.items()}
    counts["n_posts"] = contacts["record_id"][:0]
    if mentions is not None:
        posts, by = with_record_id(mentions)
        if isinstance(mentions, pd.DataFrame) and by != who:
            found = f"touchpoints name the customer by {who}, mentions by {by}."
            step = "join customer_id onto the one that lacks it, from customers."
            raise CrmlabError(message("touchpoints and mentions", found, next=step))
        check("mentions", posts, columns=["record_id", "reply_to"])
        counts["n_posts"] = posts["record_id"][posts["reply_to"].isna() & posts["record_id"].notna()]
    kind = contacts["record_id"].dtype
    try:
        counts = {name: ids.astype(kind).value_counts() for name, ids in counts.items()}
    except (TypeError, ValueError):
        found = f"customers are named otherwise than in touchpoints, for instance {few(counts['n_posts'].unique(), 3)}."
        step = "name them alike in both, by numbers or by texts."
        raise CrmlabError(message("mentions.record_id", found, next=step)) from None
    table = pd.DataFrame({name: n[n > 0] for name, n in counts.items()}).fillna(0).astype("int64").sort_index()
    pieces = table.sum(axis=1).to_numpy()
    if not pieces.sum():
        step = "load the contacts of a longer time, or leave knowledge out."
        raise CrmlabError(message("touchpoints", "no customer began an inquiry or a complaint.", next=step))
    whole = worth * pieces // pieces.sum()
    odd = worth - int(whole.sum())
    whole[np.argsort(-pieces, kind="stable")[:odd]] += 1
    table["knowledge_value_cents"] = whole
    return table.rename_axis(who)


def engagement_value(value_cents, referrals, *, share, would_have_joined, acquisition_cents=0, knowledge_cents=None):
    """Add up what each customer is worth: purchases, referrals, influence and knowledge, every cent once.

    Of the value of a brought customer who would not have joined otherwise, `share` is credited
    to who brought them; the customer keeps the rest. The one who brought them passes on the same
    way, of what arrived, to who brought *them*. So a cent paid by one customer is credited in
    parts along the chain, and the parts sum to the cent.

    Parameters
    ----------
    value_cents : pandas.Series of shape (n_customers,), cents
        Value of each customer's own purchases, profit or lifetime value in whole cents; indexed
        by customer. A loss is negative.
    referrals : pandas.DataFrame of shape (n_referrals, …)
        With record_id, who was brought, and referred_by; of a merged base, customer_id and
        referred_by_customer.
    share : float
        Share of a won customer's value that is the merit of who brought them, 0 to 1: a
        convention, to be said with the result.
    would_have_joined : float, or dict or pandas.Series of brought customer to number
        Chance, 0 to 1, that the brought customer would have joined anyway.
    acquisition_cents : int, default=0, cents
        Cost of finding one customer that each referral saved, 0 or more; a cent of its own, which
        goes to who brought them. Leave it at 0 when `value_cents` is already less what finding cost.
    knowledge_cents : pandas.Series, optional, cents
        ``knowledge_value(…)["knowledge_value_cents"]``: value on top of what customers paid.
        Leave it out when what was learned is already in the purchases.

    Returns
    -------
    pandas.DataFrame of shape (n_customers, 5)
        Indexed as `value_cents`: purchase_cents (own value not passed on), referral_cents (from
        those brought, with acquisition saved), influencer_cents (from further down the chain),
        knowledge_cents, engagement_value_cents (the sum). All together sum to the values, the
        acquisition saved and the knowledge, to the cent.

    Raises
    ------
    CrmlabError
        When the referrals are no chains, a customer has no value, or an amount or share is out
        of its range.

    References
    ----------
    V. Kumar et al., Undervalued or overvalued customers: capturing total customer engagement
    value, *Journal of Service Research* 13, 2010, for the four parts; the sharing is crmlab's own.

    Examples
    --------
    >>> brought = pd.DataFrame({"record_id": ["Ivo", "Mia"], "referred_by": ["Ana", "Ivo"]})
    >>> worth = pd.Series({"Ana": 100, "Ivo": 80, "Mia": 40})
    >>> engagement_value(worth, brought, share=0.5, would_have_joined=0.0, acquisition_cents=15).T
                            Ana  Ivo  Mia
    purchase_cents          100   40   20
    referral_cents           55   25    0
    influencer_cents         10    0    0
    knowledge_cents           0    0    0
    engagement_value_cents  165   65   20
    """
    value, parent, levels = links_of(referrals, value_cents)
    brought = parent >= 0
    anyway = chance_of(would_have_joined, "would_have_joined", value.index, brought)
    passed = chance_of(share, "share", value.index, brought) * (1 - anyway)
    own, direct, further = credits(value.to_numpy(), parent, levels, passed)
    saved = whole_cents(acquisition_cents, "acquisition_cents", least=0)
    saved = saved * np.bincount(parent[brought], minlength=len(value))
    table = pd.DataFrame(
        {"purchase_cents": own, "referral_cents": direct + saved, "influencer_cents": further, "knowledge_cents": 0},
        index=value.index,
    )
    if knowledge_cents is not None:
        learned = cents_of(knowledge_cents, where="knowledge_cents")
        odd = learned.index.difference(value.index)
        if len(odd) or not learned.index.is_unique:
            found = f"customers without a value, or twice: {few(odd) or 'some stand twice'}."
            step = "give each a value (0 where there was nothing), or leave them out."
            raise CrmlabError(message("knowledge_cents", found, allowed="one row per customer", next=step))
        table["knowledge_cents"] = learned.reindex(value.index, fill_value=0)
    table["engagement_value_cents"] = table.sum(axis=1)
    return table
