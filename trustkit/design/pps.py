"""Sampling with unequal probabilities without replacement: what each pair of PSUs adds to the variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.arguments import OPTIONAL_NUMBER, ArgumentKind, accepts, one_of
from trustkit.design.first_stage import MOST_ROWS
from trustkit.design.role_columns import read_roles
from trustkit.design.stages import SOURCE
from trustkit.errors import DesignError, first_few

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from trustkit.design.first_stage import FirstStage
    from trustkit.design.role_columns import Numbers

    Floats = NDArray[np.float64]

PpsMethod = Literal["brewer", "overton", "hartley-rao", "joint"]
PpsVariance = Literal["horvitz-thompson", "yates-grundy"]

MATRIX = ArgumentKind(
    lambda value: isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind in "fiu",  # noqa: PLR2004
    "a square array of numbers",
).optional()


@dataclass(frozen=True, eq=False)
class Pps:
    """Probabilities of inclusion, for the ``fpc`` of a `trustkit.Design` whose PSUs have unequal ones.

    Attributes
    ----------
    probabilities
        Each PSU's probability of inclusion, above 0 and at most 1: a column, or one number per row.
    method
        The approximation of the joint probabilities: ``brewer``, ``overton``, ``hartley-rao``, or ``joint``
        for none.
    variance
        ``horvitz-thompson``, or ``yates-grundy``, which is for samples of a fixed size. ``brewer`` has one
        form.
    sum_of_squares
        For ``hartley-rao``: the sum of the population's squared probabilities, divided by the number of
        sampled PSUs. None: estimated, as the mean of the sample's probabilities in each stratum.
    joint
        For ``joint``: the joint probabilities of the sampled PSUs, shape (G, G), in the order of the sorted
        labels of strata and PSUs (of the rows, without PSUs).

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Pps("p", "overton").method
    'overton'
    """

    probabilities: Numbers
    method: PpsMethod = "brewer"
    variance: PpsVariance = "horvitz-thompson"
    sum_of_squares: float | None = None
    joint: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        """Refuse values of another kind, and options of another method."""
        accepts(
            probabilities=(self.probabilities, PROBABILITIES),
            method=(self.method, one_of(PpsMethod)),
            variance=(self.variance, one_of(PpsVariance)),
            sum_of_squares=(self.sum_of_squares, OPTIONAL_NUMBER),
            joint=(self.joint, MATRIX),
        )
        for name, given, method in (
            ("sum_of_squares", self.sum_of_squares is not None, "hartley-rao"),
            ("joint", self.joint is not None, "joint"),
        ):
            if given and self.method != method:
                raise DesignError(
                    f"{name} is for the method {method!r}",
                    got=f"method {self.method!r}", do=f"leave {name} out, or pass method={method!r}",
                )  # fmt: skip
        if self.method == "joint" and self.joint is None:
            raise DesignError("the method 'joint' needs the joint probabilities", do="pass joint=...")
        if self.method == "brewer" and self.variance != "horvitz-thompson":
            raise DesignError("the method 'brewer' has one form of variance", do="leave variance out")


PROBABILITIES = ArgumentKind(SOURCE.fits, SOURCE.words)


def read_pps(data: pd.DataFrame, pps: Pps, stage: FirstStage) -> tuple[FirstStage, Floats, frozenset[str]]:
    """Return the first stage with the terms of pairs of PSUs, each row's probability, and the columns.

    Raises
    ------
    DesignError
        Probabilities that are no numbers, not above 0 and at most 1, or that vary in a PSU; too many PSUs;
        joint probabilities that do not fit.
    """
    known = read_roles(data, {"fpc": pps.probabilities})
    name = known.names["fpc"]
    try:
        p = known.data[name].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DesignError(
            "probabilities must be numbers", where=name, got=str(known.data[name].dtype),
            do="give a column of numbers",
        ) from None  # fmt: skip
    wrong = ~((p > 0) & (p <= 1))
    if wrong.any():
        raise DesignError(
            f"{wrong.sum():,} probabilities of inclusion are out of range",
            where=name, got=f"first at rows {first_few(data.index[wrong])}", expected="above 0 and at most 1",
            do="correct them; population sizes are an fpc without Pps",
        )  # fmt: skip
    groups = stage.groups if stage.clustered and stage.groups is not None else np.arange(len(p))
    strata = stage.stratum_of_group
    if not stage.clustered:
        strata = np.zeros(len(p), dtype=np.intp) if stage.groups is None else stage.groups
    if len(strata) > MOST_ROWS:
        raise DesignError(
            "pairs of PSUs take too much memory",
            got=f"{len(strata):,} PSUs", expected=f"at most {MOST_ROWS:,}",
            do="leave Pps out: the variance with replacement is a little too large",
        )  # fmt: skip
    of_psu = np.zeros(len(strata))
    of_psu[groups] = p
    varies = of_psu[groups] != p
    if varies.any():
        raise DesignError(
            "probabilities of inclusion vary inside a PSU",
            where=name, got=f"first at rows {first_few(data.index[varies])}",
            do="give each PSU one probability",
        )  # fmt: skip
    smallest = np.ones(len(stage.sizes))
    np.minimum.at(smallest, strata, of_psu)
    pairs = pair_terms(pps, of_psu, strata, stage.sizes)
    stage = replace(
        stage, groups=groups, stratum_of_group=strata, clustered=True, fractions=smallest, pairs=pairs
    )
    return stage, p, known.columns


def pair_terms(pps: Pps, p: Floats, strata: NDArray[np.intp], sizes: Floats) -> Floats:
    """Return the matrix D of the variance t'D t, for the totals t of the PSUs.

    Examples
    --------
    >>> equal = np.array([0.5, 0.5])
    >>> pair_terms(Pps("p"), equal, np.zeros(2, dtype=int), np.array([2.0])).tolist()
    [[0.5, -0.5], [-0.5, 0.5]]
    """
    same = strata[:, None] == strata[None, :]
    n = sizes[strata][:, None]
    below = np.maximum(n - 1, 1)
    if pps.method == "brewer":
        centring = np.eye(len(p)) - same / n
        brewer: Floats = centring @ ((1 - p)[:, None] * n / below * centring)
        return brewer
    both = p[:, None] + p[None, :]
    if pps.method == "joint" and pps.joint is not None:
        if pps.joint.shape != (len(p), len(p)) or not (pps.joint > 0).all():
            raise DesignError(
                "joint probabilities do not fit the sample",
                got=f"shape {pps.joint.shape}, smallest {pps.joint.min(initial=1.0):g}",
                expected=f"shape {(len(p), len(p))}, all above 0",
                do="give those of the sampled PSUs, in the order of their labels",
            )
        terms = 1 - p[:, None] * p[None, :] / pps.joint
    elif pps.method == "overton":
        terms = np.where(same & (both < 2), 1 - (n - both / 2) / below, 0.0)  # noqa: PLR2004
    else:
        means = np.bincount(strata, p, minlength=len(sizes)) / sizes
        squares = means[strata][:, None] if pps.sum_of_squares is None else pps.sum_of_squares
        terms = np.where(same & (both < 2), 1 - (n - both + squares) / below, 0.0)  # noqa: PLR2004
    np.fill_diagonal(terms, 1 - p)
    if pps.variance == "yates-grundy":
        terms = terms - np.diag(terms.sum(axis=1))
    return terms
