"""Parquet files, read and written; the codebook travels in the file's metadata."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from trustkit.errors import DataError, needs
from trustkit.files.delimited import header_names
from trustkit.files.zip_archives import refuse_vast
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_json import KEY, from_record, to_record
from trustkit.survey.survey import Survey

if TYPE_CHECKING:
    from pathlib import Path


def read_parquet(path: Path, codebook: Codebook | None = None) -> Survey:
    """Read a Parquet file; one that trustkit wrote brings its codebook along.

    Raises
    ------
    DataError
        If it is damaged, or far larger than its file.
    """
    where = path.as_posix()
    arrow = needs("pyarrow", "files", where)
    parquet = needs("pyarrow.parquet", "files", where)
    try:
        with parquet.ParquetFile(path) as file:
            refuse_vast(file.metadata.num_rows * file.metadata.num_columns, path.stat().st_size, where)
            table = file.read()
            names, data = table.column_names, table.to_pandas()
            kept = (file.schema_arrow.metadata or {}).get(KEY)
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as fault:
        raise DataError(
            "the file is damaged", where=where, got=str(fault), do="save or download it again"
        ) from None
    header_names(names, where)
    book = codebook or (_kept_codebook(kept, where) if kept else Codebook({}, title=path.stem))
    return Survey(data, book)


def _kept_codebook(kept: bytes, where: str) -> Codebook:
    """Return the codebook that a file brings along."""
    try:
        book = from_record(json.loads(kept))
    except (ValueError, KeyError, TypeError) as fault:
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
    except arrow.ArrowException as fault:
        raise DataError(
            "a column holds values of several types", where=path.name, got=str(fault),
            do="describe it in the codebook, or make it text",
        ) from None  # fmt: skip
    record = json.dumps(to_record(survey.codebook), ensure_ascii=False).encode("utf-8")
    parquet.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: record}), path)
    return {str(name): str(name) for name in survey.data.columns}
