"""What is never exported: rows of respondents, and columns that tell who a respondent is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import is_of
from trustkit.drafting.column_sketch import Sketch
from trustkit.drafting.persons import FEWEST_PERSONS, find_identifier
from trustkit.drafting.wordings import ID_NAMES
from trustkit.errors import DataError
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.data_table import DataTable

if TYPE_CHECKING:
    from trustkit.exports.printed_tables import PrintedTable

OF_RESPONDENTS = ("Survey", "Design", "Careless")
"""Results that hold a row for each respondent."""

MOST_ROWS = 500
"""A table or chart of a frame with more rows is taken for rows of respondents."""

DIRECT = "identifier direct: "
"""How the note on a column begins that tells one person from all others."""

SIZES = ("n", "n_eff", "n_weighted")
"""Columns that say that each row counts several respondents."""

OWN_COLUMNS = frozenset({"question", "wording", "row", "kind", "head", "letter", "higher", "higher_at_second",
                         "flag", "reason", "mark", "variable", "level", "column", "df"})  # fmt: skip
"""Columns of results that hold questions, answers and groups."""


def refuse_respondents(result: object) -> None:
    """Refuse what holds a row for each respondent, and a plain frame, whose rows may be respondents.

    Raises
    ------
    DataError
        If it does.
    """
    if isinstance(result, pd.DataFrame):
        raise DataError(
            "a plain frame is not exported, because its rows may be respondents", where="tables",
            got=f"a frame of {len(result):,} rows", expected="results, or tables with a title",
            do="make it a table: tk.data_table(frame, title=...)",
        )  # fmt: skip
    for name in OF_RESPONDENTS:
        if is_of(result, name):
            raise DataError(
                "rows of respondents are not exported", where="tables", got=f"a {name}",
                expected="results such as a Banner or an Estimate",
                do="tabulate it first, for example with tk.banner",
            )  # fmt: skip


def refuse_microdata(result: object, table: PrintedTable) -> None:
    """Refuse a table that tells who a respondent is, or that may hold a row for each respondent.

    Parameters
    ----------
    result
        What the table is of.
    table
        The table.

    Raises
    ------
    DataError
        If a column looks like an identifier, or the rows are too many for a table.
    """
    frame = table.data
    of_frame = isinstance(result, DataTable | DataFigure)
    if of_frame and len(frame) > MOST_ROWS and not set(SIZES) & set(map(str, frame.columns)):
        raise DataError(
            "a table with so many rows may hold a row for each respondent", where=table.title,
            got=f"{len(frame):,} rows without a column n", expected=f"at most {MOST_ROWS:,} rows",
            do="export estimates, or the rows that a reader needs",
        )  # fmt: skip
    for name in frame.columns:
        if pd.api.types.is_float_dtype(frame[name]) or (not of_frame and name in OWN_COLUMNS):
            continue
        why = _identifies(frame[name].rename(str(name)))
        if why:
            raise DataError(
                "a column that may tell who a respondent is can't be exported",
                where=f"{table.title}: {name}", got=why, expected="groups and answers",
                do="leave the column out",
            )  # fmt: skip


def _identifies(column: pd.Series) -> str:
    """Return why a column may tell who a respondent is; a name alone ("email") says it of many cells only."""
    draft = Sketch(column, None, str(column.name))
    draft.kind = "numeric" if pd.api.types.is_numeric_dtype(column) else "text"
    find_identifier(draft)
    why = next((note for note in draft.notes if note.startswith(DIRECT)), "").removeprefix(DIRECT)
    by_name = why.startswith("the name says") and not draft.named(ID_NAMES)
    return "" if by_name and column.astype(str).nunique() < FEWEST_PERSONS else why
