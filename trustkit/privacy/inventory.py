"""What is held, and why: an inventory of a study's columns, what it lacks, and the same as linked data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import CODEBOOK, MAPPING, OPTIONAL_NAME_LIST, TEXT, ArgumentKind, accepts
from trustkit.display import Shown, folded_rows, for_notebook, html_notes, html_table
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.privacy.consent_records import RECORDS, purposes_recorded, records_frame
from trustkit.privacy.gaps import GAP, Held, find_gaps
from trustkit.privacy.legal_terms import BASES, CONTEXT, EXPLICIT_CONSENT
from trustkit.survey.codebook import ROWS_SHOWN
from trustkit.survey.purposes import KeepUntil, iso_day

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trustkit.privacy.consent_records import Records
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable

HELD = (
    *("variable", "label", "identifier", "special", "purpose", "basis", "consent"),
    *("permission", "retention", "keep_until", "seen_by"),
)
"""The columns of an inventory."""

IDENTIFIES = {"none": "no", "quasi": "only together with other answers", "direct": "yes"}
"""Whether a column identifies a respondent, as readers call it."""

IN_WORDS = {"not personal": "none is needed, as no person is behind the data"}
"""Legal bases whose names are no words of readers."""

TEAM, READERS = "the study's team", "the study's team; readers see figures about groups"

DAY = TEXT | ArgumentKind(lambda value: isinstance(value, dt.date), "a date", "write it as 2026-03-31")


@dataclass(frozen=True, eq=False, repr=False)
class Inventory(Shown):
    """Which columns a study holds, why, on what legal basis and how long.

    Attributes
    ----------
    codebook
        The description of the columns.
    gaps
        What is missing: ``variable`` (``-`` for the study), ``missing``, and ``why`` it matters. Empty if
        all that must be stated is stated.

    Examples
    --------
    >>> import trustkit as tk
    >>> about = {"purpose": "weighting", "basis": "contract", "retention": "two years"}
    >>> book = tk.Codebook({"age": tk.Variable("age", "Age", "numeric", identifier="quasi", **about)})
    >>> tk.inventory(book)
    What is held, and why: untitled
    column  purpose    basis     kept
    Age     weighting  contract  two years
    Nothing that must be stated is missing.
    """

    codebook: Codebook
    gaps: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "gaps", GAP)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per column of the data.

        Returns
        -------
        DataFrame
            ``variable``, ``label``, ``identifier``, ``special``, ``purpose``, ``basis``, ``consent``,
            ``permission``, ``retention``, ``keep_until`` (in words) and ``seen_by``.
        """
        rows = [
            {
                **{name: getattr(about, name) for name in HELD[1:7]},
                "variable": about.name,
                "permission": "; ".join(about.permission),
                "retention": about.retention,
                "keep_until": str(self._term(about) or ""),
                "seen_by": seen_by(about),
            }
            for about in self.codebook.variables.values()
        ]
        return pd.DataFrame(rows, columns=list(HELD))

    def _term(self, about: Variable) -> KeepUntil | None:
        return about.keep_until or self.codebook.keep_until

    def in_words(self) -> pd.DataFrame:
        """Return one row per column of the data, in the words of the codebook and of readers.

        Returns
        -------
        DataFrame
            ``column`` (the wording, not a chart's short name), ``identifies`` (whether it identifies a
            respondent: "yes", "only together with other answers" or "no"), ``purpose``, ``basis``, ``kept``.

        Examples
        --------
        >>> import trustkit as tk
        >>> book = tk.Codebook({"age": tk.Variable("age", "Age", "numeric", identifier="quasi")})
        >>> tk.inventory(book).in_words()[["column", "identifies"]].values.tolist()
        [['Age', 'only together with other answers']]
        """
        variables = self.codebook.variables.values()
        return pd.DataFrame(
            {
                "column": [about.label or about.name for about in variables],
                "identifies": [IDENTIFIES[about.identifier] for about in variables],
                "purpose": [about.purpose or "-" for about in variables],
                "basis": [IN_WORDS.get(about.basis, about.basis) for about in variables],
                "kept": [about.retention or str(self._term(about) or "-") for about in variables],
            }
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table, gaps = self.in_words().drop(columns="identifies"), len(self.gaps)
        note = "1 gap: see gaps." if gaps == 1 else f"{gaps:,} gaps: see gaps."
        return (
            f"What is held, and why: {self.codebook.title or 'untitled'}",
            table,
            [note if gaps else "Nothing that must be stated is missing.", *self.codebook.caveats.sentences],
        )

    def _repr_html_(self) -> str:
        title, table, notes = self._parts()
        rest = table.iloc[ROWS_SHOWN:]
        caption = f"The other columns of {self.codebook.title or 'the codebook'}"
        folded = folded_rows(rest, f"The other {len(rest):,} columns", caption=caption)
        first = html_table(table.head(ROWS_SHOWN), caption=title)
        return for_notebook(first + html_notes(notes) + folded)

    def to_jsonld(self) -> dict[str, object]:
        """Return the inventory as one JSON-LD document with terms of the Data Privacy Vocabulary.

        Returns
        -------
        dict
            To write with ``json.dump``. Each column is a ``dpv:Process`` with its data, purposes, legal
            bases and term of storage.

        Notes
        -----
        The vocabulary is https://w3id.org/dpv, its extension for the GDPR https://w3id.org/dpv/legal/eu/gdpr.
        """
        book = self.codebook
        document = {
            "@context": CONTEXT,
            "@type": "dpv:Process",
            "dct:title": book.title or "untitled",
            "dct:description": book.population,
            "dpv:hasProcess": [self._process(about) for about in book.variables.values()],
        }
        return {name: value for name, value in document.items() if value}

    def _process(self, about: Variable) -> dict[str, object]:
        """Return what is done with one column."""
        personal = about.basis != "not personal"
        kinds = ["dpv:PersonalData"] + (
            ["dpv:SpecialCategoryPersonalData"] if about.special != "none" else []
        )
        told = [
            self.codebook.purposes[name].wording
            for name in about.permission
            if name in self.codebook.purposes
        ]
        words = [about.purpose, *told] if about.purpose else told
        bases = [BASES[about.basis]] if about.basis in BASES else []
        if about.special != "none" and about.basis == "explicit consent":
            bases.append(EXPLICIT_CONSENT)
        process = {
            "@type": "dpv:PersonalDataProcess" if personal else "dpv:NonPersonalDataProcess",
            "dct:identifier": about.name,
            "dpv:hasPersonalData" if personal else "dpv:hasData": {
                "@type": kinds if personal else "dpv:NonPersonalData",
                "dct:title": about.label,
            },
            "dpv:hasPurpose": [{"@type": "dpv:Purpose", "dct:description": text} for text in words],
            "dpv:hasLegalBasis": [{"@id": term} for term in bases],
            "dpv:hasStorageCondition": self._storage(about),
        }
        return {name: value for name, value in process.items() if value}

    def _storage(self, about: Variable) -> dict[str, object]:
        """Return how long one column is kept, as a condition of storage."""
        term = self._term(about)
        words = about.retention or str(term or "")
        if not words:
            return {}
        condition: dict[str, object] = {"@type": "dpv:StorageCondition", "dct:description": words}
        if term is not None and term.date:
            until = {"@value": term.date, "@type": "xsd:date"}
            condition["dpv:hasDuration"] = {"@type": "dpv:UntilTimeDuration", "rdf:value": until}
        elif term is not None and term.after == "fieldwork":
            months = {"@value": f"P{term.months}M", "@type": "xsd:duration"}
            condition["dpv:hasDuration"] = {"@type": "dpv:TemporalDuration", "rdf:value": months}
        return condition


def inventory(
    codebook: Codebook,
    *,
    records: Records | None = None,
    columns: Collection[str] | None = None,
    used: Collection[str] | None = None,
    on: str | dt.date | None = None,
    cleaned: Mapping[str, Collection[str]] | None = None,
) -> Inventory:
    """List what a study holds and why, and what is not stated about it.

    Parameters
    ----------
    codebook
        The description of the columns.
    records
        Consent records: a frame with the columns ``subject``, ``purpose``, ``status`` and ``at``, or an
        object with ``to_frame()``. A purpose that they name counts as recorded.
    columns
        The columns of the data. Those that the codebook lacks are gaps.
    used
        The columns that some analysis names. The others are held and not used, which is a gap.
    on
        The day, as ``2026-03-31``, on which terms are compared: what was to be deleted before it is a gap.
        None: terms are not compared, so the result does not depend on the day.
    cleaned
        The columns of the cleaned data, each with the files that hold it. One that was to be kept only until
        the data are cleaned is a gap.

    Returns
    -------
    Inventory
        One row per column, and the gaps.

    Raises
    ------
    DataError
        If ``on`` is not a date, or the records have faults.

    Notes
    -----
    The rules follow GDPR Art. 5, 6, 7, 9, 13 and 30. They find what is not stated. They cannot find out
    whether what is stated is true, or whether it is lawful.

    Examples
    --------
    >>> import trustkit as tk
    >>> mail = tk.Variable("mail", "E-mail", "text", identifier="direct", basis="consent")
    >>> tk.inventory(tk.Codebook({"mail": mail})).gaps["missing"].tolist()
    ['purpose', 'retention', 'permission', 'how consent was asked']
    """
    accepts(
        codebook=(codebook, CODEBOOK),
        records=(records, RECORDS.optional()),
        columns=(columns, OPTIONAL_NAME_LIST),
        used=(used, OPTIONAL_NAME_LIST),
        on=(on, DAY.optional()),
        cleaned=(cleaned, MAPPING.optional()),
    )
    recorded = [] if records is None else purposes_recorded(records_frame(records))
    compared = Held(codebook, recorded, columns, used, None if on is None else day(on), cleaned)
    return Inventory(codebook, find_gaps(compared))


def day(on: str | dt.date) -> dt.date:
    """Return a calendar day.

    Raises
    ------
    DataError
        If it is not one.

    Examples
    --------
    >>> day("2026-03-31")
    datetime.date(2026, 3, 31)
    """
    if isinstance(on, dt.datetime):
        return on.date()
    known = on if isinstance(on, dt.date) else iso_day(on)
    if known is None:
        raise DataError(
            "this is not a day of the calendar", where="on", got=repr(on), do="write it as 2026-03-31"
        )
    return known


def seen_by(about: Variable) -> str:
    """Return in words who sees the values of a column, or figures made of them.

    Examples
    --------
    >>> from trustkit import Variable
    >>> seen_by(Variable("mail", "E-mail", "text"))
    "the study's team"
    """
    kept_back = about.identifier == "direct" or about.kind in ("id", "text")
    return TEAM if kept_back else READERS
