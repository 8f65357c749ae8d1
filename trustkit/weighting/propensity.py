"""The propensity to be in a sample: a logistic model on the sample and a reference, checked."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.coded import coded_variable
from trustkit.design.sums import group_totals
from trustkit.errors import DataError, Faults, TargetsError, install_hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design

    Floats = NDArray[np.float64]
    Column = tuple[str, Floats]

MOST_LOG_ODDS = 18.0
"""With larger log odds, less those of the sums of weights, a respondent has nobody alike in the reference."""

DEPENDENT = 1e-9
"""A covariate follows from others if less than this fraction of it remains after regressing it on them."""

MOST_STEPS = 100


def propensity_odds(design: Design, reference: Design, covariates: Sequence[str]) -> Floats:
    """Return the odds of each respondent to be in the sample rather than in the reference, shape (n,).

    Raises
    ------
    DataError
        If statsmodels is not installed.
    TargetsError
        With every covariate that can't be used, or if sample and reference don't overlap.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sample, people = (tk.Design(pd.DataFrame({"sex": list(sexes)})) for sexes in ("mff", "mmff"))
    >>> propensity_odds(sample, people, ["sex"]).round(6).tolist()
    [0.5, 1.0, 1.0]
    """
    try:
        import statsmodels.api as sm  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        raise DataError("propensity weights need the package statsmodels", do=install_hint("all")) from None
    faults = Faults("the covariates", TargetsError)
    weights = np.concatenate([design.weights, reference.weights])
    inside = np.repeat([1.0, 0.0], [len(design.weights), len(reference.weights)])
    columns = _stacked(design, reference, list(dict.fromkeys(covariates)), faults)
    faults.refuse()
    _check_independent(columns, weights > 0, faults)
    faults.refuse()
    model = sm.GLM(
        inside,
        np.column_stack([np.ones(len(inside)), *(column for _, column in columns)]),
        family=sm.families.Binomial(),
        freq_weights=weights,
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # what they warn of is checked, and refused by name, below
        fitted = model.fit(tol=1e-12, maxiter=MOST_STEPS)
    linear = np.asarray(fitted.predict(which="linear"))[: len(design.weights)]
    even = np.log(design.weights.sum() / reference.weights.sum())
    of_used = linear[design.weights > 0] - even
    if not (np.isfinite(of_used).all() and of_used.max() <= MOST_LOG_ODDS and fitted.converged):
        raise TargetsError(
            "the sample and the reference don't overlap: the covariates tell them apart",
            where=f"propensity_weights, {', '.join(covariates)}",
            got=_apart(of_used, converged=bool(fitted.converged)),
            expected=f"log odds of at most {MOST_LOG_ODDS:g}",
            do="leave out the covariate that tells them apart, collapse its levels, or restrict both to the "
            "people that both have",
        )
    odds: Floats = np.exp(linear)
    return odds


def _apart(linear: Floats, *, converged: bool) -> str:
    """Return in words how far the sample is from the reference."""
    if not converged or not np.isfinite(linear).all():
        return f"no finite log odds after {MOST_STEPS} steps"
    count = int((linear > MOST_LOG_ODDS).sum())
    return f"{count:,} of {len(linear):,} respondents with larger log odds, up to {linear.max():.3g}"


def _stacked(design: Design, other: Design, names: Sequence[str], faults: Faults) -> list[Column]:
    """Return the covariates of the sample, followed by those of the reference, as columns of a model."""
    columns: list[Column] = []
    for name in names:
        if not design.variable(name).codes:
            numbers = [one.numbers(name) for one in (design, other)]
            _check_missing(name, [valid is not None and not valid.all() for _, valid in numbers], faults)
            if any(valid is not None and not valid.all() for _, valid in numbers):
                continue
            used = [own[one.weights > 0] for (own, _), one in zip(numbers, (design, other), strict=True)]
            if _check_values(name, used, faults):
                values = np.concatenate([own for own, _ in numbers])
                columns.append((name, (values - values.mean()) / values.std()))
            continue
        levels = list(dict.fromkeys([*coded_variable(design, name).asked_labels,
                                     *coded_variable(other, name).asked_labels]))  # fmt: skip
        codes = [one.codes(name, levels) for one in (design, other)]
        _check_missing(name, [bool((code < 0).any()) for code in codes], faults)
        mass = [
            group_totals(code + 1, one.weights, len(levels) + 1)[1:]
            for code, one in zip(codes, (design, other), strict=True)
        ]
        for level, here, there in zip(levels, *mass, strict=True):
            if bool(here) != bool(there):
                lacking = "reference" if here else "sample"
                what = f"the {lacking} has no respondents in {level!r}"
                faults.add(what, where=name, do="collapse it with a neighbour")
        joined = np.concatenate(codes)
        present = [place for place, here in enumerate(mass[0]) if here]
        if len(present) == 1:
            _add_constant(name, levels[present[0]], faults)
        columns += [(f"{name}: {levels[place]!r}", (joined == place).astype(float)) for place in present[1:]]
    return columns


def _check_missing(name: str, missing: Sequence[bool], faults: Faults) -> None:
    """Record a covariate that has missing values in the sample or in the reference."""
    for which in itertools.compress(("sample", "reference"), missing):
        what = f"the {which} has missing values"
        faults.add(what, where=name, do="impute them, or give them a separate level")


def _check_values(name: str, used: Sequence[Floats], faults: Faults) -> bool:
    """Return whether a number varies and overlaps; record if it does not."""
    low, high = [float(own.min()) for own in used], [float(own.max()) for own in used]
    if min(low) == max(high):
        _add_constant(name, f"{low[0]:g}", faults)
        return False
    if low[0] > high[1] or low[1] > high[0]:
        faults.add(
            "the values of the sample and of the reference don't overlap "
            f"({low[0]:,.6g} to {high[0]:,.6g} in the sample, "
            f"{low[1]:,.6g} to {high[1]:,.6g} in the reference)",
            where=name,
            do="check that both have the same unit, or leave it out",
        )
        return False
    return True


def _add_constant(name: str, value: str, faults: Faults) -> None:
    """Record a covariate with the same value everywhere."""
    what = f"all of the sample and of the reference have the same value, {value}"
    faults.add(what, where=name, do="leave it out: it can't explain who is in the sample")


def _check_independent(columns: Sequence[Column], used: NDArray[np.bool_], faults: Faults) -> None:
    """Record covariates whose values follow from those of the covariates before them."""
    rows = int(used.sum())
    if len(columns) >= rows:
        faults.add(
            f"the covariates have {len(columns):,} columns (numbers, and levels after the first), "
            f"but sample and reference have only {rows:,} rows",
            do="use fewer covariates, or collapse levels",
        )
        return
    table = np.column_stack([np.ones(rows), *(column[used] for _, column in columns)])
    for place in dependent_columns(table):
        faults.add(
            "the values follow from those of the covariates before it",
            where=columns[place - 1][0],
            do="leave out one of them",
        )


def dependent_columns(table: Floats) -> list[int]:
    """Return which columns of a table, shape (m, p), follow from the columns before them.

    Examples
    --------
    >>> dependent_columns(np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]))
    [2]
    """
    triangle = np.asarray(np.linalg.qr(table, mode="r"), dtype=float)
    sizes = np.sqrt((triangle**2).sum(axis=0))
    diagonal = np.abs(np.diag(triangle))
    if len(diagonal) == len(sizes) and (diagonal > DEPENDENT * sizes).all():
        return []
    kept: list[int] = []
    for place, column in enumerate(triangle.T):
        own = triangle[:, kept]
        rest = column - own @ np.linalg.lstsq(own, column, rcond=None)[0] if kept else column
        if np.sqrt((rest**2).sum()) > DEPENDENT * sizes[place]:
            kept.append(place)
    return [place for place in range(len(sizes)) if place not in kept]
