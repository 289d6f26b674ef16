# %% [markdown]
# # Exercise 06 · One customer, one record
#
# 40 minutes · a shop of your own number, with duplicates
#
# In this shop the data stewards have already looked at every pair of records. Their list says which records are one
# person. You need no programming: change what stands in the brackets of a call, run it, and read off what it says. Put
# your answer where the three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a line
# with a hint and run the cell again. The way is there too; try once before you look.
#
# Run the first cell to open the shop.

# %% tags=["setup"]
from crmlab import dedupe, lesson, quality, report, simulate, value

me = lesson.begin("06")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr")
q1, q2, q3, q4, q5, q6, q7, q8 = me.questions(base)
me

# %% tags=["question"]
people = base.truth["links"].set_index("record_id")["person_id"]
golden = dedupe.merge(base.customers, people)
n_records, n_customers = len(base.customers), len(golden.customers)
each = golden.customer_id.value_counts()
n_several = int((each > 1).sum())
largest = int(each.index[each == each.max()].min())

# %% [markdown]
# **6.1** From memory: record A is linked with B, and B with C, both surely. Nothing is known of A and C. How many
# customers are the three? The next cell takes a number.

# %% tags=["question"]
q1 = lesson.Question(
    "6.1",
    expected=1,
    praise="linked through B they are one: what is connected is one customer. That is why one wrong link can do harm.",
    slips={
        2: "links carry on: if A is B and B is C, can C be somebody else?",
        3: "records are not customers. A and B are linked, so these two at least are one.",
    },
    hints=[
        "Draw three dots and a line for each link.",
        "Records that hang together, directly or through others, are a cluster.",
    ],
    reveal="A and B are the same person, B and C are the same person; so all three are. To see it, give two links to\n"
    "    dedupe.cluster(['A', 'B', 'C'], pairs)",
)

# %% tags=["answer"]
# A number.
customers_of_three = 1

# %%
q1.check(customers_of_three)

# %% [markdown]
# **6.2** The next cell merges the shop by the stewards' list: which person each record is. How many customers are
# there? Read it off, and write the number into the cell after it.

# %%
stewards = base.truth["links"].set_index("record_id")["person_id"]
merged = dedupe.merge(base.customers, stewards)
merged

# %% tags=["question"]
q2 = lesson.Question(
    "6.2",
    expected=n_customers,
    praise=f"{n_records:,} records were {n_customers:,} customers; {n_several} of them had more than one.",
    slips=[
        (n_records, "those are the records. Customers are what they became."),
        (n_records - n_customers, "those are the records kept behind. How many customers remain?"),
        (n_several, "those are the customers with *several* records. All customers are asked."),
    ],
    hints=[
        "The first sentence under the cell has three numbers: what each of them counts stands behind it.",
        "Records *became* customers: the number after that word.",
    ],
    reveal="The second number of the first sentence. As a call:\n    len(merged.customers)",
)

# %% tags=["answer"]
# A number.
customers = len(merged.customers)

# %%
q2.check(customers)

# %% [markdown]
# **6.3** A manager points at the golden record of the customer with the most records (the lowest number, should there
# be several) and asks when it was changed last. The next cell shows where each of its fields is from. Which record is
# the `updated_at` from? Write down the number of the record.

# %%
largest = merged.customer_id.mode()[0]
print(f"Customer {largest}")
merged.provenance(largest)

# %% tags=["question"]
whose = golden.provenance(largest).set_index("column")["record_id"]
last, first = (int(whose[column]) for column in ("updated_at", "created_at"))
opened = [(first, "that is the record opened first. Look at the line `updated_at`.")] if first != last else []
q3 = lesson.Question(
    "6.3",
    expected=last,
    praise="every field has its record. Whoever can say that is believed.",
    slips=[
        (largest, "that is the customer. Asked is the *record* the field came from."),
        (int(each.max()), "that is how many records the customer has. Asked is the number of one of them."),
        *opened,
    ],
    hints=[
        "The table has one line for each field. Go down to the one that is asked.",
        "In the line `updated_at`, the column `record_id` says which record the value came from.",
    ],
    reveal="Read the line updated_at, under record_id:\n    merged.provenance(largest)",
)

# %% tags=["answer"]
# Number of a record.
record = merged.provenance(largest).set_index("column").loc["updated_at", "record_id"]

# %%
q3.check(record)

# %% [markdown]
# **6.4** The stewards change their mind: the customer of 6.3 was merged wrongly, all its records are different people.
# Undo that merge: write `.undo(...)` after `merged` in the next cell, with the number of the customer. How many
# customers are there now?

# %%
merged

# %% tags=["question"]
n_undone = len(golden.undo(largest).customers)
q4 = lesson.Question(
    "6.4",
    expected=n_undone,
    praise=f"its {each.max()} records stand alone again, and no other customer was touched.",
    slips=[
        (n_customers, "that is as before. Read the sentence that `merged.undo(...)` gives."),
        (n_customers - 1, "undoing makes customers, it does not take them away."),
        (n_records, "that undoes *every* merge. Asked is this one."),
    ],
    hints=[
        "`merged.undo(...)` takes the number of the customer; 6.3 has called it `largest`.",
        "Run `merged.undo(largest)`, and read the first sentence.",
    ],
    reveal="Undo, and read the first sentence:\n    merged.undo(largest)",
)

# %% tags=["answer"]
# A number.
customers_now = len(merged.undo(largest).customers)

# %%
q4.check(customers_now)

# %% [markdown]
# **6.5** Back to the stewards' first list, `merged`. The next cell carries the customers to all tables and works out
# RFM by record (`before`) and by customer (`after`), then describes one of the two. How many purchases does a customer
# have on average (`mean` of `frequency`), **by customer**? Write down two decimals.

# %%
before = value.rfm(base.transactions, as_of=base.as_of)
after = value.rfm(merged.apply(base).transactions, as_of=base.as_of)
before[["frequency", "monetary_cents"]].describe().round(2)

# %% tags=["question"]
one = golden.apply(base)
by_record = value.rfm(base.transactions, as_of=base.as_of)
by_customer = value.rfm(one.transactions, as_of=base.as_of)
means = by_record["frequency"].mean(), by_customer["frequency"].mean()
q5 = lesson.Question(
    "6.5",
    expected=means[1],
    within=0.006,
    praise=f"by record it was {means[0]:.2f}. Nobody bought more; it was written in several places.",
    slips=[
        (means[0], "that is by *record*, the shop as it was. Describe `after` in place of `before`."),
        (len(by_customer), "that is how many customers bought. Asked is the mean of their purchases."),
        (by_customer["monetary_cents"].mean(), "that is the mean of the money, in cents. Take `frequency`."),
    ],
    hints=[
        "The last line of the cell describes the records: put `after` in place of `before`.",
        "The line `mean`, under `frequency`.",
    ],
    reveal='Describe the customers, and read the mean of frequency:\n    after[["frequency"]].describe()',
)

# %% tags=["answer"]
# A mean with two decimals.
purchases_each = after["frequency"].mean()

# %%
q5.check(purchases_each)

# %% [markdown]
# **6.6** What did duplicates hide? The next cell draws it for the customers who bought under several records. Who looks
# at the best record of each only: what share of these customers' whole value does that one *miss*? Work it out from the
# title of the figure, on paper or with a pocket calculator, and write a share from 0 to 1, two decimals.

# %%
report.merging_figure(before, after, merged.customer_id)

# %% tags=["question"]
whose = golden.customer_id.loc[by_record.index]
split = whose.value_counts().loc[lambda n: n > 1].index
whole = int(by_customer.loc[split, "monetary_cents"].sum())
best = int(by_record["monetary_cents"].groupby(whose).max().loc[split].sum())
q6 = lesson.Question(
    "6.6",
    expected=1 - best / whole,
    within=0.006,
    praise=f"{1 - best / whole:.0%} of what they bring was hidden: {(whole - best) / 100:,.0f} euros.",
    slips=[
        (whole / best - 1, "that is held against the best records. Asked is the share of the *whole*, which is more."),
        (best / whole, "that is the share the best records *show*. Asked is what is missed."),
        (100 * (1 - best / whole), "that is a percentage. Write a share from 0 to 1."),
    ],
    hints=[
        "Say the best records show 100 euros. How many euros do the customers bring, by the title?",
        "What lies above the 100 euros is missed: divide it by all the euros they bring.",
    ],
    reveal="If the best records show 100 euros and the customers bring 100 + x, then x / (100 + x) is missed.\n"
    "The title says x: so many percent more.",
)

# %% tags=["answer"]
# A share from 0 to 1.
best = before["monetary_cents"].groupby(merged.customer_id).max()
several = merged.customer_id.loc[before.index].value_counts().loc[lambda records: records > 1].index
missed = 1 - best.loc[several].sum() / after.loc[several, "monetary_cents"].sum()

# %%
q6.check(missed)

# %% [markdown]
# **6.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# A customer's records do not agree on whether they may be written to. What do you do: `"write, one record says yes"`,
# `"do not write, ask at the next contact"` or `"take the newest answer, and say so to the customer"`? The next cell
# says how many may be written to once one "no" is enough, and who is left out. The cell after it takes your choice and
# why.

# %%
quality.select(merged.customers, purpose="email")

# %% tags=["question"]
said = base.customers.set_index("record_id")["consent_email"].groupby(people)
n_may = len(quality.select(golden.customers, purpose="email").customers)
n_yes, n_torn = int(golden.customers["consent_email"].sum()), int((said.min() != said.max()).sum())
q7 = lesson.Decision(
    "6.7",
    choices=[
        "write, one record says yes",
        "do not write, ask at the next contact",
        "take the newest answer, and say so to the customer",
    ],
    figures={
        "customers who may be written to": n_may,
        "customers who said yes in all their records": n_yes,
        "share of customers who said yes": n_yes / n_customers,
        "customers": n_customers,
        "customers with several records": n_several,
        "customers whose records do not agree": n_torn,
        "records": n_records,
    },
    praise="you can defend that. Write it down as the rule of the house, so that everybody does the same.",
    slips={
        "write, one record says yes": f"and another says no. {n_yes:,} customers said yes without an if: is a letter "
        "more worth the trust of one who said no?",
    },
    hints=[
        "Think of the customer who said no at the counter last month.",
        "Write the figure out, and say what the customer gets from your rule.",
    ],
    reveal=f'One answer that can be defended: "do not write, ask at the next contact", because {n_yes:,} customers may '
    "be written to without doubt; losing a few letters costs little, a broken promise costs the customer.",
    rubric="2 marks: the choice protects the customer who said no, and a figure shows what it costs (few are torn, "
    "many said yes). 1 mark: one of the two. The newest answer earns full marks when the date of the answer is known.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
rule = "do not write, ask at the next contact"
n_may = len(quality.select(merged.customers, purpose="email").customers)
because = f"{n_may} customers may be written to without doubt; whoever said no once keeps our word and trust."

# %%
q7.check(rule, because)

# %% [markdown]
# **6.8** An agent types in a caller, and the entry check names somebody who is *probably* the same. What is the rule at
# the desk: `"open a new record, merging is for later"`, `"always take the first one named"` or
# `"ask one more thing, then add to the record there is"`? The next cell takes your choice and why.

# %% tags=["question"]
q8 = lesson.Decision(
    "6.8",
    choices=[
        "open a new record, merging is for later",
        "always take the first one named",
        "ask one more thing, then add to the record there is",
    ],
    figures={
        "records kept behind": n_records - n_customers,
        "customers with several records": n_several,
        "share of customers with several records": n_several / n_customers,
        "records": n_records,
        "customers": n_customers,
        "share of their value that was hidden": 1 - best / whole,
        "purchases by customer": means[1],
        "purchases by record": means[0],
    },
    praise="you can defend that. Which one thing would you ask, and what does the caller have from it?",
    slips={
        "open a new record, merging is for later": f"that is how {n_records - n_customers} records too many came to be "
        "in this shop. Later costs a search, a merge, and sometimes an undo.",
        "always take the first one named": "then two people with one name end up in one record, and one hears of the "
        "other's purchases. One question tells them apart.",
    },
    hints=[
        "A missed duplicate and a wrong merge do not cost the same.",
        "6.2 says how many records too many there are; 6.6 what they hid.",
    ],
    reveal='The answer that can be defended: "ask one more thing, then add to the record there is": '
    f"{n_records - n_customers} records too many hid a good part of what customers bring; one question at the desk "
    "costs seconds, and the caller need not tell everything again.",
    rubric="2 marks: names what each mistake costs (a missed duplicate, a wrong merge) and a figure that fits. 1 mark: "
    "one of the two.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
desk = "ask one more thing, then add to the record there is"
reason = f"{len(merged.losers)} records too many came from not asking; one question saves a merge, callers repeat less."

# %%
q8.check(desk, reason)

# %% [markdown]
# ## What you can now do
#
# Merge by rules, say where a field came from, undo one merge and no other, show what duplicates hid, and decide what
# happens at the desk. Do it once on [your own export](../notebooks/06_one_customer_one_record.ipynb) this week; the
# [cheat-sheet](../notebooks/cheatsheets/06.pdf) has every call. The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
