"""Replicate weights made from the strata and PSUs of a design."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustkit.arguments import DESIGN, NUMBER, SEED, accepts, one_of
from trustkit.design.engine_arguments import REPLICATE_COUNT
from trustkit.design.first_stage import rows_as_psus
from trustkit.design.replicates import Centre, Made, make_replicates
from trustkit.errors import DesignError

if TYPE_CHECKING:
    from trustkit.design.design import Design


def replicate(
    design: Design,
    kind: Made,
    *,
    count: int = 200,
    rho: float = 0.5,
    seed: int = 0,
    centre: Centre = "mean",
) -> Design:
    """Return the design with replicate weights made from its strata and PSUs.

    Parameters
    ----------
    design
        The design. Without PSUs, each row is a PSU, up to 5,000 rows.
    kind
        ``JK1`` (one stratum), ``JKn``, ``BRR`` and ``Fay`` (two PSUs in each stratum), ``bootstrap`` (Rao-Wu)
        or ``SDR`` (successive differences, PSUs in the order of their labels).
    count, seed
        Number of bootstrap replicates, and their seed.
    rho
        Fay's coefficient, used by ``Fay`` only.
    centre
        Deviations from the replicates' ``mean`` (as R survey) or from the full-sample ``estimate``.

    Raises
    ------
    DesignError
        If the design does not fit the kind, is calibrated, has several stages with fpc, or has unequal
        probabilities.

    Notes
    -----
    The design stores multipliers of PSUs instead of weights of rows, so replicates cost next to nothing.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"psu": [1, 1, 2, 2, 3, 3]})
    >>> tk.replicate(tk.Design(frame, psu="psu"), "JK1").df
    2.0
    """
    accepts(
        design=(design, DESIGN),
        kind=(kind, one_of(Made)),
        count=(count, REPLICATE_COUNT),
        rho=(rho, NUMBER),
        seed=(seed, SEED),
        centre=(centre, one_of(Centre)),
    )
    if design.calibration is not None:
        raise DesignError(
            "replicates of a calibrated design would ignore its calibration",
            do="make replicates, then calibrate",
        )
    if design.later_stages is not None:
        raise DesignError(
            "replicates of the first stage would ignore the variance of the later stages",
            got=f"{1 + len(design.later_stages.levels)} stages",
            do="make the design with its first stage only and without fpc, which is a little too cautious",
        )
    stage = design.first_stage
    if stage.pairs is not None:
        raise DesignError(
            "replicates would ignore the unequal probabilities of inclusion",
            got="fpc=Pps(...)", do="make the design without fpc; its standard errors are a little larger",
        )  # fmt: skip
    if not stage.clustered:
        stage = rows_as_psus(stage, len(design.data))
    replicates = make_replicates(
        stage, kind, count=count, rho=rho if kind == "Fay" else 0.0, seed=seed, centre=centre
    )
    return design.replace(sample=replace(design.sample, first_stage=stage, replicates=replicates))
