"""Results of tests: null hypothesis, statistic and p-value, or why there is none; and adjusted p-values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import NOTES, all_cells, counted_everywhere, counted_rows
from trustkit.display import Shown, show_number, show_p
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_fields
from trustkit.units import MEASURES, Unit, headed, show_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from trustkit.counted import Counted

    Floats = NDArray[np.float64]

Adjust = Literal["holm", "bonferroni", "bh", "none"]
"""How p-values are adjusted for the number of tests."""

APART = ("df", "notes", "caveats", "counted", "unit")
"""Fields of a test that are no column of its frame as they are."""


@dataclass(frozen=True, repr=False)
class TestResult(Shown):
    """The result of a hypothesis test.

    Attributes
    ----------
    test
        What was done.
    null
        The hypothesis tested, in words.
    statistic, statistic_name
        The test statistic and what it is called; NaN if the test is impossible.
    df
        Its degrees of freedom: one for t and chi-square, numerator and denominator for F.
    p_value
        Two-sided for t.
    effect, effect_name
        A design-based effect size; NaN where the test has none.
    estimate, se, ci_low, ci_high, conf
        The tested number, with its standard error and interval; NaN if the test is not about one number.
    unit
        The unit of the tested number: ``share``, ``points`` (a difference of shares) or ``number``; None if
        the test is not about one number.
    n
        Respondents counted.
    base
        Who is counted, in words.
    reason
        Why the test is impossible; empty if it isn't.
    notes
        What a reader must know in addition to the numbers.
    caveats
        What a reader must know about the data.
    counted
        The unweighted respondents of the cells that the test rests on, where they are known.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 7.0], "sex": ["m", "m", "f", "f"]})
    >>> test = tk.ttest(tk.Design(frame), "trust", by="sex")
    >>> test.statistic_name, test.df, round(test.p_value, 3)
    ('t', (2.0,), 0.09)
    """

    __test__: ClassVar[bool] = False  # pytest would collect it as a class of tests

    test: str
    null: str
    statistic: float
    statistic_name: str
    df: tuple[float, ...]
    p_value: float
    n: int
    base: str
    effect: float = math.nan
    effect_name: str = ""
    estimate: float = math.nan
    se: float = math.nan
    ci_low: float = math.nan
    ci_high: float = math.nan
    conf: float = 0.95
    unit: Unit | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        if self.unit is None and not math.isnan(self.estimate):
            raise DataError(
                "the argument 'unit' is missing", where="TestResult", got="an estimate without a unit",
                expected=f"one of {', '.join(get_args(Unit))}", do="name the unit of the estimate",
            )  # fmt: skip

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is shown below the numbers: the caveats in words, and the notes."""
        return (*self.caveats.sentences, *self.notes)

    def to_frame(self) -> pd.DataFrame:
        """Return the result as one row, unrounded."""
        import pandas as pd  # noqa: PLC0415

        row = {name: value for name, value in vars(self).items() if name not in APART}
        return pd.DataFrame([{**row, "df": ", ".join(f"{part:g}" for part in self.df)}])

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return {} if self.unit is None else dict.fromkeys(MEASURES, (self.unit,))

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        title, table, _ = self._parts()
        last = len(table.columns) - 1
        why = [(NOTES, 1)] if self.reason else []
        cells = [*all_cells(1, last, first=0), *why]
        whole = counted_rows([title], [self.n], lambda _: cells, lambda _: [(0, last)])
        return (*counted_everywhere(self.counted, cells), whole)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        import pandas as pd  # noqa: PLC0415

        cells = {
            self.statistic_name: show_number(self.statistic),
            **(
                {"df": " and ".join(show_number(part) for part in self.df) or "-"}
                if self.df or self.reason
                else {}
            ),
            "p": show_p(self.p_value),
        }
        if self.unit is not None and not math.isnan(self.estimate):
            value, low, high = show_in([self.estimate, self.ci_low, self.ci_high], self.unit, self.se)
            cells[headed("estimate", [self.unit])] = value
            ends = "-" if low == high == "-" else f"{low} to {high}"
            cells[headed(f"{self.conf:.0%} interval", [self.unit])] = ends
        if self.effect_name:
            cells[self.effect_name] = show_number(self.effect)
        cells["n"] = f"{self.n:,}"
        table = pd.DataFrame({name: [cell] for name, cell in cells.items()})
        why = (f"Not possible: {self.reason}.",) if self.reason else ()
        return (
            self.test,
            table,
            (f"Null hypothesis: {self.null}.", *why, f"Base: {self.base}.", *self.remarks),
        )


def adjusted(p: Floats, adjust: Adjust) -> Floats:
    """Adjust p-values for the number of tests; p-values that are NaN stay NaN and are not counted.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, 0.03]), "holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    known = ~np.isnan(p)
    if adjust == "none" or not known.any():
        return p
    corrected, given = p.copy(), p[known]
    if adjust == "bonferroni":
        corrected[known] = np.minimum(given * len(given), 1.0)
    elif adjust == "bh":
        order = np.argsort(given)[::-1]
        stepped = np.minimum.accumulate(given[order] * len(given) / np.arange(len(given), 0, -1))
        corrected[np.flatnonzero(known)[order]] = np.minimum(stepped, 1.0)
    else:
        order = np.argsort(given)
        stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
        corrected[np.flatnonzero(known)[order]] = np.minimum(stepped, 1.0)
    return corrected
