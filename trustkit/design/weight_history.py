"""The history of weights: what each weighting step did, and what it cost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import Counted, ShownCount
from trustkit.display import Shown, show_decimals, show_number, show_share
from trustkit.field_kinds import accepts_columns, accepts_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MEAN = "(mean)"
"""The level in the row of a numeric variable."""

TITLES = {
    "rake": "raking",
    "poststratify": "poststratification",
    "calibrate": "calibration",
    "trim": "trimming",
    "normalize": "normalizing",
    "adjust_nonresponse": "nonresponse adjustment",
    "attrition_weights": "weighting for attrition",
    "propensity_weights": "propensity weighting",
}
"""The name of each step, for readers."""

ISO_DATE = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(\d{2})\b")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip

CROSSED = " x "
"""Stands between the variables of a margin of several, and between their levels."""

ERROR_TOLERANCE = 1e-12
"""Errors below this are rounding."""

MET = ("rake", "poststratify", "calibrate")
"""Steps whose targets the weights must meet."""

UNMET = "Margins that were met before are no longer met: rake again."
"""The note of a step after which the weights no longer meet their margins."""

MARGIN_COLUMNS = ["variable", "level", "n", "target", "before", "after"]


@dataclass(frozen=True)
class Spread:
    """How unequal weights are, over the rows with a positive weight.

    Attributes
    ----------
    n
        Rows with a positive weight.
    smallest, largest
        Relative to the mean weight.
    deff
        Kish's design effect of weighting, n * sum(w^2) / (sum w)^2.

    Examples
    --------
    >>> Spread.of(np.array([1.0, 1.0, 2.0, 0.0]))
    Spread(n=3, smallest=0.75, largest=1.5, deff=1.125)
    """

    n: int
    smallest: float
    largest: float
    deff: float

    @classmethod
    def of(cls, weights: Floats) -> Spread:
        """Measure weights of shape (n,)."""
        used = weights[weights > 0]
        mean = float(used.mean())
        deff = len(used) * float((used**2).sum()) / float(used.sum()) ** 2
        return cls(len(used), float(used.min()) / mean, float(used.max()) / mean, deff)

    @property
    def n_eff(self) -> float:
        """Kish's effective sample size, n / deff."""
        return self.n / self.deff

    @property
    def words(self) -> str:
        """The cost in precision, as the end of a sentence."""
        return f"Kish design effect {self.deff:.2f}; effective n {self.n_eff:,.0f}."


@dataclass(frozen=True, eq=False, repr=False)
class WeightStep(Shown):
    """What one step did to the weights, and what they cost in precision after it.

    Attributes
    ----------
    step
        The name of the function that did it.
    rule
        What the step had to do, in words.
    margins
        One row per level: ``variable``, ``level``, ``n``, ``target``, ``before``, ``after`` (shares; means
        of numeric variables), with the domain in front where targets are by domain. Empty for a step
        without targets.
    weights_before
        Shape (n,): the weights before the step.
    spread
        How unequal the weights are after it.
    error
        Largest ``|margin - target| / total`` achieved; NaN without targets.
    iterations
        Passes over the margins, or Newton steps; 0 where none is needed.
    changed
        Share of the respondents whose weight the step cut or raised to a limit; NaN except after trimming.
    source, date
        Where the targets come from, and their date.
    notes
        What a reader must know in addition to the numbers.
    caveats
        What a reader must know about the data.
    labels
        Variable -> how tables name it.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> step = tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}}).history[-1]
    >>> step.step, step.iterations
    ('rake', 1)
    >>> step.margins.round(3)
      variable level  n  target  before  after
    0      sex     m  1     0.5    0.25    0.5
    1      sex     f  3     0.5    0.75    0.5
    """

    step: str
    rule: str
    margins: pd.DataFrame
    weights_before: Floats
    spread: Spread
    error: float = float("nan")
    iterations: int = 0
    changed: float = float("nan")
    source: str = ""
    date: str = ""
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        if len(self.margins):
            accepts_columns(self, "margins", MARGIN_COLUMNS)

    @property
    def title(self) -> str:
        """The name of the step, for readers."""
        return TITLES.get(self.step, self.step)

    @property
    def weight_min(self) -> float:
        """The smallest weight, relative to the mean weight."""
        return self.spread.smallest

    @property
    def weight_max(self) -> float:
        """The largest weight, relative to the mean weight."""
        return self.spread.largest

    @property
    def deff(self) -> float:
        """Kish's design effect of weighting."""
        return self.spread.deff

    @property
    def n_eff(self) -> float:
        """Kish's effective sample size, n / deff."""
        return self.spread.n_eff

    def to_frame(self) -> pd.DataFrame:
        """Return the margins: one row per level, unrounded."""
        return self.margins.copy()

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        return () if self.margins.empty else counted_margins(self.margins, self._parts()[1].shape[1])

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        lines = []
        if self.margins.empty:
            table = pd.DataFrame({"step": [self.step], "rule": [self.rule]})
        else:
            table = show_margins(self.margins, self.labels)
        if self.step in MET:
            passes = f"{self.iterations} iteration{'' if self.iterations == 1 else 's'}"
            met = self.error < ERROR_TOLERANCE
            left = "every margin is met" if met else f"largest error {show_error(self.error)}"
            lines.append(f"Converged in {passes}: {left}.")
        if not np.isnan(self.changed):
            lines.append(f"{show_share(self.changed)} of the weights were set to a limit.")
        lines.append(
            f"Weights {self.weight_min:.3g} to {self.weight_max:.3g} times their mean; {self.spread.words}"
        )
        dated = f" Date of the targets: {show_date(self.date)}." if self.date else ""
        source = (f"Targets: {self.source.removesuffix('.')}.{dated}",) if self.source else ()
        caveats = replace(self.caveats, assumptions=())  # there is no interval here
        return (
            self.title.capitalize(),
            table,
            (" ".join(lines), *source, *self.notes, *caveats.sentences),
        )


class WeightHistory(tuple[WeightStep, ...], Shown):
    """The steps of a design's weights, as a tuple that shows them in one table.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}}).history
    Weighting steps
    step    rule    smallest  largest  design effect  effective n
    raking  to sex      0.67     2.00           1.33            3
    Weights are relative to their mean.
    """

    __slots__ = ()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "step": [step.title for step in self],
            "rule": [step.rule for step in self],
            "smallest": [show_decimals(step.weight_min, 2) for step in self],
            "largest": [show_decimals(step.weight_max, 2) for step in self],
            "design effect": [show_decimals(step.deff, 2) for step in self],
            "effective n": [show_decimals(step.n_eff, 0) for step in self],
        }
        note = "Weights are relative to their mean." if self else "No step has changed the weights."
        return "Weighting steps", pd.DataFrame(about), (note,)

    __repr__ = Shown.__repr__


def show_date(date: str) -> str:
    """Show each date of a text in words, and the rest as it is.

    Examples
    --------
    >>> show_date("2024-03-04"), show_date("2021 census")
    ('4 March 2024', '2021 census')
    >>> show_date("2024-03-04 to 2024-03-31")
    '4 March 2024 to 31 March 2024'
    """
    return ISO_DATE.sub(lambda parts: f"{int(parts[3])} {MONTHS[int(parts[2]) - 1]} {parts[1]}", date)


def show_error(error: float) -> str:
    """Show a margin's relative error; rounding errors, which differ between machines, as a limit.

    Examples
    --------
    >>> show_error(5.2e-10), show_error(3e-15)
    ('5e-10', 'below 1e-12')
    """
    return f"below {ERROR_TOLERANCE:.0e}" if error < ERROR_TOLERANCE else f"{error:.1g}"


def counted_margins(margins: pd.DataFrame, columns: int) -> tuple[Counted, ...]:
    """Return the respondents of each level of margins that are printed with n and three shares at the end.

    Parameters
    ----------
    margins
        The margins, one row per level, with the domain in front where targets are by domain.
    columns
        How many columns the table has.
    """
    found = []
    names = [name for name in margins if name not in ("level", "n", "target", "before", "after", "error")]
    for key, own in margins.reset_index(drop=True).groupby(names, sort=False):
        parts = [str(part) for part in key]
        levels = tuple(map(str, own["level"]))
        shown = tuple(
            ShownCount(
                0, level, (level,), (), tuple((int(row), column) for column in range(columns - 4, columns))
            )
            for row, level in zip(own.index, levels, strict=True)
        )
        counts = own["n"].to_numpy(dtype=np.intp)[None, :]
        found.append(Counted(": ".join(parts), levels, (), ((),), None, counts, shown))
    return tuple(found)


def show_margins(margins: pd.DataFrame, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return margins as words: shares in percent, means of numeric variables as numbers, labels for names."""
    means = margins["level"] == MEAN
    crossed = [str(name).split(CROSSED) for name in margins["variable"]]
    return margins.rename(columns=dict(labels)).assign(
        variable=[CROSSED.join(labels.get(name, name) for name in names) for names in crossed],
        n=[f"{count:,}" for count in margins["n"]],
        **{
            name: [
                show_number(value) if mean else show_share(value)
                for value, mean in zip(margins[name], means, strict=True)
            ]
            for name in ("target", "before", "after")
        },
    )
