"""Weighting: make a design's weights meet the population's margins, and say what that cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from trustkit.documents import Document
from trustkit.errors import DesignError, TargetsError, suggest
from trustkit.log import Step
from trustkit.results import Shown, show_number, show_share
from trustkit.sample import Calibration
from trustkit.sums import group_totals
from trustkit.survey import ROWS_SHOWN, tracked_shares

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design import Design

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Margins = dict[str, dict[str, float]]
Variance = Literal["final", "base"]

TOLERANCE = 1e-8
"""Largest |margin - target| / total at which raking has converged."""

SHARES_TOLERANCE = 1e-6
"""How far a margin's shares may be from one, and two margins' totals from each other."""


@dataclass(frozen=True, eq=False, repr=False)
class Raking(Shown):
    """What raking did: the margins before and after, and what the weights cost in precision.

    Attributes
    ----------
    margins
        One row per level: ``variable``, ``level``, ``n``, ``target``, ``before``, ``after`` (shares).
    error
        Largest |margin - target| / total achieved.
    iterations
        Passes over the margins.
    weight_min, weight_max
        Smallest and largest weight, relative to their mean.
    deff
        Kish's design effect of weighting, n * sum(w^2) / (sum w)^2.
    n_eff
        n / deff.
    notes
        What a reader must know beside the numbers.
    """

    margins: pd.DataFrame
    error: float
    iterations: int
    weight_min: float
    weight_max: float
    deff: float
    n_eff: float
    notes: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the margins: one row per level, unrounded."""
        return self.margins.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = self.margins.assign(
            n=[f"{count:,}" for count in self.margins["n"]],
            **{name: [show_share(v) for v in self.margins[name]] for name in ("target", "before", "after")},
        )
        summary = (
            f"Converged in {self.iterations} iterations, largest error {self.error:.1g}. "
            f"Weights {show_number(self.weight_min)} to {show_number(self.weight_max)} times their mean; "
            f"Kish design effect {self.deff:.2f}; effective n {self.n_eff:,.0f}."
        )
        return "Raking", table, (summary, *self.notes)


def rake(
    design: Design,
    targets: Mapping[str, Mapping[str, float]] | pd.DataFrame | str | Path,
    *,
    variance: Variance = "final",
    max_iterations: int = 1000,
) -> Design:
    """Rake the weights until every margin meets its target.

    Parameters
    ----------
    design
        The design, with its base weights.
    targets
        ``{variable: {level: share or count}}``, a frame with columns variable, level and target, or the
        path of a YAML file with ``margins``. Margins given as shares keep the sum of the base weights.
    variance
        Which weights the residuals from the margins are taken with: ``"final"`` (default) or ``"base"``
        (as R survey does). The weights are the same.
    max_iterations
        Passes over the margins before giving up.

    Returns
    -------
    Design
        With new weights, variances that know of the raking, and a `Raking` as its last ``history``.

    Raises
    ------
    TargetsError
        With every fault of the targets: unknown variables and levels, levels without respondents or
        without a target, shares that don't sum to one, totals that disagree, missing values in a margin
        variable; or if raking does not converge.
    DesignError
        If the design has replicate weights.

    Notes
    -----
    Iterative proportional fitting (Deming and Stephan 1940, doi:10.1214/aoms/1177731829) on the
    cross-classification of the margins, so the rows are read once whatever the number of passes.
    Ends when max |margin - target| / total <= 1e-8.

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"], "yes": [1.0, 0.0, 1.0, 0.0]})
    >>> raked = rake(Design(frame), {"sex": {"m": 0.5, "f": 0.5}})
    >>> raked.weights.round(4).tolist()
    [2.0, 0.6667, 0.6667, 0.6667]
    """
    if variance not in get_args(Variance):
        raise TargetsError(f"no variance {variance!r}", do=suggest(variance, get_args(Variance)))
    if design.sample.replicates is not None:
        raise DesignError(
            "raking would not reach the replicate weights, so standard errors would be wrong",
            do="rake the design without replicates, or give replicate weights that are raked already",
        )
    wanted = _read_targets(targets)
    codes, totals = _match(design, wanted)
    sizes = [len(levels) for levels in wanted.values()]
    joint = np.ravel_multi_index(codes, sizes)
    present, cells = np.unique(joint, return_inverse=True)
    places = np.unravel_index(present, sizes)
    mass = group_totals(cells, design.weights, len(present))
    factors, iterations, error = _fit(mass, places, totals, max_iterations)
    weights = design.weights * factors[cells]
    margins = np.hstack(
        [
            np.eye(size)[place][:, 0 if not number else 1 :]
            for number, (size, place) in enumerate(zip(sizes, places, strict=True))
        ]
    )
    regression = weights if variance == "final" else design.weights
    step = _summary(design, wanted, codes, weights, iterations, error)
    figures = tracked_shares(design.data, design.codebook, weights)
    n = len(weights)
    log = design.log.add(Step("rake", f"to {', '.join(wanted)}", "off its population", n, n, figures))
    return design.reweighted(weights, Calibration(cells, margins, regression), step, log)


def read_targets(path: str | Path) -> Margins:
    """Read weighting targets from YAML.

    Parameters
    ----------
    path
        A file with ``margins``: variable -> label -> share or count; ``title``, ``source`` and ``date``
        may say where they come from.

    Raises
    ------
    TargetsError
        With every fault in the file, each with its line and path.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "targets.yaml"
    >>> _ = file.write_text("margins: {sex: {Men: 0.49, Women: 0.51}}")
    >>> read_targets(file)
    {'sex': {'Men': 0.49, 'Women': 0.51}}
    """
    document = Document(path, TargetsError)
    document.root.keys(["title", "source", "date", "margins"], needed=["margins"])
    margins = {
        str(name): {str(level): share.number() for level, share in levels.children()}
        for name, levels in document.root.child("margins").children()
    }
    document.finish()
    return margins


def _read_targets(targets: Mapping[str, Mapping[str, float]] | pd.DataFrame | str | Path) -> Margins:
    if isinstance(targets, str | Path):
        return read_targets(targets)
    if isinstance(targets, pd.DataFrame):
        needed = ["variable", "level", "target"]
        if missing := [name for name in needed if name not in targets]:
            raise TargetsError(
                f"targets lack the columns {', '.join(missing)}", got=", ".join(map(str, targets.columns))
            )
        given = list(targets[needed].itertuples(index=False, name=None))
    else:
        given = [(name, level, share) for name, levels in targets.items() for level, share in levels.items()]
    faults: list[str] = []
    named = targets["variable"] if isinstance(targets, pd.DataFrame) else targets
    margins: Margins = {str(name): {} for name in named}
    for name, level, target in given:
        levels = margins[str(name)]
        if str(level) in levels:
            faults.append(f"{name}: the level {level!r} has two targets")
        try:
            levels[str(level)] = float(target)
        except (TypeError, ValueError):
            faults.append(f"{name}: the target of {level!r} is not a number, got {target!r}")
    _refuse(faults)
    return margins


def _refuse(faults: Sequence[str]) -> None:
    """Raise one error that lists every fault of the targets."""
    if faults:
        raise TargetsError(
            f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the targets\n  - "
            + "\n  - ".join(faults)
        )


def _match(design: Design, wanted: Margins) -> tuple[tuple[Ints, ...], list[Floats]]:
    """Return each row's level in each margin, and each margin's target totals; refuse all faults at once."""
    faults: list[str] = []
    codes: list[Ints] = []
    totals: list[Floats] = []
    base = float(design.weights.sum())
    sums: dict[str, float] = {}
    shares: list[str] = []
    for name, levels in wanted.items():
        if name not in design.data:
            faults.append(f"{name}: no such variable; {suggest(name, design.data.columns)}")
            continue
        values = np.array(list(levels.values()))
        if not np.isfinite(values).all() or (values < 0).any() or not values.any():
            faults.append(f"{name}: targets must be finite, not negative and not all zero, got {levels}")
            continue
        found = design.codes(name, list(levels))
        if isinstance(design.data[name].dtype, pd.CategoricalDtype):
            column = design.data[name].astype("str").where(design.data[name].notna())
        else:
            column = design.data[name]
        others = column[(found < 0) & column.notna().to_numpy()]
        faults += [
            f"{name}: the level {level!r} has respondents ({count:,}) and no target; {suggest(level, levels)}"
            for level, count in others.value_counts(sort=False).items()
        ]
        missing = column.isna().to_numpy()
        if missing.any():
            rows = ", ".join(str(row) for row in column.index[missing][:ROWS_SHOWN])
            faults.append(
                f"{name}: {missing.sum():,} respondents have no value (first at rows {rows}); "
                "impute them, give them a level of their own, or leave them out"
            )
        mass = group_totals(found[found >= 0], design.weights[found >= 0], len(levels))
        faults += [
            f"{name}: the level {level!r} has a target of {target:g} and no respondent with a positive "
            "weight; collapse it with a neighbour"
            for level, target, has in zip(levels, values, mass, strict=True)
            if target > 0 and not has
        ]
        total = float(values.sum())
        if abs(total - 1) <= SHARES_TOLERANCE:
            shares.append(name)
            values = values / total * base
        elif (values <= 1).all():
            faults.append(f"{name}: the shares sum to {total:.6g}, not to 1")
        else:
            sums[name] = total
        codes.append(found)
        totals.append(values)
    if not wanted:
        faults.append("no margin is given")
    if sums and (shares or max(sums.values()) / min(sums.values()) - 1 > SHARES_TOLERANCE):
        given = ", ".join(
            [
                *(f"{name} {total:,.6g}" for name, total in sums.items()),
                *(f"{name} shares" for name in shares),
            ]
        )
        faults.append(
            f"totals disagree between margins: {given}; give all as shares, or as counts of one total"
        )
    _refuse(faults)
    return tuple(codes), totals


def _fit(
    mass: Floats, places: tuple[Ints, ...], totals: list[Floats], max_iterations: int
) -> tuple[Floats, int, float]:
    """Fit the cells' factors to the margins; return them, the passes and the error left."""
    factors = np.ones(len(mass))
    whole = totals[0].sum()
    error = np.inf
    for iteration in range(max_iterations + 1):
        fitted = [group_totals(p, mass * factors, len(t)) for p, t in zip(places, totals, strict=True)]
        error = max(float(np.abs(f - t).max()) / whole for f, t in zip(fitted, totals, strict=True))
        if error <= TOLERANCE:
            return factors, iteration, error
        for place, target in zip(places, totals, strict=True):
            now = group_totals(place, mass * factors, len(target))
            factors *= np.divide(target, now, out=np.zeros_like(target), where=now > 0)[place]
    raise TargetsError(
        "raking did not converge",
        got=f"largest error {error:.2g} of the total after {max_iterations} iterations",
        expected=f"at most {TOLERANCE:.0e}",
        do="margins may contradict each other where cells are empty: collapse levels or drop a margin",
    )


def _summary(
    design: Design, wanted: Margins, codes: tuple[Ints, ...], weights: Floats, iterations: int, error: float
) -> Raking:
    rows = []
    for (name, levels), place in zip(wanted.items(), codes, strict=True):
        size = len(levels)
        n = np.bincount(place, minlength=size)
        before = group_totals(place, design.weights, size) / design.weights.sum()
        after = group_totals(place, weights, size) / weights.sum()
        whole = sum(levels.values())
        rows += [
            (name, level, int(n[k]), target / whole, before[k], after[k])
            for k, (level, target) in enumerate(levels.items())
        ]
    deff = len(weights) * float((weights**2).sum()) / float(weights.sum()) ** 2
    return Raking(
        pd.DataFrame(rows, columns=["variable", "level", "n", "target", "before", "after"]),
        error,
        iterations,
        float(weights.min() / weights.mean()),
        float(weights.max() / weights.mean()),
        deff,
        len(weights) / deff,
        design.notes_with(*wanted),
    )
