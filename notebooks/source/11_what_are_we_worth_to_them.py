# %% [markdown]
# # 11  What are we worth to them?
#
# 45 minutes · management, marketing, analyst · builds on 02 and 07
#
# The recommendation score of a telephone company has moved since spring, and a bonus hangs on it. Has anything
# changed for its customers?
#
# **You will be able to**
# - give NPS, CSAT and CES with an interval, and say whether a change is one,
# - read at each touch point how far the service felt lies below the service expected,
# - sort customers by what they are worth to you *and* you to them, and say what to do in each corner.
#
# ## 1 · Three questions to customers (core)
#
# Value goes both ways. Lesson 07 asked what customers bring; this one asks what they get. Run the two cells below
# with **Shift + Enter**. The first makes the company from your own number, the second works out three scores. The
# survey comes in waves, and some answered more than once: only the last sheet of each customer counts.

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, report, simulate, tables, value

me = lesson.begin("11")
base = simulate.company("telco", customers=2_000, seed=me.seed, locale="hr", mess="none")
me

# %%
last = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")
for score in (value.nps(last["nps"]), value.csat(last["csat"]), value.ces(last["ces"])):
    print(score)

# %% [markdown]
# - **NPS** (Net Promoter Score): *would you recommend us?*, 0 to 10. The share of promoters (9, 10) less the share of
#   detractors (0 to 6), from −100 to 100. Who answers 7 or 8 counts neither way.
# - **CSAT** (customer satisfaction): *how satisfied are you?*, 1 to 5. The share of those who say 4 or 5.
# - **CES** (Customer Effort Score): *the company made it easy for me*, 1 to 7. The mean.
#
# Not everybody answered. Had chance picked others, each score would be a little different. The **interval** in
# brackets says how much chance alone can do: of 100 intervals made this way, about 95 hold the score of all customers
# like these. The **standard error** is the step it is made of: about two of them to either side.
#
# ## 2 · Has it changed? (core)
#
# The board sees two numbers, May and November, and one is larger. The next cell works out the NPS of each wave and
# draws it with its interval.

# %%
waves = {f"{sheets['ts'].min():%B %Y}": value.nps(sheets["nps"]) for _, sheets in base.survey.groupby("wave")}
report.scores_figure(waves)

# %% [markdown]
# Two dots hardly ever lie at the same height, so two bare figures always tell a story: somebody did well, or failed.
# What counts is the **interval of the change**, in the title. Both figures waver, so their difference wavers more:
# the standard errors add up as squares do. The next cell works it out by hand.

# %%
may, november = waves["May 2025"], waves["November 2025"]
change = november.value - may.value
error = (may.standard_error**2 + november.standard_error**2) ** 0.5
print(f"The change is {change:+.1f} points, its standard error {error:.1f}.")
print(f"Anything from {change - 1.96 * error:+.1f} to {change + 1.96 * error:+.1f} points fits these answers.")

# %% [markdown]
# Where 0 lies between the two, nothing need have changed. Do not judge by whether the two *bars* overlap: they may,
# and the change still be real. (A few answered both times; leaving that out mostly errs on the careful side.)
#
# How far does an NPS wander when really nothing happens? The next cell makes 200 new surveys out of the sheets of
# November, each by drawing as many sheets by lot. Same customers, same service.

# %%
sheets = base.survey[base.survey["wave"] == 3].set_index("record_id")
again = [value.nps(sheets["nps"].sample(frac=1, replace=True, random_state=lot)).value for lot in range(200)]
print(f"200 surveys of {len(sheets)} sheets, and nothing changed: NPS from {min(again):.0f} to {max(again):.0f}.")

# %% [markdown]
# A bonus on such a step pays for luck, and next year takes it back. Four times the answers make the interval half as
# wide: that is the price of seeing smaller changes.
#
# ## 3 · Who kept silent? (core)
#
# An interval knows chance. It does not know *who* answered, and that was no lot. The next cell takes the customers
# whose contract runs and counts, for those who answered in November and those who did not, how many they are and how
# many contacts each began.

# %%
runs = base.contracts.loc[base.contracts["end"].isna(), "record_id"].unique()
people = base.customers.set_index("record_id").loc[runs]
begun = base.touchpoints.loc[base.touchpoints["direction"] == "in", "record_id"].value_counts()
people["begun"] = begun.reindex(runs, fill_value=0)
people["group"] = people["consent_email"].map({True: "silent", False: "never asked"})
people.loc[people.index.isin(sheets.index), "group"] = "answered"
groups = people.groupby("group").agg(customers=("group", "size"), contacts_begun=("begun", "mean"))
groups.assign(share=groups["customers"] / len(people)).round(2)

# %% [markdown]
# The survey goes by e-mail: whoever has not agreed to e-mails is *never asked*. The *silent* could be asked; the base
# does not keep who was, only who answered. Do this with every survey: how many were heard at all, and do they look
# like the rest in what you know of everybody, such as the contacts they begin? Even where they do, it is no proof: what
# makes people answer is how they feel about you, and that stands in no table.
#
# ## 4 · Where no firm can look (deeper)
#
# This company is invented, so its truth is known: how near to it each customer feels, month by month. The next cell
# compares all customers in November with those who answered.

# %%
states, links = base.truth["states"], base.truth["links"].set_index("record_id")["person_id"]
state = states[states["month"] == "2025-11-01"].set_index("person_id")["state"]
of_sheets = state.loc[links[sheets.index]].set_axis(sheets.index)
shares = {"all": state.value_counts(normalize=True), "answered": of_sheets.value_counts(normalize=True)}
shares = pd.DataFrame(shares).loc[["close", "occasional", "distant", "gone"]]
shares.round(2)

# %% [markdown]
# The survey has a `weight` for each sheet. It makes good that some were *asked* more often than others; nothing in
# the base makes good who *answered*. The next cell gives the NPS as it was answered, with that weight, and with one
# that only the truth can give: as if near and distant had answered alike.

# %%
to_all = of_sheets.map(shares["all"] / shares["answered"]).astype("float64")
weights = {"as answered": None, "by who was asked": sheets["weight"], "by the truth": to_all}
for way, weight in weights.items():
    print(f"{way:17}", value.nps(sheets["nps"], weight=weight))

# %% [markdown]
# Hold the last line against the first: that is what silence did, and neither the interval nor the weight showed it.
# A score that only the content answer is a score of the content. What helps: ask at the moment, not by quarter; keep
# it to one question; say what came of it last time; and watch what customers *do* (lesson 08).
#
# ## 5 · Gaps are read at touch points (core)
#
# A score says *that* something is amiss, never *where*. Experience is **perception held against expectation**, and it
# happens at touch points: in the branch, on the phone, in the app. Some contacts were rated, from 1 to 9: the service
# wished for, the least still put up with, and the service felt. The next cell holds what was felt against both.

# %%
expected = base.moments[["expected_desired", "expected_adequate"]]
zone = value.servqual(base.moments["perceived"], expected, scale=(1, 9))
zone[["expected_points", "perceived_points", "gap_points", "low_points", "high_points"]].round(2)

# %% [markdown]
# A **gap** is perception less expectation: below 0 they got less. Between what is wished for and what is put up with
# lies the **zone of tolerance**; in the mean this company stays inside it. It can close a gap from two sides, because
# expectations are made too: by its own processes, its advertising and its competitors. Serve better, or promise less.
#
# Where is it widest? The next cell gives every channel a column of its own, and draws the gap to the service wished
# for.

# %%
rated = base.moments.merge(base.touchpoints[["touchpoint_id", "channel"]].astype({"channel": "str"}))
felt = rated.pivot_table(index="touchpoint_id", columns="channel", values="perceived")
wished = rated.pivot_table(index="touchpoint_id", columns="channel", values="expected_desired")
gaps = value.servqual(felt, wished, scale=(1, 9), importance=rated["channel"].value_counts())
report.gaps_figure(gaps)

# %% [markdown]
# Read the bars before the dots: where few contacts were rated, the bar is wide. And the widest of several gaps is
# always partly luck: the order may be another next year. Before you say that two differ, ask for the interval of their
# difference, as in section 2.
#
# All channels counted alike here, though some are met far more often than others. SERVQUAL, the method behind this,
# lets customers share out 100 points for what matters to them. Nobody asked them here; in place of it, the next cell
# weighs each channel by how often it is met, and puts first where most is lost.

# %%
print(f"all alike: {gaps['gap_points'].mean():.2f} points, weighted: {gaps['weighted_gap_points'].sum():.2f} points")
gaps[["gap_points", "importance", "weighted_gap_points"]].sort_values("weighted_gap_points").round(2)

# %% [markdown]
# *Where is it worst?* and *where is most lost?* are two questions with two answers. Lesson 12 adds the third: which of
# these contacts decides whether somebody stays.
#
# ## 6 · Value both ways (core)
#
# Now the two directions in one picture. The next cell takes what each customer left as profit in 2025, and what each
# answered last. High is an answer of 9 or 10, and a profit in the upper half.

# %%
profit = value.customer_profit(base.transactions, base.touchpoints, start="2025-01-01")
matrix = value.value_matrix(profit["profit_cents"], last["nps"], value_to_edge=9)
matrix.figure()

# %% [markdown]
# Each corner has its own task. *Partners* are thanked, not discounted. *At risk* is no forecast: they bring much, get
# little, and have not left; ask what failed before you offer anything. *Untapped* like it here: more of what they
# like. *Strangers* get good service too: that is the minimum for everybody, not a reward. And whoever did not answer
# stands in no corner at all. The edges are yours: 7 and 8 count as low here; try `value_to_edge=7` and run it again.
#
# To count corners is one thing. To single somebody out by their answer and their profit is *profiling*, and a call
# needs leave as well. Before anybody acts, the next cell counts in each corner who agreed to what.

# %%
agreed = base.customers.set_index("record_id").loc[matrix.corner.index, ["consent_profiling", "consent_phone"]]
agreed["both"] = agreed["consent_profiling"] & agreed["consent_phone"]
agreed.groupby(matrix.corner, observed=False).sum().assign(customers=matrix.table["customers"])

# %% [markdown]
# The last two columns differ a good deal, and that is no obstacle. To mend a touch point needs nobody's name: it helps
# those who agreed, those who did not, and those who never answered.
#
# ## On your own data
#
# You need two files: what customers bought, and what they answered, one row each with the customer's number. Put them
# beside this notebook in place of the two small stand-ins. The next cell keeps each customer's last answer, gives the
# NPS and draws the matrix; `Kupac` and `Preporuka` are the columns *customer* and *recommendation* of the stand-in.

# %%
own = tables.from_export(transactions="your_export.csv")
answers = pd.read_csv("your_answers.csv", sep=";", dtype={"Kupac": "str"})
answers = answers.drop_duplicates("Kupac", keep="last").set_index("Kupac")["Preporuka"]
print(value.nps(answers))
own_cents = own.transactions.groupby("record_id")["amount_cents"].sum()
value.value_matrix(own_cents, answers, value_to_edge=9).figure()

# %% [markdown]
# With so few answers, look at the interval first: it says nearly nothing yet, and says so.
#
# ## Decide
#
# Write it down here (double-click, then type), and read it to the person who reports your scores.
#
# - The score we report from now on, always with its interval: ___ The change that would make us act: ___
# - The touch point we mend first: ___ by serving better, or by promising less? ___
# - What the *customer* gets from it: ___
# - Whom we do not hear, and how we will: ___
#
# ## What you can now do
#
# - give NPS, CSAT and CES with their intervals, and tell a change from chance,
# - say who kept silent, and what no interval and no weight can mend,
# - read gaps at touch points, weighted and not, and act on each corner of value both ways.
#
# **To keep**: the [cheat-sheet](cheatsheets/11.pdf), one page.
# **To do**: [exercise 11](../exercises/exercise_11.ipynb), on a bank.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | recommendation score (NPS) | pokazatelj spremnosti na preporuku | share of promoters less share of detractors |
# | satisfaction score (CSAT) | pokazatelj zadovoljstva | share of those who say 4 or 5 of 5 |
# | effort score (CES) | pokazatelj napora kupca | how easy the firm made it, mean of 1 to 7 |
# | standard error, interval | standardna pogreška, interval pouzdanosti | how far chance alone moves a figure |
# | non-response | neodaziv | silence of those asked; no interval knows of it |
# | expectation, perception | očekivanje, percepcija | service expected, service as it was felt |
# | gap | jaz | perception less expectation, in points |
# | zone of tolerance | zona tolerancije | from the service put up with to the service wished for |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
