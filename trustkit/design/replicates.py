"""Replicate weights: given as columns, or made from a design's PSUs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from trustkit.design.sums import Cells, first_sums, replicate_sums
from trustkit.errors import DesignError, suggest
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from trustkit.design.first_stage import FirstStage

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

PAIR = 2
"""PSUs of a stratum in balanced repeated replication, and the fewest that have a variance."""

ROWS_FOR_RANK = 20
"""With this many rows per replicate, the rank of the replicates can usually be seen."""

DEVIATION_TOLERANCE = 1e-12
"""Deviations below this share of the largest estimate, in all replicates, are rounding error and set to 0."""

RELATIVE = 1e-11
"""Squared singular values of replicate weights below this share of the largest count as zero."""

MOST_SUMS = 20_000_000
"""Sums over groups and cells above which replicates are summed row by row."""

ReplicateKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "SDR", "other"]
Made = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "SDR"]
"""The kinds that `trustkit.replicate` makes."""

Centre = Literal["mean", "estimate"]

MOST_REPLICATES = 100_000
"""More are refused, because they would not fit into memory."""


@dataclass(frozen=True)
class Replicates:
    """How replicate weights in columns were made, so that their spread gives a variance.

    Attributes
    ----------
    columns
        The columns of full (combined) replicate weights.
    kind
        ``JK1``, ``JKn``, ``BRR``, ``Fay``, ``bootstrap``, ``SDR``, or ``other`` with its own scale.
    rho
        Fay's coefficient, at least 0 and below 1.
    scale, rscales
        The variance is scale x sum of rscales x squared deviations. None: the kind's default (``JKn`` and
        ``other`` have none).
    centre
        Deviations from the replicates' ``mean`` (R survey's default) or from the full-sample ``estimate``
        (R's ``mse = TRUE``).
    df
        Degrees of freedom; None: the rank of the weights minus one.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Replicates(["r1", "r2", "r3"], "JK1").scales()
    (0.6666666666666666, array([1., 1., 1.]))
    """

    columns: Sequence[str]
    kind: ReplicateKind
    rho: float = 0.0
    scale: float | None = None
    rscales: Sequence[float] | None = None
    centre: Centre = "mean"
    df: float | None = None

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def scales(self) -> tuple[float, Floats]:
        """Return the overall scale and each replicate's own.

        Raises
        ------
        DesignError
            rho or df out of range, a kind without default scales, or a wrong number.
        """
        count = len(self.columns)
        where = "replicates"
        if not 0 <= self.rho < 1:
            raise DesignError(
                "rho is out of range", where=where, got=f"{self.rho:g}", expected="0 to below 1"
            )
        if self.df is not None and not self.df > 0:
            raise DesignError(
                "the degrees of freedom of replicates must be positive", where=where, got=f"{self.df:g}",
                expected="a number above 0, or infinity",
                do="leave df out to use the rank of the weights minus 1",
            )  # fmt: skip
        if count < PAIR:
            raise DesignError("replicates need at least two columns", where=where, got=str(count))
        default = {
            "JK1": (count - 1) / count,
            "BRR": 1 / (count * (1 - self.rho) ** 2),
            "Fay": 1 / (count * (1 - self.rho) ** 2),
            "bootstrap": 1 / (count - 1),
            "SDR": 4 / count,
            "JKn": 1.0,
        }
        scale = self.scale if self.scale is not None else default.get(self.kind)
        if scale is None or (self.kind == "JKn" and self.rscales is None):
            needed = "rscales: (n - 1) / n of each dropped PSU's stratum" if self.kind == "JKn" else "scale"
            raise DesignError(
                f"{self.kind} replicates have no default scales", where=where, do=f"give {needed}"
            )
        rscales = np.ones(count) if self.rscales is None else np.asarray(self.rscales, dtype=float)
        if rscales.shape != (count,) or not np.isfinite(rscales).all() or (rscales < 0).any():
            raise DesignError(
                "rscales don't match the columns", where=where, got=str(len(rscales)),
                expected=f"{count} finite numbers of at least 0",
            )  # fmt: skip
        return float(scale), rscales


@dataclass(frozen=True, eq=False)
class ReplicateWeights:
    """Replicate weights ready for use: columns of weights, or multipliers of the PSUs' weights.

    Attributes
    ----------
    weights
        Shape (n, R): full weights; None if `multipliers` is given.
    multipliers
        Shape (G, R): the factor of each PSU's weights, or of the weights of a group of rows, by replicate.
    groups
        Shape (n,): the row's group, if multipliers do not belong to PSUs; None: its PSU.
    scale, rscales, centre
        As in `Replicates`.
    df
        Degrees of freedom; None: those of the PSUs that the replicates were made from.
    """

    weights: Floats | None
    multipliers: Floats | None
    scale: float
    rscales: Floats
    centre: Centre
    df: float | None = None
    groups: Ints | None = None

    def sums(self, cells: Cells, first: Floats, weights: Floats) -> Floats:
        """Return weight x basis over cells for each replicate, shape (R, C, q).

        Parameters
        ----------
        cells
            The rows' cells.
        first
            Shape (G, C, q): the sums over PSUs with the full weights.
        weights
            Shape (n,): the full weights.
        """
        if self.weights is not None:
            return replicate_sums(cells, self.weights)
        if self.multipliers is None:
            raise DesignError("replicates hold neither weights nor multipliers")
        if self.groups is not None:
            if len(self.multipliers) * cells.size * len(cells.basis) > MOST_SUMS:
                return replicate_sums(cells, self.rows(weights, None))
            first = first_sums(self.groups, len(self.multipliers), cells, weights)
        sums: Floats = np.tensordot(self.multipliers, first, axes=(0, 0))
        return sums

    def covariance(self, estimates: Floats, full: Floats) -> Floats:
        """Return the covariance of estimates of shape (R, m), the full sample's of shape (m,).

        Notes
        -----
        scale x sum of rscales (theta_r - centre)(theta_r - centre)'; the replicates' mean is over those whose
        rscale is positive.
        """
        centre = full if self.centre == "estimate" else estimates[self.rscales > 0].mean(axis=0)
        deviation = estimates - centre
        deviation[:, np.abs(deviation).max(axis=0) <= DEVIATION_TOLERANCE * np.abs(estimates).max(axis=0)] = (
            0.0
        )
        deviation *= np.sqrt(self.rscales * self.scale)[:, None]
        vcov: Floats = deviation.T @ deviation
        return vcov

    def scaled(self, ratios: Floats) -> ReplicateWeights:
        """Return the replicates of weights that were multiplied row by row; ratios are treated as given."""
        return self if self.weights is None else replace(self, weights=self.weights * ratios[:, None])

    def each(self, weights: Floats, groups: NDArray[np.intp] | None) -> Iterator[Floats]:
        """Give the rows' weights of one replicate after the other, each of shape (n,)."""
        if self.weights is not None:
            yield from self.weights.T
            return
        groups = groups if self.groups is None else self.groups
        if self.multipliers is None or groups is None:
            raise DesignError("replicates hold neither weights nor multipliers of PSUs")
        for multipliers in self.multipliers.T:
            yield weights * multipliers[groups]

    def rows(self, weights: Floats, groups: NDArray[np.intp] | None) -> Floats:
        """Return the rows' replicate weights, shape (n, R), column by column in memory."""
        if self.weights is not None:
            return self.weights
        return np.array(list(self.each(weights, groups))).T


def read_replicates(data: pd.DataFrame, given: Replicates) -> ReplicateWeights:
    """Read replicate weights from their columns.

    Raises
    ------
    DesignError
        A column that does not exist or is not numeric; missing, negative or infinite weights, by column.
    """
    missing = [name for name in given.columns if name not in data]
    if missing:
        raise DesignError(
            f"{len(missing)} replicate columns are not in the data",
            where="replicates", got=", ".join(missing[:5]), do=suggest(missing[0], data.columns),
        )  # fmt: skip
    scale, rscales = given.scales()
    try:
        weights = np.asfortranarray(data[list(given.columns)].to_numpy(dtype=float))
    except (TypeError, ValueError):
        raise DesignError("replicate weights must be numbers", where="replicates") from None
    if not (weights.min() >= 0 and weights.max() < np.inf):
        bad = ~np.isfinite(weights) | (weights < 0)
        columns = [name for name, has in zip(given.columns, bad.any(axis=0), strict=True) if has]
        rows = data.index[bad.any(axis=1)][:5]
        raise DesignError(
            f"{bad.sum():,} replicate weights are missing, negative or infinite",
            where=", ".join(columns[:5]), got=f"first at rows {', '.join(map(str, rows))}",
        )  # fmt: skip
    empty = [name for name, most in zip(given.columns, weights.max(axis=0), strict=True) if most == 0]
    if empty:
        raise DesignError(
            f"{len(empty)} replicate columns are all zero", where=", ".join(empty[:5]),
            expected="at least one positive weight in each",
        )  # fmt: skip
    df = given.df if given.df is not None else rank_of(weights) - 1
    return ReplicateWeights(weights, None, scale, rscales, given.centre, float(df))


def make_replicates(
    stage: FirstStage,
    kind: ReplicateKind,
    *,
    count: int = 0,
    rho: float = 0.0,
    seed: int = 0,
    centre: Centre = "mean",
) -> ReplicateWeights:
    """Make replicate weights from a design's PSUs.

    Parameters
    ----------
    stage
        The first stage of sampling; PSUs must be its groups.
    kind
        ``JK1`` (one stratum), ``JKn``, ``BRR`` and ``Fay`` (two PSUs in each stratum), ``bootstrap`` (Rao-Wu,
        n - 1 of n PSUs with replacement), ``SDR`` (PSUs in their order).
    count
        Replicates of the bootstrap; others make as many as they need.
    rho
        Fay's coefficient.
    seed
        Seed of the bootstrap.
    centre
        As in `Replicates`.

    Raises
    ------
    DesignError
        If the design does not fit the kind.

    Notes
    -----
    As ``as.svrepdesign`` of R survey (JK1 with fpc: its scale times 1 - f; JKn: its rscales). Rao and Wu
    1988, doi:10.1080/01621459.1988.10478591; Fay and Train 1995 for successive differences.
    """
    sizes, strata = stage.sizes, stage.stratum_of_group
    groups = len(strata)
    left = (1 - stage.fractions) if stage.fractions.any() else np.ones(len(sizes))
    if kind == "JK1":
        if len(sizes) > 1:
            raise DesignError("JK1 needs one stratum", got=f"{len(sizes)} strata", do="use JKn")
        multipliers = (1 - np.eye(groups)) * groups / (groups - 1)
        return _made(multipliers, (groups - 1) / groups * float(left[0]), np.ones(groups), centre)
    if kind == "JKn":
        if (sizes < PAIR).any():
            raise DesignError(
                "JKn needs two PSUs in each stratum", got=f"{(sizes < PAIR).sum()} strata with one"
            )
        same = strata[:, None] == strata
        size = sizes[strata]
        multipliers = np.where(same, size / (size - 1), 1.0)
        np.fill_diagonal(multipliers, 0.0)
        return _made(multipliers, 1.0, (size - 1) / size * left[strata], centre)
    if kind in ("BRR", "Fay"):
        if (sizes != PAIR).any():
            raise DesignError(
                f"{kind} needs two PSUs in each stratum",
                got=f"{(sizes != PAIR).sum()} strata with another number",
                do="use JKn or bootstrap",
            )
        order = _hadamard(len(sizes) + 1)
        first = np.zeros(groups, dtype=bool)
        first[np.unique(strata, return_index=True)[1]] = True
        signs = order[:, 1 : len(sizes) + 1].T[strata] * np.where(first, 1, -1)[:, None]
        multipliers = 1 + signs * (1 - rho)
        return _made(multipliers, 1 / (len(order) * (1 - rho) ** 2), np.ones(len(order)), centre)
    if kind == "bootstrap":
        if count < PAIR or (sizes < PAIR).any():
            raise DesignError(
                "the bootstrap needs two replicates and two PSUs in each stratum",
                got=f"count={count}, {(sizes < PAIR).sum()} strata with one PSU",
            )
        generator = np.random.default_rng(seed)
        multipliers = np.empty((groups, count))
        for stratum, size in enumerate(sizes.astype(int)):
            drawn = generator.multinomial(size - 1, np.full(size, 1 / size), size=count).T
            multipliers[strata == stratum] = drawn * size / (size - 1)
        return _made(multipliers, 1 / (count - 1), np.ones(count), centre)
    if kind == "SDR":
        order = _hadamard(groups + 2)
        rows = 1 + np.arange(groups + 1)
        step = (order[rows[:-1]] - order[rows[1:]]) * 2**-1.5
        return _made(1 + step, 4 / len(order), np.ones(len(order)), centre)
    raise DesignError(f"no kind of replicates {kind!r} can be made", do=suggest(kind, get_args(Made)))


def _made(multipliers: Floats, scale: float, rscales: Floats, centre: Centre) -> ReplicateWeights:
    return ReplicateWeights(None, multipliers, scale, rscales, centre)


def _hadamard(least: int) -> Floats:
    """Return a Hadamard matrix of at least some order (a power of two)."""
    from scipy.linalg import hadamard  # noqa: PLC0415

    matrix: Floats = hadamard(1 << max(least - 1, 1).bit_length()).astype(float)
    return matrix


def rank_of(weights: Floats) -> int:
    """Return the rank of the replicate weights, from the cross-product of some rows, or else of all."""
    n, count = weights.shape
    step = n // (ROWS_FOR_RANK * count)
    if step > 1:
        some = rank_of(weights[::step])
        if some == count:
            return some
    values = np.linalg.eigvalsh(weights @ weights.T if n < count else weights.T @ weights)
    return int((values > values.max() * RELATIVE).sum())
