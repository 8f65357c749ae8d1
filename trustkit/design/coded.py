"""Variables with labelled answers, all of them known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.survey.quoted_cells import quoted_cells
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from trustkit.design.design import Design
    from trustkit.survey.variable import Variable


def coded_variable(design: Design, name: str) -> Variable:
    """Return a variable that has labelled answers, all of them known.

    Raises
    ------
    DataError
        If there is no such variable, it has no labels or no answers, or it contains codes that are not in
        the codebook.
    """
    about = design.variable(name)
    if about.kind not in CODED:
        raise DataError(
            f"{name} has no labelled answers",
            got=f"kind {about.kind}",
            do="label codes in the codebook or with astype('category'); "
            "take the mean of other numbers, or cut them into bands with pd.cut",
        )
    if not about.labels:
        raise DataError(
            f"{name} holds no answers", do="list its codes in the codebook, or check that it was read"
        )
    unknown = design.rows.unknown_codes(about)
    if unknown:
        raise DataError(
            f"{name} contains codes that are not in the codebook",
            got=quoted_cells(unknown[:20], about, among=unknown),
            do="add them to the codebook, as answers or as missing",
        )
    return about
