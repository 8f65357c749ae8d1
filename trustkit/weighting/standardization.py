"""Direct standardisation: groups are compared as if they had the same composition."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, OPTIONAL_NAMES, accepts
from trustkit.design.coded import coded_variable
from trustkit.design.opt_in import in_words
from trustkit.design.sums import group_totals
from trustkit.design.weight_history import CROSSED, MARGIN_COLUMNS, Spread, WeightStep
from trustkit.errors import DataError, TargetsError
from trustkit.survey.variable import CODED
from trustkit.weighting.calibration import poststratify
from trustkit.weighting.targets import NUMERIC, Margin, targets_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.weighting.targets import TargetsLike

    Floats = NDArray[np.float64]

COMPARED = (
    "Standardised weights are for comparing groups: each group is weighted to the same composition. "
    "Estimates of the whole population need the weights from before."
)


def standardize(
    design: Design,
    population: TargetsLike,
    *,
    over: str | Sequence[str] | None = None,
    answered: str | Sequence[str] | None = None,
) -> Design:
    """Weight each group to the same composition, such as one distribution of ages (direct standardisation).

    Parameters
    ----------
    design
        The design, with its weights.
    population
        The composition, as the targets of `trustkit.poststratify`: one variable, ``{"age": {"young": 0.4,
        "old": 0.6}}``, or several crossed, ``{"age x sex": {...}}``. Shares or counts; only shares are used.
    over
        The variables whose combinations are the groups; None standardises all respondents together.
    answered
        The variables that will be estimated: respondents without a value get weight 0 first, so that those
        who answered have the composition. Without it, item nonresponse changes the composition.

    Returns
    -------
    Design
        Estimate on it with the same variables in ``by``. Each group keeps the sum of its weights. Variances
        know of the standardisation: they are those of weights that meet the cells' totals.

    Raises
    ------
    TargetsError
        Several margins, a numeric variable, a level without respondents in a group, missing values of a
        variable.
    DataError
        An unknown variable, a variable in ``over`` that is also in the population, or nobody who answered.

    Notes
    -----
    In group g and cell c of the population, w = d N_g P_c / sum of d in g and c, where N_g is the group's sum
    of d and P_c the share of c. The mean of a group is then the sum over c of P_c times the mean in g and c.
    Matches R survey's ``svystandardize``, which leaves out a cell without respondents with a warning, so that
    the group has another composition; here it is an error. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"age": list("yyyoyooo"), "area": list("aaaabbbb"), "trust": [5.0] * 8})
    >>> frame.loc[frame["age"] == "o", "trust"] = 3.0
    >>> design = tk.Design(frame)
    >>> tk.mean(design, "trust", by="area").estimate.tolist()
    [4.5, 3.5]
    >>> same = tk.standardize(design, {"age": {"y": 0.5, "o": 0.5}}, over="area")
    >>> tk.mean(same, "trust", by="area").estimate.tolist()
    [4.0, 4.0]
    """
    accepts(design=(design, DESIGN), over=(over, OPTIONAL_NAMES), answered=(answered, OPTIONAL_NAMES))
    targets = targets_from(population, None)
    if len(targets.margins) != 1 or targets.margins[0].kind in NUMERIC:
        raise TargetsError(
            "the composition must be one margin of levels",
            got=", ".join(margin.name for margin in targets.margins) or "no margin",
            do="cross the variables, such as 'age x sex'",
        )
    margin = targets.margins[0]
    groups = _names(over)
    both = [name for name in groups if name in margin.variables]
    if both:
        raise DataError(
            f"{both[0]} is in the population and in over", do="name in over only the variables to compare by"
        )
    design = _of_answered(design, _names(answered))
    dims = [(name, coded_variable(design, name).labels) for name in groups]
    cells = design.rows_in(dims)
    sums = group_totals(cells.codes.astype(np.intp), design.weights, cells.size + 1)[:-1]
    total = sum(margin.levels.values())
    if not sums.any() or not total > 0:
        raise DataError(
            "nobody can be standardised", got=f"groups of weight {sums.sum():g}, a population of {total:g}",
            do="check over, answered and the population",
        )  # fmt: skip
    labels = product(*(names for _, names in dims))
    levels = {
        (*level, *group): target / total * mass
        for group, mass in zip(labels, sums, strict=True)
        if mass > 0
        for level, target in margin.levels.items()
    }
    crossed = Margin((*margin.variables, *groups), levels, "counts")
    fitted = poststratify(
        design, replace(targets, margins=(crossed,), notes=(*targets.notes, COMPARED)), variance="base"
    )
    domains = f" in each {design.called(CROSSED.join(groups))}" if groups else ""
    rule = f"to {design.called(margin.name)}{domains}"
    last = replace(fitted.history[-1], step="standardize", rule=rule)
    return fitted.replace(history=(*fitted.history[:-1], last))


def _names(given: str | Sequence[str] | None) -> list[str]:
    """Return a name, or several, as a list without repetitions."""
    return [] if given is None else [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _of_answered(design: Design, names: Sequence[str]) -> Design:
    """Return the design in which respondents without a value of some variables have weight 0."""
    if not names:
        return design
    about = [design.variable(name) for name in names]
    dims = [(item.name, coded_variable(design, item.name).labels) for item in about if item.kind in CODED]
    numbers = [(item.name,) for item in about if item.kind not in CODED]
    cells = design.rows_in(dims, numbers)
    weights = np.where(cells.codes < cells.size, design.weights, 0.0)
    if not weights.any():
        raise DataError(
            "nobody answered", where=", ".join(names), got="no respondent with a value of all of them",
            do="leave answered out, or name fewer variables",
        )  # fmt: skip
    if (weights == design.weights).all():
        return design
    step = WeightStep(
        "standardize",
        f"weight 0 without an answer to {in_words([design.called(name) for name in names])}",
        pd.DataFrame(columns=MARGIN_COLUMNS),
        design.weights,
        Spread.of(weights),
    )
    return design.reweighted(
        weights, step, reason="did not answer what is standardised", calibration=design.calibration
    )
