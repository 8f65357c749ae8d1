"""A file of R (``.rds``, ``.rda``) without some rows: the vectors of its data frames are cut.

The file's parse tree is written again. That is done only if the tree of the file as it is, written, gives
the file's content byte by byte, so that nothing else of the file can be lost.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from typing import TYPE_CHECKING, Any

import numpy as np

from trustkit.errors import DataError, needs
from trustkit.files.r_objects import Frames, content_of
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

PACKERS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": lambda content: gzip.compress(content, mtime=0),
    b"BZh": bz2.compress,
    b"\xfd7zXZ": lzma.compress,
}
"""How packed files start, and what packs them."""

FORMATS = {b"X\n": "xdr", b"A\n": "ascii"}
"""How the content starts, behind the first line of an ``.rda`` file, and what the format is called."""

FIRST_LINE = 5
"""Bytes of the first line of an ``.rda`` file."""

OF_COLUMNS = frozenset(
    {"names", "class", "row.names", "variable.labels", "codepage", "datalabel", "time.stamp", "formats"}
)
"""Attributes of a data frame that tell of it or of its columns, not of its rows."""

OF_ANSWERS = frozenset(
    {"class", "levels", "label", "labels", "na_values", "na_range", "tzone", "units", "comment"}
)
"""Attributes of a column that tell of its answers, not of its rows."""

BY_HAND = (
    "in R, save the data frame alone, with plain columns: saveRDS(as.data.frame(x), FILE); write its digest"
    " into SHA256SUMS, and try again"
)
"""What to do about a file that can't be cut."""


def r_without(
    path: Path, rows: Sequence[int], columns: Sequence[str], ids: Collection[str], read_as: tuple[str, str]
) -> bytes:
    """Return a file of R without some rows of the data frame that is read, and of others that hold the id.

    Parameters
    ----------
    path
        The file.
    rows
        Which rows of the data frame go, from 0.
    columns, ids
        The columns of ids, and the respondent's ids, by which rows of further data frames are told.
    read_as
        The name of the data frame and the encoding of texts, "" for none, as the codebook says.

    Raises
    ------
    DataError
        If the file can't be written again without a loss, or holds more than data frames of which parts may
        be the respondent's.
    """

    def cut(root: Any, frames: Frames) -> None:  # noqa: ANN401
        _cut(root, frames, rows, (columns, ids, read_as[0]))

    return rewritten_r(path, read_as[1], cut, f"a row can't be removed {FROM_R}")


FROM_R = "from this file of R"
"""How messages name the file."""


def rewritten_r(path: Path, encoding: str, cut: Callable[[Any, Frames], None], what: str) -> bytes:
    """Return a file of R whose parse tree was cut, if the tree of the file as it is can be written again.

    Parameters
    ----------
    path
        The file.
    encoding
        The encoding of texts, "" if the file tells.
    cut
        What cuts the tree, in place.
    what
        What can't be done if it can't be cut, for the message.

    Raises
    ------
    DataError
        If the file can't be written again without a loss, or can't be cut.
    """
    rdata = needs("rdata", "files", path.as_posix())
    content = content_of(path)
    kind = None if content.startswith(b"RD") else ".rds"
    try:
        _refuse_loss(content, rdata.parser.parse_data(content, extension=kind, expand_altrep=False), rdata)
        parsed = rdata.parser.parse_data(content, extension=kind)
        cut(parsed.object, Frames(parsed, path.as_posix(), encoding or None))
        _number_symbols(parsed.object, [])
        left = _written(content, parsed, rdata)
    except (NotImplementedError, AssertionError, TypeError) as fault:
        raise DataError(
            what,
            where=path.as_posix(), got=str(fault) or "parts that can't be written again as they are",
            expected="a data frame of plain columns", do=BY_HAND,
        ) from None  # fmt: skip
    with path.open("rb") as file:
        start = file.read(FIRST_LINE)
    return next((pack for mark, pack in PACKERS.items() if start.startswith(mark)), bytes)(left)


def _written(content: bytes, parsed: Any, rdata: Any) -> bytes:  # noqa: ANN401
    """Return a parse tree as the content of a file, in the form of another content."""
    is_workspace = content.startswith(b"RD")
    start = content[FIRST_LINE if is_workspace else 0 :][:2]
    if start not in FORMATS:
        raise NotImplementedError("a file in the binary form of one kind of computers")
    how = {"file_format": FORMATS[start], "file_type": "rda" if is_workspace else "rds"}
    return bytes(rdata.unparser.unparse_data(parsed, **how))


def _refuse_loss(content: bytes, parsed: Any, rdata: Any) -> None:  # noqa: ANN401
    """Refuse a file whose tree, written as it is, does not give its content byte by byte."""
    if _written(content, parsed, rdata) != content:
        raise NotImplementedError("parts that can't be written again as they are")


def _cut(
    root: Any,  # noqa: ANN401
    frames: Frames,
    rows: Sequence[int],
    who: tuple[Sequence[str], Collection[str], str],
) -> None:
    """Cut the rows out of the data frames of a file, in place; refuse what else may have rows."""
    columns, ids, name = who
    main = frames.one(name or None)
    lengths = {row_count(frames, main)}
    ours = []
    for frame in frames.frames.values():
        if frame is main:
            gone = set(rows)
        elif not set(columns).isdisjoint(frames.texts_of(frame, "names")):
            names, values, _ = frames.columns(frame)
            held = [values[names.index(column)] for column in columns if column in names]
            gone = {row for cells in held for row, cell in enumerate(cells) if id_text(cell) in ids}
            lengths.add(len(held[0]))
        else:
            continue
        ours.append(frame)
        _cut_frame(frames, frame, gone)
    others = [frame for frame in frames.frames.values() if not any(frame is one for one in ours)]
    if any(row_count(frames, frame) in lengths for frame in others):
        raise NotImplementedError("a further data frame of as many rows, which lacks the column of ids")
    refuse_other_vectors(root, {id(frame) for frame in frames.frames.values()}, lengths)


def row_count(frames: Frames, frame: Any) -> int:  # noqa: ANN401
    """Return how many rows a data frame has.

    Parameters
    ----------
    frames
        The data frames of a file.
    frame
        One of them.
    """
    names, values, _ = frames.columns(frame)
    return len(values[0]) if names else 0


def _cut_frame(frames: Frames, frame: Any, gone: Collection[int]) -> None:  # noqa: ANN401
    """Cut rows out of a data frame, in place."""
    count = row_count(frames, frame)
    keep = [row for row in range(count) if row not in gone]
    for name, item in frames.pairs(frame.attributes):
        if name == "row.names":
            _cut_row_names(item, keep)
        elif name not in OF_COLUMNS and _length(item) == count:
            raise NotImplementedError(f"the attribute {name}, which may hold a value of each row")
    for column in frame.value:
        before = (
            {int(code) for code in column.value if code is not np.ma.masked}
            if _is_factor(frames, column)
            else set()
        )
        keep_only(column, keep)
        for name, item in frames.pairs(column.attributes):
            if name == "names":
                keep_only(item, keep)
            elif name not in OF_ANSWERS and _length(item) == count:
                raise NotImplementedError(
                    f"the attribute {name} of a column, which may hold a value of each row"
                )
        if before:
            _drop_levels(frames, column, before)


def _is_factor(frames: Frames, column: Any) -> bool:  # noqa: ANN401
    """Return whether a column is a factor whose levels were the words that occur in it."""
    classes = frames.texts_of(column, "class")
    return "factor" in classes and "ordered" not in classes


def keep_only(item: Any, keep: Sequence[int]) -> None:  # noqa: ANN401
    """Leave only some elements in a vector.

    Parameters
    ----------
    item
        The vector, as it was parsed.
    keep
        Which elements stay, from 0.
    """
    item.value = [item.value[row] for row in keep] if isinstance(item.value, list) else item.value[list(keep)]


def _cut_row_names(item: Any, keep: Sequence[int]) -> None:  # noqa: ANN401
    """Leave only some names of rows; those that count from 1 are written as their number."""
    values = item.value
    counts = not isinstance(values, list) and len(values) == 2 and values[0] is np.ma.masked  # noqa: PLR2004
    if counts:
        values[1] = len(keep) if values[1] > 0 else -len(keep)
    else:
        keep_only(item, keep)


def _drop_levels(frames: Frames, column: Any, before: Collection[int]) -> None:  # noqa: ANN401
    """Take the words out of a factor that only the removed rows had; the others are numbered again."""
    now = {int(code) for code in column.value if code is not np.ma.masked}
    levels = frames.attribute(column, "levels")
    stay = [at for at in range(1, len(levels.value) + 1) if at in now or at not in before]
    moved = {old: new for new, old in enumerate(stay, 1)}
    for row, code in enumerate(column.value):
        if code is not np.ma.masked:
            column.value[row] = moved[int(code)]
    keep_only(levels, [at - 1 for at in stay])


def _length(item: Any) -> int:  # noqa: ANN401
    """Return how many elements a vector has; -1 for what is no vector."""
    kinds = ("LGL", "INT", "REAL", "CPLX", "STR", "VEC", "EXPR")
    return len(item.value) if item.info.type.name in kinds else -1


def refuse_other_vectors(item: Any, frames: Collection[int], lengths: Collection[int]) -> None:  # noqa: ANN401
    """Refuse a file that has a vector, apart from its data frames, with a value for each row.

    Parameters
    ----------
    item
        An object, as it was parsed.
    frames
        The identities of the objects that are data frames.
    lengths
        How many rows they have.

    Raises
    ------
    NotImplementedError
        If it has one.
    """
    if id(item) in frames:
        return
    if _length(item) in lengths:
        raise NotImplementedError("further objects with a value for each row")
    for part in item.value if isinstance(item.value, list | tuple) else ():
        if hasattr(part, "info"):
            refuse_other_vectors(part, frames, lengths)


def _number_symbols(item: Any, known: list[Any]) -> None:  # noqa: ANN401
    """Renumber references to symbols in the order of writing: packed vectors took some symbols along."""
    if item is None or not hasattr(item, "info"):
        return
    kind = item.info.type.name
    if kind == "REF":
        symbol = item.referenced_object
        at = next((at for at, one in enumerate(known, 1) if one is symbol), 0)
        if at:
            item.info.reference = at
            return
        item.info, item.value, item.referenced_object = symbol.info, symbol.value, None
        known.append(symbol)
        return
    if kind == "SYM":
        known.append(item)
        return
    parts = list(item.value) if isinstance(item.value, list | tuple) else []
    of_pairs = kind in ("LIST", "LANG")
    for part in (item.attributes, item.tag, *parts) if of_pairs else (*parts, item.attributes):
        _number_symbols(part, known)
