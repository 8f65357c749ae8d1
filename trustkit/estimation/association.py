"""Tests of association and of fit: Rao-Scott, Wald and the exact sum of chi-squares.

Every test takes its covariance from `Design.covariance` and states its null hypothesis in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from trustkit.arguments import DESIGN, NAME, NUMBERS, WHERE, accepts, one_of
from trustkit.counted import counted_table
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Functional
from trustkit.errors import DataError, install_hint
from trustkit.estimation.distributions import chi2_p_value, f_p_value, normal_p_value, without_df
from trustkit.estimation.domains import Domains, left_out
from trustkit.estimation.estimates import proportion
from trustkit.estimation.results import UNKNOWN, counts_behind
from trustkit.estimation.significance import TestResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

ChisqStatistic = Literal["F", "Chisq", "Wald", "adjWald", "saddlepoint", "lincom"]

OUTSIDE = "not in the table"
"""Where respondents are who did not answer both questions."""

KNOWN = (
    "the shares have no sampling variance: the weights were fitted to them, or all PSUs have the same shares"
)
FEW_PSUS = "the covariance of the table is singular: too few PSUs, or weights that were fitted to part of it"


def chisq_test(
    design: Design,
    row: str,
    column: str,
    *,
    where: Where = None,
    statistic: ChisqStatistic = "F",
) -> TestResult:
    """Test whether two coded variables are associated.

    Parameters
    ----------
    design
        The design.
    row, column
        Variables with labelled answers; don't know and refused are left out.
    where
        As in `trustkit.proportion`.
    statistic
        ``F`` (second-order Rao-Scott, default), ``Chisq`` (first-order), ``Wald``, ``adjWald``,
        ``lincom`` (the exact weighted sum of chi-squares, through the package gx2) or ``saddlepoint`` (its
        approximation).

    Returns
    -------
    TestResult
        With Cramer's V of the weighted table as its effect size.

    Raises
    ------
    DataError
        Unknown variables or statistic, nobody in the base, or ``lincom`` without gx2.

    Notes
    -----
    Rao and Scott 1984 (doi:10.1214/aos/1176346391); matches ``svychisq``. Answers that nobody gave are left
    out of the table. R survey's Pearson statistic counts rows without an answer in n; here n is the base's.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"a": list("xxyyxy") * 5, "b": list("pqpqpq") * 5})
    >>> round(tk.chisq_test(tk.Design(frame), "a", "b").p_value, 3)
    0.083
    """
    accepts(
        design=(design, DESIGN),
        row=(row, NAME),
        column=(column, NAME),
        where=(where, WHERE),
        statistic=(statistic, one_of(ChisqStatistic)),
    )
    table = _Table.of(design, row, column, where)
    name = "F" if statistic in ("F", "Wald", "adjWald") else "X-squared"
    about: dict[str, Any] = {
        "null": f"{design.called(row)} and {design.called(column)} are independent",
        "n": table.n,
        "base": table.base,
        "notes": table.notes,
        "counted": (table.counted,),
        "caveats": design.caveats_about(row, column, *(where if isinstance(where, Mapping) else ())),
    }
    r, c = table.shape
    test = f"Test of association: {design.called(row)} by {design.called(column)} ({statistic})"
    reason = table.impossible() or table.without_variance(statistic)
    if reason:
        return TestResult(
            test, statistic=np.nan, statistic_name=name, df=(), p_value=np.nan, reason=reason, **about
        )
    effect = float(np.sqrt(table.phi2 / (min(r, c) - 1)))
    shape: dict[str, Any] = {"effect": effect, "effect_name": "Cramer's V", "statistic_name": name, **about}
    if statistic in ("Wald", "adjWald"):
        value, df = table.wald(table.df)
        if statistic == "adjWald":
            value, df = value * (1 - (df[0] - 1) / df[1]), (df[0], df[1] - df[0] + 1)
        return _f_result(test, value, df, **shape)
    x2 = table.n * table.phi2
    delta = table.design_effects()
    roots = np.asarray(np.linalg.eigvals(delta).real, dtype=float)
    trace = float(np.trace(delta))
    if statistic == "Chisq":
        p = chi2_p_value(x2 / trace * len(delta), float(len(delta)))
        return TestResult(test, statistic=x2, df=(float(len(delta)),), p_value=p, **shape)
    d0 = trace**2 / float(np.trace(delta @ delta))
    if statistic == "F":
        df = (d0, d0 * table.df)
        return _f_result(test, x2 / trace, df, **shape)
    # R survey uses the integer part of the denominator's df; with replicates, it uses a chi-square sum.
    if reason := without_df(table.df):
        return TestResult(test, statistic=np.nan, df=(), p_value=np.nan, reason=reason, **shape)
    ddf = d0 * table.df if design.replicates is None else np.inf
    p = saddlepoint_p(x2, roots, ddf) if statistic == "saddlepoint" else lincom_p(x2, roots, ddf)
    return TestResult(test, statistic=x2, df=(), p_value=p, **shape)


def gof_test(design: Design, variable: str, probs: Mapping[str, float], *, where: Where = None) -> TestResult:
    """Test whether the answers to one question have given probabilities.

    Parameters
    ----------
    design
        The design.
    variable
        A variable with labelled answers.
    probs
        Answer -> probability under the null hypothesis; they are scaled to sum to one.
    where
        As in `trustkit.proportion`.

    Returns
    -------
    TestResult
        F with second-order Rao-Scott correction; its effect size is Cohen's w.

    Raises
    ------
    DataError
        Unknown variable, answers that don't match, or a probability that isn't positive.

    Notes
    -----
    Rao and Scott 1981 (doi:10.1080/01621459.1981.10477633) with the F correction of Thomas and Rao 1987, in
    the null's metric. R survey's ``svygofchisq`` differs: it uses totals without the F correction.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"side": ["heads"] * 6 + ["tails"] * 4})
    >>> round(tk.gof_test(tk.Design(frame), "side", {"heads": 0.5, "tails": 0.5}).p_value, 3)
    0.555
    """
    accepts(design=(design, DESIGN), variable=(variable, NAME), probs=(probs, NUMBERS), where=(where, WHERE))
    labels = coded_variable(design, variable).labels
    missing = [label for label in labels if label not in probs]
    extra = [label for label in probs if label not in labels]
    expected = np.array([float(probs.get(label, np.nan)) for label in labels])
    if missing or extra or not (expected > 0).all():
        raise DataError(
            "the probabilities don't match the answers", where=variable,
            got=", ".join(f"{label}: {value:g}" for label, value in probs.items()),
            expected=f"a positive probability for each of {', '.join(labels)}",
        )  # fmt: skip
    expected /= expected.sum()
    answers = proportion(design, variable, where=where)
    outside = left_out(design, variable, labels, Domains.of(design, None, where).rows, of="left out")
    n = int(answers.n[0])
    k = len(labels) - 1
    w2 = float(((answers.estimate - expected) ** 2 / expected).sum())
    simple = (np.diag(expected) - np.outer(expected, expected))[:k, :k] / n
    about: dict[str, Any] = {
        "null": f"the answers to {design.called(variable)} have the given probabilities",
        "statistic_name": "F", "n": n, "base": answers.base, "effect": float(np.sqrt(w2)),
        "effect_name": "Cohen's w", "caveats": answers.caveats, "notes": (outside,) if outside else (),
        "counted": counts_behind(answers),
    }  # fmt: skip
    title = f"Goodness of fit: {design.called(variable)} (F)"
    delta = np.linalg.solve(simple, answers.vcov[:k, :k])
    trace = float(np.trace(delta))
    if not trace > 0:
        reason = UNKNOWN if np.isnan(trace) else KNOWN
        return TestResult(title, statistic=np.nan, df=(), p_value=np.nan, reason=reason, **about)
    d0 = trace**2 / float(np.trace(delta @ delta))
    df = (d0, d0 * float(answers.df[0]))
    value = n * w2 / trace
    return _f_result(title, value, df, **about)


def _f_result(test: str, value: float, df: tuple[float, float], **about: Any) -> TestResult:  # noqa: ANN401
    """Return the result of an F test; without degrees of freedom, the reason why there is none."""
    if reason := without_df(*df):
        return TestResult(test, statistic=np.nan, df=(), p_value=np.nan, reason=reason, **about)
    return TestResult(test, statistic=value, df=df, p_value=f_p_value(value, df), **about)


def lincom_p(x: float, roots: Floats, ddf: float) -> float:
    """Return P(sum of roots x chi-square(1) / (chi-square(ddf) / ddf) > x), exact to about 1e-10.

    Uses the package gx2 (Das and Geisler 2021, doi:10.1167/jov.21.10.1): Imhof's integral, or Ruben's series
    if ``ddf`` is infinite. Only the integer part of ``ddf`` is used, as in `saddlepoint_p` and R survey.

    Examples
    --------
    >>> import numpy as np
    >>> round(lincom_p(5.0, np.array([1.0, 1.0]), 20.0), 6), round(f_p_value(2.5, (2.0, 20.0)), 6)
    (0.107374, 0.107374)
    """
    try:
        import gx2  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        raise DataError(
            "lincom needs the package gx2", do=f"{install_hint('all')}, or use saddlepoint"
        ) from None
    terms, dfs, at = roots, np.ones(len(roots)), x
    if np.isfinite(ddf):
        terms, dfs, at = np.append(roots, -x / int(ddf)), np.append(dfs, int(ddf)), 0.0
    p = float(gx2.cdf(at, terms, dfs, np.zeros(len(terms)), 0, 0, side="upper"))
    return min(max(p, 0.0), 1.0)


def saddlepoint_p(x: float, roots: Floats, ddf: float) -> float:
    """Return P(sum of roots x chi-square(1) / (chi-square(ddf) / ddf) > x) by saddlepoint approximation.

    Kuonen 1999 (doi:10.1093/biomet/86.4.929), with the integer part of ``ddf`` as R survey's ``pFsum``; where
    the saddlepoint is at the mean, Satterthwaite's F. With infinite ``ddf``, the plain sum.

    Examples
    --------
    >>> import numpy as np
    >>> round(saddlepoint_p(3.84, np.array([1.0]), np.inf), 3)
    0.052
    """
    scale = float((roots**2).sum() / roots.sum())
    ndf = float(roots.sum() ** 2 / (roots**2).sum())
    satterthwaite = f_p_value(x / ndf / scale, (ndf, ddf))
    if np.isinf(ddf):
        spread, at = roots, x
    else:
        spread, at = np.concatenate([roots, np.full(int(ddf), -x / ddf)]), 0.0
    spread, at = spread / spread.max(), at / spread.max()
    upper = 0.99999 / (2 * spread[spread > 0]).max()
    if (spread < 0).any():
        lower = 0.99999 * (1 / (2 * spread[spread < 0])).max()
    else:
        lower = -0.01 if at > spread.sum() else -len(spread) / (2 * at)

    def slope(zeta: float) -> float:
        return float((spread / (1 - 2 * zeta * spread)).sum() - at)

    from scipy import optimize  # noqa: PLC0415

    zeta = float(optimize.brentq(slope, lower, upper, xtol=1e-14))
    if abs(zeta) < 1e-4:  # noqa: PLR2004
        return satterthwaite
    k0 = -float(np.log(1 - 2 * zeta * spread).sum()) / 2
    k2 = 2 * float((spread**2 / (1 - 2 * zeta * spread) ** 2).sum())
    w = np.sign(zeta) * np.sqrt(2 * (zeta * at - k0))
    v = zeta * np.sqrt(k2)
    return normal_p_value(float(w + np.log(v / w) / w))


@dataclass(frozen=True, eq=False)
class _Table:
    """A weighted two-way table: shares and totals with their covariances."""

    shares: Floats
    shares_vcov: Floats
    totals: Floats
    totals_vcov: Floats
    n: int
    base: str
    df: float
    notes: tuple[str, ...]
    counted: Counted

    @classmethod
    def of(cls, design: Design, row: str, column: str, where: Where) -> _Table:
        about = [(name, coded_variable(design, name)) for name in (row, column)]
        domains = Domains.of(design, None, where)
        cells = design.cells([(name, variable.labels) for name, variable in about], where=domains.rows)
        sums = design.sums(cells)
        counted = sums.count.reshape([len(variable.labels) for _, variable in about])
        if not counted.any():
            raise DataError("nobody is in the base", where=f"{row} by {column}", do="widen where")
        rows, columns = np.flatnonzero(counted.sum(axis=1)), np.flatnonzero(counted.sum(axis=0))
        nonempty = (rows[:, None] * counted.shape[1] + columns).ravel()
        size = len(nonempty)

        def totals(first: Floats) -> Floats:
            return first[..., nonempty, 0]

        def shares(first: Floats) -> Floats:
            mass = first[..., nonempty, 0]
            relative: Floats = mass / mass.sum(axis=-1, keepdims=True)
            return relative

        p, table_mass = shares(sums.total), sums.total[nonempty, 0].sum()
        slopes = np.zeros((2, cells.size, 1, size))
        slopes[0, nonempty, 0, :] = np.eye(size)
        slopes[1, nonempty, 0, :] = (np.eye(size) - p) / table_mass
        both = np.concatenate(slopes, axis=-1)

        def estimate(first: Floats) -> Floats:
            return np.concatenate([totals(first), shares(first)], axis=-1)

        vcov = design.covariance(Functional(cells, sums, estimate, both))
        shape = (len(rows), len(columns))
        base = domains.counted("substantive answers to both", about[0][1], design.called)
        held = held_by(design.sample, cells, sums, np.zeros(cells.size, dtype=np.intp), [0])
        notes = [
            left_out(design, name, variable.labels, domains.rows, of=OUTSIDE) for name, variable in about
        ]
        return cls(
            p.reshape(shape), vcov[size:, size:], totals(sums.total).reshape(shape), vcov[:size, :size],
            int(counted.sum()), base, float(held.df[0]), tuple(filter(None, notes)),
            counted_table([(name, variable.labels) for name, variable in about], counted, domains.chosen),
        )  # fmt: skip

    @property
    def shape(self) -> tuple[int, int]:
        return self.shares.shape[0], self.shares.shape[1]

    @property
    def phi2(self) -> float:
        """Pearson's X-squared over n, of the weighted table."""
        expected = np.outer(self.shares.sum(axis=1), self.shares.sum(axis=0))
        return float(((self.shares - expected) ** 2 / expected).sum())

    def impossible(self) -> str:
        """Return why the table can't be tested; empty if it can."""
        if min(self.shape) < 2:  # noqa: PLR2004
            return "a variable has only one answer in this base"
        simple = self._interactions()[1]
        if np.linalg.matrix_rank(simple, hermitian=True) < len(simple):
            return "too many combinations of answers are empty in this base"
        return ""

    def without_variance(self, statistic: ChisqStatistic) -> str:
        """Return why the test has no usable variance; empty if it has one."""
        if not np.isfinite(self.shares_vcov).all():
            return UNKNOWN
        if statistic in ("Wald", "adjWald"):
            spread = self._residuals()[1]
            return FEW_PSUS if np.linalg.matrix_rank(spread, hermitian=True) < len(spread) else ""
        return "" if np.diag(self.shares_vcov).any() else KNOWN

    def _interactions(self) -> tuple[Floats, Floats]:
        """Return the weighted interaction contrasts, and their covariance under simple random sampling."""
        r, c = self.shape
        rows, columns = np.repeat(np.eye(r), c, axis=0), np.tile(np.eye(c), (r, 1))
        main = np.column_stack([np.ones(r * c), rows[:, 1:], columns[:, 1:]])
        cross = np.column_stack([rows[:, i] * columns[:, j] for i in range(1, r) for j in range(1, c)])
        free = cross - main @ np.linalg.lstsq(main, cross, rcond=None)[0]
        p = self.shares.ravel()
        inverse = np.divide(1, p, out=np.zeros_like(p), where=p > 0)[:, None]
        scaled: Floats = inverse * free
        simple = np.asarray(free.T @ scaled, dtype=float) / self.n
        return scaled, simple

    def design_effects(self) -> Floats:
        """Return Rao and Scott's matrix of generalised design effects."""
        scaled, simple = self._interactions()
        effects: Floats = np.linalg.solve(simple, scaled.T @ self.shares_vcov @ scaled).astype(float)
        return effects

    def wald(self, df: float) -> tuple[float, tuple[float, float]]:
        """Return the Wald statistic of totals minus their expectation, divided by its rank, and its df."""
        value, spread = self._residuals()
        k = len(value)
        return float(value @ np.linalg.solve(spread, value)) / k, (float(k), df)

    def _residuals(self) -> tuple[Floats, Floats]:
        """Return totals minus their expectation, without the first row and column, and their covariance."""
        r, c = self.shape
        total = self.totals.sum()
        row, column = self.totals.sum(axis=1), self.totals.sum(axis=0)
        residual = self.totals - np.outer(row, column) / total
        by_row = np.repeat(np.eye(r), c, axis=1).T @ np.repeat(np.eye(r), c, axis=1)
        by_column = np.tile(np.eye(c), (r, r))
        jacobian = (
            np.eye(r * c)
            - by_row * np.tile(column, r)[:, None] / total
            - by_column * np.repeat(row, c)[:, None] / total
            + (np.outer(row, column).ravel() / total**2)[:, None]
        )
        spread = jacobian @ self.totals_vcov @ jacobian.T
        used = (np.arange(1, r)[:, None] * c + np.arange(1, c)).ravel()
        return residual.ravel()[used], spread[np.ix_(used, used)]
