"""Tables as they were written: what a delimited file and a worksheet have in common, and columns' names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.survey.column_names import caseless

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    import pandas as pd

    Body = Callable[[int, Sequence[str], Collection[str], str], pd.DataFrame]

MOST_COLUMNS = 20_000
"""The most columns of a table; a spreadsheet has 16,384."""

NAME_IT = "name it: read(..., sheet={0!r}), or trustkit new --sheet {0!r}"
"""What to do about a file with several tables, with the name of one of them."""


@dataclass(frozen=True)
class Grid:
    """A table as it was written: what a delimited file and a worksheet have in common.

    Attributes
    ----------
    head
        The first rows, each cell as text, header rows included.
    body
        Called with how many header rows there are, the columns' names, those of them to keep as text, and
        the decimal marks that may occur.
    where
        The file, for messages.
    note
        How the file was read where that is not the usual way; "" if it is.
    labels
        The rows of sheets of labels that stand beside the table (`label_sheets`).
    remarks
        Columns, by their place from 0, of which a reviewer should know how their cells were read -> words.
    """

    head: tuple[tuple[str, ...], ...]
    body: Body
    where: str
    note: str = ""
    labels: tuple[tuple[tuple[str, ...], ...], ...] = ()
    remarks: Mapping[int, str] = field(default_factory=dict)

    def below(self, titles: int) -> Grid:
        """Return the table without the rows above its header, and say so."""

        def body(skip: int, names: Sequence[str], text: Collection[str], marks: str) -> pd.DataFrame:
            return self.body(skip + titles, names, text, marks)

        rows = "1 row above the header was" if titles == 1 else f"{titles} rows above the header were"
        note = ", ".join(part for part in (self.note, f"{rows} skipped") if part)
        return replace(self, head=self.head[titles:], body=body, note=note)


def header_names(header: Sequence[str], where: str) -> list[str]:
    """Return a header row's names: blank ones numbered by their place, repeated ones numbered from 2.

    Raises
    ------
    DataError
        If there are more than `MOST_COLUMNS`.

    Examples
    --------
    >>> header_names(["id", "", "sex", "sex"], "answers.csv")
    ['id', 'unnamed_2', 'sex', 'sex_2']
    """
    if len(header) > MOST_COLUMNS:
        raise DataError(
            "the table has too many columns",
            where=where, got=f"{len(header):,} columns", expected=f"at most {MOST_COLUMNS:,}",
            do="export fewer questions at a time, or turn the table around: one row for each respondent",
        )  # fmt: skip
    given = [name if name.strip() else f"unnamed_{number}" for number, name in enumerate(header, 1)]
    taken, used = set(given), set()
    last: Counter[str] = Counter()  # the last number given to a repeated name
    names = []
    for name in given:
        unique = name
        while unique in used:
            last[name] = max(last[name], 1) + 1
            unique = f"{name}_{last[name]}"
            if unique in taken:
                unique = name
        used.add(unique)
        taken.add(unique)
        names.append(unique)
    return names


def renamed_columns(header: Sequence[str], names: Collection[str]) -> dict[str, str]:
    """Return the columns of a header row that share a name and were numbered: new name -> words.

    Examples
    --------
    >>> renamed_columns(["id", "sex", "sex"], ["id", "sex", "sex_2"])
    {'sex_2': "column 2 of the name 'sex' is 'sex_2'"}
    """
    counts: Counter[str] = Counter()
    renamed = {}
    for old, new in zip(header, header_names(header, ""), strict=True):
        counts[old] += 1
        if old != new and old.strip() and new in names:
            renamed[new] = f"column {counts[old]} of the name {old!r} is {new!r}"
    return renamed


def alike_columns(names: Iterable[str]) -> dict[str, str]:
    """Return the columns whose names differ from one before by case or blanks only: name -> words.

    Examples
    --------
    >>> alike_columns(["id", "Q1", "q1"])
    {'q1': "the names 'Q1' and 'q1' differ by case or blanks only: they are two columns"}
    """
    first: dict[str, str] = {}
    alike = {}
    for name in names:
        other = first.setdefault(caseless(name), name)
        if other != name:
            alike[name] = (
                f"the names {other!r} and {name!r} differ by case or blanks only: they are two columns"
            )
    return alike
