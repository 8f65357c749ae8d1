"""Banner tables: questions in rows, groups in columns, with letters for the differences between columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.arguments import (
    DESIGN,
    NUMBER,
    WHERE,
    a_trustkit,
    accepts,
    one_of,
)
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import unprotected
from trustkit.design.weighting_words import weighting_in_words
from trustkit.display import Shown, sentence, show_numbers, show_share
from trustkit.errors import DataError, suggest
from trustkit.estimation.assembly import names_of
from trustkit.estimation.domains import Base
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.ledger import counts_bundle
from trustkit.tables.banner_numbers import (
    COLUMNS,
    TEST_COLUMNS,
    TOO_SMALL,
    Options,
    table_numbers,
)
from trustkit.tables.heads import EVERYBODY, HEADS, both, persons_repeat, read_heads
from trustkit.tables.letters import Letters
from trustkit.tables.questions import QUESTIONS, Question, Sort, tabled

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.domains import Domains
    from trustkit.survey.where import Where
    from trustkit.tables.heads import Head, HeadGiven

WHOLE = 100
"""Bases are shown as whole numbers if the largest of their row is at least this."""

NO_NUMBER = "no number"
"""What stands in a cell without an estimate."""

UNLINKED = (
    "Some respondents answered in several waves, and the design takes their answers as independent, so "
    "standard errors of differences are usually too large. Link the waves first."
)
"""The note on waves of a panel whose design does not know the persons."""

BASES = {"n": "n", "n_weighted": "weighted n", "n_kish": "effective n"}
"""The rows that say how many are counted, and what they are called."""


@dataclass(frozen=True, eq=False, repr=False)
class BannerTable(Shown):
    """One question of a banner.

    Attributes
    ----------
    title
        The wording, or the title that was given.
    frame
        One row per row and column of the table, as `Banner.to_frame` gives them.
    tests
        The tests behind the letters, one row per row, head and pair of columns: ``row``, ``head``, ``first``
        and ``second`` (letters), ``difference``, ``se``, ``df``, ``p_value``, ``p_adjusted``, and the
        ``reason`` of pairs that were not compared.
    notes
        What a reader must know in addition to the numbers.
    caveats
        What a reader must know about the data.
    counted
        The unweighted respondents behind the numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("ynynyy") * 20, "sex": list("mmmfff") * 20})
    >>> tk.banner(tk.Design(frame), ["trust"], ["sex"], letters=tk.Letters(conf=(0.95,)))["trust"]
    trust
    answer       Total  f (A)  m (B)
    n              120     60     60
    weighted n     120     60     60
    effective n    120     60     60
    n            33.3%  33.3%  33.3%
    y            66.7%  66.7%  66.7%
    Base: substantive answers.
    Columns: sex A to B.
    Letters: higher than that column at 95% (A), by t tests ...
    """

    title: str
    frame: pd.DataFrame
    tests: pd.DataFrame
    notes: tuple[str, ...]
    caveats: Caveats = NO_CAVEATS
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and frames without their columns."""
        accepts_fields(self)
        accepts_columns(self, "frame", COLUMNS)
        accepts_columns(self, "tests", TEST_COLUMNS)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return self.counted

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        own = self.frame
        columns = [cells for _, cells in own.groupby(["head", "letter"], sort=False)]
        table = pd.DataFrame({"answer": [*BASES.values(), *(columns[0]["row"] if columns else ())]})
        decimals = {name: _decimals(own[name]) for name in BASES}
        for cells in columns:
            heading, head, letter = (cells[name].iloc[0] for name in ("column", "head", "letter"))
            if letter:
                heading = f"{heading} ({letter})"
            elif head:  # a total of several banners side by side
                heading = f"{heading}, {head}"
            heading = f"{heading} [u]" if (cells["flag"] == TOO_SMALL).all() else heading
            bases = [_range_in_words(cells[name], decimals[name]) for name in BASES]
            table[heading] = [*bases, *map(_shown, cells.to_dict("records"))]
        return self.title, table, (*self.notes, *self.caveats.sentences, *unprotected(self.counted))


@dataclass(frozen=True, eq=False, repr=False)
class Banner:
    """Several questions by the same columns.

    Attributes
    ----------
    tables
        The name of each question -> its table. A question that is asked for again has a number behind its
        name: ``trust 2``.
    about
        How the survey was made, for files that leave the notebook: fieldwork and weighting.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("ynynyy") * 20, "sex": list("mmmfff") * 20})
    >>> book = tk.banner(tk.Design(frame), ["trust"], ["sex"])
    >>> book.to_frame()[["row", "column", "estimate", "n"]].round(3).head(2)
      row column  estimate    n
    0   n  Total     0.333  120
    1   n      f     0.333   60
    """

    tables: Mapping[str, BannerTable]
    about: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def __getitem__(self, question: str) -> BannerTable:
        """Return the table of a question.

        Raises
        ------
        DataError
            If the banner has no such question.
        """
        if question not in self.tables:
            raise DataError(f"the banner has no question {question!r}", do=suggest(question, self.tables))
        return self.tables[question]

    def __iter__(self) -> Iterator[BannerTable]:
        """Go through the tables."""
        return iter(self.tables.values())

    def to_frame(self) -> pd.DataFrame:
        """Return one row per question, row and column, unrounded.

        Returns
        -------
        DataFrame
            ``question``, ``wording``, ``row``, ``kind`` (answer, net, mean, nps), ``head``, ``column``,
            ``letter``, ``estimate``, ``se``, ``ci_low``, ``ci_high``, ``df``, ``n``, ``n_eff``,
            ``n_weighted``, ``n_kish``, ``higher`` and ``higher_at_second`` (letters), ``flag`` and
            ``reason``.
        """
        return pd.concat([table.frame for table in self], ignore_index=True)

    def __repr__(self) -> str:
        """Show all tables as text."""
        return "\n\n".join(map(repr, self))

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        counted = [replace(one, table=place) for place, table in enumerate(self) for one in table.counted]
        return counts_bundle(counted, kind="Banner")

    def _repr_html_(self) -> str:
        return "".join(table._repr_html_() for table in self)

    def _repr_markdown_(self) -> str:
        return "\n".join(table._repr_markdown_() for table in self)


def banner(
    design: Design,
    questions: Sequence[str | Question],
    columns: Sequence[HeadGiven] = (),
    *,
    where: Where = None,
    base: Base = "valid",
    letters: Letters | None = None,
    sort: Sort = "codebook",
    conf: float = 0.95,
) -> Banner:
    """Tabulate questions by groups, with letters for the differences between columns.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    questions
        Names of variables or sets, or `Question`. The boxes of a question with several answers are one table;
        the questions of another set have a table each.
    columns
        The heads: a variable's name; the name of a set of boxes, whose columns share respondents; names in a
        tuple for nested groups, ``("country", "sex")``; a mapping of a column's name to its condition,
        ``{"Heavy users": {"hours": {"low": 5}}}``. Columns are lettered on from head to head. Without heads
        the table is a topline: it has the column Total alone.
    where, base
        As in `trustkit.proportion`.
    letters
        How columns are compared; None: ``Letters()``.
    sort
        The order of rows: that of the codebook; or nets and then answers, each falling in the column Total,
        with the answers last that the codebook lists under ``last``. Ordinal answers are never sorted.
    conf
        The intervals' coverage.

    Returns
    -------
    Banner
        Column percentages of each answer, then the nets, then the mean of scores or the Net Promoter Score;
        with the respondents, the sum of weights and Kish's effective size of each column.

    Raises
    ------
    DataError
        Unknown names or answers; a number as a head; a head with one column, or with more than 52.

    Notes
    -----
    Every cell is `trustkit.proportion` or `trustkit.mean` of its column. Two columns of a head are compared
    by t = (p_j - p_k) / sqrt(V_jj + V_kk - 2 V_jk), V the covariance on the design, in which strata, PSUs,
    weights, calibration and shared respondents are; p-values are adjusted in each row and head. The textbook
    test, with weighted shares and unweighted bases, finds differences that the design does not support.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("yyyn" * 30 + "ynnn" * 30), "sex": list("m" * 120 + "f" * 120)})
    >>> table = tk.banner(tk.Design(frame), ["trust"], ["sex"]).to_frame()
    >>> table.loc[table["row"] == "y", ["column", "estimate", "higher"]]
      column  estimate higher
    3  Total      0.50
    4      f      0.25
    5      m      0.75      A
    """
    accepts(
        design=(design, DESIGN),
        questions=(questions, QUESTIONS),
        columns=(columns, HEADS),
        where=(where, WHERE),
        base=(base, one_of(Base)),
        letters=(letters, a_trustkit("Letters", "make them with tk.Letters").optional()),
        sort=(sort, one_of(Sort)),
        conf=(conf, NUMBER),
    )
    heads, notes = read_heads(design, columns, where)
    options = Options(letters or Letters(), sort, conf)
    rest = options.letters.against == "rest"

    def placed(where: Where, base: Base) -> list[tuple[Head, list[Domains]]]:
        return [(head, head.domains(design, where, base, rest=rest)) for head in (EVERYBODY, *heads)]

    of_all = placed(where, base)
    asked = [one if isinstance(one, Question) else Question(one) for one in questions]
    beside = [
        *(name for head in heads for name in head.names),
        *(where if isinstance(where, Mapping) else ()),
    ]
    if options.letters.against == "previous" and persons_repeat(design):
        notes.append(UNLINKED)
    tables: dict[str, BannerTable] = {}
    for question in [single for one in asked for single in tabled(design, one)]:
        own = question.where is not None or question.base is not None
        columns_of = placed(both(design, where, question.where), question.base or base) if own else of_all
        title, frame, tests, remarks, counted = table_numbers(design, question, columns_of, options)
        also = question.where if isinstance(question.where, Mapping) else ()
        caveats = design.caveats_about(*dict.fromkeys([*names_of(design, question.variable), *beside, *also]))
        name = _free(question.variable, tables)
        if name != question.variable:
            frame["question"] = name
        tables[name] = BannerTable(title, frame, tests, (*remarks, *notes), caveats, counted)
    fieldwork = sentence(f"Fieldwork: {design.codebook.fieldwork}") if design.codebook.fieldwork else ""
    return Banner(tables, tuple(filter(None, [fieldwork, f"Weighting: {weighting_in_words(design)}"])))


def _free(name: str, taken: Mapping[str, BannerTable]) -> str:
    """Return the name of a table: that of its question, numbered if the question has a table already."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def _shown(cell: Mapping[Hashable, Any]) -> str:
    """Return a cell as readers see it: the number, and its letters."""
    value, letters = float(cell["estimate"]), f"{cell['higher']} {cell['higher_at_second']}".strip()
    if np.isnan(value):
        return NO_NUMBER
    number = _number(value, str(cell["kind"]))
    return f"{number} {letters}".strip()


def _number(value: float, kind: str) -> str:
    """Return a mean, a net score in percentage points, or a share, rounded."""
    if kind == "mean":
        return show_numbers([value], decimals=2)[0]
    return show_numbers([100 * value], decimals=1)[0] if kind == "nps" else show_share(value)


def _decimals(bases: pd.Series) -> int:
    """Return how many decimals the bases of a row have: one if they are small and not whole."""
    return int(bases.max() < WHOLE and not bases.dropna().round(1).mod(1).eq(0).all())


def _range_in_words(values: pd.Series, decimals: int) -> str:
    """Return a number, or the smallest and the largest of several, with some decimals."""
    ends = (values.min(), values.max())
    if np.isnan(ends[0]):
        return NO_NUMBER
    return " to ".join(dict.fromkeys(f"{end:,.{decimals}f}" for end in ends))
