"""Exploratory factors of several items, on their weighted correlations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from trustkit.arguments import NAMES, POSITIVE_WHOLE, SEED, accepts_estimator, choice, one_of
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import Counted, counted_as_one
from trustkit.display import Shown, p_in_words
from trustkit.errors import DataError, how_many
from trustkit.field_kinds import accepts_fields, accepts_lengths
from trustkit.headings import shortened
from trustkit.scales.derivatives import correlations_of
from trustkit.scales.one_factor import refuse_dependent
from trustkit.scales.polychoric import OrderedAnswers
from trustkit.scales.scale_answers import ScaleAnswers
from trustkit.scales.several_factors import Rotation, extract, most_factors, rotated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

Correlation = Literal["pearson", "polychoric"]

DRAWS = 500
"""The random matrices of a parallel analysis."""

QUANTILE = 0.95
"""An eigenvalue counts if it is above this quantile of those of random matrices."""

SMALL = 0.3
"""A loading below this is shown in brackets."""

NO_FACTOR = (
    "The parallel analysis finds no factor: these items correlate no more than random answers would. One "
    "factor is shown all the same."
)
"""The note on items that have nothing in common."""


@dataclass(frozen=True, eq=False, repr=False)
class Factors(Shown):
    """Exploratory factors.

    Attributes
    ----------
    loadings
        One row per item, one column per factor (``factor 1`` explains most).
    se
        The standard errors of the loadings by replicates; None for a design without them.
    between
        The factors' correlations, shape (m, m).
    unique
        Shape (k,): what the factors leave of each item's variance.
    explained
        Shape (m,): the share of the items' variance that each factor explains.
    kmo, kmo_items
        How much of the correlations is shared by more than two items (Kaiser, Meyer and Olkin): of all
        items, and of each, shape (k,).
    bartlett, bartlett_df, bartlett_p
        The test that no two items correlate, with the effective n.
    statistic, statistic_df, statistic_p
        The test that so many factors are enough, with the effective n. NaN without degrees of freedom.
    parallel
        One row per eigenvalue: ``eigenvalue``, ``random`` (the quantile of random answers), ``counts``.
    suggested
        How many factors the parallel analysis suggests.
    n, n_eff
        Respondents, and the size of a simple random sample in which the items' means are known as well.
    base, notes, caveats
        Who is counted, and what a reader must know.
    labels
        Item -> its wording.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> random = np.random.default_rng(1)
    >>> answers = np.repeat(random.normal(size=(300, 2)), 3, axis=1) + random.normal(size=(300, 6))
    >>> found = tk.factors(tk.Design(pd.DataFrame(answers, columns=list("abcdef"))), list("abcdef"))
    >>> found.suggested, found.loadings.shape
    (2, (6, 2))
    """

    loadings: pd.DataFrame
    se: pd.DataFrame | None
    between: NDArray[np.float64]
    unique: NDArray[np.float64]
    explained: NDArray[np.float64]
    kmo: float
    kmo_items: NDArray[np.float64]
    bartlett: float
    bartlett_df: int
    bartlett_p: float
    statistic: float
    statistic_df: int
    statistic_p: float
    parallel: pd.DataFrame
    suggested: int
    n: int
    n_eff: float
    base: str
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        items, count = self.loadings.shape
        accepts_lengths(self, items, "unique", "kmo_items")
        accepts_lengths(self, count, "explained")
        if self.between.shape != (count, count):
            raise DataError(
                "the argument 'between' can't be used", where="Factors",
                got=f"shape {self.between.shape}", expected=f"shape {(count, count)}",
                do="give one row and one column per factor",
            )  # fmt: skip

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return (counted_as_one(self._parts(), self.n),)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = self.loadings.map(lambda value: f"{value:.2f}" if abs(value) >= SMALL else f"({value:.2f})")
        table = table.rename(columns=lambda name: f"loading on {name}")
        table["unique variance"] = [f"{value:.2f}" for value in self.unique]
        items = [str(name) for name in self.loadings.index]
        table.insert(0, "item", shortened([self.labels.get(name, name) for name in items])[0])
        m = self.between.shape[0]
        small = bool((self.loadings.abs() < SMALL).any(axis=None))
        pairs = [
            f"{one + 1} and {other + 1}: {self.between[one, other]:.2f}"
            for one in range(m)
            for other in range(one + 1, m)
        ]
        related = f"Correlations of factors {'; '.join(pairs)}." if np.any(self.between != np.eye(m)) else ""
        shares = ", ".join(f"{value:.0%}" for value in self.explained)
        enough = (
            f" Test that {how_many(m, 'factor', 'is', 'are')} enough: chi-square "
            f"{self.statistic:,.1f} on {self.statistic_df:,} degrees of freedom, "
            f"{p_in_words(self.statistic_p)}."
            if self.statistic_df > 0
            else ""
        )
        tests = (
            f"KMO {self.kmo:.2f}. Bartlett's test that the items are uncorrelated: chi-square "
            f"{self.bartlett:,.1f} on {self.bartlett_df:,} degrees of freedom, {p_in_words(self.bartlett_p)}."
        )
        notes = [
            f"Base: {self.base}. n = {self.n:,}, effective n = {self.n_eff:,.0f}.",
            f"{'The factors explain' if m > 1 else 'The factor explains'} {shares} of the items' variance.",
            *([related] if related else []),
            tests + enough,
            *([f"Loadings between -{SMALL} and {SMALL} stand in brackets."] if small else []),
            f"Number of factors by parallel analysis: {self.suggested}.",
            *self.caveats.sentences,
            *self.notes,
        ]
        return "Factors", table.reset_index(drop=True), notes


def factors(
    design: Design,
    items: str | Sequence[str],
    n_factors: int | Literal["parallel"] = "parallel",
    *,
    rotation: Rotation = "oblimin",
    correlation: Correlation = "pearson",
    where: Where = None,
    seed: int = 0,
) -> Factors:
    """Explore which factors the answers to some items have in common.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items, where
        As in `trustkit.reliability`.
    n_factors
        How many factors; ``parallel``: as many as the parallel analysis suggests, but at least one and at
        most as many as the items can have; a note says so where that differs.
    rotation
        ``oblimin`` (factors correlate), ``varimax`` (they do not) or ``none``.
    correlation
        ``pearson``, or ``polychoric`` for ordered answers of few steps (`trustkit.polychoric`).
    seed
        Of the random matrices of the parallel analysis.

    Returns
    -------
    Factors
        Loadings with what they need to be judged; the same each time.

    Raises
    ------
    DataError
        As `trustkit.reliability`; more factors than the items can have, an item that the factors explain
        wholly, or polychoric correlations that are not positive definite.

    Notes
    -----
    Maximum likelihood on the weighted correlations, to a derivative below 1e-11, so equal to R's ``factanal``
    and statsmodels' ``Factor(method="ml")`` to their tolerance. The effective n is the median over items of
    1 plus variance by squared standard error of the mean, at most n; Bartlett's test, the test of the number
    of factors and the parallel analysis (Horn 1965, doi:10.1007/BF02289447) take it, as with the number of
    respondents they would find too many factors. Standard errors need replicate weights: factors of each
    replicate are matched to those of all respondents. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> random = np.random.default_rng(1)
    >>> answers = np.repeat(random.normal(size=(300, 2)), 3, axis=1) + random.normal(size=(300, 6))
    >>> found = tk.factors(tk.Design(pd.DataFrame(answers, columns=list("abcdef"))), list("abcdef"), 2)
    >>> found.loadings.round(1).abs().max().tolist()
    [0.8, 0.7]
    """
    accepts_estimator(
        design, None, where, 0.95,
        items=(items, NAMES), n_factors=(n_factors, POSITIVE_WHOLE | choice("parallel")),
        rotation=(rotation, one_of(Rotation)), correlation=(correlation, one_of(Correlation)),
        seed=(seed, SEED),
    )  # fmt: skip
    answers = ScaleAnswers.of(design, items, where)
    names, k = answers.names, len(answers.names)
    source = Correlations.of(answers, correlation)
    matrix = source.matrix(design.weights)
    n_eff = effective_n(answers)
    observed = np.linalg.eigvalsh(matrix)[::-1]
    random = random_eigenvalues(k, n_eff, seed)
    above = observed > random
    suggested = k if above.all() else int(np.argmin(above))
    most = most_factors(k)
    count = min(max(suggested, 1), most) if n_factors == "parallel" else n_factors
    if count > most or most == 0:
        raise DataError(
            "so few items can't have so many factors", got=f"{count} factors of {k} items",
            expected=f"at most {most}", do="take fewer factors, or more items",
        )  # fmt: skip
    notes = list(answers.notes)
    if n_factors == "parallel" and suggested < 1:
        notes.append(NO_FACTOR)
    if n_factors == "parallel" and suggested > most:
        notes.append(
            f"The parallel analysis suggests {suggested} factors; with {k} items the most that can be fitted "
            f"is {most}."
        )
    found = extract(matrix, count, names)
    loadings, between = rotated(found.loadings, rotation)
    df = ((k - count) ** 2 - k - count) // 2
    size = n_eff - 1 - (2 * k + 5) / 6
    statistic = (size - 2 * count / 3) * found.discrepancy if df > 0 else np.nan
    sphericity = float(-size * np.linalg.slogdet(matrix)[1])
    inverse: Floats = np.linalg.inv(matrix).astype(float)
    titles = [f"factor {number}" for number in range(1, count + 1)]
    se = None
    if design.replicates is not None:
        vcov = answers.vcov(
            np.zeros((len(answers.asked), k * count)),
            lambda weights: matched(
                rotated(extract(source.matrix(weights), count, names).loadings, rotation)[0], loadings
            ).ravel(),
        )
        se = pd.DataFrame(np.sqrt(np.diag(vcov)).reshape(k, count), index=names, columns=titles)
    kmo_all, kmo_items = _kmo(matrix, inverse)
    return Factors(
        loadings=pd.DataFrame(loadings, index=names, columns=titles),
        se=se,
        between=between,
        unique=found.unique,
        explained=((loadings @ between) * loadings).sum(axis=0) / k,
        kmo=kmo_all,
        kmo_items=kmo_items,
        bartlett=sphericity,
        bartlett_df=k * (k - 1) // 2,
        bartlett_p=float(stats.chi2.sf(sphericity, k * (k - 1) // 2)),
        statistic=statistic,
        statistic_df=df,
        statistic_p=float(stats.chi2.sf(statistic, df)) if df > 0 else np.nan,
        parallel=pd.DataFrame({"eigenvalue": observed, "random": random, "counts": np.arange(k) < suggested}),
        suggested=suggested,
        n=answers.n,
        n_eff=n_eff,
        base=answers.base,
        notes=tuple(notes),
        caveats=design.caveats_about(*names),
        labels=design.labels(names),
    )


@dataclass(frozen=True, eq=False)
class Correlations:
    """The correlations of some items with any weights: Pearson's, or polychoric ones of their steps."""

    answers: ScaleAnswers
    ordered: OrderedAnswers | None

    @classmethod
    def of(cls, answers: ScaleAnswers, correlation: Correlation) -> Correlations:
        """Read the steps of ordered answers if they are needed."""
        return cls(answers, OrderedAnswers.of(answers) if correlation == "polychoric" else None)

    def matrix(self, weights: Floats) -> Floats:
        """Return the correlations, shape (k, k).

        Raises
        ------
        DataError
            If they are not positive definite.
        """
        if self.ordered is None:
            matrix = correlations_of(self.answers.covariance(weights))
            refuse_dependent(matrix, self.answers.names)
            return matrix
        matrix = self.ordered.matrix(self.ordered.correlations(weights))
        smallest = float(np.linalg.eigvalsh(matrix)[0])
        if smallest <= 0:
            raise DataError(
                "the polychoric correlations are not positive definite, so they have no factors",
                got=f"a smallest eigenvalue of {smallest:.4f}",
                do="leave out items that are nearly alike, or take correlation='pearson'",
            )
        return matrix


def effective_n(answers: ScaleAnswers) -> float:
    """Return the size of a simple random sample in which the items' means are known as well; at most n."""
    weights = answers.design.weights
    added = np.zeros((len(answers.asked), len(answers.names)))
    deviations = (answers.scores - answers.moments[0][:, None]).T
    added[answers.complete] = deviations / weights[answers.complete].sum()
    variance = np.diag(answers.vcov(added, answers.means))
    sizes = 1 + np.diag(answers.moments[1]) / np.where(variance > 0, variance, np.inf)
    return float(min(np.median(sizes), answers.n))


def random_eigenvalues(items: int, n: float, seed: int) -> Floats:
    """Return a high quantile of each eigenvalue of correlations of random answers, shape (k,).

    Notes
    -----
    Matrices of Wishart's distribution, drawn by Bartlett's triangular factor, so that the time does not
    depend on n.
    """
    generator = np.random.default_rng(seed)
    found = np.empty((DRAWS, items))
    df = max(n - 1, items)
    for draw in range(DRAWS):
        lower = np.tril(generator.normal(size=(items, items)), -1)
        lower[np.diag_indices(items)] = np.sqrt(generator.chisquare(df - np.arange(items)))
        found[draw] = np.linalg.eigvalsh(correlations_of(lower @ lower.T))[::-1]
    return np.asarray(np.quantile(found, QUANTILE, axis=0), dtype=float)


def matched(loadings: Floats, target: Floats) -> Floats:
    """Return the columns of some loadings in the order and with the signs that fit a target best."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    products = target.T @ loadings
    _, order = linear_sum_assignment(-np.abs(products))
    signs = np.sign(products[np.arange(len(order)), order])
    found: Floats = loadings[:, order] * np.where(signs == 0, 1.0, signs)
    return found


def _kmo(matrix: Floats, inverse: Floats) -> tuple[float, Floats]:
    """Return the measure of sampling adequacy of all items and of each."""
    partial = -correlations_of(inverse)
    off = ~np.eye(len(matrix), dtype=bool)
    simple, left = (np.where(off, of**2, 0.0) for of in (matrix, partial))
    items: Floats = simple.sum(axis=1) / (simple.sum(axis=1) + left.sum(axis=1))
    return float(simple.sum() / (simple.sum() + left.sum())), items
