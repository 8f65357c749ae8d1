"""Confirmatory factor models with the design's standard errors and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAME, NAMES, ArgumentKind, accepts, accepts_estimator, one_of
from trustkit.counted import Counted, counted_as_one
from trustkit.display import Shown, p_in_words, show_interval, show_numbers
from trustkit.errors import DataError
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.results import Estimate, Numbers, estimate_of
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shortened, shown_name
from trustkit.scales.factor_structure import (
    Equal,
    FittedStructure,
    Structure,
    fit_structure,
    refuse_model,
)
from trustkit.scales.grouped_answers import GroupedAnswers
from trustkit.scales.model_fit import AdjustedTest, adjusted_test, fit_indices, residual_weights
from trustkit.survey.columns import items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

FACTORS = ArgumentKind(
    lambda value: (
        isinstance(value, Mapping)
        and len(value) > 0
        and all(isinstance(name, str) and NAMES.fits(items) for name, items in value.items())
    ),
    "a mapping of factors to lists of items, or to the names of batteries",
    'write it as {"trust": ["q1", "q2", "q3"], "concern": ["q4", "q5", "q6"]}',
)
"""What `confirm` and `trustkit.invariance` take as a model."""

EQUAL = one_of(Equal).listed("a list of 'loadings' and 'intercepts'", 'write it as ["loadings"]')
"""What `confirm` takes as parameters that are equal in all groups."""

INDICES = ("cfi", "tli", "rmsea", "rmsea_adjusted", "srmr")
"""The indices of fit that a model has."""

STEP = 1e-6
"""The step of the derivatives of what follows from the parameters."""


@dataclass(frozen=True, eq=False, repr=False)
class FactorModel(Shown):
    """A fitted confirmatory factor model.

    Attributes
    ----------
    parameters
        One row per parameter, named as ``trust =~ q1`` (a loading), ``trust ~~ concern`` (a correlation of
        factors), ``q1 ~~ q1`` (a unique variance); of several groups also ``q1 ~1`` (an intercept),
        ``trust ~1`` (a factor's mean) and ``trust ~~ trust`` (its variance). Factors have variance 1 and mean
        0, in the first group or in all.
    standardized
        Loadings of items and factors with variance 1, and correlations of factors.
    reliability
        Of each factor the composite reliability (omega of its standardized loadings) and the average variance
        extracted (``level``); of one group.
    test
        Whether the model holds: plain and adjusted to the design.
    indices
        ``cfi``, ``tli``, ``rmsea``, ``rmsea_adjusted`` and ``srmr``.
    groups
        The groups; empty if there is one.
    n
        Respondents with all answers.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> random = np.random.default_rng(1)
    >>> trait = random.normal(size=(300, 1))
    >>> frame = pd.DataFrame(trait + random.normal(size=(300, 4)), columns=list("abcd"))
    >>> model = tk.confirm(tk.Design(frame), {"trust": ["a", "b", "c", "d"]})
    >>> model.test.df, round(model.indices["cfi"], 2)
    (2, 1.0)
    """

    parameters: Estimate
    standardized: Estimate
    reliability: Estimate | None
    test: AdjustedTest
    indices: Mapping[str, float]
    groups: tuple[str, ...]
    n: int

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and indices that are missing."""
        accepts_fields(self)
        missing = [name for name in INDICES if name not in self.indices]
        if missing:
            raise DataError(
                "indices of fit are missing", where="FactorModel", got=", ".join(self.indices) or "none",
                expected=", ".join(INDICES), do="fit the model with tk.confirm",
            )  # fmt: skip

    def to_frame(self) -> pd.DataFrame:
        """Return one row per parameter, unrounded, as `Estimate.to_frame`."""
        return self.parameters.to_frame()

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return (counted_as_one(self._parts(), self.n),)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        shown = self.standardized
        frame = shown.to_frame()

        def numbers(values: Floats | list[float]) -> list[str]:
            return show_numbers(values, decimals=3)

        of_one = not any("~~" in name for name in frame["variable"])
        names = ("item", "standardized loading") if of_one else ("parameter", "standardized estimate")
        table = pd.DataFrame(
            {
                names[0]: shortened([shown.label(name) for name in frame["variable"]])[0],
                names[1]: numbers(frame["estimate"].to_numpy()),
                shown_name("se"): numbers(frame["se"].to_numpy()),
                f"{shown.conf:.0%} interval": [
                    show_interval(low, high, lambda end: numbers([end])[0])
                    for low, high in zip(frame["ci_low"], frame["ci_high"], strict=True)
                ],
            }
        )
        notes = [
            f"Base: {shown.base}. n = {self.n:,}.",
            fit_in_words(self.test, self.indices),
            *shown.remarks,
        ]
        return "Confirmatory factor model", table, notes


def fit_in_words(test: AdjustedTest, indices: Mapping[str, float]) -> str:
    """Return how well a model fits, in a sentence."""
    if test.df == 0:
        return "The model has as many parameters as there are covariances, so it fits exactly."
    cfi, tli, rmsea, srmr = (f"{indices[name]:.3f}" for name in ("cfi", "tli", "rmsea", "srmr"))
    return (
        f"Chi-square {test.statistic:.2f} on {test.df} degrees of freedom; adjusted to the design "
        f"{test.adjusted:.2f} on {test.adjusted_df:.1f}, {p_in_words(test.p_value)}. CFI {cfi}, TLI {tli}, "
        f"RMSEA {rmsea} (adjusted {indices['rmsea_adjusted']:.3f}), SRMR {srmr}."
    )


def confirm(
    design: Design,
    model: Mapping[str, str | Sequence[str]],
    *,
    by: str | None = None,
    equal: Sequence[Equal] = (),
    where: Where = None,
    conf: float = 0.95,
) -> FactorModel:
    """Fit a factor model in which each item belongs to one factor, and factors correlate.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    model
        Factor -> its items or the name of its battery, at least two items each, or three if there is one
        factor. Answers count as the codebook scores them.
    by
        A variable whose groups have parameters of their own. Respondents without an answer to it are left
        out, and a note counts them.
    equal
        What is the same in all groups: ``loadings``, or ``loadings`` and ``intercepts``.
    where, conf
        As in `trustkit.proportion`.

    Returns
    -------
    FactorModel
        Parameters, standardized loadings, the reliability of each factor, the test of the model and indices
        of fit.

    Raises
    ------
    DataError
        An item of two factors, a factor with too few items or an item's name, items that
        `trustkit.reliability` refuses, an
        item that its factor explains wholly, fewer PSUs (less strata) than parameters, or a group with too
        few respondents or with an item that does not vary in it.
    FitError
        If the fit does not come to an end.

    Notes
    -----
    Maximum likelihood on the weighted means and covariances, to a derivative below 1e-10; the sandwich of the
    design gives the standard errors, so answers need not be normal. Without weights and clusters they equal
    lavaan's with ``estimator = "MLR"`` times the root of n / (n - 1). Intervals are t intervals on the
    design's degrees of freedom. The statistic is n times the discrepancy, as lavaan; its adjustment has the
    mean and variance that it has under the design (Satorra and Bentler 1994). Cross-loadings, regressions and
    ordinal models are lavaan's purpose (in R). Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> random = np.random.default_rng(1)
    >>> trait = random.normal(size=(300, 1))
    >>> frame = pd.DataFrame(trait + random.normal(size=(300, 4)), columns=list("abcd"))
    >>> found = tk.confirm(tk.Design(frame), {"trust": ["a", "b", "c", "d"]})
    >>> found.standardized.estimate.round(2).tolist()
    [0.74, 0.69, 0.64, 0.69]
    """
    accepts(by=(by, NAME.optional()))
    accepts_estimator(design, None, where, conf, model=(model, FACTORS), equal=(equal, EQUAL))
    check_conf(conf)
    refuse_equal(by, equal)
    items = items_of_factors(design, model)
    answers = GroupedAnswers.of(design, [item for own in items.values() for item in own], by, where)
    fitted = Fitted.of(answers, items, equal)
    return fitted.model(by, conf)


def items_of_factors(design: Design, model: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the items of each factor.

    Raises
    ------
    DataError
        No such battery or item, a factor with too few items, or an item of two factors.
    """
    items = {factor: items_of(design.codebook, own) for factor, own in model.items()}
    refuse_model(items)
    return items


def refuse_equal(by: str | None, equal: Sequence[Equal]) -> None:
    """Raise the error that parameters are equal in groups that do not exist, or intercepts without loadings.

    Raises
    ------
    DataError
        With what to add.
    """
    if equal and by is None:
        raise DataError("equal needs groups", got=", ".join(equal), do="name the groups: by='country'")
    if "intercepts" in equal and "loadings" not in equal:
        raise DataError(
            "intercepts can be equal only together with loadings", got=", ".join(equal),
            do='write equal=["loadings", "intercepts"]',
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model that was fitted to the answers of some groups.

    Attributes
    ----------
    answers, fit
        The answers and the fit.
    vcov
        The covariance of the parameters, shape (p, p), in the units of the fit (`GroupedAnswers.units`).
    """

    answers: GroupedAnswers
    fit: FittedStructure
    vcov: Floats

    @classmethod
    def of(
        cls, answers: GroupedAnswers, model: Mapping[str, Sequence[str]], equal: Sequence[Equal]
    ) -> Fitted:
        """Fit the model.

        Raises
        ------
        DataError
            Fewer PSUs (less strata) than parameters, or as `fit_structure`.
        """
        structure = Structure.of(model, answers.groups, equal)
        design = answers.answers.design
        held = answers.answers.held(1)
        count = len(structure.names) - len(structure.intercept_places)
        if held.df[0] < count:
            raise DataError(
                "there are too few PSUs for so many parameters",
                got=f"{held.df[0]:g} (PSUs less strata), {count} parameters without intercepts",
                do="take fewer items or factors",
            )  # fmt: skip
        fit = fit_structure(structure, answers.moments(design.weights))

        def refit(weights: Floats) -> Floats:
            return fit_structure(structure, answers.moments(weights), fit.parameters).parameters

        influences = answers.parameter_influences(fit, fit.hessian())
        return cls(answers, fit, answers.answers.vcov(influences, refit))

    @property
    def statistic(self) -> float:
        """The number of respondents times the discrepancy."""
        return self.answers.n * self.fit.discrepancy

    @property
    def df(self) -> int:
        """The number of moments less that of parameters."""
        k = len(self.fit.structure.factor_of)
        return len(self.answers.groups) * (k * (k + 1) // 2 + k) - len(self.fit.structure.names)

    def moments_vcov(self) -> Floats:
        """Return the covariance of the moments under the design, shape (q, q)."""
        answers = self.answers
        lower = np.tril_indices(answers.scores.shape[1])

        def refit(weights: Floats) -> Floats:
            again = answers.moments(weights)
            return np.concatenate(
                [
                    np.concatenate([covariance[lower], mean])
                    for covariance, mean in zip(again.covariances, again.means, strict=True)
                ]
            )

        return answers.answers.vcov(answers.moment_influences(self.fit.moments), refit)

    def test(self) -> AdjustedTest:
        """Return the test of the model."""
        weights = residual_weights(self.fit)
        return adjusted_test(self.statistic, self.df, weights, self.moments_vcov(), self.answers.n)

    def warnings(self) -> list[str]:
        """Return notes on loadings that run the other way, and on correlations that no factors have."""
        structure, design = self.fit.structure, self.answers.answers.design
        names, notes = self.answers.answers.names, []
        factors = structure.factors
        for number, group in enumerate(self.answers.groups):
            where = f" in {group}" if group else ""
            loadings, between = structure.standardized_in(number, self.fit.parameters)
            for place, factor in enumerate(factors):
                own = np.flatnonzero(structure.factor_of == place)
                if (loadings[own] > 0).any():
                    notes += [
                        f"{design.called(names[item])} has a negative loading on {factor} "
                        f"({loadings[item]:.2f}){where}. If its answers run the other way, say so in the "
                        "codebook (reverse: true)."
                        for item in own[loadings[own] < 0].tolist()
                    ]
            if len(factors) > 1 and np.linalg.eigvalsh(between)[0] <= 0:
                beyond = [
                    f"{factors[one]} with {factors[other]}: {between[one, other]:.2f}"
                    for one, other in np.argwhere(np.triu(np.abs(between) >= 1, 1)).tolist()
                ]
                named = f" ({'; '.join(beyond)})" if beyond else ""
                notes.append(
                    f"The estimated correlations of the factors are not possible{where}{named}. Some of "
                    "these factors may be one."
                )
        return notes

    def model(self, by: str | None, conf: float) -> FactorModel:
        """Return the result that users see."""
        structure = self.fit.structure
        groups = self.answers.groups if by is not None else ()
        names = structure.names
        kept = np.array([bool(groups) or not name.endswith("~1") for name in names])
        factor, added = structure.rescaled(*self.answers.units)
        parameters = factor * self.fit.parameters + added
        parameters_vcov = self.vcov * np.outer(factor, factor)
        standard_names = [
            name for name in names if "=~" in name or ("~~" in name and _factor_pair(name, structure))
        ]
        standard_places = [names.index(name) for name in standard_names]

        def standardized(at: Floats) -> Floats:
            return structure.standardized(at)[standard_places]

        def reliabilities(at: Floats) -> Floats:
            return _reliabilities(structure, structure.standardized(at))

        def estimate(rows: pd.DataFrame, value: Floats, vcov: Floats, statistic: str) -> Estimate:
            return self._estimate(rows, value, vcov, statistic, conf)

        factors = structure.factors
        reliability = None
        if not groups:
            rows = pd.DataFrame(
                [
                    (factor, level)
                    for factor in factors
                    for level in ("composite reliability", "average variance extracted")
                ],
                columns=["variable", "level"],
            )
            value, vcov = self._follow(reliabilities)
            reliability = estimate(rows, value, vcov, "reliability of factors")
        value, vcov = self._follow(standardized)
        test = self.test()
        return FactorModel(
            parameters=estimate(
                _rows([name for name, keep in zip(names, kept, strict=True) if keep]),
                parameters[kept], parameters_vcov[np.ix_(kept, kept)], "parameter",
            ),
            standardized=estimate(_rows(standard_names), value, vcov, "standardized parameter"),
            reliability=reliability,
            test=test,
            indices=fit_indices(self.fit, test, self.answers.n),
            groups=groups,
            n=self.answers.n,
        )  # fmt: skip

    def _follow(self, function: Callable[[Floats], Floats]) -> tuple[Floats, Floats]:
        """Return a function of the parameters, and its covariance by the delta method."""
        at = self.fit.parameters
        columns = []
        for place in range(len(at)):
            step = np.zeros_like(at)
            step[place] = STEP * max(abs(at[place]), 0.1)
            columns.append((function(at + step) - function(at - step)) / (2 * step[place]))
        slope = np.array(columns).T
        return function(at), slope @ self.vcov @ slope.T

    def _estimate(
        self, rows: pd.DataFrame, value: Floats, vcov: Floats, statistic: str, conf: float
    ) -> Estimate:
        answers = self.answers.answers
        numbers = Numbers(
            keys=rows, value=value, vcov=vcov, n=np.full(len(value), self.answers.n),
            held=(answers.held(len(value)),), unit="number",
        )  # fmt: skip
        return estimate_of(
            numbers, statistic=statistic, base=answers.base, conf=conf,
            notes=(*answers.notes, *self.warnings()),
            caveats=answers.design.caveats_about(*answers.names), labels=self._labels(rows["variable"]),
        )  # fmt: skip

    def _labels(self, names: Iterable[str]) -> dict[str, str]:
        """Return loadings and correlations in words for readers."""
        words = self.answers.answers.design.labels(self.answers.answers.names)
        found = {}
        for name in names:
            left, sign, right = (*name.split(" ", 2), "", "")[:3]
            item, _, group = right.partition(" [")
            own = f" ({group.rstrip(']')})" if group else ""
            if sign == "=~":
                of = f"{left}: " if self.fit.structure.between.shape[1] > 1 else ""
                found[name] = f"{of}{words.get(item, item)}{own}"
            elif sign == "~~" and left != item:
                found[name] = f"{left} with {item}{own}"
        return found


def _rows(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"variable": names, "level": ""})


def _factor_pair(name: str, structure: Structure) -> bool:
    """Return whether a parameter is the covariance of two factors."""
    place = structure.names.index(name)
    one, other = name.split(" [", maxsplit=1)[0].split(" ~~ ")
    return one != other and bool((structure.between == place).any())


def _reliabilities(structure: Structure, standard: Floats) -> Floats:
    """Return composite reliability and average variance extracted of each factor, in turn."""
    found = []
    for factor in range(structure.between.shape[1]):
        own = standard[structure.loadings[0][structure.factor_of == factor]]
        total = own.sum() ** 2
        found += [total / (total + (1 - own**2).sum()), (own**2).mean()]
    return np.array(found)
