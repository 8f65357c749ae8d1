"""Cells of the data in messages: which ones a message may quote, and how. Every message follows this rule.

A message may be sent on, printed in a log that others read, or stored in a notebook. So it quotes a cell
only if the codebook lists it, or if its column holds nothing that may identify a person. Other cells are
told by the column, the rows and their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.display import visible
from trustkit.survey.variable import code_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.survey.variable import Variable

HIDDEN = "(not shown: it may identify a person)"
"""What stands in place of a cell that is not quoted."""

LONGEST_CELL = 60
"""How many characters of a cell are quoted."""

PERSONAL = ("id", "text")
"""Kinds of columns whose cells are never quoted: identifiers, and what respondents wrote themselves."""


def may_be_quoted(cell: object, variable: Variable | None) -> bool:
    """Return whether a message may quote a cell of a variable, or of a column that nothing describes.

    Examples
    --------
    >>> from trustkit import Variable
    >>> sex = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, identifier="quasi")
    >>> may_be_quoted("Men", sex), may_be_quoted("Mx Brown, 4 Mill Lane", sex)
    (True, False)
    """
    if variable is None or (variable.kind not in PERSONAL and variable.identifier == "none"):
        return True
    listed = {*variable.labels, *variable.missing_labels}
    codes = {code_text(code) for code in (*variable.codes, *variable.missing)}
    return str(cell) in listed or code_text(cell) in codes


def quoted_cell(cell: object, variable: Variable | None) -> str:
    r"""Return a cell as a message shows it: on one line, not too long, with control characters written out.

    Parameters
    ----------
    cell
        The cell.
    variable
        The description of its column, if it has one.

    Examples
    --------
    >>> from trustkit import Variable
    >>> quoted_cell("red\x1b[31m\nink", Variable("ink", "Ink", "single"))
    'red\\x1b[31m ink'
    >>> quoted_cell("4 Mill Lane", Variable("home", "Where do you live?", "text"))
    '(not shown: it may identify a person)'
    """
    if not may_be_quoted(cell, variable):
        return HIDDEN
    shown = visible(cell, lines="joined")
    return shown if len(shown) <= LONGEST_CELL else f"{shown[:LONGEST_CELL]}..."


def quoted_cells(cells: Iterable[object], variable: Variable | None) -> str:
    """Return several cells as a message shows them, separated by commas; those not quoted are told once.

    Examples
    --------
    >>> from trustkit import Variable
    >>> quoted_cells(["a@b.org", "c@d.org"], Variable("mail", "Mail", "text", identifier="direct"))
    '(not shown: it may identify a person)'
    """
    return ", ".join(dict.fromkeys(quoted_cell(cell, variable) for cell in cells))
