"""The consent step: it drops respondents who have not agreed to a purpose, and limits the survey to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from trustkit.arguments import NAME, SURVEY, TEXT, accepts, one_of
from trustkit.cleaning.exclusions import column_of, without_rows
from trustkit.errors import DataError
from trustkit.survey.permissions import CONSENTED, permits

if TYPE_CHECKING:
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.survey import Survey

UnknownConsent = Literal["exclude", "include"]

NO_RECORD = "no record"
"""The status of a respondent about whose consent nothing is known."""


def drop_without_consent(
    survey: Survey, *, purpose: str, status: str, unknown: UnknownConsent = "exclude"
) -> Survey:
    """Drop respondents who have not agreed to a purpose; `consented` finds the status of each.

    Parameters
    ----------
    survey
        The survey.
    purpose
        The purpose, for the log. The survey is then limited to it, and to those that it was limited to
        before (`Codebook.used_for`).
    status
        The variable that has the status of each respondent: "given", or another that drops the respondent.
    unknown
        Whether respondents without a status are dropped ("exclude") or kept ("include"). They may be kept
        only if no variable that is allowed for the purpose is held on consent.

    Raises
    ------
    DataError
        If there is no such variable, nobody has agreed, or respondents without a status can't be kept.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"allows": ["given", "refused", None, "given"]}))
    >>> kept = tk.drop_without_consent(survey, purpose="research", status="allows")
    >>> len(kept.data), kept.log.steps[-1].rule
    (2, 'last record is not given: 1 refused, 1 no record')
    """
    accepts(
        survey=(survey, SURVEY), purpose=(purpose, TEXT), status=(status, NAME),
        unknown=(unknown, one_of(UnknownConsent)),
    )  # fmt: skip
    if unknown == "include":
        refuse_unknown(survey.codebook, purpose)
    column = column_of(survey, status).astype("object")
    column = column.where(column.notna(), NO_RECORD)
    gone = column.ne("given").to_numpy()
    if unknown == "include":
        gone = gone & column.ne(NO_RECORD).to_numpy()
    sizes = column[gone].value_counts(sort=False)
    counts = ", ".join(f"{size:,} {name}" for name, size in sizes.items())
    rule = f"last record is not given: {counts or 'nobody'}"
    kept = without_rows(survey, gone, "drop_without_consent", rule, f"no consent for: {purpose}")
    purposes = tuple(dict.fromkeys((*survey.codebook.used_for, purpose)))
    return replace(kept, codebook=replace(kept.codebook, used_for=purposes))


def refuse_unknown(book: Codebook, purpose: str) -> None:
    """Refuse to keep respondents of whom nothing is known where consent is the basis.

    Raises
    ------
    DataError
        If a variable that is allowed for the purpose is held on consent.

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> refuse_unknown(Codebook({"age": Variable("age", "Age", "numeric", basis="contract")}), "research")
    """
    asked = [
        about.name
        for about in book.variables.values()
        if about.basis in CONSENTED and permits(about, purpose)
    ]
    if asked:
        raise DataError(
            "respondents without a record can't be kept where the basis is consent", where="unknown",
            got=f"{asked[0]} and {len(asked) - 1:,} others" if len(asked) > 1 else asked[0],
            do='write unknown="exclude"',
        )  # fmt: skip
