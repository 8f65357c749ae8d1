"""Ids of respondents as text, so that the same id in two files, of whatever programs, compares as equal."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd

WHOLE = re.compile(r"^(-?\d+)\.0+$")
"""A whole number as programs write it that know decimals only."""


def id_text(value: object) -> str:
    """Return an id as it is compared; "" for no id.

    Blanks around it don't count, a whole number has no decimals even if it is text, and letters are composed.
    Two spellings that were taken for two ids would be a withdrawal or an erasure that misses the respondent.
    Leading zeros count: "007" and "7" are two ids.

    Parameters
    ----------
    value
        The cell, of whatever type.

    Examples
    --------
    >>> id_text(42.0), id_text("42.0"), id_text(" P-007 "), id_text("007"), id_text(float("nan"))
    ('42', '42', 'P-007', '007', '')
    >>> id_text("Zoe\u0308") == id_text("Zo\u00eb")
    True
    """
    return unicodedata.normalize("NFC", WHOLE.sub(r"\1", cell_text(value)))


def cell_text(value: object) -> str:
    """Return a cell as text, as it is written in its file; "" for an empty one.

    This is no way to compare ids (``id_text``). Numbers lose their decimals only if they are numbers: the
    version "2.0" of a wording is not the version "2", and a text is searched for as it was typed.

    Parameters
    ----------
    value
        The cell, of whatever type.

    Examples
    --------
    >>> cell_text(42.0), cell_text("42.0"), cell_text(" a7 "), cell_text(None)
    ('42', '42.0', 'a7', '')
    """
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 (NaN)
        return ""
    if isinstance(value, float | np.floating) and value.is_integer():
        return str(int(value))
    return str(value).strip()
