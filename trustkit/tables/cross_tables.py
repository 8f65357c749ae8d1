"""Two questions crossed: row, column or total percentages, with the test of association."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NAME, NUMBER, WHERE, accepts, one_of
from trustkit.counted import NOTES, Counted, ShownCount, unprotected
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.display import Shown, p_in_words, show_share
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble, refuse_nobody, shares_of_cells
from trustkit.estimation.association import chisq_test
from trustkit.estimation.domains import Domains, in_quotes
from trustkit.estimation.estimates import proportion
from trustkit.estimation.results import counts_in_rows
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.counted import Place
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.estimation.significance import TestResult
    from trustkit.survey.where import Where

Percent = Literal["column", "row", "total"]

WITHIN = {
    "column": "Shares are of the respondents of each column.",
    "row": "Shares are of the respondents of each row.",
    "total": "Shares are of all respondents with both answers.",
}
"""What a share of a cross table is a share of."""


@dataclass(frozen=True, eq=False, repr=False)
class CrossTable(Shown):
    """Two questions crossed.

    Attributes
    ----------
    shares
        One row per cell, as an `Estimate`, with its interval and the covariance of all cells.
    test
        The test that the two questions are not associated.
    row, column
        The two variables.
    percent
        What a share is a share of.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("yynnyn") * 5, "sex": list("mmmfff") * 5})
    >>> tk.crosstab(tk.Design(frame), "trust", "sex").to_frame()[["row", "column", "estimate"]].round(3)
      row column  estimate
    0   n      f     0.667
    1   y      f     0.333
    2   n      m     0.333
    3   y      m     0.667
    """

    shares: Estimate
    test: TestResult
    row: str
    column: str
    percent: Percent

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and shares of other questions."""
        accepts_fields(self)
        by = self.row if self.percent == "row" else self.column
        if by not in self.shares.keys:
            raise DataError(
                f"the shares have no groups of {by!r}", where="CrossTable",
                got=", ".join(map(str, self.shares.keys)), do="make the table with tk.crosstab",
            )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cell, unrounded.

        Returns
        -------
        DataFrame
            ``row`` and ``column`` (answers), ``estimate``, ``se``, ``ci_low``, ``ci_high``, ``df``, ``n``,
            ``n_eff`` and ``reason``.
        """
        own = self.shares.to_frame()
        by_row = self.percent == "row"
        answers = (self.row, "level") if by_row else ("level", self.column)
        return pd.DataFrame({"row": own[answers[0]], "column": own[answers[1]]}).join(
            own.drop(columns=[name for name in (self.row, self.column, "variable", "level") if name in own])
        )

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        own = self.to_frame()
        rows, columns = (own[name].drop_duplicates().tolist() for name in ("row", "column"))
        places = [
            (rows.index(row), columns.index(column) + 1)
            for row, column in own[["row", "column"]].to_numpy().tolist()
        ]
        tested = 2 + (self.percent == "total")
        found = counts_in_rows(self.shares, lambda row: [places[row], (NOTES, tested)], lambda _: ())
        bases: dict[Place, tuple[Place, ...]] = {
            place: {
                "column": ((len(rows), place[1]),),
                "row": ((place[0], len(columns) + 1),),
                "total": ((NOTES, 1),),
            }[self.percent]
            for place in places
        }
        return tuple(
            table.printing([replace(one, base_cells=bases[one.cells[0]]) for one in table.shown])
            for table in found
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        own = self.to_frame()
        rows, columns = (own[name].drop_duplicates().tolist() for name in ("row", "column"))
        cells = {(row, column): share for row, column, share in own[["row", "column", "estimate"]].to_numpy()}
        n = {(row, column): count for row, column, count in own[["row", "column", "n"]].to_numpy()}
        heading = self.shares.label(self.row)
        table = pd.DataFrame({"answer": rows})
        for column in columns:
            table[str(column)] = [show_share(cells.get((row, column), np.nan)) for row in rows]
        if self.percent == "column":
            table.loc[len(table)] = ["n", *(f"{n.get((rows[0], column), 0):,}" for column in columns)]
        elif self.percent == "row":
            table["n"] = [f"{n.get((row, columns[0]), 0):,}" for row in rows]
        named = f"Rao-Scott {self.test.test[:1].lower()}{self.test.test[1:]}"
        tested = f"{named}: {self.test.reason or p_in_words(self.test.p_value)}."
        title = f"{heading} by {in_quotes(self.shares.label(self.column))}"
        counted = [f"n = {int(own['n'].iloc[0]):,}."] if self.percent == "total" else []
        base = f"Base: {self.shares.base}."
        remarks = (*self.shares.remarks, *unprotected(self.shares.counted))
        return title, table, (WITHIN[self.percent], *counted, base, tested, *remarks)


def crosstab(
    design: Design,
    row: str,
    column: str,
    *,
    percent: Percent = "column",
    where: Where = None,
    conf: float = 0.95,
) -> CrossTable:
    """Cross two questions, with the Rao-Scott test of their association.

    Parameters
    ----------
    design
        The design.
    row, column
        Two variables with labelled answers.
    percent
        What a share is of: the respondents of its ``column``, of its ``row``, or all with both answers
        (``total``).
    where
        As in `trustkit.proportion`.
    conf
        The coverage of the logit intervals.

    Returns
    -------
    CrossTable
        The shares of all cells with their covariance, and the test.

    Raises
    ------
    DataError
        An unknown variable, one without labelled answers, the same twice, or nobody with both answers.

    Notes
    -----
    Shares by column and row are those of `trustkit.proportion` with ``by``; shares of the total are those of
    R survey's ``svymean(~interaction(row, column))``. The test is `trustkit.chisq_test`. For several
    questions and letters between columns: `trustkit.banner`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> trust = ["yes", "yes", "no", "no", "yes", "no"] * 50
    >>> frame = pd.DataFrame({"trust": trust, "sex": list("mmmfff") * 50})
    >>> design = tk.Design(frame)
    >>> tk.crosstab(design, "trust", "sex")
    trust by sex
    answer      f      m
    no      66.7%  33.3%
    yes     33.3%  66.7%
    n         150    150
    Shares are of the respondents of each column.
    Base: substantive answers.
    Rao-Scott test of association: trust by sex (F): p < 0.001.
    >>> tk.crosstab(design, "trust", "sex", percent="total").shares.estimate.round(3).tolist()
    [0.333, 0.167, 0.167, 0.333]
    """
    accepts(
        design=(design, DESIGN),
        row=(row, NAME),
        column=(column, NAME),
        percent=(percent, one_of(Percent)),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    if row == column:
        raise DataError(
            "a table crosses two questions", where="row, column", got=row, do="name another column"
        )
    test = chisq_test(design, row, column, where=where)
    if percent == "total":
        shares = _of_all(design, row, column, where, conf)
    else:
        asked, by = (row, column) if percent == "column" else (column, row)
        shares = proportion(design, asked, by=by, where=where, conf=conf)
    return CrossTable(shares, test, row, column, percent)


def _of_all(design: Design, row: str, column: str, where: Where, conf: float) -> Estimate:
    """Return the share of each cell among all with both answers."""
    labels = [coded_variable(design, name).labels for name in (column, row)]
    domains = Domains.of(design, None, where, several=False)
    cells = design.cells([(column, labels[0]), (row, labels[1])], where=domains.rows)
    sums = design.sums(cells)
    size = cells.size
    functional, mass = shares_of_cells(cells, sums, np.eye(size), np.zeros(1, dtype=np.intp))
    n = np.full(size, int(sums.count.sum()), dtype=np.intp)
    keys = [(above, row, answer) for above in labels[0] for answer in labels[1]]
    part = Part(
        functional,
        n,
        pd.DataFrame(keys, columns=[column, "variable", "level"]),
        domains.counted("substantive answers to both questions", design.variable(row), design.called),
        row,
        held_by(design.sample, cells, sums, np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.intp)),
        (row, column, *domains.names),
        np.repeat(mass, size),
        notes=domains.notes,
        counted=Counted(
            row,
            tuple(labels[1]),
            (column,),
            tuple((above,) for above in labels[0]),
            domains.chosen,
            sums.count.reshape(len(labels[0]), -1),
            tuple(
                ShownCount(group, answer, (answer,))
                for group in range(len(labels[0]))
                for answer in labels[1]
            ),
        ),
    )
    refuse_nobody([part], domains)
    value = functional.value
    return assemble(design, [part], "proportion", conf, variances=[value * (1 - value)], ci="logit")
