"""Tests of a model's terms: whether all coefficients of a term, or of several, are 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.arguments import VARIABLES, accepts, one_of
from trustkit.design.opt_in import in_words
from trustkit.errors import FitError, suggest
from trustkit.estimation.association import saddlepoint_p
from trustkit.estimation.distributions import chi2_p_value, f_p_value
from trustkit.estimation.results import counts_in_rows
from trustkit.estimation.significance import TestResult
from trustkit.models.fit import FIT
from trustkit.models.glm import GlmModel
from trustkit.models.identification import triangle
from trustkit.models.pooling import Pooled
from trustkit.models.scoring import Equations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.models.fit import Fit

    Floats = NDArray[np.float64]

TermStatistic = Literal["F", "chisq", "lrt"]


def term_test(fit: Fit, term: str | Sequence[str], *, statistic: TermStatistic = "F") -> TestResult:
    """Test whether a term of a model, or several together, can be left out.

    Parameters
    ----------
    fit
        A fitted model.
    term
        A term as the formula writes it, such as ``"age_group"`` or ``"age_group:sex"``, or a list of terms.
    statistic
        ``F`` (Wald, on the design's degrees of freedom less the coefficients), ``chisq`` (Wald, as if the
        degrees of freedom were infinite), or ``lrt`` (the working likelihood ratio of Rao and Scott; models
        of `trustkit.glm` only).

    Returns
    -------
    TestResult
        Wald: b' V^-1 b, divided by the number of coefficients for ``F``. Of several coefficients of a pooled
        model: D1 of Li, Raghunathan and Rubin, with the degrees of freedom of Reiter (2007).

    Raises
    ------
    FitError
        A term that the model does not have, or coefficients whose covariance has no inverse.

    Notes
    -----
    Matches ``regTermTest`` of R survey. The likelihood ratio is compared with a weighted sum of F(1, df)
    variables by the saddlepoint approximation; its weights are the eigenvalues of V0^-1 V on the term's
    coefficients, V0 from the inverse information (Lumley and Scott 2014, doi:10.1111/rssb.12036).
    The test of several coefficients of a pooled model (`trustkit.pool`) takes the covariance between the
    data sets as proportional to that within them, and matches ``testConstraints`` of R's mitml. Where the
    degrees of freedom of Reiter do not exist (too few data sets or PSUs), the smallest of the tested
    coefficients' is used.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 4.0, 3.0, 6.0, 7.0], "area": list("aabbcc")})
    >>> test = tk.term_test(tk.glm(tk.Design(frame), "trust ~ area"), "area")
    >>> round(test.statistic, 3), test.df, round(test.p_value, 4)
    (42.222, (2.0, 3.0), 0.0064)
    """
    accepts(fit=(fit, FIT), term=(term, VARIABLES), statistic=(statistic, one_of(TermStatistic)))
    wanted = [term] if isinstance(term, str) else list(term)
    places = [_place(fit, name) for name in wanted]
    used = np.isin(np.array(fit.term_of, dtype=np.intp), places)
    others = [name for number, name in enumerate(fit.term_labels) if number not in places]
    held = f" once {in_words(others)} {'is' if len(others) == 1 else 'are'} held" if others else ""
    tested = in_words([fit.term_labels[place] for place in places])
    about = _About(
        test=f"Test of {tested} ({statistic}). {fit.method}",
        null=f"the coefficients of {tested} are 0{held}",
        fit=fit,
        used=used,
    )
    if statistic == "lrt":
        return _likelihood_ratio(fit, used, about)
    b, vcov = fit.estimate[used], fit.vcov[np.ix_(used, used)]
    count = len(b)
    inverted = fit.model.within[np.ix_(used, used)] if isinstance(fit.model, Pooled) and count > 1 else vcov
    if np.linalg.matrix_rank(inverted, hermitian=True) < count:
        reason = "the coefficients' covariance has no inverse: the respondents are in too few PSUs"
        return about.result(np.nan, statistic, (), np.nan, reason=reason)
    if isinstance(fit.model, Pooled) and count > 1:
        return about.pooled(fit.model, used, statistic)
    scale = np.sqrt(np.diag(vcov))
    wald = float((b / scale) @ np.linalg.solve(vcov / np.outer(scale, scale), b / scale))
    if statistic == "chisq":
        return about.result(wald, "X-squared", (float(count),), chi2_p_value(wald, float(count)))
    df = (float(count), fit.coefficients.df_of(used))
    return about.result(wald / count, "F", df, f_p_value(wald / count, df))


@dataclass(frozen=True, eq=False)
class _About:
    """What all tests of a term say."""

    test: str
    null: str
    fit: Fit
    used: NDArray[np.bool_]

    def result(
        self,
        value: float,
        name: str,
        df: tuple[float, ...],
        p_value: float,
        *,
        reason: str = "",
        notes: tuple[str, ...] = (),
    ) -> TestResult:
        """Return the result of the test."""
        fit = self.fit
        counted = counts_in_rows(
            fit.coefficients, lambda row: [(row, 0)] if self.used[row] else (), lambda _: ()
        )
        counted = tuple(table.printing([one for one in table.shown if one.cells]) for table in counted)
        return TestResult(
            self.test, null=self.null, statistic=value, statistic_name=name, df=df, p_value=p_value, n=fit.n,
            base=fit.base, reason=reason, notes=notes, caveats=fit.caveats, counted=counted,
        )  # fmt: skip

    def pooled(self, model: Pooled, used: NDArray[np.bool_], statistic: Literal["F", "chisq"]) -> TestResult:
        """Return the test of several coefficients of a pooled model."""
        b = self.fit.estimate[used]
        value, below = model.test(b, used)
        count = float(len(b))
        notes = (f"Pooled from {model.count} completed data sets by the statistic D1.",)
        if statistic == "chisq":
            wald = value * count
            return self.result(wald, "X-squared", (count,), chi2_p_value(wald, count), notes=notes)
        df = (count, self.fit.coefficients.df_of(used) if np.isnan(below) else below)
        return self.result(value, "F", df, f_p_value(value, df), notes=notes)


def _place(fit: Fit, name: str) -> int:
    """Return the place of a term; the variables of an interaction may stand in any order."""
    parts = sorted(name.replace(" ", "").split(":"))
    for place, term in enumerate(fit.terms):
        if name == term or sorted(term.replace(" ", "").split(":")) == parts:
            return place
    raise FitError(f"the model has no term {name!r}", where=fit.formula, do=suggest(name, fit.terms))


def _likelihood_ratio(fit: Fit, used: NDArray[np.bool_], about: _About) -> TestResult:
    """Return the working likelihood ratio test of some coefficients of a generalised linear model."""
    model = fit.model
    if isinstance(model, Pooled):
        raise FitError("a pooled model has no likelihood ratio", where=fit.formula, do="use statistic='F'")
    if not isinstance(model, GlmModel):
        raise FitError(
            "the likelihood ratio is for models of tk.glm only", where=fit.formula, do="use statistic='F'"
        )
    if used.all():
        raise FitError(
            "a model without any term has no likelihood ratio here", where=fit.formula, do="use statistic='F'"
        )
    own = model.equations
    smaller = Equations(
        own.columns[:, ~used], triangle(own.upper[:, ~used], np.ones(len(used))), own.offset,
        own.family, own.link,
        tuple(name for name, out in zip(own.names, used, strict=True) if not out), own.about,
    )  # fmt: skip
    outcome, weights = model.outcomes(model.observations.outcome), model.observations.weights
    without = smaller.solve(weights, outcome)
    losses = [own.family.loss(outcome, mu) for mu in (without.mu, model.solution.mu)]
    mean_weight = float(weights.sum()) / fit.n
    spread = fit.dispersion if own.family.dispersed else 1.0
    ratio = float(weights @ (losses[0] - losses[1])) / mean_weight / spread
    simple = model.solution.inverse[np.ix_(used, used)] * mean_weight * spread
    roots = np.linalg.eigvals(np.linalg.solve(simple, fit.vcov[np.ix_(used, used)])).real.astype(float)
    df = float(fit.df[0])
    roots = np.sort(roots)[::-1]
    p_value = saddlepoint_p(ratio, roots, df)
    own_weights = ", ".join(f"{root:.4g}" for root in roots)
    scaled = f"divided by their mean, the statistic is {ratio / roots.mean():.4g}"
    notes = (f"The sum of F variables has the weights {own_weights}; {scaled}.",)
    return about.result(
        ratio, "working 2 log likelihood ratio", (float(used.sum()), df), p_value, notes=notes
    )
