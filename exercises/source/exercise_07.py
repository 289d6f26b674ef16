# %% [markdown]
# # Exercise 07 · Who carries the base?
#
# 40 minutes · a shop of your own number, without contracts
#
# The calls are those of the lesson, the customers are not: here people buy when they like. Put your answer where the
# three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a line with a hint and run
# the cell again. The way is there too; try once before you look.
#
# Run the first cell to open the shop.

# %% tags=["setup"]
from crmlab import lesson, segment, simulate, value

me = lesson.begin("07")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr", mess="none")
q1, q2, q3, q4, q5, q6, q7, q8 = me.questions(base)
me

# %% tags=["question"]
people = base.customers.set_index("record_id")
log = base.transactions
year = log[log["ts"] >= "2025-01-01"]
worth = year.groupby("record_id")["amount_cents"].sum().rename("value_cents")
share = value.top_share(worth)

# %% [markdown]
# **7.1** From memory: in some shop every customer brings exactly the same. What is its Gini coefficient? The next cell
# takes a number.

# %% tags=["question"]
q1 = lesson.Question(
    "7.1",
    expected=0,
    praise="all equal, nothing uneven: 0. The Lorenz curve is then the straight line.",
    slips={
        1: "that is the other end: one customer brings everything.",
        0.5: "it is no middle value. The Lorenz curve is the straight line here; how much lies between the two?",
        100: "the coefficient goes from 0 to 1, and equal shares are one of its ends.",
    },
    hints=[
        "The Gini coefficient measures how far the Lorenz curve sags below the straight line.",
        "When all bring the same, the curve does not sag at all.",
    ],
    reveal="Nothing lies between the curve and the line, so the coefficient is 0. To see it:\n"
    "    value.gini([500, 500, 500])",
)

# %% tags=["answer"]
# A number.
gini_of_equals = 0

# %%
q1.check(gini_of_equals)

# %% [markdown]
# **7.2** What did each customer bring in 2025? The next cell takes one number of cents per customer, labelled by
# `record_id`. Customers who bought nothing need not be there.

# %% tags=["question"]
ever = log.groupby("record_id")["amount_cents"].sum()
visits = year.groupby("record_id").size()
q2 = lesson.Question(
    "7.2",
    expected=worth,
    praise=f"{len(worth):,} of {len(people):,} customers bought in 2025. Every analysis of value begins here.",
    slips=[
        (ever, "that is what they brought in all the time. The question is about 2025: keep those purchases first."),
        (visits, "that counts purchases. Add up `amount_cents` instead."),
        (year.groupby("record_id")["amount_cents"].mean(), "that is the mean purchase. The sum is what they brought."),
        (int(worth.sum()), "that is all customers together. Group by `record_id` before adding up."),
        (year["amount_cents"], "that is one amount per purchase. Group by `record_id`, then add up."),
        (year.groupby("record_id")["margin_cents"].sum(), "that is the margin. What they brought is `amount_cents`."),
    ],
    hints=[
        'Two steps: keep the purchases with `ts` from `"2025-01-01"` on, then add up by customer.',
        'Adding up by customer is `.groupby("record_id")["amount_cents"].sum()`.',
    ],
    reveal="Keep the year, then add up by customer:\n"
    '    year = base.transactions[base.transactions["ts"] >= "2025-01-01"]\n'
    '    value_cents = year.groupby("record_id")["amount_cents"].sum()',
)

# %% tags=["answer"]
# Cents by customer; two lines will do.
year = base.transactions[base.transactions["ts"] >= "2025-01-01"]
value_cents = year.groupby("record_id")["amount_cents"].sum()

# %%
q2.check(value_cents)

# %% [markdown]
# **7.3** What share of that value did the best fifth of these customers bring? The next cell takes a number from 0
# to 1.

# %% tags=["question"]
q3 = lesson.Question(
    "7.3",
    expected=share,
    praise=f"a fifth of your customers brings {share:.0%} of the value.",
    slips=[
        (1 - share, "that is the share of the other four fifths. Sort from the largest down."),
        (100 * share, "give a share between 0 and 1, not a percentage."),
        (1 - value.top_share(worth, 0.8), "that is what the *smallest* fifth brings. Begin with the largest."),
        (value.gini(worth), "that is the Gini coefficient. The share of the best fifth has a call of its own."),
        (0.8, "that is the rule of thumb. What does your shop say?"),
    ],
    hints=[
        "The lesson asked for three such shares in one cell.",
        "`value.top_share` takes the column from 7.2.",
    ],
    reveal="Say which column and which share of the customers:\n    top_share = value.top_share(value_cents, 0.2)",
)

# %% tags=["answer"]
# A share from 0 to 1.
top_share = value.top_share(value_cents, 0.2)

# %%
q3.check(top_share)

# %% [markdown]
# **7.4** Which tier is each customer in, with tiers that end at 50 %, 80 % and 95 % of the value and 0 for the best?
# The next cell takes one tier per customer.

# %% tags=["question"]
tiers = segment.ValueTiers(shares=(0.5, 0.8, 0.95)).fit(worth)
tier = tiers.predict(worth)
quarters = 3 - (4 * (worth.rank(method="first") - 1) // len(worth)).astype("int64")
q4 = lesson.Question(
    "7.4",
    expected=tier,
    praise=f"tier 0 holds {(tier == 0).sum():,} of {len(tier):,} customers; it begins at "
    f"{tiers.floors_[0] / 100:,.2f} euros a year.",
    slips=[
        (tier + 1, "the best tier has number 0. Yours begin at 1."),
        (3 - tier, "they are the wrong way round: 0 is the best tier."),
        (quarters, "those are four groups of equal *size*. Tiers end at shares of the value; groups differ in size."),
        (tiers.summary(worth), "that is the summary of the tiers. Asked is the tier of each customer."),
    ],
    hints=[
        "Two calls: `fit` finds where tiers end, `predict` tells each customer's tier.",
        "Begin with `segment.ValueTiers(shares=(0.5, 0.8, 0.95))`; both calls take the column from 7.2.",
    ],
    reveal="Find the tiers, then ask for each customer's:\n"
    "    tiers = segment.ValueTiers(shares=(0.5, 0.8, 0.95)).fit(value_cents)\n"
    "    tier = tiers.predict(value_cents)",
)

# %% tags=["answer"]
# A tier by customer.
tier = segment.ValueTiers(shares=(0.5, 0.8, 0.95)).fit(value_cents).predict(value_cents)

# %%
q4.check(tier)

# %% [markdown]
# **7.5** Who in tier 0 has gone quiet? Find the customers of tier 0 whose last purchase in 2025 is more than 120 days
# before the day the data describe, `base.as_of`. The next cell takes their `record_id`s, in any order.

# %% tags=["question"]
scores = value.rfm(year, as_of=base.as_of)
silent = scores["recency_days"] > 120
quiet = worth.index[(tier == 0) & silent]
q5 = lesson.Question(
    "7.5",
    expected=set(quiet),
    praise=f"{len(quiet)} of your best customers went quiet. Ring these first, and ask before you offer.",
    slips=[
        (set(worth.index[silent]), "those are the quiet ones of *all* tiers. Keep tier 0."),
        (set(worth.index[(tier == 0) & ~silent]), "those bought in the last 120 days. You want the others."),
        (set(worth.index[tier == 0]), "that is the whole of tier 0. Keep those with more than 120 days of silence."),
        (len(quiet), "that is how many. Their numbers are asked: take the labels of the rows."),
    ],
    hints=[
        "`value.rfm(year, as_of=base.as_of)` has a column `recency_days`, in the order of your column `tier`.",
        "Two conditions in brackets, with `&` between them; then `.index` of what is left.",
    ],
    reveal="Both conditions together, and the labels of the rows that are left:\n"
    "    rfm = value.rfm(year, as_of=base.as_of)\n"
    '    quiet = rfm[(tier == 0) & (rfm["recency_days"] > 120)].index',
)

# %% tags=["answer"]
# Numbers of customers.
rfm = value.rfm(year, as_of=base.as_of)
quiet = rfm[(tier == 0) & (rfm["recency_days"] > 120)].index

# %%
q5.check(quiet)

# %% [markdown]
# **7.6** Of what share of the customers in the last tier, 3, was the record opened in 2025? They had less than a year
# to buy. The next cell takes a number from 0 to 1.

# %% tags=["question"]
is_new = (people["created_at"] >= "2025-01-01").reindex(worth.index)
new_share = is_new[tier == 3].mean()
q6 = lesson.Question(
    "7.6",
    expected=new_share,
    praise=f"{new_share:.0%} of your last tier came during the year. Small is not the same as new.",
    slips=[
        ((tier[is_new] == 3).mean(), "that is the share of the *new* customers who are in tier 3. Turn it round."),
        (is_new.mean(), "that is the share of new customers in all tiers. Keep tier 3."),
        (int(is_new[tier == 3].sum()), "that is how many. Divide by the number of customers in tier 3."),
    ],
    hints=[
        "The column `created_at` of `base.customers` says when a record was opened; make `record_id` its labels.",
        "`last = tier[tier == 3].index` are the customers; the mean of True and False over them is the share.",
    ],
    reveal="Pick the customers of the last tier, then take the share of those opened in 2025:\n"
    "    last = tier[tier == 3].index\n"
    '    created = base.customers.set_index("record_id")["created_at"]\n'
    '    new_share = (created.loc[last] >= "2025-01-01").mean()',
)

# %% tags=["answer"]
# A share from 0 to 1.
created = base.customers.set_index("record_id")["created_at"]
new_share = (created.loc[tier[tier == 3].index] >= "2025-01-01").mean()

# %%
q6.check(new_share)

# %% [markdown]
# **7.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# "Tier 3 brings 5 % and costs us time", says the head of sales. What do you propose for it: `"serve them less"`,
# `"serve all alike, add for tier 0"` or `"help the new ones start"`? The next cell takes your choice and why.

# %% tags=["question"]
held = {
    "share of new customers in tier 3": new_share,
    "customers in tier 3": int((tier == 3).sum()),
    "customers in tier 0": int((tier == 0).sum()),
    "share of the best fifth": share,
}
q7 = lesson.Decision(
    "7.7",
    choices=["serve them less", "serve all alike, add for tier 0", "help the new ones start"],
    figures=held,
    praise="you can defend that. What would a customer of tier 3 say to it?",
    slips={
        "serve them less": f"{new_share:.0%} of them have been here for less than a year: whom would you drive out? "
        "Good service is for everybody; tiers decide what comes on top.",
    },
    hints=[
        "Your answer to 7.6 says who most of tier 3 are.",
        "Write the figure out, and say what follows for the customer and for the shop.",
    ],
    reveal=f'One answer that can be defended: "help the new ones start", because {new_share:.0%} of tier 3 came during '
    "the year and could not have bought for longer; a good first year serves them, and is where tier 0 comes from.",
    rubric="2 marks: the figure carries the argument (tier 3 is mostly new, or tier 0 carries most), and what the "
    "customer gets is named. 1 mark: one of the two. Both remaining choices can earn full marks.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
proposal = "help the new ones start"
because = f"{new_share:.0%} of tier 3 came during the year and had little time to buy; a good start serves them and us."

# %%
q7.check(proposal, because)

# %% [markdown]
# **7.8** The shop can pay for 100 calls. Whom do you ring: `"the 100 who brought most"`,
# `"tier 0 gone quiet, if they agreed"` or `"the best who agreed to be called"`? Work out how many customers your list
# would hold (`consent_phone` says who agreed). The next cell takes your choice and why.

# %% tags=["question"]
agreed = people["consent_phone"].reindex(worth.index)
hundred = worth.nlargest(100).index
q8 = lesson.Decision(
    "7.8",
    choices=["the 100 who brought most", "tier 0 gone quiet, if they agreed", "the best who agreed to be called"],
    figures={
        "customers of tier 0 gone quiet": len(quiet),
        "of these agreed": int(agreed[quiet].sum()),
        "of the best 100 agreed": int(agreed[hundred].sum()),
        "customers of tier 0 who agreed": int(agreed[tier == 0].sum()),
        "share of tier 0 who agreed": float(agreed[tier == 0].mean()),
        "share of all who agreed": float(agreed.mean()),
        "share of the best fifth": share,
    },
    praise="you can defend that. Before the first call, write down what the customer will have from it.",
    slips={
        "the 100 who brought most": f"only {int(agreed[hundred].sum())} of them agreed to be called. "
        "First who may be called, then by value.",
    },
    hints=[
        'Of the customers in a list, `people.loc[list, "consent_phone"].sum()` agreed, where `people` is '
        '`base.customers.set_index("record_id")`.',
        "A short list is no fault. Say how many you ring, and what you would ask them.",
    ],
    reveal=f'One answer that can be defended: "tier 0 gone quiet, if they agreed". {len(quiet)} are quiet and '
    f"{int(agreed[quiet].sum())} of them agreed: few calls, made to ask what went wrong, not to sell. "
    "The rest of the money can wait for a better list.",
    rubric="3 marks: consent first, a figure that fits the list chosen, and what the customer gets from the call. "
    "One mark each. A list shorter than 100 is welcome when the reason says why.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
choice = "tier 0 gone quiet, if they agreed"
agreed = base.customers.set_index("record_id").loc[quiet, "consent_phone"].sum()
reason = f"{len(quiet)} of our best went quiet and {agreed} of them agreed to calls; we ask what they miss, then help."

# %%
q8.check(choice, reason)

# %% [markdown]
# ## What you can now do
#
# Say who carries a base, name the floor of a tier, find the best who went quiet, tell small from new, and decide who
# is called with a figure in hand. Do it once on [your own export](../notebooks/07_who_carries_the_base.ipynb) this
# week; the [cheat-sheet](../notebooks/cheatsheets/07.pdf) has every call. The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
