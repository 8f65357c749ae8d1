"""Figures of cleaning: who was left out, by rule and by group, and what that did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import LOG, TEXT, VERDICTS, accepts
from trustkit.counted import NOTES, Counted, ShownCount
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.house_style import ink_on
from trustkit.figures.paper import AxisWords, Key
from trustkit.figures.row_labels import words_of
from trustkit.headings import range_of_n
from trustkit.survey.exclusion_log import LEFT, Step, counted_steps, figure_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.claims.verdicts import Verdicts
    from trustkit.figures.paper import Mark, Paper
    from trustkit.survey.exclusion_log import ExclusionLog

ROOM_FOR_LABEL = 15
"""From which percentage on a number has room to the left of its mark."""


def exclusion_flow(
    log: ExclusionLog, *, title: str = "From the raw export to the analysed sample"
) -> DataFigure:
    """Draw how many respondents each cleaning step left.

    Parameters
    ----------
    log
        The exclusion log of a `Survey` or `Design`.
    title
        The headline: what the chart shows, or its message.

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
    >>> tk.exclusion_flow(tk.drop_duplicates(survey, key="id").log).table["removed"].tolist()
    ['0', '1']
    """
    accepts(log=(log, LOG), title=(title, TEXT))
    steps = [step for step in log.steps if step.n_before != step.n_after or step is log.steps[0]]
    if not steps:
        raise DataError("the exclusion log is empty", do="read and clean a survey first")
    after = np.array([step.n_after for step in steps])
    gone = np.array([step.n_before - step.n_after for step in steps])
    names = [step.reason or words_of(step.step) for step in steps]
    weighted = not all(np.isnan(step.weight_lost) for step in steps)

    def draw(paper: Paper) -> None:
        style = paper.style
        said = [f"\N{MINUS SIGN}{lost:,}" if lost else "" for lost in gone]
        place = paper.rows(names, mark=0.27)
        paper.scale(
            0,
            (after + gone).max(),
            words=AxisWords("respondents"),
            room=0.1 + max(map(paper.wide, said)),
            zero="always",
        )
        paper.axes.barh(place, after, color=style.accent, height=0.27)
        paper.axes.barh(place, gone, left=after, color=style.contrast, height=0.27)
        for y, kept, lost, text in zip(place, after, gone, said, strict=True):
            number = f"{kept:,}"
            broad = kept / paper.axes.get_xlim()[1] * paper.across
            if broad > paper.wide(number) + 0.1:
                paper.axes.annotate(
                    number, (kept, y), (-5, 0), textcoords="offset points", va="center", ha="right",
                    color=ink_on(style.accent),
                )  # fmt: skip
            paper.axes.annotate(
                text, (kept + lost, y), (5, 0), textcoords="offset points", va="center", color=style.contrast
            )
        paper.axes.grid(visible=False)

    table = pd.DataFrame(
        {
            "step": names,
            "removed": [f"{count:,}" for count in gone],
            **({"weight lost": [show_share(step.weight_lost) for step in steps]} if weighted else {}),
            "n": [f"{count:,}" for count in after],
        }
    )
    note = f"{after[0]:,} rows, {after[-1]:,} respondents left."
    note = " ".join([note, *log.caveats.sentences])
    last = len(table.columns) - 1
    row_of = rows_of(log, steps)
    counted = counted_steps(
        log,
        lambda step: [(row, column) for row in row_of[step] for column in range(1, last)],
        lambda step: [
            place
            for row in row_of[step]
            for place in ((row, last), *([(NOTES, 0)] if row in (0, len(steps) - 1) else []))
        ],
    )
    return DataFigure(title, note, log.to_frame(), table, draw, counted=counted, caveats=log.caveats)


def exclusion_losses(log: ExclusionLog, *, title: str) -> DataFigure:
    """Draw which groups the exclusion rules hit, and how hard.

    Parameters
    ----------
    log
        The exclusion log of a `Survey` or `Design` that was cleaned with a group to follow,
        ``clean(survey, by=...)``.
    title
        The headline: what the chart shows, or its message.

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
    >>> steps = ({"step": "drop_duplicates", "key": "id"},)
    >>> book = tk.Codebook({"id": tk.Variable("id", "Id", "id"), "sex": sex}, cleaning=steps)
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "b", "b"], "sex": [1, 2, 2]}), book)
    >>> tk.exclusion_losses(tk.clean(survey, by="sex").log, title="By sex").table[["Sex", "all", "n"]]
      Sex    all  n
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
    rules = [step.reason or words_of(step.step) for step in steps]
    rules = [
        f"{rule} ({rules[: k + 1].count(rule)})" if rules.count(rule) > 1 else rule
        for k, rule in enumerate(rules)
    ]
    ends = 100 * np.cumsum(share, axis=1)

    def draw(paper: Paper) -> None:
        place = paper.rows([str(group) for group in groups], mark=0.25, gap=0.09)
        said = [f"{x:.1f}%" for x in 100 * total]
        paper.scale(
            0, 100 * total.max(), words=AxisWords("share of the group's respondents removed", sign="%"),
            room=0.12 + max(map(paper.wide, said)), zero="always",
        )  # fmt: skip
        per_inch = paper.across / paper.axes.get_xlim()[1]
        for k, rule in enumerate(rules):
            fill, parts = paper.style.kind(k), 100 * share[:, k]
            paper.axes.barh(place, parts, left=ends[:, k] - parts, color=fill, height=0.25)
            paper.keys.append(Key(rule, "square", fill))
            for x, y, part in zip(ends[:, k] - parts / 2, place, parts, strict=True):
                if part * per_inch >= paper.wide(f"{part:.1f}") + 0.03:
                    paper.axes.text(x, y, f"{part:.1f}", ha="center", va="center", color=ink_on(fill))
        for x, y, text in zip(100 * total, place, said, strict=True):
            paper.axes.annotate(text, (x, y), (5, 0), textcoords="offset points", va="center")

    table = pd.DataFrame(
        {
            log.by_words or log.by: groups,
            **{rule: [show_share(part) for part in share[:, k]] for k, rule in enumerate(rules)},
            "all": [show_share(part) for part in total],
            "n": [f"{count:,}" for count in start],
        }
    )
    note = f"Base: respondents before the first rule; {range_of_n(start.tolist())}."
    note = " ".join([note, *log.caveats.sentences])
    lost = counts[:, :, 0] - counts[:, :, 1]
    answers = (*rules, LEFT)
    shown = [
        one
        for row in range(len(groups))
        for one in (
            *(ShownCount(row, rule, (rule,), (), ((row, k),), ((row, len(rules) + 2),))
              for k, rule in enumerate(rules, 1)),
            ShownCount(row, "all", (*rules,), (), ((row, len(rules) + 1),), ((row, len(rules) + 2),)),
        )
    ]  # fmt: skip
    sizes = np.column_stack([lost, start - lost.sum(axis=1)])
    levels = tuple((str(group),) for group in groups)
    counted = (Counted("exclusions", answers, (log.by,), levels, (), sizes, (*shown,)),)
    return DataFigure(title, note, log.to_frame(), table, draw, counted=counted, caveats=log.caveats)


def tracked_path(log: ExclusionLog, *, title: str, published: Verdicts | None = None) -> DataFigure:
    """Draw how the tracked figures moved from step to step.

    Parameters
    ----------
    log
        The exclusion log of a `Survey` or `Design` whose codebook tracks a figure.
    title
        The headline: what the chart shows, or its message.
    published
        Verdicts on published figures. Those on the answer that a tracked figure counts are drawn as upright
        lines, so that the chart shows which step leads to them.

    Returns
    -------
    DataFigure
        One line for each tracked figure, in percent of the substantive answers left at each step. Where the
        names of the steps stand between the rows, on narrow screens, the marks have no line across them.

    Raises
    ------
    DataError
        If the log tracks nothing, or none of the published figures belongs to one tracked figure.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> trust = tk.Variable("trust", "Trust", "single", codes={1: "No", 2: "Yes"})
    >>> variables = {"id": tk.Variable("id", "Id", "id"), "trust": trust}
    >>> steps = ({"step": "drop_duplicates", "key": "id"},)
    >>> book = tk.Codebook(variables, cleaning=steps, track={"trust": "No"})
    >>> survey = tk.Survey(pd.DataFrame({"id": ["a", "b", "b"], "trust": [1, 2, 2]}), book)
    >>> tk.tracked_path(tk.clean(survey).log, title="Distrust").table
                      step Trust: No respondents
    0  repeated interviews     50.0%           2
    """
    accepts(log=(log, LOG), title=(title, TEXT), published=(published, VERDICTS.optional()))
    steps = [step for step in log.steps if step.figures]
    if not steps:
        raise DataError("the log tracks no figure", do="name one under track in the codebook")
    tracked = list(steps[0].figures)
    printed = {} if published is None else _printed(published, tracked)
    names = [step.reason or words_of(step.step) for step in steps]

    def draw(paper: Paper) -> None:
        place = paper.rows(names, gap=0.16)
        paper.right = max(paper.right, 0.2 + paper.wide("100.0%"))
        for number, name in enumerate(tracked):
            colour = {0: paper.style.accent, 1: paper.style.contrast}.get(number, paper.style.kind(number))
            mark: Mark = ("dot", "diamond")[number % 2]
            share = [100 * step.figures[name] for step in steps]
            paper.axes.plot(
                share, place, color=colour, marker="oD"[number % 2], markersize=5.5,
                linewidth=0 if paper.is_narrow else 1.6,  # the names of steps stand between its rows
                markerfacecolor=paper.style.ground if number % 2 else colour,
            )  # fmt: skip
            aim, dashed = np.nan, ""
            if name in printed:
                aim, dashed = printed[name][0], f" (dashed: published {printed[name][1]}%)"
                paper.axes.axvline(aim, color=colour, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0.8)
            paper.keys.append(Key(figure_in_words(name) + dashed, mark, colour))
            for x, y in zip(share, place, strict=True):
                if np.isfinite(x):
                    side = -1 if ROOM_FOR_LABEL < x < aim else 1  # away from the dashed line
                    paper.axes.annotate(
                        f"{x:.1f}%", (x, y), (7 * side, 0), textcoords="offset points", va="center",
                        ha="left" if side > 0 else "right", bbox=paper.blank,
                    )  # fmt: skip
        paper.axes.set_xlim(0, 100)
        paper.numbers("%")
        paper.name_unit("share of substantive answers")

    table = pd.DataFrame(
        {
            "step": names,
            **{figure_in_words(name): [show_share(step.figures[name]) for step in steps] for name in tracked},
            "respondents": [f"{step.n_after:,}" for step in steps],
        }
    )
    if printed:
        cells = [printed[name][1] + "%" if name in printed else "-" for name in tracked]
        table.loc[len(table)] = ["published", *cells, "-"]
    left = f"{steps[0].n_after:,} respondents at the first step and {steps[-1].n_after:,} at the last"
    note = f"Base: substantive answers of {left}."
    note = " ".join([note, *log.caveats.sentences])
    row_of = rows_of(log, steps)
    counted = counted_steps(
        log,
        lambda _: (),
        lambda step: [(row, column) for row in row_of[step] for column in range(1, len(table.columns))],
    )
    return DataFigure(title, note, log.to_frame(), table, draw, counted=counted, caveats=log.caveats)


def rows_of(log: ExclusionLog, steps: Sequence[Step]) -> list[list[int]]:
    """Return for each step of a log the rows of a table that has some of the steps: one, or none."""
    return [[row for row, shown in enumerate(steps) if shown is step] for step in log.steps]


def _printed(published: Verdicts, tracked: Sequence[str]) -> dict[str, tuple[float, str]]:
    """Return the published number of each tracked figure, and how it was printed."""
    found: dict[str, tuple[float, str]] = {}
    for claim in (verdict.claim for verdict in published.verdicts):
        reading = claim.reading
        names = [name for name in tracked if reading.level and name.endswith(f" = {reading.level}")]
        if len(names) == 1 and reading.statistic == "proportion" and not reading.where:
            found.setdefault(names[0], (claim.published, f"{claim.published:.{claim.decimals}f}"))
    if not found:
        raise DataError(
            "none of the published figures belongs to one tracked figure", where="tracked_path",
            got=", ".join(verdict.claim.title for verdict in published.verdicts) or "no verdict",
            expected=f"a share of all respondents with the answer of one of: {', '.join(tracked)}",
        )  # fmt: skip
    return found
