"""How a number was made: the steps from the raw data to the base of an estimate, for readers of a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate

READ = "read"
"""The name of the log's step that reads the raw data."""

UNWEIGHTED = "No weights: all count the same"
GIVEN = "Weights that came with the data"


@dataclass(frozen=True)
class TrailStep:
    """A step on the way from the raw data to an estimate.

    Attributes
    ----------
    words
        What was done, and why.
    n
        Respondents after it.
    removed
        Respondents that it removed.

    Examples
    --------
    >>> TrailStep("repeated interviews", 5870, removed=170).n
    5870
    """

    words: str
    n: int
    removed: int = 0

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)


def trail_of(design: Design, estimate: Estimate) -> tuple[TrailStep, ...]:
    """Return how an estimate was made: raw data, each exclusion, the weights, and who is counted.

    Parameters
    ----------
    design
        The design that the estimate comes from, with its exclusion log and its weighting steps.
    estimate
        An estimate of one row.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.drop_duplicates(tk.read(pd.DataFrame({"id": [1, 2, 2], "yes": [1, 0, 0]})), key="id")
    >>> design = tk.Design(survey)
    >>> for step in trail_of(design, tk.mean(design, "yes")):
    ...     print(step.n, step.words)
    3 Raw data: data frame
    2 Repeated interviews: same id as an earlier row
    2 No weights: all count the same
    2 Base: answers with a number
    """
    weightings = list(design.history)
    steps = []
    for step in design.log.steps:
        if weightings and step.step == weightings[0].step:
            weighting = weightings.pop(0)
            words = f"{weighting.title} {step.rule}. {weighting.spread.words}".removesuffix(".")
        elif step.step == READ:
            words = f"raw data: {step.rule}"
        else:
            words = f"{step.reason}: {step.rule}" if step.reason else step.rule
        steps.append(TrailStep(_sentence(words), step.n_after, step.n_before - step.n_after))
    n = int(estimate.n[0])
    if not design.history:
        after = steps[-1].n if steps else design.n
        steps.append(TrailStep(GIVEN if "weights" in design.roles else UNWEIGHTED, after))
    return (*steps, TrailStep(_sentence(f"base: {estimate.base}"), n))


def trail_records(steps: Iterable[TrailStep]) -> list[dict[str, object]]:
    """Return a trail as JSON can hold it."""
    return [asdict(step) for step in steps]


def _sentence(words: str) -> str:
    """Return words that begin with a capital letter."""
    return words[:1].upper() + words[1:]
