"""Figures: one function a kind of result, each returning a picture that carries its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.pictures import (
    ACCENT,
    CONTRAST,
    FAINT,
    INK,
    KINDS,
    MUTED,
    DataFigure,
    claimed,
    dots,
    height_of,
    ink,
    label_rows,
    name_rows,
    note_of,
    number_columns,
    range_of_n,
    shades,
    shortened,
    shown,
    unit_of,
    words_of,
)
from trustkit.results import SHARES, show_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trustkit.claims import Verdicts
    from trustkit.log import ExclusionLog
    from trustkit.results import Estimate


def dot_interval(
    estimate: Estimate, *, title: str, order: Literal["codebook", "estimate"] = "codebook"
) -> DataFigure:
    """Draw each estimate as a dot on its interval.

    Parameters
    ----------
    estimate
        Any `Estimate`; one row is drawn for each of its rows.
    title
        What the figure shows.
    order
        ``"codebook"``: rows as they come. ``"estimate"``: from the largest to the smallest.

    Returns
    -------
    DataFigure
        Shares are drawn in percent.

    Examples
    --------
    >>> from trustkit import Design, proportion
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes"], "sex": ["m", "f", "f"]})
    >>> dot_interval(proportion(Design(frame), "trust", level="yes"), title="Trust").table["n"].tolist()
    ['3']
    """
    frame = estimate.to_frame()
    heads, names, shared = name_rows(estimate)
    share = estimate.statistic in SHARES
    frame = frame.assign(**heads, row=names)
    if order == "estimate":
        frame = frame.sort_values("estimate", ascending=False, kind="stable")
    value, low, high = (
        (100 if share else 1) * frame[name].to_numpy() for name in ("estimate", "ci_low", "ci_high")
    )
    place = np.arange(len(frame))[::-1]

    def draw(axes: Axes) -> None:
        dots(axes, place, value, low, high)
        for x, y, number in zip(high, place, frame["estimate"], strict=True):
            axes.annotate(shown(estimate, number), (x, y), (5, 0), textcoords="offset points", va="center")
        label_rows(axes, place, list(frame["row"]), "percent" if share else unit_of(estimate))
        axes.set_xlim(right=high.max() + 0.12 * (high.max() - low.min()))

    table = pd.DataFrame(
        {
            **{name: list(frame[name]) for name in heads},
            **number_columns(estimate, frame, estimate.statistic),
        }
    )
    data = frame.drop(columns=["row", *(name for name in heads if name not in estimate.keys)])
    return DataFigure(title, note_of(estimate, shared), data, table, draw, height_of(names, least=0.29))


def likert_bars(
    estimate: Estimate, *, title: str, colours: Literal["scale", "kinds"] = "scale"
) -> DataFigure:
    """Draw the answers to a battery, or of domains, as bars stacked to 100%.

    Parameters
    ----------
    estimate
        A `proportion` of all answers, of several variables with the same answers or by domain.
    title
        What the figure shows.
    colours
        ``"scale"``: answers in order, from one end of a scale to the other. ``"kinds"``: without order.

    Returns
    -------
    DataFigure
        One bar for each variable or domain, in percent.

    Raises
    ------
    DataError
        If the rows don't share one list of answers.

    Examples
    --------
    >>> from trustkit import Design, proportion
    >>> frame = pd.DataFrame({"banks": ["low", "high", "low"], "shops": ["low", "low", "high"]})
    >>> likert_bars(proportion(Design(frame), ["banks", "shops"]), title="Trust").table.shape
    (2, 4)
    """
    frame = estimate.to_frame()
    levels = list(dict.fromkeys(frame["level"]))
    bars = len(estimate.keys.drop(columns="level").drop_duplicates())
    if list(frame["level"]) != levels * bars:
        raise DataError("the bars must share one list of answers", got=f"{len(levels)} different answers")
    heads, names, shared = name_rows(estimate, every=len(levels))
    shares = 100 * frame["estimate"].to_numpy().reshape(-1, len(levels))
    fills = shades(len(levels)) if colours == "scale" else [KINDS[k % len(KINDS)] for k in range(len(levels))]
    place = np.arange(len(names))[::-1]
    starts = np.cumsum(shares, axis=1) - shares
    enough = 3.5

    def draw(axes: Axes) -> None:
        for k, level in enumerate(levels):
            axes.barh(place, shares[:, k], left=starts[:, k], color=fills[k], label=level, height=0.74)
            for x, y, share in zip(starts[:, k], place, shares[:, k], strict=True):
                if share >= enough:
                    middle = x + share / 2
                    axes.text(middle, y, f"{share:.0f}", ha="center", va="center", color=ink(fills[k]))
        label_rows(axes, place, names, "percent")
        axes.set_xlim(0, 100)
        axes.grid(visible=False)
        axes.figure.legend(
            loc="outside upper left",
            ncols=len(levels) if sum(len(level) + 5 for level in levels) < 105 else 3,  # noqa: PLR2004
            frameon=False,
            handlelength=1.0,
            handleheight=1.0,
            columnspacing=1.4,
        )

    table = pd.DataFrame(
        {
            **heads,
            **{level: [show_share(v / 100) for v in shares[:, k]] for k, level in enumerate(levels)},
            "n": [f"{count:,}" for count in frame["n"].to_numpy()[:: len(levels)]],
        }
    )
    return DataFigure(
        title, note_of(estimate, shared), frame, table, draw, 0.3 + height_of(names, least=0.32)
    )


def funnel(estimate: Estimate, *, title: str) -> DataFigure:
    """Draw the stages of a consent funnel as narrowing bars.

    Parameters
    ----------
    estimate
        A `consent_funnel`.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One bar for each stage, in percent of those who enter.

    Raises
    ------
    DataError
        If the estimate has no stages.

    Examples
    --------
    >>> from trustkit import Design, consent_funnel
    >>> frame = pd.DataFrame({"asked": ["yes", "yes", "no"]})
    >>> funnel(consent_funnel(Design(frame), {"Was asked": {"asked": "yes"}}), title="Consent").table.shape
    (1, 4)
    """
    frame = estimate.to_frame()
    if "stage" not in frame:
        raise DataError("a funnel needs stages", got=", ".join(frame.columns), do="use consent_funnel")
    share, low, high = (100 * frame[name].to_numpy() for name in ("estimate", "ci_low", "ci_high"))
    place = np.arange(len(frame))[::-1]
    names = list(frame["stage"])

    def draw(axes: Axes) -> None:
        axes.barh(place, np.full(len(frame), 100.0), color=FAINT, height=0.7)
        axes.barh(place, share, color=ACCENT, height=0.7)
        axes.hlines(place, low, high, color=INK, linewidth=1.4)
        for x, y, end in zip(share, place, high, strict=True):
            inside = end > 88  # noqa: PLR2004
            axes.text(
                x - 4 if inside else end + 1, y, f"{x:.1f}%", va="center",
                ha="right" if inside else "left", color="white" if inside else INK,
            )  # fmt: skip
        label_rows(axes, place, names, "percent of those who enter")
        axes.set_xlim(0, 100)
        axes.grid(visible=False)

    table = pd.DataFrame(
        {
            "stage": names,
            **number_columns(estimate, frame, "share"),
        }
    )
    return DataFigure(title, note_of(estimate), frame, table, draw, height_of(names, least=0.44))


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
    >>> from trustkit.log import ExclusionLog, Step
    >>> exclusion_flow(ExclusionLog((Step("read", "a.csv", "the raw export", 10, 10),))).table["n"].tolist()
    ['10']
    """
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
    note = f"{after[0]:,} rows, {after[-1]:,} respondents left.{' Synthetic data.' if log.synthetic else ''}"
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
    >>> from trustkit.log import ExclusionLog, Step
    >>> step = Step("drop_speeders", "fast", "too fast", 10, 8, groups={"18-24": (5, 4), "65+": (5, 4)})
    >>> exclusion_losses(ExclusionLog((step,), by="age"), title="By age").table["all"].tolist()
    ['20.0%', '20.0%']
    """
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
    note += " Synthetic data." if log.synthetic else ""
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
    >>> from trustkit.log import ExclusionLog, Step
    >>> step = Step("read", "a.csv", "the raw export", 10, 10, {"trust = No": 0.4})
    >>> tracked_path(ExclusionLog((step,)), title="Distrust").table["trust = No"].tolist()
    ['40.0%']
    """
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
    note += " Synthetic data." if log.synthetic else ""
    height = 0.22 * len(tracked) + height_of(names, least=0.3)
    return DataFigure(title, note, log.to_frame(), table, draw, height)


def verdict_dots(verdicts: Verdicts, *, title: str) -> DataFigure:
    """Draw each claim's estimate on its interval, and the published number beside it.

    Parameters
    ----------
    verdicts
        What `verify` returned. Claims that can't be checked are left out; those drawn should have one unit.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One row for each claim, in the unit it was published in.

    Raises
    ------
    DataError
        If none of the claims could be checked.

    Examples
    --------
    >>> from trustkit import Claim, Design, Reading, verify
    >>> claim = Claim("half", "Half say yes", 50, 0, Reading("answer", "yes"))
    >>> verdicts = verify([claim], Design(pd.DataFrame({"answer": ["yes", "no"]})))
    >>> verdict_dots(verdicts, title="Claims").table["verdict"].tolist()
    ['reproduced']
    """
    checked = [verdict for verdict in verdicts.verdicts if verdict.verdict != "not checkable"]
    if not checked:
        raise DataError("none of the claims could be checked", do="show the verdicts as a table")
    frame = verdicts.to_frame().query("verdict != 'not checkable'")
    place = np.arange(len(checked))[::-1]
    names, _ = shortened([verdict.claim.title for verdict in checked])

    def draw(axes: Axes) -> None:
        value, low, high = (frame[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
        dots(axes, place, value, low, high, label="estimate, on its 95% interval")
        published = frame["published"].to_numpy(dtype=float)
        axes.plot(
            published, place, "D", markersize=7, markerfacecolor="none", markeredgecolor=CONTRAST,
            markeredgewidth=1.6, label="published",
        )  # fmt: skip
        right = max(high.max(), published.max())
        span = right - min(low.min(), published.min())
        for y, verdict in zip(place, checked, strict=True):
            axes.text(right + 0.05 * span, y, verdict.verdict, va="center", color=MUTED)
        axes.set_xlim(right=right + 0.3 * span)
        means = any(verdict.claim.reading.statistic == "mean" for verdict in checked)
        label_rows(axes, place, names, "as published" if means else "percent")
        axes.figure.legend(loc="outside upper left", ncols=2, frameon=False)

    table = pd.DataFrame(
        {
            "claim": [verdict.claim.title for verdict in checked],
            "published": [f"{verdict.claim.published:.{verdict.claim.decimals}f}" for verdict in checked],
            "estimate": [claimed(verdict, verdict.estimate) for verdict in checked],
            "95% interval": [
                f"{claimed(verdict, verdict.ci_low)} to {claimed(verdict, verdict.ci_high)}"
                for verdict in checked
            ],
            "n": [f"{verdict.n:,}" for verdict in checked],
            "verdict": [verdict.verdict for verdict in checked],
        }
    )
    note = f"{len(checked)} claims; {range_of_n([verdict.n for verdict in checked])}."
    note += " Synthetic data." if any(verdict.data == "synthetic" for verdict in checked) else ""
    note = " ".join([note, *verdicts.assumptions])
    return DataFigure(title, note, frame, table, draw, 0.3 + height_of(names, least=0.3))
