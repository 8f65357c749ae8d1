"""Predictions of a model: for given values, averaged over the respondents, and effects of a change."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import (
    FRAME,
    MAPPING,
    NUMBER,
    TEXT,
    VARIABLES,
    WHERE,
    ArgumentKind,
    accepts,
    choice,
    one_of,
)
from trustkit.display import sentence
from trustkit.errors import FitError, first_few, suggest
from trustkit.estimation.intervals import t_interval
from trustkit.estimation.results import Estimate, Numbers, estimate_of, in_every_row
from trustkit.models.averages import Average
from trustkit.models.coding import Values
from trustkit.models.families import regression_name
from trustkit.models.fit import FIT
from trustkit.models.glm import GlmModel, glm_of, outcome_in_words
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.units import Unit, difference_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.models.fit import Fit
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

Scale = Literal["response", "link"]
MOST_PREDICTIONS = 2_000
"""The most predictions in one call; the covariance of all of them is kept."""

STEP = 1e-5
"""The step of a derivative, as a share of the numbers' standard deviation."""

AT = ArgumentKind(
    lambda value: FRAME.fits(value) or MAPPING.fits(value),
    "a mapping {variable: value or list of values}, or a DataFrame with a column for each variable",
    'write it as {"sex": "Women", "age": [20, 40, 60]}',
)
CHANGE = NUMBER | choice("derivative")
"""What `average_effect` takes as ``change``."""

ON_LINK = "Intervals are t intervals on the scale of the linear predictor, turned into the outcome's."
"""The note on intervals of predicted means."""


def predict(fit: Fit, at: Mapping[str, object] | pd.DataFrame, *, scale: Scale = "response") -> Estimate:
    """Predict the mean outcome of respondents with given values.

    Parameters
    ----------
    fit
        A model of `glm`.
    at
        A value, or a list of values, for each variable of the model: ``{"sex": "Women", "age": [20, 40]}``
        (lists of one length, values are repeated), or a DataFrame with a row for each prediction.
    scale
        ``response``: the mean, or the probability; ``link``: the linear predictor.

    Returns
    -------
    Estimate
        One row per row of ``at``, with the covariance of all of them.

    Raises
    ------
    FitError
        A variable of the model without a value, or an answer that the model does not have.

    Notes
    -----
    The standard error is that of the coefficients alone, by the delta method; matches ``predict`` of
    ``svyglm``. Intervals on the scale of the response are those of the linear predictor, so they stay inside
    the outcome's range. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 6.0, 4.0], "age": [20, 30, 40, 50, 60]})
    >>> fit = tk.glm(tk.Design(frame), "trust ~ age")
    >>> tk.predict(fit, {"age": [25, 45]}).estimate.round(6).tolist()
    [1.7, 3.7]
    """
    accepts(fit=(fit, FIT), at=(at, AT), scale=(scale, one_of(Scale)))
    model = glm_of(fit, "predict")
    frame = _rows_of(at)
    values = _values_at(model, frame)
    columns, offset = model.coding.matrix(values), model.coding.offset(values)
    eta = columns @ model.solution.coefficients + offset
    vcov = columns @ fit.vcov @ columns.T
    low, high = t_interval(eta, np.sqrt(np.maximum(np.diag(vcov), 0.0)), fit.df[0], fit.coefficients.conf)
    value, notes = eta, list[str]()
    if scale == "response":
        link = model.equations.link
        value, slope = link.mu_and_slope(eta)
        vcov = vcov * np.outer(slope, slope)
        ends = np.sort(np.vstack([link.mu(low), link.mu(high)]), axis=0)
        low, high = ends
        notes = [ON_LINK] if model.response.link != "identity" else []
    words = {name: frame[name].astype(str) for name in frame}
    keys = pd.DataFrame({**words, "variable": model.response.target.name, "level": _level(model)})
    unit = _unit(model) if scale == "response" else "number"
    numbers = _numbers(fit, keys, (value, vcov), fit.n, unit)
    statistic = _statistic(model) if scale == "response" else "linear predictor"
    return _estimate(fit, model, numbers, statistic, notes=tuple(notes), limits=(low, high))


def predicted_means(fit: Fit, by: str | Sequence[str], *, where: Where = None) -> Estimate:
    """Predict the mean outcome if all respondents had each level of a variable in turn.

    Parameters
    ----------
    fit
        A model of `glm`.
    by
        A variable of the model that is coded by levels, or several, which are crossed.
    where
        The respondents whose predictions are averaged; None: all respondents of the model.

    Returns
    -------
    Estimate
        One row per level: the weighted mean of the predictions ("predictive margins").

    Raises
    ------
    FitError
        A variable that the model does not code by levels.

    Notes
    -----
    The influence of a row has two parts, as the coefficients vary and the other values are a sample, too:
    w (m - mean m) / N plus the gradient times the influence on the coefficients (Graubard and Korn 1999,
    doi:10.1111/j.0006-341X.1999.00652.x). ``svypredmeans`` of R survey adds the variances of both parts and
    leaves out their covariance; a fixed covariance of coefficients leaves out the first part.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 3.0, 6.0], "sex": list("mmfff"), "age": range(5)})
    >>> fit = tk.glm(tk.Design(frame), "trust ~ sex + age")
    >>> tk.predicted_means(fit, "sex").to_frame()[["sex", "estimate"]].round(3)
      sex  estimate
    0   f     3.333
    1   m     3.000
    """
    accepts(fit=(fit, FIT), by=(by, VARIABLES), where=(where, WHERE))
    model = glm_of(fit, "predicted_means")
    names = [by] if isinstance(by, str) else list(by)
    levels = [_levels(model, name) for name in names]
    average = Average.over(model, where)
    crossed = list(product(*(range(len(own)) for own in levels)))
    _refuse_too_many(len(crossed))
    scenarios = [
        _with_codes(average.observations.predictors, dict(zip(names, places, strict=True)))
        for places in crossed
    ]
    value, vcov = average.effects(scenarios, np.eye(len(scenarios)))
    keys = pd.DataFrame(
        [
            (
                *(own[place] for own, place in zip(levels, places, strict=True)),
                model.response.target.name,
                _level(model),
            )
            for places in crossed
        ],
        columns=[*names, "variable", "level"],
    )
    numbers = _numbers(fit, keys, (value, vcov), average.n, _unit(model))
    return _estimate(fit, model, numbers, _statistic(model, "predicted"), base=average.words)


def average_effect(
    fit: Fit,
    variable: str,
    *,
    change: float | Literal["derivative"] = 1,
    where: Where = None,
) -> Estimate:
    """Predict how the mean outcome changes with one variable, averaged over all respondents.

    Parameters
    ----------
    fit
        A model of `glm`.
    variable
        A variable of the model.
    change
        Of a number: by how much it grows for everybody, or ``derivative`` for the mean slope. A variable that
        is coded by levels is set to each level in turn, and compared with its first level.
    where
        The respondents whose predictions are averaged; None: all respondents of the model.

    Returns
    -------
    Estimate
        One row per level after the first, or one row; for a binomial outcome, differences of probabilities.

    Raises
    ------
    FitError
        A variable that the model does not have.

    Notes
    -----
    As `predicted_means`, with both parts of the variance. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 3.0, 6.0], "sex": list("mmfff"), "age": range(5)})
    >>> fit = tk.glm(tk.Design(frame), "trust ~ sex + age")
    >>> tk.average_effect(fit, "age", change=10).estimate.round(3).tolist()
    [10.0]
    """
    accepts(fit=(fit, FIT), variable=(variable, TEXT), change=(change, CHANGE), where=(where, WHERE))
    model = glm_of(fit, "average_effect")
    average = Average.over(model, where)
    values = average.observations.predictors
    if variable in model.coding.levels:
        levels = _levels(model, variable)
        scenarios = [_with_codes(values, {variable: place}) for place in range(len(levels))]
        combinations = np.eye(len(levels))[1:] - np.eye(len(levels))[0]
        rows = [(variable, f"{level} compared with {levels[0]}") for level in levels[1:]]
    elif variable in values.numbers:
        scenarios, combinations = _changed(average, variable, change)
        rows = [(variable, _change_in_words(change))]
    else:
        raise FitError(
            f"the model has no predictor {variable!r}", where=fit.formula,
            do=suggest(variable, model.coding.variables),
        )  # fmt: skip
    value, vcov = average.effects(scenarios, combinations)
    unit = difference_unit(_unit(model))
    keys = pd.DataFrame(rows, columns=["variable", "level"])
    numbers = _numbers(fit, keys, (value, vcov), average.n, unit)
    statistic = f"average difference{' of shares' if unit == 'points' else ''}"
    outcome = sentence(f"Outcome: {outcome_in_words(model.design, model.response.target)}")
    return _estimate(fit, model, numbers, statistic, base=average.words, notes=(outcome,))


def _changed(
    average: Average, variable: str, change: float | Literal["derivative"]
) -> tuple[list[Values], Floats]:
    """Return the scenarios of a change of a number, and their combination."""
    values = average.observations.predictors
    numbers = values.numbers[variable]
    if change == "derivative":
        weights = average.observations.weights
        spread = float(np.sqrt(np.cov(numbers, aweights=weights))) if len(numbers) > 1 else 1.0
        step = STEP * (spread or 1.0)
        ends, combination = (numbers + step, numbers - step), np.array([[1.0, -1.0]]) / (2 * step)
    else:
        ends, combination = (numbers + float(change), numbers), np.array([[1.0, -1.0]])
    return [replace(values, numbers={**values.numbers, variable: end}) for end in ends], combination


def _with_codes(values: Values, places: Mapping[str, int]) -> Values:
    """Return the values in which everybody has some levels."""
    codes = {name: np.full(values.size, place, dtype=np.intp) for name, place in places.items()}
    return replace(values, codes={**values.codes, **codes})


def _levels(model: GlmModel, name: str) -> tuple[str, ...]:
    levels = model.coding.levels.get(name)
    if levels is None:
        raise FitError(
            f"the model does not code {name!r} by levels", where=model.formula.text,
            do=suggest(name, model.coding.levels) or "use average_effect or predict for numbers",
        )  # fmt: skip
    return levels


def _rows_of(at: Mapping[str, object] | pd.DataFrame) -> pd.DataFrame:
    """Return the rows to predict for."""
    if isinstance(at, pd.DataFrame):
        frame = at.reset_index(drop=True)
    else:
        lists = {
            name: list(given)
            for name, given in at.items()
            if isinstance(given, list | tuple | np.ndarray | pd.Series)
        }
        sizes = {len(own) for own in lists.values()}
        if len(sizes) > 1:
            raise FitError(
                "the lists of values have several lengths", where="at",
                got=", ".join(f"{name}: {len(own)}" for name, own in lists.items()), expected="one length",
            )  # fmt: skip
        count = sizes.pop() if sizes else 1
        frame = pd.DataFrame({name: lists.get(name, [given] * count) for name, given in at.items()})
    if not len(frame) or not len(frame.columns):
        raise FitError("there is nothing to predict for", where="at", expected="at least one row of values")
    _refuse_too_many(len(frame))
    return frame


def _values_at(model: GlmModel, frame: pd.DataFrame) -> Values:
    """Return the values of a model's variables in the rows to predict for."""
    missing = [name for name in model.coding.variables if name not in frame]
    if missing:
        raise FitError(
            "variables of the model have no value", where="at", got=f"no {', '.join(missing)}",
            expected=", ".join(model.coding.variables), do="give a value for each of them",
        )  # fmt: skip
    codes = {}
    for name, levels in model.coding.levels.items():
        given = [str(value) for value in frame[name]]
        unknown = [value for value in given if value not in levels]
        if unknown:
            do = suggest_answer(unknown[0], levels, None)
            raise FitError(f"{name} has no level {unknown[0]!r} in the model", do=do)
        codes[name] = np.array([levels.index(value) for value in given], dtype=np.intp)
    numbers = {}
    for name in model.coding.numeric:
        column = frame[name]
        try:
            numbers[name] = column.to_numpy(dtype=float)
            wrong = column.dtype.kind in "mM"
        except (TypeError, ValueError):
            wrong = True
        if wrong:
            raise FitError(
                f"the values of {name} must be numbers", where="at", got=first_few(map(str, column)),
                do="give numbers in the units that the model was fitted on",
            )  # fmt: skip
        if not np.isfinite(numbers[name]).all():
            raise FitError(f"the values of {name} must be finite numbers", where="at")
    return Values(len(frame), codes, numbers)


def _refuse_too_many(count: int) -> None:
    if count > MOST_PREDICTIONS:
        raise FitError(
            "too many predictions in one call", got=f"{count:,}",
            expected=f"at most {MOST_PREDICTIONS:,}, as the covariance of all of them is kept",
        )  # fmt: skip


def _unit(model: GlmModel) -> Unit:
    return "share" if model.response.family == "binomial" else "number"


def _statistic(model: GlmModel, first: str = "predicted") -> str:
    return f"{first} {'share' if _unit(model) == 'share' else 'mean'}"


def _change_in_words(change: float | Literal["derivative"]) -> str:
    """Return by how much a number grows for everybody.

    Examples
    --------
    >>> _change_in_words(1), _change_in_words(-0.5), _change_in_words("derivative")
    ('1 higher', '0.5 lower', 'slope')
    """
    if change == "derivative":
        return "slope"
    return f"{abs(change):g} {'higher' if change >= 0 else 'lower'}"


def _predicted_in_words(model: GlmModel, numbers: Numbers) -> str:
    """Return which model predicts, and of which answer a predicted share is."""
    name = regression_name(model.response.family, model.response.link)
    answer = "" if numbers.unit == "number" else _level(model)
    return f'Predicted by {name}: the share of "{answer}".' if answer else f"Predicted by {name}."


def _level(model: GlmModel) -> str:
    return "" if model.response.success is None else model.response.target.levels[model.response.success]


def _numbers(fit: Fit, keys: pd.DataFrame, moments: tuple[Floats, Floats], n: int, unit: Unit) -> Numbers:
    """Return values and their covariance, of one unit."""
    value, vcov = moments
    count = len(value)
    return Numbers(
        unit=unit,
        keys=keys,
        value=value,
        vcov=vcov,
        n=np.full(count, n, dtype=np.int64),
        held=tuple(replace(part, rows=np.zeros(count, dtype=np.intp)) for part in fit.coefficients.held),
    )


def _estimate(
    fit: Fit,
    model: GlmModel,
    numbers: Numbers,
    statistic: str,
    *,
    base: str = "",
    notes: tuple[str, ...] = (),
    limits: tuple[Floats, Floats] | None = None,
) -> Estimate:
    """Return predictions as an estimate, with the words of the model."""
    design = model.design
    names = [*model.coding.variables, *model.response.target.variables]
    return estimate_of(
        numbers,
        statistic=statistic,
        base=", ".join(part for part in (fit.base, base) if part),
        conf=fit.coefficients.conf,
        notes=(_predicted_in_words(model, numbers), *notes),
        caveats=fit.caveats,
        labels={**design.headings(names), **design.labels(model.response.target.variables)},
        limits=limits,
        counted=in_every_row(fit.coefficients),
    )
