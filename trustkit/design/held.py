"""The PSUs and strata of each domain, which give the degrees of freedom of its estimates.

Nothing here reads rows: the sums of weights over PSUs and cells show which PSUs have respondents of a domain.
Only replicate weights in columns are read row by row, for their rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.replicates import RELATIVE, rank_of
from trustkit.design.sums import Cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.replicates import ReplicateWeights
    from trustkit.design.sums import AnyCells, Sums
    from trustkit.design.variance import Sample

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Spans:
    """The space that the replicate weights of each domain span.

    Attributes
    ----------
    bases
        For each domain an orthonormal basis, of shape (rank, R); None if its rank is the design's rank.
    rank, df
        The rank of the design, and its degrees of freedom (as declared, or the rank minus one).
    """

    bases: tuple[Floats | None, ...]
    rank: int
    df: float

    def df_of(self, domains: Sequence[int]) -> float:
        """Return the degrees of freedom of the union of some domains: the rank of its weights minus one."""
        bases = [self.bases[domain] for domain in domains]
        known = [basis for basis in bases if basis is not None]
        rank = self.rank if len(known) < len(bases) else _rank_of_bases(known)
        return self.df if rank >= self.rank else min(self.df, float(rank - 1))


@dataclass(frozen=True, eq=False)
class Held:
    """The PSUs, strata and respondents of the domains of some estimates, in one design.

    Attributes
    ----------
    rows
        Shape (m,): the domain of each estimate.
    present
        Shape (D, G): which groups (PSUs, or strata if each row is its own PSU) have a respondent of a domain
        with a positive weight.
    stratum_of_group
        Shape (G,).
    n
        Shape (D,): respondents of each domain.
    label
        Shape (D,): domains with the same label may share respondents; domains with different labels do not.
    clustered
        Whether PSUs hold several rows.
    spans
        The spaces of replicate weights in columns; None without them.
    unequal
        Whether PSUs were sampled with unequal probabilities (`trustkit.Pps`).
    coefficients
        Shape (D,): how many coefficients the model of each domain has; all but one are taken off the degrees
        of freedom. None: the estimates are not those of models.
    """

    rows: Ints
    present: Bools
    stratum_of_group: Ints
    n: Ints
    label: Ints
    clustered: bool
    spans: Spans | None = None
    unequal: bool = False
    coefficients: Ints | None = None

    @property
    def df(self) -> Floats:
        """Degrees of freedom of each estimate's domain, shape (m,)."""
        domains = np.array([self._df_of([domain]) for domain in range(len(self.n))], dtype=float)
        df_of_rows: Floats = domains[self.rows]
        return df_of_rows

    @property
    def alone(self) -> Bools:
        """Whether an estimate's domain lies in a single PSU, which shows no variation between PSUs; (m,)."""
        if self.spans is not None:
            without_df: Bools = self.df <= 0
            return without_df
        psus = self.present.sum(axis=1) if self.clustered else self.n
        alone: Bools = (psus == 1)[self.rows]
        return alone

    def df_of_union(self, used: Bools) -> float:
        """Return the degrees of freedom of all domains of some estimates together; ``used`` is (m,).

        If each row is its own PSU, domains that may share respondents count as the largest of them.
        """
        return self._df_of(np.unique(self.rows[used]))

    def union(self, used: Bools) -> Held:
        """Return the domains of some estimates together, as one domain."""
        domains = np.unique(self.rows[used])
        spans = self.spans
        if spans is not None:
            bases = [spans.bases[domain] for domain in domains]
            known = [basis for basis in bases if basis is not None]
            joint_basis = None if len(known) < len(bases) else _basis(np.vstack(known))
            spans = Spans((joint_basis,), spans.rank, spans.df)
        one = np.zeros(1, dtype=np.intp)
        return Held(
            one, np.asarray(self.present[domains].any(axis=0))[None, :], self.stratum_of_group,
            np.array([self._n_of(domains)], dtype=np.intp), one, self.clustered, spans, self.unequal,
            None if self.coefficients is None else self.coefficients[domains].sum(keepdims=True),
        )  # fmt: skip

    def _n_of(self, domains: Ints | Sequence[int]) -> int:
        largest: dict[int, int] = {}
        for domain in domains:
            label = int(self.label[domain])
            largest[label] = max(largest.get(label, 0), int(self.n[domain]))
        return sum(largest.values())

    def _df_of(self, domains: Ints | Sequence[int]) -> float:
        df = self._design_df_of(domains)
        return df if self.coefficients is None else df + 1 - float(self.coefficients[domains].sum())

    def _design_df_of(self, domains: Ints | Sequence[int]) -> float:
        if self.spans is not None:
            return self.spans.df_of([int(domain) for domain in domains])
        groups = self.present[domains].any(axis=0)
        strata = len(np.unique(self.stratum_of_group[groups]))
        return float((int(groups.sum()) if self.clustered else self._n_of(domains)) - strata)


def held_by(
    sample: Sample, cells: AnyCells, sums: Sums, domain_of_cell: Ints, rows: Sequence[int] | Ints
) -> Held:
    """Return the PSUs, strata and respondents of some domains.

    Parameters
    ----------
    sample
        The sample.
    cells, sums
        The rows' cells, and their sums.
    domain_of_cell
        Shape (C,): the domain of each cell, -1 for none.
    rows
        Shape (m,): the domain of each estimate; each must have at least one cell.
    """
    wanted, places = np.unique(np.asarray(rows, dtype=np.intp), return_inverse=True)
    order = np.argsort(domain_of_cell, kind="stable")
    starts = np.searchsorted(domain_of_cell[order], wanted)
    ends = np.searchsorted(domain_of_cell[order], wanted, side="right")
    members = [order[start:end] for start, end in zip(starts, ends, strict=True)]
    there = sums.first[:, :, 0] > 0
    present = np.array([there[:, member].any(axis=1) for member in members])
    n = np.array([sums.count[member].sum() for member in members], dtype=np.intp)
    spans = None
    if sample.replicates is not None and sample.replicates.df is not None and isinstance(cells, Cells):
        spans = _spans(sample.replicates, sample.weights, cells, members)
    stage = sample.first_stage
    unequal = stage.pairs is not None
    return Held(places, present, stage.stratum_of_group, n, wanted, stage.clustered, spans, unequal)


def beside(parts: Sequence[Held]) -> Held:
    """Return the domains of several estimates of one design, one after the other."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part.n) for part in parts[:-1])])
    first, spans = parts[0], None
    if first.spans is not None:
        bases = [basis for part in parts if part.spans is not None for basis in part.spans.bases]
        spans = Spans(tuple(bases), first.spans.rank, first.spans.df)
    return Held(
        np.concatenate([part.rows + start for part, start in zip(parts, starts, strict=True)]),
        np.concatenate([part.present for part in parts]),
        first.stratum_of_group,
        np.concatenate([part.n for part in parts]),
        np.concatenate([part.label for part in parts]),
        first.clustered,
        spans,
        first.unequal,
        None
        if first.coefficients is None
        else np.concatenate([part.coefficients for part in parts if part.coefficients is not None]),
    )


def _spans(replicates: ReplicateWeights, weights: Floats, cells: Cells, members: Sequence[Ints]) -> Spans:
    """Return the spaces that the replicate weights of each domain span."""
    columns, df = replicates.rows(weights, None), float(replicates.df or 0.0)
    rank = rank_of(columns)
    of_cell = np.full(cells.size + 1, -1, dtype=np.intp)
    bases: list[Floats | None] = []
    for number, member in enumerate(members):
        of_cell[member] = number
        inside = (of_cell[cells.codes] == number) & (weights > 0)
        own = columns[inside]
        bases.append(None if inside.all() or rank_of(own) >= rank else _basis(own))
    return Spans(tuple(bases), rank, df)


def _basis(rows: Floats) -> Floats:
    """Return an orthonormal basis of the space that some rows span, shape (rank, R)."""
    if len(rows) < rows.shape[1]:
        _, sizes, vectors = np.linalg.svd(rows, full_matrices=False)
        few: Floats = vectors[sizes**2 > sizes.max() ** 2 * RELATIVE]
        return few
    values, columns = np.linalg.eigh(rows.T @ rows)
    basis: Floats = columns[:, values > values.max() * RELATIVE].T
    return basis


def _rank_of_bases(bases: Sequence[Floats]) -> int:
    """Return the rank of the space that several bases span together."""
    return len(_basis(np.vstack(bases)))
