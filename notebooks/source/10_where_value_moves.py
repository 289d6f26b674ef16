# %% [markdown]
# # 10  Where value moves
#
# 45 minutes · marketing, analyst · builds on 07
#
# A bank has sorted its customers into four tiers. A year later many stand in another one, and a director wants to
# part with those who cost money. Who moved where, what is a place in each tier worth, and whom should the bank let go?
#
# **You will be able to**
# - show who moved between tiers, without being fooled by the calendar,
# - say what a place in a tier is worth, and what serving it may cost,
# - find who costs money and why, and decide what to do with each tier.
#
# ## 1 · Who moved where? (core)
#
# Run the two cells below with **Shift + Enter**. The first makes the bank's customers from your own number. The second
# adds up the **margin** of each customer and year (fees and interest, less what they cost the bank), cuts tiers on
# 2024 as in lesson 07, sorts the customers of both years by the *same floors*, and draws who went where.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, report, segment, simulate, tables, value

me = lesson.begin("10")
base = simulate.company("bank", customers=2_000, seed=me.seed, locale="hr", mess="none")
me

# %%
log = base.transactions
by_year = log.assign(year=log["ts"].dt.year)
margin_cents = by_year.pivot_table("margin_cents", "record_id", "year", aggfunc="sum")
tiers = segment.ValueTiers().fit(margin_cents[2024].dropna())
tier_2024, tier_2025 = (tiers.predict(margin_cents[year].dropna()) for year in (2024, 2025))
value.tier_migration(tier_2024, tier_2025).figure()

# %% [markdown]
# Each row is a tier of 2024, the best (0) on top; along it stands where its customers were in 2025. On the diagonal
# they stayed, to the left of it they rose, to the right they fell, in the last column they left.
#
# Why the same floors? Cut anew each year, tier 0 brings half of the value by definition: if everybody paid twice as
# much, nobody would have risen.
#
# ## 2 · Who only seems to rise? (core)
#
# A fine title for the board: so many rose! Before you show it, one question. Whoever came in autumn 2024 paid three
# months that year, and twelve in the next. The next cell counts those who were there *all* of 2024, and beside them
# those who came during it.

# %%
opened = base.customers.set_index("record_id")["created_at"]
old = opened.index[opened < "2024-01-01"]
there = tier_2024[tier_2024.index.isin(old)]
fair = value.tier_migration(there, tier_2025[tier_2025.index.isin(old)])
came = value.tier_migration(tier_2024.drop(there.index), tier_2025[~tier_2025.index.isin(old)])
pd.DataFrame({"there all of 2024": fair.moves, "came in 2024": came.moves}).drop("appeared")

# %% [markdown]
# The newcomers rise mostly because the calendar lifts them. Only the first column compares a year with a year, so from
# here on we keep to it. (At the other end the calendar pulls: who closes the account in summer has half a year, falls
# now and is gone in the next. A fall is often a goodbye.) The next cell draws the fair picture.

# %%
fair.figure()

# %% [markdown]
# This is the picture to show. Look at the last column first: does a tier lose more than its neighbours?
#
# ## 3 · What is a place worth? (core)
#
# What is a customer of tier 1 worth? Not just this year's margin. Next year some are in tier 0, some in tier 2, some
# gone; and the year after they move again. **Markov value** adds all that up: for each tier what a customer brings
# this year, plus what they will bring wherever they move. At a rate of 10 % a year a later euro counts less: 1.10 next
# year is 1.00 today. The next cell works it out in euros, with the shares you have just seen.

# %%
shares = fair.transitions()
reward_cents = {**margin_cents.loc[there.index, 2024].groupby(there).mean(), "left": 0}
places = value.MarkovValue(shares, reward_cents, rate=0.1)
spans = {"this year": 0, "two years": 1, "five years": 4, "for ever": None}
worth = pd.DataFrame({name: places.value_cents(periods=later) / 100 for name, later in spans.items()})
worth.round(0).astype("int64")

# %% [markdown]
# Read the column *five years* downwards: the step from one tier to the next is what a rise is worth, and what a fall
# costs. That is the most you should pay to bring about the one or to prevent the other. Take *for ever* with salt: it
# believes that customers go on moving as they did in this one year, until the end of time.
#
# ## 4 · Would it have been right? (deeper)
#
# The chain believes two things: shares stay as they are, and where a customer goes depends on today's tier alone. That
# can be tried. The next cell takes the shares of the year *before*, 2023 to 2024, foretells from them where the
# customers of 2024 will be in 2025, and holds that against what was seen. Beside it: the lazy forecast, nobody moves.

# %%
older = opened.index[opened < "2023-01-01"]
tier_2023 = tiers.predict(margin_cents.loc[margin_cents.index.isin(older), 2023].dropna())
earlier = value.tier_migration(tier_2023, tier_2024[tier_2024.index.isin(older)])
start = there.value_counts().sort_index()
foretold = start @ earlier.transitions().loc[start.index]
table = {"nobody moves": start, "foretold": foretold.round(), "seen": fair.counts.loc[start.index].sum()}
pd.DataFrame(table, index=foretold.index).fillna(0).astype("int64")

# %% [markdown]
# Which forecast is nearer, row by row? The lazy one never sees anybody leave. The other one is made for many customers
# together and a few years; of a single customer it says little. Lesson 09 looks at each one's own purchases.
#
# ## 5 · What does serving them cost? (core)
#
# Margin is not profit yet. Every visit at the counter and every call costs somebody's minutes, and the touch points
# know it. The next cell takes each customer's contacts of 2025 off their margin and draws the **whale curve**.

# %%
profit = value.customer_profit(base.transactions, base.touchpoints, start="2025-01-01")
report.whale_figure(profit["profit_cents"])

# %% [markdown]
# Two figures in one title: *how many* cost money, and *how much* they cost together. Say both to the director. A long
# list with a small sum is no reason to part with anybody; it is a reason to look at what makes the cost. The next
# cell asks why each of them costs money and which contact was the dearest, and shows the most frequent.

# %%
lost = value.unprofitable(profit)
reasons = lost.groupby(["why", "dearest_service"], observed=True)["profit_cents"].agg(["size", "sum"])
reasons.columns = ["customers", "profit in euros"]
reasons["profit in euros"] = reasons["profit in euros"].div(100).round(0).astype("int64")
reasons.nlargest(5, "customers")

# %% [markdown]
# Most are no bad customers. They have a small account and come to the counter, as they were taught to. What could
# they do elsewhere, with less trouble to themselves?
#
# ## 6 · Once is not always (core)
#
# Before letting anybody go by a list of one year: would they be on it the next year as well? The next cell looks up
# last year's list today. Of this year's list it asks how many already use the app or the web, and how many brought
# the bank another customer.

# %%
profit_2024 = value.customer_profit(log, base.touchpoints, start="2024-01-01", end="2025-01-01")
listed = value.unprofitable(profit_2024).index.intersection(profit.index)
again = (profit.loc[listed, "profit_cents"] < 0).mean()
contacts = base.touchpoints[base.touchpoints["ts"] >= "2025-01-01"]
online = contacts.loc[contacts["channel"].isin(["app", "web"]), "record_id"]
print(f"List of 2024: of {len(listed)} still here, {again:.0%} cost money again in 2025.")
print(f"List of 2025: of {len(lost)}, {lost.index.isin(online).mean():.0%} use the app or the web,")
print(f"and {lost.index.isin(base.referrals['referred_by']).sum()} brought the bank another customer.")

# %% [markdown]
# Those who did not come back to the list earn money again, without anybody having aimed at it. Parting by last
# year's list would have lost them too. And a customer who uses the app already needs no lecture: only that the app can
# do what they came for. Whoever brought others is worth more than their own account; lesson 17 counts that.
#
# ## 7 · What may serving a tier cost? (deeper)
#
# A customer whom nobody serves leaves. So serving is a contact that pays as long as it costs less than what it keeps:
# not this year's margin alone, but all places the customer may still move to. The next cell tries six costs a year;
# "too dear" says: more than it will ever bring back.

# %%
pays = {}
for euros in (10, 20, 50, 100, 200, 400):
    served = value.MarkovValue(shares, reward_cents, rate=0.1, contact_cents=euros * 100)
    pays[f"{euros} euros"] = served.best_contacts()["is_contacted"]
pd.DataFrame(pays).drop("left").replace({True: "pays", False: "too dear"})

# %% [markdown]
# Each row has its **cut-off**. Hold the row of the last tier against its margin of this year, in section 3: serving may
# cost more than a customer brings *today*, because some rise. Beyond the cut-off the answer is not "serve them badly";
# it is a way to serve that costs less.
#
# ## 8 · What to do with each tier? (core)
#
# Now you have the criteria. The next cell puts them side by side, a row for each tier: what its customers of 2025
# leave and cost on average, in euros; the share of them who cost money; and, from sections 2 and 3, what a place is
# worth and what share rises or leaves in a year.

# %%
now = profit.join(tier_2025, how="inner").groupby("tier")
criteria = now[["margin_cents", "cost_to_serve_cents"]].mean().div(100).round(1)
criteria.columns = ["margin", "service"]
criteria["cost money"] = now["profit_cents"].agg(lambda cents: (cents < 0).mean())
criteria["five years"] = worth["five years"].round(0).astype("int64")
criteria["rise"] = [shares.loc[tier, :tier].sum() - shares.loc[tier, tier] for tier in criteria.index]
criteria["leave"] = shares["left"]
criteria.round(2)

# %% [markdown]
# No formula turns this table into a decision. These questions do, row by row:
#
# | look at | when it stands out | think of |
# |---|---|---|
# | five years, leave | worth much, and some leave | *keep*: ask before they go, one person who knows them |
# | rise, and the step up in *five years* | many rise, the step is high | *grow*: offer the product they lack, once |
# | service against margin | service eats the margin | *mend*: the reason they come, then the channel, then the price |
# | cost money | many, little each | *leave alone*, but serve so that it costs less |
# | all rows | always | *good service for everybody*; tiers say what comes on top |
#
# Parting comes last: after the process, the channel and the price, openly and with time to find another bank. And a
# table like this knows nothing of what the bank means to *them*: that is lesson 11.
#
# ## On your own data
#
# Export your orders or invoices as in lesson 07: customer, date, amount. The cell reads the small stand-in
# `your_export.csv`; write your file's name in its place, and look at what it says about each column.

# %%
own = tables.from_export(transactions="your_export.csv")
own.import_report

# %% [markdown]
# The next cell cuts your file in the middle of its time and shows who moved. To cut elsewhere write a date, such as
# `middle = "2025-01-01"`; two whole years are best. Who came during the first half only seems to rise (section 2).

# %%
own_log = own.transactions
middle = own_log["ts"].min() + (own_log["ts"].max() - own_log["ts"].min()) / 2
halves = [own_log[own_log["ts"] < middle], own_log[own_log["ts"] >= middle]]
first, second = (half.groupby("record_id")["amount_cents"].sum().clip(lower=0) for half in halves)
own_tiers = segment.ValueTiers().fit(first)
value.tier_migration(own_tiers.predict(first), own_tiers.predict(second)).figure()

# %% [markdown]
# Have you a list of contacts too? Give it as `touchpoints="contacts.csv"` in the same call, and `customer_profit` works
# as in section 5; the cheat-sheet says what to do where it holds no costs.
#
# ## Decide
#
# Write it down here (double-click, then type), and read it to whoever serves these customers.
#
# - Tier 0: we will ___ because (figure) ___. The *customer* gets: ___
# - Tier 1: we will ___ because (figure) ___. The *customer* gets: ___
# - Tiers 2 and 3: we will ___ because (figure) ___. The *customer* gets: ___
# - Who costs us money because of *our* process: ___ We change it by: ___
# - In a year we will see that it worked by: ___
#
# ## What you can now do
#
# - show who moved between two dates, by the same floors, newcomers apart,
# - say what a place in a tier is worth, and what a rise, a fall and a year of service may cost,
# - find who costs money, why and whether again, and decide tier by tier with a figure in hand.
#
# **To keep**: the [cheat-sheet](cheatsheets/10.pdf), one page.
# **To do**: [exercise 10](../exercises/exercise_10.ipynb), on a vendor whose customers are firms.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | tier migration | kretanje među razredima | who was in which tier at two dates |
# | margin | marža | what is left of the revenue after the cost of goods or money |
# | cost to serve | trošak opsluživanja | what a customer's contacts cost |
# | unprofitable customer | neprofitabilan kupac | whose service costs more than their margin |
# | Markov value | Markovljeva vrijednost | worth of a place, with all the places one may move to |
# | discount rate | diskontna stopa | by how much a later year counts less |
# | cut-off | granica isplativosti | where a contact no longer pays |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
