"""Results: frozen values that carry their uncertainty, base and method, and show themselves.

Numbers are rounded only when shown. What is shown is the same every time: no addresses, no times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from trustkit.display import NO_CAVEATS, Caveats, Shown, show_number, show_p, show_share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SHARES = ("proportion",)
"""Statistics that are shown as percentages."""


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Shown):
    """Estimates with their standard errors, intervals and full covariance.

    Attributes
    ----------
    keys
        One row per estimate: the ``by`` columns, ``variable`` and ``level``.
    estimate, se, ci_low, ci_high
        Shape (m,). Proportions are between 0 and 1.
    df
        Degrees of freedom of the design (`Design.df`).
    n
        Shape (m,): respondents in the denominator of each estimate, unweighted.
    n_eff
        Shape (m,): the size of a simple random sample with the same standard error; NaN where that is not
        known (ratios, variances, quantiles, a standard error of zero).
    vcov
        Shape (m, m): the covariance between all estimates, so a contrast between domains is exact.
    statistic, base, ci, conf
        What was estimated, who is counted (in words), the interval's method and its coverage.
    notes
        What a reader must know beside the numbers.
    caveats
        What a reader must know of the data.
    labels
        Variable -> the question's wording, for tables and figures.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes", "yes"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> found = tk.proportion(tk.Design(frame, weights="w"), "trust")
    >>> found.to_frame()[["level", "estimate", "se"]].round(3)
      level  estimate     se
    0    no     0.333  0.301
    1   yes     0.667  0.301
    >>> found.vcov.shape
    (2, 2)
    """

    keys: pd.DataFrame
    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    df: float
    n: NDArray[np.int64]
    n_eff: NDArray[np.float64]
    vcov: NDArray[np.float64]
    statistic: str
    base: str
    ci: str
    conf: float
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is shown below the numbers: the caveats in words, and the notes."""
        return (*self.caveats.sentences, *self.notes)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per estimate, unrounded.

        Returns
        -------
        DataFrame
            The ``by`` columns, ``variable``, ``level``, ``estimate``, ``se``, ``ci_low``, ``ci_high``,
            ``df``, ``n`` and ``n_eff``.
        """
        return self.keys.assign(
            estimate=self.estimate,
            se=self.se,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            df=self.df,
            n=self.n,
            n_eff=self.n_eff,
        )

    @property
    def cv(self) -> NDArray[np.float64]:
        """Coefficient of variation of each estimate, ``se / |estimate|``."""
        return self.se / abs(self.estimate)

    @property
    def deff(self) -> NDArray[np.float64]:
        """Design effect against simple random sampling with replacement, (n - 1) / n_eff.

        Matches R survey's ``deff = "replace"``; NaN where ``n_eff`` is.
        """
        return (self.n - 1) / self.n_eff

    def label(self, variable: str) -> str:
        """Return a variable's wording, or its name if it has none."""
        return self.labels.get(variable, variable)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        shown = show_share if self.statistic in SHARES else show_number
        table = self.keys.astype(str)
        if not table["level"].any():
            table = table.drop(columns="level")
        wording = ""
        if len(set(table["variable"])) == 1:
            wording = f": {self.label(table['variable'].iloc[0])}"
            table = table.drop(columns="variable") if table.shape[1] > 1 else table
        else:
            table["variable"] = [self.label(name) for name in table["variable"]]
        table[self.statistic] = [shown(value) for value in self.estimate]
        table["se"] = [shown(value) for value in self.se]
        table[f"{self.conf:.0%} interval"] = [
            f"{shown(low)} to {shown(high)}" for low, high in zip(self.ci_low, self.ci_high, strict=True)
        ]
        table["n"] = [f"{count:,}" for count in self.n]
        return self.statistic.capitalize() + wording, table, (f"Base: {self.base}.", *self.remarks)


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
        What is tested, where it is one number, with its interval's coverage; NaN otherwise.
    n
        Respondents counted.
    base
        Who is counted, in words.
    reason
        Why the test is impossible; empty if it isn't.
    notes
        What a reader must know beside the numbers.
    caveats
        What a reader must know of the data.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 7.0], "sex": ["m", "m", "f", "f"]})
    >>> found = tk.ttest(tk.Design(frame), "trust", by="sex")
    >>> found.statistic_name, found.df, round(found.p_value, 3)
    ('t', (2.0,), 0.09)
    """

    __test__: ClassVar[bool] = False  # pytest would take it for a class of tests

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
    reason: str = ""
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is shown below the numbers: the caveats in words, and the notes."""
        return (*self.caveats.sentences, *self.notes)

    def to_frame(self) -> pd.DataFrame:
        """Return the result as one row, unrounded."""
        import pandas as pd  # noqa: PLC0415

        row = {name: value for name, value in vars(self).items() if name not in ("df", "notes", "caveats")}
        return pd.DataFrame([{**row, "df": ", ".join(f"{part:g}" for part in self.df)}])

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        import pandas as pd  # noqa: PLC0415

        cells = {
            self.statistic_name: show_number(self.statistic),
            "df": ", ".join(show_number(part) for part in self.df) or "-",
            "p": show_p(self.p_value),
        }
        if not math.isnan(self.estimate):
            cells["estimate"] = show_number(self.estimate)
            cells[f"{self.conf:.0%} interval"] = f"{show_number(self.ci_low)} to {show_number(self.ci_high)}"
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
