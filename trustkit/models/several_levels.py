"""Ordinal and multinomial regression: outcomes with more than two levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NUMBER, OPTIONAL_TEXT, TEXT, WHERE, accepts, one_of
from trustkit.design.rows import MemoryRows
from trustkit.display import p_in_words
from trustkit.errors import FitError, first_few
from trustkit.estimation.distributions import f_p_value
from trustkit.estimation.domains import Domains
from trustkit.models.coding import code_terms, levels_of_variable
from trustkit.models.expressions import Column
from trustkit.models.families import FAMILIES, LINKS
from trustkit.models.fit import Coefficients, Fit, fit_of, refuse_too_many
from trustkit.models.formulas import parse_formula
from trustkit.models.glm import (
    asked_in,
    checked_columns,
    few_psus,
    left_out,
    outcome_in_words,
    references_in_words,
    refuse_outcome_as_predictor,
)
from trustkit.models.identification import centred
from trustkit.models.likelihoods import (
    Cumulative,
    Likelihood,
    Maximum,
    Multinomial,
    OrdinalLink,
    is_extreme,
    maximize,
    refuse_flat,
    refuse_separation,
)
from trustkit.models.observations import Influences, Target, observe
from trustkit.models.respondents import model_respondents
from trustkit.models.scoring import Equations
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.models.coding import Coding
    from trustkit.models.observations import Observations
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

FEWEST = 3
"""The least number of answers; `glm` is for outcomes with two."""

MOST_OUTCOMES = 30
"""The most answers of an outcome, each of which has parameters of its own."""


@dataclass(frozen=True, eq=False)
class LevelsModel:
    """A model of an outcome with several levels, before and after it is fitted.

    Attributes
    ----------
    design, formula
        The design and the formula.
    coding, target
        How terms became columns, and the outcome.
    observations, columns, upper
        The observations, the columns with the intercept, shape (u, p), and their triangle with weights.
    held, notes, domains
        The PSUs of the model, notes, and the domain.
    """

    design: Design
    formula: str
    coding: Coding
    target: Target
    observations: Observations
    columns: Floats
    upper: Floats
    held: Held
    notes: tuple[str, ...]
    domains: Domains

    @property
    def about(self) -> str:
        """The outcome and the formula, for messages."""
        return f"{self.target.name} in {self.formula}"

    def respondents(self, names: Sequence[str]) -> tuple[Counted, ...]:
        """Return the respondents behind the coefficients of some names."""
        return model_respondents(names, self.coding, self.target, self.observations)

    def maximum(
        self, likelihood: Callable[[Floats], Likelihood], weights: Floats, start: Floats | None = None
    ) -> Maximum:
        """Return the fitted parameters; separation is refused by name.

        The steps are those of orthogonal columns, so that no digits are lost for columns far from zero.

        Parameters
        ----------
        likelihood
            Maps columns of shape (u, p) to the likelihood.
        weights
            Shape (u,).
        start
            Parameters to start from.
        """
        outcome = self.observations.outcome.astype(np.intp)
        turned = likelihood(self.columns @ self.turn)
        back = turned.turned_back(self.turn)
        if start is not None:
            start = np.asarray(np.linalg.solve(back, start), dtype=float)
        try:
            own = maximize(turned, weights, outcome, start)
        except FitError:
            self._refuse_separation(likelihood, outcome, weights)
            raise
        if is_extreme(turned, own.parameters, outcome, weights):
            self._refuse_separation(likelihood, outcome, weights)
            refuse_flat(turned, own, outcome, weights, self.about)
        return Maximum(back @ own.parameters, own.influences @ back.T, back @ own.step)

    @cached_property
    def turn(self) -> Floats:
        """What makes the columns orthogonal with a mean square of 1, shape (p, p)."""
        size = np.sqrt(self.observations.weights.sum())
        turn: Floats = np.triu(np.linalg.inv(self.upper)) * size
        return turn

    def _refuse_separation(
        self, likelihood: Callable[[Floats], Likelihood], outcome: Ints, weights: Floats
    ) -> None:
        own = likelihood(centred(self.columns, weights))
        refuse_separation(own, outcome, weights, self.coding.names, self.about)

    def covariance(self, likelihood: Callable[[Floats], Likelihood], own: Maximum) -> Floats:
        """Return the covariance of the parameters on the design."""

        def refit(weights: Floats, outcome: Floats) -> Floats:
            del outcome  # the places of the answers, whatever the weights
            return self.maximum(likelihood, weights, own.parameters).parameters

        return self.observations.covariance(Influences(own.influences), refit)

    def fit(
        self,
        coefficients: Coefficients,
        term_of: Sequence[int],
        method: str,
        conf: float,
        notes: Sequence[str],
    ) -> Fit:
        """Return the fit."""
        design, target = self.design, self.target
        names = [*self.coding.variables, *target.variables, *self.domains.names]
        return fit_of(
            coefficients,
            base=self.domains.counted(
                "answers to all variables of the model", design.variable(target.name), design.called
            ),
            conf=conf,
            notes=[*notes, *self.notes],
            caveats=design.caveats_about(*names),
            formula=self.formula,
            terms=tuple(term.text for term in self.coding.terms),
            term_labels=tuple(term.called for term in self.coding.terms),
            term_of=tuple(term_of),
            method=f"{method}: {outcome_in_words(design, target)}",
            dispersion=float("nan"),
            model=self,
        )


def ordinal(
    design: Design, formula: str, *, link: OrdinalLink = "logit", where: Where = None, conf: float = 0.95
) -> Fit:
    """Fit a cumulative model of an ordinal outcome, with standard errors that know the design.

    Parameters
    ----------
    design
        The design.
    formula
        As in `trustkit.glm`; the outcome is a variable of kind ordinal.
    link
        ``logit`` (proportional odds), ``probit`` or ``cloglog``.
    where, conf
        As in `trustkit.glm`.

    Returns
    -------
    Fit
        Thresholds, named ``low|middle``, then slopes: a positive slope means higher answers. A note has the
        test of parallel slopes.

    Raises
    ------
    FitError
        As `trustkit.glm`; or the outcome has no order, or fewer than three levels.

    Notes
    -----
    P(Y <= k) = F(threshold k - x'b) (McCullagh 1980), by Newton's method on exact scores. The covariance
    comes from the rows' influences on the design. ``svyolr`` of R survey stops earlier and differs by up to
    2e-5; the numbers match those of exact scores of ``clm``. The test of parallel slopes is the Wald test of
    equal slopes of all binary models Y <= k, with their joint covariance on the design (Brant 1990).
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> trust = pd.Categorical(list("lmhlmhlmhhml"), ["l", "m", "h"], ordered=True)
    >>> frame = pd.DataFrame({"trust": trust, "age": [20, 60, 50, 30, 20, 70, 40, 30, 60, 20, 50, 30]})
    >>> tk.ordinal(tk.Design(frame), "trust ~ age").to_frame()[["term", "estimate"]].round(3)
      term  estimate
    0  l|m     1.597
    1  m|h     3.322
    2  age     0.061
    """
    accepts(
        design=(design, DESIGN),
        formula=(formula, TEXT),
        link=(link, one_of(OrdinalLink)),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    model = _model(design, formula, where)
    target, coding = model.target, model.coding
    if not _ordered(design, target.name):
        raise FitError(
            f"the answers of {target.name} have no order", got=f"kind {design.variable(target.name).kind}",
            do="use tk.multinomial, or give the variable the kind ordinal",
        )  # fmt: skip
    count = len(target.levels)
    slopes = model.columns.shape[1] - 1
    if not coding.intercept or coding.offsets:
        raise FitError(
            "an ordinal model takes no offset, and has thresholds in place of an intercept", where=formula
        )
    refuse_too_many(model.held, slopes + 1, formula)
    outcome = model.observations.outcome

    def likelihood(columns: Floats) -> Cumulative:
        return Cumulative(columns[:, 1:], count, link)

    cuts = [(outcome <= cut).astype(float) for cut in range(count - 1)]
    own = model.maximum(likelihood, model.observations.weights)
    names = [f"{low}|{high}" for low, high in zip(target.levels[:-1], target.levels[1:], strict=True)]
    coefficients = Coefficients(
        [*names, *coding.names[1:]],
        {**{name: f"Threshold {name.replace('|', ' | ')}" for name in names}, **coding.labels},
        own.parameters, model.covariance(likelihood, own), model.held, model.observations.n, slopes + 1,
        model.respondents([*names, *coding.names[1:]]),
    )  # fmt: skip
    term_of = [*([-1] * len(names)), *coding.term_of_column[1:].tolist()]
    notes = ["Positive coefficients mean higher answers.", *_parallel(model, cuts, link, slopes)]
    return model.fit(coefficients, term_of, f"Ordinal regression ({link} link)", conf, notes)


def multinomial(
    design: Design, formula: str, *, reference: str | None = None, where: Where = None, conf: float = 0.95
) -> Fit:
    """Fit a multinomial logit model of an outcome with several levels, with standard errors of the design.

    Parameters
    ----------
    design
        The design.
    formula
        As in `trustkit.glm`; the outcome is a variable with labelled answers.
    reference
        The answer that the others are compared with; None: the first one.
    where, conf
        As in `trustkit.glm`.

    Returns
    -------
    Fit
        For each other answer its coefficients, named ``answer: term``: the log odds of this answer against
        the reference. `trustkit.term_test` tests a term in all equations together.

    Raises
    ------
    FitError
        As `trustkit.glm`.

    Notes
    -----
    Newton's method; the covariance comes from the rows' influences on the design. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"party": list("abcabcabbcca"), "sex": list("mfmmfmmffmfm")})
    >>> tk.multinomial(tk.Design(frame), "party ~ 1").names
    ('b: (Intercept)', 'c: (Intercept)')
    """
    accepts(
        design=(design, DESIGN),
        formula=(formula, TEXT),
        reference=(reference, OPTIONAL_TEXT),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    model = _model(design, formula, where)
    target, coding = model.target, model.coding
    first = target.levels[0] if reference is None else reference
    if first not in target.levels:
        raise FitError(
            f"{target.name} has no answer {first!r}",
            do=suggest_answer(first, target.levels, design.variable(target.name)),
        )
    if coding.offsets:
        raise FitError("a multinomial model takes no offset", where=formula)
    width = model.columns.shape[1]
    refuse_too_many(model.held, width, formula)
    others = np.array([place for place, level in enumerate(target.levels) if level != first], dtype=np.intp)

    def likelihood(columns: Floats) -> Multinomial:
        return Multinomial(columns, others)

    own = model.maximum(likelihood, model.observations.weights)
    levels = [target.levels[place] for place in others]
    names = [f"{level}: {name}" for level in levels for name in coding.names]
    labels = {
        f"{level}: {name}": f"{level}: {coding.labels[name]}" for level in levels for name in coding.names
    }
    coefficients = Coefficients(
        names, labels, own.parameters, model.covariance(likelihood, own), model.held, model.observations.n,
        width, model.respondents(names),
    )  # fmt: skip
    term_of = coding.term_of_column.tolist() * len(levels)
    notes = [f"Each answer is compared with {first!r}."]
    return model.fit(coefficients, term_of, "Multinomial regression (logit link)", conf, notes)


def _ordered(design: Design, name: str) -> bool:
    """Return whether the answers of a variable have an order, by the codebook or by the column."""
    if design.variable(name).kind == "ordinal":
        return True
    known = name in design.codebook.variables or not isinstance(design.rows, MemoryRows)
    dtype = None if known else design.rows.in_memory().data[name].dtype
    return isinstance(dtype, pd.CategoricalDtype) and bool(dtype.ordered)


def _model(design: Design, formula: str, where: Where) -> LevelsModel:
    """Return a model of an outcome with labelled answers, ready to be fitted."""
    parsed = parse_formula(formula, design.columns)
    part = parsed.outcome.part
    if not isinstance(part, Column) or parsed.outcome.level or design.variable(part.name).kind not in CODED:
        raise FitError(
            "the outcome must be a variable with labelled answers", where=formula, got=parsed.outcome.text,
            do="use tk.glm for a number, or for one answer against all others",
        )  # fmt: skip
    levels = levels_of_variable(design, part.name, where)
    if not FEWEST <= len(levels) <= MOST_OUTCOMES:
        raise FitError(
            f"the outcome {part.name} has {len(levels)} answers", expected=f"{FEWEST} to {MOST_OUTCOMES}",
            do="use tk.glm with family='binomial' for two answers, or merge answers",
        )  # fmt: skip
    coding = code_terms(design, parsed, where)
    target = Target(part.name, levels)
    refuse_outcome_as_predictor(target, coding, formula)
    domains = Domains.of(design, None, where)
    observations = observe(design, coding.levels, coding.numeric, target, domains.rows)
    mass = np.bincount(observations.outcome.astype(np.intp), observations.weights, minlength=len(levels))
    empty = [level for level, own in zip(levels, mass, strict=True) if own <= 0]
    if empty:
        raise FitError(
            f"no respondent of the model gave some answers to {part.name}", got=first_few(empty),
            do="merge them with tk.collapse, or choose the other answers with where",
        )  # fmt: skip
    columns, upper = checked_columns(coding, observations, formula)
    held = observations.held(1)
    notes = (
        *references_in_words(coding),
        *left_out(asked_in(design, domains), observations),
        *few_psus(held),
    )
    return LevelsModel(design, formula, coding, target, observations, columns, upper, held, notes, domains)


def _parallel(model: LevelsModel, cuts: Sequence[Floats], link: OrdinalLink, slopes: int) -> list[str]:
    """Return the test of parallel slopes in words, or why there is none."""
    weights, columns = model.observations.weights, model.columns
    tested = slopes * (len(cuts) - 1)
    df = float(model.held.df[0]) + 1 - tested
    if not slopes:
        return []
    if df <= 0:
        return ["Parallel slopes are not tested: there are too few PSUs for all binary models."]
    equations = Equations(
        columns,
        model.upper,
        np.zeros(len(columns)),
        FAMILIES["binomial"],
        LINKS[link],
        tuple(model.coding.names),
        model.about,
    )
    try:
        own = [equations.solve(weights, cut) for cut in cuts]
    except FitError:
        return ["Parallel slopes are not tested: one of the binary models has no finite solution."]
    influences = np.hstack(
        [part.slopes.times(cut, part.mu)[:, 1:] for part, cut in zip(own, cuts, strict=True)]
    )

    def refit(weights: Floats, outcome: Floats) -> Floats:
        again = [
            equations.solve(weights, (outcome <= place).astype(float), part.coefficients)
            for place, part in enumerate(own)
        ]
        return np.concatenate([part.coefficients[1:] for part in again])

    vcov = model.observations.covariance(Influences(influences), refit)
    values = np.concatenate([part.coefficients[1:] for part in own])
    steps = np.hstack([-np.tile(np.eye(slopes), (len(cuts) - 1, 1)), np.eye(tested)])
    spread, difference = steps @ vcov @ steps.T, steps @ values
    if np.linalg.matrix_rank(spread, hermitian=True) < tested:
        return ["Parallel slopes are not tested: there are too few PSUs for all binary models."]
    value = float(difference @ np.linalg.solve(spread, difference)) / tested
    shown = p_in_words(f_p_value(value, (float(tested), df)))
    result = f"F = {value:.3f} on {tested} and {df:g} degrees of freedom, {shown}"
    return [f"Test of parallel slopes (the same slopes for each division of the answers): {result}."]
