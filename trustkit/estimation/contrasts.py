"""Contrasts of estimates: linear, smooth, pairwise, between waves; and any function of the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from trustkit.arguments import (
    ESTIMATE,
    ESTIMATE_OR_FIT,
    FUNCTION,
    NUMBER,
    NUMBER_ROW,
    NUMBERS,
    OPTIONAL_NUMBER,
    accepts,
    one_of,
)
from trustkit.display import NO_CAVEATS, Caveats, Shown, show_numbers, show_p
from trustkit.errors import DataError, suggest
from trustkit.estimation.counted import counts_bundle, unprotected
from trustkit.estimation.distributions import t_p_value, without_df
from trustkit.estimation.results import (
    UNKNOWN,
    Estimate,
    Numbers,
    counts_in_rows,
    estimate_of,
    row_names,
)
from trustkit.estimation.significance import Adjust, adjusted
from trustkit.estimation.wave_rows import matched_rows
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.given_functions import number_from
from trustkit.headings import shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.estimation.counted import Counted, Place

    Floats = NDArray[np.float64]

PAIR_COLUMNS = ("first", "second", "difference", "se", "t", "df", "p_value", "p_adjusted", "reason")

PAIR_NUMBERS = ("difference", "se", "t", "p_value", "p_adjusted")
"""The columns of pairs that are shown as numbers, after the names of both estimates."""

DELTA_DO = "it takes an array of the estimates, one per row, and returns one number"
"""What to do about a function that `trustkit.delta` can't use."""

ENOUGH_DF = 30
"""With more degrees of freedom than this, a smaller number hardly changes a test."""

FEW_DF = 5
"""With fewer degrees of freedom than this, a standard error may be far too small by chance."""

SMALL_GROUP = (
    "One of the groups is small. This result uses the {0:g} degrees of freedom of all groups together, "
    "and may find differences too often. Satterthwaite's rule gives {1:.1f}; tk.contrast accepts it as df."
)

TINY_GROUP = (
    "One of the groups has very few degrees of freedom ({0:g}): its standard error may be too small by "
    "chance. This result uses the {1:g} of all groups together, and may find differences too often. "
    "tk.contrast accepts df={0:g}, which is on the safe side."
)

TEST_OF_TINY_GROUP = (
    "The group {0} has very few degrees of freedom ({1:g}): its standard error may be too small by chance. "
    "This test uses those of all groups together, and may find differences too often."
)

SMALL_GROUPS = (
    "In {} of {} pairs one group is small. Their tests use the degrees of freedom of both groups together, "
    "and may find differences too often; tk.contrast accepts another df."
)


class HasCoefficients(Protocol):
    """A fitted model."""

    @property
    def coefficients(self) -> Estimate:
        """The model's coefficients."""


def contrast(
    estimate: Estimate | HasCoefficients,
    weights: Mapping[str, float] | Sequence[float],
    *,
    conf: float = 0.95,
    df: float | None = None,
) -> Estimate:
    """Estimate a linear combination of estimates, with their full covariance.

    Parameters
    ----------
    estimate
        Any `Estimate`, or the `Fit` of a model, for its coefficients.
    weights
        Row name -> weight (rows not named weigh 0), or one weight per row. A row's name is the part of
        its domain, answer and variable that differs between rows.
    conf
        The interval's coverage.
    df
        Degrees of freedom; None: those of all domains with a weight together.

    Returns
    -------
    Estimate
        One row.

    Raises
    ------
    DataError
        An unknown or ambiguous row name, a wrong number of weights, or a ``df`` that is not above 0.

    Notes
    -----
    c'theta with variance c'Vc; matches ``svycontrast``. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 4.0], "sex": ["m", "m", "f", "f"]})
    >>> by_sex = tk.mean(tk.Design(frame), "trust", by="sex")
    >>> tk.contrast(by_sex, {"f": 1, "m": -1}).estimate.tolist()
    [2.0]
    """
    accepts(
        estimate=(estimate, ESTIMATE_OR_FIT),
        weights=(weights, NUMBERS | NUMBER_ROW),
        conf=(conf, NUMBER),
        df=(df, OPTIONAL_NUMBER),
    )
    estimate = _estimates_in(estimate)
    if df is not None and not df > 0:
        raise DataError(
            "the degrees of freedom can't be used", where="df", got=f"{df:g}", expected="a number above 0",
            do="leave df out to use those of all domains together",
        )  # fmt: skip
    if isinstance(weights, Mapping):
        weights = _named_weights(estimate, weights)
    row = np.asarray(weights, dtype=float)
    if row.shape != estimate.estimate.shape:
        raise DataError(
            "a contrast needs one weight per row", got=str(row.size), expected=str(len(estimate.estimate))
        )
    return weighted_sum(estimate, row, conf=conf, df=df)


def weighted_sum(estimate: Estimate, row: Floats, *, conf: float, df: float | None = None) -> Estimate:
    """Return the sum of the estimates times some weights, shape (m,), with any degrees of freedom."""
    return _combined(estimate, float(row @ estimate.estimate), row[None, :], "contrast", conf, df)


def delta(
    estimate: Estimate | HasCoefficients, function: Callable[[Floats], Floats | float], *, conf: float = 0.95
) -> Estimate:
    """Estimate a smooth function of estimates by the delta method.

    Parameters
    ----------
    estimate
        Any `Estimate`, or the `Fit` of a model, for its coefficients.
    function
        Maps the estimates, shape (m,), to a number, with arithmetic and numpy functions.
    conf
        The interval's coverage.

    Returns
    -------
    Estimate
        One row.

    Raises
    ------
    DataError
        If the function's value is not one finite number.

    Notes
    -----
    The gradient comes from central differences, with steps of the cube root of the machine's precision.
    Its relative error is about 1e-9. Matches ``svycontrast`` of an expression. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 4.0], "sex": ["m", "m", "f", "f"]})
    >>> by_sex = tk.mean(tk.Design(frame), "trust", by="sex")
    >>> tk.delta(by_sex, lambda means: means[0] / means[1]).estimate.round(3).tolist()
    [2.333]
    """
    accepts(estimate=(estimate, ESTIMATE_OR_FIT), function=(function, FUNCTION), conf=(conf, NUMBER))
    estimate = _estimates_in(estimate)
    point = estimate.estimate

    def number_of(values: Floats) -> float:
        return number_from(function, values, name="function", do=DELTA_DO)

    value = number_of(point)
    step = np.finfo(float).eps ** (1 / 3) * np.maximum(np.abs(point), 1e-3)
    sides = np.array(
        [[number_of(point + sign * step * unit) for sign in (1, -1)] for unit in np.eye(len(point))]
    )
    gradient = (sides[:, 0] - sides[:, 1]) / (2 * step)
    return _combined(estimate, value, gradient[None, :], "delta", conf, None)


@dataclass(frozen=True, eq=False, repr=False)
class Pairs(Shown):
    """Differences between all pairs of estimates, with p-values adjusted for their number.

    Attributes
    ----------
    table
        One row per pair: ``first``, ``second``, ``difference`` (first minus second), ``se``, ``t``, ``df``,
        ``p_value``, ``p_adjusted``, and the ``reason`` where there is no test.
    adjust
        How p-values were adjusted.
    base, notes, caveats
        As in `Estimate`.
    counted
        The unweighted respondents behind the estimates that are compared. A number stands wherever it is
        compared, so a published difference from a hidden number is hidden, too.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 5.0], "area": list("aabb")})
    >>> pairs = tk.pairwise(tk.mean(tk.Design(frame), "trust", by="area"))
    >>> pairs.table[["first", "second", "difference", "p_adjusted"]].round(3)
      first second  difference  p_adjusted
    0     a      b        -2.5       0.071
    """

    table: pd.DataFrame
    adjust: Adjust
    base: str
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", PAIR_COLUMNS)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers that are compared, and where each is in the table."""
        return self.counted

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return counts_bundle(self.counted)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair, unrounded."""
        return self.table.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        shown = self.table[["first", "second"]].copy()
        for name in PAIR_NUMBERS:
            is_p = name.startswith("p_")
            shown[shown_name(name)] = (
                list(map(show_p, self.table[name])) if is_p else show_numbers(self.table[name])
            )
        null = "Null hypotheses: the two estimates of a pair are equal."
        missing = [
            f"No test of {first} and {second}: {reason}."
            for first, second, reason in zip(
                self.table["first"], self.table["second"], self.table["reason"], strict=True
            )
            if reason
        ]
        notes = (
            null,
            f"Base: {self.base}.",
            *missing,
            *self.caveats.sentences,
            *self.notes,
            *unprotected(self.counted),
        )
        return f"Pairwise comparisons ({self.adjust})", shown, notes


def pairwise(estimate: Estimate, *, adjust: Adjust = "holm") -> Pairs:
    """Compare all pairs of estimates.

    Parameters
    ----------
    estimate
        Any `Estimate`, such as the means of several groups.
    adjust
        ``holm`` (default) and ``bonferroni`` control the probability of any false finding, ``bh`` (Benjamini
        and Hochberg) the share of false findings; ``none`` adjusts nothing.

    Returns
    -------
    Pairs
        t tests with the estimates' covariance; a pair has the df of its two domains together.

    Raises
    ------
    DataError
        Fewer than two estimates, or an unknown adjustment.

    Notes
    -----
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 5.0, 8.0, 7.0], "area": list("aabbcc")})
    >>> tk.pairwise(tk.mean(tk.Design(frame), "trust", by="area")).to_frame()["difference"].tolist()
    [-2.5, -6.0, -3.5]
    """
    accepts(estimate=(estimate, ESTIMATE), adjust=(adjust, one_of(Adjust)))
    names = row_names(estimate)
    pairs = list(combinations(range(len(names)), 2))
    if not pairs:
        raise DataError(
            "pairs need at least two estimates", got=str(len(names)), do="estimate by a variable with groups"
        )
    first, second = np.array(pairs).T
    difference = estimate.estimate[first] - estimate.estimate[second]
    spread = np.diag(estimate.vcov)
    se = np.sqrt(np.maximum(spread[first] + spread[second] - 2 * estimate.vcov[first, second], 0))
    t = np.divide(difference, se, out=np.full(len(se), np.nan), where=se > 0)
    df = np.array([estimate.df_of(np.isin(np.arange(len(names)), pair)) for pair in pairs])
    p = t_p_value(t, df)
    table = pd.DataFrame(
        {
            "first": [names[i] for i in first],
            "second": [names[j] for j in second],
            "difference": difference,
            "se": se,
            "t": t,
            "df": df,
            "p_value": p,
            "p_adjusted": adjusted(p, adjust),
            "reason": [_no_pair(estimate, *row) for row in zip(pairs, se, df, strict=True)],
        }
    )
    few = sum(
        not reason and bool(_small_group(spread[list(pair)], estimate.df[list(pair)], together))
        for pair, together, reason in zip(pairs, df, table["reason"], strict=True)
    )
    notes = (SMALL_GROUPS.format(few, len(pairs)),) if few else ()
    places: list[list[Place]] = [[] for _ in names]
    for place, pair in enumerate(pairs):
        for row in pair:
            places[row] += [(place, column) for column, _ in enumerate(PAIR_NUMBERS, 2)]
    counted = counts_in_rows(estimate, lambda row: places[row], lambda _: ())
    return Pairs(table, adjust, estimate.base, (*estimate.notes, *notes), estimate.caveats, counted)


def wave_difference(later: Estimate, earlier: Estimate, *, conf: float = 0.95) -> Estimate:
    """Estimate the change between two independent samples, answer by answer.

    Rows are matched by the names of variables, answers and groups, whatever their order. A difference in
    capitals or blanks, and another name of one question with the same wording, is matched and noted.

    Parameters
    ----------
    later, earlier
        The same estimates of two designs that share no PSU. For waves that share respondents use `change`: if
        they are treated as independent, the standard error of the change is silently wrong.
    conf
        The intervals' coverage.

    Returns
    -------
    Estimate
        Later minus earlier, with the sum of both covariances, and the sum of both domains' df.

    Raises
    ------
    DataError
        With every variable, answer and group that only one wave has; or for two different statistics.

    Notes
    -----
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> waves = [tk.mean(tk.Design(pd.DataFrame({"x": values})), "x") for values in ([1.0, 2.0], [3.0, 6.0])]
    >>> tk.wave_difference(waves[1], waves[0]).estimate.tolist()
    [3.0]
    """
    accepts(later=(later, ESTIMATE), earlier=(earlier, ESTIMATE), conf=(conf, NUMBER))
    earlier, matched = matched_rows(later, earlier)
    numbers = Numbers(
        keys=later.keys, value=later.estimate - earlier.estimate, vcov=later.vcov + earlier.vcov,
        n=later.n + earlier.n, held=(*later.held, *earlier.held), df=later.df + earlier.df,
        reasons=tuple(one or other for one, other in zip(later.reasons, earlier.reasons, strict=False)),
    )  # fmt: skip
    notes = tuple(dict.fromkeys(["Two independent samples.", *matched, *later.notes, *earlier.notes]))
    return estimate_of(
        numbers, statistic="difference", base=later.base, conf=conf, notes=notes, labels=later.labels,
        caveats=later.caveats.joined(earlier.caveats),
    )  # fmt: skip


def satterthwaite_df(variances: Floats, df: Floats) -> float:
    """Return the degrees of freedom of a sum of independent estimates by Satterthwaite's rule.

    NaN if a variance is NaN, or an estimate has no degrees of freedom.

    Examples
    --------
    >>> round(satterthwaite_df(np.array([4.0, 1.0]), np.array([2.0, 38.0])), 2)
    3.11
    """
    below = float((variances**2 / df).sum()) if (df > 0).all() else np.nan
    return float(variances.sum() ** 2 / below) if below > 0 else np.nan


def _small_group(variances: Floats, df: Floats, together: float) -> tuple[str, ...]:
    """Return a note if a group has far fewer degrees of freedom than all groups together; else nothing.

    Satterthwaite's rule rests on the estimated variances. It sees no small group where that group's variance
    came out small by chance, which is where a test goes wrong; so few degrees of freedom are noted, too.
    """
    fewest, by_rule = float(df.min()), satterthwaite_df(variances, df)
    if fewest < min(together / 2, FEW_DF):
        return (TINY_GROUP.format(fewest, together),)
    return (SMALL_GROUP.format(together, by_rule),) if by_rule < min(together / 2, ENOUGH_DF) else ()


def note_tiny_group(groups: Sequence[str], df: Floats, together: float) -> tuple[str, ...]:
    """Return a note of a test of all groups at once if one has very few degrees of freedom; else nothing.

    Examples
    --------
    >>> import numpy as np
    >>> note_tiny_group(["Men", "Women"], np.array([30.0, 24.0]), 54.0)
    ()
    >>> note_tiny_group(["Men", "Women"], np.array([30.0, 2.0]), 32.0)[0][:50]
    'The group Women has very few degrees of freedom (2'
    """
    place = int(np.argmin(df))
    fewest = float(df[place])
    if fewest >= min(together / 2, FEW_DF):
        return ()
    return (TEST_OF_TINY_GROUP.format(groups[place], fewest),)


def _estimates_in(given: Estimate | HasCoefficients) -> Estimate:
    """Return an estimate as it is, and the coefficients of a model."""
    return given if isinstance(given, Estimate) else given.coefficients


def _named_weights(estimate: Estimate, weights: Mapping[str, float]) -> list[float]:
    names = row_names(estimate)
    for name in weights:
        if names.count(name) != 1:
            what = "ambiguous" if name in names else "unknown"
            raise DataError(f"the row {name!r} is {what}", do=suggest(name, names))
    return [float(weights.get(name, 0.0)) for name in names]


def _respondents(estimate: Estimate, used: NDArray[np.bool_]) -> int:
    """Count the respondents of some rows: domains are added, while answers and variables share them."""
    by = [name for name in estimate.keys if name not in ("variable", "level")]
    counted = estimate.keys.assign(n=np.where(used, estimate.n, 0))
    return int(counted.groupby(by)["n"].max().sum() if by else counted["n"].max())


def _combined(
    estimate: Estimate, value: float, rows: Floats, statistic: str, conf: float, df: float | None
) -> Estimate:
    """Return one estimate: the combination of rows with the given gradient.

    Rows outside the combination may lack a standard error.
    """
    used = rows[0] != 0 if rows.any() else np.ones(rows.shape[1], dtype=bool)
    names = row_names(estimate)
    words = " ".join(
        f"{'+' if w > 0 else '-'} {abs(w):g} x {name}" for w, name in zip(rows[0], names, strict=True) if w
    )
    level = words if statistic == "contrast" else "function of the estimates"
    together = estimate.df_of(used) if df is None else df
    reasons = [
        f"{name}: {reason}"
        for name, reason, enters in zip(names, estimate.reasons, used, strict=False)
        if reason and enters
    ]
    variances = rows[0, used] ** 2 * np.diag(estimate.vcov)[used]
    is_tested = df is None and not reasons
    notes = _small_group(variances, estimate.df[used], together) if is_tested else ()
    numbers = Numbers(
        keys=pd.DataFrame({"variable": [estimate.keys["variable"].iloc[0]], "level": [level]}),
        value=np.array([float(value)]),
        vcov=rows[:, used] @ estimate.vcov[np.ix_(used, used)] @ rows[:, used].T,
        n=np.array([_respondents(estimate, used)]),
        held=tuple(part.union(used) for part in estimate.held),
        df=np.array([together]),
        reasons=tuple(reasons[:1]) or ("",),
    )
    return estimate_of(
        numbers,
        statistic=statistic,
        base=estimate.base,
        conf=conf,
        notes=(*estimate.notes, *notes),
        caveats=estimate.caveats,
        labels=estimate.labels,
        counted=_counted_together(estimate, used, level),
    )


def _counted_together(estimate: Estimate, used: NDArray[np.bool_], level: str) -> tuple[Counted, ...]:
    """Return the respondents behind the rows that one number is made of, which is called by its level."""
    rows = counts_in_rows(estimate, lambda row: [(row, 0)] if used[row] else (), lambda _: ())
    return tuple(
        table.printing([replace(one, level=level) for one in table.shown if one.cells]) for table in rows
    )


def _no_pair(estimate: Estimate, pair: tuple[int, int], se: float, df: float) -> str:
    """Return why a pair has no test; empty if it has one."""
    if np.isnan(se):
        names = row_names(estimate)
        known = [f"{names[row]}: {estimate.reasons[row]}" for row in pair if estimate.reasons[row]]
        return known[0] if known else UNKNOWN
    return without_df(df) if se > 0 else "the difference has no sampling variance"
