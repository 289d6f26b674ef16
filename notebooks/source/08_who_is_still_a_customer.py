# %% [markdown]
# # 8  Who is still a customer?
#
# 45 minutes · analyst · builds on 07
#
# A telephone company knows what share of its contracts ends in a month. "Go on at that rate, and you see how soon we
# are alone", says the head of sales. The shop next door has no contracts, and nobody there ever says good-bye. Who is
# still a customer?
#
# **You will be able to**
# - say how many leave, how fast, and from which group, where there is a contract,
# - foretell how many will stay, and check it against what came,
# - give each customer without a contract a chance of still being one.
#
# ## 1 · With a contract, an end has a date (core)
#
# Run the two cells below with **Shift + Enter**. The first makes the telephone company from your own number, five
# years of it (without failures of the network, so that we can check ourselves in section 7). The second puts together
# the contracts that began in the same month of 2025, a **cohort**, and follows each cohort month by month.

# %% tags=["setup"]
import numpy as np
import pandas as pd

from crmlab import lesson, report, simulate, tables, value

me = lesson.begin("08")
base = simulate.company("telco", customers=4_000, seed=me.seed, locale="hr", mess="none", months=60, outages=False)
me

# %%
contracts = base.contracts
young = contracts[contracts["start"] >= "2025-01-01"]
cohorts = value.contract_cohorts(young, as_of=base.as_of)
cohorts.figure()

# %% [markdown]
# Read a row from left to right: of the contracts that began in that month, so many were still there after one month,
# after two … That share is the **retention**; who is missing has **churned**. The white corner is the future.
#
# Many spreadsheets write 0 into that corner. The next cell shows what this does to one plain question: what share is
# still there after six months?

# %%
zeros = cohorts.counts.fillna(0)
taken_as_zero = zeros[6].sum() / zeros[0].sum()
answers = {"empty cells left out": cohorts.overall[6], "empty cells taken as zero": taken_as_zero}
pd.Series(answers, name="still there after 6 months").to_frame().round(2)

# %% [markdown]
# An empty cell means *not seen yet*. Taken as zero, every young customer becomes a lost one.
#
# ## 2 · How long does a contract last? (core)
#
# Most contracts still run: nobody knows yet how long they will last. There are two tempting ways out, and both are
# wrong: to leave them out, or to take today as their end. The **survival curve** (Kaplan and Meier, 1958) counts each
# of them for as long as it was seen. The next cell first says how long the *ended* contracts lasted, then draws the
# curve of all.

# %%
curve = value.kaplan_meier(contracts, as_of=base.as_of)
ended = contracts[contracts["end"].notna()]
months = (ended["end"] - ended["start"]).dt.days.mean() / 30.44
there = curve.at(months)["survival"].item()
print(f"Ended contracts lasted {months:.0f} months on average. After {months:.0f} months, {there:.0%} are still there.")
curve.figure()

# %% [markdown]
# The average of the ended ones is no lifetime: only those who leave early have had the time to end. Quote the curve:
# the share still there after a stated time, or the month by which half are gone.
#
# ## 3 · Who leaves faster? (core)
#
# Somebody always has a culprit: the cheap plan, the door-to-door sale. The next cell counts ends per month of contract
# for each plan, with a bar for what the true rate may well be.

# %%
value.churn_by(contracts, "product", as_of=base.as_of).figure()

# %% [markdown]
# The points differ: points always do. Nor do the bars decide: two may overlap, and the groups still differ. Ask about
# the *difference* itself; the title has done so, pair by pair. The next cell shows the same for the channel that opened
# the customer's record: how many times as fast the first of two loses contracts, the interval of that, and how often
# chance alone would set some pair so far apart.

# %%
opened_by = base.customers.set_index("record_id")["source"]
by_channel = contracts.assign(channel=contracts["record_id"].map(opened_by))
value.churn_by(by_channel, "channel", as_of=base.as_of).differences().head().round(3)

# %% [markdown]
# Where 1 lies between `low` and `high`, chance may do it: do not reorganise anything yet. Among many groups some pair
# stands apart by chance alone, so with every group more the intervals are made wider (section 7 comes back to this).
# And before you blame a channel that really loses more, ask what was promised there: customers leave over what they
# were told, not over a door.
#
# ## 4 · How many will be left? (core)
#
# Now the head of sales. We go back to the first of January 2024 and forget all that came later. The next cell does
# his sum: the share that ends in a month, so far, and the same share every month for two years more.

# %%
then = pd.Timestamp("2024-01-01", tz="UTC")
known = contracts[contracts["start"] < then]
running = known[~(known["end"] < then)]
rate = value.churn_by(known, "product", as_of=then).overall
constant = len(running) * (1 - rate) ** np.arange(25)
print(f"{rate:.1%} end in a month, so of {len(running):,} contracts {constant[-1]:,.0f} would be left in two years.")

# %% [markdown]
# This takes all customers as alike. They are not: some have one foot out of the door, others never think of it. The
# first kind goes early, the second kind is left. So retention *rises* with time, although nobody changes.
#
# The **shifted beta-geometric** model (sBG; Fader and Hardie, 2007) says just that: each customer has a chance of their
# own to leave, the same at every renewal. From the cohorts it learns how far these chances lie apart. The next cell
# fits it to what was known on that day, and says what share of those still there renews.

# %%
past = value.contract_cohorts(known, as_of=then)
model = value.ShiftedBetaGeometric(period="M").fit(past.survivors())
renewals = [1, 6, 12, 24, 36]
pd.Series(model.retention(renewals), index=renewals, name="renews").rename_axis("renewal").to_frame().round(4)

# %% [markdown]
# Small steps, but they multiply. A contract that has run for three years is another bet than one of last week, so the
# forecast asks of each contract: it got through so many months already, how likely are some more? The next cell adds
# these chances up, puts the sum of the head of sales beside it, and opens the two years that we had held out.

# %%
renewed = ((then - running["start"]).dt.days // 30.44).astype("int64").to_numpy()
sbg = [(model.survival(renewed + ahead) / model.survival(renewed)).sum() for ahead in range(25)]
days = pd.date_range(then, periods=25, freq="MS")
came = [len(running) - (running["end"] < day).sum() for day in days]
left = pd.DataFrame({"came": came, "constant churn": constant, "sBG": sbg}).rename_axis("months")
report.forecast_figure(left)

# %% [markdown]
# That is the whole method: forget a part, foretell it, open it. Whoever shows you a forecast can be asked for this
# figure. A constant rate writes off customers who stay; a firm that believes it stops caring for them.
#
# ## 5 · What is a contract still worth? (deeper)
#
# Just before a renewal the question is: how many more months will this contract pay for, when a month far away counts
# less than one soon (here 10 % interest a year)? The next cell learns from all five years and answers for the running
# contracts of one plan, by age. Of each euro, 40 cents are taken as margin.

# %%
today = value.ShiftedBetaGeometric(period="M").fit(value.contract_cohorts(contracts, as_of=base.as_of).survivors())
plan = contracts[contracts["product"] == "mobile M"]
worth = value.contract_value(plan, today, as_of=base.as_of, margin=0.4, rate=0.1, rate_period="Y")
worth["value_euros"] = worth["lifetime_value_cents"] / 100
age = pd.cut(worth["months_begun"], [0, 6, 12, 24, 36, 60], labels=["1–6", "7–12", "13–24", "25–36", "37–60"])
worth.groupby(age, observed=True)[["discounted_months", "value_euros"]].mean().round(1)

# %% [markdown]
# The same plan, the same price, another worth: who stayed long is likely to stay longer. With constant churn all lines
# would be equal. Most firms give their best offers to newcomers; this table asks whether that is wise, and fair.
#
# ## 6 · Without a contract, silence is not leaving (core)
#
# In a shop nobody gives notice. All we have is **silence**: the time since the last purchase. The usual rule calls
# everybody lost who did not buy for, say, 13 weeks. But who used to come every week and is silent for 13 is another
# case than who comes twice a year.
#
# The **BG/NBD** model learns from all purchases how often people buy and how soon they leave, and gives each customer
# a chance of still being one, **P(alive)**. The next cell fits it to a shop of your number and asks about four
# customers who fell silent: one who bought only once, and three who bought again 3, 10 or 30 times within 60 weeks.

# %%
shop = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr", mess="none")
summary = value.purchase_summary(shop.transactions, end="2025-12-31")
bgnbd = value.BGNBD().fit(summary)
weeks, last = np.array([0, 5, 10, 20, 40]), {0: 0.0, 3: 60.0, 10: 60.0, 30: 60.0}
seen = {n: {"frequency": n, "recency_weeks": at, "age_weeks": at + weeks} for n, at in last.items()}
chances = {f"again {n} times": bgnbd.p_alive(pd.DataFrame(seen[n])) for n in seen}
pd.DataFrame(chances).set_axis(pd.Index(weeks, name="weeks silent")).round(2)

# %% [markdown]
# Read down: the chance falls with silence, and the more often somebody bought, the faster. The same 20 weeks mean
# little for one customer and nearly the end for another; a rule with one number of weeks cannot know that.
#
# But the first column never falls. In this model people leave after a *repeat* purchase only, so it never doubts who
# bought once. `value.MBGNBD` lets them leave at once; say which one you used.
#
# ## 7 · Compare with the truth (deeper)
#
# In your own base nobody knows who has left. Here we do. The next cell tries the rule of 13 weeks first. Then it sorts
# the shop's customers by the chance the model gave them, such as above 0.1 up to 0.3, and sets the share of each group
# that is in truth still there beside it.

# %%
person = shop.truth["links"].set_index("record_id")["person_id"].loc[summary.index]
alive = person.map(shop.truth["value"].set_index("person_id")["alive_at_end"]).astype("float64")
lost = summary["age_weeks"] - summary["recency_weeks"] > 13
print(f"Silent for over 13 weeks: {lost.sum():,} customers. Of these, {alive[lost].mean():.0%} are customers still.")
p_alive = bgnbd.p_alive(summary)
chance = pd.cut(p_alive, [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1]).rename("chance")
told = pd.DataFrame({"foretold": p_alive, "in truth": alive, "customers": 1}).groupby(chance, observed=True)
told.agg({"foretold": "mean", "in truth": "mean", "customers": "sum"}).round(2)

# %% [markdown]
# Hold the first two columns against each other: where they agree, a chance of 0.2 is one in five. It does not say
# *which* one; use it for lists and budgets, never to tell somebody that they have left.
#
# And the telephone company? Each customer's chance to leave was planted. The next cell compares the share of new
# contracts still there: as planted, as sBG learned it by 2024, and with the constant rate of that day.

# %%
planted = base.truth["value"]["churn_probability"].to_numpy()
months = np.array([6, 12, 24, 36, 48])
share = {
    "planted": [((1 - planted) ** month).mean() for month in months],
    "sBG": model.survival(months),
    "constant churn": (1 - rate) ** months,
}
pd.DataFrame(share, index=pd.Index(months, name="months")).round(3)

# %% [markdown]
# And the plans and channels of section 3? In this base they have no part in leaving: we planted each customer's chance
# without looking at either. Whatever difference you saw there was chance.
#
# ## On your own data
#
# Export your contracts or subscriptions: one row each, with start and end, the end empty while it runs. Put the file
# beside this notebook in place of `your_contracts.csv`, a small stand-in, and write the day of the export as `as_of`.
# The next cell says how each column was read, then draws your curve.

# %%
own = tables.from_export(contracts="your_contracts.csv")
print(own.import_report)
value.kaplan_meier(own.contracts, as_of="2026-01-01").figure()

# %% [markdown]
# No contracts? Load your purchases as in lesson 07 and run section 6 on them, from `purchase_summary` on. It needs some
# hundreds of customers; with too few the model says that it did not converge, and then it is not to be trusted.
#
# ## Decide
#
# Write it down here (double-click, then type), and read it to whoever owns the number you have used so far.
#
# - We call a customer lost when: ___
# - The figure it stands on, and the forecast we will open in a year: ___
# - What we will do for customers who have stayed long: ___
# - What those who fell silent will hear from us, and what *they* get from it: ___
#
# ## What you can now do
#
# - say how many leave, how fast and from which group, with empty cells left empty and chance kept apart,
# - foretell how many will stay, and open the time you had held out,
# - give each customer without a contract a chance of still being one, and say what silence does not tell.
#
# **To keep**: the [cheat-sheet](cheatsheets/08.pdf), one page.
# **To do**: [exercise 08](../exercises/exercise_08.ipynb), on a bank, and a shop.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | retention | zadržavanje kupaca | share of customers still there after a stated time, or who renew |
# | churn | odljev kupaca | leaving; the share that leaves in a stated time |
# | cohort | kohorta | customers who began in the same month |
# | survival curve | krivulja preživljenja | share still there, by time since the start |
# | renewal | obnova ugovora | the point at which a contract goes on or ends |
# | holdout | izdvojeno razdoblje | time kept from the model, to check it |
# | P(alive) | vjerojatnost da je još kupac | chance of still being a customer, without a contract |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
