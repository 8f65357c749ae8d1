"""Several banners of the same questions and columns side by side, such as with and without weights."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import ArgumentKind, accepts, is_of
from trustkit.errors import DataError
from trustkit.tables.banner import Banner, BannerTable
from trustkit.tables.banner_numbers import columns_in_words, small_bases
from trustkit.tables.heads import letter_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustkit.counted import Counted, Place

FEWEST = 2
"""Fewer banners have nothing beside them."""

BANNERS = ArgumentKind(
    lambda value: (
        isinstance(value, dict)
        and len(value) >= FEWEST
        and all(isinstance(name, str) and name.strip() for name in value)
        and all(is_of(one, "Banner") for one in value.values())
    ),
    "a mapping of names to two banners or more",
    'write {"weighted": tk.banner(...), "unweighted": tk.banner(...)}',
)

ColumnKey = tuple[str, str]
"""A column of a banner: its head and its letter, both empty for Total."""


def beside(banners: Mapping[str, Banner]) -> Banner:
    """Put banners of the same questions and columns side by side, such as with and without weights.

    Parameters
    ----------
    banners
        The name of each banner -> the banner. They have the same questions, rows and columns. If the codebook
        names weights, a design without them is ``Design(survey, weights=np.ones(len(survey.data)))``.

    Returns
    -------
    Banner
        Each head of the first banner, followed by the same head of the others, with the banner's name behind
        the head's. Columns are lettered on over all of them; letters compare columns of one banner only.

    Raises
    ------
    DataError
        If the banners differ in a question, a row or a column. The first one is named.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("ynynyy") * 20, "sex": list("mmmfff") * 20, "w": [1, 2, 3] * 40})
    >>> weighted = tk.banner(tk.Design(frame, weights="w"), ["trust"], ["sex"])
    >>> plain = tk.banner(tk.Design(frame), ["trust"], ["sex"])
    >>> table = tk.beside({"weighted": weighted, "plain": plain}).to_frame()
    >>> table.loc[table["row"] == "y", ["head", "column", "letter", "estimate"]].round(3)
                 head column letter  estimate
    6        weighted  Total            0.750
    7           plain  Total            0.667
    8   sex, weighted      f      A     0.833
    9   sex, weighted      m      B     0.667
    10     sex, plain      f      C     0.667
    11     sex, plain      m      D     0.667
    """
    accepts(banners=(banners, BANNERS))
    names = list(banners)
    first = banners[names[0]]
    for name in names[1:]:
        _refuse_other(names[0], list(first.tables), name, list(banners[name].tables), "question")
    tables = {
        question: _joined(question, {name: banners[name][question] for name in names})
        for question in first.tables
    }
    return Banner(tables, tuple(_about(banners)))


def _joined(question: str, tables: Mapping[str, BannerTable]) -> BannerTable:
    """Return the tables of one question as one."""
    names = list(tables)
    shapes = {name: _shape(table.frame) for name, table in tables.items()}
    columns = shapes[names[0]][1]
    for name in names[1:]:
        for part, what in enumerate(("row", "column")):
            mine, others = ([" ".join(one).strip() for one in shapes[of][part]] for of in (names[0], name))
            _refuse_other(names[0], mine, name, others, f"{what} of {question}")
    placed = [
        (name, key)
        for head in dict.fromkeys(head for head, _ in columns)
        for name in names
        for key in _keys(tables[name].frame)
        if key[0] == head
    ]
    lettered = iter(map(letter_of, range(len(placed))))
    letter = {(name, key): next(lettered) if key[1] else "" for name, key in placed}
    of_column = {one: place for place, one in enumerate(placed)}
    frames, tests, counted = [], [], []
    for name, table in tables.items():
        own = {key[1]: letter[name, key] for key in _keys(table.frame) if key[1]}
        keys = list(zip(table.frame["head"], table.frame["letter"], strict=True))
        frames.append(
            table.frame.assign(
                head=[_head(head, name) for head, _ in keys],
                letter=[letter[name, key] for key in keys],
                higher=[_renamed(text, own) for text in table.frame["higher"]],
                higher_at_second=[_renamed(text, own) for text in table.frame["higher_at_second"]],
                _row=table.frame.groupby(["head", "letter"], sort=False).cumcount(),
                _column=[of_column[name, key] for key in keys],
            )
        )
        tests.append(
            table.tests.assign(
                head=[_head(head, name) for head in table.tests["head"]],
                first=[own.get(one, one) for one in table.tests["first"]],
                second=[own.get(one, one) for one in table.tests["second"]],
            )
        )
        place = {number: of_column[name, key] + 1 for number, key in enumerate(_keys(table.frame), 1)}
        counted += [_moved(one, place, own) for one in table.counted]
    frame = pd.concat(frames).sort_values(["_row", "_column"], kind="stable", ignore_index=True)
    frame = frame.drop(columns=["_row", "_column"])
    start = tables[names[0]]
    return BannerTable(
        start.title,
        frame,
        pd.concat(tests, ignore_index=True),
        tuple(_notes(tables, frame)),
        start.caveats.joined(*(table.caveats for table in tables.values())),
        tuple(counted),
    )


def _keys(frame: pd.DataFrame) -> list[ColumnKey]:
    """Return the columns of a table, in order."""
    return list(dict.fromkeys(zip(frame["head"], frame["letter"], strict=True)))


def _shape(frame: pd.DataFrame) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the rows of a table, each with its kind, and the columns, each with its head."""
    columns = frame[["head", "letter", "column"]].drop_duplicates()
    one = frame[(frame["head"] == frame["head"].iloc[0]) & (frame["letter"] == frame["letter"].iloc[0])]
    rows = [
        (str(row), "" if kind == "answer" else f"({kind})") for row, kind in one[["row", "kind"]].to_numpy()
    ]
    return rows, list(zip(columns["head"], columns["column"], strict=True))


def _refuse_other(first: str, ours: Sequence[str], name: str, theirs: Sequence[str], what: str) -> None:
    """Refuse banners that differ, naming the first place where they do."""
    for mine, other in zip_longest(ours, theirs):
        if mine != other:
            raise DataError(
                f"the banners {first!r} and {name!r} differ in a {what}",
                got=" and ".join("none" if one is None else repr(one) for one in (mine, other)),
                expected="the same questions, rows and columns in all banners",
                do="make them with the same questions, columns and sort",
            )


def _head(head: str, name: str) -> str:
    return f"{head}, {name}" if head else name


def _renamed(text: str, letters: Mapping[str, str]) -> str:
    """Return the letters in a cell as the joined table has them; arrows stay."""
    renamed = []
    for one in text.split():
        new = letters.get(one.upper(), one)
        renamed.append(new.lower() if one.islower() else new)
    return " ".join(renamed)


def _moved(one: Counted, place: Mapping[int, int], letters: Mapping[str, str]) -> Counted:
    """Return the respondents behind a table with the numbers where they stand in the joined one."""

    def moved(cells: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple((row, place[column]) for row, column in cells)

    return one.printing(
        [
            replace(
                number,
                cells=moved(number.cells),
                base_cells=moved(number.base_cells),
                letter=letters.get(number.letter, number.letter),
            )
            for number in one.shown
        ]
    )


def _notes(tables: Mapping[str, BannerTable], frame: pd.DataFrame) -> Iterator[str]:
    """Return the notes of all tables; those that name columns are made anew."""
    own = [(columns_in_words(table.frame), small_bases(table.frame)) for table in tables.values()]
    lists = [
        [note for note in table.notes if note not in (*columns, *small)]
        for table, (columns, small) in zip(tables.values(), own, strict=True)
    ]
    every = list(dict.fromkeys(note for notes in lists for note in notes))
    after = 1 + max((place for place, note in enumerate(every) if note.startswith("Base: ")), default=-1)
    yield from every[:after]
    yield from columns_in_words(frame)
    yield from every[after:]
    yield from small_bases(frame)
    yield from _alike(tables)


def _alike(tables: Mapping[str, BannerTable]) -> Iterator[str]:
    """Say which tables have the same numbers, as those of two designs with the same weights do."""
    (first, one), *others = tables.items()
    for name, table in others:
        if all(one.frame[column].equals(table.frame[column]) for column in ("estimate", "se", "n_weighted")):
            yield f"All numbers of {first!r} and {name!r} are the same."


def _about(banners: Mapping[str, Banner]) -> Iterator[str]:
    """Return how the survey was made: what all banners share, then what each has of its own."""
    shared = [
        line
        for line in next(iter(banners.values())).about
        if all(line in one.about for one in banners.values())
    ]
    yield from shared
    for name, one in banners.items():
        for line in (line for line in one.about if line not in shared):
            what, _, words = line.partition(": ")
            yield f"{what} ({name}): {words}"
