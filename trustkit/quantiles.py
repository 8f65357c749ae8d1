"""Quantiles of a design, with Woodruff intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from trustkit.errors import DataError
from trustkit.intervals import check_conf
from trustkit.parts import Counted, in_words, kept_domains, keys_of
from trustkit.results import Estimate
from trustkit.sums import Cells, Functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design import Design
    from trustkit.domains import Where
    from trustkit.parts import By

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

ROUNDING = 1e-12
"""How far below p, relative to the whole, a cumulative share may be and still count as having reached it."""


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
    correlations from the shares.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit import Design
    >>> frame = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 60.0]})
    >>> quantile(Design(frame), "age").to_frame()["estimate"].tolist()
    [40.0]
    """
    check_conf(conf)
    wanted = np.atleast_1d(np.asarray(probs, dtype=float))
    if not ((wanted > 0) & (wanted < 1)).all():
        raise DataError("a probability is out of range", got=str(list(wanted)), expected="between 0 and 1")
    counted = Counted(by, where)
    dims = counted.dims(design)
    domains = design.rows_in(dims, [(variable,)], where=where)
    distribution = _Distribution.of(domains.columns[0], domains.codes, design.weights, domains.size)
    found = np.stack([distribution.quantiles(np.full(domains.size, p)) for p in wanted], axis=1)
    part, kept, n = _shares_below(design, domains, found)
    vcov = design.covariance(part)
    spread = np.sqrt(np.maximum(np.diag(vcov), 0)).reshape(len(kept), -1)
    shares = part.value.reshape(len(kept), -1)
    t = float(stats.t.ppf((1 + conf) / 2, design.df))
    ends = []
    for sign in (-1, 1):
        limits = np.full((domains.size, len(wanted)), np.nan)
        limits[kept] = shares + sign * t * spread
        ends.append(np.stack([distribution.quantiles(column) for column in limits.T], axis=1)[kept].ravel())
    low, high = ends
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
    """The weighted distribution of a variable in each domain."""

    def __init__(self, values: Floats, cumulative: Floats, starts: Ints) -> None:
        self.values, self.cumulative, self.starts = values, cumulative, starts

    @classmethod
    def of(cls, values: Floats, codes: Ints, weights: Floats, size: int) -> _Distribution:
        """Sort the rows by domain and value."""
        order = np.argsort(values)
        if size > 1 or codes.max(initial=0) >= size:
            kind = np.min_scalar_type(size)
            order = order[np.argsort(codes[order].astype(kind), kind="stable")]
        ordered = codes[order]
        starts = np.searchsorted(ordered, np.arange(size + 1))
        order = order[: starts[-1]]
        return cls(values[order], np.cumsum(weights[order]), starts)

    def quantiles(self, probs: Floats) -> Floats:
        """Return each domain's quantile for its own probability; NaN outside 0 to 1."""
        found = np.full(len(probs), np.nan)
        for place, p in enumerate(probs):
            start, end = self.starts[place], self.starts[place + 1]
            if start == end or not 0 <= p <= 1:
                continue
            before = self.cumulative[start - 1] if start else 0.0
            whole = self.cumulative[end - 1] - before
            reached = before + whole * (p - ROUNDING)
            index = start + int(np.searchsorted(self.cumulative[start:end], reached))
            found[place] = self.values[min(index, end - 1)]
        return found


def _shares_below(design: Design, domains: Cells, found: Floats) -> tuple[Functional, Ints, Ints]:
    """Estimate the share of each domain at or below each of its quantiles, all with one covariance."""
    size, width = found.shape
    values = domains.columns[0]
    thresholds = np.vstack([found, np.full(width, np.nan)])[domains.codes] if size > 1 else found[0]
    above = (values[:, None] > thresholds).sum(axis=1) if width > 1 else _above(values, thresholds)
    inside = domains.codes < size
    order = width + 1
    codes = np.where(inside, domains.codes * order + above, size * order)
    cells = Cells(codes, size * order)
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


def _above(values: Floats, thresholds: Floats) -> Ints:
    """Tell whether each value exceeds its domain's one threshold."""
    return (values > (thresholds[:, 0] if thresholds.ndim > 1 else thresholds[0])).astype(np.intp)
