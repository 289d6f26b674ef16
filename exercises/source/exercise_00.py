# %% [markdown]
# # Exercise 00 · Start here
#
# 15 minutes · a shop of your own number
#
# Put your answer where the three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a
# line with a hint and run the cell again. The way to the answer is there too; try once before you look.
#
# Run the first cell to open the shop.

# %% tags=["setup"]
from crmlab import lesson, simulate

me = lesson.begin("00")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr", mess="none")
q1, q2, q3, q4, q5, q6 = me.questions(base)
me

# %% tags=["question"]
purchases, people = base.transactions, base.customers

# %% [markdown]
# **0.1** How many purchases are in the shop's log? The next cell takes your answer.

# %% tags=["question"]
q1 = lesson.Question(
    "0.1",
    expected=len(purchases),
    praise=f"{len(purchases):,} purchases, one row each.",
    slips=[
        (len(people), "that counts the customers. The purchases are in `base.transactions`."),
        (len(base.touchpoints), "that counts contacts of every kind. A visit is no purchase yet."),
        (purchases.shape[1], "that counts the columns. One row is one purchase."),
    ],
    hints=["Which table holds one row per purchase?", "`len(...)` counts the rows of the table you put inside."],
    reveal="One row is one purchase, so count the rows:\n    purchases = len(base.transactions)",
)

# %% tags=["answer"]
# A number.
purchases = len(base.transactions)

# %%
q1.check(purchases)

# %% [markdown]
# **0.2** On which day was the last purchase? The next cell takes a date; `"2025-01-31"` in quotes will do.

# %% tags=["question"]
last = purchases["ts"].max().normalize()
q2 = lesson.Question(
    "0.2",
    expected=last,
    praise=f"{last:%Y-%m-%d}: as far as the log reaches. Always know this before you say that somebody is silent.",
    slips=[
        (purchases["ts"].min().normalize(), "that is the first purchase. The last one is the latest moment."),
        (
            purchases["ts"].iloc[-1].normalize(),
            "that is the last row, and rows are not in order of time. Take the latest.",
        ),
        (base.as_of, "that is the day the data describe. The last purchase came before it."),
    ],
    hints=["The moment of a purchase is in the column `ts`.", "`.min()` gives the earliest. What gives the latest?"],
    reveal='Take the latest moment of the purchases:\n    last_day = base.transactions["ts"].max()',
)

# %% tags=["answer"]
# A date.
last_day = base.transactions["ts"].max()

# %%
q2.check(last_day)

# %% [markdown]
# **0.3** In which town do most of the customers on the list live? The next cell takes its name in quotes.

# %% tags=["question"]
towns = people["city"].value_counts()
q3 = lesson.Question(
    "0.3",
    expected=str(towns.idxmax()),
    praise=f"{towns.idxmax()}, with {towns.max():,} of {len(people):,} records.",
    slips=[
        (
            str(people["city"].astype("str").max()),
            "that is the last name in the alphabet. Count the customers of each.",
        ),
        (str(towns[towns > 0].idxmin()), "that is where the fewest live."),
        (int(towns.max()), "that is how many live there. The name of the town is asked."),
    ],
    hints=[
        "The lesson asked which source most records came from. The same call works for the column `city`.",
        "`.value_counts()` counts each town, `.idxmax()` names the one with most.",
    ],
    reveal='Count each town and name the one with most:\n    town = base.customers["city"].value_counts().idxmax()',
)

# %% tags=["answer"]
# A name in quotes.
town = base.customers["city"].value_counts().idxmax()

# %%
q3.check(town)

# %% [markdown]
# **0.4** Of what share of the customers does the shop know the birth date? The next cell takes a number from 0 to 1.

# %% tags=["question"]
known = people["birth_date"].notna().mean()
q4 = lesson.Question(
    "0.4",
    expected=known,
    praise=f"the birth date of {known:.0%} is known. Somebody did not ask the others, or they did not answer.",
    slips=[
        (1 - known, "that is the share of those whose birth date is *not* known."),
        (100 * known, "give a share between 0 and 1, not a percentage."),
        (int(people["birth_date"].notna().sum()), "that is how many. Divide by the number of all customers."),
        (people["phone"].notna().mean(), "that is the share of known telephone numbers. The column is `birth_date`."),
    ],
    hints=[
        "The lesson asked the same of the column `phone`.",
        "`.notna()` says True where something is known; `.mean()` of that is the share.",
    ],
    reveal='The mean of True and False is a share:\n    share_known = base.customers["birth_date"].notna().mean()',
)

# %% tags=["answer"]
# A share from 0 to 1.
share_known = base.customers["birth_date"].notna().mean()

# %%
q4.check(share_known)

# %% [markdown]
# **0.5** The next two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# The manager wants the birth date of every customer. What do you propose: `"make it a must"`,
# `"say what it is good for"` or `"stop asking"`? The next cell takes your choice and why, in one or two sentences.

# %% tags=["question"]
q5 = lesson.Decision(
    "0.5",
    choices=["make it a must", "say what it is good for", "stop asking"],
    figures={"share of birth dates known": known, "share not known": 1 - known},
    praise="you can defend that. Ask a colleague at the counter what really happens when the field is empty.",
    slips={
        "make it a must": "people who must answer write 01.01.1900, and the field is full of nothing. "
        "What would the customer have from answering?",
    },
    hints=[
        "Think of the person at the counter: what do they get for their answer?",
        "Name the share you worked out in 0.4, and say what would change it, or why it need not change.",
    ],
    reveal='One answer that can be defended: "say what it is good for", because '
    f"{known:.0%} answered without any reason given; a birthday present is one, and those who want none may leave it.",
    rubric="2 marks: the figure is used for the argument, and the customer's side is named. "
    "1 mark: one of the two. 0: the figure is only quoted. 'stop asking' earns both marks when the reason says that "
    "nothing is done with the field today.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
proposal = "say what it is good for"
because = f"The birth date of {share_known:.0%} is known although nobody told them why; a small present gives a reason."

# %%
q5.check(proposal, because)

# %% [markdown]
# **0.6** A column `consent_phone` says who agreed to be called. Before the holidays the shop wants to ring everybody.
# What about those who did not agree: `"call them too"`, `"leave them in peace"` or `"ask at their next visit"`?
# Work out a share for your reason, as in 0.4; the next cell takes it all.

# %% tags=["question"]
agreed = people["consent_phone"].mean()
q6 = lesson.Decision(
    "0.6",
    choices=["call them too", "leave them in peace", "ask at their next visit"],
    figures={"share that agreed": agreed, "share that did not": 1 - agreed, "how many agreed": agreed * len(people)},
    praise="you can defend that. Respect is remembered longer than an offer.",
    slips={
        "call them too": "they did not agree. A call all the same costs more than a sale, and may break the law.",
    },
    hints=[
        'The mean of a column of True and False is a share: `base.customers["consent_phone"].mean()`.',
        "Name that share, and say what a customer who did not agree would think of your choice.",
    ],
    reveal=f'One answer that can be defended: "ask at their next visit", because only {agreed:.0%} agreed so far; '
    "at the counter one can say what the calls are good for, and a no is a no.",
    rubric="2 marks: the share is used, and the reason speaks of what the customer wants or expects. "
    "1 mark: one of the two. 'leave them in peace' is as good as 'ask' when the reason is.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
action = "ask at their next visit"
agreed = base.customers["consent_phone"].mean()
reason = f"Only {agreed:.0%} agreed to be called; at the counter we can say what the calls are for and take a no."

# %%
q6.check(action, reason)

# %% [markdown]
# ## What you can now do
#
# Run a cell, count, check, ask for a hint, and give a reason that stands on a figure. That is all the tools you need
# for this course; the rest is thinking. Back to the [lesson](../notebooks/00_start_here.ipynb), or on to
# [lesson 07](../notebooks/07_who_carries_the_base.ipynb). The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
