"""Factor models of simple structure: what their parameters imply, and their fit by maximum likelihood."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.errors import DataError, FitError
from trustkit.scales.derivatives import correlations_of
from trustkit.scales.one_factor import refuse_explained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.errors import TrustkitError

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Equal = Literal["loadings", "intercepts"]

STEPS = 200
"""The most steps of a fit."""

PRECISION = 1e-10
"""A fit ends when no derivative of the discrepancy is above this."""

HALVINGS = 30
"""How often a step is halved."""

STEP = 1e-5
"""The step of the second derivatives, which are differences of the first ones."""

ALONE = 3
"""The fewest items of a factor that stands alone."""

FEWEST = 2
"""The fewest items of a factor that correlates with others."""


@dataclass(frozen=True, eq=False)
class Moments:
    """The means and covariances of some items, in one or several groups.

    Attributes
    ----------
    shares
        Shape (g,): the groups' shares of the weights.
    means, covariances
        Shapes (g, k) and (g, k, k).
    """

    shares: Floats
    means: Floats
    covariances: Floats


@dataclass(frozen=True, eq=False)
class Structure:
    """Where the parameters of a model stand: loadings, factors, unique variances, intercepts, factor means.

    Attributes
    ----------
    names
        The parameters, as ``visual =~ x1``, ``visual ~~ speed``, ``x1 ~~ x1``, ``x1 ~1``; those of one group
        only end with it.
    factor_of
        Shape (k,): the place of each item's factor.
    loadings, unique, intercepts
        Shape (g, k): the place of each parameter.
    between
        Shape (g, m, m): the places of the factors' variances and covariances; -1: fixed at 1.
    levels
        Shape (g, m): the places of the factors' means; -1: fixed at 0.
    """

    names: tuple[str, ...]
    factor_of: Ints
    loadings: Ints
    unique: Ints
    intercepts: Ints
    between: Ints
    levels: Ints

    @classmethod
    def of(
        cls, model: Mapping[str, Sequence[str]], groups: Sequence[str], equal: Sequence[Equal]
    ) -> Structure:
        """Lay out the parameters of a model.

        Raises
        ------
        DataError
            A factor with too few items or the name of an item, or an item that is named twice.
        """
        refuse_model(model)
        items = [item for own in model.values() for item in own]
        factors, m = list(model), len(model)
        factor_of = np.array([place for place, own in enumerate(model.values()) for _ in own])
        known: dict[str, int] = {}

        def places(names: Sequence[str], group: str, *, shared: bool = False) -> list[int]:
            """Return the places of some parameters, new ones after all others."""
            full = [name if shared or not group else f"{name} [{group}]" for name in names]
            return [known.setdefault(name, len(known)) for name in full]

        pairs = list(itertools.combinations(range(m), 2))
        between = np.full((len(groups), m, m), -1)
        levels = np.full((len(groups), m), -1)
        named = [f"{factors[factor]} =~ {item}" for factor, item in zip(factor_of, items, strict=True)]
        loadings = np.array([places(named, group, shared="loadings" in equal) for group in groups])
        unique = []
        for number, group in enumerate(groups):
            own = places([f"{factors[one]} ~~ {factors[other]}" for one, other in pairs], group)
            for (one, other), place in zip(pairs, own, strict=True):
                between[number, one, other] = between[number, other, one] = place
            if number > 0 and "loadings" in equal:
                np.fill_diagonal(between[number], places([f"{name} ~~ {name}" for name in factors], group))
            if number > 0 and "intercepts" in equal:
                levels[number] = places([f"{name} ~1" for name in factors], group)
            unique.append(places([f"{item} ~~ {item}" for item in items], group))
        named = [f"{item} ~1" for item in items]
        intercepts = np.array([places(named, group, shared="intercepts" in equal) for group in groups])
        return cls(tuple(known), factor_of, loadings, np.array(unique), intercepts, between, levels)

    @property
    def factors(self) -> list[str]:
        """The names of the factors, in order."""
        return list(dict.fromkeys(name.split(" =~ ")[0] for name in self.names if " =~ " in name))

    @property
    def intercept_places(self) -> Ints:
        """The places of the intercepts."""
        return np.unique(self.intercepts)

    def implied(self, parameters: Floats, group: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Return what the parameters imply in a group, and its derivatives.

        Returns
        -------
        covariance, mean, by_covariance, by_mean
            Shapes (k, k), (k,), (p, k, k) and (p, k).
        """
        own = parameters[self.loadings[group]]
        k, m = len(own), self.between.shape[1]
        pattern = np.zeros((k, m))
        pattern[np.arange(k), self.factor_of] = own
        places = self.between[group]
        factors = np.where(places >= 0, parameters[places], np.eye(m))
        level = np.where(self.levels[group] >= 0, parameters[self.levels[group]], 0.0)
        covariance = pattern @ factors @ pattern.T + np.diag(parameters[self.unique[group]])
        mean = parameters[self.intercepts[group]] + pattern @ level
        by_covariance = np.zeros((len(parameters), k, k))
        by_mean = np.zeros((len(parameters), k))
        spread = factors @ pattern.T
        for j in range(k):
            at = self.loadings[group, j]
            by_covariance[at, j, :] += spread[self.factor_of[j]]
            by_covariance[at, :, j] += spread[self.factor_of[j]]
            by_mean[at, j] += level[self.factor_of[j]]
            by_covariance[self.unique[group, j], j, j] += 1.0
            by_mean[self.intercepts[group, j], j] += 1.0
        for one, other in itertools.combinations_with_replacement(range(m), 2):
            at = places[one, other]
            if at >= 0:
                joint = np.outer(pattern[:, one], pattern[:, other])
                by_covariance[at] += joint if one == other else joint + joint.T
            if one == other and self.levels[group, one] >= 0:
                by_mean[self.levels[group, one]] += pattern[:, one]
        return covariance, mean, by_covariance, by_mean

    def standardized_in(self, group: int, parameters: Floats) -> tuple[Floats, Floats]:
        """Return a group's loadings and factor correlations with all variances 1, shapes (k,) and (m, m)."""
        covariance = self.implied(parameters, group)[0]
        places = self.between[group]
        factors = np.where(places >= 0, parameters[places], np.eye(places.shape[0]))
        spread = np.sqrt(np.diag(factors))
        own = parameters[self.loadings[group]] * spread[self.factor_of]
        return own / np.sqrt(np.diag(covariance)), factors / np.outer(spread, spread)

    def standardized(self, parameters: Floats) -> Floats:
        """Return the parameters with loadings and factor covariances of variables with variance 1."""
        found = parameters.copy()
        for group in reversed(range(len(self.loadings))):  # what groups share is that of the first one
            loadings, between = self.standardized_in(group, parameters)
            found[self.loadings[group]] = loadings
            places = self.between[group]
            one, other = np.nonzero(np.triu(places >= 0, 1))
            found[places[one, other]] = between[one, other]
        return found

    def rescaled(self, centre: Floats, scale: Floats) -> tuple[Floats, Floats]:
        """Return by what to multiply each parameter, and what to add, for items in other units.

        Parameters
        ----------
        centre, scale
            Shape (k,): an item in the new unit is ``centre + scale`` times what was fitted.
        """
        factor, added = np.ones(len(self.names)), np.zeros(len(self.names))
        for group in range(len(self.loadings)):
            factor[self.loadings[group]] = factor[self.intercepts[group]] = scale
            factor[self.unique[group]] = scale**2
            added[self.intercepts[group]] = centre
        return factor, added

    def start(self, moments: Moments) -> Floats:
        """Return parameters to begin with."""
        parameters = np.zeros(len(self.names))
        for group in range(len(moments.shares)):
            spread = np.diag(moments.covariances[group])
            correlations = correlations_of(moments.covariances[group])
            for factor in range(self.between.shape[1]):
                own = np.flatnonzero(self.factor_of == factor)
                values, vectors = np.linalg.eigh(correlations[np.ix_(own, own)])
                first = vectors[:, -1] * (1.0 if vectors[:, -1].sum() >= 0 else -1.0)
                share = np.clip(first * np.sqrt(max(values[-1] - 0.3, 0.1)), -0.9, 0.9)
                parameters[self.loadings[group, own]] = share * np.sqrt(spread[own])
                parameters[self.unique[group, own]] = np.maximum(1 - share**2, 0.2) * spread[own]
            parameters[self.intercepts[group]] = moments.means[group]
            diagonal = np.diag(self.between[group])
            parameters[diagonal[diagonal >= 0]] = 1.0
        return parameters


def refuse_model(model: Mapping[str, Sequence[str]]) -> None:
    """Raise the error that a factor has too few items or an item's name, or that an item is named twice.

    Raises
    ------
    DataError
        With the factor, or the items.
    """
    items = [item for own in model.values() for item in own]
    both = [factor for factor in model if factor in items]
    if both:
        raise DataError(
            "a factor has the name of an item", got=", ".join(both), do="give the factor a name of its own"
        )
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise DataError(
            "an item belongs to one factor only", got=", ".join(twice),
            do="name each item once; for items of several factors use lavaan in R",
        )  # fmt: skip
    fewest = ALONE if len(model) == 1 else FEWEST
    for factor, own in model.items():
        if len(own) < fewest:
            raise DataError(
                f"the factor {factor!r} has too few items to be identified",
                got=", ".join(own) or "no item", expected=f"{fewest} items or more",
                do="give it more items, or leave it out",
            )  # fmt: skip


@dataclass(frozen=True, eq=False)
class FittedStructure:
    """A model at its best parameters.

    Attributes
    ----------
    structure, moments
        The model, and what it was fitted to.
    parameters
        Shape (p,).
    discrepancy
        The sum over groups of their share times log det(implied) - log det(observed) + trace(observed /
        implied) - k, plus the distance of the means; 0 if the model fits exactly.
    """

    structure: Structure
    moments: Moments
    parameters: Floats
    discrepancy: float

    def hessian(self) -> Floats:
        """Return the second derivatives of the discrepancy by the parameters, shape (p, p)."""
        columns = []
        for place, value in enumerate(self.parameters):
            step = STEP * max(abs(value), 0.1)
            moved = np.zeros_like(self.parameters)
            moved[place] = step
            up = _at(self.structure, self.moments, self.parameters + moved).slope
            down = _at(self.structure, self.moments, self.parameters - moved).slope
            columns.append((up - down) / (2 * step))
        matrix = np.array(columns)
        both: Floats = (matrix + matrix.T) / 2
        return both


def fit_structure(structure: Structure, moments: Moments, start: Floats | None = None) -> FittedStructure:
    """Fit a model by maximum likelihood.

    Raises
    ------
    DataError
        An item that its factor would explain wholly (a Heywood case).
    FitError
        If the steps do not come to an end.

    Notes
    -----
    Fisher's scoring with steps that are halved until the discrepancy falls.
    """
    parameters = structure.start(moments) if start is None else start
    here = _at(structure, moments, parameters)
    for _ in range(STEPS):
        if np.abs(here.slope).max() < PRECISION:
            return FittedStructure(structure, moments, parameters, max(here.value, 0.0))
        step = np.linalg.lstsq(here.information(), here.slope, rcond=None)[0]
        for _ in range(HALVINGS):
            trial = parameters - step
            if (trial[structure.unique] > 0).all():
                try:
                    there = _at(structure, moments, trial)
                except np.linalg.LinAlgError:
                    there = None
                if there is not None and there.value <= here.value + 1e-14 * max(abs(here.value), 1.0):
                    break
            step = step / 2
        else:
            break
        parameters, here = trial, there
    raise _not_fitted(structure, moments, parameters, float(np.abs(here.slope).max()))


def _not_fitted(structure: Structure, moments: Moments, parameters: Floats, left: float) -> TrustkitError:
    """Return the error that a model was not fitted; one that names an item comes first."""
    for group in range(len(moments.shares)):
        spread = np.diag(moments.covariances[group])
        names = [structure.names[place].split(" ~~ ")[0] for place in structure.unique[group]]
        refuse_explained(parameters[structure.unique[group]] / spread, names)
    return FitError(
        "the factor model did not converge", got=f"a derivative of {left:.2g}",
        do="take fewer factors, or check that each item belongs to its factor",
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Discrepancy:
    """The discrepancy at some parameters.

    Attributes
    ----------
    value, slope
        The discrepancy and its derivatives, shape (p,).
    groups
        Of each group its share, the inverse of its implied covariance, shape (k, k), and the derivatives of
        its implied covariance, shape (p, k, k), and means, shape (p, k).
    """

    value: float
    slope: Floats
    groups: tuple[tuple[float, Floats, Floats, Floats], ...]

    def information(self) -> Floats:
        """Return the expected second derivatives, shape (p, p)."""
        count = len(self.slope)
        total = np.zeros((count, count))
        for share, precision, by_covariance, by_mean in self.groups:
            scaled = np.einsum("ij,pjk->pik", precision, by_covariance)
            turned = np.swapaxes(scaled, 1, 2).reshape(count, -1)
            total += share * (scaled.reshape(count, -1) @ turned.T + 2 * by_mean @ precision @ by_mean.T)
        return total


def _at(structure: Structure, moments: Moments, parameters: Floats) -> _Discrepancy:
    """Return the discrepancy at some parameters; its second derivatives only when they are asked for."""
    value, slope = 0.0, np.zeros(len(parameters))
    groups: list[tuple[float, Floats, Floats, Floats]] = []
    for group, share in enumerate(moments.shares):
        covariance, mean, by_covariance, by_mean = structure.implied(parameters, group)
        sign, size = np.linalg.slogdet(covariance)
        if sign <= 0:
            raise np.linalg.LinAlgError
        precision = np.linalg.inv(covariance)
        observed, apart = moments.covariances[group], moments.means[group] - mean
        product = observed @ precision
        value += share * (
            size - np.linalg.slogdet(observed)[1] + np.trace(product) - len(mean) + apart @ precision @ apart
        )
        gap = precision - precision @ (observed + np.outer(apart, apart)) @ precision
        slope += share * (np.einsum("ij,pij->p", gap, by_covariance) - 2 * by_mean @ precision @ apart)
        groups.append((float(share), np.asarray(precision, float), by_covariance, by_mean))
    return _Discrepancy(float(value), slope, tuple(groups))
