"""Precision as published reports put it: one margin of error, and the design effect behind a printed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN_OR_ESTIMATE, NUMBER, TEXT, accepts
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import NOTES, Place, counted_rows
from trustkit.design.design import Design
from trustkit.display import Shown
from trustkit.errors import DataError, DesignError
from trustkit.estimation.distributions import normal_quantile, t_reach
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.results import Estimate, counts_in_rows, row_names
from trustkit.field_kinds import accepts_fields, accepts_lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MODEL_BASED = (
    "Opt-in sample: the margin rests on a model. It leaves out how people who opted in differ from others."
)
WEIGHTS_ALONE = (
    "The design effect covers the weights only; PSUs make margins wider. "
    "For a margin that includes PSUs, pass an estimate."
)


NO_MARGIN = (
    "A margin is missing where all respondents gave the same answer, where the standard error is not known, "
    "and where too few PSUs leave no degrees of freedom."
)


@dataclass(frozen=True, eq=False, repr=False)
class MarginOfError(Shown):
    """The half-width of the interval of a share, for the method note of a report.

    Attributes
    ----------
    counted
        Who is counted, one name for each margin.
    margin
        Shape (m,), in percentage points; NaN where the design effect is not known.
    n, n_eff
        Shape (m,): respondents, and the size of a simple random sample with the same precision.
    df
        Shape (m,): degrees of freedom of the design, or of each estimate's domain.
    conf, p
        Coverage, and the share (0 to 1) that the margin belongs to.
    assuming
        The model under which it is valid, as stated by the caller; empty if none was stated.
    notes
        What a reader must also know.
    caveats
        What a reader must know about the data; ``assuming`` replaces the design's assumption.
    respondents
        The unweighted respondents behind an estimate, where they are known.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> margin = tk.margin_of_error(tk.Design(pd.DataFrame({"trust": ["yes", "no"] * 500})))
    >>> margin.margin.round(2).tolist(), margin.n.tolist()
    ([3.1], [1000])
    """

    counted: tuple[str, ...]
    margin: Floats
    n: Ints
    n_eff: Floats
    df: Floats
    conf: float
    p: float
    assuming: str = ""
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    respondents: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_lengths(self, len(self.counted), "margin", "n", "n_eff", "df")

    @property
    def deff(self) -> Floats:
        """Design effect, n / n_eff; `implied_deff` of the margin gives the same when df is large."""
        return self.n / self.n_eff

    @property
    def sentence(self) -> str:
        """The sentence for a report, including the assumption."""
        known = self.margin[np.isfinite(self.margin)]
        if not len(known):
            return "No margin of error is known."
        ends = list(dict.fromkeys(_shown(value) for value in (known.min(), known.max())))
        given = f" This holds assuming that {self.assuming}." if self.assuming else ""
        return (
            f"The margin of error of a share of {100 * self.p:g}% is plus or minus {' to '.join(ends)} "
            f"percentage points ({self.conf:.0%} confidence, design effect included).{given}"
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per margin, unrounded: counted, margin, n, n_eff, deff, df."""
        return pd.DataFrame(
            {
                "counted": list(self.counted),
                "margin": self.margin,
                "n": self.n,
                "n_eff": self.n_eff,
                "deff": self.deff,
                "df": self.df,
            }
        )

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return self.respondents or (counted_rows(self.counted, self.n, _cells_of, _base_of),)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = pd.DataFrame(
            {
                "counted": list(self.counted),
                "margin of error": [_shown(value) for value in self.margin],
                "design effect": [_shown(value, 2) for value in self.deff],
                "n": [f"{count:,}" for count in self.n],
            }
        )
        return (
            "Margin of error, percentage points",
            table,
            (self.sentence, *self.caveats.sentences, *self.notes),
        )


def margin_of_error(
    estimate: Design | Estimate, *, p: float = 0.5, conf: float = 0.95, assuming: str = ""
) -> MarginOfError:
    """Return the margin of error of a share: the "plus or minus" of published reports.

    Parameters
    ----------
    estimate
        A `Design`: one margin for all respondents, with Kish's design effect of the weights. It ignores
        PSUs, which make the true margin wider, and what weighting to margins explains. Or an `Estimate` of
        proportions: one margin for each row, with the row's design effect, which includes both.
    p
        The share, 0 to 1; one half is the worst case.
    conf
        Coverage.
    assuming
        The model under which the number holds, as the end of "assuming that ...". An opt-in sample has no
        margin of error without one; it is printed with the number.

    Returns
    -------
    MarginOfError
        In percentage points, with the sentence that states it.

    Raises
    ------
    DesignError
        If the sample is opt-in and no model is stated.
    DataError
        If the estimate is not one of proportions, or p or conf is not between 0 and 1.

    Notes
    -----
    100 t(df) sqrt(p (1 - p) / n_eff), with the df of the design or of the estimate's domain. n_eff is the
    estimate's, or Kish's (sum of w)^2 / sum of w^2. At p = the estimate it is half the ``mean`` interval.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no"] * 500})
    >>> tk.margin_of_error(tk.Design(frame)).margin.round(2).tolist()
    [3.1]
    """
    accepts(
        estimate=(estimate, DESIGN_OR_ESTIMATE), p=(p, NUMBER), conf=(conf, NUMBER), assuming=(assuming, TEXT)
    )
    check_conf(conf)
    _check_share(p)
    own = estimate.caveats.assumption
    if own and not assuming.strip():
        raise DesignError(
            "an opt-in sample has no margin of error: nobody was drawn at random",
            got="no stated model",
            expected="assuming='...', the model under which the number holds; it is printed with it",
            do=f"the design's own model is {own!r}: pass it if you can justify it",
        )
    notes = () if isinstance(estimate, Design) else estimate.notes
    if own:
        notes = (*notes, MODEL_BASED)
    if isinstance(estimate, Design):
        counted: tuple[str, ...] = ("all respondents",)
        n, n_eff, df = np.array([estimate.n]), np.array([estimate.n_eff]), np.array([estimate.df])
        if estimate.first_stage.clustered or estimate.replicates is not None:
            notes = (*notes, WEIGHTS_ALONE)
    else:
        if estimate.unit != "share":
            raise DataError(
                "margin_of_error needs an estimate of proportions", got=estimate.statistic,
                do="give it what tk.proportion returns",
            )  # fmt: skip
        counted, n, n_eff, df = tuple(row_names(estimate)), estimate.n, estimate.n_eff, estimate.df
    margin = 100 * t_reach(df, conf) * np.sqrt(p * (1 - p) / n_eff)
    if not np.isfinite(margin).all():
        notes = (*notes, NO_MARGIN)
    return MarginOfError(
        counted, margin, n, n_eff, df, conf, p, assuming.strip().rstrip("."), notes,
        Caveats(synthetic=estimate.caveats.synthetic, rules=estimate.caveats.rules),
        () if isinstance(estimate, Design) else counts_in_rows(estimate, _cells_of, _base_of),
    )  # fmt: skip


def _cells_of(row: int) -> list[Place]:
    """Return the places of a margin and its design effect, and of the sentence on all margins."""
    return [(row, 1), (row, 2), (NOTES, 0)]


def _base_of(row: int) -> list[Place]:
    """Return the place of the respondents of a margin."""
    return [(row, 3)]


def implied_deff(margin: float, n: float, *, conf: float = 0.95, p: float = 0.5) -> float:
    """Return the design effect that a published margin of error implies.

    Parameters
    ----------
    margin
        As published, in percentage points. A rounded margin leaves a range: 1.7 may be 1.65 to 1.75, so a
        design effect of 1.54 may be 1.45 to 1.63.
    n
        Respondents, as published.
    conf, p
        Coverage, and the share (0 to 1) that the margin belongs to; one half if the report does not say.

    Returns
    -------
    float
        1 for a simple random sample; below 1, the margin is smaller than that of a simple random sample.

    Raises
    ------
    DataError
        If the margin or n is not positive, or conf or p is not between 0 and 1.

    Notes
    -----
    n (margin / (100 z))^2 / (p (1 - p)), z the normal quantile: the inverse of `margin_of_error` with
    many degrees of freedom.

    Examples
    --------
    >>> import trustkit as tk
    >>> round(tk.implied_deff(1.7, 5110), 2)
    1.54
    """
    accepts(margin=(margin, NUMBER), n=(n, NUMBER), conf=(conf, NUMBER), p=(p, NUMBER))
    check_conf(conf)
    _check_share(p)
    if not (0 < margin < np.inf and 0 < n < np.inf):
        raise DataError(
            "a margin of error and its n are positive", got=f"margin {margin:g}, n {n:g}",
            expected="percentage points such as 1.7, and respondents",
        )  # fmt: skip
    z = float(normal_quantile((1 + conf) / 2))
    return float(n * (margin / (100 * z)) ** 2 / (p * (1 - p)))


def _shown(value: float, decimals: int = 1) -> str:
    """Show a number, a margin with the one decimal that reports print."""
    return f"{value:.{decimals}f}" if np.isfinite(value) else "-"


def _check_share(p: float) -> None:
    if not 0 < p < 1:
        raise DataError("p is out of range", got=f"{p:g}", expected="a share between 0 and 1, such as 0.5")
