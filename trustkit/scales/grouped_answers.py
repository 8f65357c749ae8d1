"""The answers to some items in one or several groups: their moments, and what each row adds to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.coded import coded_variable
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.scales.factor_structure import Moments
from trustkit.scales.scale_answers import ScaleAnswers, constants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.scales.factor_structure import FittedStructure
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class GroupedAnswers:
    """The answers of the respondents who have all of them, with their groups.

    Attributes
    ----------
    answers
        The items of those with all answers.
    groups
        The groups' labels; one empty label if there are none.
    codes
        Shape (c,): each row's group; -1: in none, or with a weight of 0.

    Moments, and parameters fitted to them, are in `units`.
    """

    answers: ScaleAnswers
    groups: tuple[str, ...]
    codes: Ints

    @classmethod
    def of(cls, design: Design, items: Sequence[str], by: str | None, where: Where) -> GroupedAnswers:
        """Read the items and groups.

        Raises
        ------
        DataError
            As `ScaleAnswers.of`; a group with fewer respondents than items, or in which an item does not
            vary.
        """
        answers = ScaleAnswers.of(design, list(items), where)
        if by is None:
            return cls(answers, ("",), np.zeros(len(answers.columns[0]), dtype=np.intp))
        labels = coded_variable(design, by).labels
        answers = replace(answers, notes=(*answers.notes, *Domains.of(design, by, where).notes))
        weighted = design.weights[answers.complete] > 0
        codes = np.where(weighted, np.asarray(design.codes(by, labels))[answers.complete], -1)
        present = [place for place in range(len(labels)) if (codes == place).any()]
        for place in present:
            held = int((codes == place).sum())
            if held <= len(items):
                raise DataError(
                    "a group has too few respondents for a model",
                    where=f"{design.called(by)}: {labels[place]}",
                    got=f"{held} with all answers", expected=f"more than the {len(items)} items",
                    do="merge groups (tk.collapse), or leave this one out with where",
                )  # fmt: skip
        moved = np.full(len(labels) + 1, -1)
        moved[present] = np.arange(len(present))
        found = cls(answers, tuple(labels[place] for place in present), moved[codes])
        found.refuse_constants(design.called(by))
        return found

    def refuse_constants(self, called: str) -> None:
        """Raise the error that an item does not vary in a group of the variable that is ``called`` so.

        Raises
        ------
        DataError
            With the first such group and its items.
        """
        moments = self.moments(self.answers.design.weights)
        for group, mean, covariance in zip(self.groups, moments.means, moments.covariances, strict=True):
            same = constants(mean, covariance)
            if same:
                raise DataError(
                    "an item has the same answer for everybody in a group, so it measures nothing there",
                    where=f"{called}: {group}", got=", ".join(self.answers.names[place] for place in same),
                    do="leave the item out, merge groups (tk.collapse), or leave this group out with where",
                )  # fmt: skip

    @cached_property
    def units(self) -> tuple[Floats, Floats]:
        """The mean and the standard deviation of each item over all respondents, shapes (k,) and (k,).

        A fit ends where derivatives are small, and how small they are depends on the unit of the answers. So
        models are fitted to answers in these units, and their parameters converted back.
        """
        means, covariance = self.answers.moments
        return means, np.sqrt(np.diag(covariance))

    @cached_property
    def scores(self) -> Floats:
        """The answers less their means, by their standard deviations (`units`), shape (c, k)."""
        centre, scale = self.units
        scores: Floats = (self.answers.scores.T - centre) / scale
        return scores

    def moments(self, weights: Floats) -> Moments:
        """Return the moments of each group with any weights of shape (n,)."""
        inside = weights[self.answers.complete]
        shares, means, covariances = [], [], []
        for group in range(len(self.groups)):
            own = self.codes == group
            held, scores = inside[own], self.scores[own]
            mean = held @ scores / held.sum()
            centred = scores - mean
            shares.append(held.sum())
            means.append(mean)
            covariances.append((centred.T * held) @ centred / held.sum())
        return Moments(np.array(shares) / sum(shares), np.array(means), np.array(covariances))

    def placed(self, own: Floats) -> Floats:
        """Return influences of shape (n, m) from those of the rows with all answers, shape (c, m)."""
        added = np.zeros((len(self.answers.complete), own.shape[1]))
        added[self.answers.complete] = own
        return added

    def parameter_influences(self, fit: FittedStructure, hessian: Floats) -> Floats:
        """Return what each row adds to the parameters per unit of weight, shape (n, p).

        The parameters solve sum w s = 0, with s the derivative of a row's part of the discrepancy, so a row
        adds -s divided by the second derivatives and by the sum of weights.
        """
        own = np.zeros((len(self.codes), len(fit.parameters)))
        for group in range(len(self.groups)):
            rows = self.codes == group
            covariance, mean, by_covariance, by_mean = fit.structure.implied(fit.parameters, group)
            precision = np.linalg.inv(covariance)
            apart = (self.scores[rows] - mean) @ precision
            traces = np.einsum("ij,pij->p", precision, by_covariance)
            quadratic = np.stack([((apart @ change) * apart).sum(axis=1) for change in by_covariance], axis=1)
            own[rows] = traces - quadratic - 2 * apart @ by_mean.T
        return self.placed(np.asarray(-np.linalg.solve(hessian, own.T).T / self._total(), dtype=float))

    def moment_influences(self, moments: Moments) -> Floats:
        """Return what each row adds to the moments: of each group its covariances and means, shape (n, q)."""
        k = self.scores.shape[1]
        lower = np.tril_indices(k)
        size = len(lower[0]) + k
        own = np.zeros((len(self.codes), len(self.groups) * size))
        weights = self.answers.design.weights[self.answers.complete]
        for group in range(len(self.groups)):
            rows = self.codes == group
            centred = self.scores[rows] - moments.means[group]
            products = centred[:, lower[0]] * centred[:, lower[1]] - moments.covariances[group][lower]
            part = np.concatenate([products, centred], axis=1) / weights[rows].sum()
            own[rows, group * size : (group + 1) * size] = part
        return self.placed(own)

    def _total(self) -> float:
        weights = self.answers.design.weights[self.answers.complete]
        return float(weights[self.codes >= 0].sum())

    @property
    def n(self) -> int:
        """Respondents with all answers, a group and a positive weight."""
        return int((self.answers.design.weights[self.answers.complete][self.codes >= 0] > 0).sum())
