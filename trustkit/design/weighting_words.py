"""How a design is weighted, in words: for tables that leave the notebook, and for what a study discloses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.design.opt_in import in_words, margins_of
from trustkit.design.weight_history import show_date

if TYPE_CHECKING:
    from trustkit.design.design import Design


def weighting_in_words(design: Design) -> str:
    """Return how a design is weighted: the column of weights, and every step with the source of its targets.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> weighting_in_words(tk.Design(pd.DataFrame({"trust": ["yes", "no"]})))
    'Not weighted.'
    """
    column = design.roles.get("weights")
    known = column in design.sampling_columns
    sentences = [
        f"Weights in the column {column}." if known else "Weights given as values." if column else ""
    ]
    for step in design.history:
        margins = margins_of([step])
        source = ", ".join(filter(None, (step.source.rstrip("."), show_date(step.date))))
        called = list(dict.fromkeys(map(design.called, margins)))
        met = f" to the margins of {in_words(called)}" if called else ""
        origin = f" (targets: {source})" if source else ""
        sentences.append(f"{step.title.capitalize()}{met}{origin}.")
    if not design.history and not column:
        return "Not weighted."
    spread = f"Kish design effect {design.n / design.n_eff:.2f}, effective n {design.n_eff:,.0f}."
    return " ".join(filter(None, [*sentences, spread]))
