"""One figure over several sources: random effects, and what another source would be expected to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import special

from trustkit.arguments import NUMBER, NUMBERS, ArgumentKind, accepts, is_of, one_of
from trustkit.claims.registry import unverified
from trustkit.display import Shown, p_in_words, show_interval, show_share
from trustkit.errors import ClaimError, DataError, suggest
from trustkit.estimation.distributions import chi2_p_value, t_reach
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.precision import implied_deff
from trustkit.estimation.results import Estimate
from trustkit.field_kinds import accepts_columns, accepts_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.claims.registry import PublishedFigure

    Floats = NDArray[np.float64]

Heterogeneity = Literal["reml", "pm", "dl"]
PooledInterval = Literal["hksj", "z"]
Scale = Literal["logit", "share"]
UnlikeBases = Literal["refuse", "allow"]

FEWEST = 3
"""Fewer sources are shown and not pooled: they don't show how much sources differ."""

TOO_FEW = f"fewer than {FEWEST} sources do not show how much sources differ, so they are not pooled"
MOST_STEPS = 1_000
"""Steps after which the restricted likelihood is given up."""

CLOSE = 1e-13
"""The relative step at which the variance between sources has settled."""

FIGURES = ArgumentKind(
    lambda value: isinstance(value, list | tuple) and all(is_of(part, "PublishedFigure") for part in value),
    "a list of PublishedFigures",
    "take them from tk.published_figures()",
)
SOURCE_COLUMNS = (
    "figure",
    "source",
    "published",
    "n",
    "deff",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "weight",
)


@dataclass(frozen=True)
class Pooled:
    """Random effects over estimates on one scale.

    Attributes
    ----------
    estimate, se, low, high
        The mean over sources, with its interval.
    future_low, future_high
        The prediction interval: where the true value of another source is expected.
    tau2, i2, q, q_p
        The variance between sources, its share of the total variance in percent, and Cochran's test.
    weights
        Shape (k,): the share of each source in the mean.
    """

    estimate: float
    se: float
    low: float
    high: float
    future_low: float
    future_high: float
    tau2: float
    i2: float
    q: float
    q_p: float
    weights: tuple[float, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Synthesis(Shown):
    """One published figure over several sources.

    Attributes
    ----------
    table
        One row per source: ``figure``, ``source``, ``published`` (percent), ``n``, ``deff``, ``estimate``,
        ``se``, ``ci_low``, ``ci_high`` (shares from 0 to 1), and its ``weight`` in the mean.
    estimate, ci_low, ci_high
        The mean share over sources, from 0 to 1; NaN if they were not pooled.
    pi_low, pi_high
        The prediction interval: where the share of another source of this kind is expected.
    tau2, i2, q, q_p
        The variance between sources on the scale of the method, its share of the total variance in percent,
        and Cochran's test of equal shares.
    method, conf
        How it was computed, in words, and the coverage of the intervals.
    reason
        Why the sources were not pooled; empty if they were.
    notes
        What a reader must also know.

    Examples
    --------
    >>> import trustkit as tk
    >>> registry = tk.published_figures()
    >>> figures = [registry[name] for name in ("pew_2019_companies", "pew_2023_companies", "opc_concerned")]
    >>> round(tk.synthesize(figures, deff=1.5).estimate, 2)
    0.86
    """

    table: pd.DataFrame
    estimate: float
    ci_low: float
    ci_high: float
    pi_low: float
    pi_high: float
    tau2: float
    i2: float
    q: float
    q_p: float
    method: str
    conf: float
    reason: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", SOURCE_COLUMNS)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per source, as ``table``."""
        return self.table.copy()

    @property
    def estimates(self) -> Estimate:
        """The sources, and all of them together if they were pooled; `trustkit.dot_interval` draws them.

        Sources are independent, so their covariances are 0; those with the mean are not given (NaN).
        """
        columns = [self.table[name].to_numpy(dtype=float) for name in ("estimate", "se", "ci_low", "ci_high")]
        n = self.table["n"].to_numpy(dtype=np.int64)
        names = self.table["source"].tolist()
        if len(set(names)) < len(names):
            names = [f"{one}: {other}" for one, other in zip(names, self.table["figure"], strict=True)]
        vcov = np.diag(columns[1] ** 2)
        if not self.reason:
            last = (self.estimate, nan, self.ci_low, self.ci_high)
            columns = [np.append(column, value) for column, value in zip(columns, last, strict=True)]
            names.append("All sources")
            vcov = np.pad(vcov, (0, 1), constant_values=nan)
            n = np.append(n, n.sum())
        value, se, low, high = columns
        return Estimate(
            keys=pd.DataFrame({"source": names, "variable": "share", "level": ""}),
            estimate=value, se=se, ci_low=low, ci_high=high, df=np.full(len(value), inf), n=n,
            n_eff=np.full(len(value), nan), vcov=vcov, statistic="proportion",
            base="the respondents of each source",
            ci=self.method, conf=self.conf, units=tuple(["share"] * len(value)), notes=self.notes,
        )  # fmt: skip

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        rows = self.table
        shown = pd.DataFrame(
            {
                "figure": rows["figure"],
                "source": rows["source"],
                "published": [f"{value:g}%" for value in rows["published"]],
                f"{self.conf:.0%} interval": [
                    show_interval(low, high, show_share)
                    for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
                ],
                "n": [f"{count:,}" for count in rows["n"]],
                "weight": [show_share(weight) for weight in rows["weight"]],
            }
        )
        if self.reason:
            return "One figure over its sources", shown, (f"Not pooled: {self.reason}.", *self.notes)
        mean = show_interval(self.ci_low, self.ci_high, show_share)
        future = show_interval(self.pi_low, self.pi_high, show_share)
        share, p = show_share(self.estimate), p_in_words(self.q_p)
        pooled = (
            f"All sources together: {share} ({self.conf:.0%} interval {mean}).",
            f"Where another source of this kind is expected ({self.conf:.0%} prediction interval): {future}.",
            f"Variance between sources: {self.i2:.0f}% of all variance; test of equal shares: {p}.",
            f"Method: {self.method}.",
        )
        return "One figure over its sources", shown, (*pooled, *self.notes)


def synthesize(
    figures: Sequence[PublishedFigure],
    *,
    deff: float | Mapping[str, float] | None = None,
    method: Heterogeneity = "reml",
    interval: PooledInterval = "hksj",
    scale: Scale = "logit",
    base_differs: UnlikeBases = "refuse",
    conf: float = 0.95,
) -> Synthesis:
    """Combine one published figure over several sources by random effects.

    Parameters
    ----------
    figures
        Published percentages with their exact n, from independent samples that were asked the same.
    deff
        The design effect of all of them, or of each by the figure's name. A figure with a stated margin of
        error implies its own.
    method
        The variance between sources: ``reml``, ``pm`` (Paule and Mandel) or ``dl`` (DerSimonian and Laird).
    interval
        ``hksj``: t with k - 1 degrees of freedom and the standard error of Hartung, Knapp, Sidik and
        Jonkman. ``z``: normal.
    scale
        ``logit``: the sources vary around a mean of log odds; ``share``: around a mean share.
    base_differs
        ``refuse`` sources whose bases differ in words, or ``allow`` them, with a note.
    conf
        Coverage of the intervals.

    Returns
    -------
    Synthesis
        Fewer than three sources are shown and not pooled. Its notes name figures of the same publication and
        fieldwork, which are not independent, and sources of which no page was read.

    Raises
    ------
    ClaimError
        If a figure is given twice, is no percentage, has no exact n or no design effect, or is 0 or 100; if
        ``deff`` names another figure; or if the bases differ.

    Notes
    -----
    y_i = logit(p_i), v_i = deff_i / (n_i p_i (1 - p_i)). The mean is weighted by 1 / (v_i + tau^2). The
    prediction interval is mean +- t(k - 1) sqrt(tau^2 + se^2), or normal if the interval is (Higgins,
    Thompson and Spiegelhalter 2009). Matches R's metafor, ``rma`` and ``predict``. The sources' own
    intervals are normal on the scale. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import trustkit as tk
    >>> registry = tk.published_figures()
    >>> two = [registry["kpmg_2020"], registry["kpmg_2021"]]
    >>> tk.synthesize(two, deff=1.5).reason
    'fewer than 3 sources do not show how much sources differ, so they are not pooled'
    """
    accepts(
        figures=(figures, FIGURES), deff=(deff, (NUMBER | NUMBERS).optional()),
        method=(method, one_of(Heterogeneity)), interval=(interval, one_of(PooledInterval)),
        scale=(scale, one_of(Scale)),
        base_differs=(base_differs, one_of(UnlikeBases)), conf=(conf, NUMBER),
    )  # fmt: skip
    check_conf(conf)
    _refuse_unfit(figures)
    if isinstance(deff, Mapping):
        names = [figure.name for figure in figures]
        for name in deff:
            if name not in names:
                raise ClaimError(
                    f"deff names {name!r}, which is not one of the figures", do=suggest(name, names)
                )
    bases = list(dict.fromkeys(figure.base or "all respondents" for figure in figures))
    if len(bases) > 1 and base_differs == "refuse":
        raise ClaimError(
            "the bases of the figures differ", got="; ".join(bases), expected="one base",
            do="leave sources out, or pass base_differs='allow' if the bases mean the same",
        )  # fmt: skip
    p = np.array([figure.published / 100 for figure in figures])
    n = np.array([figure.n for figure in figures], dtype=np.int64)
    deffs = np.array([_deff(figure, deff) for figure in figures])
    se = np.sqrt(deffs * p * (1 - p) / n)
    y, spread = (special.logit(p), se / (p * (1 - p))) if scale == "logit" else (p, se)

    def back(value: Floats | float) -> Floats:
        return np.asarray(special.expit(value) if scale == "logit" else value, dtype=float)

    reach = float(t_reach(inf, conf))
    few = len(figures) < FEWEST
    pooled = None if few else random_effects(y, spread, method=method, interval=interval, conf=conf)
    table = pd.DataFrame(
        {
            "figure": [figure.title for figure in figures], "source": [figure.source for figure in figures],
            "published": [figure.published for figure in figures], "n": n, "deff": deffs, "estimate": p,
            "se": se,
            "ci_low": back(y - reach * spread), "ci_high": back(y + reach * spread),
            "weight": nan if pooled is None else pooled.weights,
        }
    )  # fmt: skip
    notes = [] if deff is None else [_assumed(figures, deffs)]
    notes += [] if len(bases) == 1 else [f"The bases differ: {'; '.join(bases)}."]
    populations = list(dict.fromkeys(figure.population for figure in figures))
    notes += [] if len(populations) == 1 else [f"The populations differ: {'; '.join(populations)}."]
    notes += [*_same_respondents(figures), *unverified(figures)]
    words = f"random effects on the {scale} scale, {method.upper()}, {interval.upper()} interval"
    result = Synthesis(
        table, nan, nan, nan, nan, nan, nan, nan, nan, nan, method=words, conf=conf, reason=TOO_FEW,
        notes=tuple(notes),
    )  # fmt: skip
    if pooled is None:
        return result
    return replace(
        result, reason="", tau2=pooled.tau2, i2=pooled.i2, q=pooled.q, q_p=pooled.q_p,
        estimate=float(back(pooled.estimate)), ci_low=float(back(pooled.low)),
        ci_high=float(back(pooled.high)), pi_low=float(back(pooled.future_low)),
        pi_high=float(back(pooled.future_high)),
    )  # fmt: skip


def random_effects(
    y: Floats, se: Floats, *, method: Heterogeneity, interval: PooledInterval, conf: float
) -> Pooled:
    """Pool independent estimates by random effects.

    Parameters
    ----------
    y, se
        Shape (k,), k of at least 2.
    method, interval, conf
        As in `synthesize`.

    Examples
    --------
    >>> pooled = random_effects(
    ...     np.array([0.5, 0.6, 0.7]), np.array([0.1, 0.1, 0.1]), method="dl", interval="z", conf=0.95
    ... )
    >>> round(pooled.estimate, 3), pooled.tau2
    (0.6, 0.0)
    """
    v, k = se**2, len(y)
    fixed = 1 / v
    centre = float(fixed @ y / fixed.sum())
    q = float(fixed @ (y - centre) ** 2)
    typical = float(fixed.sum() - (fixed**2).sum() / fixed.sum())
    moment = max((q - (k - 1)) / typical, 0.0)
    tau2 = {"dl": lambda: moment, "pm": lambda: _paule_mandel(y, v), "reml": lambda: _reml(y, v, moment)}[
        method
    ]()
    weights = 1 / (v + tau2)
    mean = float(weights @ y / weights.sum())
    error = float(1 / np.sqrt(weights.sum()))
    if interval == "hksj":
        error = float(np.sqrt(weights @ (y - mean) ** 2 / ((k - 1) * weights.sum())))
    reach = float(t_reach(inf if interval == "z" else float(k - 1), conf))
    future = reach * float(np.sqrt(tau2 + error**2))
    return Pooled(
        mean, error, mean - reach * error, mean + reach * error, mean - future, mean + future, tau2,
        100 * tau2 / (tau2 + (k - 1) / typical), q, chi2_p_value(q, float(k - 1)),
        tuple(float(part) for part in weights / weights.sum()),
    )  # fmt: skip


def _generalised_q(y: Floats, v: Floats, tau2: float) -> float:
    weights = 1 / (v + tau2)
    return float(weights @ (y - weights @ y / weights.sum()) ** 2)


def _paule_mandel(y: Floats, v: Floats) -> float:
    """Return the variance at which the weighted sum of squares equals its expectation, by bisection."""
    wanted = len(y) - 1
    if _generalised_q(y, v, 0.0) <= wanted:
        return 0.0
    low, high = 0.0, float(np.var(y) * len(y))
    while high - low > CLOSE * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _generalised_q(y, v, middle) > wanted else (low, middle)
    return (low + high) / 2


def _reml(y: Floats, v: Floats, start: float) -> float:
    """Return the variance that maximises the restricted likelihood, by Fisher's scoring.

    Raises
    ------
    DataError
        If the steps do not settle.
    """
    tau2 = start
    for _ in range(MOST_STEPS):
        weights = 1 / (v + tau2)
        total = weights.sum()
        mean = weights @ y / total
        squares = weights**2
        information = squares.sum() - 2 * (weights**3).sum() / total + (squares.sum() / total) ** 2
        score = squares @ (y - mean) ** 2 - total + squares.sum() / total
        step = float(score / information)
        following = max(tau2 + step, 0.0)
        if abs(following - tau2) <= CLOSE * max(following, float(v.min())):
            return following
        tau2 = following
    raise DataError(
        "the variance between sources did not settle", got=f"{MOST_STEPS} steps", do="use method='pm'"
    )


def _refuse_unfit(figures: Sequence[PublishedFigure]) -> None:
    """Refuse figures that are given twice, or have no standard error."""
    if not figures:
        raise ClaimError("there is no figure to combine", expected="a list of published figures")
    names = [figure.name for figure in figures]
    for figure in figures:
        reason = (
            "it is given twice" if names.count(figure.name) > 1
            else f"it is a {figure.statistic}, and no percentage" if figure.statistic != "proportion"
            else f"n is {figure.n_words or 'not published'}, and an exact n is needed" if figure.n is None
            else "0 and 100 percent have no standard error" if not 0 < figure.published < 100  # noqa: PLR2004
            else ""
        )  # fmt: skip
        if reason:
            raise ClaimError(
                f"the figure {figure.name!r} cannot be combined with others", got=reason, do="leave it out"
            )


def _assumed(figures: Sequence[PublishedFigure], deffs: Floats) -> str:
    """Return the note on design effects that somebody gave and no source published."""
    if len(set(deffs.tolist())) == 1:
        return f"Each source is taken to have a design effect of {deffs[0]:g}."
    each = "; ".join(f"{one.title}: {value:g}" for one, value in zip(figures, deffs, strict=True))
    return f"The sources are taken to have these design effects: {each}."


def _same_respondents(figures: Sequence[PublishedFigure]) -> tuple[str, ...]:
    """Return a note that names the figures of one survey; none if each is of its own."""
    surveys = [(figure.publication, figure.fieldwork) for figure in figures]
    titles = [
        figure.title for figure, survey in zip(figures, surveys, strict=True) if surveys.count(survey) > 1
    ]
    if not titles:
        return ()
    return (f"Taken as independent, although the same respondents may have answered: {'; '.join(titles)}.",)


def _deff(figure: PublishedFigure, deff: float | Mapping[str, float] | None) -> float:
    """Return the design effect that was given for a figure, or that its margin of error implies."""
    value = deff.get(figure.name) if isinstance(deff, Mapping) else deff
    if value is None and figure.margin is not None and figure.n is not None:
        value = implied_deff(figure.margin, figure.n)
    if value is None:
        raise ClaimError(
            f"the design effect of {figure.name!r} is not published", expected="deff",
            do="state one, such as deff=1.5, and show how the result depends on it",
        )  # fmt: skip
    if not (isfinite(value) and value > 0):
        raise ClaimError(
            "a design effect is positive", where=figure.name, got=f"{value:g}", do="correct deff"
        )
    return float(value)
