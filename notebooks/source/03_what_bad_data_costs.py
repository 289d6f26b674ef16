# %% [markdown]
# # 3  What bad data costs
#
# 45 minutes · call centre, data quality, administration · builds on 02
#
# A telephone company writes to all its customers about a new tariff. Some letters come back, some arrive twice, and
# many customers cannot be written to at all. What does that cost, and where do such records come from?
#
# **You will be able to**
# - score a base: completeness, validity, consistency, uniqueness, timeliness,
# - trace its faults to the channel and the desk where they are made,
# - write an entry standard that stops them.
#
# ## 1 · A report card for a base (core)
#
# Run the two cells below with **Shift + Enter**. The first makes the company's base from your own number, the second
# scores it. You need no programming in this lesson: to ask something else, change what stands in the brackets.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, quality, simulate, tables

me = lesson.begin("03")
base = simulate.company("telco", customers=4_000, seed=me.seed, locale="hr", mess="dirty")
me

# %%
card = quality.scorecard(base.customers, as_of=base.as_of)
card

# %% [markdown]
# Five questions, one line each. Is something there (**completeness**)? Has it the right form (**validity**)? Does it
# agree with the rest (**consistency**)? Is it there once only (**uniqueness**)? Has anybody looked at it lately
# (**timeliness**)? The second list names the rules that are broken most.
#
# The last sentence is honest about our base: its identity and account numbers are made up, so that nobody's real one
# can appear, and fail their check digits on purpose. In your own base such a rule counts, unless more than half of
# the cells break it too: then the rule itself is in doubt, it is left out, and that sentence names it.
#
# One score hides where it hurts. The next cell draws it column by column.

# %%
card.figure()

# %% [markdown]
# Read a line from left to right: a column may be well filled and still be wrong. And a blank field is no praise: no
# rule looks there.
#
# ## 2 · Filled but empty (core)
#
# A form insists on a date of birth; the caller will not say; the clerk types *something*. Since then the column is
# full, and every analysis of age is wrong. The next cell lists what was typed to get on, and how often.

# %%
nothing = card.faults(rule="says_something")
nothing[["column", "value"]].value_counts().head(6).to_frame("records")

# %% [markdown]
# 1 January 1970 is where the calendar of computers begins, not the birthday of so many people; *nema* means "has none".
# A few may really be born that day: they are counted too, and that is the price of the rule. A compulsory field gets
# an answer, not the truth.
#
# ## 3 · What it costs (core)
#
# Now the letter: one to every record. The next cell counts the second letters to people who are there twice, and the
# letters whose postcode and town do not fit, at the price you fill in.

# %%
price_euros = 1.20
again = card.dimensions.loc["uniqueness", "faults"]
astray = card.faults(column="postcode")["record_id"].nunique()
letters = pd.Series({"sent a second time": again, "likely to come back": astray})
pd.DataFrame({"letters": letters, "euros": letters * price_euros})

# %% [markdown]
# The stamps are the small part. A customer who is there twice looks like two small ones, and gets neither the service
# nor the offer of a good one: first knowledge is lost, then money (lesson 06 counts it).
#
# And who could have been written to for nothing, by e-mail? The next cell asks for everybody who may be: a selection
# in this course always respects consent, and says who is left out.

# %%
quality.select(base.customers, purpose="email")

# %% [markdown]
# Two kinds of silence. *Said no* is an answer, and is respected. *No e-mail address* is our own doing: these people
# agreed to be written to, and we lost the address, or never asked.
#
# ## 4 · Where faults are made (core)
#
# Poor data come from how people enter them. The next cell counts faults by the clerk who opened the record. Each is
# held against the clerks of the same channel, because a counter and a telephone are different places to type.

# %%
card.figure("clerk")

# %% [markdown]
# The thin line is how far chance alone can move a bar: whoever opened ten records may just have had a bad day. Only
# what lies surely above the mark is orange. The next cell asks what the first of them does otherwise than the others
# at the same desk.

# %%
clerk = card.by("clerk").index[0]
card.habits(clerk).head(5).round(1)

# %% [markdown]
# Now there is something to talk about: not "you are careless", but *this field, in this way*. A list like this is for
# mending forms and helping people, never for a table on the wall. Ask first: is the Caps Lock key stuck, does the form
# refuse to go on, are there forty seconds per caller?
#
# The same works for channels and for time: `card.figure("channel")` and `card.figure("month")`. A jump in one month
# often is a new form.
#
# ## 5 · An entry standard (core)
#
# Everybody writes as they learned to, until there is a rule. An **entry standard** is one page that says how a
# customer is written down. The next cell takes the Croatian one and checks a record while it is being typed.

# %%
standard = quality.EntryStandard.load("hr")
standard.rules["language"] = "en"  # of its messages; take this line out for Croatian
typed = {"first_name": "IVANA", "last_name": "horvat", "street": "Ul. kralja Tomislava"}
typed |= {"house_number": "12 A", "city": "Split", "phone": "021/123-456", "email": "ivana@posta"}
standard.check(typed)

# %% [markdown]
# Each line says what to change and what to write instead. Change what is typed in the cell, and run it again.
#
# A standard is an agreement, not a law of nature: yours may want `021 123 456`. The next cell changes that one rule
# and prints the page that hangs beside the screen, in the language of those who type.

# %%
standard.rules["phone"]["form"] = "national"
standard.guide(language="hr")

# %% [markdown]
# How far is the base from it? The next cell holds every record to the standard and counts the fields to change. (Check
# digits are left out: you know why.) See what changing that one rule of phones costs.

# %%
standard.rules["numbers"]["check_digits"] = False
to_change = standard.check(base.customers).findings
to_change["column"].value_counts().rename("fields to change").head(6).to_frame()

# %% [markdown]
# A standard without a reason is a nuisance; one with a purpose is a help. So it says *what for*: an invoice needs a
# street, a call needs a phone, and what no process needs is not asked.
#
# ## 6 · Chances missed (deeper)
#
# Nobody has to ring all customers to mend a base: they call by themselves. Each contact is a chance to ask for *one*
# thing that is missing. The next cell counts the chances: contacts in which somebody could have asked, while the
# record lacked something that it still lacks today.

# %%
chances = quality.enrichment(base.touchpoints, base.customers)
chances.figure()

# %% [markdown]
# A used chance shows only if the record was changed within a day of the contact, and a record tells its last change
# only: take the figure as "at least so few". Even so, the customer was there, and nobody asked.
#
# ## 7 · What no card can see (deeper)
#
# A card sees form, not truth. Somebody moves, and the old address stays: filled, valid, consistent, and wrong. In a
# simulated base we can look at the truth. The next cell counts old addresses, and
# asks whether the fifth dimension, timeliness, gives them away.

# %%
edits, ids = base.truth["edits"], base.customers["record_id"]
moved = ids.isin(edits.loc[edits["operation"] == "stale_address", "record_id"])
untouched = ids.isin(card.faults(dimension="timeliness")["record_id"])
addresses = {"from before the last move": untouched[moved], "as it is": untouched[~moved]}
found = {name: {"records": len(one), "not touched for a year": one.mean()} for name, one in addresses.items()}
pd.DataFrame(found).T.round(2).astype({"records": int})

# %% [markdown]
# So age is no proof either: it only says where to ask first. The one who knows is the customer. "Is this still your
# address?" takes five seconds, at any contact, and is a service: the letter arrives.
#
# ## On your own data
#
# Export your customers as CSV or Excel and put the file beside this notebook; write its name in place of
# `your_customers.csv`, a small stand-in. The next cell reads it, scores it with the columns it has, and draws the
# card. If the file says who typed the record, name that column: `columns={"Operater": "clerk_id"}`.

# %%
own = tables.from_export(customers="your_customers.csv")
own_card = quality.scorecard(own.customers)
own_card.figure()

# %% [markdown]
# Every call of this lesson works on `own_card` too: `own_card.figure("channel")`, `own_card.faults(column="email")`.
# Your standard is a text: `standard.save("our_standard.toml")` writes it beside the notebook. Open it, change it with
# those who type, and load it with `quality.EntryStandard.load("our_standard.toml")`.
#
# ## Decide
#
# Write it down here (double-click, then type), and read it to somebody who enters data every day.
#
# - The one fault we will stop first: ___ It is made at (channel, form, step): ___
# - What we will change there (the form, the rule, the time given): ___
# - What the *customer* gets from it: ___
# - The figure it stands on, and the same figure in three months: ___ → ___
#
# ## What you can now do
#
# - score any table in five dimensions, and see what is filled but empty,
# - say what faults cost, and which chances to mend them were missed,
# - trace faults to channel and clerk, fairly, and write the standard that stops them.
#
# **To keep**: the [cheat-sheet](cheatsheets/03.pdf), one page.
# **To do**: [exercise 03](../exercises/exercise_03.ipynb), on a shop without contracts.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | completeness | potpunost | something stands there, and says something |
# | validity | valjanost | it has the form its column promises |
# | consistency | dosljednost | it agrees with the rest |
# | uniqueness | jedinstvenost | each thing is there once |
# | timeliness | ažurnost | it has been looked at lately |
# | placeholder | popuna bez podatka | filled but empty: 1.1.1970, xxx |
# | entry standard | standard upisa | one page: how a customer is written down |
# | consent | privola | what a customer has agreed to |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
