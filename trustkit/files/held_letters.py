"""Code pages whose letters wait for the next byte: their texts are put into Unicode here, not by pyreadstat.

In Hebrew, Vietnamese and a few other code pages a byte can change the letter before it. iconv therefore keeps
the last letter of a text until the next bytes come, and pyreadstat, which does not ask for it, writes it in
front of the next text of the file.
"""

from __future__ import annotations

import codecs
from typing import Any

import pandas as pd

HOLDING = frozenset(
    {"cp1255", "cp1258", "big5hkscs", "shift_jisx0213", "shift_jis_2004", "euc_jisx0213", "euc_jis_2004"}
)
"""Names that Python has for such code pages."""

TOLD = (
    "file_label", "column_names_to_labels", "variable_value_labels", "variable_measure", "missing_ranges",
    "missing_user_values", "mr_sets",
)  # fmt: skip
"""What pyreadstat tells of a file that has texts in it."""


def holds_letters(encoding: str | None) -> bool:
    """Return whether an encoding has letters that a later byte changes.

    Examples
    --------
    >>> holds_letters("WINDOWS-1255"), holds_letters("cp1251"), holds_letters(None)
    (True, False, False)
    """
    try:
        return bool(encoding) and codecs.lookup(str(encoding)).name in HOLDING
    except LookupError:
        return False


def put_into_unicode(data: pd.DataFrame, metadata: Any, encoding: str) -> pd.DataFrame:  # noqa: ANN401
    """Return data whose texts were read as one character a byte in Unicode, and change what the file tells.

    Raises
    ------
    UnicodeDecodeError
        If a text is not in the encoding.
    """
    for name in TOLD:
        if (told := getattr(metadata, name, None)) is not None:
            setattr(metadata, name, in_unicode(told, encoding))
    columns = [
        column.map(lambda cell: in_unicode(cell, encoding)) if column.dtype.kind not in "iufbmM" else column
        for _, column in data.items()
    ]
    named = pd.concat(columns, axis="columns") if columns else data
    return named.set_axis([in_unicode(str(name), encoding) for name in data.columns], axis="columns")


def in_unicode(found: Any, encoding: str) -> Any:  # noqa: ANN401
    """Return texts of one character a byte in Unicode, also those inside lists and mappings.

    Examples
    --------
    >>> in_unicode({"q1": ["כן".encode("cp1255").decode("latin-1"), 1]}, "cp1255")
    {'q1': ['כן', 1]}
    """
    if isinstance(found, str):
        return found.encode("latin-1").decode(encoding)
    if isinstance(found, list):
        return [in_unicode(part, encoding) for part in found]
    if isinstance(found, dict):
        return {in_unicode(key, encoding): in_unicode(part, encoding) for key, part in found.items()}
    return found
