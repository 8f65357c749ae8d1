"""The result of a model: coefficients with their covariance, and how they show themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.arguments import a_trustkit
from trustkit.counted import NOTES, Place
from trustkit.display import Shown, show_interval, show_number, show_numbers, show_p
from trustkit.errors import FitError, how_many
from trustkit.estimation.distributions import t_p_value
from trustkit.estimation.results import Estimate, Numbers, counts_in_rows, estimate_of
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.caveats import Caveats
    from trustkit.counted import Counted
    from trustkit.design.held import Held

    Floats = NDArray[np.float64]

FIT = a_trustkit("Fit", "fit a model first, such as with tk.glm")


MODEL = "respondents of the model"
"""What the respondents of all coefficients of a model are called."""


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Shown):
    """A fitted model: its coefficients with standard errors, intervals, tests and full covariance.

    Attributes
    ----------
    coefficients
        One row per coefficient, as an `Estimate`. `trustkit.contrast` and `trustkit.delta` take it.
    formula
        The formula as it was given.
    terms
        The terms of the formula, as `trustkit.term_test` takes them.
    term_labels
        How readers know the terms.
    term_of
        The place of each coefficient's term among ``terms``; -1 for intercepts and thresholds.
    method
        The model and its estimating equations, in words.
    dispersion
        The estimated dispersion (for a gaussian outcome, the residual variance); NaN if the model has none.
        Standard errors do not use it.
    model
        What predictions and tests of terms need; a pooled model has no single one, and keeps its covariances.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 6.0, 4.0], "age": [20, 30, 40, 50, 60]})
    >>> fit = tk.glm(tk.Design(frame), "trust ~ age")
    >>> fit.to_frame()[["term", "estimate", "se", "df"]].round(3)
              term  estimate     se   df
    0  (Intercept)      -0.8  0.938  3.0
    1          age       0.1  0.034  3.0
    """

    coefficients: Estimate
    formula: str
    terms: tuple[str, ...]
    term_labels: tuple[str, ...]
    term_of: tuple[int, ...]
    method: str
    dispersion: float
    model: object

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names, as contrasts take them."""
        return tuple(map(str, self.coefficients.keys["variable"]))

    @property
    def estimate(self) -> Floats:
        """The coefficients, shape (p,)."""
        return self.coefficients.estimate

    @property
    def se(self) -> Floats:
        """Their standard errors on the design, shape (p,)."""
        return self.coefficients.se

    @property
    def ci_low(self) -> Floats:
        """The intervals' lower ends, shape (p,)."""
        return self.coefficients.ci_low

    @property
    def ci_high(self) -> Floats:
        """The intervals' upper ends, shape (p,)."""
        return self.coefficients.ci_high

    @property
    def df(self) -> Floats:
        """Degrees of freedom, shape (p,): those of the domain plus 1, less the number of coefficients.

        Those of a pooled model differ between the coefficients (`trustkit.pool`).
        """
        return self.coefficients.df

    @property
    def p_value(self) -> Floats:
        """Two-sided p-values of the t tests that a coefficient is 0, shape (p,)."""
        t = np.divide(self.estimate, self.se, out=np.full(len(self.se), np.nan), where=self.se > 0)
        return np.asarray(t_p_value(t, self.df), dtype=float)

    @property
    def vcov(self) -> Floats:
        """The covariance of the coefficients, shape (p, p)."""
        return self.coefficients.vcov

    @property
    def n(self) -> int:
        """Respondents of the model, unweighted."""
        return int(self.coefficients.n[0])

    @property
    def base(self) -> str:
        """Who is counted, in words."""
        return self.coefficients.base

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know in addition to the numbers."""
        return self.coefficients.notes

    @property
    def caveats(self) -> Caveats:
        """What a reader must know about the data."""
        return self.coefficients.caveats

    def to_frame(self) -> pd.DataFrame:
        """Return one row per coefficient, unrounded.

        Returns
        -------
        DataFrame
            ``term`` (the coefficient's name), ``label`` (its words for readers), ``estimate``, ``se``,
            ``ci_low``, ``ci_high``, ``t``, ``df``, ``p_value`` and ``n``.
        """
        own = self.coefficients
        t = np.divide(own.estimate, own.se, out=np.full(len(own.se), np.nan), where=own.se > 0)
        return pd.DataFrame(
            {
                "term": list(self.names),
                "label": [own.label(name) for name in self.names],
                "estimate": own.estimate,
                "se": own.se,
                "ci_low": own.ci_low,
                "ci_high": own.ci_high,
                "t": t,
                "df": own.df,
                "p_value": self.p_value,
                "n": own.n,
            }
        )

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return counted_coefficients(
            self,
            lambda row: [(row, column) for column in range(1, 5)],
            lambda _: [(NOTES, note) for note in range(1, len(self._parts()[2]))],
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        frame = self.to_frame()
        decimals = self.coefficients.decimals + 1
        table = pd.DataFrame(
            {
                "term": frame["label"],
                "coefficient": show_numbers(frame["estimate"], decimals=decimals),
                shown_name("se"): show_numbers(frame["se"], decimals=decimals),
                f"{self.coefficients.conf:.0%} interval": [
                    show_interval(low, high, lambda end: show_numbers([end], decimals=decimals)[0])
                    for low, high in zip(frame["ci_low"], frame["ci_high"], strict=True)
                ],
                "p": [show_p(value) for value in frame["p_value"]],
            }
        )
        ends = dict.fromkeys(show_number(float(end)) for end in (self.df.min(), self.df.max()))
        about = f"n = {self.n:,}, {' to '.join(ends)} degrees of freedom."
        notes = (f"Base: {self.base}.", about, *self.coefficients.remarks)
        return self.method, table, notes


def counted_coefficients(
    fit: Fit, cells: Callable[[int], Sequence[Place]], bases: Callable[[int], Sequence[Place]]
) -> tuple[Counted, ...]:
    """Return the respondents behind the coefficients, for the protection of a table of them.

    Parameters
    ----------
    fit
        The model.
    cells, bases
        Return the places where a coefficient, and the number of respondents of the model, are printed.
    """
    return tuple(
        table
        if table.variable == MODEL
        else table.printing([replace(one, base_cells=()) for one in table.shown])
        for table in counts_in_rows(fit.coefficients, cells, bases)
    )


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The coefficients of a model, before they become a `Fit`.

    Attributes
    ----------
    names
        Their names, as contrasts take them.
    labels
        Name -> words for readers.
    value, vcov
        Shapes (m,) and (m, m).
    held, n
        The PSUs and respondents of the model.
    predictors
        How many coefficients are taken off the degrees of freedom, the intercept included.
    counted
        The unweighted respondents behind them.
    """

    names: Sequence[str]
    labels: dict[str, str]
    value: Floats
    vcov: Floats
    held: Held
    n: int
    predictors: int
    counted: tuple[Counted, ...] = ()

    @property
    def held_with_predictors(self) -> Held:
        """The PSUs of each coefficient, whose degrees of freedom are fewer by the coefficients, less 1."""
        rows = np.zeros(len(self.value), dtype=np.intp)
        return replace(self.held, rows=rows, coefficients=np.array([self.predictors]))


def refuse_too_many(held: Held, predictors: int, formula: str) -> None:
    """Refuse a model with more coefficients than its PSUs can carry.

    Raises
    ------
    FitError
        If no degrees of freedom are left.
    """
    if float(held.df[0]) + 1 - predictors > 0:
        return
    carriers = how_many(int(held.n[0]), "respondent")
    if held.spans is not None:
        carriers = "the replicate weights"
    elif held.clustered:
        carriers = how_many(int(held.present[0].sum()), "PSU")
    raise FitError(
        f"{carriers} can't carry {how_many(predictors, 'coefficient')}",
        where=formula, got=f"{float(held.df[0]):g} degrees of freedom of the design",
        expected=f"at least {predictors:,}", do="use fewer terms, or merge levels",
    )  # fmt: skip


def fit_of(
    own: Coefficients,
    *,
    base: str,
    conf: float,
    notes: Sequence[str],
    caveats: Caveats,
    **about: Any,  # noqa: ANN401
) -> Fit:
    """Return a fit from coefficients and their covariance.

    Parameters
    ----------
    own
        The coefficients.
    base, conf, notes, caveats
        As in `Estimate`.
    **about
        The other fields of `Fit`.
    """
    numbers = Numbers(
        keys=pd.DataFrame({"variable": list(own.names), "level": ""}),
        value=own.value,
        vcov=own.vcov,
        n=np.full(len(own.value), own.n, dtype=np.int64),
        held=(own.held_with_predictors,),
        unit="number",
    )
    coefficients = estimate_of(
        numbers,
        statistic="coefficient",
        base=base,
        conf=conf,
        notes=tuple(notes),
        caveats=caveats,
        labels=own.labels,
        counted=own.counted,
    )
    return Fit(coefficients=coefficients, **about)
