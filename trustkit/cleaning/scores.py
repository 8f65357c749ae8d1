"""Scales: several items scored into one number per respondent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.arguments import NAMES, NUMBERED, SURVEY, TEXT, WHOLE, accepts, one_of
from trustkit.errors import DataError
from trustkit.published_scales.instrument import refuse_unready
from trustkit.published_scales.registry import instrument as instrument_named
from trustkit.survey.columns import answered, items_in_words, items_of
from trustkit.survey.exclusion_log import Step
from trustkit.survey.permissions import described_by
from trustkit.survey.variable import CODED, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.published_scales.instrument import Instrument
    from trustkit.survey.survey import Survey

    Floats = NDArray[np.float64]

ScoreMethod = Literal["mean", "sum", "pomp", "topbox"]
AskedMethod = Literal["mean", "sum", "pomp", "topbox", "default"]

IN_WORDS: dict[ScoreMethod, str] = {
    "mean": "mean",
    "sum": "sum",
    "pomp": "mean percent of the maximum",
    "topbox": "share of answers at the upper end",
}
"""What each method gives a respondent, in words."""

NEEDS = {
    "pomp": "a percentage of the maximum needs the range of the answers",
    "topbox": "a share of answers at the upper end needs the range of the answers",
}
"""Why a method needs the range of an item."""

GIVE_RANGE = "give its low and high, or scores, in the codebook"
"""What to do about an item without a range."""

OTHER_RANGE = (
    'take method="pomp": scores are then percentages of the maximum, and can\'t be compared with published '
    "scores in the instrument's range"
)
"""What to do about an item with another range than the instrument's."""


def score(
    survey: Survey,
    items: str | Sequence[str] | Mapping[int, str],
    *,
    into: str = "",
    label: str = "",
    method: AskedMethod = "default",
    boxes: int = 0,
    min_items: int = 0,
    instrument: str = "",
) -> Survey:
    """Add a scale: each respondent's score over the items with a substantive answer.

    Parameters
    ----------
    survey
        The survey.
    items
        A battery's name (`Variable.set`), or its variables. Answers count as the codebook scores them
        (`Variable.scoring`), reversed items turned around. With an ``instrument``: position of the item in
        the instrument, from 1 -> variable.
    into
        The new variable's name. With an ``instrument`` that has subscales, the beginning of the names of
        several variables, one for each subscale; empty: the instrument's ``id``.
    label
        What it measures.
    method
        ``mean``, ``sum`` (the mean times the number of items), ``pomp`` (percent of the
        maximum possible: 100 (mean - lowest) / (highest - lowest), with the codebook's range and never the
        data's), or ``topbox`` (the share of the answered items that are answered at the upper end).
        ``default``: the method read at an ``instrument``'s sources, else the mean.
    boxes
        How many answers at the upper end count for ``topbox``; other methods take no such number. 0: as read
        at an instrument's sources, else 1.
    min_items
        Items with a substantive answer that a respondent needs; others get no score. 0: as read
        at an instrument's sources, else 1, and with ``sum`` all items.
    instrument
        An instrument of `instruments`: it says which items are reversed, which belong to a subscale
        and how they are scored.

    Returns
    -------
    Survey
        With one more numeric variable (one for each subscale of an instrument), described in its codebook,
        and a row in its log, which has the caveats of an instrument, such as that a high score means little
        trust, or that nobody has read how its authors count the answer don't know.

    Raises
    ------
    DataError
        No such battery, item or instrument, an item without scores, a reversed numeric item without the range
        it is turned around in, an answer outside the range that its score rests on (``pomp``, ``topbox`` and
        reversed items), a name already taken, ``boxes`` with another method than ``topbox``, or so many of
        them that every answer counts. Of an instrument: facts about it that nobody has read
        at a source, items that are missing, or an item whose range of answers is not the instrument's.

    Notes
    -----
    The mean over the items answered imputes a missing item with the respondent's own mean; if what is
    missing depends on the answer, scores are silently biased. In a mean or sum, items with a longer range of
    answers weigh more; the log says so.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> yes_no = {1: "yes", 0: "no"}
    >>> items = [tk.Variable(name, name, "ordinal", codes=yes_no, set="trust") for name in "ab"]
    >>> book = tk.Codebook({item.name: item for item in items})
    >>> survey = tk.Survey(pd.DataFrame({"a": [1, 0], "b": [0, None]}), book)
    >>> tk.score(survey, "trust", into="trust_index").data["trust_index"].tolist()
    [0.5, 0.0]
    >>> tk.score(survey, "trust", into="percent", method="pomp").data["percent"].tolist()
    [50.0, 0.0]
    """
    accepts(survey=(survey, SURVEY), instrument=(instrument, TEXT))
    accepts(
        items=(items, NUMBERED if instrument else NAMES),
        into=(into, TEXT),
        label=(label, TEXT),
        method=(method, one_of(AskedMethod)),
        boxes=(boxes, WHOLE),
        min_items=(min_items, WHOLE),
    )
    if boxes < 0:
        raise DataError("boxes is out of range", got=str(boxes), expected="a number of answers")
    rule = Rule(None if method == "default" else method, boxes, min_items)
    if instrument:
        return _by_instrument(survey, items, into, label, rule, instrument)
    if not into:
        raise DataError("the new variable has no name", where="into", do='name it: into="trust_index"')
    if isinstance(items, Mapping):  # refused above; for type checkers
        raise DataError("items by position belong to an instrument", do="name the instrument")
    names = items_of(survey.codebook, items)
    what = label or f"{IN_WORDS[rule.method or 'mean'].capitalize()} score of {', '.join(names)}"
    return _added(
        survey, names, frozenset(), rule, (into, what, label or into, items_in_words(survey.codebook, items))
    )


@dataclass(frozen=True)
class Rule:
    """How items become one number.

    Attributes
    ----------
    method, boxes, min_items
        As in `score`; None and 0: the default.
    """

    method: ScoreMethod | None
    boxes: int
    min_items: int


def _by_instrument(survey: Survey, items: object, into: str, label: str, rule: Rule, name: str) -> Survey:
    """Add the scores of each subscale of an instrument."""
    found = instrument_named(name)
    refuse_unready(found)
    placed: dict[int, str] = dict(items) if isinstance(items, Mapping) else {}
    expected = set(range(1, (found.items or 0) + 1))
    if set(placed) != expected:
        missing = sorted(expected - set(placed))
        unknown = sorted(set(placed) - expected)
        raise DataError(
            f"the items of {name} are not all named once",
            got="; ".join(
                filter(
                    None,
                    (
                        f"missing: {', '.join(map(str, missing))}" if missing else "",
                        f"unknown: {', '.join(map(str, unknown))}" if unknown else "",
                    ),
                )
            ),
            expected=f"the positions 1 to {found.items}",
            do='write items={1: "column", 2: ...}',
        )
    items_of(survey.codebook, list(placed.values()))
    method = rule.method or _published(found)
    for position, variable in placed.items():
        _refuse_unlike(survey.codebook[variable], position, found, method)
    boxes = rule.boxes or (found.boxes or 0 if method == "topbox" else 0)
    rule = Rule(method, boxes, rule.min_items or found.min_items or 0)
    for scale, positions in found.scales.items():
        part = scale.replace(" ", "_")
        start = into or found.id
        names = tuple(placed[position] for position in positions)
        turn = frozenset(placed[position] for position in positions if position in found.reversed_items)
        what = f"{label or found.name}: {scale}" if scale else label or found.name
        words = (f"{start}_{part}" if part else start, what, what, found.name)
        survey = _added(survey, names, turn, rule, words, (*found.caveats, *found.gaps))
    return survey


def _published(found: Instrument) -> ScoreMethod:
    """Return how an instrument is scored, as it was published."""
    for method in ("mean", "sum", "topbox"):
        if found.scoring == method:
            return method
    return "mean"


def _refuse_unlike(variable: Variable, position: int, found: Instrument, method: ScoreMethod) -> None:
    """Raise the error that the answers to an item have another range than the instrument's, or direction.

    Raises
    ------
    DataError
        With both ranges, and the way out.
    """
    own = range_of(variable)
    if method != "pomp" and own != (found.low, found.high):
        raise DataError(
            f"the answers to {variable.name} have another range than those of {found.id}",
            got="no range in the codebook" if own is None else f"{own[0]:g} to {own[1]:g}",
            expected=f"{found.low:g} to {found.high:g}",
            do=GIVE_RANGE if own is None else OTHER_RANGE,
        )
    if variable.reverse and position not in found.reversed_items:
        raise DataError(
            f"the codebook says that {variable.name} is reversed, and {found.id} that item {position} is not",
            do="correct reverse in the codebook, or the position of the item",
        )


def range_of(variable: Variable) -> tuple[float, float] | None:
    """Return the lowest and highest score that an item can have, by the codebook; None if it gives none.

    Examples
    --------
    >>> range_of(Variable("trust", "Trust", "numeric", low=0, high=10))
    (0, 10)
    """
    if variable.kind in CODED:
        scores = list(variable.scoring.values())
        return (min(scores), max(scores)) if scores else None
    return None if variable.low is None or variable.high is None else (variable.low, variable.high)


def _added(
    survey: Survey,
    names: Sequence[str],
    turn: frozenset[str],
    rule: Rule,
    words: tuple[str, str, str, str],
    caveats: Sequence[str] = (),
) -> Survey:
    """Add one score: ``words`` are its name, its label, its name in the log, and that of the items."""
    into, label, title, named = words
    method = rule.method or "mean"
    if rule.boxes and method != "topbox":
        raise DataError(
            "boxes count only for the method topbox",
            where="boxes", got=f"{rule.boxes} with method={method!r}",
            do='write method="topbox", or leave boxes out',
        )  # fmt: skip
    least = len(names) if method == "sum" else 1
    least = rule.min_items or least
    if not 1 <= least <= len(names):
        raise DataError("min_items is out of range", got=str(least), expected=f"1 to {len(names)}")
    values = np.column_stack([_made(survey, name, name in turn, method, rule.boxes or 1) for name in names])
    valid = np.isfinite(values)
    given = valid.sum(axis=1)
    means = np.where(valid, values, 0.0).sum(axis=1) / np.maximum(given, 1)
    scores = np.where(given >= least, means * (len(names) if method == "sum" else 1), np.nan)
    made_of = described_by(survey.codebook[name] for name in names)
    added = survey.with_variable(Variable(into, label, "numeric", **made_of), scores)
    text = f"{title}: {IN_WORDS[method]} of {named} ({len(names)} items), {least} or more answered"
    unlike = _unlike_ranges(survey, names) if method in ("mean", "sum") else ()
    text = "; ".join([text, *unlike, *(caveat.rstrip(".") for caveat in caveats)])
    return added.tracked(Step("score", text, "items scored into one number", len(scores), len(scores)))


def _made(survey: Survey, name: str, turn: bool, method: ScoreMethod, boxes: int) -> Floats:  # noqa: FBT001
    """Return what an item adds to the score of each respondent, NaN without a substantive answer."""
    variable = survey.codebook[name]
    values = _scores(survey, name)
    ends = range_of(variable)
    turn = turn and not variable.reverse
    if turn:
        if ends is None:
            raise DataError(
                f"{name} is reversed and has no range", do="give its low and high in the codebook"
            )
        values = ends[0] + ends[1] - values
    if ends is not None and (turn or variable.reverse or method in NEEDS):
        _refuse_outside(values, ends, name)
    if method in ("mean", "sum"):
        return values
    if ends is None or not ends[0] < ends[1]:
        raise DataError(NEEDS[method], where=name, do=GIVE_RANGE)
    if method == "pomp":
        return 100 * (values - ends[0]) / (ends[1] - ends[0])
    scoring = set(variable.scoring.values())
    if turn:
        scoring = {ends[0] + ends[1] - score for score in scoring}
    steps = sorted(scoring) if variable.kind in CODED else None
    count = math.ceil(ends[1] - ends[0]) + 1 if steps is None else len(steps)
    if boxes >= count:
        raise DataError(
            "all answers would count as the upper end", where=name,
            got=f"{boxes} of {count} answers", expected=f"boxes from 1 to {count - 1}",
        )  # fmt: skip
    lowest = ends[1] - boxes + 1 if steps is None else steps[-boxes]
    return np.where(np.isfinite(values), (values >= lowest).astype(float), np.nan)


def _refuse_outside(values: Floats, ends: tuple[float, float], name: str) -> None:
    """Raise the error that some answers are outside the range that a score rests on.

    Raises
    ------
    DataError
        With the number of such answers.
    """
    count = int(((values < ends[0]) | (values > ends[1])).sum())
    if count:
        raise DataError(
            "some answers are outside the range in the codebook, so their scores would be wrong",
            where=name, got="1 answer" if count == 1 else f"{count:,} answers",
            expected=f"{ends[0]:g} to {ends[1]:g}",
            do="correct low and high, or name the codes of missing answers, in the codebook",
        )  # fmt: skip


def _unlike_ranges(survey: Survey, names: Sequence[str]) -> tuple[str, ...]:
    """Return a remark on items of different ranges, which weigh differently in a mean; none if they agree."""
    ranges = sorted({ends for name in names if (ends := range_of(survey.codebook[name])) is not None})
    if len(ranges) < 2:  # noqa: PLR2004
        return ()
    words = ", ".join(f"{low:g} to {high:g}" for low, high in ranges)
    text = f"the items have different ranges ({words}), so those with a longer one weigh more"
    return (f'{text} (method="pomp" gives all of them one range)',)


def _scores(survey: Survey, name: str) -> NDArray[np.float64]:
    """Return an item's scores, NaN without a substantive answer."""
    variable = survey.codebook[name]
    column = survey.data[name]
    if variable.kind not in CODED:
        if column.dtype != float:
            raise DataError(f"{name} is not numeric", do="give its kind as numeric in the codebook")
        return turned(column.where(answered(column, variable)).to_numpy(), variable)
    scoring = variable.scoring
    if not scoring:
        raise DataError(f"the answers of {name} have no scores", do="give it scores in the codebook")
    scores = [scoring.get(category, np.nan) for category in column.cat.categories]
    return np.array([*scores, np.nan])[column.cat.codes.to_numpy()]


def turned(values: NDArray[np.float64], variable: Variable) -> NDArray[np.float64]:
    """Return the numbers of a variable, turned around in its range if it is reversed and numeric.

    The scores of labelled answers are turned around already (`trustkit.Variable.scoring`).

    Raises
    ------
    DataError
        If it is reversed and has no range.
    """
    if not variable.reverse or variable.kind in CODED:
        return values
    if variable.low is None or variable.high is None:
        raise DataError(
            f"{variable.name} is reversed and has no range", do="give its low and high in the codebook"
        )
    return variable.low + variable.high - values
