"""Engines that hold rows: a source is opened with narwhals, and small results are collected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustkit.arguments import PATH, accepts
from trustkit.errors import DataError, install_hint
from trustkit.survey.quoted_cells import library_words

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd


def open_source(source: object) -> nw.LazyFrame[Any]:
    """Open a source of rows without reading them.

    Parameters
    ----------
    source
        The path of a Parquet file, or a source that narwhals reads lazily: a DuckDB relation, a Polars
        LazyFrame, a Spark DataFrame.

    Raises
    ------
    DataError
        If the source is not supported, the file does not exist, or a package is not installed.
    """
    try:
        import narwhals as nw  # noqa: PLC0415
    except ImportError:
        raise DataError("lazy sources need the package narwhals", do=install_hint("lazy")) from None
    if isinstance(source, str | Path):
        accepts(survey=(source, PATH))
        native = _parquet(Path(source))
    else:
        native = source
    try:
        frame: nw.LazyFrame[Any] = nw.from_native(native).lazy()  # type: ignore[call-overload]
    except TypeError:
        raise DataError(
            "unsupported data source", got=type(source).__name__,
            expected="a Survey, a DataFrame, a Parquet path, or a lazy source that narwhals reads",
            do="read a file with tk.read",
        ) from None  # fmt: skip
    return frame


def collected(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Bring a small result into memory."""
    small: pd.DataFrame = frame.collect(backend="pandas").to_pandas()
    return small


def _parquet(path: Path) -> object:
    """Open a Parquet file with DuckDB."""
    try:
        import duckdb  # noqa: PLC0415
    except ImportError:
        raise DataError("Parquet paths need the package duckdb", do=install_hint("lazy")) from None
    if not path.exists() and not any(mark in str(path) for mark in "*?["):
        raise DataError("no such file", where=path.as_posix(), do="check the path and the working directory")
    try:
        return duckdb.read_parquet(str(path))
    except duckdb.Error as fault:
        raise DataError(
            "DuckDB can't open this as Parquet",
            where=path.as_posix(),
            got=library_words(fault),
            do="give the path of a Parquet file, or read another file with tk.read",
        ) from None
