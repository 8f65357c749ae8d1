"""Net scores and top boxes: several answers to one question taken together, with their exact variance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import POSITIVE_WHOLE, TEXT, VARIABLES, ArgumentKind, accepts_estimator, one_of
from trustkit.design.coded import coded_variable
from trustkit.design.sums import Functional
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble, names_of, refuse_nobody, share
from trustkit.estimation.domains import Base, By, Domains
from trustkit.estimation.intervals import IntervalMethod
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.table_rows import PROMOTER_SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

ANSWERS = TEXT.listed("a list of answers", 'write them as ["4", "5"]', least=1)
BOXES = ArgumentKind(
    lambda value: ANSWERS.fits(value) or POSITIVE_WHOLE.fits(value),
    "a list of answers, or how many of the highest",
    'write them as ["4", "5"], or as 2',
)
"""What `top_box` counts."""

POINTS = "A net score is the share of some answers less the share of others, in percentage points."
CLIPPED = "An interval that passed the end of the scale is cut there."
PROMOTERS, DETRACTORS = range(9, 11), range(7)
"""The scores that count for and against in a Net Promoter Score."""


def net(
    design: Design,
    variable: str | Sequence[str],
    *,
    plus: Sequence[str],
    minus: Sequence[str],
    by: By = None,
    where: Where = None,
    base: Base = "valid",
    conf: float = 0.95,
) -> Estimate:
    """Estimate the share of some answers less the share of others.

    Parameters
    ----------
    design
        The design.
    variable
        A variable with labelled answers, a list of them, or the name of a set.
    plus, minus
        The answers that count for and against; the others count in the base alone.
    by, where, base
        As in `proportion`.
    conf
        The coverage of the t interval.

    Returns
    -------
    Estimate
        One row per variable and domain, from -1 to 1; it is shown in percentage points.

    Raises
    ------
    DataError
        An unknown answer, one that counts both for and against, or nobody in the base.

    Notes
    -----
    The mean of +1, 0 and -1, so its variance knows that both shares come from the same respondents. The
    interval is cut at -1 and 1. Matches ``svymean`` of such a variable. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["high", "high", "low", "middle"]}))
    >>> tk.net(design, "trust", plus=["high"], minus=["low"]).estimate.tolist()
    [0.25]
    """
    accepts_estimator(
        design, by, where, conf,
        variable=(variable, VARIABLES), plus=(plus, ANSWERS), minus=(minus, ANSWERS),
        base=(base, one_of(Base)),
    )  # fmt: skip
    names = names_of(design, variable)
    both = [answer for answer in plus if answer in minus]
    if both:
        raise DataError(
            f"the answer {both[0]!r} counts for and against", where=", ".join(names),
            do="name it in plus or in minus",
        )  # fmt: skip
    return _net_of(
        design, dict.fromkeys(names, (plus, minus)), _domains(design, names, by, where, base), conf
    )


def _domains(design: Design, names: Sequence[str], by: By, where: Where, base: Base) -> Domains:
    return Domains.of(design, by, where, base, several=len(names) > 1)


def _net_of(
    design: Design,
    sides: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    domains: Domains,
    conf: float,
) -> Estimate:
    """Return net scores of variables -> the answers that count for and against."""
    parts, spreads = [], []
    for name, (plus, minus) in sides.items():
        weights = dict.fromkeys(plus, 1.0) | dict.fromkeys(minus, -1.0)
        part, spread = answers_together(design, name, weights, "", domains)
        parts.append(part)
        spreads.append(spread)
    refuse_nobody(parts, domains)
    return assemble_net(design, parts, spreads, conf)


def assemble_net(design: Design, parts: Sequence[Part], spreads: Sequence[Floats], conf: float) -> Estimate:
    """Put net scores together with their covariance, and cut their intervals at the ends of the scale."""
    estimates = assemble(design, parts, "net", conf, variances=spreads)
    low, high = np.maximum(estimates.ci_low, -1.0), np.minimum(estimates.ci_high, 1.0)
    cut = bool((low > estimates.ci_low).any() or (high < estimates.ci_high).any())
    notes = (*estimates.notes, POINTS, *([CLIPPED] if cut else []))
    return replace(estimates, ci_low=low, ci_high=high, notes=notes)


def nps(
    design: Design, variable: str | Sequence[str], *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the Net Promoter Score: the share of 9 and 10 less the share of 0 to 6.

    Parameters
    ----------
    design
        The design.
    variable
        A variable whose answers have the scores 0, 1, ..., 10, a list of them, or the name of a set.
    by, where, conf
        As in `net`.

    Returns
    -------
    Estimate
        As `net`.

    Raises
    ------
    DataError
        If the answers don't have exactly the scores from 0 to 10: on another scale it is another number.

    Notes
    -----
    Reichheld 2003. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> score = tk.Variable("score", "Recommend?", "ordinal", codes={i: str(i) for i in range(11)})
    >>> survey = tk.Survey(pd.DataFrame({"score": [10, 9, 8, 3]}), tk.Codebook({"score": score}))
    >>> tk.nps(tk.Design(survey), "score").estimate.tolist()
    [0.25]
    """
    accepts_estimator(design, by, where, conf, variable=(variable, VARIABLES))
    names = names_of(design, variable)
    sides = {name: promoters_and_detractors(design, name) for name in names}
    return _net_of(design, sides, _domains(design, names, by, where, "valid"), conf)


def promoters_and_detractors(design: Design, variable: str) -> tuple[list[str], list[str]]:
    """Return the answers that count for and against in a Net Promoter Score.

    Raises
    ------
    DataError
        As `nps`.
    """
    if design.variable(variable).kind == "numeric":
        raise DataError(
            "a Net Promoter Score needs labelled answers from 0 to 10", where=variable, got="kind numeric",
            expected="the eleven answers 0, 1, ..., 10",
            do='describe it in the codebook as ordinal, with codes: {0: "0", 1: "1", ..., 10: "10"}',
        )  # fmt: skip
    scores = coded_variable(design, variable).scoring
    if sorted(scores.values()) != PROMOTER_SCORES:
        raise DataError(
            "a Net Promoter Score needs answers from 0 to 10", where=variable,
            got=", ".join(f"{score:g}" for score in sorted(scores.values())) or "answers without scores",
            expected="the eleven scores 0, 1, ..., 10", do="use tk.net, and name the answers that count",
        )  # fmt: skip
    return (
        [answer for answer, score in scores.items() if score in PROMOTERS],
        [answer for answer, score in scores.items() if score in DETRACTORS],
    )


def top_box(
    design: Design,
    variable: str | Sequence[str],
    *,
    boxes: int | Sequence[str],
    by: By = None,
    where: Where = None,
    base: Base = "valid",
    ci: IntervalMethod = "logit",
    conf: float = 0.95,
) -> Estimate:
    """Estimate the share of several answers together, such as the two highest.

    Parameters
    ----------
    design
        The design.
    variable
        A variable with labelled answers, a list of them, or the name of a set.
    boxes
        The answers, or how many of the highest by their scores.
    by, where, base, ci, conf
        As in `proportion`.

    Returns
    -------
    Estimate
        One row per variable and domain; ``level`` names the answers.

    Raises
    ------
    DataError
        An unknown answer, answers without scores if ``boxes`` is a number, or nobody in the base.

    Notes
    -----
    The share of a variable that merges these answers (`collapse`), without making one. Formulas:
    `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> trust = tk.Variable("trust", "Trust?", "ordinal", codes={1: "low", 2: "middle", 3: "high"})
    >>> survey = tk.Survey(pd.DataFrame({"trust": [3, 2, 1, 1]}), tk.Codebook({"trust": trust}))
    >>> tk.top_box(tk.Design(survey), "trust", boxes=2).estimate.tolist()
    [0.5]
    """
    accepts_estimator(
        design, by, where, conf,
        variable=(variable, VARIABLES), boxes=(boxes, BOXES), base=(base, one_of(Base)),
        ci=(ci, one_of(IntervalMethod)),
    )  # fmt: skip
    names = names_of(design, variable)
    domains = _domains(design, names, by, where, base)
    parts, spreads = [], []
    for name in names:
        answers = highest(design, name, boxes) if isinstance(boxes, int) else boxes
        part, spread = answers_together(
            design, name, dict.fromkeys(answers, 1.0), " or ".join(answers), domains
        )
        parts.append(part)
        spreads.append(spread)
    refuse_nobody(parts, domains)
    return assemble(design, parts, "proportion", conf, variances=spreads, ci=ci)


def answers_together(
    design: Design, name: str, weights: Mapping[str, float], level: str, domains: Domains
) -> tuple[Part, Floats]:
    """Return a weighted sum of the shares of a variable's answers, and the variance of one answer.

    Parameters
    ----------
    weights
        Answer -> what it counts; answers that are not named count 0.
    level
        What the sum is called in the keys; empty for no name.

    Raises
    ------
    DataError
        An unknown answer.
    """
    about = coded_variable(design, name)
    levels = about.labels if domains.base == "valid" else about.asked_labels
    for answer in weights:
        if answer not in levels:
            raise DataError(f"{name} has no answer {answer!r}", do=suggest_answer(answer, levels, about))
    part = share(design, name, None, domains)
    width = len(levels)
    counts = np.array([weights.get(answer, 0.0) for answer in levels])
    mix = np.kron(np.eye(len(part.n) // width), counts[:, None])
    of = part.functional

    def estimate(first: Floats) -> Floats:
        together: Floats = of.estimate(first) @ mix
        return together

    squares = of.value.reshape(-1, width) @ counts**2
    together = Functional(of.cells, of.sums, estimate, of.gradient @ mix)
    each = slice(None, None, width)
    return (
        replace(
            part, functional=together, n=part.n[each], keys=part.keys.iloc[each].assign(level=level),
            held=replace(part.held, rows=part.held.rows[each]), mass=np.asarray(part.mass)[each],
            counted=part.counted and part.counted.together(weights, level),
        ),
        np.maximum(squares - together.value**2, 0.0),
    )  # fmt: skip


def highest(design: Design, name: str, count: int) -> list[str]:
    """Return the answers with the highest scores, from the lowest of them."""
    scores = coded_variable(design, name).scoring
    if len(scores) <= count:
        raise DataError(
            f"{name} has no {count} highest answers", got=f"{len(scores)} answers with scores",
            expected="more answers with scores than boxes", do="name the answers instead",
        )  # fmt: skip
    return sorted(scores, key=lambda answer: scores[answer])[-count:]
