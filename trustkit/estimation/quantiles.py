"""Quantiles of a design, with Woodruff intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import NAME, NUMBER, NUMBER_ROW, accepts_estimator
from trustkit.counted import ShownCount
from trustkit.design.held import held_by
from trustkit.design.sums import Functional
from trustkit.errors import DataError, first_few
from trustkit.estimation.distributions import t_reach
from trustkit.estimation.domains import Domains
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.results import Numbers, estimate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.design.sums import AnyCells
    from trustkit.estimation.domains import By
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

BEYOND = "the interval of the share of values at or below it goes beyond 0 to 1, so one end is not known"


AT_MOST, AT_LEAST = (
    ("at most the quantile", "above the quantile"),
    ("below the quantile", "at least the quantile"),
)
"""The two sides of a quantile, whose value belongs to the first or to the second."""


def quantile(
    design: Design,
    variable: str,
    probs: float | Sequence[float] = 0.5,
    *,
    by: By = None,
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate quantiles of a numeric variable.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable, or a coded one whose answers have scores.
    probs
        Probabilities between 0 and 1; 0.5 is the median.
    by, where
        As in `trustkit.proportion`.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        One row per domain and probability (in ``level``), in the variable's unit. An interval's end is NaN
        where the interval of the share goes beyond 0 to 1. ``se`` is the interval's half-width over t.

    Raises
    ------
    DataError
        A probability outside 0 to 1, a variable that is unknown or not numeric, nobody in the base.

    Notes
    -----
    The smallest value whose cumulative weight reaches p (R survey's ``qrule = "math"``). Interval of
    Woodruff 1952 (doi:10.1080/01621459.1952.10483443): the t interval of the share at or below the
    estimate, converted back to values by the same rule (``interval.type = "mean"``). ``vcov`` takes its
    correlations from the shares. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 60.0]})
    >>> tk.quantile(tk.Design(frame), "age").to_frame()["estimate"].tolist()
    [40.0]
    """
    accepts_estimator(design, by, where, conf, variable=(variable, NAME), probs=(probs, NUMBER | NUMBER_ROW))
    check_conf(conf)
    wanted = np.atleast_1d(np.asarray(probs, dtype=float))
    if not len(wanted) or not ((wanted > 0) & (wanted < 1)).all():
        raise DataError(
            "a probability is out of range" if len(wanted) else "there is no probability",
            got=first_few(wanted.tolist()), expected="between 0 and 1",
            do="give 0.5 for the median, [0.25, 0.75] for quartiles",
        )  # fmt: skip
    domains = Domains.of(design, by, where)
    distribution = design.distribution(domains.dims, variable, where=domains.rows)
    size = distribution.cells.size
    quantiles = distribution.quantiles(np.tile(wanted, (size, 1)))
    undivided = distribution.cells
    part, nonempty, n, held = _shares_below(design, domains, variable, undivided, quantiles)
    vcov = design.covariance(part)
    spread = np.sqrt(np.maximum(np.diag(vcov), 0)).reshape(len(nonempty), -1)
    shares = part.value.reshape(len(nonempty), -1)
    t = t_reach(held.df, conf).reshape(len(nonempty), -1)
    limits = np.full((size, 2, len(wanted)), np.nan)
    limits[nonempty] = np.stack([shares - t * spread, shares + t * spread], axis=1)
    ends = distribution.quantiles(limits.reshape(size, -1))[nonempty].reshape(limits[nonempty].shape)
    low, high = ends[:, 0].ravel(), ends[:, 1].ravel()
    se = (high - low) / (2 * t.ravel())
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = se / spread.ravel()
    vcov = vcov * np.outer(scale, scale)
    np.fill_diagonal(vcov, se**2)
    numbers = Numbers(
        keys=domains.keys(nonempty, variable, [f"{p:g}" for p in wanted]),
        value=quantiles[nonempty].ravel(),
        vcov=vcov,
        n=np.repeat(n[nonempty], len(wanted)),
        held=(held,),
        reasons=tuple("" if df <= 0 else BEYOND for df in held.df),
        unit="number",
    )
    return estimate_of(
        numbers,
        statistic="quantile",
        base=domains.counted("answers with a number", design.variable(variable), design.called),
        conf=conf,
        ci="Woodruff",
        limits=(low, high),
        notes=domains.notes,
        caveats=design.caveats_about(variable, *domains.names),
        labels={**design.headings(domains.names), **design.labels([variable])},
        counted=_beside_quantiles(design, (domains, nonempty), variable, (undivided, quantiles), wanted),
    )


def _beside_quantiles(
    design: Design,
    estimated: tuple[Domains, Ints],
    variable: str,
    values: tuple[AnyCells, Floats],
    wanted: Floats,
) -> tuple[Counted, ...]:
    """Return the respondents below, at and above each quantile: one near an end is the value of few.

    A quantile is the value of a respondent. It is protected as two counts: those who have at most this value,
    and those who have at least this value.
    """
    (domains, places), (undivided, quantiles) = estimated, values
    size, width = quantiles.shape
    ends = np.column_stack([quantiles, np.nextafter(quantiles, -np.inf)])
    exceeded = design.sums(undivided.cut(ends)).count.reshape(size, 2 * width + 1)
    found = []
    for place, end in enumerate(ends.T):
        smaller = (ends < end[:, None]).sum(axis=1, keepdims=True)
        until = (exceeded * (np.arange(2 * width + 1) <= smaller)).sum(axis=1)
        counts = np.column_stack([until, exceeded.sum(axis=1) - until])
        p, names = f"{wanted[place % width]:g}", AT_MOST if place < width else AT_LEAST
        shown = [ShownCount(0, p, (names[place // width],))]
        found.append(domains.respondents(places, f"{variable}: {names[0]} {p}", counts, names, shown))
    return tuple(found)


def _shares_below(
    design: Design, domains: Domains, name: str, undivided: AnyCells, quantiles: Floats
) -> tuple[Functional, Ints, Ints, Held]:
    """Estimate the share of each domain at or below each of its quantiles, all with one covariance."""
    size, width = quantiles.shape
    order = width + 1
    cells = undivided.cut(quantiles)
    sums = design.sums(cells)
    n = sums.count.reshape(size, order).sum(axis=1)
    nonempty = domains.nonempty(n, name)
    # A cell's number is the count of thresholds that its values exceed. Thresholds may be unsorted, so `rank`
    # gives the place of each: values are at or below a threshold if their cell's number is at most its rank.
    rank = np.argsort(np.argsort(quantiles[nonempty], axis=1), axis=1)
    below = np.arange(order)[None, :, None] <= rank[:, None, :]

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0].reshape(*first.shape[:-2], size, order)[..., nonempty, :]
        shares = np.einsum("...dk,dkm->...dm", mass, below.astype(float)) / mass.sum(axis=-1, keepdims=True)
        flat: Floats = shares.reshape(*first.shape[:-2], -1)
        return flat

    base_mass = sums.total[:, 0].reshape(size, order)[nonempty].sum(axis=1)
    share = estimate(sums.total).reshape(len(nonempty), width)
    gradient = np.zeros((size, order, len(nonempty), width))
    each = np.arange(len(nonempty))
    gradient[nonempty, :, each, :] = (below - share[:, None, :]) / base_mass[:, None, None]
    part = Functional(cells, sums, estimate, gradient.reshape(cells.size, 1, -1))
    held = held_by(design.sample, cells, sums, np.arange(cells.size) // order, np.repeat(nonempty, width))
    return part, nonempty, n, held
