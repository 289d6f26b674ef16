# %% [markdown]
# # Exercise 06 · One customer, one record
#
# 40 minutes · a shop of your own number, with duplicates
#
# In this shop the data stewards have already looked at every pair of records. Their list says which records are one
# person: `base.truth["links"]`. Put your answer where the three dots are, run the cell, then run the check below it.
# Stuck? Take the `#` away from a line with a hint and run the cell again. The way is there too; try once before you
# look.
#
# Run the first cell to open the shop.

# %% tags=["setup"]
from crmlab import dedupe, lesson, simulate, value

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
# **6.2** Merge the shop by the stewards' list. The list names each person by `person_id`; take that as the number of
# the customer. How many customers are there? The next cell merges and counts.

# %% tags=["question"]
q2 = lesson.Question(
    "6.2",
    expected=n_customers,
    praise=f"{n_records:,} records were {n_customers:,} customers; {n_several} of them had more than one.",
    slips=[
        (n_records, "those are the records. Customers are what is left after merging."),
        (n_records - n_customers, "those are the records kept behind. How many customers remain?"),
        (n_several, "those are the customers with *several* records. Count all customers."),
    ],
    hints=[
        "Two arguments are enough: the customers, and which person each record is.",
        'Which person: `base.truth["links"].set_index("record_id")["person_id"]`.',
    ],
    reveal="Merge, then count the golden records:\n"
    '    persons = base.truth["links"].set_index("record_id")["person_id"]\n'
    "    merged = dedupe.merge(base.customers, persons)\n"
    "    len(merged.customers)",
)

# %% tags=["answer"]
# Merge, then count.
persons = base.truth["links"].set_index("record_id")["person_id"]
merged = dedupe.merge(base.customers, persons)
customers = len(merged.customers)

# %%
q2.check(customers)

# %% [markdown]
# **6.3** A manager points at the golden record of the customer with the most records (the lowest number, should there
# be several) and asks when it was changed last. Which record is the `updated_at` from? The next cell takes the number
# of a record.

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
        "`merged.customer_id.value_counts()` counts the records of each customer.",
        "`merged.provenance(...)` takes the number of a customer and lists every field with its `record_id`.",
    ],
    reveal="Find the customer, then read the line `updated_at`:\n"
    "    number = merged.customer_id.value_counts()\n"
    "    largest = number.index[number == number.max()].min()\n"
    "    merged.provenance(largest)",
)

# %% tags=["answer"]
# Find the customer, look at its provenance, then write down the record.
number = merged.customer_id.value_counts()
largest = number.index[number == number.max()].min()
record = merged.provenance(largest).set_index("column").loc["updated_at", "record_id"]

# %%
q3.check(record)

# %% [markdown]
# **6.4** The stewards change their mind: the customer of 6.3 was merged wrongly, all its records are different people.
# Undo that merge. How many customers are there now? The next cell takes a number.

# %% tags=["question"]
n_undone = len(golden.undo(largest).customers)
q4 = lesson.Question(
    "6.4",
    expected=n_undone,
    praise=f"its {each.max()} records stand alone again, and no other customer was touched.",
    slips=[
        (
            n_customers,
            "that is as before. `undo` leaves the old state alone and gives the new one: keep it.",
        ),
        (n_customers - 1, "undoing makes customers, it does not take them away."),
        (n_records, "that undoes *every* merge. Asked is this one."),
    ],
    hints=[
        "`merged.undo(...)` takes the number of the customer.",
        "Give what `undo` returns a name, then count its customers as in 6.2.",
    ],
    reveal="Keep what undo gives, then count:\n    undone = merged.undo(largest)\n    len(undone.customers)",
)

# %% tags=["answer"]
# Undo, then count.
undone = merged.undo(largest)
customers_now = len(undone.customers)

# %%
q4.check(customers_now)

# %% [markdown]
# **6.5** Back to the stewards' first list, `merged`. Carry it to all tables and work out RFM by record and by customer,
# as of `base.as_of`. How many purchases does a customer have on average, **by customer**? The next cell takes a number;
# two decimals are enough.

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
        (means[0], "that is by *record*, the shop as it was. Take the transactions of the merged base."),
        (int(by_customer["frequency"].sum()), "those are all purchases. Asked is the mean per customer."),
        (by_customer["monetary_cents"].mean(), "that is the mean of the money, in cents. Take `frequency`."),
    ],
    hints=[
        "`merged.apply(base)` gives a base in which every table carries `customer_id`.",
        "`value.rfm(one.transactions, as_of=base.as_of)` has a column `frequency`; its `.mean()` is asked.",
    ],
    reveal="Carry the customers over, then RFM, then the mean:\n"
    "    one = merged.apply(base)\n"
    "    after = value.rfm(one.transactions, as_of=base.as_of)\n"
    '    after["frequency"].mean()',
)

# %% tags=["answer"]
# Carry over, RFM, mean.
one = merged.apply(base)
after = value.rfm(one.transactions, as_of=base.as_of)
purchases_each = after["frequency"].mean()

# %%
q5.check(purchases_each)

# %% [markdown]
# **6.6** Customers who bought under several records: what is their **true** value together, in whole euros? Take the
# money of all records of every customer who has purchases under more than one. The next cell takes a number of euros.

# %% tags=["question"]
who = golden.customer_id.reindex(by_record.index)
split = who.value_counts().loc[lambda n: n > 1].index
whole = int(by_customer.loc[split, "monetary_cents"].sum())
best = int(by_record["monetary_cents"].groupby(who).max().loc[split].sum())
q6 = lesson.Question(
    "6.6",
    expected=whole / 100,
    within=1,
    praise=f"their best records alone showed {best / whole:.0%} of it. The rest was hidden.",
    slips=[
        (best / 100, "that adds up only the *best* record of each. Take all of their money."),
        (whole, "those are cents. Divide by 100."),
        (int(by_customer["monetary_cents"].sum()) / 100, "that is the whole shop. Keep those with several."),
    ],
    hints=[
        "`before = value.rfm(base.transactions, as_of=base.as_of)` has one row per record that bought; "
        "`merged.customer_id.reindex(before.index)` says whose it is.",
        "`.value_counts()` of that, where it is above 1, are the customers; then `after.loc[...]` and the sum.",
    ],
    reveal="Whose records bought, who has several, then add up:\n"
    "    before = value.rfm(base.transactions, as_of=base.as_of)\n"
    "    number = merged.customer_id.reindex(before.index).value_counts()\n"
    '    after.loc[number.index[number > 1], "monetary_cents"].sum() / 100',
)

# %% tags=["answer"]
# Euros.
before = value.rfm(base.transactions, as_of=base.as_of)
number = merged.customer_id.reindex(before.index).value_counts()
euros = after.loc[number.index[number > 1], "monetary_cents"].sum() / 100

# %%
q6.check(euros)

# %% [markdown]
# **6.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# A customer's records do not agree on whether they may be written to. What do you do: `"write, one record says yes"`,
# `"do not write, ask at the next contact"` or `"take the newest answer, and say so to the customer"`? Figures: how many
# customers there are, how many have several records, how many said yes (`merged.customers["consent_email"].sum()`). The
# next cell takes your choice and why.

# %% tags=["question"]
said = base.customers.set_index("record_id")["consent_email"].groupby(people)
n_yes, n_torn = int(golden.customers["consent_email"].sum()), int((said.min() != said.max()).sum())
q7 = lesson.Decision(
    "6.7",
    choices=[
        "write, one record says yes",
        "do not write, ask at the next contact",
        "take the newest answer, and say so to the customer",
    ],
    figures={
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
n_yes = merged.customers["consent_email"].sum()
because = f"{n_yes} customers said yes everywhere, enough to write to; whoever said no once keeps our word and trust."

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
        "share of their money that their best records showed": best / whole,
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
