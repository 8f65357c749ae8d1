"""Figures of cleaning: who was left out, by rule and by group, and what that did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import LOG, TEXT, accepts
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.figures.data_figure import (
    ACCENT,
    CONTRAST,
    KINDS,
    DataFigure,
    height_of,
    label_rows,
)
from trustkit.figures.row_labels import range_of_n, words_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trustkit.survey.exclusion_log import ExclusionLog


def exclusion_flow(
    log: ExclusionLog, *, title: str = "From the raw export to the analysed sample"
) -> DataFigure:
    """Draw how many respondents each cleaning step left.

    Parameters
    ----------
    log
        The exclusion log of a `Survey` or `Design`.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One bar for each step, in respondents, with what it removed.

    Raises
    ------
    DataError
        If the log is empty.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"id": ["a", "b", "b"]}))
    >>> tk.exclusion_flow(tk.drop_duplicates(survey, by="id").log).table[["step", "removed", "n"]]
                  step removed  n
    0             read       0  3
    1  drop_duplicates       1  2
    """
    accepts(log=(log, LOG), title=(title, TEXT))
    steps = [step for step in log.steps if step.n_before != step.n_after or step is log.steps[0]]
    if not steps:
        raise DataError("the exclusion log is empty", do="read and clean a survey first")
    place = np.arange(len(steps))[::-1]
    after = np.array([step.n_after for step in steps])
    gone = np.array([step.n_before - step.n_after for step in steps])
    names = [f"{words_of(step.step)}: {step.reason}" for step in steps]
    weighted = not all(np.isnan(step.weight_lost) for step in steps)

    def draw(axes: Axes) -> None:
        axes.barh(place, after, color=ACCENT, height=0.7)
        axes.barh(place, gone, left=after, color=CONTRAST, height=0.7)
        for y, kept, lost in zip(place, after, gone, strict=True):
            axes.text(kept - after.max() * 0.012, y, f"{kept:,}", va="center", ha="right", color="white")
            if lost:
                end = kept + lost + after.max() * 0.012
                axes.text(end, y, f"\N{MINUS SIGN}{lost:,}", va="center", color=CONTRAST)
        label_rows(axes, place, names, "respondents")
        axes.set_xlim(0, after.max() * 1.1)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        axes.grid(visible=False)

    table = pd.DataFrame(
        {
            "step": [step.step for step in steps],
            "why": [step.reason for step in steps],
            "removed": [f"{count:,}" for count in gone],
            **({"weight lost": [show_share(step.weight_lost) for step in steps]} if weighted else {}),
            "n": [f"{count:,}" for count in after],
        }
    )
    note = f"{after[0]:,} rows, {after[-1]:,} respondents left."
    note = " ".join([note, *log.caveats.sentences])
    return DataFigure(title, note, log.to_frame(), table, draw, height_of(names, least=0.4))


def exclusion_losses(log: ExclusionLog, *, title: str) -> DataFigure:
    """Draw which groups the exclusion rules hit, and how hard.

    Parameters
    ----------
    log
        The exclusion log of a `Survey` or `Design` that was cleaned with a group to follow,
        ``clean(survey, by=...)``.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One bar for each group: the share of its respondents that the rules removed, rule by rule.

    Raises
    ------
    DataError
        If the log follows no group, or no step removed anybody.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sex = tk.Variable("sex", "Sex", "single", codes={1: "f", 2: "m"})
    >>> steps = ({"step": "drop_duplicates", "by": "id"},)
    >>> book = tk.Codebook({"id": tk.Variable("id", "Id", "id"), "sex": sex}, cleaning=steps)
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "b", "b"], "sex": [1, 2, 2]}), book)
    >>> tk.exclusion_losses(tk.clean(survey, by="sex").log, title="By sex").table[["sex", "all", "n"]]
      sex    all  n
    0   f   0.0%  1
    1   m  50.0%  2
    """
    accepts(log=(log, LOG), title=(title, TEXT))
    steps = [step for step in log.steps if step.groups and step.n_before != step.n_after]
    if not steps:
        raise DataError("the log follows no group that lost anybody", do="clean with by, a variable's name")
    groups = [group for group in log.groups if group in steps[0].groups]
    start = np.array([steps[0].groups[group][0] for group in groups])
    counts = np.array([[step.groups.get(group, (0, 0)) for step in steps] for group in groups])
    share = (counts[:, :, 0] - counts[:, :, 1]) / start[:, None]
    total = share.sum(axis=1)
    place = np.arange(len(groups))[::-1]
    rules = [words_of(step.step) for step in steps]
    rules = [
        f"{rule} ({rules[: k + 1].count(rule)})" if rules.count(rule) > 1 else rule
        for k, rule in enumerate(rules)
    ]
    ends = 100 * np.cumsum(share, axis=1)

    def draw(axes: Axes) -> None:
        for k, rule in enumerate(rules):
            left = ends[:, k] - 100 * share[:, k]
            axes.barh(
                place, 100 * share[:, k], left=left, color=KINDS[k % len(KINDS)], label=rule, height=0.7
            )
        for x, y in zip(100 * total, place, strict=True):
            axes.annotate(f"{x:.1f}%", (x, y), (5, 0), textcoords="offset points", va="center")
        label_rows(axes, place, groups, "percent of the group's respondents removed")
        axes.set_xlim(0, 115 * total.max())
        axes.figure.legend(loc="outside upper left", ncols=3, frameon=False, handlelength=1, handleheight=1)

    table = pd.DataFrame(
        {
            log.by: groups,
            **{rule: [show_share(part) for part in share[:, k]] for k, rule in enumerate(rules)},
            "all": [show_share(part) for part in total],
            "n": [f"{count:,}" for count in start],
        }
    )
    note = f"Base: respondents before the first rule; {range_of_n(start.tolist())}."
    note = " ".join([note, *log.caveats.sentences])
    height = 0.22 * -(-len(rules) // 3) + height_of(groups, least=0.3)
    return DataFigure(title, note, log.to_frame(), table, draw, height)


def tracked_path(log: ExclusionLog, *, title: str) -> DataFigure:
    """Draw how the tracked figures moved from step to step.

    Parameters
    ----------
    log
        The exclusion log of a `Survey` or `Design` whose codebook tracks a figure.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One line for each tracked figure, in percent of the valid answers left at each step.

    Raises
    ------
    DataError
        If the log tracks nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> trust = tk.Variable("trust", "Trust", "single", codes={1: "No", 2: "Yes"})
    >>> variables = {"id": tk.Variable("id", "Id", "id"), "trust": trust}
    >>> steps = ({"step": "drop_duplicates", "by": "id"},)
    >>> book = tk.Codebook(variables, cleaning=steps, track={"trust": "No"})
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "b", "b"], "trust": [1, 2, 2]}), book)
    >>> tk.tracked_path(tk.clean(survey).log, title="Distrust").table
                  step trust = No  n
    0  drop duplicates      50.0%  2
    """
    accepts(log=(log, LOG), title=(title, TEXT))
    steps = [step for step in log.steps if step.figures]
    if not steps:
        raise DataError("the log tracks no figure", do="name one under track in the codebook")
    tracked = list(steps[0].figures)
    place = np.arange(len(steps))[::-1]
    names = [words_of(step.step) for step in steps]

    def draw(axes: Axes) -> None:
        for number, name in enumerate(tracked):
            colour, mark = ((ACCENT, "o"), (CONTRAST, "D"))[number % 2]
            share = [100 * step.figures[name] for step in steps]
            axes.plot(share, place, color=colour, marker=mark, markersize=6, linewidth=1.6, label=name)
            for x, y in zip(share, place, strict=True):
                axes.annotate(f"{x:.1f}%", (x, y), (7, 0), textcoords="offset points", va="center")
        label_rows(axes, place, names, "percent of valid answers")
        axes.set_xlim(0, 100)
        axes.figure.legend(loc="outside upper left", ncols=1, frameon=False)

    table = pd.DataFrame(
        {
            "step": names,
            **{name: [show_share(step.figures[name]) for step in steps] for name in tracked},
            "n": [f"{step.n_after:,}" for step in steps],
        }
    )
    note = f"Base: valid answers; n = {steps[-1].n_after:,} to {steps[0].n_after:,} respondents."
    note = " ".join([note, *log.caveats.sentences])
    height = 0.22 * len(tracked) + height_of(names, least=0.3)
    return DataFigure(title, note, log.to_frame(), table, draw, height)
