"""A design with other weights: its replicates, degrees of freedom, history and log follow them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.errors import DesignError
from trustkit.survey.columns import tracked_shares
from trustkit.survey.exclusion_log import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.read_design import DesignParts
    from trustkit.design.replicates import ReplicateWeights
    from trustkit.design.variance import Calibration
    from trustkit.design.weight_history import WeightStep

    Floats = NDArray[np.float64]


def reweighted(
    parts: DesignParts,
    weights: Floats,
    step: WeightStep,
    reason: str,
    *,
    calibration: Calibration | None,
    replicates: ReplicateWeights | None,
) -> DesignParts:
    """Return the parts of a design with other weights, as in `trustkit.Design.reweighted`.

    Raises
    ------
    DesignError
        If there is not one weight for each row.
    """
    before = parts.sample
    if weights.shape != before.weights.shape:
        raise DesignError(
            "there must be one weight for each row",
            got=f"an array of shape {weights.shape}",
            expected=f"shape {before.weights.shape}",
            do="give the weights in the order of the rows",
        )
    if replicates is None and before.replicates is not None:
        ratios = np.divide(weights, before.weights, out=np.zeros_like(weights), where=before.weights > 0)
        replicates = before.replicates.scaled(ratios)
    sample = replace(
        before,
        weights=weights,
        first_stage=before.first_stage.counting(weights > 0),
        calibration=calibration,
        replicates=replicates,
    )
    figures = tracked_shares(parts.rows.in_memory().data, parts.codebook, weights)
    n = int((before.weights > 0).sum()), int((weights > 0).sum())
    log = parts.log.add(Step(step.step, step.rule, reason, *n, figures))
    variables = parts.codebook.variables
    step = replace(step, labels={name: known.heading for name, known in variables.items()})
    return replace(parts, sample=sample, history=(*parts.history, step), log=log)
