"""Office files without the time at which they were written: the same tables give the same bytes."""

from __future__ import annotations

import io
import re
import zipfile

WHEN = (1980, 1, 1, 0, 0, 0)
"""The time that every member of an archive has."""

CREATED = b"1980-01-01T00:00:00Z"
"""The time at which a document says that it was made."""

PROPERTIES = "docProps/core.xml"
"""The member of an office file that holds the times of its making."""

STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(?=<)")
"""Where the times stand."""


def same_bytes(content: bytes) -> bytes:
    """Return an office file with fixed times in its archive, its properties and its embedded workbooks.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> with zipfile.ZipFile(stream, "w") as archive:
    ...     archive.writestr("a.txt", "one")
    >>> zipfile.ZipFile(io.BytesIO(same_bytes(stream.getvalue()))).getinfo("a.txt").date_time
    (1980, 1, 1, 0, 0, 0)
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    return packed(
        [
            (name, same_bytes(member) if name.endswith(".xlsx") else _unstamped(name, member))
            for name, member in members
        ]
    )


def packed(members: list[tuple[str, bytes]]) -> bytes:
    """Return an archive of members, the same bytes every time.

    Examples
    --------
    >>> packed([("a.txt", b"one")]) == packed([("a.txt", b"one")])
    True
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members:
            about = zipfile.ZipInfo(name, WHEN)
            about.create_system = 0
            archive.writestr(about, member, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _unstamped(name: str, member: bytes) -> bytes:
    return STAMP.sub(rb"\g<1>" + CREATED, member) if name == PROPERTIES else member
