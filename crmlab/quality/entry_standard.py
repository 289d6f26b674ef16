"""How customers are to be entered: check what was typed, offer what should stand there, print the one-page guide."""

import copy
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.errors import CrmlabError, did_you_mean, message
from crmlab.quality.guide import Guide
from crmlab.quality.letters import LOCALES
from crmlab.quality.standard_check import check_entries
from crmlab.quality.standard_fields import COLUMNS, faults_of
from crmlab.quality.standard_forms import wanted
from crmlab.quality.standard_text import written
from crmlab.quality.uniques import parts
from crmlab.tables.files import write_file

__all__ = ["EntryStandard"]

_FOLDER = Path(__file__).parent / "standards"


class EntryStandard:
    """How customers are to be entered, so that each is written in one way and found again.

    A standard is a text anybody can read and change (TOML): capitals, order of names,
    words for street, form of phone numbers and e-mail addresses, and which fields are
    needed for which purpose. :meth:`load` brings the one of a locale, :meth:`save` writes
    it down to be changed.

    Parameters
    ----------
    text : str
        The standard, as TOML.
    name : str, default="standard"
        What messages call it.

    Attributes
    ----------
    rules : dict
        What the standard says; it can be changed in place, such as
        ``standard.rules["phone"]["form"] = "national"``, and is looked at again before each use.

    Raises
    ------
    CrmlabError
        With every field that is missing, not known, or says what it cannot say.

    Examples
    --------
    >>> standard = EntryStandard.load("en")
    >>> standard.check({"first_name": "ANN", "last_name": "Baker", "phone": "020 79460018"})
    2 fields to change:
      first name: 'ANN' → 'Ann' (a capital only where a name begins)
      phone: '020 79460018' → '+44 20 7946 0018' (number with the country's code, in groups)
    """

    def __init__(self, text, name="standard"):
        try:
            self.rules = tomllib.loads(text)
        except tomllib.TOMLDecodeError as fault:
            next_step = "mend that line; each says name = value, with texts in quotes."
            raise CrmlabError(message(name, f"this is no TOML ({fault}).", next=next_step)) from None
        self._text = text
        self._checked()

    @classmethod
    def load(cls, standard):
        """Read a standard from a file, or take the one of a locale.

        Parameters
        ----------
        standard : str or path
            ``"hr"``, ``"en"``, ``"de"``, or a TOML file.

        Returns
        -------
        EntryStandard

        Raises
        ------
        CrmlabError
            When there is no such file, or it says what it cannot say.

        Examples
        --------
        >>> EntryStandard.load("hr")
        <EntryStandard: Kako upisujemo kupca>
        """
        path = _FOLDER / f"{standard}.toml" if standard in LOCALES else Path(standard)
        try:
            return cls(path.read_text(encoding="utf-8"), name=str(standard))
        except OSError as fault:
            hint = did_you_mean(str(standard), LOCALES) if not path.suffix else ""
            found = f"there is no such file.{hint}" if isinstance(fault, FileNotFoundError) else f"{fault.strerror}."
            allowed = f"{', '.join(LOCALES)}, or a TOML file"
            next_step = 'write one with EntryStandard.load("hr").save("standard.toml"), and change it.'
            raise CrmlabError(message(str(standard), found, allowed=allowed, next=next_step)) from None
        except UnicodeDecodeError:
            next_step = "save it as UTF-8 in your editor."
            raise CrmlabError(message(str(standard), "its letters are not UTF-8.", next=next_step)) from None

    def save(self, path):
        """Write the standard down, with every rule as it is now, as a text that can be read and changed.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        pathlib.Path

        Raises
        ------
        CrmlabError
            When a rule says what it cannot say, or the file cannot be written.

        Examples
        --------
        >>> standard = EntryStandard.load("hr")
        >>> standard.rules["phone"]["form"] = "national"
        >>> EntryStandard.load(standard.save(tmp / "ours.toml")).rules["phone"]
        {'form': 'national'}
        """
        return write_file(path, written(self._checked(), self._text).encode("utf-8"))

    def check(self, entries, purpose=None):
        """Say what in a table, or in one record as it is typed, is not as the standard wants it.

        Parameters
        ----------
        entries : pandas.DataFrame or dict
            A table of customers, or one record: name of the field to what was typed.
        purpose : str, optional
            One of the purposes of the standard, whose fields must be there too.

        Returns
        -------
        EntryCheck
            ``.findings`` as a table, ``.corrected`` with what is offered put in.

        Raises
        ------
        CrmlabError
            When it is neither a table nor a record, a field of a record is not known, the
            purpose is none of the standard's, or a rule says what it cannot say.

        Examples
        --------
        >>> EntryStandard.load("hr").check({"last_name": "KOVAČ", "email": "ana@posta.example"}, "poziv")
        3 polja za ispravak:
          prezime: 'KOVAČ' → 'Kovač' (veliko slovo samo na početku imena)
          ime ili tvrtka: prazno, a potrebno je (uvijek)
          telefon: prazno, a potrebno je (poziv)
        """
        return check_entries(entries, self._checked(), purpose)

    def guide(self, path=None, *, language=None):
        """Print the standard as a guide of one page for the people who enter data.

        Parameters
        ----------
        path : str or path, optional
            Where the page goes (HTML; print it from the browser). Without it nothing is written.
        language : str, optional
            ``"hr"``, ``"en"`` or ``"de"``; without it, the standard's own.

        Returns
        -------
        Guide
            It shows itself in a notebook.

        Raises
        ------
        CrmlabError
            When the language is not known, a rule says what it cannot say, or the page
            cannot be written.

        Examples
        --------
        >>> EntryStandard.load("hr").guide(tmp / "vodic.html").path.name
        'vodic.html'
        """
        rules = self._checked()
        language = language or rules["language"]
        if language not in LOCALES:
            found = f"found {language!r}.{did_you_mean(language, LOCALES)}"
            raise CrmlabError(message("language", found, allowed=", ".join(LOCALES), next="choose one of these."))
        guide = Guide(rules, language)
        if path is not None:
            guide.path = write_file(path, guide.html.encode("utf-8"))
        return guide

    def to_pandera(self):
        """Hand the standard to pandera, to hold tables to it where data come in.

        Returns
        -------
        pandera.pandas.DataFrameSchema
            One check per field that a table may have; fields that are always needed are
            not nullable. What is changed in the rules later does not change it.

        Raises
        ------
        CrmlabError
            When a rule says what it cannot say.

        Examples
        --------
        >>> schema = EntryStandard.load("hr").to_pandera()
        >>> schema.columns["last_name"].checks[0](pd.Series(["Kovač", "KOVAČ"])).check_output.tolist()
        [True, False]
        """
        import pandera.pandas as pa

        rules = copy.deepcopy(self._checked())
        always = rules["required"]["always"]
        columns = {
            column: pa.Column(
                None,
                checks=pa.Check(
                    _holds(column, rules), name="entry standard", error=f"{column} as the standard wants it"
                ),
                required=column in always,
                nullable=column not in always,
            )
            for column in COLUMNS
        }
        return pa.DataFrameSchema(columns, name=rules["title"])

    def _checked(self):
        """The rules as they are now, if each says what it can say."""
        if faults := faults_of(self.rules):
            raise CrmlabError(*faults)
        return self.rules

    def __repr__(self):
        return f"<EntryStandard: {self.rules['title']}>"

    def _repr_html_(self):
        return self.guide()._repr_html_()


def _holds(column, rules):
    def holds(values):
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            values = values.dt.strftime("%Y-%m-%d")
        codes, found = parts(values)
        good = np.array([not wanted(column, text, rules)[1] for text in found] + [True])
        return pd.Series(good[codes], index=values.index)

    return holds
