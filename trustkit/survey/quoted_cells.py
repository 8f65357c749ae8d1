"""Cells of the data in messages: which ones a message may quote, and how. Every message follows this rule.

A message may be sent on, printed in a log that others read, or stored in a notebook. So it quotes a cell
only if the codebook lists it, or if its column holds nothing that may identify a person: neither by what
the codebook says of it nor by what its cells look like. Other cells are told by the column, the rows and
their number. The words of a library may hold cells, too, and pass through `library_words`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.display import visible
from trustkit.errors import suggest
from trustkit.survey.personal_looks import (
    DATE_LIKE,
    MOST_DIFFERENT,
    MOST_DIGITS,
    NUMBER,
    holds_identifier,
    may_identify,
)
from trustkit.survey.variable import code_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustkit.survey.variable import Variable

HIDDEN = "(not shown: it may identify a person)"
"""What stands in place of a cell that is not quoted."""

LONGEST_CELL = 60
"""How many characters of a cell are quoted."""

LONGEST_WORDS = 200
"""How many characters of a library's words are quoted."""

PERSONAL = ("id", "text")
"""Kinds of columns whose cells are never quoted: identifiers, and what respondents wrote themselves."""

NO_NAMES = "(names not shown: the first row may hold answers of a person)"
"""What stands in place of columns' names that look like cells."""

NOT_SHOWN = "(not shown)"
"""What stands in place of what a library quotes."""

IN_QUOTES = re.compile(r"(?<!\w)b?(?P<mark>['\"`]).*?(?P=mark)(?!\w)")
"""What a library quotes, as text or as bytes."""

MANY_DIGITS = re.compile(rf"(?:\d[\s()./,;+-]*){{{MOST_DIGITS + 1},}}")
"""A number in which a telephone number may hide, in the words of a library."""


def may_be_quoted(cell: object, variable: Variable | None) -> bool:
    """Return whether a message may quote a cell of a variable, or of a column that nothing describes.

    Examples
    --------
    >>> from trustkit import Variable
    >>> sex = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, identifier="quasi")
    >>> may_be_quoted("Men", sex), may_be_quoted("Mx Brown, 4 Mill Lane", sex)
    (True, False)
    """
    if is_listed(cell, variable):
        return True
    if variable is None:
        return not may_identify(cell, "single" if isinstance(cell, str) else "numeric")
    is_personal = variable.kind in PERSONAL or variable.identifier != "none"
    return not is_personal and not may_identify(cell, variable.kind)


def is_listed(cell: object, variable: Variable | None) -> bool:
    """Return whether the codebook lists a cell, as a code or as a label.

    A description made from the column itself lists all its cells, and does not count.

    Examples
    --------
    >>> from trustkit import Variable
    >>> is_listed(1.0, Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}))
    True
    """
    if variable is None or _is_made_from_cells(variable):
        return False
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


def quoted_cells(
    cells: Iterable[object], variable: Variable | None, *, among: Iterable[object] | None = None
) -> str:
    """Return several cells as a message shows them, separated by commas; those not quoted are told once.

    Parameters
    ----------
    cells
        The cells.
    variable
        The description of their column, if it has one.
    among
        All cells of the column that the message is about; the ones given if not given. If one of them may
        identify a person, or too many differ to be answers, none is quoted that the codebook does not list.

    Examples
    --------
    >>> from trustkit import Variable
    >>> quoted_cells(["a@b.org", "c@d.org"], Variable("mail", "Mail", "text", identifier="direct"))
    '(not shown: it may identify a person)'
    >>> quoted_cells(["Red", "a@b.org"], Variable("ink", "Ink", "single", codes={1: "Red"}))
    'Red, (not shown: it may identify a person)'
    """
    cells = list(cells)
    if not may_be_quoted_together(cells if among is None else among, variable):
        cells = [cell if is_listed(cell, variable) else HIDDEN for cell in cells]
    return ", ".join(
        dict.fromkeys(HIDDEN if cell is HIDDEN else quoted_cell(cell, variable) for cell in cells)
    )


def may_be_quoted_together(cells: Iterable[object], variable: Variable | None) -> bool:
    """Return whether none of a column's cells may identify a person, listed ones aside.

    Many different texts in a column that should hold answers, numbers or dates are taken for what
    respondents wrote themselves.

    Examples
    --------
    >>> from trustkit import Variable
    >>> ink = Variable("ink", "Ink", "single", codes={1: "Red"})
    >>> may_be_quoted_together(["Blue", "Green"], ink), may_be_quoted_together(["Blue", "a@b.org"], ink)
    (True, False)
    """
    others = {str(cell) for cell in cells if not is_listed(cell, variable)}
    expected = DATE_LIKE if variable is not None and variable.kind == "date" else NUMBER
    if sum(not expected.fullmatch(cell) for cell in others) > MOST_DIFFERENT:
        return False
    return all(may_be_quoted(cell, variable) for cell in others)


def are_names(names: Iterable[str]) -> bool:
    """Return whether a first row holds columns' names: no cell of it may identify a person, or is a value.

    In a file without a header, the first row is that of a person. It seldom lacks a date or a number.

    Examples
    --------
    >>> are_names(["subject", "status", "at"]), are_names(["Ann Brown", "given", "2026-01-05"])
    (True, False)
    """
    return not any(
        NUMBER.fullmatch(name) or DATE_LIKE.fullmatch(name) or not may_be_quoted(name, None) for name in names
    )


def quoted_names(names: Iterable[str], *, among: Iterable[str] | None = None) -> str:
    """Return columns' names as a message shows them; only their number if the first row may be no header.

    Parameters
    ----------
    names
        The names, as they stand in the file.
    among
        The whole first row; the names given if not given.

    Examples
    --------
    >>> quoted_names(["subject", "status"])
    'subject, status'
    >>> quoted_names(["ann@example.org", "given"])
    '2 columns (names not shown: the first row may hold answers of a person)'
    """
    names = list(names)
    if are_names(names if among is None else among):
        return ", ".join(quoted_cell(name, None) for name in names)
    return f"{len(names):,} column{'' if len(names) == 1 else 's'} {NO_NAMES}"


def quoted_crossed(
    labels: Iterable[str], variables: Sequence[Variable | None], mark: str, *, among: Iterable[str]
) -> list[str]:
    """Return labels that cross several columns as a message shows them; those not quoted are told once.

    Parameters
    ----------
    labels
        The labels, such as ``Men x North``.
    variables
        The description of each column, or None.
    mark
        What stands between the parts of a label.
    among
        All labels that the message is about.

    Examples
    --------
    >>> quoted_crossed(["Men x North"], [None, None], " x ", among=["Men x North", "Men x South"])
    ['Men x North']
    >>> quoted_crossed(["Men x a@b.org"], [None, None], " x ", among=["Men x a@b.org"])
    ['(not shown: it may identify a person)']
    """
    rows = [label.split(mark) for label in among]
    if all(len(row) == len(variables) for row in rows):
        pairs = zip(zip(*rows, strict=True), variables, strict=True)
        are_shown = all(may_be_quoted_together(column, variable) for column, variable in pairs)
    else:  # a cell holds the mark, so that nothing says which part is whose
        are_shown = all(variable is None for variable in variables) and may_be_quoted_together(among, None)
    shown = (visible(label, lines="joined")[: LONGEST_CELL * len(variables)] for label in labels)
    return list(shown) if are_shown else [HIDDEN]


def suggest_answer(answer: object, labels: Sequence[str], variable: Variable | None) -> str:
    """Return advice on an answer that a variable does not have: the nearest one, or a list.

    Cells that may identify a person are left out; if too many differ to be answers, their number is said.

    Parameters
    ----------
    answer
        What was given.
    labels
        The answers.
    variable
        The description of their column, if it has one.

    Examples
    --------
    >>> suggest_answer("Mem", ["Men", "Women"], None)
    "did you mean 'Men'?"
    >>> suggest_answer("Other", ["ann@example.org", "ben@example.org"], None)
    "give one of the column's 2 answers"
    """
    advice = suggest(answer, [label for label in labels if may_be_quoted(label, variable)])
    if advice.startswith("did you mean") or may_be_quoted_together(labels, variable):
        return advice
    return f"give one of the column's {len(labels):,} answers"


def _is_made_from_cells(variable: Variable) -> bool:
    """Return whether a description was made from the column, so that each cell is its own label."""
    return variable.label == variable.name and all(code == text for code, text in variable.codes.items())


def library_words(fault: BaseException) -> str:
    r"""Return what a library said of a file, without the cells that it may quote: one line, not too long.

    Examples
    --------
    >>> library_words(ValueError("could not convert 'Ann Brown' to a number\nin row 7"))
    'could not convert (not shown) to a number'
    >>> library_words(ValueError("no such name: b'Ann Brown'"))
    'no such name: (not shown)'
    >>> library_words(KeyError("Ann Brown"))
    'KeyError'
    >>> library_words(ValueError("row ann@example.org, 3"))
    'ValueError'
    """
    lines = str(fault).strip().splitlines()
    words = lines[0] if lines else ""
    may_hold_cells = not isinstance(fault, UnicodeError)  # which quotes the encoding, and counts bytes
    if may_hold_cells:
        words = IN_QUOTES.sub(NOT_SHOWN, words)
    shown = visible(words, lines="joined")[:LONGEST_WORDS]
    if shown in ("", NOT_SHOWN) or (
        may_hold_cells and (MANY_DIGITS.search(shown) or holds_identifier(shown))
    ):
        return type(fault).__name__
    return shown
