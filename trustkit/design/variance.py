"""The sample as arrays, and the one variance function.

No labels or frames are used here: weights, groups and sums go in, covariances come out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.design.auxiliaries import inverse
from trustkit.design.sums import (
    Cells,
    Functional,
    Sums,
    counts,
    first_sums,
    joint_sums,
    second_sums,
)
from trustkit.errors import DesignError, TrustkitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.auxiliaries import Auxiliaries
    from trustkit.design.first_stage import FirstStage
    from trustkit.design.influences import Influences
    from trustkit.design.replicates import ReplicateWeights
    from trustkit.design.stages import LaterStages, Level

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

LonelyPsu = Literal["fail", "remove", "certainty", "adjust", "average"]
DomainLonely = Literal["ignore", "apply"]

VARIANCE_TOLERANCE = 1e-13
"""Variances smaller than this fraction of the terms they are computed from are rounding error, set to 0.

A sum of squared differences of PSU totals has to be smaller than the square of this fraction.
"""


@dataclass(frozen=True, eq=False)
class Regression:
    """One step of a calibration: a regression on some of the auxiliary variables.

    Attributes
    ----------
    auxiliaries
        The variables of all steps side by side.
    own
        The places of the variables of this step.
    weights
        Shape (n,): the weights of the regression (final or base weights).
    instruments
        The places of the variables whose products with an estimate give the coefficients; None: ``own``. The
        scores of a model that made the weights have others: how a weight moves with the model's parameters.
    solved
        Shape (p_own, p_own): what turns these products into coefficients; None: the inverse of the
        cross-product of the variables.
    """

    auxiliaries: Auxiliaries
    own: slice
    weights: Floats
    instruments: slice | None = None
    solved: Floats | None = None

    @property
    def outcomes(self) -> slice:
        """The places of the variables whose products with an estimate give the coefficients."""
        return self.own if self.instruments is None else self.instruments

    @cached_property
    def gram(self) -> Floats:
        """Weight x this step's variables x all variables, summed over the rows, shape (p_own, p)."""
        return self.auxiliaries.gram(self.weights)[self.outcomes]

    @cached_property
    def inverse(self) -> Floats:
        """The inverse of the cross-product of this step's variables, shape (p_own, p_own)."""
        if self.solved is not None:
            return self.solved
        return inverse(self.gram[:, self.own])


@dataclass(frozen=True, eq=False)
class Calibration:
    """The auxiliary variables whose totals the weights meet; only the unexplained part of an estimate varies.

    Attributes
    ----------
    auxiliaries
        The variables of all steps side by side.
    steps
        The regression of each step, in order.
    """

    auxiliaries: Auxiliaries
    steps: tuple[Regression, ...]

    @classmethod
    def of(cls, auxiliaries: Auxiliaries, weights: Floats, after: Calibration | None = None) -> Calibration:
        """Return a calibration of one step, or of one more step after others."""
        if after is None:
            return cls(auxiliaries, (Regression(auxiliaries, slice(0, auxiliaries.width), weights),))
        start = after.auxiliaries.width
        joint = after.auxiliaries.beside(auxiliaries)
        earlier = [replace(step, auxiliaries=joint) for step in after.steps]
        last = Regression(joint, slice(start, start + auxiliaries.width), weights)
        return cls(joint, (*earlier, last))

    def explained(self, functionals: Sequence[Functional]) -> Floats:
        """Regress the linearised estimates on the auxiliary variables: coefficients of shape (p, m).

        The last step's variables are used first; earlier variables explain the rest.
        """
        coefficients = np.zeros((self.auxiliaries.width, sum(part.flat.shape[1] for part in functionals)))
        for step in reversed(self.steps):
            outcome = self.with_estimates(functionals, step.weights)[step.outcomes]
            coefficients[step.own] = step.inverse @ (outcome - step.gram @ coefficients)
        return coefficients

    def with_estimates(self, functionals: Sequence[Functional], weights: Floats) -> Floats:
        """Sum weight x variables x linearised estimates over the rows, shape (p, m)."""
        return np.hstack(
            [self.auxiliaries.by_cell(part.cells.in_memory(), weights) @ part.flat for part in functionals]
        )


@dataclass(frozen=True, eq=False)
class Sample:
    """Weights, the first stage of sampling, and the calibration of the weights.

    Attributes
    ----------
    weights
        Shape (n,); empty where the rows are in an engine.
    first_stage
        The first stage of sampling.
    lonely_psu, domain_lonely
        How a stratum with one PSU enters the variance, and whether this also applies to a stratum that has
        only one PSU in a domain.
    replicates
        Replicate weights, which then give the variance.
    calibration
        The auxiliary variables whose totals the weights meet.
    later
        The stages below the first; None in a design of one stage.
    """

    weights: Floats
    first_stage: FirstStage
    lonely_psu: LonelyPsu = "fail"
    domain_lonely: DomainLonely = "ignore"
    replicates: ReplicateWeights | None = None
    calibration: Calibration | None = None
    later: LaterStages | None = None

    @property
    def df(self) -> float:
        """Degrees of freedom: PSUs with a positive weight minus strata, or those of given replicates."""
        own = None if self.replicates is None else self.replicates.df
        return self.first_stage.df if own is None else own

    def sums(self, cells: Cells) -> Sums:
        """Sum the rows over groups and cells."""
        stage, later, replicates = self.first_stage, self.later, self.replicates
        n_groups, finest = len(stage.stratum_of_group), None
        if later is None or replicates is not None:
            first = first_sums(stage.groups, n_groups, cells, self.weights)
        else:
            finest = first_sums(later.groups, len(later.psus), cells, self.weights)
            first = later.of_first_stage(finest, n_groups)
        rows_are_units = not stage.clustered if later is None else later.rows_are_units
        second = second_sums(cells, self._squares) if rows_are_units and replicates is None else None
        repeated = None if replicates is None else replicates.sums(cells, first, self.weights)
        return Sums(first, second, counts(cells, self.weights), repeated, finest)

    def covariance(self, *functionals: Functional) -> Floats:
        """Return the covariance of all estimates of some functionals.

        Parameters
        ----------
        functionals
            Their estimates follow each other in the result.

        Returns
        -------
        array
            Shape (m, m), m counting the estimates of all functionals.

        Notes
        -----
        With u the row's influence, t its PSU's total, n_h PSUs in stratum h and f_h sampled, this is the
        sum over h of (1 - f_h) n_h / (n_h - 1) times the sum over PSUs of (t - mean t)(t - mean t)'
        (Binder 1983, doi:10.2307/1402588). Each later stage adds the same sum over its strata, times the
        sampled fractions of the stages above. After calibration, u is the residual from the margins. With
        replicates, it is their spread (see `ReplicateWeights`).
        """
        if self.replicates is not None:
            return self._replicated(functionals, self.replicates)
        stage = self.first_stage
        totals = np.hstack([part.totals(part.sums.first) for part in functionals])
        known = self.calibration
        explained = None if known is None else known.explained(functionals)
        if explained is not None:
            totals -= self._auxiliary_totals @ explained
        if stage.clustered:
            between = without_noise(
                self._between(totals, functionals),
                VARIANCE_TOLERANCE * self._magnitude_of_totals(functionals),
            )
            return (
                between if self.later is None else between + self._within(self.later, functionals, explained)
            )
        spread = self._spread(functionals)
        if known is not None and explained is not None:
            spread += self._explained_spread(known, functionals, explained)
        centre = totals * np.sqrt(self.first_stage.factors / stage.sizes)[:, None]
        lonely = stage.sizes == 1
        if self.lonely_psu == "adjust":
            centre[lonely] = 0.0
        elif self.lonely_psu == "average" and lonely.any():
            psus = self._psus_of_domains(functionals) > 0
            scale = _shared_out(psus.sum(axis=0), (psus & lonely[:, None]).sum(axis=0))
            spread, centre = spread * np.outer(scale, scale), centre * scale
        return without_noise(spread - centre.T @ centre, self._magnitude(functionals))

    def of_rows(self, *functionals: Functional) -> Floats:
        """Return what each row adds to the linearised estimates, shape (n, m).

        Weights are included, and what a calibration explains is not. Sums of these over PSUs give the
        covariance of estimates from several samples of the same rows, with other weights in each.
        """
        added = np.hstack([part.of_rows(self.weights) for part in functionals])
        if self.calibration is not None:
            known = self.calibration.auxiliaries
            explained: Floats = known.matrix @ self.calibration.explained(functionals)
            added -= self.weights[:, None] * explained[known.cells]
        return added

    @property
    def counts_by_domain(self) -> bool:
        """Whether the covariance depends on which PSUs hold rows of an estimate's domain."""
        if self.replicates is not None or self.lonely_psu not in ("adjust", "average"):
            return False
        lonely = self.lonely_psu == "average" and bool((self.first_stage.sizes == 1).any())
        return lonely or self.domain_lonely == "apply"

    def covariance_of(self, influences: Influences) -> Floats:
        """Return the covariance of estimates by their rows' influences, shape (m, m).

        Replicates estimate again with the weights of each replicate.
        """
        if self.replicates is None:
            return self.covariance(influences.functional(self.sums))
        if influences.refit is None:
            raise DesignError(
                "replicates need a function that estimates again with other weights", where="refit",
                got="None", do="give refit: it maps an array of weights to the estimates",
            )  # fmt: skip
        return self.refitted(influences.refit)

    def refitted(self, refit: Callable[[Floats], Floats]) -> Floats:
        """Return the covariance of what a function of the weights gives in each replicate, shape (m, m).

        Raises
        ------
        DesignError
            If the sample has no replicates.
        TrustkitError
            What the function raises, with the number of the replicate.
        """
        replicates = self.replicates
        if replicates is None:
            raise DesignError("the design has no replicates", do="give them as columns, or use replicate")
        full = refit(self.weights)
        repeated = []
        for number, weights in enumerate(replicates.each(self.weights, self.first_stage.groups), start=1):
            try:
                repeated.append(refit(weights))
            except TrustkitError as error:
                place = ", ".join(filter(None, (error.where, f"replicate {number}")))
                raise type(error)(
                    error.what, where=place, got=error.got, expected=error.expected, do=error.do,
                    faults=error.faults,
                ) from error  # fmt: skip
        return replicates.covariance(np.array(repeated), full)

    def _within(
        self, later: LaterStages, functionals: Sequence[Functional], explained: Floats | None
    ) -> Floats:
        """Return what the stages below the first add to the covariance."""
        parts = [(part, own) for part in functionals if (own := part.sums.finest) is not None]
        totals = np.hstack([part.totals(own) for part, own in parts])
        present = np.hstack([(own[:, :, 0] > 0) @ part.touched for part, own in parts]) > 0
        if explained is not None and self.calibration is not None:
            auxiliaries = self.calibration.auxiliaries
            totals -= auxiliaries.by_group(later.groups, len(later.psus), self.weights) @ explained
        vcov = np.zeros((totals.shape[1], totals.shape[1]))
        for level in later.levels:
            if level.units is not None:
                held = _added(level.units, present.astype(float), len(level.strata)) > 0
                vcov += self._between_units(level, _added(level.units, totals, len(level.strata)), held)
        if later.rows_are_units:
            vcov += self._between_rows(later.levels[-1], totals, functionals, explained)
        return vcov

    def _between_units(self, level: Level, totals: Floats, held: NDArray[np.bool_]) -> Floats:
        """Return the covariance of a later stage's units within its strata.

        Parameters
        ----------
        level
            The stage.
        totals
            Shape (U, m): the linearised estimates' totals in its units.
        held
            Shape (U, m): whether a unit has rows in the domain of an estimate.
        """
        means = _added(level.strata, totals, len(level.sizes)) / level.sizes[:, None]
        if self.lonely_psu == "adjust":
            lonely = np.broadcast_to((level.sizes == 1)[:, None], means.shape)
            if self.domain_lonely == "apply":
                lonely = lonely | (_added(level.strata, held.astype(float), len(level.sizes)) == 1)
            means = np.where(lonely, 0.0, means)
        centred = totals - means[level.strata]
        # without this, rounding errors of equal totals would count as variance
        centred[np.abs(centred) <= VARIANCE_TOLERANCE * np.abs(totals).max(axis=0, initial=0.0)] = 0.0
        scaled = centred * np.sqrt(level.factors)[level.strata][:, None]
        vcov: Floats = scaled.T @ scaled
        return vcov

    def _between_rows(
        self, level: Level, totals: Floats, functionals: Sequence[Functional], explained: Floats | None
    ) -> Floats:
        """Return the covariance of rows that are units of the last stage, whose groups are its strata."""
        spread = self._spread(functionals)
        if explained is not None and self.calibration is not None:
            spread += self._explained_spread(self.calibration, functionals, explained)
        centre = totals * np.sqrt(level.factors / level.sizes)[:, None]
        if self.lonely_psu == "adjust":
            centre[level.sizes == 1] = 0.0
        return without_noise(spread - centre.T @ centre, self._magnitude(functionals))

    def _replicated(self, functionals: Sequence[Functional], replicates: ReplicateWeights) -> Floats:
        """Return the spread of the replicates' estimates."""
        # a replicate may have no respondents in a domain: its estimate and the variance are then NaN
        with np.errstate(divide="ignore", invalid="ignore"):
            repeated = [
                part.estimate(part.sums.replicates)
                for part in functionals
                if part.sums.replicates is not None
            ]
        full = np.concatenate([part.value for part in functionals])
        return replicates.covariance(np.hstack(repeated), full)

    def _spread(self, functionals: Sequence[Functional]) -> Floats:
        """Return the sum of squared influences of rows that are their own PSUs."""
        blocks = [[np.empty(0)] * len(functionals) for _ in functionals]
        for i, left in enumerate(functionals):
            blocks[i][i] = left.spread()
            for j, right in enumerate(functionals[:i]):
                joint = joint_sums(left.cells.in_memory(), right.cells.in_memory(), self._squares)
                block = left.flat.T @ joint @ right.flat
                blocks[i][j], blocks[j][i] = block, block.T
        return np.block(blocks)

    def _magnitude(self, functionals: Sequence[Functional]) -> Floats:
        """Return the size of the squared influences without any cancelling, shape (m,)."""
        magnitudes = []
        for part in functionals:
            second = None if part.sums.second is None else np.abs(part.sums.second)
            sums = replace(part.sums, second=second)
            magnitudes.append(np.diag(replace(part, gradient=np.abs(part.gradient), sums=sums).spread()))
        return np.concatenate(magnitudes)

    def _magnitude_of_totals(self, functionals: Sequence[Functional]) -> Floats:
        """Return the size of the squared totals of PSUs without any cancelling, shape (m,)."""
        sizes = [
            replace(part, gradient=np.abs(part.gradient)).totals(np.abs(part.sums.first))
            for part in functionals
        ]
        squares: Floats = (np.hstack(sizes) ** 2).sum(axis=0)
        return squares

    def _psus_of_domains(self, functionals: Sequence[Functional]) -> Floats:
        """Count, per stratum and estimate, the PSUs with rows in the estimate's domain, shape (H, m)."""
        present = np.hstack([(part.sums.first[:, :, 0] > 0) @ part.touched for part in functionals]) > 0
        psus = np.zeros((len(self.first_stage.sizes), present.shape[1]))
        np.add.at(psus, self.first_stage.stratum_of_group, present)
        return psus

    def _between(self, totals: Floats, functionals: Sequence[Functional]) -> Floats:
        """Return the covariance of PSU totals, shape (G, m), within strata."""
        stage = self.first_stage
        if stage.pairs is not None:
            known: Floats = totals.T @ stage.pairs @ totals
            negative = np.diag(known) < -VARIANCE_TOLERANCE * (totals**2).sum(axis=0)
            known[negative], known[:, negative] = np.nan, np.nan  # these forms need not be positive
            return known
        place = stage.stratum_of_group
        means = np.zeros((len(stage.sizes), totals.shape[1]))
        np.add.at(means, place, totals)
        means /= stage.sizes[:, None]
        scale = np.sqrt(self.first_stage.factors)[place][:, None]
        lonely = np.broadcast_to((stage.sizes == 1)[:, None], means.shape)
        if self.lonely_psu in ("adjust", "average") and (lonely.any() or self.domain_lonely == "apply"):
            psus = self._psus_of_domains(functionals)
            if self.domain_lonely == "apply":
                lonely = lonely | (psus == 1)
            if self.lonely_psu == "adjust":
                means = np.where(lonely, 0.0, means)
            else:
                lonely = lonely & (psus > 0)
                scale = scale * ~lonely[place] * _shared_out((psus > 0).sum(axis=0), lonely.sum(axis=0))
        scaled = (totals - means[place]) * scale
        vcov: Floats = scaled.T @ scaled
        return vcov

    @cached_property
    def _squares(self) -> Floats:
        """Squared weights times their stratum's factor, shape (n,)."""
        if self.later is not None:
            return self.weights**2 * self.later.levels[-1].factors[self.later.groups]
        factors = self.first_stage.factors
        groups = self.first_stage.groups
        return self.weights**2 * (factors[0] if groups is None else factors[groups])

    @cached_property
    def _auxiliary_totals(self) -> Floats:
        """Weight x auxiliary variables summed over groups, shape (G, p); no columns without calibration."""
        stage, known = self.first_stage, self.calibration
        if known is None:
            return np.zeros((len(stage.stratum_of_group), 0))
        return known.auxiliaries.by_group(stage.groups, len(stage.stratum_of_group), self.weights)

    @cached_property
    def _auxiliary_squares(self) -> Floats:
        """Squared weight x auxiliary variables x auxiliary variables, shape (p, p)."""
        known = self.calibration
        return np.zeros((0, 0)) if known is None else known.auxiliaries.gram(self._squares)

    def _explained_spread(
        self, known: Calibration, functionals: Sequence[Functional], explained: Floats
    ) -> Floats:
        """Return the change of the sum of squared influences by calibration, if rows are their own PSUs."""
        both = known.with_estimates(functionals, self._squares).T @ explained
        change: Floats = explained.T @ self._auxiliary_squares @ explained - both - both.T
        return change


def _added(places: Ints, values: Floats, size: int) -> Floats:
    """Add up the rows of each place, 0 to ``size - 1``.

    Examples
    --------
    >>> _added(np.array([1, 1]), np.array([[1.0], [2.0]]), 2).tolist()
    [[0.0], [3.0]]
    """
    sums = np.zeros((size, values.shape[1]))
    np.add.at(sums, places, values)
    return sums


def _shared_out(strata: Ints, lonely: Ints) -> Floats:
    """Return the factor of standard errors if lonely strata vary as the others; NaN without others.

    An estimate that no row contributes to, such as the share of an answer that nobody gave, has no lonely
    strata: its factor is 1.

    Examples
    --------
    >>> _shared_out(np.array([4, 2, 0]), np.array([1, 2, 0])).round(3).tolist()
    [1.155, nan, 1.0]
    """
    left = strata - lonely
    ratio = np.divide(strata, left, out=np.full(len(left), np.nan), where=left > 0)
    return np.sqrt(np.where(strata == 0, 1.0, ratio))


def without_noise(vcov: Floats, magnitude: Floats) -> Floats:
    """Set variances to zero if they are only rounding errors of larger numbers."""
    noise = np.diag(vcov) <= VARIANCE_TOLERANCE * magnitude
    if noise.any():
        vcov = vcov.copy()
        vcov[noise], vcov[:, noise] = 0.0, 0.0
    return vcov
