"""Tables as files for publication: Excel, Word, PowerPoint, CSV, HTML, Parquet and JSON."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from trustkit.arguments import PATH, TEXT, ArgumentKind, a_trustkit, accepts
from trustkit.counted import UNPROTECTED
from trustkit.display import Shown
from trustkit.errors import DataError, writing
from trustkit.exports.banner_layout import banner_table
from trustkit.exports.documents import document_of
from trustkit.exports.microdata_guard import refuse_microdata, refuse_respondents
from trustkit.exports.plain_files import csv_bytes, csv_files, html_bytes, json_bytes, parquet_bytes
from trustkit.exports.result_layout import result_table
from trustkit.exports.safe_text import one_line
from trustkit.exports.slides import shortened_texts, slides_of
from trustkit.exports.table_sheets import workbook_of
from trustkit.exports.unrounded import has_digits, unshown_columns
from trustkit.field_kinds import YES_OR_NO
from trustkit.figures.data_figure import DataFigure
from trustkit.files.file_places import refuse_place
from trustkit.files.scratch_folders import scratch_folder
from trustkit.survey.protection import PROTECTION, Protection, rule_for
from trustkit.tables.banner import Banner, BannerTable
from trustkit.tables.cross_tables import CrossTable
from trustkit.tables.marks import published_note
from trustkit.tables.open_results import OPEN
from trustkit.tables.protected import Printed, Protected, ProtectedTable, protect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

    from trustkit.exports.printed_tables import PrintedTable

Exported: TypeAlias = "Banner | Shown | DataFigure"
"""What can be exported."""

SUFFIXES = (".xlsx", ".docx", ".pptx", ".csv", ".zip", ".html", ".parquet", ".json")
"""The formats, by the suffix of the file."""

SCRATCH = ".trustkit-tables-"
"""How the folder that a file is written in begins."""

COLUMNS = ["table", "what", "kept", "lost"]

ROUNDED = {".docx": "a Word document", ".pptx": "slides"}
"""Formats that hold numbers as they are shown."""

TABLES = ArgumentKind(
    lambda value: (
        isinstance(value, Banner | Shown | DataFigure | pd.DataFrame)
        or (
            isinstance(value, list | tuple)
            and bool(value)
            and all(isinstance(one, Banner | Shown | DataFigure | pd.DataFrame) for one in value)
        )
    ),
    "a Banner, another result, a chart, or a list of them",
    "give what tk.banner, tk.proportion or another function returned",
)
UNSHOWN = "numbers that its table does not show"
"""What is said of a column that is left out."""

RULE = a_trustkit("Protection", "make it with tk.Protection").optional()


def write_tables(
    tables: Exported | Sequence[Exported],
    path: str | PathLike[str],
    *,
    title: str = "",
    charts: bool = True,
    protection: Protection | None = PROTECTION,
) -> pd.DataFrame:
    """Write tables for publication, with their bases and notes, in the format that the file's name ends in.

    Numbers of few respondents are hidden, as `protect` does it, in all tables of the file together.

    Parameters
    ----------
    tables
        A `Banner`, an `Estimate` or another result, a `DataFigure`, or a list of them.
    path
        Where to: ``.xlsx`` (a sheet for each table), ``.docx``, ``.pptx``, ``.html``, ``.csv`` (one table),
        ``.zip`` (a CSV file for each table), ``.parquet`` or ``.json``. A file that is there is replaced,
        unless it is raw data.
    title
        What stands above all tables.
    charts
        Whether workbooks and slides have charts, which can be edited and show the intervals.
    protection
        What must not be published. Left out, this is the rule of the results' codebooks, or the default one;
        a rule that is given can hide more than a codebook's does, but not less. What `protect` returned is
        written as it is. None: nothing is hidden, and the file says so, as it must not leave the desk.

    Returns
    -------
    DataFrame
        What the file could not keep, or holds in another form: ``table``, ``what``, ``kept``, ``lost``.

    Raises
    ------
    DataError
        An unknown format; several tables for one CSV file; rows of respondents, or a column that may tell
        who a respondent is; a result that does not say how many respondents its numbers rest on, so that it
        can't be protected; more rows, columns or characters than Excel can hold; a package of the extra
        ``office`` that is missing; a file that can't be written.

    Notes
    -----
    No text is a formula or a link: in workbooks text is written as text, and in CSV a text that a spreadsheet
    would take for a formula begins with an apostrophe (as does one that begins with an apostrophe; take the
    first one away to read it back). Numbers are numbers, unrounded, except in ``.docx`` and in the tables of
    ``.pptx``. CSV, Parquet and JSON have the long form of ``to_frame()``. The same tables give the same
    bytes. A table with hidden numbers has the others as they are shown, and no chart; so have all tables if
    the rule rounds bases. A table without hidden numbers has all digits; a column of a result's frame is left
    out, and listed, if it holds numbers that nobody reads in the table, as these were not protected. Files
    that are published together must be protected together: ``write_tables(protect([...]).tables[0], ...)``.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("ynynyy") * 20, "sex": list("mmmfff") * 20})
    >>> book = tk.banner(tk.Design(frame), ["trust"], ["sex"])
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "banner.json"
    >>> tk.write_tables(book, file, title="Trust by sex").empty
    True
    >>> json.loads(file.read_text())["tables"][0]["rows"][1]["column"]
    'f'
    """
    accepts(
        tables=(tables, TABLES),
        path=(path, PATH),
        title=(title, TEXT),
        charts=(charts, YES_OR_NO),
        protection=(protection, RULE),
    )
    path = Path(path)
    suffix = path.suffix.casefold()
    if suffix not in SUFFIXES:
        raise DataError(
            "tables can't be written in this format", where=path.as_posix(), got=path.suffix or "no suffix",
            expected=", ".join(SUFFIXES[:-1]) + " or " + SUFFIXES[-1], do="name the file so",
        )  # fmt: skip
    printed = list(_printed(tables, protection))
    if suffix == ".csv" and len(printed) > 1:
        raise DataError(
            "a CSV file holds one table", where=path.as_posix(), got=f"{len(printed)} tables",
            do=f"name it {path.stem}.zip for a CSV file of each",
        )  # fmt: skip
    refuse_place(path)
    heading = one_line(title)
    content, losses = _made(printed, suffix, heading, charts=bool(charts))
    with writing(path), scratch_folder(path.parent, SCRATCH) as folder:
        part = folder / "temporary" / path.name
        part.parent.mkdir()
        part.write_bytes(content)
        part.replace(path)
    losses += [(table.name, f"column {name}", "", UNSHOWN) for table in printed for name in table.left_out]
    return pd.DataFrame(losses, columns=COLUMNS)


def _printed(tables: Exported | Sequence[Exported], protection: Protection | None) -> Iterator[PrintedTable]:
    """Iterate over the tables as they are printed; refuse what is never exported."""
    single = list(_single(tables))
    if protection is None or isinstance(tables, Protected):
        printed = [_laid_out(result, about) for result, about in single]
    else:
        printed = _protected(single, protection)
    for (result, _), table in zip(single, printed, strict=True):
        refuse_microdata(result, table)
        yield table if protection is None else _published(table)


def _laid_out(result: object, about: tuple[str, ...], without: Sequence[str] = ()) -> PrintedTable:
    """Return a result as it is printed, without some columns of its frame."""
    if isinstance(result, BannerTable):
        return banner_table(result, about)
    return replace(result_table(result, without=without), about=about)  # type: ignore[arg-type]


def _single(tables: Exported | Sequence[Exported]) -> Iterator[tuple[object, tuple[str, ...]]]:
    """Iterate over results that are one table each, and what is said of the survey."""
    for result in tables if isinstance(tables, list | tuple) else [tables]:
        refuse_respondents(result)
        if isinstance(result, Banner):
            yield from ((one, result.about) for one in result)
        elif isinstance(several := getattr(result, "tables", None), tuple):
            yield from ((one, ()) for one in several)
        else:
            yield result, ()


def _protected(
    single: Sequence[tuple[object, tuple[str, ...]]], protection: Protection
) -> list[PrintedTable]:
    """Return results as they are printed once their small numbers are hidden."""
    counted = {
        place: result
        for place, (result, _) in enumerate(single)
        if isinstance(result, Printed) and result._printed()  # noqa: SLF001
    }
    for place, (result, _) in enumerate(single):
        told = place in counted or isinstance(result, ProtectedTable) or type(result).__name__ in OPEN
        if not told:
            raise DataError(
                "a result does not say how many respondents its numbers rest on, so it can't be protected",
                where="tables", got=f"a {type(result).__name__}",
                do="leave it out; for a file that stays at the desk, say protection=None",
            )  # fmt: skip
    if not counted:
        return [_laid_out(result, about) for result, about in single]
    rule = rule_for([result for result, _ in single], protection)
    safe = protect(list(counted.values()), protection=rule)
    shown = dict(zip(counted, zip(safe, safe.marks, strict=True), strict=True))
    printed = []
    for place, (result, about) in enumerate(single):
        if place not in shown:
            printed.append(_laid_out(result, about))
            continue
        table, marks = shown[place]
        is_whole = rule.rounding is None and not any(any(one.numbers) or any(one.bases) for one in marks)
        printed.append(_whole(result, table, about) if is_whole else _laid_out(table, about))
    return printed


def _whole(result: object, shown: ProtectedTable, about: tuple[str, ...]) -> PrintedTable:
    """Return a result of which nothing is hidden: unrounded, without numbers that its table does not show."""
    whole = _laid_out(result, about)
    beyond = unshown_columns(whole.data, shown.table, shown.counted, shown.title, *shown.notes)
    if not beyond:
        return whole
    as_shown = replace(_laid_out(shown, about), picture=whole.picture, words=whole.words)
    if isinstance(result, BannerTable | CrossTable) or not has_digits(whole.data.drop(columns=beyond)):
        return as_shown
    return replace(_laid_out(result, about, beyond), left_out=tuple(beyond))


def _published(table: PrintedTable) -> PrintedTable:
    """Return a table without the notes that are for the desk."""
    notes = [published_note(note, sizes=True) for note in table.notes if note != UNPROTECTED]
    return replace(table, notes=tuple(filter(None, notes)))


def _made(
    tables: Sequence[PrintedTable], suffix: str, title: str, *, charts: bool
) -> tuple[bytes, list[tuple[str, str, str, str]]]:
    """Return the bytes of a file, and what it could not keep."""
    if suffix == ".csv":
        (table,) = tables
        content, changed = csv_bytes(table)
        told = " ".join([title or table.title, *table.notes])
        return content, [(table.name, "title and notes", "", told), *((table.name, *one) for one in changed)]
    if suffix == ".zip":
        content, listed = csv_files(tables)
        return content, listed
    if suffix == ".parquet":
        return parquet_bytes(tables, title)
    if suffix == ".json":
        return json_bytes(tables, title), []
    if suffix == ".html":
        return html_bytes(tables, title), _without_chart(tables, charts=False)
    makers = {".xlsx": workbook_of, ".pptx": slides_of}
    content = makers[suffix](tables, title, charts=charts) if suffix in makers else document_of(tables, title)
    lost = [*_without_chart(tables, charts=charts and suffix in makers), *_rounded(tables, suffix)]
    if suffix == ".pptx":
        cut = [(table.name, texts) for table in tables for texts in shortened_texts(table, charts=charts)]
        lost += [(name, "text of a cell", *texts) for name, texts in cut]
    return content, lost


def _without_chart(tables: Sequence[PrintedTable], *, charts: bool) -> list[tuple[str, str, str, str]]:
    """List the charts that were asked for and can't be drawn."""
    return [
        (table.name, "chart", "picture" if table.picture else "table", "a chart that can be edited")
        for table in tables
        if charts and table.chart is None and "estimate" in table.data
    ]


def _rounded(tables: Sequence[PrintedTable], suffix: str) -> list[tuple[str, str, str, str]]:
    if suffix not in ROUNDED:
        return []
    has_numbers = any(
        isinstance(cell.value, float) and math.isfinite(cell.value)
        for table in tables
        for row in table.rows
        for cell in row
    )
    return [("all tables", "numbers in tables", "as shown", "more digits")] if has_numbers else []
