# %% [markdown]
# # 5  Finding duplicates in a whole base
#
# 45 minutes · data quality, analyst · builds on 04
#
# A shop has 2,000 loyal customers and more records than that: some people are in its base twice. Which records are
# one person, how sure is that, and how many pairs did nobody see?
#
# **You will be able to**
# - choose keys so that few duplicates are lost before anything is compared,
# - weigh what agrees and what differs by hand, and explain any pair,
# - set the threshold by what each mistake costs, and say what was missed.
#
# ## 1 · Too many pairs (core)
#
# Lesson 04 compared two records. To find duplicates, every record would meet every other. Run the two cells below with
# **Shift + Enter**: the first makes the shop's base from your own number, the second counts those meetings.

# %% tags=["setup"]
import numpy as np
import pandas as pd

from crmlab import dedupe, lesson, quality, simulate, tables

me = lesson.begin("05")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr", mess="usual")
me

# %%
records, links = base.customers, base.truth["links"]
n_pairs = len(records) * (len(records) - 1) // 2
of_a_million = 1_000_000 * 999_999 / 2
print(f"{len(records):,} records make {n_pairs:,} pairs, a million records {of_a_million:,.0f}.")
print(f"At 100,000 comparisons a second, the million takes {of_a_million / 100_000 / 86_400:.0f} days.")

# %% [markdown]
# So only records that share something are compared: the same surname, the same postcode. That is **blocking**, and what
# they share is the **key**. It decides more than anything after it: a pair that no key brings together is never looked
# at, and no skill finds it again.
#
# This base was made, so we know which records are one person. The next cell lists those pairs, then tries four keys
# that sound reasonable: how many pairs does each ask you to compare, and which share of the true pairs is among them?

# %%
true = dedupe.pairs_sharing(links, "person_id")
keys = [("first_name",), ("last_name",), ("last_name", "street"), ("email",)]
looked_at = {" + ".join(key): dedupe.pairs_sharing(records, *key) for key in keys}
rows = {name: (len(pairs), len(pairs.intersection(true)) / len(true)) for name, pairs in looked_at.items()}
pd.DataFrame.from_dict(rows, orient="index", columns=["pairs to compare", "true pairs kept"]).round(2)

# %% [markdown]
# Here is the trap. Worked examples of matching tools often take one such key (the guide of the Record Linkage Toolkit,
# for one, the given name), compare what it brings, and report how well *that* went. The report looks excellent. The
# next cell writes two reports for the third key, as if every pair looked at had been judged without a mistake. Put
# another key in its place: how much does that one lose?

# %%
seen = looked_at["last_name + street"].intersection(true)
lost = true.difference(seen)
print(f"Of the {len(seen)} true pairs it looked at, it found 100%.")
print(f"Of all {len(true)} true pairs, it found {len(seen) / len(true):.0%}.")
print(f"{len(lost)} pairs ({len(lost) / len(true):.0%}) were never looked at.")

# %% [markdown]
# Both sentences are true; only the second answers the question. Whenever somebody shows you how good their matching
# is, ask: *of all pairs, or of those you looked at?*
#
# ## 2 · Keys that lose little (core)
#
# Two remedies. A key that does not feel spelling: the **name key** of lesson 04, one for Đurđević, Djurdjevic and
# DURDEVIC. And **several keys**: a pair is looked at when *any* of them brings it. The next cell tries both.

# %%
keyed = records.assign(surname=quality.name_key(records["last_name"]), name=quality.name_key(records["first_name"]))
united, rows = true[:0], {}
for key in [("surname", "city"), ("surname", "name"), ("email",)]:
    united = united.union(dedupe.pairs_sharing(keyed, *key))
    rows["with " + " + ".join(key)] = (len(united), len(united.intersection(true)) / len(true))
pd.DataFrame.from_dict(rows, orient="index", columns=["pairs to compare", "true pairs kept"]).round(2)

# %% [markdown]
# Each key catches what the one before lost. `dedupe.find` carries this further, with keys for the ways people err:
# names the wrong way round, a name by its sound, a house with the postcode. Where too many records share a key (one
# company's address, say) it takes the block apart by further fields, so that no block explodes. It needs no settings.
# The next cell runs it and reports each key: pairs made, largest block, and the pairs no key before it had.

# %%
found = dedupe.find(records, locale="hr")
compared = pd.MultiIndex.from_frame(found.pairs[["record_id_a", "record_id_b"]])
kept = len(compared.intersection(true)) / len(true)
print(f"{len(found.pairs):,} pairs to compare, {kept:.0%} of the true ones among them.")
found.blocking

# %% [markdown]
# ## 3 · Weights, worked by hand (core)
#
# Two records agree on some fields and differ on others. What does that say together? Fellegi and Sunter (1969) ask
# two things of each field. **m**: how often does it agree when the two records *are* one person? **u**: how often
# when they are *not*, by chance? Agreement is then worth log₂(m/u) **bits**, difference log₂((1−m)/(1−u)). One bit
# doubles the odds; −1 bit halves them. The next cell counts m and u for three fields and works out the bits.

# %%
fields = ["surname", "name", "city"]
agreeing = {field: dedupe.pairs_sharing(keyed, field) for field in fields}
both = pd.Series({field: len(pairs.intersection(true)) for field, pairs in agreeing.items()})
m = both / len(true)
u = (pd.Series({field: len(pairs) for field, pairs in agreeing.items()}) - both) / (n_pairs - len(true))
weights = pd.DataFrame({"m": m, "u": u, "agrees": np.log2(m / u), "differs": np.log2((1 - m) / (1 - u))})
weights.round(4)

# %% [markdown]
# Check one line with a pocket calculator. The same *city* says little, since many live there; the same *surname* says
# much. And each field says more against than one would think: people rarely change their name between two visits.
#
# Now a pair that the trap lost: one person, one surname, and two cities. The sum begins far below zero, since two
# records taken blindly are hardly ever one; then each field adds its bits. As odds, the sum is 2 to its power. The next
# cell does it line by line; do it on paper beside it.

# %%
a, b = lost.difference(agreeing["city"]).intersection(agreeing["surname"])[0]
sides = keyed.set_index("record_id").loc[[a, b], fields].T
bits = weights["agrees"].where(sides[a] == sides[b], weights["differs"])
start = np.log2(len(true) / (n_pairs - len(true)))
total = start + bits.sum()
print(f"start {start:.1f}, fields {bits.sum():+.1f}: {total:.1f} bits, a probability of {1 / (1 + 2**-total):.1%}")
sides.assign(bits=bits.round(1))

# %% [markdown]
# Three fields seldom suffice; a street, a birth date or an e-mail address settles it. And who gives you m and u, where
# no truth is known? They can be learnt from the pairs themselves: guess, judge all pairs with the guess, count anew,
# and repeat until nothing changes. `dedupe.find` has done so, for all fields, with steps between "same" and "differs".
#
# ## 4 · Explain one pair (core)
#
# Nobody should merge two people because a machine says so. The next cell asks `find` for its sum on the same pair.

# %%
found.explain(a, b)

# %% [markdown]
# Read it from the top: where it starts, what each field adds or takes, where it ends. A colleague who knows both
# customers can now say which line is wrong. That is what an explanation is for.
#
# ## 5 · A threshold by cost (core)
#
# From which probability on do we merge? Ask what a mistake costs. Two people made one: letters, bills and secrets of
# one reach the other. A duplicate missed: two catalogues, two half-known customers. The next cell says what each costs,
# in euros, for three uses, and asks for the threshold that costs least.

# %%
costs = {"catalogue": (5, 5), "loyalty points": (50, 5), "health data": (5_000, 5)}
rows = {}
for use, (false_merge, missed) in costs.items():
    threshold = found.threshold(cost_false_merge=false_merge, cost_missed=missed).value
    rows[use] = (threshold, (found.pairs["probability"] >= threshold).sum())
pd.DataFrame.from_dict(rows, orient="index", columns=["merge from", "pairs to merge"]).round(3)

# %% [markdown]
# The dearer a false merge, the higher the threshold. The rule behind it: merge when the probability reaches
# cost of a false merge ÷ (cost of a false merge + cost of a missed pair).
#
# A threshold is worth something once it is *used*. `found.clusters` joins records from 0.5 on; `dedupe.cluster` joins
# them from any threshold. The next cell does so for one use, and counts against the truth what either would cost.
# Put another use in place of the first line.

# %%
use = "health data"
(false_merge, missed), threshold = costs[use], rows[use][0]
joined = dedupe.cluster(records["record_id"], found.pairs, threshold=threshold)
ways = {"merged from 0.5": found.clusters, f"merged from {threshold:.3g}": joined}
counted = {way: dedupe.evaluate(one, links).steps.loc["customers", ["wrong", "missed"]] for way, one in ways.items()}
table = pd.DataFrame(counted).T.astype(int)
table.assign(customers=[one.customer_id.nunique() for one in ways.values()], euros=table @ [false_merge, missed])

# %% [markdown]
# Two strangers made one are *wrong*, a duplicate left is *missed*. A higher threshold trades the first for the second,
# and the last column says whether the trade pays. The pairs in between are few: let people look at them.
#
# ## 6 · How good is it? (deeper)
#
# In your own base nobody knows the truth. Still, the probabilities say how many links should be right, and the keys,
# held against each other, say how many pairs *no* key brought. The next cell estimates both, without labels.

# %%
found.quality()

# %% [markdown]
# Here we can look behind the curtain. The next cell counts against the truth, each step apart: what was compared, what
# was linked, what became one customer; and below it, what became of the persons.

# %%
dedupe.evaluate(found, links)

# %% [markdown]
# What the line *compared* misses was lost by blocking, before anything was weighed. The lines after it add what the
# threshold and the joining lost. Only together do they say how many duplicates are still in the base.
#
# ## On your own data
#
# Export your customers as CSV or Excel, one row each, and write its name in place of `your_customers.csv`, a small
# stand-in. The next cell finds the duplicates in it and shows the likeliest pairs; look at ten of them with
# `found.explain` before you believe it.

# %%
own = tables.from_export(customers="your_customers.csv")
own_found = dedupe.find(own.customers, locale="hr")
own_found.pairs.nlargest(5, "probability").round(4)

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and show it to whoever answers for the customer base.
#
# - We merge from probability ___ on, because a false merge costs ___ and a missed duplicate ___
# - Who looks at the pairs between ___ and ___, and by when: ___
# - What the *customer* notices, and whom they tell when we were wrong: ___
# - How many duplicates we expect to be left: ___ The figure it stands on: ___
#
# ## What you can now do
#
# - choose keys so that few duplicates are lost, and count what they lose,
# - weigh fields by hand, and explain a pair to somebody who knows the customer,
# - set a threshold by cost, and say how many duplicates are still there.
#
# **To keep**: the [cheat-sheet](cheatsheets/05.pdf), one page.
# **To do**: [exercise 05](../exercises/exercise_05.ipynb), on a telephone company.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | duplicate | duplikat | two records of one person |
# | blocking key | ključ za blokiranje | what two records must share to be compared |
# | match weight | težina podudaranja | bits for or against "one person" |
# | threshold | prag | the probability from which on we merge |
# | false merge | pogrešno spajanje | two people made one |
# | precision, recall | preciznost, odziv | share of links that are right; share of true pairs that are found |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
