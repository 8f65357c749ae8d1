"""How anonymous rows are: who shares what is known of a person, and the risk to be found in a population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from trustkit.arguments import ARRAY, NAME, NAMES, OPTIONAL_NAMES, SURVEY, ArgumentKind, accepts
from trustkit.display import Shown, show_decimals, show_number, show_share
from trustkit.errors import DataError, suggest
from trustkit.field_kinds import accepts_columns, accepts_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.survey.survey import Survey

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.intp]

MOST_BY_SCIPY = 20
"""Up to this size of a group, scipy's hypergeometric function gives the risk."""

TERMS = 100
"""Terms of its series above that size; the next one is below 1e-22 of the first."""

WEIGHTS = (
    NAME
    | ARRAY
    | ArgumentKind(
        lambda value: isinstance(value, pd.Series), "a Series of weights", "give one weight per row"
    )
)


@dataclass(frozen=True, eq=False, repr=False)
class Anonymity(Shown):
    """How anonymous the respondents of a survey are.

    Attributes
    ----------
    quasi
        The variables that somebody may know of a respondent.
    n
        Respondents.
    k
        The size of the smallest group of respondents who share all of them.
    sample_uniques
        Respondents who share them with nobody in the sample.
    groups
        How many groups there are.
    diversity
        ``variable``, ``l`` (the fewest different values in a group) and ``t`` (the largest distance between
        the distribution in a group and that of all), a row for each sensitive variable.
    coarsen
        ``without``, ``k``, ``sample_uniques`` and ``groups``, if one of the variables were left out; the
        most useful first. It is the one to coarsen.
    risk
        Each respondent's risk to be found in the population, shape (n,); NaN without weights.
    population_uniques
        How many of the sample's uniques are expected to be unique in the population; NaN without weights.
    notes
        What a reader must know.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "m", "f", "f"], "town": ["A", "A", "A", "B"]})
    >>> tk.anonymity(tk.read(frame), quasi=["sex", "town"]).to_frame()
      without  k  sample_uniques  groups
    0       -  1               2       3
    1    town  2               0       2
    2     sex  1               1       2
    """

    quasi: tuple[str, ...]
    n: int
    k: int
    sample_uniques: int
    groups: int
    diversity: pd.DataFrame
    coarsen: pd.DataFrame
    risk: Floats
    population_uniques: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "diversity", ("variable", "l", "t"))
        accepts_columns(self, "coarsen", ("without", "k", "sample_uniques", "groups"))

    @property
    def expected_found(self) -> float:
        """How many respondents are expected to be found: the sum of the risks."""
        return float(self.risk.sum())

    def to_frame(self) -> pd.DataFrame:
        """Return the variables together, and then without each of them.

        Returns
        -------
        DataFrame
            ``without`` (``-`` for none), ``k``, ``sample_uniques`` and ``groups``.
        """
        whole = {"without": "-", "k": self.k, "sample_uniques": self.sample_uniques, "groups": self.groups}
        return pd.concat([pd.DataFrame([whole]), self.coarsen], ignore_index=True)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "respondents": f"{self.n:,}",
            "k": f"{self.k:,}",
            "unique in the sample": f"{self.sample_uniques:,}",
            "of them expected unique in the population": show_number(self.population_uniques),
            "expected to be found": show_number(self.expected_found),
            "largest risk": show_share(float(self.risk.max(initial=0.0))),
        }
        table = pd.DataFrame({"measure": list(about), "value": list(about.values())})
        notes = [
            f"{row['variable']}: at least {row['l']} different values in each group; "
            f"distance at most {show_decimals(row['t'], 3)}."
            for row in self.diversity.to_dict("records")
        ]
        if len(self.coarsen):
            best = self.coarsen.iloc[0]
            notes.append(
                f"Coarsen first: {best['without']}; without it k is {best['k']:,}, and "
                f"{best['sample_uniques']:,} are unique."
            )
        return f"Anonymity by {', '.join(self.quasi)}", table, [*notes, *self.notes]


def anonymity(
    survey: Survey,
    *,
    quasi: str | Sequence[str] | None = None,
    sensitive: str | Sequence[str] = (),
    weights: str | pd.Series | Floats | None = None,
) -> Anonymity:
    """Find out how anonymous respondents are by what somebody may know of them.

    Parameters
    ----------
    survey
        The survey. A missing value is a value of its own.
    quasi
        The variables that somebody may know. None: those that the codebook calls ``quasi``.
    sensitive
        Variables that nobody should learn from a group: l-diversity and t-closeness are measured for them.
    weights
        The name of a column, or one number per row, such as ``design.weights``: how many people of the
        population a respondent stands for. None: the codebook's weights, if it names any.

    Returns
    -------
    Anonymity
        Its repr names the variable to coarsen first.

    Raises
    ------
    DataError
        If there is no such variable, no quasi-identifier or no respondent, a variable is both, or weights
        are not positive and finite.

    Notes
    -----
    k and l are those of Samarati (2001, doi:10.1109/69.971193) and of Machanavajjhala and others (2007,
    doi:10.1145/1217299.1217302). t-closeness (Li and others 2007, doi:10.1109/ICDE.2007.367856) is the
    earth mover's distance: of numeric variables over their ordered values, a missing one after all others;
    of others half of the sum of the absolute differences.

    With weights, a group of f respondents and estimated size F' = sum of their weights in the population has

        risk = E[1/F | f],  F | f negative binomial with p = f / F'

    (Benedetti and Franconi 1998; as sdcMicro's ``indivRisk``, but exactly for every f), which is p/f times
    the hypergeometric function 2F1(1, 1; f + 1; 1 - p). A respondent alone in the group is alone in the
    population with probability p. Weights that do not sum to the population, such as weights with mean 1,
    overstate the risk.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "m", "f", "f"], "town": ["A", "A", "A", "B"], "w": [10.0] * 4})
    >>> found = tk.anonymity(tk.read(frame), quasi=["sex", "town"], weights="w")
    >>> found.k, found.sample_uniques, found.population_uniques, found.risk.round(3).tolist()
    (1, 2, 0.2, [0.083, 0.083, 0.256, 0.256])
    >>> found.coarsen["without"].tolist()
    ['town', 'sex']
    """
    accepts(
        survey=(survey, SURVEY), quasi=(quasi, OPTIONAL_NAMES), sensitive=(sensitive, NAMES),
        weights=(weights, WEIGHTS.optional()),
    )  # fmt: skip
    names, hidden = _quasi(survey, quasi), _names(sensitive)
    for name in (*names, *hidden):
        if name not in survey.data:
            raise DataError(f"no variable {name!r}", where="anonymity", do=suggest(name, survey.data.columns))
    both = [name for name in hidden if name in names]
    if both:
        raise DataError(
            f"{both[0]} is a quasi-identifier and sensitive at once", where="sensitive", do="name it once"
        )
    if survey.data.empty:
        raise DataError("there is no respondent", where="anonymity", do="check how the survey was read")
    group = groups_of(survey.data, names)
    sizes = np.bincount(group)
    numbers = _weights(survey, weights)
    notes = [*survey.codebook.caveats.sentences]
    risk, found = np.full(len(group), np.nan), float("nan")
    if numbers is None:
        notes.append("No weights: the risk in the population is not known.")
    else:
        totals = np.bincount(group, weights=numbers)
        if (totals < sizes).any():
            notes.append(
                "Some weights are below 1: they can't count people, and such groups count as complete."
            )
        share = np.minimum(sizes / totals, 1.0)
        risk, found = individual_risk(sizes, share)[group], float(share[sizes == 1].sum())
    return Anonymity(
        names, len(group), int(sizes.min()), int((sizes == 1).sum()), len(sizes),
        _diversity(survey, group, hidden), _without(survey.data, names), risk, found, tuple(notes),
    )  # fmt: skip


def individual_risk(sizes: Ints, share: Floats) -> Floats:
    """Return the risk of a respondent of each group: the expectation of 1/F.

    Parameters
    ----------
    sizes
        Shape (g,): respondents of the group.
    share
        Shape (g,): they as a share of the group's estimated size in the population, above 0 and at most 1.

    Examples
    --------
    >>> individual_risk(np.array([1, 1, 3]), np.array([0.1, 1.0, 1.0])).round(4).tolist()
    [0.2558, 1.0, 0.3333]
    """
    from scipy.special import hyp2f1  # noqa: PLC0415  # scipy is slow to import

    few, rest = sizes <= MOST_BY_SCIPY, 1.0 - share
    series, term = np.ones(len(sizes)), np.ones(len(sizes))
    for place in range(
        TERMS
    ):  # scipy's function overflows for groups of some hundreds; there the series is short
        term = term * rest * (place + 1) / (sizes + 1 + place)
        series += term
    exact = hyp2f1(1.0, 1.0, np.where(few, sizes, 1) + 1.0, rest)
    return np.asarray(share / sizes * np.where(few, exact, series), dtype=np.float64)


def groups_of(data: pd.DataFrame, names: Sequence[str]) -> Ints:
    """Return the number of each row's group: rows with the same values share one; missing is a value.

    Examples
    --------
    >>> groups_of(pd.DataFrame({"a": ["x", None, "x", None]}), ["a"]).tolist()
    [0, 1, 0, 1]
    """
    group = np.zeros(len(data), dtype=np.intp)
    for name in names:
        codes, values = pd.factorize(data[name], use_na_sentinel=False)
        group, _ = pd.factorize(group * len(values) + codes)
    return group


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))


def _quasi(survey: Survey, quasi: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the variables that somebody may know."""
    variables = survey.codebook.variables.values()
    marked = [about.name for about in variables if about.identifier == "quasi" and about.name in survey.data]
    names = _names(marked if quasi is None else quasi)
    if not names:
        raise DataError(
            "no variable is a quasi-identifier", where="quasi",
            do='name them: quasi=["age", "sex"], or write identifier: quasi in the codebook',
        )  # fmt: skip
    return names


def _weights(survey: Survey, weights: str | pd.Series | Floats | None) -> Floats | None:
    """Return one weight per row, None if there are none."""
    given = survey.codebook.design.weights if weights is None else weights
    if given is None:
        return None
    if isinstance(given, str):
        if given not in survey.data:
            raise DataError(f"no variable {given!r}", where="weights", do=suggest(given, survey.data.columns))
        given = survey.data[given]
    numbers = np.asarray(given)
    values = numbers.astype(float) if numbers.dtype.kind in "iuf" else np.zeros(numbers.shape)
    if values.shape != (len(survey.data),) or not np.isfinite(values).all() or (values <= 0).any():
        raise DataError(
            "each row needs one weight above 0", where="weights", got=f"shape {values.shape}",
            expected=f"{len(survey.data):,} finite numbers above 0", do="leave out rows without a weight",
        )  # fmt: skip
    return values


def _without(data: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return what k and the uniques would be without each variable, the most useful first."""
    rows = []
    for name in names if len(names) > 1 else ():
        sizes = np.bincount(groups_of(data, [other for other in names if other != name]))
        rows.append((name, int(sizes.min()), int((sizes == 1).sum()), len(sizes)))
    frame = pd.DataFrame(rows, columns=["without", "k", "sample_uniques", "groups"])
    order = frame.assign(lost=-frame["k"]).sort_values(["lost", "sample_uniques", "groups"], kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def _diversity(survey: Survey, group: Ints, sensitive: Sequence[str]) -> pd.DataFrame:
    """Return l and t of each sensitive variable."""
    rows = []
    for name in sensitive:
        ordered = pd.api.types.is_numeric_dtype(survey.data[name])
        codes, values = pd.factorize(survey.data[name], sort=True, use_na_sentinel=False)
        counts = np.zeros((int(group.max()) + 1, len(values)))
        np.add.at(counts, (group, codes), 1.0)
        shares = counts / counts.sum(axis=1, keepdims=True)
        rest = shares - counts.sum(axis=0) / counts.sum()
        if ordered:
            distance = np.abs(np.cumsum(rest, axis=1)).sum(axis=1) / max(len(values) - 1, 1)
        else:
            distance = np.abs(rest).sum(axis=1) / 2
        rows.append((name, int((counts > 0).sum(axis=1).min()), float(distance.max())))
    return pd.DataFrame(rows, columns=["variable", "l", "t"])
