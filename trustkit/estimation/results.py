"""Results: frozen values that carry their uncertainty, base and method, and show themselves.

Numbers are rounded only when shown. What is shown is the same every time: no addresses, no times. A number
that does not exist is NaN and has a reason in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from trustkit.arguments import NAME, accepts
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import EVERY_ROW, OUTCOME, counted_rows, unprotected
from trustkit.design.engine_arguments import MASK
from trustkit.display import Shown, decimals_of
from trustkit.errors import DataError
from trustkit.estimation.distributions import NO_DF
from trustkit.estimation.intervals import check_conf, interval, t_interval
from trustkit.field_kinds import accepts_fields, accepts_lengths
from trustkit.headings import shortened, shown_name, told_apart
from trustkit.units import MEASURES, SCALES, Unit, common_unit, headed, show_ends, show_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from trustkit.counted import Counted, Place
    from trustkit.design.held import Held
    from trustkit.estimation.intervals import IntervalMethod

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

NO_ANSWERS = {
    "quantile": "level", "item analysis": "statistic", "item nonresponse": "reason",
    "average difference": "change", "average difference of shares": "change",
}  # fmt: skip
"""Statistics whose levels are no answers, and what stands above these levels."""

ONE_RESPONDENT = "it has only one respondent, which shows no sampling variance"
ONE_PSU = "all of its respondents are in one PSU, which shows no sampling variance"
NOBODY = "nobody in the base was asked or answered"
UNDEFINED = "the estimate is not defined for these answers"
UNKNOWN = "the variance is not known: its strata all have a single PSU, or a replicate has no respondents"
NEGATIVE = "the formula for unequal probabilities gives a negative variance; try another method of tk.Pps"

NO_END = "an end of the interval is not defined for these answers"

NAMES_SHOWN = 5
"""The most rows that the note on a missing number names."""


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Shown):
    """Estimates with their standard errors, intervals and full covariance.

    Attributes
    ----------
    keys
        One row per estimate: the ``by`` columns, ``variable`` and ``level``.
    estimate, se, ci_low, ci_high
        Shape (m,). Proportions are between 0 and 1.
    df
        Shape (m,): degrees of freedom of each estimate's domain: the number of PSUs with a respondent of the
        domain whose weight is positive, minus the number of their strata. At 0 there is no interval.
    n
        Shape (m,): respondents in the denominator of each estimate, unweighted.
    n_eff
        Shape (m,): the size of a simple random sample with the same standard error; NaN where that is not
        known (ratios, variances, quantiles, a standard error of zero).
    vcov
        Shape (m, m): the covariance between all estimates, so a contrast between domains is exact.
    statistic, base, ci, conf
        What was estimated, who is counted (in words), the interval's method and its coverage.
    units
        Shape (m,): ``share`` (from 0 to 1, shown in percent), ``points`` (a difference of shares, from -1 to
        1, shown in percentage points) or ``number``.
    notes
        What a reader must know in addition to the numbers.
    caveats
        What a reader must know about the data.
    labels
        Variable -> what a reader sees: the wording of what was estimated, a few words for each of ``by``.
    reasons
        Shape (m,): why an estimate, its standard error or its interval is NaN; empty if none of them is.
    held
        The PSUs and strata of each row's domain, by design; they give the df of several rows together.
    counted
        The unweighted respondents behind the estimates, where they are known.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes", "yes"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> estimate = tk.proportion(tk.Design(frame, weights="w"), "trust")
    >>> estimate.to_frame()[["level", "estimate", "se"]].round(3)
      level  estimate     se
    0    no     0.333  0.301
    1   yes     0.667  0.301
    >>> estimate.vcov.shape
    (2, 2)
    """

    keys: pd.DataFrame
    estimate: NDArray[np.float64]
    se: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    ci_high: NDArray[np.float64]
    df: NDArray[np.float64]
    n: NDArray[np.int64]
    n_eff: NDArray[np.float64]
    vcov: NDArray[np.float64]
    statistic: str
    base: str
    ci: str
    conf: float
    units: tuple[Unit, ...]
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    labels: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        names = ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff", "units")
        accepts_lengths(self, len(self.keys), *names)
        if self.vcov.shape != 2 * self.estimate.shape:
            raise DataError(
                "the argument 'vcov' can't be used",
                where="Estimate",
                got=f"shape {self.vcov.shape}",
                expected=f"shape {2 * self.estimate.shape}",
                do="give one row and one column per estimate",
            )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is shown below the numbers: why some are missing, the caveats in words, and the notes."""
        return (*_missing_in_words(self), *self.caveats.sentences, *self.notes)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per estimate, unrounded.

        Returns
        -------
        DataFrame
            The ``by`` columns, ``variable``, ``level``, ``estimate``, ``se``, ``ci_low``, ``ci_high``,
            ``df``, ``n``, ``n_eff`` and ``reason``.
        """
        return self.keys.assign(
            estimate=self.estimate,
            se=self.se,
            ci_low=self.ci_low,
            ci_high=self.ci_high,
            df=self.df,
            n=self.n,
            n_eff=self.n_eff,
            reason=list(self.reasons) or "",
        )

    def df_of(self, used: NDArray[np.bool_]) -> float:
        """Return the degrees of freedom of the domains of some rows together; ``used`` has shape (m,)."""
        accepts(used=(used, MASK))
        if used.shape != self.df.shape:
            raise DataError(
                "each row of the estimate is used or not",
                got=f"an array of shape {used.shape}", expected=f"shape {self.df.shape}",
                do="give one True or False for each row",
            )  # fmt: skip
        if self.held:
            return sum(part.df_of_union(used) for part in self.held)
        return float(self.df[used].min())

    @property
    def unit(self) -> Unit:
        """The unit of all estimates; ``number`` if they have several."""
        return common_unit(self.units)

    @property
    def decimals(self) -> int:
        """How many decimals tell the estimates apart: the first digit of the smallest standard error."""
        smallest = float(self.se.min(initial=np.inf, where=self.se > 0))
        return decimals_of(smallest) if np.isfinite(smallest) else 1

    @property
    def cv(self) -> NDArray[np.float64]:
        """Coefficient of variation of each estimate, ``se / |estimate|``."""
        return self.se / abs(self.estimate)

    @property
    def deff(self) -> NDArray[np.float64]:
        """Design effect against simple random sampling with replacement, (n - 1) / n_eff.

        Matches R survey's ``deff = "replace"``; NaN where ``n_eff`` is.
        """
        return (self.n - 1) / self.n_eff

    def label(self, variable: str) -> str:
        """Return a variable's wording, or its name if it has none."""
        accepts(variable=(variable, NAME))
        return self.labels.get(variable, variable)

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return dict.fromkeys(MEASURES, self.units)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        columns = len(self._parts()[1].columns)
        first = columns - len(("estimate", "se", "interval", "n"))
        sizes = [int(table.bases.sum()) for table in self.counted if len(table.groups) > 1]
        of_all = len({*self.n.tolist()}) == 1 and sizes == [
            int(self.n[0])
        ]  # each row has the n of all groups
        every = [(row, columns - 1) for row in range(len(self.n))]
        return counts_in_rows(
            self,
            lambda row: [(row, column) for column in range(first, columns - 1)],
            lambda row: every if of_all else [every[row]],
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = keys_in_words(self.keys.astype(str), self.statistic)
        if not table["level"].any():
            table = table.drop(columns="level")
        wording = ""
        if len(set(table["variable"])) == 1:
            wording = f": {self.label(table['variable'].iloc[0])}"
            lone = table.shape[1] == 1
            table = table.replace(dict(self.labels)) if lone else table.drop(columns="variable")
        else:
            table["variable"], shared = shortened([self.label(name) for name in table["variable"]])
            wording = f": {shared}" if shared else ""
        columns = {self.statistic: self.estimate, shown_name("se"): self.se}
        numbers = {
            **{headed(name, self.units): self._shown(values) for name, values in columns.items()},
            headed(f"{self.conf:.0%} interval", self.units): show_ends(
                self.ci_low, self.ci_high, self.units, self.se
            ),
            "n": [f"{count:,}" for count in self.n],
        }
        headings = [self._heading(str(name)) for name in table]
        table.columns = told_apart(headings, [*numbers])
        table = table.assign(**numbers)
        notes = (f"Base: {self.base}.", *self.remarks, *unprotected(self.counted))
        return self.statistic.capitalize() + wording, table, notes

    def _shown(self, values: Floats) -> list[str]:
        return show_values(values, self.units, self.se)

    def _heading(self, name: str) -> str:
        """Return what a reader sees above a column of the keys."""
        if name == "level" and self.statistic in NO_ANSWERS:
            return NO_ANSWERS[self.statistic]
        return {"variable": "question", "level": "answer"}.get(name, self.label(name))


def keys_in_words(keys: pd.DataFrame, statistic: str) -> pd.DataFrame:
    """Return the keys of an estimate with levels of quantiles in percent: at 25%, a quarter have less.

    Examples
    --------
    >>> import pandas as pd
    >>> keys = pd.DataFrame({"variable": "age", "level": ["0.25", "0.5", "0.999"]})
    >>> keys_in_words(keys, "quantile")["level"].tolist()
    ['25%', '50% (median)', '99.9%']
    """
    if statistic != "quantile":
        return keys
    words = [f"{SCALES['share'] * float(level):g}%" for level in keys["level"]]
    return keys.assign(level=["50% (median)" if word == "50%" else word for word in words])


@dataclass(frozen=True, eq=False)
class Numbers:
    """The values and covariance that an `Estimate` is made from, before its intervals.

    Attributes
    ----------
    keys, n, vcov, held
        As in `Estimate`.
    value
        Shape (m,).
    spread
        Shape (m,): the variance of one respondent's contribution; None if ``n_eff`` has no meaning.
    df
        Shape (m,); None: the df of the domains in ``held``.
    reasons
        Shape (m,): why a number is missing, if this is known already.
    unit
        The unit of all values, or of each.
    """

    keys: pd.DataFrame
    value: Floats
    vcov: Floats
    n: NDArray[np.int64]
    held: tuple[Held, ...] = ()
    spread: Floats | None = None
    df: Floats | None = None
    reasons: tuple[str, ...] = ()
    unit: Unit | tuple[Unit, ...] = field(kw_only=True)


def estimate_of(
    numbers: Numbers,
    *,
    statistic: str,
    base: str,
    conf: float,
    ci: IntervalMethod | Literal["t", "Woodruff"] = "t",
    limits: tuple[Floats, Floats] | None = None,
    notes: tuple[str, ...] = (),
    caveats: Caveats = NO_CAVEATS,
    labels: Mapping[str, str] | None = None,
    counted: tuple[Counted, ...] = (),
) -> Estimate:
    """Return estimates with standard errors, intervals, and the reason of every number that is missing.

    This is the only place that builds an `Estimate` from numbers. A domain in one PSU has no standard error,
    except for a total: the PSUs without respondents show how a total varies. A domain without degrees of
    freedom has no interval.

    Parameters
    ----------
    numbers
        Values, covariance and sizes.
    statistic, base, conf, notes, caveats, labels, counted
        As in `Estimate`.
    ci
        ``t``, the method of a proportion's interval, or the name of the method that gave ``limits``.
    limits
        The intervals' ends, if they are not made from the standard errors.
    """
    check_conf(conf)
    df = sum((part.df for part in numbers.held), np.zeros(len(numbers.value)))
    df = df if numbers.df is None else numbers.df
    alone = np.zeros(len(df), dtype=bool)
    if statistic != "total":
        alone = np.logical_or.reduce([alone, *(part.alone for part in numbers.held)])
    vcov = numbers.vcov.astype(float, copy=True)
    vcov[alone], vcov[:, alone] = np.nan, np.nan
    se = np.sqrt(np.maximum(np.diag(vcov), 0.0))
    if limits is not None:
        low, high = limits
    elif ci in ("t", "Woodruff"):
        low, high = t_interval(numbers.value, se, df, conf)
    else:
        low, high = interval(cast("IntervalMethod", ci), numbers.value, se, numbers.n.astype(float), df, conf)
    size = np.full(len(se), np.nan) if numbers.spread is None else effective_n(numbers.spread, se)
    return Estimate(
        keys=numbers.keys.reset_index(drop=True), estimate=numbers.value, se=se, ci_low=low, ci_high=high,
        df=df, n=numbers.n, n_eff=size, vcov=vcov, statistic=statistic, base=base, ci=ci, conf=conf,
        units=numbers.unit if isinstance(numbers.unit, tuple) else (numbers.unit,) * len(numbers.value),
        notes=notes, caveats=caveats,
        labels=labels or {}, reasons=_reasons(numbers, (se, low, high), df, alone), held=numbers.held,
        counted=counted,
    )  # fmt: skip


def effective_n(spread: Floats, se: Floats) -> Floats:
    """Return the size of a simple random sample with these standard errors; NaN where they are not positive.

    Examples
    --------
    >>> effective_n(np.array([4.0, 4.0]), np.array([0.2, 0.0])).round(6).tolist()
    [100.0, nan]
    """
    sizes: Floats = np.divide(spread, se**2, out=np.full(len(se), np.nan), where=se > 0)
    return sizes


def shifted(estimates: Estimate, by: Floats) -> Estimate:
    """Return estimates moved by known numbers, of shape (m,)."""
    return replace(
        estimates,
        estimate=estimates.estimate + by,
        ci_low=estimates.ci_low + by,
        ci_high=estimates.ci_high + by,
    )


def scaled(estimates: Estimate, factors: Floats) -> Estimate:
    """Return estimates multiplied by known factors, of shape (m,)."""
    return replace(
        estimates,
        estimate=estimates.estimate * factors,
        se=estimates.se * factors,
        ci_low=estimates.ci_low * factors,
        ci_high=estimates.ci_high * factors,
        vcov=estimates.vcov * np.outer(factors, factors),
    )


def counts_in_rows(
    estimate: Estimate, cells: Callable[[int], Sequence[Place]], bases: Callable[[int], Sequence[Place]]
) -> tuple[Counted, ...]:
    """Return the respondents behind an estimate that is printed with a row of a table for each of its rows.

    Parameters
    ----------
    estimate
        The estimate.
    cells
        Returns the places of the numbers of an estimate's row.
    bases
        Returns the places of its base.
    """
    keys = estimate.keys.astype(str)
    names = [str(name) for name in keys]
    rows = {row: number for number, row in enumerate(keys.itertuples(index=False, name=None))}
    by_question: dict[tuple[str, str], list[int]] = {}
    for number, pair in enumerate(keys[["variable", "level"]].itertuples(index=False, name=None)):
        by_question.setdefault(pair, []).append(number)
    lone = keys["variable"].iloc[0] if len(set(keys["variable"])) == 1 else ""
    named = {} if keys["level"].any() else {name: row for row, name in enumerate(keys["variable"])}
    found = []
    if not estimate.counted:
        every = [f"{number}: {', '.join(row)}" for row, number in rows.items()]
        return (counted_rows(every, estimate.n, cells, bases),)
    for table in estimate.counted:
        shown = []
        for one in table.shown:
            own = dict(zip(table.by, table.groups[one.group], strict=True))
            own |= {"variable": lone or table.variable.removesuffix(OUTCOME), "level": one.level}
            lacking = [name for name in names if name not in own]
            if len(lacking) == 1 and not keys["level"].any():  # a name of its own for each number, as a stage
                own |= {lacking[0]: one.level, "level": ""}
            row = 0 if len(keys) == 1 else rows.get(tuple(own.get(name, "") for name in names))
            row = named.get(one.level) if row is None else row
            alone = by_question.get((own["variable"], own["level"]), [])
            row = alone[0] if row is None and len(alone) == 1 else row
            places = range(len(keys)) if one.level == EVERY_ROW else () if row is None else (row,)
            if places:
                shown.append(
                    replace(
                        one,
                        cells=tuple(cell for place in places for cell in cells(place)),
                        base_cells=tuple(cell for place in places for cell in bases(place)),
                    )
                )
        found.append(table.printing(shown))
    return tuple(found)


def in_every_row(estimate: Estimate) -> tuple[Counted, ...]:
    """Return the respondents behind an estimate, for results of which each number is made of all its rows."""
    return tuple(
        table.printing([replace(one, level=EVERY_ROW) for one in table.shown])
        for table in counts_behind(estimate)
    )


def counts_behind(estimate: Estimate) -> tuple[Counted, ...]:
    """Return the respondents behind an estimate, for a number that is made of all its rows."""
    return counts_in_rows(estimate, lambda _: (), lambda _: ())


def row_names(estimate: Estimate) -> list[str]:
    """Name each row of an estimate by the parts that differ: its domain, variable and answer.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0], "sex": ["m", "f"], "age": ["old", "old"]})
    >>> row_names(tk.mean(tk.Design(frame), "trust", by=["sex", "age"]))
    ['f', 'm']
    """
    keys = estimate.keys.astype(str)
    varying = [name for name in keys if len(set(keys[name])) > 1] or [str(keys.columns[-2])]
    return [", ".join(parts) for parts in keys[varying].itertuples(index=False, name=None)]


def _reasons(
    numbers: Numbers, shown: tuple[Floats, Floats, Floats], df: Floats, alone: Bools
) -> tuple[str, ...]:
    """Return for each row why a number is missing; empty if none is."""
    reasons = []
    for row, value in enumerate(numbers.value):
        reason = ""
        if np.isnan([value, *(part[row] for part in shown)]).any():
            if alone[row]:
                reason = ONE_RESPONDENT if numbers.n[row] == 1 else ONE_PSU
            elif numbers.reasons and numbers.reasons[row]:
                reason = numbers.reasons[row]
            elif np.isnan(value):
                reason = UNDEFINED
            else:
                unknown = NEGATIVE if any(part.unequal for part in numbers.held) else UNKNOWN
                reason = unknown if np.isnan(shown[0][row]) else NO_DF if df[row] <= 0 else NO_END
        reasons.append(reason)
    return tuple(reasons)


def _missing_in_words(estimate: Estimate) -> list[str]:
    """Return a sentence for each reason why numbers of an estimate are missing, with its rows."""
    rows: dict[str, list[str]] = {}
    for name, reason in zip(row_names(estimate), estimate.reasons, strict=False):
        if reason:
            rows.setdefault(reason, []).append(name)
    return [
        f"Not known for {', '.join(names[:NAMES_SHOWN])}"
        f"{f' and {len(names) - NAMES_SHOWN} more' if len(names) > NAMES_SHOWN else ''}: {reason}."
        for reason, names in rows.items()
    ]
