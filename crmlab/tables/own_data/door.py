"""The door for an own export: files as people have them in, a customer base out."""

from pathlib import Path

import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, few, message
from crmlab.tables.base import CustomerBase
from crmlab.tables.own_data.currency import one_currency
from crmlab.tables.own_data.mapping import is_known_header, map_columns
from crmlab.tables.own_data.report import ImportReport
from crmlab.tables.own_data.source import open_source
from crmlab.tables.own_data.table import TableImport
from crmlab.tables.own_data.told import Told, told_columns
from crmlab.tables.own_data.words import counted

__all__ = ["from_export"]


def from_export(
    *unnamed,
    transactions=None,
    customers=None,
    contracts=None,
    touchpoints=None,
    columns=None,
    day_first=None,
    date_format=None,
    decimal=None,
    encoding=None,
    delimiter=None,
    sheet=None,
    timezone="UTC",
    currency=None,
    name=None,
    **unknown,
):
    """Load your own CRM export, as it is, and see what was read and what was left out.

    CSV files and workbooks are read as people have them: comma, semicolon or tab, decimal
    comma, ``31.12.2025``, UTF-8 or Windows-1250, thousands separators, currency signs,
    blank lines, total rows, repeated names. Columns are found by crmlab's names or by a
    guess, which ``base.import_report`` shows and ``columns`` overrules. Nothing is guessed
    silently: where day and month, or decimals and thousands, could be mistaken and no
    value decides, you are asked. Rows that cannot be used are left out and listed.

    Parameters
    ----------
    *unnamed
        Nothing; each source is named by its table.
    transactions, customers, contracts, touchpoints : str, path or pandas.DataFrame, optional
        The sources: CSV, TXT, TSV, xlsx, xls, xlsb or ods, or a DataFrame. At least one.
    columns : dict, optional
        ``{their name: crmlab's name}``, as in ``DataFrame.rename``; by table when several
        are given, ``{"customers": {...}}``. ``None`` as crmlab's name leaves a column as text.
        ``customer_id`` may be said for ``record_id``.
    day_first : bool, optional
        Whether 03/04/2025 is the 3rd of April (True) or the 4th of March (False).
    date_format : str, optional
        How dates are written, for instance ``"%d%m%Y"``.
    decimal : {",", "."}, optional
        What 1.234 and 1,234 mean, where no other value in the column tells.
    encoding, delimiter : str, optional
        Of text files, where they are not recognised.
    sheet : str, int or dict, optional
        Sheet of a workbook, by name or position from 0; by table when several are given.
    timezone : str, default="UTC"
        Where times without a zone were written down, for instance ``"Europe/Zagreb"``.
    currency : str, optional
        Of all amounts, three letters. Without it, what the file says.
    name : str, optional
        What the base is called; the name of the first file without it.
    **unknown
        Nothing; a misspelt argument is named.

    Returns
    -------
    CustomerBase
        Its tables keep their promise: amounts in cents, times in UTC, ids as text where
        they have leading zeros or letters. ``.import_report`` tells what was done.

    Raises
    ------
    CrmlabError
        With all faults at once, each saying what to do.

    Examples
    --------
    >>> orders = "Kupac;Datum;Iznos\\n007;31.12.2025.;1.234,50 €\\n008;2.1.2026.;-10,00 €\\nUkupno;;1.224,50 €\\n"
    >>> _ = (tmp / "orders.csv").write_text(orders, encoding="cp1250")
    >>> base = from_export(transactions=tmp / "orders.csv")
    >>> base.transactions
      record_id                        ts  amount_cents
    0       007 2025-12-31 00:00:00+00:00        123450
    1       008 2026-01-02 00:00:00+00:00         -1000
    >>> base.import_report.dropped
              table  line     reason                text
    0  transactions     4  total row  Ukupno;;1.224,50 €
    """
    given = {"transactions": transactions, "customers": customers, "contracts": contracts, "touchpoints": touchpoints}
    _check_call(unnamed, unknown, given, from_export.__kwdefaults__)
    sources = {table: source for table, source in given.items() if source is not None}
    told = Told(day_first, date_format, decimal, encoding, delimiter, sheet, timezone, currency).check()
    grids = _gather(sources, lambda table: _open(table, sources[table], columns, told, list(sources)))
    names = told_columns(columns, grids)
    imports = _gather(grids, lambda table: _import(table, grids[table], names[table], told))
    met = {code: f"{table}, {at}" for table, part in imports.items() for code, at in part.currencies.items()}
    code = one_currency(met, currency)
    frames = _same_ids({table: part.frame for table, part in imports.items()})
    frames = _add_strangers(frames, imports)
    base = CustomerBase(
        frames,
        name=name or _name_of(sources),
        about={"currency": code} if code else {},
        import_report=ImportReport([part.report for part in imports.values()]),
    )
    return base.check()


def _gather(tables, work):
    """Do the work for each table, and raise the faults of all together."""
    done, faults = {}, []
    for table in tables:
        try:
            done[table] = work(table)
        except CrmlabError as error:
            faults.extend(error.messages)
    if faults:
        raise CrmlabError(*faults)
    return done


def _check_call(unnamed, unknown, given, arguments):
    faults = []
    if unnamed:
        found = "a source was given without the name of its table."
        faults.append(message("from_export", found, next='name it, for instance transactions="orders.csv".'))
    for word in unknown:
        found = f"no argument '{word}'.{did_you_mean(word, arguments)}"
        faults.append(message("from_export", found, tables=few(given), next="use one of these names."))
    if not faults and all(source is None for source in given.values()):
        found = "no source was given."
        faults.append(
            message("from_export", found, tables=few(given), next='give one, such as transactions="orders.csv".')
        )
    if faults:
        raise CrmlabError(*faults)


def _open(table, source, columns, told, tables):
    own = columns.get(table) if isinstance(columns, dict) else None
    names = own if isinstance(own, dict) else columns if isinstance(columns, dict) else {}
    words = set(map(str, names))
    return open_source(
        table,
        source,
        encoding=told.encoding,
        delimiter=told.delimiter,
        sheet=told.sheet_of(table),
        recognised=lambda cells: is_known_header(cells, [table], words),
    )


def _import(table, grid, names, told):
    matches, cautions = map_columns(table, grid, names)
    grid.cautions.extend(cautions)
    return TableImport(table, grid, matches, told)


def _same_ids(frames):
    """Where one table has text for a customer's number, all have: 17 and "17" are one customer."""
    if len({pd.api.types.is_integer_dtype(frame["record_id"]) for frame in frames.values()}) < 2:
        return frames
    return {table: frame.assign(record_id=frame["record_id"].astype("str")) for table, frame in frames.items()}


def _add_strangers(frames, imports):
    """Give customers that only other tables name a record with their number alone, so that no row is lost."""
    if "customers" not in frames:
        return frames
    known = frames["customers"]
    for table, frame in frames.items():
        unknown = frame.loc[~frame["record_id"].isin(known["record_id"]), "record_id"].drop_duplicates()
        if not len(unknown):
            continue
        if len(unknown) * 2 > frame["record_id"].nunique():
            raise CrmlabError(_other_numbers(table, unknown, frames["customers"]["record_id"]))
        roomy = {name: {"bool": "boolean", "int64": "Int64"}.get(str(known[name].dtype)) for name in known.columns[1:]}
        known = known.astype({name: dtype for name, dtype in roomy.items() if dtype})
        more = unknown.to_frame().reindex(columns=known.columns).astype(known.dtypes)
        known = pd.concat([known, more], ignore_index=True)
        who = f"{counted(len(unknown), 'customer')} named only in {table} ({few(unknown, 3)})"
        imports["customers"].report.cautions.append(f"{who} got a record with the number alone.")
    return {**frames, "customers": known}


def _other_numbers(table, unknown, known):
    found = f"most customers ({len(unknown):,}) are not in the customers table."
    step = "map the same number in both tables, written the same way (leading zeros count), or leave customers out."
    return message(f"{table}.record_id", found, here=few(unknown, 3), customers=few(known, 3), next=step)


def _name_of(sources):
    return next((Path(source).stem for source in sources.values() if isinstance(source, (str, Path))), "own data")
