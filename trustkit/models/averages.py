"""The mean predictions of a model over its respondents, and their covariance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.errors import FitError
from trustkit.models.glm import GlmModel, model_influences, refit_of
from trustkit.models.observations import CellObservations, RowObservations, row_observations
from trustkit.survey.where import condition, rows_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.models.coding import Values
    from trustkit.models.observations import Observations
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Average:
    """The respondents whose predictions are averaged.

    Attributes
    ----------
    model
        The model.
    observations
        Its observations.
    share
        Shape (u,): 1 for the observations whose predictions are averaged, and 0 for all others.
    n
        The respondents whose predictions are averaged.
    words
        Who they are.
    """

    model: GlmModel
    observations: Observations
    share: Floats
    n: int
    words: str = ""

    @classmethod
    def over(cls, model: GlmModel, where: Where) -> Average:
        """Return the respondents of a model in a domain."""
        own = model.observations
        if where is None:
            return cls(model, own, np.ones(own.predictors.size), own.n)
        design = model.design
        coding = model.coding
        if isinstance(own, CellObservations):
            rows = row_observations(
                design, coding.levels, coding.numeric, model.response.target, model.domains.rows
            )
            model = _on_rows(model, rows)
            own = rows
        data = design.rows.in_memory()
        chosen = rows_where(where, data.data, data.variable)
        inside = own.inside if isinstance(own, RowObservations) else np.ones(len(data.data), dtype=bool)
        share = inside[inside].astype(float) if chosen is None else chosen[inside].astype(float)
        if not float(share @ own.weights):
            raise FitError("no respondent of the model is in this domain", where="where", do="widen where")
        n = int(((share > 0) & (own.weights > 0)).sum())
        return cls(model, own, share, n, f"averaged over those where {condition(where, design.variable)}")

    def effects(self, scenarios: Sequence[Values], combinations: Floats) -> tuple[Floats, Floats]:
        """Return combinations, shape (k, s), of the mean predictions in s scenarios, and their covariance."""
        model = self.model
        columns = [model.coding.matrix(values, self.observations.weights) for values in scenarios]
        offsets = [model.coding.offset(values, self.observations.weights) for values in scenarios]
        link = model.equations.link

        def means(weights: Floats, coefficients: Floats) -> Floats:
            mass = weights * self.share
            own = [
                mass @ link.mu(part @ coefficients + offset)
                for part, offset in zip(columns, offsets, strict=True)
            ]
            combined: Floats = combinations @ np.array(own) / mass.sum()
            return combined

        weights, beta = self.observations.weights, model.solution.coefficients
        mass = weights * self.share
        value = means(weights, beta)
        gradient = np.zeros((len(scenarios), len(beta)))
        single = np.zeros((len(weights), len(combinations)))
        for place, (part, offset) in enumerate(zip(columns, offsets, strict=True)):
            eta = part @ beta + offset
            mu, slope = link.mu_and_slope(eta)
            gradient[place] = (mass * slope) @ part / mass.sum()
            single += np.outer(mu, combinations[:, place])
        turn = (combinations @ gradient).T
        averaged = (single - value) * (self.share / mass.sum())[:, None]
        again = refit_of(model)

        def refit(weights: Floats, outcome: Floats) -> Floats:
            return means(weights, again(weights, outcome))

        influences = model_influences(model).combined(turn, averaged)
        vcov = self.observations.covariance(influences, refit)
        return value, vcov


def _on_rows(model: GlmModel, rows: RowObservations) -> GlmModel:
    """Return a model that was fitted on cells as one of rows, with the same coefficients."""
    columns = model.coding.matrix(rows.predictors, rows.weights)
    equations = replace(model.equations, columns=columns, offset=np.zeros(len(columns)))
    outcome = model.outcomes(rows.outcome)
    solution = equations.solve(rows.weights, outcome, model.solution.coefficients)
    return replace(model, observations=rows, equations=equations, solution=solution)
