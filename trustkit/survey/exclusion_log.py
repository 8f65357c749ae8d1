"""The exclusion log: each step between the raw file and the estimates, with the respondents it affected."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import a_trustkit, accepts
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import Counted, Place, ShownCount
from trustkit.display import Shown, show_share
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


LEFT = "left"
"""What respondents are called whom no step removed."""


@dataclass(frozen=True)
class Step:
    """One step between the raw file and the estimates.

    Attributes
    ----------
    step, rule, reason
        The function's name, its rule with the threshold, and why it is applied.
    n_before, n_after
        Respondents before and after the step.
    figures
        The tracked figures after the step: name -> share between 0 and 1.
    weight_lost
        The share of the weights that the step removed; NaN where the codebook names no weights.
    groups
        Respondents before and after the step in each group of `ExclusionLog.by`.
    remarks
        What the step did to a column that its reader should look at: the column's name -> words.
    """

    step: str
    rule: str
    reason: str
    n_before: int
    n_after: int
    figures: Mapping[str, float] = field(default_factory=dict)
    weight_lost: float = float("nan")
    groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)

    def lost_of(self, group: str) -> float:
        """Return the share of a group's respondents that the step removed; NaN for an empty group."""
        before, after = self.groups.get(group, (0, 0))
        return 1 - after / before if before else float("nan")


@dataclass(frozen=True, repr=False)
class ExclusionLog(Shown):
    """What happened to the respondents, step by step, and how the tracked figures moved.

    Attributes
    ----------
    steps
        In the order they were taken.
    caveats
        What a reader must know about the data.
    by
        The variable whose groups are followed: each step's row counts the respondents of each group.
    digest
        The raw file's SHA-256, which was the same before and after cleaning; empty if it was not compared.
    by_words
        How readers see the variable in ``by``.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"id": ["a", "b", "b"]}))
    >>> tk.drop_duplicates(survey, key="id").log
    Exclusion log
    step                 rule                       removed  n
    the raw export       data frame                       0  3
    repeated interviews  same id as an earlier row        1  2
    """

    steps: tuple[Step, ...] = ()
    caveats: Caveats = NO_CAVEATS
    by: str = ""
    digest: str = ""
    by_words: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step, unrounded.

        Returns
        -------
        DataFrame
            ``step``, ``rule``, ``reason``, ``n_before``, ``n_after``; ``weight_lost`` where the codebook
            names weights; ``lost of <by> = <group>``, a share of the group's respondents before the
            step, where groups are followed; each tracked figure after the step.
        """
        rows = [
            {
                "step": step.step,
                "rule": step.rule,
                "reason": step.reason,
                "n_before": step.n_before,
                "n_after": step.n_after,
                "weight_lost": step.weight_lost,
                **{f"lost of {self.by} = {group}": step.lost_of(group) for group in self.groups},
                **step.figures,
            }
            for step in self.steps
        ]
        columns = ["step", "rule", "reason", "n_before", "n_after"]
        columns += ["weight_lost"] if self._weighted() else []
        columns += [f"lost of {self.by} = {group}" for group in self.groups]
        return pd.DataFrame(rows, columns=[*columns, *self._tracked()])

    def add(self, step: Step) -> ExclusionLog:
        """Return the log with one more step."""
        accepts(step=(step, a_trustkit("Step", "take one from a log: log.steps")))
        return replace(self, steps=(*self.steps, step))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are followed, in the codebook's order."""
        return tuple(dict.fromkeys(group for step in self.steps for group in step.groups))

    def _weighted(self) -> bool:
        return any(not math.isnan(step.weight_lost) for step in self.steps)

    def _tracked(self) -> list[str]:
        return list(dict.fromkeys(name for step in self.steps for name in step.figures))

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        columns = self._parts()[1].shape[1]
        rest = range(4, columns)
        return counted_steps(
            self,
            lambda step: [(step, 1), (step, 2), *((step, column) for column in rest)],
            lambda step: [(step, 3)],
        )

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        nan = float("nan")
        cells: dict[str, list[str]] = {
            "step": [step.reason or step.step.replace("_", " ") for step in self.steps],
            "rule": [step.rule for step in self.steps],
            "removed": [f"{step.n_before - step.n_after:,}" for step in self.steps],
            "n": [f"{step.n_after:,}" for step in self.steps],
        }
        if self._weighted():
            cells["weight lost"] = [show_share(step.weight_lost) for step in self.steps]
        if self.groups:
            cells[f"hit hardest, {self.by_words or self.by}"] = [_hit_hardest(step) for step in self.steps]
        for name in self._tracked():
            cells[figure_in_words(name)] = [show_share(step.figures.get(name, nan)) for step in self.steps]
        notes = [f"Raw file: SHA-256 {self.digest}, the same after cleaning."] if self.digest else []
        return (
            "Exclusion log",
            pd.DataFrame(cells),
            [*notes, *self.caveats.sentences],
        )


def figure_in_words(name: str) -> str:
    """Return the name of a tracked figure as readers see it.

    Examples
    --------
    >>> figure_in_words("trust in all brands = No")
    'trust in all brands: No'
    """
    return name.replace(" = ", ": ", 1)


def _hit_hardest(step: Step) -> str:
    """Name the group that lost the largest share of its respondents, the first of equals."""
    lost = {group: step.lost_of(group) for group, (before, _) in step.groups.items() if before}
    group = max(lost, key=lost.__getitem__, default="")
    return f"{group} ({show_share(lost[group])})" if lost.get(group) else "-"


def counted_steps(
    log: ExclusionLog, removed: Callable[[int], Sequence[Place]], left: Callable[[int], Sequence[Place]]
) -> tuple[Counted, ...]:
    """Return the respondents whom each step removed and left, for the protection of a table.

    Parameters
    ----------
    log
        The exclusion log.
    removed, left
        Return where the numbers of a step are printed: those of the respondents whom it removed, and of
        those left. A step's place is counted from 0.
    """
    names = tuple(f"step {number + 1}" for number in range(len(log.steps)))
    if not names:
        return ()
    gone = [max(step.n_before - step.n_after, 0) for step in log.steps]
    shown = [
        one
        for number, name in enumerate(names)
        for one in (
            ShownCount(0, name, (name,), (), tuple(removed(number))),
            ShownCount(0, f"after {name}", (*names[number + 1 :], LEFT), (), tuple(left(number))),
        )
    ]
    counts = np.array([[*gone, log.steps[-1].n_after]], dtype=np.intp)
    return (Counted("exclusions", (*names, LEFT), (), ((),), None, counts, (*shown,)),)
