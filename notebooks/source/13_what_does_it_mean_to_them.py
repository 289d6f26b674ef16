# %% [markdown]
# # 13  What does it mean to them? Benefit segments I
#
# 45 minutes · marketing, analyst · builds on 07
#
# A telephone company wants to stop writing the same letter to everybody. An agency offers "the four types of your
# customers", with names and pictures. Do these four types exist, or did somebody draw them?
#
# **You will be able to**
# - go from a survey to segments of people who want the same things,
# - say how many segments there are, and whether another sample would give them again,
# - recognise a good-looking solution that is a poor one, and segments that are not there.
#
# ## 1 · What do they want? (core)
#
# Tiers (lesson 07) say what a customer brings. **Benefit segments** say what the offering means to them. For that you
# have to ask. Run the two cells below with **Shift + Enter**: the first makes the company, the second takes each
# customer's last answer sheet: how much twelve things matter, from 1 (not at all) to 7 (very much).

# %% tags=["setup"]
import pandas as pd

from crmlab import lesson, segment, simulate, tables

me = lesson.begin("13")
about = {"customers": 2_000, "seed": me.seed, "locale": "hr", "mess": "none"}
base = simulate.company("telco", **about, survey__overlap=0.15)
me

# %%
items = ["price", "offers", "no hidden cost", "quality", "reliability", "choice", "speed", "coverage"]
items += ["ease", "friendliness", "advice", "being known"]
sheets = base.survey.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")
ratings = sheets.filter(like="benefit").set_axis(items, axis=1)
print(f"{len(ratings)} customers answered.")
ratings.agg(["mean", "std"]).T.round(1)

# %% [markdown]
# On average everything matters a bit, and that helps nobody: few people are the average. (Some customers were asked
# more often than others; `weights=sheets["weight"]` in the calls below would make that good. Who was asked and did not
# answer, no weight brings back.)
#
# People also have habits of answering: some put high crosses everywhere, others low ones, whatever is asked. Left in,
# the habit makes segments of friendly and stern people. `ipsatise` takes each person's own level out: what is left
# says what they want *more than other things*. The next cell shows the one who rates highest and the one who rates
# lowest, before and after.

# %%
level = ratings.mean(axis=1)
sought = segment.ipsatise(ratings, scale=(1, 7))
two = {level.idxmax(): "rates high", level.idxmin(): "rates low"}
shown = {"as answered": ratings.loc[[*two]].T, "against own level": sought.loc[[*two]].T.round(1)}
pd.concat(shown, axis=1).rename(columns=two)

# %% [markdown]
# It is a step to be said aloud, for something is lost: whether somebody wants everything more than others do.
#
# ## 2 · One click, and a good-looking solution (core)
#
# **k-means** is the usual tool. It picks k people at random, sends everybody to the nearest of them, moves each centre
# to the middle of its people, and so on until nobody moves. How good a split is, is a share: how much of the
# differences between people lies *between* the segments. Everything hangs on who was picked first. Let a hundred
# colleagues click once each, for k = 4: the next cell counts how many ended with which share.

# %%
clicks = [segment.solutions(sought, k=4, starts=1, seed=number) for number in range(100)]
explained = pd.Series([click.table.loc[4, "explained"] for click in clicks], name="share explained")
explained.round(2).value_counts().sort_index().rename("colleagues").to_frame()

# %% [markdown]
# Same people, same answers, same tool. The small shares at the top are **local optima**: everybody is with the nearest
# centre, nothing moves any more, and yet the split is a poor one. Would you notice? The next cell draws the poorest of
# them. Try to give its four segments names.

# %%
unlucky = clicks[explained.idxmin()].labels(4)
segment.profile(sought, unlucky).snake()

# %% [markdown]
# It looks as good as any: lines apart, names easily found. A picture never shows that a better split exists; only
# trying often does. The next cell starts a hundred times for each k, keeps the best, and says **how many starts
# reached exactly that one**. (Ten further starts begin with people who are far apart, so that a few odd ones are met
# too; they are not counted.)

# %%
found = segment.solutions(sought, k=range(2, 7), starts=100, seed=me.seed)
found.figure()

# %% [markdown]
# Read the numbers above the bars. A small one is a warning: ten starts might have missed it. (Starts that came nearly
# there place a few people at the borders otherwise; the poor ones lose a segment.) The next cell lays the unlucky
# click beside the best of a hundred: how many customers does each pair of segments share?

# %%
best = found.labels(4)
pd.crosstab(unlucky.rename("unlucky click"), best.rename("best of 100"))

# %% [markdown]
# A row with two large numbers: two kinds of people were thrown together. A column with two: one kind was cut in half.
# The numbers of segments mean nothing but size: 0 is the largest.
#
# ## 3 · How many, and do they hold? (core)
#
# More segments always explain more, so that bar chart cannot tell how many there are. Two better questions:
#
# 1. **Would another sample give the same segments?** Draw from your people again and again, segment each sample, and
#    see how far two samples agree: the **adjusted Rand index** is 1 when they agree on everybody, 0 by chance.
# 2. **Is there anything to find?** People made up from the same answers, but *without* segments (one cloud), can be
#    split as well. Yours should split better. And there should be a **gap**: fewer people between two segments than
#    in them. A border through a crowd is drawn, however well it splits.
#
# The next cell asks all of it, with 50 pairs of samples, and draws the first.

# %%
held = segment.stability(sought, k=range(2, 7), pairs=50, seed=me.seed)
held.figure()

# %% [markdown]
# Look at the boxes, not only at the title: a long box means that sometimes samples agree and sometimes they do not.
# The next cell prints the verdict, and beside each k what is explained, what one cloud would have explained, and the
# gain: the part that is not mere cutting. `gap` is of the two segments least apart: 1 means that nobody stands between
# them, 0 that they run into each other.

# %%
print(held.verdict)
table = held.table.assign(gain=held.table["explained"] - held.table["one_cloud"])
table[["adjusted_rand_low", "adjusted_rand", "explained", "one_cloud", "gain", "gap", "verdict"]].round(2)

# %% [markdown]
# The verdict knows three words. **Real structure**: samples agree, people without segments would split less well, and
# there is a gap (0.2 or more). **Stable but constructed**: samples agree, but one cloud would split as well, or a
# border runs through a crowd; you may use such segments, as one cuts sizes S, M, L, but do not say you *found* them.
# **None**: not even that.
#
# Several k may hold: a coarse map and a fine map of the same country are both true. Of these the verdict names the one
# with the largest gain. See that its lower quartile (`adjusted_rand_low`) is high too; then ask whether you can
# serve so many.
#
# ## 4 · A base without segments (core)
#
# What would k-means say where there is nothing? We can make such a company: the next cell asks customers who all want
# the same, but for taste and chance, and draws the best four segments of a hundred starts.

# %%
same = simulate.company("telco", **about, survey__overlap=1.0).survey
same = same.sort_values("ts").drop_duplicates("record_id", keep="last").set_index("record_id")
same = same.filter(like="benefit").set_axis(items, axis=1)
none = segment.ipsatise(same)
segment.profile(none, segment.solutions(none, k=4, starts=100, seed=me.seed).labels(4)).snake()

# %% [markdown]
# Four segments, nicely apart, ready for names and pictures; k-means never says "there is nothing". The next cell asks
# for the verdict, on the answers as they are and without the habit of answering high or low, and draws how alike
# people are to their segment (a **gorge plot**).

# %%
raw = segment.stability(same, k=range(2, 5), pairs=20, seed=me.seed)
own_level = segment.stability(none, k=range(2, 5), pairs=20, seed=me.seed)
print(f"as answered: {raw.verdict}\n\nagainst own level: {own_level.verdict}")
own_level.gorge_figure(4)

# %% [markdown]
# So that is what was stable "as answered": two segments of people who cross high and people who cross low. And where
# segments are real there is a gorge between those who belong (right) and those who do not (left). Here there
# is none: the title says to how many a second segment is more than half as like as the first. To compare, write
# `held.gorge_figure(4)` into the cell.
#
# ## 5 · What the segments want (core)
#
# Back to the real base and the best four. The next cell shows the largest segment beside everybody; strong colours
# **mark** it: orange where it wants more, dark blue where it wants less. Change the 0 to 1, 2, 3 to meet the others,
# then give each a name: what they *want*, not who they are.

# %%
segment.profile(sought, best).figure(0)

# %% [markdown]
# A bar to the right of 0: wanted more than that customer's other things. What would you write to these people, and
# what would you spare them? Lesson 14 goes on from here, and asks whether age and sex would have told.
#
# ## 6 · How near to the truth? (deeper)
#
# This company was made, so for once the truth is known: which benefit each customer really seeks. Even the best
# possible reader of these answers errs now and then. The next cell says how far the unlucky click, the raw ratings
# and our four segments come, and what share that is of what the best possible reader reaches.

# %%
person = base.truth["links"].set_index("record_id")["person_id"].loc[ratings.index]
truth = base.truth["benefits"].set_index("person_id").loc[person].set_axis(ratings.index)
raw_four = segment.solutions(ratings, k=4, starts=100, seed=me.seed).labels(4)
ways = {"unlucky click": unlucky, "ratings as answered": raw_four, "own level, best of 100": best}
chances = truth.filter(like="p_class_")
near = {way: segment.recovered(labels, truth["benefit_class"], chances) for way, labels in ways.items()}
pd.DataFrame(near).T[["adjusted_rand", "best_possible", "share_of_best"]].round(2)

# %% [markdown]
# One click and an honest step left out: each can cost you a good part of what was there to be found. Nobody shows you
# this table in real life. The share of starts, the samples and the cloud stand in for it.
#
# ## On your own data
#
# A survey of yours will do: one row per customer, one column per question, all on one scale. `your_survey.csv` is a
# small stand-in. The next cell reads it and gives the verdict; with more than a few hundred people, write `pairs=100`.

# %%
own = tables.from_export(customers="your_survey.csv")
answers = own.customers.set_index("record_id")
own_sought = segment.ipsatise(answers, scale=(1, 7))
print(segment.solutions(own_sought, k=range(2, 6), starts=100, seed=1))
print("\n" + segment.stability(own_sought, k=range(2, 6), pairs=20, seed=1).verdict)

# %% [markdown]
# ## Decide
#
# Write it down here (double-click, then type), and show it to whoever sells you segments.
#
# - We will work with ___ segments, because (agreement, gain, gap): ___ · or with none, because: ___
# - The verdict's word for them: ___ · so we say "found" or "drawn": ___
# - What the *customers* of one segment will get that they want, and no longer get that they do not: ___
# - Who did not answer, and what we do for them: ___
#
# ## What you can now do
#
# - go from a survey to benefit segments, with the habit of answering taken out and said aloud,
# - say how many segments hold, and in which of three senses they are there,
# - see through a single click, and through segments where there are none.
#
# **To keep**: the [cheat-sheet](cheatsheets/13.pdf), one page.
# **To do**: [exercise 13](../exercises/exercise_13.ipynb), on a bank of your own number.
#
# | term | hrvatski | meaning |
# |---|---|---|
# | benefit segment | segment prema koristi | people who want the same things from an offering |
# | response style | stil odgovaranja | the habit of answering high or low whatever is asked |
# | k-means | metoda k-sredina | splits people round k centres so that each is near its own |
# | random start | slučajni početak | the people picked first; other starts may end elsewhere |
# | local optimum | lokalni optimum | a split that no small move improves, though a better one exists |
# | stability | stabilnost | whether other samples give the same segments |
# | adjusted Rand index | prilagođeni Randov indeks | how far two groupings agree: 1 wholly, 0 as by chance |
#
# The last cell notes that you are through, and says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
