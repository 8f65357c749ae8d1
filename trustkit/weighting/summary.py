"""What weighting did: achieved margins, unequal weights, and variables outside the targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, OPTIONAL_NAME_LIST, TARGETS, accepts
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import NOTES, Counted, counted_rows
from trustkit.design.design import Design
from trustkit.design.sums import compact, cross, group_totals
from trustkit.design.weight_history import (
    CROSSED,
    MEAN,
    MET,
    UNMET,
    Spread,
    counted_margins,
    show_error,
    show_margins,
)
from trustkit.display import Shown, show_decimals, show_share
from trustkit.errors import DataError, suggest
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.headings import SENTENCE_ENDS
from trustkit.survey.variable import CODED
from trustkit.weighting.matching import match
from trustkit.weighting.targets import targets_from, targets_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.weight_history import WeightStep
    from trustkit.weighting.targets import TargetsLike

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

PERCENTILES = (0, 1, 5, 25, 50, 75, 95, 99, 100)
"""Percentiles of the weights that are shown."""

MOST_LEVELS = 50
"""A variable with more labels is not compared unless it is named."""

WORST_SHOWN = 3
"""How many variables with the largest differences the text names."""

SMALL = 0.01
"""A smaller weight, relative to the mean, shows in no second decimal."""

UNSEEN = 1e-6
"""A smaller difference between a margin and its target shows in no digit of any table."""


@dataclass(frozen=True, eq=False, repr=False)
class WeightSummary(Shown):
    """The weights, the targets that they meet, and what they changed in other variables.

    Attributes
    ----------
    levels
        One row per target: the domain (if any), ``variable``, ``level``, ``n``, ``target``, ``before`` (first
        weights), ``after`` (the design's weights now) and ``error``, after minus target.
    margins
        One row per margin: its largest absolute error now.
    steps
        One row per step: ``step``, ``rule``, ``error``, ``iterations``, ``weight_min``, ``weight_max``,
        ``deff``, ``n_eff``, ``changed``, ``source``, ``date``.
    percentiles
        Percentile -> weight relative to the mean weight, over respondents with a positive weight.
    differences
        One row per level of variables outside the targets: ``variable``, ``level``, ``before``, ``after``,
        ``reference``; absolute standardised mean differences from the reference, ``asmd_before`` and
        ``asmd_after`` (NaN without one), and ``moved``, from before to after. In standard deviations of the
        reference; without a reference, of the first weights.
    spread
        n, deff and extremes of the weights.
    trimmed
        Share of the weights that trimming set to a limit; 0 if there was none.
    notes
        What a reader must know in addition to the numbers.
    caveats
        What a reader must know about the data.
    labels
        Variable or domain of ``levels`` and ``differences`` -> how readers see it.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> summary = tk.weight_summary(tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}}))
    >>> summary.levels[["variable", "level", "target", "before", "after"]]
      variable level  target  before  after
    0      sex     m     0.5    0.25    0.5
    1      sex     f     0.5    0.75    0.5
    >>> round(summary.spread.deff, 4)
    1.3333
    """

    levels: pd.DataFrame
    margins: pd.DataFrame
    steps: pd.DataFrame
    percentiles: dict[int, float]
    differences: pd.DataFrame
    spread: Spread
    trimmed: float
    notes: tuple[str, ...]
    caveats: Caveats = NO_CAVEATS
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        for name, columns in _COLUMNS.items():
            if name == "differences" or len(getattr(self, name)):
                accepts_columns(self, name, columns)

    @property
    def error(self) -> float:
        """The largest error of a margin now; NaN without targets."""
        return float(self.margins["error"].max()) if len(self.margins) else float("nan")

    @property
    def deff(self) -> float:
        """Kish's design effect of weighting, n * sum(w^2) / (sum w)^2."""
        return self.spread.deff

    @property
    def n_eff(self) -> float:
        """Kish's effective sample size, n / deff."""
        return self.spread.n_eff

    def to_frame(self) -> pd.DataFrame:
        """Return the levels: one row per target, unrounded."""
        return self.levels.copy()

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        title, table, notes = self._parts()
        own = self.levels.drop(columns="error") if len(self.levels) else self.levels
        levels = counted_margins(own, table.shape[1]) if len(own) else ()
        every = [(NOTES, note) for note in range(len(notes))]
        return (*levels, counted_rows([title], [self.spread.n], lambda _: every))

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        spread = self.spread
        lines = [
            f"Respondents {spread.n:,}; {spread.words}",
            "Weights relative to their mean: "
            + ", ".join(f"{_ordinal(at)} {_relative(value)}" for at, value in self.percentiles.items())
            + ".",
        ]
        if len(self.levels):
            table = show_margins(self.levels.drop(columns="error"), self.labels)
            lines.insert(0, _met_in_words(self.error))
        else:
            table = self.steps[["step", "rule"]] if len(self.steps) else pd.DataFrame({"step": ["none"]})
        if self.trimmed:
            lines.append(f"{show_share(self.trimmed)} of the weights were trimmed.")
        column = "moved" if self.differences["asmd_after"].isna().all() else "asmd_after"
        known = self.differences.dropna(subset=column)  # two answers move alike, so rounding must not choose
        worst = known.loc[(-known[column].round(9)).sort_values(kind="stable").index]
        if len(worst):
            words = "moved most by the weights" if column == "moved" else "furthest from the reference"
            rows = worst.drop_duplicates("variable").head(WORST_SHOWN).to_dict("records")
            named = ", ".join(
                f"{_named(self.labels.get(row['variable'], row['variable']), row['level'])} {row[column]:.2f}"
                for row in rows
            )
            lines.append(f"Variables without targets, {words}, in standard deviations: {named}.")
        return "Weights", table, (*lines, *self.notes, *self.caveats.sentences)


def weight_summary(
    design: Design,
    *,
    variables: Sequence[str] | None = None,
    reference: Design | pd.DataFrame | TargetsLike | None = None,
) -> WeightSummary:
    """Summarise what weighting changed in a design, and how much precision it cost.

    Parameters
    ----------
    design
        A design, with the history of its weights. Without one, ``before`` are equal weights.
    variables
        Variables outside the targets to compare before and after; None: every labelled or numeric variable
        that is neither a target nor part of the sampling.
    reference
        What to compare those variables with: a reference sample (Design or frame), or targets as in
        `trustkit.rake`, of variables that the weights were not fitted to.

    Raises
    ------
    DataError
        An unknown variable, or one that the reference lacks.

    Notes
    -----
    Absolute standardised mean differences as in Stuart 2010 (doi:10.1214/09-STS313), with the standard
    deviation of the reference; values below 0.1 are commonly accepted as balance.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"], "city": ["yes", "no", "yes", "no"]})
    >>> summary = tk.weight_summary(tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}}))
    >>> summary.differences[["variable", "level", "before", "after"]].round(3).to_numpy().tolist()
    [['city', 'no', 0.5, 0.333], ['city', 'yes', 0.5, 0.667]]
    """
    accepts(
        design=(design, DESIGN),
        variables=(variables, OPTIONAL_NAME_LIST),
        reference=(reference, (TARGETS | DESIGN).optional()),
    )
    history = design.history
    before = history[0].weights_before if history else np.ones(len(design.weights))
    levels = _levels(design, history, before)
    keys = [name for name in levels.columns if name not in _NUMBERS]
    margins = (
        levels.assign(error=levels["error"].abs()).groupby(keys, sort=False)["error"].max().reset_index()
    )
    used = design.weights[design.weights > 0]
    percentiles = dict(zip(PERCENTILES, np.percentile(used / used.mean(), PERCENTILES).tolist(), strict=True))
    trimmed = [step.changed for step in history if step.step == "trim"]
    targeted = {part for name in levels["variable"] for part in name.split(CROSSED)}
    names = _outside(design, targeted) if variables is None else list(variables)
    wanted = _wanted(design, reference, names)
    return WeightSummary(
        levels,
        margins,
        _steps(history),
        percentiles,
        _differences(design, before, names, wanted),
        Spread.of(design.weights),
        trimmed[-1] if trimmed else 0.0,
        tuple(dict.fromkeys(_notes_of(design))),
        design.caveats,
        design.headings([str(name) for name in (*levels.columns, *levels["variable"], *names)]),
    )


_NUMBERS = ("level", "n", "target", "before", "after", "error")
_COLUMNS = {
    "levels": ("variable", *_NUMBERS),
    "margins": ("error",),
    "steps": ("step", "rule"),
    "differences": ("variable", "level", "moved", "asmd_after"),
}


def _levels(design: Design, history: Sequence[WeightStep], before: Floats) -> pd.DataFrame:
    """Return the last targets of each margin, with the shares that the weights give now."""
    tables = []
    for step in history:
        if step.step in MET:
            keys = [name for name in step.margins.columns if name not in _NUMBERS]
            for _, part in step.margins.groupby(keys, sort=False):
                tables.append((keys, part))
    last = {(*keys, *part[keys].iloc[0]): (keys, part) for keys, part in tables}
    current = []
    for keys, part in last.values():
        variable = str(part["variable"].iloc[0])
        inside = np.ones(len(before), dtype=bool)
        for name in keys[:-1]:
            inside = design.codes(name, [part[name].iloc[0]]) == 0
        measured = [
            _measure(design, variable, list(part["level"]), np.where(inside, weights, 0.0))
            for weights in (before, design.weights)
        ]
        table = part.assign(before=measured[0], after=measured[1])
        current.append(table.assign(error=table["after"] - table["target"]))
    if not current:
        return pd.DataFrame(columns=["variable", *_NUMBERS])
    joined = pd.concat(current, ignore_index=True)
    domains = [name for name in joined.columns if name not in (*_NUMBERS, "variable")]
    joined[domains] = joined[domains].fillna("")
    return joined[[*domains, "variable", *_NUMBERS]]


def _measure(design: Design, variable: str, levels: Sequence[str], weights: Floats) -> Floats:
    """Return the weighted shares of levels among themselves, or a numeric variable's mean."""
    if list(levels) == [MEAN]:
        values, valid = design.numbers(variable)
        mass = weights if valid is None else weights * valid
        return np.array([float(mass @ values) / float(mass.sum())])
    if variable in design.data:
        codes = design.codes(variable, levels)
    else:
        codes = _joint_codes([design.data[name] for name in variable.split(CROSSED)], levels)
    sums = group_totals(codes + 1, weights, len(levels) + 1)[1:]
    return sums / sums.sum() if sums.sum() else np.full(len(levels), np.nan)


def _joint_codes(columns: Sequence[pd.Series], levels: Sequence[str]) -> Ints:
    """Return each row's place among the levels of crossed columns, -1 for any other."""
    place = np.zeros(len(columns[0]), dtype=np.intp)
    labels = [""]
    for column in columns:
        categories = column.astype("category")
        known = [str(label) for label in categories.cat.categories]
        width = len(known) + 1
        codes = categories.cat.codes.to_numpy().astype(np.intp) + 1
        present, place = compact(cross(place, codes, width), len(labels) * width)
        both = [(labels[code // width], ["", *known][code % width]) for code in present]
        labels = [CROSSED.join(filter(None, pair)) for pair in both]
    return np.asarray(pd.Index(levels).get_indexer(pd.Index(labels)), dtype=np.intp)[place]


def _outside(design: Design, targeted: set[str]) -> list[str]:
    """Return the labelled and numeric variables that are neither targets nor part of the sampling."""
    names = []
    for name in design.data:
        about = design.variable(str(name))
        if name in targeted or name in design.sampling_columns:
            continue
        if about.kind == "numeric" or (about.kind in CODED and 1 < len(about.labels) <= MOST_LEVELS):
            names.append(str(name))
    return names


def _wanted(
    design: Design, reference: Design | pd.DataFrame | TargetsLike | None, names: Sequence[str]
) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the reference: (variable, level) -> mean, standard deviation (NaN: use the sample's)."""
    if reference is None:
        return {}
    sample = isinstance(reference, Design) or (
        isinstance(reference, pd.DataFrame) and "level" not in reference
    )
    if not sample:
        targets = targets_from(reference, None)  # type: ignore[arg-type]
        frame = match(design, targets).frame(np.ones(1))
        return {
            (row["variable"], row["level"]): (row["target"], _spread(row["target"], row["level"]))
            for row in frame.to_dict("records")
        }
    other = reference if isinstance(reference, Design) else Design(reference)
    if missing := [name for name in names if name not in other.data]:
        raise DataError(
            f"the reference lacks {', '.join(missing)}", do=suggest(missing[0], other.data.columns)
        )
    wanted = {}
    for row in targets_of(other, list(names)).to_frame().to_dict("records"):
        level = MEAN if row["level"] == "mean" and not other.variable(row["variable"]).codes else row["level"]
        sd = _spread(row["target"], level)
        if level == MEAN:
            values, valid = other.numbers(row["variable"])
            mass = other.weights if valid is None else other.weights * valid
            sd = float(np.sqrt(mass @ (values - row["target"]) ** 2 / mass.sum()))
        wanted[row["variable"], level] = (row["target"], sd)
    return wanted


def _differences(
    design: Design,
    before: Floats,
    names: Sequence[str],
    wanted: dict[tuple[str, str], tuple[float, float]],
) -> pd.DataFrame:
    """Compare variables before and after weighting, and with the reference."""
    rows = []
    for name in names:
        about = design.variable(name)
        levels = list(about.labels) if about.kind in CODED else [MEAN]
        measured = [_measure(design, name, levels, weights) for weights in (before, design.weights)]
        for level, first, now in zip(levels, *measured, strict=True):
            sd_before = _spread(first, level)
            if level == MEAN:
                values, valid = design.numbers(name)
                mass = before if valid is None else before * valid
                sd_before = float(np.sqrt(mass @ (values - first) ** 2 / mass.sum()))
            target, sd = wanted.get((name, level), (float("nan"), float("nan")))
            sd = sd_before if np.isnan(sd) else sd
            distances = [abs(share - target) / sd if sd else float("nan") for share in (first, now)]
            moved = abs(now - first) / sd if sd else float("nan")
            rows.append((name, level, first, now, target, *distances, moved))
    columns = ["variable", "level", "before", "after", "reference", "asmd_before", "asmd_after", "moved"]
    return pd.DataFrame(rows, columns=columns)


def _spread(share: float, level: str) -> float:
    """Return the standard deviation of a share; NaN for the mean of a numeric variable."""
    return float("nan") if level == MEAN else float(np.sqrt(share * (1 - share)))


def _steps(history: Sequence[WeightStep]) -> pd.DataFrame:
    """Return one row per step of the history."""
    spread = ["weight_min", "weight_max", "deff", "n_eff"]
    columns = ["step", "rule", "error", "iterations", *spread, "changed", "source", "date"]
    return pd.DataFrame([[getattr(step, name) for name in columns] for step in history], columns=columns)


def _notes_of(design: Design) -> list[str]:
    """Return the notes of the steps that still hold, each with its step."""
    history = design.history
    met = max((place for place, step in enumerate(history) if step.step in MET), default=-1)
    return [
        f"{step.title.capitalize()}: {note[:1].lower()}{note[1:]}"
        for place, step in enumerate(history)
        for note in step.notes
        if not (note == UNMET and place < met)
    ]


def _relative(weight: float) -> str:
    """Show a weight relative to the mean weight."""
    return show_decimals(weight, 2) if weight >= SMALL else f"{weight:.1g}"


def _met_in_words(error: float) -> str:
    """Return how far the margins are from their targets, as a sentence."""
    if error < UNSEEN:
        return "Every margin meets its target."
    return f"The largest difference of a margin from its target is {show_error(error)}."


def _named(variable: str, level: str) -> str:
    """Return a variable and its level; a question mark parts them, too."""
    if level == MEAN:
        return variable
    return f"{variable} {level}" if variable.endswith(SENTENCE_ENDS) else f"{variable}: {level}"


def _ordinal(at: int) -> str:
    """Name a percentile."""
    return {0: "smallest", 50: "median", 100: "largest", 1: "1st percentile"}.get(at, f"{at}th percentile")
