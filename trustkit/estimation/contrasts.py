"""Contrasts of estimates: linear, smooth, and between waves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from trustkit.arguments import (
    ESTIMATE,
    ESTIMATE_OR_FIT,
    FUNCTION,
    NUMBER,
    NUMBER_ROW,
    NUMBERS,
    OPTIONAL_NUMBER,
    accepts,
)
from trustkit.errors import DataError, suggest
from trustkit.estimation.results import (
    Estimate,
    Numbers,
    counts_in_rows,
    estimate_of,
    row_names,
)
from trustkit.estimation.small_groups import note_small_group
from trustkit.estimation.wave_rows import matched_rows
from trustkit.given_functions import number_from
from trustkit.units import combined_unit, difference_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.units import Unit

    Floats = NDArray[np.float64]

DELTA_DO = "it takes an array of the estimates, one per row, and returns one number"
"""What to do about a function that `trustkit.delta` can't use."""


class HasCoefficients(Protocol):
    """A fitted model."""

    @property
    def coefficients(self) -> Estimate:
        """The model's coefficients."""


def contrast(
    estimate: Estimate | HasCoefficients,
    weights: Mapping[str, float] | Sequence[float],
    *,
    conf: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Estimate a linear combination of estimates, with their full covariance.

    Parameters
    ----------
    estimate
        Any `Estimate`, or the `Fit` of a model, for its coefficients.
    weights
        Row name -> weight (rows not named weigh 0), or one weight per row. A row's name is the part of
        its domain, answer and variable that differs between rows.
    conf
        The interval's coverage.
    df
        Degrees of freedom; None: those of all domains with a weight together.

    Returns
    -------
    Estimate
        One row. A difference of shares is shown in percentage points; a sum or mean of shares is a share.

    Raises
    ------
    DataError
        An unknown or ambiguous row name, a wrong number of weights, or a ``df`` that is not above 0.

    Notes
    -----
    c'theta with variance c'Vc; matches ``svycontrast``. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 4.0], "sex": ["m", "m", "f", "f"]})
    >>> by_sex = tk.mean(tk.Design(frame), "trust", by="sex")
    >>> tk.contrast(by_sex, {"f": 1, "m": -1}).estimate.tolist()
    [2.0]
    """
    accepts(
        estimate=(estimate, ESTIMATE_OR_FIT),
        weights=(weights, NUMBERS | NUMBER_ROW),
        conf=(conf, NUMBER),
        df=(df, OPTIONAL_NUMBER),
    )
    estimate = _estimates_in(estimate)
    if df is not None and not df > 0:
        raise DataError(
            "the degrees of freedom can't be used", where="df", got=f"{df:g}", expected="a number above 0",
            do="leave df out to use those of all domains together",
        )  # fmt: skip
    if isinstance(weights, Mapping):
        weights = _named_weights(estimate, weights)
    row = np.asarray(weights, dtype=float)
    if row.shape != estimate.estimate.shape:
        raise DataError(
            "a contrast needs one weight per row", got=str(row.size), expected=str(len(estimate.estimate))
        )
    return weighted_sum(estimate, row, conf=conf, df=df)


def weighted_sum(estimate: Estimate, row: Floats, *, conf: float, df: float | None = None) -> Estimate:
    """Return the sum of the estimates times some weights, shape (m,), with any degrees of freedom."""
    return _combined(
        estimate,
        float(row @ estimate.estimate),
        row[None, :],
        ("contrast", combined_unit(estimate.units, row)),
        conf,
        df,
    )


def delta(
    estimate: Estimate | HasCoefficients, function: Callable[[Floats], Floats | float], *, conf: float = 0.95
) -> Estimate:
    """Estimate a smooth function of estimates by the delta method.

    Parameters
    ----------
    estimate
        Any `Estimate`, or the `Fit` of a model, for its coefficients.
    function
        Maps the estimates, shape (m,), to a number, with arithmetic and numpy functions.
    conf
        The interval's coverage.

    Returns
    -------
    Estimate
        One row, which is shown as a number: for a difference of shares use `contrast`, which shows percentage
        points.

    Raises
    ------
    DataError
        If the function's value is not one finite number.

    Notes
    -----
    The gradient comes from central differences, with steps of the cube root of the machine's precision.
    Its relative error is about 1e-9. Matches ``svycontrast`` of an expression. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 4.0], "sex": ["m", "m", "f", "f"]})
    >>> by_sex = tk.mean(tk.Design(frame), "trust", by="sex")
    >>> tk.delta(by_sex, lambda means: means[0] / means[1]).estimate.round(3).tolist()
    [2.333]
    """
    accepts(estimate=(estimate, ESTIMATE_OR_FIT), function=(function, FUNCTION), conf=(conf, NUMBER))
    estimate = _estimates_in(estimate)
    point = estimate.estimate

    def number_of(values: Floats) -> float:
        return number_from(function, values, name="function", do=DELTA_DO)

    value = number_of(point)
    step = np.finfo(float).eps ** (1 / 3) * np.maximum(np.abs(point), 1e-3)
    sides = np.array(
        [[number_of(point + sign * step * unit) for sign in (1, -1)] for unit in np.eye(len(point))]
    )
    gradient = (sides[:, 0] - sides[:, 1]) / (2 * step)
    return _combined(estimate, value, gradient[None, :], ("delta", "number"), conf, None)


def wave_difference(later: Estimate, earlier: Estimate, *, conf: float = 0.95) -> Estimate:
    """Estimate the change between two independent samples, answer by answer.

    Rows are matched by the names of variables, answers and groups, whatever their order. A difference in
    capitals or blanks, and another name of one question with the same wording, is matched and noted.

    Parameters
    ----------
    later, earlier
        The same estimates of two designs that share no PSU. For waves that share respondents use `change`: if
        they are treated as independent, the standard error of the change is silently wrong.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        Later minus earlier, with the sum of both covariances, and the sum of both domains' df.

    Raises
    ------
    DataError
        With every variable, answer and group that only one wave has; or for two different statistics.

    Notes
    -----
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> waves = [tk.mean(tk.Design(pd.DataFrame({"x": values})), "x") for values in ([1.0, 2.0], [3.0, 6.0])]
    >>> tk.wave_difference(waves[1], waves[0]).estimate.tolist()
    [3.0]
    """
    accepts(later=(later, ESTIMATE), earlier=(earlier, ESTIMATE), conf=(conf, NUMBER))
    earlier, matched = matched_rows(later, earlier)
    numbers = Numbers(
        keys=later.keys, value=later.estimate - earlier.estimate, vcov=later.vcov + earlier.vcov,
        n=later.n + earlier.n, unit=tuple(map(difference_unit, later.units, earlier.units)),
        held=(*later.held, *earlier.held), df=later.df + earlier.df,
        reasons=tuple(one or other for one, other in zip(later.reasons, earlier.reasons, strict=False)),
    )  # fmt: skip
    notes = tuple(dict.fromkeys(["Two independent samples.", *matched, *later.notes, *earlier.notes]))
    return estimate_of(
        numbers, statistic="difference", base=later.base, conf=conf, notes=notes, labels=later.labels,
        caveats=later.caveats.joined(earlier.caveats), counted=(*later.counted, *earlier.counted),
    )  # fmt: skip


def _estimates_in(given: Estimate | HasCoefficients) -> Estimate:
    """Return an estimate as it is, and the coefficients of a model."""
    return given if isinstance(given, Estimate) else given.coefficients


def _named_weights(estimate: Estimate, weights: Mapping[str, float]) -> list[float]:
    names = row_names(estimate)
    for name in weights:
        if names.count(name) != 1:
            what = "ambiguous" if name in names else "unknown"
            raise DataError(f"the row {name!r} is {what}", do=suggest(name, names))
    return [float(weights.get(name, 0.0)) for name in names]


def _respondents(estimate: Estimate, used: NDArray[np.bool_]) -> int:
    """Count the respondents of some rows: domains are added, while answers and variables share them."""
    if len(estimate.held) == 1 and estimate.held[0].coefficients is not None:
        # predictions of one model have the same respondents, whatever their values are called
        labels = estimate.held[0].label[estimate.held[0].rows]
        return sum(int(estimate.n[used & (labels == label)].max()) for label in np.unique(labels[used]))
    by = [name for name in estimate.keys if name not in ("variable", "level")]
    counted = estimate.keys.assign(n=np.where(used, estimate.n, 0))
    return int(counted.groupby(by)["n"].max().sum() if by else counted["n"].max())


def _combined(
    estimate: Estimate, value: float, rows: Floats, kind: tuple[str, Unit], conf: float, df: float | None
) -> Estimate:
    """Return one estimate, of some statistic and unit: the combination of rows with the given gradient.

    Rows outside the combination may lack a standard error.
    """
    used = rows[0] != 0 if rows.any() else np.ones(rows.shape[1], dtype=bool)
    names = row_names(estimate)
    words = " ".join(
        f"{'+' if w > 0 else '-'} {abs(w):g} x {name}" for w, name in zip(rows[0], names, strict=True) if w
    )
    level = words if kind[0] == "contrast" else "function of the estimates"
    together = estimate.df_of(used) if df is None else df
    reasons = [
        f"{name}: {reason}"
        for name, reason, enters in zip(names, estimate.reasons, used, strict=False)
        if reason and enters
    ]
    variances = rows[0, used] ** 2 * np.diag(estimate.vcov)[used]
    is_tested = df is None and not reasons
    notes = note_small_group(variances, estimate.df[used], together) if is_tested else ()
    variables = [str(name) for name in dict.fromkeys(estimate.keys["variable"][used])]
    variable = ", ".join(variables)
    numbers = Numbers(
        keys=pd.DataFrame({"variable": [variable], "level": [level]}),
        value=np.array([float(value)]),
        vcov=rows[:, used] @ estimate.vcov[np.ix_(used, used)] @ rows[:, used].T,
        n=np.array([_respondents(estimate, used)]),
        held=tuple(part.union(used) for part in estimate.held),
        df=np.array([together]),
        reasons=tuple(reasons[:1]) or ("",),
        unit=kind[1],
    )
    return estimate_of(
        numbers,
        statistic=kind[0],
        base=estimate.base,
        conf=conf,
        notes=(*estimate.notes, *notes),
        caveats=estimate.caveats,
        labels={**estimate.labels, variable: ", ".join(map(estimate.label, variables))},
        counted=_counted_together(estimate, used, level),
    )


def _counted_together(estimate: Estimate, used: NDArray[np.bool_], level: str) -> tuple[Counted, ...]:
    """Return the respondents behind the rows that one number is made of, which is called by its level."""
    rows = counts_in_rows(estimate, lambda row: [(row, 0)] if used[row] else (), lambda _: ())
    return tuple(
        table.printing([replace(one, level=level) for one in table.shown if one.cells]) for table in rows
    )
