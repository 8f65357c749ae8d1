"""Whether a scale measures the same in several groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAME, accepts, accepts_estimator
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import Counted, counted_as_one
from trustkit.display import Shown, show_p
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.scales.confirm import FACTORS, Fitted, items_of_factors
from trustkit.scales.grouped_answers import GroupedAnswers
from trustkit.scales.model_fit import adjusted_test, fit_indices, residual_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.design.design import Design
    from trustkit.scales.factor_structure import Equal
    from trustkit.survey.where import Where

MODELS: dict[str, tuple[Equal, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
}
"""The models, and what is equal in all groups; each one contains the restrictions of the one before."""

EQUAL = {
    "configural": "the same items belong together",
    "metric": "equal loadings, too",
    "scalar": "equal intercepts, too",
}
"""The models -> what is equal, for readers."""

COLUMNS = (
    "model", "chi2", "df", "adjusted", "adjusted_df", "p_value", "cfi", "tli", "rmsea", "rmsea_adjusted",
    "srmr", "chi2_change", "df_change", "adjusted_change", "adjusted_df_change", "p_change", "cfi_change",
    "holds",
)  # fmt: skip
"""The columns of the table of models."""

LARGEST_FALL = 0.01
"""A model holds if CFI falls by no more than this (Cheung and Rensvold 2002)."""


@dataclass(frozen=True, eq=False, repr=False)
class Invariance(Shown):
    """Models of several groups with more and more parameters in common.

    Attributes
    ----------
    table
        One row per model (``configural``: the same items belong together; ``metric``: equal loadings;
        ``scalar``: equal intercepts, too): ``chi2``, ``df``, ``adjusted``, ``adjusted_df``, ``p_value``,
        ``cfi``, ``tli``, ``rmsea``, ``rmsea_adjusted``, ``srmr``; and against the model before
        ``chi2_change``, ``df_change``, ``adjusted_change``, ``adjusted_df_change``, ``p_change``,
        ``cfi_change`` and ``holds``, which is True of the configural model, as none comes before it.
    groups
        The groups.
    base
        Who is counted, in words.
    n
        Respondents.
    notes, caveats
        Who is left out, and what a reader must know about the data.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> random = np.random.default_rng(1)
    >>> answers = random.normal(size=(400, 1)) + random.normal(size=(400, 4))
    >>> frame = pd.DataFrame(answers, columns=list("abcd"))
    >>> frame["sex"] = pd.Categorical(np.where(random.random(400) < 0.5, "men", "women"))
    >>> found = tk.invariance(tk.Design(frame), {"trust": ["a", "b", "c", "d"]}, "sex")
    >>> found.table["df"].tolist()
    [4, 7, 10]
    """

    table: pd.DataFrame
    groups: tuple[str, ...]
    base: str
    n: int
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", COLUMNS)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return (counted_as_one(self._parts(), self.n),)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        own = self.table
        shown = pd.DataFrame(
            {
                "model": [f"{name}: {EQUAL[name]}" for name in own["model"]],
                "chi-square": [f"{value:.2f}" for value in own["chi2"]],
                "df": [str(value) for value in own["df"]],
                "p, adjusted": [show_p(value) for value in own["p_value"]],
                "CFI": [f"{value:.3f}" for value in own["cfi"]],
                "RMSEA": [f"{value:.3f}" for value in own["rmsea"]],
                "change of CFI": ["-", *(f"{value:+.4f}" for value in own["cfi_change"].iloc[1:])],
                "p of change": ["-", *(show_p(value) for value in own["p_change"].iloc[1:])],
                "holds": ["-", *("yes" if value else "no" for value in own["holds"].iloc[1:])],
            }
        )
        rule = (
            f"A model holds if CFI falls by no more than {LARGEST_FALL} against the model before. Loadings "
            "must be equal before relations are compared between groups, and intercepts before means are."
        )
        heading = f"Invariance over {len(self.groups)} groups"
        remarks = (*self.caveats.sentences, *self.notes)
        return heading, shown, (f"Base: {self.base}. n = {self.n:,}.", rule, *remarks)


def invariance(
    design: Design, model: Mapping[str, str | Sequence[str]], by: str, *, where: Where = None
) -> Invariance:
    """Test whether the items of a scale measure the same in several groups.

    Parameters
    ----------
    design, model, where
        As in `trustkit.confirm`.
    by
        The variable of the groups.

    Returns
    -------
    Invariance
        The configural, metric and scalar model with their fit, and each one against the one before.

    Raises
    ------
    DataError
        As `trustkit.confirm`; or fewer than two groups.

    Notes
    -----
    The difference of the chi-square statistics of two models is adjusted to the design as that of one model
    is (Satorra 2000). That CFI may fall by 0.01 is a rule of Cheung and Rensvold (2002,
    doi:10.1207/S15328007SEM0902_5), from simulations without clusters.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> random = np.random.default_rng(1)
    >>> answers = random.normal(size=(400, 1)) + random.normal(size=(400, 4))
    >>> frame = pd.DataFrame(answers, columns=list("abcd"))
    >>> frame["sex"] = pd.Categorical(np.where(random.random(400) < 0.5, "men", "women"))
    >>> tk.invariance(tk.Design(frame), {"trust": ["a", "b", "c", "d"]}, "sex").table["holds"].tolist()
    [True, True, True]
    """
    accepts_estimator(design, None, where, 0.95, model=(model, FACTORS))
    accepts(by=(by, NAME))
    items = items_of_factors(design, model)
    answers = GroupedAnswers.of(design, [item for own in items.values() for item in own], by, where)
    if len(answers.groups) < 2:  # noqa: PLR2004
        raise DataError(
            "invariance needs two groups or more", where=design.called(by),
            got=", ".join(answers.groups) or "no group", do="name a variable with several groups",
        )  # fmt: skip
    rows: list[dict[str, object]] = []
    before: Fitted | None = None
    vcov = None
    warnings: list[str] = []
    for name, equal in MODELS.items():
        fitted = Fitted.of(answers, items, equal)
        vcov = fitted.moments_vcov() if vcov is None else vcov
        weights = residual_weights(fitted.fit)
        test = adjusted_test(fitted.statistic, fitted.df, weights, vcov, answers.n)
        indices = fit_indices(fitted.fit, test, answers.n)
        row: dict[str, object] = {
            "model": name, "chi2": test.statistic, "df": test.df, "adjusted": test.adjusted,
            "adjusted_df": test.adjusted_df, "p_value": test.p_value, **indices,
            "chi2_change": np.nan, "df_change": 0, "adjusted_change": np.nan, "adjusted_df_change": np.nan,
            "p_change": np.nan, "cfi_change": np.nan, "holds": True,
        }  # fmt: skip
        if before is not None:
            change = adjusted_test(
                fitted.statistic - before.statistic, fitted.df - before.df,
                weights - residual_weights(before.fit), vcov, answers.n,
            )  # fmt: skip
            fall = indices["cfi"] - float(str(rows[-1]["cfi"]))
            row |= {
                "chi2_change": change.statistic, "df_change": change.df, "adjusted_change": change.adjusted,
                "adjusted_df_change": change.adjusted_df, "p_change": change.p_value, "cfi_change": fall,
                "holds": fall >= -LARGEST_FALL,
            }  # fmt: skip
        rows.append(row)
        before = fitted
        warnings = warnings or fitted.warnings()
    own = answers.answers
    caveats = design.caveats_about(*own.names, by)
    notes = (*own.notes, *warnings)
    return Invariance(pd.DataFrame(rows), answers.groups, own.base, answers.n, notes, caveats)
