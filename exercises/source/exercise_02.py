# %% [markdown]
# # Exercise 02 · Meet the base
#
# 35 minutes · a shop of your own number, without contracts
#
# The questions are those of the lesson, the base is not: a chain of shops with a web shop. Put your answer where the
# three dots are, run the cell, then run the check below it. Stuck? Take the `# ` away from a line with a hint and run
# the cell again. The way is there too; try once before you look.
#
# Run the first cell to open the shop.

# %% tags=["setup"]
from crmlab import lesson, simulate

me = lesson.begin("02")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr")
q1, q2, q3, q4, q5, q6, q7, q8 = me.questions(base)
me

# %% tags=["question"]
log, people = base.touchpoints, base.customers
channel = log["channel"].astype("str")
year = log[log["ts"] >= "2025-01-01"]
shares = channel.value_counts(normalize=True)

# %% [markdown]
# **2.1** From memory: one row of the table `customers` is one … `"person"`, `"record"`, `"purchase"` or `"contact"`?
# The next cell takes the word, in quotes.

# %% tags=["question"]
q1 = lesson.Question(
    "2.1",
    expected="record",
    praise="one record. A person may have several, and each looks like a customer of its own.",
    slips={
        "person": "that is what it should be. Who signed up twice has two rows.",
        "customer": "what the table calls a customer is something written down once. What is the word for it?",
        "purchase": "purchases have a table of their own, `transactions`.",
        "contact": "contacts have a table of their own, `touchpoints`.",
    },
    hints=[
        "The lesson asked each table what one row is.",
        "Somebody who signed up in a branch and again on the web has two rows. So a row is not a person.",
    ],
    reveal='A row is one *record*. To see it: tables.describe("customers").row',
)

# %% tags=["answer"]
# A word in quotes.
one_row = "record"

# %%
q1.check(one_row)

# %% [markdown]
# **2.2** How many contacts did the shop have in 2025, over all channels? The next cell takes a number.

# %% tags=["question"]
q2 = lesson.Question(
    "2.2",
    expected=len(year),
    praise=f"{len(year):,} contacts in a year, about {len(year) / len(people):.0f} for each record. Each is a chance.",
    slips=[
        (len(log), "those are the contacts of all the time. Keep 2025 first."),
        (int((base.transactions["ts"] >= "2025-01-01").sum()), "those are the purchases of 2025. A contact is more."),
        (year["record_id"].nunique(), "that is how many records had a contact. Count the contacts."),
    ],
    hints=[
        "Contacts are in `base.touchpoints`, and `ts` says when.",
        'Keep those with `base.touchpoints["ts"] >= "2025-01-01"`; `len(...)` counts what is left.',
    ],
    reveal="Keep the year, then count:\n"
    '    year = base.touchpoints[base.touchpoints["ts"] >= "2025-01-01"]\n'
    "    contacts = len(year)",
)

# %% tags=["answer"]
# A number.
contacts = len(base.touchpoints[base.touchpoints["ts"] >= "2025-01-01"])

# %%
q2.check(contacts)

# %% [markdown]
# **2.3** In which channels did no clerk ever serve, in all the contacts of the log? The next cell takes the names of
# the channels, in any order.

# %% tags=["question"]
served = log["clerk_id"].notna().groupby(channel).mean()
alone = set(served.index[served == 0])
q3 = lesson.Question(
    "2.3",
    expected=alone,
    praise=f"in {len(alone)} channels the customer meets a machine. Who hears of it when that goes wrong?",
    slips=[
        (set(served.index[served > 0]), "those are the channels where somebody serves. You want the others."),
        (set(served.index), "those are all channels. Keep those whose `clerk_id` is always empty."),
        (len(alone), "that is how many. Their names are asked."),
    ],
    hints=[
        "`clerk_id` says who served; it is empty (`<NA>`) where nobody did.",
        'Group `base.touchpoints` by `"channel"` (`observed=True`) and count `clerk_id`: `count` leaves out the empty.',
    ],
    reveal="Count the clerks by channel, and keep the labels where there are none:\n"
    '    served = base.touchpoints.groupby("channel", observed=True)["clerk_id"].count()\n'
    "    alone = set(served[served == 0].index)",
)

# %% tags=["answer"]
# Names of channels.
served = base.touchpoints.groupby("channel", observed=True)["clerk_id"].count()
alone = set(served[served == 0].index)

# %%
q3.check(alone)

# %% [markdown]
# **2.4** What share of all contacts did the firm begin? The next cell takes a number from 0 to 1.

# %% tags=["question"]
out = (log["direction"] == "out").mean()
letters = (log["type"] == "offer").mean()
q4 = lesson.Question(
    "2.4",
    expected=out,
    praise=f"{out:.0%} of the contacts began with the firm, {letters:.0%} are offers. "
    f"What customers wanted stands in the other {1 - out:.0%}.",
    slips=[
        (1 - out, "those are the contacts customers began (`in`). The firm's are `out`."),
        (int((log["direction"] == "out").sum()), "that is how many. Divide by all contacts."),
        (letters, "those are the offers alone. The firm also delivers and replies."),
        (100 * out, "give a share between 0 and 1, not a percentage."),
    ],
    hints=[
        "The column `direction` says who began: `in` the customer, `out` the firm.",
        "The mean of a comparison is a share: True counts 1, False counts 0.",
    ],
    reveal='The mean of a comparison is a share:\n    out = (base.touchpoints["direction"] == "out").mean()',
)

# %% tags=["answer"]
# A share from 0 to 1.
out = (base.touchpoints["direction"] == "out").mean()

# %%
q4.check(out)

# %% [markdown]
# **2.5** How well are `email`, `phone`, `birth_date`, `oib` and `iban` filled? The next cell takes one share from 0 to
# 1 for each column, labelled by its name.

# %% tags=["question"]
asked = ["email", "phone", "birth_date", "oib", "iban"]
filled = people[asked].notna().mean()
q5 = lesson.Question(
    "2.5",
    expected=filled,
    praise=f"from {filled.max():.0%} ({filled.idxmax()}) down to {filled.min():.0%} ({filled.idxmin()}). "
    "A loyalty card needs little more than a name; a contract needs papers.",
    slips=[
        (1 - filled, "those are the shares that are *missing*. Turn it round."),
        (people[asked].count(), "those are counts. Divide by the number of records."),
        (float(filled.mean()), "that is all columns together. Asked is one share for each."),
    ],
    hints=[
        "`.notna()` says of each cell whether it holds a value; `.mean()` makes a share of each column.",
        'Take the five columns first: `base.customers[["email", "phone", "birth_date", "oib", "iban"]]`.',
    ],
    reveal="Take the columns, ask which cells hold a value, take the mean:\n"
    '    filled = base.customers[["email", "phone", "birth_date", "oib", "iban"]].notna().mean()',
)

# %% tags=["answer"]
# One share by column.
filled = base.customers[["email", "phone", "birth_date", "oib", "iban"]].notna().mean()

# %%
q5.check(filled)

# %% [markdown]
# **2.6** Which of these columns did *no customer ever tell* the firm, because its own systems wrote them: `email`,
# `source`, `birth_date`, `clerk_id`, `created_at`, `city`? The next cell takes the names, in any order.

# %% tags=["question"]
q6 = lesson.Question(
    "2.6",
    expected={"source", "clerk_id", "created_at"},
    praise="three traces of the firm's own process: where, by whom and when a record was opened.",
    slips=[
        ({"email", "birth_date", "city"}, "those are what customers say when they are asked. You want the others."),
        ({"source", "created_at"}, "one is missing: who served does not come from the customer either."),
        ({"clerk_id", "created_at"}, "one is missing: where the record was opened is not told by the customer."),
        ({"source", "clerk_id"}, "one is missing: does the customer say when the record is opened?"),
    ],
    hints=[
        "Think of the moment at the counter: which of the six does somebody ask for?",
        'Three are asked for. `tables.describe("customers").columns` says what the other three mean.',
    ],
    reveal="Where, by whom and when a record was opened is written by the system:\n"
    '    own_traces = {"source", "clerk_id", "created_at"}',
)

# %% tags=["answer"]
# Names of columns.
own_traces = {"source", "clerk_id", "created_at"}

# %%
q6.check(own_traces)

# %% [markdown]
# **2.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# In this shop, sales owns the branches, marketing owns e-mail and text messages, nobody owns the rest. Which touch
# point needs an owner first: `"branch"`, `"web"`, `"partner"` (who deliver) or `"call_centre"`? The next cell takes
# your choice and why.

# %% tags=["question"]
complaints = channel[log["type"] == "complaint"].value_counts(normalize=True)
q7 = lesson.Decision(
    "2.7",
    choices=["branch", "web", "partner", "call_centre"],
    figures={
        "share of contacts on the web": shares["web"],
        "share of contacts with partners": shares["partner"],
        "share of contacts in the call centre": shares["call_centre"],
        "contacts on the web": int((channel == "web").sum()),
        "contacts with partners": int((channel == "partner").sum()),
        "contacts in the call centre": int((channel == "call_centre").sum()),
        "share of complaints that reach the call centre": complaints["call_centre"],
    },
    praise="you can defend that. What will a customer notice in the first month?",
    slips={"branch": "the branches have an owner: sales. Look for a place that has none."},
    hints=[
        '`base.touchpoints["channel"].value_counts(normalize=True)` gives the share of each channel.',
        "Large is one reason. Another: where do complaints arrive? Take `type` into account.",
    ],
    reveal=f'One answer that can be defended: "call_centre". It has only {shares["call_centre"]:.0%} of the contacts, '
    f"but {complaints['call_centre']:.0%} of the complaints arrive there: whoever owns it hears first what is wrong.",
    rubric="2 marks: a figure that fits the choice, and what the customer gains from an owner. 1 mark: one of the two. "
    "All three remaining choices can earn full marks.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
first = "call_centre"
complained = base.touchpoints[base.touchpoints["type"] == "complaint"]
there = (complained["channel"] == "call_centre").mean()
because = f"{there:.0%} of all complaints arrive there, so its owner hears first what customers miss and can mend it."

# %%
q7.check(first, because)

# %% [markdown]
# **2.8** The identity number (`oib`) is nearly always empty in this shop. What do you propose: `"make it compulsory"`,
# `"stop asking for it"` or `"ask only where it is needed"`? The next cell takes your choice and why.

# %% tags=["question"]
q8 = lesson.Decision(
    "2.8",
    choices=["make it compulsory", "stop asking for it", "ask only where it is needed"],
    figures={
        "share of records with an identity number": filled["oib"],
        "records with an identity number": int(people["oib"].notna().sum()),
        "share of records without one": 1 - filled["oib"],
        "share of records with an e-mail address": filled["email"],
        "share of records with a phone": filled["phone"],
    },
    praise="you can defend that. Say it in one sentence to the customer at the counter: does it hold?",
    slips={
        "make it compulsory": f"{1 - filled['oib']:.0%} of records do without. Which process needs it? Forced columns "
        "fill up with invented values, and the customer gets nothing from it.",
    },
    hints=[
        "Your answer to 2.5 says how many gave it. Ask what the shop does with it.",
        "Think of an invoice to a firm: there it is needed. And of a loyalty card: what for?",
    ],
    reveal=f'One answer that can be defended: "ask only where it is needed". {filled["oib"]:.0%} of records have it, '
    "and the shop runs: what no process needs is not asked. On an invoice to a firm it is needed, and given gladly.",
    rubric="2 marks: the column is tied to a process that needs it or does not, and the customer's side (privacy, "
    "effort) is named with a figure. 1 mark: one of the two.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
proposal = "ask only where it is needed"
without = base.customers["oib"].isna().mean()
reason = f"{without:.0%} of records do without it and the shop runs well; we spare customers a question nobody needs."

# %%
q8.check(proposal, reason)

# %% [markdown]
# ## What you can now do
#
# Say what one row is, list the touch points with their owners, tell who began a contact, and trace a column or a gap
# to the process behind it. Do it once on [your own export](../notebooks/02_meet_the_base.ipynb) this week; the
# [cheat-sheet](../notebooks/cheatsheets/02.pdf) has every call. The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
