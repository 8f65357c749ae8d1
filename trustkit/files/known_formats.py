"""Formats that are known and not read: each is refused with one way to a file that can be read.

The formats are data (``known_formats.yaml``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.yaml_documents import own_data

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class KnownFormat:
    """A format that is not read.

    Attributes
    ----------
    what, do
        What the file is, and how to come from it to one that is read.
    starts, holds, address
        How its files start, as a pattern; how the name of a file inside starts, if it is an archive; how
        the address starts, if it is not a file. One of the three is given.
    suffix
        How the file's name must end, too; "" if it may have any.
    """

    what: str
    do: str
    starts: str = ""
    holds: str = ""
    address: str = ""
    suffix: str = ""


KNOWN = tuple(KnownFormat(**row) for row in own_data(Path(__file__).with_suffix(".yaml")))
"""The formats, those that are told by more first."""


def refuse_address(source: str) -> None:
    """Refuse an address on the web in place of a file.

    Raises
    ------
    DataError
        If the source is one.

    Examples
    --------
    >>> refuse_address("data/answers.csv")
    """
    for known in KNOWN:
        if known.address and re.match(known.address, source, re.IGNORECASE):
            raise DataError(known.what, where=source, expected="the path of a file of answers", do=known.do)


def refuse_start(path: Path, start: bytes) -> None:
    """Refuse a file by how it starts.

    Parameters
    ----------
    path
        The file.
    start
        Its first bytes.

    Raises
    ------
    DataError
        If it is of a known format that is not read.

    Examples
    --------
    >>> refuse_start(Path("answers.csv"), b"id,age")
    """
    for known in KNOWN:
        fits = known.starts and re.match(known.starts.encode("latin-1"), start, re.IGNORECASE | re.DOTALL)
        if fits and path.name.casefold().endswith(known.suffix):
            raise DataError(known.what, where=path.as_posix(), expected="a file of answers", do=known.do)


def refuse_contents(where: str, names: Iterable[str]) -> None:
    """Refuse an archive by the names of the files in it.

    Parameters
    ----------
    where
        The archive, for the message.
    names
        The names.

    Raises
    ------
    DataError
        If it is a document of a known format that is not read.

    Examples
    --------
    >>> refuse_contents("answers.zip", ["answers.csv"])
    """
    items = list(names)
    for known in KNOWN:
        if known.holds and any(name.startswith(known.holds) for name in items):
            raise DataError(known.what, where=where, expected="a file of answers", do=known.do)
