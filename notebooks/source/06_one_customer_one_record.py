# %% [markdown]
# # 6  One customer, one record
#
# 45 minutes · call-centre agent, data quality, administrator, analyst · builds on 00, 03, 04, 05
#
# A customer calls: three letters with the same offer, and none knows of the other two. Is she one customer or three?
#
# **You will be able to**
# - merge the records of a customer by rules you can name, and say where every field came from,
# - undo a wrong merge, so that nothing is lost,
# - show what duplicates hide, and keep the next one from being typed in.
#
# ## 1 · Who is the same? (core)
#
# Run the two cells below with **Shift + Enter**. The first opens a shop; the second looks for records of the same
# person, as lesson 05 explains, and says how many customers the records are. It takes a few seconds. You need no
# programming in this lesson: to ask something else, change what stands in the brackets of a call.

# %% tags=["setup"]
import pandas as pd

from crmlab import dedupe, lesson, report, simulate, tables, value

me = lesson.begin("06")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr")
me

# %%
found = dedupe.find(base.customers)
found.clusters

# %% [markdown]
# A **cluster** is a set of records taken for one customer. Each has a number, `customer_id`, and keeps it when new
# records come. Where one weak link alone would hold two groups together, it is cut and listed in
# `found.clusters.cut`. The next cell shows one customer with three records, field by field.

# %%
records = base.customers.set_index("record_id")
customer = found.clusters.doubtful.query("records == 3")["customer_id"].min()
records.loc[found.clusters.customer_id == customer].T

# %% [markdown]
# ## 2 · Merge by rules you can name (core)
#
# One **golden record** is to stand for them. Field by field a rule decides whose value survives: the `newest`, the
# `most complete` record, the `most trusted` source, what is `most frequent`. Not every field needs the same rule: a
# phone number ages, a day of birth does not. An address comes from *one* record, never half from each. The next cell
# merges; change a rule and run it again.

# %%
rules = {"name": "most frequent", "birth_date": "most frequent", "address": "newest", "phone": "most trusted"}
merged = dedupe.merge(base.customers, found.clusters, rules, trust=["branch", "app", "web"])
merged

# %% [markdown]
# "Who says so?" will be the first question of everybody who sees a golden record. The next cell answers it for our
# customer: every field with the record it came from, why, and what the other records said.

# %%
merged.provenance(customer)

# %% [markdown]
# No record is thrown away: those no longer shown are in `merged.losers`, each as it was typed.
#
# ## 3 · Undo a wrong merge (core)
#
# Two people may share a name, a street, even a phone. A missed duplicate costs a letter; a wrong merge mixes two
# people's invoices, and one reads the other's. So look at the most doubtful merges first: `found.clusters.doubtful`
# lists customers by the weakest link that holds them together. The next cell takes the first and shows its records.
# Would you say it is one person? Look at the day of birth, the address, the phone.

# %%
doubtful = found.clusters.doubtful.loc[0, "customer_id"]
shown = ["first_name", "last_name", "birth_date", "street", "city", "phone", "email"]
records.loc[merged.customer_id == doubtful, shown]

# %% [markdown]
# Suppose you decide that these are different people. The next cell undoes this one merge and says what became of each
# record. Only one record is wrong? Say `merged.undo(doubtful, records=[...])` with its number.

# %%
undone = merged.undo(doubtful)
print(undone.undone["words"].iloc[-1])

# %% [markdown]
# The merge you undid stays in `merged`, the new state is in `undone`. `undone.apart` lists who must not come together
# again: `found.update(new_records, apart=undone.apart)` keeps them apart. In real life nobody tells you whether you
# were right. Here the base knows: the next cell says how many persons these records really are, and how good the
# search was on the whole.

# %%
persons = base.truth["links"].set_index("record_id")["person_id"]
theirs = persons.loc[merged.customer_id == doubtful]
print(f"The {len(theirs)} records of customer {doubtful} belong to {theirs.nunique()} person(s).")
dedupe.evaluate(found, base.truth["links"])

# %% [markdown]
# Read the last lines of the table: most customers are exactly right, some are *mixed with others*. These are what the
# doubtful end of the list is made of, and why every merge needs an undo.
#
# ## 4 · What duplicates hide (core)
#
# Now let the purchases follow. The next cell carries `customer_id` to every table of the shop and works out RFM twice:
# by record, as it was, and by customer, as it is.

# %%
one = undone.apply(base)
before = value.rfm(base.transactions, as_of=base.as_of)
after = value.rfm(one.transactions, as_of=base.as_of)
report.merging_figure(before, after, undone.customer_id)

# %% [markdown]
# Nobody bought more or less than before; it was only written in several places. Every point above the line is a
# customer who was treated as less than they are. The next cell shows the one with the most records that bought: first
# as the records were scored, then as one customer.

# %%
whose = undone.customer_id.loc[before.index]
most = whose.mode()[0]
numbers = ["recency_days", "frequency", "monetary_cents", "rfm"]
pd.concat({"before": before.loc[whose == most, numbers], "after": after.loc[[most], numbers]})

# %% [markdown]
# ## 5 · Respect what they said (core)
#
# One record says "yes, write to me", another "no". Which counts? The one that *protects* the customer: a golden record
# says yes only when no record says no. The next cell counts whom a careless merge would have written to against their
# word.

# %%
careless = dedupe.merge(base.customers, undone.customer_id, {"consent_email": "most frequent"})
wrongly = careless.customers["consent_email"] & ~undone.customers["consent_email"]
print(f"Said no in one record, and would be written to after a careless merge: {wrongly.sum()} customer(s).")

# %% [markdown]
# ## 6 · Each contact makes the record better (core)
#
# The cheapest duplicate is the one that is never typed. An **entry check** looks while you type: is this customer
# there already? The next cell types in a caller who is, from one of the records kept behind, in capitals. Change what
# is typed, or add `"phone": "091 234 5678"`: a part will do, and what cannot be read is said.

# %%
index = dedupe.EntryIndex(undone.customers)
caller = undone.losers.dropna(subset=["last_name", "street"]).iloc[0]
typed = {"first_name": caller["first_name"], "last_name": caller["last_name"].upper(), "street": caller["street"]}
index.check(typed)

# %% [markdown]
# If it is the caller, add to that record instead of opening another. What to add? The golden record shows what is
# missing; ask for *one* thing at each contact, and say what the customer has from it. The next cell lists what the
# shop's customers have not told yet.

# %%
missing = undone.customers[["email", "phone", "birth_date"]].isna()
pd.DataFrame({"customers": missing.sum(), "share": missing.mean().round(2)})

# %% [markdown]
# ## On your own data
#
# Export your customers as CSV or Excel, one row each, and write the file's name in place of `your_customers.csv`, a
# small stand-in. Columns you do not have are simply left out. The next cell reads it, finds, and merges.

# %%
own = tables.from_export(customers="your_customers.csv")
own_found = dedupe.find(own.customers)
own_merged = dedupe.merge(own.customers, own_found.clusters)
own_merged

# %% [markdown]
# Before you believe it, look: `own_merged.losers` has the records behind, `own_merged.provenance(...)` the reasons.
#
# ## Decide
#
# Write it down here (double-click, then type), and read it to a colleague who disagrees with you.
#
# - Which source do we trust for phone and address, and why: ___
# - Who may undo a merge, and who looks at the doubtful ones each week: ___
# - What an agent does when the entry check names somebody: ___
# - What the *customer* gets from having one record: ___
#
# ## What you can now do
#
# - merge by rules you can name, and say of every field where it came from,
# - undo a wrong merge, and keep it from coming back,
# - show what duplicates hid, keep a "no" a "no", and stop the next duplicate at the keyboard.
#
# **To keep**: the [cheat-sheet](cheatsheets/06.pdf), one page.
# **To do**: [exercise 06](../exercises/exercise_06.ipynb), on a shop of your own number.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | duplicate | duplikat | a second record of the same customer |
# | cluster | skupina zapisa | records taken for one customer |
# | golden record | zlatni zapis | the one record that stands for a customer |
# | survivorship rule | pravilo preživljavanja | what decides whose value is shown |
# | provenance | podrijetlo podatka | which record a value came from, and why |
# | wrong merge | pogrešno spajanje | two people in one record |
# | consent | privola | what a customer has agreed to |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
