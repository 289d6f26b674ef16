"""Read a table's promise, and hold a table to it."""

import html

import pandas as pd
import pandera.pandas as pa

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables.models import MODELS

__all__ = ["Promise", "check", "describe", "model_of"]


class Promise:
    """What a table promises, shown as a list of columns.

    Parameters
    ----------
    name : str
        Name of the table.
    row : str
        What one row is.
    columns : pandas.DataFrame of shape (n_columns, 5)
        One row per column: column, kind, unit, needed, meaning.

    Examples
    --------
    >>> describe("transactions").columns.loc[2, "column"]
    'ts'
    """

    def __init__(self, name, row, columns):
        self.name, self.row, self.columns = name, row, columns

    def __repr__(self):
        widths = {name: max(map(len, [name, *self.columns[name]])) for name in self.columns}
        lines = [dict(zip(widths, widths, strict=True)), *self.columns.to_dict("records")]
        text = ["  ".join(line[name].ljust(width) for name, width in widths.items()).rstrip() for line in lines]
        return "\n".join([f"{self.name}: {self.row}", *text])

    def _repr_html_(self):
        with pd.option_context("display.max_colwidth", None):
            table = self.columns.to_html(index=False, border=0, justify="left")
        return f"<p><b>{html.escape(self.name)}</b>: {html.escape(self.row)}</p>{table}"


def model_of(name):
    """Find the pandera model of a table.

    Parameters
    ----------
    name : str
        Name of the table, such as ``"transactions"``.

    Returns
    -------
    pandera.pandas.DataFrameSchema

    Raises
    ------
    CrmlabError
        When there is no such table.

    Examples
    --------
    >>> model_of("contracts").description
    'one contract'
    """
    if name not in MODELS:
        raise CrmlabError(
            message(
                "tables",
                f"no table '{name}'.{did_you_mean(name, MODELS)}",
                it_has=", ".join(MODELS),
                next='choose one of these, for instance crmlab.tables.describe("transactions").',
            )
        )
    return MODELS[name]


def describe(name):
    """Print what a table promises: each column with its kind, unit and meaning.

    Parameters
    ----------
    name : str
        Name of the table: customers, contracts, transactions or touchpoints.

    Returns
    -------
    Promise
        Shows itself as a list; ``.columns`` is the same as a frame.

    Raises
    ------
    CrmlabError
        When there is no such table.

    Examples
    --------
    >>> describe("transactions")
    transactions: one purchase, payment or return
    column          kind   unit   needed  meaning
    transaction_id  id                    number of the transaction
    record_id       id            yes     customer record that bought
    ts              time   UTC    yes     when it was booked
    amount_cents    money  cents  yes     amount paid; a return is negative
    margin_cents    money  cents          what is left after cost of goods
    product_group   word                  kind of goods or service
    channel         word                  where it was bought
    campaign_id     id                    campaign it answers
    """
    model = model_of(name)
    rows = [
        {
            "column": column,
            "kind": promised.metadata["kind"],
            "unit": promised.metadata["unit"],
            "needed": "yes" if promised.required else "",
            "meaning": promised.description,
        }
        for column, promised in model.columns.items()
    ]
    return Promise(name, model.description, pd.DataFrame(rows))


def check(name, frame, *, columns=None):
    """Hold a table to its promise; all faults are gathered and raised once.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : pandas.DataFrame
        The table. It is left as it was.
    columns : list of str, optional
        Check only these columns, and need each of them: what one analysis uses.
        Without it, all promised columns are checked.

    Returns
    -------
    pandas.DataFrame
        The same frame, so that calls can be chained.

    Raises
    ------
    CrmlabError
        Naming each column that breaks its rule, the rows, and what to do.

    Examples
    --------
    >>> log = pd.DataFrame({"record_id": [1], "ts": pd.to_datetime(["2025-03-01"], utc=True), "amount_cents": [9.5]})
    >>> check("transactions", log)
    Traceback (most recent call last):
        ...
    crmlab.errors.CrmlabError: transactions.amount_cents: float64 breaks the rule "a whole number of cents".
      next    : change the column's type; crmlab.tables.describe("transactions") says what is promised.
    """
    model = model_of(name)
    if not isinstance(frame, pd.DataFrame):
        raise CrmlabError(
            message(
                name,
                f"found a {type(frame).__name__}.",
                allowed="a pandas DataFrame",
                next="pass the table itself, for instance base.transactions.",
            )
        )
    if not frame.columns.is_unique:
        twice = sorted(set(frame.columns[frame.columns.duplicated()].astype(str)))
        raise CrmlabError(
            message(name, f"two columns have the same name: {few(twice)}.", next="rename one of them or take it out.")
        )
    if columns is not None:
        model = model.select_columns(list(columns))
        model = model.update_columns({column: {"required": True} for column in columns})
    try:
        model.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise CrmlabError(*_faults(name, model, frame, errors.failure_cases)) from None
    return frame


def _faults(name, model, frame, cases):
    """Turn pandera's failure cases into one message per column and rule."""
    see = f'crmlab.tables.describe("{name}") says what is promised.'
    faults = []
    for column in cases.loc[cases["check"] == "column_in_dataframe", "failure_case"]:
        faults.append(
            message(
                name,
                f"no column '{column}'.{did_you_mean(column, frame.columns)}",
                it_has=few(frame.columns, 12),
                next=f"rename the column; {see}",
            )
        )
    broken = cases[cases["check"] != "column_in_dataframe"]
    for (column, rule), group in broken.groupby(["column", "check"], sort=False):
        if group["index"].isna().all() and rule != "not_nullable":
            found = f'{frame[column].dtype} breaks the rule "{rule}".'
            step = "change the column's type"
            if pd.api.types.is_datetime64_any_dtype(frame[column].dtype):
                whose = 'say whose clock it is, .dt.tz_localize("Europe/Zagreb") if it has no zone'
                step = f'{whose}; then .dt.tz_convert("UTC")'
            faults.append(message(f"{name}.{column}", found, next=f"{step}; {see}"))
            continue
        rule = {
            "not_nullable": "never empty",
            "field_uniqueness": "each value once only",
        }.get(rule, rule)
        n = len(group)
        found = f'{n:,} value{"s break" if n > 1 else " breaks"} the rule "{rule}".'
        details = {"rows": few(group["index"])}
        if rule != "never empty":
            details["values"] = few(group["failure_case"])
        faults.append(message(f"{name}.{column}", found, **details, next=f"mend or take out these rows; {see}"))
    return faults
