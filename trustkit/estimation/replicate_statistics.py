"""Any statistic of rows and weights, with the variance of its replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, FUNCTION, NUMBER, accepts
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.given_functions import number_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate

    Floats = NDArray[np.float64]

FUNCTION_DO = "it takes the rows and an array of weights, and returns one number"


def with_replicates(
    design: Design, function: Callable[[pd.DataFrame, Floats], float], *, conf: float = 0.95
) -> Estimate:
    """Estimate any statistic of rows and weights, with the variance of its replicates.

    Parameters
    ----------
    design
        A design with replicate weights, given as columns or made by `replicate`.
    function
        Maps the rows and weights of shape (n,) to a number.
    conf
        The coverage of the t interval with the replicates' df.

    Returns
    -------
    Estimate
        One row; ``n_eff`` is NaN.

    Raises
    ------
    DesignError
        If the design has no replicates.
    DataError
        If the function gives anything but a finite number.

    Notes
    -----
    The function is called once for each replicate, which may take long. For smooth functions of sums, the
    other estimators are faster. Matches ``withReplicates``.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.replicate(tk.Design(pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0]})), "JK1")
    >>> tk.with_replicates(design, lambda rows, w: np.average(rows["x"], weights=w)).se.round(4).tolist()
    [1.0801]
    """
    accepts(design=(design, DESIGN), function=(function, FUNCTION), conf=(conf, NUMBER))

    def refit(weights: Floats) -> Floats:
        return np.array([number_from(function, design.data, weights, name="function", do=FUNCTION_DO)])

    vcov = design.sample.refitted(refit)
    numbers = Numbers(
        keys=pd.DataFrame({"variable": ["function"], "level": [""]}),
        value=refit(design.weights),
        vcov=vcov,
        n=np.array([int((design.weights > 0).sum())]),
        df=np.array([design.df]),
        unit="number",
    )
    return estimate_of(
        numbers,
        statistic="function of the rows",
        base="all rows, as the function counts them",
        conf=conf,
        caveats=design.caveats,
    )
