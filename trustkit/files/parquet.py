"""Parquet files, read and written; the codebook travels in the file's metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pandas as pd

from trustkit.drafting.column_guesses import sketch
from trustkit.errors import DataError, first_few, needs
from trustkit.files.foreign_files import limits_for, reading_process
from trustkit.files.grids import header_names, renamed_columns
from trustkit.files.platforms import Description, one_line
from trustkit.files.reading_process import SIGNS_OF_DAMAGE
from trustkit.files.scratch_folders import temporary_folder
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_json import KEY, from_record, to_record
from trustkit.survey.quoted_cells import library_words
from trustkit.survey.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustkit.survey.variable import Variable


LABEL_KEYS = (b"label", b"description", b"comment")
"""Under which keys of a column's metadata programs keep its wording."""


def read_parquet(path: Path, codebook: Codebook | None = None) -> tuple[Survey, dict[str, str]]:
    """Read a Parquet file; one that trustkit wrote brings its codebook along.

    Returns
    -------
    tuple
        The survey, whose codebook has the columns with a label, and the columns that share a name and were
        numbered: new name -> words.

    Raises
    ------
    DataError
        If it is damaged, or far larger than its file.
    """
    where = path.as_posix()
    arrow = needs("pyarrow", "files", where)
    with temporary_folder() as folder:
        out = folder / "table"
        with reading_process() as process:
            process.ask("table", path, limits_for(path), out=str(out))
        with arrow.OSFile(str(out)) as source, arrow.ipc.open_file(source) as file:
            table = file.read_all()
    stored = (table.schema.metadata or {}).get(KEY)
    try:
        data = table.to_pandas()
    except (arrow.ArrowException, *SIGNS_OF_DAMAGE) as fault:
        raise DataError(
            "the file is damaged",
            where=where, got=f"what it says of its columns can't be read: {library_words(fault)}",
            do="save or download it again",
        ) from None  # fmt: skip
    header = [str(name) for name in data.columns]
    names = header_names(header, where)
    data.columns = pd.Index(names)
    if codebook is None and stored:
        codebook = _kept_codebook(stored, where)
    elif codebook is None:
        labels = {field.name: _label_of(field.metadata or {}) for field in table.schema}
        asked = {name: label for name, head in zip(names, header, strict=True) if (label := labels.get(head))}
        codebook = Codebook(_labelled(data, asked), title=path.stem)
    return Survey(data, codebook), renamed_columns(header, set(data.columns))


def _label_of(about: Mapping[bytes, bytes]) -> str:
    """Return what the metadata of a column give as its wording; "" if nothing."""
    found = next((about[key] for key in LABEL_KEYS if about.get(key)), b"")
    return one_line(found.decode("utf-8", errors="replace"))


def _labelled(data: pd.DataFrame, labels: Mapping[str, str]) -> dict[str, Variable]:
    """Describe the columns that have a label; all else is guessed from their content."""
    description = Description("")
    for name, label in labels.items():
        description.drafts[name] = sketch(data[name], label=label)
    return dict(description.codebook(labels).variables)


def _kept_codebook(stored: bytes, where: str) -> Codebook:
    """Return the codebook that a file brings along."""
    try:
        book = from_record(json.loads(stored))
    except SIGNS_OF_DAMAGE as fault:
        raise DataError(
            "the codebook in the file can't be read", where=where, got=repr(fault), do="name a codebook"
        ) from None
    return cast("Codebook", book)


def write_parquet(survey: Survey, path: Path) -> dict[str, str]:
    """Write labels as categories, and the codebook into the file's metadata."""
    arrow = needs("pyarrow", "files", path.as_posix())
    parquet = needs("pyarrow.parquet", "files", path.as_posix())
    try:
        table = arrow.Table.from_pandas(survey.data, preserve_index=False)
    except arrow.ArrowException:  # its message quotes a cell, which may identify a person
        names = survey.data.select_dtypes("object").columns
        raise DataError(
            "a column holds values of several types", where=path.name, got=f"one of: {first_few(names)}",
            do="describe it in the codebook, or make it text",
        ) from None  # fmt: skip
    record = json.dumps(to_record(survey.codebook), ensure_ascii=False).encode("utf-8")
    parquet.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: record}), path)
    return {str(name): str(name) for name in survey.data.columns}
