"""A file of R (``.rds``, ``.rda``) without some columns of its data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustkit.erasure.erased_r_rows import (
    FROM_R,
    keep_only,
    refuse_other_vectors,
    rewritten_r,
    row_count,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from trustkit.files.r_objects import Frames

OF_EACH = frozenset({"names", "variable.labels", "formats", "types", "val.labels", "var.labels"})
"""Attributes of a data frame that have one entry for each column."""

OF_ALL = frozenset(
    {"class", "row.names", "codepage", "datalabel", "time.stamp", "version", "spec", "label", "comment"}
)
"""Attributes of a data frame that tell of no single column's answers."""


def r_without_columns(
    path: Path,
    places: Collection[int],
    names: Collection[str],
    ids: Collection[str],
    read_as: tuple[str, str],
) -> bytes:
    """Return a file of R without some columns of the data frame that is read, and of others with its ids.

    Parameters
    ----------
    path
        The file.
    places
        Which columns of the data frame go, from 0.
    names
        The columns that go from further data frames that hold respondents.
    ids
        The columns of ids, by which these are told.
    read_as
        The name of the data frame and the encoding of texts, "" for none, as the codebook says.

    Raises
    ------
    DataError
        If the file can't be written again without a loss, or holds more than data frames.
    """

    def cut(root: Any, frames: Frames) -> None:  # noqa: ANN401
        main = frames.one(read_as[0] or None)
        lengths = {row_count(frames, main)}
        for frame in frames.frames.values():
            known = frames.texts_of(frame, "names")
            gone = (
                set(places) if frame is main
                else {at for at, name in enumerate(known) if name in names} if not set(ids).isdisjoint(known)
                else set()
            )  # fmt: skip
            if gone:
                lengths.add(row_count(frames, frame))
                _cut_frame(frames, frame, [at for at in range(len(known)) if at not in gone])
        refuse_other_vectors(root, {id(frame) for frame in frames.frames.values()}, lengths)

    return rewritten_r(path, read_as[1], cut, f"a column can't be removed {FROM_R}")


def _cut_frame(frames: Frames, frame: Any, keep: list[int]) -> None:  # noqa: ANN401
    """Leave only some columns in a data frame, in place."""
    count = len(frame.value)
    for name, item in frames.pairs(frame.attributes):
        if name in OF_EACH:
            if len(item.value) == count:
                keep_only(item, keep)
                for of, names in frames.pairs(item.attributes):
                    if of == "names":
                        keep_only(names, keep)
        elif name not in OF_ALL:
            raise NotImplementedError(f"the attribute {name}, which may hold answers of a column")
    keep_only(frame, keep)
