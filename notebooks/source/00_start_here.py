# %% [markdown]
# # 0  Start here
#
# 20 minutes · everybody · builds on nothing
#
# A shop has a list of its customers and a log of what they bought. What can you find out in five minutes, without
# having programmed before?
#
# **You will be able to**
# - run a cell and change it,
# - check an answer and ask for a hint,
# - see your progress and find the lessons for your work.
#
# ## 1 · Run a cell (core)
#
# A grey box is a *cell*. Click into it and press **Shift + Enter**: it runs, and what its last line says appears
# below. Run the two cells that follow. The first opens the lesson, the second shows the shop's data.

# %% tags=["setup"]
from crmlab import lesson, simulate, tables

me = lesson.begin("00")
base = simulate.company("retail", customers=2_000, seed=me.seed, locale="hr", mess="none")
slips = {len(base.transactions): "that counts purchases. The customers have a table of their own."}
hints = ["Which table has one row per customer?", "`len(...)` counts the rows of what stands inside."]
practice = lesson.Question("0.0", expected=len(base.customers), praise="one row each.", slips=slips, hints=hints)
me

# %%
base

# %% [markdown]
# These are tables, as in a spreadsheet, each with its number of rows. Nobody in them is real: the shop and its
# customers are invented, down to telephone numbers that ring nowhere. So you can try anything and harm nobody.
#
# The next cell takes the table of customers, and shows its first rows and four of its columns. Run it, then change
# the `3` into another number and run it again.

# %%
base.customers[["record_id", "first_name", "city", "source"]].head(3)

# %% [markdown]
# ## 2 · Four questions take you far (core)
#
# How many? When? Which most? How full? The next cell asks all four of the shop's purchases and customers.

# %%
print("purchases:       ", len(base.transactions))
print("first purchase:  ", base.transactions["ts"].min().date())
print("most records from", base.customers["source"].value_counts().idxmax())
print("phone known:     ", round(base.customers["phone"].notna().mean(), 2))

# %% [markdown]
# Behind each column stands a process: somebody asked, somebody answered, somebody typed. A share of phones below 1
# tells you about that process, not about the customers.
#
# ## 3 · Check an answer (core)
#
# In the exercises you put your answer where three dots are, and check it. Here is one to try: *how many customers
# are on the shop's list?* Run the next cell as it stands first; then put a number in place of the dots.

# %%
customers = ...
practice.check(customers)

# %% [markdown]
# There are three replies: **not yet**, **look again**, **correct**. A wrong answer is no fault; it shows what to look
# at. Should a red box appear, read its last line only: `name 'q1' is not defined` means that a cell above was not run
# yet, or that a text stands there without quotes. Nothing is broken; mend it and run the cell again.
#
# In the next cell somebody gave the number of purchases instead.

# %%
practice.check(len(base.transactions))

# %% [markdown]
# When you are stuck, ask for a hint: the next cell gives the first, a push. `hint(2)` says nearly everything.

# %%
practice.hint(1)

# %% [markdown]
# Try once more before you read on. This is how the right answer looks:

# %%
practice.check(len(base.customers))

# %% [markdown]
# ## 4 · Make the data your own (core)
#
# Each learner has a number, and all practice data are made from it. With your own number your answers are yours
# alone, and so is the finding. In the next cell, put a number you like in place of the three dots; then run the
# notebook from its top (menu *Run*, *Restart Kernel and Run All Cells*).

# %%
lesson.choose_seed(...)

# %% [markdown]
# Your answers in the exercises are remembered, also when you close the notebook. The next cell shows where you stand.

# %%
lesson.progress()

# %% [markdown]
# ## 5 · Find your track (core)
#
# Nobody needs every lesson. Put the role nearest to yours in the next cell: `"management"`, `"call centre"`,
# `"marketing"`, `"data quality"`, `"analyst"`, `"lecturer"`, or `"more segmentation"`.

# %%
lesson.track("marketing")

# %% [markdown]
# In each lesson, parts marked *core* are for all; parts marked *deeper* can wait. No lesson takes more than 45
# minutes, and you can stop after any section.
#
# ## On your own data
#
# Everything the course does on invented customers works on yours. The next cell opens a small export, as it comes out
# of a shop's till: `your_export.csv` stands beside this notebook. Later, put your own file there and write its name
# into the cell. It stays on your computer.

# %%
tables.from_export(transactions="your_export.csv")

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), before any screen or formula shows you an answer.
#
# - The one question about our customers I want answered by the end of this course: ___
# - What *they* will have from our knowing it: ___
# - What we would do differently on the day we know: ___
#
# If the second line stays empty, look for another question. A process that gives the customer nothing is not worth
# learning.
#
# ## What you can now do
#
# - run a cell and change it,
# - check an answer, ask for a hint, and see your progress,
# - find the lessons for your work.
#
# **To keep**: the [cheat-sheet](cheatsheets/00.pdf), one page.
# **To do**: [exercise 00](../exercises/exercise_00.ipynb), 15 minutes.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | customer base | baza kupaca | everything a firm has written down about its customers |
# | record | zapis | one row; one person may have several |
# | touch point | dodirna točka | any place where customer and firm meet |
# | transaction | transakcija | one purchase, payment or return |
# | consent | privola | what a customer has agreed to |
# | seed (your number) | početni broj | the number the practice data are made from |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
