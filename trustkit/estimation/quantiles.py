"""Quantiles of a design, with Woodruff intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from trustkit.design.sums import (
    ROUNDING,
    Cells,
    Cuts,
    Functional,
    Query,
    blocks,
    cross,
    group_totals,
)
from trustkit.errors import DataError
from trustkit.estimation.assembly import (
    Counted,
    in_words,
    kept_domains,
    keys_of,
)
from trustkit.estimation.distributions import t_reach
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.lazy_quantiles import Narrowing
from trustkit.estimation.results import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.lazy import LazySource
    from trustkit.estimation.assembly import By
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_BINS, FEWEST_BINS = 1 << 16, 1 << 8
"""Into how many bins a variable is cut: all domains together, and each domain at least."""


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
        where the interval of the share leaves 0 to 1. ``se`` is the interval's half-width over t.

    Raises
    ------
    DataError
        A probability outside 0 to 1, an unknown or not numeric variable, nobody in the base.

    Notes
    -----
    The smallest value whose cumulative weight reaches p (R survey's ``qrule = "math"``). Interval of
    Woodruff 1952 (doi:10.1080/01621459.1952.10483443): the t interval of the share at or below the
    estimate, turned back by the same rule (``interval.type = "mean"``). ``vcov`` takes its
    correlations from the shares. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 60.0]})
    >>> tk.quantile(tk.Design(frame), "age").to_frame()["estimate"].tolist()
    [40.0]
    """
    check_conf(conf)
    wanted = np.atleast_1d(np.asarray(probs, dtype=float))
    if not ((wanted > 0) & (wanted < 1)).all():
        raise DataError("a probability is out of range", got=str(list(wanted)), expected="between 0 and 1")
    counted = Counted(by, where)
    dims = counted.dims(design)
    domains = design.cells(dims, [(variable,)], linear=1, where=where)
    distribution: _Distribution | Narrowing
    if isinstance(domains, Query):
        distribution = Narrowing(cast("LazySource", design.source), domains)
    else:
        distribution = _Distribution(domains, design.weights)
    found = distribution.quantiles(np.tile(wanted, (domains.size, 1)))
    part, kept, n = _shares_below(design, domains, found)
    vcov = design.covariance(part)
    spread = np.sqrt(np.maximum(np.diag(vcov), 0)).reshape(len(kept), -1)
    shares = part.value.reshape(len(kept), -1)
    t = float(t_reach(design.df, conf))
    limits = np.full((domains.size, 2, len(wanted)), np.nan)
    limits[kept] = np.stack([shares - t * spread, shares + t * spread], axis=1)
    ends = distribution.quantiles(limits.reshape(domains.size, -1))[kept].reshape(limits[kept].shape)
    low, high = ends[:, 0].ravel(), ends[:, 1].ravel()
    se = (high - low) / (2 * t)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = se / spread.ravel()
    names = [f"{p:g}" for p in wanted]
    return Estimate(
        keys=keys_of(dims, kept, variable, names),
        estimate=found[kept].ravel(),
        se=se,
        ci_low=low,
        ci_high=high,
        df=design.df,
        n=np.repeat(n[kept], len(wanted)),
        n_eff=np.full(len(se), np.nan),
        vcov=vcov * np.outer(scale, scale),
        statistic="quantile",
        base=in_words("answers with a number", design.variable(variable), design, counted),
        ci="Woodruff",
        conf=conf,
        notes=design.notes,
        labels=design.labels([variable]),
    )


class _Distribution:
    """The weighted distribution of a variable in each domain, looked up without sorting all of it.

    One pass sums the weights in narrow bins of the values' bits: read as whole numbers, these are ordered as
    the values are, and outliers leave room for the others. Only the bins that are asked for are sorted.
    """

    def __init__(self, domains: Cells, weights: Floats) -> None:
        """Sum the weights of each domain in bins."""
        self.values, self.weights = domains.columns[0], weights
        self.bins = max(min(MOST_BINS, len(weights)) // domains.size, FEWEST_BINS)
        ends = _order(np.array([self.values.min(), self.values.max()]))
        shift = max(int(ends[1] - ends[0]).bit_length() - (self.bins.bit_length() - 1), 0)
        size = (domains.size + 1) * self.bins
        self.codes = np.empty(len(weights), dtype=np.min_scalar_type(-size))
        mass = np.zeros(size)
        for rows in blocks(len(weights), size):
            bins = (_order(self.values[rows]) - ends[0]) >> np.uint64(shift)
            codes = cross(domains.codes[rows], bins.astype(np.intp), self.bins)
            mass += group_totals(codes, weights[rows], size)
            self.codes[rows] = codes
        self.cumulative = mass.reshape(-1, self.bins)[:-1].cumsum(axis=1)

    def quantiles(self, probs: Floats) -> Floats:
        """Return each domain's quantiles for its own probabilities, both (D, k); NaN outside 0 to 1."""
        found = np.full(probs.shape, np.nan)
        whole = self.cumulative[:, -1:]
        possible = (probs >= 0) & (probs <= 1) & (whole > 0)
        reached = np.where(possible, np.maximum(whole * (probs - ROUNDING), np.finfo(float).tiny), np.nan)
        places = np.zeros(probs.shape, dtype=np.intp)
        for domain, at in np.argwhere(possible):
            before = self.cumulative[domain]
            last = np.searchsorted(before, before[-1])
            places[domain, at] = min(int(np.searchsorted(before, reached[domain, at])), int(last))
        codes = cross(np.arange(len(probs))[:, None], places, self.bins)
        wanted = np.zeros((len(probs) + 1) * self.bins, dtype=bool)
        wanted[codes[possible]] = True
        rows = np.flatnonzero(wanted[self.codes])
        rows = rows[self.weights[rows] > 0]
        rows = rows[np.lexsort((self.values[rows], self.codes[rows]))]
        ordered = self.codes[rows]
        for domain, at in np.argwhere(possible):
            start, end = np.searchsorted(ordered, codes[domain, at] + np.arange(2))
            before = self.cumulative[domain, places[domain, at] - 1] if places[domain, at] else 0.0
            sums = before + np.cumsum(self.weights[rows[start:end]])
            index = min(int(np.searchsorted(sums, reached[domain, at])), end - start - 1)
            found[domain, at] = self.values[rows[start + index]]
        return found


def _order(values: Floats) -> NDArray[np.uint64]:
    """Return whole numbers that are ordered as the values are.

    Examples
    --------
    >>> bool((np.diff(_order(np.array([-2.0, -1e-300, 0.0, 1e-300, 3.0])).astype(float)) > 0).all())
    True
    """
    bits = (values + 0.0).view(np.int64)  # -0.0 becomes 0.0
    return (bits ^ ((bits >> 63) & np.int64(2**63 - 1))).view(np.uint64) ^ np.uint64(2**63)


def _shares_below(design: Design, domains: Cells | Query, found: Floats) -> tuple[Functional, Ints, Ints]:
    """Estimate the share of each domain at or below each of its quantiles, all with one covariance."""
    size, width = found.shape
    order = width + 1
    cells = _cut(domains, found)
    sums = design.sums(cells)
    n = sums.count.reshape(size, order).sum(axis=1)
    kept = kept_domains(n, "the quantile's domain")
    # `above` counts how many thresholds a value exceeds: it is at or below the k-th if that is at most k.
    # Thresholds need not be sorted, so each probability asks for the cells that do not exceed it.
    rank = np.argsort(np.argsort(found[kept], axis=1), axis=1)
    below = np.arange(order)[None, :, None] <= rank[:, None, :]

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0].reshape(*first.shape[:-2], size, order)[..., kept, :]
        shares = np.einsum("...dk,dkm->...dm", mass, below.astype(float)) / mass.sum(axis=-1, keepdims=True)
        flat: Floats = shares.reshape(*first.shape[:-2], -1)
        return flat

    whole = sums.total[:, 0].reshape(size, order)[kept].sum(axis=1)
    share = estimate(sums.total).reshape(len(kept), width)
    gradient = np.zeros((size, order, len(kept), width))
    each = np.arange(len(kept))
    gradient[kept, :, each, :] = (below - share[:, None, :]) / whole[:, None, None]
    return Functional(cells, sums, estimate, gradient.reshape(cells.size, 1, -1)), kept, n


def _cut(domains: Cells | Query, found: Floats) -> Cells | Query:
    """Divide each domain by how many of its own thresholds, of shape (D, k), a value exceeds."""
    if isinstance(domains, Query):
        ((variable,),) = domains.monomials
        return replace(domains, monomials=[], linear=1, cuts=Cuts(variable, found))
    size, order = len(found), found.shape[1] + 1
    values = domains.columns[0]
    codes = domains.codes.astype(np.min_scalar_type(-(size + 1) * order))
    codes *= order
    for thresholds in found.T:
        codes += values > (thresholds[0] if size == 1 else np.append(thresholds, np.nan)[domains.codes])
    return Cells(np.minimum(codes, size * order), size * order)
