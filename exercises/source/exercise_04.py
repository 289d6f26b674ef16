# %% [markdown]
# # Exercise 04 · Is this the same person?
#
# 40 minutes · a bank of your own number
#
# The calls are those of the lesson, the base is not: a bank whose clerks have opened accounts for years. You need no
# programming: change a word or a number in the cell that is there, run it, and read off what it says. Put your answer
# where the three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a line with a hint
# and run the cell again. The way is there too; try once before you look.
#
# Run the first cell to open the bank.

# %% tags=["setup"]
from rapidfuzz.distance import OSA

from crmlab import lesson, quality, simulate

me = lesson.begin("04")
base = simulate.company("bank", customers=2_000, seed=me.seed, locale="hr")
q1, q2, q3, q4, q5, q6, q7, q8 = me.questions(base)
me

# %% tags=["question"]
people = base.customers
normal = quality.normalise(people, locale="hr").table
person = people["record_id"].map(base.truth["links"].set_index("record_id")["person_id"])
first_key, last_key = quality.first_name_key(normal["first_name"]), quality.name_key(normal["last_name"])
known = normal.assign(first=first_key, last=last_key, person=person)

# %% [markdown]
# **4.1** From memory: which of these will *not* fold to the same text as *Kovačić*: 1 `KOVAČIĆ`, 2 `Kovacic`,
# 3 `Kovaèiæ`, 4 `Kovacec`? The next cell takes its number.

# %% tags=["question"]
q1 = lesson.Question(
    "4.1",
    expected=4,
    praise="another ending is another name, or a slip: no form. For slips, count the distance.",
    slips={
        1: "that is the Caps Lock key. A fold writes everything small.",
        2: "those are the same letters without their marks. A fold takes the marks off.",
        3: "a machine read the letters in the wrong code page. A fold puts them back.",
    },
    hints=[
        "A fold undoes capitals, marks and what machines spoil. It does not undo what somebody meant or mistyped.",
        'Ask it: `quality.fold(["Kovačić", "KOVAČIĆ"])`, and so on for the others.',
    ],
    reveal='Ask the fold:\n    quality.fold(["Kovačić", "KOVAČIĆ", "Kovacic", "Kovaèiæ", "Kovacec"])',
)

# %% tags=["answer"]
# A number.
another_name = 4

# %%
q1.check(another_name)

# %% [markdown]
# **4.2** How many different last names does the base have, once capitals, marks and machines are undone, but *d* is
# still told from *dj*? The next cell brings all last names to one form, of which two were in the lesson; `unique` says
# how many different ones there are. Choose the right form, and write the number into the cell after it.

# %%
quality.name_key(base.customers["last_name"]).describe()

# %% tags=["question"]
last = people["last_name"].astype("str")
folded = int(quality.fold(last).nunique())
q2 = lesson.Question(
    "4.2",
    expected=folded,
    praise=f"{folded:,}, where {last.nunique():,} were typed. The rest was the keyboard, not the family.",
    slips=[
        (int(last.nunique()), "those are the names as typed. Bring them to one form first."),
        (int(last.str.lower().nunique()), "that undoes capitals only. Marks and machines are still there."),
        (int(quality.name_key(last).nunique()), "that is the key, which no longer tells d from dj. Asked is the fold."),
    ],
    hints=[
        "Two calls were in the lesson, one a step coarser than the other. Which of them keeps d and dj apart?",
        "Write `quality.fold` in place of `quality.name_key`, run the cell, and read the line `unique`.",
    ],
    reveal='Fold, and read the line unique:\n    quality.fold(base.customers["last_name"]).describe()',
)

# %% tags=["answer"]
# A number.
last_names = quality.fold(base.customers["last_name"]).nunique()

# %%
q2.check(last_names)

# %% [markdown]
# **4.3** How many slips are there between *Horvatić* and *HROVATIC*, when capitals and marks do not count? The next
# cell counts them for two other names: change the names, and write down what it says.

# %%
OSA.distance(*quality.fold(["Petrović", "Petrinec"]))

# %% tags=["question"]
q3 = lesson.Question(
    "4.3",
    expected=1,
    praise="one: two letters traded places. Fold first, then count.",
    slips={
        2: "traded letters are one slip, not two: the fingers came in the wrong order.",
        OSA.distance("Horvatić", "HROVATIC"): "that counts capitals and marks as slips. Fold both before you count.",
        0: "they are not equal after folding. Compare them letter by letter.",
    },
    hints=[
        "First bring both to one form, then count.",
        "`quality.fold([...])` brings both to one form, `OSA.distance(...)` counts: put the two names in the brackets.",
    ],
    reveal='Fold both, and count:\n    OSA.distance(*quality.fold(["Horvatić", "HROVATIC"]))',
)

# %% tags=["answer"]
# A number.
slips = OSA.distance(*quality.fold(["Horvatić", "HROVATIC"]))

# %%
q3.check(slips)

# %% [markdown]
# **4.4** How many *pairs of records* share a phone number, once all are written in one form? The next cell counts them
# as typed: put `normal` in place of `base.customers`, and write down what it says.

# %%
normal = quality.normalise(base.customers, locale="hr").table
len(quality.pairs(base.customers, same="phone"))

# %% tags=["question"]
by_phone, as_typed = quality.pairs(known, same="phone"), quality.pairs(people, same="phone")
often = normal["phone"].value_counts()
q4 = lesson.Question(
    "4.4",
    expected=len(by_phone),
    praise=f"{len(by_phone):,} pairs; as typed, only {len(as_typed):,} would have shown. Same person, "
    "or one family? The number alone cannot say.",
    slips=[
        (len(as_typed), "that compares the numbers as typed. Take the table in normal forms."),
        (int(often[often > 1].sum()), "those are the *records* with such a number. Asked are pairs of records."),
        (int((often > 1).sum()), "those are the *numbers* on more than one record. Asked are pairs of records."),
    ],
    hints=[
        "`quality.pairs(table, same=...)` puts every two records side by side that share a value; `len` counts them.",
        "Write `normal`, the table in normal forms, in place of `base.customers` in the last line.",
    ],
    reveal='Pairs of the table in normal forms, counted:\n    len(quality.pairs(normal, same="phone"))',
)

# %% tags=["answer"]
# A number.
sharing = len(quality.pairs(normal, same="phone"))

# %%
q4.check(sharing)

# %% [markdown]
# **4.5** How many records have the first name *Ivan* or one of its short names? The next cell counts another family of
# names: change the name, and write down what it says.

# %%
(quality.first_name_key(base.customers["first_name"]) == "ana").sum()

# %% tags=["question"]
first = people["first_name"].astype("str")
ivan = int((quality.first_name_key(first) == "ivan").sum())
q5 = lesson.Question(
    "4.5",
    expected=ivan,
    praise=f"{ivan}: Ivan, Ivo, Ivica, Ive, with and without Caps Lock. A search for Ivan only misses the rest.",
    slips=[
        (int((first == "Ivan").sum()), "that is Ivan exactly as typed. His short names are asked too."),
        (int((quality.first_name_key(first) == "ana").sum()), "that is the family of Ana. Change the name in quotes."),
        (
            int(first.str.startswith("Iv").sum()),
            "that takes everybody with Iv, Ivana too. Ask for the family of the name.",
        ),
    ],
    hints=[
        "Letters do not help: Ivana begins like Ivan. `quality.first_name_key` knows short names.",
        'A key is written small and without marks: put `"ivan"` in place of `"ana"`.',
    ],
    reveal="Ask for the family of each first name, then count:\n"
    '    (quality.first_name_key(base.customers["first_name"]) == "ivan").sum()',
)

# %% tags=["answer"]
# A number.
ivans = (quality.first_name_key(base.customers["first_name"]) == "ivan").sum()

# %%
q5.check(ivans)

# %% [markdown]
# **4.6** How many pairs of records agree in all three: key of the last name, key of the first name, and birthday? The
# next cell takes the pairs with one key of the last name and counts those with at least 1 point. Give the birthday
# (`"birth_date"`) a point too, draw the line at 2, and write down what it says.

# %%
normal["first"] = quality.first_name_key(normal["first_name"])
normal["last"] = quality.name_key(normal["last_name"])
points = quality.points(quality.pairs(normal, same="last"), {"first": 1})
(points >= 1).sum()

# %% tags=["question"]
by_name = quality.pairs(known, same="last")
both = quality.points(by_name, {"first": 1, "birth_date": 1})
is_one = by_name["person_a"] == by_name["person_b"]
agree = int((both == 2).sum())
q6 = lesson.Question(
    "4.6",
    expected=agree,
    praise=f"{agree:,} pairs; the bank rang them all, and {is_one[both == 2].mean():.0%} of them are one person. "
    "Three weak fields together are strong.",
    slips=[
        (int((quality.points(by_name, {"first": 1}) >= 1).sum()), "that leaves the birthday out. Give it a point too."),
        (int((both >= 1).sum()), "those agree in *one* of the two. Both are asked: draw the line at 2 points."),
        (len(by_name), "those are all pairs with one key of the last name. Two more fields must agree."),
    ],
    hints=[
        'Points stand in curly brackets: `{"first": 1, ...: 1}`, a comma between them.',
        'With `{"first": 1, "birth_date": 1}`, a pair that agrees in both has 2 points: `points >= 2`.',
    ],
    reveal="A point for each, and a line at 2:\n"
    '    points = quality.points(quality.pairs(normal, same="last"), {"first": 1, "birth_date": 1})\n'
    "    (points >= 2).sum()",
)

# %% tags=["answer"]
# A number.
agreeing = (quality.points(quality.pairs(normal, same="last"), {"first": 1, "birth_date": 1}) >= 2).sum()

# %%
q6.check(agreeing)

# %% [markdown]
# **4.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# An agent opens a new record, and the phone number is already in the base. What should the screen do: `"refuse it"`,
# `"show the other record and ask"` or `"say nothing"`? The next cell takes your choice and why.

# %% tags=["question"]
families = int((quality.points(by_phone, {"first": 1}) == 0).sum())
q7 = lesson.Decision(
    "4.7",
    choices=["refuse it", "show the other record and ask", "say nothing"],
    figures={
        "pairs of records with one phone number": len(by_phone),
        "such pairs as typed": len(as_typed),
        "pairs with one phone number and two first names": families,
        "pairs agreeing in name and birthday": agree,
    },
    praise="you can defend that. What does the caller hear while the agent reads?",
    slips={
        "refuse it": f"{families} pairs of records with one phone number have two first names: families. Whom would "
        "you turn away, and what would the agent type to get on?",
    },
    hints=[
        "Your answer to question four says how often it would happen.",
        "Refusing makes people type 000000; saying nothing makes duplicates. Which figure speaks for you?",
    ],
    reveal=f'One answer that can be defended: "show the other record and ask", because {len(by_phone):,} '
    "pairs of records share a number already: the agent sees the record in time, and a family gets its second.",
    rubric="2 marks: the figure says how often it happens, and both faults are weighed (a duplicate, a family turned "
    "away). 1 mark: one of the two. Both remaining choices can earn full marks when the reason fits.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
screen = "show the other record and ask"
because = f"{sharing} pairs of records share a number; asking finds duplicates and still lets a family open a second."

# %%
q7.check(screen, because)

# %% [markdown]
# **4.8** Two records have one phone number, one street and one last name, but the first names are *Ana* and *Ivan*.
# What do you do: `"join them"`, `"link them as one household"` or `"ask at the next contact"`? The next cell counts the
# pairs of records with one phone number, and how many of them have two different first names. The cell after it takes
# your choice and why.

# %%
by_phone = quality.pairs(normal, same="phone")
two_names = (quality.points(by_phone, {"first": 1}) == 0).sum()
print(f"{len(by_phone)} pairs of records share a phone number; {two_names} of them have two first names.")

# %% tags=["question"]
q8 = lesson.Decision(
    "4.8",
    choices=["join them", "link them as one household", "ask at the next contact"],
    figures={
        "pairs with one phone number and two first names": families,
        "pairs of records with one phone number": len(by_phone),
        "share of them with two first names": families / len(by_phone),
        "pairs agreeing in name and birthday": agree,
    },
    praise="you can defend that. A wrong join shows one customer the other's account: it is the dearer mistake.",
    slips={
        "join them": "two first names are two people, until one of them says otherwise. After a wrong join, Ana reads "
        "Ivan's statements.",
    },
    hints=[
        "The cell above says how many pairs with one phone number have two first names: write that figure out.",
        "Fields that agree speak for it, a field that differs speaks against it. Which weighs more here?",
    ],
    reveal=f'One answer that can be defended: "link them as one household", because {families} pairs with one number '
    "have two first names already: the family is served as one, and each keeps an own record.",
    rubric="3 marks: the figure, that a differing first name outweighs what a family shares, and what the customer is "
    "spared. One mark each. Asking first is as good as linking when the reason says who asks, and when.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
choice = "link them as one household"
reason = f"{two_names} pairs with one number have two first names: families share a telephone, each keeps a record."

# %%
q8.check(choice, reason)

# %% [markdown]
# ## What you can now do
#
# Bring a base to one form, find a name however it was written, count slips, know nicknames, and say why one agreeing
# field is no proof. Do it once on [your own export](../notebooks/04_is_this_the_same_person.ipynb) this week; the
# [cheat-sheet](../notebooks/cheatsheets/04.pdf) has every call. The last cell says when to come back.

# %% tags=["nbval-ignore-output"]
# The date depends on the day you run it.
me.finish()
