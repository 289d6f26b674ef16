# %% [markdown]
# # 9  What will they be worth?
#
# 45 minutes · analyst · builds on 07 and 08
#
# It is the end of September 1997. CDNOW sells records on the young web; of the customers it won in the first three
# months of the year every tenth is before you. Nobody signs a contract there, nobody says goodbye. Whom will the shop
# see again, how often, and what are they worth?
#
# **You will be able to**
# - foretell how often each customer will buy, and test the forecast on a time it has not seen,
# - put a value on each customer and on all of them, with an interval,
# - say how the value was worked out, and what it does not know.
#
# ## 1 · One row per customer (core)
#
# The purchases are real; much research on customers without contracts has been tested on this log. Run the two cells
# below with **Shift + Enter**. The first reads the log, the second boils it down to one row per customer. What we learn
# from ends on 30 September 1997; the nine months after it are held out.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, tables, value

me = lesson.begin("09")
cdnow = tables.from_export(transactions="../data/cdnow/cdnow.csv")
me

# %%
summary = value.purchase_summary(cdnow.transactions, unit="W", split="1997-09-30")
one = summary.iloc[0]
print(f"{len(summary):,} customers. The first of them: {one['frequency']:.0f} purchases after the first;")
print(f"the last of them {one['recency_weeks']:.2f} weeks after the first; watched for {one['age_weeks']:.2f} weeks.")
summary.head(3).round(2)

# %% [markdown]
# Read the next rows aloud in the same way. Those three are all that the first model will know. `mean_value_cents` is
# what a repeat purchase brought. The columns with *holdout* say what the customer did afterwards; no model sees them.
#
# ## 2 · A model that tells a story (core)
#
# **BG/NBD** tells a story of a clock and a coin. Each customer buys at random, at a rate of their own. After each
# *repeat* purchase they toss a coin of their own: stay, or leave for good without a word. Rates and coins differ
# from customer to customer; four figures say how. `fit` finds the four that suit the log best.
#
# The next cell fits, and holds the figures against those that P. Fader, B. Hardie and K. L. Lee published in
# *Marketing Science* 24 (2005). Beside them stands how far each could be off, had other customers come by chance.

# %%
model = value.BGNBD().fit(summary)
published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "log-likelihood": -9582.43}
here = {**model.params_, "log-likelihood": model.log_likelihood_}
table = pd.DataFrame({"published": published, "here": here})
table["may be off by"] = model.standard_errors(seed=me.seed)
table.round(3).astype("object").fillna("")

# %% [markdown]
# The same to the last digit that was printed. (The *log-likelihood* says how well the story suits the log; nearer to 0
# is better.) Look at the right column too: with other customers *a* and *b* might well have been other figures. So read
# no story into a single figure; ask the model questions instead. The next cell asks two: how often does a customer buy,
# and how many leave with each repeat purchase?

# %%
r, alpha, a, b = model.params_
print(f"On average a customer buys once in {alpha / r:.0f} weeks.")
print(f"With each repeat purchase {a / (a + b):.0%} leave.")

# %% [markdown]
# Averages hide what matters: most customers buy less often than that, a few much more. So ask for single ones. The
# next cell picks five and asks of each: still a customer, and how many purchases in the 39 weeks to come? For the
# first of them the authors' own note has a figure. The last column looks ahead: so many came.

# %%
five = summary.loc[["00004", "00018", "00021", "03501", "01760"]]
foretold = five[["frequency", "age_weeks"]].round(1)
foretold["weeks_silent"] = (five["age_weeks"] - five["recency_weeks"]).round(1)
foretold["p_alive"] = model.p_alive(five).round(2)
foretold["to_come"] = model.expected_purchases(five, 39).round(3)
foretold["their note"] = pd.Series({"00004": 1.226})
foretold.assign(came=five["holdout_purchases"]).astype("object").fillna("")

# %% [markdown]
# Read it as stories. 03501 and 01760 both came almost weekly. 03501 has stopped since: look how many weeks ago, for
# somebody like that a long silence. 00021 has been silent for much longer and is less certainly gone, for who buys
# rarely is silent often. **Silence counts against the customer's own rhythm**; no rule of "so many days" does that. Yet
# 03501 came again! A small chance is not none, so whether chances are right shows only over many customers: that is
# section 3.
#
# And 00018 bought once, never again, and is said to be a customer for certain? In this story one leaves with a *repeat*
# purchase, and this customer made none. So never read `p_alive` alone; `to_come` says how little to expect. (Of the
# sister models, `value.MBGNBD` tosses the coin after the first purchase too, `value.ParetoNBD` lets go at any moment.)
#
# ## 3 · Is it true? (core)
#
# A forecast nobody tests is a horoscope. We have kept nine months back; open them. The next cell follows all repeat
# purchases from the first day on: what the model expects, and what came.

# %%
report = value.holdout_report(summary, model, transactions=cdnow.transactions)
report.tracking_figure()

# %% [markdown]
# Left of the line the model had seen the purchases, right of it not. For months the forecast holds; then more is
# bought than the story expects. Why, the log does not say. The next cell asks by whom: customers are grouped by
# how often they had bought again.

# %%
report.by_frequency_figure()

# %% [markdown]
# The order is right: the more foretold, the more was bought. The level is low in every group, though never by much. So
# a *list* of good customers may be trusted more than the *total*. The next cell holds the model against what one would
# do without it: let everybody go on as before.

# %%
as_before = summary["frequency"] / summary["age_weeks"] * 39
came = summary["holdout_purchases"]
print(f"made {came.sum():,} · model {model.expected_purchases(summary, 39).sum():,.0f}")
print(f"as before: {as_before.sum():,.0f}")
report.numbers.round(2).to_frame()

# %% [markdown]
# Three of these numbers are worth knowing. `total_ratio`: foretold for each purchase made, 1 is right.
# `mean_absolute_error`: so many purchases the forecast of one customer is off. `top_decile_lift`: the tenth that the
# model puts first bought so many times their share, 1 is chance. And letting everybody go on as before? It misses by
# far more, and upwards: it forgets that customers leave.
#
# ## 4 · What is a purchase worth? (core)
#
# How often is half of the answer; for how much is the other half. **Gamma-gamma** finds what a purchase of each
# customer is worth on average. It may be used only where *how often* says little about *how much*. The next cell checks
# that first; then it holds the three figures against those of Fader and Hardie's note of 2013 (theirs is in dollars).

# %%
spend = value.GammaGamma().fit(summary)
size, chance, verdict = spend.independence_
print(f"Rank correlation {size:.2f}, p-value {chance:.0e}:")
print(verdict)
published = {"p": 6.25, "q": 3.74, "gamma": 15.44}
pd.DataFrame({"published": published, "here": (spend.params_ / [1, 1, 100]).round(2)})

# %% [markdown]
# A tie there is: the tiny p-value says that it is no chance, and among so many customers even a weak one is none. So
# look at its *size*: 0 is no tie, 1 a perfect one. Up to 0.3, by convention a medium tie, use the model with care;
# beyond, value groups of customers apart.
#
# What is the model good for? A customer's mean of one or two purchases is mostly chance. The model pulls it towards the
# mean of all: the fewer purchases, the harder. The next cell cuts the customers into four groups by the mean seen, and
# looks up what a purchase of each group was worth afterwards, in dollars.

# %%
again = summary[summary["frequency"] > 0].assign(model=spend.expected_value(summary))
names = ["lowest", "low", "high", "highest"]
quarter = pd.qcut(again["mean_value_cents"], 4, labels=names).rename("spend so far")
groups = again.groupby(quarter, observed=True)
bought = groups[["holdout_value_cents", "holdout_purchases"]].sum()
after = bought["holdout_value_cents"] / bought["holdout_purchases"]
seen = groups[["mean_value_cents", "model"]].mean().set_axis(["seen", "model"], axis=1)
(seen.assign(after=after) / 100).round(2)

# %% [markdown]
# Who had spent little came back with more, who had spent much with less: that is what chance does, and what no list by
# last year's spend knows. The model goes the right way; here not even far enough.
#
# ## 5 · Lifetime value (core)
#
# Now both halves together: *margin × value of a purchase × purchases to come*, later ones counting less. The next cell
# does it for the 39 weeks that we can check. That 30 % of each amount are left after its costs is our assumption; so is
# interest of 15 % a year.

# %%
rates = {"margin": 0.3, "rate": 0.15, "rate_period": "Y", "horizon": 39}
worth = value.lifetime_value(summary, purchases=model, spend=spend, **rates, seed=me.seed)
worth

# %% [markdown]
# All customers together, in dollars: that is **customer equity**. The interval is made of 200 futures. For each the
# models are fitted anew to customers drawn by lot, then chance is let play: so it holds both what we do not know for
# sure and what nobody can know. And how does one value come about? The next cell gives account of the highest one, and
# of every assumption.

# %%
worth.explain()

# %% [markdown]
# Compare the two intervals. For all customers together it is narrow, for one customer it is wide, often down to
# nothing: we know what *such* customers do, not what *this one* will. For one customer it is the interval of a single
# future, while the value is the mean of all futures: of somebody who hardly ever buys, most futures bring nothing, and
# the mean stands above the whole interval. So decide about groups, and treat each person well whatever the figure says.
#
# And is it true? The next cell looks up what the held-out purchases left in the till.

# %%
came = 0.3 * summary["holdout_value_cents"].sum() / 100
each = model.expected_purchases(summary, 39) * spend.expected_value(summary)
low, high = worth.total_low_cents / 100, worth.total_high_cents / 100
print(f"foretold {worth.total_cents / 100:,.0f} ({low:,.0f} to {high:,.0f})")
print(f"without interest {0.3 * each.sum() / 100:,.0f}")
where = "above" if came > high else "below" if came < low else "inside"
print(f"came {came:,.0f} dollars: {where} the interval")

# %% [markdown]
# More came than was foretold, and interest explains little of it. **An interval knows only what the model knows**: that
# chance plays, and that there are not more customers to learn from. A new shelf, a rival's end, a web that grows by the
# month are not in the story. Say so whenever you hand in such a figure.
#
# Three more things it does not know: the customers you have not won yet; what a customer *would* bring if you did
# something for them (that takes a trial, by lot); and what you are worth to *them* (lesson 11).
#
# ## On your own data
#
# Orders, invoices or till receipts of customers you can tell apart: customer, date, amount. Some hundred customers,
# many of whom bought again, are needed to learn from. CDNOW's file stands in below; put your file beside this notebook
# and write its name there. The next cell looks half a year ahead from its last day.

# %%
file = "../data/cdnow/cdnow.csv"  # the name of your own file, in quotes
own = value.purchase_summary(tables.from_export(transactions=file).transactions)
models = {"purchases": value.BGNBD().fit(own), "spend": value.GammaGamma().fit(own)}
rates = {"margin": 0.3, "rate": 0.1, "rate_period": "Y", "horizon": 26, "draws": 100}
own_worth = value.lifetime_value(own, **models, **rates, seed=me.seed)
print(own_worth)
best = own_worth.table.nlargest(5, "lifetime_value_cents")
best[["p_alive", "lifetime_value_cents", "low_cents", "high_cents"]].round(2)

# %% [markdown]
# Test before you believe it: give `split=` a day some months back, as in section 1, and ask `value.holdout_report`.
#
# ## Decide
#
# Write it down here (double-click, then type), and read it to whoever is in charge of the money.
#
# - The figure we hand in, with its interval, its time and its margin: ___
# - How far off the test on the past was: ___
# - What would make it wrong, interval and all: ___
# - What we do for the customers it puts first, and how we find out what that adds: ___
#
# ## What you can now do
#
# - foretell how often each customer will buy, and test it on a time held out,
# - put a value with an interval on each customer and on all, after checking that spend may be modelled apart,
# - give account of every assumption, and say what an interval does not know.
#
# **To keep**: the [cheat-sheet](cheatsheets/09.pdf), one page.
# **To do**: [exercise 09](../exercises/exercise_09.ipynb), on a shop whose truth is in an envelope.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | frequency, recency, age | učestalost, nedavnost, starost | repeat purchases; first to last of them; first to today |
# | P(alive) | vjerojatnost da je još kupac | chance of still being a customer |
# | holdout | izdvojeno razdoblje | time a model has not seen, kept for a test |
# | lift | poboljšanje | how many times their share the chosen ones bring |
# | customer lifetime value | životna vrijednost kupca | what a customer will still bring, in today's money |
# | customer equity | ukupna vrijednost baze kupaca | lifetime value of all customers together |
# | interval | interval procjene | where most of what may come lies, if the model is right |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
