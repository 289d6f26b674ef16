# %% [markdown]
# # Exercise 04 · Is this the same person?
#
# 40 minutes · a bank of your own number
#
# The calls are those of the lesson, the base is not: a bank whose clerks have opened accounts for years. Put your
# answer where the three dots are, run the cell, then run the check below it. Stuck? Take the `#` away from a line with
# a hint and run the cell again. The way is there too; try once before you look.
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
known = normal.assign(first=first_key, last=last_key, person=person).dropna(subset=["first", "last", "birth_date"])

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
# still told from *dj*? The next cell takes a number.

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
        '`quality.fold(base.customers["last_name"])` gives one text per record; `.nunique()` counts them.',
    ],
    reveal='Fold, then count the different ones:\n    quality.fold(base.customers["last_name"]).nunique()',
)

# %% tags=["answer"]
# A number.
last_names = quality.fold(base.customers["last_name"]).nunique()

# %%
q2.check(last_names)

# %% [markdown]
# **4.3** How many slips are there between *Horvatić* and *HROVATIC*, when capitals and marks do not count? The next
# cell takes a number.

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
        '`OSA.distance(a, b)` counts; `a, b = quality.fold(["Horvatić", "HROVATIC"])` brings both to one form.',
    ],
    reveal='Fold both, then count:\n    a, b = quality.fold(["Horvatić", "HROVATIC"])\n    slips = OSA.distance(a, b)',
)

# %% tags=["answer"]
# A number; two lines will do.
a, b = quality.fold(["Horvatić", "HROVATIC"])
slips = OSA.distance(a, b)

# %%
q3.check(slips)

# %% [markdown]
# **4.4** How many phone *numbers* stand on more than one record, once all are written in one form? The next cell takes
# a number.

# %% tags=["question"]
often = normal["phone"].value_counts()
typed_often = people["phone"].value_counts()
q4 = lesson.Question(
    "4.4",
    expected=int((often > 1).sum()),
    praise=f"{(often > 1).sum():,} numbers; as typed, only {(typed_often > 1).sum():,} would have shown. Same person, "
    "or one family? The number alone cannot say.",
    slips=[
        (int((typed_often > 1).sum()), "that compares the numbers as typed. Bring the table to normal forms first."),
        (int(often[often > 1].sum()), "those are the *records* with such a number. Count each number once."),
        (len(often), "those are all different numbers. Keep those that stand on more than one record."),
    ],
    hints=[
        '`quality.normalise(base.customers, locale="hr").table` is the table in normal forms.',
        'On its column `"phone"`, `.value_counts()` counts the records of each number; keep those above one.',
    ],
    reveal="Normal forms, count by number, keep what is above 1:\n"
    '    table = quality.normalise(base.customers, locale="hr").table\n'
    '    numbers = (table["phone"].value_counts() > 1).sum()',
)

# %% tags=["answer"]
# A number; two lines will do.
table = quality.normalise(base.customers, locale="hr").table
numbers = (table["phone"].value_counts() > 1).sum()

# %%
q4.check(numbers)

# %% [markdown]
# **4.5** How many records have the first name *Ivan* or one of its short names? The next cell takes a number.

# %% tags=["question"]
first = people["first_name"].astype("str")
ivan = int((quality.first_name_key(first) == "ivan").sum())
q5 = lesson.Question(
    "4.5",
    expected=ivan,
    praise=f"{ivan}: Ivan, Ivo, Ivica, Ive, with and without Caps Lock. A search for Ivan only misses the rest.",
    slips=[
        (int((first == "Ivan").sum()), "that is Ivan exactly as typed. His short names are asked too."),
        (
            int(first.str.startswith("Iv").sum()),
            "that takes everybody with Iv, Ivana too. Ask for the family of the name.",
        ),
    ],
    hints=[
        "Letters do not help: Ivana begins like Ivan. The lesson had a call that knows short names.",
        'Compare `quality.first_name_key(base.customers["first_name"])` with `"ivan"`, and add up.',
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
# **4.6** How many records agree with at least one *other* record in all three: key of the first name, key of the last
# name, and birthday (in normal form, not empty)? The next cell takes a number.

# %% tags=["question"]
three = ["first", "last", "birth_date"]
twice = known.duplicated(three, keep=False)
groups = known[twice].groupby(three)["person"].nunique()
raw = people.dropna(subset=["first_name", "last_name", "birth_date"])
as_typed = raw.astype({"first_name": "str", "last_name": "str"})
q6 = lesson.Question(
    "4.6",
    expected=int(twice.sum()),
    praise=f"{int(twice.sum()):,} records in {len(groups):,} groups; the bank rang them all, and "
    f"{(groups == 1).mean():.0%} of the groups are one person. Three weak fields together are strong.",
    slips=[
        (
            int(as_typed.duplicated(["first_name", "last_name", "birth_date"], keep=False).sum()),
            "that compares what was typed. Use the keys of the names, and the birthday in normal form.",
        ),
        (int(known.duplicated(["first", "last"], keep=False).sum()), "that leaves the birthday out."),
        (int(known.duplicated(three).sum()), "that counts the second ones only. `keep=False` counts all that agree."),
    ],
    hints=[
        "Take the table in normal forms of question four, and give it two more columns: the keys of both names.",
        "Then `.dropna(subset=[...])` and `.duplicated([...], keep=False).sum()`, each with the three columns.",
    ],
    reveal="Two keys as columns, drop the empty, count what is there more than once:\n"
    '    table["first"] = quality.first_name_key(table["first_name"])\n'
    '    table["last"] = quality.name_key(table["last_name"])\n'
    '    three = ["first", "last", "birth_date"]\n'
    "    agreeing = table.dropna(subset=three).duplicated(three, keep=False).sum()",
)

# %% tags=["answer"]
# A number; four lines will do.
table["first"] = quality.first_name_key(table["first_name"])
table["last"] = quality.name_key(table["last_name"])
three = ["first", "last", "birth_date"]
agreeing = table.dropna(subset=three).duplicated(three, keep=False).sum()

# %%
q6.check(agreeing)

# %% [markdown]
# **4.7** The last two questions have no single right answer; they ask for a reason that stands on one of your figures.
#
# An agent opens a new record, and the phone number is already in the base. What should the screen do: `"refuse it"`,
# `"show the other record and ask"` or `"say nothing"`? The next cell takes your choice and why.

# %% tags=["question"]
every = normal.assign(first=first_key).groupby("phone")["first"].nunique()
families = int((every > 1).sum())
q7 = lesson.Decision(
    "4.7",
    choices=["refuse it", "show the other record and ask", "say nothing"],
    figures={
        "numbers on more than one record": int((often > 1).sum()),
        "numbers with more than one first name": families,
        "records agreeing in name and birthday": int(twice.sum()),
        "share of such records": float(twice.mean()),
    },
    praise="you can defend that. What does the caller hear while the agent reads?",
    slips={
        "refuse it": f"{families} numbers stand with more than one first name: families. Whom would you turn away, "
        "and what would the agent type to get on?",
    },
    hints=[
        "Your answer to question four says how often it would happen.",
        "Refusing makes people type 000000; saying nothing makes duplicates. Which figure speaks for you?",
    ],
    reveal=f'One answer that can be defended: "show the other record and ask", because {int((often > 1).sum())} '
    "numbers stand on more than one record already: the agent sees the record in time, and a family gets its second.",
    rubric="2 marks: the figure says how often it happens, and both faults are weighed (a duplicate, a family turned "
    "away). 1 mark: one of the two. Both remaining choices can earn full marks when the reason fits.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
screen = "show the other record and ask"
because = f"{numbers} numbers stand on more than one record; asking finds duplicates and still lets a family open one."

# %%
q7.check(screen, because)

# %% [markdown]
# **4.8** Two records have one phone number, one street and one last name, but the first names are *Ana* and *Ivan*.
# What do you do: `"join them"`, `"link them as one household"` or `"ask at the next contact"`? Work out how many phone
# numbers stand with more than one key of the first name. The next cell takes your choice and why.

# %% tags=["question"]
q8 = lesson.Decision(
    "4.8",
    choices=["join them", "link them as one household", "ask at the next contact"],
    figures={
        "numbers with more than one first name": int((every > 1).sum()),
        "numbers in all": len(often),
        "share of numbers with more than one first name": float((every > 1).mean()),
        "numbers on more than one record": int((often > 1).sum()),
    },
    praise="you can defend that. A wrong join shows one customer the other's account: it is the dearer mistake.",
    slips={
        "join them": "two first names are two people, until one of them says otherwise. After a wrong join, Ana reads "
        "Ivan's statements.",
    },
    hints=[
        'With the keys as columns of the table, `table.groupby("phone")["first"].nunique()` counts by number.',
        "Fields that agree speak for it, a field that differs speaks against it. Which weighs more here?",
    ],
    reveal=f'One answer that can be defended: "link them as one household", because {int((every > 1).sum())} numbers '
    "already stand with more than one first name: the family is served as one, and each keeps an own record.",
    rubric="3 marks: the figure, that a differing first name outweighs what a family shares, and what the customer is "
    "spared. One mark each. Asking first is as good as linking when the reason says who asks, and when.",
)

# %% tags=["answer"]
# Your choice in quotes, and your reason with at least one figure.
choice = "link them as one household"
shared = (table.groupby("phone")["first"].nunique() > 1).sum()
reason = f"{shared} numbers stand with more than one first name: families share a telephone, each keeps an own record."

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
