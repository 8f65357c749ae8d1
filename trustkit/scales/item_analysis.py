"""What each item adds to a scale: its mean, spread, missing answers, relation to the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAMES, accepts_estimator
from trustkit.design.held import beside
from trustkit.errors import DataError
from trustkit.estimation.intervals import check_conf, interval, t_interval
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.scales.coefficients import alpha, variance_of_sum
from trustkit.scales.reliability import interval_below_one, opposed
from trustkit.scales.scale_answers import TWO, ScaleAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

STATISTICS = ("mean", "sd", "missing", "floor", "ceiling", "item_total", "item_rest", "alpha_if_dropped")
"""What is estimated of each item, in this order; the last one needs three items."""

SHARES = ("missing", "floor", "ceiling")
CORRELATIONS = ("item_total", "item_rest")

MOST_NUMBERS = 200_000_000
"""The most influences (rows x items x statistics) that are held in memory: 1.6 GB."""


def item_analysis(
    design: Design, items: str | Sequence[str], *, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate what each item adds to a scale, each number with its standard error.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items, where, conf
        As in `trustkit.reliability`.

    Returns
    -------
    Estimate
        One row per item (``variable``) and statistic (``level``): the ``mean`` and the standard deviation
        (``sd``) of its scores, the share without an answer (``missing``), the shares of the lowest
        (``floor``) and highest score that it can have or that was given (``ceiling``), its correlation with
        the sum of all items (``item_total``) and with the sum of the others (``item_rest``), and alpha
        without it (``alpha_if_dropped``). ``missing`` is of those in ``where`` who were asked all items, the
        others are of the respondents with answers to all items. Shares have logit intervals, alpha that of
        `trustkit.reliability`, the others t intervals; those of correlations are cut at -1 and 1.

    Raises
    ------
    DataError
        As `trustkit.reliability` with ``alpha``; too many rows and items for the memory.

    Notes
    -----
    Functions of the items' weighted means and covariance, linearised; replicates estimate again. ``sd``
    divides by the sum of weights. ``item_rest`` equals psych's ``r.drop`` and ``alpha_if_dropped`` its
    ``raw_alpha`` of ``alpha.drop``, without weights and missing answers. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> answers = pd.DataFrame({"a": [1, 2, 4, 5, 3], "b": [2, 2, 5, 4, 3], "c": [1, 3, 5, 5, 2]})
    >>> found = tk.item_analysis(tk.Design(answers), ["a", "b", "c"]).to_frame()
    >>> found[found["level"] == "item_rest"][["variable", "estimate"]].round(2)
       variable  estimate
    6         a      0.91
    14        b      0.87
    22        c      0.90
    """
    accepts_estimator(design, None, where, conf, items=(items, NAMES))
    check_conf(conf)
    answers = ScaleAnswers.of(design, items, where)
    names = answers.names
    statistics = STATISTICS if len(names) > TWO else STATISTICS[:-1]
    size = len(names) * len(statistics)
    if size * len(answers.asked) > MOST_NUMBERS:
        raise DataError(
            "the items' statistics take too much memory",
            got=f"{len(answers.asked):,} rows x {size} statistics",
            expected=f"at most {MOST_NUMBERS:,} numbers",
            do="analyse fewer items at once; reliability takes all of them",
        )  # fmt: skip
    ends = _ends(answers)

    def estimate(weights: Floats) -> Floats:
        covariance, means = answers.covariance(weights), answers.means(weights)
        shares = _shares(answers, ends, weights)
        of_covariance = [value for value, _ in _of_covariance(covariance, names)]
        spreads, missing = np.sqrt(np.diag(covariance)), _missing(answers, weights)
        return np.concatenate([means, spreads, missing, shares, of_covariance])

    weights = design.weights
    covariance = answers.moments[1]
    of_spread = np.eye(len(names)) / (2 * np.sqrt(np.diag(covariance)))
    slopes = [
        *map(np.diag, of_spread),
        *(slope for _, slope in _of_covariance(covariance, names)),
    ]
    quadratic = answers.influences(slopes)
    added = np.column_stack(
        [
            _of_means(answers),
            quadratic[:, : len(names)],
            _of_missing(answers),
            _of_shares(answers, ends),
            quadratic[:, len(names) :],
        ]
    )
    order = np.arange(size).reshape(len(statistics), len(names)).T.ravel()  # item by item
    value = estimate(weights)[order]
    vcov = design.covariance_of(
        added[:, order], inside=answers.asked, refit=lambda other: estimate(other)[order]
    )
    of_missing = np.tile([name == "missing" for name in statistics], len(names))
    both = beside([answers.held(1), answers.held(1, everybody=True)])
    everybody = int((weights[answers.asked] > 0).sum())
    numbers = Numbers(
        keys=pd.DataFrame(
            [(name, statistic) for name in names for statistic in statistics], columns=["variable", "level"]
        ),
        value=value,
        vcov=vcov,
        n=np.where(of_missing, everybody, answers.n),
        held=(replace(both, rows=of_missing.astype(np.intp)),),
        unit=tuple("share" if name in SHARES else "number" for name in statistics) * len(names),
    )
    return estimate_of(
        numbers,
        statistic="item analysis",
        base=answers.base,
        conf=conf,
        limits=_limits(numbers, conf),
        notes=(*answers.notes, *opposed(design, names, covariance)),
        caveats=design.caveats_about(*names),
        labels=design.labels(names),
    )


def _limits(numbers: Numbers, conf: float) -> tuple[Floats, Floats]:
    """Return the ends of the intervals, each of the kind that its statistic needs."""
    statistics = numbers.keys["level"].to_numpy()
    value, se, df = numbers.value, np.sqrt(np.maximum(np.diag(numbers.vcov), 0.0)), numbers.held[0].df
    low, high = t_interval(value, se, df, conf)
    for names, ends in (
        (SHARES, lambda at: interval("logit", value[at], se[at], numbers.n[at].astype(float), df[at], conf)),
        (CORRELATIONS, lambda at: (np.maximum(low[at], -1.0), np.minimum(high[at], 1.0))),
        (STATISTICS[-1:], lambda at: interval_below_one(value[at], se[at], df[at], conf)),
    ):
        at = np.isin(statistics, names)
        low[at], high[at] = ends(at)
    return low, high


def _ends(answers: ScaleAnswers) -> tuple[Floats, Floats]:
    """Return the lowest and highest score of each item: those it can have, else those that were given."""
    low, high = (np.array([end(column) for column in answers.columns]) for end in (np.min, np.max))
    for place, name in enumerate(answers.names):
        about = answers.design.variable(name)
        known = [*about.scoring.values(), *(end for end in (about.low, about.high) if end is not None)]
        if known:
            low[place], high[place] = min([*known, low[place]]), max([*known, high[place]])
    return low, high


def _shares(answers: ScaleAnswers, ends: tuple[Floats, Floats], weights: Floats) -> Floats:
    """Return the weighted shares at the lowest score of each item, then at the highest."""
    inside = weights[answers.complete]
    at = [(answers.scores == end[:, None]) @ inside / inside.sum() for end in ends]
    return np.concatenate(at)


def _missing(answers: ScaleAnswers, weights: Floats) -> Floats:
    """Return the weighted share without an answer to each item, shape (k,)."""
    inside = weights[answers.asked]
    missing: Floats = answers.missing[:, answers.asked] @ inside / inside.sum()
    return missing


def _of_missing(answers: ScaleAnswers) -> Floats:
    """Return what a row adds to the shares without an answer, shape (n, k)."""
    weights, asked = answers.design.weights, answers.asked
    deviations = answers.missing - _missing(answers, weights)[:, None]
    added: Floats = (deviations * asked / weights[asked].sum()).T
    return added


def _of_means(answers: ScaleAnswers) -> Floats:
    """Return what a row adds to the means of the items, shape (n, k)."""
    return _placed(answers, (answers.scores - answers.moments[0][:, None]).T)


def _of_shares(answers: ScaleAnswers, ends: tuple[Floats, Floats]) -> Floats:
    """Return what a row adds to the shares at the ends of the items, shape (n, 2k)."""
    at = np.vstack([answers.scores == end[:, None] for end in ends])
    return _placed(answers, (at - _shares(answers, ends, answers.design.weights)[:, None]).T)


def _placed(answers: ScaleAnswers, deviations: Floats) -> Floats:
    complete, weights = answers.complete, answers.design.weights
    added = np.zeros((len(weights), deviations.shape[1]), order="F")
    added[complete] = deviations / weights[complete].sum()
    return added


def _of_covariance(covariance: Floats, names: Sequence[str]) -> list[tuple[float, Floats]]:
    """Return item-total and item-rest correlations and alpha without an item, with their slopes."""
    k = len(covariance)
    identity = np.eye(k)
    variance_of_sum(covariance, names)
    others = [np.delete(np.arange(k), place) for place in range(k)]
    for kept in others:
        variance_of_sum(covariance[np.ix_(kept, kept)], [names[place] for place in kept.tolist()])
    found = [_correlation(covariance, identity[place], np.ones(k)) for place in range(k)]
    found += [_correlation(covariance, identity[place], 1 - identity[place]) for place in range(k)]
    if k > TWO:
        for kept in others:
            value, small = alpha(covariance[np.ix_(kept, kept)])
            slope = np.zeros((k, k))
            slope[np.ix_(kept, kept)] = small
            found.append((value, slope))
    return found


def _correlation(covariance: Floats, left: Floats, right: Floats) -> tuple[float, Floats]:
    """Return the correlation of two sums of items, with its derivative by the covariance."""
    a, b = float(left @ covariance @ left), float(right @ covariance @ right)
    r = float(left @ covariance @ right) / np.sqrt(a * b)
    joint = np.outer(left, right)
    slope = (joint + joint.T) / (2 * np.sqrt(a * b))
    slope -= r * (np.outer(left, left) / (2 * a) + np.outer(right, right) / (2 * b))
    return float(r), slope
