# %% [markdown]
# # 2  Meet the base
#
# 40 minutes · management, marketing, data quality, analyst · builds on 00
#
# A telephone company has a new head of customer care. On her first day she gets the keys to the customer base. What
# is in it, who put it there, and who answers for it?
#
# **You will be able to**
# - read the tables of a customer base and say what one row of each is,
# - list the touch points and who owns them,
# - ask of any column which customer process it came from.
#
# ## 1 · One row is one what? (core)
#
# Run the two cells below with **Shift + Enter**. The first makes the company's base from your own number, the second
# lists its tables.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, report, simulate, tables

me = lesson.begin("02")
base = simulate.company("telco", customers=2_000, seed=me.seed, locale="hr")
me

# %%
base

# %% [markdown]
# Before any figure, one question to each table: *one row is one what?* Most wrong reports begin with a row taken for
# something it is not. The next cell asks, table by table.

# %%
pd.Series({name: tables.describe(name).row for name in base}, name="one row is").to_frame()

# %% [markdown]
# Look at the first line again: a row of `customers` is a *record*, not a person. Somebody who signed in a shop and
# again by phone has two, and the base does not know it. Lesson 05 finds them.
#
# The thread through all tables is `record_id`. The next cell follows one customer along it, contact by contact.

# %%
one = base.touchpoints["record_id"].value_counts().idxmax()
story = base.touchpoints[base.touchpoints["record_id"] == one]
story[["ts", "channel", "type", "direction"]].head(8)

# %% [markdown]
# Read it aloud as a story: *on this day the customer looked something up, then the firm wrote …* Each line is a
# moment in which the company was good or bad for a person. This one had more contacts than anybody: ask why.
#
# ## 2 · Touch points, and who owns them (core)
#
# A **touch point** is any place where customer and firm meet: a shop, a call, an invoice, an app. The next cell makes
# the list: channels down, kinds of contact across.

# %%
pd.crosstab(base.touchpoints["channel"], base.touchpoints["type"])

# %% [markdown]
# Every one of these meetings is somebody's work. But whose? The next cell writes down who answers for which channel,
# as the company's own telephone list has it, and draws what that leaves.

# %%
owners = {"branch": "sales", "field": "sales", "call_centre": "customer care", "email": "marketing", "sms": "marketing"}
report.touchpoints_figure(base.touchpoints, owners)

# %% [markdown]
# Somebody *programmed* the app and the web pages, of course. Owning is something else: to be asked when a customer is
# lost there, and to be allowed to change it. Write your own names into the cell and run it again.
#
# The second thing to know of a contact is who began it. The next cell counts, for each kind of contact, how many came
# *in* from customers and how many went *out* from the firm.

# %%
pd.crosstab(base.touchpoints["type"], base.touchpoints["direction"])

# %% [markdown]
# A base full of *out* knows what the firm wanted to say. What customers wanted stands in the column *in*; that is
# where to listen first.
#
# ## 3 · Which process did this column come from? (core)
#
# Data do not grow in a database. Each column is the trace of a moment with a customer: papers signed, a card shown, a
# question asked or skipped. The next cell says which process fills in which column, and draws how well it does.

# %%
came_from = {
    "sign-up papers": ["first_name", "birth_date", "oib"],
    "how to reach me": ["email", "phone"],
    "direct debit": ["iban"],
    "the system": ["source", "clerk_id", "updated_at"],
    "a note by hand": ["segment_note"],
}
report.filled_figure(base.customers, came_from)

# %% [markdown]
# Now the gaps speak. A contract asks for papers, so those columns are nearly full. An account number is there for
# those who pay by direct debit: not a gap but an answer. No clerk where the customer signed up alone, on the web. And
# the note by hand was a good idea once, for which nobody ever got a minute.
#
# Does a column depend on where the record was opened? The next cell splits the filled share by channel.

# %%
columns = ["email", "birth_date", "iban", "clerk_id"]
base.customers[columns].notna().groupby(base.customers["source"], observed=True).mean().round(2)

# %% [markdown]
# Where the gap is wide, look at the process: nobody serves on the web, so there is no clerk; a web form does not go on
# without an e-mail address, while somebody at a counter may skip it. Small differences in small groups are chance;
# lesson 03 says when a difference is one.
#
# ## 4 · The clock gives a process away (deeper)
#
# When something happens tells how it happens. The next cell takes the hour of the day (UTC) of payments and of the
# contacts that customers began, and says from when to when they run.

# %%
came_in = base.touchpoints[base.touchpoints["direction"] == "in"]
hours = {"payments": base.transactions["ts"].dt.hour, "contacts begun by customers": came_in["ts"].dt.hour}
pd.DataFrame(hours).agg(["min", "median", "max"]).T.astype("int64")

# %% [markdown]
# Customers call and click by day. Payments are booked when all is closed: a job of the system does it, at night. So
# `ts` of a payment is *when it was booked*, not when somebody paid. Whoever concludes "our customers shop at night"
# has met the computer, not the customer.
#
# ## 5 · What is not in the base (deeper)
#
# A base holds what the firm's own processes wrote down. The next cell counts the records that never began a contact
# in 2025, though their contract ran all year.

# %%
contracts = base.contracts
runs = contracts[(contracts["start"] < "2025-01-01") & contracts["end"].isna()]["record_id"].drop_duplicates()
heard = came_in.loc[came_in["ts"] >= "2025-01-01", "record_id"]
silent = ~runs.isin(heard)
print(f"{silent.sum()} of {len(runs)} customers of a whole year were never heard of in it ({silent.mean():.0%}).")

# %% [markdown]
# Are they content, or have they given up? The base cannot say: their talk with neighbours, the competitor's offer and
# the call they did not make are written nowhere.
#
# Nor is all that is known free to use. The next cell shows what share of records has agreed to what.

# %%
agreed = base.customers[["consent_email", "consent_phone", "consent_profiling"]].mean()
agreed.rename("share agreed").to_frame().round(2)

# %% [markdown]
# A consent is a column too, and it came from a process: a question asked well or badly. A customer who says no has
# given you information; respect it, and ask yourself what your question offered.
#
# ## On your own data
#
# Export a table you work with every week and put it beside this notebook; `your_export.csv` is a small stand-in. The
# next cell reads it, and says what it took each column for.

# %%
own = tables.from_export(transactions="your_export.csv")
own.import_report

# %% [markdown]
# Now name the process behind each column, as in section 3: who fills it in, at which moment, and what for? The next
# cell draws what you wrote.

# %%
own_processes = {"the till": ["ts", "amount_cents"], "the loyalty card": ["record_id"]}
report.filled_figure(own.transactions, own_processes)

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and show it to the person it names.
#
# - The touch point that needs an owner first: ___ Its owner from now on: ___
# - What the *customer* will notice: ___
# - The column we will fill better, or stop asking for: ___ The process it comes from: ___
# - The figure it stands on: ___
#
# ## What you can now do
#
# - read the tables of a customer base, and say what one row of each is,
# - list the touch points, who began them and who owns them,
# - ask of any column which customer process it came from, and what a gap in it means.
#
# **To keep**: the [cheat-sheet](cheatsheets/02.pdf), one page.
# **To do**: [exercise 02](../exercises/exercise_02.ipynb), on a shop without contracts.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | customer base | baza kupaca | everything a firm has written down about its customers |
# | record | zapis | one row; one person may have several |
# | touch point | dodirna točka | any place where customer and firm meet |
# | channel | kanal | the way a contact takes: branch, call, web, app … |
# | owner | vlasnik | who answers for a touch point and may change it |
# | customer process | proces prema kupcu | what the firm does with and for a customer, step by step |
# | consent | privola | what a customer has agreed to |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
