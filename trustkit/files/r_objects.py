"""Data frames of R out of the parse tree of package rdata: values, labels, missing codes and factors.

rdata's conversion to pandas drops attributes, so columns are made here from what it parsed.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.files.grids import NAME_IT
from trustkit.files.zip_archives import CHUNK_BYTES, refuse_growth
from trustkit.survey.quoted_cells import library_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

COMPRESSED: Mapping[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
"""How compressed files start, and what opens them."""

R_DATA = re.compile(rb"RD[AX][23]\n|X\n\x00\x00\x00[\x02\x03]|A\n(?:2\n\d+\n131840|3\n\d+\n197888)\n")
"""How files start that R's `save` and `saveRDS` write, once they are unpacked."""

START_BYTES = 32
"""How many bytes are looked at to tell whether R wrote a file."""

LATIN_1, UTF_8 = 1 << 2, 1 << 3
"""The marks of the encoding of a text."""

NA_INTEGER = -(2**31)
"""How R writes a missing whole number or logical value."""

NA_INTEGER_64 = -(2**63)
"""How package bit64 writes a missing whole number."""

EXACT_WHOLE = 2**53
"""Whole numbers from here on have no exact floating-point number."""

SECONDS_OF_DAY = 86_400

ORDERED = "ordered"
"""The level of measurement of an ordered factor."""


def is_r_data(path: Path) -> bool:
    """Return whether R wrote a file with `save` or `saveRDS`, compressed or not."""
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    return bool(R_DATA.match(_unpacked(path, start, START_BYTES)))


def _unpacked(path: Path, start: bytes, size: int) -> bytes:
    """Return up to ``size`` bytes of a file's content; those of a damaged archive are none."""
    opener = next((opener for mark, opener in COMPRESSED.items() if start.startswith(mark)), None)
    if opener is None:
        return start[:size]
    try:
        with opener(path, "rb") as file:
            return bytes(file.read(size))
    except (OSError, EOFError, lzma.LZMAError, zlib.error):
        return b""


def content_of(path: Path) -> bytes:
    """Return the unpacked content of a file.

    Raises
    ------
    ValueError
        If it is cut off or damaged.
    DataError
        If it grows beyond measure (`zip_archives.refuse_growth`).
    """
    with path.open("rb") as raw:
        start = raw.read(START_BYTES)
    opener = next((opener for mark, opener in COMPRESSED.items() if start.startswith(mark)), None)
    if opener is None:
        return path.read_bytes()
    try:
        with opener(path, "rb") as file:
            content = _bounded(file, path)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as fault:
        raise ValueError(str(fault)) from None
    return content


def _bounded(file: IO[bytes], path: Path) -> bytes:
    """Return a file's content in pieces, as to ask for much reserves as much; refuse what is vast."""
    content, packed = bytearray(), path.stat().st_size
    do = "save it unpacked: saveRDS(x, FILE, compress = FALSE)"
    while piece := file.read(CHUNK_BYTES):
        content += piece
        refuse_growth("the file", path.as_posix(), len(content), packed, do)
    return bytes(content)


class Frames:
    """The data frames of a file, with what tells how to read them.

    Parameters
    ----------
    parsed
        What `rdata.parser.parse_data` returns.
    where
        The file, for messages.
    encoding
        The encoding of texts that do not name theirs; None to go by the file.
    """

    def __init__(self, parsed: Any, where: str, encoding: str | None) -> None:  # noqa: ANN401
        native = getattr(parsed.extra, "encoding", None)
        self.encoding = native or encoding or "utf-8"
        self.where = where
        self.frames = dict(self._frames("", parsed.object))

    def _frames(self, name: str, item: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Return the data frames of an object, or of the parts of a list, with their names."""
        if "data.frame" in self.texts_of(item, "class"):
            return [(name, item)]
        kind = item.info.type.name
        if kind == "LIST":
            return [frame for tag, part in self.pairs(item) for frame in self._frames(tag, part)]
        if kind == "VEC":
            names = self.texts_of(item, "names") or [str(at) for at in range(1, len(item.value) + 1)]
            return [
                (part_name, part)
                for part_name, part in zip(names, item.value, strict=True)
                if "data.frame" in self.texts_of(part, "class")
            ]
        return []

    def pairs(self, item: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Return the parts of a list of pairs, such as attributes, with their names.

        Parameters
        ----------
        item
            The list, as it was parsed; None for one without parts.
        """
        pairs = []
        while item is not None and item.info.type.name in ("LIST", "ATTRLIST"):
            tag = item.tag
            if tag is not None and tag.info.type.name == "REF":
                tag = tag.referenced_object
            pairs.append((self.text(tag.value) or "" if tag is not None else "", item.value[0]))
            item = item.value[1]
        return pairs

    def text(self, item: Any) -> str | None:  # noqa: ANN401
        """Return a text; None if it is missing."""
        if item.value is None:
            return None
        marks = item.info.gp
        encoding = "utf-8" if marks & UTF_8 else "cp1252" if marks & LATIN_1 else self.encoding
        try:
            return str(item.value.decode(encoding))
        except UnicodeError as fault:
            raise DataError(
                f"the file's text is not in the encoding {encoding}",
                where=self.where, got=library_words(fault),
                do="name its encoding: read(..., encoding=), or save it again in R 3.5 or newer",
            ) from None  # fmt: skip

    def attribute(self, item: Any, name: str) -> Any:  # noqa: ANN401
        """Return an attribute of an object; None if it has none of this name."""
        return next((part for tag, part in self.pairs(item.attributes) if tag == name), None)

    def texts_of(self, item: Any, name: str) -> list[str]:  # noqa: ANN401
        """Return an attribute that holds texts."""
        texts = self.attribute(item, name)
        if texts is None or texts.info.type.name != "STR":
            return []
        return [self.text(part) or "" for part in texts.value]

    def one(self, wanted: str | None) -> Any:  # noqa: ANN401
        """Return the data frame to read.

        Raises
        ------
        DataError
            If the file has no data frame, several and none is named, or none of the name.
        """
        names = list(self.frames)
        if not names:
            raise DataError(
                "this file of R has no data frame",
                where=self.where, expected="a data frame or tibble", do="in R, save as.data.frame(x)",
            )  # fmt: skip
        if wanted is None and len(names) == 1:
            return self.frames[names[0]]
        if wanted in self.frames:
            return self.frames[wanted]
        shown = "; ".join(f"{name!r}: {len(frame.value)} columns" for name, frame in self.frames.items())
        raise DataError(
            f"the file has {len(names)} data frames" if wanted is None else "the file has no such data frame",
            where=self.where, got=shown if wanted is None else repr(wanted),
            expected="one data frame, or the name of the one to read" if wanted is None else ", ".join(names),
            do=NAME_IT.format(names[0]),
        )  # fmt: skip

    def columns(self, frame: Any) -> tuple[list[str], list[pd.Series], dict[str, Any]]:  # noqa: ANN401
        """Return the names and values of a data frame's columns, and what it tells about them.

        Raises
        ------
        DataError
            If columns hold lists, matrices or what no survey has.
        """
        names = self.texts_of(frame, "names")
        odd = [name for name, item in zip(names, frame.value, strict=True) if not self._is_plain(item)]
        if odd:
            raise DataError(
                f"{len(odd)} columns hold lists, matrices or complex numbers, not one value for a row",
                where=self.where, got=", ".join(odd[:5]),
                do="in R, split each into plain columns, or drop it, and save again",
            )  # fmt: skip
        metadata: dict[str, Any] = {
            "labels": dict(zip(names, self.texts_of(frame, "variable.labels"), strict=False)),
            "codes": {}, "measures": {}, "missing_values": {}, "missing_ranges": {},
        }  # fmt: skip
        values = [self._column(name, item, metadata) for name, item in zip(names, frame.value, strict=True)]
        return names, values, metadata

    def _is_plain(self, item: Any) -> bool:  # noqa: ANN401
        """Return whether a column holds one number or text for each row."""
        kinds = ("LGL", "INT", "REAL", "STR")
        return item.info.type.name in kinds and self.attribute(item, "dim") is None

    def _column(self, name: str, item: Any, metadata: dict[str, Any]) -> pd.Series:  # noqa: ANN401
        """Return a column's values, and keep what the file tells about it."""
        classes = self.texts_of(item, "class")
        label = [text for text in self.texts_of(item, "label") if text.strip()]
        if label:
            metadata["labels"][name] = label[0]
        if "factor" in classes:
            return self._factor(name, item, metadata, ordered="ordered" in classes)
        labels = self.attribute(item, "labels")
        if labels is not None and self._is_plain(labels):
            codes = self._cells(labels)
            metadata["codes"][name] = list(zip(codes, self.texts_of(labels, "names"), strict=True))
        self._keep_missing(name, item, metadata)
        if "Date" in classes or "POSIXct" in classes:
            return self._times(item, "Date" in classes)
        if "integer64" in classes:
            return _long_numbers(np.asarray(item.value, dtype=float).view(np.int64))
        cells = self._cells(item)
        if item.info.type.name == "LGL":
            metadata["codes"][name] = [(answer, answer) for answer in ("TRUE", "FALSE")]
            cells = [None if cell is None else str(bool(cell)).upper() for cell in cells]
        texts = [cell for cell in cells if isinstance(cell, str)]
        if item.info.type.name in ("STR", "LGL"):  # an empty text is no answer
            return pd.Series([cell or None for cell in cells], dtype="str")
        if texts:  # tagged missing values
            metadata["missing_values"].setdefault(name, []).extend(sorted(set(texts)))
            return pd.Series([np.nan if cell is None else cell for cell in cells], dtype=object)
        return pd.Series(_numbers(item))

    def _factor(self, name: str, item: Any, metadata: dict[str, Any], *, ordered: bool) -> pd.Series:  # noqa: ANN401
        """Return a factor's words, and keep its levels in their order."""
        levels = self.texts_of(item, "levels")
        metadata["codes"][name] = [(level, level) for level in levels]
        metadata["measures"][name] = ORDERED if ordered else "nominal"
        return pd.Series([None if at != at else levels[int(at) - 1] for at in _numbers(item)], dtype="str")  # noqa: PLR0124

    def _times(self, item: Any, days: bool) -> pd.Series:  # noqa: ANN401, FBT001
        """Return days, or times as the clock of their zone showed them."""
        if days:
            with np.errstate(invalid="ignore"):  # R's missing numbers are signals to some processors
                return _moments(_numbers(item) * SECONDS_OF_DAY)
        zone = next(iter(self.texts_of(item, "tzone")), "") or "UTC"
        shown: pd.Series = (
            _moments(_numbers(item)).dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        )
        return shown

    def _keep_missing(self, name: str, item: Any, metadata: dict[str, Any]) -> None:  # noqa: ANN401
        """Keep the values and ranges that a column of package haven declares missing."""
        values, span = self.attribute(item, "na_values"), self.attribute(item, "na_range")
        if values is not None:
            cells = [cell for cell in self._cells(values) if cell is not None]
            metadata["missing_ranges"][name] = [
                {"lo": cell, "hi": cell} for cell in cells if not isinstance(cell, str)
            ]
            metadata["missing_values"][name] = [cell for cell in cells if isinstance(cell, str)]
        if span is not None:
            low, high = self._cells(span)
            metadata["missing_ranges"].setdefault(name, []).append({"lo": low, "hi": high})

    def _cells(self, item: Any) -> list[Any]:  # noqa: ANN401
        """Return numbers or texts; a missing one as None, one with a tag as its letter."""
        if item.info.type.name == "STR":
            return [self.text(part) for part in item.value]
        numbers = _numbers(item)
        tags = ((numbers.view(np.uint64) >> np.uint64(32)) & np.uint64(0xFF)).tolist()
        return [
            number if number == number  # noqa: PLR0124
            else chr(tag) if item.info.type.name == "REAL" and chr(tag).isalpha() and chr(tag).isascii()
            else None
            for number, tag in zip(numbers.tolist(), tags, strict=True)
        ]  # fmt: skip


def _numbers(item: Any) -> NDArray[np.float64]:  # noqa: ANN401
    """Return a vector as floating-point numbers, missing ones as NaN; NaN keep their bits."""
    if item.info.type.name == "REAL":
        return np.array(item.value, dtype=np.float64)
    all_numbers = np.ma.getdata(item.value).astype(np.float64)
    missing = np.ma.getmaskarray(item.value) | (all_numbers == NA_INTEGER)
    return np.where(missing, np.nan, all_numbers)


def _moments(seconds: NDArray[np.float64]) -> pd.Series:
    """Return dates and times from seconds since 1970."""
    finite = np.isfinite(seconds)
    milliseconds = np.where(finite, np.round(np.where(finite, seconds, 0) * 1_000), 0).astype("int64")
    moments = milliseconds.astype("datetime64[ms]")
    moments[~finite] = np.datetime64("NaT")
    return pd.Series(moments)


def _long_numbers(numbers: NDArray[np.int64]) -> pd.Series:
    """Return whole numbers of package bit64: as text where a floating-point number would change one."""
    present = numbers != NA_INTEGER_64
    if not present.all() or (np.abs(numbers) >= EXACT_WHOLE).any():
        if (np.abs(numbers[present]) < EXACT_WHOLE).all():
            return pd.Series(np.where(present, numbers, np.nan))
        return pd.Series(
            [str(n) if ok else None for n, ok in zip(numbers.tolist(), present, strict=True)], dtype="str"
        )
    return pd.Series(numbers)
