# %% [markdown]
# # 7  Who carries the base?
#
# 40 minutes · management, marketing, analyst · builds on 00
#
# A telephone company has 2,000 customers and the budget to call 400 of them. Which ones?
#
# **You will be able to**
# - rank customers by what they bring in a year,
# - cut them into tiers you can defend,
# - say what the tiers do not tell you.
#
# ## 1 · How uneven is it? (core)
#
# Run the two cells below with **Shift + Enter**. The first makes the company's customers from your own number, the
# second adds up what each of them paid in 2025 and draws them in a line, from the smallest to the largest. Who paid
# nothing that year is not in the line; so "customers" means those who paid.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, report, segment, simulate, tables, value

me = lesson.begin("07")
base = simulate.company("telco", customers=2_000, seed=me.seed, locale="hr", mess="none")
me

# %%
year = base.transactions[base.transactions["ts"] >= "2025-01-01"]
value_cents = year.groupby("record_id")["amount_cents"].sum()
report.lorenz_figure(value_cents)

# %% [markdown]
# This is a **Lorenz curve**. If everybody paid the same, it would be the dashed line; the deeper it sags, the more the
# company rests on a few. The title answers the usual question: what does the best fifth bring? You may have heard
# "80 %" for that. It is a rule of thumb, not a law: look before you quote it.
#
# The next cell asks for three such shares, and for the **Gini coefficient**, which puts the whole curve into one
# number: 0 when all bring the same, close to 1 when one customer brings nearly everything.

# %%
best = {f"best {share:.0%}": value.top_share(value_cents, share) for share in (0.05, 0.2, 0.5)}
pd.Series({**best, "Gini": value.gini(value_cents)}, name="telco").to_frame().round(2)

# %% [markdown]
# ## 2 · Tiers you can defend (core)
#
# A warehouse sorts its goods into A, B and C: few things that matter much, many that matter little. We do the same
# with customers. They are lined up from the best down, and a tier ends where the running total passes 50 %, 80 % and
# 95 % of all value. The best tier has number 0. The next cell makes the tiers and draws what each holds and brings.

# %%
tiers = segment.ValueTiers(shares=(0.5, 0.8, 0.95)).fit(value_cents)
summary = tiers.summary(value_cents)
report.tiers_figure(summary)

# %% [markdown]
# Somebody will ask: "Why am I not in tier 0?" A tier you can defend has an answer in one sentence: *it begins at so
# many euros a year*. And the next question: "Would I be, among other customers?" The next cell writes the floors down,
# in euros, with the range in which they would lie in 95 of 100 other samples of such customers (**bootstrap**), and
# the share of customers who would then change tier at this floor.

# %%
firm = tiers.floor_intervals(value_cents, seed=me.seed)
floors = firm[["floor_cents", "low_cents", "high_cents"]] / 100
floors.set_axis(["floor_euros", "low_euros", "high_euros"], axis=1).assign(moved=firm["moved"].round(3))

# %% [markdown]
# A floor that moves much is a poor border for a promise. Customers who pay the same are always in the same tier, and
# the rule is yours to choose: try `shares=(0.2, 0.5)` above, or the best fifth of customers, `quantiles=(0.2,)`, or
# fixed amounts, `least_cents=(50_000, 20_000)`, and run the cells again. Whatever you choose, say it before you look
# at the names.
#
# ## 3 · Lately, often, how much (deeper)
#
# Money is one view. **RFM** takes three: how *recently* a customer bought, how *frequently*, and for how much *money*.
# Each gets a score from 1 to 5. The next cell works them out as of the first of January and draws the first two.

# %%
rfm = value.rfm(year, as_of=base.as_of)
report.rfm_figure(rfm)

# %% [markdown]
# Equal customers always get the same score, that of the middle of their places: where many pay every month, nobody
# reaches the top for *frequently*. And *recently* says one thing above all here: who has stopped. The next cell
# counts, tier by tier, whose last payment is more than 31 days ago.

# %%
tier = tiers.predict(value_cents)
stopped = (rfm["recency_days"] > 31).map({False: "still paying", True: "stopped"})
pd.crosstab(tier, stopped.rename("customers"))

# %% [markdown]
# Even the best tier holds customers who are gone: their payments of last year are history. Keep this in mind for the
# 400 calls. Where there is no contract, RFM does more work; you will meet that in the exercise.
#
# ## 4 · What is left after serving them (deeper)
#
# Value so far was turnover. Profit is what is left of it after the cost of the goods and of each contact: every call,
# every visit. The next cell takes both off and lines the customers up again, this time from the most profitable down.
# It is called a **whale curve**: where customers cost money it rises above 100 % and falls back.

# %%
contacts = base.touchpoints[base.touchpoints["ts"] >= "2025-01-01"]
cost_cents = contacts.groupby("record_id")["cost_cents"].sum()
margin_cents = year.groupby("record_id")["margin_cents"].sum()
profit_cents = margin_cents.sub(cost_cents, fill_value=0).astype("int64")
report.whale_figure(profit_cents)

# %% [markdown]
# Before parting with a customer who costs money, look at *why*. Whoever calls five times about the same bill is not a
# bad customer: the bill is bad.
#
# ## 5 · What the tiers do not tell you (core)
#
# Back to the 400 calls. The obvious list is the 400 who paid most. The next cell asks two plain questions of that
# list: is the contract still running, and has the customer agreed to be called?

# %%
top = value_cents.nlargest(400).index
people = base.customers.set_index("record_id").loc[top]
running = people.index.isin(base.contracts.loc[base.contracts["end"].isna(), "record_id"])
allowed = people["consent_phone"]
counts = {"paid most": 400, "still with us": running.sum(), "and may be called": (running & allowed).sum()}
pd.Series(counts, name="customers").to_frame()

# %% [markdown]
# A list by value alone would break a promise to many of them: who has not agreed is not called. So the list is made
# the other way round: first who may be called, then by value. The next cell makes it and says what it covers.

# %%
customers, contracts = base.customers, base.contracts
reachable = customers.loc[customers["consent_phone"], "record_id"]
reachable = reachable[reachable.isin(contracts.loc[contracts["end"].isna(), "record_id"])]
calls = value_cents[value_cents.index.isin(reachable)].nlargest(400)
print(f"{len(calls)} calls reach {calls.sum() / value_cents.sum():.0%} of last year's value.")

# %% [markdown]
# Value goes both ways. What does a *customer* get from your call? Some pay a good deal beyond the price of their plan:
# a plan that fits would save them money, and they would stay. The next cell counts them on the list.

# %%
price_cents = base.contracts.set_index("record_id")["price_cents"]
beyond = 1 - price_cents * rfm["frequency"] / value_cents
many = (beyond[calls.index] > 0.2).sum()
print(f"{many} of these {len(calls)} customers pay more than a fifth of their bill beyond their plan.")

# %% [markdown]
# Three more things no tier tells you: what a customer will bring *next* year (lesson 09), whether somebody is in the
# last tier only because they came last month, and what the company means to *them* (lesson 11). Tiers decide who gets
# something on top. They never decide who gets good service: everybody does.
#
# ## 6 · The same calls on real purchases (core)
#
# CDNOW sold music on the web in 1997; its log of purchases is the one the research papers use. The next cell
# reads it through the door for exports and draws the same curve.

# %%
cdnow = tables.from_export(transactions="../data/cdnow/cdnow.csv")
spent_cents = cdnow.transactions.groupby("record_id")["amount_cents"].sum()
report.lorenz_figure(spent_cents)

# %% [markdown]
# Hold this title against the first one of the lesson: same calls, another trade. Where people buy when they like, a
# few carry more; where everybody has a monthly bill, the load is spread.
#
# ## On your own data
#
# Export your orders, invoices or payments as CSV or Excel: one row each, with customer, date and amount. Put the file
# beside this notebook and write its name in place of `your_export.csv`, a small stand-in. The cell says how it read
# each column; where it guessed wrong, name the column yourself, after a comma in the same brackets:
# `columns={"Kupac": "record_id"}` says that their column *Kupac* holds the customer.

# %%
own = tables.from_export(transactions="your_export.csv")
own.import_report

# %% [markdown]
# From here on everything is as above. The next cell asks your file the question of this lesson.

# %%
own_cents = own.transactions.groupby("record_id")["amount_cents"].sum().clip(lower=0)
report.tiers_figure(segment.ValueTiers().fit(own_cents).summary(own_cents))

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and read it to a colleague who disagrees with you.
#
# - We will treat tier ___ differently in this one way: ___
# - What the *customer* gets from it: ___
# - The figure it stands on: ___
# - What we do not know yet: ___
#
# ## What you can now do
#
# - rank customers by what they bring in a year, and say how uneven it is in one figure and one number,
# - cut them into tiers whose floors you can name, and defend them,
# - say what the tiers do not tell: who has gone, may be called, costs, is new, and what you are worth to them.
#
# **To keep**: the [cheat-sheet](cheatsheets/07.pdf), one page.
# **To do**: [exercise 07](../exercises/exercise_07.ipynb), on a shop without contracts.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | customer value | vrijednost kupca | what a customer brings in a stated time |
# | Lorenz curve | Lorenzova krivulja | share of value against share of customers, smallest first |
# | Gini coefficient | Ginijev koeficijent | unevenness as one number from 0 to 1 |
# | value tier | vrijednosni razred | group of customers by the share of value they bring together |
# | recency, frequency, monetary | nedavnost, učestalost, iznos | how lately, how often, for how much |
# | whale curve | krivulja kita | profit added up, most profitable customer first |
# | consent | privola | what a customer has agreed to |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
