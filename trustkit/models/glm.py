"""Generalised linear models."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import DESIGN, NUMBER, OPTIONAL_NAME, OPTIONAL_TEXT, TEXT, WHERE, accepts, one_of
from trustkit.design.rows import MemoryRows
from trustkit.errors import FitError
from trustkit.estimation.domains import Domains
from trustkit.models.coding import code_terms, levels_of_variable, refuse_empty_levels
from trustkit.models.expressions import Column
from trustkit.models.families import FAMILIES, LINKS, FamilyName, link_of, regression_name
from trustkit.models.fit import Coefficients, Fit, fit_of, refuse_too_many
from trustkit.models.formulas import parse_formula
from trustkit.models.identification import aliased, first_named, triangle
from trustkit.models.moments import by_moments, observe_moments
from trustkit.models.observations import Influences, Target, observe
from trustkit.models.pooling import Pooled
from trustkit.models.respondents import model_respondents
from trustkit.models.scoring import Equations
from trustkit.models.slopes import blocks
from trustkit.survey.quoted_cells import quoted_cells, suggest_answer
from trustkit.survey.variable import CODED
from trustkit.survey.where import rows_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.models.coding import Coding
    from trustkit.models.formulas import Formula, Outcome
    from trustkit.models.observations import Observations, Refit
    from trustkit.models.scoring import Solution
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

TWO = 2
"""The number of answers of an outcome of which the last one counts without being named."""

FEW_PSUS = (
    "The respondents of the model are in {0:,} of {1:,} PSUs. The standard errors rest on these PSUs alone."
)
"""The note on a model whose respondents are in few of the PSUs."""


@dataclass(frozen=True)
class Response:
    """The outcome of a generalised linear model, and how it varies about its mean.

    Attributes
    ----------
    target
        The outcome.
    success
        The place of the answer that counts as 1; None: the outcome is a number.
    family, link
        Their names.
    """

    target: Target
    success: int | None
    family: FamilyName
    link: str

    def numbers(self, given: Floats) -> Floats:
        """Return outcomes as numbers: with an answer that counts, 1 for its place and 0 for all others."""
        return given if self.success is None else (given == self.success).astype(float)


@dataclass(frozen=True, eq=False)
class GlmModel:
    """A fitted generalised linear model with all that predictions and tests of terms need.

    Attributes
    ----------
    design, domains
        The design, and the domain of the model.
    formula
        The formula that was parsed.
    coding
        How its terms became columns.
    response
        The outcome with its family and link.
    observations, held
        The observations, and their PSUs.
    equations, solution
        The estimating equations and their solution.
    """

    design: Design
    domains: Domains
    formula: Formula
    coding: Coding
    response: Response
    observations: Observations
    held: Held
    equations: Equations
    solution: Solution

    def outcomes(self, given: Floats) -> Floats:
        """Return the outcome as a number: 1 for the answer that counts, 0 for the other answers."""
        return self.response.numbers(given)


def glm(
    design: Design,
    formula: str,
    *,
    family: FamilyName = "gaussian",
    link: str | None = None,
    where: Where = None,
    offset: str | None = None,
    conf: float = 0.95,
) -> Fit:
    """Fit a generalised linear model, with standard errors that know the design.

    Parameters
    ----------
    design
        The design.
    formula
        Outcome and predictors, such as ``"trust ~ age_group * sex + log(income)"``. Variables with labelled
        answers are coded by levels, with the first level as reference; ``C(x)`` does so with a number.
        Allowed are also ``I(x ** 2)`` and other arithmetic, ``log``, ``sqrt``, ``exp``, ``center``,
        ``scale``, ``poly(x, 2)``, ``bs(x, df=5)`` and ``offset(x)``. Nothing else is computed. A name that
        is no Python name stands in backticks.
    family
        ``gaussian``, ``binomial``, ``poisson`` or ``gamma``. Only its variance function is used.
        The outcome of ``binomial`` is a variable with two answers, of which the last in the codebook's order
        counts, a number that is 0 or 1, or ``level(trust, "Yes")``: this answer against all others.
    link
        None: the canonical link. ``gaussian`` takes ``identity`` and ``log``, ``binomial`` takes ``logit``,
        ``probit`` and ``cloglog``, ``poisson`` takes ``log``, ``gamma`` takes ``inverse`` and ``log``.
    where
        Only these respondents, as in `trustkit.proportion`. All others stay in the design.
    offset
        A column that is added to the linear predictor (with link ``log``, the logarithm of an exposure).
    conf
        The intervals' coverage.

    Returns
    -------
    Fit
        Coefficients with t tests and intervals. The degrees of freedom are those of the respondents with all
        variables of the model, plus 1, less the number of coefficients.

    Raises
    ------
    FitError
        A formula with anything that is not allowed; an outcome that does not fit the family; levels that
        nobody has; columns that follow from others; an outcome that the predictors tell apart (separation);
        more coefficients than PSUs can carry; no convergence; numeric predictors of rows in an engine, except
        with the gaussian family and the identity link.

    Notes
    -----
    Solves the weighted estimating equations, sum of w x (y - mu) / (V g') = 0 (Binder 1983,
    doi:10.2307/1402588), and gives the covariance of the coefficients from the rows' influences on the
    design. Matches ``svyglm`` of R survey. Frequency weights in other software give standard errors that
    ignore the design, and are silently wrong. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": list("ynynnyyn"), "sex": list("ffffmmmm"), "age": range(20, 60, 5)})
    >>> fit = tk.glm(tk.Design(frame), "level(trust, 'y') ~ sex + age", family="binomial")
    >>> fit.to_frame()[["term", "estimate", "se"]].round(3)
              term  estimate     se
    0  (Intercept)     2.263  3.817
    1       sex[m]     1.646  3.348
    2          age    -0.082  0.134
    """
    accepts(
        design=(design, DESIGN),
        formula=(formula, TEXT),
        family=(family, one_of(FamilyName)),
        link=(link, OPTIONAL_TEXT),
        where=(where, WHERE),
        offset=(offset, OPTIONAL_NAME),
        conf=(conf, NUMBER),
    )
    name = link_of(family, link)
    parsed = parse_formula(formula, design.columns)
    if offset is not None:
        design.variable(offset)
        parsed = replace(parsed, offsets=(*parsed.offsets, Column(offset)))
    coding = code_terms(design, parsed, where)
    response = Response(*_target(design, parsed.outcome, family), family, name)
    refuse_outcome_as_predictor(response.target, coding, formula)
    domains = Domains.of(design, None, where)
    observations = observed(design, coding, coding.levels, response, domains.rows)
    model = solved_on(design, domains, parsed, coding, response, observations)
    vcov = observations.covariance(model_influences(model), refit_of(model))
    return described(model, vcov, asked_in(design, domains), conf)


def observed(
    design: Design, coding: Coding, levels: Mapping[str, Sequence[str]], response: Response, where: Where
) -> Observations:
    """Return the observations of a model, told apart by its levels and those of other variables.

    ``levels`` has both.
    """
    of, numeric = response.target, coding.numeric
    if response.family == "gaussian" and by_moments(design, coding, of, response.link):
        return observe_moments(design, levels, numeric, of, where)
    return observe(design, levels, numeric, of, where)


def solved_on(
    design: Design,
    domains: Domains,
    formula: Formula,
    coding: Coding,
    response: Response,
    observations: Observations,
) -> GlmModel:
    """Return a model that is fitted on some observations.

    Raises
    ------
    FitError
        As `glm`, for what the observations show.
    """
    columns, upper = checked_columns(coding, observations, formula.text)
    held = observations.held(1)
    refuse_too_many(held, len(upper), formula.text)
    equations = Equations(
        columns, upper, coding.offset(observations.predictors, observations.weights),
        FAMILIES[response.family], LINKS[response.link], tuple(coding.names),
        f"{response.target.name} in {formula.text}",
    )  # fmt: skip
    _check_outcome(response, observations)
    solution = equations.solve(observations.weights, response.numbers(observations.outcome))
    return GlmModel(design, domains, formula, coding, response, observations, held, equations, solution)


def described(model: GlmModel, vcov: Floats, asked: tuple[int, float], conf: float) -> Fit:
    """Return a model as a fit, with its words.

    Parameters
    ----------
    model
        The fitted model.
    vcov
        The covariance of its coefficients on the design.
    asked
        The respondents of its domain, and their sum of weights (`asked_in`).
    conf
        The intervals' coverage.
    """
    design, coding, response, domains = model.design, model.coding, model.response, model.domains
    target, name = response.target, regression_name(response.family, response.link)
    notes = [
        *_success_in_words(response),
        *references_in_words(coding),
        *left_out(asked, model.observations),
        *few_psus(model.held),
    ]
    about = design.variable(target.variables[0])
    own = Coefficients(
        coding.names, coding.labels, model.solution.coefficients, vcov, model.held, model.observations.n,
        len(vcov), model_respondents(coding.names, coding, target, model.observations),
    )  # fmt: skip
    return fit_of(
        own,
        base=domains.counted("answers to all variables of the model", about, design.called),
        conf=conf,
        notes=notes,
        caveats=design.caveats_about(*coding.variables, *target.variables, *domains.names),
        formula=model.formula.text,
        terms=tuple(term.text for term in coding.terms),
        term_labels=tuple(term.called for term in coding.terms),
        term_of=tuple(coding.term_of_column.tolist()),
        method=f"{name[0].upper()}{name[1:]}: {outcome_in_words(design, target)}",
        dispersion=_dispersion(model),
        model=model,
    )


def glm_of(fit: Fit, name: str) -> GlmModel:
    """Return the model of a fit of `glm`, for a function that takes no other.

    Raises
    ------
    FitError
        If the fit is pooled, or of another kind.
    """
    if isinstance(fit.model, GlmModel):
        return fit.model
    if isinstance(fit.model, Pooled):
        raise FitError(
            f"{name} can't use a pooled model", where=fit.formula,
            do=f"call {name} in the analysis of each completed data set, and pool what it returns",
        )  # fmt: skip
    raise FitError(f"{name} needs a model of tk.glm", where=fit.formula, got=fit.method)


def checked_columns(coding: Coding, observations: Observations, formula: str) -> tuple[Floats, Floats]:
    """Return the columns of a model's observations, and the triangle of the weighted columns.

    Raises
    ------
    FitError
        If a level is empty, or a column follows from others.
    """
    weights = observations.weights
    refuse_empty_levels(coding, observations.predictors, weights)
    columns = coding.matrix(observations.predictors, weights)
    upper = triangle(columns, weights)
    found = aliased(upper)
    if found:
        names = coding.names
        of = "; ".join(
            f"{names[place]} follows from {first_named(names, others) or 'no other column: it is always 0'}"
            for place, others in found.items()
        )
        raise FitError(
            "columns of the model follow from others", where=formula, got=of,
            do="leave one of these terms out, or merge levels",
        )  # fmt: skip
    return columns, upper


def model_influences(model: GlmModel) -> Influences:
    """Return what a respondent adds to the coefficients."""
    slopes, mu = model.solution.slopes, model.solution.mu
    if model.response.success is None:
        return Influences(np.zeros((1, len(model.solution.coefficients))), slopes, mu)
    return Influences(slopes.times(model.outcomes(model.observations.outcome), mu))


def refit_of(model: GlmModel) -> Refit:
    """Return the function that estimates the coefficients with other weights."""

    def refit(weights: Floats, outcome: Floats) -> Floats:
        start = model.solution.coefficients
        return model.equations.solve(weights, model.outcomes(outcome), start).coefficients

    return refit


def asked_in(design: Design, domains: Domains) -> tuple[int, float]:
    """Return the respondents of a domain, and their sum of weights."""
    if isinstance(design.rows, MemoryRows):
        inside = rows_where(domains.rows, design.data, design.variable)
        weights = design.weights if inside is None else design.weights[inside]
        return int(np.count_nonzero(weights)), float(weights.sum())
    sums = design.sums(design.cells((), where=domains.rows))
    return int(sums.count.sum()), float(sums.total[0, 0])


def left_out(asked: tuple[int, float], observations: Observations) -> list[str]:
    """Return in words the share of a domain (`asked_in`) without answers to all variables of the model."""
    every, mass = asked
    count = every - observations.n
    if count <= 0:
        return []
    share = 1 - float(observations.weights.sum()) / mass
    weighted = "" if math.isclose(share, count / every) else " by weight"
    left = f"{count:,} of {every:,} respondents ({share:.1%}{weighted})"
    return [f"Left out: {left}, who have no answer to at least one variable."]


def few_psus(held: Held) -> list[str]:
    """Return a note if the respondents of the model are in fewer than half of the PSUs."""
    own, every = int(held.present[0].sum()), held.present.shape[1]
    return [FEW_PSUS.format(own, every)] if held.clustered and own < every / 2 else []


def _target(design: Design, outcome: Outcome, family: FamilyName) -> tuple[Target, int | None]:
    """Return the outcome of a model, and the place of the answer that counts."""
    part = outcome.part
    about = design.variable(part.name) if isinstance(part, Column) else None
    if about is None or (about.kind not in CODED and outcome.level is None):
        return Target(outcome.text, expression=part), None
    name = about.name
    if family != "binomial" and outcome.level is None:
        if not about.scoring:
            raise FitError(
                f"the outcome {name} has answers, not numbers", where="family", got=family,
                do="use family='binomial', tk.ordinal or tk.multinomial, or give the answers scores",
            )  # fmt: skip
        return Target(name, expression=part), None
    levels = levels_of_variable(design, name, None)
    if outcome.level is not None:
        if family != "binomial":
            raise FitError("level() needs family='binomial'", where="family", got=family)
        if outcome.level not in levels:
            raise FitError(
                f"{name} has no answer {outcome.level!r}", do=suggest_answer(outcome.level, levels, about)
            )
        return Target(name, levels), levels.index(outcome.level)
    if len(levels) != TWO:
        raise FitError(
            f"the outcome {name} has {len(levels)} answers",
            got=quoted_cells(levels[:20], about, among=levels),
            expected="two answers",
            do=f"write level({name}, answer) for one answer against all others, "
            "or use tk.ordinal or tk.multinomial",
        )  # fmt: skip
    return Target(name, levels), 1


def refuse_outcome_as_predictor(target: Target, coding: Coding, formula: str) -> None:
    """Refuse a variable on both sides of a formula."""
    both = [name for name in target.variables if name in coding.variables]
    if both:
        raise FitError(
            f"{both[0]} is the outcome and a predictor", where=formula, do="leave it out of the right side"
        )


def _check_outcome(response: Response, observations: Observations) -> None:
    """Refuse outcomes that the variance function does not take."""
    family, name = response.family, response.target.name
    used = response.numbers(observations.single_outcomes())
    if family == "gaussian":
        return
    if family == "binomial":
        wrong = (used != 0) & (used != 1)
    else:
        wrong = used < 0 if family == "poisson" else used <= 0
    expected = {"binomial": "0 or 1, or a variable with two answers", "poisson": "numbers of at least 0"}
    if wrong.any():
        raise FitError(
            f"the outcome {name} does not fit the family {family}", got=f"the value {used[wrong][0]:g}",
            expected=expected.get(family, "numbers above 0"), do="choose another family",
        )  # fmt: skip
    if used.min() == used.max():
        raise FitError(
            f"the outcome {name} is the same for all respondents of the model", got=f"{used[0]:g}",
            do="widen where, or choose another answer",
        )  # fmt: skip


def _success_in_words(response: Response) -> list[str]:
    target, success = response.target, response.success
    if success is None:
        return []
    others = [level for place, level in enumerate(target.levels) if place != success]
    against = ", ".join(f'"{level}"' for level in others)
    return [f'The outcome is "{target.levels[success]}" against {against}.']


def references_in_words(coding: Coding) -> list[str]:
    """Return a note with the level that each variable's other levels are compared with, if there are any."""
    own = coding.references()
    return [f"Compared with: {'; '.join(own)}."] if own else []


def outcome_in_words(design: Design, target: Target) -> str:
    """Return what readers call the outcome of a model."""
    return design.labels([target.name]).get(target.name, target.name)


def _dispersion(model: GlmModel) -> float:
    """Return the dispersion as ``svyglm`` does: weighted Pearson residuals, with n - 1."""
    own, outcome, spread = (
        model.observations,
        model.outcomes(model.observations.outcome),
        model.observations.spread(),
    )
    weights, mu, variance = own.weights, model.solution.mu, FAMILIES[model.response.family].variance
    squares = 0.0
    for rows in blocks(len(mu)):
        pearson = (spread[rows] + (outcome[rows] - mu[rows]) ** 2) / variance(mu[rows])
        squares += float(weights[rows] @ pearson)
    return squares / float(weights.sum()) * own.n / max(own.n - 1, 1)
